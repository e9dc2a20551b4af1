// Memory apart from the rest: what is kept only to find something faster, and is made anew from that. A copy of the memory
// that images are made of leaves it out (src/state/memory-copy.ts).
//
//   piece ─► u32 next │ u32 bytes │ pad to a cache line │ blocks
//
// Blocks are as those of memory.ts, with free lists of their own. Small ones are cut from pieces, each as large as all
// before it together; a large one is a piece. Pieces are never given back.
import { memoryClass, memoryCount, memoryExtend, memoryUnused } from './memory';

/** Heads of the free lists, one per power of two. */
const freeLists: usize = memory.data(32 * 4, 16);
const PIECE_HEADER: u32 = 64;
const PIECE_MIN: u32 = 1 << 14;
const PIECE_MAX: u32 = 1 << 20;
/** The last piece, bytes of all of them, and what is left of the one that small blocks are cut from. */
let pieces: usize = 0;
let total: u32 = 0;
let next: usize = 0;
let end: usize = 0;

/** As `allocate` of memory.ts. */
export function apartAllocate(bytes: u32): usize {
  const cls = memoryClass(bytes);
  const size: u32 = (<u32>1) << cls;
  memoryCount(size);
  const list = freeLists + ((<usize>cls) << 2);
  const free = <usize>load<u32>(list);
  if (free) {
    store<u32>(list, load<u32>(free));
    return free;
  }
  if (size >= PIECE_MAX) return addPiece(size);
  if (next + size > end) {
    const room = min(max(max(total, PIECE_MIN), size), PIECE_MAX);
    next = addPiece(room);
    end = next + room;
  }
  next += size;
  return next - size;
}

/** As `release` of memory.ts. */
export function apartRelease(address: usize, bytes: u32): void {
  const cls = memoryClass(bytes);
  const list = freeLists + ((<usize>cls) << 2);
  memoryCount(-((<i32>1) << cls));
  store<u32>(address, load<u32>(list));
  store<u32>(list, <u32>address);
}

/** @returns where its blocks begin */
function addPiece(bytes: u32): usize {
  const piece = memoryExtend(PIECE_HEADER + bytes);
  store<u32>(piece, <u32>pieces);
  store<u32>(piece, PIECE_HEADER + bytes, 4);
  pieces = piece;
  total += bytes;
  return piece + PIECE_HEADER;
}

/**
 * Writes what a copy of the memory need not have to `to`: u32 address │ u32 bytes, of the blocks that nobody uses and of what
 * is apart. @returns how many there are, of which `most` are written.
 */
export function apartList(to: usize, most: u32): u32 {
  let count: u32 = 0;
  for (let piece = pieces; piece; piece = load<u32>(piece)) {
    if (count < most) {
      store<u32>(to + ((<usize>count) << 3), <u32>piece);
      store<u32>(to + ((<usize>count) << 3), load<u32>(piece, 4), 4);
    }
    count++;
  }
  const left = count < most ? most - count : 0;
  return count + memoryUnused(to + ((<usize>min(count, most)) << 3), left);
}
