// A turn of a core and its time: who is asked to stop when it is over, and what goes on in the next one.
//
// An operator that has much to pass on (a window of many groups, sorted rows) asks between two batches whether the turn
// is over. Then it suspends itself and returns, and so do its callers: what they still had to say to others is suspended
// behind it. The next turns resume the oldest first, and take no other data until nothing is left, so that everything
// happens in the order in which it would have without the pause:
//
//   edge.watermark ─► A (suspends) ─► B is left        pending: A, edge from B on
//   A resumes, tells C, which suspends                 pending: C, A's edge from D on, edge from B on
//
// Within a batch nobody is suspended: it belongs to its producer again when `process` returns.

import { type Meter, STAMP_NOW } from './meter.ts';

/** What can be suspended: it remembers itself where it was. */
export interface Resumable {
  /** Goes on, and may suspend itself again. The arguments are those it was suspended with. */
  resume(kind: number, cell: number): void;
}

/** Looks at the clock. */
export type Stopwatch = Pick<Meter, 'look' | 'stamps'>;

interface Pending {
  work: Resumable;
  place: number;
  kind: number;
  cell: number;
}

export class Turn {
  readonly #budgetMillis: number;
  readonly #watch: Stopwatch;
  /** When the turn is over, as a stamp; numbers in fields may become objects. */
  readonly #end = new Float64Array(1);
  /** Works in the order in which they go on, and behind them what is spare: suspending makes no object. */
  readonly #pending: Pending[] = [];
  #count = 0;
  /** How many of them have been suspended since the last one went on: they come before the others. */
  #suspended = 0;
  /** Batches being processed, one within the other. */
  #depth = 0;

  /** `budgetMillis`: Infinity for turns without an end. */
  constructor(budgetMillis: number, watch: Stopwatch) {
    this.#budgetMillis = budgetMillis;
    this.#watch = watch;
    this.#end[0] = Number.POSITIVE_INFINITY;
  }

  begin(): void {
    this.#watch.look(STAMP_NOW);
    this.#end[0] = (this.#watch.stamps[STAMP_NOW] as number) + this.#budgetMillis;
    this.#suspended = 0;
    this.#depth = 0;
  }

  get isOver(): boolean {
    this.#watch.look(STAMP_NOW);
    return (this.#watch.stamps[STAMP_NOW] as number) >= (this.#end[0] as number);
  }

  /** Whether so much time lies between the stamp in a cell and the last look; then the cell has that stamp. */
  hasPassed(cell: Float64Array, millis: number): boolean {
    const now = this.#watch.stamps[STAMP_NOW] as number;
    if (now - (cell[0] as number) < millis) return false;
    cell[0] = now;
    return true;
  }

  /** Something was suspended by whoever has just been called: what comes after it waits too. */
  get isSuspended(): boolean {
    return this.#suspended > 0;
  }

  /** Other data has to wait. */
  get hasPending(): boolean {
    return this.#count > 0;
  }

  enterBatch(): void {
    this.#depth++;
  }

  leaveBatch(): void {
    this.#depth--;
  }

  /** Suspends the work if the turn is over. @returns whether it has to return now. */
  pause(work: Resumable, place: number, kind: number, cell: number): boolean {
    if (this.#depth > 0 || !this.isOver) return false;
    this.suspend(work, place, kind, cell);
    return true;
  }

  /** `place`: of the counters of the node whose time it takes; `kind` and `cell` are for the work. */
  suspend(work: Resumable, place: number, kind: number, cell: number): void {
    const pending = this.#pending;
    if (this.#count === pending.length) pending.push({ work, place, kind, cell });
    const entry = pending[this.#count] as Pending;
    for (let i = this.#count; i > this.#suspended; i--) pending[i] = pending[i - 1] as Pending;
    pending[this.#suspended] = entry;
    entry.work = work;
    entry.place = place;
    entry.kind = kind;
    entry.cell = cell;
    this.#suspended++;
    this.#count++;
  }

  /** Lets what is pending go on, until the turn is over. @returns whether there was any. */
  resume(meter: Pick<Meter, 'begin' | 'end'>): boolean {
    if (this.#count === 0) return false;
    do {
      this.#suspended = 0;
      const { work, place, kind, cell } = this.#takeFirst();
      meter.begin(place);
      work.resume(kind, cell);
      meter.end();
    } while (this.#count > 0 && !this.isOver);
    return true;
  }

  /** The entry is spare from now on: it is read before anything else is suspended. */
  #takeFirst(): Pending {
    const pending = this.#pending;
    const first = pending[0] as Pending;
    this.#count--;
    for (let i = 0; i < this.#count; i++) pending[i] = pending[i + 1] as Pending;
    pending[this.#count] = first;
    return first;
  }
}
