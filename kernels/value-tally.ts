// A tally in an arena: how often each value came, and when it came first.
//
//   tally ─► u32 slots │ u32 capacity │ u32 count │ u32 0
//   slot     u64 value (as in value-set.ts) │ u64 rows, 0: free │ i64 first arrival │ 0
import { hashBytes } from './hash';
import { imageBytes, imageNode } from './image';
import { arenaGive, arenaTake } from './memory';
import { isText, textNode } from './value-set';

const TALLY_SLOTS: usize = 0;
const TALLY_CAPACITY: usize = 4;
const TALLY_COUNT: usize = 8;
const CAPACITY_FIRST: u32 = 8;
const SLOT_SHIFT: u32 = 5;
const SLOT_ROWS: usize = 8;
const SLOT_FIRST: usize = 16;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Different values in a tally. */
@inline
export function tallyCount(tally: usize): u32 {
  return load<u32>(tally, TALLY_COUNT);
}

@inline
function placeOf(bits: u64, mask: u32): u32 {
  return <u32>((bits * FACTOR) >> 32) & mask;
}

/** Adds `rows` rows of a value by its identity bits; `first`: the arrival of the first of them. */
@inline
export function tallyAdd(arena: usize, tally: usize, bits: u64, rows: u64, first: i64): void {
  if (!load<u32>(tally, TALLY_CAPACITY)) grow(arena, tally, false);
  const mask = load<u32>(tally, TALLY_CAPACITY) - 1;
  const slots = <usize>load<u32>(tally, TALLY_SLOTS);
  let at = placeOf(bits, mask);
  while (true) {
    const slot = slots + ((<usize>at) << SLOT_SHIFT);
    const before = load<u64>(slot, SLOT_ROWS);
    if (!before) {
      addNew(arena, tally, slot, bits, rows, first, false);
      return;
    }
    if (load<u64>(slot) == bits) {
      addTo(slot, before, rows, first);
      return;
    }
    at = (at + 1) & mask;
  }
}

/** The same of a text, whose bytes are copied when it is new. */
export function tallyAddText(arena: usize, tally: usize, address: usize, bytes: u32, rows: u64, first: i64): void {
  if (!load<u32>(tally, TALLY_CAPACITY)) grow(arena, tally, true);
  const hash = hashBytes(0, address, bytes);
  const mask = load<u32>(tally, TALLY_CAPACITY) - 1;
  const slots = <usize>load<u32>(tally, TALLY_SLOTS);
  let at = hash & mask;
  while (true) {
    const slot = slots + ((<usize>at) << SLOT_SHIFT);
    const before = load<u64>(slot, SLOT_ROWS);
    if (!before) {
      const value = ((<u64>hash) << 32) | <u64>textNode(arena, address, bytes);
      addNew(arena, tally, slot, value, rows, first, true);
      return;
    }
    const found = load<u64>(slot);
    if (<u32>(found >> 32) == hash && isText(<usize>(<u32>found), address, bytes)) {
      addTo(slot, before, rows, first);
      return;
    }
    at = (at + 1) & mask;
  }
}

@inline
function addTo(slot: usize, before: u64, rows: u64, first: i64): void {
  store<u64>(slot, before + rows, SLOT_ROWS);
  if (first < load<i64>(slot, SLOT_FIRST)) store<i64>(slot, first, SLOT_FIRST);
}

function addNew(arena: usize, tally: usize, slot: usize, value: u64, rows: u64, first: i64, hasTexts: bool): void {
  store<u64>(slot, value);
  store<u64>(slot, rows, SLOT_ROWS);
  store<i64>(slot, first, SLOT_FIRST);
  const count = load<u32>(tally, TALLY_COUNT) + 1;
  store<u32>(tally, count, TALLY_COUNT);
  if (count << 2 > load<u32>(tally, TALLY_CAPACITY) * 3) grow(arena, tally, hasTexts);
}

