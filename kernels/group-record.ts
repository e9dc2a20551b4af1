// What was last written of a group, and the change that its result of now is.
//
//   slot in the entry ─► record u32 │ changed u32          record 0: nothing was written
//   record            ─► { u64 value, u32 capacity, u32 1 value, 0 NULL } × results       strings: address u32, length u32
//
// Before the record of a session are the edges that it was written with: session-record.ts.
//
// A record and its strings live in the arena of the group's table. Changes are numbers: their sign is the weight of the
// row, 1 an insertion, −1 a deletion, and −n, n next to each other the two rows of an update.
import { countOutOfRange, writeKeys, writeResults, writeWindow } from './aggregate-result';
import { STATE_SESSIONS } from './aggregate-state';
import { CHANGES_ITEM, CHANGES_TEXTS } from './changes-state';
import { batchData, batchValidity } from './group-key';
import { tableArena } from './group-table';
import { bytesEqual } from './hash';
import {
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_CHANGES,
  AGGREGATE_FAILED_CALL,
  AGGREGATE_FAILED_GROUPS,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_RETRACT,
  AGGREGATE_WINDOW_GROUPS,
  CALL_BYTES,
} from './layout-aggregate';
import { BATCH_ROW_COUNT, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { CHANGES_COLUMN, CHANGES_PAIR, CHANGES_RESULTS, CHANGES_SLOT } from './layout-changes';
import { arenaAllocate } from './memory';
import { paneEnd, paneFrom } from './pane';
import { retractSettle } from './retract-update';
import { sessionEnd, sessionStart } from './session';
import { RECORD_HEADER, recordEnd, recordHasEdges, recordKeepEdges, recordStart } from './session-record';

export const RESULT_BYTES: u32 = 16;
export const RESULT_CAPACITY: usize = 8;
export const RESULT_VALID: usize = 12;
const SLOT_CHANGED: usize = 4;
/** Beside 1 for a change: the record is room that is kept, what it says is deleted. */
const IS_DELETED: u32 = 2;
/** Numbers of updates go round below this: those of one batch differ. */
const PAIR_END: i32 = 0x40000000;

/** Notes that a group has new rows. */
@inline
export function recordTouch(changes: usize, entry: usize): void {
  const slot = entry + load<u32>(changes, CHANGES_SLOT);
  store<u32>(slot, load<u32>(slot, SLOT_CHANGED) | 1, SLOT_CHANGED);
}

/** Whether a group has new rows, or was never written. */
@inline
export function recordIsTouched(changes: usize, entry: usize): bool {
  const slot = entry + load<u32>(changes, CHANGES_SLOT);
  return load<u32>(slot) == 0 || (load<u32>(slot, SLOT_CHANGED) & 1) != 0;
}

/** Whether something is written of a group. */
export function recordIsWritten(state: usize, entry: usize): bool {
  const slot = entry + load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_SLOT);
  return load<u32>(slot) != 0 && (load<u32>(slot, SLOT_CHANGED) & IS_DELETED) == 0;
}

/** Gives a group that has moved a record of its own: it has that of where it was. */
export function recordMove(state: usize, entry: usize, arena: usize): void {
  const slot = entry + load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_SLOT);
  const old = <usize>load<u32>(slot);
  if (!old) return;
  const bytes = recordBytes(state);
  const record = arenaAllocate(arena, bytes);
  memory.copy(record, old, bytes);
  recordMoveTexts(state, record, arena);
  store<u32>(slot, <u32>record);
}

/**
 * Appends to `out`, which has room for two rows, the change of a group since it was last written: an insertion, an
 * update, a deletion when it has no rows any more, or nothing when its results are the same. @returns false when a result is out of range: AGGREGATE_FAILED_CALL
 * is set, and the keys are in the row behind the last.
 */
