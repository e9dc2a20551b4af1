// Notices that nothing has come for a while, by the clock of the core's ticks.
//
// What comes only leaves a mark, so that a batch does not read the clock: the time is counted from the tick after it.

export class QuietClock {
  readonly #millis: number;
  /** Something has come since the last notice. */
  #isArmed = false;
  /** Time of the first tick since something came, −1 before it. */
  #since = -1;

  constructor(millis: number) {
    this.#millis = millis;
  }

  /** Something has come. */
  touch(): void {
    this.#isArmed = true;
    this.#since = -1;
  }

  /** Whether it has been quiet for long enough; true once until something comes again. */
  isDue(nowMillis: number): boolean {
    if (!this.#isArmed) return false;
    if (this.#since < 0) this.#since = nowMillis;
    if (nowMillis - this.#since < this.#millis) return false;
    this.#isArmed = false;
    return true;
  }
}
