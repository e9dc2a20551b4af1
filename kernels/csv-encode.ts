// Rows to CSV: one record a line (RFC 4180 with `\n`), quoted only where needed.
//
// A string is copied 16 bytes at a time while it is searched for the delimiter, the quote and line ends; where one is
// found, or the text would be taken for NULL or no field at all, the field is written again in quotes. Other fields are
// quoted only if their column's kind says so (ENCODE_QUOTED: their text could be taken for something else). One thing
// CSV cannot say: in a file of a single column, a NULL with an empty text is a blank line.
import { BATCH_ROW_COUNT } from './layout';
import {
  ENCODER_COLUMN_COUNT,
  ENCODER_COLUMNS,
  ENCODER_DELIMITER,
  ENCODER_NULL,
  ENCODER_NULL_BYTES,
  ENCODER_QUOTE,
  ENCODER_ROW_BYTES,
  ENCODE_COLUMN_BYTES,
  ENCODE_COLUMN_DATA,
  ENCODE_COLUMN_KIND,
  ENCODE_COLUMN_TYPE,
  ENCODE_COLUMN_VALIDITY,
  ENCODE_DOUBLE,
  ENCODE_JSON,
  ENCODE_NESTED,
  ENCODE_QUOTED,
  ENCODE_STRING,
} from './layout-formats';
import { nestedPrint, nestedPrinted, nestedPrintedBytes } from './nested-print';
import { copyBytes, encodePlain, encoderClose, encoderOpen, encoderReserve, isFiniteDouble } from './row-encoder';

/** Appends every row of the batch to the encoder's buffer. */
export function csvEncode(state: usize, batch: usize): void {
  let out = encoderOpen(state, batch);
  const rowCount = load<u32>(batch, BATCH_ROW_COUNT);
  const rowBytes = <u64>load<u32>(state, ENCODER_ROW_BYTES);
  for (let row: u32 = 0; row < rowCount; row++) {
    out = encodeRecord(state, row, encoderReserve(state, out, rowBytes));
  }
  encoderClose(state, out);
}

@inline
function encodeRecord(state: usize, row: u32, out: usize): usize {
  const delimiter = <u8>load<u32>(state, ENCODER_DELIMITER);
  let column = state + ENCODER_COLUMNS;
  const end = column + <usize>load<u32>(state, ENCODER_COLUMN_COUNT) * ENCODE_COLUMN_BYTES;
  for (; column < end; column += ENCODE_COLUMN_BYTES) {
    const data = <usize>load<u32>(column, ENCODE_COLUMN_DATA);
    const kind = load<u32>(column, ENCODE_COLUMN_KIND);
    if (isNullField(column, kind, data, row)) {
      out = copyBytes(out, load<u32>(state, ENCODER_NULL), load<u32>(state, ENCODER_NULL_BYTES));
    } else if (kind == ENCODE_STRING || kind == ENCODE_JSON) {
      const reference = data + ((<usize>row) << 3);
      out = encodeText(state, load<u32>(reference), load<u32>(reference, 4), out);
    } else if (kind == ENCODE_NESTED) {
      nestedPrint(load<u32>(column, ENCODE_COLUMN_TYPE), load<u32>(data + ((<usize>row) << 3)));
      out = encodeText(state, nestedPrinted, nestedPrintedBytes, out);
    } else if (kind & ENCODE_QUOTED) {
      const quote = <u8>load<u32>(state, ENCODER_QUOTE);
      store<u8>(out, quote);
      out = encodePlain(kind & ~ENCODE_QUOTED, data, row, out + 1);
      store<u8>(out, quote);
      out += 1;
    } else {
      out = encodePlain(kind, data, row, out);
    }
    store<u8>(out, delimiter);
    out += 1;
  }
  // The line end takes the place of the last delimiter.
  store<u8>(out - 1, 10);
  return out;
}

@inline
function isNullField(column: usize, kind: u32, data: usize, row: u32): bool {
  const validity = <usize>load<u32>(column, ENCODE_COLUMN_VALIDITY);
  if (validity != 0 && load<u8>(validity + row) == 0) return true;
  return (kind & (ENCODE_QUOTED - 1)) == ENCODE_DOUBLE && !isFiniteDouble(load<f64>(data + ((<usize>row) << 3)));
}

@inline
function encodeText(state: usize, from: usize, bytes: u32, out: usize): usize {
  // Every byte may be a quote, written twice.
  out = encoderReserve(state, out, <u64>bytes * 2 + load<u32>(state, ENCODER_ROW_BYTES));
  if (looksLikeElse(state, from, bytes)) return quoteText(state, out, from, bytes);
  const delimiter = i8x16.splat(<i8>load<u32>(state, ENCODER_DELIMITER));
  const quote = i8x16.splat(<i8>load<u32>(state, ENCODER_QUOTE));
  for (let i: u32 = 0; i < bytes; i += 16) {
    const text = v128.load(from + i);
    v128.store(out + i, text);
    const found = v128.or(
      v128.or(i8x16.eq(text, delimiter), i8x16.eq(text, quote)),
      v128.or(i8x16.eq(text, i8x16.splat(10)), i8x16.eq(text, i8x16.splat(13))),
    );
    if (<u32>ctz(i8x16.bitmask(found) | 0x10000) < min<u32>(bytes - i, 16)) return quoteText(state, out, from, bytes);
  }
  return out + bytes;
}

/** Whether a text would be taken for NULL, for a blank line, or, at the start of a file, for a byte order mark. */
@inline
function looksLikeElse(state: usize, from: usize, bytes: u32): bool {
  if (bytes == 0 && load<u32>(state, ENCODER_COLUMN_COUNT) == 1) return true;
  if (bytes == load<u32>(state, ENCODER_NULL_BYTES) && isNullText(state, from, bytes)) return true;
  return bytes >= 3 && (load<u32>(from) & 0xffffff) == 0xbfbbef;
}

function isNullText(state: usize, from: usize, bytes: u32): bool {
  return memory.compare(from, load<u32>(state, ENCODER_NULL), bytes) == 0;
}

/** Writes the text in quotes, quotes inside it twice. */
function quoteText(state: usize, out: usize, from: usize, bytes: u32): usize {
  const quote = <u8>load<u32>(state, ENCODER_QUOTE);
  const quotes = i8x16.splat(quote);
  const end = from + bytes;
  store<u8>(out, quote);
  out += 1;
  while (from < end) {
    const text = v128.load(from);
    v128.store(out, text);
    const first = <u32>ctz(i8x16.bitmask(i8x16.eq(text, quotes)) | 0x10000);
    const clean = min(first, <u32>min<usize>(end - from, 16));
    out += clean;
    from += clean;
    if (first < 16 && from < end) {
      store<u16>(out, <u16>quote * 0x101);
      out += 2;
      from += 1;
    }
  }
  store<u8>(out, quote);
  return out + 1;
}
