// A core beside the first: takes chunks of the shared sources, decodes them, runs the source's chain of maps, and sends
// the rows to the core that uses them.
//
// It knows nothing of the order of chunks or of policies: bad records are sent on like rows, and the watermark of a
// chain is that of the chunk alone. It sleeps when there is no chunk to take or no room in its ring, and ends when the
// run is stopping or its sources have ended.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import type { SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import type { Cutting, Decoder, Encoder } from '../formats/format.ts';
import { readRejects } from '../formats/rejects.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { ChainSender } from './chain-sender.ts';
import { BatchSender } from './channels/batch-channel.ts';
import type { ChunkFeed } from './channels/chunk-feed.ts';
import {
  CHUNK_END,
  CHUNK_END_BYTES,
  FAILURE,
  FAILURE_BYTES,
  PROGRESS,
  PROGRESS_BYTES,
  REJECT,
  REJECT_HEADER_BYTES,
  ROWS,
  writeReject,
} from './channels/chunk-records.ts';
import { ChunkTaker, TAKEN } from './channels/chunk-taker.ts';
import type { CoreLink } from './channels/core-link.ts';
import type { RingProducer } from './channels/ring.ts';
import type { Control } from './control.ts';
import type { Edge } from './edge.ts';
import type { HeapGuard } from './heap-guard.ts';
import type { MemoryShare } from './memory-share.ts';
import type { Meter } from './meter.ts';
import type { Output } from './operators/operator.ts';
import { isOutOfMemory, outOfMemoryToDecode } from './out-of-memory.ts';
import type { SplitWatermark } from './split-watermark.ts';

/** Longest sleep, ms: how soon a stop request is seen. */
const WAIT_MILLIS = 50;

export interface FeederParts {
  node: SourceNode;
  decoder: Decoder;
  readers: readonly SplitReader[];
  link: CoreLink;
  control: Control;
  meter: Meter;
  /** Of the source's counters. */
  place: number;
  /** Columns of the rows that are sent. */
  schema: Schema;
  /** null: they are sent as they were decoded. */
  chain: FeederChain | null;
}

/** A source's chain as it runs here. */
export interface FeederChain {
  /** To the first map. */
  input: Output;
  /** From the last one. */
  output: Edge;
  watermark: SplitWatermark | null;
  /** Of the sink that the rows go to; null: they are sent as columns. */
  encoder: Encoder | null;
  /** Counters of whose work it is to take the rows. */
  endPlace: number;
}

/** An expression of the chain failed: the first core says so, after the rows before. */
export class ChainFailed extends Error {
  readonly code: number;
  readonly site: number;

  /** `code`: ERROR_*. */
  constructor(code: number, site: number) {
    super('an expression failed');
    this.code = code;
    this.site = site;
  }
}

/** One source on a core that decodes for the first. */
export class Feeder {
  /** Of its source. */
  readonly name: string;
  readonly #memory: LinearMemory;
  readonly #parts: FeederParts;
  readonly #cutting: Cutting;
  readonly #feed: ChunkFeed;
  readonly #taker: ChunkTaker;
  readonly #ring: RingProducer;
  readonly #sender: BatchSender;
  /** Takes what the chain gives; null without one. */
  readonly #chainSender: ChainSender | null;
  #split = -1;
  #isJoined = false;
  #batchCount = 0;
  /** Of the chunk. */
  #rows = 0;

