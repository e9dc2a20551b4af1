// Images of what an aggregate that reads changes keeps beside its groups (retract-state.ts): the rows of each group in
// the order in which they came, and rows that were taken back before they came, by the pane of their group.
//
//   rows  { u32 bytes │ row } … u32 0
//
// States that had an arena of their own get one again when a value is taken back.
import { imagePut, imageTake } from './image';
import { AGGREGATE_RETRACT } from './layout-aggregate';
import { RETRACT_ROWS } from './layout-retract';
import { ROW_BLOCK_BYTES, ROW_NEXT, ROW_OLDER, ROW_PARTITION, ROW_YOUNGER } from './layout-rows';
import { GROUP_FIRST, GROUP_LAST, GROUP_OWN, RETRACT_TABLE } from './retract-state';
import { retractPartition } from './retract-rows';
import { retractGroup } from './retract-update';
import { rowImagePut, rowImageTake } from './row-image';
import {
  rowIsDebt,
  rowTableAdd,
  rowTableBucket,
  rowTableBuckets,
  rowTableDebts,
  rowTableNext,
  rowTableTake,
} from './row-table';

@inline
function retractOf(state: usize): usize {
  return <usize>load<u32>(state, AGGREGATE_RETRACT);
}

function putRow(rows: usize, row: usize): void {
  imagePut(load<u32>(row, ROW_BLOCK_BYTES));
  rowImagePut(rows, row, false);
}

/** The next row, of a group of `pane`; 0: there is none. */
function takeRow(state: usize, rows: usize, pane: usize): usize {
  const bytes = imageTake();
  if (!bytes) return 0;
  const row = rowImageTake(rows, bytes);
  store<u32>(row, retractPartition(state, pane), ROW_PARTITION);
  return row;
}

/** Writes the rows of a group. */
export function retractPut(state: usize, entry: usize): void {
  const rows = <usize>load<u32>(retractOf(state), RETRACT_ROWS);
  if (!rows) return;
  let row = <usize>load<u32>(retractGroup(state, entry), GROUP_FIRST);
  for (; row; row = load<u32>(row, ROW_YOUNGER)) putRow(rows, row);
  imagePut(0);
}

/** Reads them. */
export function retractTake(state: usize, entry: usize, pane: usize): void {
  const retract = retractOf(state);
  const group = retractGroup(state, entry);
  const rows = <usize>load<u32>(retract, RETRACT_ROWS);
  store<u32>(group, 0, GROUP_OWN);
  if (!rows) return;
  store<u32>(group, 0, GROUP_FIRST);
  let last: usize = 0;
  for (let row = takeRow(state, rows, pane); row; row = takeRow(state, rows, pane)) {
    // Of equal rows the latest comes last, as it did.
    rowTableAdd(retract + RETRACT_TABLE, rows, row);
    store<u32>(row, <u32>last, ROW_OLDER);
    if (last) store<u32>(last, <u32>row, ROW_YOUNGER);
    else store<u32>(group, <u32>row, GROUP_FIRST);
    last = row;
  }
  store<u32>(group, <u32>last, GROUP_LAST);
}

/** Writes the rows that are owed to groups of a pane. */
export function retractPutDebts(state: usize, pane: usize): void {
  const retract = retractOf(state);
  const rows = <usize>load<u32>(retract, RETRACT_ROWS);
  if (!rows) return;
  const table = retract + RETRACT_TABLE;
  const partition = retractPartition(state, pane);
  const buckets = rowTableDebts(table) ? rowTableBuckets(table) : 0;
  for (let i: u32 = 0; i < buckets; i++) {
    for (let first = rowTableBucket(table, i); first; first = rowTableNext(first)) {
      if (!rowIsDebt(first) || load<u32>(first, ROW_PARTITION) != partition) continue;
      for (let row = first; row; row = load<u32>(row, ROW_NEXT)) putRow(rows, row);
    }
  }
  imagePut(0);
}

/** Reads them. */
export function retractTakeDebts(state: usize, pane: usize): void {
  const retract = retractOf(state);
  const rows = <usize>load<u32>(retract, RETRACT_ROWS);
  if (!rows) return;
  for (let row = takeRow(state, rows, pane); row; row = takeRow(state, rows, pane)) {
    rowTableTake(retract + RETRACT_TABLE, rows, row);
  }
}
