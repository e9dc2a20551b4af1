// ASOF joins: for each left row the nearest right row of its key, by event time. Rows of both sides are merged by time as
// those of any join are (join.ts), the left ones as if they were JOIN_SHIFT earlier, so that
//
//   backward   a left row finds the last right row that has been: it is matched at once, and of each key the last right
//              row is kept, no longer than the tolerance
//   forward    a left row waits for the next right row, which itself is not kept
//   nearest    a left row takes the last right row along and waits for the next, which may be nearer
//
// Of right rows of equal time the last to come is meant. Where the first to be seen wins, those of a time are turned round.
// Rows that wait are in the list of their key and in the queue of their side, which is linked both ways. A right row that
// waiting rows took along has a pin for each.
import { asofDone, asofExpire, asofLet, asofRoom } from './join-asof-wait';
import { landRetired, joinRetire } from './join-expire';
import {
  joinAddUsed,
  ROW_BEST,
  ROW_IS_GONE,
  ROW_KEY,
  ROW_QUEUED,
  ROW_QUEUED_BEFORE,
  ROW_SAME_KEY,
  ROW_TIME,
  sideAt,
  STATE_CURRENT,
} from './join-state';
import { keyAdd, keyDropIfEmpty, keyFind, keyHashRow, keyHead, keySetHead, keySetTail, keyTail } from './join-table';
import {
  JOIN_ASOF_BACKWARD,
  JOIN_ASOF_FORWARD,
  JOIN_ASOF_NEAREST,
  JOIN_COUNT,
  JOIN_DELAY,
  JOIN_FORWARD,
  JOIN_HIGH,
  JOIN_KIND,
  JOIN_LIMIT,
  JOIN_SHIFT,
  SIDE_INCOMING,
  SIDE_IS_OUTER,
  SIDE_QUEUE_HEAD,
  SIDE_QUEUE_TAIL,
} from './layout-join';
import { ROW_NEXT, SORTER_AHEAD } from './layout-rows';
import { allocatedBytes } from './memory';
import { rowPin } from './row-store';
import { saturatingSubtract } from './watermark';

/** Joins on. @returns the rows in flight, 0 when all that was released has been joined */
export function asofNext(state: usize): u32 {
  const before = allocatedBytes();
  landRetired(state);
  store<u32>(state, 0, JOIN_COUNT);
  const shift = load<i64>(state, JOIN_SHIFT);
  const limit = load<i64>(state, JOIN_LIMIT);
  // Left rows before the limit are there, and so right ones; beyond this either may be missing.
  const horizon = limit == i64.MAX_VALUE ? limit : saturatingSubtract(limit, max<i64>(0, shift));
  while (step(state, shift, horizon)) {}
  joinAddUsed(state, before);
  return load<u32>(state, JOIN_COUNT);
}

/** Handles the next row. @returns false when there is none, or the flight is full */
function step(state: usize, shift: i64, horizon: i64): bool {
  if (!resolveWaiting(state)) return false;
  const left = <usize>load<u32>(sideAt(state, 0), SIDE_INCOMING);
  const right = <usize>load<u32>(sideAt(state, 1), SIDE_INCOMING);
  const leftTime = left ? saturatingSubtract(load<i64>(left, ROW_TIME), shift) : i64.MAX_VALUE;
  const rightTime = right ? load<i64>(right, ROW_TIME) : i64.MAX_VALUE;
  const isForward = load<u32>(state, JOIN_KIND) == JOIN_ASOF_FORWARD;
  const takesLeft = left != 0 && (right == 0 || leftTime < rightTime || (leftTime == rightTime && isForward));
  const time = takesLeft ? leftTime : rightTime;
  if (!asofExpire(state, min(time, horizon))) return false;
  if ((!left && !right) || time >= horizon) return false;
  if (!asofRoom(state)) return false;
  if (takesLeft) takeLeft(state, left);
  else takeRight(state, right);
  return true;
}

/** Takes the first row that waits to be joined off its list. */
@inline
function detach(side: usize, row: usize): void {
  store<u32>(side, load<u32>(row, ROW_NEXT), SIDE_INCOMING);
  store<u32>(row, 0, ROW_SAME_KEY);
}

/** There is room for one row in flight. */
function takeLeft(state: usize, row: usize): void {
  const side = sideAt(state, 0);
  detach(side, row);
  const kind = load<u32>(state, JOIN_KIND);
  if (!keyHashRow(state, side, row)) {
    asofDone(state, row, 0);
    return;
  }
  let entry = keyFind(state, side, row);
  const last = entry ? keyHead(entry, 1) : 0;
  const distance = last ? load<i64>(row, ROW_TIME) - load<i64>(last, ROW_TIME) : 0;
  const found = last != 0 && distance <= load<i64>(state, JOIN_HIGH) ? last : 0;
  if (kind == JOIN_ASOF_BACKWARD || (kind == JOIN_ASOF_NEAREST && found != 0 && distance == 0)) {
    asofDone(state, row, found);
    return;
  }
  if (!entry) entry = keyAdd(state, side, row);
  if (kind == JOIN_ASOF_NEAREST && found != 0) {
    rowPin(found);
    store<u32>(row, <u32>found, ROW_BEST);
  }
  store<u32>(row, <u32>entry, ROW_KEY);
  const tail = keyTail(entry, 0);
  if (tail) store<u32>(tail, <u32>row, ROW_SAME_KEY);
  else keySetHead(entry, 0, row);
  keySetTail(entry, 0, row);
  enqueue(side, row);
}

