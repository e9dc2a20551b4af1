// Joins of two streams, a row at a time in the order of time: rows of both sides are merged by time (of equal times the
// left one first, of one side in the order in which they came), and each is compared with the rows of the other side
// that came before it and have its key. So a pair comes out with the later of its rows, and nothing depends on how the
// two streams were interleaved.
//
//   joinKeep      a batch of one side: its rows wait in the side's sorter for the watermark (or go on at once)
//   joinRelease   rows before a watermark may be joined
//   joinNext      joins until a flight is full: pairs, and rows that can have no match any more (paired with 0)
//   joinSettle    with a condition: which pairs of the flight fulfil it
//   joinWrite     the flight as a batch
//
// A row of time t can have matches until t + reach. Rows that still can are kept twice: in the list of their key, and in
// the queue of their side, both by time; so that whatever is over is at the head of both, and given back with what was
// kept for it. A row of an outer side that never had a match comes out then, between the rows of that time.
//
// State: JOIN_* and SIDE_* of layout-join.ts. Rows given back live until the flight has landed.
import { joinAlone, joinIsOver, joinRetire, landRetired } from './join-expire';
import {
  joinAddUsed,
  ROW_IS_MATCHED,
  ROW_KEY,
  ROW_QUEUED,
  ROW_SAME_KEY,
  ROW_TIME,
  STATE_BEFORE,
  STATE_CANDIDATE,
  STATE_CURRENT,
  STATE_CURRENT_SIDE,
  sideAt,
} from './join-state';
import {
  keyAdd,
  keyDropIfEmpty,
  keyFind,
  keyHashRow,
  keyHead,
  keysInit,
  keySetHead,
  keySetTail,
  keyTail,
} from './join-table';
import {
  JOIN_ANTI,
  JOIN_CAPACITY,
  JOIN_COUNT,
  JOIN_DELAY,
  JOIN_ENDED,
  JOIN_FORWARD,
  JOIN_HAS_CONDITION,
  JOIN_HIGH,
  JOIN_INNER,
  JOIN_KIND,
  JOIN_LIMIT,
  JOIN_LOW,
  SIDE_FLIGHT,
  SIDE_INCOMING,
  SIDE_INCOMING_TAIL,
  SIDE_IS_OUTER,
  SIDE_QUEUE_HEAD,
  SIDE_QUEUE_TAIL,
  SIDE_REACH,
  SIDE_TIME_COLUMN,
} from './layout-join';
import { ROW_NEXT, SORTER_AHEAD } from './layout-rows';
import { allocatedBytes } from './memory';
import { sorterTake } from './sorter';
import { saturatingAdd, saturatingSubtract } from './watermark';

/** Makes the state, of which TypeScript has written its part, ready. */
export function joinInit(state: usize): void {
  keysInit(state);
  store<i64>(state, i64.MIN_VALUE, JOIN_LIMIT);
}

/** Lets rows be joined that are before the watermark at `cell`, or all if it is 0. All that could be before have been. */
export function joinRelease(state: usize, cell: usize): void {
  const before = allocatedBytes();
  const left = sideAt(state, 0);
  const limit = cell ? saturatingAdd(load<i64>(cell), load<i64>(left, SORTER_AHEAD)) : i64.MAX_VALUE;
  store<i64>(state, max(load<i64>(state, JOIN_LIMIT), limit), JOIN_LIMIT);
  if (cell) store<i64>(state, saturatingSubtract(load<i64>(cell), load<i64>(state, JOIN_DELAY)), JOIN_FORWARD);
  if (load<i32>(left, SIDE_TIME_COLUMN) >= 0) {
    append(left, sorterTake(left, cell));
    append(sideAt(state, 1), sorterTake(sideAt(state, 1), cell));
  }
  joinAddUsed(state, before);
}

/** Adds rows behind those that wait to be joined: only an ASOF join leaves any. */
function append(side: usize, first: usize): void {
  let place = side + SIDE_INCOMING;
  while (load<u32>(place)) place = <usize>load<u32>(place) + ROW_NEXT;
  store<u32>(place, <u32>first);
}

