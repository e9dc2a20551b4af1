// A split that all cores decode, as the core sees it that uses the rows: batches in the order of the split.
//
// With a chain of maps (src/plan/chain.ts), the rows of other cores have been through it and go on behind it at once;
// `next` gives how many the source had for them.
//
// Chunks come one after another. One that this core took is decoded here, batch by batch; one that another core took
// comes through that core's ring. When the next chunk is still being decoded elsewhere, this core takes one for later
// and decodes as much of it as the decoder's batch holds; these rows are used when their turn comes.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { assert } from '../base/assert.ts';
import { type MadeRecords, READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Cutting, Decoder } from '../formats/format.ts';
import { type Reject, readRejects } from '../formats/rejects.ts';
import type { Chain } from '../plan/chain.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { type BatchReader, DECODED, type ReaderPosition } from './batch-reader.ts';
import type { ChainEnd } from './chain-end.ts';
import type { ChunkFeed } from './channels/chunk-feed.ts';
import { beginMade, ChunkTaker, madeBy, TAKEN } from './channels/chunk-taker.ts';
import type { CoreLink } from './channels/core-link.ts';
import { DecodeStack } from './decode-stack.ts';
import { type Meter, STAMP_CAUSE } from './meter.ts';
import { RemoteChunks } from './remote-chunks.ts';

export interface ChunkedParts {
  decoder: Decoder;
  link: CoreLink;
  meter: Meter;
  /** Most rows of a batch. */
  batchRows: number;
  chain: Chain;
  /** Of a split that is merged with others: they are read before its batch is used. null: there are none. */
  lane: number | null;
  /** Where the rows of other cores' chains go; null for a chain without maps. */
  end: ChainEnd | null;
}

/** What other cores are told of a split: its name, since they found the splits by themselves, and for their decoders. */
export function shareText(name: string, text: string, isLast: boolean): string {
  return JSON.stringify([name, text, isLast] satisfies SharedText);
}

/** Its name, what decoders have to know, whether it is the last split of the source. */
export type SharedText = [string, string, boolean];

export class ChunkedReader implements BatchReader {
  readonly #memory: LinearMemory;
  readonly #decoder: Decoder;
  readonly #cutting: Cutting;
  readonly #link: CoreLink;
  readonly #meter: Meter;
  readonly #feed: ChunkFeed;
  readonly #taker: ChunkTaker;
  readonly #remote: RemoteChunks;
  readonly #isOneOfMany: boolean;
  readonly #stack: DecodeStack;
  /** Of the place that the other core has told last: its batch has been used, and so many of its bad records. */
  #isUsed = false;
  #rejectsUsed = 0;
  #reader: SplitReader | null = null;
  #isShared = false;
  /** The chunk whose rows come next. */
  #chunk = 0;
  /** In the chunk being decoded here: what is not decoded yet, 0 when none is. */
  #position = 0;
  #consumed = 0;
  /** The first batch of the chunk taken here has been decoded before its turn. */
  #isAhead = false;
  /** What `next` gave came from another core. */
  #isRemote = false;
  /** Lines before the chunk, and in it before `#position`. */
  #lineCount = 0;
  #chunkLines = 0;
  /** Some rows of a chunk that another core decoded have been used, not all. */
  #isInside = false;
  /** Someone waits for the end of the chunk. */
  #stopsAtEnd = false;
  /** What makes the records, where they are made. */
  #made: MadeRecords | null = null;
  /** Byte of the split at which the chunk begins. */
  #begin = 0;
  waitsForCore = false;
  readonly isResumable = true;

  constructor(memory: LinearMemory, node: SourceNode, { decoder, link, meter, ...parts }: ChunkedParts) {
    assert(decoder.cutting !== undefined, `${node.format.kind} can be cut`);
    this.#memory = memory;
    this.#decoder = decoder;
    this.#cutting = decoder.cutting;
    this.#link = link;
    this.#meter = meter;
    this.#feed = link.feed(node.id, parts.lane);
    this.#isOneOfMany = parts.lane !== null;
    this.#stack = new DecodeStack(memory, this.#isOneOfMany);
    this.#taker = new ChunkTaker(memory, link, { node, meter, lane: parts.lane });
    this.#remote = new RemoteChunks(memory, node, { link, readsItself: false, ...parts });
  }

  get batch(): number {
    return this.#isRemote ? this.#remote.batch : this.#decoder.batch;
  }

