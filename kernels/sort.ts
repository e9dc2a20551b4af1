// Sorting 16-byte items { u64 sort key, u64 payload } by their sort key, ascending and stable.
//
// Few items: insertion. Many: least-significant-digit radix sort. Digits are cut where sort keys differ at all: each begins
// at a bit that is not the same in all of them, and has 8 bits, or 12 where no more than 8 of these differ (two decimal
// digits as text, for one). `spare` has room for as many items.
//
// Items are gone through in parts, a call for each (sort-parts.ts): V8 puts optimised code in place of code it made in a
// hurry when a function is called, not while it runs, and one call over a million items would run as it began.
import { SORT_PART, sortCount, sortDiffering, sortScatter } from './sort-parts';

const INSERTION_MAX: u32 = 24;
const DIGIT_BITS: u32 = 8;
const DIGIT_BITS_WIDE: u32 = 12;
/** From so many items on wide digits are worth the larger tables of counters. */
const WIDE_MIN: u32 = 4096;
/** A digit: its shift, bits and counters (u32 each). */
export const DIGIT_BYTES: u32 = 12;
const DIGITS_MAX: u32 = 8;
/** What a sort finds its digits and counts them in: five wide digits and one of 4 bits are the most that 64 bits have. */
export const SORT_DIGITS_BYTES: u32 = DIGITS_MAX * DIGIT_BYTES;
export const SORT_COUNTERS_BYTES: u32 = 6 * 4096 * 4;
const digits: usize = memory.data(8 * 12, 16);
const counters: usize = memory.data(6 * 4096 * 4, 16);

/** Sorts `count` items in place. */
export function sortItems(items: usize, count: u32, spare: usize): void {
  if (count <= INSERTION_MAX) {
    insertionSort(items, count);
    return;
  }
  let differing: u64 = 0;
  for (let from: u32 = 0; from < count; from += SORT_PART) {
    differing |= sortDiffering(items, from, min(from + SORT_PART, count));
  }
  const digitCount = sortDigits(differing, count, digits, counters);
  for (let from: u32 = 0; from < count; from += SORT_PART) {
    const to = min(from + SORT_PART, count);
    for (let digit: u32 = 0; digit < digitCount; digit++) {
      const at = digits + digit * DIGIT_BYTES;
      sortCount(items, from, to, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8));
    }
  }
  let source = items;
  let target = spare;
  for (let digit: u32 = 0; digit < digitCount; digit++) {
    const at = digits + digit * DIGIT_BYTES;
    sortPlaces(load<u32>(at, 8), load<u32>(at, 4), target);
    for (let from: u32 = 0; from < count; from += SORT_PART) {
      const to = min(from + SORT_PART, count);
      sortScatter(source, from, to, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8));
    }
    const swap = source;
    source = target;
    target = swap;
  }
  if (source != items) memory.copy(items, source, (<usize>count) << 4);
}

/**
 * Cuts the digits of `count` sort keys that differ in these bits: SORT_DIGITS_BYTES at `digits`, and their counters in
 * SORT_COUNTERS_BYTES, cleared. @returns the number of digits.
 */
export function sortDigits(differing: u64, count: u32, digits: usize, counters: usize): u32 {
  const mayBeWide = count >= WIDE_MIN;
  let digitCount: u32 = 0;
  let end = counters;
  let left = differing;
  while (left) {
    const shift = <u32>ctz(left);
    const wide = (left >> shift) & ((1 << DIGIT_BITS_WIDE) - 1);
    let bits = mayBeWide && popcnt(wide) <= DIGIT_BITS ? DIGIT_BITS_WIDE : DIGIT_BITS;
    bits = min<u32>(bits, 64 - shift);
    const at = digits + digitCount * DIGIT_BYTES;
    store<u32>(at, shift);
    store<u32>(at, bits, 4);
    store<u32>(at, <u32>end, 8);
    end += (<usize>4) << bits;
    digitCount++;
    left = shift + bits == 64 ? 0 : left & ((<u64>-1) << (shift + bits));
  }
  memory.fill(counters, 0, end - counters);
  return digitCount;
}

/** Turns the counts of a digit's values into the addresses of their first items. */
export function sortPlaces(counts: usize, bits: u32, to: usize): void {
  let at = <u32>to;
  const end = counts + ((<usize>4) << bits);
  for (let counter = counts; counter < end; counter += 4) {
    const size = load<u32>(counter);
    store<u32>(counter, at);
    at += size << 4;
  }
}

function insertionSort(items: usize, count: u32): void {
  const end = items + ((<usize>count) << 4);
  for (let next = items + 16; next < end; next += 16) {
    const key = load<u64>(next);
    const payload = load<u64>(next, 8);
    let at = next;
    while (at > items && load<u64>(at - 16) > key) {
      v128.store(at, v128.load(at - 16));
      at -= 16;
    }
    store<u64>(at, key);
    store<u64>(at, payload, 8);
  }
}
