// Reading inside JSON values for compiled expressions: `->`, `->>`, json_extract and their kin.
//
// A JSON value is well formed and has no space around it (the decoders and `textToJson` see to that), so nothing is
// checked again. What is found is referred to where it is. Of duplicate keys the last is found.
//
//   path  a          the member of that name, whatever characters it has
//         $.a[0].b   members, and elements from 0, or from the end: [-1] or [#-1]
//         /a/0/b     the same as a JSON pointer (RFC 6901), without places from the end
//
// Every function sets CELL_STATUS: STATUS_NULL where there is nothing at the place, ERROR_ARGUMENT for a path that is
// none.
import { jsonSkipSpace, jsonStringEnd, jsonStringIsEscaped, jsonValueEnd } from './json-scan';
import { jsonUnescape, unescapedBytes } from './json-value';
import { CELL_STATUS, ERROR_ARGUMENT, STATUS_NULL, STATUS_VALUE } from './layout';
import { transientAllocate } from './memory';
import { refAddress, refLength, refOf } from './text-compare';

/** The value at hand: where a path has led so far. */
export let jsonHand: usize = 0;
export let jsonHandEnd: usize = 0;

const NULL_TEXT: u32 = 0x6c6c756e;

/** Takes the value from `p` to `end` at hand. */
export function jsonBegin(p: usize, end: usize): void {
  jsonHand = p;
  jsonHandEnd = end;
}

@inline
function begin(json: i64): void {
  jsonBegin(refAddress(json), refAddress(json) + refLength(json));
}

/** Sets CELL_STATUS. @returns the reference of the value at hand. */
@inline
function found(isFound: bool): i64 {
  store<i32>(CELL_STATUS, isFound ? STATUS_VALUE : STATUS_NULL);
  return refOf(jsonHand, <u32>(jsonHandEnd - jsonHand));
}

/** Goes to a member of the object at hand. @returns whether there is one. */
function member(key: usize, bytes: u32): bool {
  if (load<u8>(jsonHand) != 123) return false;
  let p = jsonSkipSpace(jsonHand + 1);
  if (load<u8>(p) == 125) return false;
  let isFound = false;
  while (true) {
    const name = p + 1;
    const close = jsonStringEnd(name);
    const isMeant = jsonStringIsEscaped
      ? isEscapedKey(name, close - 1, key, bytes)
      : <u32>(close - name) - 1 == bytes && memory.compare(name, key, bytes) == 0;
    // Behind the colon.
    p = jsonSkipSpace(jsonSkipSpace(close) + 1);
    const end = jsonValueEnd(p);
    if (isMeant) {
      isFound = true;
      jsonHand = p;
      jsonHandEnd = end;
    }
    p = jsonSkipSpace(end);
    if (load<u8>(p) == 125) return isFound;
    p = jsonSkipSpace(p + 1);
  }
}

function isEscapedKey(name: usize, end: usize, key: usize, bytes: u32): bool {
  const text = jsonUnescape(name, end);
  return unescapedBytes == bytes && memory.compare(text, key, bytes) == 0;
}

/** Goes to an element of the array at hand, from the end where the index is negative. @returns whether there is one. */
function element(index: i64): bool {
  if (load<u8>(jsonHand) != 91) return false;
  const place = index < 0 ? index + elementCount() : index;
  let p = jsonSkipSpace(jsonHand + 1);
  if (place < 0 || load<u8>(p) == 93) return false;
  let i: i64 = 0;
  while (true) {
    const end = jsonValueEnd(p);
    if (i == place) {
      jsonHand = p;
      jsonHandEnd = end;
      return true;
    }
    p = jsonSkipSpace(end);
    if (load<u8>(p) == 93) return false;
    p = jsonSkipSpace(p + 1);
    i++;
  }
}

