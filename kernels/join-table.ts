// The keys of a join: for each the rows of both sides that may still have matches.
//
// Keys are chained by hash; the buckets double when there are half as many keys. An entry holds the bytes of its key, so that
// rows come and go; it is given back with its last row. A NULL in a key matches nothing: such a row has no entry.
import { bytesEqual, firstBytes, hashMix } from './hash';
import { JOIN_IMAGE_HAS_KEYS, JOIN_KEY_COUNT, SIDE_KEYS } from './layout-join';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { FIELD_BYTES, FIELD_NULL_OFFSET, FIELD_OFFSET, FIELD_PHYSICAL } from './layout-rows';
import { ROW_HASH, STATE_BUCKETS, STATE_BUCKET_MASK, STATE_KEY_TOTAL } from './join-state';
import { allocate, release } from './memory';
import { apartAllocate, apartRelease } from './memory-apart';
import { rowUnpin } from './row-store';

// An entry; the values of its key follow: 8 bytes each, or of a string length, then bytes up to a multiple of 8.
const ENTRY_NEXT: usize = 0; // u32: of its bucket
const ENTRY_HASH: usize = 4; // u32
const ENTRY_BYTES: usize = 8; // u32: size of its block
const ENTRY_LISTS: usize = 16; // u32 head, u32 tail, for each side
const ENTRY_HEADER_BYTES: usize = 32;

const BUCKETS_MIN: u32 = 64;
/** From here on the table is beyond the caches. */
const MASK_LARGE: u32 = 8192;
/** Rows are larger than a cache line. */
const LINE: usize = 64;
const NAN_BITS: u64 = 0x7ff8000000000000;
const SEED: u64 = 0x9e3779b97f4a7c15;

/** Makes the table of a state that is zero. */
export function keysInit(state: usize): void {
  setBuckets(state, BUCKETS_MIN);
}

/** Gives back the buckets; no key is left. */
function keysDestroy(state: usize): void {
  releaseOf(state, load<u32>(state, STATE_BUCKETS), (load<u32>(state, STATE_BUCKET_MASK) + 1) << 2);
}

/** How many buckets there are: all keys are in the lists that begin with `keysFirst`. */
@inline
export function keysBuckets(state: usize): u32 {
  return load<u32>(state, STATE_BUCKET_MASK) + 1;
}

/** The first key of a bucket, 0 for none. */
@inline
export function keysFirst(state: usize, bucket: u32): usize {
  return <usize>load<u32>(<usize>load<u32>(state, STATE_BUCKETS) + ((<usize>bucket) << 2));
}

@inline
export function keysNext(entry: usize): usize {
  return <usize>load<u32>(entry, ENTRY_NEXT);
}

/** First row of a key's list, 0: none. */
@inline
export function keyHead(entry: usize, side: u32): usize {
  return load<u32>(entry + ENTRY_LISTS + (side << 3));
}

@inline
export function keyTail(entry: usize, side: u32): usize {
  return load<u32>(entry + ENTRY_LISTS + (side << 3), 4);
}

@inline
export function keySetHead(entry: usize, side: u32, row: usize): void {
  store<u32>(entry + ENTRY_LISTS + (side << 3), <u32>row);
}

@inline
export function keySetTail(entry: usize, side: u32, row: usize): void {
  store<u32>(entry + ENTRY_LISTS + (side << 3), <u32>row, 4);
}

/** Whether a row's key has no NULL in it; writes its hash to ROW_HASH. */
export function keyHashRow(state: usize, side: usize, row: usize): bool {
  const count = load<u32>(state, JOIN_KEY_COUNT);
  const keys = <usize>load<u32>(side, SIDE_KEYS);
  let hash = SEED;
  for (let k: u32 = 0; k < count; k++) {
    const field = keys + k * FIELD_BYTES;
    const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
    if (nullOffset >= 0 && !load<u8>(row + nullOffset)) return false;
    const value = row + load<u32>(field, FIELD_OFFSET);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical == PHYSICAL_REF) hash = hashText(hash, load<u32>(value), load<u32>(value, 4));
    else hash = hashMix(hash, fixedValue(physical, value), 0);
  }
  hash *= SEED;
  store<u32>(row, <u32>(hash ^ (hash >> 32)), ROW_HASH);
  return true;
}

@inline
function hashText(seed: u64, address: usize, bytes: u32): u64 {
  let hash = seed ^ bytes;
  let at: u32 = 0;
  for (; at + 16 <= bytes; at += 16) hash = hashMix(hash, load<u64>(address + at), load<u64>(address + at, 8));
  const left = bytes - at;
  const low = firstBytes(address + at, min<u32>(left, 8));
  return hashMix(hash, low, left > 8 ? firstBytes(address + at + 8, left - 8) : 0);
}

