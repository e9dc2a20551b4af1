// The steps of sorting groups over a part of the items: sort.ts says why parts, group-sort.ts what the steps are.
// Items: { u64 sort key, u32 entry, u32 part 2 }.
import { firstBytes } from './hash';
import { KEY_ADDRESS_OFFSET, KEY_INLINE_BYTES, KEY_NULL_OFFSET, KEY_OFFSET, KEY_PHYSICAL } from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';

export const PART_NULL: u32 = 0;
export const PART_VALUE: u32 = 1;
export const PART_LENGTH: u32 = 0xffffffff;
/** In an item: bytes 8 to 11 of the string whose first 8 bytes were its sort key last. */
const ITEM_REST: usize = 12;
const SIGN: u64 = 0x8000000000000000;

/** Makes items `from` to `to` of a list of addresses (u32). */
export function sortListItems(list: usize, items: usize, from: u32, to: u32): void {
  for (let i: u32 = from; i < to; i++) {
    store<u64>(items + ((<usize>i) << 4), load<u32>(list + ((<usize>i) << 2)), 8);
  }
}

/** Sets the sort keys of a step. @returns for a part of a string: whether a string may have bytes beyond it. */
export function groupStepKeys(key: usize, part: u32, items: usize, count: u32): bool {
  const longest = groupSortKeys(key, part, items, count);
  if (load<u32>(key, KEY_PHYSICAL) != PHYSICAL_REF || part == PART_NULL || part == PART_LENGTH) return false;
  // Whether a string has bytes beyond part 2 is looked up only where these are equal.
  return part == PART_VALUE + 1 || longest > groupPartEnd(part);
}

/** The first item from `from` on whose sort key is that of the next one too; `to` if none before that is. */
export function groupFindRun(items: usize, from: u32, to: u32): u32 {
  let key = load<u64>(items + ((<usize>from) << 4));
  for (let i = from; i < to; i++) {
    const next = load<u64>(items + ((<usize>i) << 4), 16);
    if (next == key) return i;
    key = next;
  }
  return to;
}

/** @returns for a part of a string: the most bytes that a string has. */
function groupSortKeys(key: usize, part: u32, items: usize, count: u32): u32 {
  const offset = load<u32>(key, KEY_OFFSET);
  if (part == PART_NULL) {
    setNumbers<u8>(items, count, load<u32>(key, KEY_NULL_OFFSET));
    return 0;
  }
  switch (load<u32>(key, KEY_PHYSICAL)) {
    case PHYSICAL_REF:
      if (part != PART_LENGTH) return setText(key, part - 1, items, count);
      setNumbers<u32>(items, count, offset);
      break;
    case PHYSICAL_F64:
      for (let i: usize = 0; i < count; i++) {
        const item = items + (i << 4);
        store<u64>(item, groupOrderedBits(load<u64>(<usize>load<u32>(item, 8) + offset)));
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
  return 0;
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
export function groupOrderedBits(bits: u64): u64 {
  return <i64>bits < 0 ? ~bits : bits | SIGN;
}

/** Bytes of a string that part `index` (from 0) leaves out at its start. */
@inline
function skippedBytes(index: u32): u32 {
  return index ? <u32>KEY_INLINE_BYTES + ((index - 2) << 3) : 0;
}

/** Bytes of a string up to the end of a part: a longer one has more. */
function groupPartEnd(part: u32): u32 {
  return skippedBytes(part - 1) + 8;
}

function setText(key: usize, index: u32, items: usize, count: u32): u32 {
  if (index == 1) {
    for (let i: usize = 0; i < count; i++) {
      const item = items + (i << 4);
      store<u64>(item, load<u32>(item, ITEM_REST));
    }
    return 0;
  }
  const skip = skippedBytes(index);
  let longest: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    const entry = <usize>load<u32>(item, 8);
    const bytes = load<u32>(entry + load<u32>(key, KEY_OFFSET));
    longest = max(longest, bytes);
    const left = bytes > skip ? min<u32>(bytes - skip, 8) : 0;
    const text = index ? groupKeyText(key, entry, bytes) : entry + load<u32>(key, KEY_OFFSET) + 4;
    store<u64>(item, bswap(firstBytes(text + skip, left)));
    // The packed key is zero behind the string.
    if (!index) store<u32>(item, bswap(load<u32>(text, 8)), ITEM_REST);
  }
  return longest;
}

/** Bits that sort keys which differ in these can be moved on by: whole bytes that all strings begin with. */
@inline
export function groupPrefixBits(differing: u64): u32 {
  return min<u32>(<u32>clz(differing) & ~7, 32);
}

/** Moves the sort keys of strings' first 8 bytes on by 8 to 32 bits, into the bytes after them. */
export function groupSortShift(items: usize, count: u32, bits: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, (load<u64>(item) << bits) | (((<u64>load<u32>(item, ITEM_REST)) << bits) >> 32));
  }
}

/** Address of the string of `bytes` bytes that is an entry's key. */
@inline
export function groupKeyText(key: usize, entry: usize, bytes: u32): usize {
  const inline = entry + load<u32>(key, KEY_OFFSET) + 4;
  return bytes <= <u32>KEY_INLINE_BYTES ? inline : <usize>load<u32>(entry + load<u32>(key, KEY_ADDRESS_OFFSET));
}
