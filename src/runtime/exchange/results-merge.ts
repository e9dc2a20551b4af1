// Core 0's end of an exchange: what the owners have aggregated comes out in the order of one core, chunk after chunk.
//
// After every chunk each owner says what has closed, in the order of (window end, window start, key), and that it is
// done with the chunk. The rows of a chunk are merged, then the watermark goes on, then the next chunk.

import {
  RESULTS_BYTES,
  RESULTS_COLUMN_COUNT,
  RESULTS_COLUMNS,
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
  RESULTS_RUNS,
} from '../../../kernels/layout-results.ts';
import { assert } from '../../base/assert.ts';
import { fromPlain, type PlainError } from '../../base/errors.ts';
import { createBatch, rowCountOf } from '../../data/batch.ts';
import type { LinearMemory } from '../../data/memory.ts';
import { physicalCodeOf } from '../../data/type.ts';
import type { ExchangePlan } from '../../plan/exchange.ts';
import { BatchReceiver } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import { OWNED_FINAL, OWNED_STOP, PART, RESULTS_END, RESULTS_ERROR, ROWS } from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { RingConsumer } from '../channels/ring.ts';
import { type Meter, STAMP_CAUSE } from '../meter.ts';
import { overflowOf } from '../operators/aggregate-overflow.ts';
import type { Output } from '../operators/operator.ts';
import { ownedSchema, takeImages } from './partials.ts';

export interface ResultsMergeParts {
  plan: ExchangePlan;
  link: CoreLink;
  meter: Meter;
  batchRows: number;
  /** Address of the state of this core's aggregate. */
  state: number;
  output: Output;
}

/** What an owner gives, as far as it has come. */
class OwnerResults {
  readonly receiver: BatchReceiver;
  readonly #ring: RingConsumer;
  readonly #link: CoreLink;
  /** It has no more of the chunk. */
  hasEnded = false;
  /** OWNED_* of the chunk. */
  flags = 0;
  low = 0;
  high = 0;
  error: PlainError | null = null;

  constructor(memory: LinearMemory, core: number, { plan, link, batchRows }: ResultsMergeParts) {
    this.#link = link;
    this.#ring = link.resultsFrom(core);
    const shape = { schema: ownedSchema(plan), absent: null, capacity: batchRows };
    this.receiver = new BatchReceiver(memory, link.copier, shape);
  }

  /** Takes records until rows have come, or the end of the chunk. @returns false when nothing has. */
  next(): boolean {
    for (;;) {
      const at = this.#ring.next();
      if (at < 0) return false;
      const { kind, bytes } = this.#ring;
      this.#take(kind, at, bytes);
      this.#ring.release();
      if (kind !== PART) return true;
    }
  }

  #take(kind: number, at: number, bytes: number): void {
    const { words } = this.#link;
    if (kind === PART) this.receiver.receivePart(at, bytes);
    else if (kind === ROWS) this.receiver.receive(at, bytes);
    else if (kind === RESULTS_ERROR) {
      const text = new TextDecoder().decode(new Uint8Array(words.buffer, at, bytes).slice());
      this.error = JSON.parse(text) as PlainError;
      this.#end(OWNED_STOP);
    } else {
      assert(kind === RESULTS_END, 'a record of results');
      const word = (index: number): number => words[(at >>> 2) + index] as number;
      this.low = word(2);
      this.high = word(3);
      this.#end(word(0));
    }
  }

  #end(flags: number): void {
    this.receiver.clear();
    this.hasEnded = true;
    this.flags = flags;
  }
}

export class ResultsMerge {
  readonly #memory: LinearMemory;
  readonly #parts: ResultsMergeParts;
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

  constructor(memory: LinearMemory, parts: ResultsMergeParts) {
    const { plan, link, batchRows } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#feed = link.feed(plan.source.id);
    this.#owners = link.bells.map((_, core) => new OwnerResults(memory, core, parts));
    this.#batch = createBatch(memory, plan.aggregate.schema, batchRows);
    this.#cell = memory.allocate(8);
    this.#inputs = memory.allocateZeroed(link.coreCount * RESULTS_INPUT_BYTES);
    this.#owners.forEach(({ receiver }, core) => {
      memory.store32(this.#inputOf(core) + RESULTS_INPUT_BATCH, receiver.batch);
      memory.store32(this.#inputOf(core) + RESULTS_INPUT_IS_OPEN, 1);
    });
    this.#state = writeState(memory, { ...parts, inputs: this.#inputs });
  }

  /** Passes on what has come. @returns whether there was anything. @throws what an owner met, behind what it gave. */
  work(): boolean {
    if (this.#isBusy || this.isDone) return false;
    this.#isBusy = true;
    let hasWorked = false;
    while (!this.isDone && this.#fill()) {
      hasWorked = true;
      if (!this.#emit()) this.#endChunk();
    }
    this.#isBusy = false;
    return hasWorked;
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
    if (call !== 0) throw overflowOf(this.#memory, plan.aggregate, this.#batch, { call, failed: 0, groups: 0 });
    return rows > 0;
  }

  #endChunk(): void {
    const { output } = this.#parts;
    let flags = 0;
    for (const owner of this.#owners) {
      if (owner.error !== null) {
        this.isDone = true;
        throw fromPlain(owner.error);
      }
      flags |= owner.flags;
    }
    const [first] = this.#owners;
    if (first !== undefined && first.high !== NO_WATERMARK_HIGH) {
      this.#memory.store32(this.#cell, first.low);
      this.#memory.store32(this.#cell + 4, first.high);
      output.watermark(this.#cell);
    }
    this.isDone = (flags & (OWNED_FINAL | OWNED_STOP)) !== 0;
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

/** High word of i64's minimum. */
const NO_WATERMARK_HIGH = -(2 ** 31);

function writeState(memory: LinearMemory, parts: ResultsMergeParts & { inputs: number }): number {
  const { plan, link, batchRows, inputs } = parts;
  const { schema, keyCount, window } = plan.aggregate;
  const keys = Array.from({ length: keyCount }, (_, column) => column);
  // Behind the keys: the window's start and its end.
  const order = window === null ? keys : [keyCount + 1, keyCount, ...keys];
  const { aggregates } = plan.aggregate;
  const codes = schema.map(({ type }) => physicalCodeOf(type));
  // The results of images are not copied from column to column.
  if (plan.by === 'partials') codes.length -= aggregates.length;
  const state = memory.allocateZeroed(RESULTS_BYTES);
  const list = (words: readonly number[]): number => {
    const at = memory.allocate(Math.max(words.length, 1) * 4);
    words.forEach((word, index) => {
      memory.store32(at + index * 4, word);
    });
    return at;
  };
  const keyList = list(order.flatMap((column) => [column, codes[column] as number]));
  const codeList = list(codes);
  const runs = memory.allocate(batchRows * 8);
  memory.store32(state + RESULTS_INPUT_COUNT, link.coreCount);
  memory.store32(state + RESULTS_INPUTS, inputs);
  memory.store32(state + RESULTS_KEY_COUNT, order.length);
  memory.store32(state + RESULTS_KEYS, keyList);
  memory.store32(state + RESULTS_COLUMNS, codeList);
  memory.store32(state + RESULTS_COLUMN_COUNT, codes.length);
  memory.store32(state + RESULTS_RUNS, runs);
  if (plan.by === 'partials') {
    takeImages(memory, state, { aggregate: parts.state, batchRows, inputCount: link.coreCount });
  }
  return state;
}
