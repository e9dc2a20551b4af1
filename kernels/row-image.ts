// Images of kept rows (image.ts), and of what refers to them by their numbers.
//
//   ROWS       u32 1 │ u32 all rows │ rows, from number 1 on over all blocks
//   row        u32 bytes, and ROW_OTHER if it is of the second kind │ u32 pins │ i64 ROW_INDEX │ u32 mark (ROW_IS_TIMELY) │
//              its block from its fields on, a string's address being where it is in the block
//   STRUCTURE  u32 2 │ whatever the operator has besides rows: numbers in the place of addresses, 0 for none
//
// A save walks the structure, which numbers the rows it meets; meanwhile the number of a row is in the place of its size.
// Then come blocks of rows, and the structure last: a load has all rows before it needs them. Rows of an operator are of
// one kind or two, each with a ROWS_* of its own.
import { bufferAt, bufferDrop, bufferKeep, bufferMark, bufferRoom } from './byte-buffer';
import { imageCursor, imageLoad, imagePut, imageSave, imageTake, imageTake64, imageTakeBlock } from './image';
import { PHYSICAL_REF } from './layout';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROW_BLOCK_BYTES,
  ROW_HEADER_BYTES,
  ROW_INDEX,
  ROW_IS_TIMELY,
  ROW_PINS,
  ROWS_FIELD_COUNT,
  ROWS_FIELDS,
} from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { shareHasRow } from './share-keys';

const BLOCK_ROWS: u32 = 1;
const BLOCK_STRUCTURE: u32 = 2;
const ROW_OTHER: u32 = 0x80000000;
const IS_NUMBERED: u32 = 0x80000000;
const LIST_MIN: u32 = 256;
/** In the place of a row that another core has. */
export const ROW_NOT_OWN: usize = 0xffffffff;
/** Bytes of a row's image before its fields, without its size. */
const ROW_HEAD: u32 = 16;
/** From here on copying is left to the engine. */
const SMALL_BYTES: u32 = 256;

// The rows in hand: saving { u32 row, u32 its size, ROW_OTHER } × count, loading u32 address × count.
let list: usize = 0;
let listBytes: u32 = 0;
let count: u32 = 0;
/** Saving: rows written. Loading: what was allocated before. */
let written: u32 = 0;
let before: u32 = 0;
// The kinds of rows: addresses of their ROWS_*.
let firstRows: usize = 0;
let otherRows: usize = 0;
/** Where in the buffer the structure begins, and the block of rows in hand. */
let structureMark: u32 = 0;
let structureEnd: u32 = 0;
let blockMark: u32 = 0;
let isStructureGiven: bool = false;
let isLoading: bool = false;
/** Loading rows of saved shares of the keys (layout-share.ts): of each kind what is taken; 0: all that was saved. */
let firstShare: usize = 0;
let otherShare: usize = 0;
let hasMarks: bool = false;
/** Of rows of the first kind: { u32 offset, u32 bytes } that are not written, as they mean nothing, or are written apart. */
let cleared: usize = 0;
let clearedCount: u32 = 0;
let clearedBytes: u32 = 0;

/**
 * Begins to save an operator with rows of the kinds of `first` and `other`; its structure is to be written next.
 * `marks`: ROW_IS_TIMELY of its rows says something, and is no address.
 */
export function rowImageSave(first: usize, other: usize, marks: bool): void {
  imageSave();
  structureMark = bufferMark();
  imagePut(BLOCK_STRUCTURE);
  list = 0;
  listBytes = 0;
  count = 0;
  written = 0;
  structureEnd = 0;
  isStructureGiven = false;
  firstRows = first;
  otherRows = other;
  clearedCount = 0;
  clearedBytes = 0;
  hasMarks = marks;
}

/**
 * Rows of the first kind have zeros in the `ranges` of this list of { u32 offset, u32 bytes }, a block of `bytes` bytes that
 * is given back when all is saved.
 */
export function rowImageClear(ranges: usize, rangeCount: u32, bytes: u32): void {
  cleared = ranges;
  clearedCount = rangeCount;
  clearedBytes = bytes;
}

