// Which part of a core leaves objects on the heap: each is measured by itself, without what it calls.
//
// The methods of every part are wrapped: what lies between two readings of the heap counter, less what the parts called
// in between have taken, is the part's own. Slow, and only for the message of an error.

import type { HeapMeter } from './heap-meter.ts';

/** A part of a core and the methods by which others call it. */
export interface WatchedPart {
  /** For the message. */
  readonly name: string;
  readonly target: object;
  readonly methods: readonly string[];
}

/** Windows until the wrappers are compiled, and windows measured. */
const WARM_WINDOWS = 32;
const MEASURED_WINDOWS = 8;

type Method = (argument: number) => unknown;

export class HeapBlame {
  readonly #parts: readonly WatchedPart[];
  readonly #meter: HeapMeter;
  /** Bytes of a part in a window below which it is not named. */
  readonly #bytesMin: number;
  /** Bytes by part, in this window. */
  readonly #own: Int32Array;
  /** The least of a window, by part: late compilation spoils some windows, who makes objects makes them in all. */
  readonly #least: Int32Array;
  /** Bytes of what the part that runs now has called. */
  readonly #called = new Int32Array(1);
  readonly #unwraps: (() => void)[] = [];
  #windows = 0;

  constructor(parts: readonly WatchedPart[], meter: HeapMeter, bytesMin: number) {
    this.#parts = parts;
    this.#meter = meter;
    this.#bytesMin = bytesMin;
    this.#own = new Int32Array(parts.length);
    this.#least = new Int32Array(parts.length).fill(0x7fff_ffff);
    parts.forEach(({ target, methods }, index) => {
      for (const method of methods) this.#wrap(target as Record<string, Method>, method, index);
    });
  }

  /** Another window has passed. @returns whether enough is known. */
  endWindow(): boolean {
    this.#windows++;
    if (this.#windows > WARM_WINDOWS) this.#keepLeast();
    this.#own.fill(0);
    return this.#windows === WARM_WINDOWS + MEASURED_WINDOWS;
  }

  /** The parts that allocate, the worst first; '' for none. */
  describe(): string {
    const culprits = this.#parts
      .map(({ name }, index) => ({ name, bytes: this.#least[index] as number }))
      .filter(({ bytes }) => bytes >= this.#bytesMin)
      .sort((a, b) => b.bytes - a.bytes);
    return culprits.map(({ name, bytes }) => `${name} (${bytes} bytes in 64 turns)`).join(', ');
  }

  /** Lets the parts be as they were. */
  end(): void {
    for (const unwrap of this.#unwraps) unwrap();
  }

  #keepLeast(): void {
    for (let i = 0; i < this.#own.length; i++) {
      this.#least[i] = Math.min(this.#least[i] as number, this.#own[i] as number);
    }
  }

  #wrap(target: Record<string, Method>, name: string, index: number): void {
    const original = target[name];
    if (original === undefined) return;
    const isOwn = Object.hasOwn(target, name);
    this.#unwraps.push(() => {
      if (isOwn) target[name] = original;
      else Reflect.deleteProperty(target, name);
    });
    const own = this.#own;
    const called = this.#called;
    const meter = this.#meter;
    // One parameter for all: a rest parameter would make an array per call.
    target[name] = (argument: number): unknown => {
      const outer = called[0] as number;
      called[0] = 0;
      const before = meter.usedOwn();
      const result = original.call(target, argument);
      const bytes = ((meter.usedOwn() - before) | 0) - meter.cost;
      // Less than nothing after a collection: then it is not known.
      if (bytes > 0) own[index]! += Math.max(0, bytes - (called[0] as number));
      called[0] = outer + Math.max(0, bytes) + meter.cost;
      return result;
    };
  }
}
