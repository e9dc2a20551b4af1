// What the text decoders share: their state, the columns they fill, the reject list, and finding lines.
//
//   state ─► header of DECODER_* (kernels/layout.ts) │ columns │ … │ the decoder's own
//
// A column remembers what the current record holds for it (FIELD_*); when the record is complete `columnFinish` settles
// it by the source's policy. A field that is bad says why with FIELD_BAD + REASON_*.
import { MARK_TIME } from './mark-rows';
import { allocate } from './memory';
import {
  BATCH_CAPACITY,
  BATCH_COLUMNS,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  TYPE_LIST,
  TYPE_STRUCT,
} from './layout';
import {
  DECODER_BATCH,
  DECODER_HEADER_BYTES,
  DECODER_MARK,
  DECODER_MAX_RECORD_BYTES,
  DECODER_POLICY,
  DECODER_REJECT_COUNT,
  DECODER_REJECTS,
  POLICY_FAIL,
  POLICY_NULL,
  REASON_NULL,
  REJECT_BYTES,
  REJECT_CAPACITY,
  REJECT_COLUMN,
  REJECT_LINE,
  REJECT_POSITION,
  REJECT_REASON,
  REJECT_RECORD,
  REJECT_RECORD_BYTES,
} from './layout-formats';

// State common to all text decoders, after the header.
const STATE_COLUMNS: usize = DECODER_HEADER_BYTES;
const STATE_COLUMN_COUNT: usize = DECODER_HEADER_BYTES + 4;
/** 1 while the rest of a too long record is passed over. */
export const STATE_IS_SKIPPING: usize = DECODER_HEADER_BYTES + 8;
/** 1 once the first bytes of the split were seen: no byte order mark is expected any more. */
export const STATE_IS_STARTED: usize = DECODER_HEADER_BYTES + 12;
/** With DECODER_MARK: the decoder's column of the event time. */
const STATE_MARK_TIME: usize = DECODER_HEADER_BYTES + 16;
/** The decoder's own state begins here. */
export const STATE_OWN: usize = DECODER_HEADER_BYTES + 32;

// A column of a decoder.
export const FIELD_TYPE: usize = 0; // TYPE_*
export const FIELD_DATA: usize = 4; // address of the data
export const FIELD_VALIDITY: usize = 8; // address of the validity bytes, or 0
export const FIELD_IS_REQUIRED: usize = 12; // NOT NULL
export const FIELD_UNIT: usize = 16; // i32: power of ten from the unit of epoch numbers to µs
export const FIELD_STATUS: usize = 20; // FIELD_MISSING, FIELD_VALUE, FIELD_NULL or FIELD_BAD + REASON_*
export const FIELD_POSITION: usize = 24; // address of the field's text, 0 when there is none
export const FIELD_NEXT: usize = 28; // next column of the same place in the record, or 0
export const FIELD_INDEX: usize = 32; // column of the batch
export const FIELD_NESTED: usize = 44; // of a list or struct, address of its type's description
export const FIELD_BYTES: usize = 48;

export const FIELD_MISSING: u32 = 0;
export const FIELD_VALUE: u32 = 1;
export const FIELD_NULL: u32 = 2;
export const FIELD_BAD: u32 = 16;

/** Bad fields of the current record that became NULL. */
export let nulledInRecord: u32 = 0;
/** Whether the current record is only a watermark: what it has not is not missed. */
let isOnlyMark: bool = false;
/** Whether a NULL may have been marked since the last `decoderClearRow`. */
let isRowMarked: bool = false;

/** Makes a decoder's state with `ownBytes` for its own use, zeroed. */
export function decoderCreate(ownBytes: u32, columnCount: u32): usize {
  const bytes = <u32>STATE_OWN + ownBytes;
  const state = allocate(bytes);
  memory.fill(state, 0, bytes);
  const columns = allocate(max(columnCount, 1) * <u32>FIELD_BYTES);
  memory.fill(columns, 0, columnCount * <u32>FIELD_BYTES);
  store<u32>(state, <u32>columns, STATE_COLUMNS);
  store<u32>(state, columnCount, STATE_COLUMN_COUNT);
  store<u32>(state, <u32>allocate(REJECT_CAPACITY * REJECT_BYTES), DECODER_REJECTS);
  return state;
}

/** Sets what the decoder fills, and how it treats bad records. */
export function decoderConfigure(state: usize, batch: usize, policy: u32, maxRecordBytes: u32): void {
  store<u32>(state, <u32>batch, DECODER_BATCH);
  store<u32>(state, policy, DECODER_POLICY);
  store<u32>(state, maxRecordBytes, DECODER_MAX_RECORD_BYTES);
}

