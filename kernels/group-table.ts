// A group table: from packed keys to entries, by open addressing over buckets of four.
//
//   buckets ─► { u32 hash × 4, u32 entry × 4 } × n     n a power of two; filled from the left; entry 0: free
//   entry   ─► packed key │ addresses of long strings │ state of each aggregate │ seen bytes
//
// A group is in the bucket that its hash names, or in the first one after it with room; buckets are at most half full
// on average. Entries and the bytes of long strings live in the table's arena and never move; buckets double and are
// filled again by the hashes alone. Rows are looked up in two passes: first all candidates (one vector comparison each
// and no branches, so that cache misses overlap), then comparison of the keys, and the rare slow search.
import { STATE_ENTRIES, STATE_HAS_LONG, STATE_HASHES, STATE_PACKED, STATE_TABLES } from './aggregate-state';
import { createEntry, isGroup } from './group-entry';
import { AGGREGATE_KEY_BYTES } from './layout-aggregate';
import { allocate, arenaClear, arenaCreate, arenaDestroy, arenaGive, arenaTake, release } from './memory';

const TABLE_BUCKETS: usize = 0; // u32
const TABLE_MASK: usize = 4; // u32: buckets − 1
const TABLE_COUNT: usize = 8; // u32: groups
export const TABLE_ARENA: usize = 12; // u32
const TABLE_LIST: usize = 16; // u32: entries in the order in which they were made, in the arena
const TABLE_LIST_ROOM: usize = 20; // u32: how many it has room for, a power of two or 0
/** Bytes of a table's header, which its owner provides. */
export const TABLE_BYTES: u32 = 24;

const LIST_ROOM_FIRST: u32 = 16;
/** A table begins with this many buckets at least, and at most, whatever is expected. */
const BUCKETS_MIN: u32 = 16;
const BUCKETS_FIRST_MAX: u32 = 256;
const BUCKET_SHIFT: u32 = 5;
/** Bytes of a bucket. */
export const BUCKET_BYTES: usize = 32;
const BUCKET_ENTRIES: usize = 16;

/** Makes the header at `table` that of an empty table, for `expected` groups if it is not too many. */
export function tableInit(table: usize, expected: u32): void {
  let count = BUCKETS_MIN;
  while (count < BUCKETS_FIRST_MAX && isCrowded(expected, count)) count <<= 1;
  setBuckets(table, count);
  store<u32>(table, 0, TABLE_COUNT);
  store<u32>(table, 0, TABLE_LIST_ROOM);
  store<u32>(table, <u32>arenaCreate(), TABLE_ARENA);
}

/** Gives back everything but the header. */
export function tableDestroy(table: usize): void {
  release(tableFirst(table), bucketsBytes(table));
  arenaDestroy(load<u32>(table, TABLE_ARENA));
}

/** Empties the table and keeps its buckets. */
export function tableClear(table: usize): void {
  memory.fill(tableFirst(table), 0, bucketsBytes(table));
  store<u32>(table, 0, TABLE_COUNT);
  store<u32>(table, 0, TABLE_LIST_ROOM);
  arenaClear(load<u32>(table, TABLE_ARENA));
}

@inline
function isCrowded(groups: u32, buckets: u32): bool {
  return groups > buckets << 1;
}

/** Address of the table's first bucket. */
@inline
export function tableFirst(table: usize): usize {
  return load<u32>(table, TABLE_BUCKETS);
}

/** Address of the bucket that a hash names. */
@inline
export function tableBucket(table: usize, hash: u32): usize {
  const index = hash & load<u32>(table, TABLE_MASK);
  return <usize>load<u32>(table, TABLE_BUCKETS) + ((<usize>index) << BUCKET_SHIFT);
}

/** Address after the table's last bucket. */
@inline
export function tableEnd(table: usize): usize {
  return tableFirst(table) + bucketsBytes(table);
}

@inline
function bucketsBytes(table: usize): u32 {
  return (load<u32>(table, TABLE_MASK) + 1) << BUCKET_SHIFT;
}

/** The entry at a place (0 to 3) of a bucket, 0 when the place and those after it are free. */
@inline
export function bucketEntry(bucket: usize, place: u32): usize {
  return load<u32>(bucket + (place << 2), BUCKET_ENTRIES);
}

/** The hash at a place of a bucket. */
@inline
export function bucketHash(bucket: usize, place: u32): u32 {
  return load<u32>(bucket + (place << 2));
}

function setBuckets(table: usize, count: u32): void {
  const buckets = allocate(count << BUCKET_SHIFT);
  memory.fill(buckets, 0, count << BUCKET_SHIFT);
  store<u32>(table, <u32>buckets, TABLE_BUCKETS);
  store<u32>(table, count - 1, TABLE_MASK);
}

/** Groups in the table. */
@inline
export function tableCount(table: usize): u32 {
  return load<u32>(table, TABLE_COUNT);
}

/** The arena that lives as long as the table's groups. */
@inline
export function tableArena(table: usize): usize {
  return load<u32>(table, TABLE_ARENA);
}

/**
 * Finds or makes the group of `rows` rows of a batch, from row `first` on: STATE_ENTRIES from STATE_TABLES,
 * STATE_PACKED and STATE_HASHES.
 */
