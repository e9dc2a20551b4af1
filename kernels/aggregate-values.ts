// Quantiles: every value of a group, as a list of sort keys, or of references for texts; the one that is asked for is
// found by selection (Hoare 1961) when results are made. A list is in no order: selection leaves it partly sorted.
//
//   state ─► u32 address │ u32 count │ u32 capacity │ u32 0
import { STATE_ENTRIES, STATE_TABLES } from './aggregate-state';
import { tableArena } from './group-table';
import { bytesCompare } from './hash';
import { CALL_OFFSET, CALL_PHYSICAL } from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { arenaAllocate, arenaGive, arenaTake } from './memory';
import { sortBits } from './value-bits';

const LIST_COUNT: usize = 4;
const LIST_CAPACITY: usize = 8;
const CAPACITY_FIRST: u32 = 4;

/** Values of a list. */
@inline
export function valuesCount(list: usize): u32 {
  return load<u32>(list, LIST_COUNT);
}

/** Adds values to the lists of their groups; `validity` may be 0. */
export function updateList(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_REF:
      addTexts(state, rows, call, data, validity);
      break;
    case PHYSICAL_F64:
      addValues<f64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I64:
      addValues<i64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I32:
      addValues<i32>(state, rows, call, data, validity);
      break;
    default:
      addValues<u8>(state, rows, call, data, validity);
  }
}

@inline
function addValues<T>(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const list = <usize>load<u32>(entries + (row << 2)) + offset;
    const count = load<u32>(list, LIST_COUNT);
    if (count == load<u32>(list, LIST_CAPACITY)) reserve(tableArena(load<u32>(tables + (row << 2))), list, count + 1);
    store<u64>(<usize>load<u32>(list) + ((<usize>count) << 3), sortBits<T>(data + row * sizeof<T>()));
    store<u32>(list, count + 1, LIST_COUNT);
  }
}

function addTexts(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const arena = tableArena(load<u32>(tables + (row << 2)));
    addText(arena, <usize>load<u32>(entries + (row << 2)) + offset, data + (row << 3));
  }
}

function addText(arena: usize, list: usize, reference: usize): void {
  const count = load<u32>(list, LIST_COUNT);
  if (count == load<u32>(list, LIST_CAPACITY)) reserve(arena, list, count + 1);
  const bytes = load<u32>(reference, 4);
  const copy = arenaAllocate(arena, bytes);
  memory.copy(copy, load<u32>(reference), bytes);
  const to = <usize>load<u32>(list) + ((<usize>count) << 3);
  store<u32>(to, <u32>copy);
  store<u32>(to, bytes, 4);
  store<u32>(list, count + 1, LIST_COUNT);
}

function reserve(arena: usize, list: usize, wanted: u32): void {
  const capacity = load<u32>(list, LIST_CAPACITY);
  let larger = capacity ? capacity << 1 : CAPACITY_FIRST;
  while (larger < wanted) larger <<= 1;
  const from = <usize>load<u32>(list);
  const to = arenaTake(arena, larger << 3);
  memory.copy(to, from, (<usize>load<u32>(list, LIST_COUNT)) << 3);
  if (capacity) arenaGive(arena, from, capacity << 3);
  store<u32>(list, <u32>to);
  store<u32>(list, larger, LIST_CAPACITY);
}

/** Adds the values of another list. */
export function mergeLists(arena: usize, call: usize, list: usize, other: usize): void {
  const added = load<u32>(other, LIST_COUNT);
  const from = <usize>load<u32>(other);
  if (load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF) {
    for (let i: usize = 0; i < added; i++) addText(arena, list, from + (i << 3));
    return;
  }
  const count = load<u32>(list, LIST_COUNT);
  if (count + added > load<u32>(list, LIST_CAPACITY)) reserve(arena, list, count + added);
  memory.copy(<usize>load<u32>(list) + ((<usize>count) << 3), from, (<usize>added) << 3);
  store<u32>(list, count + added, LIST_COUNT);
}

/** Address of the value that has `index` values before it in sorted order; those after it in the list are not less. */
export function valuesSelect(list: usize, index: u32, hasTexts: bool): usize {
  const items = <usize>load<u32>(list);
  let low: u32 = 0;
  let high = load<u32>(list, LIST_COUNT) - 1;
  while (low < high) {
    const split = hasTexts ? partition(true, items, low, high) : partition(false, items, low, high);
    if (index <= split) high = split;
    else low = split + 1;
  }
  return items + ((<usize>index) << 3);
}

/** Least of the values from `index` on, after `valuesSelect` of the index before. */
export function valuesLeastFrom(list: usize, index: u32): u64 {
  const items = <usize>load<u32>(list);
  const count = load<u32>(list, LIST_COUNT);
  let least = load<u64>(items + ((<usize>index) << 3));
  for (let i = index + 1; i < count; i++) {
    const key = load<u64>(items + ((<usize>i) << 3));
    least = key < least ? key : least;
  }
  return least;
}

/** Parts a range around its middle value: up to the place returned none is greater than any after it. */
@inline
function partition(hasTexts: bool, items: usize, low: u32, high: u32): u32 {
  const pivot = load<u64>(items + ((<usize>((low + high) >> 1)) << 3));
  let i = low - 1;
  let j = high + 1;
  while (true) {
    do i++;
    while (isLess(hasTexts, load<u64>(items + ((<usize>i) << 3)), pivot));
    do j--;
    while (isLess(hasTexts, pivot, load<u64>(items + ((<usize>j) << 3))));
    if (i >= j) return j;
    const a = items + ((<usize>i) << 3);
    const b = items + ((<usize>j) << 3);
    const swap = load<u64>(a);
    store<u64>(a, load<u64>(b));
    store<u64>(b, swap);
  }
  return j;
}

@inline
function isLess(hasTexts: bool, a: u64, b: u64): bool {
  return hasTexts ? bytesCompare(<usize>(<u32>a), <u32>(a >> 32), <usize>(<u32>b), <u32>(b >> 32)) < 0 : a < b;
}