/** Elements of the array at hand. */
function elementCount(): i64 {
  let p = jsonSkipSpace(jsonHand + 1);
  if (load<u8>(p) == 93) return 0;
  let count: i64 = 1;
  while (true) {
    p = jsonSkipSpace(jsonValueEnd(p));
    if (load<u8>(p) == 93) return count;
    p = jsonSkipSpace(p + 1);
    count++;
  }
}

/** Whether the path last followed is one. */
export let jsonIsPath: bool = true;

/** Follows a path from the value at hand. @returns whether it leads to a value. */
function follow(path: i64): bool {
  const p = refAddress(path);
  const end = p + refLength(path);
  jsonIsPath = true;
  if (p == end) return true;
  const first = load<u8>(p);
  if (first == 36) return jsonFollowSteps(p + 1, end);
  if (first == 47) return followPointer(p, end);
  return member(p, <u32>(end - p));
}

@inline
function noPath(): bool {
  jsonIsPath = false;
  return false;
}

/** `.name`, `."any name"`, `[0]`, `[-1]`, `[#-1]`, `["any name"]`, one after another; all are read even if none leads on. */
export function jsonFollowSteps(p: usize, end: usize): bool {
  jsonIsPath = true;
  let isFound = true;
  while (p < end) {
    const isDot = load<u8>(p) == 46;
    if ((!isDot && load<u8>(p) != 91) || p + 1 == end) return noPath();
    p++;
    const mark = load<u8>(p);
    if (mark == 34 || (!isDot && mark == 39)) {
      const close = closingQuote(p + 1, end, mark);
      if (close == 0 || (!isDot && (close + 1 == end || load<u8>(close, 1) != 93))) return noPath();
      isFound = isFound && quotedMember(p + 1, close);
      p = close + (isDot ? 1 : 2);
    } else if (isDot) {
      const name = p;
      while (p < end && load<u8>(p) != 46 && load<u8>(p) != 91) p++;
      if (p == name || (load<u8>(name) == 42 && p == name + 1)) return noPath();
      isFound = isFound && member(name, <u32>(p - name));
    } else {
      p = readIndex(p, end);
      if (p == 0) return noPath();
      isFound = isFound && element(readPlace);
    }
  }
  return isFound;
}

function closingQuote(p: usize, end: usize, quote: u32): usize {
  for (; p < end; p++) {
    const byte = <u32>load<u8>(p);
    if (byte == 92) p++;
    else if (byte == quote) return p;
  }
  return 0;
}

/** Goes to the member with a quoted name, in which a backslash stands before a character that is meant as it is. */
function quotedMember(p: usize, end: usize): bool {
  const name = transientAllocate(<u32>(end - p));
  let to = name;
  for (; p < end; p++) {
    if (load<u8>(p) == 92) p++;
    store<u8>(to, load<u8>(p));
    to++;
  }
  return member(name, <u32>(to - name));
}

/** The place that `readIndex` read. */
let readPlace: i64 = 0;

/** Reads `0]`, `-1]`, `#-1]` or `#]` (behind the last). @returns the address behind it, 0: it is not one. */
function readIndex(p: usize, end: usize): usize {
  const isFromEnd = load<u8>(p) == 35;
  if (isFromEnd) p++;
  const isNegative = p < end && load<u8>(p) == 45;
  if (isNegative) p++;
  const digits = p;
  let value: i64 = 0;
  for (; p < end && <u32>load<u8>(p) - 48 < 10; p++) {
    value = min<i64>(value, i64.MAX_VALUE / 100) * 10 + <i64>(load<u8>(p) - 48);
  }
  const isEmpty = p == digits;
  if (p >= end || load<u8>(p) != 93 || (isEmpty && (isNegative || !isFromEnd))) return 0;
  if (isFromEnd && !isNegative && !isEmpty) return 0;
  // Nothing is behind the last element.
  readPlace = isFromEnd && value == 0 ? i64.MAX_VALUE : isNegative ? -value : value;
  return p + 1;
}

