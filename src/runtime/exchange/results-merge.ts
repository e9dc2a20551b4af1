// Core 0's end of an exchange: what the owners have computed comes out in the order of one core, chunk after chunk.
//
// After every chunk each owner says what has come of it, in the order of the exchange's plan, and that it is done with
// the chunk. The rows of a chunk are merged, then the watermark goes on, then the next chunk.

import {
  RESULTS_BYTES,
  RESULTS_CHANGES,
  RESULTS_COLUMN_COUNT,
  RESULTS_COLUMNS,
  RESULTS_DESCENDING,
  RESULTS_FAILED_CALL,
  RESULTS_INPUT_BATCH,
  RESULTS_INPUT_BYTES,
  RESULTS_INPUT_COUNT,
  RESULTS_INPUT_IS_OPEN,
  RESULTS_INPUT_ROW,
  RESULTS_INPUT_ROWS,
  RESULTS_INPUTS,
  RESULTS_KEY_COUNT,
  RESULTS_KEYS,
  RESULTS_NULLS_FIRST,
  RESULTS_RUNS,
} from '../../../kernels/layout-results.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import { changeColumnOf } from '../../data/changelog.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { physicalCodeOf } from '../../data/type.ts';
import type { SortKey } from '../../plan/ordered-nodes.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OWNED_BARRIER, OWNED_FINAL, OWNED_STOP } from '../channels/chunk-records.ts';
import { STAMP_CAUSE } from '../meter.ts';
import { overflowOf } from '../operators/aggregate-overflow.ts';
import {
  allocateWatermark,
  OwnerResults,
  type Results,
  type ResultsParts,
  raiseToLeast,
  throwFirst,
} from './owner-results.ts';
import { takeImages } from './partials.ts';

export class ResultsMerge implements Results {
  readonly #memory: LinearMemory;
  readonly #parts: ResultsParts;
  readonly #owners: OwnerResults[];
  readonly #state: number;
  readonly #feed: ChunkFeed;
  readonly #inputs: number;
  readonly #batch: number;
  /** The watermark passed on: an i64. */
  readonly #cell: number;
  #isBusy = false;
  /** The chunk that comes out next. */
  chunk = 0;
  /** All has been passed on that will be: the results have ended, or the run stops behind them. */
  isDone = false;
  isHeld = false;

  constructor(memory: LinearMemory, parts: ResultsParts) {
    const { plan, link, batchRows } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#feed = parts.feed;
    this.#owners = link.bells.map((_, core) => new OwnerResults(memory, core, parts));
    const hasChanges = changeColumnOf(plan.node.schema) >= 0;
    const rows = hasChanges ? Math.max(batchRows, 2) : batchRows;
    this.#batch = createBatch(memory, plan.node.schema, rows);
    this.#cell = allocateWatermark(memory);
    this.#inputs = memory.allocateZeroed(link.coreCount * RESULTS_INPUT_BYTES);
    this.#owners.forEach(({ receiver }, core) => {
      memory.store32(this.#inputOf(core) + RESULTS_INPUT_BATCH, receiver.batch);
      memory.store32(this.#inputOf(core) + RESULTS_INPUT_IS_OPEN, 1);
    });
    this.#state = writeState(memory, { ...parts, batchRows: rows, inputs: this.#inputs });
  }

