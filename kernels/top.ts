// The first rows of an order as they change, or the final table of changes in an order.
//
//   a row comes    it is put where it belongs; if that is among those that come out, it enters, and the last one leaves
//   a row leaves   if it was among them, it leaves, and the one behind the last enters
//
// The rows of an update are one step: what leaves and enters in it is written once. If the row as it was leaves and the
// row as it is enters, that is an update, else a deletion and an insertion. Where rows only come, those behind the last
// that comes out are not kept.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import { ROW_INDEX, ROW_OLDER } from './layout-rows';
import {
  TOP_CHANGES_IN,
  TOP_CHANGES_OUT,
  TOP_END,
  TOP_FIRST,
  TOP_HEADER_BYTES,
  TOP_KEY_COUNT,
  TOP_KEYS,
  TOP_STEP_ROWS,
  TOP_USED_BYTES,
} from './layout-top';
import { allocatedBytes } from './memory';
import {
  rowListAt,
  rowListCopy,
  rowListCount,
  rowListDestroy,
  rowListFind,
  rowListInsert,
  rowListRemove,
} from './row-list';
import { rowsKeep, rowsWrite, rowUnpin } from './row-store';
import { rowsEqual } from './row-equal';
import { rowTableAdd, rowTableDestroy, rowTableInit, rowTableTake } from './row-table';

export const TOP_LIST: usize = TOP_HEADER_BYTES; // ROW_LIST_BYTES of row-list.ts
export const TOP_TABLE: usize = TOP_HEADER_BYTES + 16; // ROW_TABLE_BYTES of row-table.ts, where rows can leave
export const TOP_ARRIVED: usize = TOP_HEADER_BYTES + 32; // i64: rows that have come
const TOP_ROW: usize = TOP_HEADER_BYTES + 40; // u32: next row of the batch in hand
export const TOP_PAIR: usize = TOP_HEADER_BYTES + 44; // u32: number of the last update
const TOP_LEFT: usize = TOP_HEADER_BYTES + 48; // u32: rows that are gone and may be in the batch written last, a list
const TOP_WRITTEN: usize = TOP_HEADER_BYTES + 52; // u32: rows of the final table that are written
const ALL: u32 = 0xffffffff;
const PAIR_END: i32 = 0x40000000;
const WRITE_ROWS: u32 = 256;

const selected: usize = memory.data(4, 16);
const keptRow: usize = memory.data(4, 16);
const writing: usize = memory.data(256 * 4, 16);
// What leaves and enters in the step in hand: up to two each.
const leaving: usize = memory.data(16, 16);
const entering: usize = memory.data(16, 16);
let leavingCount: u32 = 0;
let enteringCount: u32 = 0;

/** Completes a state block whose header TypeScript has filled; the rest of it is zero. */
export function topInit(state: usize): void {
  if (load<i32>(state, TOP_CHANGES_IN) >= 0) rowTableInit(state + TOP_TABLE);
}

/** Gives back everything but the block. */
export function topDestroy(state: usize): void {
  land(state);
  const isRetracted = load<i32>(state, TOP_CHANGES_IN) >= 0;
  if (!isRetracted) {
    const count = rowListCount(state + TOP_LIST);
    for (let i: u32 = 0; i < count; i++) rowUnpin(rowListAt(state + TOP_LIST, i));
  }
  rowListDestroy(state + TOP_LIST);
  if (isRetracted) rowTableDestroy(state + TOP_TABLE);
}

/** Adds a batch. @returns 0 when `out` is full: call again with the same batch once it was passed on. */
export function topProcess(state: usize, batch: usize, out: usize): u32 {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const capacity = load<u32>(out, BATCH_CAPACITY);
  land(state);
  store<u32>(out, 0, BATCH_ROW_COUNT);
  let row = load<u32>(state, TOP_ROW);
  while (row < rows && load<u32>(out, BATCH_ROW_COUNT) + TOP_STEP_ROWS <= capacity)
    row += step(state, batch, row, rows, out);
  const isDone = row == rows;
  store<u32>(state, isDone ? 0 : row, TOP_ROW);
  store<u32>(state, load<u32>(state, TOP_USED_BYTES) + allocatedBytes() - before, TOP_USED_BYTES);
  return u32(isDone);
}

/** Fills `out` with the next rows of the final table, in their order. @returns how many, 0 when there are no more. */
export function topEmit(state: usize, out: usize): u32 {
  const list = state + TOP_LIST;
  const from = load<u32>(state, TOP_FIRST) + load<u32>(state, TOP_WRITTEN);
  const end = min(load<u32>(state, TOP_END), rowListCount(list));
  const count: u32 = from < end ? min(min(end - from, load<u32>(out, BATCH_CAPACITY)), WRITE_ROWS) : 0;
  rowListCopy(list, from, count, writing);
  rowsWrite(state, writing, count, out, 0);
  store<u32>(out, count, BATCH_ROW_COUNT);
  store<u32>(state, load<u32>(state, TOP_WRITTEN) + count, TOP_WRITTEN);
  return count;
}

/** Rows that are gone were passed on. */
function land(state: usize): void {
  for (let row = <usize>load<u32>(state, TOP_LEFT); row; ) {
    const next = <usize>load<u32>(row, ROW_OLDER);
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, 0, TOP_LEFT);
}

function giveUp(state: usize, row: usize): void {
  store<u32>(row, load<u32>(state, TOP_LEFT), ROW_OLDER);
  store<u32>(state, <u32>row, TOP_LEFT);
}

@inline
function changeAt(state: usize, batch: usize, row: u32): i32 {
  const column = load<i32>(state, TOP_CHANGES_IN);
  return column < 0 ? 1 : load<i32>(batchData(batch, column) + (row << 2));
}

