// `--max-rows`: how many output rows may still be written, over all sinks of a core.

export class RowLimit {
  readonly #isLimited: boolean;
  #remaining: number;

  constructor(maxRows: number | null) {
    this.#isLimited = maxRows !== null;
    this.#remaining = maxRows ?? 1;
  }

  get isReached(): boolean {
    return this.#remaining === 0;
  }

  /** Takes up to `rows` rows. @returns how many may be written. */
  take(rows: number): number {
    if (!this.#isLimited) return rows;
    const taken = Math.min(rows, this.#remaining);
    this.#remaining -= taken;
    return taken;
  }
}
