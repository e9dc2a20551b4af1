// Both inputs of a join that core 0 feeds, as an owner takes them: chunk by chunk, from one ring (fed-sender.ts).

import { assert } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { OwnedInputPlan } from '../../plan/exchange.ts';
import { BatchReceiver } from '../channels/batch-channel.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import * as records from '../channels/chunk-records.ts';
import type { CoreLink } from '../channels/core-link.ts';
import type { RingConsumer } from '../channels/ring.ts';
import type { Input } from '../operators/operator.ts';
import type { OwnerInput } from './owner.ts';
import type { ResultsOutput } from './results-output.ts';

export interface FedInputParts {
  /** Id of the node that is computed. */
  node: string;
  inputs: readonly OwnedInputPlan[];
  link: CoreLink;
  batchRows: number;
  /** Of the operator. */
  ports: readonly Input[];
  results: ResultsOutput;
}

export class FedInput implements OwnerInput {
  readonly #memory: LinearMemory;
  readonly #parts: FedInputParts;
  readonly #feed: ChunkFeed;
  readonly #ring: RingConsumer;
  /** By input. */
  readonly #receivers: BatchReceiver[];
  /** An i64: the watermark that has come last. */
  readonly #cell: number;
  /** Which input the chunk is of. */
  #port = 0;
  chunk = 0;
  hasEnded = false;
  readonly hasStopped = false;
  barrier = 0;
  part = 0;

  constructor(memory: LinearMemory, parts: FedInputParts) {
    const { node, inputs, link, batchRows } = parts;
    this.#memory = memory;
    this.#parts = parts;
    this.#feed = link.feedOf(node);
    this.#ring = link.rowsFrom(node, 0, 0);
    this.#receivers = inputs.map(({ schema }) => {
      return new BatchReceiver(memory, link.copier, { schema, absent: null, capacity: batchRows });
    });
    this.#cell = memory.allocate(8);
  }

  work(): boolean {
    if (this.hasEnded || this.barrier !== 0) return false;
    const { isFinished } = this.#feed;
    if (this.chunk === this.#feed.next) {
      this.hasEnded = isFinished;
      return isFinished;
    }
    const ring = this.#ring;
    const at = ring.next();
    if (at < 0) return false;
    try {
      this.#take(ring.kind, at, ring.bytes);
    } finally {
      ring.release();
    }
    return true;
  }

  /** Rows come through the ring only. */
  isAt(): boolean {
    return false;
  }

  process(batch: number): void {
    (this.#parts.ports[this.#port] as Input).process(batch);
  }

  passBarrier(): void {
    if (this.barrier === 0) return;
    this.barrier = 0;
    this.#nextChunk();
  }

  /** What has ended the operator knows by itself. */
  restore(): void {}

  #take(kind: number, at: number, bytes: number): void {
    const { words } = this.#parts.link;
    const receiver = this.#receivers[this.#port] as BatchReceiver;
    if (kind === records.CHUNK_BEGIN) this.#port = words[at >>> 2] as number;
    else if (kind === records.PART) receiver.receivePart(at, bytes);
    else if (kind === records.ROWS) {
      receiver.receive(at, bytes);
      this.process(receiver.batch);
    } else if (kind === records.CHUNK_BARRIER) {
      this.barrier = words[at >>> 2] as number;
      this.part = words[(at >>> 2) + 1] as number;
    } else if (kind === records.FED_CHANGE) this.#change(at >>> 2);
    else {
      assert(kind === records.OWNED_END, 'a record for the owners of a join');
      this.#parts.results.end(0);
      this.#nextChunk();
    }
  }

  #change(at: number): void {
    const { ports, link } = this.#parts;
    const word = (index: number): number => link.words[at + index] as number;
    const port = ports[word(0)] as Input;
    if (word(1) === records.FED_IDLE) port.onIdle();
    else if (word(1) === records.FED_END) port.onEnd();
    else {
      this.#memory.store32(this.#cell, word(2));
      this.#memory.store32(this.#cell + 4, word(3));
      port.onWatermark(this.#cell);
    }
  }

  #nextChunk(): void {
    this.chunk = (this.chunk + 1) | 0;
    this.#feed.setOwnerUsed(this.#parts.link.core, this.chunk);
  }
}