/** `/name/0/…`, in which `~1` is a slash and `~0` a tilde. */
function followPointer(p: usize, end: usize): bool {
  while (p < end) {
    const name = transientAllocate(<u32>(end - p));
    let to = name;
    for (p++; p < end && load<u8>(p) != 47; p++) {
      let byte = load<u8>(p);
      if (byte == 126 && p + 1 < end && (load<u8>(p, 1) == 48 || load<u8>(p, 1) == 49)) {
        p++;
        byte = load<u8>(p) == 48 ? 126 : 47;
      }
      store<u8>(to, byte);
      to++;
    }
    const bytes = <u32>(to - name);
    if (load<u8>(jsonHand) == 91 ? !elementNamed(name, bytes) : !member(name, bytes)) return false;
  }
  return true;
}

function elementNamed(name: usize, bytes: u32): bool {
  if (bytes == 0 || bytes > 18 || (bytes > 1 && load<u8>(name) == 48)) return false;
  let place: i64 = 0;
  for (let i: u32 = 0; i < bytes; i++) {
    const digit = <u32>load<u8>(name + i) - 48;
    if (digit > 9) return false;
    place = place * 10 + digit;
  }
  return element(place);
}

/** The value at a path. */
export function jsonExtract(json: i64, path: i64): i64 {
  begin(json);
  const value = found(follow(path));
  if (!jsonIsPath) store<i32>(CELL_STATUS, ERROR_ARGUMENT);
  return value;
}

/** The element at an index, from the end where it is negative. */
export function jsonExtractIndex(json: i64, index: i64): i64 {
  begin(json);
  return found(element(index));
}

/** The text of a value: a string without quotes and escapes, others as written; NULL for null. */
export function jsonText(json: i64): i64 {
  const p = refAddress(json);
  const bytes = refLength(json);
  const isNull = bytes == 4 && load<u32>(p) == NULL_TEXT;
  store<i32>(CELL_STATUS, isNull ? STATUS_NULL : STATUS_VALUE);
  if (load<u8>(p) != 34) return json;
  jsonStringEnd(p + 1);
  if (!jsonStringIsEscaped) return refOf(p + 1, bytes - 2);
  const text = jsonUnescape(p + 1, p + bytes - 1);
  return refOf(text, unescapedBytes);
}

/** The text of what is at a path. */
export function jsonExtractText(json: i64, path: i64): i64 {
  const value = jsonExtract(json, path);
  return load<i32>(CELL_STATUS) == STATUS_VALUE ? jsonText(value) : 0;
}

export function jsonExtractIndexText(json: i64, index: i64): i64 {
  const value = jsonExtractIndex(json, index);
  return load<i32>(CELL_STATUS) == STATUS_VALUE ? jsonText(value) : 0;
}

/** The value at a path where it is a string, a number or a boolean. */
export function jsonExtractScalar(json: i64, path: i64): i64 {
  const value = jsonExtract(json, path);
  return load<i32>(CELL_STATUS) == STATUS_VALUE ? scalarOnly(value) : 0;
}

export function jsonExtractIndexScalar(json: i64, index: i64): i64 {
  const value = jsonExtractIndex(json, index);
  return load<i32>(CELL_STATUS) == STATUS_VALUE ? scalarOnly(value) : 0;
}

@inline
function scalarOnly(value: i64): i64 {
  const byte = <u32>load<u8>(refAddress(value));
  if ((byte | 32) == 123 || byte == 110) store<i32>(CELL_STATUS, STATUS_NULL);
  return value;
}

/** Whether there is a value at a path, be it null. */
export function jsonExists(json: i64, path: i64): bool {
  begin(json);
  const isFound = follow(path);
  store<i32>(CELL_STATUS, jsonIsPath ? STATUS_VALUE : ERROR_ARGUMENT);
  return isFound;
}

/** Elements of an array, 0 for any other value. */
export function jsonLength(json: i64): i64 {
  begin(json);
  return load<u8>(jsonHand) == 91 ? elementCount() : 0;
}