/** A value that is no string as 8 bytes: −0 as 0, every NaN as one. */
@inline
function fixedValue(physical: u32, value: usize): u64 {
  if (physical == PHYSICAL_I32) return load<u32>(value);
  if (physical == PHYSICAL_U8) return load<u8>(value);
  if (physical != PHYSICAL_F64) return load<u64>(value);
  const number = load<f64>(value);
  return number == number ? reinterpret<u64>(number + 0.0) : NAN_BITS;
}

@inline
function bucketOf(state: usize, hash: u32): usize {
  return <usize>load<u32>(state, STATE_BUCKETS) + ((<usize>(hash & load<u32>(state, STATE_BUCKET_MASK))) << 2);
}

/** The entry of a row's key, 0: there is none. */
export function keyFind(state: usize, side: usize, row: usize): usize {
  const hash = load<u32>(row, ROW_HASH);
  let entry = <usize>load<u32>(bucketOf(state, hash));
  while (entry) {
    if (load<u32>(entry, ENTRY_HASH) == hash && hasKey(state, side, row, entry)) return entry;
    entry = <usize>load<u32>(entry, ENTRY_NEXT);
  }
  return 0;
}

/** Reads ahead what finding the keys of `count` rows (u32 addresses at `kept`) will read: see rowTableFetch. */
export function keysFetch(state: usize, side: usize, kept: usize, count: u32, found: usize): void {
  if (load<u32>(state, STATE_BUCKET_MASK) < MASK_LARGE) return;
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(kept + (i << 2));
    keyHashRow(state, side, row);
    store<u32>(found + (i << 2), <u32>bucketOf(state, load<u32>(row, ROW_HASH)));
  }
  for (let i: usize = 0; i < count; i++) store<u32>(found + (i << 2), load<u32>(load<u32>(found + (i << 2))));
  for (let hop = 0; hop < 2; hop++) {
    for (let i: usize = 0; i < count; i++) {
      // Without a key 0 is a place like any other.
      const entry = <usize>load<u32>(found + (i << 2));
      const hash = load<u32>(<usize>load<u32>(kept + (i << 2)), ROW_HASH);
      const isLast = u32(entry == 0) | u32(load<u32>(entry, ENTRY_HASH) == hash);
      store<u32>(found + (i << 2), select<u32>(<u32>entry, load<u32>(entry, ENTRY_NEXT), isLast));
    }
  }
  let all: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>load<u32>(found + (i << 2));
    const left = entry ? keyHead(entry, 0) : 0;
    const right = entry ? keyHead(entry, 1) : 0;
    all |= load<u32>(left) | load<u32>(left, LINE) | load<u32>(right) | load<u32>(right, LINE);
  }
  store<u32>(found, all);
}

function hasKey(state: usize, side: usize, row: usize, entry: usize): bool {
  const count = load<u32>(state, JOIN_KEY_COUNT);
  const keys = <usize>load<u32>(side, SIDE_KEYS);
  let at = entry + ENTRY_HEADER_BYTES;
  for (let k: u32 = 0; k < count; k++) {
    const field = keys + k * FIELD_BYTES;
    const value = row + load<u32>(field, FIELD_OFFSET);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical == PHYSICAL_REF) {
      const bytes = load<u32>(value, 4);
      if (load<u64>(at) != <u64>bytes || !bytesEqual(at + 8, load<u32>(value), bytes)) return false;
      at += 8 + ((bytes + 7) & ~7);
    } else {
      if (load<u64>(at) != fixedValue(physical, value)) return false;
      at += 8;
    }
  }
  return true;
}

/** Makes the entry of a row's key, which there is not. */
export function keyAdd(state: usize, side: usize, row: usize): usize {
  const bytes = <u32>ENTRY_HEADER_BYTES + keyBytes(state, side, row);
  const entry = allocateFor(state, bytes);
  memory.fill(entry, 0, ENTRY_HEADER_BYTES);
  store<u32>(entry, bytes, ENTRY_BYTES);
  store<u32>(entry, load<u32>(row, ROW_HASH), ENTRY_HASH);
  writeKey(state, side, row, entry + ENTRY_HEADER_BYTES);
  link(state, entry);
  const total = load<u32>(state, STATE_KEY_TOTAL) + 1;
  store<u32>(state, total, STATE_KEY_TOTAL);
  if (total > load<u32>(state, STATE_BUCKET_MASK) >> 1) growBuckets(state);
  return entry;
}

