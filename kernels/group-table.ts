// A group table: from packed keys to entries, by open addressing over lines of two buckets of four.
//
//   buckets ─► { u32 hash × 4, u32 entry × 4 } × n     n a power of two; filled from the left; entry 0: free
//   line    ─► an even bucket and the one after it, a cache line
//   entry   ─► packed key │ addresses of long strings │ state of each aggregate │ seen bytes
//
// A group is in the line that its hash names, or in the first one after it with room; lines are at most half full on
// average. Entries and the bytes of long strings live in the table's arena and never move; buckets double and are
// filled again by the hashes alone. Rows are looked up by group-find.ts.
import { arenaClear, arenaCreate, arenaDestroy, arenaGive, arenaTake } from './memory';
import { apartAllocate, apartRelease } from './memory-apart';

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
/** From so many buckets on (512 KB) a table is large. */
const BUCKETS_LARGE: u32 = 16384;
/** What was read ahead ends up here: otherwise it would not be read. */
const fetched: usize = memory.data(4, 4);
/** Bytes of a line: two buckets. */
export const LINE_BYTES: usize = 64;

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
  apartRelease(tableFirst(table), bucketsBytes(table));
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

/** Address of the line that a hash names. */
@inline
export function tableLine(table: usize, hash: u32): usize {
  return lineOf(load<u32>(table, TABLE_BUCKETS), lineMask(table), hash);
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
  const buckets = apartAllocate(count << BUCKET_SHIFT);
  memory.fill(buckets, 0, count << BUCKET_SHIFT);
  store<u32>(table, <u32>buckets, TABLE_BUCKETS);
  store<u32>(table, count - 1, TABLE_MASK);
}

/** Whether the table and its groups are too large for the second-level cache. */
@inline
export function tableIsLarge(table: usize): bool {
  return load<u32>(table, TABLE_MASK) >= BUCKETS_LARGE;
}

/** The buckets as room for an item of 16 bytes for every group, for a table in which nothing is looked up any more. */
@inline
export function tableSpare(table: usize): usize {
  // There are at most two groups to a bucket.
  return tableFirst(table);
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

/** What takes the index of a bucket to the first one of its line. */
@inline
export function lineMask(table: usize): u32 {
  return load<u32>(table, TABLE_MASK) & ~1;
}

@inline
export function lineOf(buckets: usize, mask: u32, hash: u32): usize {
  return buckets + ((<usize>(hash & mask)) << BUCKET_SHIFT);
}

/**
 * One bit for each hash of a line that equals `hash`, 0 to 3 for the first bucket's and 8 to 11 for the second one's: the
 * number of the bit is that of the place in words. The hashes of free places are 0.
 */
@inline
export function lineMatches(line: usize, hash: u32): i32 {
  const wanted = i32x4.splat(hash);
  const second = i32x4.bitmask(i32x4.eq(v128.load(line, BUCKET_BYTES), wanted));
  return i32x4.bitmask(i32x4.eq(v128.load(line), wanted)) | (second << 8);
}

/** The entry at the place of a line that a bit of `lineMatches` names. */
@inline
export function lineEntry(line: usize, bit: i32): usize {
  return load<u32>(line + ((<usize>bit) << 2), BUCKET_ENTRIES);
}

/** Whether a line has no room left: what is not in it may be in the next one. */
@inline
export function lineIsFull(line: usize): bool {
  return lineEntry(line, 11) != 0;
}

/** Puts an entry into the first free place for its hash. */
@inline
function insert(buckets: usize, mask: u32, hash: u32, entry: u32): void {
  let line = lineOf(buckets, mask, hash);
  for (let index = hash + 2; lineIsFull(line); index += 2) line = lineOf(buckets, mask, index);
  lineFill(line, hash, entry);
}

/** Puts an entry into the first free place of a line that has one. */
@inline
export function lineFill(line: usize, hash: u32, entry: u32): void {
  const free = i32x4.splat(0);
  const second = i32x4.bitmask(i32x4.eq(v128.load(line, BUCKET_BYTES + BUCKET_ENTRIES), free));
  const bits = i32x4.bitmask(i32x4.eq(v128.load(line, BUCKET_ENTRIES), free)) | (second << 8);
  const place = line + ((<usize>ctz(bits)) << 2);
  store<u32>(place, hash);
  store<u32>(place, entry, BUCKET_ENTRIES);
}

/** Adds an entry that the table does not have. */
export function tableInsert(table: usize, hash: u32, entry: usize): void {
  insert(load<u32>(table, TABLE_BUCKETS), lineMask(table), hash, <u32>entry);
  tableCountGroup(table, <u32>entry);
}

/** Puts `count` entries { u32 hash, u32 entry } that the table does not have into it. */
export function tableInsertAll(table: usize, items: usize, count: u32): void {
  // Reads the lines ahead: many at a time, where inserting waits for each.
  const buckets = tableFirst(table);
  const mask = lineMask(table);
  let all: u32 = 0;
  for (let i: usize = 0; i < count; i++) all |= load<u32>(lineOf(buckets, mask, load<u32>(items + (i << 3))));
  store<u32>(fetched, all);
  for (let i: usize = 0; i < count; i++)
    tableInsert(table, load<u32>(items + (i << 3)), load<u32>(items + (i << 3), 4));
}

/** Makes an empty table one for so many groups. */
export function tableReserve(table: usize, groups: u32): void {
  if (load<u32>(table, TABLE_COUNT) != 0) return;
  let count = load<u32>(table, TABLE_MASK) + 1;
  if (!isCrowded(groups, count)) return;
  while (isCrowded(groups, count)) count <<= 1;
  apartRelease(tableFirst(table), bucketsBytes(table));
  setBuckets(table, count);
}

export function tableCountGroup(table: usize, entry: u32): void {
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
  const mask = lineMask(table);
  for (let bucket = old; bucket < old + oldBytes; bucket += 1 << BUCKET_SHIFT) {
    for (let place = bucket; place < bucket + 16; place += 4) {
      const entry = load<u32>(place, BUCKET_ENTRIES);
      if (!entry) break;
      insert(buckets, mask, load<u32>(place), entry);
    }
  }
  apartRelease(old, oldBytes);
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

/** Addresses of the groups in the order in which they were made, u32 each. */
@inline
export function tableList(table: usize): usize {
  return load<u32>(table, TABLE_LIST);
}

/** The group that was made as number `index`, counted from 0. */
@inline
export function tableEntry(table: usize, index: u32): u32 {
  return load<u32>(<usize>load<u32>(table, TABLE_LIST) + ((<usize>index) << 2));
}
