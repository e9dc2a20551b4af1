// Nested values to nested values of another type, and to text as DuckDB prints it.
//
//   [1, NULL, 'a b', 'x, y']      NULL as it is; a text in quotes where it could be misread, with \' and \\ in them
//   {'name': value, 'other': …}
import { bufferKeep, bufferMark, bufferPutByte, bufferPutBytes, bufferRoom, bufferTake } from './byte-buffer';
import { decimalF64, decimalFromF64, decimalFromI64, decimalRescale, decimalToI64, textFromDecimal } from './decimal';
import { textFromDate, textFromF64, textFromI64, textFromInterval, textFromTimestamp } from './cast-text';
import {
  CELL_STATUS,
  ERROR_OVERFLOW,
  NESTED_CODE,
  NESTED_COUNT,
  NESTED_END,
  NESTED_FIELD_NAME,
  NESTED_FIELD_NAME_BYTES,
  NESTED_OPTION,
  NESTED_VALUE,
  STATUS_VALUE,
  TYPE_BIGINT,
  TYPE_BOOLEAN,
  TYPE_DATE,
  TYPE_DECIMAL,
  TYPE_DOUBLE,
  TYPE_INTERVAL,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_SMALLINT,
  TYPE_STRUCT,
  TYPE_TIMESTAMP,
  TYPE_TINYINT,
  TYPE_VARCHAR,
} from './layout';
import {
  nestedBelow,
  nestedFieldType,
  nestedItemEnd,
  nestedLoad32,
  nestedLoad64,
  nestedLoadBoolean,
  nestedLoadDouble,
  nestedLoadText,
  nestedNextField,
  nestedPut32,
  nestedPut64,
  nestedPutBoolean,
  nestedPutDouble,
  nestedPutEnd,
  nestedPutMark,
  nestedPutNull,
  nestedValueEnd,
  nestedWidth,
  putText,
} from './nested-item';
import { refAddress, refLength, refOf } from './text-compare';

const NULL_TEXT: u32 = 0x4c4c554e;
const TRUE_TEXT: usize = memory.data<u8>([116, 114, 117, 101, 102, 97, 108, 115, 101]); // truefalse

/** A list or struct of one type as one of another of the same shape. Sets CELL_STATUS. */
export function nestedCast(value: i64, from: usize, to: usize): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  const mark = bufferMark();
  castValue(from, to, refAddress(value));
  return bufferTake(mark);
}

/** @returns the address after the item that was read. */
function castItem(from: usize, to: usize, p: usize): usize {
  if (load<u8>(p) != NESTED_VALUE) {
    nestedPutNull(load<u32>(to, NESTED_CODE));
    return nestedItemEnd(from, p);
  }
  nestedPutMark();
  return castValue(from, to, p + 1);
}

function castValue(from: usize, to: usize, p: usize): usize {
  const code = load<u32>(from, NESTED_CODE);
  const toCode = load<u32>(to, NESTED_CODE);
  if (toCode == TYPE_VARCHAR) return castToText(from, p);
  if (code == TYPE_LIST) {
    while (load<u8>(p) != NESTED_END) p = castItem(nestedBelow(from), nestedBelow(to), p);
    nestedPutEnd();
    return p + 1;
  }
  if (code == TYPE_STRUCT) {
    let fromField = nestedBelow(from);
    let toField = nestedBelow(to);
    for (let i = load<u32>(from, NESTED_COUNT); i > 0; i--) {
      p = castItem(nestedFieldType(fromField), nestedFieldType(toField), p);
      fromField = nestedNextField(fromField);
      toField = nestedNextField(toField);
    }
    return p;
  }
  const end = nestedValueEnd(from, p);
  if (code == TYPE_DECIMAL || toCode == TYPE_DECIMAL) castDecimal(from, to, p);
  else if (code == toCode) bufferPutBytes(p, <u32>(end - p));
  else castNumber(code, toCode, p);
  return end;
}