export function recordChange(state: usize, pane: usize, entry: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const slot = entry + load<u32>(changes, CHANGES_SLOT);
  const room = <usize>load<u32>(slot);
  const record = load<u32>(slot, SLOT_CHANGED) & IS_DELETED ? <usize>0 : room;
  if (!hasRows(state, pane, entry)) {
    if (record) recordDelete(state, pane, entry, record, out);
    store<u32>(slot, room ? IS_DELETED : 0, SLOT_CHANGED);
    return true;
  }
  const row = load<u32>(out, BATCH_ROW_COUNT);
  const at = record ? row + 1 : row;
  const item = <usize>load<u32>(changes, CHANGES_ITEM);
  store<u32>(item, <u32>entry, 8);
  store<u32>(slot, 0, SLOT_CHANGED);
  writeGroup(state, pane, item, out, at, 0);
  const failure = writeResults(state, item, 1, out, at);
  if (failure >= 0) {
    writeKeys(state, item, 1, out, row);
    fail(state, <u32>failure, item);
    return false;
  }
  if (load<i32>(changes, CHANGES_COLUMN) < 0) {
    store<u32>(out, row + 1, BATCH_ROW_COUNT);
    return true;
  }
  const numbers = batchData(out, load<u32>(changes, CHANGES_COLUMN));
  if (!record) {
    const made = room ? room : createRecord(state, pane);
    store<u32>(slot, <u32>made);
    keepResults(state, pane, made, out, at);
    store<i32>(numbers + (row << 2), 1);
    store<u32>(out, row + 1, BATCH_ROW_COUNT);
    return true;
  }
  if (equalsResults(state, record, out, at)) return true;
  writeGroup(state, pane, item, out, row, record);
  restoreResults(state, record, out, row);
  keepResults(state, pane, record, out, at);
  const pair = load<i32>(changes, CHANGES_PAIR) + 1;
  // 1 is an insertion.
  store<i32>(changes, pair < PAIR_END ? pair : 1, CHANGES_PAIR);
  store<i32>(numbers + (row << 2), -1 - pair);
  store<i32>(numbers + (at << 2), pair + 1);
  store<u32>(out, row + 2, BATCH_ROW_COUNT);
  return true;
}

/** Whether a group has a result. Only rows that were added can be taken back. */
@inline
function hasRows(state: usize, pane: usize, entry: usize): bool {
  if (!load<u32>(state, AGGREGATE_RETRACT) || retractSettle(state, pane, entry)) return true;
  return !load<u32>(state, AGGREGATE_KEY_COUNT) && !load<u32>(state, AGGREGATE_IS_WINDOWED);
}

/**
 * Appends to `out`, which has room, the deletion of what a record says, which may be given back then. The group's own
 * record stays as it is.
 */
export function recordDelete(state: usize, pane: usize, entry: usize, record: usize, out: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const item = <usize>load<u32>(changes, CHANGES_ITEM);
  const row = load<u32>(out, BATCH_ROW_COUNT);
  store<u32>(item, <u32>entry, 8);
  writeGroup(state, pane, item, out, row, record);
  restoreResults(state, record, out, row);
  store<i32>(batchData(out, load<u32>(changes, CHANGES_COLUMN)) + (row << 2), -1);
  store<u32>(out, row + 1, BATCH_ROW_COUNT);
}

/** Writes keys and window of a group; of a session as its record has it, or (0) as it is. */
function writeGroup(state: usize, pane: usize, item: usize, out: usize, row: u32, record: usize): void {
  writeKeys(state, item, 1, out, row);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return;
  if (!load<u32>(state, STATE_SESSIONS)) writeWindow(state, paneFrom(pane), paneEnd(pane), 1, out, row);
  else if (record) writeWindow(state, recordStart(record), recordEnd(record), 1, out, row);
  else {
    const session = <usize>load<u32>(item, 8);
    writeWindow(state, sessionStart(session), sessionEnd(state, session), 1, out, row);
  }
}

function fail(state: usize, call: u32, item: usize): void {
  const descriptor = <usize>load<u32>(state, AGGREGATE_CALLS) + (call - 1) * CALL_BYTES;
  store<u32>(state, call, AGGREGATE_FAILED_CALL);
  store<u32>(state, countOutOfRange(descriptor, item, 1), AGGREGATE_FAILED_GROUPS);
  store<u32>(state, 1, AGGREGATE_WINDOW_GROUPS);
}

/** First output column with a result. */
@inline
function firstResult(state: usize): u32 {
  return load<u32>(state, AGGREGATE_KEY_COUNT) + (load<u32>(state, AGGREGATE_IS_WINDOWED) ? 2 : 0);
}

@inline
function physicalOf(state: usize, index: u32): u32 {
  const results = <usize>load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_RESULTS);
  return load<u32>(results + (index << 2));
}

function createRecord(state: usize, pane: usize): usize {
  const header: u32 = load<u32>(state, STATE_SESSIONS) ? RECORD_HEADER : 0;
  const bytes = recordBytes(state);
  const record = arenaAllocate(tableArena(pane), header + bytes) + header;
  memory.fill(record - header, 0, header + bytes);
  return record;
}

/** Bytes of a record without what is before it. */
export function recordBytes(state: usize): u32 {
  return max<u32>(load<u32>(state, AGGREGATE_CALL_COUNT), 1) * RESULT_BYTES;
}

/** Whether a record has a string for a result. */
@inline
export function recordHoldsText(state: usize, index: u32): bool {
  return physicalOf(state, index) == PHYSICAL_REF;
}

/** The value of a row as 8 bytes; a string's reference. */
@inline
function valueOf(physical: u32, data: usize, row: u32): u64 {
  if (physical == PHYSICAL_U8) return load<u8>(data + row);
  if (physical == PHYSICAL_I32) return load<u32>(data + (row << 2));
  return load<u64>(data + (row << 3));
}