/** Writes the number of a row of the first kind, 0 for none. */
@inline
export function rowPut(row: usize): void {
  imagePut(row ? numberOf(row, 0) : 0);
}

/** The same of a row of the second kind. */
@inline
export function rowPutOther(row: usize): void {
  imagePut(row ? numberOf(row, ROW_OTHER) : 0);
}

function numberOf(row: usize, kind: u32): u32 {
  const bytes = load<u32>(row, ROW_BLOCK_BYTES);
  if (bytes & IS_NUMBERED) return bytes & ~IS_NUMBERED;
  if (count << 3 == listBytes) growList();
  const item = list + ((<usize>count) << 3);
  store<u32>(item, <u32>row);
  store<u32>(item, bytes | kind, 4);
  count++;
  store<u32>(row, count | IS_NUMBERED, ROW_BLOCK_BYTES);
  return count;
}

function growList(): void {
  const bytes = max(listBytes << 1, LIST_MIN << 3);
  const larger = allocate(bytes);
  if (listBytes) {
    memory.copy(larger, list, listBytes);
    release(list, listBytes);
  }
  list = larger;
  listBytes = bytes;
}

/**
 * Makes the next block, of about `room` bytes if it is one of rows. @returns its bytes, at `rowImageSaved`, which are to be
 * copied before the next call; 0: all is saved.
 */
export function rowImageNext(room: u32): u32 {
  if (!structureEnd) structureEnd = bufferMark();
  bufferDrop(structureEnd);
  if (written < count) {
    blockMark = structureEnd;
    putRows(room);
    return bufferMark() - blockMark;
  }
  if (!isStructureGiven) {
    isStructureGiven = true;
    if (listBytes) release(list, listBytes);
    if (clearedBytes) release(cleared, clearedBytes);
    blockMark = structureMark;
    return structureEnd - structureMark;
  }
  bufferDrop(structureMark);
  return 0;
}

/** Where the block is. */
export function rowImageSaved(): usize {
  return bufferAt(blockMark);
}

function putRows(room: u32): void {
  imagePut(BLOCK_ROWS);
  imagePut(count);
  while (written < count && bufferMark() - blockMark < room) {
    const item = list + ((<usize>written) << 3);
    const row = <usize>load<u32>(item);
    const bytes = load<u32>(item, 4);
    store<u32>(row, bytes & ~ROW_OTHER, ROW_BLOCK_BYTES);
    const isOther = (bytes & ROW_OTHER) != 0;
    imagePut(bytes);
    rowImagePut(isOther ? otherRows : firstRows, row, hasMarks);
    if (!isOther) clear(bytes);
    written++;
  }
}

/** Clears what means nothing of the row that was written last, of `bytes` bytes. */
function clear(bytes: u32): void {
  const row = bufferRoom(0) - bytes;
  for (let i: u32 = 0; i < clearedCount; i++) {
    const range = cleared + ((<usize>i) << 3);
    memory.fill(row + load<u32>(range), 0, load<u32>(range, 4));
  }
}

/** Writes a row but for its size. The last of what is written is the row's block from its fields on. */
export function rowImagePut(rows: usize, row: usize, hasMark: bool): void {
  const bytes = load<u32>(row, ROW_BLOCK_BYTES) - ROW_HEADER_BYTES;
  const head = bufferRoom(ROW_HEAD + bytes);
  store<u32>(head, load<u32>(row, ROW_PINS));
  store<i64>(head, load<i64>(row, ROW_INDEX), 4);
  store<u32>(head, hasMark ? load<u32>(row, ROW_IS_TIMELY) : 0, 12);
  copyFields(head + ROW_HEAD, row + ROW_HEADER_BYTES, bytes);
  bufferKeep(head + ROW_HEAD + bytes);
  const kept = head + ROW_HEAD - ROW_HEADER_BYTES;
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  const fieldCount = load<u32>(rows, ROWS_FIELD_COUNT);
  for (let i: u32 = 0; i < fieldCount; i++) {
    const field = fields + i * FIELD_BYTES;
    if (load<u32>(field, FIELD_PHYSICAL) != PHYSICAL_REF) continue;
    const at = load<u32>(field, FIELD_OFFSET);
    if (isNull(field, row)) store<u64>(kept + at, 0);
    else store<u32>(kept + at, load<u32>(row + at) - <u32>row);
  }
}

