// The wall clock as a core sees it: it does not go back when the system's is set, and stands still within a millisecond.
//
// A look at the system's wall clock makes an object, one at the time since the start does not: so that comes first.

import { STAMP_NOW } from './meter.ts';
import type { Stopwatch } from './turn.ts';

export class CoreClock {
  readonly #now: () => number;
  /** A clock of the caller's own may move at any time. */
  readonly #isOwn: boolean;
  readonly #watch: Stopwatch;
  /** The time (ms since 1970), and the stamp of when it was looked at; numbers in fields may become objects. */
  readonly #times = new Float64Array(2);

  constructor(now: (() => number) | null, watch: Stopwatch) {
    this.#now = now ?? Date.now;
    this.#isOwn = now !== null;
    this.#watch = watch;
    this.#times[1] = Number.NEGATIVE_INFINITY;
  }

  /** ms since 1970, as of the last look. */
  get millis(): number {
    return this.#times[0] as number;
  }

  /** Looks at the clock. @returns whether it may have moved. */
  look(): boolean {
    const times = this.#times;
    this.#watch.look(STAMP_NOW);
    const stamp = this.#watch.stamps[STAMP_NOW] as number;
    if (!this.#isOwn && stamp - (times[1] as number) < 1) return false;
    times[1] = stamp;
    times[0] = Math.max(times[0] as number, this.#now());
    return true;
  }
}
