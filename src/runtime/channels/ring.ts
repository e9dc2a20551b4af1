// A ring: byte records from one core to one other, through shared memory, bounded.
//
//   tail, stalls │ 128 B │ head, wanted │ 128 B │ data: capacity bytes, a power of two
//   record: length u32 │ kind u32 │ a u32 │ b u32 │ payload, padded to 16 bytes
//
// `tail` (bytes written) belongs to the producer, `head` (bytes read) to the consumer; both run on and wrap at 2^32.
// A record is contiguous: one that would cross the end is preceded by a filler. What the producer reserved becomes
// visible with `commit`, what the consumer has read becomes free with `release`; both may cover many records. Each
// side keeps its last look at the other's counter and looks again only when that no longer suffices.
//
// A full ring makes the producer wait, and nothing is dropped. It says how much room it wants and is woken when there
// is that much and a quarter of the ring, so that the two do not wake each other for every record.

import { assert } from '../../base/assert.ts';
import type { Doorbell } from './doorbell.ts';

const TAIL = 0;
const STALLS = 1;
const HEAD = 32;
const WANTED = 33;
const HEADER_BYTES = 256;

const RECORD_HEADER_BYTES = 16;
/** Kind of the filler before the end of the ring. Other kinds are the user's, from 1. */
const FILLER = 0;

/** Bytes of shared memory for a ring of this capacity (a power of two, at least 64). */
export function ringBytes(capacity: number): number {
  assert(capacity >= 64 && (capacity & (capacity - 1)) === 0, 'the capacity of a ring is a power of two');
  return HEADER_BYTES + capacity;
}

/** Where a ring is: shared words, the address of its block (a multiple of 128, zeroed), its capacity in bytes. */
export interface RingPlace {
  words: Int32Array;
  address: number;
  capacity: number;
}

/** The writing end. One per ring. */
export class RingProducer {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #data: number;
  readonly #mask: number;
  readonly #consumer: Doorbell;
  /** Bytes written, committed or not. */
  #tail = 0;
  #head = 0;

  constructor({ words, address, capacity }: RingPlace, consumer: Doorbell) {
    this.#words = words;
    this.#at = address >>> 2;
    this.#data = address + HEADER_BYTES;
    this.#mask = capacity - 1;
    this.#consumer = consumer;
  }

  /** The longest payload a record may have. */
  get payloadMax(): number {
    return ((this.#mask + 1) >>> 1) - RECORD_HEADER_BYTES;
  }

  /**
   * Makes room for a record and writes its header. @returns the address of the payload in the shared memory, −1 when
   * the ring is too full now.
   */
  reserve(kind: number, bytes: number): number {
    assert(bytes <= this.payloadMax, 'a record is at most half the ring');
    const need = RECORD_HEADER_BYTES + ((bytes + 15) & ~15);
    const offset = this.#tail & this.#mask;
    const toEnd = this.#mask + 1 - offset;
    const filler = need > toEnd ? toEnd : 0;
    if (!this.#hasRoom(filler + need)) return -1;
    if (filler > 0) this.#writeHeader(offset, FILLER, filler - RECORD_HEADER_BYTES);
    const start = filler > 0 ? 0 : offset;
    this.#writeHeader(start, kind, bytes);
    this.#tail = (this.#tail + filler + need) | 0;
    return this.#data + start + RECORD_HEADER_BYTES;
  }

  /** Makes everything reserved visible to the consumer. */
  commit(): void {
    Atomics.store(this.#words, this.#at + TAIL, this.#tail);
    this.#consumer.ring();
  }

  /** Asks to be woken, by the producer's bell, when a record of this size fits. Call before sleeping. */
  want(bytes: number): void {
    const quarter = (this.#mask + 1) >>> 2;
    // A filler may be as long as the record.
    const need = Math.min(2 * (bytes + 2 * RECORD_HEADER_BYTES) + quarter, this.#mask + 1);
    Atomics.store(this.#words, this.#at + WANTED, need);
    this.#words[this.#at + STALLS] = (this.#words[this.#at + STALLS] as number) + 1;
  }

  /** Whether so many bytes are free now. */
  hasRoom(bytes: number): boolean {
    return this.#hasRoom(bytes);
  }

  #hasRoom(bytes: number): boolean {
    if (this.#mask + 1 - ((this.#tail - this.#head) >>> 0) >= bytes) return true;
    this.#head = Atomics.load(this.#words, this.#at + HEAD);
    return this.#mask + 1 - ((this.#tail - this.#head) >>> 0) >= bytes;
  }

  #writeHeader(offset: number, kind: number, bytes: number): void {
    const at = (this.#data + offset) >>> 2;
    this.#words[at] = bytes;
    this.#words[at + 1] = kind;
  }
}

/** The reading end. One per ring. */
export class RingConsumer {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #data: number;
  readonly #mask: number;
  readonly #producer: Doorbell;
  /** Bytes read, released or not. */
  #head = 0;
  #tail = 0;
  /** Of the record that `next` found. */
  kind = 0;
  bytes = 0;

  constructor({ words, address, capacity }: RingPlace, producer: Doorbell) {
    this.#words = words;
    this.#at = address >>> 2;
    this.#data = address + HEADER_BYTES;
    this.#mask = capacity - 1;
    this.#producer = producer;
  }

  /**
   * The next record: sets `kind` and `bytes`. @returns the address of its payload in the shared memory, valid until
   * `release`; −1 when there is none now.
   */
  next(): number {
    for (;;) {
      if (this.#head === this.#tail) {
        this.#tail = Atomics.load(this.#words, this.#at + TAIL);
        if (this.#head === this.#tail) return -1;
      }
      const offset = this.#head & this.#mask;
      const at = (this.#data + offset) >>> 2;
      this.bytes = this.#words[at] as number;
      this.kind = this.#words[at + 1] as number;
      this.#head = (this.#head + RECORD_HEADER_BYTES + ((this.bytes + 15) & ~15)) | 0;
      if (this.kind !== FILLER) return this.#data + offset + RECORD_HEADER_BYTES;
    }
  }

  /** Gives the room of everything read so far back to the producer, and wakes it if that is what it waits for. */
  release(): void {
    Atomics.store(this.#words, this.#at + HEAD, this.#head);
    const wanted = Atomics.load(this.#words, this.#at + WANTED);
    if (wanted === 0) return;
    const tail = Atomics.load(this.#words, this.#at + TAIL);
    if (this.#mask + 1 - ((tail - this.#head) >>> 0) < wanted) return;
    Atomics.store(this.#words, this.#at + WANTED, 0);
    this.#producer.ring();
  }
}

/** Share of the ring in use, 0 to 1, and how often its producer had to wait: for whoever watches. */
export function ringLoad({ words, address, capacity }: RingPlace): { fill: number; stalls: number } {
  const at = address >>> 2;
  const used = (Atomics.load(words, at + TAIL) - Atomics.load(words, at + HEAD)) >>> 0;
  return { fill: Math.min(used / capacity, 1), stalls: Atomics.load(words, at + STALLS) };
}
