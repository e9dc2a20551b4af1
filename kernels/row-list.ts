// Kept rows in an order, found by their place: rows of equal keys by ROW_INDEX, so no two are equal.
//
//   list  ─► u32 directory │ u32 blocks │ u32 capacity of the directory │ u32 rows
//   directory ─► { u32 block, u32 rows } × blocks          block ─► u32 row × rows, at most BLOCK_ROWS
//
// A block that is full is cut in two, one that is empty leaves. Finding a row is a search in the directory, by the last
// row of each block, and one in its block; places count up the directory, and stop where nobody asks any more.
import { ROW_INDEX } from './layout-rows';
import { allocate, release } from './memory';
import { rowCompare } from './row-order';

const LIST_DIRECTORY: usize = 0;
const LIST_BLOCKS: usize = 4;
const LIST_CAPACITY: usize = 8;
const LIST_COUNT: usize = 12;
/** Bytes of a list's header, which its owner provides, zeroed. */
export const ROW_LIST_BYTES: u32 = 16;
const BLOCK_ROWS: u32 = 512;
const BLOCK_BYTES: u32 = BLOCK_ROWS << 2;
const CAPACITY_MIN: u32 = 8;

/** Gives back everything but the header and the rows. */
export function rowListDestroy(list: usize): void {
  const blocks = load<u32>(list, LIST_BLOCKS);
  for (let i: u32 = 0; i < blocks; i++) release(load<u32>(place(list, i)), BLOCK_BYTES);
  const capacity = load<u32>(list, LIST_CAPACITY);
  if (capacity) release(load<u32>(list, LIST_DIRECTORY), capacity << 3);
}

/** Rows in the list. */
@inline
export function rowListCount(list: usize): u32 {
  return load<u32>(list, LIST_COUNT);
}

@inline
function place(list: usize, block: u32): usize {
  return <usize>load<u32>(list, LIST_DIRECTORY) + ((<usize>block) << 3);
}

/** The row at a place, from 0; 0 when there is none. */
export function rowListAt(list: usize, index: u32): usize {
  if (index >= load<u32>(list, LIST_COUNT)) return 0;
  let block: u32 = 0;
  while (index >= load<u32>(place(list, block), 4)) {
    index -= load<u32>(place(list, block), 4);
    block++;
  }
  return load<u32>(<usize>load<u32>(place(list, block)) + (index << 2));
}

/** Copies the addresses of `count` rows from a place on, u32 each; there are as many. */
export function rowListCopy(list: usize, from: u32, count: u32, to: usize): void {
  let block: u32 = 0;
  while (count != 0) {
    const at = place(list, block++);
    const rows = load<u32>(at, 4);
    if (from >= rows) {
      from -= rows;
      continue;
    }
    const copied = min(rows - from, count);
    memory.copy(to, <usize>load<u32>(at) + ((<usize>from) << 2), copied << 2);
    to += copied << 2;
    count -= copied;
    from = 0;
  }
}

/** Whether row `a` comes before row `b`. */
@inline
function isBefore(keys: usize, keyCount: u32, a: usize, b: usize): bool {
  const order = rowCompare(keys, keyCount, a, b);
  return order ? order < 0 : load<i64>(a, ROW_INDEX) < load<i64>(b, ROW_INDEX);
}

