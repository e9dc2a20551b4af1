// Keeps rows until their order is known, and gives them out in it.
//
// By event time (SORTER_TIME_COLUMN): rows come out when the watermark has passed them. They are kept in sorted runs
// ("impatience sort", Chandramouli and Goldstein 2014): a row goes to the end of the first run whose last row is not
// after it; the last rows of the runs descend. Ordered input is one run, and disorder makes few. A release cuts the head
// of each run and merges the cuts; equal rows lie in runs by arrival, so that merging keeps it.
//
// Otherwise rows are sorted when the input ends. If only the first n may come out, the others are thrown away as soon
// as there are twice as many.
//
//   sorterProcess   a batch: keep its rows, drop those that are late
//   sorterRelease   rows before a watermark, or all, are ready
//   sorterEmit      the next of the ready rows; they live until its next call
//
// State: SORTER_* of layout-rows.ts. Rows of a list are linked by ROW_NEXT.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  ROW_NEXT,
  SORTER_AHEAD,
  SORTER_KEY_COUNT,
  SORTER_KEYS,
  SORTER_LATE_COUNT,
  SORTER_SKIP,
  SORTER_TAKE,
  SORTER_TIME_COLUMN,
  SORTER_TIME_OFFSET,
  SORTER_USED_BYTES,
  SORTER_WATERMARK_COLUMN,
} from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { rowCompare, rowSort } from './row-order';
import { KEEP_ROWS, rowsKeep, rowsWrite, rowUnpin } from './row-store';
import { saturatingAdd } from './watermark';

const STATE_LISTS: usize = 64; // u32: runs, or the rows to sort at the end
const STATE_LIST_CAPACITY: usize = 68; // u32, in entries
const STATE_LIST_COUNT: usize = 72; // u32
const STATE_READY: usize = 76; // u32: first of the rows that may come out
const STATE_FLIGHT: usize = 80; // u32: addresses of the rows in the batch emitted last
const STATE_FLIGHT_CAPACITY: usize = 84; // u32
const STATE_FLIGHT_COUNT: usize = 88; // u32
const STATE_LAST_KEPT: usize = 92; // u32: of the first n rows the last, once there were more

// A run; the entries of rows to sort at the end are u32 addresses.
const RUN_HEAD: usize = 0; // u32
const RUN_TAIL: usize = 4; // u32
const RUN_TAIL_TIME: usize = 8; // i64
const RUN_CUT: usize = 16; // u32: what a release took off
const RUN_BYTES: u32 = 24;

const ALL: u32 = 0xffffffff;
const FIRST_CAPACITY: u32 = 16;
/** Rows beyond the first n that are kept at least before they are thrown away. */
const SPARE_ROWS: u32 = 1024;

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);

@inline
function isTimed(state: usize): bool {
  return load<i32>(state, SORTER_TIME_COLUMN) >= 0;
}

@inline
function entryBytes(state: usize): u32 {
  return isTimed(state) ? RUN_BYTES : 4;
}

/** Adds a batch. */
export function sorterProcess(state: usize, batch: usize): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const before = allocatedBytes();
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const count = selectTimely(state, batch, first, min<u32>(rows - first, KEEP_ROWS));
    rowsKeep(state, batch, selected, count, keptRows);
    for (let i: usize = 0; i < count; i++) {
      const row = <usize>load<u32>(keptRows + (i << 2));
      if (isTimed(state)) addToRun(state, row);
      else addToRest(state, row);
    }
  }
  addUsed(state, before);
}

/** Row numbers of the rows that are not late, at `selected`. @returns their count */
function selectTimely(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const column = load<i32>(state, SORTER_WATERMARK_COLUMN);
  if (column < 0) {
    for (let i: u32 = 0; i < rows; i++) store<u32>(selected + (i << 2), first + i);
    return rows;
  }
  const watermarks = batchData(batch, column);
  const times = batchData(batch, load<i32>(state, SORTER_TIME_COLUMN));
  let count: u32 = 0;
  for (let row: usize = first; row < <usize>(first + rows); row++) {
    store<u32>(selected + (count << 2), <u32>row);
    if (load<i64>(times + (row << 3)) >= load<i64>(watermarks + (row << 3))) count++;
  }
  store<f64>(state, load<f64>(state, SORTER_LATE_COUNT) + <f64>(rows - count), SORTER_LATE_COUNT);
  return count;
}

// --- by event time ---

