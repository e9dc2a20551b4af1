// The rows of a sorter that are sorted when the input ends, or the first n of them.
import { ROW_NEXT, SORTER_KEYS, SORTER_KEY_COUNT, SORTER_SKIP, SORTER_TAKE } from './layout-rows';
import { allocate, release } from './memory';
import { rowCompare, rowSort } from './row-order';
import { rowUnpin } from './row-store';
import {
  SORTER_STATE_LAST_KEPT,
  SORTER_STATE_LISTS,
  SORTER_STATE_LIST_COUNT,
  SORTER_STATE_SORTED,
  SORTER_STATE_SORTED_NEXT,
  sorterMakeRoom,
} from './sorter-state';

const ALL: u32 = 0xffffffff;
/** Rows beyond the first n that are kept at least before they are thrown away. */
const SPARE_ROWS: u32 = 1024;

/** The rows that can come out: the first n, or all. */
@inline
function keptMax(state: usize): u32 {
  const take = load<u32>(state, SORTER_TAKE);
  if (take == ALL) return ALL;
  return <u32>min<u64>(<u64>take + load<u32>(state, SORTER_SKIP), ALL);
}

/** Adds a row, unless it is certain that it will not come out. */
export function restAdd(state: usize, row: usize): void {
  const last = <usize>load<u32>(state, SORTER_STATE_LAST_KEPT);
  if (last != 0 && rowCompare(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), last, row) <= 0) {
    rowUnpin(row);
    return;
  }
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT) + 1;
  sorterMakeRoom(state, count);
  store<u32>(<usize>load<u32>(state, SORTER_STATE_LISTS) + ((<usize>(count - 1)) << 2), <u32>row);
  const most = keptMax(state);
  if (most != ALL && <u64>count >= <u64>most * 2 && count >= most + SPARE_ROWS) throwAway(state, most);
}

/** Sorts the rows and gives back those after the first `most`. */
function throwAway(state: usize, most: u32): void {
  sortRest(state);
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  for (let i = most; i < count; i++) rowUnpin(load<u32>(rows + ((<usize>i) << 2)));
  store<u32>(state, most, SORTER_STATE_LIST_COUNT);
  if (most) store<u32>(state, load<u32>(rows + ((<usize>(most - 1)) << 2)), SORTER_STATE_LAST_KEPT);
}

function sortRest(state: usize): void {
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  if (count < 2) return;
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  const items = allocate(count << 4);
  const spare = allocate(count << 4);
  for (let i: usize = 0; i < count; i++) store<u64>(items + (i << 4), load<u32>(rows + (i << 2)), 8);
  rowSort(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), items, count, spare);
  for (let i: usize = 0; i < count; i++) store<u32>(rows + (i << 2), load<u32>(items + (i << 4), 8));
  release(items, count << 4);
  release(spare, count << 4);
}

/**
 * Sorts the rows: they may come out, in the order in which they are listed. They are not linked to each other, because the
 * row behind a link that is not in cache would be waited for, one row after the other.
 */
export function restRelease(state: usize): void {
  sortRest(state);
  store<u32>(state, load<u32>(state, SORTER_STATE_LIST_COUNT), SORTER_STATE_SORTED);
  store<u32>(state, 0, SORTER_STATE_SORTED_NEXT);
}

/** The next of the sorted rows; 0: there is none, and rows can be added anew. */
export function restNext(state: usize): u32 {
  const next = load<u32>(state, SORTER_STATE_SORTED_NEXT);
  if (next < load<u32>(state, SORTER_STATE_SORTED)) {
    store<u32>(state, next + 1, SORTER_STATE_SORTED_NEXT);
    return load<u32>(<usize>load<u32>(state, SORTER_STATE_LISTS) + ((<usize>next) << 2));
  }
  if (!next) return 0;
  store<u32>(state, 0, SORTER_STATE_SORTED);
  store<u32>(state, 0, SORTER_STATE_SORTED_NEXT);
  store<u32>(state, 0, SORTER_STATE_LIST_COUNT);
  store<u32>(state, 0, SORTER_STATE_LAST_KEPT);
  return 0;
}

/** The sorted rows as a list. */
export function restLink(state: usize): u32 {
  sortRest(state);
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  let head: u32 = 0;
  for (let i = count; i > 0; i--) {
    const row = load<u32>(rows + ((<usize>(i - 1)) << 2));
    store<u32>(row, head, ROW_NEXT);
    head = row;
  }
  store<u32>(state, 0, SORTER_STATE_LIST_COUNT);
  store<u32>(state, 0, SORTER_STATE_LAST_KEPT);
  return head;
}
