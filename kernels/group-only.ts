// The one group of a query without keys: its packed key is zero, and so is its hash.
import { STATE_ENTRIES, STATE_PACKED, STATE_TABLES } from './aggregate-state';
import { emptyEntry } from './group-entry';
import { bucketEntry, tableArena, tableFirst, tableInsert } from './group-table';

/** Finds or makes the group of `rows` rows of a query without keys: STATE_ENTRIES from STATE_TABLES. */
export function tableFindOnly(state: usize, rows: u32): void {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  let table: usize = 0;
  let entry: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const own = <usize>load<u32>(tables + (row << 2));
    if (own != table) {
      table = own;
      entry = <u32>tableOnly(state, table);
    }
    store<u32>(entries + (row << 2), entry);
  }
}

/** The one group of a table of a query without keys, made if it is not there. */
export function tableOnly(state: usize, table: usize): usize {
  const found = bucketEntry(tableFirst(table), 0);
  if (found) return found;
  const entry = emptyEntry(state, tableArena(table), load<u32>(state, STATE_PACKED));
  tableInsert(table, 0, entry);
  return entry;
}
