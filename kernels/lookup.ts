// A look into a table for each row of a stream, by key.
//
//   lookupAdd       a batch of the table's rows: they are gathered beside the table that is in use
//   lookupCommit    what was gathered is the table now
//   lookupAbandon   or it is not
//   lookupUpdate    or rows that change the table in use at once
//   lookupProcess   a batch of the stream: its rows with what the table has for each
//
// Rows keep their order, and there is one row at most for each. Where every row comes out, the columns of the stream are
// shown as they are in the batch that came; otherwise they are copied.
import { batchData, batchValidity } from './group-key';
import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  PHYSICAL_I32,
  PHYSICAL_U8,
} from './layout';
import {
  LOOKUP_FOUND,
  LOOKUP_HASHES,
  LOOKUP_HEADER_BYTES,
  LOOKUP_KEEPS_ALL,
  LOOKUP_KEY_STREAM,
  LOOKUP_KEY_TABLE,
  LOOKUP_OUTPUT_BYTES,
  LOOKUP_OUTPUT_COLUMN,
  LOOKUP_OUTPUT_COUNT,
  LOOKUP_OUTPUT_DATA,
  LOOKUP_OUTPUT_NULL_OFFSET,
  LOOKUP_OUTPUT_OFFSET,
  LOOKUP_OUTPUT_PHYSICAL,
  LOOKUP_OUTPUT_SIDE,
  LOOKUP_OUTPUT_VALIDITY,
  LOOKUP_OUTPUTS,
  LOOKUP_ROW_COUNT,
  LOOKUP_ROWS,
  LOOKUP_SELECTED,
  LOOKUP_USED_BYTES,
} from './layout-lookup';
import {
  lookupHash,
  LOOKUP_TABLE_BYTES,
  lookupTableAdd,
  lookupTableCount,
  lookupTableDestroy,
  lookupTableFind,
  lookupTableInit,
  lookupTableRemove,
  lookupTableTouch,
} from './lookup-table';
import { allocatedBytes } from './memory';
import { KEEP_ROWS, rowsKeep, rowUnpin } from './row-store';

export const LOOKUP_TABLE_IN_USE: usize = LOOKUP_HEADER_BYTES; // the table in use
const STATE_NEXT: usize = LOOKUP_HEADER_BYTES + 16; // the one that is gathered

const STATE_TOUCHED: usize = LOOKUP_HEADER_BYTES + 32; // u32: made of what was only asked for, so that it is

/** Rows that have just been kept. */
export const lookupKeptRows: usize = memory.data(256 * 4, 16);

/** Makes the state, of which TypeScript has written its part, ready. */
export function lookupInit(state: usize): void {
  const before = allocatedBytes();
  lookupTableInit(state + LOOKUP_TABLE_IN_USE);
  lookupTableInit(state + STATE_NEXT);
  lookupAddUsed(state, before);
}

/** Gives back every row and what finds them. */
export function lookupDestroy(state: usize): void {
  lookupTableDestroy(state + LOOKUP_TABLE_IN_USE);
  lookupTableDestroy(state + STATE_NEXT);
}

@inline
export function lookupAddUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, LOOKUP_USED_BYTES) + allocatedBytes() - before, LOOKUP_USED_BYTES);
}

/** Adds a batch of rows to what is gathered; of equal keys the last stays. */
export function lookupAdd(state: usize, batch: usize): void {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const known = lookupKeep(state, batch, first, min<u32>(rows - first, KEEP_ROWS));
    for (let i: usize = 0; i < known; i++) {
      lookupTableAdd(
        state,
        state + STATE_NEXT,
        load<u32>(lookupKeptRows + (i << 2)),
        <u32>load<u64>(hashes + (i << 3)),
      );
    }
  }
  lookupAddUsed(state, before);
}

/** Keeps the rows of a part of a batch whose key has no NULL: lookupKeptRows, LOOKUP_HASHES, LOOKUP_SELECTED. @returns their count */
export function lookupKeep(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  const selected = <usize>load<u32>(state, LOOKUP_SELECTED);
  lookupHash(state, batch, LOOKUP_KEY_TABLE, first, rows);
  let known: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const hash = load<u64>(hashes + ((<usize>i) << 3));
    if (!hash) continue;
    store<u32>(selected + ((<usize>known) << 2), first + i);
    store<u64>(hashes + ((<usize>known) << 3), hash);
    known++;
  }
  rowsKeep(state + <usize>LOOKUP_ROWS, batch, selected, known, lookupKeptRows);
  return known;
}

