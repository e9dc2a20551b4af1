// JSON to nested values, by the description of the wanted type.
//
//   array   list; each element as a column of the element's type would read it
//   object  struct: fields by name; other keys are passed over, missing ones are NULL, of duplicate ones the last counts
//   null    NULL
//
// What does not fit makes the whole value bad. The text is known to be well-formed JSON.
import { bufferDrop, bufferMark, bufferTake } from './byte-buffer';
import { FIELD_BAD, FIELD_DATA, FIELD_TYPE, FIELD_UNIT, FIELD_VALUE } from './decoder';
import {
  jsonNumberEnd,
  jsonSkipSpace,
  jsonStringEnd,
  jsonStringIsEscaped,
  jsonValueEnd,
  jsonWordEnd,
} from './json-scan';
import { jsonUnescape, unescapedBytes } from './json-value';
import {
  CELL_STATUS,
  ERROR_CAST,
  ERROR_OVERFLOW,
  NESTED_CODE,
  NESTED_COUNT,
  NESTED_FIELD_KEY_BYTES,
  NESTED_FIELD_NAME,
  NESTED_FIELD_NAME_BYTES,
  NESTED_OPTION,
  STATUS_NULL,
  STATUS_VALUE,
  TYPE_BIGINT,
  TYPE_BOOLEAN,
  TYPE_DOUBLE,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_STRUCT,
  TYPE_VARCHAR,
} from './layout';
import { REASON_RANGE, REASON_TYPE } from './layout-formats';
import { transientAllocate } from './memory';
import {
  nestedBelow,
  nestedBigintBits,
  nestedDoubleBits,
  nestedFieldType,
  nestedNextField,
  nestedPut32,
  nestedPut64,
  nestedPutBoolean,
  nestedPutDouble,
  nestedPutEnd,
  nestedPutMark,
  nestedPutMarked64,
  nestedPutMarkedText,
  nestedPutNull,
  nestedWidth,
  putText,
} from './nested-item';
import { plainDouble, plainInteger } from './number-plain';
import { textBytesEqual } from './text-compare';
import { textValue } from './text-value';

/** Why the last value does not fit: FIELD_BAD + REASON_*. */
let status: u32 = 0;
/** A column of one row, for what reads scalars: FIELD_* , and its data. */
const column: usize = memory.data(48, 16);
const cell: usize = memory.data(16, 16);

/** The value that `nestedRead` read last, on the transient stack. */
export let nestedReadValue: i64 = 0;

/** Reads the JSON value at `p`, which is not null, as a list or struct. @returns FIELD_VALUE or FIELD_BAD + REASON_*. */
export function nestedRead(type: usize, p: usize): u32 {
  const mark = bufferMark();
  if (readValue(type, p) == 0) {
    bufferDrop(mark);
    return status;
  }
  nestedReadValue = bufferTake(mark);
  return FIELD_VALUE;
}

/** A JSON value as a list or struct, for CAST. Sets CELL_STATUS. */
export function nestedFromJson(json: i64, type: usize): i64 {
  const p = <usize>(<u32>json);
  if (load<u8>(p) == 110) {
    store<i32>(CELL_STATUS, STATUS_NULL);
    return 0;
  }
  const read = nestedRead(type, p);
  const error = read == FIELD_BAD + REASON_RANGE ? ERROR_OVERFLOW : ERROR_CAST;
  store<i32>(CELL_STATUS, read == FIELD_VALUE ? STATUS_VALUE : error);
  return nestedReadValue;
}

function misfit(reason: u32): usize {
  status = FIELD_BAD + reason;
  return 0;
}

/** Reads an element or field. @returns the address after it, 0: it does not fit. */
function readItem(type: usize, p: usize): usize {
  if (load<u8>(p) == 110) {
    nestedPutNull(load<u32>(type, NESTED_CODE));
    return p + 4;
  }
  const plain = plainItem(load<u32>(type, NESTED_CODE), p);
  if (plain) return plain;
  nestedPutMark();
  return readValue(type, p);
}

/** Reads an element or field that is as most are. @returns the address after it, or 0. */
@inline
function plainItem(code: u32, p: usize): usize {
  if (code == TYPE_VARCHAR) {
    if (load<u8>(p) != 34) return 0;
    const end = jsonStringEnd(p + 1);
    if (jsonStringIsEscaped) return 0;
    nestedPutMarkedText(p + 1, <u32>(end - p) - 2);
    return end;
  }
  const end = code == TYPE_BIGINT ? plainInteger(p, cell) : code == TYPE_DOUBLE ? plainDouble(p, cell) : 0;
  if (end)
    nestedPutMarked64(code == TYPE_DOUBLE ? nestedDoubleBits(load<f64>(cell)) : nestedBigintBits(load<i64>(cell)));
  return end;
}

function readValue(type: usize, p: usize): usize {
  const code = load<u32>(type, NESTED_CODE);
  if (code == TYPE_LIST) return readList(nestedBelow(type), p);
  return code == TYPE_STRUCT ? readStruct(type, p) : readScalar(type, code, p);
}

function readList(element: usize, p: usize): usize {
  if (load<u8>(p) != 91) return misfit(REASON_TYPE);
  p = jsonSkipSpace(p + 1);
  if (load<u8>(p) != 93) {
    while (true) {
      p = readItem(element, p);
      if (p == 0) return 0;
      p = jsonSkipSpace(p);
      if (load<u8>(p) == 93) break;
      p = jsonSkipSpace(p + 1);
    }
  }
  nestedPutEnd();
  return p + 1;
}