export function tableFind(state: usize, batch: usize, first: u32, rows: u32): void {
  findCandidates(state, rows);
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const packed = <usize>load<u32>(state, STATE_PACKED);
  const hasLong = load<u32>(state, STATE_HAS_LONG) != 0;
  for (let row: usize = 0; row < rows; row++) {
    const entry = <usize>load<u32>(entries + (row << 2));
    const key = packed + row * stride;
    if (entry != 0 && !v128.any_true(v128.xor(v128.load(key), v128.load(entry)))) {
      if (stride == 16 && !hasLong) continue;
      if (isGroup(state, entry, key, batch, first + <u32>row)) continue;
    }
    store<u32>(entries + (row << 2), search(state, batch, first, row));
  }
}

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
      buckets = load<u32>(table, TABLE_BUCKETS);
      mask = load<u32>(table, TABLE_MASK);
    }
    const hash = load<u32>(hashes + (row << 2));
    const bucket = buckets + ((<usize>(hash & mask)) << BUCKET_SHIFT);
    // Without a match the last entry is taken: it is compared like any other.
    const match = hashMatches(bucket, hash) | 8;
    store<u32>(entries + (row << 2), load<u32>(bucket + ((<usize>ctz(match)) << 2), BUCKET_ENTRIES));
  }
}

/** One bit for each of the bucket's four hashes that equals `hash`; those of free places are 0. */
@inline
export function hashMatches(bucket: usize, hash: u32): i32 {
  return i32x4.bitmask(i32x4.eq(v128.load(bucket), i32x4.splat(hash)));
}

/** Finds or makes the group of row `first + row`, bucket after bucket. */
function search(state: usize, batch: usize, first: u32, row: usize): u32 {
  const table = <usize>load<u32>(<usize>load<u32>(state, STATE_TABLES) + (row << 2));
  const hash = load<u32>(<usize>load<u32>(state, STATE_HASHES) + (row << 2));
  const key = <usize>load<u32>(state, STATE_PACKED) + row * load<u32>(state, AGGREGATE_KEY_BYTES);
  const buckets = <usize>load<u32>(table, TABLE_BUCKETS);
  const mask = load<u32>(table, TABLE_MASK);
  let index = hash & mask;
  while (true) {
    const bucket = buckets + ((<usize>index) << BUCKET_SHIFT);
    for (let match = hashMatches(bucket, hash); match != 0; match &= match - 1) {
      const entry = <usize>load<u32>(bucket + ((<usize>ctz(match)) << 2), BUCKET_ENTRIES);
      if (entry != 0 && isGroup(state, entry, key, batch, first + <u32>row)) return <u32>entry;
    }
    if (!load<u32>(bucket, BUCKET_ENTRIES + 12)) {
      const entry = <u32>createEntry(state, load<u32>(table, TABLE_ARENA), batch, first + <u32>row, key);
      insert(buckets, mask, hash, entry);
      countGroup(table, entry);
      return entry;
    }
    index = (index + 1) & mask;
  }
  return 0;
}

/** Puts an entry into the first free place for its hash. */
@inline
function insert(buckets: usize, mask: u32, hash: u32, entry: u32): void {
  let index = hash & mask;
  while (true) {
    const bucket = buckets + ((<usize>index) << BUCKET_SHIFT);
    const free = i32x4.bitmask(i32x4.eq(v128.load(bucket, BUCKET_ENTRIES), i32x4.splat(0)));
    if (free) {
      const place = bucket + ((<usize>ctz(free)) << 2);
      store<u32>(place, hash);
      store<u32>(place, entry, BUCKET_ENTRIES);
      return;
    }
    index = (index + 1) & mask;
  }
}

/** Adds an entry that the table does not have. */
export function tableInsert(table: usize, hash: u32, entry: usize): void {
  insert(load<u32>(table, TABLE_BUCKETS), load<u32>(table, TABLE_MASK), hash, <u32>entry);
  countGroup(table, <u32>entry);
}

function countGroup(table: usize, entry: u32): void {
  const before = load<u32>(table, TABLE_COUNT);
  if (before == load<u32>(table, TABLE_LIST_ROOM)) growList(table, before);
  store<u32>(<usize>load<u32>(table, TABLE_LIST) + ((<usize>before) << 2), entry);
  const count = before + 1;
  store<u32>(table, count, TABLE_COUNT);
  if (isCrowded(count, load<u32>(table, TABLE_MASK) + 1)) grow(table);
}

function grow(table: usize): void {
  const old = <usize>load<u32>(table, TABLE_BUCKETS);
  const oldBytes = bucketsBytes(table);
  setBuckets(table, oldBytes >> (BUCKET_SHIFT - 1));
  const buckets = <usize>load<u32>(table, TABLE_BUCKETS);
  const mask = load<u32>(table, TABLE_MASK);
  for (let bucket = old; bucket < old + oldBytes; bucket += 1 << BUCKET_SHIFT) {
    for (let place = bucket; place < bucket + 16; place += 4) {
      const entry = load<u32>(place, BUCKET_ENTRIES);
      if (!entry) break;
      insert(buckets, mask, load<u32>(place), entry);
    }
  }
  release(old, oldBytes);
}

function growList(table: usize, count: u32): void {
  const arena = <usize>load<u32>(table, TABLE_ARENA);
  const old = <usize>load<u32>(table, TABLE_LIST);
  const room = count ? count << 1 : LIST_ROOM_FIRST;
  const list = arenaTake(arena, room << 2);
  // Of no groups the old address is whatever was there.
  if (count) {
    memory.copy(list, old, count << 2);
    arenaGive(arena, old, count << 2);
  }
  store<u32>(table, <u32>list, TABLE_LIST);
  store<u32>(table, room, TABLE_LIST_ROOM);
}

/** The group that was made as number `index`, counted from 0. */
@inline
export function tableEntry(table: usize, index: u32): u32 {
  return load<u32>(<usize>load<u32>(table, TABLE_LIST) + ((<usize>index) << 2));
}
