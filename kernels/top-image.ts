// Images of what keeps rows by their values (row-image.ts): the first rows of an order, tables by key, and the row that
// a reader of changes holds.
import { imagePut, imagePutBlock, imageTake, imageTakeBlock } from './image';
import { ROW_NEXT } from './layout-rows';
import { READ_ROWS, TABLE_KEY_ROWS, TABLE_ROWS, TABLE_USED_BYTES } from './layout-table';
import { TOP_CHANGES_IN, TOP_KEY_COUNT, TOP_KEYS, TOP_USED_BYTES } from './layout-top';
import { READ_HELD, READ_PAIR } from './changes-read';
import { TABLE_PAIR, TABLE_TABLE } from './changes-table';
import { rowImageEnd, rowImageSave, rowPut, rowTake } from './row-image';
import { rowListCopy, rowListCount, rowListInsert } from './row-list';
import {
  rowIsDebt,
  rowTableAdd,
  rowTableBucket,
  rowTableBuckets,
  rowTableDebts,
  rowTableNext,
  rowTableTake,
} from './row-table';
import { TOP_ARRIVED, TOP_LIST, TOP_PAIR, TOP_TABLE } from './top';

const BLOCK_ROWS: u32 = 256;
const block: usize = memory.data(256 * 4, 16);

/** Begins to save the first rows of an order: numbers │ rows in their order … 0 │ rows that are owed … 0. */
export function topSave(state: usize): void {
  rowImageSave(state, 0, false);
  imagePutBlock(state + TOP_ARRIVED, 8);
  imagePut(load<u32>(state, TOP_PAIR));
  const count = rowListCount(state + TOP_LIST);
  for (let from: u32 = 0; from < count; from += BLOCK_ROWS) {
    const rows = min(count - from, BLOCK_ROWS);
    rowListCopy(state + TOP_LIST, from, rows, block);
    for (let i: usize = 0; i < rows; i++) rowPut(load<u32>(block + (i << 2)));
  }
  imagePut(0);
  if (load<i32>(state, TOP_CHANGES_IN) >= 0) debtsPut(state + TOP_TABLE);
}

/** Loads their structure. */
export function topLoad(state: usize): void {
  imageTakeBlock(state + TOP_ARRIVED, 8);
  store<u32>(state, imageTake(), TOP_PAIR);
  const keys = <usize>load<u32>(state, TOP_KEYS);
  const isRetracted = load<i32>(state, TOP_CHANGES_IN) >= 0;
  for (let row = rowTake(); row; row = rowTake()) {
    // Of equal rows the latest comes last, as it did.
    if (isRetracted) rowTableAdd(state + TOP_TABLE, state, row);
    rowListInsert(state + TOP_LIST, keys, load<u32>(state, TOP_KEY_COUNT), row, 0);
  }
  if (isRetracted) debtsTake(state + TOP_TABLE, state);
  store<u32>(state, load<u32>(state, TOP_USED_BYTES) + rowImageEnd(), TOP_USED_BYTES);
}

/** Writes the rows of a table that are owed … 0. */
export function debtsPut(table: usize): void {
  const buckets = rowTableDebts(table) ? rowTableBuckets(table) : 0;
  for (let i: u32 = 0; i < buckets; i++) {
    for (let first = rowTableBucket(table, i); first; first = rowTableNext(first)) {
      if (!rowIsDebt(first)) continue;
      for (let row = first; row; row = load<u32>(row, ROW_NEXT)) rowPut(row);
    }
  }
  imagePut(0);
}

/** Reads them. */
export function debtsTake(table: usize, rows: usize): void {
  for (let row = rowTake(); row; row = rowTake()) rowTableTake(table, rows, row);
}

/** Begins to save a table by key: number of the last update │ rows … 0. */
export function tableByKeySave(state: usize): void {
  rowImageSave(state + <usize>TABLE_ROWS, 0, false);
  imagePut(load<u32>(state, TABLE_PAIR));
  const table = state + TABLE_TABLE;
  const buckets = rowTableBuckets(table);
  for (let i: u32 = 0; i < buckets; i++) {
    for (let row = rowTableBucket(table, i); row; row = rowTableNext(row)) rowPut(row);
  }
  imagePut(0);
}

/** Loads its structure. */
export function tableByKeyLoad(state: usize): void {
  store<u32>(state, imageTake(), TABLE_PAIR);
  for (let row = rowTake(); row; row = rowTake()) {
    rowTableAdd(state + TABLE_TABLE, state + <usize>TABLE_KEY_ROWS, row);
  }
  store<u32>(state, load<u32>(state, TABLE_USED_BYTES) + rowImageEnd(), TABLE_USED_BYTES);
}

/** Begins to save a reader of changes: number of the last update │ the row that it holds. */
export function changesReadSave(state: usize): void {
  rowImageSave(load<u32>(state, READ_ROWS), 0, false);
  imagePut(load<u32>(state, READ_PAIR));
  rowPut(load<u32>(state, READ_HELD));
}

/** Loads its structure. */
export function changesReadLoad(state: usize): void {
  store<u32>(state, imageTake(), READ_PAIR);
  store<u32>(state, <u32>rowTake(), READ_HELD);
  rowImageEnd();
}
