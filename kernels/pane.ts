// The open panes of an aggregate: a pane is a span of time that has rows, with its group table. With tumbling windows it
// is the window; overlapping ones (hop.ts) are merged from panes.
//
// Open panes are found by their start (a hash table of chains) and leave in order of (end, start) (a binary heap). Rows
// that came when some of the windows over a pane had closed have a pane of their own, which says by `from` which windows
// it counts in. With windows of the input (inherited.ts) a pane is a window, and its `from` its end.
import {
  STATE_BUCKET_MASK,
  STATE_BUCKETS,
  STATE_EMITTED_END,
  STATE_EXPECTED,
  STATE_FLOOR,
  STATE_HEAP,
  STATE_HEAP_CAPACITY,
  STATE_LAST_PANE,
  STATE_LATE_PANE,
  STATE_ONLY_PANE,
  STATE_OPEN_COUNT,
  STATE_WATERMARK,
} from './aggregate-state';
import { TABLE_BYTES, tableDestroy, tableInit } from './group-table';
import { AGGREGATE_IS_WINDOWED } from './layout-aggregate';
import { allocate, release } from './memory';

// A pane begins with its group table, so the address of one is the address of the other.
const PANE_START: usize = TABLE_BYTES; // i64
const PANE_END: usize = TABLE_BYTES + 8; // i64
const PANE_FROM: usize = TABLE_BYTES + 16; // i64: the first window it counts in, i64's minimum: all that contain it
const PANE_NEXT: usize = TABLE_BYTES + 24; // u32: next pane of the chain
const PANE_BYTES: u32 = TABLE_BYTES + 32;
const BUCKETS_MIN: u32 = 16;
const HEAP_MIN: u32 = 16;

/** Makes the parts of the state that hold panes; scratch and header are set. */
export function panesInit(state: usize): void {
  store<i64>(state, i64.MIN_VALUE, STATE_WATERMARK);
  store<i64>(state, i64.MIN_VALUE, STATE_FLOOR);
  store<i64>(state, i64.MIN_VALUE, STATE_EMITTED_END);
  setBuckets(state, BUCKETS_MIN);
  setHeap(state, HEAP_MIN);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED))
    store<u32>(state, <u32>paneCreate(i64.MIN_VALUE, i64.MAX_VALUE, 0), STATE_ONLY_PANE);
}

/** Gives back all panes and what finds them. */
export function panesDestroy(state: usize): void {
  for (let pane = panePop(state); pane; pane = panePop(state)) paneDestroy(pane);
  const late = <usize>load<u32>(state, STATE_LATE_PANE);
  if (late) paneDestroy(late);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  if (only) paneDestroy(only);
  releaseBuckets(state);
  releaseHeap(state);
}

/** Gives a pane back, with its groups. */
export function paneDestroy(pane: usize): void {
  tableDestroy(pane);
  release(pane, PANE_BYTES);
}

/** Start of a pane, µs. */
@inline
export function paneStart(pane: usize): i64 {
  return load<i64>(pane, PANE_START);
}

/** End of a pane, µs. */
@inline
export function paneEnd(pane: usize): i64 {
  return load<i64>(pane, PANE_END);
}

/** Gives a pane that is not open the bounds of a window, µs. */
@inline
export function paneSetWindow(pane: usize, start: i64, end: i64): void {
  store<i64>(pane, start, PANE_START);
  store<i64>(pane, end, PANE_END);
}

/** The first window that a pane counts in, i64's minimum: all that contain it. */
@inline
export function paneFrom(pane: usize): i64 {
  return load<i64>(pane, PANE_FROM);
}

@inline
export function paneSetFrom(pane: usize, from: i64): void {
  store<i64>(pane, from, PANE_FROM);
}

/** Next pane of a chain that its owner keeps once the pane is no longer open. */
@inline
export function paneNext(pane: usize): usize {
  return load<u32>(pane, PANE_NEXT);
}

/** Where a pane keeps the next one of its chain: the address of a u32. */
@inline
export function paneNextPlace(pane: usize): usize {
  return pane + PANE_NEXT;
}

/** Links a pane that is no longer open into a chain. */
@inline
export function paneSetNext(pane: usize, next: usize): void {
  store<u32>(pane, <u32>next, PANE_NEXT);
}

/** The open pane that closes next, taken out; 0 when none is open. */
export function panePop(state: usize): usize {
  const count = load<u32>(state, STATE_OPEN_COUNT);
  if (!count) return 0;
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const pane = <usize>load<u32>(heap);
  const last = <usize>load<u32>(heap + ((count - 1) << 2));
  store<u32>(state, count - 1, STATE_OPEN_COUNT);
  if (count > 1) siftDown(heap, count - 1, last);
  unlink(state, pane);
  store<u32>(state, 0, STATE_LAST_PANE);
  if (count == 1) shrink(state);
  return pane;
}