  /** Of a compressed split: bytes as they are in the file. */
  get bytesRead(): number {
    return this.#taker.isPumped ? this.#taker.pumpedBytes : this.#begin;
  }

  get rawBytes(): number | null {
    return this.#taker.isPumped ? this.#taker.pumpedBytesOfAll : null;
  }

  get nulledCount(): number {
    if (this.#isRemote) return this.#remote.nulledCount;
    return this.#memory.load32(this.#decoder.state + DECODER_NULLED_COUNT);
  }

  get chainRows(): number {
    return this.#isRemote ? this.#remote.chainRows : 0;
  }

  get futureCount(): number {
    return this.#isRemote ? this.#remote.futureCount : 0;
  }

  get rejectCount(): number {
    if (this.#isRemote) return this.#remote.reject === null ? 0 : 1;
    return this.#memory.load32(this.#decoder.state + DECODER_REJECT_COUNT);
  }

  get waitDescriptor(): number | null {
    return this.#reader?.waitDescriptor ?? null;
  }

  open(reader: SplitReader, split: number): void {
    this.#reader = reader;
    this.#made = madeBy(reader);
    this.#decoder.reset();
    this.#feed.begin(split);
    this.#taker.open(reader, split);
    this.#isShared = false;
    this.#lineCount = 0;
    this.#begin = 0;
  }

  next(): number {
    this.waitsForCore = false;
    for (;;) {
      if (this.#position !== 0) {
        if (this.#decode()) return DECODED;
        this.#finishChunk(this.#chunkLines);
        if (!this.#stopsAtEnd) continue;
        // Someone waits for this, and asks before the next turn.
        this.#stopsAtEnd = false;
        this.waitsForCore = true;
        return READ_NOTHING;
      }
      if (this.#taker.number === this.#chunk) {
        this.#position = this.#taker.begin;
        this.#chunkLines = 0;
        continue;
      }
      const { isDrained } = this.#feed;
      if (this.#chunk !== this.#feed.next) {
        if (this.#receive()) return DECODED;
        if (this.waitsForCore) return READ_NOTHING;
        continue;
      }
      if (isDrained) return READ_END;
      if (this.#take() !== TAKEN && this.#chunk === this.#feed.next && !this.#feed.isDrained) {
        this.waitsForCore = this.#taker.isPumped;
        return READ_NOTHING;
      }
    }
  }

  rejects(): Reject[] {
    if (!this.#isRemote) return readRejects(this.#memory, this.#decoder.state);
    return this.#remote.reject === null ? [] : [this.#remote.reject];
  }

  placeOf(reject: Reject): { line: number; offset: number } {
    if (this.#isRemote) {
      return {
        line: this.#lineCount + reject.line + 1,
        offset: this.#begin + (this.#remote.reject?.offset ?? 0),
      };
    }
    const { begin, end } = this.#taker;
    // A record whose text was made for the message stands where the decoder is.
    const isInput = reject.recordAddress >= begin && reject.recordAddress <= end;
    return {
      line: this.#lineCount + this.#chunkLines + reject.line + 1,
      offset: this.#begin + this.#taker.offsetOf(isInput ? reject.recordAddress : this.#position),
    };
  }

  copyReadAt(to: Float64Array, index: number): void {
    this.#feed.copyReadAt(this.#chunk, to, index);
  }

  settle(): void {
    if (this.#isRemote) {
      this.#isUsed = true;
      if (this.#remote.reject !== null) this.#rejectsUsed++;
      return;
    }
    this.#chunkLines += this.#memory.load32(this.#decoder.state + DECODER_LINE_COUNT);
    this.#position += this.#consumed;
    this.#stack.release();
    if (!this.#isShared) this.#share();
  }

  position(): ReaderPosition | null {
    const decoder = this.#cutting.share();
    const place = decoder === null ? null : this.#place(decoder);
    // Where its first batch is in use, the header before that is read again.
    if (decoder === null || (place?.offset === 0 && this.#made === null))
      return { offset: 0, lineCount: 0, decoder: null };
    return place;
  }

  #place(decoder: string): ReaderPosition | null {
    const isMade = this.#made !== null;
    if (this.#position !== 0 && !isMade) {
      const lineCount = this.#lineCount + this.#chunkLines;
      return { offset: this.#begin + this.#taker.offsetOf(this.#position), lineCount, decoder };
    }
    if (this.#isOneOfMany && this.#isInside) return this.#remotePlace(decoder);
    // Of another core's rows nobody knows where in their chunk they stand, and of those that are made here nobody knows their
    // numbers: at its end it is known.
    this.#stopsAtEnd = this.#isInside || this.#position !== 0;
    if (this.#stopsAtEnd) return null;
    return { offset: this.#begin, lineCount: this.#lineCount, decoder };
  }

  /** What the other core has said of the batch in hand; null: of its bad records not all have come. */
  #remotePlace(decoder: string): ReaderPosition | null {
    const { place } = this.#remote;
    if (!this.#isUsed) return { offset: this.#begin + place.offset, lineCount: this.#lineCount + place.line, decoder };
    if (this.#rejectsUsed < place.rejects) return null;
    return { offset: this.#begin + place.endOffset, lineCount: this.#lineCount + place.endLine, decoder };
  }

  resume({ offset, lineCount, decoder }: ReaderPosition): void {
    if (decoder === null) return;
    if (this.#made === null) this.#feed.begin(this.#feed.split, offset);
    else beginMade(this.#feed, this.#made, lineCount);
    this.#taker.resume(offset);
    this.#lineCount = lineCount;
    this.#begin = offset;
    this.#cutting.join(decoder);
    this.#share();
  }

  close(): void {
    this.#feed.drain();
    this.#link.ringOthers();
  }

  /** Decodes on in the chunk taken here. @returns whether there is anything to use. */
  #decode(): boolean {
    this.#isRemote = false;
    if (!this.#isAhead) this.#decodeFrom(this.#position);
    this.#isAhead = false;
    if (this.#consumed > 0 || this.#memory.load32(this.batch + BATCH_ROW_COUNT) > 0 || this.rejectCount > 0)
      return true;
    this.#stack.release();
    return false;
  }

  /** What it makes on the transient stack lies below what is made and released while other cores' rows are used. */
  #decodeFrom(position: number): void {
    this.#consumed = this.#stack.decode(this.#decoder, position, this.#taker.end, this.#taker.isLast);
  }

  /** Takes what the chunk's core sends. @returns whether there is anything to use. */
  #receive(): boolean {
    this.#isRemote = true;
    // Rows of a chain go on from in there.
    this.copyReadAt(this.#meter.stamps, STAMP_CAUSE);
    const got = this.#remote.next(this.#feed.coreOf(this.#chunk));
    if (got !== null) this.#isInside = got !== 'end';
    if (got === 'place') {
      this.#isUsed = false;
      this.#rejectsUsed = 0;
    }
    if (got === 'chain' || got === 'place') return false;
    if (got === 'failure') this.#remote.fail();
    if (got === 'rows' || got === 'progress' || got === 'reject') return true;
    if (got === 'end') {
      // Counts that come with the end are counted like those of rows.
      this.#finishChunk(this.#remote.lineCount);
      return this.#remote.nulledCount > 0 || this.#stopsAtEnd;
    }
    this.#workAhead();
    return false;
  }

  /** Rather than only wait, has the next chunk ready, which is this core's when its turn comes. */
  #workAhead(): void {
    const holdsChunk = this.#taker.number > this.#chunk;
    if (!holdsChunk && this.#take(true) !== TAKEN) this.waitsForCore = true;
    else if (holdsChunk && this.#isAhead) this.waitsForCore = true;
    else if (holdsChunk) {
      this.#isAhead = true;
      this.#decodeFrom(this.#taker.begin);
    }
  }

  #take(isAhead = false): number {
    const taken = this.#taker.take(this.#cutting, isAhead);
    // Plenty at once: there is work for others too.
    if (taken === TAKEN && this.#taker.end - this.#taker.begin >= this.#link.chunkBytes / 2) this.#link.ringOthers();
    return taken;
  }

  #finishChunk(lines: number): void {
    this.#lineCount += lines;
    this.#begin += this.#feed.bytesOf(this.#chunk);
    this.#position = 0;
    this.#chunk = (this.#chunk + 1) | 0;
    this.#feed.setUsed(this.#chunk);
  }

  /** Lets the others in, once this decoder knows what theirs have to know. */
  #share(): void {
    const text = this.#cutting.share();
    if (text === null) return;
    this.#isShared = true;
    if (this.#feed.share(shareText(this.#reader?.name ?? '', text, false))) this.#link.ringOthers();
  }
}
