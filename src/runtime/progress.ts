// Event-time progress where several inputs meet: the splits of a source, the inputs of an operator.
//
// Each input is ACTIVE, IDLE or FINISHED and has a watermark; the combined watermark (kernels/progress.ts) is what may
// be promised about all of them together. An operator with several inputs keeps one of these:
//
//   process(batch, input)      if (progress.wake(input)) raise what the rows carry: progress.raise(batch, column)
//   onWatermark(cell, input)   if (progress.advance(input, cell)) handle and forward progress.cell
//   onIdle(input)              if (progress.idle(input)) likewise; if (progress.isIdle) output.idle()
//   onEnd(input)               if (progress.finish(input)) likewise; if (progress.isFinished) output.end()
//
// A watermark does not go out before there is one: `hasWatermark`.

import { BATCH_COLUMNS, BATCH_ROW_COUNT, COLUMN_BYTES, COLUMN_DATA } from '../../kernels/layout.ts';
import {
  PROGRESS_ACTIVE,
  PROGRESS_COMBINED,
  PROGRESS_FINISHED,
  PROGRESS_IDLE,
  PROGRESS_INPUT_BYTES,
  PROGRESS_INPUT_STATE,
  PROGRESS_INPUT_WATERMARK,
  PROGRESS_INPUTS,
  PROGRESS_STATE,
} from '../../kernels/layout-time.ts';
import type { LinearMemory } from '../data/memory.ts';

/** High word of i64's minimum: no watermark yet. */
const NONE_HIGH = 0x8000_0000;

export class InputProgress {
  readonly #memory: LinearMemory;
  readonly #state: number;
  readonly #bytes: number;

  constructor(memory: LinearMemory, inputCount: number) {
    this.#memory = memory;
    this.#bytes = PROGRESS_INPUTS + inputCount * PROGRESS_INPUT_BYTES;
    this.#state = memory.allocate(this.#bytes);
    memory.kernels.progressInit(this.#state, inputCount);
  }

  /** Address of the combined watermark: an i64 in µs. */
  get cell(): number {
    return this.#state + PROGRESS_COMBINED;
  }

  get hasWatermark(): boolean {
    return this.#memory.load32(this.cell + 4) !== NONE_HIGH;
  }

  /** No input is active, and not all have finished. */
  get isIdle(): boolean {
    return this.#memory.load32(this.#state + PROGRESS_STATE) === PROGRESS_IDLE;
  }

  get isFinished(): boolean {
    return this.#memory.load32(this.#state + PROGRESS_STATE) === PROGRESS_FINISHED;
  }

  /** Takes the watermark (address of an i64) of an input, which is active. @returns whether the combined one moved. */
  advance(input: number, cell: number): boolean {
    const hasMoved = this.wake(input);
    return this.#memory.kernels.progressAdvance(this.#state, input, cell) !== 0 || hasMoved;
  }

  /** The input gives something: it is active. @returns whether the combined watermark moved. */
  wake(input: number): boolean {
    return this.stateOf(input) !== PROGRESS_ACTIVE && this.#set(input, PROGRESS_ACTIVE);
  }

  /** The input has been silent. @returns whether the combined watermark moved. */
  idle(input: number): boolean {
    return this.stateOf(input) === PROGRESS_ACTIVE && this.#set(input, PROGRESS_IDLE);
  }

  /** The input has ended. @returns whether the combined watermark moved. */
  finish(input: number): boolean {
    return this.#set(input, PROGRESS_FINISHED);
  }

  /** PROGRESS_ACTIVE, PROGRESS_IDLE or PROGRESS_FINISHED. */
  stateOf(input: number): number {
    return this.#memory.load32(this.#entryOf(input) + PROGRESS_INPUT_STATE);
  }

  /** Address of an input's own watermark: an i64 in µs. */
  watermarkOf(input: number): number {
    return this.#entryOf(input) + PROGRESS_INPUT_WATERMARK;
  }

  /**
   * Raises the running watermark that rows carry (a BIGINT column) to the combined one. It changes something only for an
   * input that was idle and is behind: its rows are late by what was promised without it.
   */
  raise(batch: number, column: number): void {
    const memory = this.#memory;
    const data = memory.load32(batch + BATCH_COLUMNS + column * COLUMN_BYTES + COLUMN_DATA);
    memory.kernels.progressRaise(data, memory.load32(batch + BATCH_ROW_COUNT), this.cell);
  }

  save(): Uint8Array {
    return this.#memory.u8.slice(this.#state, this.#state + this.#bytes);
  }

  restore(state: Uint8Array): void {
    this.#memory.u8.set(state, this.#state);
  }

  close(): void {
    this.#memory.kernels.release(this.#state, this.#bytes);
  }

  #set(input: number, state: number): boolean {
    return this.#memory.kernels.progressSet(this.#state, input, state) !== 0;
  }

  #entryOf(input: number): number {
    return this.#state + PROGRESS_INPUTS + input * PROGRESS_INPUT_BYTES;
  }
}
