// Which core owns each row of a batch: by the hash of its key columns, which lie anywhere.

import type { LinearMemory } from '../../data/memory.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { ExchangeInput } from '../../plan/exchange.ts';
import { createAggregate } from '../operators/aggregate.ts';
import { BatchView } from './batch-view.ts';

type HashedKeys = Pick<ExchangeInput, 'chain' | 'keys'> & { isOneOfTwo: boolean };

export interface KeyRouterParts {
  input: ExchangeInput;
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
    const { input, isOneOfTwo, coreCount, batchRows } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#keys = new BatchView(memory, input.keys);
    this.#state = createHashing(memory, { ...input, isOneOfTwo });
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

/**
 * Hashes as the aggregate does that groups by these keys. Rows of two inputs with equal keys must have equal hashes: there
 * a key that cannot be NULL is packed as one that can.
 */
export function createHashing(memory: LinearMemory, { chain, keys, isOneOfTwo }: HashedKeys): number {
  const schema = keys.flatMap((column) => {
    const key = chain.schema[column];
    return key === undefined ? [] : [{ ...key, nullable: key.nullable || isOneOfTwo }];
  });
  const node: AggregateNode = {
    kind: 'aggregate',
    id: 'keys',
    inputs: [],
    schema,
    keyCount: keys.length,
    window: null,
    aggregates: [],
    emit: { on: 'close' },
    idleMicros: null,
    lateColumns: null,
  };
  const output = { emit: () => {}, watermark: () => {}, idle: () => {}, end: () => {} };
  return createAggregate(memory, node, schema, 1, output).state;
}
