// The watermark of one split of a source: for every batch, the watermark before each row (a hidden column, if an
// operator asks) and, after it, the split's own watermark.
//
// Splits have their watermarks to themselves: a row is late by the rows before it in its own split, so the answer does
// not depend on how several splits are read. What moves the watermark is the mover's: watermark-movers.ts.

import { BATCH_COLUMNS, COLUMN_BYTES, COLUMN_DATA } from '../../kernels/layout.ts';
import {
  KEYED_BYTES,
  WATERMARK_BYTES,
  WATERMARK_DELAY,
  WATERMARK_FUTURE_COUNT,
  WATERMARK_MAX_FUTURE,
  WATERMARK_NOW,
} from '../../kernels/layout-time.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { SourceWatermark } from '../plan/source-node.ts';
import { RunningWatermark } from './running-watermark.ts';

/** Words of an i64, low first. */
const HIGH = 4;
const TWO_32 = 2 ** 32;
/** Batches between two looks at the clock while input is plentiful: it makes an object, and a second is no matter. */
const CLOCK_BATCHES = 64;
/** High word of i64's minimum: no watermark yet. */
const NONE_HIGH = 0x8000_0000;

/** How a watermark moves over the rows of a batch. */
export interface WatermarkMover {
  /** Sets up the state (WATERMARK_*, KEYED_BYTES of it) for a new split; delay and guard are set after it. */
  restart(state: number): void;
  /** `output`: address of the i64 column for the watermark before each row, 0 without one. */
  move(state: number, batch: number, rows: number, output: number): void;
  /** Address of the split's watermark before each row of the last batch, when it is not what the rows carry. */
  readonly progress: number | null;
  /** What it keeps beside WATERMARK_*: nothing, where it does not say. */
  save?(state: number): Uint8Array;
  restore?(state: number, saved: Uint8Array): void;
}

export class SplitWatermark {
  readonly #memory: LinearMemory;
  readonly running: RunningWatermark;
  readonly #state: number;
  readonly #plan: SourceWatermark;
  readonly #mover: WatermarkMover;
  readonly #now: () => number;
  /** Address of what `remember` keeps, 0 before it is called. */
  #before = 0;
  /** Batches until the clock is read again. */
  #clockCountdown = 0;

  constructor(memory: LinearMemory, plan: SourceWatermark, parts: { mover: WatermarkMover; now: () => number }) {
    this.#memory = memory;
    this.#plan = plan;
    this.#mover = parts.mover;
    this.#now = parts.now;
    this.running = new RunningWatermark(memory, KEYED_BYTES);
    this.#state = this.running.state;
    this.restart();
  }

  /** Address of the watermark after the last row: an i64 in µs, its minimum before there is one. */
  get cell(): number {
    return this.running.cell;
  }

  /** Address of the split's watermark before each row (i64) of a batch that `assign` has seen. */
  progressOf(batch: number): number {
    return this.#mover.progress ?? columnData(this.#memory, batch, this.#plan.output as number);
  }

  /** A new split begins. */
  restart(): void {
    const { delayMicros, maxFutureMicros } = this.#plan;
    this.#mover.restart(this.#state);
    this.#memory.refresh();
    storeMicros(this.#memory, this.#state + WATERMARK_DELAY, delayMicros);
    storeMicros(this.#memory, this.#state + WATERMARK_MAX_FUTURE, maxFutureMicros);
    this.#clockCountdown = 0;
  }

  /** Gives the rows of a batch the watermark before them and moves it over them. @returns rows too far in the future. */
  assign(batch: number, rows: number): number {
    const memory = this.#memory;
    const { output, maxFutureMicros } = this.#plan;
    if (maxFutureMicros > 0) this.#readClock();
    const before = memory.load32(this.#state + WATERMARK_FUTURE_COUNT);
    this.#mover.move(this.#state, batch, rows, output === null ? 0 : columnData(memory, batch, output));
    return memory.load32(this.#state + WATERMARK_FUTURE_COUNT) - before;
  }

  get isByKey(): boolean {
    return this.#plan.perKey !== null;
  }

  /** Keeps what it knows now, before it moves over a batch; not what it knows of keys. */
  remember(): void {
    if (this.#before === 0) {
      this.#before = this.#memory.allocate(WATERMARK_BYTES);
      this.#memory.refresh();
    }
    this.#memory.u8.copyWithin(this.#before, this.#state, this.#state + WATERMARK_BYTES);
  }

  /** What it knows of the split. @param isBefore as of `remember`. */
  save(isBefore = false): Uint8Array {
    const at = isBefore ? this.#before : this.#state;
    const kept = this.#mover.save?.(this.#state) ?? new Uint8Array(0);
    const saved = new Uint8Array(WATERMARK_BYTES + kept.length);
    saved.set(this.#memory.u8.subarray(at, at + WATERMARK_BYTES));
    saved.set(kept, WATERMARK_BYTES);
    return saved;
  }

  restore(state: Uint8Array): void {
    this.#memory.u8.set(state.subarray(0, WATERMARK_BYTES), this.#state);
    this.#mover.restore?.(this.#state, state.subarray(WATERMARK_BYTES));
  }

  /** The split had to wait: the next batch may come much later. */
  onWait(): void {
    this.#clockCountdown = 0;
  }

  #readClock(): void {
    if (this.#clockCountdown === 0) {
      storeMicros(this.#memory, this.#state + WATERMARK_NOW, this.#now() * 1000);
      this.#clockCountdown = CLOCK_BATCHES;
    }
    this.#clockCountdown--;
  }
}

/** Address of a column's data. */
function columnData(memory: LinearMemory, batch: number, column: number): number {
  return memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
}

/** Writes whole µs (exact to 2^53) as an i64. */
export function storeMicros(memory: LinearMemory, address: number, micros: number): void {
  const high = Math.floor(micros / TWO_32);
  memory.store32(address, micros - high * TWO_32);
  memory.store32(address + HIGH, high);
}

/** Writes what `watermarkMicros` gives: a number that is returned may become an object. */
export function copyMicros(memory: LinearMemory, cell: number, to: Float64Array, index: number): void {
  const high = memory.load32(cell + HIGH);
  to[index] = high === NONE_HIGH ? Number.NaN : (high | 0) * TWO_32 + memory.load32(cell);
}

/** The i64 at an address as a number of µs, NaN for its minimum: there is no watermark. */
export function watermarkMicros(memory: LinearMemory, cell: number): number {
  const high = memory.load32(cell + HIGH);
  return high === NONE_HIGH ? Number.NaN : (high | 0) * TWO_32 + memory.load32(cell);
}
