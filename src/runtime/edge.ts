// An edge of the running plan: from one producer to its consumers, each called to completion in turn.
//
// Rows are counted here, and the time of each consumer is measured (meter.ts).

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import type { LinearMemory } from '../data/memory.ts';
import { NODE_ROWS_OUT } from './counters.ts';
import type { Meter } from './meter.ts';
import type { Input, Output } from './operators/operator.ts';

export class Edge implements Output {
  readonly #memory: LinearMemory;
  readonly #meter: Meter;
  readonly #place: number;
  readonly #consumers: Input[] = [];
  /** Where the counters of each consumer are. */
  readonly #places: number[] = [];

  /** `place`: of the producer's counters. */
  constructor(memory: LinearMemory, meter: Meter, place: number) {
    this.#memory = memory;
    this.#meter = meter;
    this.#place = place;
  }

  /** Nodes are built from the last on, so the one that is connected last is the first of the plan. */
  connect(consumer: Input, place: number): void {
    this.#consumers.unshift(consumer);
    this.#places.unshift(place);
  }

  emit(batch: number): void {
    this.#meter.counters[this.#place + NODE_ROWS_OUT]! += this.#memory.load32(batch + BATCH_ROW_COUNT);
    this.passOn(batch);
  }

  /** As `emit`, of rows that were counted on another core. */
  passOn(batch: number): void {
    const meter = this.#meter;
    for (let i = 0; i < this.#consumers.length; i++) {
      const caller = this.#enter(i);
      (this.#consumers[i] as Input).process(batch);
      if (caller >= 0) meter.leave(caller);
    }
  }

  watermark(cell: number): void {
    for (let i = 0; i < this.#consumers.length; i++) {
      const caller = this.#enter(i);
      (this.#consumers[i] as Input).onWatermark(cell);
      if (caller >= 0) this.#meter.leave(caller);
    }
  }

  idle(): void {
    for (let i = 0; i < this.#consumers.length; i++) (this.#consumers[i] as Input).onIdle();
  }

  end(): void {
    for (let i = 0; i < this.#consumers.length; i++) {
      const caller = this.#enter(i);
      (this.#consumers[i] as Input).onEnd();
      if (caller >= 0) this.#meter.leave(caller);
    }
  }

  /** @returns what to leave with, −1 when nothing is measured now. */
  #enter(consumer: number): number {
    return this.#meter.weight === 0 ? -1 : this.#meter.enter(this.#places[consumer] as number);
  }
}
