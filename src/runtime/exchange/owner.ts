// The receiving half of an exchange: a core takes the rows that it owns, chunk by chunk in the order of their numbers,
// whichever core decoded them, aggregates them, and sends what closes to core 0.
//
// A row's running watermark knows its own chunk only: it is raised to that of all chunks before, so a row is late as on
// one core. The watermark after a chunk is the same for every owner, so what closes after it is too.

import { assert } from '../../base/assert.ts';
import { toPlain } from '../../base/errors.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangePlan } from '../../plan/exchange.ts';
import { BatchReceiver, BatchSender } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import {
  CHUNK_BEGIN,
  OWNED_END,
  OWNED_FINAL,
  OWNED_FORWARD,
  OWNED_STOP,
  PART,
  RESULTS_END,
  RESULTS_END_BYTES,
  RESULTS_ERROR,
  ROWS,
} from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { RingConsumer } from '../channels/ring.ts';
import { RingWriter, type Waiting } from '../channels/ring-writer.ts';
import { OPERATOR_KEYS, OPERATOR_LATE, OPERATOR_STATE_BYTES } from '../counters.ts';
import type { MemoryShare } from '../memory-share.ts';
import { type Aggregate, createAggregate } from '../operators/aggregate.ts';
import type { Output } from '../operators/operator.ts';
import { isOutOfMemory, outOfMemory } from '../out-of-memory.ts';
import { RunningWatermark } from '../running-watermark.ts';
import { giveImages, ownedSchema } from './partials.ts';

export interface OwnerParts {
  plan: ExchangePlan;
  link: CoreLink;
  waiting: Waiting;
  batchRows: number;
  share: MemoryShare;
  /** Of the aggregate's counters. */
  place: number;
  /** Whether an error comes from behind the exchange, through which it passes. */
  isForeign: (error: unknown) => boolean;
}

export class Owner {
  readonly aggregate: Aggregate;
  readonly #memory: LinearMemory;
  readonly #parts: OwnerParts;
  readonly #feed: ChunkFeed;
  /** By core. */
  readonly #rings: readonly RingConsumer[];
  readonly #receiver: BatchReceiver;
  readonly #watermark: RunningWatermark;
  readonly #results: ResultsOutput;
  /** The chunk whose rows come next. */
  #chunk = 0;
  #split = 0;
  /** Its beginning has been heard of. */
  #hasBegun = false;
  /** At work: what it does may make it wait, and work must not begin within itself. */
  #isBusy = false;
  /** Everything has been sent. */
  isDone = false;

