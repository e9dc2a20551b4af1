// The groups of a block of rows that are added one by one, found together, where there are keys and no windows: so that
// cache misses overlap, and each step goes over the block.
//
//   blockFind     packs and hashes the keys, reads ahead, finds or makes the groups
//   blockSelect   has STATE_ENTRIES say that of one row, as if it alone had been looked up
//   blockProcess  both for rows that only come, each of which gives the change of its group
//
// What it finds is forgotten when a batch going out is full: other operators use the same place.
import { BLOCK_ROWS, STATE_ENTRIES, STATE_ONLY_PANE, STATE_TABLES } from './aggregate-state';
import { aggregateUpdate } from './aggregate-update';
import { waveHasRoom } from './changes-wave';
import { changesCountRows, changesPrepare } from './changes-windows';
import { tableFetch, tableFind } from './group-find';
import { recordChange } from './group-record';
import { tableIsLarge } from './group-table';
import { BATCH_ROW_COUNT } from './layout';
import { AGGREGATE_CHANGES, AGGREGATE_IS_WINDOWED, AGGREGATE_KEY_COUNT } from './layout-aggregate';
import { CHANGES_MODE, CHANGES_ON_UPDATE, CHANGES_ROW, CHANGES_SLOT } from './layout-changes';

const found: usize = memory.data(<i32>BLOCK_ROWS * 4, 16);

/** Whether blocks of rows can be looked up together. */
@inline
export function blockIsPossible(state: usize): bool {
  return !load<u32>(state, AGGREGATE_IS_WINDOWED) && load<u32>(state, AGGREGATE_KEY_COUNT) != 0;
}

/** Finds or makes the groups of up to BLOCK_ROWS rows of a batch. */
export function blockFind(state: usize, batch: usize, first: u32, rows: u32): void {
  const only = load<u32>(state, STATE_ONLY_PANE);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  for (let row: usize = 0; row < rows; row++) store<u32>(tables + (row << 2), only);
  changesPrepare(state, batch, first, rows);
  if (tableIsLarge(only)) tableFetch(state, rows, load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_SLOT));
  tableFind(state, batch, first, rows);
  memory.copy(found, load<u32>(state, STATE_ENTRIES), rows << 2);
}

/** Takes the group of a row of the block, counted from its first. @returns it */
@inline
export function blockSelect(state: usize, index: u32): usize {
  const entry = load<u32>(found + ((<usize>index) << 2));
  store<u32>(load<u32>(state, STATE_ENTRIES), entry);
  return <usize>entry;
}

/** Whether every row changes the one group that it has, at once. */
@inline
export function blockIsUpdated(state: usize): bool {
  return load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_MODE) == CHANGES_ON_UPDATE && blockIsPossible(state);
}

/**
 * Adds the rows of a batch, each of which changes its group at once. @returns false when `out` is full or a result is out of
 * range; CHANGES_ROW is the next row.
 */
export function blockProcess(state: usize, batch: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const pane = <usize>load<u32>(state, STATE_ONLY_PANE);
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first = load<u32>(changes, CHANGES_ROW); first < rows; first += BLOCK_ROWS) {
    const count = min<u32>(rows - first, BLOCK_ROWS);
    blockFind(state, batch, first, count);
    for (let index: u32 = 0; index < count; index++) {
      store<u32>(changes, first + index, CHANGES_ROW);
      if (!waveHasRoom(out)) return false;
      const entry = blockSelect(state, index);
      aggregateUpdate(state, batch, first + index, 1);
      if (!recordChange(state, pane, entry, out)) return false;
      changesCountRows(state, 1);
    }
  }
  return true;
}
