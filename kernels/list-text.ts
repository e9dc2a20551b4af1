// Lists and text: splitting and joining, and the names in a JSON object.
import { bufferKeep, bufferMark, bufferPutBytes, bufferRoom, bufferTake } from './byte-buffer';
import { jsonSkipSpace, jsonStringEnd, jsonStringIsEscaped, jsonValueEnd } from './json-scan';
import { jsonUnescape, unescapedBytes } from './json-value';
import { NESTED_END, NESTED_VALUE } from './layout';
import { nestedItemEnd, nestedLoadText, nestedPutEnd, nestedPutMark, putText } from './nested-item';
import { textCharBytes } from './text';
import { refAddress, refLength } from './text-compare';
import { textFind } from './text-search';

/** The parts of a text between separators; its characters for an empty one. */
export function listSplit(text: i64, separator: i64): i64 {
  const end = refAddress(text) + refLength(text);
  const bytes = refLength(separator);
  const mark = bufferMark();
  let p = refAddress(text);
  if (bytes == 0) {
    while (p < end) {
      const next = p + textCharBytes(load<u8>(p));
      putPart(p, next);
      p = next;
    }
    if (refLength(text) == 0) putPart(p, p);
  } else {
    for (let at = textFind(p, end, separator); at != 0; at = textFind(p, end, separator)) {
      putPart(p, at);
      p = at + bytes;
    }
    putPart(p, end);
  }
  nestedPutEnd();
  return bufferTake(mark);
}

@inline
function putPart(from: usize, end: usize): void {
  nestedPutMark();
  putText(from, <u32>(end - from));
}

/** The elements of a list of texts that are not NULL, with a separator between. */
export function listJoin(list: i64, element: usize, separator: i64): i64 {
  const mark = bufferMark();
  let isFirst = true;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; p = nestedItemEnd(element, p)) {
    if (load<u8>(p) != NESTED_VALUE) continue;
    if (!isFirst) bufferPutBytes(refAddress(separator), refLength(separator));
    isFirst = false;
    const text = nestedLoadText(p + 1);
    bufferPutBytes(refAddress(text), refLength(text));
  }
  bufferKeep(bufferRoom(0));
  return bufferTake(mark);
}

/** The names in a JSON object, in its order; none for other values. */
export function listJsonKeys(json: i64): i64 {
  const mark = bufferMark();
  let p = refAddress(json);
  if (load<u8>(p) == 123) {
    p = jsonSkipSpace(p + 1);
    while (load<u8>(p) != 125) {
      const end = jsonStringEnd(p + 1);
      const isEscaped = jsonStringIsEscaped;
      const key = isEscaped ? jsonUnescape(p + 1, end - 1) : p + 1;
      nestedPutMark();
      putText(key, isEscaped ? unescapedBytes : <u32>(end - p) - 2);
      p = jsonSkipSpace(jsonValueEnd(jsonSkipSpace(jsonSkipSpace(end) + 1)));
      if (load<u8>(p) == 44) p = jsonSkipSpace(p + 1);
    }
  }
  nestedPutEnd();
  return bufferTake(mark);
}
