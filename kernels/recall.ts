// Joined rows that are remembered, so that what came of a left row can be taken back when the row is: what a join would find
// for it now may be something else.
//
//   recallAdd     joined rows: they are kept, and wait
//   recallTake    a batch of the left side: for each row that is deleted, the joined row that it gave comes out as deleted
//   recallFlush   rows that wait come out as inserted
//   recallPass    no joined row comes any more of left rows before a time
//
// Rows are found by the columns of the left side, which come first in a joined row. A deletion that comes before its joined
// row, which may wait in the join, is a debt (row-table.ts): both are gone when it comes. Of a left row that was too late for
// the join none comes: such debts are forgiven once the watermark behind the join has passed them. A row that is deleted while it waits
// never comes out. So deletions of a batch come out before what takes the place of their rows.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  RECALL_CHANGES,
  RECALL_HEADER_BYTES,
  RECALL_LEFT_ROWS,
  RECALL_OUT_CHANGES,
  RECALL_ROW_COUNT,
  RECALL_ROWS,
  RECALL_TIME_OFFSET,
  RECALL_USED_BYTES,
} from './layout-recall';
import { ROW_OLDER, ROW_YOUNGER } from './layout-rows';
import { allocatedBytes } from './memory';
import { KEEP_ROWS, rowPin, rowsKeep, rowsWrite, rowUnpin } from './row-store';
import {
  rowTableAdd,
  rowTableCount,
  rowTableDebts,
  rowTableDestroy,
  rowTableForgiveBefore,
  rowTableInit,
  rowTableTake,
} from './row-table';

export const RECALL_TABLE: usize = RECALL_HEADER_BYTES; // ROW_TABLE_BYTES of row-table.ts
const STATE_FIRST: usize = RECALL_HEADER_BYTES + 16; // u32: rows that wait, a list
const STATE_LAST: usize = RECALL_HEADER_BYTES + 20; // u32
const STATE_GONE: usize = RECALL_HEADER_BYTES + 24; // u32: rows that are gone and in the batch written last, a list
const STATE_ROW: usize = RECALL_HEADER_BYTES + 28; // u32: next row of the batch in hand
const STATE_FORGIVEN: usize = RECALL_HEADER_BYTES + 32; // u32: debts there were when some were last forgiven
/** So many are no reason to look for those that can be forgiven. */
const DEBTS_MIN: u32 = 64;

/** In the header of a row: next of the list it is in besides the table; and whether it waits. */
export const ROW_LISTED = ROW_YOUNGER;
const ROW_STAGE = ROW_OLDER;
const IS_OUT: u32 = 0;
const WAITS: u32 = 1;
const IS_CANCELLED: u32 = 2;

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);
const oneRow: usize = memory.data(4, 16);

/** Completes a RECALL_* block whose header TypeScript has filled; the rest of it is zero. */
export function recallInit(state: usize): void {
  rowTableInit(state + RECALL_TABLE);
}

/** Gives back every row and what finds them. */
export function recallDestroy(state: usize): void {
  land(state);
  for (let row = <usize>load<u32>(state, STATE_FIRST); row; ) {
    const next = <usize>load<u32>(row, ROW_LISTED);
    rowUnpin(row);
    row = next;
  }
  rowTableDestroy(state + RECALL_TABLE);
}

/** Rows that are gone were passed on. */
function land(state: usize): void {
  for (let row = <usize>load<u32>(state, STATE_GONE); row; ) {
    const next = <usize>load<u32>(row, ROW_LISTED);
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, 0, STATE_GONE);
}

@inline
function count(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, RECALL_USED_BYTES) + allocatedBytes() - before, RECALL_USED_BYTES);
  store<u32>(state, rowTableCount(state + RECALL_TABLE), RECALL_ROW_COUNT);
}

/** Keeps a batch of joined rows. */
export function recallAdd(state: usize, batch: usize): void {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const taken = min<u32>(rows - first, KEEP_ROWS);
    for (let i: u32 = 0; i < taken; i++) store<u32>(selected + ((<usize>i) << 2), first + i);
    rowsKeep(state + <usize>RECALL_ROWS, batch, selected, taken, keptRows);
    for (let i: usize = 0; i < taken; i++) addRow(state, load<u32>(keptRows + (i << 2)));
  }
  count(state, before);
}

