// Decodes CSV (RFC 4180, with `\n` or `\r\n`) into the columns of a batch.
//
//   bytes ─► runs of plain records by kernels/csv-plain.ts ─► rows
//   bytes ─► index of delimiters, quotes, newlines ─► run of records: spans of the wanted columns ─► columns ─► rows
//
// A run of records is converted column by column; records in which something does not fit are then settled one by one,
// and those left out are closed up. A broken record ends with its first line: a quote that is never closed, or closed in
// the middle of a field, takes no other line with it.
import { csvColumn, csvColumnsBegin, csvField } from './csv-column';
import { csvEntries, csvIndexClear, csvIndexIsWide } from './csv-index';
import { csvPlainPlan, csvPlainRow, csvPlainRun } from './csv-plain';
import { csvSeek, recordEnd, recordFailedAt, recordLines } from './csv-record';
import { csvCollect, RUN_FULL, RUN_MALFORMED, RUN_OPEN, RUN_WIDTH, runCount, runLine, runNext } from './csv-run';
import { CSV_BEGIN, CSV_CREDIT, CSV_END, CSV_FAILED, CSV_LINE, CSV_RUN, FIELD_SPANS } from './csv-state';
import {
  decoderBeginRecord,
  decoderBlame,
  decoderClearNulls,
  decoderClearRow,
  decoderField,
  decoderFieldsEnd,
  decoderFinishRecord,
  decoderIsFull,
  decoderIsStrict,
  decoderReject,
  decoderSkipMark,
  FIELD_BAD,
  FIELD_BYTES,
  FIELD_DATA,
  FIELD_INDEX,
  FIELD_POSITION,
  FIELD_STATUS,
  FIELD_TYPE,
  FIELD_VALIDITY,
  lastLineEnd,
  lineBytes,
  newlineAt,
  nulledInRecord,
  STATE_IS_SKIPPING,
} from './decoder';
import {
  BATCH_CAPACITY,
  BATCH_ROW_COUNT,
  TYPE_BOOLEAN,
  TYPE_DATE,
  TYPE_INTEGER,
  TYPE_SMALLINT,
  TYPE_TINYINT,
} from './layout';
import {
  DECODER_BATCH,
  DECODER_LINE_COUNT,
  DECODER_MAX_RECORD_BYTES,
  DECODER_NULLED_COUNT,
  DECODER_REJECT_COUNT,
  REASON_FIELD_COUNT,
  REASON_SYNTAX,
  REASON_TOO_LONG,
  REASON_UTF8,
} from './layout-formats';
import { utf8IsValid } from './utf8';

/** Short runs of plain records, beyond as many long ones, until they are not tried any more; and for how many others. */
const CREDIT_MAX: i32 = 4;
const RUNS_WITHOUT: i32 = 64;

// Where the call is: rows filled, and the first byte and line not consumed.
let row: u32 = 0;
let position: usize = 0;
let line: u32 = 0;
let isStopped: bool = false;

/**
 * Decodes records of [begin, end): see Decoder.decode in src/formats/format.ts. `lines` counts the lines of the header
 * before `begin`, in the same call. @returns bytes consumed.
 */
export function csvDecode(state: usize, begin: usize, end: usize, isAtEnd: bool, lines: u32): u32 {
  const batch = <usize>load<u32>(state, DECODER_BATCH);
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  row = 0;
  line = lines;
  isStopped = false;
  store<u32>(state, 0, DECODER_REJECT_COUNT);
  store<u32>(state, 0, DECODER_NULLED_COUNT);
  decoderClearNulls(state);
  csvColumnsBegin(state);
  const mark = decoderSkipMark(state, begin, end, isAtEnd);
  position = mark < 0 ? end : begin + mark;
  if (load<u32>(state, STATE_IS_SKIPPING) != 0) passLine(state, end);
  seek(position);
  const limit = lastLineEnd(begin, end);
  while (row < capacity && !isStopped && position < end) {
    if (position < limit && runPlain(state, limit, capacity)) continue;
    const outcome = csvCollect(state, position, end, isAtEnd, min(CSV_RUN, capacity - row), line);
    if (runCount > 0) settle(state);
    if (isStopped) break;
    position = runNext;
    line = runLine;
    if (outcome != RUN_FULL && !refuse(state, outcome, end, isAtEnd)) break;
  }
  store<u32>(batch, row, BATCH_ROW_COUNT);
  store<u32>(state, line, DECODER_LINE_COUNT);
  return mark < 0 ? 0 : <u32>(position - begin);
}

