// The allocator of a core's linear memory: sized blocks, arenas, and a transient stack.
//
// - Blocks: sizes are rounded up to a power of two (64 B at least) and recycled through one free list per size; the
//   caller keeps the size and passes it back. New space is taken from the end of memory, which grows as needed.
// - Arena: a list of blocks that only grows and is cleared as a whole; state that lives and dies together uses one.
// - Transient stack: bytes that live until the end of the current operator call (strings made by expressions,
//   unescaped fields). Take a mark, allocate, release to the mark.
//
// Every address is 16-byte aligned. Memory is never zeroed here. Growing detaches the views TypeScript holds over the
// memory; `src/data/memory.ts` is the one place that makes new ones.
import { bufferForget } from './byte-buffer';
import { READ_SLACK } from './layout';

const CLASS_MIN: u32 = 6;
const CLASS_COUNT: u32 = 32;
/** Of blocks that are worth to be left out of a copy. */
const CLASS_UNUSED: u32 = 16;
/** Heads of the free lists, one per power of two. */
const freeLists: usize = memory.data(32 * 4, 16);
/** First unused byte, and the first byte that memory does not have yet. */
let top: usize = 0;
let limit: usize = 0;
/** Most pages that memory may have, and what was asked for when that was not enough. */
let pagesMax: u32 = 65536;
let refusedBytes: u32 = 0;
/** Bytes handed out and not released, in rounded sizes. */
let usedBytes: usize = 0;

/** Blocks of a class have 2^class bytes. */
@inline
export function memoryClass(bytes: u32): u32 {
  return bytes <= 64 ? CLASS_MIN : 32 - clz(bytes - 1);
}

/** Returns `bytes` bytes, not zeroed. Traps when memory cannot grow (the core reports it as an error). */
export function allocate(bytes: u32): usize {
  const cls = memoryClass(bytes);
  const list = freeLists + ((<usize>cls) << 2);
  usedBytes += (<usize>1) << cls;
  const free = load<u32>(list);
  if (free) {
    store<u32>(list, load<u32>(free));
    return free;
  }
  return extend((<usize>1) << cls);
}

/** Gives a block back; `bytes` is the size it was allocated with. */
export function release(address: usize, bytes: u32): void {
  const cls = memoryClass(bytes);
  const list = freeLists + ((<usize>cls) << 2);
  usedBytes -= (<usize>1) << cls;
  store<u32>(address, load<u32>(list));
  store<u32>(list, <u32>address);
}

/** Bytes in use, in rounded block sizes. */
export function allocatedBytes(): u32 {
  return <u32>usedBytes;
}

/** Most bytes that memory may have, in pages of 64 KiB; 0: as many as there can be. */
export function memoryLimit(pages: u32): void {
  pagesMax = pages == 0 ? 65536 : pages;
}

/** Bytes that were asked for when memory could not grow any more, which trapped; 0: that has not happened. */
export function memoryRefused(): u32 {
  return refusedBytes;
}

/** Where what was never handed out begins. */
export function memoryEnd(): usize {
  return top;
}

/**
 * Writes the blocks of 64 KB and more that nobody uses to `to`: u32 address │ u32 bytes. @returns how many there are, of
 * which `most` are written.
 */
export function memoryUnused(to: usize, most: u32): u32 {
  let count: u32 = 0;
  for (let cls = CLASS_UNUSED; cls < CLASS_COUNT; cls++) {
    for (let block = <usize>load<u32>(freeLists + ((<usize>cls) << 2)); block; block = load<u32>(block)) {
      if (count < most) {
        store<u32>(to + ((<usize>count) << 3), <u32>block);
        store<u32>(to + ((<usize>count) << 3), (<u32>1) << cls, 4);
      }
      count++;
    }
  }
  return count;
}

/**
 * This memory is a copy of another one up to `end`, which is used as it is: what is allocated from here on lies behind it,
 * and what was before is gone.
 */
export function memoryAdopt(end: usize): void {
  top = (end + 63) & ~63;
  limit = <usize>min<u64>((<u64>memory.size()) << 16, 0xffff0000);
  usedBytes = 0;
  memory.fill(freeLists, 0, CLASS_COUNT << 2);
  transientBlock = 0;
  transientTop = 0;
  transientEnd = 0;
  bufferForget();
}

