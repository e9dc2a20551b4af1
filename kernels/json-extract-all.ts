// Reading many values inside a JSON value: paths with wildcards, the elements of an array, the members of an object.
//
//   $.a[*].b    b of every element of a          $.a.*    the value of every member of a
//
// A path is cut at its wildcards. What is found goes into a list, in order; a place where a part of the path leads
// nowhere gives nothing. Every function sets CELL_STATUS.
import { bufferMark, bufferTake } from './byte-buffer';
import { jsonBegin, jsonFollowSteps, jsonHand, jsonHandEnd, jsonIsPath, jsonText } from './json-extract';
import { jsonSkipSpace, jsonStringEnd, jsonStringIsEscaped, jsonValueEnd } from './json-scan';
import { jsonUnescape, unescapedBytes } from './json-value';
import { CELL_STATUS, ERROR_ARGUMENT, STATUS_VALUE, TYPE_VARCHAR } from './layout';
import { nestedPutEnd, nestedPutMark, nestedPutMarkedText, nestedPutNull } from './nested-item';
import { printU64 } from './number-print';
import { refAddress, refLength, refOf } from './text-compare';

/** Whether what is found is written as text. */
let isText: bool = false;
const digits: usize = memory.data(32, 16);

/** The values at a path with wildcards, as JSON. */
export function jsonExtractAll(json: i64, path: i64): i64 {
  isText = false;
  return collect(json, path);
}

/** The same as text; NULL for null. */
export function jsonExtractAllText(json: i64, path: i64): i64 {
  isText = true;
  return collect(json, path);
}

function collect(json: i64, path: i64): i64 {
  const mark = bufferMark();
  const p = refAddress(path);
  const isRooted = refLength(path) > 0 && load<u8>(p) == 36;
  jsonBegin(refAddress(json), refAddress(json) + refLength(json));
  const isPath = isRooted && visit(p + 1, p + refLength(path));
  nestedPutEnd();
  store<i32>(CELL_STATUS, isPath ? STATUS_VALUE : ERROR_ARGUMENT);
  return bufferTake(mark);
}

/** Follows the path from `p` on from the value at hand, and writes what it leads to. @returns false: it is no path. */
function visit(p: usize, end: usize): bool {
  const star = wildcard(p, end);
  const isFound = jsonFollowSteps(p, star);
  if (!jsonIsPath) return false;
  if (!isFound) return true;
  if (star == end) {
    put(jsonHand, jsonHandEnd);
    return true;
  }
  const isArray = load<u8>(star) == 91;
  const rest = star + (isArray ? 3 : 2);
  if (load<u8>(jsonHand) != (isArray ? 91 : 123)) return true;
  let at = jsonSkipSpace(jsonHand + 1);
  while (!isClosing(at)) {
    if (!isArray) at = jsonSkipSpace(jsonSkipSpace(jsonStringEnd(at + 1)) + 1);
    const valueEnd = jsonValueEnd(at);
    jsonBegin(at, valueEnd);
    if (!visit(rest, end)) return false;
    at = jsonSkipSpace(valueEnd);
    if (!isClosing(at)) at = jsonSkipSpace(at + 1);
  }
  return true;
}

@inline
function isClosing(p: usize): bool {
  return (load<u8>(p) | 32) == 125;
}

/** Address of the first `[*]` or `.*` of a path, or its end. */
function wildcard(p: usize, end: usize): usize {
  for (; p < end; p++) {
    const byte = <u32>load<u8>(p);
    const next = p + 1 < end ? <u32>load<u8>(p, 1) : 0;
    if ((byte == 46 || byte == 91) && (next == 34 || (byte == 91 && next == 39))) {
      // A quoted name.
      for (p += 2; p < end && load<u8>(p) != next; p++) if (load<u8>(p) == 92) p++;
    } else if (next == 42) {
      const after = p + 2 < end ? <u32>load<u8>(p, 2) : 0;
      if (byte == 91 && after == 93) return p;
      if (byte == 46 && (after == 0 || after == 46 || after == 91)) return p;
    }
  }
  return end;
}

function put(from: usize, to: usize): void {
  if (!isText) {
    nestedPutMarkedText(from, <u32>(to - from));
    return;
  }
  const text = jsonText(refOf(from, <u32>(to - from)));
  if (load<i32>(CELL_STATUS) == STATUS_VALUE) nestedPutMarkedText(refAddress(text), refLength(text));
  else nestedPutNull(TYPE_VARCHAR);
}

/** The elements of an array, none for any other value. */
export function jsonElements(json: i64): i64 {
  isText = false;
  return elements(json);
}

/** The same as text; NULL for null. */
export function jsonElementsText(json: i64): i64 {
  isText = true;
  return elements(json);
}

function elements(json: i64): i64 {
  const mark = bufferMark();
  const p = refAddress(json);
  if (load<u8>(p) == 91) {
    let at = jsonSkipSpace(p + 1);
    while (!isClosing(at)) {
      const end = jsonValueEnd(at);
      put(at, end);
      at = jsonSkipSpace(end);
      if (!isClosing(at)) at = jsonSkipSpace(at + 1);
    }
  }
  nestedPutEnd();
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return bufferTake(mark);
}

/** The members of an object, or the elements of an array with their places from 0: structs of a text and JSON. */
export function jsonEntries(json: i64): i64 {
  const mark = bufferMark();
  const p = refAddress(json);
  const first = <u32>load<u8>(p);
  const isObject = first == 123;
  if (isObject || first == 91) {
    let index: u64 = 0;
    let at = jsonSkipSpace(p + 1);
    while (!isClosing(at)) {
      nestedPutMark();
      at = isObject ? putKey(at) : putIndex(index++, at);
      const end = jsonValueEnd(at);
      nestedPutMarkedText(at, <u32>(end - at));
      at = jsonSkipSpace(end);
      if (!isClosing(at)) at = jsonSkipSpace(at + 1);
    }
  }
  nestedPutEnd();
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return bufferTake(mark);
}

/** Writes the key at `p`. @returns the address of its value */
function putKey(p: usize): usize {
  const close = jsonStringEnd(p + 1);
  if (jsonStringIsEscaped) {
    const name = jsonUnescape(p + 1, close - 1);
    nestedPutMarkedText(name, unescapedBytes);
  } else nestedPutMarkedText(p + 1, <u32>(close - p) - 2);
  return jsonSkipSpace(jsonSkipSpace(close) + 1);
}

function putIndex(index: u64, p: usize): usize {
  nestedPutMarkedText(digits, printU64(index, digits));
  return p;
}
