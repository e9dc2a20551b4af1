// Rows found by key: the tables of a lookup (lookup.ts). Of each key the last row is kept.
//
//   table  ─► u32 slots │ u32 slots − 1 │ u32 rows
//   slots  ─► u32 hash │ u32 row, 0: free        open addressing, half of them free at least
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
  LOOKUP_ROWS,
} from './layout-lookup';
import { allocate, release } from './memory';
import { rowUnpin } from './row-store';
import { rowsEqual } from './row-equal';
import { identityBits } from './value-bits';

const TABLE_SLOTS: usize = 0;
const TABLE_MASK: usize = 4;
const TABLE_COUNT: usize = 8;
/** Bytes of a table's header. */
export const LOOKUP_TABLE_BYTES: u32 = 16;
const SLOT_ROW: usize = 4;
const SLOTS_MIN: u32 = 64;
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
  setSlots(table, SLOTS_MIN);
}

/** Gives back everything but the header. */
export function lookupTableDestroy(table: usize): void {
  const slots = <usize>load<u32>(table, TABLE_SLOTS);
  const count = load<u32>(table, TABLE_MASK) + 1;
  for (let i: usize = 0; i < count; i++) {
    const row = load<u32>(slots + (i << 3), SLOT_ROW);
    if (row) rowUnpin(row);
  }
  release(slots, count << 3);
}

@inline
export function lookupTableCount(table: usize): u32 {
  return load<u32>(table, TABLE_COUNT);
}

/** How many slots there are: each has a row, or none. */
@inline
export function lookupTableSlots(table: usize): u32 {
  return load<u32>(table, TABLE_MASK) + 1;
}

/** The row of a slot, 0 for none. */
@inline
export function lookupTableRow(table: usize, index: u32): usize {
  return load<u32>(slotAt(table, index), SLOT_ROW);
}

/** The hash of its key. */
@inline
export function lookupTableHash(table: usize, index: u32): u32 {
  return load<u32>(slotAt(table, index));
}

@inline
function slotAt(table: usize, index: u32): usize {
  return <usize>load<u32>(table, TABLE_SLOTS) + ((<usize>index) << 3);
}

/** Adds a kept row, which takes the place of one with its key. */
export function lookupTableAdd(state: usize, table: usize, row: usize, hash: u32): void {
  const mask = load<u32>(table, TABLE_MASK);
  for (let index = hash & mask; ; index = (index + 1) & mask) {
    const slot = slotAt(table, index);
    const other = <usize>load<u32>(slot, SLOT_ROW);
    if (other != 0 && (load<u32>(slot) != hash || !hasKeyOfRow(state, other, row))) continue;
    store<u32>(slot, hash);
    store<u32>(slot, <u32>row, SLOT_ROW);
    if (other) {
      rowUnpin(other);
      return;
    }
    const count = load<u32>(table, TABLE_COUNT) + 1;
    store<u32>(table, count, TABLE_COUNT);
    if (count << 1 > mask) grow(table);
    return;
  }
}

/** Takes the row with the key of a kept row out, if there is one and, with `isWhole`, it has all values of that row. */
export function lookupTableRemove(state: usize, table: usize, row: usize, hash: u32, isWhole: bool): void {
  const mask = load<u32>(table, TABLE_MASK);
  let index = hash & mask;
  let other = <usize>load<u32>(slotAt(table, index), SLOT_ROW);
  while (other != 0 && (load<u32>(slotAt(table, index)) != hash || !hasKeyOfRow(state, other, row))) {
    index = (index + 1) & mask;
    other = load<u32>(slotAt(table, index), SLOT_ROW);
  }
  if (other == 0 || (isWhole && !rowsEqual(state + <usize>LOOKUP_ROWS, other, row))) return;
  rowUnpin(other);
  store<u32>(table, load<u32>(table, TABLE_COUNT) - 1, TABLE_COUNT);
  fillHole(table, index, mask);
}

/** Rows behind a slot that is free now, and that would no longer be found, move up. */
function fillHole(table: usize, first: u32, mask: u32): void {
  let hole = first;
  for (let index = (hole + 1) & mask; ; index = (index + 1) & mask) {
    const slot = slotAt(table, index);
    if (!load<u32>(slot, SLOT_ROW)) break;
    const home = load<u32>(slot) & mask;
    // Its home is not between the hole and where it is: it may fill the hole.
    if (((index - home) & mask) < ((index - hole) & mask)) continue;
    store<u64>(slotAt(table, hole), load<u64>(slot));
    hole = index;
  }
  store<u64>(slotAt(table, hole), 0);
}

/** The slot where a hash begins to be looked for, and its first word, so that the memory is asked for. */
@inline
export function lookupTableTouch(table: usize, hash: u32): u32 {
  return load<u32>(slotAt(table, hash & load<u32>(table, TABLE_MASK)), SLOT_ROW);
}

/** The row with the key of row `at` of a batch, whose hash this is; 0: none. */
@inline
export function lookupTableFind(state: usize, table: usize, hash: u32, batch: usize, at: usize): usize {
  const mask = load<u32>(table, TABLE_MASK);
  for (let index = hash & mask; ; index = (index + 1) & mask) {
    const slot = slotAt(table, index);
    const row = <usize>load<u32>(slot, SLOT_ROW);
    if (row == 0 || (load<u32>(slot) == hash && hasKeyOfBatch(state, row, batch, at))) return row;
  }
  return 0;
}

/** The row with the key of a kept row, whose hash this is; 0: none. */
export function lookupTableFindRow(state: usize, table: usize, row: usize, hash: u32): usize {
  const mask = load<u32>(table, TABLE_MASK);
  for (let index = hash & mask; ; index = (index + 1) & mask) {
    const slot = slotAt(table, index);
    const other = <usize>load<u32>(slot, SLOT_ROW);
    if (other == 0 || (load<u32>(slot) == hash && hasKeyOfRow(state, other, row))) return other;
  }
  return 0;
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

function setSlots(table: usize, count: u32): void {
  const slots = allocate(count << 3);
  memory.fill(slots, 0, count << 3);
  store<u32>(table, <u32>slots, TABLE_SLOTS);
  store<u32>(table, count - 1, TABLE_MASK);
}

function grow(table: usize): void {
  const old = <usize>load<u32>(table, TABLE_SLOTS);
  const oldCount = load<u32>(table, TABLE_MASK) + 1;
  setSlots(table, oldCount << 1);
  const mask = load<u32>(table, TABLE_MASK);
  for (let i: usize = 0; i < oldCount; i++) {
    const slot = load<u64>(old + (i << 3));
    if (slot >> 32 == 0) continue;
    let index = <u32>slot & mask;
    while (load<u32>(slotAt(table, index), SLOT_ROW)) index = (index + 1) & mask;
    store<u64>(slotAt(table, index), slot);
  }
  release(old, oldCount << 3);
}