/** Counts bytes that were handed out of what `memoryExtend` gave, or given back. */
@inline
export function memoryCount(bytes: i32): void {
  usedBytes += bytes;
}

/** Bytes behind all others, a multiple of 64, for an allocator of their own. Traps when memory cannot grow. */
export function memoryExtend(bytes: u32): usize {
  return extend(bytes);
}

function extend(bytes: usize): usize {
  if (top == 0) {
    top = (__heap_base + 63) & ~63;
    limit = (<usize>memory.size()) << 16;
  }
  const address = top;
  const end: u64 = <u64>address + bytes + READ_SLACK;
  if (end > limit) {
    const pages = <i32>((end - limit + 0xffff) >> 16);
    // Grow by an eighth at least, so that small requests do not grow memory (and detach views) one page at a time; by a
    // quarter up to 256 MB, by half up to 32: for V8 growing is garbage of the old size, which it goes and collects.
    const size = memory.size();
    const room = max(<i32>pagesMax - size, 0);
    const step = size >> (size < 512 ? 1 : size < 4096 ? 2 : 3);
    const wish = min(room, max(pages, max(16, step)));
    if (pages > room || (memory.grow(wish) < 0 && memory.grow(pages) < 0)) {
      refusedBytes = <u32>min<u64>(bytes, 0xffff_ffff);
      unreachable();
    }
    limit = <usize>min<u64>((<u64>memory.size()) << 16, 0xffff0000);
  }
  top = address + bytes;
  return address;
}

// Arena: first u32 │ current u32 │ top u32 │ end u32 │ bytes u32 │ free lists by power of two u32 × 27. A block begins
// with: next u32 │ bytes u32 │ pad.
const ARENA_FIRST: usize = 0;
const ARENA_CURRENT: usize = 4;
const ARENA_TOP: usize = 8;
const ARENA_END: usize = 12;
const ARENA_SIZE: usize = 16;
/** Heads of the lists of pieces given back, from 32 bytes (2^5) on. */
const ARENA_FREE: usize = 20;
const ARENA_FREE_MIN: u32 = 5;
const ARENA_BYTES: u32 = 128;
/** A cache line, so that what is as large as one lies in one. */
const BLOCK_HEADER: u32 = 64;
const BLOCK_MIN: u32 = 4096;
const BLOCK_MAX: u32 = 1 << 18;

/** Makes an empty arena. It takes its first block when something is allocated from it. */
export function arenaCreate(): usize {
  const arena = allocate(ARENA_BYTES);
  memory.fill(arena, 0, ARENA_BYTES);
  return arena;
}

/** Returns `bytes` bytes from the arena, 16-byte aligned, not zeroed; they live until `arenaClear`. */
export function arenaAllocate(arena: usize, bytes: u32): usize {
  const address = <usize>load<u32>(arena, ARENA_TOP);
  const end = address + ((bytes + 15) & ~15);
  if (address != 0 && end <= <usize>load<u32>(arena, ARENA_END)) {
    store<u32>(arena, <u32>end, ARENA_TOP);
    return address;
  }
  return arenaExtend(arena, (bytes + 15) & ~15);
}

/** A piece of the arena of `bytes` bytes, a power of two from 32 on: one given back, else a new one. Not zeroed. */
export function arenaTake(arena: usize, bytes: u32): usize {
  const list = arena + ARENA_FREE + ((<usize>(ctz(bytes) - ARENA_FREE_MIN)) << 2);
  const free = <usize>load<u32>(list);
  if (!free) return arenaAllocate(arena, bytes);
  store<u32>(list, load<u32>(free));
  return free;
}

/** Gives a piece from `arenaTake` back to its arena. */
export function arenaGive(arena: usize, address: usize, bytes: u32): void {
  const list = arena + ARENA_FREE + ((<usize>(ctz(bytes) - ARENA_FREE_MIN)) << 2);
  store<u32>(address, load<u32>(list));
  store<u32>(list, <u32>address);
}

