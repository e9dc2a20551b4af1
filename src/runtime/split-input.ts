// One split being read: bytes into a buffer, a batch out of them, its watermark, its place in the split.
//
//   next() ─► DECODED: `batch` has `rows` rows (perhaps none, then bad records only)   → use them, then settle()
//             READ_NOTHING: nothing now            READ_END: the split has ended
//
// Between `next` and `settle` the batch and the bytes it points into stay as they are.

import {
  BATCH_ROW_COUNT,
  DECODER_LINE_COUNT,
  DECODER_NULLED_COUNT,
  DECODER_REJECT_COUNT,
} from '../../kernels/layout.ts';
import { PROGRESS_ACTIVE, PROGRESS_FINISHED } from '../../kernels/layout-time.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Decoder } from '../formats/format.ts';
import type { Reject } from '../formats/rejects.ts';
import type { SourceNode } from '../plan/physical-plan.ts';
import type { BadRecords, RecordPlace } from './bad-records.ts';
import { InputBuffer } from './input-buffer.ts';
import type { SourceInGroup } from './source-alignment.ts';
import {
  placeOfSplit,
  SPLIT_BYTES,
  SPLIT_ROWS,
  SPLIT_SILENT_SINCE,
  SPLIT_STATE,
  SPLIT_WATERMARK,
} from './split-counters.ts';
import { type SplitWatermark, watermarkMicros } from './split-watermark.ts';
import { SOURCE_BYTES, SOURCE_FUTURE, SOURCE_NULLED, SOURCE_ROWS } from './telemetry.ts';

/** `next` has filled the batch. */
export const DECODED = 1;

export interface SplitParts {
  node: SourceNode;
  decoder: Decoder;
  watermark: SplitWatermark | null;
  badRecords: BadRecords;
  /** Its source's place in an alignment group. */
  alignment: SourceInGroup | null;
  /** Bytes of one read. */
  readBytes: number;
  /** Other splits are read before the batch is used: text that the decoder makes needs memory of its own. */
  isOneOfMany: boolean;
  /** Milliseconds of the wall clock. */
  now: () => number;
  /** The source's counters, and the index of its first. */
  counters: Float64Array;
  place: number;
  /** Counters of all splits of the source. */
  splitCounters: Float64Array;
}

export class SplitInput {
  readonly watermark: SplitWatermark | null;
  readonly decoder: Decoder;
  readonly #memory: LinearMemory;
  readonly #parts: SplitParts;
  readonly #buffer: InputBuffer;
  /** Transient stack of its own (address of its three words, its first mark); 0: the core's. */
  #stack = 0;
  #mark = 0;
  #reader: SplitReader | null = null;
  /** Index of the split's first counter. */
  #splitPlace = 0;
  #isAtEnd = false;
  /** Lines before `buffer.begin`. */
  #lineCount = 0;
  #bytesRead = 0;
  #consumed = 0;
  /** Gave nothing when it was asked last; then since when, in ms of the wall clock. */
  #isSilent = false;
  #silentSince = 0;

  constructor(memory: LinearMemory, parts: SplitParts) {
    this.#memory = memory;
    this.#parts = parts;
    this.watermark = parts.watermark;
    this.decoder = parts.decoder;
    this.#buffer = new InputBuffer(memory, parts.node.maxRecordBytes, parts.readBytes);
    if (parts.isOneOfMany) this.#makeStack();
  }

  get batch(): number {
    return this.#parts.decoder.batch;
  }

  get rows(): number {
    return this.#memory.load32(this.#parts.decoder.batch + BATCH_ROW_COUNT);
  }

  /** What to wait on when `next` gave nothing; null when only time helps. */
  get waitDescriptor(): number | null {
    return this.#reader?.waitDescriptor ?? null;
  }

  /** Begins to read split number `split`. */
  open(reader: SplitReader, split: number): void {
    if (this.#reader !== null) {
      this.#buffer.reset();
      this.#parts.decoder.reset();
      this.watermark?.restart();
    }
    this.#reader = reader;
    this.#splitPlace = placeOfSplit(split);
    this.#isAtEnd = false;
    this.#lineCount = 0;
    this.#bytesRead = 0;
    this.#isSilent = false;
    this.setState(PROGRESS_ACTIVE);
  }