/** The first block whose last row is not before `row`; the last block when there is none. */
function findBlock(list: usize, keys: usize, keyCount: u32, row: usize): u32 {
  let low: u32 = 0;
  let high = load<u32>(list, LIST_BLOCKS) - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = place(list, middle);
    const last = load<u32>(<usize>load<u32>(at) + ((<usize>(load<u32>(at, 4) - 1)) << 2));
    if (isBefore(keys, keyCount, last, row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many rows of a block are before `row`. */
function findRow(block: usize, count: u32, keys: usize, keyCount: u32, row: usize): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(keys, keyCount, load<u32>(block + ((<usize>middle) << 2)), row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows in the blocks before one, counted up to `end` only. */
function rowsBefore(list: usize, block: u32, end: u32): u32 {
  let rows: u32 = 0;
  for (let i: u32 = 0; i < block && rows < end; i++) rows += load<u32>(place(list, i), 4);
  return rows;
}

/** Puts a row where it belongs. @returns its place, or some place from `end` on. */
export function rowListInsert(list: usize, keys: usize, keyCount: u32, row: usize, end: u32): u32 {
  if (!load<u32>(list, LIST_BLOCKS)) insertBlock(list, 0);
  let block = findBlock(list, keys, keyCount, row);
  if (load<u32>(place(list, block), 4) == BLOCK_ROWS) {
    split(list, block);
    block = findBlock(list, keys, keyCount, row);
  }
  const at = place(list, block);
  const rows = <usize>load<u32>(at);
  const count = load<u32>(at, 4);
  const index = findRow(rows, count, keys, keyCount, row);
  const to = rows + ((<usize>index) << 2);
  memory.copy(to + 4, to, (count - index) << 2);
  store<u32>(to, <u32>row);
  store<u32>(at, count + 1, 4);
  store<u32>(list, load<u32>(list, LIST_COUNT) + 1, LIST_COUNT);
  return rowsBefore(list, block, end) + index;
}

/** The place of a row of the list, or some place from `end` on. */
export function rowListFind(list: usize, keys: usize, keyCount: u32, row: usize, end: u32): u32 {
  const block = findBlock(list, keys, keyCount, row);
  const at = place(list, block);
  const before = rowsBefore(list, block, end);
  return before + findRow(load<u32>(at), load<u32>(at, 4), keys, keyCount, row);
}

/** Takes a row of the list out. */
export function rowListRemove(list: usize, keys: usize, keyCount: u32, row: usize): void {
  const block = findBlock(list, keys, keyCount, row);
  const at = place(list, block);
  const rows = <usize>load<u32>(at);
  const count = load<u32>(at, 4) - 1;
  const from = rows + ((<usize>findRow(rows, count + 1, keys, keyCount, row)) << 2);
  memory.copy(from, from + 4, rows + ((<usize>count) << 2) - from);
  store<u32>(at, count, 4);
  store<u32>(list, load<u32>(list, LIST_COUNT) - 1, LIST_COUNT);
  if (count) return;
  const blocks = load<u32>(list, LIST_BLOCKS) - 1;
  release(rows, BLOCK_BYTES);
  memory.copy(at, at + 8, (blocks - block) << 3);
  store<u32>(list, blocks, LIST_BLOCKS);
}

/** Makes an empty block at a place of the directory. */
function insertBlock(list: usize, block: u32): void {
  const blocks = load<u32>(list, LIST_BLOCKS);
  const capacity = load<u32>(list, LIST_CAPACITY);
  if (blocks == capacity) {
    const larger = max(capacity << 1, CAPACITY_MIN);
    const directory = allocate(larger << 3);
    if (capacity) {
      memory.copy(directory, load<u32>(list, LIST_DIRECTORY), blocks << 3);
      release(load<u32>(list, LIST_DIRECTORY), capacity << 3);
    }
    store<u32>(list, <u32>directory, LIST_DIRECTORY);
    store<u32>(list, larger, LIST_CAPACITY);
  }
  const at = place(list, block);
  memory.copy(at + 8, at, (blocks - block) << 3);
  store<u32>(at, <u32>allocate(BLOCK_BYTES));
  store<u32>(at, 0, 4);
  store<u32>(list, blocks + 1, LIST_BLOCKS);
}

/** Moves the second half of a full block to a new one behind it. */
function split(list: usize, block: u32): void {
  insertBlock(list, block + 1);
  const at = place(list, block);
  const half: u32 = BLOCK_ROWS >> 1;
  memory.copy(load<u32>(at, 8), <usize>load<u32>(at) + (half << 2), half << 2);
  store<u32>(at, half, 4);
  store<u32>(at, half, 12);
}