/** Takes records as long as they are plain. @returns whether everything there is has been taken. */
function runPlain(state: usize, limit: usize, capacity: u32): bool {
  const credit = load<i32>(state, CSV_CREDIT);
  if (credit < 0) {
    store<i32>(state, credit + 1, CSV_CREDIT);
    return false;
  }
  const plan = csvPlainPlan(state);
  if (plan == 0) return false;
  const recordMax = <usize>load<u32>(state, DECODER_MAX_RECORD_BYTES);
  const next = csvPlainRun(plan, position, limit, row, capacity, recordMax);
  const count = csvPlainRow - row;
  row = csvPlainRow;
  line += count;
  if (count) {
    position = next;
    seek(next);
  }
  if (row == capacity || position >= limit) return true;
  decoderClearRow(state, row);
  // What stopped it leads to an index of what follows, which has to be worth while.
  if (count >= CSV_RUN) store<i32>(state, min(credit + 1, CREDIT_MAX), CSV_CREDIT);
  else store<i32>(state, credit > 0 ? credit - 1 : -RUNS_WITHOUT, CSV_CREDIT);
  return false;
}

/** Passes over the rest of a line that was too long. */
function passLine(state: usize, end: usize): void {
  position = newlineAt(position, end);
  if (position == end) return;
  store<u32>(state, 0, STATE_IS_SKIPPING);
  position++;
  line++;
}

/** The next record begins at `p`, where the index knows nothing. */
function seek(p: usize): void {
  csvIndexClear(p);
  csvSeek(csvEntries);
}

/** Lists the record at `position`, that a run ended at, as bad. @returns false when it is not consumed. */
function refuse(state: usize, outcome: u32, end: usize, isAtEnd: bool): bool {
  if (outcome == RUN_WIDTH) {
    if (!reject(state, recordEnd, REASON_FIELD_COUNT, 0)) return false;
    line += recordLines + u32(recordEnd != end);
    position = recordEnd + usize(recordEnd != end);
    return true;
  }
  const bytesMax = <usize>load<u32>(state, DECODER_MAX_RECORD_BYTES);
  const newline = newlineAt(position, end);
  const isMalformed = outcome == RUN_MALFORMED && recordFailedAt - position <= bytesMax;
  if (newline < end) {
    // Only the first line of the record is given up.
    if (outcome == RUN_OPEN && lineBytes(position, end) <= <u32>bytesMax) return false;
    const isLong = !isMalformed || lineBytes(position, newline) > <u32>bytesMax;
    if (!reject(state, newline, isLong ? REASON_TOO_LONG : REASON_SYNTAX, recordFailedAt)) return false;
    line++;
    position = newline + 1;
    seek(position);
    return true;
  }
  if (lineBytes(position, end) > <u32>bytesMax) {
    if (!reject(state, end, REASON_TOO_LONG, 0)) return false;
    store<u32>(state, u32(!isAtEnd), STATE_IS_SKIPPING);
  } else if (!isAtEnd || outcome == RUN_OPEN || !reject(state, end, REASON_SYNTAX, recordFailedAt)) return false;
  position = end;
  return true;
}

/** Lists the record from `position` to `end` as bad. @returns whether it is consumed. */
function reject(state: usize, end: usize, reason: u32, failedAt: usize): bool {
  const isUtf8 = reason == REASON_TOO_LONG || utf8IsValid(position, <u32>(end - position));
  const entry = decoderReject(state, position, end, line, isUtf8 ? reason : REASON_UTF8);
  if (reason == REASON_SYNTAX && isUtf8) decoderBlame(entry, -1, position, failedAt);
  isStopped = decoderIsFull(state);
  return !decoderIsStrict(state);
}

/** Turns the records of the run into rows. */
function settle(state: usize): void {
  const failed = <usize>load<u32>(state, CSV_FAILED);
  memory.fill(failed, 0, runCount);
  let isFailed = csvIndexIsWide && markInvalid(state, failed);
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    isFailed = csvColumn(state, column, row, runCount) || isFailed;
  }
  if (isFailed) settleEach(state, failed);
  else row += runCount;
}

