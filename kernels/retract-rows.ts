// The rows of a group whose states may have to be made anew: a list in the order of their arrival, and a table in which
// the row like one that leaves is found.
import { STATE_SEQUENCE, STATE_SESSIONS } from './aggregate-state';
import { AGGREGATE_IS_WINDOWED } from './layout-aggregate';
import { RETRACT_ROWS } from './layout-retract';
import { ROW_INDEX, ROW_OLDER, ROW_PARTITION, ROW_YOUNGER } from './layout-rows';
import { GROUP_FIRST, GROUP_LAST, RETRACT_TABLE } from './retract-state';
import { rowTableAdd, rowTableTake } from './row-table';
import { rowsKeep, rowUnpin } from './row-store';

const selected: usize = memory.data(4, 16);
const keptRow: usize = memory.data(4, 16);

/** Copies a row of a batch as one of a group of `pane`. */
export function retractCopyRow(state: usize, retract: usize, batch: usize, row: u32, pane: usize): usize {
  store<u32>(selected, row);
  rowsKeep(load<u32>(retract, RETRACT_ROWS), batch, selected, 1, keptRow);
  const kept = <usize>load<u32>(keptRow);
  store<u32>(kept, retractPartition(state, pane), ROW_PARTITION);
  return kept;
}

/** What the rows of a pane's groups are told apart by. Without windows, and of sessions, groups may move to another table. */
@inline
export function retractPartition(state: usize, pane: usize): u32 {
  return load<u32>(state, AGGREGATE_IS_WINDOWED) != 0 && !load<u32>(state, STATE_SESSIONS) ? <u32>pane : 0;
}

/** Keeps a row. @returns it, or 0 when it is taken back already. */
export function retractKeepRow(state: usize, retract: usize, batch: usize, row: u32, pane: usize, group: usize): usize {
  const kept = retractCopyRow(state, retract, batch, row, pane);
  store<i64>(kept, load<i64>(state, STATE_SEQUENCE), ROW_INDEX);
  if (!rowTableAdd(retract + RETRACT_TABLE, load<u32>(retract, RETRACT_ROWS), kept)) {
    rowUnpin(kept);
    return 0;
  }
  const last = <usize>load<u32>(group, GROUP_LAST);
  store<u32>(kept, <u32>last, ROW_OLDER);
  if (last) store<u32>(last, <u32>kept, ROW_YOUNGER);
  else store<u32>(group, <u32>kept, GROUP_FIRST);
  store<u32>(group, <u32>kept, GROUP_LAST);
  return kept;
}

/** Of the row that left last: when it came. */
const leftRow: usize = memory.data(64, 16);

/** Takes the latest row like this one back. @returns its header, 0 when there is none. */
export function retractTakeRow(state: usize, retract: usize, batch: usize, row: u32, pane: usize, group: usize): usize {
  const copy = retractCopyRow(state, retract, batch, row, pane);
  const kept = rowTableTake(retract + RETRACT_TABLE, load<u32>(retract, RETRACT_ROWS), copy);
  if (!kept) return 0;
  rowUnpin(copy);
  const older = <usize>load<u32>(kept, ROW_OLDER);
  const younger = <usize>load<u32>(kept, ROW_YOUNGER);
  if (older) store<u32>(older, <u32>younger, ROW_YOUNGER);
  else store<u32>(group, <u32>younger, GROUP_FIRST);
  if (younger) store<u32>(younger, <u32>older, ROW_OLDER);
  else store<u32>(group, <u32>older, GROUP_LAST);
  store<i64>(leftRow, load<i64>(kept, ROW_INDEX), ROW_INDEX);
  rowUnpin(kept);
  return leftRow;
}
