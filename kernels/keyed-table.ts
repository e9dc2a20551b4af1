// The keys of a source with their greatest event times: found by hash, in order of time, and in order of recency.
//
//   table  ─► u32 × 2^n: entry + 1, open addressing by the key's hash          heap ─► u32 × keys: least time at the root
//   entry  ─► hash u64 │ greatest time i64 │ place in the heap u32 │ previous u32 │ next u32 (by recency) │ pad
import { KEYED_COUNT, KEYED_EVICTED, KEYED_HEADER_BYTES } from './layout-time';
import { allocate, release } from './memory';

const TABLE: usize = KEYED_HEADER_BYTES; // u32
const MASK: usize = KEYED_HEADER_BYTES + 4; // u32: slots − 1
const ENTRIES: usize = KEYED_HEADER_BYTES + 8; // u32
const HEAP: usize = KEYED_HEADER_BYTES + 12; // u32
const CAPACITY: usize = KEYED_HEADER_BYTES + 16; // u32: entries there is room for
const NEWEST: usize = KEYED_HEADER_BYTES + 20; // u32: entry + 1 of the most recent key
const OLDEST: usize = KEYED_HEADER_BYTES + 24; // u32: entry + 1 of the least recent key
const FREE: usize = KEYED_HEADER_BYTES + 28; // u32: entry + 1 of the first free one, chained by ENTRY_NEXT
const FILLED: usize = KEYED_HEADER_BYTES + 32; // u32: entries ever used

const ENTRY_HASH: usize = 0;
const ENTRY_TIME: usize = 8;
const ENTRY_PLACE: usize = 16;
const ENTRY_PREVIOUS: usize = 20;
const ENTRY_NEXT: usize = 24;
const ENTRY_PAD: usize = 28;
const ENTRY_SHIFT: u32 = 5;
const CAPACITY_MIN: u32 = 64;

/** Makes the table of a state whose header is set, without keys. */
export function keyedInit(state: usize): void {
  store<u32>(state, 0, KEYED_COUNT);
  store<u32>(state, 0, KEYED_EVICTED);
  store<u32>(state, 0, NEWEST);
  store<u32>(state, 0, OLDEST);
  store<u32>(state, 0, FREE);
  store<u32>(state, 0, FILLED);
  setCapacity(state, CAPACITY_MIN);
}

/** Gives back what keyedInit has made. */
export function keyedDestroy(state: usize): void {
  const capacity = load<u32>(state, CAPACITY);
  release(load<u32>(state, TABLE), (load<u32>(state, MASK) + 1) << 2);
  release(load<u32>(state, ENTRIES), capacity << ENTRY_SHIFT);
  release(load<u32>(state, HEAP), capacity << 2);
}

// Its image: the numbers of the header, the entries ever used and the heap, whose order decides between equal times.

const IMAGE_HEADER_BYTES: u32 = 28;

/** Bytes of the image of a table. */
export function keyedImageBytes(state: usize): u32 {
  return IMAGE_HEADER_BYTES + (load<u32>(state, FILLED) << ENTRY_SHIFT) + (load<u32>(state, KEYED_COUNT) << 2);
}

/** Writes it. */
export function keyedSave(state: usize, to: usize): void {
  const entryBytes = load<u32>(state, FILLED) << ENTRY_SHIFT;
  store<u32>(to, load<u32>(state, KEYED_COUNT));
  store<u32>(to, load<u32>(state, KEYED_EVICTED), 4);
  store<u32>(to, load<u32>(state, CAPACITY), 8);
  store<u32>(to, load<u32>(state, NEWEST), 12);
  store<u32>(to, load<u32>(state, OLDEST), 16);
  store<u32>(to, load<u32>(state, FREE), 20);
  store<u32>(to, load<u32>(state, FILLED), 24);
  memory.copy(to + IMAGE_HEADER_BYTES, load<u32>(state, ENTRIES), entryBytes);
  memory.copy(to + IMAGE_HEADER_BYTES + entryBytes, load<u32>(state, HEAP), load<u32>(state, KEYED_COUNT) << 2);
}

