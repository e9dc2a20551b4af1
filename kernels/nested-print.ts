// Nested values to JSON, by the description of their type, whose options say how each scalar is written (ENCODE_*).
import {
  bufferAt,
  bufferDrop,
  bufferKeep,
  bufferMark,
  bufferPutByte,
  bufferPutBytes,
  bufferRoom,
  bufferTake,
} from './byte-buffer';
import { escapeText } from './json-escape';
import { ENCODE_DOUBLE, ENCODE_DOUBLE_TEXT, ENCODE_QUOTED } from './layout-formats';
import {
  NESTED_CODE,
  NESTED_COUNT,
  NESTED_END,
  NESTED_FIELD_KEY_BYTES,
  NESTED_FIELD_NAME,
  NESTED_FIELD_NAME_BYTES,
  NESTED_OPTION,
  NESTED_VALUE,
  TYPE_BOOLEAN,
  TYPE_DOUBLE,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_STRUCT,
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
  nestedValueEnd,
  nestedWidth,
} from './nested-item';
import { encodePlain, isFiniteDouble } from './row-encoder';
import { refAddress, refLength } from './text-compare';

/** Room for a scalar that is no text, with its quotes. */
const SCALAR_BYTES: u32 = 48;
const NULL_TEXT: u32 = 0x6c6c756e;

/** Where the JSON that `nestedPrint` printed last is, until the next use of the byte buffer, and its length. */
export let nestedPrinted: usize = 0;
export let nestedPrintedBytes: u32 = 0;

/** Prints a list or struct as JSON. */
export function nestedPrint(type: usize, value: usize): void {
  const mark = bufferMark();
  printValue(type, value);
  nestedPrinted = bufferAt(mark);
  nestedPrintedBytes = bufferMark() - mark;
  bufferDrop(mark);
}

/** A list or struct as JSON, on the transient stack. */
export function nestedToJson(value: i64, type: usize): i64 {
  const mark = bufferMark();
  printValue(type, refAddress(value));
  return bufferTake(mark);
}

/** @returns the address after the item. */
function printItem(type: usize, p: usize): usize {
  if (load<u8>(p) == NESTED_VALUE) return printValue(type, p + 1);
  const to = bufferRoom(4);
  store<u32>(to, NULL_TEXT);
  bufferKeep(to + 4);
  return nestedItemEnd(type, p);
}

function printValue(type: usize, p: usize): usize {
  const code = load<u32>(type, NESTED_CODE);
  if (code == TYPE_LIST) return printList(nestedBelow(type), p);
  if (code == TYPE_STRUCT) return printStruct(type, p);
  if (code == TYPE_VARCHAR || code == TYPE_JSON) {
    printText(code, nestedLoadText(p));
    return nestedValueEnd(type, p);
  }
  printScalar(code, load<u32>(type, NESTED_OPTION), p);
  return p + nestedWidth(code);
}

function printList(element: usize, p: usize): usize {
  bufferPutByte(91);
  if (load<u8>(p) != NESTED_END) {
    p = printItem(element, p);
    while (load<u8>(p) != NESTED_END) {
      bufferPutByte(44);
      p = printItem(element, p);
    }
  }
  bufferPutByte(93);
  return p + 1;
}

function printStruct(type: usize, p: usize): usize {
  const mark = bufferMark();
  let field = nestedBelow(type);
  const count = load<u32>(type, NESTED_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const key = field + NESTED_FIELD_NAME + load<u32>(field, NESTED_FIELD_NAME_BYTES);
    bufferPutBytes(key, load<u32>(field, NESTED_FIELD_KEY_BYTES));
    p = printItem(nestedFieldType(field), p);
    field = nestedNextField(field);
  }
  if (count == 0) bufferPutByte(123);
  // The brace takes the place of the first comma.
  store<u8>(bufferAt(mark), 123);
  bufferPutByte(125);
  return p;
}

function printText(code: u32, text: i64): void {
  const from = refAddress(text);
  const bytes = refLength(text);
  if (code == TYPE_JSON) {
    // Line ends between its tokens become spaces.
    const json = bufferRoom(bytes);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(json + i, i8x16.max_u(v128.load(from + i), i8x16.splat(32)));
    bufferKeep(json + bytes);
    return;
  }
  const to = bufferRoom(bytes * 6 + 2);
  store<u8>(to, 34);
  const end = escapeText(to + 1, from, bytes);
  store<u8>(end, 34);
  bufferKeep(end + 1);
}

/** A value as a column's row 0, for what prints scalars. */
const cell: usize = memory.data(16, 16);

/** Takes the scalar at `p` to the cell. */
function nestedToCell(code: u32, p: usize, to: usize): void {
  if (code == TYPE_DOUBLE) store<f64>(to, nestedLoadDouble(p));
  else if (code == TYPE_BOOLEAN) store<u8>(to, nestedLoadBoolean(p));
  else if (nestedWidth(code) == 4) store<i32>(to, nestedLoad32(p));
  else store<i64>(to, nestedLoad64(p));
}

function printScalar(code: u32, option: u32, p: usize): void {
  nestedToCell(code, p, cell);
  const kind = option & ~ENCODE_QUOTED;
  const isFinite = code != TYPE_DOUBLE || isFiniteDouble(load<f64>(cell));
  let to = bufferRoom(SCALAR_BYTES);
  if (!isFinite && kind == ENCODE_DOUBLE) {
    store<u32>(to, NULL_TEXT);
    bufferKeep(to + 4);
    return;
  }
  const inQuotes = (option & ENCODE_QUOTED) != 0 || (kind == ENCODE_DOUBLE_TEXT && !isFinite);
  if (inQuotes) {
    store<u8>(to, 34);
    to++;
  }
  to = encodePlain(kind, cell, 0, to);
  if (inQuotes) {
    store<u8>(to, 34);
    to++;
  }
  bufferKeep(to);
}

/** The only element of a list, which is not NULL, as JSON. */
export function nestedOnlyToJson(list: i64, type: usize): i64 {
  const mark = bufferMark();
  printItem(nestedBelow(type), refAddress(list));
  return bufferTake(mark);
}
