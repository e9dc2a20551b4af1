// A split whose bytes are made, not read: JSON records that a kernel writes straight into linear memory.
//
// The kernel writes whole records. A read too short for one gets its bytes from a small buffer instead, so cutting
// reads anywhere gives the same bytes. With a rate, event n is due n / rate seconds after the first read; until then
// `read` says READ_NOTHING, and there is no descriptor to wait on: only time helps. Where several cores read, each makes
// the records of the numbers it has taken.

import { MAKER_END, MAKER_NEXT } from '../../kernels/layout-makers.ts';
import type { LinearMemory } from '../data/memory.ts';
import { type MadeRecords, READ_END, READ_NOTHING, type Replay, type Sharing, type SplitReader } from './connector.ts';

/** Writes records of events from MAKER_NEXT up to MAKER_END to memory [to, to + bytes). @returns bytes written. */
export type FillKernel = (state: number, to: number, bytes: number) => number;

export interface RecordMakerParts {
  name: string;
  fill: FillKernel;
  /** Address of the kernel's state; this reader is its only user. */
  state: number;
  /** The kernel never writes to fewer bytes than this. */
  recordBytes: number;
  /** Events to make, Infinity without an end. */
  eventCount: number;
  /** As in MadeRecords. */
  numberAfter: (count: number) => number;
  /** Events per second; 0 is as fast as they are read. */
  rate: number;
  /** Milliseconds from any origin. */
  now: () => number;
}

export class RecordMaker implements SplitReader, MadeRecords {
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #memory: LinearMemory;
  readonly #parts: RecordMakerParts;
  /** Wall-clock time of event 0; NaN before the first read. */
  #startMillis = Number.NaN;
  /** The buffer for short reads, 0 before one came, and what of it is not given out yet. */
  #buffer = 0;
  #bufferBegin = 0;
  #bufferEnd = 0;

  constructor(memory: LinearMemory, parts: RecordMakerParts) {
    this.#memory = memory;
    this.#parts = parts;
    memory.f64[(parts.state + MAKER_END) >>> 3] = parts.eventCount;
  }

  get name(): string {
    return this.#parts.name;
  }

  sharing(): Sharing {
    return 'records';
  }

  get made(): MadeRecords {
    return this;
  }

  get count(): number {
    return this.#parts.eventCount;
  }

  get recordBytes(): number {
    return this.#parts.recordBytes;
  }

  get isTimed(): boolean {
    return this.#parts.rate > 0;
  }

  dueAfter(millis: number): number {
    const { eventCount, rate } = this.#parts;
    return rate === 0 ? eventCount : Math.min(eventCount, Math.floor((millis * rate) / 1000) + 1);
  }

  dueAt(record: number): number {
    const { rate } = this.#parts;
    return rate === 0 ? 0 : (record * 1000) / rate;
  }

  numberAfter(count: number): number {
    return this.#parts.numberAfter(count);
  }

  get next(): number {
    return this.#memory.f64[(this.#parts.state + MAKER_NEXT) >>> 3] as number;
  }

  make({ first, end }: { first: number; end: number }, address: number, bytes: number): number {
    const { fill, state } = this.#parts;
    this.#memory.f64[(state + MAKER_NEXT) >>> 3] = first;
    this.#memory.f64[(state + MAKER_END) >>> 3] = end;
    return fill(state, address, bytes) >>> 0;
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    if (this.#bufferEnd > this.#bufferBegin) return this.#takeBuffered(address, bytes);
    const { fill, state, recordBytes, eventCount, rate } = this.#parts;
    if (rate > 0) this.#moveEnd();
    if (bytes >= recordBytes) {
      const count = fill(state, address, bytes) >>> 0;
      if (count > 0) {
        this.consumedBytes += count;
        return count;
      }
    } else {
      if (this.#buffer === 0) this.#buffer = memory.allocate(recordBytes);
      this.#bufferBegin = this.#buffer;
      this.#bufferEnd = this.#buffer + (fill(state, this.#buffer, recordBytes) >>> 0);
      if (this.#bufferEnd > this.#bufferBegin) return this.#takeBuffered(address, bytes);
    }
    return this.next >= eventCount ? READ_END : READ_NOTHING;
  }

  /** The same records are made every time. */
  get replay(): Replay {
    return { identify: () => this.name, isSame: (identity) => identity === this.name };
  }

  /** With a rate, what comes next is due at once. */
  seek(offset: number, lineCount: number): void {
    const { state, eventCount, rate, now } = this.#parts;
    this.#memory.f64[(state + MAKER_END) >>> 3] = eventCount;
    this.#memory.f64[(state + MAKER_NEXT) >>> 3] = this.numberAfter(lineCount);
    this.consumedBytes = offset;
    if (rate > 0) this.#startMillis = now() - this.dueAt(this.next);
  }

  close(): void {
    if (this.#buffer !== 0) this.#memory.kernels.release(this.#buffer, this.#parts.recordBytes);
    this.#buffer = 0;
    this.#bufferBegin = 0;
    this.#bufferEnd = 0;
  }

  /** Lets the kernel go up to the first event that is not due yet. */
  #moveEnd(): void {
    const millis = this.#parts.now();
    if (Number.isNaN(this.#startMillis)) this.#startMillis = millis;
    this.#memory.f64[(this.#parts.state + MAKER_END) >>> 3] = this.dueAfter(millis - this.#startMillis);
  }

  #takeBuffered(address: number, bytes: number): number {
    const count = Math.min(bytes, this.#bufferEnd - this.#bufferBegin);
    this.#memory.u8.copyWithin(address, this.#bufferBegin, this.#bufferBegin + count);
    this.#bufferBegin += count;
    this.consumedBytes += count;
    return count;
  }
}
