// Which core owns each row of a batch: by the hash of its key columns, which lie anywhere.

import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedInputPlan } from '../../plan/exchange.ts';
import { createHashing } from '../operators/key-hashing.ts';
import { BatchView } from './batch-view.ts';

export interface KeyRouterParts {
  input: OwnedInputPlan;
  /** The keys of another input are compared with these. */
  isOneOfTwo: boolean;
  coreCount: number;
  /** Most rows of a batch. */
  batchRows: number;
}

export class KeyRouter {
  readonly #memory: LinearMemory;
  readonly #parts: KeyRouterParts;
  /** The key columns alone. */
  readonly #keys: BatchView;
  /** Of an aggregate that has no rows: it knows how to pack keys and to hash them. */
  readonly #state: number;
  /** Row numbers for each core, and how many. */
  readonly #lists: number;
  readonly #counts: number;

  constructor(memory: LinearMemory, parts: KeyRouterParts) {
    const { input, isOneOfTwo, coreCount } = parts;
    // Both rows of an update fit.
    const batchRows = changeColumnOf(input.rows) < 0 ? parts.batchRows : Math.max(parts.batchRows, 2);
    this.#memory = memory;
    this.#parts = { ...parts, batchRows };
    this.#keys = new BatchView(memory, input.keys);
    this.#state = createHashing(memory, { schema: input.rows, keys: input.keys, isOneOfTwo });
    this.#lists = memory.allocate(coreCount * batchRows * 4);
    this.#counts = memory.allocate(coreCount * 4);
  }

  /** Sorts the rows of a batch of the chain to cores. */
  sort(batch: number): void {
    const { batchRows, coreCount } = this.#parts;
    const keys = this.#keys.point(batch);
    this.#memory.kernels.exchangeSort(this.#state, keys, this.#lists, this.#counts, batchRows, coreCount);
  }

  /** Rows of the batch sorted last that are a core's. */
  countFor(core: number): number {
    return this.#memory.load32(this.#counts + core * 4);
  }

  /** Address of their numbers. */
  listFor(core: number): number {
    return this.#lists + core * this.#parts.batchRows * 4;
  }
}
