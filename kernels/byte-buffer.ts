// A buffer that grows, for values whose length is known only once they are written: nested values and their text.
//
// It is used like a stack: take a mark, write, and take what was written since the mark (a copy on the transient stack)
// or drop it. Making room may move the buffer, so addresses are good only until the next call that makes room.
import { allocate, release, transientAllocate } from './memory';
import { READ_SLACK } from './layout';
import { refOf } from './text-compare';

let buffer: usize = 0;
let capacity: u32 = 0;
/** Bytes written. */
let length: u32 = 0;

/** There is no buffer any more, as memory has become another. */
export function bufferForget(): void {
  buffer = 0;
  capacity = 0;
  length = 0;
}

/** Where the next byte goes, as an offset: for `bufferTake` and `bufferDrop`. */
@inline
export function bufferMark(): u32 {
  return length;
}

/** Makes room for `bytes` bytes. @returns where to write them. */
@inline
export function bufferRoom(bytes: u32): usize {
  if (<u64>length + bytes + READ_SLACK > capacity) grow(bytes);
  return buffer + length;
}

function grow(bytes: u32): void {
  let wish: u64 = max<u64>(capacity, 4096);
  while (wish < <u64>length + bytes + READ_SLACK) wish <<= 1;
  // Beyond what 32 bits address: the same trap as when memory cannot grow.
  if (wish > 0x80000000) unreachable();
  const next = allocate(<u32>wish);
  if (buffer) {
    memory.copy(next, buffer, length);
    release(buffer, capacity);
  }
  buffer = next;
  capacity = <u32>wish;
}

/** Counts what was written up to `end` as written. */
@inline
export function bufferKeep(end: usize): void {
  length = <u32>(end - buffer);
}

/** Drops what was written since a mark. */
@inline
export function bufferDrop(mark: u32): void {
  length = mark;
}

/** Moves what was written since a mark to the transient stack. @returns its reference. */
export function bufferTake(mark: u32): i64 {
  const bytes = length - mark;
  const to = transientAllocate(bytes);
  memory.copy(to, buffer + mark, bytes);
  length = mark;
  return refOf(to, bytes);
}

/** Where what was written since a mark is, until the next call that makes room. */
@inline
export function bufferAt(mark: u32): usize {
  return buffer + mark;
}

export function bufferPutByte(byte: u32): void {
  const to = bufferRoom(1);
  store<u8>(to, byte);
  bufferKeep(to + 1);
}

export function bufferPutBytes(from: usize, bytes: u32): void {
  const to = bufferRoom(bytes);
  memory.copy(to, from, bytes);
  bufferKeep(to + bytes);
}
