// One split being read: batches from its reader, its watermark over them, its counters, its bad records.
//
//   next() ─► DECODED: `batch` has `rows` rows (perhaps none, then bad records only)   → use them, then settle()
//             READ_NOTHING: nothing now            READ_END: the split has ended

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { PROGRESS_ACTIVE, PROGRESS_FINISHED } from '../../kernels/layout-time.ts';
import { READ_END, READ_NOTHING, type Sharing, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { SplitPosition } from '../state/snapshot.ts';
import type { BadRecords } from './bad-records.ts';
import { type BatchReader, DECODED } from './batch-reader.ts';
import { SOURCE_BYTES, SOURCE_FUTURE, SOURCE_NULLED, SOURCE_ROWS } from './counters.ts';
import type { SourceInGroup } from './source-alignment.ts';
import {
  placeOfSplit,
  SPLIT_BYTES,
  SPLIT_ROWS,
  SPLIT_SILENT_SINCE,
  SPLIT_STATE,
  SPLIT_WATERMARK,
} from './split-counters.ts';
import { copyMicros, type SplitWatermark } from './split-watermark.ts';

export interface SplitParts {
  /** Reads a split on this core alone. */
  local: BatchReader;
  /** Reads a split together with the other cores; null when there are none, or they cannot. */
  shared: BatchReader | null;
  /** Whether the other cores can read a split that is shared so. */
  canShare: (sharing: Sharing) => boolean;
  watermark: SplitWatermark | null;
  badRecords: BadRecords;
  /** Takes records that are only a watermark out of its batches. */
  marks: { drop(batch: number): void } | null;
  /** Its source's place in an alignment group. */
  alignment: SourceInGroup | null;
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
  readonly #memory: LinearMemory;
  readonly #parts: SplitParts;
  #batches: BatchReader;
  #reader: SplitReader | null = null;
  /** Index of the split's first counter. */
  #splitPlace = 0;
  #bytesRead = 0;
  /** Gave nothing when it was asked last; then since when, in ms of the wall clock. */
  #isSilent = false;
  #silentSince = 0;

  constructor(memory: LinearMemory, parts: SplitParts) {
    this.#memory = memory;
    this.#parts = parts;
    this.#batches = parts.local;
    this.watermark = parts.watermark;
  }

  get batch(): number {
    return this.#batches.batch;
  }

  get rows(): number {
    return this.#memory.load32(this.batch + BATCH_ROW_COUNT);
  }

  /** What to wait on when `next` gave nothing; null when only time helps. */
  get waitDescriptor(): number | null {
    return this.#batches.waitDescriptor;
  }

  /** Writes the stamp of when the bytes of the batch were read. */
  copyReadAt(to: Float64Array, index: number): void {
    this.#batches.copyReadAt(to, index);
  }

  /** Another core has what comes next, and rings when it is there. */
  get waitsForCore(): boolean {
    return this.#batches.waitsForCore;
  }

  /** Begins to read split number `split`. */
  open(reader: SplitReader, split: number): void {
    if (this.#reader !== null) this.watermark?.restart();
    this.#reader = reader;
    const { local, shared } = this.#parts;
    const sharing = reader.sharing?.() ?? null;
    const isShared = sharing !== null && this.#parts.canShare(sharing);
    this.#batches = shared !== null && isShared ? shared : local;
    if (shared !== null && !isShared) shared.leave?.();
    this.#batches.open(reader, split);
    this.#splitPlace = placeOfSplit(split);
    this.#bytesRead = 0;
    this.#isSilent = false;
    this.setState(PROGRESS_ACTIVE);
  }

  /** Gets the next batch. @returns DECODED, READ_NOTHING or READ_END. */
  next(): number {
    const got = this.#batches.next();
    this.#countBytes();
    if (got === DECODED) this.#countRows();
    else if (got === READ_END) this.setState(PROGRESS_FINISHED);
    else if (got === READ_NOTHING && !this.#batches.waitsForCore) this.#beSilent();
    return got;
  }

  /** After a stop: what other cores have begun. @returns DECODED or READ_END. */
  drain(): number {
    const got = this.#batches.drain?.() ?? READ_END;
    this.#countBytes();
    if (got === DECODED) this.#countRows();
    return got;
  }

  /** The rows have been passed on. @throws LaminarError for bad records, by the source's policy. */
  settle(): void {
    const { counters, place } = this.#parts;
    const { nulledCount, rejectCount } = this.#batches;
    if (nulledCount > 0) counters[place + SOURCE_NULLED]! += nulledCount;
    if (rejectCount > 0) this.#handleRejects();
    this.#batches.settle();
  }

  /** Why it could not be gone on with by a later run; null: it can. */
  refusal(): string | null {
    if (!this.#batches.isResumable) return 'records of its format have no places between them to go on from';
    return null;
  }

  /**
   * Between two turns: how far it is; null when that is not known yet. Of a batch that is not settled, `rows` have been
   * passed on; then `isBefore`: the watermark is that before the batch.
   */
  save(
    split: number,
    { rows, isBefore, isFinished } = { rows: 0, isBefore: false, isFinished: false },
  ): SplitPosition | null {
    const position = this.#batches.position();
    if (position === null) return null;
    const identity = isFinished
      ? null
      : (this.#reader?.replay?.identify(position.offset, this.#batches.rawBytes) ?? null);
    const watermark = this.watermark?.save(isBefore) ?? null;
    return { split, name: this.#reader?.name ?? '', ...position, rows, identity, watermark };
  }

  /** Goes on, right after `open`, where `save` was. */
  restore(position: SplitPosition): void {
    this.#batches.resume(position);
    // What another run has read does not count.
    this.#bytesRead = this.#batches.bytesRead;
    if (position.watermark !== null) this.watermark?.restore(position.watermark);
  }

  /** Whether it has given nothing for so many milliseconds, up to the last `next`. */
  isSilentFor(millis: number): boolean {
    return this.#isSilent && this.#parts.now() - this.#silentSince >= millis;
  }

  /** For the counters. @param state PROGRESS_* */
  setState(state: number): void {
    this.#parts.splitCounters[this.#splitPlace + SPLIT_STATE] = state;
  }

  /** For the counters: split number `split` is not read again, or never. */
  finish(split: number): void {
    this.#parts.splitCounters[placeOfSplit(split) + SPLIT_STATE] = PROGRESS_FINISHED;
  }

  close(): void {
    this.#batches.close();
  }

  #countRows(): void {
    const { chainRows, futureCount } = this.#batches;
    if (chainRows > 0) {
      this.#addRows(chainRows);
      this.#addWatermark(futureCount);
    }
    if (this.rows === 0) return;
    this.#parts.alignment?.dropAhead(this.batch);
    const { watermark } = this;
    if (watermark !== null) this.#addWatermark(watermark.assign(this.batch, this.rows));
    this.#parts.marks?.drop(this.batch);
    this.#addRows(this.rows);
  }

  #addRows(rows: number): void {
    const { counters, place, splitCounters } = this.#parts;
    counters[place + SOURCE_ROWS]! += rows;
    splitCounters[this.#splitPlace + SPLIT_ROWS]! += rows;
    if (this.#isSilent) this.#endSilence();
  }

  /** @param futureCount rows too far in the future. */
  #addWatermark(futureCount: number): void {
    const { counters, place, splitCounters } = this.#parts;
    if (this.watermark === null) return;
    counters[place + SOURCE_FUTURE]! += futureCount;
    copyMicros(this.#memory, this.watermark.cell, splitCounters, this.#splitPlace + SPLIT_WATERMARK);
  }

  /** Apart from `settle`, which would make an object for what is caught in here each time. */
  #handleRejects(): void {
    const split = this.#reader?.name ?? '';
    this.#parts.badRecords.handle(this.#batches.rejects(), (reject) => ({ split, ...this.#batches.placeOf(reject) }));
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

  #countBytes(): void {
    const { counters, place, splitCounters } = this.#parts;
    const { bytesRead } = this.#batches;
    if (bytesRead === this.#bytesRead) return;
    counters[place + SOURCE_BYTES]! += bytesRead - this.#bytesRead;
    this.#bytesRead = bytesRead;
    splitCounters[this.#splitPlace + SPLIT_BYTES] = bytesRead;
  }
}