/** Joins on. @returns the rows in flight, 0 when all that was released has been joined */
export function joinNext(state: usize): u32 {
  const before = allocatedBytes();
  landRetired(state);
  store<u32>(state, 0, JOIN_COUNT);
  const isInOrder = isOverLater(sideAt(state, 0)) && isOverLater(sideAt(state, 1));
  let over = i64.MIN_VALUE;
  while (probe(state)) {
    const side = nextSide(state);
    const row = side < 0 ? <usize>0 : <usize>load<u32>(sideAt(state, side), SIDE_INCOMING);
    const time = row ? load<i64>(row, ROW_TIME) : load<i64>(state, JOIN_LIMIT);
    if (time != over || !row || !isInOrder) {
      if (!joinIsOver(state, time)) break;
      over = time;
    }
    if (!row) break;
    take(state, row, side);
  }
  joinAddUsed(state, before);
  return load<u32>(state, JOIN_COUNT);
}

/** Whether a row that is kept is never over before the next row of its time. */
@inline
function isOverLater(side: usize): bool {
  return load<i64>(side, SIDE_REACH) >= 0 || !load<u32>(side, SIDE_IS_OUTER);
}

/** The side of the next row to be joined, −1: there is none. */
function nextSide(state: usize): i32 {
  const left = <usize>load<u32>(sideAt(state, 0), SIDE_INCOMING);
  const right = <usize>load<u32>(sideAt(state, 1), SIDE_INCOMING);
  if (!left) return right ? 1 : -1;
  if (!right) return 0;
  return load<i64>(right, ROW_TIME) < load<i64>(left, ROW_TIME) ? 1 : 0;
}

/** Makes a row the current one. */
function take(state: usize, row: usize, number: u32): void {
  const side = sideAt(state, number);
  const next = load<u32>(row, ROW_NEXT);
  store<u32>(side, next, SIDE_INCOMING);
  if (!next) store<u32>(side, 0, SIDE_INCOMING_TAIL);
  store<u32>(row, 0, ROW_NEXT);
  const isListed = load<i64>(side, SIDE_REACH) >= 0 && !hasEnded(state, 1 - number);
  const entry = keyHashRow(state, side, row) ? keyOf(state, side, row, isListed) : 0;
  store<u32>(row, <u32>entry, ROW_KEY);
  store<u32>(state, <u32>row, STATE_CURRENT);
  store<u32>(state, number, STATE_CURRENT_SIDE);
  store<u32>(state, entry ? <u32>keyHead(entry, 1 - number) : 0, STATE_CANDIDATE);
  store<u32>(state, 0, STATE_BEFORE);
}

/** `isListed`: if there is no entry, there will be one. */
@inline
function keyOf(state: usize, side: usize, row: usize, isListed: bool): usize {
  const entry = keyFind(state, side, row);
  return entry != 0 || !isListed ? entry : keyAdd(state, side, row);
}

/** Whether no row will come of a side without event time. */
@inline
function hasEnded(state: usize, number: u32): bool {
  return (load<u32>(state, JOIN_ENDED) & (1 << number)) != 0;
}

/** No row will come of a side (0 or 1), which has no event time: rows of the other one need not be kept for it. */
export function joinEndSide(state: usize, number: u32): void {
  store<u32>(state, load<u32>(state, JOIN_ENDED) | (1 << number), JOIN_ENDED);
}

/** Compares the current row, if there is one, with its candidates, and keeps it. @returns false when the flight is full */
function probe(state: usize): bool {
  const row = <usize>load<u32>(state, STATE_CURRENT);
  if (!row) return true;
  const number = load<u32>(state, STATE_CURRENT_SIDE);
  const time = load<i64>(row, ROW_TIME);
  const low = load<i64>(state, JOIN_LOW);
  const high = load<i64>(state, JOIN_HIGH);
  let candidate = <usize>load<u32>(state, STATE_CANDIDATE);
  while (candidate) {
    const next = <usize>load<u32>(candidate, ROW_SAME_KEY);
    const other = load<i64>(candidate, ROW_TIME);
    const difference = number == 0 ? time - other : other - time;
    // Candidates come by time: once they are too late, all that follow are.
    if (number == 0 ? difference < low : difference > high) break;
    if (number == 0 ? difference <= high : difference >= low) {
      if (!pair(state, number == 0 ? row : candidate, number == 0 ? candidate : row)) {
        store<u32>(state, <u32>candidate, STATE_CANDIDATE);
        return false;
      }
      if (number == 0 && isDone(state, row)) break;
    }
    if (number == 1 && isDone(state, candidate)) unlink(state, candidate);
    else store<u32>(state, <u32>candidate, STATE_BEFORE);
    candidate = next;
  }
  store<u32>(state, 0, STATE_CANDIDATE);
  if (!keep(state, row, number)) return false;
  store<u32>(state, 0, STATE_CURRENT);
  return true;
}