/**
 * Changes the table in use at once: rows take the place of the last with their key, or go. `changes`: i32, the column that
 * says which, −1: none go. A deletion of upserts has only its key; of others it takes the row out that it equals.
 */
export function lookupUpdate(state: usize, batch: usize, changes: i32, isUpsert: u32): void {
  const before = allocatedBytes();
  const table = state + LOOKUP_TABLE_IN_USE;
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  const selected = <usize>load<u32>(state, LOOKUP_SELECTED);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const known = lookupKeep(state, batch, first, min<u32>(rows - first, KEEP_ROWS));
    for (let i: usize = 0; i < known; i++) {
      const row = <usize>load<u32>(lookupKeptRows + (i << 2));
      const hash = <u32>load<u64>(hashes + (i << 3));
      const at = <usize>load<u32>(selected + (i << 2));
      if (changes < 0 || load<i32>(batchData(batch, changes) + (at << 2)) > 0) lookupTableAdd(state, table, row, hash);
      else {
        lookupTableRemove(state, table, row, hash, isUpsert == 0);
        rowUnpin(row);
      }
    }
  }
  store<u32>(state, lookupTableCount(table), LOOKUP_ROW_COUNT);
  lookupAddUsed(state, before);
}

/** What was gathered is the table from now on. */
export function lookupCommit(state: usize): void {
  const before = allocatedBytes();
  lookupTableDestroy(state + LOOKUP_TABLE_IN_USE);
  memory.copy(state + LOOKUP_TABLE_IN_USE, state + STATE_NEXT, LOOKUP_TABLE_BYTES);
  lookupTableInit(state + STATE_NEXT);
  store<u32>(state, lookupTableCount(state + LOOKUP_TABLE_IN_USE), LOOKUP_ROW_COUNT);
  lookupAddUsed(state, before);
}

/** What was gathered is given up, and the table stays. */
export function lookupAbandon(state: usize): void {
  const before = allocatedBytes();
  lookupTableDestroy(state + STATE_NEXT);
  lookupTableInit(state + STATE_NEXT);
  lookupAddUsed(state, before);
}

/** The table in use is empty. */
export function lookupClear(state: usize): void {
  const before = allocatedBytes();
  lookupTableDestroy(state + LOOKUP_TABLE_IN_USE);
  lookupTableInit(state + LOOKUP_TABLE_IN_USE);
  store<u32>(state, 0, LOOKUP_ROW_COUNT);
  lookupAddUsed(state, before);
}

/** Looks up the rows of a batch. `out`: the batch going out, with room for them. */
export function lookupProcess(state: usize, batch: usize, out: usize): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  lookupFind(state, batch, rows);
  lookupWrite(state, batch, out, load<u32>(state, LOOKUP_KEEPS_ALL) ? rows : select(state, rows));
}

/** Writes what LOOKUP_FOUND has for `count` rows of a batch: for all of them, or those of LOOKUP_SELECTED. */
export function lookupWrite(state: usize, batch: usize, out: usize, count: u32): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const columns = load<u32>(state, LOOKUP_OUTPUT_COUNT);
  for (let column: u32 = 0; column < columns; column++) {
    const output = <usize>load<u32>(state, LOOKUP_OUTPUTS) + column * LOOKUP_OUTPUT_BYTES;
    const to = out + BATCH_COLUMNS + column * COLUMN_BYTES;
    if (load<u32>(output, LOOKUP_OUTPUT_SIDE)) writeTable(state, output, to, count);
    else if (count == rows) showStream(output, to, batch);
    else copyStream(state, output, to, batch, count);
  }
  store<u32>(out, count, BATCH_ROW_COUNT);
}

/**
 * Finds the row of the table for each row of a batch, 0 for none: LOOKUP_FOUND, and LOOKUP_HASHES. First the memory of many
 * rows is asked for at once: slots, then the rows that they name.
 */
