// Strings made of strings, for compiled expressions: joining, padding, repeating, replacing, reversing.
//
// Results are on the transient stack. Those that a user can make arbitrarily long set CELL_STATUS: ERROR_MEMORY above
// TEXT_BYTES_MAX.
import { CELL_STATUS, ERROR_ARGUMENT, ERROR_MEMORY, STATUS_VALUE } from './layout';
import { transientAllocate } from './memory';
import { textAdvance, textCharBytes, textCount, textPutChar } from './text';
import { refAddress, refLength, refOf } from './text-compare';
import { textFind } from './text-search';

/** Longest string that a function makes. */
const TEXT_BYTES_MAX: u64 = 1 << 28;

@inline
function put(text: i64, to: usize): usize {
  memory.copy(to, refAddress(text), refLength(text));
  return to + refLength(text);
}

export function textConcat2(a: i64, b: i64): i64 {
  const length = refLength(a) + refLength(b);
  const to = transientAllocate(length);
  put(b, put(a, to));
  return refOf(to, length);
}

export function textConcat3(a: i64, b: i64, c: i64): i64 {
  const length = refLength(a) + refLength(b) + refLength(c);
  const to = transientAllocate(length);
  put(c, put(b, put(a, to)));
  return refOf(to, length);
}

export function textConcat4(a: i64, b: i64, c: i64, d: i64): i64 {
  const length = refLength(a) + refLength(b) + refLength(c) + refLength(d);
  const to = transientAllocate(length);
  put(d, put(c, put(b, put(a, to))));
  return refOf(to, length);
}

@inline
function refuse(error: i32): i64 {
  store<i32>(CELL_STATUS, error);
  return 0;
}

export function textRepeat(text: i64, count: i64): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  const length = refLength(text);
  if (count <= 0 || length == 0) return refOf(refAddress(text), 0);
  if (<u64>count > TEXT_BYTES_MAX / length) return refuse(ERROR_MEMORY);
  const total = length * <u32>count;
  const to = transientAllocate(total);
  put(text, to);
  // Each step doubles what is there.
  for (let done = length; done < total; done <<= 1) memory.copy(to + done, to, min(done, total - done));
  return refOf(to, total);
}

/** `count` characters: the text cut, or `filler` over and over before (or after) it. */
function pad(text: i64, count: i32, filler: i64, isLeft: bool): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  const address = refAddress(text);
  const length = refLength(text);
  const wanted = <u32>max(count, 0);
  const has = textCount(address, length);
  if (has >= wanted) return refOf(address, <u32>(textAdvance(address, address + length, wanted) - address));
  const fillerLength = refLength(filler);
  if (fillerLength == 0) return refuse(ERROR_ARGUMENT);
  const fillerAddress = refAddress(filler);
  const fillerCount = textCount(fillerAddress, fillerLength);
  const times = (wanted - has) / fillerCount;
  const rest = (wanted - has) % fillerCount;
  const restLength = <u32>(textAdvance(fillerAddress, fillerAddress + fillerLength, rest) - fillerAddress);
  const total = <u64>length + <u64>times * fillerLength + restLength;
  if (total > TEXT_BYTES_MAX) return refuse(ERROR_MEMORY);
  const to = transientAllocate(<u32>total);
  let at = to;
  if (!isLeft) at = put(text, at);
  for (let i: u32 = 0; i < times; i++) at = put(filler, at);
  memory.copy(at, fillerAddress, restLength);
  if (isLeft) put(text, at + restLength);
  return refOf(to, <u32>total);
}

export function textPadLeft(text: i64, count: i32, filler: i64): i64 {
  return pad(text, count, filler, true);
}

export function textPadRight(text: i64, count: i32, filler: i64): i64 {
  return pad(text, count, filler, false);
}

export function textReplace(text: i64, from: i64, to: i64): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  const wanted = refLength(from);
  if (wanted == 0) return text;
  const end = refAddress(text) + refLength(text);
  let count: u64 = 0;
  for (let at = textFind(refAddress(text), end, from); at != 0; at = textFind(at + wanted, end, from)) count++;
  if (count == 0) return text;
  const total = <u64>refLength(text) - count * wanted + count * refLength(to);
  if (total > TEXT_BYTES_MAX) return refuse(ERROR_MEMORY);
  const result = transientAllocate(<u32>total);
  let out = result;
  let done = refAddress(text);
  for (let at = textFind(done, end, from); at != 0; at = textFind(done, end, from)) {
    memory.copy(out, done, at - done);
    out = put(to, out + (at - done));
    done = at + wanted;
  }
  memory.copy(out, done, end - done);
  return refOf(result, <u32>total);
}

/** The characters in reverse order. */
export function textReverse(text: i64): i64 {
  const length = refLength(text);
  const to = transientAllocate(length);
  let from = refAddress(text);
  for (let out = to + length; out > to; ) {
    const bytes = textCharBytes(load<u8>(from));
    out -= bytes;
    memory.copy(out, from, bytes);
    from += bytes;
  }
  return refOf(to, length);
}

/** The character with a number. Sets CELL_STATUS: ERROR_ARGUMENT where Unicode has none. */
export function textFromChar(character: i32): i64 {
  const isCharacter = <u32>character < 0x110000 && (character & 0xfffff800) != 0xd800;
  store<i32>(CELL_STATUS, isCharacter ? STATUS_VALUE : ERROR_ARGUMENT);
  if (!isCharacter) return 0;
  const to = transientAllocate(8);
  return refOf(to, <u32>(textPutChar(character, to) - to));
}
