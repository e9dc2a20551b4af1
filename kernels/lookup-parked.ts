// Batches of a stream that wait until all keys of their rows are looked up (lookup-cache.ts).
//
//   parked ─► u32 bytes of the block │ u32 rows known to be answered │ u32 address of the rows found │ the batch
//   batch  ─► header │ columns: values │ validity │ text         a copy, text and all
//
// What is found for a row is held until the batch is dropped: it may be out of the cache by then.
import { batchData, batchValidity } from './group-key';
import {
  BATCH_COLUMN_COUNT,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  BATCH_WEIGHTS,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  PHYSICAL_I32,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from './layout';
import {
  LOOKUP_CACHE_COLUMN_COUNT,
  LOOKUP_CACHE_COLUMNS,
  LOOKUP_ENTRY_ANSWER,
  LOOKUP_ENTRY_STATUS,
  LOOKUP_FOUND,
  LOOKUP_IS_ANSWERED,
  LOOKUP_IS_ASKED,
} from './layout-lookup';
import { ROW_PINS } from './layout-rows';
import { lookupAddUsed } from './lookup';
import { lookupCacheWrite, lookupEntry } from './lookup-cache';
import { allocate, allocatedBytes, release } from './memory';
import { rowPin, rowUnpin } from './row-store';

const PARKED_BYTES: usize = 0;
const PARKED_READY: usize = 4;
const PARKED_FOUND: usize = 8;
const PARKED_BATCH: usize = 16;

/** Copies a batch and what LOOKUP_FOUND has for it. @returns the parked batch */
export function lookupPark(state: usize, batch: usize): usize {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const bytes = parkedBytes(state, batch, rows);
  const parked = allocate(bytes);
  const columns = load<u32>(state, LOOKUP_CACHE_COLUMN_COUNT);
  const copy = parked + PARKED_BATCH;
  store<u32>(parked, bytes, PARKED_BYTES);
  store<u32>(parked, 0, PARKED_READY);
  store<u32>(copy, rows, BATCH_ROW_COUNT);
  store<u32>(copy, columns, BATCH_COLUMN_COUNT);
  store<u32>(copy, 0, BATCH_WEIGHTS);
  let at = copy + BATCH_COLUMNS + aligned(columns * COLUMN_BYTES);
  for (let column: u32 = 0; column < columns; column++) at = copyColumn(state, batch, copy, column, rows, at);
  store<u32>(parked, <u32>at, PARKED_FOUND);
  memory.copy(at, <usize>load<u32>(state, LOOKUP_FOUND), rows << 2);
  for (let i: usize = 0; i < rows; i++) {
    const row = <usize>load<u32>(at + (i << 2));
    if (row) rowPin(row);
  }
  lookupAddUsed(state, before);
  return parked;
}

@inline
function aligned(bytes: u32): u32 {
  return (bytes + 15) & ~15;
}

@inline
function physicalOf(state: usize, column: u32): u32 {
  return load<u32>(<usize>load<u32>(state, LOOKUP_CACHE_COLUMNS) + ((<usize>column) << 2));
}

@inline
function dataBytes(physical: u32, rows: u32): u32 {
  return aligned(physical == PHYSICAL_U8 ? rows : physical == PHYSICAL_I32 ? rows << 2 : rows << 3);
}

function parkedBytes(state: usize, batch: usize, rows: u32): u32 {
  const columns = load<u32>(state, LOOKUP_CACHE_COLUMN_COUNT);
  let bytes = <u32>PARKED_BATCH + BATCH_COLUMNS + aligned(columns * COLUMN_BYTES) + aligned(rows << 2);
  for (let column: u32 = 0; column < columns; column++) {
    const physical = physicalOf(state, column);
    const validity = batchValidity(batch, column);
    bytes += dataBytes(physical, rows);
    if (validity) bytes += aligned(rows);
    if (physical != PHYSICAL_REF) continue;
    const data = batchData(batch, column);
    let text: u32 = 0;
    for (let i: usize = 0; i < rows; i++) {
      if (validity == 0 || load<u8>(validity + i)) text += load<u32>(data + (i << 3), 4);
    }
    bytes += aligned(text);
  }
  return bytes;
}

/** @returns where the next one begins */
function copyColumn(state: usize, batch: usize, copy: usize, column: u32, rows: u32, to: usize): usize {
  const physical = physicalOf(state, column);
  const data = batchData(batch, column);
  const validity = batchValidity(batch, column);
  const bytes = dataBytes(physical, rows);
  const place = copy + BATCH_COLUMNS + column * COLUMN_BYTES;
  memory.copy(to, data, physical == PHYSICAL_U8 ? rows : physical == PHYSICAL_I32 ? rows << 2 : rows << 3);
  store<u32>(place, <u32>to, COLUMN_DATA);
  store<u32>(place, validity ? <u32>to + bytes : 0, COLUMN_VALIDITY);
  let end = to + bytes;
  if (validity) {
    memory.copy(end, validity, rows);
    end += aligned(rows);
  }
  if (physical != PHYSICAL_REF) return end;
  const text = end;
  for (let i: usize = 0; i < rows; i++) {
    if (validity != 0 && load<u8>(validity + i) == 0) continue;
    const length = load<u32>(data + (i << 3), 4);
    memory.copy(end, load<u32>(data + (i << 3)), length);
    store<u32>(to + (i << 3), <u32>end);
    end += length;
  }
  return text + aligned(<u32>(end - text));
}

/** Whether all keys of a parked batch are answered. */
export function lookupParkedIsReady(state: usize, parked: usize): u32 {
  const rows = load<u32>(parked + PARKED_BATCH, BATCH_ROW_COUNT);
  const found = <usize>load<u32>(parked, PARKED_FOUND);
  let ready = load<u32>(parked, PARKED_READY);
  for (; ready < rows; ready++) {
    const row = <usize>load<u32>(found + ((<usize>ready) << 2));
    if (row != 0 && load<u32>(lookupEntry(state, row), LOOKUP_ENTRY_STATUS) == LOOKUP_IS_ASKED) break;
  }
  store<u32>(parked, ready, PARKED_READY);
  return u32(ready == rows);
}

/** Rows of a parked batch. */
export function lookupParkedRows(parked: usize): u32 {
  return load<u32>(parked + PARKED_BATCH, BATCH_ROW_COUNT);
}

/** Writes the rows of a parked batch that is ready. It is used until it is dropped. */
export function lookupParkedTake(state: usize, parked: usize, out: usize): void {
  const rows = load<u32>(parked + PARKED_BATCH, BATCH_ROW_COUNT);
  memory.copy(<usize>load<u32>(state, LOOKUP_FOUND), <usize>load<u32>(parked, PARKED_FOUND), rows << 2);
  lookupCacheWrite(state, parked + PARKED_BATCH, out);
}

/** Gives a parked batch back, and what only it holds. */
export function lookupParkedDrop(state: usize, parked: usize): void {
  const before = allocatedBytes();
  const rows = load<u32>(parked + PARKED_BATCH, BATCH_ROW_COUNT);
  const found = <usize>load<u32>(parked, PARKED_FOUND);
  for (let i: usize = 0; i < rows; i++) {
    const row = <usize>load<u32>(found + (i << 2));
    if (row) letGo(state, row);
  }
  release(parked, load<u32>(parked, PARKED_BYTES));
  lookupAddUsed(state, before);
}

function letGo(state: usize, row: usize): void {
  const entry = lookupEntry(state, row);
  const isLast = load<u32>(row, ROW_PINS) == 1;
  if (isLast && load<u32>(entry, LOOKUP_ENTRY_STATUS) == LOOKUP_IS_ANSWERED) {
    rowUnpin(<usize>load<u32>(entry, LOOKUP_ENTRY_ANSWER));
  }
  rowUnpin(row);
}
