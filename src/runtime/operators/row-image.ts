// Restoring what keeps rows from the blocks of its image (kernels/row-image.ts), and blocks that operators have besides.

import type { LinearMemory } from '../../data/memory.ts';

/** What tells a block of the operator's own from those of its image, a u32. */
const OWN = 9;
const MARK_BYTES = 4;

/** A block beside the image: what an operator has in fields. */
export function ownBlock(bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(MARK_BYTES + bytes.length);
  block[0] = OWN;
  block.set(bytes, MARK_BYTES);
  return block;
}

/** What `ownBlock` was given; null for a block of the image. */
export function ownOf(block: Uint8Array): Uint8Array | null {
  return block[0] === OWN ? block.slice(MARK_BYTES) : null;
}

/**
 * Takes a block of an image, whose rows are of the kinds of `rows` (one or two addresses of ROWS_*). `load` calls the kernel
 * that reads the structure, which comes last. `shares`: of each kind what is taken, where shares were saved (SHARE_*).
 */
export function restoreRows(
  memory: LinearMemory,
  block: Uint8Array,
  { rows, load, shares = [] }: { rows: readonly [number, number?]; load: () => void; shares?: readonly number[] },
): void {
  const { kernels } = memory;
  const at = memory.store(block);
  const [first, other = 0] = rows;
  kernels.rowImageShare(shares[0] ?? 0, shares[1] ?? 0);
  if (kernels.rowImageLoad(at, block.length, first, other) !== 0) load();
  kernels.release(at, block.length);
  memory.refresh();
}
