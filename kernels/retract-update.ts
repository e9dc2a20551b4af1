// Adding rows to groups and taking them back.
//
//   counts, sums     subtract: integers exactly; doubles with an error term, NaN and infinities being counted
//   extremes         the value that leaves matters only if it is the extreme one; the same of first and last ones
//   all else         the state has to be made anew when a value has left
//
// What has to be made anew is marked as dirty, and made when a result is wanted: the rows of the group, which are kept if
// any of its calls may need them, are added again in the order of their arrival. A greater value that comes meanwhile
// cleans a dirty maximum.
//
// States that hold on to memory are made anew in an arena that is the group's own from then on, and is cleared each time.
import { STATE_ENTRIES, STATE_SEQUENCE, STATE_SESSIONS, STATE_TABLES } from './aggregate-state';
import { aggregateUpdateOne } from './aggregate-update';
import { batchData, batchValidity, widthOf } from './group-key';
import { TABLE_ARENA, TABLE_BYTES } from './group-table';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64 } from './layout';
import {
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_LAST,
  AGGREGATE_RETRACT,
  AGGREGATE_SEEN,
  AGGREGATE_SESSION_TEMPLATE,
  AGGREGATE_TEMPLATE,
  CALL_BYTES,
  CALL_COLUMN,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_ORDER_COLUMN,
  CALL_PHYSICAL,
  CALL_RETRACTION,
  CALL_STATE_BYTES,
} from './layout-aggregate';
import {
  RETRACT_BATCH,
  RETRACT_GROUP,
  RETRACT_ROWS,
  RETRACTION_COUNT,
  RETRACTION_DISTINCT,
  RETRACTION_EXTREME,
  RETRACTION_ORDERED,
  RETRACTION_SUM,
  RETRACTION_VALUES,
} from './layout-retract';
import { ROW_INDEX, ROW_OLDER, ROW_YOUNGER } from './layout-rows';
import { allocate, arenaClear, arenaCreate, arenaDestroy, release } from './memory';
import {
  DIRTY_ANEW,
  DIRTY_TAKEN,
  GROUP_DIRTY,
  GROUP_FIRST,
  GROUP_LAST,
  GROUP_OWN,
  GROUP_WEIGHT,
  RETRACT_TABLE,
} from './retract-state';
import { retractKeepRow, retractTakeRow } from './retract-rows';
import { sumAdd } from './retract-sum';
import { rowTableForgive, rowTableRemove } from './row-table';
import { rowsWrite, rowUnpin } from './row-store';
import { identityBits } from './value-bits';
import { countsAdd, countsDrop, countsUsed } from './value-counts';

const keptRow: usize = memory.data(4, 16);

/** The block of a group. */
@inline
export function retractGroup(state: usize, entry: usize): usize {
  return entry + <usize>load<u32>(<usize>load<u32>(state, AGGREGATE_RETRACT), RETRACT_GROUP);
}

/** Rows of a group. */
@inline
export function retractWeight(state: usize, entry: usize): i64 {
  return load<i64>(retractGroup(state, entry), GROUP_WEIGHT);
}

/**
 * Adds a row (`weight` 1) to the group in STATE_ENTRIES, whose table is `pane`, or takes one like it back (−1).
 */
export function retractRow(state: usize, batch: usize, row: u32, pane: usize, weight: i32): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const entry = <usize>load<u32>(load<u32>(state, STATE_ENTRIES));
  const group = retractGroup(state, entry);
  store<i64>(group, load<i64>(group, GROUP_WEIGHT) + weight, GROUP_WEIGHT);
  // The row that is kept, or leaves; 0: there is none, because it came before, or after, what takes it back.
  let kept: usize = 0;
  if (load<u32>(retract, RETRACT_ROWS)) {
    kept =
      weight > 0
        ? retractKeepRow(state, retract, batch, row, pane, group)
        : retractTakeRow(state, retract, batch, row, pane, group);
  }
  const own = load<u32>(group, GROUP_OWN);
  store<u32>(load<u32>(state, STATE_TABLES), own ? own : <u32>pane);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
    const retraction = load<u32>(call, CALL_RETRACTION);
    if (retractSubtracts(retraction)) {
      if (retractIsValue(batch, row, call)) retractSubtract(state, batch, row, index, entry, weight);
    } else if (kept != 0 && (retraction == RETRACTION_VALUES || retractIsValue(batch, row, call))) {
      const dirty = group + GROUP_DIRTY + index;
      if (weight > 0) {
        aggregateUpdateOne(state, batch, row, 1, index);
        if (load<u8>(dirty) == DIRTY_TAKEN && isDecided(batch, row, call, entry, retraction)) store<u8>(dirty, 0);
      } else if (isHeld(batch, row, call, entry, retraction, kept)) store<u8>(dirty, load<u8>(dirty) | DIRTY_TAKEN);
    }
  }
  if (weight < 0 && load<i64>(group, GROUP_WEIGHT) == 0 && !load<u32>(group, GROUP_FIRST)) empty(state, entry, group);
}

