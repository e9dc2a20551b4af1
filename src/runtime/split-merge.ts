// All splits of a source at once: the next row is that of the split whose watermark is furthest behind.
//
// Each split has its own buffer, decoder and watermark; kernels/merge.ts chooses rows by the running watermark that
// every row carries, so the order depends on the rows alone, not on how they were read. A split whose turn it is and
// that gives nothing is waited for, as its watermark holds the others back anyway; once it has been silent for the idle
// timeout the others go on without it, and what it gives later may be late.

import * as layout from '../../kernels/layout-time.ts';
import { assert } from '../base/assert.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import { createBatch } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Schema } from '../data/schema.ts';
import { bytesOf } from '../data/type.ts';
import type { SplitPosition } from '../state/snapshot.ts';
import { DECODED } from './batch-reader.ts';
import type { SplitInput } from './split-input.ts';
import { refusalOf, type Splits, sameSplit } from './splits.ts';

export interface MergeParts {
  schema: Schema;
  /** Column of the running watermark. */
  watermarkColumn: number;
  batchRows: number;
  /** Infinity for splits that are never idle. */
  idleMillis: number;
  /** A bad record ends the run, when its turn has come. */
  failsOnBad: boolean;
}

export class MergedSplits implements Splits {
  readonly #memory: LinearMemory;
  readonly #inputs: readonly SplitInput[];
  readonly #idleMillis: number;
  readonly #failsOnBad: boolean;
  /** MERGE_* of kernels/layout-time.ts. */
  readonly #state: number;
  readonly #entries: number;
  /** Whether a split's batch has been decoded and not settled. */
  readonly #isLoaded: boolean[];
  /** Rows of the next batches that an earlier run has passed on. */
  readonly #skips: number[];
  readonly #readers: readonly SplitReader[];
  #openCount: number;
  /** The split whose turn it is is being decoded by another core. */
  waitsForCore = false;
  isIdle = false;
  readonly #readAt = new Float64Array(1);

