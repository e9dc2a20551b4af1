// The wall clock as a core sees it: it does not go back when the system's is set, and stands still within a millisecond.
//
// A look at the system's wall clock makes an object, one at the time since the start does not: so that comes first.

import { outOfLine } from './out-of-line.ts';

export class CoreClock {
  /** The time (ms since 1970), and when it was looked at (ms since the start); numbers in fields may become objects. */
  readonly #times = new Float64Array([0, Number.NEGATIVE_INFINITY]);
  /** Sets the first word to 1 if the clock may have moved. */
  readonly #look: (a: number, b: number) => void;
  readonly #hasMoved = new Int32Array(1);

  /** @param now a clock of the caller's own, which may move at any time. */
  constructor(now: (() => number) | null) {
    const times = this.#times;
    const hasMoved = this.#hasMoved;
    this.#look = outOfLine(() => {
      const elapsed = performance.now();
      if (now === null && elapsed - (times[1] as number) < 1) return;
      hasMoved[0] = 1;
      times[1] = elapsed;
      times[0] = Math.max(times[0] as number, now === null ? Date.now() : now());
    });
  }

  /** ms since 1970, as of the last look. */
  get millis(): number {
    return this.#times[0] as number;
  }

  /** Looks at the clock. @returns whether it may have moved. */
  look(): boolean {
    this.#hasMoved[0] = 0;
    this.#look(0, 0);
    return this.#hasMoved[0] === 1;
  }
}
