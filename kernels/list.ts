// Lists and structs in compiled expressions: finding elements and fields, and lists made of lists.
//
// `list` and `struct` are references of nested values (kernels/layout.ts), `element` and `type` descriptions of types.
// What finds a value returns its address, for `nestedLoad…`, or 0 where there is none or it is NULL.
import { bufferMark, bufferPutBytes, bufferTake } from './byte-buffer';
import {
  CELL_STATUS,
  ERROR_OVERFLOW,
  NESTED_CODE,
  NESTED_END,
  NESTED_VALUE,
  STATUS_NULL,
  STATUS_VALUE,
} from './layout';
import {
  nestedBelow,
  nestedFieldType,
  nestedItemEnd,
  nestedLoad64,
  nestedLoadDouble,
  nestedNextField,
  nestedPutEnd,
  nestedWidth,
} from './nested-item';
import { refAddress, refLength } from './text-compare';

@inline
function valueIn(item: usize): usize {
  return item != 0 && load<u8>(item) == NESTED_VALUE ? item + 1 : 0;
}

/** Elements of a list. */
export function listCount(list: i64, element: usize): i64 {
  const width = nestedWidth(load<u32>(element, NESTED_CODE));
  if (width) return <i64>((refLength(list) - 1) / (width + 1));
  let count: i64 = 0;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; p = nestedItemEnd(element, p)) count++;
  return count;
}

/** The item at a place from 0, which the list has (one behind the last: its end). */
function itemAt(list: i64, element: usize, place: i64): usize {
  let p = refAddress(list);
  const width = nestedWidth(load<u32>(element, NESTED_CODE));
  if (width) return p + <usize>place * (width + 1);
  for (; place > 0; place--) p = nestedItemEnd(element, p);
  return p;
}

/** The element at an index from 1, or from −1 for the last. */
export function listAt(list: i64, element: usize, index: i64): usize {
  const count = listCount(list, element);
  const place = index < 0 ? index + count : index - 1;
  return place < 0 || place >= count ? 0 : valueIn(itemAt(list, element, place));
}

/** A field of a struct, by its number from 0. */
export function structAt(struct: i64, type: usize, number: i32): usize {
  let p = refAddress(struct);
  let field = nestedBelow(type);
  for (; number > 0; number--) {
    p = nestedItemEnd(nestedFieldType(field), p);
    field = nestedNextField(field);
  }
  return valueIn(p);
}

/** The elements from one index to another, both included; each from 1, or from −1 for the last. */
export function listSlice(list: i64, element: usize, first: i64, last: i64): i64 {
  const count = listCount(list, element);
  const begin = max<i64>(first < 0 ? first + count : first - 1, 0);
  const end = min<i64>(last < 0 ? last + count + 1 : last, count);
  const mark = bufferMark();
  if (begin < end) {
    const from = itemAt(list, element, begin);
    bufferPutBytes(from, <u32>(itemAt(list, element, end) - from));
  }
  nestedPutEnd();
  return bufferTake(mark);
}

/** Where an item (as it is in lists) is in a list: its index from 1, or 0. */
export function listFind(list: i64, element: usize, item: i64): i64 {
  const wanted = refAddress(item);
  const bytes = refLength(item);
  let index: i64 = 1;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; index++) {
    const end = nestedItemEnd(element, p);
    if (<u32>(end - p) == bytes && memory.compare(p, wanted, bytes) == 0) return index;
    p = end;
  }
  return 0;
}

/** The least or the greatest element that is not NULL. */
export function listExtreme(list: i64, element: usize, isGreatest: bool): usize {
  let best: usize = 0;
  let bestBytes: u32 = 0;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; ) {
    const end = nestedItemEnd(element, p);
    const bytes = <u32>(end - p);
    if (load<u8>(p) == NESTED_VALUE) {
      const order = best == 0 ? 0 : memory.compare(p, best, min(bytes, bestBytes));
      if (best == 0 || (isGreatest ? order > 0 : order < 0)) {
        best = p;
        bestBytes = bytes;
      }
    }
    p = end;
  }
  return valueIn(best);
}

/** Sets CELL_STATUS: STATUS_NULL for the sum of nothing. The elements are BIGINT. */
export function listSum(list: i64): i64 {
  let sum: i64 = 0;
  let status = STATUS_NULL;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; p += 9) {
    if (load<u8>(p) != NESTED_VALUE) continue;
    const value = nestedLoad64(p + 1);
    const next = sum + value;
    if (((sum ^ next) & (value ^ next)) < 0) {
      store<i32>(CELL_STATUS, ERROR_OVERFLOW);
      return 0;
    }
    sum = next;
    status = STATUS_VALUE;
  }
  store<i32>(CELL_STATUS, status);
  return sum;
}

/** The elements that are not NULL, of the last `listSumDouble`. */
let summed: f64 = 0;

/** As `listSum`; the elements are DOUBLE. */
export function listSumDouble(list: i64): f64 {
  let sum: f64 = 0;
  summed = 0;
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; p += 9) {
    if (load<u8>(p) != NESTED_VALUE) continue;
    sum += nestedLoadDouble(p + 1);
    summed++;
  }
  store<i32>(CELL_STATUS, summed == 0 ? STATUS_NULL : STATUS_VALUE);
  return sum;
}

/** The mean of elements that are DOUBLE. Sets CELL_STATUS. */
export function listMean(list: i64): f64 {
  const sum = listSumDouble(list);
  return sum / summed;
}

/** The elements of both. */
export function listConcat(a: i64, b: i64): i64 {
  const mark = bufferMark();
  bufferPutBytes(refAddress(a), refLength(a) - 1);
  bufferPutBytes(refAddress(b), refLength(b));
  return bufferTake(mark);
}

/** The elements in reverse. */
export function listReverse(list: i64, element: usize): i64 {
  const mark = bufferMark();
  for (let i = listCount(list, element) - 1; i >= 0; i--) {
    const item = itemAt(list, element, i);
    bufferPutBytes(item, <u32>(nestedItemEnd(element, item) - item));
  }
  nestedPutEnd();
  return bufferTake(mark);
}

/** The elements of the lists in a list, one list after another. */
export function listFlatten(list: i64, element: usize): i64 {
  const mark = bufferMark();
  for (let p = refAddress(list); load<u8>(p) != NESTED_END; ) {
    const end = nestedItemEnd(element, p);
    if (load<u8>(p) == NESTED_VALUE) bufferPutBytes(p + 1, <u32>(end - p) - 2);
    p = end;
  }
  nestedPutEnd();
  return bufferTake(mark);
}
