// Images of a table that changes of a stream keep up to date (row-image.ts): { row │ u32 hash of its key } … 0.
import { imagePut, imageTake } from './image';
import { LOOKUP_ROW_COUNT, LOOKUP_ROWS, LOOKUP_USED_BYTES } from './layout-lookup';
import { LOOKUP_TABLE_IN_USE } from './lookup';
import { lookupTableAdd, lookupTableCount, lookupTableHash, lookupTableRow, lookupTableSlots } from './lookup-table';
import { rowImageEnd, rowImageSave, rowPut, rowTake } from './row-image';

/** Begins to save it. */
export function lookupSave(state: usize): void {
  const table = state + LOOKUP_TABLE_IN_USE;
  rowImageSave(state + <usize>LOOKUP_ROWS, 0, false);
  const slots = lookupTableSlots(table);
  for (let i: u32 = 0; i < slots; i++) {
    const row = lookupTableRow(table, i);
    if (!row) continue;
    rowPut(row);
    imagePut(lookupTableHash(table, i));
  }
  imagePut(0);
}

/** Loads its structure. */
export function lookupLoad(state: usize): void {
  const table = state + LOOKUP_TABLE_IN_USE;
  for (let row = rowTake(); row; row = rowTake()) lookupTableAdd(state, table, row, imageTake());
  store<u32>(state, lookupTableCount(table), LOOKUP_ROW_COUNT);
  store<u32>(state, load<u32>(state, LOOKUP_USED_BYTES) + rowImageEnd(), LOOKUP_USED_BYTES);
}