function arenaExtend(arena: usize, bytes: u32): usize {
  const total = load<u32>(arena, ARENA_SIZE);
  // Blocks grow with the arena: small arenas stay small, large ones make few blocks.
  let size = max(min(total, BLOCK_MAX), BLOCK_MIN);
  while (size < bytes + BLOCK_HEADER) size <<= 1;
  const block = allocate(size);
  store<u32>(block, 0);
  store<u32>(block, size, 4);
  const current = <usize>load<u32>(arena, ARENA_CURRENT);
  if (current) store<u32>(current, <u32>block);
  else store<u32>(arena, <u32>block, ARENA_FIRST);
  store<u32>(arena, <u32>block, ARENA_CURRENT);
  store<u32>(arena, <u32>(block + BLOCK_HEADER + bytes), ARENA_TOP);
  store<u32>(arena, <u32>(block + size), ARENA_END);
  store<u32>(arena, total + size, ARENA_SIZE);
  return block + BLOCK_HEADER;
}

/** Releases all that was allocated from the arena; the arena stays usable. */
export function arenaClear(arena: usize): void {
  let block = <usize>load<u32>(arena, ARENA_FIRST);
  while (block) {
    const next = <usize>load<u32>(block);
    release(block, load<u32>(block, 4));
    block = next;
  }
  memory.fill(arena, 0, ARENA_BYTES);
}

/** Clears the arena and gives it back. */
export function arenaDestroy(arena: usize): void {
  arenaClear(arena);
  release(arena, ARENA_BYTES);
}

/** Bytes of the blocks the arena holds. */
export function arenaBytes(arena: usize): u32 {
  return load<u32>(arena, ARENA_SIZE);
}

// The transient stack: a list of blocks kept for ever. A mark is an address inside one of them; a block begins with
// previous u32 │ next u32 │ end u32 │ pad.
const TRANSIENT_MIN: u32 = 1 << 16;
let transientBlock: usize = 0;
let transientTop: usize = 0;
let transientEnd: usize = 0;

/** Returns `bytes` bytes that live until the stack is released to an earlier mark. */
export function transientAllocate(bytes: u32): usize {
  const address = transientTop;
  const end = address + ((bytes + 15) & ~15);
  if (end <= transientEnd && address != 0) {
    transientTop = end;
    return address;
  }
  return transientExtend((bytes + 15) & ~15);
}

function transientExtend(bytes: u32): usize {
  let next: usize = transientBlock ? <usize>load<u32>(transientBlock, 4) : 0;
  // A kept block that is too small is skipped over, not freed: the next request may fit.
  while (next && next + BLOCK_HEADER + bytes > <usize>load<u32>(next, 8)) {
    transientBlock = next;
    next = load<u32>(next, 4);
  }
  if (!next) {
    let size = TRANSIENT_MIN;
    while (size < bytes + BLOCK_HEADER) size <<= 1;
    next = allocate(size);
    store<u32>(next, <u32>transientBlock);
    store<u32>(next, 0, 4);
    store<u32>(next, <u32>next + size, 8);
    if (transientBlock) store<u32>(transientBlock, <u32>next, 4);
  }
  transientBlock = next;
  transientEnd = load<u32>(next, 8);
  transientTop = next + BLOCK_HEADER + bytes;
  return next + BLOCK_HEADER;
}

/** The current top of the transient stack, to be passed to `transientRelease`. */
export function transientMark(): usize {
  if (!transientTop) transientAllocate(0);
  return transientTop;
}

/** Drops everything allocated since the mark was taken. */
export function transientRelease(mark: usize): void {
  while (mark < transientBlock || mark > transientEnd) {
    transientBlock = <usize>load<u32>(transientBlock);
    transientEnd = load<u32>(transientBlock, 8);
  }
  transientTop = mark;
}

/**
 * Exchanges the transient stack for the one whose three words are at `cell` (zero: an empty one), and keeps the former
 * there: what a split decodes lives on a stack of its own while the rows of other splits are handled.
 */
export function transientSwap(cell: usize): void {
  const block = transientBlock;
  const stackTop = transientTop;
  const end = transientEnd;
  transientBlock = load<u32>(cell);
  transientTop = load<u32>(cell, 4);
  transientEnd = load<u32>(cell, 8);
  store<u32>(cell, <u32>block);
  store<u32>(cell, <u32>stackTop, 4);
  store<u32>(cell, <u32>end, 8);
}
