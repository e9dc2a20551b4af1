// A split whose rows go through an exchange, as core 0 sees it: what the decoders say of each chunk besides its rows, in
// the order of the chunks. Between that, core 0 does its own part: it owns keys, merges results, decodes chunks.

import type { SplitReader } from '../../connectors/connector.ts';
import { READ_END, READ_NOTHING } from '../../connectors/connector.ts';
import type { LinearMemory } from '../../data/memory.ts';
import type { Reject } from '../../formats/rejects.ts';
import { type BatchReader, DECODED, type ReaderPosition } from '../batch-reader.ts';
import type { ChainEnd } from '../chain-end.ts';
import type { ChunkFeed } from '../channels/chunk-feed.ts';
import type { CoreLink } from '../channels/core-link.ts';
import { waitFor } from '../channels/ring-writer.ts';
import type { Feeder } from '../feeder.ts';
import { RemoteChunks } from '../remote-chunks.ts';
import type { ExchangePort } from './exchange.ts';

export interface ExchangedParts {
  port: ExchangePort;
  /** Decodes on this core. */
  feeder: Feeder;
  link: CoreLink;
  batchRows: number;
  /** Keeps the watermark of the source. */
  end: ChainEnd;
  splitCount: number;
}

export class ExchangedReader implements BatchReader {
  readonly #parts: ExchangedParts;
  readonly #feed: ChunkFeed;
  readonly #remote: RemoteChunks;
  readonly #failsAtOnce: boolean;
  readonly #isMerged = (): boolean => this.#parts.port.exchange.results?.isDone === true;
  #reader: SplitReader | null = null;
  #isLast = false;
  /** The chunk that is heard of next. */
  #chunk = 0;
  /** Lines before it. */
  #lineCount = 0;
  /** Byte of the split at which the chunk begins. */
  #begin = 0;
  /** The chunk is a barrier. */
  #hasBarrier = false;
  waitsForCore = false;

  constructor(memory: LinearMemory, parts: ExchangedParts) {
    const { port, link, batchRows, end } = parts;
    const { source, chain } = port.input;
    this.#parts = parts;
    this.#feed = link.feed(source.id);
    this.#remote = new RemoteChunks(memory, source, { link, batchRows, chain, lane: null, readsItself: true, end });
    this.#failsAtOnce = source.onError === 'fail';
  }

  /** No rows come here. */
  get batch(): number {
    return this.#remote.batch;
  }

  /** Of a compressed split: bytes as they are in the file. */
  get bytesRead(): number {
    return this.#parts.feeder.pumpedBytes ?? this.#begin;
  }

  get rawBytes(): number | null {
    return this.#parts.feeder.rawBytes;
  }

  get nulledCount(): number {
    return this.#remote.nulledCount;
  }

  get chainRows(): number {
    return this.#remote.chainRows;
  }

  get futureCount(): number {
    return this.#remote.futureCount;
  }

  get rejectCount(): number {
    return this.#remote.reject === null ? 0 : 1;
  }

  get waitDescriptor(): number | null {
    return this.#reader?.waitDescriptor ?? null;
  }

  readonly isResumable = true;

