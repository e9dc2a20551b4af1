// The lookups of a core whose tables are elsewhere: connected before the first row, and looked after between two batches.
//
// Sources stop while much waits for answers, and before a checkpoint, until what waits has gone on: then every row that was
// read has been processed to its end.

import { type Meter, STAMP_CAUSE } from '../meter.ts';
import type { Task } from '../urgency.ts';
import type { RemoteLookup } from './remote-lookup.ts';

export class RemoteLookups implements Task {
  readonly #lookups: RemoteLookup[] = [];
  readonly #meter: Meter;
  #isOpen = false;
  /** What waits is to go on before anything else comes. */
  isDraining = false;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  add(lookup: RemoteLookup): void {
    this.#lookups.push(lookup);
  }

  /** Rows wait for answers. */
  get isWaiting(): boolean {
    for (let i = 0; i < this.#lookups.length; i++) if ((this.#lookups[i] as RemoteLookup).isWaiting) return true;
    return false;
  }

  /** Nothing more is to be read now. */
  get isShut(): boolean {
    if (this.isDraining) return true;
    for (let i = 0; i < this.#lookups.length; i++) if ((this.#lookups[i] as RemoteLookup).isFull) return true;
    return false;
  }

  /** @throws LaminarError when a table cannot be asked */
  run(): boolean {
    if (!this.#isOpen) {
      this.#isOpen = true;
      for (const lookup of this.#lookups) lookup.open();
    }
    let isBusy = false;
    for (let i = 0; i < this.#lookups.length; i++) {
      const lookup = this.#lookups[i] as RemoteLookup;
      if (!lookup.isWaiting) continue;
      this.#meter.begin(lookup.place);
      this.#meter.look(STAMP_CAUSE);
      if (lookup.poll()) isBusy = true;
      this.#meter.end();
    }
    return isBusy;
  }

  /** Sleeps until one of those that wait may go on: the first, as there is hardly ever another. */
  wait(millis: number): void {
    this.#lookups.find(({ isWaiting }) => isWaiting)?.wait(millis);
  }
}
