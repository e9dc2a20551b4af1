// Kept rows in an order: a list of keys, each ascending or descending, NULL first or last.
//
// Values in order: false before true, numbers by value with NaN greatest, strings by bytes. Rows of equal keys keep
// the order they had. Few rows are compared and inserted; many go through a multikey sort in steps of 8 bytes, as in
// group-sort.ts: a step is (key, part), part 0 the NULLs, part 1 the value, of a string its first 8 bytes, then the
// next 8, …, and then its length.
//
//   sort(range, step):  give every item the 8 bytes of the step as sort key; sort; each run of equal keys: sort(run,
//   next step)
//
// Items: { u64 sort key, u32 row, u32 0 }.
import { PART_LENGTH, PART_NULL, PART_VALUE } from './group-sort-parts';
import { bytesCompare, firstBytes } from './hash';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import {
  ORDER_BYTES,
  ORDER_DESCENDING,
  ORDER_FLAGS,
  ORDER_NULL_OFFSET,
  ORDER_NULLS_FIRST,
  ORDER_OFFSET,
  ORDER_PHYSICAL,
} from './layout-rows';
import { sortItems } from './sort';
import { saturatingAdd, saturatingSubtract } from './watermark';

const COMPARED_MAX: u32 = 12;
const SIGN: u64 = 0x8000000000000000;
const NAN_BITS: u64 = 0x7ff8000000000000;

/** Order of two rows by `count` keys: negative, 0 or positive. */
export function rowCompare(keys: usize, count: u32, a: usize, b: usize): i32 {
  for (let k: u32 = 0; k < count; k++) {
    const key = keys + k * ORDER_BYTES;
    const flags = load<u32>(key, ORDER_FLAGS);
    const nullOffset = load<i32>(key, ORDER_NULL_OFFSET);
    if (nullOffset >= 0) {
      const aValid = load<u8>(a + nullOffset);
      const bValid = load<u8>(b + nullOffset);
      if (aValid != bValid) {
        const aIsFirst = (flags & ORDER_NULLS_FIRST) != 0 ? bValid != 0 : aValid != 0;
        return aIsFirst ? -1 : 1;
      }
      if (!aValid) continue;
    }
    const order = rowCompareValues(load<u32>(key, ORDER_PHYSICAL), load<u32>(key, ORDER_OFFSET), a, b);
    if (order) return flags & ORDER_DESCENDING ? -order : order;
  }
  return 0;
}

/** Order of two rows by the value at `offset`, which neither has NULL. */
export function rowCompareValues(physical: u32, offset: u32, a: usize, b: usize): i32 {
  switch (physical) {
    case PHYSICAL_REF:
      return bytesCompare(
        load<u32>(a + offset),
        load<u32>(a + offset, 4),
        load<u32>(b + offset),
        load<u32>(b + offset, 4),
      );
    case PHYSICAL_F64:
      return order<u64>(orderedDouble(a + offset), orderedDouble(b + offset));
    case PHYSICAL_I64:
      return order<i64>(load<i64>(a + offset), load<i64>(b + offset));
    case PHYSICAL_I32:
      return order<i32>(load<i32>(a + offset), load<i32>(b + offset));
    default:
      return order<i32>(load<u8>(a + offset), load<u8>(b + offset));
  }
}

/**
 * Order of a row `a` to the place that is `offset` after, or before, a row `b` by the one key of an order: i64, or f64
 * with the bits of a double. NULLs are together, however far.
 */
export function rowCompareShifted(key: usize, a: usize, b: usize, offset: i64, isAfter: bool): i32 {
  const flags = load<u32>(key, ORDER_FLAGS);
  const nullOffset = load<i32>(key, ORDER_NULL_OFFSET);
  if (nullOffset >= 0 && (!load<u8>(a + nullOffset) || !load<u8>(b + nullOffset))) return rowCompare(key, 1, a, b);
  const at = load<u32>(key, ORDER_OFFSET);
  const isDescending = (flags & ORDER_DESCENDING) != 0;
  const isAdded = isAfter != isDescending;
  let result: i32;
  if (load<u32>(key, ORDER_PHYSICAL) == PHYSICAL_F64) {
    const shift = reinterpret<f64>(offset);
    const place = isAdded ? load<f64>(b + at) + shift : load<f64>(b + at) - shift;
    result = order<u64>(orderedBits(load<f64>(a + at)), orderedBits(place));
  } else {
    const place = isAdded ? saturatingAdd(load<i64>(b + at), offset) : saturatingSubtract(load<i64>(b + at), offset);
    result = order<i64>(load<i64>(a + at), place);
  }
  return isDescending ? -result : result;
}

@inline
function order<T>(a: T, b: T): i32 {
  return <i32>(a > b) - <i32>(a < b);
}

/** A double as bits that unsigned comparison orders: −0 as 0, every NaN as one above all. */
function orderedDouble(at: usize): u64 {
  return orderedBits(load<f64>(at));
}

@inline
function orderedBits(value: f64): u64 {
  const bits = value == value ? reinterpret<u64>(value + 0.0) : NAN_BITS;
  return <i64>bits < 0 ? ~bits : bits | SIGN;
}

/**
 * Sorts items by their rows, which are equal in the steps before `part` of the first key; of `keyCount` keys. `spare` has
 * room for as many items.
 */