export function lookupFind(state: usize, batch: usize, rows: u32): void {
  lookupHash(state, batch, LOOKUP_KEY_STREAM, 0, rows);
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  const found = <usize>load<u32>(state, LOOKUP_FOUND);
  const table = state + LOOKUP_TABLE_IN_USE;
  for (let i: usize = 0; i < rows; i++) {
    store<u32>(found + (i << 2), lookupTableTouch(table, <u32>load<u64>(hashes + (i << 3))));
  }
  let touched: u32 = 0;
  for (let i: usize = 0; i < rows; i++) {
    const row = <usize>load<u32>(found + (i << 2));
    if (row) touched += load<u32>(row);
  }
  store<u32>(state, touched, STATE_TOUCHED);
  for (let i: usize = 0; i < rows; i++) {
    const hash = <u32>load<u64>(hashes + (i << 3));
    const row = hash ? lookupTableFind(state, table, hash, batch, i) : 0;
    store<u32>(found + (i << 2), <u32>row);
  }
}

/** Leaves the rows for which there is something. @returns their count */
function select(state: usize, rows: u32): u32 {
  const found = <usize>load<u32>(state, LOOKUP_FOUND);
  const selected = <usize>load<u32>(state, LOOKUP_SELECTED);
  let count: usize = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const row = load<u32>(found + ((<usize>i) << 2));
    store<u32>(found + (count << 2), row);
    store<u32>(selected + (count << 2), i);
    count += usize(row != 0);
  }
  return <u32>count;
}

@inline
function showStream(output: usize, to: usize, batch: usize): void {
  const column = load<u32>(output, LOOKUP_OUTPUT_COLUMN);
  store<u32>(to, <u32>batchData(batch, column), COLUMN_DATA);
  store<u32>(to, <u32>batchValidity(batch, column), COLUMN_VALIDITY);
}

function copyStream(state: usize, output: usize, to: usize, batch: usize, count: u32): void {
  const column = load<u32>(output, LOOKUP_OUTPUT_COLUMN);
  const selected = <usize>load<u32>(state, LOOKUP_SELECTED);
  const validity = load<u32>(output, LOOKUP_OUTPUT_VALIDITY);
  const data = load<u32>(output, LOOKUP_OUTPUT_DATA);
  store<u32>(to, data, COLUMN_DATA);
  store<u32>(to, validity, COLUMN_VALIDITY);
  const known = batchValidity(batch, column);
  if (validity) {
    if (known) copy<u8>(known, selected, count, validity);
    else memory.fill(validity, 1, count);
  }
  const physical = load<u32>(output, LOOKUP_OUTPUT_PHYSICAL);
  const from = batchData(batch, column);
  if (physical == PHYSICAL_U8) copy<u8>(from, selected, count, data);
  else if (physical == PHYSICAL_I32) copy<u32>(from, selected, count, data);
  else copy<u64>(from, selected, count, data);
}

@inline
function copy<T>(from: usize, selected: usize, count: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(selected + (i << 2));
    store<T>(to + i * sizeof<T>(), load<T>(from + at * sizeof<T>()));
  }
}

function writeTable(state: usize, output: usize, to: usize, count: u32): void {
  const found = <usize>load<u32>(state, LOOKUP_FOUND);
  const offset = load<u32>(output, LOOKUP_OUTPUT_OFFSET);
  const validity = load<u32>(to, COLUMN_VALIDITY);
  if (validity) writeValidity(found, count, load<i32>(output, LOOKUP_OUTPUT_NULL_OFFSET), validity);
  const data = load<u32>(to, COLUMN_DATA);
  const physical = load<u32>(output, LOOKUP_OUTPUT_PHYSICAL);
  if (physical == PHYSICAL_U8) write<u8>(found, count, offset, data);
  else if (physical == PHYSICAL_I32) write<u32>(found, count, offset, data);
  else write<u64>(found, count, offset, data);
}

function writeValidity(found: usize, count: u32, nullOffset: i32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(found + (i << 2));
    store<u8>(to + i, row == 0 ? 0 : nullOffset < 0 ? 1 : load<u8>(row + nullOffset));
  }
}

/** Zero where there is no row: a reference to nothing. */
@inline
function write<T>(found: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(found + (i << 2));
    store<T>(to + i * sizeof<T>(), row ? load<T>(row + offset) : <T>0);
  }
}