/** Marks the records of the run that are not UTF-8. */
function markInvalid(state: usize, failed: usize): bool {
  const first = recordBegin(state, 0);
  const last = <usize>load<u32>(<usize>load<u32>(state, CSV_END) + ((<usize>runCount - 1) << 2));
  if (utf8IsValid(first, <u32>(last - first))) return false;
  for (let i: u32 = 0; i < runCount; i++) store<u8>(failed + i, u8(!isRecordValid(state, i)));
  return true;
}

@inline
function recordBegin(state: usize, i: u32): usize {
  return load<u32>(<usize>load<u32>(state, CSV_BEGIN) + ((<usize>i) << 2));
}

function isRecordValid(state: usize, i: u32): bool {
  const end = load<u32>(<usize>load<u32>(state, CSV_END) + ((<usize>i) << 2));
  return utf8IsValid(recordBegin(state, i), end - <u32>recordBegin(state, i));
}

/** Settles a run in which some records need a closer look, and closes up the rows. */
function settleEach(state: usize, failed: usize): void {
  const first = row;
  let i: u32 = 0;
  for (; i < runCount && !isStopped; i++) {
    if (load<u8>(failed + i) != 0 && !settleOne(state, i, first + i)) {
      if (decoderIsStrict(state)) break;
      continue;
    }
    if (row != first + i) moveRow(state, first + i, row);
    row++;
  }
  position = i < runCount ? recordBegin(state, i) : runNext;
  line = i < runCount ? load<u32>(<usize>load<u32>(state, CSV_LINE) + ((<usize>i) << 2)) : runLine;
  clearRows(state, row, first + runCount);
}

/** Reads record `i` of the run into a row by itself. @returns whether it fits; if not, it is in the reject list. */
function settleOne(state: usize, i: u32, to: u32): bool {
  const begin = recordBegin(state, i);
  const end = <usize>load<u32>(<usize>load<u32>(state, CSV_END) + ((<usize>i) << 2));
  const at = load<u32>(<usize>load<u32>(state, CSV_LINE) + ((<usize>i) << 2));
  if (csvIndexIsWide && !isRecordValid(state, i)) {
    decoderReject(state, begin, end, at, REASON_UTF8);
    isStopped = decoderIsFull(state);
    return false;
  }
  decoderBeginRecord(state);
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    csvField(column, to, load<u64>(<usize>load<u32>(column, FIELD_SPANS) + ((<usize>i) << 3)));
  }
  const bad = decoderFinishRecord(state, to);
  if (bad == 0) {
    store<u32>(state, load<u32>(state, DECODER_NULLED_COUNT) + nulledInRecord, DECODER_NULLED_COUNT);
    return true;
  }
  const entry = decoderReject(state, begin, end, at, load<u32>(bad, FIELD_STATUS) - FIELD_BAD);
  decoderBlame(entry, load<i32>(bad, FIELD_INDEX), begin, load<u32>(bad, FIELD_POSITION));
  isStopped = decoderIsFull(state);
  return false;
}

function moveRow(state: usize, from: u32, to: u32): void {
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    const data = <usize>load<u32>(column, FIELD_DATA);
    const shift = widthShift(load<u32>(column, FIELD_TYPE));
    memory.copy(data + ((<usize>to) << shift), data + ((<usize>from) << shift), 1 << shift);
    const validity = <usize>load<u32>(column, FIELD_VALIDITY);
    if (validity) store<u8>(validity + to, load<u8>(validity + from));
  }
}

/** log2 of the bytes of a value. */
function widthShift(type: u32): usize {
  if (type == TYPE_BOOLEAN) return 0;
  return type == TYPE_INTEGER || type == TYPE_SMALLINT || type == TYPE_TINYINT || type == TYPE_DATE ? 2 : 3;
}

/** Marks the values of rows that are not filled as present, for those that will be. */
function clearRows(state: usize, from: u32, to: u32): void {
  const columnsEnd = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    const validity = <usize>load<u32>(column, FIELD_VALIDITY);
    if (validity) memory.fill(validity + from, 1, to - from);
  }
}