@inline
function isValid(out: usize, column: u32, row: u32): bool {
  const validity = batchValidity(out, column);
  return validity == 0 || load<u8>(validity + row) != 0;
}

function equalsResults(state: usize, record: usize, out: usize, row: u32): bool {
  const count = load<u32>(state, AGGREGATE_CALL_COUNT);
  const first = firstResult(state);
  if (load<u32>(state, STATE_SESSIONS) && !recordHasEdges(record, out, first - 2, row)) return false;
  for (let index: u32 = 0; index < count; index++) {
    const kept = record + index * RESULT_BYTES;
    const valid = isValid(out, first + index, row);
    if (valid != (load<u32>(kept, RESULT_VALID) != 0)) return false;
    if (!valid) continue;
    const physical = physicalOf(state, index);
    const value = valueOf(physical, batchData(out, first + index), row);
    if (physical != PHYSICAL_REF) {
      if (value != load<u64>(kept)) return false;
    } else {
      const bytes = <u32>(value >> 32);
      if (bytes != load<u32>(kept, 4) || !bytesEqual(load<u32>(kept), <u32>value, bytes)) return false;
    }
  }
  return true;
}

/** Takes the results of a row as those that were written. The row's strings are copied: the group changes, it does not. */
function keepResults(state: usize, pane: usize, record: usize, out: usize, row: u32): void {
  const count = load<u32>(state, AGGREGATE_CALL_COUNT);
  const first = firstResult(state);
  if (load<u32>(state, STATE_SESSIONS)) recordKeepEdges(record, out, first - 2, row);
  for (let index: u32 = 0; index < count; index++) {
    const kept = record + index * RESULT_BYTES;
    const valid = isValid(out, first + index, row);
    store<u32>(kept, u32(valid), RESULT_VALID);
    if (!valid) continue;
    const physical = physicalOf(state, index);
    const data = batchData(out, first + index);
    const value = valueOf(physical, data, row);
    if (physical != PHYSICAL_REF) store<u64>(kept, value);
    else {
      const bytes = <u32>(value >> 32);
      keepText(tableArena(pane), kept, <u32>value, bytes);
      store<u32>(data + (row << 3), copyText(state, <u32>value, bytes));
    }
  }
}

/** Copies the texts of a record's results to where it has moved. */
export function recordMoveTexts(state: usize, record: usize, arena: usize): void {
  const count = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const kept = record + index * RESULT_BYTES;
    if (!load<u32>(kept, RESULT_CAPACITY)) continue;
    store<u32>(kept, 0, RESULT_CAPACITY);
    if (load<u32>(kept, RESULT_VALID)) keepText(arena, kept, load<u32>(kept), load<u32>(kept, 4));
  }
}

function keepText(arena: usize, kept: usize, text: usize, bytes: u32): void {
  if (bytes > load<u32>(kept, RESULT_CAPACITY)) {
    const capacity: u32 = bytes <= 16 ? 16 : (<u32>1) << (32 - clz(bytes - 1));
    store<u32>(kept, <u32>arenaAllocate(arena, capacity));
    store<u32>(kept, capacity, RESULT_CAPACITY);
  }
  store<u32>(kept, bytes, 4);
  memory.copy(load<u32>(kept), text, bytes);
}

/** Copies a string to where it lives as long as the batch in hand. */
function copyText(state: usize, text: usize, bytes: u32): u32 {
  if (!bytes) return <u32>text;
  const copy = arenaAllocate(load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_TEXTS), bytes);
  memory.copy(copy, text, bytes);
  return <u32>copy;
}

/** Writes the results of a record to a row. */
function restoreResults(state: usize, record: usize, out: usize, row: u32): void {
  const count = load<u32>(state, AGGREGATE_CALL_COUNT);
  const first = firstResult(state);
  for (let index: u32 = 0; index < count; index++) {
    const kept = record + index * RESULT_BYTES;
    const data = batchData(out, first + index);
    const validity = batchValidity(out, first + index);
    const valid = load<u32>(kept, RESULT_VALID);
    if (validity) store<u8>(validity + row, <u8>valid);
    if (!valid) continue;
    const physical = physicalOf(state, index);
    if (physical == PHYSICAL_U8) store<u8>(data + row, load<u8>(kept));
    else if (physical == PHYSICAL_I32) store<u32>(data + (row << 2), load<u32>(kept));
    else if (physical != PHYSICAL_REF) store<u64>(data + (row << 3), load<u64>(kept));
    else {
      const bytes = load<u32>(kept, 4);
      store<u32>(data + (row << 3), copyText(state, load<u32>(kept), bytes));
      store<u32>(data + (row << 3), bytes, 4);
    }
  }
}
