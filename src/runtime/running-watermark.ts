// A watermark that moves on over rows, or is put together from what cores computed of parts of them.

import { BATCH_COLUMNS, BATCH_ROW_COUNT, COLUMN_BYTES, COLUMN_DATA } from '../../kernels/layout.ts';
import { WATERMARK_BYTES, WATERMARK_CURRENT } from '../../kernels/layout-time.ts';
import type { LinearMemory } from '../data/memory.ts';

/** Words of an i64, low first. */
const HIGH = 4;
/** High word of i64's minimum: no watermark yet. */
const NONE_HIGH = 0x8000_0000;

export class RunningWatermark {
  /** Address of its state (WATERMARK_*). */
  readonly state: number;
  readonly #memory: LinearMemory;
  /** An i64, for `advance`. */
  readonly #given: number;

  /** `bytes` of state, for what else its owner keeps there. */
  constructor(memory: LinearMemory, bytes = WATERMARK_BYTES) {
    this.#memory = memory;
    this.state = memory.allocateZeroed(bytes);
    this.#given = memory.allocate(8);
    this.restart();
  }

  /** Address of the watermark after the last row: an i64 in µs, its minimum before there is one. */
  get cell(): number {
    return this.state + WATERMARK_CURRENT;
  }

  get isNone(): boolean {
    return this.#memory.load32(this.cell + HIGH) === NONE_HIGH;
  }

  /** There is none again. */
  restart(): void {
    this.#memory.kernels.watermarkInit(this.state);
  }

  /** Raises the watermark before each row of another core's batch, which knows its own chunk only. */
  raise(batch: number, column: number): void {
    const memory = this.#memory;
    const data = memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
    memory.kernels.watermarkRaise(this.state, data, memory.load32(batch + BATCH_ROW_COUNT));
  }

  /** Moves the watermark to that of another core's rows, the i64 of these words, unless it is further. */
  advance(low: number, high: number): void {
    this.#memory.store32(this.#given, low);
    this.#memory.store32(this.#given + HIGH, high);
    this.#memory.kernels.watermarkAdvance(this.state, this.#given);
  }
}
