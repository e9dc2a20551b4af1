// The steps of sorting over a part of the items: sort.ts says why parts. Items are { u64 sort key, u64 payload }.
//
// Loops take four items at a time, which also makes these functions too large to be put in place of their calls.

/** Items of a part. */
export const SORT_PART: u32 = 4096;

/** The bits in which the sort keys of items `from` to `to` differ from that of the first item. */
export function sortDiffering(items: usize, from: u32, to: u32): u64 {
  const sample = v128.load(items);
  let a = i64x2.splat(0);
  let b = a;
  let at = items + ((<usize>from) << 4);
  const end = items + ((<usize>to) << 4);
  for (; at + 64 <= end; at += 64) {
    a = v128.or(a, v128.or(v128.xor(v128.load(at), sample), v128.xor(v128.load(at, 16), sample)));
    b = v128.or(b, v128.or(v128.xor(v128.load(at, 32), sample), v128.xor(v128.load(at, 48), sample)));
  }
  for (; at < end; at += 16) a = v128.or(a, v128.xor(v128.load(at), sample));
  return v128.extract_lane<u64>(v128.or(a, b), 0);
}

@inline
function countOne(key: u64, shift: u32, mask: usize, counts: usize): void {
  const counter = counts + ((<usize>(key >> shift) & mask) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Counts the values of a digit in items `from` to `to`. */
export function sortCount(items: usize, from: u32, to: u32, shift: u32, bits: u32, counts: usize): void {
  const mask = ((<usize>1) << bits) - 1;
  let at = items + ((<usize>from) << 4);
  const end = items + ((<usize>to) << 4);
  for (; at + 64 <= end; at += 64) {
    countOne(load<u64>(at), shift, mask, counts);
    countOne(load<u64>(at, 16), shift, mask, counts);
    countOne(load<u64>(at, 32), shift, mask, counts);
    countOne(load<u64>(at, 48), shift, mask, counts);
  }
  for (; at < end; at += 16) countOne(load<u64>(at), shift, mask, counts);
}

@inline
function moveOne(at: usize, shift: u32, mask: usize, places: usize): void {
  const place = places + ((<usize>(load<u64>(at) >> shift) & mask) << 2);
  const target = load<u32>(place);
  store<u32>(place, target + 16);
  v128.store(target, v128.load(at));
}

/** Moves items `from` to `to` to the places of their digit's values, which move on. */
export function sortScatter(items: usize, from: u32, to: u32, shift: u32, bits: u32, places: usize): void {
  const mask = ((<usize>1) << bits) - 1;
  let at = items + ((<usize>from) << 4);
  const end = items + ((<usize>to) << 4);
  for (; at + 64 <= end; at += 64) {
    moveOne(at, shift, mask, places);
    moveOne(at + 16, shift, mask, places);
    moveOne(at + 32, shift, mask, places);
    moveOne(at + 48, shift, mask, places);
  }
  for (; at < end; at += 16) moveOne(at, shift, mask, places);
}
