// The rows of a sorter that are sorted when the input ends, or the first n of them, in slices (sort-work.ts).
//
// The list has the rows as they came. Sorting makes items of them, and leaves the list as it is, so that it can be saved at
// any time. Of what is sorted at the end the rows come out of the items. Of what is sorted because there are twice as many
// rows as can come out, the first become the list, behind them the rows that have come meanwhile, and the others are given
// back: a slice of all that for every few rows that come, so none of them waits for many.
import { SORTER_KEYS, SORTER_KEY_COUNT, SORTER_SKIP, SORTER_TAKE } from './layout-rows';
import { allocate, release } from './memory';
import { rowCompare } from './row-order';
import { rowUnpin } from './row-store';
import { SORT_ROWS } from './sort-orders';
import { sortBegin, sortGiveUp, sortGoOn } from './sort-work';
import {
  REST_BYTES,
  REST_COUNT,
  REST_ITEMS,
  REST_NEXT,
  REST_PHASE,
  REST_SORT,
  SORTER_STATE_LAST_KEPT,
  SORTER_STATE_LISTS,
  SORTER_STATE_LIST_COUNT,
  SORTER_STATE_REST,
  sorterMakeRoom,
} from './sorter-state';

const ALL: u32 = 0xffffffff;
/** Rows beyond the first n that are kept at least before they are thrown away. */
const SPARE_ROWS: u32 = 1024;
/** Items that a pass goes over for every row that comes, while there is something to sort: so there are no four times n rows. */
const ITEMS_PER_ROW: u32 = 16;

const PHASE_NONE: u32 = 0;
const PHASE_SELECTS: u32 = 1; // sorts to find the first n
const PHASE_DROPS: u32 = 2; // gives back those that are not among them
const PHASE_SORTS: u32 = 3; // sorts all, at the end
const PHASE_GIVES: u32 = 4; // they come out

/** The rows that can come out: the first n, or all. */
@inline
function keptMax(state: usize): u32 {
  const take = load<u32>(state, SORTER_TAKE);
  if (take == ALL) return ALL;
  return <u32>min<u64>(<u64>take + load<u32>(state, SORTER_SKIP), ALL);
}

@inline
function phaseOf(state: usize): u32 {
  const rest = <usize>load<u32>(state, SORTER_STATE_REST);
  return rest ? load<u32>(rest, REST_PHASE) : PHASE_NONE;
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
}

/** After `rows` rows have come: selects the first n, or goes on with it, in slices of so many. */
export function restSelect(state: usize, rows: u32, slice: u32): void {
  if (phaseOf(state) == PHASE_NONE) {
    const most = keptMax(state);
    const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
    if (most == ALL || <u64>count < <u64>most * 2 || count < most + SPARE_ROWS) return;
    begin(state, PHASE_SELECTS, slice);
  }
  for (let done: u32 = 0; done < rows * ITEMS_PER_ROW && phaseOf(state) != PHASE_NONE; done += slice)
    goOn(state, slice);
}

/** Begins to sort the rows of the list. */
function begin(state: usize, phase: u32, slice: u32): void {
  let rest = <usize>load<u32>(state, SORTER_STATE_REST);
  if (!rest) {
    rest = allocate(REST_BYTES);
    store<u32>(state, <u32>rest, SORTER_STATE_REST);
  }
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  const items = allocate(max<u32>(count, 1) << 4);
  const work = sortBegin(SORT_ROWS, state, items, count, 0, load<u32>(state, SORTER_STATE_LISTS), slice);
  store<u32>(rest, phase, REST_PHASE);
  store<u32>(rest, <u32>work, REST_SORT);
  store<u32>(rest, <u32>items, REST_ITEMS);
  store<u32>(rest, count, REST_COUNT);
  store<u32>(rest, 0, REST_NEXT);
}

/** Goes on by a slice. */
function goOn(state: usize, slice: u32): void {
  const rest = <usize>load<u32>(state, SORTER_STATE_REST);
  const work = load<u32>(rest, REST_SORT);
  if (work) {
    if (!sortGoOn(work)) return;
    store<u32>(rest, 0, REST_SORT);
  }
  const phase = load<u32>(rest, REST_PHASE);
  if (phase == PHASE_SELECTS) keepFirst(state, rest);
  else if (phase == PHASE_DROPS) drop(rest, slice);
  else store<u32>(rest, PHASE_GIVES, REST_PHASE);
}