/** Whether the state alone is enough to take a value back. */
@inline
export function retractSubtracts(retraction: u32): bool {
  return retraction == RETRACTION_COUNT || retraction == RETRACTION_SUM || retraction == RETRACTION_DISTINCT;
}

/** Adds the value of a row to a state of these, or takes it back. */
export function retractSubtract(state: usize, batch: usize, row: u32, index: u32, entry: usize, weight: i32): void {
  const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
  const retraction = load<u32>(call, CALL_RETRACTION);
  const at = entry + <usize>load<u32>(call, CALL_OFFSET);
  if (retraction == RETRACTION_DISTINCT) countValue(batch, row, call, entry, weight);
  else if (retraction == RETRACTION_COUNT) store<i64>(at, load<i64>(at) + weight);
  else store<u8>(entry + load<u32>(state, AGGREGATE_SEEN) + index, sumAdd(call, batch, row, at, weight));
}

/** The last row has left: nothing is held on to. */
function empty(state: usize, entry: usize, group: usize): void {
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const retraction = retractionOf(state, index);
    if (retraction >= <u32>RETRACTION_EXTREME && retraction != RETRACTION_DISTINCT) retractReset(state, entry, index);
  }
  memory.fill(group + GROUP_DIRTY, 0, callCount);
  retractReleaseOwn(group);
}

/** Counts a value of COUNT(DISTINCT …). */
function countValue(batch: usize, row: u32, call: usize, entry: usize, weight: i32): void {
  const physical = load<u32>(call, CALL_PHYSICAL);
  const value = batchData(batch, load<i32>(call, CALL_COLUMN)) + row * widthOf(physical);
  countsAdd(entry + <usize>load<u32>(call, CALL_OFFSET), bitsAt(physical, value), weight);
}

/** Whether a row has a value for a call. */
@inline
export function retractIsValue(batch: usize, row: u32, call: usize): bool {
  const column = load<i32>(call, CALL_COLUMN);
  if (column < 0) return true;
  const validity = batchValidity(batch, column);
  return validity == 0 || load<u8>(validity + row) != 0;
}

/** The identity bits of a value of fixed size. */
function bitsAt(physical: u32, at: usize): u64 {
  if (physical == PHYSICAL_F64) return identityBits<f64>(at);
  if (physical == PHYSICAL_I64) return load<u64>(at);
  return physical == PHYSICAL_I32 ? <u64>load<u32>(at) : <u64>load<u8>(at);
}

/** Whether the value of a row is the extreme one of a call's state. */
@inline
function isExtreme(batch: usize, row: u32, call: usize, entry: usize): bool {
  const physical = load<u32>(call, CALL_PHYSICAL);
  const value = batchData(batch, load<i32>(call, CALL_COLUMN)) + row * widthOf(physical);
  return bitsAt(physical, value) == bitsAt(physical, entry + <usize>load<u32>(call, CALL_OFFSET));
}

/** The time by which a row is first or last: of the order, or when it came. */
function timeOf(batch: usize, row: u32, call: usize, kept: usize): i64 {
  const column = load<i32>(call, CALL_ORDER_COLUMN);
  if (column < 0) return load<i64>(kept, ROW_INDEX);
  const validity = batchValidity(batch, column);
  // Rows without a time are never first or last.
  if (validity != 0 && load<u8>(validity + row) == 0) return i64.MIN_VALUE;
  return load<i64>(batchData(batch, column) + (row << 3));
}

/** Whether the state of a call depends on the value of a row that leaves. */
function isHeld(batch: usize, row: u32, call: usize, entry: usize, retraction: u32, kept: usize): bool {
  if (retraction == RETRACTION_EXTREME) return isExtreme(batch, row, call, entry);
  if (retraction != RETRACTION_ORDERED) return true;
  return timeOf(batch, row, call, kept) == load<i64>(entry + <usize>load<u32>(call, CALL_OFFSET));
}

/** Whether a row that has just been added makes a state right whose value was taken back. */
function isDecided(batch: usize, row: u32, call: usize, entry: usize, retraction: u32): bool {
  if (retraction == RETRACTION_EXTREME) return isExtreme(batch, row, call, entry);
  if (retraction != RETRACTION_ORDERED || load<u32>(call, CALL_FUNCTION) != AGGREGATE_LAST) return false;
  const column = load<i32>(call, CALL_ORDER_COLUMN);
  if (column < 0) return true;
  return timeOf(batch, row, call, 0) == load<i64>(entry + <usize>load<u32>(call, CALL_OFFSET));
}

// Results.

/** Makes the states of a group right before its result is taken. @returns whether the group has rows. */
export function retractSettle(state: usize, pane: usize, entry: usize): bool {
  const group = retractGroup(state, entry);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  let isDirty = false;
  let holdsMemory = false;
  for (let index: u32 = 0; index < callCount; index++) {
    if (!load<u8>(group + GROUP_DIRTY + index)) continue;
    isDirty = true;
    if (retractionOf(state, index) == RETRACTION_VALUES) holdsMemory = true;
  }
  if (isDirty) {
    if (holdsMemory) clearOwn(state, group, callCount);
    addAgain(state, pane, entry, group, callCount);
  }
  return load<i64>(group, GROUP_WEIGHT) > 0;
}