function readScalar(type: usize, code: u32, p: usize): usize {
  const byte = <u32>load<u8>(p);
  const isNested = (byte | 32) == 123;
  const isText = byte == 34;
  const end = isNested
    ? jsonValueEnd(p)
    : isText
      ? jsonStringEnd(p + 1)
      : byte < 65
        ? jsonNumberEnd(p)
        : jsonWordEnd(p);
  const isEscaped = isText && jsonStringIsEscaped;
  if (code == TYPE_JSON || (code == TYPE_VARCHAR && !isText)) {
    putText(p, <u32>(end - p));
    return end;
  }
  if (isNested) return misfit(REASON_TYPE);
  const text = isEscaped ? jsonUnescape(p + 1, end - 1) : isText ? p + 1 : p;
  const bytes = isEscaped ? unescapedBytes : <u32>(end - p) - (isText ? 2 : 0);
  if (code == TYPE_VARCHAR) {
    putText(text, bytes);
    return end;
  }
  store<u32>(column, code, FIELD_TYPE);
  store<u32>(column, <u32>cell, FIELD_DATA);
  store<i32>(column, load<i32>(type, NESTED_OPTION), FIELD_UNIT);
  status = textValue(column, 0, text, bytes);
  if (status != FIELD_VALUE) return 0;
  if (code == TYPE_DOUBLE) nestedPutDouble(load<f64>(cell));
  else if (code == TYPE_BOOLEAN) nestedPutBoolean(load<u8>(cell));
  else if (nestedWidth(code) == 4) nestedPut32(load<i32>(cell));
  else nestedPut64(load<i64>(cell));
  return end;
}

/** Reads an object whose keys come as most do: in the order of the type, none twice; else with a list of places. */
function readStruct(type: usize, p: usize): usize {
  if (load<u8>(p) != 123) return misfit(REASON_TYPE);
  const mark = bufferMark();
  const count = load<u32>(type, NESTED_COUNT);
  let field = nestedBelow(type);
  let next: u32 = 0;
  let at = jsonSkipSpace(p + 1);
  while (load<u8>(at) != 125) {
    const index = fieldAt(type, field, next, at);
    at = keyEnd;
    if (index == NO_FIELD) at = jsonValueEnd(at);
    else {
      if (index < next) return readUnordered(type, p, mark);
      for (; next < index; next++) {
        nestedPutNull(load<u32>(nestedFieldType(field), NESTED_CODE));
        field = nestedNextField(field);
      }
      at = readItem(nestedFieldType(field), at);
      // The same key may come again, with a value that fits.
      if (at == 0) return readUnordered(type, p, mark);
      field = nestedNextField(field);
      next++;
    }
    at = jsonSkipSpace(at);
    if (load<u8>(at) == 44) at = jsonSkipSpace(at + 1);
  }
  for (; next < count; next++) {
    nestedPutNull(load<u32>(nestedFieldType(field), NESTED_CODE));
    field = nestedNextField(field);
  }
  return at + 1;
}

function readUnordered(type: usize, p: usize, mark: u32): usize {
  bufferDrop(mark);
  const count = load<u32>(type, NESTED_COUNT);
  const first = nestedBelow(type);
  const places = transientAllocate(count * 4);
  memory.fill(places, 0, count * 4);
  let at = jsonSkipSpace(p + 1);
  while (load<u8>(at) != 125) {
    const index = fieldAt(type, first, 0, at);
    at = keyEnd;
    if (index != NO_FIELD) store<u32>(places + ((<usize>index) << 2), <u32>at);
    at = jsonSkipSpace(jsonValueEnd(at));
    if (load<u8>(at) == 44) at = jsonSkipSpace(at + 1);
  }
  let field = first;
  for (let i: u32 = 0; i < count; i++) {
    const place = <usize>load<u32>(places + ((<usize>i) << 2));
    const node = nestedFieldType(field);
    if (place == 0) nestedPutNull(load<u32>(node, NESTED_CODE));
    else if (readItem(node, place) == 0) return 0;
    field = nestedNextField(field);
  }
  return at + 1;
}

const NO_FIELD: u32 = 0xffffffff;
/** Address of the value of the key that `fieldAt` read last. */
let keyEnd: usize = 0;

/** The field for the key at `p`; `expected`, which is field `next`, is tried first. @returns its index, or NO_FIELD. */
function fieldAt(type: usize, expected: usize, next: u32, p: usize): u32 {
  const count = load<u32>(type, NESTED_COUNT);
  if (next < count) {
    // Most keys are the expected one, in plain characters.
    const nameBytes = load<u32>(expected, NESTED_FIELD_NAME_BYTES);
    const isPlain = load<u32>(expected, NESTED_FIELD_KEY_BYTES) == nameBytes + 4;
    if (
      isPlain &&
      load<u8>(p + nameBytes + 1) == 34 &&
      textBytesEqual(expected + NESTED_FIELD_NAME, p + 1, nameBytes)
    ) {
      keyEnd = jsonSkipSpace(jsonSkipSpace(p + nameBytes + 2) + 1);
      return next;
    }
  }
  const end = jsonStringEnd(p + 1);
  const isEscaped = jsonStringIsEscaped;
  const key = isEscaped ? jsonUnescape(p + 1, end - 1) : p + 1;
  const bytes = isEscaped ? unescapedBytes : <u32>(end - p) - 2;
  keyEnd = jsonSkipSpace(jsonSkipSpace(end) + 1);
  if (next < count && isNamed(expected, key, bytes)) return next;
  let field = nestedBelow(type);
  for (let i: u32 = 0; i < count; i++) {
    if (isNamed(field, key, bytes)) return i;
    field = nestedNextField(field);
  }
  return NO_FIELD;
}

@inline
function isNamed(field: usize, key: usize, bytes: u32): bool {
  return load<u32>(field, NESTED_FIELD_NAME_BYTES) == bytes && textBytesEqual(field + NESTED_FIELD_NAME, key, bytes);
}
