// How a core takes what its operators keep, for a checkpoint: as blocks in a room that the main thread has made, or, where
// there is much of it, as a copy of its memory, of which the main thread makes the blocks.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import { BlockRoom } from '../state/block-room.ts';
import { MemoryCopier } from '../state/memory-copy.ts';
import type { OperatorState, StateBlock } from '../state/snapshot.ts';
import type { DurableParts } from './core.ts';
import { OPERATOR_OPEN_END, OPERATOR_OPEN_START } from './counters.ts';
import type { Stateful } from './operators/operator.ts';
import { imageBlocks } from './operators/state-image.ts';

export interface Share {
  core: number;
  coreCount: number;
}

const ALONE: Share = { core: 0, coreCount: 1 };

export class StateKeeper {
  readonly #memory: LinearMemory;
  readonly #room: BlockRoom;
  readonly #copier: MemoryCopier | null;
  #isCopied = false;

  /** `copier`: null: images are made at once. */
  constructor(memory: LinearMemory, room: BlockRoom, copier: MemoryCopier | null) {
    this.#memory = memory;
    this.#room = room;
    this.#copier = copier;
  }

  /** Begins to take it. `mayCopy`: nothing happens until all of it is taken. */
  begin(mayCopy = true): void {
    const isOwn = this.#room.begin();
    this.#isCopied = isOwn && mayCopy && this.#copier?.copy() === true;
  }

  /** What the core keeps of an operator. `share`: its part, where all cores compute it. */
  take(operator: Stateful, { core, coreCount }: Share = ALONE): OperatorState {
    const blocks: StateBlock[] = [];
    const names = new Set<string>();
    const put = (parts: readonly Uint8Array[], name: string): void => {
      assert(!names.has(name), `${operator.id}: blocks of its state have names of their own`);
      names.add(name);
      blocks.push({ name, bytes: this.#room.put(parts) });
    };
    const image = operator.save?.((bytes, name = String(blocks.length)) => put([bytes], name)) ?? null;
    const isLeft = image !== null && this.#isCopied;
    if (image !== null && !isLeft) {
      for (const { name, parts } of imageBlocks(this.#memory, image)) put(parts, name ?? String(blocks.length));
    }
    const times = new Float64Array(OPERATOR_OPEN_END + 1).fill(Number.NaN);
    operator.reportTime?.(times, 0);
    const openStart = times[OPERATOR_OPEN_START] as number;
    return {
      id: operator.id,
      core,
      cores: coreCount,
      keys: operator.keyCount?.() ?? null,
      openStart: Number.isNaN(openStart) ? null : openStart,
      blocks,
      ...(isLeft ? { image } : {}),
    };
  }

  /** Blocks that were restored, or an earlier checkpoint's, are not needed any more. */
  giveBack(): void {
    this.#room.giveBack();
  }
}

/** What takes the state of a core for what keeps it. */
export function keeperOf(memory: LinearMemory, { room, copy }: Pick<DurableParts, 'room' | 'copy'>): StateKeeper {
  const copier = copy === undefined ? null : new MemoryCopier(memory, copy);
  return new StateKeeper(memory, room ?? new BlockRoom(), copier);
}