@inline
export function retractionOf(state: usize, index: u32): u32 {
  return load<u32>(<usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES, CALL_RETRACTION);
}

/** Gives the group an empty arena; all states that hold on to memory are dirty then. */
function clearOwn(state: usize, group: usize, callCount: u32): void {
  let own = <usize>load<u32>(group, GROUP_OWN);
  if (own) arenaClear(load<u32>(own, TABLE_ARENA));
  else {
    own = allocate(TABLE_BYTES);
    memory.fill(own, 0, TABLE_BYTES);
    store<u32>(own, <u32>arenaCreate(), TABLE_ARENA);
    store<u32>(group, <u32>own, GROUP_OWN);
  }
  for (let index: u32 = 0; index < callCount; index++) {
    if (retractionOf(state, index) == RETRACTION_VALUES) store<u8>(group + GROUP_DIRTY + index, DIRTY_ANEW);
  }
}

/** Makes a state that of a group without rows. */
export function retractReset(state: usize, entry: usize, index: u32): void {
  const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
  const offset = load<u32>(call, CALL_OFFSET);
  const place = load<u32>(state, STATE_SESSIONS) ? AGGREGATE_SESSION_TEMPLATE : AGGREGATE_TEMPLATE;
  memory.copy(entry + offset, <usize>load<u32>(state + <usize>place) + offset, load<u32>(call, CALL_STATE_BYTES));
  store<u8>(entry + load<u32>(state, AGGREGATE_SEEN) + index, 0);
}

/** Makes dirty states anew from the rows of the group. */
function addAgain(state: usize, pane: usize, entry: usize, group: usize, callCount: u32): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const batch = <usize>load<u32>(retract, RETRACT_BATCH);
  const own = load<u32>(group, GROUP_OWN);
  const sequence = load<i64>(state, STATE_SEQUENCE);
  store<u32>(load<u32>(state, STATE_TABLES), own ? own : <u32>pane);
  store<u32>(load<u32>(state, STATE_ENTRIES), <u32>entry);
  for (let index: u32 = 0; index < callCount; index++) {
    if (load<u8>(group + GROUP_DIRTY + index)) retractReset(state, entry, index);
  }
  for (let row = <usize>load<u32>(group, GROUP_FIRST); row; row = load<u32>(row, ROW_YOUNGER)) {
    store<u32>(keptRow, <u32>row);
    rowsWrite(load<u32>(retract, RETRACT_ROWS), keptRow, 1, batch, 0);
    store<i64>(state, load<i64>(row, ROW_INDEX), STATE_SEQUENCE);
    for (let index: u32 = 0; index < callCount; index++) {
      if (load<u8>(group + GROUP_DIRTY + index)) aggregateUpdateOne(state, batch, 0, 1, index);
    }
  }
  store<i64>(state, sequence, STATE_SEQUENCE);
  memory.fill(group + GROUP_DIRTY, 0, callCount);
}

/** Whether values are counted for a group, be it that they are owed. */
export function retractHasCounts(state: usize, entry: usize): bool {
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
    if (load<u32>(call, CALL_RETRACTION) != RETRACTION_DISTINCT) continue;
    if (countsUsed(entry + <usize>load<u32>(call, CALL_OFFSET))) return true;
  }
  return false;
}

/** Gives back what a group keeps beside its entry, but for its rows. */
export function retractReleaseStates(state: usize, entry: usize): void {
  retractReleaseOwn(retractGroup(state, entry));
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = <usize>load<u32>(state, AGGREGATE_CALLS) + index * CALL_BYTES;
    if (load<u32>(call, CALL_RETRACTION) == RETRACTION_DISTINCT)
      countsDrop(entry + <usize>load<u32>(call, CALL_OFFSET));
  }
}

/** Gives back what a group keeps beside its entry. */
export function retractRelease(state: usize, entry: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const group = retractGroup(state, entry);
  retractReleaseStates(state, entry);
  // The latest first: equal rows are found in that order.
  for (let row = <usize>load<u32>(group, GROUP_LAST); row; ) {
    const older = <usize>load<u32>(row, ROW_OLDER);
    rowTableRemove(retract + RETRACT_TABLE, load<u32>(retract, RETRACT_ROWS), row);
    rowUnpin(row);
    row = older;
  }
  store<u32>(group, 0, GROUP_FIRST);
  store<u32>(group, 0, GROUP_LAST);
}

export function retractReleaseOwn(group: usize): void {
  const own = <usize>load<u32>(group, GROUP_OWN);
  if (!own) return;
  arenaDestroy(load<u32>(own, TABLE_ARENA));
  release(own, TABLE_BYTES);
  store<u32>(group, 0, GROUP_OWN);
}

/** Rows of a window that has closed are not waited for. */
export function retractForgive(state: usize, pane: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  if (load<u32>(retract, RETRACT_ROWS)) rowTableForgive(retract + RETRACT_TABLE, pane);
}
