// Numbered rows that change: ROW_NUMBER, RANK and DENSE_RANK over partitions whose rows come and go.
//
//   a step         one row that comes or goes, or both rows of an update: its partition from the first place that changes
//                  on, as it was and as it is, and place by place what differs
//   a place        has another row, or its row other numbers: an update; or there is no row any more, or a new one
//
// Where rows move up they are written from the last place on, otherwise from the first: so a reader that knows rows by their
// place and one that knows them by their values are both right, change by change. Of only the first rows of a partition
// (OVER_KEEP) what is behind them is not written, and not kept where rows cannot leave.
//
// State: OVER_* (partitions, order) and RANKED_*. A row keeps its last RANK and DENSE_RANK; the ROW_NUMBER is its place.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import { OVER_KEEP, PARTITION_HEADER_BYTES, PARTITION_NEXT } from './layout-over';
import { RANKED_CHANGES_IN, RANKED_TABLE } from './layout-ranked';
import {
  ROW_INDEX,
  ROW_READY_NEXT,
  SORTER_ARRIVED,
  SORTER_KEY_COUNT,
  SORTER_KEYS,
  SORTER_USED_BYTES,
} from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import {
  partitionBuckets,
  partitionDrop,
  partitionFirst,
  partitionOf,
  partitionsDestroy,
  partitionsInit,
} from './partition';
import {
  ENTRY_BYTES,
  ENTRY_DENSE,
  ENTRY_RANK,
  ENTRY_ROW,
  RANKED_AFTER,
  RANKED_AFTER_COUNT,
  RANKED_BEFORE,
  RANKED_BEFORE_COUNT,
  RANKED_CAPACITY,
  RANKED_CURSOR,
  RANKED_FIRST,
  RANKED_IS_BACKWARD,
  RANKED_NEXT_MADE,
  RANKED_RETIRED,
  RANKED_ROW,
  ROW_DENSE,
  ROW_RANK,
} from './ranked-state';
import { rankedWrite } from './ranked-write';
import {
  rowListAt,
  rowListCopy,
  rowListCount,
  rowListDestroy,
  rowListFind,
  rowListInsert,
  rowListRemove,
} from './row-list';
import { rowCompare } from './row-order';
import { rowsKeep, rowUnpin } from './row-store';
import { rowTableAdd, rowTableDestroy, rowTableInit, rowTableTake } from './row-table';

const ALL: u32 = 0xffffffff;
const CAPACITY_MIN: u32 = 16;
const selected: usize = memory.data(4, 16);
const keptRow: usize = memory.data(4, 16);

/** Completes a state block whose header TypeScript has filled; the rest of it is zero. */
export function rankedInit(state: usize): void {
  partitionsInit(state);
  if (hasTable(state)) rowTableInit(state + RANKED_TABLE);
}

@inline
function hasTable(state: usize): bool {
  return load<i32>(state, RANKED_CHANGES_IN) >= 0;
}

@inline
function listOf(partition: usize): usize {
  return partition + PARTITION_HEADER_BYTES;
}

/** Gives back everything but the block. */
export function rankedDestroy(state: usize): void {
  land(state);
  const buckets = partitionBuckets(state);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    for (let partition = partitionFirst(state, bucket); partition != 0; ) {
      const list = listOf(partition);
      const count: u32 = hasTable(state) ? 0 : rowListCount(list);
      for (let i: u32 = 0; i < count; i++) rowUnpin(rowListAt(list, i));
      rowListDestroy(list);
      partition = <usize>load<u32>(partition, PARTITION_NEXT);
    }
  }
  partitionsDestroy(state);
  if (hasTable(state)) rowTableDestroy(state + RANKED_TABLE);
  const capacity = load<u32>(state, RANKED_CAPACITY);
  if (!capacity) return;
  release(load<u32>(state, RANKED_BEFORE), capacity * ENTRY_BYTES);
  release(load<u32>(state, RANKED_AFTER), capacity * ENTRY_BYTES);
}