/** Reads it, into a table without keys. */
export function keyedLoad(state: usize, from: usize): void {
  const count = load<u32>(from);
  const entryBytes = load<u32>(from, 24) << ENTRY_SHIFT;
  keyedDestroy(state);
  setCapacity(state, load<u32>(from, 8));
  store<u32>(state, count, KEYED_COUNT);
  store<u32>(state, load<u32>(from, 4), KEYED_EVICTED);
  store<u32>(state, load<u32>(from, 12), NEWEST);
  store<u32>(state, load<u32>(from, 16), OLDEST);
  store<u32>(state, load<u32>(from, 20), FREE);
  store<u32>(state, load<u32>(from, 24), FILLED);
  memory.copy(load<u32>(state, ENTRIES), from + IMAGE_HEADER_BYTES, entryBytes);
  memory.copy(load<u32>(state, HEAP), from + IMAGE_HEADER_BYTES + entryBytes, count << 2);
  for (let place: u32 = 0; place < count; place++)
    insert(state, load<u64>(entryAt(state, at(state, place))), at(state, place));
}

// The table.

@inline
function entryAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, ENTRIES) + ((<usize>index) << ENTRY_SHIFT);
}

@inline
function indexOf(state: usize, entry: usize): u32 {
  return <u32>((entry - <usize>load<u32>(state, ENTRIES)) >> ENTRY_SHIFT);
}

@inline
function slotAt(state: usize, slot: u32): usize {
  return <usize>load<u32>(state, TABLE) + ((<usize>slot) << 2);
}

/** The entry of a key by its hash, 0 when it is not known. */
export function keyFind(state: usize, hash: u64): usize {
  const mask = load<u32>(state, MASK);
  let slot = <u32>hash & mask;
  let index = load<u32>(slotAt(state, slot));
  while (index) {
    const entry = entryAt(state, index - 1);
    if (load<u64>(entry) == hash) return entry;
    slot = (slot + 1) & mask;
    index = load<u32>(slotAt(state, slot));
  }
  return 0;
}

/** Makes the entry of a key that is not known. */
export function keyAdd(state: usize, hash: u64, time: i64): void {
  const count = load<u32>(state, KEYED_COUNT);
  if (count == load<u32>(state, CAPACITY)) setCapacity(state, count << 1);
  let index = load<u32>(state, FREE);
  if (index) store<u32>(state, load<u32>(entryAt(state, --index), ENTRY_NEXT), FREE);
  else {
    index = load<u32>(state, FILLED);
    store<u32>(state, index + 1, FILLED);
  }
  const entry = entryAt(state, index);
  store<u64>(entry, hash);
  store<i64>(entry, time, ENTRY_TIME);
  store<u32>(entry, 0, ENTRY_PAD);
  insert(state, hash, index);
  linkNewest(state, entry);
  store<u32>(state, count + 1, KEYED_COUNT);
  siftUp(state, count, index);
}

function insert(state: usize, hash: u64, index: u32): void {
  const mask = load<u32>(state, MASK);
  let slot = <u32>hash & mask;
  while (load<u32>(slotAt(state, slot))) slot = (slot + 1) & mask;
  store<u32>(slotAt(state, slot), index + 1);
}

/** Forgets a key. */
export function keyRemove(state: usize, entry: usize): void {
  removeSlot(state, load<u64>(entry), indexOf(state, entry));
  unlink(state, entry);
  removePlace(state, load<u32>(entry, ENTRY_PLACE));
  store<u32>(entry, load<u32>(state, FREE), ENTRY_NEXT);
  store<u32>(state, indexOf(state, entry) + 1, FREE);
}

/** Empties the slot of an entry; entries behind it that would no longer be found move up. */
function removeSlot(state: usize, hash: u64, index: u32): void {
  const mask = load<u32>(state, MASK);
  let hole = <u32>hash & mask;
  while (load<u32>(slotAt(state, hole)) != index + 1) hole = (hole + 1) & mask;
  for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
    const other = load<u32>(slotAt(state, slot));
    if (!other) break;
    const home = <u32>load<u64>(entryAt(state, other - 1)) & mask;
    // Its home is not between the hole and where it is: it may fill the hole.
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    store<u32>(slotAt(state, hole), other);
    hole = slot;
  }
  store<u32>(slotAt(state, hole), 0);
}

