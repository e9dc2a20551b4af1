// Rows found by key: the tables of a lookup (lookup.ts). Of each key the last row is kept.
//
//   table   ─► u32 buckets │ u32 buckets − 1 │ u32 rows
//   bucket  ─► row ─► row ─► …        linked by ROW_NEXT, the hash of the key in ROW_HASH
//
// Keys are hashed a column at a time over a batch, so that each type has its own loop. A NULL in a key matches nothing:
// such a row has no hash (0).
import { batchData, batchValidity } from './group-key';
import { bytesEqual, firstBytes, hashMix } from './hash';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import {
  LOOKUP_HASHES,
  LOOKUP_KEY_BYTES,
  LOOKUP_KEY_COUNT,
  LOOKUP_KEY_OFFSET,
  LOOKUP_KEY_PHYSICAL,
  LOOKUP_KEYS,
} from './layout-lookup';
import { ROW_NEXT, ROW_OLDER } from './layout-rows';
import { allocate, release } from './memory';
import { rowUnpin } from './row-store';
import { identityBits } from './value-bits';

const TABLE_BUCKETS: usize = 0;
const TABLE_MASK: usize = 4;
const TABLE_COUNT: usize = 8;
/** Bytes of a table's header. */
export const LOOKUP_TABLE_BYTES: u32 = 16;
/** In the header of a row: the hash of its key. */
const ROW_HASH = ROW_OLDER;
const BUCKETS_MIN: u32 = 64;
const SEED: u64 = 0x9e3779b97f4a7c15;

// --- hashes ---

/**
 * Hashes the keys of `rows` rows of a batch, from row `first` on, to LOOKUP_HASHES: u32, 0 where a NULL is in the key.
 * `which`: LOOKUP_KEY_STREAM or _TABLE, whose columns they are.
 */
export function lookupHash(state: usize, batch: usize, which: usize, first: u32, rows: u32): void {
  const hashes = <usize>load<u32>(state, LOOKUP_HASHES);
  const count = load<u32>(state, LOOKUP_KEY_COUNT);
  for (let i: usize = 0; i < rows; i++) store<u64>(hashes + (i << 3), SEED);
  for (let k: u32 = 0; k < count; k++) {
    const key = <usize>load<u32>(state, LOOKUP_KEYS) + k * LOOKUP_KEY_BYTES;
    const column = load<u32>(key + which);
    if (load<u32>(key, LOOKUP_KEY_PHYSICAL) == PHYSICAL_REF) hashTexts(batch, column, first, rows, hashes);
    else hashColumn(load<u32>(key, LOOKUP_KEY_PHYSICAL), batchData(batch, column), first, rows, hashes);
  }
  for (let i: usize = 0; i < rows; i++) {
    const hash = load<u64>(hashes + (i << 3)) * SEED;
    store<u64>(hashes + (i << 3), max<u32>(<u32>(hash ^ (hash >> 32)), 1));
  }
  for (let k: u32 = 0; k < count; k++) {
    const key = <usize>load<u32>(state, LOOKUP_KEYS) + k * LOOKUP_KEY_BYTES;
    const validity = batchValidity(batch, load<u32>(key + which));
    if (!validity) continue;
    for (let i: usize = 0; i < rows; i++) {
      if (!load<u8>(validity + first + i)) store<u64>(hashes + (i << 3), 0);
    }
  }
}

function hashColumn(physical: u32, data: usize, first: usize, rows: u32, hashes: usize): void {
  switch (physical) {
    case PHYSICAL_U8:
      for (let i: usize = 0; i < rows; i++) mix(hashes + (i << 3), load<u8>(data + first + i));
      break;
    case PHYSICAL_I32:
      for (let i: usize = 0; i < rows; i++) mix(hashes + (i << 3), load<u32>(data + ((first + i) << 2)));
      break;
    case PHYSICAL_F64:
      for (let i: usize = 0; i < rows; i++) mix(hashes + (i << 3), identityBits<f64>(data + ((first + i) << 3)));
      break;
    default:
      for (let i: usize = 0; i < rows; i++) mix(hashes + (i << 3), load<u64>(data + ((first + i) << 3)));
  }
}

@inline
function mix(at: usize, value: u64): void {
  store<u64>(at, hashMix(load<u64>(at), value, 0));
}

function hashTexts(batch: usize, column: u32, first: usize, rows: u32, hashes: usize): void {
  const data = batchData(batch, column);
  const validity = batchValidity(batch, column);
  for (let i: usize = 0; i < rows; i++) {
    // The reference of a NULL is unspecified: it must not be followed.
    if (validity != 0 && load<u8>(validity + first + i) == 0) continue;
    hashText(hashes + (i << 3), data + ((first + i) << 3));
  }
}

@inline
function hashText(at: usize, reference: usize): void {
  const address = <usize>load<u32>(reference);
  const bytes = load<u32>(reference, 4);
  let hash = load<u64>(at) ^ bytes;
  let done: u32 = 0;
  for (; done + 16 <= bytes; done += 16) hash = hashMix(hash, load<u64>(address + done), load<u64>(address + done, 8));
  const left = bytes - done;
  const low = firstBytes(address + done, min<u32>(left, 8));
  store<u64>(at, hashMix(hash, low, left > 8 ? firstBytes(address + done + 8, left - 8) : 0));
}

// --- tables ---

/** Makes an empty table of a header. */
export function lookupTableInit(table: usize): void {
  store<u32>(table, 0, TABLE_COUNT);
  setBuckets(table, BUCKETS_MIN);
}

