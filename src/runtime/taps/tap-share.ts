// What a tap shares between the cores that read a stream and the main thread that passes its rows on.
//
//   rows left │ 128 B │ core 0: rows missed f64, ended i32 │ 128 B │ ring … │ core 1: … │ ring …
//
// `rows left` is how many rows may still be taken by all cores together: each takes its part before it encodes. A ring
// is written by its core and read by the main thread; neither waits for the other.

import { TAP_RING_BYTES } from '../../base/limits.ts';
import { Doorbell } from '../channels/doorbell.ts';
import { RingConsumer, RingProducer, ringBytes } from '../channels/ring.ts';

/** A record of a ring: rows u32, pad; then their text. */
export const TAP_TEXT = 1;
export const TAP_HEADER_BYTES = 16;

const NO_LIMIT = 2 ** 31 - 1;
/** Cache lines that are written together. */
const LINE_BYTES = 128;
const CORE_BYTES = LINE_BYTES + ringBytes(TAP_RING_BYTES);

export class TapShare {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #doubles: Float64Array<SharedArrayBuffer>;
  readonly coreCount: number;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.coreCount = Math.floor((buffer.byteLength - LINE_BYTES) / CORE_BYTES);
  }

  /** @param rowsMax null: no limit. */
  static create(coreCount: number, rowsMax: number | null): TapShare {
    const share = new TapShare(new SharedArrayBuffer(LINE_BYTES + coreCount * CORE_BYTES));
    share.words[0] = Math.min(rowsMax ?? NO_LIMIT, NO_LIMIT);
    return share;
  }

  /** Takes at most so many rows. @returns how many may be passed on. */
  take(rows: number): number {
    for (;;) {
      const left = Atomics.load(this.words, 0);
      if (left === NO_LIMIT) return rows;
      const taken = Math.min(rows, left);
      if (Atomics.compareExchange(this.words, 0, left, left - taken) === left) return taken;
    }
  }

  /** Rows that were taken and not passed on. */
  giveBack(rows: number): void {
    if (Atomics.load(this.words, 0) !== NO_LIMIT) Atomics.add(this.words, 0, rows);
  }

  /** Rows of the stream that went by unread on a core. */
  addMissed(core: number, rows: number): void {
    this.#doubles[coreAt(core) >>> 3]! += rows;
  }

  get missed(): number {
    let sum = 0;
    for (let core = 0; core < this.coreCount; core++) sum += this.#doubles[coreAt(core) >>> 3] as number;
    return sum;
  }

  /** The stream has ended, as the first core knows. */
  end(): void {
    Atomics.store(this.words, (coreAt(0) >>> 2) + 2, 1);
  }

  get hasEnded(): boolean {
    return Atomics.load(this.words, (coreAt(0) >>> 2) + 2) === 1;
  }

  producer(core: number): RingProducer {
    return new RingProducer(this.#ring(core), this.#bell(core));
  }

  consumer(core: number): RingConsumer {
    return new RingConsumer(this.#ring(core), this.#bell(core));
  }

  #ring(core: number) {
    return { words: this.words, address: coreAt(core) + LINE_BYTES, capacity: TAP_RING_BYTES };
  }

  /** Nobody sleeps by it: the main thread looks by itself, and a core never waits. */
  #bell(core: number): Doorbell {
    return new Doorbell(this.words, coreAt(core) + 64);
  }
}

function coreAt(core: number): number {
  return LINE_BYTES + core * CORE_BYTES;
}
