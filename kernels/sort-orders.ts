// What a sort in slices (sort-work.ts) sorts by. An order is a list of columns, each sorted by in parts of 8 bytes, as in
// group-sort.ts; `state` is that of the operator.
//
//   SORT_NUMBERS    the sort keys that the items have
//   SORT_GROUPS     keys of groups
//   SORT_SESSIONS   sessions by last row, first row, and the keys of their groups
//   SORT_ROWS       kept rows by the order of a sorter
import { groupSortFrom } from './group-sort';
import { groupStepKeys, PART_NULL, PART_VALUE } from './group-sort-parts';
import { PHYSICAL_REF } from './layout';
import { AGGREGATE_KEY_COUNT, AGGREGATE_KEYS, KEY_BYTES, KEY_NULL_OFFSET, KEY_PHYSICAL } from './layout-aggregate';
import { ORDER_BYTES, ORDER_NULL_OFFSET, ORDER_PHYSICAL, SORTER_KEY_COUNT, SORTER_KEYS } from './layout-rows';
import { rowSortFrom, rowStepKeys } from './row-order';
import { SESSION_COLUMNS, sessionSortFrom, sessionStepKeys } from './session-order';
import { sortItems } from './sort';

export const SORT_NUMBERS: u32 = 0;
export const SORT_GROUPS: u32 = 1;
export const SORT_SESSIONS: u32 = 2;
export const SORT_ROWS: u32 = 3;

/** How many columns it has. */
export function orderColumns(order: u32, state: usize): u32 {
  switch (order) {
    case SORT_GROUPS:
      return load<u32>(state, AGGREGATE_KEY_COUNT);
    case SORT_SESSIONS:
      return SESSION_COLUMNS + load<u32>(state, AGGREGATE_KEY_COUNT);
    case SORT_ROWS:
      return load<u32>(state, SORTER_KEY_COUNT);
    default:
      return 1;
  }
}

/** The key descriptor of a column of groups, 0 for what is no column of theirs. */
@inline
function groupKey(order: u32, state: usize, column: u32): usize {
  const first: u32 = order == SORT_SESSIONS ? SESSION_COLUMNS : 0;
  if (order == SORT_NUMBERS || column < first) return 0;
  return <usize>load<u32>(state, AGGREGATE_KEYS) + (column - first) * KEY_BYTES;
}

@inline
function rowKey(state: usize, column: u32): usize {
  return <usize>load<u32>(state, SORTER_KEYS) + column * ORDER_BYTES;
}

/** Whether a column can be NULL. */
export function orderHasNulls(order: u32, state: usize, column: u32): bool {
  if (order == SORT_ROWS) return load<i32>(rowKey(state, column), ORDER_NULL_OFFSET) >= 0;
  const key = groupKey(order, state, column);
  return key != 0 && load<i32>(key, KEY_NULL_OFFSET) >= 0;
}

export function orderIsText(order: u32, state: usize, column: u32): bool {
  if (order == SORT_ROWS) return load<u32>(rowKey(state, column), ORDER_PHYSICAL) == PHYSICAL_REF;
  const key = groupKey(order, state, column);
  return key != 0 && load<u32>(key, KEY_PHYSICAL) == PHYSICAL_REF;
}

/** Whether what all strings of a column begin with is left out of their first part. */
export function orderMovesPrefix(order: u32, state: usize, column: u32): bool {
  return order != SORT_ROWS && orderIsText(order, state, column);
}

/** Sets the sort keys of a step. @returns for a part of a string: whether a string may have bytes beyond it. */
export function orderStepKeys(order: u32, state: usize, column: u32, part: u32, items: usize, count: u32): bool {
  if (order == SORT_ROWS) return rowStepKeys(rowKey(state, column), part, items, count);
  const key = groupKey(order, state, column);
  if (key) return groupStepKeys(key, part, items, count);
  if (order == SORT_SESSIONS) sessionStepKeys(items, count, column);
  return false;
}

/** Sorts items at once that are equal in the steps before this one. `spare` has room for as many. */
export function orderSort(
  order: u32,
  state: usize,
  items: usize,
  count: u32,
  spare: usize,
  column: u32,
  part: u32,
): void {
  switch (order) {
    case SORT_GROUPS:
      groupSortFrom(state, items, count, spare, column, part);
      break;
    case SORT_SESSIONS:
      if (column >= SESSION_COLUMNS) groupSortFrom(state, items, count, spare, column - SESSION_COLUMNS, part);
      else sessionSortFrom(state, items, count, spare, column);
      break;
    case SORT_ROWS:
      rowSortFrom(rowKey(state, column), load<u32>(state, SORTER_KEY_COUNT) - column, items, count, spare, part);
      break;
    default:
      sortItems(items, count, spare);
  }
}
