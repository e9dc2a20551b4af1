// OVER partitions that go on: rows wait for what their frames need, and get their results in the order of their
// partition. All rows that wait are a list in the order in which they came (ROW_OLDER, ROW_YOUNGER); those from
// STATE_UNTIMELY on wait for time to pass.
import { resultsWrite } from './frame-result';
import {
  BOUND_UNBOUNDED,
  EXCLUDE_NONE,
  FRAME_FIRST,
  FRAME_LAST,
  OVER_CALLS,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_PERCENT_RANK,
  OVER_EXCLUDE,
  OVER_FAILED_CALL,
  OVER_GROUP,
  OVER_FOLLOW,
  OVER_FORWARD,
  OVER_FUNCTION,
  OVER_LAST_VALUE,
  OVER_LEAD_ROWS,
  OVER_NEEDS_TIME,
  OVER_NTILE,
  OVER_START,
  OVER_STATE,
  PARTITION_COUNT,
  PARTITION_HEAD,
  PARTITION_TAIL,
  PARTITION_WAITING,
} from './layout-over';
import { ROW_INDEX, ROW_IS_TIMELY, ROW_NEXT, ROW_OLDER, ROW_PARTITION, ROW_YOUNGER, SORTER_AHEAD } from './layout-rows';
import { overHasFailed, overJoin, overLetOut, overTime, overUnpin } from './over-rows';
import {
  ADVANCE_IS_END,
  ADVANCE_ROW,
  ADVANCE_WATERMARK,
  STATE_ADVANCE,
  STATE_OLDEST,
  STATE_UNTIMELY,
  STATE_YOUNGEST,
} from './over-state';
import { rowPin } from './row-store';
import { sorterNext } from './sorter';
import { saturatingAdd, saturatingSubtract } from './watermark';

/**
 * Adds rows that the watermark has passed to their partitions, and goes over up to `most` rows for that. @returns how many:
 * fewer when all are added, or a result is out of range
 */
export function streamAdd(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const needsTime = load<u32>(state, OVER_NEEDS_TIME) != 0;
  let row = <usize>load<u32>(advance, ADVANCE_ROW);
  let count: u32 = 0;
  while (count < most) {
    if (!row) row = sorterNext(state);
    if (!row) break;
    if (needsTime) count += passTime(state, overTime(state, row), most - count);
    if (overHasFailed(state) || count == most) break;
    addWaiting(state, row);
    row = 0;
    count++;
    if (overHasFailed(state)) break;
  }
  store<u32>(advance, <u32>row, ADVANCE_ROW);
  return overHasFailed(state) ? 0 : count;
}

/** All rows are added, and the time of the watermark has come, for up to `most` rows. @returns how many: fewer when that is all */
export function streamPass(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  if (load<u32>(advance, ADVANCE_IS_END)) return finishAll(state, most);
  const ahead = load<i64>(state, SORTER_AHEAD);
  const watermark = load<i64>(advance, ADVANCE_WATERMARK);
  const needsTime = load<u32>(state, OVER_NEEDS_TIME) != 0;
  const count: u32 = needsTime ? passTime(state, saturatingAdd(watermark, ahead), most) : 0;
  if (count == most) return most;
  const oldest = <usize>load<u32>(state, STATE_OLDEST);
  const forward = oldest ? min(watermark, saturatingSubtract(overTime(state, oldest), ahead)) : watermark;
  store<i64>(state, forward, OVER_FORWARD);
  return count;
}

function addWaiting(state: usize, row: usize): void {
  const partition = overJoin(state, row);
  const youngest = load<u32>(state, STATE_YOUNGEST);
  store<u32>(row, youngest, ROW_OLDER);
  if (youngest) store<u32>(youngest, <u32>row, ROW_YOUNGER);
  else store<u32>(state, <u32>row, STATE_OLDEST);
  store<u32>(state, <u32>row, STATE_YOUNGEST);
  if (!load<u32>(partition, PARTITION_WAITING)) store<u32>(partition, <u32>row, PARTITION_WAITING);
  if (!load<u32>(state, OVER_NEEDS_TIME)) store<u32>(row, 1, ROW_IS_TIMELY);
  else if (!load<u32>(state, STATE_UNTIMELY)) store<u32>(state, <u32>row, STATE_UNTIMELY);
  finishReady(state, partition);
}

