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
import { tableCount, tableEntry } from './group-table';
import { bytesCompare, firstBytes } from './hash';
import {
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_NULL_OFFSET,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { sortItems } from './sort';

const PART_NULL: u32 = 0;
const PART_VALUE: u32 = 1;
const PART_LENGTH: u32 = 0xffffffff;
const COMPARED_MAX: u32 = 12;
/** In an item: bytes 8 to 11 of the string whose first 8 bytes were its sort key last. */
const ITEM_REST: usize = 12;
const SIGN: u64 = 0x8000000000000000;

/** Lists the groups: { u64 unset, u32 entry, u32 0 } × count at `items`, as they were made. */
export function tableList(table: usize, items: usize): void {
  const count = tableCount(table);
  for (let i: u32 = 0; i < count; i++) store<u64>(items + ((<usize>i) << 4), tableEntry(table, i), 8);
}

/** Sorts the items of a group table by key. `spare` has room for as many items. */
export function groupSort(state: usize, items: usize, count: u32, spare: usize): void {
  if (load<u32>(state, AGGREGATE_KEY_COUNT) != 0) sortRange(state, items, count, spare, 0, PART_NULL);
}

function sortRange(state: usize, items: usize, count: u32, spare: usize, column: u32, part: u32): void {
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
    let start: u32 = 0;
    for (let i: u32 = 1; i <= count; i++) {
      const first = items + ((<usize>start) << 4);
      if (i < count && load<u64>(items + ((<usize>i) << 4)) == load<u64>(first)) continue;
      const run = i - start;
      start = i;
      if (run <= largestCount) {
        if (run > 1) sortRange(state, first, run, spare, nextColumn, nextPart);
        continue;
      }
      if (largest) sortRange(state, largest, largestCount, spare, nextColumn, nextPart);
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

/** Sets the sort keys of a step. @returns for a part of a string: whether a string has bytes beyond it. */
function setSortKeys(key: usize, part: u32, items: usize, count: u32): bool {
  const offset = load<u32>(key, KEY_OFFSET);
  if (part == PART_NULL) {
    setNumbers<u8>(items, count, load<u32>(key, KEY_NULL_OFFSET));
    return false;
  }
  switch (load<u32>(key, KEY_PHYSICAL)) {
    case PHYSICAL_REF:
      if (part != PART_LENGTH) return setText(key, part - 1, items, count);
      setNumbers<u32>(items, count, offset);
      break;
    case PHYSICAL_F64:
      for (let i: usize = 0; i < count; i++) {
        const item = items + (i << 4);
        store<u64>(item, orderedBits(load<u64>(<usize>load<u32>(item, 8) + offset)));
      }
      break;
    case PHYSICAL_I64:
      setNumbers<i64>(items, count, offset);
      break;
    case PHYSICAL_I32:
      setNumbers<i32>(items, count, offset);
      break;
    default:
      setNumbers<u8>(items, count, offset);
  }
  return false;
}

@inline
function setNumbers<T>(items: usize, count: u32, offset: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>(<i64>load<T>(<usize>load<u32>(item, 8) + offset)) ^ SIGN);
  }
}

/** Bits of a double (no −0, one NaN) in an order that unsigned comparison follows. */
@inline
function orderedBits(bits: u64): u64 {
  return <i64>bits < 0 ? ~bits : bits | SIGN;
}

function setText(key: usize, index: u32, items: usize, count: u32): bool {
  if (index == 1) {
    for (let i: usize = 0; i < count; i++) {
      const item = items + (i << 4);
      store<u64>(item, load<u32>(item, ITEM_REST));
    }
    // Whether a string has bytes beyond these is looked up only where these are equal.
    return true;
  }
  const skip: u32 = index ? <u32>KEY_INLINE_BYTES + ((index - 2) << 3) : 0;
  let longest: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    const entry = <usize>load<u32>(item, 8);
    const bytes = load<u32>(entry + load<u32>(key, KEY_OFFSET));
    longest = max(longest, bytes);
    const left = bytes > skip ? min<u32>(bytes - skip, 8) : 0;
    const text = index ? textOf(key, entry, bytes) : entry + load<u32>(key, KEY_OFFSET) + 4;
    store<u64>(item, bswap(firstBytes(text + skip, left)));
    // The packed key is zero behind the string.
    if (!index) store<u32>(item, bswap(load<u32>(text, 8)), ITEM_REST);
  }
  return longest > skip + 8;
}

@inline
function textOf(key: usize, entry: usize, bytes: u32): usize {
  const inline = entry + load<u32>(key, KEY_OFFSET) + 4;
  return bytes <= <u32>KEY_INLINE_BYTES ? inline : <usize>load<u32>(entry + load<u32>(key, KEY_ADDRESS_OFFSET));
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
      return bytesCompare(textOf(key, a, aBytes), aBytes, textOf(key, b, bBytes), bBytes);
    }
    case PHYSICAL_F64:
      return order<u64>(orderedBits(load<u64>(a + offset)), orderedBits(load<u64>(b + offset)));
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
