// STRING_AGG and, of items of nested values, ARRAY_AGG: the texts of a group, as a list of elements in the order they came; ORDER BY sorts when results are made.
//
//   state   ─► u32 address │ u32 count │ u32 capacity in bytes, a power of two │ u32 1 when lists were merged into it
//   element ─► u32 address, u32 length of the text │ i64 arrival │ per sort item: u32 rank │ u32 0 │ u64 key
//
// The rank is 1 for values, and for NULL what puts it first or last. The key is a sort key, of a text a reference.
import { STATE_ENTRIES, STATE_RESULTS, STATE_SEQUENCE, STATE_TABLES } from './aggregate-state';
import { batchData, batchValidity } from './group-key';
import { tableArena } from './group-table';
import { bytesCompare } from './hash';
import { imageBytes, imageReference } from './image';
import {
  CALL_OFFSET,
  CALL_RESULT,
  CALL_SET_OFFSET,
  CALL_SORT_COUNT,
  CALL_SORTS,
  CALL_TEXT,
  CALL_TEXT_BYTES,
  RESULT_LIST,
  SORT_BYTES,
  SORT_COLUMN,
  SORT_DESCENDING,
  SORT_NULL_RANK,
  SORT_PHYSICAL,
} from './layout-aggregate';
import { NESTED_END, PHYSICAL_REF } from './layout';
import { arenaAllocate, arenaGive, arenaTake } from './memory';
import { bytesOfPhysical, sortBitsOf } from './value-bits';
import { setAddText } from './value-set';

const LIST_COUNT: usize = 4;
const LIST_CAPACITY: usize = 8;
const LIST_MERGED: usize = 12;
const ELEMENT_ARRIVAL: usize = 8;
const ELEMENT_ITEMS: u32 = 16;
const ITEM_KEY: usize = 8;
const ITEM_BYTES: u32 = 16;
const CAPACITY_FIRST: u32 = 64;
const RESULT_BYTES_MAX: u64 = 1 << 30;

@inline
function elementBytes(call: usize): u32 {
  return ELEMENT_ITEMS + load<u32>(call, CALL_SORT_COUNT) * ITEM_BYTES;
}

/** Texts of a list. */
@inline
export function textsCount(list: usize): u32 {
  return load<u32>(list, LIST_COUNT);
}

/** Adds texts to the lists of their groups; `validity` may be 0. */
export function updateTexts(
  state: usize,
  batch: usize,
  first: u32,
  rows: u32,
  call: usize,
  data: usize,
  validity: usize,
): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const arena = tableArena(load<u32>(tables + (row << 2)));
    const list = <usize>load<u32>(entries + (row << 2)) + offset;
    const element = add(arena, call, list);
    keepReference(arena, element, data + (row << 3));
    store<i64>(element, load<i64>(state, STATE_SEQUENCE) + row, ELEMENT_ARRIVAL);
    if (load<u32>(call, CALL_SORT_COUNT)) setItems(arena, call, element, batch, first + <u32>row);
  }
}

function add(arena: usize, call: usize, list: usize): usize {
  const bytes = elementBytes(call);
  const used = load<u32>(list, LIST_COUNT) * bytes;
  const capacity = load<u32>(list, LIST_CAPACITY);
  if (used + bytes > capacity) {
    let larger = capacity ? capacity << 1 : CAPACITY_FIRST;
    while (larger < used + bytes) larger <<= 1;
    const to = arenaTake(arena, larger);
    memory.copy(to, load<u32>(list), used);
    if (capacity) arenaGive(arena, load<u32>(list), capacity);
    store<u32>(list, <u32>to);
    store<u32>(list, larger, LIST_CAPACITY);
  }
  store<u32>(list, load<u32>(list, LIST_COUNT) + 1, LIST_COUNT);
  return <usize>load<u32>(list) + used;
}

/** Copies a text, and writes its reference to `to`. */
function keepReference(arena: usize, to: usize, reference: usize): void {
  const bytes = load<u32>(reference, 4);
  const copy = arenaAllocate(arena, bytes);
  memory.copy(copy, load<u32>(reference), bytes);
  store<u32>(to, <u32>copy);
  store<u32>(to, bytes, 4);
}

