// A group table: from packed keys to entries, by open addressing with linear probing.
//
//   slots ─► { hash u32, entry u32 } × capacity      a power of two, at most half full; entry 0: free
//   entry ─► packed key │ addresses of long strings │ state of each aggregate │ seen bytes
//
// Entries and the bytes of long strings live in the table's arena and never move; slots double and are re-entered by
// their hash alone. A batch is looked up in two passes: first all candidates (loads that do not depend on each other,
// so that cache misses overlap), then comparison, and the rare slow search.

import { batchData } from './group-key';
import { bytesEqual } from './hash';
import {
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_KEY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  AGGREGATE_TEMPLATE,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_OFFSET,
  KEY_PHYSICAL,
  PHYSICAL_REF,
} from './layout';
import { allocate, arenaAllocate, arenaClear, arenaCreate, arenaDestroy, release } from './memory';

const TABLE_SLOTS: usize = 0; // u32
const TABLE_MASK: usize = 4; // u32: capacity − 1
const TABLE_COUNT: usize = 8; // u32: groups
const TABLE_ARENA: usize = 12; // u32
/** Bytes of a table's header, which its owner provides. */
export const TABLE_BYTES: u32 = 16;

const INLINE: u32 = KEY_INLINE_BYTES;
const CAPACITY_MIN: u32 = 64;

/** Makes the header at `table` that of an empty table. */
export function tableInit(table: usize): void {
  const bytes = CAPACITY_MIN << 3;
  const slots = allocate(bytes);
  memory.fill(slots, 0, bytes);
  store<u32>(table, <u32>slots, TABLE_SLOTS);
  store<u32>(table, CAPACITY_MIN - 1, TABLE_MASK);
  store<u32>(table, 0, TABLE_COUNT);
  store<u32>(table, <u32>arenaCreate(), TABLE_ARENA);
}

/** Gives back everything but the header. */
export function tableDestroy(table: usize): void {
  release(load<u32>(table, TABLE_SLOTS), (load<u32>(table, TABLE_MASK) + 1) << 3);
  arenaDestroy(load<u32>(table, TABLE_ARENA));
}

/** Empties the table and keeps its slots. */
export function tableClear(table: usize): void {
  memory.fill(load<u32>(table, TABLE_SLOTS), 0, (<usize>load<u32>(table, TABLE_MASK) + 1) << 3);
  store<u32>(table, 0, TABLE_COUNT);
  arenaClear(load<u32>(table, TABLE_ARENA));
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
 * Finds or makes the group of every row. `tables`: u32 a row, the table it belongs to; `packed` and `hashes`: from
 * keyPack and keyHash; `entries`: u32 a row, out.
 */
export function tableFind(
  state: usize,
  batch: usize,
  rows: u32,
  tables: usize,
  packed: usize,
  hashes: usize,
  hasLong: bool,
  entries: usize,
): void {
  findCandidates(rows, tables, hashes, entries);
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  if (stride == 16 && !hasLong) {
    for (let row: usize = 0; row < rows; row++) {
      const entry = <usize>load<u32>(entries + (row << 2));
      const key = packed + (row << 4);
      if (entry && !v128.any_true(v128.xor(v128.load(key), v128.load(entry)))) continue;
      store<u32>(entries + (row << 2), search(state, batch, row, tables, key, hashes, false));
    }
    return;
  }
  for (let row: usize = 0; row < rows; row++) {
    const entry = <usize>load<u32>(entries + (row << 2));
    const key = packed + row * stride;
    if (entry && isGroup(state, entry, key, batch, row, hasLong)) continue;
    store<u32>(entries + (row << 2), search(state, batch, row, tables, key, hashes, hasLong));
  }
}

function findCandidates(rows: u32, tables: usize, hashes: usize, entries: usize): void {
  let table: usize = 0;
  let slots: usize = 0;
  let mask: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const next = <usize>load<u32>(tables + (row << 2));
    if (next != table) {
      table = next;
      slots = load<u32>(table, TABLE_SLOTS);
      mask = load<u32>(table, TABLE_MASK);
    }
    const hash = load<u32>(hashes + (row << 2));
    const slot = load<u64>(slots + ((<usize>(hash & mask)) << 3));
    store<u32>(entries + (row << 2), <u32>slot == hash ? <u32>(slot >> 32) : 0);
  }
}

