// Groups in the order of their keys: per column ascending, NULL last; false before true, numbers by value with NaN
// greatest, strings by bytes.
//
// A multikey sort in steps of 8 bytes. A step is (column, part): part 0 is the null byte, part 1 the value (of a
// string: its first 8 bytes, part 2 the next 4, part 3 the 8 after them, …, and then PART_LENGTH its length, which
// tells "a" from "a\0"). Part 2 is kept from part 1 on: entries are all over memory, and mostly one visit is enough.
//
//   sort(range, step):  give every item the 8 bytes of the step as sort key; sort; each run of equal keys: sort(run,
//   next step)
//
// The largest run is handled by going round again rather than by a call, so the stack is as deep as the logarithm of
// the count; short runs are compared in full. Items: { u64 sort key, u32 entry, u32 part 2 }.
import {
  groupFindRun,
  groupKeyText,
  groupOrderedBits,
  groupPrefixBits,
  groupSortShift,
  groupStepKeys,
  PART_LENGTH,
  PART_NULL,
  PART_VALUE,
} from './group-sort-parts';
import { bytesCompare } from './hash';
import {
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  KEY_BYTES,
  KEY_NULL_OFFSET,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { sortItems } from './sort';
import { SORT_PART, sortDiffering } from './sort-parts';

const COMPARED_MAX: u32 = 12;

/** Sorts the items of a group table by key. `spare` has room for as many items. */
export function groupSort(state: usize, items: usize, count: u32, spare: usize): void {
  if (load<u32>(state, AGGREGATE_KEY_COUNT) != 0) groupSortFrom(state, items, count, spare, 0, PART_NULL);
}

/** Sorts items that are equal in the steps before this one. */
export function groupSortFrom(state: usize, items: usize, count: u32, spare: usize, column: u32, part: u32): void {
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  while (column < keyCount && count > 1) {
    if (count <= COMPARED_MAX) {
      insertByComparison(state, items, count, column);
      return;
    }
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + column * KEY_BYTES;
    if (part == PART_NULL && load<i32>(key, KEY_NULL_OFFSET) < 0) part = PART_VALUE;
    const hasMore = setSortKeys(key, part, items, count);
    sortItems(items, count, spare);
    const isText = load<u32>(key, KEY_PHYSICAL) == PHYSICAL_REF;
    let nextColumn = column;
    let nextPart = part + 1;
    if (part != PART_NULL) {
      if (!isText || part == PART_LENGTH) {
        nextColumn = column + 1;
        nextPart = PART_NULL;
      } else if (!hasMore) nextPart = PART_LENGTH;
    }
    // Runs of equal sort keys go one step further; the largest of them in this loop.
    let largest: usize = 0;
    let largestCount: u32 = 1;
    for (let start: u32 = 0; start + 1 < count; ) {
      const searched = min(start + SORT_PART, count - 1);
      const found = groupFindRun(items, start, searched);
      if (found == searched) {
        start = searched;
        continue;
      }
      start = runEnd(items, found, count);
      const first = items + ((<usize>found) << 4);
      const run = start - found;
      if (run <= largestCount) {
        groupSortFrom(state, first, run, spare, nextColumn, nextPart);
        continue;
      }
      if (largest) groupSortFrom(state, largest, largestCount, spare, nextColumn, nextPart);
      largest = first;
      largestCount = run;
    }
    if (!largest) return;
    items = largest;
    count = largestCount;
    column = nextColumn;
    part = nextPart;
  }
}

/** The end of the run of equal sort keys that begins at item `start`. */
function runEnd(items: usize, start: u32, count: u32): u32 {
  const key = load<u64>(items + ((<usize>start) << 4));
  let end = start + 2;
  while (end < count && load<u64>(items + ((<usize>end) << 4)) == key) end++;
  return end;
}

/** Sets the sort keys of a step. @returns for a part of a string: whether a string may have bytes beyond it. */
function setSortKeys(key: usize, part: u32, items: usize, count: u32): bool {
  let hasMore = false;
  for (let from: u32 = 0; from < count; from += SORT_PART) {
    const first = items + ((<usize>from) << 4);
    if (groupStepKeys(key, part, first, min(count - from, SORT_PART))) hasMore = true;
  }
  if (load<u32>(key, KEY_PHYSICAL) == PHYSICAL_REF && part == PART_VALUE) leavePrefix(items, count);
  return hasMore;
}

/** Moves sort keys that are the first 8 bytes of strings on, by up to the 4 that are at hand, over what all begin with. */
function leavePrefix(items: usize, count: u32): void {
  let differing: u64 = 0;
  for (let from: u32 = 0; from < count; from += SORT_PART) {
    differing |= sortDiffering(items, from, min(from + SORT_PART, count));
  }
  const shift = groupPrefixBits(differing);
  if (!shift) return;
  for (let from: u32 = 0; from < count; from += SORT_PART) {
    groupSortShift(items + ((<usize>from) << 4), min(count - from, SORT_PART), shift);
  }
}

function insertByComparison(state: usize, items: usize, count: u32, column: u32): void {
  const end = items + ((<usize>count) << 4);
  for (let next = items + 16; next < end; next += 16) {
    const entry = load<u32>(next, 8);
    let at = next;
    while (at > items && compareKeys(state, load<u32>(at - 16, 8), entry, column) > 0) {
      store<u32>(at, load<u32>(at - 16, 8), 8);
      at -= 16;
    }
    store<u32>(at, entry, 8);
  }
}

/** Order of two groups by their keys from `column` on. */
function compareKeys(state: usize, a: usize, b: usize, column: u32): i32 {
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k = column; k < keyCount; k++) {
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    const nullOffset = load<i32>(key, KEY_NULL_OFFSET);
    if (nullOffset >= 0) {
      const difference = <i32>load<u8>(a + nullOffset) - <i32>load<u8>(b + nullOffset);
      if (difference) return difference;
    }
    const order = compareValues(key, a, b);
    if (order) return order;
  }
  return 0;
}

function compareValues(key: usize, a: usize, b: usize): i32 {
  const offset = load<u32>(key, KEY_OFFSET);
  switch (load<u32>(key, KEY_PHYSICAL)) {
    case PHYSICAL_REF: {
      const aBytes = load<u32>(a + offset);
      const bBytes = load<u32>(b + offset);
      return bytesCompare(groupKeyText(key, a, aBytes), aBytes, groupKeyText(key, b, bBytes), bBytes);
    }
    case PHYSICAL_F64:
      return order<u64>(groupOrderedBits(load<u64>(a + offset)), groupOrderedBits(load<u64>(b + offset)));
    case PHYSICAL_I64:
      return order<i64>(load<i64>(a + offset), load<i64>(b + offset));
    case PHYSICAL_I32:
      return order<i32>(load<i32>(a + offset), load<i32>(b + offset));
    default:
      return order<i32>(load<u8>(a + offset), load<u8>(b + offset));
  }
}

@inline
function order<T>(a: T, b: T): i32 {
  return <i32>(a > b) - <i32>(a < b);
}
