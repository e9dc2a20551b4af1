// A core beside the first: takes chunks of the shared sources, decodes them, sends the rows to the core that uses them.
//
// It knows nothing of the order of chunks, of policies or of watermarks: bad records are sent on like rows. It sleeps
// when there is no chunk to take or no room in its ring, and ends when the run is stopping or its sources have ended.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import type { SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Cutting, Decoder } from '../formats/format.ts';
import { readRejects } from '../formats/rejects.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { BatchSender } from './channels/batch-channel.ts';
import type { ChunkFeed } from './channels/chunk-feed.ts';
import {
  CHUNK_END,
  CHUNK_END_BYTES,
  REJECT,
  REJECT_HEADER_BYTES,
  ROWS,
  writeReject,
} from './channels/chunk-records.ts';
import { ChunkTaker, TAKEN } from './channels/chunk-taker.ts';
import type { CoreLink } from './channels/core-link.ts';
import type { RingProducer } from './channels/ring.ts';
import type { Control } from './control.ts';

/** Longest sleep, ms: how soon a stop request is seen. */
const WAIT_MILLIS = 50;

export interface FeederParts {
  node: SourceNode;
  decoder: Decoder;
  readers: readonly SplitReader[];
  link: CoreLink;
  control: Control;
}

/** One source on a core that decodes for the first. */
export class Feeder {
  readonly #memory: LinearMemory;
  readonly #parts: FeederParts;
  readonly #cutting: Cutting;
  readonly #feed: ChunkFeed;
  readonly #taker: ChunkTaker;
  readonly #ring: RingProducer;
  readonly #sender: BatchSender;
  readonly #reserve = (kind: number, bytes: number): number => this.#makeRoom(kind, bytes);
  #split = -1;
  #isJoined = false;

  constructor(memory: LinearMemory, parts: FeederParts) {
    const { node, decoder, link } = parts;
    assert(decoder.cutting !== undefined, `${node.format.kind} can be cut`);
    this.#memory = memory;
    this.#parts = parts;
    this.#cutting = decoder.cutting;
    this.#feed = link.feed(node.id);
    this.#ring = link.producer(node.id);
    this.#taker = new ChunkTaker(memory, link, node);
    const absent = node.watermark?.output ?? null;
    this.#sender = new BatchSender(memory, link.copier, {
      schema: node.schema,
      absent,
      payloadMax: this.#ring.payloadMax,
    });
  }

  /** Handles one chunk. @returns false when there is none to take now. */
  turn(): boolean {
    if (!this.#feed.isOpen) return false;
    if (this.#feed.split !== this.#split) this.#join();
    if (!this.#isJoined) return false;
    if (this.#taker.take(this.#cutting) !== TAKEN) return false;
    this.#decode();
    return true;
  }

  close(): void {
    for (const reader of this.#parts.readers) reader.close();
  }

  #join(): void {
    const { readers, decoder } = this.#parts;
    const split = this.#feed.split;
    const [name, text] = JSON.parse(this.#feed.text) as [string, string];
    const reader = readers[split];
    this.#split = split;
    // Files may have come or gone since the first core looked.
    this.#isJoined = reader?.name === name && (reader.sharing?.() ?? null) !== null;
    if (reader === undefined || !this.#isJoined) return;
    decoder.reset();
    this.#cutting.join(text);
    this.#taker.open(reader, split);
  }

  #decode(): void {
    const memory = this.#memory;
    const { decoder } = this.#parts;
    let position = this.#taker.begin;
    let lines = 0;
    let nulled = 0;
    for (;;) {
      const mark = memory.kernels.transientMark();
      const consumed = decoder.decode(position, this.#taker.end, this.#taker.isLast);
      memory.refresh();
      const rows = memory.load32(decoder.batch + BATCH_ROW_COUNT);
      const rejectCount = memory.load32(decoder.state + DECODER_REJECT_COUNT);
      if (consumed === 0 && rows === 0 && rejectCount === 0) break;
      if (rows > 0 && !this.#sender.send(decoder.batch, ROWS, this.#reserve)) return;
      if (rejectCount > 0 && !this.#sendRejects(position, lines)) return;
      this.#ring.commit();
      nulled += memory.load32(decoder.state + DECODER_NULLED_COUNT);
      lines += memory.load32(decoder.state + DECODER_LINE_COUNT);
      memory.kernels.transientRelease(mark);
      position += consumed;
      // A policy of failing stops before the bad record: the run ends there.
      if (consumed === 0) break;
    }
    this.#sendEnd(lines, nulled);
  }

  /** @param lines of the chunk before `position`. @returns false when nobody wants them any more. */
  #sendRejects(position: number, lines: number): boolean {
    const { link, decoder } = this.#parts;
    for (const reject of readRejects(this.#memory, decoder.state)) {
      const { recordAddress, recordBytes } = reject;
      const isInput = recordAddress >= this.#taker.begin && recordAddress <= this.#taker.end;
      const offset = this.#taker.offsetOf(isInput ? recordAddress : position);
      const to = this.#makeRoom(REJECT, REJECT_HEADER_BYTES + recordBytes);
      if (to < 0) return false;
      writeReject(link.words, to, { ...reject, offset, line: lines + reject.line });
      link.copier.send(to + REJECT_HEADER_BYTES, recordAddress, recordBytes);
    }
    return true;
  }

  #sendEnd(lines: number, nulled: number): void {
    const to = this.#makeRoom(CHUNK_END, CHUNK_END_BYTES);
    if (to < 0) return;
    this.#parts.link.words[to >>> 2] = lines;
    this.#parts.link.words[(to >>> 2) + 1] = nulled;
    this.#ring.commit();
  }

  /** Room for a record in the ring, waiting for it. @returns −1 when the run is stopping. */
  #makeRoom(kind: number, bytes: number): number {
    const { link, control } = this.#parts;
    for (;;) {
      const at = this.#ring.reserve(kind, bytes);
      if (at >= 0) return at;
      this.#ring.commit();
      const heard = link.bell.listen();
      this.#ring.want(bytes);
      const again = this.#ring.reserve(kind, bytes);
      if (again >= 0) {
        link.bell.ignore();
        return again;
      }
      if (control.isStopping || control.isOver) return -1;
      link.bell.sleep(heard, WAIT_MILLIS);
    }
  }
}

/** Feeds from every source until the run is over. */
export function runFeeders(feeders: readonly Feeder[], link: CoreLink, control: Control): void {
  try {
    while (!control.isStopping && !control.isOver) {
      const heard = link.bell.listen();
      let isBusy = false;
      for (const feeder of feeders) if (feeder.turn()) isBusy = true;
      if (isBusy) link.bell.ignore();
      else link.bell.sleep(heard, WAIT_MILLIS);
    }
  } catch (error) {
    // What cannot be read here cannot be read by the first core either: it says so, after the rows before.
    if (!(error instanceof LaminarError)) throw error;
  } finally {
    for (const feeder of feeders) feeder.close();
  }
}
