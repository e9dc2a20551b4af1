// A column of a run of CSV records: from spans to values, all rows in one loop per type.
//
// The loops convert what is plain. A field that is NULL where it may not be, or whose text does not fit, marks its record
// in CSV_FAILED; such records are then settled one by one (`csvField`), which also finds the reason.
import { CSV_FAILED, CSV_NULL, CSV_NULL_BYTES, FIELD_SPANS, SPAN_BYTES, SPAN_ESCAPED } from './csv-state';
import {
  FIELD_BAD,
  FIELD_DATA,
  FIELD_IS_REQUIRED,
  FIELD_NULL,
  FIELD_POSITION,
  FIELD_STATUS,
  FIELD_TYPE,
  FIELD_UNIT,
  FIELD_VALIDITY,
  FIELD_VALUE,
} from './decoder';
import { jsonSkipSpace, jsonValueEnd } from './json-scan';
import { nestedField } from './json-value';
import {
  CELL_STATUS,
  STATUS_VALUE,
  TYPE_BIGINT,
  TYPE_DOUBLE,
  TYPE_JSON,
  TYPE_LIST,
  TYPE_STRUCT,
  TYPE_TIMESTAMP,
  TYPE_VARCHAR,
} from './layout';
import { REASON_TYPE } from './layout-formats';
import { transientAllocate } from './memory';
import { digitsEnd, digitsValue, integerPower } from './number-parse';
import { doublePower } from './number-scale';
import { plainDouble } from './number-plain';
import { textReference, textValue } from './text-value';
import { parseTimestamp } from './time-parse';

let nullText: usize = 0;
let nullBytes: u32 = 0;

/** Sets the text of NULL for the fields to come. */
export function csvColumnsBegin(state: usize): void {
  nullText = load<u32>(state, CSV_NULL);
  nullBytes = load<u32>(state, CSV_NULL_BYTES);
}

/**
 * Converts a column of `count` records into the rows from `row` on. Records that need a closer look are marked in
 * CSV_FAILED. @returns whether there are such.
 */
export function csvColumn(state: usize, column: usize, row: u32, count: u32): bool {
  const failed = <usize>load<u32>(state, CSV_FAILED);
  const spans = <usize>load<u32>(column, FIELD_SPANS);
  const type = load<u32>(column, FIELD_TYPE);
  const to = <usize>load<u32>(column, FIELD_DATA) + ((<usize>row) << 3);
  if (type == TYPE_VARCHAR) return varcharColumn(column, spans, to, row, count, failed);
  if (type == TYPE_BIGINT) return bigintColumn(column, spans, to, row, count, failed);
  if (type == TYPE_DOUBLE) return doubleColumn(column, spans, to, row, count, failed);
  if (type == TYPE_TIMESTAMP) return timestampColumn(column, spans, to, row, count, failed);
  let isFailed = false;
  for (let i: u32 = 0; i < count; i++) {
    isFailed = general(column, row, i, load<u64>(spans + ((<usize>i) << 3)), failed) || isFailed;
  }
  return isFailed;
}

function varcharColumn(column: usize, spans: usize, to: usize, row: u32, count: u32, failed: usize): bool {
  let isFailed = false;
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const span = load<u64>(spans + at);
    const high = <u32>(span >> 32);
    if (high != nullBytes && (high & SPAN_ESCAPED) == 0) store<u64>(to + at, span & 0x3fffffffffffffff);
    else if (general(column, row, i, span, failed)) isFailed = true;
  }
  return isFailed;
}

function bigintColumn(column: usize, spans: usize, to: usize, row: u32, count: u32, failed: usize): bool {
  let isFailed = false;
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const span = load<u64>(spans + at);
    if (<u32>(span >> 32) != nullBytes && integer(span, to + at)) continue;
    if (general(column, row, i, span, failed)) isFailed = true;
  }
  return isFailed;
}

function doubleColumn(column: usize, spans: usize, to: usize, row: u32, count: u32, failed: usize): bool {
  let isFailed = false;
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const span = load<u64>(spans + at);
    if (<u32>(span >> 32) != nullBytes && double(span, to + at)) continue;
    if (general(column, row, i, span, failed)) isFailed = true;
  }
  return isFailed;
}

function timestampColumn(column: usize, spans: usize, to: usize, row: u32, count: u32, failed: usize): bool {
  const unit = load<i32>(column, FIELD_UNIT);
  const factor = unit < 0 ? 0 : <i64>integerPower(unit);
  const limit = factor ? i64.MAX_VALUE / factor : -1;
  let isFailed = false;
  for (let i: u32 = 0; i < count; i++) {
    const at = (<usize>i) << 3;
    const span = load<u64>(spans + at);
    const high = <u32>(span >> 32);
    if (high != nullBytes && isoTimestamp(span, to + at)) continue;
    if (high != nullBytes && integer(span, to + at)) {
      const value = load<i64>(to + at);
      if (value <= limit && value >= -limit) {
        store<i64>(to + at, value * factor);
        continue;
      }
    }
    if (general(column, row, i, span, failed)) isFailed = true;
  }
  return isFailed;
}

/** Stores an integer of at most 16 digits. */
@inline
function integer(span: u64, to: usize): bool {
  let bytes = <u64>((span >> 32) & SPAN_BYTES);
  let p = <usize>(<u32>span);
  const isNegative = load<u8>(p) == 45;
  p += usize(isNegative);
  bytes -= u64(isNegative);
  if (bytes - 1 > 15) return false;
  const first = load<u64>(p) ^ 0x3030303030303030;
  let value: i64;
  if (bytes <= 8) {
    const x = first << ((8 - bytes) << 3);
    if (digitsEnd(x)) return false;
    value = digitsValue(x);
  } else {
    const high = first << ((16 - bytes) << 3);
    const low = load<u64>(p + <usize>bytes - 8) ^ 0x3030303030303030;
    if (digitsEnd(high) | digitsEnd(low)) return false;
    value = digitsValue(high) * 100000000 + digitsValue(low);
  }
  store<i64>(to, isNegative ? -value : value);
  return true;
}

