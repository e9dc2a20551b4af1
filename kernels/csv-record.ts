// One record of CSV from the index (kernels/csv-index.ts) to spans.
//
// A field that begins with the quote ends at the next quote that is not doubled, and a delimiter or line end must
// follow; newlines inside are its text. In any other field quotes are text. A carriage return before the newline
// belongs to the line end.
import { csvEntries, csvEntriesEnd, csvIndexEnd, csvIndexMore } from './csv-index';
import { CSV_DELIMITER, CSV_FIELDS, CSV_QUOTE, CSV_WIDTH, SPAN_ESCAPED, SPAN_QUOTED } from './csv-state';

export const RECORD_COMPLETE: u32 = 0;
/** The record goes on beyond the bytes that are there. */
export const RECORD_OPEN: u32 = 1;
/** Text after a closing quote, or the input ends inside quotes. */
export const RECORD_MALFORMED: u32 = 2;

/** The next entry of the index: after `csvRecord` the one after the record. */
export let csvCursor: usize = 0;
/** Of the record read last: its fields, the address of its line end, lines inside quotes, where it is malformed. */
export let recordWidth: u32 = 0;
export let recordEnd: usize = 0;
export let recordLines: u32 = 0;
export let recordFailedAt: usize = 0;

/** Sets the next entry. */
@inline
export function csvSeek(cursor: usize): void {
  csvCursor = cursor;
}

/**
 * Reads the record at `p`, whose entries begin at the cursor. The spans of its first CSV_WIDTH fields are at
 * CSV_FIELDS. @returns RECORD_*
 */
export function csvRecord(state: usize, p: usize, end: usize, isAtEnd: bool): u32 {
  while (true) {
    const outcome = readRecord(state, p, end);
    if (outcome != RECORD_OPEN) return outcome;
    if (!csvIndexMore(p, end, isAtEnd, load<u32>(state, CSV_DELIMITER), load<u32>(state, CSV_QUOTE)))
      return RECORD_OPEN;
    csvCursor = csvEntries;
  }
}

function readRecord(state: usize, p: usize, end: usize): u32 {
  const quote = load<u32>(state, CSV_QUOTE);
  const delimiter = load<u32>(state, CSV_DELIMITER);
  const width = load<u32>(state, CSV_WIDTH);
  const fields = <usize>load<u32>(state, CSV_FIELDS);
  let cursor = csvCursor;
  recordWidth = 0;
  recordLines = 0;
  while (true) {
    if (cursor == csvEntriesEnd) return RECORD_OPEN;
    let start = p;
    let flags: u32 = 0;
    let at = <usize>load<u32>(cursor);
    if (at == p && at != end && load<u8>(p) == quote) {
      start = p + 1;
      flags = SPAN_QUOTED;
      cursor += 4;
      while (true) {
        if (cursor == csvEntriesEnd) return RECORD_OPEN;
        at = load<u32>(cursor);
        if (at == end) return malformed(at);
        cursor += 4;
        const byte = <u32>load<u8>(at);
        if (byte != quote) {
          recordLines += u32(byte == 10);
          continue;
        }
        const next = quoteFollower(at + 1, cursor, quote, delimiter);
        if (next == FOLLOWER_OPEN) return RECORD_OPEN;
        if (next == FOLLOWER_WRONG) return RECORD_MALFORMED;
        if (next == FOLLOWER_END) break;
        flags |= SPAN_ESCAPED;
        cursor += 4;
      }
    } else {
      while (at != end && load<u8>(at) == quote) {
        cursor += 4;
        if (cursor == csvEntriesEnd) return RECORD_OPEN;
        at = load<u32>(cursor);
      }
    }
    const stop = at;
    if (flags) at = load<u32>(cursor);
    const isLast = at == end || load<u8>(at) == 10;
    const hasReturn = isLast && at > start && load<u8>(at - 1) == 13;
    cursor += 4;
    if (recordWidth < width) {
      const bytes = <u32>((flags ? stop : at - usize(hasReturn)) - start);
      store<u64>(fields + ((<usize>recordWidth) << 3), <u64>start | ((<u64>(bytes | flags)) << 32));
    }
    recordWidth++;
    if (isLast) {
      recordEnd = at;
      csvCursor = cursor;
      return RECORD_COMPLETE;
    }
    p = at + 1;
  }
}

const FOLLOWER_END: u32 = 0; // a delimiter or line end: the next entry of the index
const FOLLOWER_QUOTE: u32 = 1; // the quote was doubled
const FOLLOWER_OPEN: u32 = 2; // not there yet
const FOLLOWER_WRONG: u32 = 3;

/** What comes at `p`, behind a quote inside a quoted field. */
@inline
function quoteFollower(p: usize, cursor: usize, quote: u32, delimiter: u32): u32 {
  // Behind the index there is nothing known, except where it ends with the input.
  if (p >= csvIndexEnd) return cursor < csvEntriesEnd ? FOLLOWER_END : FOLLOWER_OPEN;
  const byte = <u32>load<u8>(p);
  if (byte == quote) return FOLLOWER_QUOTE;
  if (byte == delimiter || byte == 10) return FOLLOWER_END;
  if (byte == 13) {
    if (p + 1 >= csvIndexEnd) return cursor < csvEntriesEnd ? FOLLOWER_END : FOLLOWER_OPEN;
    if (load<u8>(p, 1) == 10) return FOLLOWER_END;
  }
  recordFailedAt = p;
  return FOLLOWER_WRONG;
}

function malformed(at: usize): u32 {
  recordFailedAt = at;
  return RECORD_MALFORMED;
}