/** A left row of a semi or anti join that has a match needs no other. */
@inline
function isDone(state: usize, left: usize): bool {
  return load<u32>(state, JOIN_KIND) != JOIN_INNER && load<u32>(left, ROW_IS_MATCHED) != 0;
}

/** Takes a candidate of the left side out of the list of its key. */
function unlink(state: usize, row: usize): void {
  const entry = <usize>load<u32>(row, ROW_KEY);
  const before = <usize>load<u32>(state, STATE_BEFORE);
  const next = <usize>load<u32>(row, ROW_SAME_KEY);
  if (before) store<u32>(before, <u32>next, ROW_SAME_KEY);
  else keySetHead(entry, 0, next);
  if (!next) keySetTail(entry, 0, before);
  store<u32>(row, 0, ROW_KEY);
}

/** Two rows that match, as far as keys and times say. @returns false when the flight is full */
@inline
function pair(state: usize, left: usize, right: usize): bool {
  const kind = load<u32>(state, JOIN_KIND);
  if (kind != JOIN_INNER && load<u32>(left, ROW_IS_MATCHED) != 0) return true;
  const hasCondition = load<u32>(state, JOIN_HAS_CONDITION) != 0;
  if (kind != JOIN_ANTI || hasCondition) {
    const count = load<u32>(state, JOIN_COUNT);
    if (count == load<u32>(state, JOIN_CAPACITY)) return false;
    store<u32>(<usize>load<u32>(sideAt(state, 0), SIDE_FLIGHT) + ((<usize>count) << 2), <u32>left);
    store<u32>(<usize>load<u32>(sideAt(state, 1), SIDE_FLIGHT) + ((<usize>count) << 2), <u32>right);
    store<u32>(state, count + 1, JOIN_COUNT);
  }
  if (!hasCondition) {
    store<u32>(left, 1, ROW_IS_MATCHED);
    store<u32>(right, 1, ROW_IS_MATCHED);
  }
  return true;
}

/** Keeps the current row as long as it can have matches, or has to come out without. @returns false when the flight is full */
function keep(state: usize, row: usize, number: u32): bool {
  const side = sideAt(state, number);
  const entry = <usize>load<u32>(row, ROW_KEY);
  const isOuter = load<u32>(side, SIDE_IS_OUTER) != 0;
  const isWanted = number != 0 || !isDone(state, row);
  // What a condition says of the row's pairs is not known yet.
  const isLast = hasEnded(state, 1 - number) && (!isOuter || !load<u32>(state, JOIN_HAS_CONDITION));
  if (entry != 0 && isWanted && !isLast && load<i64>(side, SIDE_REACH) >= 0) {
    const tail = keyTail(entry, number);
    if (tail) store<u32>(tail, <u32>row, ROW_SAME_KEY);
    else keySetHead(entry, number, row);
    keySetTail(entry, number, row);
  } else {
    // Without an order of time nothing has to come out before it.
    const isOver = (!entry || isLast) && load<i32>(side, SIDE_TIME_COLUMN) < 0;
    const comesOut = isOuter && isWanted && isOver && load<u32>(row, ROW_IS_MATCHED) == 0;
    if (comesOut && !joinAlone(state, row, number)) return false;
    store<u32>(row, 0, ROW_KEY);
    if (entry) keyDropIfEmpty(state, entry);
    if (isOver || !isOuter || !isWanted) {
      joinRetire(state, row);
      return true;
    }
  }
  const last = <usize>load<u32>(side, SIDE_QUEUE_TAIL);
  if (last) store<u32>(last, <u32>row, ROW_QUEUED);
  else store<u32>(side, <u32>row, SIDE_QUEUE_HEAD);
  store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
  return true;
}
