// The timers of a core: operators that follow the clock are told when it has moved, and compiled code sees it.
//
// Rows are given a time that these operators have not passed yet: both see the clock as of the last look.

import type { CoreClock } from './core-clock.ts';
import { type Meter, STAMP_CAUSE } from './meter.ts';
import type { Stateful } from './operators/operator.ts';
import type { Telemetry } from './telemetry.ts';
import type { Turn } from './turn.ts';
import type { Task } from './urgency.ts';

export interface TimerParts {
  operators: readonly Stateful[];
  clock: CoreClock;
  turn: Turn;
  meter: Meter;
  telemetry: Telemetry;
  /** Keeps the wall clock for compiled code; null when nothing asks for it. */
  setClock: ((nowMillis: number) => void) | null;
}

export class CoreTimers implements Task {
  readonly #parts: TimerParts;
  /** Operators that follow the clock. */
  readonly #timed: readonly Stateful[];
  /** The next of them to be told; those before it have been. */
  #next: number;

  constructor(parts: TimerParts) {
    this.#parts = parts;
    this.#timed = parts.operators.filter((operator) => operator.onTick !== undefined);
    this.#next = this.#timed.length;
  }

  run(): boolean {
    const { clock, turn, meter, telemetry, setClock } = this.#parts;
    // What is suspended comes first, and has its time.
    if (turn.hasPending || (this.#timed.length === 0 && setClock === null)) return false;
    if (this.#next >= this.#timed.length) {
      if (!clock.look()) return false;
      if (setClock !== null) setClock(clock.millis);
      this.#next = 0;
    }
    turn.begin();
    while (this.#next < this.#timed.length) {
      const operator = this.#timed[this.#next++] as Stateful;
      meter.begin(telemetry.placeOf(operator.id));
      meter.look(STAMP_CAUSE);
      operator.onTick?.(clock.millis);
      meter.end();
      if (turn.hasPending) break;
    }
    return true;
  }
}