  /** Passes on what has come. @returns whether there was anything. @throws what an owner met, behind what it gave. */
  work(): boolean {
    if (this.#isBusy || this.isDone || this.isHeld) return false;
    this.#isBusy = true;
    let hasWorked = false;
    while (!this.isDone && !this.isHeld && this.#fill()) {
      hasWorked = true;
      if (!this.#emit()) this.#endChunk();
    }
    this.#isBusy = false;
    return hasWorked;
  }

  passBarrier(): void {
    this.isHeld = false;
  }

  isBehind(chunk: number): boolean {
    return this.chunk !== chunk;
  }

  /** Has rows of every owner, or its end. @returns false while some has neither. */
  #fill(): boolean {
    const memory = this.#memory;
    for (let core = 0; core < this.#owners.length; core++) {
      const owner = this.#owners[core] as OwnerResults;
      const input = this.#inputOf(core);
      const hasRows = memory.load32(input + RESULTS_INPUT_ROW) < memory.load32(input + RESULTS_INPUT_ROWS);
      if (owner.hasEnded || hasRows) continue;
      if (!owner.next()) return false;
      memory.store32(input + RESULTS_INPUT_ROW, 0);
      memory.store32(input + RESULTS_INPUT_ROWS, rowCountOf(memory, owner.receiver.batch));
      memory.store32(input + RESULTS_INPUT_IS_OPEN, owner.hasEnded ? 0 : 1);
    }
    return true;
  }

  /** @returns false when no owner has rows: all have ended. */
  #emit(): boolean {
    const { plan, meter, output } = this.#parts;
    const { kernels } = this.#memory;
    const state = this.#state;
    const rows =
      plan.by === 'keys' ? kernels.resultsMerge(state, this.#batch) : kernels.resultsCombine(state, this.#batch);
    const call = plan.by === 'keys' ? 0 : this.#memory.load32(state + RESULTS_FAILED_CALL);
    if (rows > 0) {
      this.#feed.copyReadAt(this.chunk, meter.stamps, STAMP_CAUSE);
      output.emit(this.#batch);
    }
    if (call !== 0 && plan.node.kind === 'aggregate') {
      throw overflowOf(this.#memory, plan.node, this.#batch, { call, failed: 0, groups: 0 });
    }
    return rows > 0;
  }

  #endChunk(): void {
    let flags = 0;
    this.isDone = this.#owners.some(({ error }) => error !== null);
    throwFirst(this.#owners);
    for (const owner of this.#owners) flags |= owner.flags;
    if (raiseToLeast(this.#memory, this.#owners, this.#cell)) this.#parts.output.watermark(this.#cell);
    this.isDone = (flags & (OWNED_FINAL | OWNED_STOP)) !== 0;
    this.isHeld = (flags & OWNED_BARRIER) !== 0;
    this.chunk = (this.chunk + 1) | 0;
    this.#owners.forEach((owner, core) => {
      owner.hasEnded = false;
      this.#memory.store32(this.#inputOf(core) + RESULTS_INPUT_IS_OPEN, 1);
    });
  }

  #inputOf(core: number): number {
    return this.#inputs + core * RESULTS_INPUT_BYTES;
  }
}

function writeState(memory: LinearMemory, parts: ResultsParts & { inputs: number }): number {
  const { plan, link, batchRows, inputs } = parts;
  const { owned, order, arrival } = plan;
  const codes = owned.schema.map(({ type }) => physicalCodeOf(type));
  const state = memory.allocateZeroed(RESULTS_BYTES);
  const list = (words: readonly number[]): number => {
    const at = memory.allocate(Math.max(words.length, 1) * 4);
    words.forEach((word, index) => {
      memory.store32(at + index * 4, word);
    });
    return at;
  };
  const keys = order ?? [];
  const flagsOf = ({ descending, nullsFirst }: SortKey): number =>
    (descending ? RESULTS_DESCENDING : 0) | (nullsFirst ? RESULTS_NULLS_FIRST : 0);
  const keyList = list(keys.flatMap((key) => [key.column, codes[key.column] as number, flagsOf(key)]));
  // Images of states, the last column, are not copied.
  const left = plan.by === 'partials' ? codes.length - 1 : arrival;
  const columns = codes.map((code, column) => [column, code]).filter(([column]) => column !== left);
  const columnList = list(columns.flat());
  const runs = memory.allocate(batchRows * 8);
  memory.store32(state + RESULTS_INPUT_COUNT, link.coreCount);
  memory.store32(state + RESULTS_INPUTS, inputs);
  memory.store32(state + RESULTS_KEY_COUNT, keys.length);
  memory.store32(state + RESULTS_KEYS, keyList);
  memory.store32(state + RESULTS_COLUMNS, columnList);
  memory.store32(state + RESULTS_COLUMN_COUNT, columns.length);
  memory.store32(state + RESULTS_RUNS, runs);
  memory.store32(state + RESULTS_CHANGES, changeColumnOf(plan.node.schema) + 1);
  if (plan.by === 'partials') {
    takeImages(memory, state, { aggregate: parts.state, batchRows, inputCount: link.coreCount });
  }
  return state;
}
