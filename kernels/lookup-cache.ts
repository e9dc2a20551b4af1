// The cache of a lookup whose rows are elsewhere, and are fetched when they are wanted.
//
//   lookupCacheFind     a batch of the stream: the row of each, or one that stands for its key until there is an answer
//   lookupCacheWrite    the rows of a batch all of which are answered
//                       or the batch is parked until they are (lookup-parked.ts)
//   lookupCacheAnswer   rows that have come
//   lookupCacheSettle   there are no more of them for these keys
//
// The cache is the table of lookup.ts, of rows that have more behind their fields (LOOKUP_ENTRY_*). A key that has been
// asked for, and one for which there is no row, is in it too, as a row with nothing but the key. A row that comes takes the
// place of the one that was asked for, which tells those who hold it: parked batches do, whatever becomes of the cache
// meanwhile. When there are too many, a hand goes round and takes those out that have not been used since it passed.
import { batchData, batchValidity } from './group-key';
import { BATCH_COLUMNS, BATCH_ROW_COUNT, COLUMN_BYTES, COLUMN_DATA, COLUMN_VALIDITY } from './layout';
import {
  LOOKUP_CACHE_ASKED,
  LOOKUP_CACHE_ASKED_COUNT,
  LOOKUP_CACHE_DROPS,
  LOOKUP_CACHE_EXTRA,
  LOOKUP_CACHE_HAND,
  LOOKUP_CACHE_MISSING_TTL,
  LOOKUP_CACHE_ROWS_MAX,
  LOOKUP_CACHE_TTL,
  LOOKUP_CACHE_VIEW,
  LOOKUP_ENTRY_ANSWER,
  LOOKUP_ENTRY_HASH,
  LOOKUP_ENTRY_STATUS,
  LOOKUP_ENTRY_TIME,
  LOOKUP_ENTRY_USED,
  LOOKUP_FOUND,
  LOOKUP_HASHES,
  LOOKUP_IS_ANSWERED,
  LOOKUP_IS_ASKED,
  LOOKUP_IS_FAILED,
  LOOKUP_IS_FOUND,
  LOOKUP_IS_MISSING,
  LOOKUP_KEEPS_ALL,
  LOOKUP_KEY_BYTES,
  LOOKUP_KEY_COUNT,
  LOOKUP_KEY_STREAM,
  LOOKUP_KEY_TABLE,
  LOOKUP_KEYS,
  LOOKUP_ROW_COUNT,
  LOOKUP_ROWS,
  LOOKUP_SELECTED,
} from './layout-lookup';
import { ROW_PINS } from './layout-rows';
import { LOOKUP_TABLE_IN_USE, lookupAddUsed, lookupFind, lookupKeep, lookupKeptRows, lookupWrite } from './lookup';
import {
  lookupTableAdd,
  lookupTableCount,
  lookupTableFind,
  lookupTableFindRow,
  lookupTableRemove,
  lookupTableRow,
  lookupTableSlots,
} from './lookup-table';
import { allocatedBytes } from './memory';
import { KEEP_ROWS, rowPin, rowsKeep, rowUnpin } from './row-store';

const oneRow: usize = memory.data(4, 4);
const oneKept: usize = memory.data(4, 4);

@inline
export function lookupEntry(state: usize, row: usize): usize {
  return row + load<u32>(state, LOOKUP_CACHE_EXTRA);
}

// --- finding ---

/**
 * Finds the row of each row of a batch at a time of the clock, ms: LOOKUP_FOUND, 0 for a key with NULL. Keys that are not
 * known are in LOOKUP_CACHE_ASKED, once each. @returns rows of the batch whose key has no answer yet
 */
export function lookupCacheFind(state: usize, batch: usize, now: f64): u32 {
  const before = allocatedBytes();
  const table = state + LOOKUP_TABLE_IN_USE;
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  lookupFind(state, batch, rows);
  store<u32>(state, 0, LOOKUP_CACHE_ASKED_COUNT);
  showKeys(state, batch);
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  const found = <usize>load<u32>(state, LOOKUP_FOUND);
  let unknown: u32 = 0;
  for (let i: usize = 0; i < rows; i++) {
    const hash = <u32>load<u64>(hashes + (i << 3));
    if (!hash) continue;
    let row = <usize>load<u32>(found + (i << 2));
    // What was found first may have made room for a key that is asked for.
    if (load<u32>(state, LOOKUP_CACHE_ASKED_COUNT)) row = lookupTableFind(state, table, hash, batch, i);
    if (row == 0 || !isFresh(state, row, now)) row = askFor(state, table, hash, i);
    store<u32>(found + (i << 2), <u32>row);
    unknown += u32(load<u32>(lookupEntry(state, row), LOOKUP_ENTRY_STATUS) == LOOKUP_IS_ASKED);
  }
  store<u32>(state, lookupTableCount(table), LOOKUP_ROW_COUNT);
  lookupAddUsed(state, before);
  return unknown;
}

