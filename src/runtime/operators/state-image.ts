// Images of what operators keep in linear memory (kernels/image.ts), block by block: made by the core in its own memory, or
// by another thread in a copy of it (src/state/memory-copy.ts), where addresses are the same.

import type { Kernels } from '../../data/memory.ts';
import type { StateBlock, StateImage } from '../../state/snapshot.ts';

/** About the size of a block of state: what is kept by key is cut between two keys. */
const BLOCK_BYTES = 1 << 16;

/** A linear memory, as its core has it or copied. */
export interface ImageMemory {
  readonly kernels: Kernels;
  u8: Uint8Array;
  /** After kernels that may have allocated. */
  refresh(): void;
  load32(address: number): number;
}

/** A block, borrowed until the next one is asked for. */
export interface ImageBlock {
  /** As in BlockWriter; null: it is known by its number. */
  name: string | null;
  /** Its bytes, in pieces that follow one another. */
  parts: Uint8Array[];
}

/** Makes an image. All of its blocks have to be asked for: only then is the memory what it was. */
export function imageBlocks(memory: ImageMemory, image: StateImage): Generator<ImageBlock> {
  return image.begin === 'aggregateSave' ? groupBlocks(memory, image.state) : rowBlocks(memory, image);
}

/**
 * The blocks of an operator whose image is made as they are asked for; those of the image are borrowed until the next one.
 * @param blocks what it has besides.
 */
export function* withImage(
  blocks: readonly StateBlock[],
  memory: ImageMemory,
  image: StateImage,
): Generator<StateBlock> {
  yield* blocks;
  let count = blocks.length;
  for (const { name, parts } of imageBlocks(memory, image)) {
    const [first] = parts as [Uint8Array];
    const bytes = parts.length === 1 ? first : new Uint8Array(Buffer.concat(parts));
    yield { name: name ?? String(count), bytes };
    count++;
  }
}

function* rowBlocks(memory: ImageMemory, { begin, state }: StateImage): Generator<ImageBlock> {
  const { kernels } = memory;
  kernels[begin](state);
  for (;;) {
    const bytes = kernels.rowImageNext(BLOCK_BYTES);
    memory.refresh();
    if (bytes === 0) return;
    const at = kernels.rowImageSaved();
    yield { name: null, parts: [memory.u8.subarray(at, at + bytes)] };
  }
}

function* groupBlocks(memory: ImageMemory, state: number): Generator<ImageBlock> {
  const { kernels } = memory;
  let last = '';
  let count = 0;
  kernels.aggregateSave(state);
  for (;;) {
    const bytes = kernels.aggregateSaveNext(state, BLOCK_BYTES);
    memory.refresh();
    if (bytes === 0) return;
    const at = kernels.aggregateSaved();
    const part = partOf(memory, at);
    count = part === last ? count + 1 : 0;
    last = part;
    yield { name: `${part}.${count}`, parts: [memory.u8.subarray(at, at + bytes), ...runsIn(memory)] };
  }
}

/** Groups that follow what is saved of a block, where they lie (kernels/group-runs.ts). */
function runsIn(memory: ImageMemory): Uint8Array[] {
  const { u8, kernels } = memory;
  const runs: Uint8Array[] = [];
  const count = kernels.groupRunCount();
  for (let run = kernels.groupRuns(); runs.length < count; run += 8) {
    const address = memory.load32(run);
    runs.push(u8.subarray(address, address + memory.load32(run + 4)));
  }
  return runs;
}

/** What a saved block is part of: the window, or pane of windows, that it begins with (kernels/aggregate-image.ts). */
function partOf(memory: ImageMemory, block: number): string {
  const word = (index: number) => memory.load32(block + index * 4).toString(16);
  return word(0) === '1' ? 'head' : [1, 3, 2, 5, 4, 7, 6].map(word).join('-');
}
