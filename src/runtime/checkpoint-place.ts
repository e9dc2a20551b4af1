// Where a core puts what it keeps at a checkpoint, until that is written: blocks in a room, or a copy of its memory.

import type { BlockRoom } from '../state/block-room.ts';
import type { MemoryCopy, SharedCopy } from '../state/memory-copy.ts';
import type { OperatorState, WrittenOperator } from '../state/snapshot.ts';
import { withImage } from './operators/state-image.ts';

export interface CheckpointPlace {
  room: BlockRoom;
  copy: MemoryCopy;
}

/** What the core is given of it. */
export function shareOf({ room, copy }: CheckpointPlace): { room: SharedArrayBuffer; copy: SharedCopy } {
  return { room: room.buffer, copy: copy.shared };
}

/** An operator of a checkpoint, with what is still to be made of it. */
export function writtenOf({ blocks, image, ...facts }: OperatorState, copy: MemoryCopy | undefined): WrittenOperator {
  if (image === undefined || copy === undefined) return { ...facts, blocks };
  return { ...facts, blocks: { [Symbol.iterator]: () => withImage(blocks, copy.open(), image) } };
}