/** Adds a batch. @returns 0 when `out` is full: call again with the same batch once it was passed on. */
export function rankedProcess(state: usize, batch: usize, out: usize): u32 {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const capacity = load<u32>(out, BATCH_CAPACITY);
  store<u32>(out, 0, BATCH_ROW_COUNT);
  let isDone = false;
  while (rankedWrite(state, out, capacity)) {
    const made = <usize>load<u32>(state, RANKED_NEXT_MADE);
    const row = load<u32>(state, RANKED_ROW);
    // What is in `out` refers to rows that went.
    if (load<u32>(out, BATCH_ROW_COUNT) == 0) land(state);
    if (made) {
      store<u32>(state, 0, RANKED_NEXT_MADE);
      change(state, partitionOf(state, made), 0, made);
    } else if (row < rows) {
      store<u32>(state, row + step(state, batch, row, rows), RANKED_ROW);
    } else {
      store<u32>(state, 0, RANKED_ROW);
      isDone = true;
      break;
    }
  }
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
  return u32(isDone);
}

/** Gives back rows that went, which nothing refers to any more. */
function land(state: usize): void {
  for (let row = <usize>load<u32>(state, RANKED_RETIRED); row; ) {
    const next = <usize>load<u32>(row, ROW_READY_NEXT);
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, 0, RANKED_RETIRED);
}

function retire(state: usize, row: usize): void {
  store<u32>(row, load<u32>(state, RANKED_RETIRED), ROW_READY_NEXT);
  store<u32>(state, <u32>row, RANKED_RETIRED);
}

@inline
function changeAt(state: usize, batch: usize, row: u32): i32 {
  const column = load<i32>(state, RANKED_CHANGES_IN);
  return column < 0 ? 1 : load<i32>(batchData(batch, column) + ((<usize>row) << 2));
}

function copyRow(state: usize, batch: usize, row: u32): usize {
  store<u32>(selected, row);
  rowsKeep(state, batch, selected, 1, keptRow);
  return load<u32>(keptRow);
}

/** Handles a row, or the two of an update. @returns how many. */
function step(state: usize, batch: usize, row: u32, rows: u32): u32 {
  const kind = changeAt(state, batch, row);
  const isUpdate = kind < -1 && row + 1 < rows && changeAt(state, batch, row + 1) == -kind;
  const old = kind < 0 ? takeRow(state, copyRow(state, batch, row)) : 0;
  const made = kind > 0 || isUpdate ? addRow(state, copyRow(state, batch, isUpdate ? row + 1 : row)) : 0;
  const from = old ? partitionOf(state, old) : 0;
  const to = made ? partitionOf(state, made) : 0;
  if (from != 0 && to != 0 && from != to) {
    store<u32>(state, <u32>made, RANKED_NEXT_MADE);
    change(state, from, old, 0);
  } else if (from != 0 || to != 0) change(state, from ? from : to, old, made);
  return isUpdate ? 2 : 1;
}

/** Takes a row like this one out of the table. @returns it, 0 when there is none */
function takeRow(state: usize, copy: usize): usize {
  const row = rowTableTake(state + RANKED_TABLE, state, copy);
  if (row) rowUnpin(copy);
  return row;
}

/** @returns the row, 0 when it is taken back already */
function addRow(state: usize, row: usize): usize {
  const arrived = load<i64>(state, SORTER_ARRIVED);
  store<i64>(row, arrived, ROW_INDEX);
  store<i64>(state, arrived + 1, SORTER_ARRIVED);
  if (!hasTable(state) || rowTableAdd(state + RANKED_TABLE, state, row)) return row;
  rowUnpin(row);
  return 0;
}

