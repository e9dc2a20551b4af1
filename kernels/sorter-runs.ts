// The rows of a sorter by event time, in sorted runs: see sorter.ts. Rows of a run are linked by ROW_NEXT.
import { ROW_NEXT, SORTER_KEYS, SORTER_KEY_COUNT, SORTER_TIME_OFFSET } from './layout-rows';
import { release } from './memory';
import { rowCompare } from './row-order';
import { RUN_BYTES, SORTER_STATE_LISTS, SORTER_STATE_LIST_COUNT, sorterMakeRoom } from './sorter-state';

// A run.
const RUN_HEAD: usize = 0; // u32
const RUN_TAIL: usize = 4; // u32
const RUN_TAIL_TIME: usize = 8; // i64
const RUN_CUT: usize = 16; // u32: what a release took off

@inline
function runAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, SORTER_STATE_LISTS) + index * RUN_BYTES;
}

@inline
function timeOf(state: usize, row: usize): i64 {
  return load<i64>(row + load<u32>(state, SORTER_TIME_OFFSET));
}

/** Whether the last row of a run is not after a row. */
@inline
function mayFollow(state: usize, run: usize, row: usize, time: i64): bool {
  const tail = load<i64>(run, RUN_TAIL_TIME);
  if (tail != time) return tail < time;
  // Of equal rows the later one follows.
  if (load<u32>(state, SORTER_KEY_COUNT) == 1) return true;
  return (
    rowCompare(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), load<u32>(run, RUN_TAIL), row) <= 0
  );
}

/** The first row of a run. */
@inline
export function runFirst(state: usize, index: u32): usize {
  return load<u32>(runAt(state, index), RUN_HEAD);
}

/** Puts a row behind those of a run, which is there or the one behind the last. */
export function runPut(state: usize, index: u32, row: usize): void {
  if (index == load<u32>(state, SORTER_STATE_LIST_COUNT)) {
    sorterMakeRoom(state, index + 1);
    store<u32>(runAt(state, index), <u32>row, RUN_HEAD);
  } else store<u32>(load<u32>(runAt(state, index), RUN_TAIL), <u32>row, ROW_NEXT);
  store<u32>(runAt(state, index), <u32>row, RUN_TAIL);
  store<i64>(runAt(state, index), timeOf(state, row), RUN_TAIL_TIME);
}

/** Makes one run of all, of whose equal rows those of earlier runs come first. */
export function runsJoin(state: usize): void {
  let row = <usize>runsMerge(state, runsCut(state, i64.MAX_VALUE));
  while (row) {
    const next = load<u32>(row, ROW_NEXT);
    store<u32>(row, 0, ROW_NEXT);
    runPut(state, 0, row);
    row = next;
  }
}

/** Adds a row to a run. */
export function runsAdd(state: usize, row: usize): void {
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  const time = timeOf(state, row);
  let low: u32 = 0;
  let high = count;
  if (count != 0 && mayFollow(state, runAt(state, 0), row, time)) high = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mayFollow(state, runAt(state, middle), row, time)) high = middle;
    else low = middle + 1;
  }
  runPut(state, low, row);
}

/** Takes the rows up to `latest` off every run, and the empty runs out. @returns the cuts, in entries 0, 1, … */
export function runsCut(state: usize, latest: i64): u32 {
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  let cuts: u32 = 0;
  let left: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const run = runAt(state, index);
    const head = load<u32>(run, RUN_HEAD);
    let last: u32 = 0;
    let row = head;
    while (row != 0 && timeOf(state, row) <= latest) {
      last = row;
      row = load<u32>(row, ROW_NEXT);
    }
    if (last) {
      store<u32>(last, 0, ROW_NEXT);
      store<u32>(runAt(state, cuts), head, RUN_CUT);
      cuts++;
    }
    if (!row) continue;
    const kept = runAt(state, left);
    left++;
    store<u32>(kept, row, RUN_HEAD);
    store<u32>(kept, load<u32>(run, RUN_TAIL), RUN_TAIL);
    store<i64>(kept, load<i64>(run, RUN_TAIL_TIME), RUN_TAIL_TIME);
  }
  store<u32>(state, left, SORTER_STATE_LIST_COUNT);
  return cuts;
}

/** Merges neighbouring cuts until one is left. */
export function runsMerge(state: usize, cuts: u32): u32 {
  if (cuts == 0) return 0;
  while (cuts > 1) {
    const pairs = cuts >> 1;
    for (let pair: u32 = 0; pair < pairs; pair++) {
      const first = load<u32>(runAt(state, pair << 1), RUN_CUT);
      const second = load<u32>(runAt(state, (pair << 1) + 1), RUN_CUT);
      store<u32>(runAt(state, pair), mergeLists(state, first, second), RUN_CUT);
    }
    if (cuts & 1) store<u32>(runAt(state, pairs), load<u32>(runAt(state, cuts - 1), RUN_CUT), RUN_CUT);
    cuts = pairs + (cuts & 1);
  }
  return load<u32>(runAt(state, 0), RUN_CUT);
}

/** Two sorted lists as one; of equal rows those of `first` come first. */
function mergeLists(state: usize, first: u32, second: u32): u32 {
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  let head: u32 = 0;
  let tail: u32 = 0;
  while (first != 0 && second != 0) {
    const takesFirst = rowCompare(keys, keyCount, first, second) <= 0;
    const row = takesFirst ? first : second;
    if (takesFirst) first = load<u32>(first, ROW_NEXT);
    else second = load<u32>(second, ROW_NEXT);
    if (tail) store<u32>(tail, row, ROW_NEXT);
    else head = row;
    tail = row;
  }
  const rest = first ? first : second;
  if (!tail) return rest;
  store<u32>(tail, rest, ROW_NEXT);
  return head;
}