@inline
function runAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, STATE_LISTS) + index * RUN_BYTES;
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
  return (
    rowCompare(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), load<u32>(run, RUN_TAIL), row) <= 0
  );
}

function addToRun(state: usize, row: usize): void {
  const count = load<u32>(state, STATE_LIST_COUNT);
  const time = timeOf(state, row);
  let low: u32 = 0;
  let high = count;
  if (count != 0 && mayFollow(state, runAt(state, 0), row, time)) high = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mayFollow(state, runAt(state, middle), row, time)) high = middle;
    else low = middle + 1;
  }
  if (low == count) {
    makeRoom(state, count + 1);
    store<u32>(runAt(state, low), <u32>row, RUN_HEAD);
  } else store<u32>(load<u32>(runAt(state, low), RUN_TAIL), <u32>row, ROW_NEXT);
  store<u32>(runAt(state, low), <u32>row, RUN_TAIL);
  store<i64>(runAt(state, low), time, RUN_TAIL_TIME);
}

/** Counts `count` entries, of which the last may be new. */
function makeRoom(state: usize, count: u32): void {
  const capacity = load<u32>(state, STATE_LIST_CAPACITY);
  if (count > capacity) {
    const bytes = entryBytes(state);
    const lists = allocate(max(capacity << 1, FIRST_CAPACITY) * bytes);
    if (capacity) {
      memory.copy(lists, load<u32>(state, STATE_LISTS), capacity * bytes);
      release(load<u32>(state, STATE_LISTS), capacity * bytes);
    }
    store<u32>(state, <u32>lists, STATE_LISTS);
    store<u32>(state, max(capacity << 1, FIRST_CAPACITY), STATE_LIST_CAPACITY);
  }
  store<u32>(state, count, STATE_LIST_COUNT);
}

/** Takes the rows up to `latest` off every run, and the empty runs out. @returns the cuts, in entries 0, 1, … */
function cutRuns(state: usize, latest: i64): u32 {
  const count = load<u32>(state, STATE_LIST_COUNT);
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
  store<u32>(state, left, STATE_LIST_COUNT);
  return cuts;
}

/** Merges neighbouring cuts until one is left. */
function mergeCuts(state: usize, cuts: u32): u32 {
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

// --- at the end of the input ---

/** The rows that can come out: the first n, or all. */
@inline
function keptMax(state: usize): u32 {
  const take = load<u32>(state, SORTER_TAKE);
  if (take == ALL) return ALL;
  return <u32>min<u64>(<u64>take + load<u32>(state, SORTER_SKIP), ALL);
}

function addToRest(state: usize, row: usize): void {
  const last = <usize>load<u32>(state, STATE_LAST_KEPT);
  if (last != 0 && rowCompare(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), last, row) <= 0) {
    rowUnpin(row);
    return;
  }
  const count = load<u32>(state, STATE_LIST_COUNT) + 1;
  makeRoom(state, count);
  store<u32>(load<u32>(state, STATE_LISTS) + ((<usize>(count - 1)) << 2), <u32>row);
  const most = keptMax(state);
  if (most != ALL && <u64>count >= <u64>most * 2 && count >= most + SPARE_ROWS) throwAway(state, most);
}

/** Sorts the rows and gives back those after the first `most`. */
function throwAway(state: usize, most: u32): void {
  sortRest(state);
  const rows = <usize>load<u32>(state, STATE_LISTS);
  const count = load<u32>(state, STATE_LIST_COUNT);
  for (let i = most; i < count; i++) rowUnpin(load<u32>(rows + ((<usize>i) << 2)));
  store<u32>(state, most, STATE_LIST_COUNT);
  // Without a row that may come out, none can be better than the last: the first that comes is as good as any.
  if (most) store<u32>(state, load<u32>(rows + ((<usize>(most - 1)) << 2)), STATE_LAST_KEPT);
}

function sortRest(state: usize): void {
  const count = load<u32>(state, STATE_LIST_COUNT);
  if (count < 2) return;
  const rows = <usize>load<u32>(state, STATE_LISTS);
  const items = allocate(count << 4);
  const spare = allocate(count << 4);
  for (let i: usize = 0; i < count; i++) store<u64>(items + (i << 4), load<u32>(rows + (i << 2)), 8);
  rowSort(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), items, count, spare);
  for (let i: usize = 0; i < count; i++) store<u32>(rows + (i << 2), load<u32>(items + (i << 4), 8));
  release(items, count << 4);
  release(spare, count << 4);
}

