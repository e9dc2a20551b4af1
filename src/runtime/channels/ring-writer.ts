// Writing into a ring that may be full. Where a core has other things to do it goes on with those, so that cores that
// wait for room in each other's rings do not wait for ever.

import type { Meter } from '../meter.ts';
import type { Doorbell } from './doorbell.ts';
import type { RingProducer } from './ring.ts';

/** Longest sleep, ms: how soon it is seen that nobody waits for this core any more. */
const WAIT_MILLIS = 50;

/** How a core waits for others. */
export interface Waiting {
  bell: Doorbell;
  /** Nobody waits for this core any more. */
  isOver(): boolean;
  /** Does what has come from other cores, unless it is at it already. @returns whether there was any. */
  work(): boolean;
  /** Of the core's time. */
  meter: Meter;
  /** Lets the others go on, in a test with one thread for all; null: they are threads. */
  yield: (() => void) | null;
}

/** Waits until `isDone`, which is asked until it is once, working meanwhile. @returns false when that is over before. */
export function waitFor(waiting: Waiting, isDone: () => boolean, isUnwanted?: () => boolean): boolean {
  for (;;) {
    if (isDone()) return true;
    if (waiting.work()) continue;
    if (waiting.isOver() || isUnwanted?.() === true) return false;
    if (waiting.yield !== null) {
      waiting.yield();
      continue;
    }
    const heard = waiting.bell.listen();
    if (isDone()) {
      waiting.bell.ignore();
      return true;
    }
    if (waiting.work()) waiting.bell.ignore();
    else sleep(waiting, heard);
  }
}

function sleep({ bell, meter }: Waiting, heard: number): void {
  meter.sleep();
  bell.sleep(heard, WAIT_MILLIS);
  meter.work();
}

export class RingWriter {
  readonly #ring: RingProducer;
  readonly #waiting: Waiting;
  readonly #isUnwanted: (() => boolean) | undefined;
  #kind = 0;
  #bytes = 0;
  #at = -1;
  readonly #hasReserved = (): boolean => this.#reserveNow();

  /** `isUnwanted`: nobody will read what is written, besides when all is over. */
  constructor(ring: RingProducer, waiting: Waiting, isUnwanted?: () => boolean) {
    this.#ring = ring;
    this.#waiting = waiting;
    this.#isUnwanted = isUnwanted;
  }

  get payloadMax(): number {
    return this.#ring.payloadMax;
  }

  /** Room for a record, waiting for it. @returns −1 when nobody wants it any more. */
  readonly reserve = (kind: number, bytes: number): number => {
    const at = this.#ring.reserve(kind, bytes);
    if (at >= 0) return at;
    this.#ring.commit();
    this.#kind = kind;
    this.#bytes = bytes;
    return waitFor(this.#waiting, this.#hasReserved, this.#isUnwanted) ? this.#at : -1;
  };

  /** Makes what was reserved visible. */
  commit(): void {
    this.#ring.commit();
  }

  /** Whether so many bytes are free now; if not, this core is woken when they are. */
  asksForRoom(bytes: number): boolean {
    if (this.#ring.hasRoom(bytes)) return true;
    this.#ring.want(bytes);
    return this.#ring.hasRoom(bytes);
  }

  /** Whether so many bytes are free now. */
  hasRoom(bytes: number): boolean {
    return this.#ring.hasRoom(bytes);
  }

  #reserveNow(): boolean {
    this.#ring.want(this.#bytes);
    this.#at = this.#ring.reserve(this.#kind, this.#bytes);
    return this.#at >= 0;
  }
}
