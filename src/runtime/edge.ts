// An edge of the running plan: from one producer to its consumers, each called to completion in turn.
//
// Rows are counted here, and the time of each consumer is measured (meter.ts). What is said to consumers (a watermark,
// idleness, the end) may suspend one (turn.ts): then the others hear it afterwards. Taps (taps/) see the batches behind
// the consumers, at nobody's cost, and hear only of the end.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import type { LinearMemory } from '../data/memory.ts';
import { NODE_ROWS_IN, NODE_ROWS_OUT } from './counters.ts';
import { type Meter, NOBODY } from './meter.ts';
import type { Input, Output } from './operators/operator.ts';
import type { Resumable, Turn } from './turn.ts';

/** What is said, and times four, to which consumer next. */
const WATERMARK = 0;
const IDLE = 1;
const END = 2;
const KINDS = 4;

/** Reads along. Never throws. */
export interface Tap {
  process(batch: number): void;
  end(): void;
}

export interface EdgeParts {
  meter: Meter;
  turn: Turn;
  /** Of the producer's counters. */
  place: number;
}

export class Edge implements Output, Resumable {
  readonly #memory: LinearMemory;
  readonly #meter: Meter;
  readonly #turn: Turn;
  readonly #place: number;
  readonly #consumers: Input[] = [];
  /** Where the counters of each consumer are. */
  readonly #places: number[] = [];
  readonly #taps: Tap[] = [];
  #hasEnded = false;

  constructor(memory: LinearMemory, { meter, turn, place }: EdgeParts) {
    this.#memory = memory;
    this.#meter = meter;
    this.#turn = turn;
    this.#place = place;
  }

  /** Nodes are built from the last on, so the one that is connected last is the first of the plan. */
  connect(consumer: Input, place: number): void {
    this.#consumers.unshift(consumer);
    this.#places.unshift(place);
  }

  /** Lets the tap read along from the next batch on. */
  tap(tap: Tap): void {
    this.#taps.push(tap);
    if (this.#hasEnded) tap.end();
  }

  untap(tap: Tap): void {
    const index = this.#taps.indexOf(tap);
    if (index >= 0) this.#taps.splice(index, 1);
  }

  emit(batch: number): void {
    this.#meter.counters[this.#place + NODE_ROWS_OUT]! += this.#memory.load32(batch + BATCH_ROW_COUNT);
    this.passOn(batch);
  }

  /** As `emit`, of rows that were counted on another core. */
  passOn(batch: number): void {
    const meter = this.#meter;
    const rows = this.#memory.load32(batch + BATCH_ROW_COUNT);
    this.#turn.enterBatch();
    for (let i = 0; i < this.#consumers.length; i++) {
      meter.counters[(this.#places[i] as number) + NODE_ROWS_IN]! += rows;
      const caller = this.#enter(i);
      (this.#consumers[i] as Input).process(batch);
      if (caller >= 0) meter.leave(caller);
    }
    if (this.#taps.length > 0) this.#passToTaps(batch);
    this.#turn.leaveBatch();
  }

  watermark(cell: number): void {
    this.resume(WATERMARK, cell);
  }

  idle(): void {
    this.resume(IDLE, 0);
  }

  end(): void {
    this.#hasEnded = true;
    for (let i = 0; i < this.#taps.length; i++) (this.#taps[i] as Tap).end();
    this.resume(END, 0);
  }

  pause(work: Resumable, then: number, cell: number): boolean {
    return this.#turn.pause(work, this.#place, then, cell);
  }

  /** Says it to the consumers, from the one on that is next. */
  resume(kindAndNext: number, cell: number): void {
    const kind = kindAndNext % KINDS;
    for (let i = (kindAndNext - kind) / KINDS; i < this.#consumers.length; i++) {
      if (this.#turn.isSuspended) {
        this.#turn.suspend(this, this.#place, kind + i * KINDS, cell);
        return;
      }
      const caller = this.#enter(i);
      const consumer = this.#consumers[i] as Input;
      if (kind === WATERMARK) consumer.onWatermark(cell);
      else if (kind === IDLE) consumer.onIdle();
      else consumer.onEnd();
      if (caller >= 0) this.#meter.leave(caller);
    }
  }

  #passToTaps(batch: number): void {
    const meter = this.#meter;
    const caller = meter.weight === 0 ? -1 : meter.enter(NOBODY);
    for (let i = 0; i < this.#taps.length; i++) (this.#taps[i] as Tap).process(batch);
    if (caller >= 0) meter.leave(caller);
  }

  /** @returns what to leave with, −1 when nothing is measured now. */
  #enter(consumer: number): number {
    return this.#meter.weight === 0 ? -1 : this.#meter.enter(this.#places[consumer] as number);
  }
}
