// A watermark for every key of a source: slow keys are not late because fast ones are ahead.
//
//   watermark of a key = the greatest event time of its rows − delay
//   watermark of all   = the least of them; it never goes back, also when a new key begins behind it
//   a row carries        max(that of its key, that of all), both by the rows before it
//
// A key that is more than `idle` behind the foremost one is forgotten: its watermark is below that of all the others,
// so what its rows carry does not change. When a key comes for which there is no room, another is forgotten by the
// policy; its later rows are those of a new key.
//
// Keys are told apart by 64 bits of hash alone: among 100,000 keys two share one with a chance of 3 in 10^10.
import { batchData, batchValidity } from './group-key';
import { firstBytes, hashMix } from './hash';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import {
  EVICT_LOWEST,
  EVICT_NONE,
  KEYED_COLUMN_COUNT,
  KEYED_COLUMNS,
  KEYED_COUNT,
  KEYED_EVICTED,
  KEYED_IDLE,
  KEYED_KEYS_MAX,
  KEYED_POLICY,
  WATERMARK_CURRENT,
  WATERMARK_DELAY,
  WATERMARK_FUTURE_COUNT,
  WATERMARK_MAX_TIME,
} from './layout-time';
import { keyAdd, keyFind, keyLowest, keyOldest, keyRaise, keyRemove, keyTime, keyTouch } from './keyed-table';
import { saturatingSubtract, watermarkLimit } from './watermark';

const SEED: u64 = 0x9e3779b97f4a7c15;
const NULL_HASH: u64 = 0x8a91a6d40bf42040;

/**
 * Moves the watermarks over the rows of a batch, whose event times are at `timePtr`, and writes for each row (i64
 * columns) what it carries at `outPtr`, unless 0, and the watermark of all before it at `allPtr`.
 * @returns the rows handled: fewer when EVICT_NONE finds no room.
 */
export function keyedAssign(state: usize, batch: usize, timePtr: usize, rows: u32, outPtr: usize, allPtr: usize): u32 {
  const limit = watermarkLimit(state);
  const delay = load<i64>(state, WATERMARK_DELAY);
  for (let row: u32 = 0; row < rows; row++) {
    const time = load<i64>(timePtr + ((<usize>row) << 3));
    const hash = hashOf(state, batch, row);
    const entry = keyFind(state, hash);
    let carried = load<i64>(state, WATERMARK_CURRENT);
    store<i64>(allPtr + ((<usize>row) << 3), carried);
    if (outPtr) {
      if (entry) carried = max(carried, saturatingSubtract(keyTime(entry), delay));
      store<i64>(outPtr + ((<usize>row) << 3), carried);
    }
    if (time > limit) {
      store<u32>(state, load<u32>(state, WATERMARK_FUTURE_COUNT) + 1, WATERMARK_FUTURE_COUNT);
      continue;
    }
    if (entry) {
      keyTouch(state, entry);
      if (time > keyTime(entry)) keyRaise(state, entry, time);
    } else {
      if (load<u32>(state, KEYED_COUNT) >= load<u32>(state, KEYED_KEYS_MAX) && !makeRoom(state)) return row;
      keyAdd(state, hash, time);
    }
    if (time > load<i64>(state, WATERMARK_MAX_TIME)) store<i64>(state, time, WATERMARK_MAX_TIME);
    combine(state, delay);
  }
  return rows;
}

/** Forgets idle keys, and moves the watermark of all. */
function combine(state: usize, delay: i64): void {
  const idle = load<i64>(state, KEYED_IDLE);
  let first = keyLowest(state);
  if (idle > 0) {
    const oldest = saturatingSubtract(load<i64>(state, WATERMARK_MAX_TIME), idle);
    while (load<u32>(state, KEYED_COUNT) > 1 && keyTime(first) < oldest) {
      keyRemove(state, first);
      first = keyLowest(state);
    }
  }
  const combined = saturatingSubtract(keyTime(first), delay);
  if (combined > load<i64>(state, WATERMARK_CURRENT)) store<i64>(state, combined, WATERMARK_CURRENT);
}

function makeRoom(state: usize): bool {
  const policy = load<u32>(state, KEYED_POLICY);
  if (policy == EVICT_NONE) return false;
  keyRemove(state, policy == EVICT_LOWEST ? keyLowest(state) : keyOldest(state));
  store<u32>(state, load<u32>(state, KEYED_EVICTED) + 1, KEYED_EVICTED);
  return true;
}

// Hashes of keys.

function hashOf(state: usize, batch: usize, row: u32): u64 {
  const count = load<u32>(state, KEYED_COLUMN_COUNT);
  let at = <usize>load<u32>(state, KEYED_COLUMNS);
  let hash = SEED;
  for (let i: u32 = 0; i < count; i++) {
    hash = hashValue(hash, batch, load<i32>(at), load<u32>(at, 4), row);
    at += 8;
  }
  return hash ^ (hash >> 31);
}

function hashValue(hash: u64, batch: usize, column: i32, physical: u32, row: u32): u64 {
  const validity = batchValidity(batch, column);
  if (validity && !load<u8>(validity + row)) return hashMix(hash, NULL_HASH, 1);
  const data = batchData(batch, column);
  if (physical == PHYSICAL_REF) {
    const ref = data + ((<usize>row) << 3);
    return hashText(hash, load<u32>(ref), load<u32>(ref, 4));
  }
  if (physical == PHYSICAL_U8) return hashMix(hash, load<u8>(data + row), 0);
  if (physical == PHYSICAL_I32) return hashMix(hash, load<u32>(data + ((<usize>row) << 2)), 0);
  let bits = load<u64>(data + ((<usize>row) << 3));
  // −0 is 0.
  if (physical == PHYSICAL_F64 && bits == 0x8000000000000000) bits = 0;
  return hashMix(hash, bits, 0);
}

function hashText(seed: u64, address: usize, bytes: u32): u64 {
  let hash = seed ^ bytes;
  let at = address;
  let left = bytes;
  for (; left > 16; left -= 16) {
    hash = hashMix(hash, load<u64>(at), load<u64>(at, 8));
    at += 16;
  }
  const low = left >= 8 ? load<u64>(at) : firstBytes(at, left);
  return hashMix(hash, low, left > 8 ? firstBytes(at + 8, left - 8) : 0);
}
