// Strings as characters, for compiled expressions: counting, cutting, trimming.
//
// A string is a packed ref (kernels/text-compare.ts) of valid UTF-8; positions count characters (code points). What
// only cuts returns a ref into the same bytes. Strings are read up to 16 bytes past their end (READ_SLACK allows it).
import { refAddress, refLength, refOf } from './text-compare';

/** Bytes of the character that begins with a byte. */
@inline
export function textCharBytes(first: u32): u32 {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The character at an address. */
export function textCharAt(at: usize): u32 {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return first;
  const second = <u32>load<u8>(at, 1) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = <u32>load<u8>(at, 2) & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (<u32>load<u8>(at, 3) & 0x3f);
}

/** Writes a character. @returns the address after it. */
export function textPutChar(character: u32, to: usize): usize {
  if (character < 0x80) {
    store<u8>(to, character);
    return to + 1;
  }
  if (character < 0x800) {
    store<u8>(to, 0xc0 | (character >> 6));
    store<u8>(to, 0x80 | (character & 0x3f), 1);
    return to + 2;
  }
  if (character < 0x10000) {
    store<u8>(to, 0xe0 | (character >> 12));
    store<u8>(to, 0x80 | ((character >> 6) & 0x3f), 1);
    store<u8>(to, 0x80 | (character & 0x3f), 2);
    return to + 3;
  }
  store<u8>(to, 0xf0 | (character >> 18));
  store<u8>(to, 0x80 | ((character >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((character >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (character & 0x3f), 3);
  return to + 4;
}

/** Whether all bytes are ASCII. */
export function textIsAscii(at: usize, length: u32): bool {
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) {
    if (i8x16.bitmask(v128.load(at + i)) != 0) return false;
  }
  return (i8x16.bitmask(v128.load(at + i)) & ((1 << (length - i)) - 1)) == 0;
}

/** Characters in a range: bytes that do not continue one. */
export function textCount(at: usize, length: u32): u32 {
  const firstContinued = i8x16.splat(-65); // bytes above, as signed numbers, begin a character
  let count: u32 = 0;
  let i: u32 = 0;
  for (; i + 16 <= length; i += 16) {
    count += popcnt(<u32>i8x16.bitmask(i8x16.gt_s(v128.load(at + i), firstContinued)));
  }
  const rest = i8x16.bitmask(i8x16.gt_s(v128.load(at + i), firstContinued)) & ((1 << (length - i)) - 1);
  return count + popcnt(<u32>rest);
}

export function textLength(text: i64): i64 {
  return <i64>textCount(refAddress(text), refLength(text));
}

/** The address `count` characters after `at`, or `end` when there are fewer. */
export function textAdvance(at: usize, end: usize, count: u64): usize {
  if (count >= <u64>(end - at)) return end;
  // As long as whole words are ASCII, a character is a byte.
  while (count >= 8 && at + 8 <= end && (load<u64>(at) & 0x8080808080808080) == 0) {
    at += 8;
    count -= 8;
  }
  for (; count > 0 && at < end; count--) at += textCharBytes(load<u8>(at));
  return min(at, end);
}

/** Positions further away are beyond any string. */
const FAR: i64 = 1 << 33;

/** The characters from `start` (0-based, may be negative) to before `end`. */
function cut(text: i64, start: i64, end: i64): i64 {
  const address = refAddress(text);
  const limit = address + refLength(text);
  if (end <= 0 || end <= start) return refOf(address, 0);
  const from = start <= 0 ? address : textAdvance(address, limit, start);
  const to = textAdvance(from, limit, start <= 0 ? end : end - start);
  return refOf(from, <u32>(to - from));
}

/** 0-based place of a 1-based position that counts from the end where it is negative. */
@inline
function startOf(text: i64, position: i64): i64 {
  const near = max(min(position, FAR), -FAR);
  return near < 0 ? textLength(text) + near : near - 1;
}

export function textSubstring(text: i64, position: i64, count: i64): i64 {
  const start = startOf(text, position);
  const near = max(min(count, FAR << 2), -(FAR << 2));
  return near >= 0 ? cut(text, start, start + near) : cut(text, start + near, start);
}

export function textFrom(text: i64, position: i64): i64 {
  return cut(text, startOf(text, position), FAR);
}

/** The first `count` characters, or all but the last −count. */
export function textLeft(text: i64, count: i64): i64 {
  return cut(text, 0, count >= 0 ? min(count, FAR) : textLength(text) + max(count, -FAR));
}

/** The last `count` characters, or all but the first −count. */
export function textRight(text: i64, count: i64): i64 {
  return cut(text, count >= 0 ? textLength(text) - min(count, FAR) : min(-max(count, -FAR), FAR), FAR);
}

/** Unicode's space separators. */
function isSpaceSeparator(character: u32): bool {
  if (character < 0x80) return character == 32;
  return (
    character == 0xa0 ||
    character == 0x1680 ||
    (character >= 0x2000 && character <= 0x200a) ||
    character == 0x202f ||
    character == 0x205f ||
    character == 0x3000
  );
}

function contains(set: i64, character: u32): bool {
  const end = refAddress(set) + refLength(set);
  for (let at = refAddress(set); at < end; at += textCharBytes(load<u8>(at))) {
    if (textCharAt(at) == character) return true;
  }
  return false;
}

const TRIM_LEFT: u32 = 1;
const TRIM_RIGHT: u32 = 2;

/** Cuts characters of a set (spaces, if the set's address is 0) from the ends that `ends` names. */
function trim(text: i64, set: i64, ends: u32): i64 {
  let from = refAddress(text);
  let to = from + refLength(text);
  const isSpaces = refAddress(set) == 0;
  if (ends & TRIM_LEFT) {
    while (from < to) {
      const character = textCharAt(from);
      if (!(isSpaces ? isSpaceSeparator(character) : contains(set, character))) break;
      from += textCharBytes(load<u8>(from));
    }
  }
  if (ends & TRIM_RIGHT) {
    while (to > from) {
      let last = to - 1;
      while ((load<u8>(last) & 0xc0) == 0x80) last--;
      const character = textCharAt(last);
      if (!(isSpaces ? isSpaceSeparator(character) : contains(set, character))) break;
      to = last;
    }
  }
  return refOf(from, <u32>(to - from));
}

export function textTrim(text: i64): i64 {
  return trim(text, 0, TRIM_LEFT | TRIM_RIGHT);
}

export function textTrimLeft(text: i64): i64 {
  return trim(text, 0, TRIM_LEFT);
}

export function textTrimRight(text: i64): i64 {
  return trim(text, 0, TRIM_RIGHT);
}

export function textTrimSet(text: i64, set: i64): i64 {
  return refLength(set) == 0 ? text : trim(text, set, TRIM_LEFT | TRIM_RIGHT);
}

export function textTrimLeftSet(text: i64, set: i64): i64 {
  return refLength(set) == 0 ? text : trim(text, set, TRIM_LEFT);
}

export function textTrimRightSet(text: i64, set: i64): i64 {
  return refLength(set) == 0 ? text : trim(text, set, TRIM_RIGHT);
}

/** The first character's number, or `none` for an empty string. */
export function textFirstChar(text: i64, none: i32): i32 {
  return refLength(text) == 0 ? none : <i32>textCharAt(refAddress(text));
}
