// A run of CSV records: from bytes to the spans of the columns that are wanted.
//
// Most records have exactly one entry of the index for each field: delimiters, then the newline. Those are taken
// straight from the index; all others are read by kernels/csv-record.ts. A run ends where a record is bad, so that
// records and rejects stay in order.
import { decoderField, decoderFieldsEnd, FIELD_BYTES, lineBytes } from './decoder';
import { csvEntries, csvEntriesEnd, csvIndexBegin } from './csv-index';
import {
  csvCursor,
  csvRecord,
  csvSeek,
  RECORD_MALFORMED,
  RECORD_OPEN,
  recordEnd,
  recordLines,
  recordWidth,
} from './csv-record';
import {
  CSV_BEGIN,
  CSV_DELIMITER,
  CSV_END,
  CSV_FIELDS,
  CSV_LINE,
  CSV_WIDTH,
  CSV_WIDTH_MIN,
  csvDecoderWidth,
  FIELD_PLACE,
  FIELD_SPANS,
} from './csv-state';
import { DECODER_MAX_RECORD_BYTES } from './layout-formats';

/** The run is full. */
export const RUN_FULL: u32 = 0;
/** The next record is incomplete, or there is none. */
export const RUN_OPEN: u32 = 1;
/** The next record's quotes are wrong; it ends with its first line, which is there. */
export const RUN_MALFORMED: u32 = 2;
/** The next record has another number of fields; it has been read. */
export const RUN_WIDTH: u32 = 3;
/** The next record is too long. */
const RUN_LONG: u32 = 4;

/** Records in the run; address and line of the record after them. */
export let runCount: u32 = 0;
export let runNext: usize = 0;
export let runLine: u32 = 0;

/** Collects up to `rowsMax` records from `p` on, which is line `line`. @returns RUN_* */
export function csvCollect(state: usize, p: usize, end: usize, isAtEnd: bool, rowsMax: u32, line: u32): u32 {
  const bytesMax = <usize>load<u32>(state, DECODER_MAX_RECORD_BYTES);
  runCount = 0;
  runNext = p;
  runLine = line;
  while (runCount < rowsMax) {
    p = runNext;
    if (p >= end) return RUN_OPEN;
    const newline = regularEnd(state);
    if (newline - p > 1 && newline - p <= bytesMax && newline < end) {
      addRegular(state, p, newline);
      runNext = newline + 1;
      runLine++;
      continue;
    }
    const outcome = collectOther(state, p, end, isAtEnd);
    if (outcome != RUN_FULL) return outcome;
  }
  return RUN_FULL;
}

/** The newline of the record at the cursor when it has one entry for each field, otherwise 0. */
@inline
function regularEnd(state: usize): usize {
  const delimiter = load<u32>(state, CSV_DELIMITER);
  let cursor = csvCursor;
  const last = cursor + ((<usize>load<u32>(state, CSV_WIDTH) - 1) << 2);
  if (last >= csvEntriesEnd || last < cursor) return 0;
  for (; cursor < last; cursor += 4) if (load<u8>(load<u32>(cursor)) != delimiter) return 0;
  const newline = <usize>load<u32>(last);
  return load<u8>(newline) == 10 ? newline : 0;
}

@inline
function addRegular(state: usize, p: usize, newline: usize): void {
  const cursor = csvCursor;
  const last = load<u32>(state, CSV_WIDTH) - 1;
  const columnsEnd = decoderFieldsEnd(state);
  const text = newline - usize(load<u8>(newline - 1) == 13);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    const place = load<u32>(column, FIELD_PLACE);
    const entry = cursor + ((<usize>place) << 2);
    const start = place ? <usize>load<u32>(entry - 4) + 1 : p;
    const stop = place == last ? text : <usize>load<u32>(entry);
    const span = <u64>start | ((<u64>(stop - start)) << 32);
    store<u64>(<usize>load<u32>(column, FIELD_SPANS) + ((<usize>runCount) << 3), span);
  }
  csvSeek(cursor + ((<usize>last) << 2) + 4);
  addRecord(state, p, newline);
}

@inline
function addRecord(state: usize, p: usize, end: usize): void {
  const at = (<usize>runCount) << 2;
  store<u32>(<usize>load<u32>(state, CSV_BEGIN) + at, <u32>p);
  store<u32>(<usize>load<u32>(state, CSV_END) + at, <u32>end);
  store<u32>(<usize>load<u32>(state, CSV_LINE) + at, runLine);
  runCount++;
}

/** Collects any other record. @returns RUN_FULL when it was collected or is a blank line. */
function collectOther(state: usize, p: usize, end: usize, isAtEnd: bool): u32 {
  const cursor = csvCursor;
  const outcome = csvRecord(state, p, end, isAtEnd);
  if (outcome == RECORD_OPEN) return RUN_OPEN;
  if (outcome == RECORD_MALFORMED) return RUN_MALFORMED;
  const bytes = lineBytes(p, recordEnd);
  if (bytes > load<u32>(state, DECODER_MAX_RECORD_BYTES)) return RUN_LONG;
  if (bytes > 0) {
    const width = load<u32>(state, CSV_WIDTH);
    if (width == 0 && recordWidth >= load<u32>(state, CSV_WIDTH_MIN)) {
      // The first record says how many fields there are: now it is read for good.
      csvDecoderWidth(state, recordWidth);
      csvSeek(csvIndexBegin == p ? csvEntries : cursor);
      return RUN_FULL;
    }
    if (recordWidth != width) return RUN_WIDTH;
    addSpans(state);
    addRecord(state, p, recordEnd);
  }
  runLine += recordLines + u32(recordEnd != end);
  runNext = recordEnd + usize(recordEnd != end);
  return RUN_FULL;
}

function addSpans(state: usize): void {
  const fields = <usize>load<u32>(state, CSV_FIELDS);
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    const span = load<u64>(fields + ((<usize>load<u32>(column, FIELD_PLACE)) << 3));
    store<u64>(<usize>load<u32>(column, FIELD_SPANS) + ((<usize>runCount) << 3), span);
  }
}