/** Declares decoder column `field`: it fills column `index` of the batch. `unit`: FIELD_UNIT or FIELD_NESTED. */
export function decoderColumn(state: usize, field: u32, index: u32, type: u32, isRequired: bool, unit: i32): void {
  const column = decoderField(state, field);
  const descriptor = <usize>load<u32>(state, DECODER_BATCH) + BATCH_COLUMNS + <usize>index * COLUMN_BYTES;
  store<u32>(column, type, FIELD_TYPE);
  store<u32>(column, load<u32>(descriptor, COLUMN_DATA), FIELD_DATA);
  store<u32>(column, load<u32>(descriptor, COLUMN_VALIDITY), FIELD_VALIDITY);
  store<u32>(column, u32(isRequired), FIELD_IS_REQUIRED);
  const isNested = type == TYPE_LIST || type == TYPE_STRUCT;
  store<i32>(column, isNested ? 0 : unit, FIELD_UNIT);
  store<i32>(column, isNested ? unit : 0, FIELD_NESTED);
  store<u32>(column, index, FIELD_INDEX);
}

/** Address of a decoder's column. */
export function decoderField(state: usize, field: u32): usize {
  return <usize>load<u32>(state, STATE_COLUMNS) + <usize>field * FIELD_BYTES;
}

/** Address after a decoder's last column. */
@inline
export function decoderFieldsEnd(state: usize): usize {
  return decoderField(state, load<u32>(state, STATE_COLUMN_COUNT));
}

/** Lets records without a value in column `time` be watermarks only, where column `mark` has one. */
export function decoderMarks(state: usize, time: u32, mark: u32): void {
  store<u32>(state, mark + 1, DECODER_MARK);
  store<u32>(state, time, STATE_MARK_TIME);
}

/** Marks every value of the batch as present; rows with NULLs say so themselves. */
export function decoderClearNulls(state: usize): void {
  const capacity = load<u32>(load<u32>(state, DECODER_BATCH), BATCH_CAPACITY);
  const end = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < end; column += FIELD_BYTES) {
    const validity = <usize>load<u32>(column, FIELD_VALIDITY);
    if (validity) memory.fill(validity, 1, capacity);
  }
}

/** Marks the values of a row that is not going to be as present again, for the row that takes its place. */
export function decoderClearRow(state: usize, row: u32): void {
  if (!isRowMarked) return;
  isRowMarked = false;
  const end = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < end; column += FIELD_BYTES) {
    const validity = <usize>load<u32>(column, FIELD_VALIDITY);
    if (validity) store<u8>(validity + row, 1);
  }
}

/** A new record: no column has anything yet. */
export function decoderBeginRecord(state: usize): void {
  nulledInRecord = 0;
  const end = decoderFieldsEnd(state);
  for (let column = decoderField(state, 0); column < end; column += FIELD_BYTES) {
    store<u32>(column, FIELD_MISSING, FIELD_STATUS);
    store<u32>(column, 0, FIELD_POSITION);
  }
}

/** Marks the value of a row as NULL. */
@inline
export function decoderMarkNull(validity: usize, row: u32): void {
  isRowMarked = true;
  store<u8>(validity + row, 0);
}

/** Settles what the record holds for a column. @returns 0, or the reason why the record is bad. */
export function columnFinish(column: usize, row: u32, policy: u32): u32 {
  const status = load<u32>(column, FIELD_STATUS);
  const validity = <usize>load<u32>(column, FIELD_VALIDITY);
  if (status == FIELD_VALUE) {
    if (validity) store<u8>(validity + row, 1);
    return 0;
  }
  const isRequired = load<u32>(column, FIELD_IS_REQUIRED) != 0 || validity == 0;
  if (status >= FIELD_BAD) {
    if (policy != POLICY_NULL || isRequired) return status - FIELD_BAD;
    nulledInRecord++;
  } else if (isRequired) {
    if (!isOnlyMark) return REASON_NULL;
    if (!validity) return 0;
  }
  decoderMarkNull(validity, row);
  return 0;
}

/**
 * Settles all columns of a record. @returns 0, or the first column (by address) that makes the record bad; its status
 * is then FIELD_BAD + the reason.
 */
export function decoderFinishRecord(state: usize, row: u32): usize {
  const policy = load<u32>(state, DECODER_POLICY);
  const end = decoderFieldsEnd(state);
  isOnlyMark = load<u32>(state, DECODER_MARK) != 0 && beginMark(state, row);
  let bad: usize = 0;
  for (let column = decoderField(state, 0); column < end; column += FIELD_BYTES) {
    const reason = columnFinish(column, row, policy);
    if (reason == 0) continue;
    store<u32>(column, FIELD_BAD + reason, FIELD_STATUS);
    bad = column;
    break;
  }
  isOnlyMark = false;
  return bad;
}

