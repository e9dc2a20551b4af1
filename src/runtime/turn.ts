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

import type { Meter } from './meter.ts';
import { outOfLine } from './out-of-line.ts';

/** What can be suspended: it remembers itself where it was. */
export interface Resumable {
  /** Goes on, and may suspend itself again. The arguments are those it was suspended with. */
  resume(kind: number, cell: number, next: number): void;
}

type ResumeArguments = readonly [kind: number, cell: number, next: number];

export class Turn {
  readonly #budgetMillis: number;
  /** The last look at the clock, and when the turn is over: ms since the start; numbers in fields may become objects. */
  readonly #times = new Float64Array(2);
  readonly #look: (a: number, b: number) => void;
  /** In the order in which they go on, with what they go on with, and whose work it is. */
  readonly #pending: Resumable[] = [];
  readonly #arguments: ResumeArguments[] = [];
  readonly #places: number[] = [];
  /** How many of them have been suspended since the last one went on: they come before the others. */
  #suspended = 0;
  /** Batches being processed, one within the other. */
  #depth = 0;

  /** `budgetMillis`: Infinity for turns without an end. */
  constructor(budgetMillis: number) {
    this.#budgetMillis = budgetMillis;
    const times = this.#times;
    times[1] = Number.POSITIVE_INFINITY;
    this.#look = outOfLine(() => {
      times[0] = performance.now();
    });
  }

  begin(): void {
    this.#look(0, 0);
    this.#times[1] = (this.#times[0] as number) + this.#budgetMillis;
    this.#suspended = 0;
    this.#depth = 0;
  }

  get isOver(): boolean {
    this.#look(0, 0);
    return (this.#times[0] as number) >= (this.#times[1] as number);
  }

  /** Whether so much time lies between the stamp in a cell and the last look; then the cell has that stamp. */
  hasPassed(cell: Float64Array, millis: number): boolean {
    const now = this.#times[0] as number;
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
    return this.#pending.length > 0;
  }

  enterBatch(): void {
    this.#depth++;
  }

  leaveBatch(): void {
    this.#depth--;
  }

  /** Suspends the work if the turn is over. @returns whether it has to return now. */
  pause(work: Resumable, place: number, then: number, cell: number): boolean {
    if (this.#depth > 0 || !this.isOver) return false;
    this.suspend(work, place, [then, cell, 0]);
    return true;
  }

  /** `place`: of the counters of the node whose time it takes. */
  suspend(work: Resumable, place: number, given: ResumeArguments): void {
    this.#pending.splice(this.#suspended, 0, work);
    this.#places.splice(this.#suspended, 0, place);
    this.#arguments.splice(this.#suspended, 0, given);
    this.#suspended++;
  }

  /** Lets what is pending go on, until the turn is over. @returns whether there was any. */
  resume(meter: Pick<Meter, 'begin' | 'end'>): boolean {
    if (this.#pending.length === 0) return false;
    do {
      this.#suspended = 0;
      const work = this.#pending.shift() as Resumable;
      const [kind, cell, next] = this.#arguments.shift() as ResumeArguments;
      meter.begin(this.#places.shift() as number);
      work.resume(kind, cell, next);
      meter.end();
    } while (this.#pending.length > 0 && !this.isOver);
    return true;
  }
}