  /** At a barrier, of which all that came before has been heard. */
  position(): ReaderPosition {
    const { decoder } = this.#parts.feeder;
    // Until it knows that, a decoder has used nothing but a part of the beginning.
    if (decoder === null) return { offset: 0, lineCount: 0, decoder };
    return { offset: this.#begin, lineCount: this.#lineCount, decoder };
  }

  resume({ offset, lineCount, decoder }: ReaderPosition): void {
    if (decoder === null) return;
    this.#begin = offset;
    this.#lineCount = lineCount;
    this.#parts.feeder.resume(offset, lineCount, decoder);
  }

  open(reader: SplitReader, split: number): void {
    this.#reader = reader;
    this.#isLast = split === this.#parts.splitCount - 1;
    this.#lineCount = 0;
    this.#begin = 0;
    this.#parts.feeder.open(reader, split, this.#isLast);
    this.#chunk = this.#feed.next;
    this.#parts.port.readsAlone = false;
  }

  leave(): void {
    this.#parts.port.readsAlone = true;
  }

  next(): number {
    const { exchange } = this.#parts.port;
    this.waitsForCore = false;
    this.#remote.clear();
    const got = this.#hear();
    if (got !== READ_NOTHING) return got;
    // Rows that have come first: others wait for what closes by them.
    if (exchange.work()) return DECODED;
    if (exchange.isCutting) {
      this.waitsForCore = true;
      return READ_NOTHING;
    }
    if (this.#decode()) return DECODED;
    const isBehind = this.#feed.isDrained || exchange.isBehind(this.#chunk);
    this.waitsForCore = this.#chunk !== this.#feed.next || isBehind || this.#parts.feeder.pumpedBytes !== null;
    return READ_NOTHING;
  }

  rejects(): Reject[] {
    return this.#remote.reject === null ? [] : [this.#remote.reject];
  }

  placeOf(reject: Reject): { line: number; offset: number } {
    return {
      line: this.#lineCount + reject.line + 1,
      offset: this.#begin + (this.#remote.reject?.offset ?? 0),
    };
  }

  copyReadAt(to: Float64Array, index: number): void {
    this.#feed.copyReadAt(this.#chunk, to, index);
  }

  settle(): void {}

  close(): void {
    this.#feed.drain();
    this.#parts.link.ringOthers();
  }

  /** Takes no more chunks; those taken are still used. @returns READ_END once they are. */
  drain(): number {
    this.#isLast = true;
    this.#feed.setDrained();
    for (;;) {
      const got = this.next();
      if (got !== READ_NOTHING) return got;
      this.#parts.port.exchange.pause();
    }
  }

  /** Takes a chunk here. @throws what reading throws, behind what the chunks before have closed. */
  #decode(): boolean {
    const { port, feeder } = this.#parts;
    const { exchange } = port;
    try {
      return feeder.turn() > 0;
    } catch (error) {
      feeder.stop();
      this.#feed.setDrained();
      if (!exchange.hasFailed) waitFor(exchange, () => !exchange.isBehind(this.#feed.next));
      throw error;
    }
  }

  /** What the decoders say. @returns READ_NOTHING when they say nothing now. */
  #hear(): number {
    const { isDrained } = this.#feed;
    const { port } = this.#parts;
    if (this.#chunk === port.barrier) {
      port.isAtBarrier = true;
      this.#hasBarrier = true;
      return READ_NOTHING;
    }
    if (this.#hasBarrier) this.#passBarrier();
    if (this.#chunk === this.#feed.next) return isDrained && this.#finish() ? READ_END : READ_NOTHING;
    const core = this.#feed.coreOf(this.#chunk);
    for (;;) {
      const got = this.#remote.next(core);
      if (got === null) return READ_NOTHING;
      if (got === 'progress') return DECODED;
      if (got === 'reject' || got === 'failure') {
        if (got === 'failure' || this.#failsAtOnce) this.#awaitResults();
        if (got === 'failure') this.#remote.fail();
        return DECODED;
      }
      if (got === 'end') {
        this.#endChunk();
        return DECODED;
      }
    }
  }

  #endChunk(): void {
    this.#lineCount += this.#remote.lineCount;
    this.#begin += this.#feed.bytesOf(this.#chunk);
    this.#nextChunk();
  }

  /** The chunk was a barrier, and the checkpoint has been taken. */
  #passBarrier(): void {
    this.#hasBarrier = false;
    this.#nextChunk();
  }

  #nextChunk(): void {
    this.#chunk = (this.#chunk + 1) | 0;
    this.#feed.setUsed(this.#chunk);
  }

  /**
   * The split has ended. @returns whether what follows from that has been done: all has been merged if it is the last of
   * the only source. Of several the last one waits for that when it ends.
   */
  #finish(): boolean {
    if (!this.#isLast) return true;
    if (!this.#feed.isFinished) {
      this.#feed.setFinished();
      this.#parts.link.ringOthers();
    }
    return this.#parts.port.exchange.ports.length > 1 || this.#isMerged();
  }

  /** What the rows before have closed comes out first. */
  #awaitResults(): void {
    waitFor(this.#parts.port.exchange, this.#isMerged);
  }
}