/** Whether the record has a mark and no event time; its time is then MARK_TIME. */
function beginMark(state: usize, row: u32): bool {
  const mark = decoderField(state, load<u32>(state, DECODER_MARK) - 1);
  const time = decoderField(state, load<u32>(state, STATE_MARK_TIME));
  const status = load<u32>(time, FIELD_STATUS);
  if (load<u32>(mark, FIELD_STATUS) != FIELD_VALUE || (status != FIELD_MISSING && status != FIELD_NULL)) return false;
  store<i64>(<usize>load<u32>(time, FIELD_DATA) + ((<usize>row) << 3), MARK_TIME);
  return true;
}

/** Adds the record [record, end), line end or not, to the reject list. @returns its entry. */
export function decoderReject(state: usize, record: usize, end: usize, line: u32, reason: u32): usize {
  const count = load<u32>(state, DECODER_REJECT_COUNT);
  const entry = <usize>load<u32>(state, DECODER_REJECTS) + <usize>count * REJECT_BYTES;
  const bytes = min(lineBytes(record, end), load<u32>(state, DECODER_MAX_RECORD_BYTES));
  store<u32>(entry, reason, REJECT_REASON);
  store<i32>(entry, -1, REJECT_COLUMN);
  store<u32>(entry, <u32>record, REJECT_RECORD);
  store<u32>(entry, bytes, REJECT_RECORD_BYTES);
  store<u32>(entry, line, REJECT_LINE);
  store<u32>(entry, 0, REJECT_POSITION);
  store<u32>(state, count + 1, DECODER_REJECT_COUNT);
  return entry;
}

/** Says in an entry of the reject list which column it is about, and where in the record's text that begins. */
export function decoderBlame(entry: usize, column: i32, record: usize, at: usize): void {
  store<i32>(entry, column, REJECT_COLUMN);
  const bytes = load<u32>(entry, REJECT_RECORD_BYTES);
  store<u32>(entry, at > record ? min(<u32>(at - record), bytes) : 0, REJECT_POSITION);
}

/** Whether a bad record ends the run: then it is not consumed. */
export function decoderIsStrict(state: usize): bool {
  return load<u32>(state, DECODER_POLICY) == POLICY_FAIL;
}

/** Whether decoding stops after the record just rejected. */
export function decoderIsFull(state: usize): bool {
  return decoderIsStrict(state) || load<u32>(state, DECODER_REJECT_COUNT) == REJECT_CAPACITY;
}

/**
 * Bytes of the byte order mark at the start of a split: 0 or 3. −1: too few bytes to tell.
 */
export function decoderSkipMark(state: usize, begin: usize, end: usize, isAtEnd: bool): i32 {
  if (load<u32>(state, STATE_IS_STARTED) != 0 || begin == end) return 0;
  const bytes = min<usize>(end - begin, 3);
  const mask: u32 = bytes < 3 ? (1 << ((<u32>bytes) << 3)) - 1 : 0xffffff;
  const isMark = ((load<u32>(begin) ^ 0xbfbbef) & mask) == 0;
  if (isMark && bytes < 3 && !isAtEnd) return -1;
  store<u32>(state, 1, STATE_IS_STARTED);
  return isMark && bytes == 3 ? 3 : 0;
}

/** A new split begins. */
export function decoderReset(state: usize): void {
  store<u32>(state, 0, STATE_IS_STARTED);
  store<u32>(state, 0, STATE_IS_SKIPPING);
}

/** What follows is from the middle of a split. */
export function decoderJoin(state: usize): void {
  store<u32>(state, 1, STATE_IS_STARTED);
  store<u32>(state, 0, STATE_IS_SKIPPING);
}

/** Bytes of the line [p, end) without the carriage return that may end it. */
@inline
export function lineBytes(p: usize, end: usize): u32 {
  return <u32>(end - p) - u32(end > p && load<u8>(end - 1) == 13);
}

/** Address of the first newline of [p, end), or `end`. Reads up to 15 bytes past the end. */
export function newlineAt(p: usize, end: usize): usize {
  const newline = i8x16.splat(10);
  for (; p < end; p += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(p), newline));
    if (found) return min(p + ctz(found), end);
  }
  return end;
}

/** Address after the last newline of [begin, end), or `begin`. */
export function lastLineEnd(begin: usize, end: usize): usize {
  const newline = i8x16.splat(10);
  for (; end >= begin + 16; end -= 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(end - 16), newline));
    if (found) return end - 16 + 32 - clz(found);
  }
  while (end > begin && load<u8>(end - 1) != 10) end--;
  return end;
}