/** Stores a time written as ISO-8601 mostly is. */
@inline
function isoTimestamp(span: u64, to: usize): bool {
  const bytes = <u32>(span >> 32) & SPAN_BYTES;
  const p = <usize>(<u32>span);
  if (bytes < 19 || load<u8>(p, 4) != 45) return false;
  store<i64>(to, parseTimestamp(p, bytes));
  return load<i32>(CELL_STATUS) == STATUS_VALUE;
}

/** Stores a number without exponent. */
@inline
function double(span: u64, to: usize): bool {
  let bytes = <u64>((span >> 32) & SPAN_BYTES);
  let p = <usize>(<u32>span);
  const isNegative = load<u8>(p) == 45;
  p += usize(isNegative);
  bytes -= u64(isNegative);
  if (bytes - 1 > 6) return plainDouble(<usize>(<u32>span), to) == p + <usize>bytes;
  const x = load<u64>(p) ^ 0x3030303030303030;
  const others = digitsEnd(x);
  const count = <u64>ctz(others) >> 3;
  let value: f64;
  if (count < bytes) {
    // The digits behind the point move over it.
    const isPoint = ((x >> (count << 3)) & 0xff) == 0x1e;
    const before = ((<u64>1) << (count << 3)) - 1;
    const digits = ((x & before) | ((x >> 8) & ~before)) << ((9 - bytes) << 3);
    if (!isPoint || bytes == 1 || digitsEnd(digits) != 0) return false;
    value = <f64>digitsValue(digits) / doublePower(<u32>(bytes - count - 1));
  } else value = <f64>digitsValue(x << ((8 - bytes) << 3));
  store<f64>(to, isNegative ? -value : value);
  return true;
}

/** Stores any field. @returns whether its record has to be looked at by itself, which is then marked. */
function general(column: usize, row: u32, i: u32, span: u64, failed: usize): bool {
  const status = csvField(column, row + i, span);
  if (status == FIELD_VALUE) return false;
  const validity = <usize>load<u32>(column, FIELD_VALIDITY);
  if (status == FIELD_NULL && validity != 0 && load<u32>(column, FIELD_IS_REQUIRED) == 0) {
    store<u8>(validity + row + i, 0);
    return false;
  }
  store<u8>(failed + i, 1);
  return true;
}

/** Reads a field into a row of the column, whose status it sets. @returns the status. */
export function csvField(column: usize, row: u32, span: u64): u32 {
  const high = <u32>(span >> 32);
  const bytes = high & SPAN_BYTES;
  const text = <usize>(<u32>span);
  store<u32>(column, <u32>text, FIELD_POSITION);
  let status: u32 = FIELD_NULL;
  if (high != nullBytes || memory.compare(text, nullText, bytes) != 0) {
    const isEscaped = (high & SPAN_ESCAPED) != 0;
    const plain = isEscaped ? csvUnquote(text, bytes) : text;
    const plainBytes = isEscaped ? unquotedBytes : bytes;
    const type = load<u32>(column, FIELD_TYPE);
    const isJson = type == TYPE_JSON || type == TYPE_LIST || type == TYPE_STRUCT;
    status = isJson ? jsonField(column, row, plain, plainBytes) : textValue(column, row, plain, plainBytes);
  }
  store<u32>(column, status, FIELD_STATUS);
  return status;
}

/** Bytes that `csvUnquote` wrote last. */
export let unquotedBytes: u32 = 0;

/** Writes the text of a quoted field with doubled quotes on the transient stack. @returns its address. */
export function csvUnquote(text: usize, bytes: u32): usize {
  const to = transientAllocate(bytes);
  const end = text + bytes;
  // Only a doubled character can be the quote: the one behind the field.
  const quote = load<u8>(end);
  let out = to;
  for (let p = text; p < end; p++) {
    const byte = load<u8>(p);
    store<u8>(out, byte);
    out++;
    if (byte == quote) p++;
  }
  unquotedBytes = <u32>(out - to);
  return to;
}

/** JSON inside CSV, also for lists and structs. Line ends may stand in it; they become spaces. */
function jsonField(column: usize, row: u32, text: usize, bytes: u32): u32 {
  // The scanner stops at a newline: the copy ends with one, and carriage returns stand for those within.
  const copy = transientAllocate(bytes + 1);
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = load<u8>(text + i);
    store<u8>(copy + i, byte == 10 ? 13 : byte);
  }
  store<u8>(copy + bytes, 10);
  const start = jsonSkipSpace(copy);
  const end = jsonValueEnd(start);
  if (end == 0 || jsonSkipSpace(end) != copy + bytes) return FIELD_BAD + REASON_TYPE;
  if (end - start == 4 && load<u32>(start) == 0x6c6c756e) return FIELD_NULL;
  if (load<u32>(column, FIELD_TYPE) != TYPE_JSON) {
    nestedField(column, row, start);
    return load<u32>(column, FIELD_STATUS);
  }
  for (let p = start; p < end; p++) if (load<u8>(p) == 13) store<u8>(p, 32);
  textReference(load<u32>(column, FIELD_DATA), row, start, <u32>(end - start));
  return FIELD_VALUE;
}
