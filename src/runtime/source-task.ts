// One source on one core: read bytes, decode a batch, assign watermarks, pass both on. One call of `turn` is one batch.
//
// Splits (the files of a glob) are read one after another in name order. A split that has not been read yet holds the
// watermark back, a finished one does not: so the watermark moves only while the last split is read, and no row of one
// file is late because of another.

import {
  BATCH_ROW_COUNT,
  DECODER_LINE_COUNT,
  DECODER_NULLED_COUNT,
  DECODER_REJECT_COUNT,
} from '../../kernels/layout.ts';
import { LaminarError } from '../base/errors.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Decoder } from '../formats/format.ts';
import { type Reject, readRejects, rejectError } from '../formats/rejects.ts';
import type { SourceNode } from '../plan/physical-plan.ts';
import type { DeadLetters } from './dead-letters.ts';
import { InputBuffer } from './input-buffer.ts';
import type { Output } from './operators/operator.ts';
import type { RunOptions } from './run.ts';
import { SOURCE_BYTES, SOURCE_NULLED, SOURCE_REJECTED, SOURCE_ROWS, SOURCE_SIZE, type Telemetry } from './telemetry.ts';
import type { WatermarkAssigner } from './watermark-assigner.ts';

export interface SourceParts {
  splits: SplitReader[];
  decoder: Decoder;
  watermark: WatermarkAssigner | null;
  deadLetters: DeadLetters | null;
  output: Output;
  telemetry: Telemetry;
  maxErrors: RunOptions['maxErrors'];
}

/** Records before a share of bad ones is judged while the run goes on: the first few say little. */
const SHARE_RECORDS_MIN = 1000;

export class SourceTask {
  readonly node: SourceNode;
  readonly #memory: LinearMemory;
  readonly #parts: SourceParts;
  readonly #buffer: InputBuffer;
  readonly #counters: Float64Array;
  readonly #place: number;
  #splitIndex = 0;
  #isAtEnd = false;
  /** Lines of the current split before `buffer.begin`. */
  #lineCount = 0;
  /** Raw bytes of the splits before the current one. */
  #bytesBefore = 0;
  isEnded = false;

  constructor(memory: LinearMemory, node: SourceNode, parts: SourceParts) {
    this.node = node;
    this.#memory = memory;
    this.#parts = parts;
    this.#buffer = new InputBuffer(memory, node.maxRecordBytes);
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
    const sizes = parts.splits.map((split) => split.sizeBytes);
    if (sizes.every((size) => size !== null)) {
      this.#counters[this.#place + SOURCE_SIZE] = sizes.reduce((sum, size) => sum + size, 0);
    }
  }

