// The header of a CSV split: its first record that is not a blank line, which names the fields.
import { csvUnquote, unquotedBytes } from './csv-column';
import { csvEntries, csvIndexBegin, csvIndexClear } from './csv-index';
import { csvCursor, csvRecord, csvSeek, RECORD_COMPLETE, RECORD_OPEN, recordEnd, recordWidth } from './csv-record';
import { CSV_FIELDS, CSV_WIDTH, csvDecoderWidth, SPAN_BYTES, SPAN_ESCAPED } from './csv-state';
import { decoderSkipMark, lineBytes } from './decoder';
import { DECODER_MAX_RECORD_BYTES } from './layout-formats';

/**
 * Reads the header; every record then has as many fields. While `csvWidth` is still 0 it is yet to come.
 * @returns bytes consumed (before the header: those of a byte order mark, or all of an empty input), −1 when the header
 * is malformed or too long.
 */
export function csvHeader(state: usize, begin: usize, end: usize, isAtEnd: bool): i32 {
  const mark = decoderSkipMark(state, begin, end, isAtEnd);
  if (mark < 0) return 0;
  const bytesMax = load<u32>(state, DECODER_MAX_RECORD_BYTES);
  let p = begin + mark;
  csvDecoderWidth(state, 0);
  csvIndexClear(p);
  csvSeek(csvEntries);
  while (true) {
    const cursor = csvCursor;
    const outcome = csvRecord(state, p, end, isAtEnd);
    if (outcome == RECORD_OPEN) {
      if (lineBytes(p, end) > bytesMax) return -1;
      return isAtEnd ? <i32>(end - begin) : mark;
    }
    if (outcome != RECORD_COMPLETE) return -1;
    const bytes = lineBytes(p, recordEnd);
    if (bytes > bytesMax) return -1;
    const next = recordEnd + usize(recordEnd != end);
    if (bytes > 0) {
      csvDecoderWidth(state, recordWidth);
      csvSeek(csvIndexBegin == p ? csvEntries : cursor);
      csvRecord(state, p, end, isAtEnd);
      return <i32>(next - begin);
    }
    p = next;
  }
}

/** Fields of a record, 0 while that is not known. */
export function csvWidth(state: usize): u32 {
  return load<u32>(state, CSV_WIDTH);
}

/** Bytes of the field that `csvHeaderField` gave last. */
let fieldBytes: u32 = 0;

/** Address of the text of a field of the header just read; valid as long as the input and the transient stack. */
export function csvHeaderField(state: usize, place: u32): usize {
  const span = load<u64>(<usize>load<u32>(state, CSV_FIELDS) + ((<usize>place) << 3));
  const high = <u32>(span >> 32);
  const text = <usize>(<u32>span);
  fieldBytes = high & SPAN_BYTES;
  if ((high & SPAN_ESCAPED) == 0) return text;
  const plain = csvUnquote(text, fieldBytes);
  fieldBytes = unquotedBytes;
  return plain;
}

/** Bytes of the field that `csvHeaderField` gave last. */
export function csvHeaderFieldBytes(): u32 {
  return fieldBytes;
}
