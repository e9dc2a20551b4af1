// What cores and the main thread share with the thread that writes the log of an input:
//
//   ring     bytes that were read, which the thread takes into the log
//   words    bell │ what rings it │ durable │ a sync is wanted │ µs of the last sync │ given    i32
//   places   the number of the byte that the log wants next │ of the byte that cores want next  f64
//
// Cores that read the input in turns (one at a time: it has a lock) are one writer of the ring.
//
// The thread sleeps on its bell. It says before what is to wake it: the first byte, or so many that the ring would soon
// be full; a closed ring and a wish for a sync always do. `durable` counts bytes of the ring that are on the disk,
// modulo 2³².

import { ByteRing } from './byte-ring.ts';

const BELL = 0;
const WANTED = 1;
const DURABLE = 2;
const SYNC_WANTED = 3;
const SYNC_MICROS = 4;
const GIVEN = 5;
const WORD_COUNT = 8;

const END = 0;
const OFFSET = 1;
const PLACE_COUNT = 2;

export interface LogChannelBuffers {
  ring: SharedArrayBuffer;
  words: SharedArrayBuffer;
}

export class LogChannel {
  readonly buffers: LogChannelBuffers;
  readonly ring: ByteRing;
  readonly #words: Int32Array;
  readonly #places: Float64Array;

  /** Over what another thread has made, or a ring of `bytes` (a power of two). */
  constructor(given: LogChannelBuffers | number) {
    const made = typeof given === 'number';
    this.ring = new ByteRing(made ? given : given.ring);
    const words = made ? new SharedArrayBuffer(WORD_COUNT * 4 + PLACE_COUNT * 8) : given.words;
    this.buffers = { ring: this.ring.buffer, words };
    this.#words = new Int32Array(words, 0, WORD_COUNT);
    this.#places = new Float64Array(words, WORD_COUNT * 4, PLACE_COUNT);
  }

  /** Cores: the number of the byte that comes next. */
  get offset(): number {
    return this.#places[OFFSET] as number;
  }

  set offset(offset: number) {
    this.#places[OFFSET] = offset;
  }

  /** Cores: bytes of the ring that were given to a decoder, modulo 2³²; only where they wait for the disk. */
  get given(): number {
    return this.#words[GIVEN] as number;
  }

  set given(count: number) {
    this.#words[GIVEN] = count;
  }

  /** Core: adds bytes, for which there is room. */
  write(from: Uint8Array, at: number, bytes: number): void {
    this.ring.write(from, at, bytes);
    const wanted = Atomics.load(this.#words, WANTED);
    if (wanted > 0 && this.ring.filled >= wanted) this.#wake();
  }

  /** Core: how many bytes behind the first `count` of the ring are on the disk. */
  durableBehind(count: number): number {
    return (Atomics.load(this.#words, DURABLE) - count) | 0;
  }

  /** Core: waits until one byte more than the first `count` of the ring is on the disk, for so long at most. */
  waitUntilDurable(count: number, millis: number): void {
    const durable = Atomics.load(this.#words, DURABLE);
    if (((durable - count) | 0) <= 0) Atomics.wait(this.#words, DURABLE, durable, millis);
  }

  /** Whether the first `count` bytes of the ring are on the disk. */
  isDurable(count: number): boolean {
    return this.durableBehind(count) >= 0;
  }

  /** Main thread: wants what is in the ring to be on the disk. */
  wantSync(): void {
    Atomics.store(this.#words, SYNC_WANTED, 1);
    this.#wake();
  }

  /** Any of them: nothing is written any more, or nobody reads any more. */
  close(): void {
    this.ring.close();
    this.#wake();
  }

  /** Thread: sleeps until so many bytes are in the ring, a sync is wanted, or it is closed; for so long at most. */
  waitForBytes(bytes: number, millis: number): void {
    const until = performance.now() + millis;
    Atomics.store(this.#words, WANTED, bytes);
    for (;;) {
      const bell = Atomics.load(this.#words, BELL);
      const left = until - performance.now();
      if (this.ring.filled >= bytes || this.ring.isClosed || this.isSyncWanted || left <= 0) break;
      Atomics.wait(this.#words, BELL, bell, left);
    }
    Atomics.store(this.#words, WANTED, 0);
  }

  get isSyncWanted(): boolean {
    return Atomics.load(this.#words, SYNC_WANTED) === 1;
  }

  /** Thread: hears the wish for a sync. Whoever wishes for one later rings again. */
  hearSync(): boolean {
    return Atomics.exchange(this.#words, SYNC_WANTED, 0) === 1;
  }

  /** Thread: everything before byte `end` of the input is in the log; with `count`, so many of the ring are on the disk. */
  report(end: number, synced: { count: number; micros: number } | null): void {
    this.#places[END] = end;
    if (synced === null) return;
    Atomics.store(this.#words, SYNC_MICROS, synced.micros);
    Atomics.store(this.#words, DURABLE, synced.count);
    Atomics.notify(this.#words, DURABLE);
  }

  /** The number of the byte that the log wants next. */
  get end(): number {
    return this.#places[END] as number;
  }

  get syncMillis(): number {
    return Atomics.load(this.#words, SYNC_MICROS) / 1000;
  }

  #wake(): void {
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }
}