/** Finds or makes the group of one row by probing slot after slot. */
function search(state: usize, batch: usize, row: usize, tables: usize, key: usize, hashes: usize, hasLong: bool): u32 {
  const table = <usize>load<u32>(tables + (row << 2));
  const hash = load<u32>(hashes + (row << 2));
  const slots = <usize>load<u32>(table, TABLE_SLOTS);
  const mask = load<u32>(table, TABLE_MASK);
  let index = hash & mask;
  while (true) {
    const slot = slots + ((<usize>index) << 3);
    const entry = <usize>load<u32>(slot, 4);
    if (!entry) {
      const created = <u32>createEntry(state, table, batch, row, key);
      store<u32>(slot, hash);
      store<u32>(slot, created, 4);
      countGroup(table);
      return created;
    }
    if (load<u32>(slot) == hash && isGroup(state, entry, key, batch, row, hasLong)) return <u32>entry;
    index = (index + 1) & mask;
  }
  return 0;
}

/** Whether an entry is the group of a row. */
function isGroup(state: usize, entry: usize, key: usize, batch: usize, row: usize, hasLong: bool): bool {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  for (let at: u32 = 0; at < stride; at += 16) {
    if (v128.any_true(v128.xor(v128.load(key + at), v128.load(entry + at)))) return false;
  }
  if (!hasLong) return true;
  const descriptors = <usize>load<u32>(state, AGGREGATE_KEYS);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = descriptors + k * KEY_BYTES;
    if (load<u32>(descriptor, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(key + load<u32>(descriptor, KEY_OFFSET));
    if (bytes <= INLINE) continue;
    const kept = <usize>load<u32>(entry + load<u32>(descriptor, KEY_ADDRESS_OFFSET)) + KEY_INLINE_BYTES;
    const given = <usize>load<u32>(batchData(batch, k) + (row << 3)) + KEY_INLINE_BYTES;
    if (!bytesEqual(kept, given, bytes - KEY_INLINE_BYTES)) return false;
  }
  return true;
}

function createEntry(state: usize, table: usize, batch: usize, row: usize, key: usize): usize {
  const keyBytes = load<u32>(state, AGGREGATE_KEY_BYTES);
  const entryBytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  const template = <usize>load<u32>(state, AGGREGATE_TEMPLATE);
  const arena = <usize>load<u32>(table, TABLE_ARENA);
  const entry = arenaAllocate(arena, entryBytes);
  for (let at: u32 = 0; at < keyBytes; at += 16) v128.store(entry + at, v128.load(key + at));
  for (let at = keyBytes; at < entryBytes; at += 16) v128.store(entry + at, v128.load(template + at));
  const descriptors = <usize>load<u32>(state, AGGREGATE_KEYS);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = descriptors + k * KEY_BYTES;
    if (load<u32>(descriptor, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(key + load<u32>(descriptor, KEY_OFFSET));
    if (bytes <= INLINE) continue;
    const kept = arenaAllocate(arena, bytes);
    memory.copy(kept, load<u32>(batchData(batch, k) + (row << 3)), bytes);
    store<u32>(entry + load<u32>(descriptor, KEY_ADDRESS_OFFSET), <u32>kept);
  }
  return entry;
}

/** Makes the one group of a table without keys. */
export function tableCreateOnly(state: usize, table: usize, key: usize): usize {
  const entry = createEntry(state, table, 0, 0, key);
  store<u32>(load<u32>(table, TABLE_SLOTS), <u32>entry, 4);
  store<u32>(table, 1, TABLE_COUNT);
  return entry;
}

function countGroup(table: usize): void {
  const count = load<u32>(table, TABLE_COUNT) + 1;
  store<u32>(table, count, TABLE_COUNT);
  const mask = load<u32>(table, TABLE_MASK);
  if (count << 1 > mask + 1) grow(table, mask);
}

function grow(table: usize, oldMask: u32): void {
  const mask = (oldMask << 1) | 1;
  const old = <usize>load<u32>(table, TABLE_SLOTS);
  const slots = allocate((mask + 1) << 3);
  memory.fill(slots, 0, (<usize>mask + 1) << 3);
  for (let i: usize = 0; i <= oldMask; i++) {
    const slot = load<u64>(old + (i << 3));
    if (!(slot >> 32)) continue;
    let index = <u32>slot & mask;
    while (load<u32>(slots + ((<usize>index) << 3), 4)) index = (index + 1) & mask;
    store<u64>(slots + ((<usize>index) << 3), slot);
  }
  release(old, (oldMask + 1) << 3);
  store<u32>(table, <u32>slots, TABLE_SLOTS);
  store<u32>(table, mask, TABLE_MASK);
}

/** Lists the groups: { u64 unset, u32 entry, u32 0 } × count at `items`, in no order. */
export function tableList(table: usize, items: usize): void {
  const slots = <usize>load<u32>(table, TABLE_SLOTS);
  const mask = load<u32>(table, TABLE_MASK);
  let to = items;
  for (let i: usize = 0; i <= mask; i++) {
    const entry = load<u32>(slots + (i << 3), 4);
    if (!entry) continue;
    store<u64>(to, entry, 8);
    to += 16;
  }
}