function addRow(state: usize, row: usize): void {
  if (!rowTableAdd(state + RECALL_TABLE, state + <usize>RECALL_LEFT_ROWS, row)) {
    rowUnpin(row);
    return;
  }
  rowPin(row);
  store<u32>(row, WAITS, ROW_STAGE);
  store<u32>(row, 0, ROW_LISTED);
  const last = <usize>load<u32>(state, STATE_LAST);
  if (last) store<u32>(last, <u32>row, ROW_LISTED);
  else store<u32>(state, <u32>row, STATE_FIRST);
  store<u32>(state, <u32>row, STATE_LAST);
}

/** Takes what the deletions of a batch gave back. @returns 0 when `out` is full: call again once it was passed on */
export function recallTake(state: usize, batch: usize, out: usize): u32 {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const changes = batchData(batch, load<u32>(state, RECALL_CHANGES));
  const capacity = load<u32>(out, BATCH_CAPACITY);
  land(state);
  store<u32>(out, 0, BATCH_ROW_COUNT);
  let row = load<u32>(state, STATE_ROW);
  for (; row < rows && load<u32>(out, BATCH_ROW_COUNT) < capacity; row++) {
    if (load<i32>(changes + ((<usize>row) << 2)) < 0) takeRow(state, batch, row, out);
  }
  const isDone = row == rows;
  store<u32>(state, isDone ? 0 : row, STATE_ROW);
  count(state, before);
  return u32(isDone);
}

function takeRow(state: usize, batch: usize, at: u32, out: usize): void {
  const leftRows = state + <usize>RECALL_LEFT_ROWS;
  store<u32>(selected, at);
  rowsKeep(leftRows, batch, selected, 1, oneRow);
  const deleted = <usize>load<u32>(oneRow);
  const row = rowTableTake(state + RECALL_TABLE, leftRows, deleted);
  if (!row) return;
  rowUnpin(deleted);
  if (load<u32>(row, ROW_STAGE) == WAITS) {
    store<u32>(row, IS_CANCELLED, ROW_STAGE);
    rowUnpin(row);
    return;
  }
  write(state, row, out, -1);
  store<u32>(row, load<u32>(state, STATE_GONE), ROW_LISTED);
  store<u32>(state, <u32>row, STATE_GONE);
}

/** Lets the rows that wait come out. @returns their number, 0 when there are no more */
export function recallFlush(state: usize, out: usize): u32 {
  const before = allocatedBytes();
  const capacity = load<u32>(out, BATCH_CAPACITY);
  land(state);
  store<u32>(out, 0, BATCH_ROW_COUNT);
  let row = <usize>load<u32>(state, STATE_FIRST);
  while (row != 0 && load<u32>(out, BATCH_ROW_COUNT) < capacity) {
    const next = <usize>load<u32>(row, ROW_LISTED);
    if (load<u32>(row, ROW_STAGE) == WAITS) {
      store<u32>(row, IS_OUT, ROW_STAGE);
      write(state, row, out, 1);
    }
    rowUnpin(row);
    row = next;
  }
  store<u32>(state, <u32>row, STATE_FIRST);
  if (!row) store<u32>(state, 0, STATE_LAST);
  count(state, before);
  return load<u32>(out, BATCH_ROW_COUNT);
}

/** Takes the watermark behind the join: the address of an i64. */
export function recallPass(state: usize, cell: usize): void {
  const offset = load<u32>(state, RECALL_TIME_OFFSET);
  const table = state + RECALL_TABLE;
  if (!offset || rowTableDebts(table) < max<u32>(load<u32>(state, STATE_FORGIVEN) << 1, DEBTS_MIN)) return;
  const before = allocatedBytes();
  rowTableForgiveBefore(table, offset, load<i64>(cell));
  store<u32>(state, rowTableDebts(table), STATE_FORGIVEN);
  count(state, before);
}

function write(state: usize, row: usize, out: usize, change: i32): void {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  store<u32>(oneRow, <u32>row);
  rowsWrite(state + <usize>RECALL_ROWS, oneRow, 1, out, to);
  store<i32>(batchData(out, load<u32>(state, RECALL_OUT_CHANGES)) + (to << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
}
