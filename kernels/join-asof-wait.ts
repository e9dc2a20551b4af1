// Rows of an ASOF join that wait, or are kept: see join-asof.ts.
import { joinRetire } from './join-expire';
import { ROW_BEST, ROW_KEY, ROW_QUEUED, ROW_QUEUED_BEFORE, ROW_SAME_KEY, ROW_TIME, sideAt } from './join-state';
import { keyDropIfEmpty, keySetHead, keySetTail } from './join-table';
import {
  JOIN_ASOF_NEAREST,
  JOIN_CAPACITY,
  JOIN_COUNT,
  JOIN_KIND,
  SIDE_FLIGHT,
  SIDE_IS_OUTER,
  SIDE_QUEUE_HEAD,
  SIDE_QUEUE_TAIL,
  SIDE_REACH,
} from './layout-join';
import { ROW_PINS } from './layout-rows';
import { rowUnpin } from './row-store';
import { saturatingAdd } from './watermark';

/** Whether the flight has room for a row. */
@inline
export function asofRoom(state: usize): bool {
  return load<u32>(state, JOIN_COUNT) < load<u32>(state, JOIN_CAPACITY);
}

/** A left row has got its answer, a right row or none (0), for which there is room; it is kept nowhere. */
export function asofDone(state: usize, left: usize, right: usize): void {
  const side = sideAt(state, 0);
  if (right != 0 || load<u32>(side, SIDE_IS_OUTER) != 0) {
    const count = load<u32>(state, JOIN_COUNT);
    store<u32>(<usize>load<u32>(side, SIDE_FLIGHT) + ((<usize>count) << 2), <u32>left);
    store<u32>(<usize>load<u32>(sideAt(state, 1), SIDE_FLIGHT) + ((<usize>count) << 2), <u32>right);
    store<u32>(state, count + 1, JOIN_COUNT);
  }
  const best = load<u32>(state, JOIN_KIND) == JOIN_ASOF_NEAREST ? <usize>load<u32>(left, ROW_BEST) : 0;
  if (best) dropPin(state, best);
  joinRetire(state, left);
}

/** One holder of a right row less; the last gives it back once the flight has landed. */
function dropPin(state: usize, row: usize): void {
  if (load<u32>(row, ROW_PINS) > 1) rowUnpin(row);
  else joinRetire(state, row);
}

/** Takes a row, the first of its key's list, off that and off its queue; a right row is given back with it. */
export function asofLet(state: usize, row: usize, number: u32): void {
  const side = sideAt(state, number);
  const next = load<u32>(row, ROW_QUEUED);
  const before = load<u32>(row, ROW_QUEUED_BEFORE);
  if (before) store<u32>(before, next, ROW_QUEUED);
  else store<u32>(side, next, SIDE_QUEUE_HEAD);
  if (next) store<u32>(next, before, ROW_QUEUED_BEFORE);
  else store<u32>(side, before, SIDE_QUEUE_TAIL);
  const entry = <usize>load<u32>(row, ROW_KEY);
  const following = <usize>load<u32>(row, ROW_SAME_KEY);
  keySetHead(entry, number, following);
  if (!following) keySetTail(entry, number, 0);
  store<u32>(row, 0, ROW_KEY);
  if (number == 1) dropPin(state, row);
}

/** When the first row of a queue has waited, or has been kept, as long as it may. */
@inline
function endOf(side: usize): i64 {
  const row = <usize>load<u32>(side, SIDE_QUEUE_HEAD);
  return row ? saturatingAdd(load<i64>(row, ROW_TIME), load<i64>(side, SIDE_REACH)) : i64.MAX_VALUE;
}

/** Lets go of the rows that are over before `time`. @returns false when the flight is full */
export function asofExpire(state: usize, time: i64): bool {
  const left = sideAt(state, 0);
  const right = sideAt(state, 1);
  const isEnd = time == i64.MAX_VALUE;
  while (endOf(left) < time || (isEnd && load<u32>(left, SIDE_QUEUE_HEAD) != 0)) {
    if (!asofRoom(state)) return false;
    const row = <usize>load<u32>(left, SIDE_QUEUE_HEAD);
    const entry = <usize>load<u32>(row, ROW_KEY);
    const best = load<u32>(state, JOIN_KIND) == JOIN_ASOF_NEAREST ? <usize>load<u32>(row, ROW_BEST) : 0;
    asofLet(state, row, 0);
    asofDone(state, row, best);
    keyDropIfEmpty(state, entry);
  }
  while (endOf(right) < time) {
    const row = <usize>load<u32>(right, SIDE_QUEUE_HEAD);
    const entry = <usize>load<u32>(row, ROW_KEY);
    asofLet(state, row, 1);
    keyDropIfEmpty(state, entry);
  }
  return true;
}
