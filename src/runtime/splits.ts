// The splits of a source, and in which order their rows come.
//
//   sequential   one after another, in name order. A split that has not begun holds the watermark back, a finished one
//                does not: so it moves only while the last split is read.
//   merged       all are open; the next row is that of the split whose watermark is furthest behind (split-merge.ts).
//
// Either way a row is late by the rows before it in its own split, so both give the same windows.

import { PROGRESS_IDLE } from '../../kernels/layout-time.ts';
import { LaminarError } from '../base/errors.ts';
import type { SplitReader } from '../connectors/connector.ts';
import { READ_END, READ_NOTHING } from '../connectors/connector.ts';
import type { SplitPosition } from '../state/snapshot.ts';
import { DECODED } from './batch-reader.ts';
import type { SplitInput } from './split-input.ts';

export interface Splits {
  /** The next batch with rows or bad records (its address), READ_NOTHING, or READ_END once all splits have ended. */
  next(): number;
  /** The rows of the batch have been passed on. @throws LaminarError for bad records. */
  settle(): void;
  /** After a stop: batches that were decoded and not given out, READ_END after the last. */
  drain(): number;
  /** Address of the combined watermark (i64 in µs), 0 while nothing can be promised. */
  readonly watermark: number;
  /** All splits that have not ended gave nothing for the idle timeout. */
  readonly isIdle: boolean;
  /** Writes the stamp of when the bytes were read that the batch comes from, or the last of them. */
  copyReadAt(to: Float64Array, index: number): void;
  /** After READ_NOTHING: another core has what comes next, and rings when it is there. */
  readonly waitsForCore: boolean;
  /** Adds what to wait on after READ_NOTHING. @returns whether time may help too. */
  addWaitDescriptors(descriptors: number[]): boolean;
  /** None of them is read again: for the counters. */
  finish(): void;
  /** Why it could not be gone on with by a later run; null: it can. */
  refusal(): string | null;
  /** Between two turns: where its open splits are; null when that is not known before one of the next turns. */
  save(): SplitPosition[] | null;
  /** Goes on where `save` was, before the first `next`. @throws LMN-4004 when a split is not there any more. */
  restore(positions: readonly SplitPosition[]): void;
  /** Only of those one after another: reads these from the start, as if the source began. */
  reopen?(readers: readonly SplitReader[]): void;
  close(): void;
}

/** Reads the splits one after another through one input. */
export class SequentialSplits implements Splits {
  #readers: readonly SplitReader[];
  readonly #input: SplitInput;
  readonly #idleMillis: number;
  #index = 0;
  isIdle = false;

  /** `idleMillis`: Infinity for a source that is never idle. */
  constructor(readers: readonly SplitReader[], input: SplitInput, idleMillis: number) {
    this.#readers = readers;
    this.#input = input;
    this.#idleMillis = idleMillis;
    input.open(readers[0] as SplitReader, 0);
  }

  get watermark(): number {
    const { watermark } = this.#input;
    return watermark === null || this.#index + 1 < this.#readers.length ? 0 : watermark.cell;
  }

  copyReadAt(to: Float64Array, index: number): void {
    this.#input.copyReadAt(to, index);
  }

  get waitsForCore(): boolean {
    return this.#input.waitsForCore;
  }

  next(): number {
    for (;;) {
      const got = this.#input.next();
      if (got === DECODED) {
        this.isIdle = false;
        return this.#input.batch;
      }
      if (got === READ_NOTHING) {
        if (!this.#input.waitsForCore) this.#checkIdle();
        return READ_NOTHING;
      }
      if (this.#index + 1 === this.#readers.length) return READ_END;
      this.#index++;
      this.#input.open(this.#readers[this.#index] as SplitReader, this.#index);
    }
  }

  settle(): void {
    this.#input.settle();
  }

  drain(): number {
    return this.#input.drain() === DECODED ? this.#input.batch : READ_END;
  }

  refusal(): string | null {
    return refusalOf(this.#readers) ?? this.#input.refusal();
  }

  save(): SplitPosition[] | null {
    const position = this.#input.save(this.#index);
    return position === null ? null : [position];
  }

  restore([position]: readonly SplitPosition[]): void {
    if (position === undefined) return;
    const reader = sameSplit(this.#readers, position);
    if (position.split > 0) {
      this.#index = position.split;
      this.#input.open(reader, position.split);
    }
    this.#input.restore(position);
  }

  addWaitDescriptors(descriptors: number[]): boolean {
    const descriptor = this.#input.waitDescriptor;
    if (descriptor === null) return true;
    descriptors.push(descriptor);
    return false;
  }

  finish(): void {
    for (let split = this.#index; split < this.#readers.length; split++) this.#input.finish(split);
  }

  reopen(readers: readonly SplitReader[]): void {
    for (const reader of this.#readers) reader.close();
    this.#readers = readers;
    this.#index = 0;
    this.#input.open(readers[0] as SplitReader, 0);
  }

  close(): void {
    this.#input.close();
    for (const reader of this.#readers) reader.close();
  }

  #checkIdle(): void {
    if (this.isIdle || !this.#input.isSilentFor(this.#idleMillis)) return;
    this.isIdle = true;
    this.#input.setState(PROGRESS_IDLE);
  }
}

/** The split that a position is in. @throws LMN-4004 when it is not what it was. */
export function sameSplit(readers: readonly SplitReader[], { split, name, identity }: SplitPosition): SplitReader {
  const reader = readers[split];
  if (reader?.name === name && (identity === null || reader.replay?.isSame(identity) === true)) return reader;
  const what = reader?.name === name ? 'has other bytes now' : 'is not at its place among the inputs any more';
  throw new LaminarError('LMN-4004', `${name} was being read, and ${what}`, {
    hint: 'bring the files back as they were, or begin again with --fresh',
  });
}

/** Why splits cannot be read a second time; null: they can. */
export function refusalOf(readers: readonly SplitReader[]): string | null {
  const once = readers.find(({ replay }) => replay === undefined || replay === null);
  return once === undefined ? null : `${once.name} cannot be read a second time`;
}