function keyBytes(state: usize, side: usize, row: usize): u32 {
  const count = load<u32>(state, JOIN_KEY_COUNT);
  const keys = <usize>load<u32>(side, SIDE_KEYS);
  let bytes: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const field = keys + k * FIELD_BYTES;
    bytes += 8;
    if (load<u32>(field, FIELD_PHYSICAL) != PHYSICAL_REF) continue;
    bytes += (load<u32>(row + load<u32>(field, FIELD_OFFSET), 4) + 7) & ~7;
  }
  return bytes;
}

function writeKey(state: usize, side: usize, row: usize, to: usize): void {
  const count = load<u32>(state, JOIN_KEY_COUNT);
  const keys = <usize>load<u32>(side, SIDE_KEYS);
  for (let k: u32 = 0; k < count; k++) {
    const field = keys + k * FIELD_BYTES;
    const value = row + load<u32>(field, FIELD_OFFSET);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical != PHYSICAL_REF) {
      store<u64>(to, fixedValue(physical, value));
      to += 8;
      continue;
    }
    const bytes = load<u32>(value, 4);
    store<u64>(to, bytes);
    memory.copy(to + 8, load<u32>(value), bytes);
    to += 8 + ((bytes + 7) & ~7);
  }
}

@inline
function link(state: usize, entry: usize): void {
  const bucket = bucketOf(state, load<u32>(entry, ENTRY_HASH));
  store<u32>(entry, load<u32>(bucket), ENTRY_NEXT);
  store<u32>(bucket, <u32>entry);
}

/** Gives an entry back if it has no rows. @returns whether it did */
export function keyDropIfEmpty(state: usize, entry: usize): bool {
  if (load<u32>(entry, ENTRY_LISTS) != 0 || load<u32>(entry, ENTRY_LISTS + 8) != 0) return false;
  let place = bucketOf(state, load<u32>(entry, ENTRY_HASH));
  while (load<u32>(place) != <u32>entry) place = <usize>load<u32>(place) + ENTRY_NEXT;
  store<u32>(place, load<u32>(entry, ENTRY_NEXT));
  releaseOf(state, entry, load<u32>(entry, ENTRY_BYTES));
  store<u32>(state, load<u32>(state, STATE_KEY_TOTAL) - 1, STATE_KEY_TOTAL);
  return true;
}

/** Gives back all entries and the buckets; and the rows of a side, linked at `leftLink` or `rightLink`, unless that is 0. */
export function keysClear(state: usize, leftLink: usize, rightLink: usize): void {
  const buckets = <usize>load<u32>(state, STATE_BUCKETS);
  const count = load<u32>(state, STATE_BUCKET_MASK) + 1;
  for (let index: usize = 0; index < count; index++) {
    let entry = <usize>load<u32>(buckets + (index << 2));
    while (entry) {
      const next = <usize>load<u32>(entry, ENTRY_NEXT);
      if (leftLink) clearList(keyHead(entry, 0), leftLink);
      if (rightLink) clearList(keyHead(entry, 1), rightLink);
      releaseOf(state, entry, load<u32>(entry, ENTRY_BYTES));
      entry = next;
    }
  }
  keysDestroy(state);
}

function clearList(row: usize, link: usize): void {
  while (row) {
    const next = <usize>load<u32>(row + link);
    rowUnpin(row);
    row = next;
  }
}

/** Keys are found again by the rows of an image, but for an image that is made by the keys. */
function allocateFor(state: usize, bytes: u32): usize {
  return load<u32>(state, JOIN_IMAGE_HAS_KEYS) ? allocate(bytes) : apartAllocate(bytes);
}

function releaseOf(state: usize, address: usize, bytes: u32): void {
  if (load<u32>(state, JOIN_IMAGE_HAS_KEYS)) release(address, bytes);
  else apartRelease(address, bytes);
}

function setBuckets(state: usize, count: u32): void {
  const buckets = allocateFor(state, count << 2);
  memory.fill(buckets, 0, count << 2);
  store<u32>(state, <u32>buckets, STATE_BUCKETS);
  store<u32>(state, count - 1, STATE_BUCKET_MASK);
}

function growBuckets(state: usize): void {
  const old = <usize>load<u32>(state, STATE_BUCKETS);
  const oldCount = load<u32>(state, STATE_BUCKET_MASK) + 1;
  setBuckets(state, oldCount << 1);
  for (let index: usize = 0; index < oldCount; index++) {
    let entry = <usize>load<u32>(old + (index << 2));
    while (entry) {
      const next = <usize>load<u32>(entry, ENTRY_NEXT);
      link(state, entry);
      entry = next;
    }
  }
  releaseOf(state, old, oldCount << 2);
}
