// The groups of a block's rows, by their packed keys and hashes.
//
// Rows are looked up in passes without branches over the whole block, so that cache misses overlap and nothing is
// mispredicted: all candidates by their hashes, then comparison of the keys. What is left is new, or searched row by row.
import { BLOCK_ROWS, STATE_ENTRIES, STATE_HAS_LONG, STATE_HASHES, STATE_PACKED, STATE_TABLES } from './aggregate-state';
import { createEntry, isGroup } from './group-entry';
import {
  lineEntry,
  lineFill,
  lineIsFull,
  lineMask,
  lineMatches,
  lineOf,
  tableArena,
  tableCountGroup,
  tableFirst,
  tableIsLarge,
} from './group-table';
import { AGGREGATE_ENTRY_BYTES, AGGREGATE_KEY_BYTES } from './layout-aggregate';

/** The bit of a line's last place. */
const LINE_LAST: i32 = 1 << 11;
/** What was read ahead ends up here: otherwise it would not be read. */
const fetched: usize = memory.data(4, 4);
/** Rows of a block whose group is not found yet, u32 each. */
const pending: usize = memory.data(<i32>BLOCK_ROWS * 4, 16);

/**
 * Finds or makes the group of `rows` rows of a batch, from row `first` on: STATE_ENTRIES from STATE_TABLES,
 * STATE_PACKED and STATE_HASHES.
 */
export function tableFind(state: usize, batch: usize, first: u32, rows: u32): void {
  const isLarge = tableIsLarge(load<u32>(load<u32>(state, STATE_TABLES)));
  if (isLarge) fetchLines(state, rows);
  findCandidates(state, rows);
  if (isLarge) fetchEntries(state, rows);
  let count = compareCandidates(state, rows);
  if (load<u32>(state, AGGREGATE_KEY_BYTES) != 16 || load<u32>(state, STATE_HAS_LONG) != 0) {
    count = compareFurther(state, batch, first, rows);
  }
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(pending + (i << 2));
    store<u32>(entries + (row << 2), search(state, batch, first, row));
  }
}

/**
 * Reads ahead what looking up rows one by one, and what is behind `slot` in their groups, will read: their keys are packed
 * and hashed, and all are of one table. Groups may lie in two lines: both ends are read.
 */
export function tableFetch(state: usize, rows: u32, slot: u32): void {
  fetchLines(state, rows);
  findCandidates(state, rows);
  fetchEntries(state, rows);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const last = <usize>load<u32>(state, AGGREGATE_ENTRY_BYTES) - 16;
  let all: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const entry = <usize>load<u32>(entries + (row << 2));
    all |= load<u32>(entry + last);
    // Without a group, and where nothing is behind it yet, 0 is a place like any other.
    all |= load<u32>(entry ? <usize>load<u32>(entry + slot) : 0);
  }
  store<u32>(fetched, all);
}

/**
 * Reads the line of every row, as if all were of the first one's table. WebAssembly cannot ask for memory ahead of its
 * use, but a processor goes on to the next iterations of a loop this short while it waits, and so waits for many lines
 * at a time.
 */
function fetchLines(state: usize, rows: u32): void {
  const table = <usize>load<u32>(load<u32>(state, STATE_TABLES));
  const hashes = <usize>load<u32>(state, STATE_HASHES);
  const buckets = tableFirst(table);
  const mask = lineMask(table);
  let all: u32 = 0;
  for (let row: usize = 0; row < rows; row++) all |= load<u32>(lineOf(buckets, mask, load<u32>(hashes + (row << 2))));
  store<u32>(fetched, all);
}

/** Reads every candidate, as `fetchLines` does lines. */
function fetchEntries(state: usize, rows: u32): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  let all: u32 = 0;
  for (let row: usize = 0; row < rows; row++) all |= load<u32>(load<u32>(entries + (row << 2)));
  store<u32>(fetched, all);
}

/** Sets STATE_ENTRIES to the first entry with the hash of each row. */
function findCandidates(state: usize, rows: u32): void {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const hashes = <usize>load<u32>(state, STATE_HASHES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  let table: usize = 0;
  let buckets: usize = 0;
  let mask: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const own = <usize>load<u32>(tables + (row << 2));
    if (own != table) {
      table = own;
      buckets = tableFirst(table);
      mask = lineMask(table);
    }
    const hash = load<u32>(hashes + (row << 2));
    const line = lineOf(buckets, mask, hash);
    // Without a match the last entry is taken: it is compared like any other.
    store<u32>(entries + (row << 2), <u32>lineEntry(line, ctz(lineMatches(line, hash) | LINE_LAST)));
  }
}

/**
 * Compares the first 16 bytes of every row's key with its candidate, without a branch. Rows without a group so far have
 * entry 0 afterwards, and are listed in `pending`. @returns their number.
 */
function compareCandidates(state: usize, rows: u32): u32 {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  let key = <usize>load<u32>(state, STATE_PACKED);
  let count: usize = 0;
  for (let row: usize = 0; row < rows; row++) {
    const entry = load<u32>(entries + (row << 2));
    const differs = v128.any_true(v128.xor(v128.load(key), v128.load(entry)));
    store<u32>(entries + (row << 2), differs ? 0 : entry);
    store<u32>(pending + (count << 2), <u32>row);
    count += <usize>u32(differs) | <usize>u32(entry == 0);
    key += stride;
  }
  return <u32>count;
}

/** Compares the rest of keys that are longer, or have long strings, and lists the rows in `pending` anew. */
function compareFurther(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  let key = <usize>load<u32>(state, STATE_PACKED);
  let count: usize = 0;
  for (let row: usize = 0; row < rows; row++) {
    const entry = <usize>load<u32>(entries + (row << 2));
    if (entry == 0 || !isGroup(state, entry, key, batch, first + <u32>row)) {
      store<u32>(pending + (count << 2), <u32>row);
      count++;
    }
    key += stride;
  }
  return <u32>count;
}

/** Finds or makes the group of row `first + row`, line after line. */
function search(state: usize, batch: usize, first: u32, row: usize): u32 {
  const table = <usize>load<u32>(<usize>load<u32>(state, STATE_TABLES) + (row << 2));
  const hash = load<u32>(<usize>load<u32>(state, STATE_HASHES) + (row << 2));
  const key = <usize>load<u32>(state, STATE_PACKED) + row * load<u32>(state, AGGREGATE_KEY_BYTES);
  const buckets = tableFirst(table);
  const mask = lineMask(table);
  let index = hash;
  while (true) {
    const line = lineOf(buckets, mask, index);
    for (let match = lineMatches(line, hash); match != 0; match &= match - 1) {
      const entry = lineEntry(line, ctz(match));
      if (entry != 0 && isGroup(state, entry, key, batch, first + <u32>row)) return <u32>entry;
    }
    if (!lineIsFull(line)) {
      const entry = <u32>createEntry(state, tableArena(table), batch, first + <u32>row, key);
      lineFill(line, hash, entry);
      tableCountGroup(table, entry);
      return entry;
    }
    index += 2;
  }
  return 0;
}