/** The first of the sorted rows become the list, and behind them what has come since. */
function keepFirst(state: usize, rest: usize): void {
  const items = <usize>load<u32>(rest, REST_ITEMS);
  const sorted = load<u32>(rest, REST_COUNT);
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  const most = min(keptMax(state), sorted);
  for (let i: usize = 0; i < most; i++) store<u32>(rows + (i << 2), load<u32>(items + (i << 4), 8));
  memory.copy(rows + ((<usize>most) << 2), rows + ((<usize>sorted) << 2), (<usize>(count - sorted)) << 2);
  store<u32>(state, most + count - sorted, SORTER_STATE_LIST_COUNT);
  if (most) store<u32>(state, load<u32>(rows + ((<usize>(most - 1)) << 2)), SORTER_STATE_LAST_KEPT);
  store<u32>(rest, most, REST_NEXT);
  store<u32>(rest, PHASE_DROPS, REST_PHASE);
}

/** Gives back so many of the rows that will not come out. */
function drop(rest: usize, most: u32): void {
  const items = <usize>load<u32>(rest, REST_ITEMS);
  const next = load<u32>(rest, REST_NEXT);
  const left = load<u32>(rest, REST_COUNT) - next;
  const end = next + min(left, most);
  for (let i = next; i < end; i++) rowUnpin(load<u32>(items + ((<usize>i) << 4), 8));
  store<u32>(rest, end, REST_NEXT);
  if (left <= most) endPhase(rest);
}

function endPhase(rest: usize): void {
  release(load<u32>(rest, REST_ITEMS), max<u32>(load<u32>(rest, REST_COUNT), 1) << 4);
  store<u32>(rest, PHASE_NONE, REST_PHASE);
}

/** Goes on by a slice to let all rows out, in order. @returns whether they may come out now */
export function restRelease(state: usize, slice: u32): bool {
  const phase = phaseOf(state);
  if (phase == PHASE_GIVES) return true;
  if (phase == PHASE_NONE) begin(state, PHASE_SORTS, slice);
  else goOn(state, slice);
  const rest = <usize>load<u32>(state, SORTER_STATE_REST);
  // So little that it is sorted.
  if (load<u32>(rest, REST_PHASE) == PHASE_SORTS && !load<u32>(rest, REST_SORT))
    store<u32>(rest, PHASE_GIVES, REST_PHASE);
  return load<u32>(rest, REST_PHASE) == PHASE_GIVES;
}

/** The next of the sorted rows; 0: there is none, and rows can be added anew. */
export function restNext(state: usize): u32 {
  if (phaseOf(state) != PHASE_GIVES) return 0;
  const rest = <usize>load<u32>(state, SORTER_STATE_REST);
  const next = load<u32>(rest, REST_NEXT);
  if (next < load<u32>(rest, REST_COUNT)) {
    store<u32>(rest, next + 1, REST_NEXT);
    return load<u32>(<usize>load<u32>(rest, REST_ITEMS) + ((<usize>next) << 4), 8);
  }
  endPhase(rest);
  store<u32>(state, 0, SORTER_STATE_LIST_COUNT);
  store<u32>(state, 0, SORTER_STATE_LAST_KEPT);
  return 0;
}

/** Gives back all rows. */
export function restDestroy(state: usize): void {
  const rest = <usize>load<u32>(state, SORTER_STATE_REST);
  const phase = phaseOf(state);
  if (rest != 0 && phase != PHASE_NONE) {
    const work = load<u32>(rest, REST_SORT);
    if (work) sortGiveUp(work);
    if (phase == PHASE_DROPS || phase == PHASE_GIVES) drop(rest, ALL);
    else endPhase(rest);
  }
  if (rest) release(rest, REST_BYTES);
  if (phase == PHASE_GIVES) return;
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  for (let i: u32 = 0; i < count; i++) rowUnpin(load<u32>(rows + ((<usize>i) << 2)));
}