  constructor(memory: LinearMemory, parts: OwnerParts) {
    const { plan, link, batchRows } = parts;
    const { chain, aggregate, source } = plan;
    this.#memory = memory;
    this.#parts = parts;
    this.#feed = link.feed(source.id);
    this.#rings = link.bells.map((_, core) => link.rowsFrom(core));
    const shape = { schema: chain.schema, absent: null, capacity: batchRows };
    this.#receiver = new BatchReceiver(memory, link.copier, shape);
    this.#watermark = new RunningWatermark(memory);
    this.#results = new ResultsOutput(memory, parts);
    const node = { ...aggregate, schema: ownedSchema(plan) };
    this.aggregate = createAggregate(memory, node, chain.schema, batchRows, this.#results);
    if (plan.by === 'partials') giveImages(memory, this.aggregate.state, plan);
  }

  /**
   * Takes rows of a chunk that this core decodes now, if all before them have been taken: no ring is needed then.
   * @returns false when they have not.
   */
  takeNow(chunk: number, batch: number): boolean {
    this.work();
    if (this.#isBusy || this.isDone || this.#chunk !== chunk || !this.#hasBegun) return false;
    try {
      this.#process(batch);
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  /** Takes what has come. @returns whether there was anything. */
  work(): boolean {
    if (this.#isBusy || this.isDone) return false;
    this.#isBusy = true;
    const { meter } = this.#parts.waiting;
    const caller = meter.weight === 0 ? -1 : meter.enter(this.#parts.place);
    let hasWorked = false;
    while (!this.isDone && this.#workOnce()) hasWorked = true;
    if (caller >= 0) meter.leave(caller);
    this.#isBusy = false;
    return hasWorked;
  }

  /** Writes what this core has of the aggregate. */
  report(counters: Float64Array): void {
    const { aggregate } = this;
    const { place } = this.#parts;
    counters[place + OPERATOR_LATE] = aggregate.lateCount();
    counters[place + OPERATOR_STATE_BYTES] = aggregate.stateBytes();
    counters[place + OPERATOR_KEYS] = aggregate.keyCount?.() ?? 0;
    aggregate.reportTime?.(counters, place);
  }

  #workOnce(): boolean {
    const { isFinished } = this.#feed;
    if (this.#chunk === this.#feed.next) {
      if (isFinished) this.#finish();
      return isFinished;
    }
    const ring = this.#rings[this.#feed.coreOf(this.#chunk)];
    assert(ring !== undefined, 'a core has taken the chunk');
    const at = ring.next();
    if (at < 0) return false;
    try {
      this.#take(ring.kind, at, ring.bytes);
    } catch (error) {
      this.#fail(error);
    }
    ring.release();
    return true;
  }

  #take(kind: number, at: number, bytes: number): void {
    const { words } = this.#parts.link;
    const word = (index: number): number => words[(at >>> 2) + index] as number;
    if (kind === CHUNK_BEGIN) this.#begin(word(0));
    else if (kind === PART) this.#receiver.receivePart(at, bytes);
    else if (kind === ROWS) this.#takeRows(at, bytes);
    else {
      assert(kind === OWNED_END, 'a record of an exchange');
      this.#watermark.advance(word(2), word(3));
      this.#end(word(0));
    }
  }

  /** Every split has a watermark of its own. */
  #begin(split: number): void {
    if (split !== this.#split) this.#watermark.restart();
    this.#split = split;
    this.#hasBegun = true;
  }

  #takeRows(at: number, bytes: number): void {
    this.#receiver.receive(at, bytes);
    this.#process(this.#receiver.batch);
  }

  #process(batch: number): void {
    const { watermarkColumn } = this.#parts.plan.chain;
    if (watermarkColumn !== null) this.#watermark.raise(batch, watermarkColumn);
    this.aggregate.process(batch);
  }

  #end(flags: number): void {
    if ((flags & OWNED_FORWARD) !== 0 && !this.#watermark.isNone) this.aggregate.onWatermark(this.#watermark.cell);
    this.#results.end(flags & OWNED_STOP);
    if ((flags & OWNED_STOP) !== 0) this.isDone = true;
    this.#hasBegun = false;
    this.#chunk = (this.#chunk + 1) | 0;
    this.#feed.setOwnerUsed(this.#parts.link.core, this.#chunk);
  }

  #finish(): void {
    try {
      this.aggregate.onEnd();
      this.#results.end(OWNED_FINAL);
    } catch (error) {
      this.#fail(error);
    }
    this.isDone = true;
  }

  #fail(error: unknown): void {
    if (this.#parts.isForeign(error)) throw error;
    const { aggregate } = this;
    this.#results.fail(isOutOfMemory(error, this.#memory) ? outOfMemory(this.#parts.share, [aggregate]) : error);
    this.isDone = true;
  }
}

/** What an aggregate gives, on its way to core 0. */
class ResultsOutput implements Output {
  readonly #memory: LinearMemory;
  readonly #words: Int32Array;
  readonly #writer: RingWriter;
  readonly #sender: BatchSender;
  readonly #copy: (to: number, bytes: Uint8Array) => void;
  /** Words of the watermark of the results. */
  #low = 0;
  #high = -(2 ** 31);

  constructor(memory: LinearMemory, { plan, link, waiting }: OwnerParts) {
    this.#memory = memory;
    this.#words = link.words;
    this.#writer = new RingWriter(link.results(), waiting);
    const { payloadMax, reserve } = this.#writer;
    const shape = { schema: ownedSchema(plan), absent: null, payloadMax, reserve };
    this.#sender = new BatchSender(memory, link.copier, shape);
    this.#copy = (to, bytes) => new Uint8Array(link.words.buffer).set(bytes, to);
  }

  emit(batch: number): void {
    this.#sender.send(batch, ROWS);
    this.#memory.refresh();
  }

  watermark(cell: number): void {
    this.#low = this.#memory.load32(cell);
    this.#high = this.#memory.load32(cell + 4);
  }

  idle(): void {}

  end(flags?: number): void {
    // The aggregate's own end is told with the last chunk.
    if (flags === undefined) return;
    const to = this.#writer.reserve(RESULTS_END, RESULTS_END_BYTES);
    if (to < 0) return;
    const at = to >>> 2;
    this.#words[at] = flags;
    this.#words[at + 2] = this.#low;
    this.#words[at + 3] = this.#high;
    this.#writer.commit();
  }

  /** The run ends with this error, behind what was given. */
  fail(error: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(toPlain(error)));
    const to = this.#writer.reserve(RESULTS_ERROR, bytes.length);
    if (to < 0) return;
    this.#copy(to, bytes);
    this.#writer.commit();
  }
}