function setItems(arena: usize, call: usize, element: usize, batch: usize, row: u32): void {
  const count = load<u32>(call, CALL_SORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const sort = <usize>load<u32>(call, CALL_SORTS) + i * SORT_BYTES;
    const item = element + ELEMENT_ITEMS + i * ITEM_BYTES;
    const column = load<i32>(sort, SORT_COLUMN);
    const physical = load<u32>(sort, SORT_PHYSICAL);
    const validity = batchValidity(batch, column);
    const isNull = validity != 0 && load<u8>(validity + row) == 0;
    store<u64>(item, isNull ? load<u32>(sort, SORT_NULL_RANK) : 1);
    const value = batchData(batch, column) + row * bytesOfPhysical(physical);
    if (isNull) store<u64>(item, 0, ITEM_KEY);
    else if (physical == PHYSICAL_REF) keepReference(arena, item + ITEM_KEY, value);
    else store<u64>(item, sortBitsOf(physical, value), ITEM_KEY);
  }
}

/** Adds the texts of another list. */
export function mergeTexts(arena: usize, call: usize, list: usize, other: usize): void {
  const bytes = elementBytes(call);
  const count = load<u32>(other, LIST_COUNT);
  const sorts = load<u32>(call, CALL_SORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const from = <usize>load<u32>(other) + i * bytes;
    const to = add(arena, call, list);
    memory.copy(to, from, bytes);
    keepReference(arena, to, from);
    for (let s: u32 = 0; s < sorts; s++) {
      const item = ELEMENT_ITEMS + s * ITEM_BYTES;
      if (isTextItem(call, s) && load<u32>(from + item) == 1)
        keepReference(arena, to + item + ITEM_KEY, from + item + ITEM_KEY);
    }
  }
  if (count) store<u32>(list, 1, LIST_MERGED);
}

/** Puts the texts of a list together, and writes the reference of the result, which STATE_RESULTS keeps. */
export function writeTexts(state: usize, call: usize, list: usize, to: usize): void {
  const results = <usize>load<u32>(state, STATE_RESULTS);
  const bytes = elementBytes(call);
  let count = load<u32>(list, LIST_COUNT);
  let order = arenaAllocate(results, count << 2);
  for (let i: u32 = 0; i < count; i++) store<u32>(order + ((<usize>i) << 2), load<u32>(list) + i * bytes);
  if (load<u32>(list, LIST_MERGED) != 0 && load<i32>(call, CALL_SET_OFFSET) >= 0) {
    order = sortElements(results, call, order, count, true);
    count = firstOfEach(results, order, count);
  }
  order = sortElements(results, call, order, count, false);
  putTogether(results, call, order, count, to);
}

/** Leaves out elements whose text came before. @returns how many are left. */
function firstOfEach(results: usize, order: usize, count: u32): u32 {
  const set = arenaAllocate(results, 16);
  memory.fill(set, 0, 16);
  let left: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const element = load<u32>(order + (i << 2));
    if (!setAddText(results, set, load<u32>(element), load<u32>(element, 4))) continue;
    store<u32>(order + ((<usize>left) << 2), element);
    left++;
  }
  return left;
}

function putTogether(results: usize, call: usize, order: usize, count: u32, to: usize): void {
  const separator = <usize>load<u32>(call, CALL_TEXT);
  const separatorBytes = load<u32>(call, CALL_TEXT_BYTES);
  const isList = load<u32>(call, CALL_RESULT) == RESULT_LIST;
  let total: u64 = <u64>separatorBytes * (count - 1) + u64(isList);
  for (let i: usize = 0; i < count; i++) total += load<u32>(load<u32>(order + (i << 2)), 4);
  // A result like that fits no batch and no sink: memory is treated as used up.
  if (total > RESULT_BYTES_MAX) unreachable();
  const text = arenaAllocate(results, <u32>total);
  let at = text;
  for (let i: usize = 0; i < count; i++) {
    if (i) {
      memory.copy(at, separator, separatorBytes);
      at += separatorBytes;
    }
    const element = <usize>load<u32>(order + (i << 2));
    const bytes = load<u32>(element, 4);
    memory.copy(at, load<u32>(element), bytes);
    at += bytes;
  }
  if (isList) store<u8>(at, NESTED_END);
  store<u32>(to, <u32>text);
  store<u32>(to, <u32>total, 4);
}

