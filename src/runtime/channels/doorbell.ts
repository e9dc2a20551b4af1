// A doorbell: how a core that has nothing to do sleeps until another core has something for it.
//
// The sleeper reads the bell, looks at everything it waits for, and sleeps only if the bell has not been rung since.
// Whoever changes something rings; when nobody sleeps that costs two atomic operations and no system call.
//
//   words: rings i32 │ sleeping i32 (1 while the owner is about to sleep, or asleep)

const RINGS = 0;
const SLEEPING = 1;

/** Bytes of a bell; its own cache lines, so that ringing one core disturbs no other. */
export const DOORBELL_BYTES = 128;

export class Doorbell {
  readonly #words: Int32Array;
  readonly #at: number;

  /** `words` is shared; `address` a multiple of 128 bytes, zeroed. */
  constructor(words: Int32Array, address: number) {
    this.#words = words;
    this.#at = address >>> 2;
  }

  /** What to pass to `sleep`: read before looking at what one waits for. Announces that the owner may sleep. */
  listen(): number {
    Atomics.store(this.#words, this.#at + SLEEPING, 1);
    return Atomics.load(this.#words, this.#at + RINGS);
  }

  /** There is something to do after all. */
  ignore(): void {
    Atomics.store(this.#words, this.#at + SLEEPING, 0);
  }

  /** Sleeps until someone rings, unless someone has since `heard` was read; at most `millis`. */
  sleep(heard: number, millis: number): void {
    Atomics.wait(this.#words, this.#at + RINGS, heard, millis);
    Atomics.store(this.#words, this.#at + SLEEPING, 0);
  }

  /** Wakes the owner if it sleeps or is about to. What it should see must have been stored before, atomically. */
  ring(): void {
    if (Atomics.load(this.#words, this.#at + SLEEPING) === 0) return;
    Atomics.add(this.#words, this.#at + RINGS, 1);
    Atomics.notify(this.#words, this.#at + RINGS);
  }
}
