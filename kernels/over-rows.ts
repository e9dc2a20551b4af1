// The rows of an OVER operator: they join a partition, come out, and are given back when nobody holds them.
//
// Results are references into other rows, which may have no other holder while the rows with the results go out: a row
// that nobody holds is retired, and given back at the next watermark.
import {
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_LAST,
  FRAME_LAST_ROW,
  OVER_CALLS,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_PERCENT_RANK,
  OVER_FAILED_CALL,
  OVER_FUNCTION,
  OVER_GROUP,
  OVER_ORDER,
  OVER_ORDER_COUNT,
  OVER_STATE,
  PARTITION_COUNT,
  PARTITION_HEAD,
  PARTITION_TAIL,
} from './layout-over';
import { textsRelease } from './frame-aggregate';
import { ROW_INDEX, ROW_NEXT, ROW_PARTITION, ROW_PINS, ROW_READY_NEXT, SORTER_TIME_OFFSET } from './layout-rows';
import { STATE_READY_FIRST, STATE_READY_LAST, STATE_RETIRED } from './over-state';
import { partitionOf } from './partition';
import { rowCompare } from './row-order';
import { rowUnpin } from './row-store';

/** Adds a row to its partition. @returns the partition */
export function overJoin(state: usize, row: usize): usize {
  const partition = partitionOf(state, row);
  const index = load<i64>(partition, PARTITION_COUNT);
  store<i64>(partition, index + 1, PARTITION_COUNT);
  store<i64>(row, index, ROW_INDEX);
  store<u32>(row, <u32>partition, ROW_PARTITION);
  store<u32>(row, 0, ROW_NEXT);
  const tail = load<u32>(partition, PARTITION_TAIL);
  const group = <usize>load<u32>(state, OVER_GROUP);
  if (group) store<i64>(row + group, groupAfter(state, tail, row, group));
  if (tail) store<u32>(tail, <u32>row, ROW_NEXT);
  else store<u32>(partition, <u32>row, PARTITION_HEAD);
  store<u32>(partition, <u32>row, PARTITION_TAIL);
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  for (let i: u32 = 0; i < count; i++) {
    const call = calls + i * OVER_CALL_BYTES;
    if (load<u32>(call, OVER_FUNCTION) <= <u32>OVER_PERCENT_RANK) continue;
    const frame = partition + load<u32>(call, OVER_STATE);
    if (load<i64>(frame, FRAME_FIRST) == index) store<u32>(frame, <u32>row, FRAME_FIRST_ROW);
    if (load<i64>(frame, FRAME_LAST) == index) store<u32>(frame, <u32>row, FRAME_LAST_ROW);
  }
  return partition;
}

/** Number of the group of a row that comes behind `tail` (0: behind none), whose group is at offset `group`. */
function groupAfter(state: usize, tail: usize, row: usize, group: usize): i64 {
  if (!tail) return 0;
  const order = <usize>load<u32>(state, OVER_ORDER);
  const isSame = rowCompare(order, load<u32>(state, OVER_ORDER_COUNT), tail, row) == 0;
  return load<i64>(tail + group) + (isSame ? 0 : 1);
}

/** Lets a row with its results out. */
@inline
export function overLetOut(state: usize, row: usize): void {
  const last = load<u32>(state, STATE_READY_LAST);
  if (last) store<u32>(last, <u32>row, ROW_READY_NEXT);
  else store<u32>(state, <u32>row, STATE_READY_FIRST);
  store<u32>(state, <u32>row, STATE_READY_LAST);
}

/** Event time of a row. */
@inline
export function overTime(state: usize, row: usize): i64 {
  return load<i64>(row + load<u32>(state, SORTER_TIME_OFFSET));
}

/** Whether a result was out of range. */
@inline
export function overHasFailed(state: usize): bool {
  return load<u32>(state, OVER_FAILED_CALL) != 0;
}

/** One holder of a row less: the last retires it. */
export function overUnpin(state: usize, row: usize): void {
  const pins = load<u32>(row, ROW_PINS) - 1;
  store<u32>(row, pins, ROW_PINS);
  if (pins) return;
  store<u32>(row, load<u32>(state, STATE_RETIRED), ROW_NEXT);
  store<u32>(state, <u32>row, STATE_RETIRED);
}

/** Gives back so many of the retired rows, to which nothing refers that is yet to go out. @returns how many there were */
export function overReleaseRetired(state: usize, most: u32): u32 {
  let row = <usize>load<u32>(state, STATE_RETIRED);
  let count: u32 = 0;
  for (; row != 0 && count < most; count++) {
    const next = <usize>load<u32>(row, ROW_NEXT);
    store<u32>(row, 1, ROW_PINS);
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, <u32>row, STATE_RETIRED);
  if (!row) textsRelease(state);
  return count;
}
