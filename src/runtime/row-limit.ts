// `--max-rows`: how many output rows may still be written, over all sinks of a core.

export class RowLimit {
  remaining: number;

  constructor(maxRows: number | null) {
    this.remaining = maxRows ?? Number.POSITIVE_INFINITY;
  }

  get isReached(): boolean {
    return this.remaining <= 0;
  }
}
