// A binary heap of { i64 time, u32 what, u32 0 }, the least time on top.
//
// Its header, which its owner provides, is { u32 items, u32 count, u32 capacity }.
import { allocate, release } from './memory';

const HEAP_ITEMS: usize = 0;
const HEAP_COUNT: usize = 4;
const HEAP_CAPACITY: usize = 8;
/** Bytes of a heap's header. */
export const HEAP_BYTES: u32 = 16;
const CAPACITY_MIN: u32 = 64;

/** Makes the header at `heap` that of an empty heap. */
export function heapInit(heap: usize): void {
  store<u32>(heap, <u32>allocate(CAPACITY_MIN << 4), HEAP_ITEMS);
  store<u32>(heap, 0, HEAP_COUNT);
  store<u32>(heap, CAPACITY_MIN, HEAP_CAPACITY);
}

/** Gives back everything but the header. */
export function heapDestroy(heap: usize): void {
  release(load<u32>(heap, HEAP_ITEMS), load<u32>(heap, HEAP_CAPACITY) << 4);
}

/** Removes all items, and what many of them needed. */
export function heapClear(heap: usize): void {
  heapDestroy(heap);
  heapInit(heap);
}

@inline
export function heapCount(heap: usize): u32 {
  return load<u32>(heap, HEAP_COUNT);
}

/** The time of an item, 0 being the one on top, the others in no order. */
@inline
export function heapTime(heap: usize, index: u32): i64 {
  return load<i64>(<usize>load<u32>(heap, HEAP_ITEMS) + ((<usize>index) << 4));
}

/** What an item is about. */
@inline
export function heapWhat(heap: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(heap, HEAP_ITEMS) + ((<usize>index) << 4), 8);
}

/** Adds an item. */
export function heapPush(heap: usize, time: i64, what: usize): void {
  const count = load<u32>(heap, HEAP_COUNT);
  const capacity = load<u32>(heap, HEAP_CAPACITY);
  if (count == capacity) {
    const old = <usize>load<u32>(heap, HEAP_ITEMS);
    const larger = allocate(capacity << 5);
    memory.copy(larger, old, (<usize>capacity) << 4);
    release(old, capacity << 4);
    store<u32>(heap, <u32>larger, HEAP_ITEMS);
    store<u32>(heap, capacity << 1, HEAP_CAPACITY);
  }
  store<u32>(heap, count + 1, HEAP_COUNT);
  const items = <usize>load<u32>(heap, HEAP_ITEMS);
  let at = count;
  while (at) {
    const parent = (at - 1) >> 1;
    const above = items + ((<usize>parent) << 4);
    if (load<i64>(above) <= time) break;
    v128.store(items + ((<usize>at) << 4), v128.load(above));
    at = parent;
  }
  put(items, at, time, what);
}

/** Removes the item on top; there is one. */
export function heapPop(heap: usize): void {
  const count = load<u32>(heap, HEAP_COUNT) - 1;
  store<u32>(heap, count, HEAP_COUNT);
  if (count) sink(heap, heapTime(heap, count), heapWhat(heap, count));
}

/** Replaces the item on top by a later one about the same. */
export function heapDelay(heap: usize, time: i64): void {
  sink(heap, time, heapWhat(heap, 0));
}

/** Puts an item at the top's place and lets it sink. */
function sink(heap: usize, time: i64, what: usize): void {
  const items = <usize>load<u32>(heap, HEAP_ITEMS);
  const count = load<u32>(heap, HEAP_COUNT);
  let at: u32 = 0;
  while (true) {
    let child = at * 2 + 1;
    if (child >= count) break;
    let below = items + ((<usize>child) << 4);
    if (child + 1 < count && load<i64>(below, 16) < load<i64>(below)) {
      child++;
      below += 16;
    }
    if (load<i64>(below) >= time) break;
    v128.store(items + ((<usize>at) << 4), v128.load(below));
    at = child;
  }
  put(items, at, time, what);
}

@inline
function put(items: usize, index: u32, time: i64, what: usize): void {
  const item = items + ((<usize>index) << 4);
  store<i64>(item, time);
  store<u64>(item, <u64>what, 8);
}
