// Finding strings in strings, for compiled expressions: contains, position, LIKE, split_part.
//
// Sixteen places are tried at a time: where both the first and the last byte of what is looked for match, the bytes
// between are compared (W. Muła, "SIMD-friendly algorithms for substring searching", 2016).
import { CELL_STATUS, ERROR_ARGUMENT, STATUS_VALUE } from './layout';
import { textAdvance, textCharBytes, textCount } from './text';
import { refAddress, refLength, refOf, textBytesEqual } from './text-compare';

/** Address of the first occurrence of a string (not empty) in a range, or 0. */
export function textFind(begin: usize, end: usize, wanted: i64): usize {
  const length = refLength(wanted);
  const address = refAddress(wanted);
  if (end < begin || <u32>(end - begin) < length) return 0;
  const first = i8x16.splat(load<u8>(address));
  const last = i8x16.splat(load<u8>(address + length - 1));
  const stop = end - length + 1; // first place where it no longer fits
  for (let at = begin; at < stop; at += 16) {
    const matches = v128.and(i8x16.eq(first, v128.load(at)), i8x16.eq(last, v128.load(at + length - 1)));
    let mask = <u32>i8x16.bitmask(matches);
    while (mask != 0) {
      const place = at + ctz(mask);
      if (place >= stop) return 0;
      if (length <= 2 || textBytesEqual(place, address, length)) return place;
      mask &= mask - 1;
    }
  }
  return 0;
}

export function textContains(text: i64, wanted: i64): bool {
  if (refLength(wanted) == 0) return true;
  const begin = refAddress(text);
  return textFind(begin, begin + refLength(text), wanted) != 0;
}

export function textStartsWith(text: i64, wanted: i64): bool {
  const length = refLength(wanted);
  return refLength(text) >= length && textBytesEqual(refAddress(text), refAddress(wanted), length);
}

export function textEndsWith(text: i64, wanted: i64): bool {
  const length = refLength(wanted);
  if (refLength(text) < length) return false;
  return textBytesEqual(refAddress(text) + refLength(text) - length, refAddress(wanted), length);
}

/** 1-based character position of the first occurrence, 0 when there is none. */
export function textPosition(text: i64, wanted: i64): i64 {
  if (refLength(wanted) == 0) return 1;
  const begin = refAddress(text);
  const place = textFind(begin, begin + refLength(text), wanted);
  return place == 0 ? 0 : <i64>textCount(begin, <u32>(place - begin)) + 1;
}

/** The part between separators with a 1-based number, counted from the end where negative; empty when there is none. */
export function textSplitPart(text: i64, separator: i64, number: i64): i64 {
  const begin = refAddress(text);
  const end = begin + refLength(text);
  const length = refLength(separator);
  if (length == 0) return charPart(text, number);
  let wanted = number;
  if (number < 0) {
    let parts: i64 = 1;
    for (let at = textFind(begin, end, separator); at != 0; at = textFind(at + length, end, separator)) parts++;
    wanted = parts + number + 1;
  }
  if (wanted <= 0) return refOf(begin, 0);
  let from = begin;
  let to = textFind(from, end, separator);
  for (; wanted > 1 && to != 0; wanted--) {
    from = to + length;
    to = textFind(from, end, separator);
  }
  if (wanted > 1) return refOf(begin, 0);
  return refOf(from, <u32>((to == 0 ? end : to) - from));
}

/** With an empty separator every character is a part. */
function charPart(text: i64, number: i64): i64 {
  const begin = refAddress(text);
  const end = begin + refLength(text);
  const place = number < 0 ? <i64>textCount(begin, refLength(text)) + number : number - 1;
  if (place < 0 || number == 0) return refOf(begin, 0);
  const from = textAdvance(begin, end, place);
  return refOf(from, <u32>(textAdvance(from, end, 1) - from));
}

/** LIKE: `%` is any string, `_` any character, `escape` (a byte, −1: none) takes the next character as it is. */
function like(text: i64, pattern: i64, escape: i32): bool {
  let at = refAddress(text);
  const end = at + refLength(text);
  let p = refAddress(pattern);
  const patternEnd = p + refLength(pattern);
  // Where to go on when the rest does not match: behind the last `%`, one character further in the text.
  let retryPattern: usize = 0;
  let retryText: usize = 0;
  while (true) {
    if (p < patternEnd) {
      const wanted = <u32>load<u8>(p);
      if (wanted == 37 && escape != 37) {
        p += 1;
        retryPattern = p;
        retryText = at;
        continue;
      }
      const isEscaped = <i32>wanted == escape;
      if (isEscaped && p + 1 == patternEnd) {
        store<i32>(CELL_STATUS, ERROR_ARGUMENT);
        return false;
      }
      if (at < end) {
        if (wanted == 95 && !isEscaped) {
          p += 1;
          at += textCharBytes(load<u8>(at));
          continue;
        }
        if (load<u8>(isEscaped ? p + 1 : p) == load<u8>(at)) {
          p += isEscaped ? 2 : 1;
          at += 1;
          continue;
        }
      }
    } else if (at == end) {
      return true;
    }
    if (retryPattern == 0 || retryText >= end) break;
    retryText += textCharBytes(load<u8>(retryText));
    p = retryPattern;
    at = retryText;
  }
  return false;
}

export function textLike(text: i64, pattern: i64): bool {
  return like(text, pattern, -1);
}

/** LIKE … ESCAPE: an empty escape is none. Sets CELL_STATUS: ERROR_ARGUMENT for more than one byte, or at the end. */
export function textLikeEscape(text: i64, pattern: i64, escape: i64): bool {
  const length = refLength(escape);
  store<i32>(CELL_STATUS, length > 1 ? ERROR_ARGUMENT : STATUS_VALUE);
  if (length > 1) return false;
  return like(text, pattern, length == 0 ? -1 : <i32>load<u8>(refAddress(escape)));
}
