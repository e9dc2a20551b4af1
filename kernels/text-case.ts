// upper() and lower(): ASCII sixteen bytes at a time, other characters by Unicode's simple mappings.
import { lowerRanges, lowerRangesCount, upperRanges, upperRangesCount } from './case-tables';
import { transientAllocate } from './memory';
import { textCharAt, textCharBytes, textIsAscii, textPutChar } from './text';
import { refAddress, refLength, refOf } from './text-compare';

export function textUpper(text: i64): i64 {
  return change(text, 97, upperRanges, upperRangesCount);
}

export function textLower(text: i64): i64 {
  return change(text, 65, lowerRanges, lowerRangesCount);
}

/** Changes the 26 ASCII letters from `letter` on, and the characters of the ranges. */
function change(text: i64, letter: u8, ranges: usize, rangeCount: u32): i64 {
  const from = refAddress(text);
  const length = refLength(text);
  if (textIsAscii(from, length)) {
    const to = transientAllocate(length + 16);
    const first = i8x16.splat(letter);
    const count = i8x16.splat(26);
    const flag = i8x16.splat(0x20);
    for (let i: u32 = 0; i < length; i += 16) {
      const bytes = v128.load(from + i);
      const isLetter = i8x16.lt_u(i8x16.sub(bytes, first), count);
      v128.store(to + i, v128.xor(bytes, v128.and(isLetter, flag)));
    }
    return refOf(to, length);
  }
  // A mapping may turn two bytes into three, and none grows more.
  const to = transientAllocate(length + (length >> 1) + 4);
  const end = from + length;
  let out = to;
  for (let at = from; at < end; ) {
    const byte = <u32>load<u8>(at);
    if (byte < 0x80) {
      store<u8>(out, byte - letter < 26 ? byte ^ 0x20 : byte);
      out += 1;
      at += 1;
    } else {
      out = textPutChar(changeChar(textCharAt(at), ranges, rangeCount), out);
      at += textCharBytes(byte);
    }
  }
  return refOf(to, <u32>(out - to));
}

function changeChar(character: u32, ranges: usize, rangeCount: u32): u32 {
  let low: u32 = 0;
  let high = rangeCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges + ((<usize>middle) << 4);
    if (character > load<u32>(range, 4)) low = middle + 1;
    else if (character < load<u32>(range)) high = middle;
    else {
      const isIn = load<u32>(range, 8) == 1 || ((character - load<u32>(range)) & 1) == 0;
      return isIn ? character + load<i32>(range, 12) : character;
    }
  }
  return character;
}