function grow(arena: usize, tally: usize, hasTexts: bool): void {
  const old = <usize>load<u32>(tally, TALLY_SLOTS);
  const oldCapacity = load<u32>(tally, TALLY_CAPACITY);
  const capacity = oldCapacity ? oldCapacity << 1 : CAPACITY_FIRST;
  const mask = capacity - 1;
  const slots = arenaTake(arena, capacity << SLOT_SHIFT);
  memory.fill(slots, 0, capacity << SLOT_SHIFT);
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const from = old + ((<usize>i) << SLOT_SHIFT);
    if (!load<u64>(from, SLOT_ROWS)) continue;
    const value = load<u64>(from);
    let at = hasTexts ? <u32>(value >> 32) & mask : placeOf(value, mask);
    while (load<u64>(slots + ((<usize>at) << SLOT_SHIFT), SLOT_ROWS)) at = (at + 1) & mask;
    memory.copy(slots + ((<usize>at) << SLOT_SHIFT), from, 1 << SLOT_SHIFT);
  }
  if (oldCapacity) arenaGive(arena, old, oldCapacity << SLOT_SHIFT);
  store<u32>(tally, <u32>slots, TALLY_SLOTS);
  store<u32>(tally, capacity, TALLY_CAPACITY);
}

/** The first slot at or after index `at` that holds a value, the capacity when there is none. */
export function tallyNext(tally: usize, at: u32): u32 {
  const capacity = load<u32>(tally, TALLY_CAPACITY);
  const slots = <usize>load<u32>(tally, TALLY_SLOTS);
  while (at < capacity && !load<u64>(slots + ((<usize>at) << SLOT_SHIFT), SLOT_ROWS)) at++;
  return at;
}

/** Slots of a tally, free ones included. */
@inline
export function tallyCapacity(tally: usize): u32 {
  return load<u32>(tally, TALLY_CAPACITY);
}

@inline
function slotAt(tally: usize, at: u32): usize {
  return <usize>load<u32>(tally, TALLY_SLOTS) + ((<usize>at) << SLOT_SHIFT);
}

/** The value of a slot. */
@inline
export function tallyValue(tally: usize, at: u32): u64 {
  return load<u64>(slotAt(tally, at));
}

/** How often it came. */
@inline
export function tallyRows(tally: usize, at: u32): u64 {
  return load<u64>(slotAt(tally, at), SLOT_ROWS);
}

/** When it came first. */
@inline
function tallyFirst(tally: usize, at: u32): i64 {
  return load<i64>(slotAt(tally, at), SLOT_FIRST);
}

/** The slot of the most frequent value, of several the first to arrive. Requires that there is one. */
export function tallyMost(tally: usize): u32 {
  let best = tallyNext(tally, 0);
  const capacity = tallyCapacity(tally);
  for (let at = tallyNext(tally, best + 1); at < capacity; at = tallyNext(tally, at + 1)) {
    const rows = tallyRows(tally, at);
    const most = tallyRows(tally, best);
    if (rows > most || (rows == most && tallyFirst(tally, at) < tallyFirst(tally, best))) best = at;
  }
  return best;
}

/** Counts every value as one row. */
export function tallyOnce(tally: usize): void {
  const capacity = tallyCapacity(tally);
  for (let at = tallyNext(tally, 0); at < capacity; at = tallyNext(tally, at + 1)) {
    store<u64>(slotAt(tally, at), 1, SLOT_ROWS);
  }
}

/** Adds what another tally counts. */
export function tallyMerge(arena: usize, tally: usize, other: usize, hasTexts: bool): void {
  const capacity = tallyCapacity(other);
  for (let at = tallyNext(other, 0); at < capacity; at = tallyNext(other, at + 1)) {
    const value = tallyValue(other, at);
    const rows = tallyRows(other, at);
    const first = tallyFirst(other, at);
    if (hasTexts) {
      const node = <usize>(<u32>value);
      tallyAddText(arena, tally, node + 4, load<u32>(node), rows, first);
    } else tallyAdd(arena, tally, value, rows, first);
  }
}

/** Visits what a tally refers to, for its image (image.ts). */
export function tallyVisit(tally: usize, hasTexts: bool): void {
  const capacity = tallyCapacity(tally);
  imageBytes(tally, capacity << SLOT_SHIFT, capacity << SLOT_SHIFT);
  if (!hasTexts) return;
  for (let at = tallyNext(tally, 0); at < capacity; at = tallyNext(tally, at + 1)) imageNode(slotAt(tally, at));
}
