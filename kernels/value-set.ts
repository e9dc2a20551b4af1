// A set of values in an arena, made for many small sets: open addressing over 8-byte slots, no larger than needed.
//
//   set ─► u32 slots │ u32 capacity │ u32 count │ u32 1 when zero is in it
//   slot   a value's identity bits, or of a text: hash u32 << 32 │ address of u32 length, bytes; 0: free
//
// Three quarters full at most. Slots that were outgrown go back to the arena and are used again.
import { bytesEqual, hashBytes } from './hash';
import { imageBytes, imageNode } from './image';
import { arenaAllocate, arenaGive, arenaTake } from './memory';

const SET_SLOTS: usize = 0;
const SET_CAPACITY: usize = 4;
const SET_COUNT: usize = 8;
const SET_ZERO: usize = 12;
const CAPACITY_FIRST: u32 = 8;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Values in a set. */
@inline
export function setCount(set: usize): u32 {
  return load<u32>(set, SET_COUNT);
}

@inline
function placeOf(bits: u64, mask: u32): u32 {
  return <u32>((bits * FACTOR) >> 32) & mask;
}

/** Adds a value by its identity bits. @returns whether it is new. */
@inline
export function setAdd(arena: usize, set: usize, bits: u64): bool {
  if (!bits) return addZero(set);
  const capacity = load<u32>(set, SET_CAPACITY);
  if (capacity) {
    const mask = capacity - 1;
    const slots = <usize>load<u32>(set, SET_SLOTS);
    let at = placeOf(bits, mask);
    while (true) {
      const slot = slots + ((<usize>at) << 3);
      const found = load<u64>(slot);
      if (found == bits) return false;
      if (!found) {
        store<u64>(slot, bits);
        break;
      }
      at = (at + 1) & mask;
    }
    const count = load<u32>(set, SET_COUNT) + 1;
    store<u32>(set, count, SET_COUNT);
    if (count << 2 > capacity * 3) grow(arena, set, false);
    return true;
  }
  addFirst(arena, set, bits);
  return true;
}

function addZero(set: usize): bool {
  if (load<u32>(set, SET_ZERO)) return false;
  store<u32>(set, 1, SET_ZERO);
  store<u32>(set, load<u32>(set, SET_COUNT) + 1, SET_COUNT);
  return true;
}

function addFirst(arena: usize, set: usize, bits: u64): void {
  grow(arena, set, false);
  const slots = <usize>load<u32>(set, SET_SLOTS);
  store<u64>(slots + ((<usize>placeOf(bits, CAPACITY_FIRST - 1)) << 3), bits);
  store<u32>(set, load<u32>(set, SET_COUNT) + 1, SET_COUNT);
}

/** Adds a text, whose bytes are copied. @returns the address of its length and bytes when it is new, else 0. */
export function setAddText(arena: usize, set: usize, address: usize, bytes: u32): usize {
  if (!load<u32>(set, SET_CAPACITY)) grow(arena, set, true);
  const hash = hashBytes(0, address, bytes);
  const mask = load<u32>(set, SET_CAPACITY) - 1;
  const slots = <usize>load<u32>(set, SET_SLOTS);
  let at = hash & mask;
  while (true) {
    const slot = slots + ((<usize>at) << 3);
    const found = load<u64>(slot);
    if (!found) {
      const node = textNode(arena, address, bytes);
      store<u64>(slot, ((<u64>hash) << 32) | <u64>node);
      const count = load<u32>(set, SET_COUNT) + 1;
      store<u32>(set, count, SET_COUNT);
      if (count << 2 > load<u32>(set, SET_CAPACITY) * 3) grow(arena, set, true);
      return node;
    }
    if (<u32>(found >> 32) == hash && isText(<usize>(<u32>found), address, bytes)) return 0;
    at = (at + 1) & mask;
  }
  return 0;
}

/** Copies a text into an arena: u32 length, bytes. */
export function textNode(arena: usize, address: usize, bytes: u32): usize {
  const node = arenaAllocate(arena, bytes + 4);
  store<u32>(node, bytes);
  memory.copy(node + 4, address, bytes);
  return node;
}

/** Whether a text of `textNode` is that of a range. */
@inline
export function isText(node: usize, address: usize, bytes: u32): bool {
  return load<u32>(node) == bytes && bytesEqual(node + 4, address, bytes);
}

function grow(arena: usize, set: usize, hasTexts: bool): void {
  const old = <usize>load<u32>(set, SET_SLOTS);
  const oldCapacity = load<u32>(set, SET_CAPACITY);
  const capacity = oldCapacity ? oldCapacity << 1 : CAPACITY_FIRST;
  const mask = capacity - 1;
  const slots = arenaTake(arena, capacity << 3);
  memory.fill(slots, 0, capacity << 3);
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const value = load<u64>(old + ((<usize>i) << 3));
    if (!value) continue;
    let at = hasTexts ? <u32>(value >> 32) & mask : placeOf(value, mask);
    while (load<u64>(slots + ((<usize>at) << 3))) at = (at + 1) & mask;
    store<u64>(slots + ((<usize>at) << 3), value);
  }
  if (oldCapacity) arenaGive(arena, old, oldCapacity << 3);
  store<u32>(set, <u32>slots, SET_SLOTS);
  store<u32>(set, capacity, SET_CAPACITY);
}

/** The first slot at or after index `at` that holds a value, the capacity when there is none. Zero has no slot. */
export function setNext(set: usize, at: u32): u32 {
  const capacity = load<u32>(set, SET_CAPACITY);
  const slots = <usize>load<u32>(set, SET_SLOTS);
  while (at < capacity && !load<u64>(slots + ((<usize>at) << 3))) at++;
  return at;
}

/** The value in a slot. */
@inline
export function setSlot(set: usize, at: u32): u64 {
  return load<u64>(<usize>load<u32>(set, SET_SLOTS) + ((<usize>at) << 3));
}

@inline
export function setCapacity(set: usize): u32 {
  return load<u32>(set, SET_CAPACITY);
}

/** Whether zero is in the set. */
@inline
export function setHasZero(set: usize): bool {
  return load<u32>(set, SET_ZERO) != 0;
}

/** Gives the slots back and empties the set. */
export function setDrop(arena: usize, set: usize): void {
  const capacity = load<u32>(set, SET_CAPACITY);
  if (capacity) arenaGive(arena, load<u32>(set, SET_SLOTS), capacity << 3);
  memory.fill(set, 0, 16);
}

/** Visits what a set refers to, for its image (image.ts). */
export function setVisit(set: usize, hasTexts: bool): void {
  const capacity = load<u32>(set, SET_CAPACITY);
  imageBytes(set, capacity << 3, capacity << 3);
  if (!hasTexts) return;
  for (let at = setNext(set, 0); at < capacity; at = setNext(set, at + 1)) {
    imageNode(<usize>load<u32>(set) + ((<usize>at) << 3));
  }
}