/** The open pane that closes next, left open; 0 when none is open. */
export function panePeek(state: usize): usize {
  return load<u32>(state, STATE_OPEN_COUNT) ? <usize>load<u32>(load<u32>(state, STATE_HEAP)) : 0;
}

/** One of the open panes, in no order. */
@inline
export function paneAt(state: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(state, STATE_HEAP) + ((<usize>index) << 2));
}

/** The pane that takes late rows. */
export function paneForLate(state: usize): usize {
  let pane = <usize>load<u32>(state, STATE_LATE_PANE);
  if (!pane) {
    pane = paneCreate(0, 0, 0);
    store<u32>(state, <u32>pane, STATE_LATE_PANE);
  }
  return pane;
}

/** A pane that is not open, for [start, end) and about `expected` groups. */
export function paneCreate(start: i64, end: i64, expected: u32): usize {
  const pane = allocate(PANE_BYTES);
  tableInit(pane, expected);
  store<i64>(pane, i64.MIN_VALUE, PANE_FROM);
  store<i64>(pane, start, PANE_START);
  store<i64>(pane, end, PANE_END);
  store<u32>(pane, 0, PANE_NEXT);
  return pane;
}

/** Opens the pane [start, end), which counts in the windows from `from` on. */
export function paneOpen(state: usize, start: i64, end: i64, from: i64): usize {
  const pane = paneCreate(start, end, load<u32>(state, STATE_EXPECTED));
  store<i64>(pane, from, PANE_FROM);
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

/** The open pane that begins at `start` and counts from `from` on, 0 when there is none. */
export function paneFind(state: usize, start: i64, from: i64): usize {
  let pane = <usize>load<u32>(bucketOf(state, start));
  while (pane && (paneStart(pane) != start || paneFrom(pane) != from)) pane = paneNext(pane);
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

function releaseBuckets(state: usize): void {
  release(load<u32>(state, STATE_BUCKETS), (load<u32>(state, STATE_BUCKET_MASK) + 1) << 2);
}

function setHeap(state: usize, capacity: u32): void {
  store<u32>(state, <u32>allocate(capacity << 2), STATE_HEAP);
  store<u32>(state, capacity, STATE_HEAP_CAPACITY);
}

function releaseHeap(state: usize): void {
  release(load<u32>(state, STATE_HEAP), load<u32>(state, STATE_HEAP_CAPACITY) << 2);
}

/** With no pane open, gives back what many open ones needed. */
function shrink(state: usize): void {
  if (load<u32>(state, STATE_BUCKET_MASK) >= BUCKETS_MIN) {
    releaseBuckets(state);
    setBuckets(state, BUCKETS_MIN);
  }
  if (load<u32>(state, STATE_HEAP_CAPACITY) > HEAP_MIN) {
    releaseHeap(state);
    setHeap(state, HEAP_MIN);
  }
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

// The heap by end, then start.

@inline
function isEarlier(a: usize, b: usize): bool {
  return paneEnd(a) < paneEnd(b) || (paneEnd(a) == paneEnd(b) && paneStart(a) < paneStart(b));
}

function push(state: usize, count: u32, pane: usize): void {
  const capacity = load<u32>(state, STATE_HEAP_CAPACITY);
  if (count > capacity) {
    const old = <usize>load<u32>(state, STATE_HEAP);
    setHeap(state, capacity << 1);
    memory.copy(load<u32>(state, STATE_HEAP), old, capacity << 2);
    release(old, capacity << 2);
  }
  const heap = <usize>load<u32>(state, STATE_HEAP);
  let at = count - 1;
  while (at) {
    const parent = (at - 1) >> 1;
    const above = load<u32>(heap + (parent << 2));
    if (!isEarlier(pane, above)) break;
    store<u32>(heap + (at << 2), above);
    at = parent;
  }
  store<u32>(heap + (at << 2), <u32>pane);
}

/** Puts `pane` at the root's place of a heap of `count` panes and lets it sink. */
function siftDown(heap: usize, count: u32, pane: usize): void {
  let at: u32 = 0;
  while (true) {
    let child = at * 2 + 1;
    if (child >= count) break;
    const right = child + 1;
    if (right < count && isEarlier(load<u32>(heap + (right << 2)), load<u32>(heap + (child << 2)))) child = right;
    const below = load<u32>(heap + (child << 2));
    if (!isEarlier(below, pane)) break;
    store<u32>(heap + (at << 2), below);
    at = child;
  }
  store<u32>(heap + (at << 2), <u32>pane);
}