/** Sorts addresses of elements, by arrival alone or by the sort items first (merge sort). @returns the sorted list. */
function sortElements(results: usize, call: usize, order: usize, count: u32, byArrival: bool): usize {
  let isSorted = true;
  for (let i: u32 = 1; i < count && isSorted; i++) {
    const at = order + ((<usize>i) << 2);
    isSorted = compare(call, load<u32>(at - 4), load<u32>(at), byArrival) <= 0;
  }
  if (isSorted) return order;
  let from = order;
  let to = arenaAllocate(results, count << 2);
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let low: u32 = 0; low < count; low += width << 1) {
      mergeRuns(call, from, to, low, min(low + width, count), min(low + (width << 1), count), byArrival);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function mergeRuns(call: usize, from: usize, to: usize, low: u32, middle: u32, high: u32, byArrival: bool): void {
  let left = low;
  let right = middle;
  for (let k = low; k < high; k++) {
    const a = load<u32>(from + ((<usize>left) << 2));
    const b = load<u32>(from + ((<usize>right) << 2));
    const takesLeft = left < middle && (right >= high || compare(call, a, b, byArrival) <= 0);
    store<u32>(to + ((<usize>k) << 2), takesLeft ? a : b);
    if (takesLeft) left++;
    else right++;
  }
}

function compare(call: usize, a: usize, b: usize, byArrival: bool): i32 {
  const count: u32 = byArrival ? 0 : load<u32>(call, CALL_SORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const sort = <usize>load<u32>(call, CALL_SORTS) + i * SORT_BYTES;
    const x = a + ELEMENT_ITEMS + i * ITEM_BYTES;
    const y = b + ELEMENT_ITEMS + i * ITEM_BYTES;
    const ranks = load<i32>(x) - load<i32>(y);
    if (ranks) return ranks;
    if (load<u32>(x) != 1) continue;
    let order: i32;
    if (load<u32>(sort, SORT_PHYSICAL) == PHYSICAL_REF) {
      order = bytesCompare(load<u32>(x, 8), load<u32>(x, 12), load<u32>(y, 8), load<u32>(y, 12));
    } else
      order =
        i32(load<u64>(x, ITEM_KEY) > load<u64>(y, ITEM_KEY)) - i32(load<u64>(x, ITEM_KEY) < load<u64>(y, ITEM_KEY));
    if (order) return load<u32>(sort, SORT_DESCENDING) ? -order : order;
  }
  return (
    i32(load<i64>(a, ELEMENT_ARRIVAL) > load<i64>(b, ELEMENT_ARRIVAL)) -
    i32(load<i64>(a, ELEMENT_ARRIVAL) < load<i64>(b, ELEMENT_ARRIVAL))
  );
}

/** Visits what a list of texts refers to, for its image (image.ts). */
export function textsVisit(call: usize, list: usize): void {
  const bytes = elementBytes(call);
  const count = load<u32>(list, LIST_COUNT);
  const sorts = load<u32>(call, CALL_SORT_COUNT);
  imageBytes(list, count * bytes, load<u32>(list, LIST_CAPACITY));
  for (let i: u32 = 0; i < count; i++) {
    const element = <usize>load<u32>(list) + i * bytes;
    imageReference(element);
    for (let s: u32 = 0; s < sorts; s++) {
      const item = element + ELEMENT_ITEMS + s * ITEM_BYTES;
      if (isTextItem(call, s) && load<u32>(item) == 1) imageReference(item + ITEM_KEY);
    }
  }
}

@inline
function isTextItem(call: usize, item: u32): bool {
  return load<u32>(<usize>load<u32>(call, CALL_SORTS) + item * SORT_BYTES, SORT_PHYSICAL) == PHYSICAL_REF;
}
