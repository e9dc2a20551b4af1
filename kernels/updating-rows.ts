// The rows that a join whose result changes has kept: in the lists of their keys, in the order in which they came, and
// where they are kept for a time, in the queue of their side. Rows of a side whose rows may go are in a table by their
// values besides, unless they are the only one of their key and side.
import { joinAddUsed, sideAt } from './join-state';
import {
  keyAdd,
  keyDropIfEmpty,
  keyFind,
  keyHashRow,
  keyHead,
  keysBuckets,
  keysClear,
  keysFirst,
  keysNext,
  keySetHead,
  keySetTail,
  keyTail,
} from './join-table';
import { landRetired } from './join-expire';
import { JOIN_CLOCK, SIDE_IS_OUTER, SIDE_QUEUE_HEAD, SIDE_QUEUE_TAIL } from './layout-join';
import {
  QUEUED_BEFORE,
  QUEUED_NEXT,
  QUEUED_TIME,
  UPDATED_CHANGES,
  UPDATED_QUEUE,
  UPDATING_TTL,
} from './layout-updating';
import { allocatedBytes } from './memory';
import { rowUnpin } from './row-store';
import { rowsEqual } from './row-equal';
import { rowTableAdd, rowTableDebts, rowTableDestroy, rowTableRemove, rowTableTake, rowWasInTable } from './row-table';
import { updatingIsTimed, updatingTimesDestroy, updatingWait } from './updating-times';
import { ROW_BEFORE, ROW_BEHIND, ROW_ENTRY, ROW_MATCHES, updatedSide, updatedTable } from './updating-state';

@inline
export function hasTable(state: usize, number: u32): bool {
  return load<i32>(updatedSide(state, number), UPDATED_CHANGES) >= 0;
}

/** Takes a row like this one out. @returns it, 0 when there is none or it does not count */
export function updatingTake(state: usize, number: u32, copy: usize): usize {
  const side = sideAt(state, number);
  if (keyHashRow(state, side, copy)) {
    const entry = keyFind(state, side, copy);
    const alone = entry ? keyHead(entry, number) : 0;
    if (alone != 0 && !rowWasInTable(alone) && rowsEqual(side, alone, copy)) {
      rowUnpin(copy);
      updatingUnlink(state, number, alone);
      return alone;
    }
  } else if (!load<u32>(side, SIDE_IS_OUTER)) {
    rowUnpin(copy);
    return 0;
  }
  const table = updatedTable(state, number);
  const row = rowTableTake(table, side, copy);
  if (row) {
    rowUnpin(copy);
    updatingUnlink(state, number, row);
    return row;
  }
  // A debt, unless it may be that the row was let go.
  if (load<u32>(updatedSide(state, number), UPDATED_QUEUE)) {
    rowTableRemove(table, side, copy);
    rowUnpin(copy);
  } else if (updatingIsTimed(state)) updatingWait(state, number, copy, false);
  return 0;
}

/** Puts a row where it belongs. @returns it, 0 when it is taken back already or does not count */
export function updatingAdd(state: usize, number: u32, row: usize): usize {
  const side = sideAt(state, number);
  let entry: usize = 0;
  if (keyHashRow(state, side, row)) {
    entry = keyFind(state, side, row);
    if (!entry) entry = keyAdd(state, side, row);
  } else if (!load<u32>(side, SIDE_IS_OUTER)) {
    rowUnpin(row);
    return 0;
  }
  if (hasTable(state, number) && !updatingEnter(state, number, row, entry)) {
    rowUnpin(row);
    if (entry) keyDropIfEmpty(state, entry);
    return 0;
  }
  store<u32>(row, <u32>entry, ROW_ENTRY);
  store<u32>(row, 0, ROW_MATCHES);
  link(state, number, row);
  return row;
}

/**
 * Adds a row to the table of its side. One that is alone with its key, whose entry is given (0: a NULL), is found by that:
 * it is added when another one comes. @returns false when it was a debt
 */
export function updatingEnter(state: usize, number: u32, row: usize, entry: usize): bool {
  const table = updatedTable(state, number);
  const first = entry ? keyHead(entry, number) : 0;
  if (entry != 0 && !first && !rowTableDebts(table)) return true;
  if (first != 0 && !rowWasInTable(first)) rowTableAdd(table, sideAt(state, number), first);
  return rowTableAdd(table, sideAt(state, number), row);
}

/** Adds a row to the list of its key, if it has one, and to the queue. */
function link(state: usize, number: u32, row: usize): void {
  const entry = <usize>load<u32>(row, ROW_ENTRY);
  if (entry) updatingList(number, row, entry);
  const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
  const isKept = entry != 0 || hasTable(state, number);
  if (isKept && updatingIsTimed(state)) updatingWait(state, number, row, false);
  if (!offset || !isKept) return;
  store<i64>(row + offset, load<i64>(state, JOIN_CLOCK), QUEUED_TIME);
  updatingQueue(state, number, row);
}