/** The time of `limit` has come: up to `most` rows that waited for it wait for their partitions only. @returns how many */
function passTime(state: usize, limit: i64, most: u32): u32 {
  const follow = load<i64>(state, OVER_FOLLOW);
  let row = <usize>load<u32>(state, STATE_UNTIMELY);
  let count: u32 = 0;
  while (count < most && row != 0 && saturatingAdd(overTime(state, row), follow) < limit && !overHasFailed(state)) {
    store<u32>(row, 1, ROW_IS_TIMELY);
    const next = load<u32>(row, ROW_YOUNGER);
    store<u32>(state, next, STATE_UNTIMELY);
    finishReady(state, load<u32>(row, ROW_PARTITION));
    row = next;
    count++;
  }
  return count;
}

/** Finishes the rows of a partition that need not wait, and drops those that no frame needs any more. */
function finishReady(state: usize, partition: usize): void {
  const lead = load<u32>(state, OVER_LEAD_ROWS);
  const count = load<i64>(partition, PARTITION_COUNT);
  let row = <usize>load<u32>(partition, PARTITION_WAITING);
  while (row != 0 && load<u32>(row, ROW_IS_TIMELY) != 0 && count - 1 - load<i64>(row, ROW_INDEX) >= <i64>lead) {
    finish(state, partition, row);
    if (overHasFailed(state)) return;
    row = load<u32>(row, ROW_NEXT);
  }
  trim(state, partition);
}

/** At the end of the input nothing is waited for. Finishes up to `most` rows. @returns how many: fewer when that is all */
function finishAll(state: usize, most: u32): u32 {
  store<u32>(state, 0, STATE_UNTIMELY);
  let row = <usize>load<u32>(state, STATE_OLDEST);
  let count: u32 = 0;
  for (; row != 0 && count < most; count++) {
    const next = load<u32>(row, ROW_YOUNGER);
    finish(state, load<u32>(row, ROW_PARTITION), row);
    if (overHasFailed(state)) return 0;
    row = next;
  }
  return count;
}

/** Gives a row its results and lets it out. */
function finish(state: usize, partition: usize, row: usize): void {
  const failed = resultsWrite(state, partition, row);
  if (failed) {
    store<u32>(state, failed, OVER_FAILED_CALL);
    return;
  }
  store<u32>(partition, load<u32>(row, ROW_NEXT), PARTITION_WAITING);
  const older = load<u32>(row, ROW_OLDER);
  const younger = load<u32>(row, ROW_YOUNGER);
  if (older) store<u32>(older, younger, ROW_YOUNGER);
  else store<u32>(state, younger, STATE_OLDEST);
  if (younger) store<u32>(younger, older, ROW_OLDER);
  else store<u32>(state, older, STATE_YOUNGEST);
  rowPin(row);
  overLetOut(state, row);
}

/** Takes rows that no frame needs any more off the head of a partition. */
function trim(state: usize, partition: usize): void {
  const waiting = <usize>load<u32>(partition, PARTITION_WAITING);
  const next = waiting ? load<i64>(waiting, ROW_INDEX) : load<i64>(partition, PARTITION_COUNT);
  const needed = firstNeeded(state, partition, next);
  let head = <usize>load<u32>(partition, PARTITION_HEAD);
  while (head != 0 && load<i64>(head, ROW_INDEX) < needed) {
    const following = <usize>load<u32>(head, ROW_NEXT);
    overUnpin(state, head);
    head = following;
  }
  store<u32>(partition, <u32>head, PARTITION_HEAD);
  if (!head) store<u32>(partition, 0, PARTITION_TAIL);
}

/** Number of the first row of a partition that is needed once the rows before `next` have their results. */
function firstNeeded(state: usize, partition: usize, next: i64): i64 {
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  // The group of the next row is counted from the last one.
  let needed = load<u32>(state, OVER_GROUP) ? next - 1 : next;
  for (let index: u32 = 0; index < count; index++) {
    const call = calls + index * OVER_CALL_BYTES;
    const fn = load<u32>(call, OVER_FUNCTION);
    if (fn <= <u32>OVER_NTILE) continue;
    if (fn <= <u32>OVER_PERCENT_RANK) {
      needed = min(needed, next - 1);
      continue;
    }
    const frame = partition + load<u32>(call, OVER_STATE);
    const last = load<i64>(frame, FRAME_LAST);
    needed = min(needed, fn == OVER_LAST_VALUE ? last - 1 : last);
    const hasHoles = load<u32>(call, OVER_EXCLUDE) != EXCLUDE_NONE;
    if (hasHoles || load<u32>(call, OVER_START) != BOUND_UNBOUNDED) needed = min(needed, load<i64>(frame, FRAME_FIRST));
  }
  return needed;
}