export function rowSortFrom(keys: usize, keyCount: u32, items: usize, count: u32, spare: usize, part: u32): void {
  while (keyCount > 0 && count > 1) {
    if (count <= COMPARED_MAX) {
      insertByComparison(keys, keyCount, items, count);
      return;
    }
    if (part == PART_NULL && load<i32>(keys, ORDER_NULL_OFFSET) < 0) part = PART_VALUE;
    const hasMore = rowStepKeys(keys, part, items, count);
    sortItems(items, count, spare);
    const isText = load<u32>(keys, ORDER_PHYSICAL) == PHYSICAL_REF;
    let nextPart = part + 1;
    let step: u32 = 0;
    if (part != PART_NULL) {
      if (!isText || part == PART_LENGTH) {
        step = 1;
        nextPart = PART_NULL;
      } else if (!hasMore) nextPart = PART_LENGTH;
    }
    const nextKeys = keys + step * ORDER_BYTES;
    const nextCount = keyCount - step;
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
        if (run > 1) rowSortFrom(nextKeys, nextCount, first, run, spare, nextPart);
        continue;
      }
      if (largest) rowSortFrom(nextKeys, nextCount, largest, largestCount, spare, nextPart);
      largest = first;
      largestCount = run;
    }
    if (!largest) return;
    items = largest;
    count = largestCount;
    keys = nextKeys;
    keyCount = nextCount;
    part = nextPart;
  }
}

/** Sets the sort keys of a step. @returns for a part of a string: whether a string has bytes beyond it. */
export function rowStepKeys(key: usize, part: u32, items: usize, count: u32): bool {
  const offset = load<u32>(key, ORDER_OFFSET);
  const flags = load<u32>(key, ORDER_FLAGS);
  if (part == PART_NULL) {
    const nullOffset = load<u32>(key, ORDER_NULL_OFFSET);
    setNumbers<u8>(items, count, nullOffset, flags & ORDER_NULLS_FIRST ? 0 : <u64>-1);
    return false;
  }
  const flip: u64 = flags & ORDER_DESCENDING ? <u64>-1 : 0;
  switch (load<u32>(key, ORDER_PHYSICAL)) {
    case PHYSICAL_REF:
      if (part != PART_LENGTH) return setText(key, part - 1, items, count, flip);
      for (let i: usize = 0; i < count; i++) {
        const item = items + (i << 4);
        const row = <usize>load<u32>(item, 8);
        store<u64>(item, isNull(key, row) ? 0 : <u64>load<u32>(row + offset, 4) ^ flip);
      }
      break;
    case PHYSICAL_F64:
      for (let i: usize = 0; i < count; i++) {
        const item = items + (i << 4);
        const row = <usize>load<u32>(item, 8);
        store<u64>(item, isNull(key, row) ? 0 : orderedDouble(row + offset) ^ flip);
      }
      break;
    case PHYSICAL_I64:
      setNumbersOrNull<i64>(key, items, count, offset, SIGN ^ flip);
      break;
    case PHYSICAL_I32:
      setNumbersOrNull<i32>(key, items, count, offset, SIGN ^ flip);
      break;
    default:
      setNumbersOrNull<u8>(key, items, count, offset, SIGN ^ flip);
  }
  return false;
}

/** The data of a NULL is unspecified: NULLs, which stand together by now, all get the same sort key. */
@inline
function isNull(key: usize, row: usize): bool {
  const nullOffset = load<i32>(key, ORDER_NULL_OFFSET);
  return nullOffset >= 0 && load<u8>(row + nullOffset) == 0;
}

@inline
function setNumbers<T>(items: usize, count: u32, offset: u32, flip: u64): void {
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>(<i64>load<T>(<usize>load<u32>(item, 8) + offset)) ^ flip);
  }
}

@inline
function setNumbersOrNull<T>(key: usize, items: usize, count: u32, offset: u32, flip: u64): void {
  if (load<i32>(key, ORDER_NULL_OFFSET) < 0) {
    setNumbers<T>(items, count, offset, flip);
    return;
  }
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    const row = <usize>load<u32>(item, 8);
    store<u64>(item, isNull(key, row) ? 0 : <u64>(<i64>load<T>(row + offset)) ^ flip);
  }
}

function setText(key: usize, index: u32, items: usize, count: u32, flip: u64): bool {
  const offset = load<u32>(key, ORDER_OFFSET);
  const skip = index << 3;
  let longest: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    const row = <usize>load<u32>(item, 8);
    if (isNull(key, row)) {
      store<u64>(item, 0);
      continue;
    }
    const bytes = load<u32>(row + offset, 4);
    longest = max(longest, bytes);
    const left = bytes > skip ? min<u32>(bytes - skip, 8) : 0;
    store<u64>(item, bswap(firstBytes(<usize>load<u32>(row + offset) + skip, left)) ^ flip);
  }
  return longest > skip + 8;
}

function insertByComparison(keys: usize, keyCount: u32, items: usize, count: u32): void {
  const end = items + ((<usize>count) << 4);
  for (let next = items + 16; next < end; next += 16) {
    const row = load<u32>(next, 8);
    let at = next;
    while (at > items && rowCompare(keys, keyCount, load<u32>(at - 16, 8), row) > 0) {
      store<u32>(at, load<u32>(at - 16, 8), 8);
      at -= 16;
    }
    store<u32>(at, row, 8);
  }
}
