// Rows of a join that can have no match any more: see join.ts.
import {
  ROW_BEST,
  ROW_IS_MATCHED,
  ROW_KEY,
  ROW_QUEUED,
  ROW_SAME_KEY,
  ROW_TIME,
  STATE_CURRENT,
  STATE_RETIRED,
  sideAt,
} from './join-state';
import { keyDropIfEmpty, keyHead, keysClear, keySetHead, keySetTail } from './join-table';
import {
  JOIN_ASOF_NEAREST,
  JOIN_CAPACITY,
  JOIN_COUNT,
  JOIN_KIND,
  SIDE_FLIGHT,
  SIDE_INCOMING,
  SIDE_IS_OUTER,
  SIDE_QUEUE_HEAD,
  SIDE_QUEUE_TAIL,
  SIDE_REACH,
} from './layout-join';
import { ROW_NEXT } from './layout-rows';
import { rowUnpin } from './row-store';
import { sorterDestroy } from './sorter';
import { saturatingAdd } from './watermark';

/** When the first row kept of a side is over; the end of time when there is none. */
@inline
function endOf(side: usize): i64 {
  const row = <usize>load<u32>(side, SIDE_QUEUE_HEAD);
  return row ? saturatingAdd(load<i64>(row, ROW_TIME), load<i64>(side, SIDE_REACH)) : i64.MAX_VALUE;
}

@inline
function hasRows(side: usize): bool {
  return load<u32>(side, SIDE_QUEUE_HEAD) != 0;
}

/** Lets go of the rows that are over before `time`, in the order in which they are. @returns false when the flight is full */
export function joinIsOver(state: usize, time: i64): bool {
  const left = sideAt(state, 0);
  const right = sideAt(state, 1);
  if (time == i64.MAX_VALUE) {
    retireInner(state, left);
    retireInner(state, right);
  }
  while (true) {
    const leftEnd = endOf(left);
    const rightEnd = endOf(right);
    // At the end of the input nothing is left, whenever it would have been over.
    const isLast = time == i64.MAX_VALUE && (hasRows(left) || hasRows(right));
    if (min(leftEnd, rightEnd) >= time && !isLast) return true;
    if (!letGo(state, rightEnd < leftEnd || !hasRows(left) ? 1 : 0, isLast)) return false;
  }
  return true;
}

/**
 * At the end of the input: gives all rows of a side back of which none comes out by itself. They stay in the lists of
 * their keys, through which nobody goes any more.
 */
function retireInner(state: usize, side: usize): void {
  const first = load<u32>(side, SIDE_QUEUE_HEAD);
  if (first == 0 || load<u32>(side, SIDE_IS_OUTER) != 0) return;
  store<u32>(<usize>load<u32>(side, SIDE_QUEUE_TAIL), load<u32>(state, STATE_RETIRED), ROW_QUEUED);
  store<u32>(state, first, STATE_RETIRED);
  store<u32>(side, 0, SIDE_QUEUE_HEAD);
  store<u32>(side, 0, SIDE_QUEUE_TAIL);
}

/** Lets go of the first row kept of a side. `isEnd`: of the last rows. @returns false when the flight is full */
function letGo(state: usize, number: u32, isEnd: bool): bool {
  const side = sideAt(state, number);
  const row = <usize>load<u32>(side, SIDE_QUEUE_HEAD);
  const isAlone = load<u32>(side, SIDE_IS_OUTER) != 0 && load<u32>(row, ROW_IS_MATCHED) == 0;
  if (isAlone && !joinAlone(state, row, number)) return false;
  const next = load<u32>(row, ROW_QUEUED);
  store<u32>(side, next, SIDE_QUEUE_HEAD);
  if (!next) store<u32>(side, 0, SIDE_QUEUE_TAIL);
  const entry = <usize>load<u32>(row, ROW_KEY);
  if (entry != 0 && !isEnd && keyHead(entry, number) == row) {
    const following = <usize>load<u32>(row, ROW_SAME_KEY);
    keySetHead(entry, number, following);
    if (!following) keySetTail(entry, number, 0);
    keyDropIfEmpty(state, entry);
  }
  joinRetire(state, row);
  return true;
}

/** Adds a row without a match to the flight. @returns false when that is full */
export function joinAlone(state: usize, row: usize, number: u32): bool {
  const count = load<u32>(state, JOIN_COUNT);
  if (count == load<u32>(state, JOIN_CAPACITY)) return false;
  store<u32>(<usize>load<u32>(sideAt(state, number), SIDE_FLIGHT) + ((<usize>count) << 2), <u32>row);
  store<u32>(<usize>load<u32>(sideAt(state, 1 - number), SIDE_FLIGHT) + ((<usize>count) << 2), 0);
  store<u32>(state, count + 1, JOIN_COUNT);
  return true;
}

/** Gives a row back once the flight has landed. */
export function joinRetire(state: usize, row: usize): void {
  store<u32>(row, load<u32>(state, STATE_RETIRED), ROW_QUEUED);
  store<u32>(state, <u32>row, STATE_RETIRED);
}

/** Gives back the rows of the flight before. */
export function landRetired(state: usize): void {
  releaseList(load<u32>(state, STATE_RETIRED), ROW_QUEUED);
  store<u32>(state, 0, STATE_RETIRED);
}

function releaseList(first: u32, link: usize): void {
  let row = first;
  while (row) {
    const next = load<u32>(<usize>row + link);
    rowUnpin(row);
    row = next;
  }
}

/** Gives back every row and what finds them: keys last, in whose lists may be rows that are not there any more. */
export function joinDestroy(state: usize): void {
  landRetired(state);
  const current = <usize>load<u32>(state, STATE_CURRENT);
  const isNearest = load<u32>(state, JOIN_KIND) == JOIN_ASOF_NEAREST;
  if (current != 0 && !isNearest) rowUnpin(current);
  for (let number: u32 = 0; number < 2; number++) {
    const side = sideAt(state, number);
    for (let row = <usize>load<u32>(side, SIDE_QUEUE_HEAD); row != 0; ) {
      const next = <usize>load<u32>(row, ROW_QUEUED);
      if (isNearest && number == 0 && load<u32>(row, ROW_BEST) != 0) rowUnpin(load<u32>(row, ROW_BEST));
      rowUnpin(row);
      row = next;
    }
    releaseList(load<u32>(side, SIDE_INCOMING), ROW_NEXT);
    sorterDestroy(side);
  }
  keysClear(state, 0, 0);
}