/** Puts a row behind the others of its key. */
export function updatingList(number: u32, row: usize, entry: usize): void {
  const tail = keyTail(entry, number);
  store<u32>(row, <u32>tail, ROW_BEFORE);
  store<u32>(row, 0, ROW_BEHIND);
  if (tail) store<u32>(tail, <u32>row, ROW_BEHIND);
  else keySetHead(entry, number, row);
  keySetTail(entry, number, row);
}

/** Puts a row behind the others that are kept for a time. */
function updatingQueue(state: usize, number: u32, row: usize): void {
  const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
  const side = sideAt(state, number);
  const last = <usize>load<u32>(side, SIDE_QUEUE_TAIL);
  const link = row + offset;
  store<u32>(link, 0, QUEUED_NEXT);
  store<u32>(link, <u32>last, QUEUED_BEFORE);
  if (last) store<u32>(last + offset, <u32>row, QUEUED_NEXT);
  else store<u32>(side, <u32>row, SIDE_QUEUE_HEAD);
  store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
}

/**
 * Puts a row that comes out of a saved share behind those of its time and before: they begin behind `before`, or with the
 * queue where that is 0. Rows of other shares may be there.
 */
export function updatingQueueAfter(state: usize, number: u32, row: usize, before: usize): void {
  const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
  const side = sideAt(state, number);
  const time = load<i64>(row + offset, QUEUED_TIME);
  let last = before;
  let next = <usize>load<u32>(last ? last + offset + QUEUED_NEXT : side + SIDE_QUEUE_HEAD);
  while (next != 0 && load<i64>(next + offset, QUEUED_TIME) <= time) {
    last = next;
    next = load<u32>(next + offset, QUEUED_NEXT);
  }
  store<u32>(row + offset, <u32>next, QUEUED_NEXT);
  store<u32>(row + offset, <u32>last, QUEUED_BEFORE);
  if (last) store<u32>(last + offset, <u32>row, QUEUED_NEXT);
  else store<u32>(side, <u32>row, SIDE_QUEUE_HEAD);
  if (next) store<u32>(next + offset, <u32>row, QUEUED_BEFORE);
  else store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
}

/** Takes a row out of both; the entry of its key stays. */
export function updatingUnlink(state: usize, number: u32, row: usize): void {
  const entry = <usize>load<u32>(row, ROW_ENTRY);
  if (entry) {
    const before = <usize>load<u32>(row, ROW_BEFORE);
    const behind = <usize>load<u32>(row, ROW_BEHIND);
    if (before) store<u32>(before, <u32>behind, ROW_BEHIND);
    else keySetHead(entry, number, behind);
    if (behind) store<u32>(behind, <u32>before, ROW_BEFORE);
    else keySetTail(entry, number, before);
  }
  const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
  if (!offset) return;
  const side = sideAt(state, number);
  const next = <usize>load<u32>(row + offset, QUEUED_NEXT);
  const last = <usize>load<u32>(row + offset, QUEUED_BEFORE);
  if (last) store<u32>(last + offset, <u32>next, QUEUED_NEXT);
  else store<u32>(side, <u32>next, SIDE_QUEUE_HEAD);
  if (next) store<u32>(next + offset, <u32>last, QUEUED_BEFORE);
  else store<u32>(side, <u32>last, SIDE_QUEUE_TAIL);
}

/** Lets go of the rows that have been kept for their time, by the clock at JOIN_CLOCK: what they gave stays as it is. */
export function updatingExpire(state: usize): void {
  const before = allocatedBytes();
  const limit = load<i64>(state, JOIN_CLOCK) - load<i64>(state, UPDATING_TTL);
  for (let number: u32 = 0; number < 2; number++) {
    const side = sideAt(state, number);
    const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
    while (true) {
      const row = <usize>load<u32>(side, SIDE_QUEUE_HEAD);
      if (!row || load<i64>(row + offset, QUEUED_TIME) > limit) break;
      const entry = <usize>load<u32>(row, ROW_ENTRY);
      updatingUnlink(state, number, row);
      if (rowWasInTable(row)) rowTableRemove(updatedTable(state, number), side, row);
      if (entry) keyDropIfEmpty(state, entry);
      rowUnpin(row);
    }
  }
  joinAddUsed(state, before);
}

/** Gives back every row and what finds them. */
export function updatingDestroy(state: usize): void {
  landRetired(state);
  updatingTimesDestroy(state);
  const hasLeft = hasTable(state, 0);
  const hasRight = hasTable(state, 1);
  if (hasLeft) releaseAlone(state, 0);
  if (hasRight) releaseAlone(state, 1);
  keysClear(state, hasLeft ? 0 : ROW_BEHIND, hasRight ? 0 : ROW_BEHIND);
  if (hasLeft) rowTableDestroy(updatedTable(state, 0));
  if (hasRight) rowTableDestroy(updatedTable(state, 1));
}

/** Gives back the rows of a side with a table that are not in it. */
function releaseAlone(state: usize, number: u32): void {
  const buckets = keysBuckets(state);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    for (let entry = keysFirst(state, bucket); entry; entry = keysNext(entry)) {
      const row = keyHead(entry, number);
      if (row != 0 && !rowWasInTable(row)) rowUnpin(row);
    }
  }
}
