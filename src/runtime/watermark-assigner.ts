// Watermarks of a source: for every batch, the watermark before each row (a hidden column, if an operator asks) and,
// after it, the watermark to pass on.
//
// A source of several splits reads them one after another; while a split is yet to begin the watermark stays where it
// is, at nothing. When the last one begins, it starts from that split's rows alone.

import { BATCH_COLUMNS, COLUMN_BYTES, COLUMN_DATA } from '../../kernels/layout.ts';
import {
  WATERMARK_BYTES,
  WATERMARK_CURRENT,
  WATERMARK_DELAY,
  WATERMARK_FUTURE_COUNT,
  WATERMARK_MAX_FUTURE,
  WATERMARK_NOW,
} from '../../kernels/layout-time.ts';
import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { SourceNode } from '../plan/physical-plan.ts';
import type { Output } from './operators/operator.ts';
import { SOURCE_FUTURE, SOURCE_WATERMARK, type Telemetry } from './telemetry.ts';

/** Words of an i64, low first. */
const HIGH = 4;
const TWO_32 = 2 ** 32;
/** Batches between two looks at the clock while input is plentiful: it makes an object, and a second is no matter. */
const CLOCK_BATCHES = 64;
/** High word of i64's minimum: no watermark yet. */
const NONE_HIGH = 0x8000_0000;

export class WatermarkAssigner {
  readonly #memory: LinearMemory;
  readonly #state: number;
  readonly #timeColumn: number;
  readonly #outputColumn: number | null;
  readonly #hasGuard: boolean;
  readonly #counters: Float64Array;
  readonly #place: number;
  /** Batches until the clock is read again. */
  #clockCountdown = 0;

  constructor(memory: LinearMemory, node: SourceNode, telemetry: Telemetry) {
    const { watermark } = node;
    assert(watermark !== null, `source ${node.id} has a watermark`);
    this.#memory = memory;
    this.#timeColumn = watermark.column;
    this.#outputColumn = watermark.output;
    this.#hasGuard = watermark.maxFutureMicros > 0;
    this.#counters = telemetry.counters;
    this.#place = telemetry.placeOf(node.id);
    this.#state = memory.allocate(WATERMARK_BYTES);
    memory.kernels.watermarkInit(this.#state);
    this.#store(WATERMARK_DELAY, watermark.delayMicros);
    this.#store(WATERMARK_MAX_FUTURE, watermark.maxFutureMicros);
  }

  /**
   * Gives the rows of a batch the watermark before them and moves it over them.
   * @param isLastSplit whether no other split is waiting to be read; otherwise the watermark does not move.
   */
  assign(batch: number, rows: number, isLastSplit: boolean): void {
    const memory = this.#memory;
    const output = this.#outputColumn === null ? 0 : this.#columnData(batch, this.#outputColumn);
    if (!isLastSplit) {
      if (output !== 0) memory.kernels.watermarkHold(this.#state, rows, output);
      return;
    }
    if (this.#hasGuard) this.#readClock();
    memory.kernels.watermarkAssign(this.#state, this.#columnData(batch, this.#timeColumn), rows, output);
    const high = memory.load32(this.#state + WATERMARK_CURRENT + HIGH);
    this.#counters[this.#place + SOURCE_FUTURE] = memory.load32(this.#state + WATERMARK_FUTURE_COUNT);
    if (high !== NONE_HIGH) {
      this.#counters[this.#place + SOURCE_WATERMARK] =
        (high | 0) * TWO_32 + memory.load32(this.#state + WATERMARK_CURRENT);
    }
  }

  /** The source had to wait: the next batch may come much later. */
  onIdle(): void {
    this.#clockCountdown = 0;
  }

  /** Passes the watermark on, once there is one. */
  forward(output: Output): void {
    const cell = this.#state + WATERMARK_CURRENT;
    if (this.#memory.load32(cell + HIGH) !== NONE_HIGH) output.watermark(cell);
  }

  #readClock(): void {
    if (this.#clockCountdown === 0) {
      this.#store(WATERMARK_NOW, Date.now() * 1000);
      this.#clockCountdown = CLOCK_BATCHES;
    }
    this.#clockCountdown--;
  }

  #columnData(batch: number, column: number): number {
    return this.#memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
  }

  /** Writes whole µs (exact to 2^53) as an i64. */
  #store(offset: number, micros: number): void {
    const high = Math.floor(micros / TWO_32);
    this.#memory.store32(this.#state + offset, micros - high * TWO_32);
    this.#memory.store32(this.#state + offset + HIGH, high);
  }
}