/** The sorted rows as a list. */
function linkRest(state: usize): u32 {
  sortRest(state);
  const rows = <usize>load<u32>(state, STATE_LISTS);
  const count = load<u32>(state, STATE_LIST_COUNT);
  let head: u32 = 0;
  for (let i = count; i > 0; i--) {
    const row = load<u32>(rows + ((<usize>(i - 1)) << 2));
    store<u32>(row, head, ROW_NEXT);
    head = row;
  }
  store<u32>(state, 0, STATE_LIST_COUNT);
  store<u32>(state, 0, STATE_LAST_KEPT);
  return head;
}

// --- out ---

/** Makes rows ready: those that the watermark at `cell` has passed, or all if it is 0. The last have all been emitted. */
export function sorterRelease(state: usize, cell: usize): void {
  const before = allocatedBytes();
  store<u32>(state, <u32>sorterTake(state, cell), STATE_READY);
  addUsed(state, before);
}

/** The rows that the watermark at `cell` has passed, or all if it is 0, as a list in order; 0: none. */
export function sorterTake(state: usize, cell: usize): usize {
  if (!isTimed(state)) return cell ? 0 : linkRest(state);
  const latest = cell ? saturatingAdd(load<i64>(cell), load<i64>(state, SORTER_AHEAD) - 1) : i64.MAX_VALUE;
  return mergeCuts(state, cutRuns(state, latest));
}

/** Fills `batch` with the next ready rows. @returns their number, 0 when there are no more. */
export function sorterEmit(state: usize, batch: usize): u32 {
  const before = allocatedBytes();
  landFlight(state);
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  if (load<u32>(state, STATE_FLIGHT_CAPACITY) < capacity) {
    releaseFlight(state);
    store<u32>(state, <u32>allocate(capacity << 2), STATE_FLIGHT);
    store<u32>(state, capacity, STATE_FLIGHT_CAPACITY);
  }
  const flight = <usize>load<u32>(state, STATE_FLIGHT);
  let count: u32 = 0;
  let row = load<u32>(state, STATE_READY);
  while (row != 0 && count < capacity) {
    const next = load<u32>(row, ROW_NEXT);
    if (passes(state)) {
      store<u32>(flight + ((<usize>count) << 2), row);
      count++;
    } else rowUnpin(row);
    row = next;
  }
  store<u32>(state, row, STATE_READY);
  store<u32>(state, count, STATE_FLIGHT_COUNT);
  rowsWrite(state, flight, count, batch, 0);
  store<u32>(batch, count, BATCH_ROW_COUNT);
  addUsed(state, before);
  return count;
}

/** Whether OFFSET and LIMIT let the next row out. */
function passes(state: usize): bool {
  const skip = load<u32>(state, SORTER_SKIP);
  if (skip) {
    store<u32>(state, skip - 1, SORTER_SKIP);
    return false;
  }
  const take = load<u32>(state, SORTER_TAKE);
  if (take == ALL) return true;
  if (take == 0) return false;
  store<u32>(state, take - 1, SORTER_TAKE);
  return true;
}

/** Gives back the rows of the batch emitted last. */
function landFlight(state: usize): void {
  const flight = <usize>load<u32>(state, STATE_FLIGHT);
  const count = load<u32>(state, STATE_FLIGHT_COUNT);
  for (let i: usize = 0; i < count; i++) rowUnpin(load<u32>(flight + (i << 2)));
  store<u32>(state, 0, STATE_FLIGHT_COUNT);
}

function releaseFlight(state: usize): void {
  const capacity = load<u32>(state, STATE_FLIGHT_CAPACITY);
  if (capacity) release(load<u32>(state, STATE_FLIGHT), capacity << 2);
}

/** Gives back every row and what finds them. */
export function sorterDestroy(state: usize): void {
  landFlight(state);
  releaseFlight(state);
  releaseList(load<u32>(state, STATE_READY));
  releaseList(<u32>sorterTake(state, 0));
  const capacity = load<u32>(state, STATE_LIST_CAPACITY);
  if (capacity) release(load<u32>(state, STATE_LISTS), capacity * entryBytes(state));
}

function releaseList(row: u32): void {
  while (row) {
    const next = load<u32>(row, ROW_NEXT);
    rowUnpin(row);
    row = next;
  }
}

/** Counts what was allocated and released since `before` as the operator's. */
function addUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
}