  /** What to wait on after a turn that returned false; null when only time helps. */
  get waitDescriptor(): number | null {
    return (this.#parts.splits[this.#splitIndex] as SplitReader).waitDescriptor;
  }

  /** Handles the next batch. @returns false when there is nothing to do now. @throws LaminarError for a bad record. */
  turn(): boolean {
    for (;;) {
      const consumed = this.#decode();
      if (consumed > 0 || this.#hasResult()) return true;
      if (this.#isAtEnd) return this.#nextSplit();
      const reader = this.#parts.splits[this.#splitIndex] as SplitReader;
      const count = this.#buffer.fill(reader);
      if (count === READ_NOTHING) {
        this.#parts.watermark?.onIdle();
        return false;
      }
      if (count === READ_END) this.#isAtEnd = true;
      this.#counters[this.#place + SOURCE_BYTES] = this.#bytesBefore + reader.consumedBytes;
    }
  }

  /** Ends the source now: what was decoded has been passed on, what was not is left alone. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#checkErrorShare(0);
    this.#parts.output.end();
  }

  close(): void {
    for (const split of this.#parts.splits) split.close();
  }

  /** Whether the last decode gave rows or bad records, which it may without taking bytes. */
  #hasResult(): boolean {
    const { batch, state } = this.#parts.decoder;
    return this.#memory.load32(batch + BATCH_ROW_COUNT) > 0 || this.#memory.load32(state + DECODER_REJECT_COUNT) > 0;
  }

  /** Decodes one batch and passes it on. @returns bytes consumed. */
  #decode(): number {
    const { decoder, output, watermark } = this.#parts;
    const memory = this.#memory;
    const buffer = this.#buffer;
    const mark = memory.kernels.transientMark();
    const consumed = decoder.decode(buffer.begin, buffer.end, this.#isAtEnd);
    memory.refresh();
    const rows = memory.load32(decoder.batch + BATCH_ROW_COUNT);
    if (rows > 0) {
      this.#counters[this.#place + SOURCE_ROWS]! += rows;
      if (watermark !== null) watermark.assign(decoder.batch, rows, this.#splitIndex === this.#parts.splits.length - 1);
      output.emit(decoder.batch);
      if (watermark !== null) watermark.forward(output);
    }
    const nulled = memory.load32(decoder.state + DECODER_NULLED_COUNT);
    if (nulled > 0) this.#counters[this.#place + SOURCE_NULLED]! += nulled;
    if (memory.load32(decoder.state + DECODER_REJECT_COUNT) > 0) this.#handleRejects();
    this.#lineCount += memory.load32(decoder.state + DECODER_LINE_COUNT);
    buffer.consume(consumed);
    memory.kernels.transientRelease(mark);
    return consumed;
  }

  /** @returns true when there is another split, false when the source has ended. */
  #nextSplit(): boolean {
    const { splits, decoder } = this.#parts;
    this.#bytesBefore += (splits[this.#splitIndex] as SplitReader).consumedBytes;
    if (this.#splitIndex + 1 === splits.length) {
      this.end();
      return false;
    }
    this.#splitIndex++;
    this.#isAtEnd = false;
    this.#lineCount = 0;
    this.#buffer.reset();
    decoder.reset();
    return true;
  }

  /** Counts and routes the bad records of the last decode, by the source's policy. */
  #handleRejects(): void {
    const rejects = readRejects(this.#memory, this.#parts.decoder.state);
    if (this.node.onError === 'fail') throw this.#failure(rejects[0] as Reject);
    for (const reject of rejects) {
      this.#counters[this.#place + SOURCE_REJECTED]! += 1;
      this.#writeDeadLetter(reject);
      this.#checkErrorCount();
    }
    this.#checkErrorShare(SHARE_RECORDS_MIN);
  }

  #failure(reject: Reject): LaminarError {
    const { code, message } = rejectError(reject, this.node);
    return new LaminarError(code, `${message} (${this.#describePlace(reject)})`, {
      hint: "give the source on_error = 'skip', 'null' or 'dead_letter' to go on after bad records",
      at: { name: `source ${this.node.name}` },
    });
  }

  #writeDeadLetter(reject: Reject): void {
    const { deadLetters, splits } = this.#parts;
    if (deadLetters === null) return;
    const { code, message } = rejectError(reject, this.node);
    deadLetters.write({
      source: this.node.name,
      split: (splits[this.#splitIndex] as SplitReader).name,
      line: this.#lineCount + reject.line + 1,
      offset: this.#offsetOf(reject),
      code,
      error: message,
      column: reject.column < 0 ? null : (this.node.schema[reject.column]?.name ?? null),
      raw: this.#memory.u8.slice(reject.recordAddress, reject.recordAddress + reject.recordBytes),
    });
  }

  #describePlace(reject: Reject): string {
    const split = (this.#parts.splits[this.#splitIndex] as SplitReader).name;
    const line = this.#lineCount + reject.line + 1;
    if (this.node.format.kind === 'arrow') return `${split}, row ${line}`;
    return `${split}, line ${line}, byte ${this.#offsetOf(reject)}`;
  }

  /** Where the record begins in its split; a row whose text was made for the message: where the decoder is. */
  #offsetOf(reject: Reject): number {
    const { begin, end, offset } = this.#buffer;
    const isInput = reject.recordAddress >= begin && reject.recordAddress <= end;
    return offset + (isInput ? reject.recordAddress - begin : 0);
  }

  #checkErrorCount(): void {
    const limit = this.#parts.maxErrors;
    const rejected = this.#counters[this.#place + SOURCE_REJECTED] as number;
    if (limit !== null && 'count' in limit && rejected > limit.count) {
      throw this.#tooMany(`more than ${limit.count} bad records`);
    }
  }

  #checkErrorShare(recordsMin: number): void {
    const limit = this.#parts.maxErrors;
    if (limit === null || 'count' in limit) return;
    const rejected = this.#counters[this.#place + SOURCE_REJECTED] as number;
    const records = rejected + (this.#counters[this.#place + SOURCE_ROWS] as number);
    if (records < recordsMin || rejected <= limit.share * records) return;
    throw this.#tooMany(`${rejected} of ${records} records are bad, more than ${limit.share * 100} %`);
  }

  #tooMany(what: string): LaminarError {
    return new LaminarError('LMN-6090', what, {
      hint: "look at the dead letters (on_error = 'dead_letter'), or raise --max-errors",
      at: { name: `source ${this.node.name}` },
    });
  }
}
