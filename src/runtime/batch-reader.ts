// Where the batches of a split come from: read and decoded here (LocalReader), or by all cores (chunked-reader.ts).
//
//   next() ─► DECODED: `batch` has rows, or bad records, or both   → use them, then settle()
//             READ_NOTHING: nothing now            READ_END: the split has ended
//
// Between `next` and `settle` the batch and the bytes it points into stay as they are.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { DECODER_LINE_COUNT, DECODER_NULLED_COUNT, DECODER_REJECT_COUNT } from '../../kernels/layout-formats.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Decoder } from '../formats/format.ts';
import { type Reject, readRejects } from '../formats/rejects.ts';
import { DecodeStack } from './decode-stack.ts';
import { InputBuffer } from './input-buffer.ts';
import { type Meter, STAMP_NOW } from './meter.ts';

/** `next` has filled the batch. */
export const DECODED = 1;

/** A place between two records of a split. */
export interface ReaderPosition {
  /** Bytes (decompressed) and lines before it. */
  offset: number;
  lineCount: number;
  /** What a decoder that goes on there has to know; null at the beginning. */
  decoder: string | null;
}

export interface BatchReader {
  /** Address of the batch that `next` filled. */
  readonly batch: number;
  /** Raw bytes of the split read so far. */
  readonly bytesRead: number;
  /** Bytes of the split as they are in the file, read by another core up to here or a little further; null: here. */
  readonly rawBytes: number | null;
  /** Fields turned into NULL in what `next` gave. */
  readonly nulledCount: number;
  /** Rows of the source that have gone on already, through the chain of another core, and those too far in the future. */
  readonly chainRows: number;
  readonly futureCount: number;
  /** Bad records in what `next` gave. */
  readonly rejectCount: number;
  /** What to wait on when `next` gave nothing; null when only time helps. */
  readonly waitDescriptor: number | null;
  /** After `next` gave nothing: another core has it, and rings when it is there. */
  readonly waitsForCore: boolean;
  open(reader: SplitReader, split: number): void;
  /** Another reader has the split that comes next. */
  leave?(): void;
  next(): number;
  rejects(): Reject[];
  /** Line (1-based) and byte of the split at which a record begins. */
  placeOf(reject: Reject): { line: number; offset: number };
  /** Writes the stamp of when the bytes were read that `next` gave. */
  copyReadAt(to: Float64Array, index: number): void;
  settle(): void;
  /** After a stop, for a reader whose rows are partly with other cores: as `next`, and READ_END once they are used. */
  drain?(): number;
  /** Whether its decoder can begin in the middle of a split. */
  readonly isResumable: boolean;
  /** After `settle`: how far its rows have been used; null when that is not known until one of the next batches. */
  position(): ReaderPosition | null;
  /** Goes on where another reader of the split was, right after `open`. */
  resume(position: ReaderPosition): void;
  /** No more of it is wanted. The split itself is closed by whoever opened it. */
  close(): void;
}

export class LocalReader implements BatchReader {
  readonly rawBytes = null;
  readonly waitsForCore = false;
  readonly chainRows = 0;
  readonly futureCount = 0;
  readonly #memory: LinearMemory;
  readonly #decoder: Decoder;
  readonly #buffer: InputBuffer;
  readonly #meter: Meter;
  readonly #readAt = new Float64Array(1);
  readonly #stack: DecodeStack;
  #reader: SplitReader | null = null;
  #isAtEnd = false;
  /** Lines before `buffer.begin`. */
  #lineCount = 0;
  #consumed = 0;

  /**
   * @param readBytes bytes of one read.
   * @param isOneOfMany other splits are read before the batch is used: decoded text needs memory of its own.
   */
  constructor(
    memory: LinearMemory,
    decoder: Decoder,
    limits: { maxRecordBytes: number; readBytes: number; isOneOfMany: boolean },
    meter: Meter,
  ) {
    this.#memory = memory;
    this.#decoder = decoder;
    this.#meter = meter;
    this.#buffer = new InputBuffer(memory, limits.maxRecordBytes, limits.readBytes);
    this.#stack = new DecodeStack(memory, limits.isOneOfMany);
  }

