// Bytes that one core makes and others take: what a compressed split is, for cores that do not decompress it.
//
// The first core asks for a split; the core that pumps serves one request after another. Whoever holds
// the lock of the source's feed takes, so there is one taker at a time; the pump is the only one that puts.
//
//   words: wanted │ served (number of the request) │ state │ split │ text bytes
//   f64:   compressed bytes read so far │ bytes of the split that nobody wants, from its beginning │ compressed bytes of these
//   words: put, on a line of its own │ taken, on a line of its own: bytes, modulo 2^32
//   text:  name of the split that is wanted; then, if it fails, a PlainError as JSON
//   data

import { assert } from '../../base/assert.ts';
import { fromPlain, type PlainError } from '../../base/errors.ts';
import { READ_END, READ_NOTHING } from '../../connectors/connector.ts';
import type { Copier } from './copier.ts';

const WANTED = 0;
const SERVED = 1;
const STATE = 2;
const SPLIT = 3;
const TEXT_BYTES = 4;
/** In f64 from the address. */
const CONSUMED = 4;
const SKIP = 5;
const SKIPPED = 6;
/** In words from the address. */
const PUT = 32;
const TAKEN = 64;

const TEXT_ADDRESS = 384;
const TEXT_MAX = 1 << 14;
const DATA_ADDRESS = TEXT_ADDRESS + TEXT_MAX;
/** About as much as is decompressed while a core decodes a chunk, several times. */
const DATA_BYTES = 1 << 22;

const RUNNING = 0;
const ENDED = 1;
const FAILED = 2;

/** The core that pumps. */
export const PUMP_CORE = 1;

/** Bytes of a pipe in shared memory. */
export const PIPE_BYTES = DATA_ADDRESS + DATA_BYTES;

export class BytePipe {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #copier: Copier;
  readonly #at: number;
  readonly #address: number;

  /** `address`: a multiple of 128 in the shared memory, zeroed when the run begins. */
  constructor(shared: ArrayBufferLike, address: number, copier: Copier) {
    this.#words = new Int32Array(shared);
    this.#floats = new Float64Array(shared);
    this.#bytes = new Uint8Array(shared);
    this.#copier = copier;
    this.#at = address >>> 2;
    this.#address = address;
  }

  /** Asks for a split from a byte on (decompressed): what is there of another is forgotten. */
  want(split: number, name: string, from: number): void {
    this.#words[this.#at + SPLIT] = split;
    this.#floats[(this.#address >>> 3) + SKIP] = from;
    this.#writeText(name);
    Atomics.add(this.#words, this.#at + WANTED, 1);
  }

  /**
   * Takes up to `bytes` bytes to an address of the core's memory. @returns the count, READ_NOTHING or READ_END. @throws
   * what the pump met, behind what it had put, if `throws`; otherwise there is nothing then.
   */
  take(address: number, bytes: number, throws: boolean): number {
    if (Atomics.load(this.#words, this.#at + SERVED) !== Atomics.load(this.#words, this.#at + WANTED))
      return READ_NOTHING;
    const state = Atomics.load(this.#words, this.#at + STATE);
    const taken = Atomics.load(this.#words, this.#at + TAKEN);
    const filled = (Atomics.load(this.#words, this.#at + PUT) - taken) | 0;
    if (filled === 0) {
      if (state === FAILED && throws) throw fromPlain(JSON.parse(this.#text) as PlainError);
      return state === ENDED ? READ_END : READ_NOTHING;
    }
    const from = taken & (DATA_BYTES - 1);
    const count = Math.min(bytes, filled, DATA_BYTES - from);
    this.#copier.receive(address, this.#address + DATA_ADDRESS + from, count);
    Atomics.store(this.#words, this.#at + TAKEN, (taken + count) | 0);
    return count;
  }

  /** Compressed bytes of the split that have been read, as far as is known; until the request is served none. */
  get consumedBytes(): number {
    if (this.hasRequest) return 0;
    return this.#floats[(this.#address >>> 3) + CONSUMED] as number;
  }

  /** Those of them from which on it was wanted. */
  get wantedBytes(): number {
    if (this.hasRequest) return 0;
    return this.consumedBytes - (this.#floats[(this.#address >>> 3) + SKIPPED] as number);
  }

  /** The pump's: the request that is not served yet; null: there is none. */
  get request(): { split: number; name: string; from: number } | null {
    if (!this.hasRequest) return null;
    const from = this.#floats[(this.#address >>> 3) + SKIP] as number;
    return { split: this.#words[this.#at + SPLIT] as number, name: this.#text, from };
  }

  get hasRequest(): boolean {
    return Atomics.load(this.#words, this.#at + SERVED) !== Atomics.load(this.#words, this.#at + WANTED);
  }

  /** What follows is of the request. */
  serve(): void {
    Atomics.store(this.#words, this.#at + STATE, RUNNING);
    Atomics.store(this.#words, this.#at + PUT, Atomics.load(this.#words, this.#at + TAKEN));
    this.#floats[(this.#address >>> 3) + CONSUMED] = 0;
    this.#floats[(this.#address >>> 3) + SKIPPED] = 0;
    Atomics.store(this.#words, this.#at + SERVED, Atomics.load(this.#words, this.#at + WANTED));
  }

  /** Bytes that can be put. */
  get room(): number {
    const filled = Atomics.load(this.#words, this.#at + PUT) - Atomics.load(this.#words, this.#at + TAKEN);
    return DATA_BYTES - (filled | 0);
  }

  /** So many compressed bytes were read of what nobody wants. */
  skip(consumed: number): void {
    this.#floats[(this.#address >>> 3) + CONSUMED] = consumed;
    this.#floats[(this.#address >>> 3) + SKIPPED] = consumed;
  }

  /** Puts bytes of the core's memory, for which there is room. `consumed`: compressed bytes they were made of, and before. */
  put(address: number, bytes: number, consumed: number): void {
    assert(bytes <= this.room, 'there is room in the pipe');
    const put = Atomics.load(this.#words, this.#at + PUT);
    const to = put & (DATA_BYTES - 1);
    const first = Math.min(bytes, DATA_BYTES - to);
    const data = this.#address + DATA_ADDRESS;
    this.#copier.send(data + to, address, first);
    if (first < bytes) this.#copier.send(data, address + first, bytes - first);
    this.#floats[(this.#address >>> 3) + CONSUMED] = consumed;
    Atomics.store(this.#words, this.#at + PUT, (put + bytes) | 0);
  }

  /** The split has ended. */
  end(consumed: number): void {
    this.#floats[(this.#address >>> 3) + CONSUMED] = consumed;
    Atomics.store(this.#words, this.#at + STATE, ENDED);
  }

  /** It cannot be read on. */
  fail(error: PlainError): void {
    this.#writeText(JSON.stringify(error));
    Atomics.store(this.#words, this.#at + STATE, FAILED);
  }

  get #text(): string {
    const begin = this.#address + TEXT_ADDRESS;
    return new TextDecoder().decode(this.#bytes.slice(begin, begin + (this.#words[this.#at + TEXT_BYTES] as number)));
  }

  #writeText(text: string): void {
    const bytes = new TextEncoder().encode(text);
    assert(bytes.length <= TEXT_MAX, 'a name or an error is short');
    this.#bytes.set(bytes, this.#address + TEXT_ADDRESS);
    this.#words[this.#at + TEXT_BYTES] = bytes.length;
  }
}