  /** Decodes the next batch, reading what it needs. @returns DECODED, READ_NOTHING or READ_END. */
  next(): number {
    for (;;) {
      this.#decode();
      if (this.#consumed > 0 || this.#hasResult()) return DECODED;
      this.#release();
      if (this.#isAtEnd) {
        this.setState(PROGRESS_FINISHED);
        return READ_END;
      }
      const reader = this.#reader as SplitReader;
      const count = this.#buffer.fill(reader);
      if (count === READ_NOTHING) {
        this.#beSilent();
        return READ_NOTHING;
      }
      if (count === READ_END) this.#isAtEnd = true;
      this.#countBytes(reader);
    }
  }

  /** The rows have been passed on. @throws LaminarError for bad records, by the source's policy. */
  settle(): void {
    const memory = this.#memory;
    const { decoder, badRecords, counters, place } = this.#parts;
    const nulled = memory.load32(decoder.state + DECODER_NULLED_COUNT);
    if (nulled > 0) counters[place + SOURCE_NULLED]! += nulled;
    if (memory.load32(decoder.state + DECODER_REJECT_COUNT) > 0) {
      badRecords.handle(decoder.state, (reject) => this.#placeOf(reject));
    }
    this.#lineCount += memory.load32(decoder.state + DECODER_LINE_COUNT);
    this.#buffer.consume(this.#consumed);
    this.#release();
  }

  /** Whether it has given nothing for so many milliseconds, up to the last `next`. */
  isSilentFor(millis: number): boolean {
    return this.#isSilent && this.#parts.now() - this.#silentSince >= millis;
  }

  /** For the counters. @param state PROGRESS_* */
  setState(state: number): void {
    this.#parts.splitCounters[this.#splitPlace + SPLIT_STATE] = state;
  }

  close(): void {
    this.#reader?.close();
  }

  #decode(): void {
    const memory = this.#memory;
    const { decoder, counters, place, splitCounters } = this.#parts;
    const { begin, end } = this.#buffer;
    if (this.#stack === 0) {
      this.#mark = memory.kernels.transientMark();
      this.#consumed = decoder.decode(begin, end, this.#isAtEnd);
    } else {
      memory.kernels.transientSwap(this.#stack);
      this.#consumed = decoder.decode(begin, end, this.#isAtEnd);
      memory.kernels.transientSwap(this.#stack);
    }
    memory.refresh();
    if (this.rows === 0) return;
    this.#parts.alignment?.dropAhead(decoder.batch);
    const rows = this.rows;
    counters[place + SOURCE_ROWS]! += rows;
    splitCounters[this.#splitPlace + SPLIT_ROWS]! += rows;
    if (this.#isSilent) this.#endSilence();
    const { watermark } = this;
    if (watermark === null) return;
    counters[place + SOURCE_FUTURE]! += watermark.assign(decoder.batch, rows);
    splitCounters[this.#splitPlace + SPLIT_WATERMARK] = watermarkMicros(memory, watermark.cell);
  }

  /** Whether the last decode gave rows or bad records, which it may without taking bytes. */
  #hasResult(): boolean {
    return this.rows > 0 || this.#memory.load32(this.#parts.decoder.state + DECODER_REJECT_COUNT) > 0;
  }

  /** Text that the decoder made for the batch is no longer needed. */
  #release(): void {
    const { kernels } = this.#memory;
    if (this.#stack !== 0) kernels.transientSwap(this.#stack);
    kernels.transientRelease(this.#mark);
    if (this.#stack !== 0) kernels.transientSwap(this.#stack);
  }

  #makeStack(): void {
    const { kernels } = this.#memory;
    this.#stack = this.#memory.allocateZeroed(12);
    kernels.transientSwap(this.#stack);
    this.#mark = kernels.transientMark();
    kernels.transientSwap(this.#stack);
    this.#memory.refresh();
  }

  #beSilent(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.watermark?.onWait();
    this.#silentSince = this.#parts.now();
    this.#parts.splitCounters[this.#splitPlace + SPLIT_SILENT_SINCE] = this.#silentSince;
  }

  #endSilence(): void {
    this.#isSilent = false;
    this.#parts.splitCounters[this.#splitPlace + SPLIT_SILENT_SINCE] = Number.NaN;
    this.setState(PROGRESS_ACTIVE);
  }

  #countBytes(reader: SplitReader): void {
    const { counters, place, splitCounters } = this.#parts;
    counters[place + SOURCE_BYTES]! += reader.consumedBytes - this.#bytesRead;
    this.#bytesRead = reader.consumedBytes;
    splitCounters[this.#splitPlace + SPLIT_BYTES] = this.#bytesRead;
  }

  /** Where a record stands; one whose text was made for the message: where the decoder is. */
  #placeOf(reject: Reject): RecordPlace {
    const { begin, end, offset } = this.#buffer;
    const isInput = reject.recordAddress >= begin && reject.recordAddress <= end;
    return {
      split: (this.#reader as SplitReader).name,
      line: this.#lineCount + reject.line + 1,
      offset: offset + (isInput ? reject.recordAddress - begin : 0),
    };
  }
}
