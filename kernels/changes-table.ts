// A table by key: upserts in, retractions out. The last row of each key is kept; one that takes its place is an update.
//
//   upsert    no row with its key: an insertion; one that differs: an update; the same: nothing
//   deletion  the row with its key leaves; without one nothing happens
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import { ROW_NEXT } from './layout-rows';
import {
  TABLE_CHANGES,
  TABLE_HEADER_BYTES,
  TABLE_KEY_ROWS,
  TABLE_ROWS,
  TABLE_USED_BYTES,
  TABLE_WATERMARK,
} from './layout-table';
import { allocatedBytes } from './memory';
import { rowsKeep, rowsWrite, rowUnpin } from './row-store';
import { rowsEqual } from './row-equal';
import { rowTableAdd, rowTableDestroy, rowTableFind, rowTableInit, rowTableRemove } from './row-table';

export const TABLE_TABLE: usize = TABLE_HEADER_BYTES; // ROW_TABLE_BYTES of row-table.ts
const TABLE_ROW: usize = TABLE_HEADER_BYTES + 16; // u32: next row of the batch in hand
export const TABLE_PAIR: usize = TABLE_HEADER_BYTES + 20; // u32: number of the last update
const TABLE_LEFT: usize = TABLE_HEADER_BYTES + 24; // u32: rows that have left and are in the batch written last, a list
const PAIR_END: i32 = 0x40000000;

const selected: usize = memory.data(4, 16);
const keptRow: usize = memory.data(4, 16);

/** Completes a TABLE_* block whose header TypeScript has filled; the rest of it is zero. */
export function tableByKeyInit(state: usize): void {
  rowTableInit(state + TABLE_TABLE);
}

/** Gives back everything but the block. */
export function tableByKeyDestroy(state: usize): void {
  land(state);
  rowTableDestroy(state + TABLE_TABLE);
}

/** Adds a batch of upserts. @returns 0 when `out` is full: call again with the same batch once it was passed on. */
export function tableByKeyProcess(state: usize, batch: usize, out: usize): u32 {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const capacity = load<u32>(out, BATCH_CAPACITY);
  land(state);
  store<u32>(out, 0, BATCH_ROW_COUNT);
  let row = load<u32>(state, TABLE_ROW);
  for (; row < rows && load<u32>(out, BATCH_ROW_COUNT) + 2 <= capacity; row++) takeRow(state, batch, row, out);
  const isDone = row == rows;
  store<u32>(state, isDone ? 0 : row, TABLE_ROW);
  store<u32>(state, load<u32>(state, TABLE_USED_BYTES) + allocatedBytes() - before, TABLE_USED_BYTES);
  return u32(isDone);
}

/** Rows that have left were passed on. */
function land(state: usize): void {
  for (let row = <usize>load<u32>(state, TABLE_LEFT); row; ) {
    const next = <usize>load<u32>(row, ROW_NEXT);
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, 0, TABLE_LEFT);
}

function takeRow(state: usize, batch: usize, at: u32, out: usize): void {
  const table = state + TABLE_TABLE;
  const rows = state + <usize>TABLE_ROWS;
  const keyRows = state + <usize>TABLE_KEY_ROWS;
  store<u32>(selected, at);
  rowsKeep(rows, batch, selected, 1, keptRow);
  const row = <usize>load<u32>(keptRow);
  const known = rowTableFind(table, keyRows, row);
  const isUpsert = load<i32>(batchData(batch, load<u32>(state, TABLE_CHANGES)) + (at << 2)) > 0;
  if (isUpsert && known != 0 && rowsEqual(rows, known, row)) {
    rowUnpin(row);
    return;
  }
  const pair = isUpsert && known != 0 ? nextPair(state) : 1;
  if (known) {
    write(state, known, batch, at, out, -pair);
    rowTableRemove(table, keyRows, known);
    store<u32>(known, load<u32>(state, TABLE_LEFT), ROW_NEXT);
    store<u32>(state, <u32>known, TABLE_LEFT);
  }
  if (!isUpsert) {
    rowUnpin(row);
    return;
  }
  rowTableAdd(table, keyRows, row);
  write(state, row, batch, at, out, pair);
}

/** 1 is an insertion. */
function nextPair(state: usize): i32 {
  const pair = load<i32>(state, TABLE_PAIR) + 1;
  store<i32>(state, pair < PAIR_END ? pair : 1, TABLE_PAIR);
  return pair + 1;
}

/** Appends a kept row to `out`, with the watermark of row `at` of the input. */
function write(state: usize, row: usize, batch: usize, at: u32, out: usize, change: i32): void {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  store<u32>(keptRow, <u32>row);
  rowsWrite(state + <usize>TABLE_ROWS, keptRow, 1, out, to);
  const watermark = load<i32>(state, TABLE_WATERMARK);
  if (watermark >= 0) {
    const carried = load<i64>(batchData(batch, watermark) + (at << 3));
    store<i64>(batchData(out, watermark) + (to << 3), carried);
  }
  store<i32>(batchData(out, load<u32>(state, TABLE_CHANGES)) + (to << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
}