function castToText(from: usize, p: usize): usize {
  const code = load<u32>(from, NESTED_CODE);
  const end = nestedValueEnd(from, p);
  if (code == TYPE_VARCHAR || code == TYPE_JSON) {
    bufferPutBytes(p, <u32>(end - p));
    return end;
  }
  const mark = bufferMark();
  printValue(from, p, false);
  const text = bufferTake(mark);
  putText(refAddress(text), refLength(text));
  return end;
}

/** The digits of a DECIMAL, as its description has them. */
@inline
function scaleOf(type: usize): u32 {
  return load<u32>(type, NESTED_OPTION) & 0xff;
}

/** One of the two is a DECIMAL. What does not fit is said once. */
function castDecimal(from: usize, to: usize, p: usize): void {
  const before = load<i32>(CELL_STATUS);
  const code = load<u32>(from, NESTED_CODE);
  const toCode = load<u32>(to, NESTED_CODE);
  const precision = load<u32>(to, NESTED_OPTION) >> 8;
  if (code != TYPE_DECIMAL) {
    if (code == TYPE_DOUBLE) nestedPut64(decimalFromF64(nestedLoadDouble(p), scaleOf(to), precision));
    else nestedPut64(decimalFromI64(wholeAt(code, p), scaleOf(to), precision));
  } else if (toCode == TYPE_DECIMAL) {
    nestedPut64(decimalRescale(nestedLoad64(p), scaleOf(from), scaleOf(to), precision));
  } else if (toCode == TYPE_DOUBLE) nestedPutDouble(decimalF64(nestedLoad64(p), scaleOf(from)));
  else if (toCode == TYPE_BOOLEAN) nestedPutBoolean(i32(nestedLoad64(p) != 0));
  else putInteger(decimalToI64(nestedLoad64(p), scaleOf(from)), toCode);
  if (before != STATUS_VALUE) store<i32>(CELL_STATUS, before);
}

@inline
function wholeAt(code: u32, p: usize): i64 {
  if (code == TYPE_BOOLEAN) return <i64>nestedLoadBoolean(p);
  return nestedWidth(code) == 4 ? <i64>nestedLoad32(p) : nestedLoad64(p);
}

function castNumber(code: u32, to: u32, p: usize): void {
  if (code == TYPE_DATE && to == TYPE_TIMESTAMP) {
    nestedPut64(<i64>nestedLoad32(p) * 86400000000);
    return;
  }
  if (code == TYPE_DOUBLE) {
    castDouble(nestedLoadDouble(p), to);
    return;
  }
  const value = wholeAt(code, p);
  if (to == TYPE_DOUBLE) nestedPutDouble(<f64>value);
  else putInteger(value, to);
}

function castDouble(value: f64, to: u32): void {
  if (to == TYPE_BOOLEAN) {
    nestedPutBoolean(i32(value != 0));
    return;
  }
  const whole = nearest(value);
  const fits = whole >= -9223372036854775808.0 && whole < 9223372036854775808.0;
  if (!fits) store<i32>(CELL_STATUS, ERROR_OVERFLOW);
  putInteger(fits ? <i64>whole : 0, to);
}

function putInteger(value: i64, to: u32): void {
  if (to == TYPE_BOOLEAN) {
    nestedPutBoolean(i32(value != 0));
    return;
  }
  if (to == TYPE_BIGINT) {
    nestedPut64(value);
    return;
  }
  const most: i64 = to == TYPE_TINYINT ? i8.MAX_VALUE : to == TYPE_SMALLINT ? i16.MAX_VALUE : i32.MAX_VALUE;
  if (value > most || value < -1 - most) store<i32>(CELL_STATUS, ERROR_OVERFLOW);
  nestedPut32(<i32>value);
}

/** A list or struct as text. */
export function nestedToText(value: i64, type: usize): i64 {
  const mark = bufferMark();
  printValue(type, refAddress(value), false);
  return bufferTake(mark);
}

function printItem(type: usize, p: usize): usize {
  if (load<u8>(p) == NESTED_VALUE) return printValue(type, p + 1, true);
  const to = bufferRoom(4);
  store<u32>(to, NULL_TEXT);
  bufferKeep(to + 4);
  return nestedItemEnd(type, p);
}