/** Handles a row, or the two of an update. @returns how many. */
function step(state: usize, batch: usize, row: u32, rows: u32, out: usize): u32 {
  const change = changeAt(state, batch, row);
  const isUpdate = change < -1 && row + 1 < rows && changeAt(state, batch, row + 1) == -change;
  leavingCount = 0;
  enteringCount = 0;
  const old = change < 0 ? takeRow(state, batch, row) : 0;
  const made = change > 0 || isUpdate ? addRow(state, batch, isUpdate ? row + 1 : row) : 0;
  if (load<i32>(state, TOP_CHANGES_OUT) >= 0) writeStep(state, out, isUpdate ? old : 0, made);
  return isUpdate ? 2 : 1;
}

function copyRow(state: usize, batch: usize, row: u32): usize {
  store<u32>(selected, row);
  rowsKeep(state, batch, selected, 1, keptRow);
  return load<u32>(keptRow);
}

/** Puts a row into the list. @returns it, 0 when it is taken back already or does not count. */
function addRow(state: usize, batch: usize, at: u32): usize {
  const list = state + TOP_LIST;
  const first = load<u32>(state, TOP_FIRST);
  const end = load<u32>(state, TOP_END);
  const row = copyRow(state, batch, at);
  const arrived = load<i64>(state, TOP_ARRIVED);
  store<i64>(row, arrived, ROW_INDEX);
  store<i64>(state, arrived + 1, TOP_ARRIVED);
  const isRetracted = load<i32>(state, TOP_CHANGES_IN) >= 0;
  if (isRetracted && !rowTableAdd(state + TOP_TABLE, state, row)) {
    rowUnpin(row);
    return 0;
  }
  const place = rowListInsert(list, load<u32>(state, TOP_KEYS), load<u32>(state, TOP_KEY_COUNT), row, end);
  if (place < end) {
    const entered = place < first ? rowListAt(list, first) : row;
    if (entered) enter(entered);
    const left = end == ALL ? <usize>0 : rowListAt(list, end);
    if (left) leave(left);
  }
  if (!isRetracted && end != ALL && rowListCount(list) > end) {
    const last = rowListAt(list, end);
    rowListRemove(list, load<u32>(state, TOP_KEYS), load<u32>(state, TOP_KEY_COUNT), last);
    giveUp(state, last);
  }
  return row;
}

/** Takes a row like this one out of the list. @returns it, 0 when there is none. */
function takeRow(state: usize, batch: usize, at: u32): usize {
  const list = state + TOP_LIST;
  const keys = <usize>load<u32>(state, TOP_KEYS);
  const keyCount = load<u32>(state, TOP_KEY_COUNT);
  const first = load<u32>(state, TOP_FIRST);
  const end = load<u32>(state, TOP_END);
  const copy = copyRow(state, batch, at);
  const row = rowTableTake(state + TOP_TABLE, state, copy);
  if (!row) return 0;
  rowUnpin(copy);
  const place = rowListFind(list, keys, keyCount, row, end);
  if (place < end) {
    const left = place < first ? rowListAt(list, first) : row;
    if (left) leave(left);
  }
  rowListRemove(list, keys, keyCount, row);
  if (place < end) {
    const entered = end == ALL ? <usize>0 : rowListAt(list, end - 1);
    if (entered) enter(entered);
  }
  giveUp(state, row);
  return row;
}

function leave(row: usize): void {
  store<u32>(leaving + ((<usize>leavingCount) << 2), <u32>row);
  leavingCount++;
}

function enter(row: usize): void {
  store<u32>(entering + ((<usize>enteringCount) << 2), <u32>row);
  enteringCount++;
}

/** Writes what has left and entered, but for rows that did both, or are like one that did the other. */
function writeStep(state: usize, out: usize, old: usize, made: usize): void {
  for (let i: u32 = 0; i < leavingCount; i++) {
    for (let j: u32 = 0; j < enteringCount; j++) {
      const left = <usize>load<u32>(leaving + (i << 2));
      const entered = <usize>load<u32>(entering + (j << 2));
      if (!left || !entered || !rowsEqual(state, left, entered)) continue;
      store<u32>(leaving + (i << 2), 0);
      store<u32>(entering + (j << 2), 0);
    }
  }
  const isUpdate =
    old != 0 && made != 0 && isAmong(leaving, leavingCount, old) && isAmong(entering, enteringCount, made);
  if (isUpdate) {
    const pair = load<i32>(state, TOP_PAIR) + 1;
    // 1 is an insertion.
    store<i32>(state, pair < PAIR_END ? pair : 1, TOP_PAIR);
    write(state, old, out, -1 - pair);
    write(state, made, out, pair + 1);
  }
  for (let i: u32 = 0; i < leavingCount; i++) {
    const row = <usize>load<u32>(leaving + (i << 2));
    if (row != 0 && !(isUpdate && row == old)) write(state, row, out, -1);
  }
  for (let i: u32 = 0; i < enteringCount; i++) {
    const row = <usize>load<u32>(entering + (i << 2));
    if (row != 0 && !(isUpdate && row == made)) write(state, row, out, 1);
  }
}

function isAmong(rows: usize, count: u32, row: usize): bool {
  for (let i: u32 = 0; i < count; i++) if (<usize>load<u32>(rows + (i << 2)) == row) return true;
  return false;
}

function write(state: usize, row: usize, out: usize, change: i32): void {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  store<u32>(keptRow, <u32>row);
  rowsWrite(state, keptRow, 1, out, to);
  store<i32>(batchData(out, load<u32>(state, TOP_CHANGES_OUT)) + (to << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
}