/** Makes room for so many entries, and a table that is at most half full with them. */
function setCapacity(state: usize, capacity: u32): void {
  const filled = load<u32>(state, FILLED);
  const entries = allocate(capacity << ENTRY_SHIFT);
  const heap = allocate(capacity << 2);
  if (filled) {
    memory.copy(entries, load<u32>(state, ENTRIES), (<usize>filled) << ENTRY_SHIFT);
    memory.copy(heap, load<u32>(state, HEAP), (<usize>load<u32>(state, KEYED_COUNT)) << 2);
    keyedDestroy(state);
  }
  const slots = capacity << 1;
  const table = allocate(slots << 2);
  memory.fill(table, 0, slots << 2);
  store<u32>(state, <u32>table, TABLE);
  store<u32>(state, slots - 1, MASK);
  store<u32>(state, <u32>entries, ENTRIES);
  store<u32>(state, <u32>heap, HEAP);
  store<u32>(state, capacity, CAPACITY);
  for (let index: u32 = 0; index < filled; index++) insert(state, load<u64>(entryAt(state, index)), index);
}

// Keys by recency.

/** The key whose last row is the longest ago. */
export function keyOldest(state: usize): usize {
  return entryAt(state, load<u32>(state, OLDEST) - 1);
}

/** A row of the key has come. */
export function keyTouch(state: usize, entry: usize): void {
  if (load<u32>(state, NEWEST) == indexOf(state, entry) + 1) return;
  unlink(state, entry);
  linkNewest(state, entry);
}

function linkNewest(state: usize, entry: usize): void {
  const newest = load<u32>(state, NEWEST);
  const own = indexOf(state, entry) + 1;
  store<u32>(entry, newest, ENTRY_PREVIOUS);
  store<u32>(entry, 0, ENTRY_NEXT);
  if (newest) store<u32>(entryAt(state, newest - 1), own, ENTRY_NEXT);
  else store<u32>(state, own, OLDEST);
  store<u32>(state, own, NEWEST);
}

function unlink(state: usize, entry: usize): void {
  const previous = load<u32>(entry, ENTRY_PREVIOUS);
  const next = load<u32>(entry, ENTRY_NEXT);
  if (previous) store<u32>(entryAt(state, previous - 1), next, ENTRY_NEXT);
  else store<u32>(state, next, OLDEST);
  if (next) store<u32>(entryAt(state, next - 1), previous, ENTRY_PREVIOUS);
  else store<u32>(state, previous, NEWEST);
}

// The heap by time.

/** The key whose greatest time is the least. */
export function keyLowest(state: usize): usize {
  return entryAt(state, at(state, 0));
}

/** The greatest event time of a key, µs. */
@inline
export function keyTime(entry: usize): i64 {
  return load<i64>(entry, ENTRY_TIME);
}

/** Gives a key a greater time. */
export function keyRaise(state: usize, entry: usize, time: i64): void {
  store<i64>(entry, time, ENTRY_TIME);
  siftDown(state, load<u32>(entry, ENTRY_PLACE), indexOf(state, entry));
}

@inline
function timeOf(state: usize, index: u32): i64 {
  return load<i64>(entryAt(state, index), ENTRY_TIME);
}

@inline
function put(state: usize, place: u32, index: u32): void {
  store<u32>(<usize>load<u32>(state, HEAP) + ((<usize>place) << 2), index);
  store<u32>(entryAt(state, index), place, ENTRY_PLACE);
}

@inline
function at(state: usize, place: u32): u32 {
  return load<u32>(<usize>load<u32>(state, HEAP) + ((<usize>place) << 2));
}

function siftUp(state: usize, from: u32, index: u32): void {
  const time = timeOf(state, index);
  let place = from;
  while (place) {
    const parent = (place - 1) >> 1;
    const above = at(state, parent);
    if (timeOf(state, above) <= time) break;
    put(state, place, above);
    place = parent;
  }
  put(state, place, index);
}

function siftDown(state: usize, from: u32, index: u32): void {
  const count = load<u32>(state, KEYED_COUNT);
  const time = timeOf(state, index);
  let place = from;
  while (true) {
    let child = place * 2 + 1;
    if (child >= count) break;
    if (child + 1 < count && timeOf(state, at(state, child + 1)) < timeOf(state, at(state, child))) child++;
    const below = at(state, child);
    if (timeOf(state, below) >= time) break;
    put(state, place, below);
    place = child;
  }
  put(state, place, index);
}

/** Takes the key at a place out of the heap. */
function removePlace(state: usize, place: u32): void {
  const last = load<u32>(state, KEYED_COUNT) - 1;
  store<u32>(state, last, KEYED_COUNT);
  if (place == last) return;
  const moved = at(state, last);
  put(state, place, moved);
  siftDown(state, place, moved);
  siftUp(state, load<u32>(entryAt(state, moved), ENTRY_PLACE), moved);
}
