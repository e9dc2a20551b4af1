// Tumbling windows: which pane a row belongs to, and which pane closes next.
//
// A pane is an open window with its group table. Open panes are found by their start (a hash table of chains) and
// leave in order of their start (a binary heap), which for one size is the order of (end, start).
//
//   start = ts − ((ts − offset) mod size), the remainder never negative        window = [start, start + size)
//   late  = the watermark before the row ≥ end + lateness                      close = watermark ≥ end + lateness
//
// Rows of neighbouring times share a window, so the last two windows are kept at hand and the division is rare. Late
// rows go to a pane of their own that is cleared after the batch: what follows need not know about them.

import {
  STATE_BUCKET_MASK,
  STATE_BUCKETS,
  STATE_HEAP,
  STATE_HEAP_CAPACITY,
  STATE_LATE_PANE,
  STATE_ONLY_PANE,
  STATE_OPEN_COUNT,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { batchData } from './group-key';
import { TABLE_BYTES, tableDestroy, tableInit } from './group-table';
import {
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_LATENESS,
  AGGREGATE_OFFSET,
  AGGREGATE_SIZE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
} from './layout';
import { allocate, release } from './memory';
import { saturatingAdd } from './watermark';

// A pane begins with its group table, so the address of one is the address of the other.
const PANE_START: usize = 16; // i64
const PANE_NEXT: usize = 24; // u32: next pane of the chain
const PANE_BYTES: u32 = 32;
const BUCKETS_MIN: u32 = 16;

/** Makes the parts of the state that hold panes; scratch and header are set. */
export function windowInit(state: usize): void {
  store<i64>(state, i64.MIN_VALUE, STATE_WATERMARK);
  setBuckets(state, BUCKETS_MIN);
  store<u32>(state, <u32>allocate(BUCKETS_MIN << 2), STATE_HEAP);
  store<u32>(state, BUCKETS_MIN, STATE_HEAP_CAPACITY);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) store<u32>(state, <u32>createPane(i64.MIN_VALUE), STATE_ONLY_PANE);
}

/** Gives back all panes and what finds them. */
export function windowDestroy(state: usize): void {
  for (let pane = windowPop(state); pane; pane = windowPop(state)) paneDestroy(pane);
  const late = <usize>load<u32>(state, STATE_LATE_PANE);
  if (late) paneDestroy(late);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  if (only) paneDestroy(only);
  release(load<u32>(state, STATE_BUCKETS), (load<u32>(state, STATE_BUCKET_MASK) + 1) << 2);
  release(load<u32>(state, STATE_HEAP), load<u32>(state, STATE_HEAP_CAPACITY) << 2);
}

/** Gives a pane back, with its groups. */
export function paneDestroy(pane: usize): void {
  tableDestroy(pane);
  release(pane, PANE_BYTES);
}

/** Start of a pane's window, µs. */
@inline
export function paneStart(pane: usize): i64 {
  return load<i64>(pane, PANE_START);
}

/** Next pane of a chain that its owner keeps once the pane is no longer open. */
@inline
export function paneNext(pane: usize): usize {
  return load<u32>(pane, PANE_NEXT);
}

/** Links a pane that is no longer open into a chain. */
@inline
export function paneSetNext(pane: usize, next: usize): void {
  store<u32>(pane, <u32>next, PANE_NEXT);
}

/** Start of the window that holds a time, µs. */
export function windowStartOf(state: usize, time: i64): i64 {
  const size = load<i64>(state, AGGREGATE_SIZE);
  // offset is in [0, size): the difference of the two remainders lies in (−2·size, size).
  let rest = (time % size) - load<i64>(state, AGGREGATE_OFFSET);
  if (rest < 0) rest += size;
  if (rest < 0) rest += size;
  return time - rest;
}

/** The watermark at which the window that begins at `start` closes, µs. */
@inline
export function windowCloseOf(state: usize, start: i64): i64 {
  return saturatingAdd(saturatingAdd(start, load<i64>(state, AGGREGATE_SIZE)), load<i64>(state, AGGREGATE_LATENESS));
}

/** Writes the pane of every row to STATE_TABLES. @returns the number of late rows. */
export function windowAssign(state: usize, batch: usize, rows: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) {
    const only = load<u32>(state, STATE_ONLY_PANE);
    for (let row: usize = 0; row < rows; row++) store<u32>(tables + (row << 2), only);
    return 0;
  }
  const times = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN));
  const watermarkColumn = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  const watermarks = watermarkColumn < 0 ? <usize>0 : batchData(batch, watermarkColumn);
  const size = <u64>load<i64>(state, AGGREGATE_SIZE);
  let watermark = load<i64>(state, STATE_WATERMARK);
  let lateCount: u32 = 0;
  // The current window and the one before it.
  let start: i64 = 0;
  let close: i64 = 0;
  let pane: usize = 0;
  let otherStart: i64 = 0;
  let otherClose: i64 = 0;
  let otherPane: usize = 0;
  let known = 0;
  for (let row: usize = 0; row < rows; row++) {
    const time = load<i64>(times + (row << 3));
    if (known == 0 || <u64>(time - start) >= size) {
      const lastStart = start;
      const lastClose = close;
      const lastPane = pane;
      if (known == 2 && <u64>(time - otherStart) < size) {
        start = otherStart;
        close = otherClose;
        pane = otherPane;
      } else {
        start = windowStartOf(state, time);
        close = windowCloseOf(state, start);
        pane = findPane(state, start);
        known = min(known + 1, 2);
      }
      otherStart = lastStart;
      otherClose = lastClose;
      otherPane = lastPane;
    }
    if (watermarks) watermark = load<i64>(watermarks + (row << 3));
    if (watermark >= close) {
      lateCount++;
      store<u32>(tables + (row << 2), <u32>latePane(state));
      continue;
    }
    if (!pane) pane = openPane(state, start);
    store<u32>(tables + (row << 2), <u32>pane);
  }
  if (lateCount) store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + lateCount, AGGREGATE_LATE_COUNT);
  return lateCount;
}

