// What other cores send of the chunks they decode: rows, bad records, the end of the chunk.

import { assert } from '../base/assert.ts';
import { fromPlain, type PlainError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Chain } from '../plan/chain.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { ChainEnd } from './chain-end.ts';
import { BatchReceiver } from './channels/batch-channel.ts';
import {
  CHUNK_END,
  FAILURE,
  PART,
  PLACE,
  PROGRESS,
  REJECT,
  REJECT_HEADER_BYTES,
  ROWS,
  readReject,
  type SentReject,
  TEXT,
  TEXT_HEADER_BYTES,
} from './channels/chunk-records.ts';
import type { CoreLink } from './channels/core-link.ts';
import type { RingConsumer } from './channels/ring.ts';

export interface RemoteParts {
  link: CoreLink;
  /** Most rows of a batch. */
  batchRows: number;
  chain: Chain;
  /** Of a split that is merged with others; null: there are none. */
  lane: number | null;
  /** In an exchange this core sends to itself too. */
  readsItself: boolean;
  /** Where its rows go; null for a chain without maps, whose rows `batch` has. */
  end: ChainEnd | null;
}

/** What a record was. Those of chains have gone where they go; `progress` says what the source gave for them. */
export type Received = 'rows' | 'chain' | 'progress' | 'reject' | 'failure' | 'place' | 'end';

export class RemoteChunks {
  readonly #words: Int32Array;
  readonly #receiver: BatchReceiver;
  /** By core; null: this one. */
  readonly #rings: readonly (RingConsumer | null)[];
  /** Where the batch that comes next is in its chunk: byte and line, those behind it, and its bad records. */
  readonly place = { offset: 0, line: 0, endOffset: 0, endLine: 0, rejects: 0 };
  /** The bad record that `next` gave. */
  reject: SentReject | null = null;
  /** Of the chunk that ended. */
  lineCount = 0;
  nulledCount = 0;
  /** Of the progress that `next` gave: rows of the source, and those of them too far in the future. */
  chainRows = 0;
  futureCount = 0;
  /** Why a step of the chain failed behind the rows that were given. */
  failure: PlainError | null = null;
  readonly #chain: ChainEnd | null;

  constructor(memory: LinearMemory, node: SourceNode, parts: RemoteParts) {
    const { link, batchRows, chain } = parts;
    this.#chain = parts.end;
    this.#words = link.words;
    const isAlone = (core: number): boolean => core === link.core && !parts.readsItself;
    this.#rings = link.bells.map((_, core) => (isAlone(core) ? null : link.consumer(node.id, core, parts.lane)));
    const absent = chain.steps.length === 0 ? (node.watermark?.output ?? null) : null;
    this.#receiver = new BatchReceiver(memory, link.copier, { schema: chain.schema, absent, capacity: batchRows });
  }

  get batch(): number {
    return this.#receiver.batch;
  }

  /** Takes the next record of a core. @returns what it was, null when there is none now. */
  next(core: number): Received | null {
    const ring = this.#rings[core];
    assert(ring !== null && ring !== undefined, 'another core has the chunk');
    const at = ring.next();
    if (at < 0) return null;
    this.clear();
    const kind = this.#take(ring.kind, at, ring.bytes);
    ring.release();
    return kind;
  }

  #take(kind: number, at: number, bytes: number): Received {
    if (kind === PART) {
      this.#receiver.receivePart(at, bytes);
      return 'chain';
    }
    if (kind === ROWS) {
      this.#receiver.receive(at, bytes);
      if (this.#chain === null) return 'rows';
      this.#chain.takeRows(this.#receiver.batch);
      return 'chain';
    }
    this.#receiver.clear();
    if (kind === PLACE) return this.#takePlace(at >>> 2);
    if (kind === TEXT || kind === PROGRESS || kind === FAILURE) return this.#takeChain(kind, at, bytes);
    if (kind === REJECT) {
      const rawBytes = bytes - REJECT_HEADER_BYTES;
      const address = this.#receiver.receiveBytes(at + REJECT_HEADER_BYTES, rawBytes);
      this.reject = readReject(this.#words, at, { address, bytes: rawBytes });
      return 'reject';
    }
    assert(kind === CHUNK_END, 'a record of a chunk');
    this.lineCount = this.#words[at >>> 2] as number;
    this.nulledCount = this.#words[(at >>> 2) + 1] as number;
    return 'end';
  }

  #takePlace(at: number): Received {
    const words = this.#words;
    const { place } = this;
    place.offset = words[at] as number;
    place.line = words[at + 1] as number;
    place.endOffset = words[at + 2] as number;
    place.endLine = words[at + 3] as number;
    place.rejects = words[at + 4] as number;
    return 'place';
  }

  /** What is sent of a chain besides rows. */
  #takeChain(kind: number, at: number, bytes: number): Received {
    const chain = this.#chain;
    assert(chain !== null, 'the source has a chain');
    // Neither a closure nor an object here: what is called for every batch leaves none.
    const words = this.#words;
    const first = at >>> 2;
    if (kind === FAILURE) {
      const text = new TextDecoder().decode(new Uint8Array(words.buffer, at, bytes).slice());
      this.failure = JSON.parse(text) as PlainError;
      return 'failure';
    }
    if (kind === TEXT) {
      const textBytes = bytes - TEXT_HEADER_BYTES;
      const address = this.#receiver.receiveBytes(at + TEXT_HEADER_BYTES, textBytes);
      chain.takeText(address, textBytes, words[first] as number);
      return 'chain';
    }
    this.chainRows = words[first] as number;
    this.futureCount = words[first + 1] as number;
    chain.advance(words[first + 2] as number, words[first + 3] as number);
    return 'progress';
  }

  /** Nothing new has come. */
  clear(): void {
    this.reject = null;
    this.nulledCount = 0;
    this.chainRows = 0;
    this.futureCount = 0;
  }

  /** @throws LaminarError: a step of the chain failed behind the rows that were given. */
  fail(): never {
    assert(this.failure !== null, 'a step of the chain failed');
    throw fromPlain(this.failure);
  }
}