@inline
function isFresh(state: usize, row: usize, now: f64): bool {
  const entry = lookupEntry(state, row);
  const status = load<u32>(entry, LOOKUP_ENTRY_STATUS);
  store<u32>(entry, 1, LOOKUP_ENTRY_USED);
  if (status == LOOKUP_IS_ASKED) return true;
  const age = now - load<f64>(entry, LOOKUP_ENTRY_TIME);
  if (status == LOOKUP_IS_MISSING) return age <= load<f64>(state, LOOKUP_CACHE_MISSING_TTL);
  return age <= load<f64>(state, LOOKUP_CACHE_TTL);
}

/** Lets the view of the table show the keys of a batch. */
function showKeys(state: usize, batch: usize): void {
  const columns = <usize>load<u32>(state, LOOKUP_CACHE_VIEW) + BATCH_COLUMNS;
  const count = load<u32>(state, LOOKUP_KEY_COUNT);
  for (let k: u32 = 0; k < count; k++) {
    const key = <usize>load<u32>(state, LOOKUP_KEYS) + k * LOOKUP_KEY_BYTES;
    const stream = load<u32>(key, LOOKUP_KEY_STREAM);
    const column = columns + load<u32>(key, LOOKUP_KEY_TABLE) * COLUMN_BYTES;
    store<u32>(column, <u32>batchData(batch, stream), COLUMN_DATA);
    store<u32>(column, <u32>batchValidity(batch, stream), COLUMN_VALIDITY);
  }
}

/** A row with the key of row `at` of the batch that is shown, which takes the place of one that is too old. */
function askFor(state: usize, table: usize, hash: u32, at: usize): usize {
  store<u32>(oneRow, <u32>at);
  rowsKeep(state + <usize>LOOKUP_ROWS, <usize>load<u32>(state, LOOKUP_CACHE_VIEW), oneRow, 1, oneKept);
  const row = <usize>load<u32>(oneKept);
  const entry = lookupEntry(state, row);
  store<u32>(entry, LOOKUP_IS_ASKED, LOOKUP_ENTRY_STATUS);
  store<u32>(entry, hash, LOOKUP_ENTRY_HASH);
  lookupTableAdd(state, table, row, hash);
  const count = load<u32>(state, LOOKUP_CACHE_ASKED_COUNT);
  store<u32>(<usize>load<u32>(state, LOOKUP_CACHE_ASKED) + ((<usize>count) << 2), <u32>row);
  store<u32>(state, count + 1, LOOKUP_CACHE_ASKED_COUNT);
  return row;
}

// --- rows going out ---

/** Writes the rows of a batch for which lookupCacheFind has found all that there is. `out`: the batch going out. */
export function lookupCacheWrite(state: usize, batch: usize, out: usize): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const found = <usize>load<u32>(state, LOOKUP_FOUND);
  const selected = <usize>load<u32>(state, LOOKUP_SELECTED);
  const keepsAll = load<u32>(state, LOOKUP_KEEPS_ALL) != 0;
  const drops = load<u32>(state, LOOKUP_CACHE_DROPS) != 0;
  let count: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    let row = <usize>load<u32>(found + ((<usize>i) << 2));
    let isKept = keepsAll;
    if (row) {
      const entry = lookupEntry(state, row);
      const status = load<u32>(entry, LOOKUP_ENTRY_STATUS);
      if (status == LOOKUP_IS_ANSWERED) row = <usize>load<u32>(entry, LOOKUP_ENTRY_ANSWER);
      else if (status != LOOKUP_IS_FOUND) row = 0;
      if (status == LOOKUP_IS_FAILED && drops) isKept = false;
    }
    store<u32>(found + ((<usize>count) << 2), <u32>row);
    store<u32>(selected + ((<usize>count) << 2), i);
    count += u32(row != 0 || isKept);
  }
  lookupWrite(state, batch, out, count);
}

