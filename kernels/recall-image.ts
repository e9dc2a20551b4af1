// Images (row-image.ts) of rows that are remembered: see recall.ts. Between two turns none waits.
//
// Structure: rows … 0. Of rows that are equal the first comes first, so that adding them again gives the same list.
import { RECALL_LEFT_ROWS, RECALL_ROW_COUNT, RECALL_ROWS, RECALL_USED_BYTES } from './layout-recall';
import { ROW_NEXT } from './layout-rows';
import { RECALL_TABLE, ROW_LISTED } from './recall';
import { imagePut } from './image';
import { rowImageEnd, rowImageSave, rowPut, rowPutOther, rowTake } from './row-image';
import {
  rowIsDebt,
  rowTableAdd,
  rowTableBucket,
  rowTableBuckets,
  rowTableCount,
  rowTableNext,
  rowTableTake,
} from './row-table';

/** Begins to save what is remembered. */
export function recallSave(state: usize): void {
  rowImageSave(state + <usize>RECALL_ROWS, state + <usize>RECALL_LEFT_ROWS, false);
  const table = state + RECALL_TABLE;
  const buckets = rowTableBuckets(table);
  for (let i: u32 = 0; i < buckets; i++) {
    for (let first = rowTableBucket(table, i); first; ) {
      const next = rowTableNext(first);
      putEqual(first);
      first = next;
    }
  }
  imagePut(0);
}

/** Writes equal rows, whose list begins with the last. */
function putEqual(first: usize): void {
  const isDebt = rowIsDebt(first);
  let turned: usize = 0;
  for (let row = first; row; row = <usize>load<u32>(row, ROW_NEXT)) {
    store<u32>(row, <u32>turned, ROW_LISTED);
    turned = row;
  }
  for (let row = turned; row; row = <usize>load<u32>(row, ROW_LISTED)) {
    if (isDebt) rowPutOther(row);
    else rowPut(row);
  }
}

/** Loads its structure. */
export function recallLoad(state: usize): void {
  const table = state + RECALL_TABLE;
  const rows = state + <usize>RECALL_LEFT_ROWS;
  for (let row = rowTake(); row; row = rowTake()) {
    if (rowIsDebt(row)) rowTableTake(table, rows, row);
    else rowTableAdd(table, rows, row);
  }
  store<u32>(state, rowTableCount(table), RECALL_ROW_COUNT);
  store<u32>(state, load<u32>(state, RECALL_USED_BYTES) + rowImageEnd(), RECALL_USED_BYTES);
}