/** The open pane that closes next, taken out; 0 when none is open. */
export function windowPop(state: usize): usize {
  const count = load<u32>(state, STATE_OPEN_COUNT);
  if (!count) return 0;
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const pane = <usize>load<u32>(heap);
  const last = <usize>load<u32>(heap + ((count - 1) << 2));
  store<u32>(state, count - 1, STATE_OPEN_COUNT);
  if (count > 1) siftDown(heap, count - 1, last);
  unlink(state, pane);
  return pane;
}

/** The open pane that closes next, left open; 0 when none is open. */
export function windowPeek(state: usize): usize {
  return load<u32>(state, STATE_OPEN_COUNT) ? <usize>load<u32>(load<u32>(state, STATE_HEAP)) : 0;
}

function latePane(state: usize): usize {
  let pane = <usize>load<u32>(state, STATE_LATE_PANE);
  if (!pane) {
    pane = createPane(0);
    store<u32>(state, <u32>pane, STATE_LATE_PANE);
  }
  return pane;
}

function createPane(start: i64): usize {
  const pane = allocate(PANE_BYTES);
  tableInit(pane);
  store<i64>(pane, start, PANE_START);
  store<u32>(pane, 0, PANE_NEXT);
  return pane;
}

function openPane(state: usize, start: i64): usize {
  const pane = createPane(start);
  const count = load<u32>(state, STATE_OPEN_COUNT) + 1;
  store<u32>(state, count, STATE_OPEN_COUNT);
  push(state, count, pane);
  if (count > load<u32>(state, STATE_BUCKET_MASK)) growBuckets(state);
  link(state, pane);
  return pane;
}

// Chains by start.

@inline
function bucketOf(state: usize, start: i64): usize {
  const hash = <u64>start * 0x9e3779b97f4a7c15;
  const index = <u32>(hash >> 32) & load<u32>(state, STATE_BUCKET_MASK);
  return <usize>load<u32>(state, STATE_BUCKETS) + ((<usize>index) << 2);
}

function findPane(state: usize, start: i64): usize {
  let pane = <usize>load<u32>(bucketOf(state, start));
  while (pane && paneStart(pane) != start) pane = paneNext(pane);
  return pane;
}

function link(state: usize, pane: usize): void {
  const bucket = bucketOf(state, paneStart(pane));
  paneSetNext(pane, load<u32>(bucket));
  store<u32>(bucket, <u32>pane);
}

function unlink(state: usize, pane: usize): void {
  let at = bucketOf(state, paneStart(pane));
  while (<usize>load<u32>(at) != pane) at = <usize>load<u32>(at) + PANE_NEXT;
  store<u32>(at, <u32>paneNext(pane));
  paneSetNext(pane, 0);
}

function setBuckets(state: usize, count: u32): void {
  const buckets = allocate(count << 2);
  memory.fill(buckets, 0, count << 2);
  store<u32>(state, <u32>buckets, STATE_BUCKETS);
  store<u32>(state, count - 1, STATE_BUCKET_MASK);
}

function growBuckets(state: usize): void {
  const old = <usize>load<u32>(state, STATE_BUCKETS);
  const oldCount = load<u32>(state, STATE_BUCKET_MASK) + 1;
  setBuckets(state, oldCount << 1);
  for (let i: u32 = 0; i < oldCount; i++) {
    let pane = <usize>load<u32>(old + (i << 2));
    while (pane) {
      const next = paneNext(pane);
      link(state, pane);
      pane = next;
    }
  }
  release(old, oldCount << 2);
}

// The heap by start.

function push(state: usize, count: u32, pane: usize): void {
  const capacity = load<u32>(state, STATE_HEAP_CAPACITY);
  let heap = <usize>load<u32>(state, STATE_HEAP);
  if (count > capacity) {
    const larger = allocate(capacity << 3);
    memory.copy(larger, heap, capacity << 2);
    release(heap, capacity << 2);
    heap = larger;
    store<u32>(state, <u32>heap, STATE_HEAP);
    store<u32>(state, capacity << 1, STATE_HEAP_CAPACITY);
  }
  const start = paneStart(pane);
  let at = count - 1;
  while (at) {
    const parent = (at - 1) >> 1;
    const above = load<u32>(heap + (parent << 2));
    if (paneStart(above) <= start) break;
    store<u32>(heap + (at << 2), above);
    at = parent;
  }
  store<u32>(heap + (at << 2), <u32>pane);
}

/** Puts `pane` at the root's place of a heap of `count` panes and lets it sink. */
function siftDown(heap: usize, count: u32, pane: usize): void {
  const start = paneStart(pane);
  let at: u32 = 0;
  while (true) {
    let child = at * 2 + 1;
    if (child >= count) break;
    const right = child + 1;
    if (right < count && paneStart(load<u32>(heap + (right << 2))) < paneStart(load<u32>(heap + (child << 2))))
      child = right;
    const below = load<u32>(heap + (child << 2));
    if (paneStart(below) >= start) break;
    store<u32>(heap + (at << 2), below);
    at = child;
  }
  store<u32>(heap + (at << 2), <u32>pane);
}
