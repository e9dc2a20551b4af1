// Rows to NDJSON: one object a line.
//
// Row by row, column by column. Each key comes prepared as `,"name":`; the object's brace then overwrites the first
// comma, so that left-out NULLs need no bookkeeping. Strings are copied 16 bytes at a time while the same 16 bytes are
// searched for what JSON escapes: the quote, the backslash and control characters.
import { BATCH_ROW_COUNT } from './layout';
import {
  ENCODER_BUFFER,
  ENCODER_COLUMN_COUNT,
  ENCODER_COLUMNS,
  ENCODER_OMIT_NULLS,
  ENCODER_ROW_BYTES,
  ENCODE_COLUMN_BYTES,
  ENCODE_COLUMN_DATA,
  ENCODE_COLUMN_KEY,
  ENCODE_COLUMN_KEY_BYTES,
  ENCODE_COLUMN_KIND,
  ENCODE_COLUMN_TYPE,
  ENCODE_COLUMN_VALIDITY,
  ENCODE_DOUBLE,
  ENCODE_DOUBLE_TEXT,
  ENCODE_JSON,
  ENCODE_NESTED,
  ENCODE_QUOTED,
  ENCODE_STRING,
} from './layout-formats';
import { escapeText } from './json-escape';
import { nestedPrint, nestedPrinted, nestedPrintedBytes } from './nested-print';
import {
  copyBytes,
  encodePlain,
  encoderClose,
  encoderFits,
  encoderOpen,
  encoderReserve,
  isFiniteDouble,
} from './row-encoder';

const NULL_TEXT: u32 = 0x6c6c756e;

/** Appends every row of the batch to the encoder's buffer. */
export function jsonEncode(state: usize, batch: usize): void {
  let out = encoderOpen(state, batch);
  const rowCount = load<u32>(batch, BATCH_ROW_COUNT);
  const rowBytes = <u64>load<u32>(state, ENCODER_ROW_BYTES);
  for (let row: u32 = 0; row < rowCount; row++) {
    out = encodeRow(state, row, encoderReserve(state, out, rowBytes));
  }
  encoderClose(state, out);
}

@inline
function encodeRow(state: usize, row: u32, out: usize): usize {
  out = jsonEncodeObject(state, row, out);
  store<u8>(out, 10);
  return out + 1;
}

/** Writes a row as an object; ENCODER_ROW_BYTES are reserved at `out`. @returns the end of the object. */
@inline
export function jsonEncodeObject(state: usize, row: u32, out: usize): usize {
  const begin = out - load<u32>(state, ENCODER_BUFFER);
  const omitNulls = load<u32>(state, ENCODER_OMIT_NULLS) != 0;
  let column = state + ENCODER_COLUMNS;
  const end = column + <usize>load<u32>(state, ENCODER_COLUMN_COUNT) * ENCODE_COLUMN_BYTES;
  for (; column < end; column += ENCODE_COLUMN_BYTES) {
    const data = <usize>load<u32>(column, ENCODE_COLUMN_DATA);
    const kind = load<u32>(column, ENCODE_COLUMN_KIND);
    if (isNull(column, kind, data, row)) {
      if (omitNulls) continue;
      out = copyBytes(out, load<u32>(column, ENCODE_COLUMN_KEY), load<u32>(column, ENCODE_COLUMN_KEY_BYTES));
      store<u32>(out, NULL_TEXT);
      out += 4;
      continue;
    }
    out = copyBytes(out, load<u32>(column, ENCODE_COLUMN_KEY), load<u32>(column, ENCODE_COLUMN_KEY_BYTES));
    if (kind == ENCODE_STRING) out = encodeString(state, data, row, out);
    else if (kind == ENCODE_JSON) out = encodeJson(state, data, row, out);
    else if (kind == ENCODE_NESTED) out = encodeNested(state, column, row, out);
    else out = encodeScalar(kind, data, row, out);
  }
  const start = <usize>load<u32>(state, ENCODER_BUFFER) + begin;
  if (out == start) out += 1;
  store<u8>(start, 123); // {
  store<u8>(out, 125); // }
  return out + 1;
}

@inline
function isNull(column: usize, kind: u32, data: usize, row: u32): bool {
  const validity = <usize>load<u32>(column, ENCODE_COLUMN_VALIDITY);
  if (validity != 0 && load<u8>(validity + row) == 0) return true;
  return kind == ENCODE_DOUBLE && !isFiniteDouble(load<f64>(data + ((<usize>row) << 3)));
}

@inline
function encodeScalar(kind: u32, data: usize, row: u32, out: usize): usize {
  const inQuotes =
    (kind & ENCODE_QUOTED) != 0 ||
    (kind == ENCODE_DOUBLE_TEXT && !isFiniteDouble(load<f64>(data + ((<usize>row) << 3))));
  if (!inQuotes) return encodePlain(kind, data, row, out);
  store<u8>(out, 34);
  out = encodePlain(kind & ~ENCODE_QUOTED, data, row, out + 1);
  store<u8>(out, 34);
  return out + 1;
}

@inline
function encodeString(state: usize, data: usize, row: u32, out: usize): usize {
  const reference = data + ((<usize>row) << 3);
  const from = <usize>load<u32>(reference);
  const bytes = load<u32>(reference, 4);
  const rest = <u64>load<u32>(state, ENCODER_ROW_BYTES);
  // Every byte may become \u00XX; only a text for which that would not fit is measured first.
  if (!encoderFits(state, out, <u64>bytes * 6 + rest)) {
    out = encoderReserve(state, out, escapedBytes(from, bytes) + rest);
  }
  store<u8>(out, 34);
  out = escapeText(out + 1, from, bytes);
  store<u8>(out, 34);
  return out + 1;
}

/** Bytes of a text once it is escaped, or a few more. */
function escapedBytes(from: usize, bytes: u32): u64 {
  const end = from + bytes;
  let total = <u64>bytes;
  for (; from < end; from += 16) {
    const text = v128.load(from);
    const controls = i8x16.bitmask(i8x16.lt_u(text, i8x16.splat(32)));
    const marks = i8x16.bitmask(v128.or(i8x16.eq(text, i8x16.splat(34)), i8x16.eq(text, i8x16.splat(92))));
    total += popcnt(controls) * 5 + popcnt(marks);
  }
  return total;
}

/** Copies JSON text. A line break between its tokens would end the record, so whitespace becomes a space. */
function encodeJson(state: usize, data: usize, row: u32, out: usize): usize {
  const reference = data + ((<usize>row) << 3);
  const bytes = load<u32>(reference, 4);
  if (bytes == 0) {
    store<u32>(out, NULL_TEXT);
    return out + 4;
  }
  out = encoderReserve(state, out, <u64>bytes + load<u32>(state, ENCODER_ROW_BYTES));
  const from = <usize>load<u32>(reference);
  const space = i8x16.splat(32);
  for (let i: usize = 0; i < bytes; i += 16) {
    // The greater of byte and space: control characters are below the space, all else is above.
    v128.store(out + i, i8x16.max_u(v128.load(from + i), space));
  }
  return out + bytes;
}

/** Writes a list or struct. */
function encodeNested(state: usize, column: usize, row: u32, out: usize): usize {
  const value = <usize>load<u32>(<usize>load<u32>(column, ENCODE_COLUMN_DATA) + ((<usize>row) << 3));
  nestedPrint(load<u32>(column, ENCODE_COLUMN_TYPE), value);
  out = encoderReserve(state, out, <u64>nestedPrintedBytes + load<u32>(state, ENCODER_ROW_BYTES));
  return copyBytes(out, nestedPrinted, nestedPrintedBytes);
}
