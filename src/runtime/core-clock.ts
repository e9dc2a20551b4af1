// The wall clock as a core sees it: it does not go back when the system's is set, and stands still within a millisecond.
//
// A look at the system's wall clock makes an object, one at the time since the start does not: so that comes first.

import { outOfLine } from './out-of-line.ts';

export class CoreClock {
  readonly #now: () => number;
  /** A clock of the caller's own may move at any time. */
  readonly #isOwn: boolean;
  /** The time (ms since 1970), when it was looked at, and the last look (ms since the start); numbers in fields may become objects. */
  readonly #times = new Float64Array(3);
  readonly #look: (a: number, b: number) => void;

  constructor(now: (() => number) | null) {
    this.#now = now ?? Date.now;
    this.#isOwn = now !== null;
    const times = this.#times;
    times[1] = Number.NEGATIVE_INFINITY;
    this.#look = outOfLine(() => {
      times[2] = performance.now();
    });
  }

  /** ms since 1970, as of the last look. */
  get millis(): number {
    return this.#times[0] as number;
  }

  /** Looks at the clock. @returns whether it may have moved. */
  look(): boolean {
    const times = this.#times;
    this.#look(0, 0);
    if (!this.#isOwn && (times[2] as number) - (times[1] as number) < 1) return false;
    times[1] = times[2] as number;
    times[0] = Math.max(times[0] as number, this.#now());
    return true;
  }
}
