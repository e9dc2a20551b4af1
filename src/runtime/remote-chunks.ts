// What other cores send of the chunks they decode: rows, bad records, the end of the chunk.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { BatchReceiver } from './channels/batch-channel.ts';
import { CHUNK_END, REJECT, REJECT_HEADER_BYTES, ROWS, readReject, type SentReject } from './channels/chunk-records.ts';
import type { CoreLink } from './channels/core-link.ts';
import type { RingConsumer } from './channels/ring.ts';

export class RemoteChunks {
  readonly #words: Int32Array;
  readonly #receiver: BatchReceiver;
  /** By core; null: this one. */
  readonly #rings: readonly (RingConsumer | null)[];
  /** The bad record that `next` gave. */
  reject: SentReject | null = null;
  /** Of the chunk that ended. */
  lineCount = 0;
  nulledCount = 0;

  constructor(memory: LinearMemory, node: SourceNode, parts: { link: CoreLink; batchRows: number }) {
    const { link, batchRows } = parts;
    this.#words = link.words;
    this.#rings = link.bells.map((_, core) => (core === link.core ? null : link.consumer(node.id, core)));
    const absent = node.watermark?.output ?? null;
    this.#receiver = new BatchReceiver(memory, link.copier, { schema: node.schema, absent, capacity: batchRows });
  }

  get batch(): number {
    return this.#receiver.batch;
  }

  /** Takes the next record of a core. @returns what it was, null when there is none now. */
  next(core: number): 'rows' | 'reject' | 'end' | null {
    const ring = this.#rings[core];
    assert(ring !== null && ring !== undefined, 'another core has the chunk');
    const at = ring.next();
    if (at < 0) return null;
    this.reject = null;
    this.nulledCount = 0;
    const kind = this.#take(ring.kind, at, ring.bytes);
    ring.release();
    return kind;
  }

  #take(kind: number, at: number, bytes: number): 'rows' | 'reject' | 'end' {
    if (kind === ROWS) {
      this.#receiver.receive(at, bytes);
      return 'rows';
    }
    this.#receiver.clear();
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
}
