// Images (row-image.ts) of changes that wait for the watermark: see lasting.ts. Between two turns none is coming out.
//
// Structure: limit │ rows that have come │ rows, or debts, as they are in the heap … 0. Those that are taken back are left out.
import { imagePut, imagePutBlock, imageTakeBlock } from './image';
import { LASTING_ARRIVED, LASTING_HEAP, LASTING_TABLE } from './lasting';
import {
  LASTING_LATE_COUNT,
  LASTING_LIMIT,
  LASTING_ROW_COUNT,
  LASTING_ROWS,
  LASTING_TIME_OFFSET,
  LASTING_USED_BYTES,
} from './layout-lasting';
import { ROW_PINS } from './layout-rows';
import { rowImageEnd, rowImageSave, rowPut, rowTake } from './row-image';
import { rowIsDebt, rowTableAdd, rowTableTake } from './row-table';
import { heapCount, heapPush, heapWhat } from './time-heap';

/** Begins to save what waits. */
export function lastingSave(state: usize): void {
  rowImageSave(state + <usize>LASTING_ROWS, 0, false);
  imagePutBlock(state + LASTING_LIMIT, 8);
  imagePutBlock(state + LASTING_LATE_COUNT, 8);
  imagePutBlock(state + LASTING_ARRIVED, 8);
  const heap = state + LASTING_HEAP;
  for (let i: u32 = 0; i < heapCount(heap); i++) {
    const row = heapWhat(heap, i);
    if (load<u32>(row, ROW_PINS) == 2) rowPut(row);
  }
  imagePut(0);
}

/** Loads its structure. */
export function lastingLoad(state: usize): void {
  const table = state + LASTING_TABLE;
  const rows = state + <usize>LASTING_ROWS;
  const offset = load<u32>(state, LASTING_TIME_OFFSET);
  imageTakeBlock(state + LASTING_LIMIT, 8);
  imageTakeBlock(state + LASTING_LATE_COUNT, 8);
  imageTakeBlock(state + LASTING_ARRIVED, 8);
  for (let row = rowTake(); row; row = rowTake()) {
    if (rowIsDebt(row)) rowTableTake(table, rows, row);
    else rowTableAdd(table, rows, row);
    heapPush(state + LASTING_HEAP, offset ? load<i64>(row + offset) : 0, row);
  }
  store<u32>(state, heapCount(state + LASTING_HEAP), LASTING_ROW_COUNT);
  store<u32>(state, load<u32>(state, LASTING_USED_BYTES) + rowImageEnd(), LASTING_USED_BYTES);
}