  get batch(): number {
    return this.#decoder.batch;
  }

  get bytesRead(): number {
    return this.#reader?.consumedBytes ?? 0;
  }

  get nulledCount(): number {
    return this.#memory.load32(this.#decoder.state + DECODER_NULLED_COUNT);
  }

  get rejectCount(): number {
    return this.#memory.load32(this.#decoder.state + DECODER_REJECT_COUNT);
  }

  get waitDescriptor(): number | null {
    return this.#reader?.waitDescriptor ?? null;
  }

  open(reader: SplitReader): void {
    this.#buffer.reset();
    this.#decoder.reset();
    this.#reader = reader;
    this.#isAtEnd = false;
    this.#lineCount = 0;
  }

  next(): number {
    for (;;) {
      this.#decode();
      if (this.#consumed > 0 || this.#hasResult()) return DECODED;
      this.#stack.release();
      if (this.#isAtEnd) return READ_END;
      const count = this.#buffer.fill(this.#reader as SplitReader);
      if (count === READ_NOTHING) return READ_NOTHING;
      if (count === READ_END) this.#isAtEnd = true;
      else this.#noteRead();
    }
  }

  rejects(): Reject[] {
    return readRejects(this.#memory, this.#decoder.state);
  }

  placeOf(reject: Reject): { line: number; offset: number } {
    const { begin, end, offset } = this.#buffer;
    // A record whose text was made for the message stands where the decoder is.
    const isInput = reject.recordAddress >= begin && reject.recordAddress <= end;
    return {
      line: this.#lineCount + reject.line + 1,
      offset: offset + (isInput ? reject.recordAddress - begin : 0),
    };
  }

  copyReadAt(to: Float64Array, index: number): void {
    to[index] = this.#readAt[0] as number;
  }

  settle(): void {
    this.#lineCount += this.#memory.load32(this.#decoder.state + DECODER_LINE_COUNT);
    this.#buffer.consume(this.#consumed);
    this.#decoder.places?.settle();
    this.#stack.release();
  }

  get isResumable(): boolean {
    return this.#decoder.cutting !== undefined || this.#decoder.places !== undefined;
  }

  position(): ReaderPosition {
    const place = this.#decoder.places?.place() ?? null;
    if (place !== null) return { offset: place.offset, lineCount: this.#lineCount, decoder: place.text };
    const decoder = this.#decoder.cutting?.share() ?? null;
    // Until it knows that, a decoder has used nothing but a part of the beginning; and where its first batch is in use, the
    // header before that is read again.
    if (decoder === null || this.#buffer.offset === 0) return { offset: 0, lineCount: 0, decoder: null };
    return { offset: this.#buffer.offset, lineCount: this.#lineCount, decoder };
  }

  resume({ offset, lineCount, decoder }: ReaderPosition): void {
    if (decoder === null) return;
    this.#buffer.skipTo(this.#reader as SplitReader, offset, lineCount);
    this.#lineCount = lineCount;
    this.#decoder.cutting?.join(decoder);
    this.#decoder.places?.goOn(offset, decoder);
  }

  close(): void {}

  #noteRead(): void {
    this.#meter.look(STAMP_NOW);
    this.#readAt[0] = this.#meter.stamps[STAMP_NOW] as number;
  }

  #decode(): void {
    const { begin, end } = this.#buffer;
    this.#consumed = this.#stack.decode(this.#decoder, begin, end, this.#isAtEnd);
  }

  /** Whether the last decode gave rows or bad records, which it may without taking bytes. */
  #hasResult(): boolean {
    return this.#memory.load32(this.batch + BATCH_ROW_COUNT) > 0 || this.rejectCount > 0;
  }
}