/** Copies the fields of a row, and up to 15 bytes behind them: most rows are small. */
@inline
function copyFields(to: usize, from: usize, bytes: u32): void {
  if (bytes > SMALL_BYTES) memory.copy(to, from, bytes);
  else for (let at: usize = 0; at < bytes; at += 16) v128.store(to + at, v128.load(from + at));
}

/** Makes a row from the image in hand, of `bytes` bytes. */
export function rowImageTake(rows: usize, bytes: u32): usize {
  const row = allocate(bytes);
  memory.fill(row, 0, ROW_HEADER_BYTES);
  store<u32>(row, bytes, ROW_BLOCK_BYTES);
  store<u32>(row, imageTake(), ROW_PINS);
  store<i64>(row, imageTake64(), ROW_INDEX);
  store<u32>(row, imageTake(), ROW_IS_TIMELY);
  imageTakeBlock(row + ROW_HEADER_BYTES, bytes - ROW_HEADER_BYTES);
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  const fieldCount = load<u32>(rows, ROWS_FIELD_COUNT);
  for (let i: u32 = 0; i < fieldCount; i++) {
    const field = fields + i * FIELD_BYTES;
    if (load<u32>(field, FIELD_PHYSICAL) != PHYSICAL_REF || isNull(field, row)) continue;
    const at = row + <usize>load<u32>(field, FIELD_OFFSET);
    store<u32>(at, load<u32>(at) + <u32>row);
  }
  return row;
}

@inline
function isNull(field: usize, row: usize): bool {
  const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
  return nullOffset >= 0 && load<u8>(row + nullOffset) == 0;
}

/**
 * Loads a block of `bytes` bytes with rows of the kinds of `first` and `other`. @returns 0; 1 for the structure, which is to
 * be read next, and ends with `rowImageEnd`.
 */
export function rowImageLoad(block: usize, bytes: u32, first: usize, other: usize): u32 {
  imageLoad(block, 0);
  const isStructure = imageTake() == BLOCK_STRUCTURE;
  if (!isLoading) {
    isLoading = true;
    before = allocatedBytes();
    list = 0;
    listBytes = 0;
    written = 0;
  }
  if (isStructure) return 1;
  count = imageTake();
  if (!listBytes) {
    listBytes = count << 2;
    list = allocate(listBytes);
  }
  while (imageCursor() < block + bytes) {
    const size = imageTake();
    const bytes = size & ~ROW_OTHER;
    let row = rowImageTake(size & ROW_OTHER ? other : first, bytes);
    const share = size & ROW_OTHER ? otherShare : firstShare;
    if (share != 0 && !shareHasRow(share, row)) {
      release(row, bytes);
      row = ROW_NOT_OWN;
    }
    store<u32>(list + ((<usize>written) << 2), <u32>row);
    written++;
  }
  return 0;
}

/** The row whose number is next in the structure, ROW_NOT_OWN for one of another core; 0 for none. */
export function rowTakeAny(): usize {
  const number = imageTake();
  return number ? <usize>load<u32>(list + ((<usize>(number - 1)) << 2)) : 0;
}

/** The same, 0 for one of another core too. */
export function rowTake(): usize {
  const row = rowTakeAny();
  return row == ROW_NOT_OWN ? 0 : row;
}

/** Of a list of numbers that ends with 0: the next row that is not of another core. */
export function rowTakeListed(): usize {
  let row = rowTakeAny();
  while (row == ROW_NOT_OWN) row = rowTakeAny();
  return row;
}

/** What is taken of the images that are loaded next: of rows of both kinds, 0: all of it, and nothing has been before. */
export function rowImageShare(first: usize, other: usize): void {
  firstShare = first;
  otherShare = other;
}

/** What is taken of saved shares, 0 where the image is of all that was saved. */
@inline
export function rowShare(): usize {
  return firstShare;
}

/** The structure has been read. @returns the bytes that were allocated for it and its rows. */
export function rowImageEnd(): u32 {
  if (listBytes) release(list, listBytes);
  isLoading = false;
  return allocatedBytes() - before;
}