function enqueue(side: usize, row: usize): void {
  const tail = <usize>load<u32>(side, SIDE_QUEUE_TAIL);
  store<u32>(row, 0, ROW_QUEUED);
  store<u32>(row, <u32>tail, ROW_QUEUED_BEFORE);
  if (tail) store<u32>(tail, <u32>row, ROW_QUEUED);
  else store<u32>(side, <u32>row, SIDE_QUEUE_HEAD);
  store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
}

function takeRight(state: usize, first: usize): void {
  const side = sideAt(state, 1);
  const kind = load<u32>(state, JOIN_KIND);
  const row = kind == JOIN_ASOF_BACKWARD ? first : turnEqual(side, first);
  detach(side, row);
  if (!keyHashRow(state, side, row)) {
    joinRetire(state, row);
    return;
  }
  let entry = keyFind(state, side, row);
  if (kind == JOIN_ASOF_FORWARD) {
    if (!entry || !keyHead(entry, 0)) {
      joinRetire(state, row);
      return;
    }
    store<u32>(row, <u32>entry, ROW_KEY);
    store<u32>(state, <u32>row, STATE_CURRENT);
    return;
  }
  if (kind == JOIN_ASOF_BACKWARD && load<u32>(row, ROW_IS_GONE) != 0) {
    if (entry) takeGone(state, entry);
    joinRetire(state, row);
    return;
  }
  if (!entry) entry = keyAdd(state, side, row);
  store<u32>(row, <u32>entry, ROW_KEY);
  const last = keyHead(entry, 1);
  // Those of a time come in reverse where the first one wins.
  if (last != 0 && kind == JOIN_ASOF_NEAREST && load<i64>(last, ROW_TIME) == load<i64>(row, ROW_TIME)) {
    store<u32>(row, 0, ROW_KEY);
    joinRetire(state, row);
    return;
  }
  if (last) asofLet(state, last, 1);
  keySetHead(entry, 1, row);
  enqueue(side, row);
  if (kind == JOIN_ASOF_NEAREST) store<u32>(state, <u32>row, STATE_CURRENT);
}

/** A key has no version any more. */
function takeGone(state: usize, entry: usize): void {
  const last = keyHead(entry, 1);
  if (last) asofLet(state, last, 1);
  keyDropIfEmpty(state, entry);
}

/** Turns the rows of the time of `first` round, once; they are marked. @returns the first of them now */
function turnEqual(side: usize, first: usize): usize {
  if (load<u32>(first, ROW_BEST)) return first;
  const time = load<i64>(first, ROW_TIME);
  let turned: usize = 0;
  let row = first;
  while (row != 0 && load<i64>(row, ROW_TIME) == time) {
    const next = <usize>load<u32>(row, ROW_NEXT);
    store<u32>(row, <u32>turned, ROW_NEXT);
    store<u32>(row, 1, ROW_BEST);
    turned = row;
    row = next;
  }
  store<u32>(first, <u32>row, ROW_NEXT);
  store<u32>(side, <u32>turned, SIDE_INCOMING);
  return turned;
}

/** Gives the left rows that wait for the current right row what they waited for. @returns false when the flight is full */
function resolveWaiting(state: usize): bool {
  const right = <usize>load<u32>(state, STATE_CURRENT);
  if (!right) return true;
  const entry = <usize>load<u32>(right, ROW_KEY);
  const isNearest = load<u32>(state, JOIN_KIND) == JOIN_ASOF_NEAREST;
  for (let left = keyHead(entry, 0); left != 0; left = keyHead(entry, 0)) {
    if (!asofRoom(state)) return false;
    const best = isNearest ? <usize>load<u32>(left, ROW_BEST) : 0;
    const time = load<i64>(left, ROW_TIME);
    // The earlier of two that are as near.
    const isBest = best != 0 && time - load<i64>(best, ROW_TIME) <= load<i64>(right, ROW_TIME) - time;
    asofLet(state, left, 0);
    asofDone(state, left, isBest ? best : right);
  }
  store<u32>(state, 0, STATE_CURRENT);
  if (!isNearest) {
    joinRetire(state, right);
    keyDropIfEmpty(state, entry);
  }
  return true;
}

/** The watermark to pass on, once all that was released has been joined: no left row that is still to come is before it. */
export function asofForward(state: usize, cell: usize): void {
  const side = sideAt(state, 0);
  const ahead = load<i64>(side, SORTER_AHEAD);
  const waiting = <usize>load<u32>(side, SIDE_QUEUE_HEAD);
  const incoming = <usize>load<u32>(side, SIDE_INCOMING);
  let forward = load<i64>(cell);
  if (waiting) forward = min(forward, saturatingSubtract(load<i64>(waiting, ROW_TIME), ahead));
  if (incoming) forward = min(forward, saturatingSubtract(load<i64>(incoming, ROW_TIME), ahead));
  store<i64>(state, saturatingSubtract(forward, load<i64>(state, JOIN_DELAY)), JOIN_FORWARD);
}