/** Gives back everything but the header. */
export function lookupTableDestroy(table: usize): void {
  const buckets = <usize>load<u32>(table, TABLE_BUCKETS);
  const count = load<u32>(table, TABLE_MASK) + 1;
  for (let i: u32 = 0; i < count; i++) {
    let row = <usize>load<u32>(buckets + ((<usize>i) << 2));
    while (row) {
      const next = <usize>load<u32>(row, ROW_NEXT);
      rowUnpin(row);
      row = next;
    }
  }
  release(buckets, count << 2);
}

@inline
export function lookupTableCount(table: usize): u32 {
  return load<u32>(table, TABLE_COUNT);
}

@inline
function bucketOf(table: usize, hash: u32): usize {
  return <usize>load<u32>(table, TABLE_BUCKETS) + ((<usize>(hash & load<u32>(table, TABLE_MASK))) << 2);
}

/** Adds a kept row, which takes the place of one with its key. */
export function lookupTableAdd(state: usize, table: usize, row: usize, hash: u32): void {
  store<u32>(row, hash, ROW_HASH);
  lookupTableRemove(state, table, row);
  const bucket = bucketOf(table, hash);
  store<u32>(row, load<u32>(bucket), ROW_NEXT);
  store<u32>(bucket, <u32>row);
  const count = load<u32>(table, TABLE_COUNT) + 1;
  store<u32>(table, count, TABLE_COUNT);
  if (count > load<u32>(table, TABLE_MASK)) grow(table);
}

/** Takes the row with the key of a kept row, whose hash is set, out, if there is one. */
export function lookupTableRemove(state: usize, table: usize, row: usize): void {
  const hash = load<u32>(row, ROW_HASH);
  let place = bucketOf(table, hash);
  for (;;) {
    const other = <usize>load<u32>(place);
    if (!other) return;
    if (load<u32>(other, ROW_HASH) == hash && hasKeyOfRow(state, other, row)) {
      store<u32>(place, load<u32>(other, ROW_NEXT));
      rowUnpin(other);
      store<u32>(table, load<u32>(table, TABLE_COUNT) - 1, TABLE_COUNT);
      return;
    }
    place = other + <usize>ROW_NEXT;
  }
}

/** The first row that may be in the bucket of a hash. */
@inline
export function lookupTableFirst(table: usize, hash: u32): usize {
  return <usize>load<u32>(bucketOf(table, hash));
}

/** The row of a bucket, from `candidate` on, that has the key of row `at` of a batch; 0: none. */
@inline
export function lookupTableMatch(state: usize, candidate: usize, hash: u32, batch: usize, at: usize): usize {
  let row = candidate;
  while (row != 0 && (load<u32>(row, ROW_HASH) != hash || !hasKeyOfBatch(state, row, batch, at))) {
    row = <usize>load<u32>(row, ROW_NEXT);
  }
  return row;
}

function hasKeyOfBatch(state: usize, row: usize, batch: usize, at: usize): bool {
  const count = load<u32>(state, LOOKUP_KEY_COUNT);
  for (let k: u32 = 0; k < count; k++) {
    const key = <usize>load<u32>(state, LOOKUP_KEYS) + k * LOOKUP_KEY_BYTES;
    const physical = load<u32>(key, LOOKUP_KEY_PHYSICAL);
    const width: u32 = physical == PHYSICAL_U8 ? 0 : physical == PHYSICAL_I32 ? 2 : 3;
    const value = batchData(batch, load<u32>(key, 4)) + (at << width);
    if (!isSame(physical, row + load<u32>(key, LOOKUP_KEY_OFFSET), value)) return false;
  }
  return true;
}

function hasKeyOfRow(state: usize, row: usize, other: usize): bool {
  const count = load<u32>(state, LOOKUP_KEY_COUNT);
  for (let k: u32 = 0; k < count; k++) {
    const key = <usize>load<u32>(state, LOOKUP_KEYS) + k * LOOKUP_KEY_BYTES;
    const offset = load<u32>(key, LOOKUP_KEY_OFFSET);
    if (!isSame(load<u32>(key, LOOKUP_KEY_PHYSICAL), row + offset, other + offset)) return false;
  }
  return true;
}

/** Whether two values are equal: −0 is 0, any NaN any other. */
@inline
function isSame(physical: u32, a: usize, b: usize): bool {
  if (physical == PHYSICAL_REF) {
    const bytes = load<u32>(a, 4);
    return bytes == load<u32>(b, 4) && bytesEqual(load<u32>(a), load<u32>(b), bytes);
  }
  if (physical == PHYSICAL_I32) return load<u32>(a) == load<u32>(b);
  if (physical == PHYSICAL_U8) return load<u8>(a) == load<u8>(b);
  if (physical == PHYSICAL_F64) return identityBits<f64>(a) == identityBits<f64>(b);
  return load<u64>(a) == load<u64>(b);
}

function setBuckets(table: usize, count: u32): void {
  const buckets = allocate(count << 2);
  memory.fill(buckets, 0, count << 2);
  store<u32>(table, <u32>buckets, TABLE_BUCKETS);
  store<u32>(table, count - 1, TABLE_MASK);
}

function grow(table: usize): void {
  const old = <usize>load<u32>(table, TABLE_BUCKETS);
  const oldCount = load<u32>(table, TABLE_MASK) + 1;
  setBuckets(table, oldCount << 1);
  for (let i: u32 = 0; i < oldCount; i++) {
    let row = <usize>load<u32>(old + ((<usize>i) << 2));
    while (row) {
      const next = <usize>load<u32>(row, ROW_NEXT);
      const bucket = bucketOf(table, load<u32>(row, ROW_HASH));
      store<u32>(row, load<u32>(bucket), ROW_NEXT);
      store<u32>(bucket, <u32>row);
      row = next;
    }
  }
  release(old, oldCount << 2);
}