/** Takes `old` out of a partition, and puts `made` into it; either may be 0. What differs then waits to be written. */
function change(state: usize, partition: usize, old: usize, made: usize): void {
  const list = listOf(partition);
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  const end = load<u32>(state, OVER_KEEP) ? load<u32>(state, OVER_KEEP) : ALL;
  const isEmpty = rowListCount(list) == 0;
  const from = old ? rowListFind(list, keys, keyCount, old, end) : ALL;
  const to = !made ? ALL : isEmpty ? 0 : rowListFind(list, keys, keyCount, made, end);
  const first = min(from, to);
  if (first < end) copyPlaces(state, RANKED_BEFORE, list, first, end);
  if (old) rowListRemove(list, keys, keyCount, old);
  if (made) rowListInsert(list, keys, keyCount, made, end);
  if (first < end) {
    copyPlaces(state, RANKED_AFTER, list, first, end);
    number(state, first, first ? rowListAt(list, first - 1) : 0);
    store<u32>(state, first, RANKED_FIRST);
    store<u32>(state, 0, RANKED_CURSOR);
    store<u32>(state, u32(to > from), RANKED_IS_BACKWARD);
  }
  if (old) retire(state, old);
  if (!hasTable(state) && end != ALL && rowListCount(list) > end) {
    const last = rowListAt(list, end);
    rowListRemove(list, keys, keyCount, last);
    retire(state, last);
  }
  if (rowListCount(list) == 0) {
    rowListDestroy(list);
    partitionDrop(state, partition);
  }
}

/** Copies the rows of a list from a place on, with the numbers that they have, to RANKED_BEFORE or RANKED_AFTER. */
function copyPlaces(state: usize, to: usize, list: usize, first: u32, end: u32): void {
  const last = min(rowListCount(list), end);
  const count: u32 = last > first ? last - first : 0;
  if (count > load<u32>(state, RANKED_CAPACITY)) grow(state, count);
  const entries = <usize>load<u32>(state + to);
  rowListCopy(list, first, count, entries);
  // The addresses are side by side: apart from the last on.
  for (let i = count; i-- > 0; ) {
    const row = <usize>load<u32>(entries + ((<usize>i) << 2));
    const entry = entries + <usize>i * ENTRY_BYTES;
    store<u32>(entry, <u32>row, ENTRY_ROW);
    store<u32>(entry, load<u32>(row, ROW_RANK), ENTRY_RANK);
    store<u32>(entry, load<u32>(row, ROW_DENSE), ENTRY_DENSE);
  }
  store<u32>(state + (to == RANKED_BEFORE ? RANKED_BEFORE_COUNT : RANKED_AFTER_COUNT), count);
}

function grow(state: usize, count: u32): void {
  const capacity = load<u32>(state, RANKED_CAPACITY);
  let larger = max(capacity, CAPACITY_MIN);
  while (larger < count) larger <<= 1;
  growOne(state + RANKED_BEFORE, capacity, larger);
  growOne(state + RANKED_AFTER, capacity, larger);
  store<u32>(state, larger, RANKED_CAPACITY);
}

function growOne(place: usize, capacity: u32, larger: u32): void {
  const entries = allocate(larger * ENTRY_BYTES);
  if (capacity) {
    memory.copy(entries, load<u32>(place), capacity * ENTRY_BYTES);
    release(load<u32>(place), capacity * ENTRY_BYTES);
  }
  store<u32>(place, <u32>entries);
}

/** Numbers the rows at RANKED_AFTER, which begin at a place. `before`: the row at the place before it, 0: none. */
function number(state: usize, first: u32, before: usize): void {
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  const count = load<u32>(state, RANKED_AFTER_COUNT);
  let entry = <usize>load<u32>(state, RANKED_AFTER);
  for (let i: u32 = 0; i < count; i++, entry += ENTRY_BYTES) {
    const row = <usize>load<u32>(entry, ENTRY_ROW);
    const isEqual = before != 0 && rowCompare(keys, keyCount, before, row) == 0;
    const rank = isEqual ? load<u32>(before, ROW_RANK) : first + i + 1;
    const dense = before ? load<u32>(before, ROW_DENSE) + (isEqual ? 0 : 1) : 1;
    store<u32>(row, rank, ROW_RANK);
    store<u32>(row, dense, ROW_DENSE);
    store<u32>(entry, rank, ENTRY_RANK);
    store<u32>(entry, dense, ENTRY_DENSE);
    before = row;
  }
}
