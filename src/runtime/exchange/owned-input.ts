// An input of an exchange as an owner takes it: chunk by chunk in the order of their numbers, whichever core decoded them.
//
// A row's running watermark knows its own chunk only: it is raised to that of all chunks before, so a row is late as on
// one core. The watermark after a chunk is the same for every owner.

import { WATERMARK_CURRENT } from '../../../kernels/layout-time.ts';
import { assert } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { ExchangeInput } from '../../plan/exchange.ts';
import type { SourceState } from '../../state/snapshot.ts';
import { BatchReceiver } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import {
  CHUNK_BARRIER,
  CHUNK_BEGIN,
  OWNED_END,
  OWNED_FORWARD,
  OWNED_STOP,
  PART,
  ROWS,
} from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { RingConsumer } from '../channels/ring.ts';
import type { Input } from '../operators/operator.ts';
import { RunningWatermark } from '../running-watermark.ts';
import type { OwnerInput } from './owner.ts';
import type { ResultsOutput } from './results-output.ts';

export interface OwnedInputParts {
  /** Id of the node that is computed. */
  node: string;
  input: ExchangeInput;
  /** Which of the inputs it is. */
  index: number;
  link: CoreLink;
  batchRows: number;
  /** Of the operator. */
  port: Input;
  results: ResultsOutput;
}

export class OwnedInput implements OwnerInput {
  readonly #parts: OwnedInputParts;
  readonly #feed: ChunkFeed;
  /** By core. */
  readonly #rings: readonly RingConsumer[];
  readonly #receiver: BatchReceiver;
  readonly #watermark: RunningWatermark;
  /** The chunk whose rows come next. */
  #chunk = 0;
  #split = 0;
  /** Its beginning has been heard of. */
  #hasBegun = false;
  /** There is nothing more of it, and the operator knows. */
  hasEnded = false;
  /** The run ends behind what has come. */
  hasStopped = false;
  /** Number of the checkpoint that is taken before its next chunk, 0 for none: nothing is taken meanwhile. */
  barrier = 0;
  part = 0;

  constructor(memory: LinearMemory, parts: OwnedInputParts) {
    const { node, input, index, link, batchRows } = parts;
    this.#parts = parts;
    this.#feed = link.feed(input.source.id);
    this.#rings = link.bells.map((_, core) => link.rowsFrom(node, index, core));
    this.#receiver = new BatchReceiver(memory, link.copier, {
      schema: input.schema,
      absent: null,
      capacity: batchRows,
    });
    this.#watermark = new RunningWatermark(memory);
  }

  /** Takes the next record. @returns whether there was one. @throws what the operator throws. */
  work(): boolean {
    if (this.hasEnded || this.barrier !== 0) return false;
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
    } finally {
      ring.release();
    }
    return true;
  }

  /** Number of the chunk whose rows come next. */
  get chunk(): number {
    return this.#chunk;
  }

  /** Whether it is at this chunk, of which all that came before has been taken. */
  isAt(chunk: number): boolean {
    return this.#chunk === chunk && this.#hasBegun;
  }

  /** The checkpoint has been taken. */
  passBarrier(): void {
    if (this.barrier === 0) return;
    this.barrier = 0;
    this.#nextChunk();
  }

  restore(sources: readonly SourceState[]): void {
    const state = sources.find(({ id }) => id === this.#parts.input.source.id);
    if (state === undefined) return;
    const { isEnded, positions } = state;
    this.hasEnded = isEnded;
    const [position] = positions;
    // Of several splits each row has the watermark of its own.
    if (position === undefined || positions.length > 1 || position.watermark === null) return;
    this.#split = position.split;
    const words = new DataView(position.watermark.slice().buffer);
    this.#watermark.advance(words.getInt32(WATERMARK_CURRENT, true), words.getInt32(WATERMARK_CURRENT + 4, true));
  }

  #take(kind: number, at: number, bytes: number): void {
    const { words } = this.#parts.link;
    const word = (index: number): number => words[(at >>> 2) + index] as number;
    if (kind === CHUNK_BEGIN) this.#begin(word(0));
    else if (kind === PART) this.#receiver.receivePart(at, bytes);
    else if (kind === ROWS) this.#takeRows(at, bytes);
    else if (kind === CHUNK_BARRIER) [this.barrier, this.part] = [word(0), word(1)];
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
    this.process(this.#receiver.batch);
  }

  /** Takes rows of the chunk that is at its turn. */
  process(batch: number): void {
    const { input, port } = this.#parts;
    if (input.watermarkColumn !== null) this.#watermark.raise(batch, input.watermarkColumn);
    port.process(batch);
  }

  #end(flags: number): void {
    const { port, results } = this.#parts;
    if ((flags & OWNED_FORWARD) !== 0 && !this.#watermark.isNone) port.onWatermark(this.#watermark.cell);
    results.end(flags & OWNED_STOP);
    if ((flags & OWNED_STOP) !== 0) this.hasStopped = true;
    this.#hasBegun = false;
    this.#nextChunk();
  }

  #nextChunk(): void {
    this.#chunk = (this.#chunk + 1) | 0;
    this.#feed.setOwnerUsed(this.#parts.link.core, this.#chunk);
  }

  #finish(): void {
    this.#parts.port.onEnd();
    this.hasEnded = true;
  }
}