function printValue(type: usize, p: usize, isInside: bool): usize {
  const code = load<u32>(type, NESTED_CODE);
  if (code == TYPE_LIST) return printList(nestedBelow(type), p);
  if (code == TYPE_STRUCT) return printStruct(type, p);
  const text = scalarText(type, p);
  // Numbers never need quotes.
  const isNumber = nestedWidth(code) != 0 && code != TYPE_TIMESTAMP && code != TYPE_INTERVAL;
  if (isInside && !isNumber && needsQuotes(text)) putQuoted(refAddress(text), refLength(text));
  else bufferPutBytes(refAddress(text), refLength(text));
  return nestedValueEnd(type, p);
}

function printList(element: usize, p: usize): usize {
  bufferPutByte(91);
  for (let isFirst = true; load<u8>(p) != NESTED_END; isFirst = false) {
    if (!isFirst) putPair(44, 32);
    p = printItem(element, p);
  }
  bufferPutByte(93);
  return p + 1;
}

function printStruct(type: usize, p: usize): usize {
  bufferPutByte(123);
  let field = nestedBelow(type);
  const count = load<u32>(type, NESTED_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    if (i > 0) putPair(44, 32);
    putQuoted(field + NESTED_FIELD_NAME, load<u32>(field, NESTED_FIELD_NAME_BYTES));
    putPair(58, 32);
    p = printItem(nestedFieldType(field), p);
    field = nestedNextField(field);
  }
  bufferPutByte(125);
  return p;
}

function putPair(first: u32, second: u32): void {
  bufferPutByte(first);
  bufferPutByte(second);
}

function putQuoted(from: usize, bytes: u32): void {
  const begin = bufferRoom(bytes * 2 + 2);
  let to = begin;
  store<u8>(to++, 39);
  for (const end = from + bytes; from < end; from++) {
    const byte = load<u8>(from);
    if (byte == 39 || byte == 92) store<u8>(to++, 92);
    store<u8>(to++, byte);
  }
  store<u8>(to++, 39);
  bufferKeep(to);
}

/** A text that could be taken for something else, or for more than one element. */
function needsQuotes(text: i64): bool {
  const p = refAddress(text);
  const bytes = refLength(text);
  if (bytes == 0 || isSpace(load<u8>(p)) || isSpace(load<u8>(p + bytes - 1))) return true;
  if (bytes == 4 && (load<u32>(p) | 0x20202020) == (NULL_TEXT | 0x20202020)) return true;
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = <u32>load<u8>(p + i);
    // " ' ( ) , : = [ ] { }
    const isMark = byte == 34 || (byte >= 39 && byte <= 41) || byte == 44 || byte == 58 || byte == 61;
    if (isMark || byte == 91 || byte == 93 || byte == 123 || byte == 125) return true;
  }
  return false;
}

@inline
function isSpace(byte: u32): bool {
  return byte == 32 || byte - 9 < 5;
}

function scalarText(type: usize, p: usize): i64 {
  const code = load<u32>(type, NESTED_CODE);
  switch (code) {
    case TYPE_VARCHAR:
    case TYPE_JSON:
      return nestedLoadText(p);
    case TYPE_BOOLEAN:
      return load<u8>(p) ? refOf(TRUE_TEXT, 4) : refOf(TRUE_TEXT + 4, 5);
    case TYPE_DOUBLE:
      return textFromF64(nestedLoadDouble(p));
    case TYPE_DECIMAL:
      return textFromDecimal(nestedLoad64(p), scaleOf(type));
    case TYPE_DATE:
      return textFromDate(nestedLoad32(p));
    case TYPE_TIMESTAMP:
      return textFromTimestamp(nestedLoad64(p));
    case TYPE_INTERVAL:
      return textFromInterval(nestedLoad64(p));
    default:
      return textFromI64(nestedWidth(code) == 4 ? <i64>nestedLoad32(p) : nestedLoad64(p));
  }
}