  constructor(memory: LinearMemory, parts: FeederParts) {
    const { node, decoder, link, schema, chain } = parts;
    assert(decoder.cutting !== undefined, `${node.format.kind} can be cut`);
    this.name = node.name;
    this.#memory = memory;
    this.#parts = parts;
    this.#cutting = decoder.cutting;
    this.#feed = link.feed(node.id);
    this.#ring = link.producer(node.id);
    this.#taker = new ChunkTaker(memory, link, parts);
    const absent = chain === null ? (node.watermark?.output ?? null) : null;
    this.#sender = new BatchSender(memory, link.copier, {
      schema,
      absent,
      payloadMax: this.#ring.payloadMax,
      reserve: (kind, bytes) => this.#makeRoom(kind, bytes),
    });
    this.#chainSender = chain === null ? null : this.#connect(chain);
  }

  /** Handles one chunk. @returns how many batches it was, 0 when there is no chunk to take now. */
  turn(): number {
    if (!this.#feed.isOpen) return 0;
    if (this.#feed.split !== this.#split) this.#join();
    if (!this.#isJoined) return 0;
    const { meter, place } = this.#parts;
    meter.begin(place);
    const isTaken = this.#taker.take(this.#cutting) === TAKEN;
    this.#batchCount = isTaken ? 1 : 0;
    if (isTaken) this.#decode();
    meter.endTurn(isTaken ? this.#rows : -1);
    return this.#batchCount;
  }

  close(): void {
    for (const reader of this.#parts.readers) reader.close();
  }

  #connect({ output, encoder, endPlace }: FeederChain): ChainSender {
    const sender = this.#sender;
    const { words } = this.#parts.link;
    const end = new ChainSender(this.#memory, { sender, encoder, words });
    output.connect(end, endPlace);
    return end;
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
    const { decoder, chain } = this.#parts;
    chain?.watermark?.restart();
    this.#rows = 0;
    let position = this.#taker.begin;
    let lines = 0;
    let nulled = 0;
    for (;;) {
      const mark = memory.kernels.transientMark();
      const consumed = decoder.decode(position, this.#taker.end, this.#taker.isLast);
      memory.refresh();
      const rows = memory.load32(decoder.batch + BATCH_ROW_COUNT);
      this.#rows += rows;
      const rejectCount = memory.load32(decoder.state + DECODER_REJECT_COUNT);
      if (consumed === 0 && rows === 0 && rejectCount === 0) break;
      if (rows > 0 && !this.#sendRows(rows)) return;
      if (rejectCount > 0 && !this.#sendRejects(position, lines)) return;
      this.#ring.commit();
      nulled += memory.load32(decoder.state + DECODER_NULLED_COUNT);
      lines += memory.load32(decoder.state + DECODER_LINE_COUNT);
      memory.kernels.transientRelease(mark);
      position += consumed;
      this.#batchCount++;
      // A policy of failing stops before the bad record: the run ends there.
      if (consumed === 0) break;
    }
    this.#sendEnd(lines, nulled);
  }

  /** @returns false when nobody wants more. */
  #sendRows(rows: number): boolean {
    const { decoder, chain } = this.#parts;
    if (chain === null) return this.#sender.send(decoder.batch, ROWS);
    const future = chain.watermark?.assign(decoder.batch, rows) ?? 0;
    const failure = runChain(chain, decoder.batch);
    const end = this.#chainSender as ChainSender;
    end.flush();
    if (end.isRefused) return false;
    if (failure === null) return this.#sendProgress(rows, future);
    const to = this.#makeRoom(FAILURE, FAILURE_BYTES);
    if (to < 0) return false;
    this.#parts.link.words[to >>> 2] = failure.code;
    this.#parts.link.words[(to >>> 2) + 1] = failure.site;
    this.#ring.commit();
    return false;
  }

  #sendProgress(rows: number, future: number): boolean {
    const { link, chain } = this.#parts;
    const to = this.#makeRoom(PROGRESS, PROGRESS_BYTES);
    if (to < 0) return false;
    const { words } = link;
    const at = to >>> 2;
    words[at] = rows;
    words[at + 1] = future;
    const cell = chain?.watermark?.cell;
    if (cell === undefined) return true;
    words[at + 2] = this.#memory.load32(cell);
    words[at + 3] = this.#memory.load32(cell + 4);
    return true;
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
    const { link, control, meter } = this.#parts;
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
      meter.sleep();
      link.bell.sleep(heard, WAIT_MILLIS);
      meter.work();
    }
  }
}

/** Apart from its caller, for which it would make an object each time. */
function runChain({ input }: FeederChain, batch: number): ChainFailed | null {
  try {
    input.emit(batch);
    return null;
  } catch (error) {
    if (error instanceof ChainFailed) return error;
    throw error;
  }
}

/** What a core beside the first has. */
export interface Feeders {
  feeders: Feeder[];
  link: CoreLink;
  meter: Meter;
  share: MemoryShare;
}

/**
 * Feeds from every source until the run is over. `guard` watches the heap; null: nobody asks.
 * @throws LMN-3101 when there is no memory left for it, LMN-3102
 */
export function runFeeders(
  { feeders, link, meter, share }: Feeders,
  { control, guard }: { control: Control; guard: HeapGuard | null },
): void {
  if (guard !== null) meter.warm();
  try {
    while (!control.isStopping && !control.isOver) {
      const heard = link.bell.listen();
      share.update();
      const batches = feedOnce(feeders);
      if (batches > 0) {
        link.bell.ignore();
        guard?.afterTurns(batches);
        continue;
      }
      meter.sleep();
      link.bell.sleep(heard, WAIT_MILLIS);
      meter.work();
    }
  } catch (error) {
    // What cannot be read here cannot be read by the first core either: it says so, after the rows before.
    if (isOutOfMemory(error, share.memory)) throw outOfMemoryToDecode(share);
    if (!(error instanceof LaminarError) || error.code === 'LMN-3102') throw error;
  } finally {
    for (const feeder of feeders) feeder.close();
    meter.finish();
  }
}

/** @returns how many batches all of them have sent. */
function feedOnce(feeders: readonly Feeder[]): number {
  let batches = 0;
  for (let i = 0; i < feeders.length; i++) batches += (feeders[i] as Feeder).turn();
  return batches;
}
