// What waits behind rows that are being looked up, in its order: parked batches, watermarks, idleness, the end.
//
// A ring of places, made once. Of watermarks one behind the other only the last counts.

import { assert } from '../../base/assert.ts';
import type { LinearMemory } from '../../data/memory.ts';

export const WAITS_BATCH = 0;
export const WAITS_WATERMARK = 1;
export const WAITS_IDLE = 2;
export const WAITS_END = 3;

export class WaitingLine {
  readonly #memory: LinearMemory;
  readonly #kinds: Uint8Array;
  /** Addresses of batches. */
  readonly #batches: Uint32Array;
  /** When what caused them was read, a stamp of the meter. */
  readonly #causes: Float64Array;
  /** Address of an i64 for each place. */
  readonly #cells: number;
  #first = 0;
  #count = 0;
  #batchCount = 0;

  /** `capacity`: a power of two. */
  constructor(memory: LinearMemory, capacity: number) {
    this.#memory = memory;
    this.#kinds = new Uint8Array(capacity);
    this.#batches = new Uint32Array(capacity);
    this.#causes = new Float64Array(capacity);
    this.#cells = memory.allocateZeroed(capacity * 8);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get batchCount(): number {
    return this.#batchCount;
  }

  /** Room for a batch and for what may come behind it. */
  get hasRoom(): boolean {
    return this.#count + 4 <= this.#kinds.length;
  }

  addBatch(batch: number, causes: Float64Array, cause: number): void {
    const place = this.#add(WAITS_BATCH);
    this.#batches[place] = batch;
    this.#causes[place] = causes[cause] as number;
    this.#batchCount++;
  }

  /** `cell`: address of an i64, which is copied. */
  addWatermark(cell: number): void {
    const place = this.#last() === WAITS_WATERMARK ? this.#placeOf(this.#count - 1) : this.#add(WAITS_WATERMARK);
    this.#memory.u8.copyWithin(this.#cells + place * 8, cell, cell + 8);
  }

  addIdle(): void {
    if (this.#last() !== WAITS_IDLE) this.#add(WAITS_IDLE);
  }

  addEnd(): void {
    this.#add(WAITS_END);
  }

  /** Of what is first. */
  get kind(): number {
    return this.#kinds[this.#first] as number;
  }

  get batch(): number {
    return this.#batches[this.#first] as number;
  }

  get cell(): number {
    return this.#cells + this.#first * 8;
  }

  copyCause(to: Float64Array, index: number): void {
    to[index] = this.#causes[this.#first] as number;
  }

  /** What is first has gone on. The cell of a watermark keeps its value until the ring has come round. */
  shift(): void {
    if (this.kind === WAITS_BATCH) this.#batchCount--;
    this.#first = this.#placeOf(1);
    this.#count--;
  }

  #add(kind: number): number {
    assert(this.#count < this.#kinds.length, 'there is room for what waits');
    const place = this.#placeOf(this.#count);
    this.#kinds[place] = kind;
    this.#count++;
    return place;
  }

  #last(): number {
    return this.#count === 0 ? -1 : (this.#kinds[this.#placeOf(this.#count - 1)] as number);
  }

  #placeOf(index: number): number {
    return (this.#first + index) & (this.#kinds.length - 1);
  }
}
