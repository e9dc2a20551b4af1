// How often each value is there: counts that go up and down, in open addressing over slots of 16 bytes.
//
//   counts ─► u32 slots │ u32 capacity, a power of two │ u32 values that are there │ u32 slots in use
//   slot   ─► u64 identity bits │ i32 how often, 0: free                  less than 0: taken back before it came
//
// A value that is there no more leaves its slot: those behind it move up (backward shift), so nothing has to be skipped.
// Without values there is no memory. Three quarters full at most.
import { imageIsSaved, imagePutBlock, imageTakeBlock } from './image';
import { allocate, release } from './memory';

const COUNTS_SLOTS: usize = 0;
const COUNTS_CAPACITY: usize = 4;
const COUNTS_VALUES: usize = 8;
const COUNTS_USED: usize = 12;
const CAPACITY_FIRST: u32 = 8;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Slots in use: 0 when nothing is there, and nothing owed. */
@inline
export function countsUsed(counts: usize): u32 {
  return load<u32>(counts, COUNTS_USED);
}

/** Gives the memory back; there are no values then. */
export function countsDrop(counts: usize): void {
  const capacity = load<u32>(counts, COUNTS_CAPACITY);
  if (capacity) release(load<u32>(counts, COUNTS_SLOTS), capacity << 4);
  memory.fill(counts, 0, 16);
}

@inline
function slotAt(counts: usize, index: u32): usize {
  return <usize>load<u32>(counts, COUNTS_SLOTS) + ((<usize>index) << 4);
}

@inline
function homeOf(bits: u64, mask: u32): u32 {
  return <u32>((bits * FACTOR) >> 32) & mask;
}

/** Adds to how often a value is there: 1 or −1. */
export function countsAdd(counts: usize, bits: u64, weight: i32): void {
  if (!load<u32>(counts, COUNTS_CAPACITY)) grow(counts);
  const mask = load<u32>(counts, COUNTS_CAPACITY) - 1;
  let index = homeOf(bits, mask);
  while (load<i32>(slotAt(counts, index), 8) != 0 && load<u64>(slotAt(counts, index)) != bits)
    index = (index + 1) & mask;
  const slot = slotAt(counts, index);
  const before = load<i32>(slot, 8);
  const after = before + weight;
  store<u64>(slot, bits);
  store<i32>(slot, after, 8);
  if (before <= 0 && after > 0) store<u32>(counts, load<u32>(counts, COUNTS_VALUES) + 1, COUNTS_VALUES);
  if (before > 0 && after <= 0) store<u32>(counts, load<u32>(counts, COUNTS_VALUES) - 1, COUNTS_VALUES);
  if (!before) {
    const used = load<u32>(counts, COUNTS_USED) + 1;
    store<u32>(counts, used, COUNTS_USED);
    if (used > ((mask + 1) >> 2) * 3) grow(counts);
  } else if (!after) free(counts, index, mask);
}

/** Frees a slot, and moves up those behind it that may stand there. */
function free(counts: usize, hole: u32, mask: u32): void {
  const used = load<u32>(counts, COUNTS_USED) - 1;
  if (!used) {
    countsDrop(counts);
    return;
  }
  store<u32>(counts, used, COUNTS_USED);
  let index = hole;
  while (true) {
    index = (index + 1) & mask;
    const slot = slotAt(counts, index);
    if (!load<i32>(slot, 8)) break;
    // It may not stand before its home, going round from there.
    const home = homeOf(load<u64>(slot), mask);
    if (((index - home) & mask) < ((index - hole) & mask)) continue;
    memory.copy(slotAt(counts, hole), slot, 16);
    hole = index;
  }
  store<i32>(slotAt(counts, hole), 0, 8);
}

/** Visits what counts refer to, for their image (image.ts). */
export function countsVisit(counts: usize): void {
  const bytes = load<u32>(counts, COUNTS_CAPACITY) << 4;
  if (!bytes) return;
  if (imageIsSaved()) imagePutBlock(load<u32>(counts), bytes);
  else {
    store<u32>(counts, <u32>allocate(bytes));
    imageTakeBlock(load<u32>(counts), bytes);
  }
}

function grow(counts: usize): void {
  const old = <usize>load<u32>(counts, COUNTS_SLOTS);
  const oldCapacity = load<u32>(counts, COUNTS_CAPACITY);
  const capacity = oldCapacity ? oldCapacity << 1 : CAPACITY_FIRST;
  const slots = allocate(capacity << 4);
  memory.fill(slots, 0, capacity << 4);
  store<u32>(counts, <u32>slots, COUNTS_SLOTS);
  store<u32>(counts, capacity, COUNTS_CAPACITY);
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const from = old + ((<usize>i) << 4);
    if (!load<i32>(from, 8)) continue;
    let index = homeOf(load<u64>(from), capacity - 1);
    while (load<i32>(slotAt(counts, index), 8)) index = (index + 1) & (capacity - 1);
    memory.copy(slotAt(counts, index), from, 16);
  }
  if (oldCapacity) release(old, oldCapacity << 4);
}