// --- answers ---

/** Takes rows of the table that were asked for. Of several with one key the first counts, and those nobody wants do not. */
export function lookupCacheAnswer(state: usize, batch: usize, now: f64): void {
  const before = allocatedBytes();
  const table = state + LOOKUP_TABLE_IN_USE;
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const known = lookupKeep(state, batch, first, min<u32>(rows - first, KEEP_ROWS));
    for (let i: usize = 0; i < known; i++) {
      const row = <usize>load<u32>(lookupKeptRows + (i << 2));
      const hash = <u32>load<u64>(hashes + (i << 3));
      const asked = lookupTableFindRow(state, table, row, hash);
      if (asked == 0 || load<u32>(lookupEntry(state, asked), LOOKUP_ENTRY_STATUS) != LOOKUP_IS_ASKED) rowUnpin(row);
      else answer(state, table, asked, row, hash, now);
    }
  }
  lookupAddUsed(state, before);
}

function answer(state: usize, table: usize, asked: usize, row: usize, hash: u32, now: f64): void {
  const entry = lookupEntry(state, row);
  store<f64>(entry, now, LOOKUP_ENTRY_TIME);
  store<u32>(entry, LOOKUP_IS_FOUND, LOOKUP_ENTRY_STATUS);
  store<u32>(entry, hash, LOOKUP_ENTRY_HASH);
  store<u32>(entry, 1, LOOKUP_ENTRY_USED);
  if (load<u32>(asked, ROW_PINS) > 1) {
    store<u32>(lookupEntry(state, asked), LOOKUP_IS_ANSWERED, LOOKUP_ENTRY_STATUS);
    store<u32>(lookupEntry(state, asked), <u32>row, LOOKUP_ENTRY_ANSWER);
    rowPin(row);
  }
  lookupTableAdd(state, table, row, hash);
}

/**
 * Nothing more comes for these keys: `count` addresses of rows that were in LOOKUP_CACHE_ASKED. For those without an
 * answer there is no row, or (`hasFailed`) it is not known, and the next to want it asks again. Then makes room.
 */
export function lookupCacheSettle(state: usize, asked: usize, count: u32, hasFailed: u32, now: f64): void {
  const before = allocatedBytes();
  const table = state + LOOKUP_TABLE_IN_USE;
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(asked + (i << 2));
    const entry = lookupEntry(state, row);
    if (load<u32>(entry, LOOKUP_ENTRY_STATUS) != LOOKUP_IS_ASKED) continue;
    store<u32>(entry, hasFailed ? LOOKUP_IS_FAILED : LOOKUP_IS_MISSING, LOOKUP_ENTRY_STATUS);
    store<f64>(entry, now, LOOKUP_ENTRY_TIME);
    if (hasFailed) lookupTableRemove(state, table, row, load<u32>(entry, LOOKUP_ENTRY_HASH), false);
  }
  makeRoom(state, table);
  store<u32>(state, lookupTableCount(table), LOOKUP_ROW_COUNT);
  lookupAddUsed(state, before);
}

/** What has been asked for stays, and counts: there may be more than the limit for a while. */
function makeRoom(state: usize, table: usize): void {
  const rowsMax = load<u32>(state, LOOKUP_CACHE_ROWS_MAX);
  const slots = lookupTableSlots(table);
  let hand = load<u32>(state, LOOKUP_CACHE_HAND);
  for (let left = slots << 1; left != 0 && lookupTableCount(table) > rowsMax; left--) {
    hand &= slots - 1;
    const row = lookupTableRow(table, hand);
    const entry = lookupEntry(state, row);
    if (row == 0 || load<u32>(entry, LOOKUP_ENTRY_STATUS) == LOOKUP_IS_ASKED) hand++;
    else if (load<u32>(entry, LOOKUP_ENTRY_USED)) {
      store<u32>(entry, 0, LOOKUP_ENTRY_USED);
      hand++;
    } else lookupTableRemove(state, table, row, load<u32>(entry, LOOKUP_ENTRY_HASH), false);
  }
  store<u32>(state, hand, LOOKUP_CACHE_HAND);
}