  constructor(memory: LinearMemory, readers: readonly SplitReader[], inputs: readonly SplitInput[], parts: MergeParts) {
    this.#memory = memory;
    this.#inputs = inputs;
    this.#idleMillis = parts.idleMillis;
    this.#failsOnBad = parts.failsOnBad;
    this.#isLoaded = inputs.map(() => false);
    this.#skips = inputs.map(() => 0);
    this.#readers = readers;
    this.#openCount = inputs.length;
    this.#entries = memory.allocateZeroed(inputs.length * layout.MERGE_SPLIT_BYTES);
    this.#state = this.#createState(parts);
    inputs.forEach((input, split) => {
      assert(input.watermark !== null, 'splits are merged by their watermarks');
      const entry = this.#entries + split * layout.MERGE_SPLIT_BYTES;
      memory.store32(entry + layout.MERGE_SPLIT_BATCH, input.batch);
      memory.store32(entry + layout.MERGE_SPLIT_CELL, input.watermark.cell);
      memory.store32(entry + layout.MERGE_SPLIT_KEYS, input.watermark.progressOf(input.batch));
      input.open(readers[split] as SplitReader, split);
    });
    memory.kernels.mergeInit(this.#state);
  }

  get watermark(): number {
    return this.#state + layout.MERGE_COMBINED;
  }

  next(): number {
    const { kernels } = this.#memory;
    this.waitsForCore = false;
    if (this.isIdle || this.#hasIdle()) this.#pollIdle();
    for (;;) {
      if (kernels.mergeTake(this.#state) > 0) return this.#memory.load32(this.#state + layout.MERGE_RESULT);
      const split = kernels.mergeFirst(this.#state);
      if (split < 0) {
        if (this.#openCount === 0) return READ_END;
        this.isIdle = true;
        return READ_NOTHING;
      }
      if (!this.#read(split)) return READ_NOTHING;
    }
  }

  /** Splits are settled when they are read again: the batch may hold rows of several. */
  settle(): void {}

  copyReadAt(to: Float64Array, index: number): void {
    to[index] = this.#readAt[0] as number;
  }

  drain(): number {
    const { kernels } = this.#memory;
    for (;;) {
      if (kernels.mergeTake(this.#state) > 0) return this.#memory.load32(this.#state + layout.MERGE_RESULT);
      const split = kernels.mergeFirst(this.#state);
      if (split < 0) return READ_END;
      if (this.#isLoaded[split] === true) this.#settle(split);
      kernels.mergeRemove(this.#state, layout.PROGRESS_FINISHED);
    }
  }

  addWaitDescriptors(descriptors: number[]): boolean {
    let isPaced = false;
    for (let split = 0; split < this.#inputs.length; split++) {
      if (this.#isLoaded[split] === true || this.#stateOf(split) === layout.PROGRESS_FINISHED) continue;
      const descriptor = (this.#inputs[split] as SplitInput).waitDescriptor;
      if (descriptor === null) isPaced = true;
      else descriptors.push(descriptor);
    }
    return isPaced;
  }

  finish(): void {
    this.#inputs.forEach((input, split) => {
      input.finish(split);
    });
  }

  refusal(): string | null {
    const input = this.#inputs[0] as SplitInput;
    if (input.watermark?.isByKey === true) {
      return "of files that are merged, watermarks by key are not kept: read them one after another, with splits = 'sequential'";
    }
    return refusalOf(this.#readers) ?? input.refusal();
  }

  /** Of a batch that was decoded and not used up, its beginning is known, and how many of its rows were. */
  save(): SplitPosition[] | null {
    const positions = this.#inputs.map((input, split) => {
      const isFinished = this.#stateOf(split) === layout.PROGRESS_FINISHED;
      const isLoaded = this.#isLoaded[split] === true;
      const used = isLoaded ? this.#memory.load32(this.#entryOf(split) + layout.MERGE_SPLIT_ROW) : 0;
      const rows = used + (this.#skips[split] as number);
      return input.save(split, { rows, isBefore: isLoaded, isFinished });
    });
    return positions.every((position) => position !== null) ? positions : null;
  }

  restore(positions: readonly SplitPosition[]): void {
    for (const position of positions) {
      sameSplit(this.#readers, position);
      (this.#inputs[position.split] as SplitInput).restore(position);
      this.#skips[position.split] = position.rows;
    }
    this.#memory.kernels.mergeResume(this.#state);
  }

  close(): void {
    for (const input of this.#inputs) input.close();
  }

  /** Reads the first split, which has no rows left. @returns false when all there is to do is wait. */
  #read(split: number): boolean {
    if (this.#load(split) !== READ_NOTHING) {
      if (this.#isLoaded[split] === false) this.#finishFirst();
      return true;
    }
    if ((this.#inputs[split] as SplitInput).isSilentFor(this.#idleMillis)) {
      (this.#inputs[split] as SplitInput).setState(layout.PROGRESS_IDLE);
      this.#memory.kernels.mergeRemove(this.#state, layout.PROGRESS_IDLE);
      return true;
    }
    this.waitsForCore = (this.#inputs[split] as SplitInput).waitsForCore;
    this.#pollOthers(split);
    return false;
  }

  /** While one is waited for, the others that have no rows left are asked too: so they are silent at the same time. */
  #pollOthers(waited: number): void {
    for (let split = 0; split < this.#inputs.length; split++) {
      if (split !== waited && this.#stateOf(split) === layout.PROGRESS_ACTIVE) this.#load(split);
    }
  }

  #pollIdle(): void {
    for (let split = 0; split < this.#inputs.length; split++) {
      if (this.#stateOf(split) !== layout.PROGRESS_IDLE) continue;
      const got = this.#load(split);
      if (got === READ_NOTHING) continue;
      if (got === DECODED) {
        this.isIdle = false;
        this.#memory.kernels.mergeInsert(this.#state, split);
      } else {
        this.#openCount--;
        this.#memory.store32(this.#entryOf(split) + layout.MERGE_SPLIT_STATE, layout.PROGRESS_FINISHED);
      }
    }
  }

  /** Reads a split into its batch. @returns DECODED, READ_NOTHING or READ_END. */
  #load(split: number): number {
    if (this.#isLoaded[split] === true) {
      if (!this.#isUsedUp(split)) return DECODED;
      this.#settle(split);
    }
    const input = this.#inputs[split] as SplitInput;
    input.watermark?.remember();
    let got = input.next();
    // Bad records alone are dealt with at once, so that it is known how far the split is.
    for (; got === DECODED && input.rows === 0 && !this.#failsOnBad; got = input.next()) input.settle();
    if (got !== DECODED) return got;
    this.#isLoaded[split] = true;
    input.copyReadAt(this.#readAt, 0);
    const entry = this.#entryOf(split);
    this.#memory.store32(entry + layout.MERGE_SPLIT_BATCH, input.batch);
    this.#memory.store32(entry + layout.MERGE_SPLIT_KEYS, input.watermark?.progressOf(input.batch) ?? 0);
    this.#memory.kernels.mergeLoad(this.#state, split);
    if (this.#skips[split] !== 0) this.#skip(split);
    return DECODED;
  }

  /** Leaves out rows of a split that an earlier run has passed on. */
  #skip(split: number): void {
    const rows = this.#skips[split] as number;
    this.#skips[split] = rows - this.#memory.kernels.mergeSkip(this.#state, split, rows);
  }

  #settle(split: number): void {
    this.#isLoaded[split] = false;
    (this.#inputs[split] as SplitInput).settle();
  }

  #finishFirst(): void {
    this.#openCount--;
    this.#memory.kernels.mergeRemove(this.#state, layout.PROGRESS_FINISHED);
  }

  #isUsedUp(split: number): boolean {
    const entry = this.#entryOf(split);
    const memory = this.#memory;
    return memory.load32(entry + layout.MERGE_SPLIT_ROW) === memory.load32(entry + layout.MERGE_SPLIT_ROWS);
  }

  #stateOf(split: number): number {
    return this.#memory.load32(this.#entryOf(split) + layout.MERGE_SPLIT_STATE);
  }

  /** Whether any open split is idle. */
  #hasIdle(): boolean {
    return this.#memory.load32(this.#state + layout.MERGE_ACTIVE) < this.#openCount;
  }

  #entryOf(split: number): number {
    return this.#entries + split * layout.MERGE_SPLIT_BYTES;
  }

  #createState({ schema, watermarkColumn, batchRows }: MergeParts): number {
    const memory = this.#memory;
    const count = this.#inputs.length;
    const state = memory.allocateZeroed(layout.MERGE_BYTES);
    const sizes = memory.allocate(schema.length * 4);
    schema.forEach(({ type }, column) => {
      memory.store32(sizes + column * 4, bytesOf(type));
    });
    const output = createBatch(memory, schema, batchRows);
    const heap = memory.allocate(count * 4);
    const runs = memory.allocate(batchRows * layout.MERGE_RUN_BYTES);
    memory.store32(state + layout.MERGE_SPLITS, count);
    memory.store32(state + layout.MERGE_ENTRIES, this.#entries);
    memory.store32(state + layout.MERGE_HEAP, heap);
    memory.store32(state + layout.MERGE_OUTPUT, output);
    memory.store32(state + layout.MERGE_SIZES, sizes);
    memory.store32(state + layout.MERGE_COLUMN, watermarkColumn);
    memory.store32(state + layout.MERGE_RUNS, runs);
    return state;
  }
}
