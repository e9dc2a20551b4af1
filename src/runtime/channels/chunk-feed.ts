// One split of a source, cut into numbered chunks that any core may take and decode: what the cores share about it.
//
//   words: lock │ state │ next chunk │ chunks used │ split │ shared text bytes │ rest bytes │ rest gap
//   f64:   offset of the next chunk in the split, or the number of its next record where records are made
//   words: is finished │ chunks used by each core of an exchange │ who may take the next chunk │ number of lookup tables
//   table: per chunk (the last TABLE of them): core u32 │ … │ end f64: offset behind it │ bytes f64 │ read at f64 (a stamp)
//   text:  what a decoder in the middle of the split has to know (UTF-8)
//   rest:  bytes after the last chunk that were read already, of an input that can only be read on
//
// Whoever holds the lock reads and cuts the next chunk; numbers are given in the order of the bytes, so the consumer
// puts the rows back in source order whichever core was faster.

import { READ_BYTES } from '../../base/limits.ts';

const LOCK = 0;
const STATE = 1;
const NEXT = 2;
const USED = 3;
const SPLIT = 4;
const TEXT_BYTES = 5;
const REST_BYTES = 6;
const REST_GAP = 7;
/** In f64 from the feed's address. */
const OFFSET = 4;
/** 1: no chunk will follow in this split or another. */
const FINISHED = 10;
/** Of an exchange, for each core: the first chunk whose rows it has not used. */
const OWNERS = 11;

/** How many want that only the first core takes chunks, and that nobody does for now. */
const TAKERS = 27;
const FOR_FIRST = 1;
const HELD = 1 << 16;
/** Of the lookup tables that its chain looks into, the number of the last one given. */
const TABLES = 30;

/** In f64 from the feed's address: when the first record was made, in ms since 1970; 0: none has been. */
const STARTED = 14;

const TABLE_ADDRESS = 128;
const TABLE = 256;
const ENTRY_BYTES = 32;
const TEXT_ADDRESS = TABLE_ADDRESS + TABLE * ENTRY_BYTES;
const TEXT_MAX = 1 << 16;
const REST_ADDRESS = TEXT_ADDRESS + TEXT_MAX;

/** Bytes of shared memory for a feed of records up to a length: what is left of a read may be a record. */
export function feedBytes(maxRecordBytes: number): number {
  return REST_ADDRESS + maxRecordBytes + 2 * READ_BYTES;
}

/** Of a feed of splits that are read at any offset: nothing is left of a read. */
export function laneFeedBytes(): number {
  return REST_ADDRESS;
}

/** No split is open to other cores. */
const CLOSED = 0;
const OPEN = 1;
/** The split has no more chunks. */
const DRAINED = 2;

/** Chunks that may be taken before the first of them is used: bounds what is decoded ahead. */
const AHEAD_MAX = 64;

export class ChunkFeed {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #address: number;
  readonly #owners: number;

  /**
   * `address`: a multiple of 128 in the shared memory, zeroed when the run begins. `owners`: cores (up to
   * EXCHANGE_CORES_MAX) that use rows of their own, of which none is left far behind; 0: only the consumer does.
   */
  constructor(shared: ArrayBufferLike, address: number, owners = 0) {
    this.#owners = owners;
    this.#words = new Int32Array(shared);
    this.#floats = new Float64Array(shared);
    this.#bytes = new Uint8Array(shared);
    this.#at = address >>> 2;
    this.#address = address;
  }

  /** Waits for the lock. Held only while a chunk is read and cut. */
  lock(): void {
    for (let spin = 0; Atomics.compareExchange(this.#words, this.#at + LOCK, 0, 1) !== 0; spin++) {
      if (spin < 100) continue;
      // 2: someone waits. Taken as 2 as well, so that the next one is woken too.
      while (Atomics.exchange(this.#words, this.#at + LOCK, 2) !== 0) Atomics.wait(this.#words, this.#at + LOCK, 2, 10);
      return;
    }
  }

  unlock(): void {
    if (Atomics.exchange(this.#words, this.#at + LOCK, 0) === 2) Atomics.notify(this.#words, this.#at + LOCK, 1);
  }

  /** Begins a split at its first byte, or later; other cores stay out until `share`. */
  begin(split: number, offset = 0): void {
    this.lock();
    this.#words[this.#at + SPLIT] = split;
    this.#words[this.#at + REST_BYTES] = 0;
    this.#words[this.#at + REST_GAP] = 0;
    this.#words[this.#at + TEXT_BYTES] = 0;
    this.#floats[(this.#address >>> 3) + OFFSET] = offset;
    Atomics.store(this.#words, this.#at + STATE, CLOSED);
    this.unlock();
  }

  /** Lets other cores in. `text`: what their decoders have to know. @returns false when that is too much to share. */
  share(text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > TEXT_MAX) return false;
    this.#bytes.set(bytes, this.#address + TEXT_ADDRESS);
    this.#words[this.#at + TEXT_BYTES] = bytes.length;
    Atomics.compareExchange(this.#words, this.#at + STATE, CLOSED, OPEN);
    return true;
  }

  get isOpen(): boolean {
    return Atomics.load(this.#words, this.#at + STATE) === OPEN;
  }

  /** Seen before `next` is read, that is the last number of the split. */
  get isDrained(): boolean {
    return Atomics.load(this.#words, this.#at + STATE) === DRAINED;
  }

  /** There are no more chunks: the split has ended, or the run is over. */
  setDrained(): void {
    Atomics.store(this.#words, this.#at + STATE, DRAINED);
  }

  /** The same, and nobody is in the middle of a read any more. */
  drain(): void {
    this.lock();
    this.setDrained();
    this.unlock();
  }

  get split(): number {
    return Atomics.load(this.#words, this.#at + SPLIT);
  }

  get text(): string {
    const begin = this.#address + TEXT_ADDRESS;
    return new TextDecoder().decode(this.#bytes.slice(begin, begin + (this.#words[this.#at + TEXT_BYTES] as number)));
  }

  /** Number of the next chunk. */
  get next(): number {
    return Atomics.load(this.#words, this.#at + NEXT);
  }

  /** Whether so much has been taken and not used that taking more has to wait. */
  get isFarAhead(): boolean {
    const { next } = this;
    if (next - Atomics.load(this.#words, this.#at + USED) >= AHEAD_MAX) return true;
    for (let core = 0; core < this.#owners; core++) {
      if (next - Atomics.load(this.#words, this.#at + OWNERS + core) >= AHEAD_MAX) return true;
    }
    return false;
  }

  /** Whether some core of an exchange has not used all chunks. */
  get isAhead(): boolean {
    const { next } = this;
    for (let core = 0; core < this.#owners; core++) {
      if (next !== Atomics.load(this.#words, this.#at + OWNERS + core)) return true;
    }
    return false;
  }

  /** A core is done with every chunk before `number`. */
  setOwnerUsed(core: number, number: number): void {
    Atomics.store(this.#words, this.#at + OWNERS + core, number);
  }

  /** No chunk will follow in this split or another. Seen before `next` is read, that is the last. */
  get isFinished(): boolean {
    return Atomics.load(this.#words, this.#at + FINISHED) === 1;
  }

  setFinished(): void {
    this.lock();
    this.setDrained();
    Atomics.store(this.#words, this.#at + FINISHED, 1);
    this.unlock();
  }

  /** No chunk is handed out until this has been taken back as often as it was said. */
  hold(): void {
    this.#addTakers(HELD);
  }

  release(): void {
    this.#addTakers(-HELD);
  }

  /** Only the first core takes chunks from now on. To be said once. */
  keepToFirst(): void {
    this.#addTakers(FOR_FIRST);
  }

  /** Under the lock. */
  mayTake(core: number): boolean {
    const takers = Atomics.load(this.#words, this.#at + TAKERS);
    return core === 0 ? takers < HELD : takers === 0;
  }

  #addTakers(count: number): void {
    this.lock();
    Atomics.add(this.#words, this.#at + TAKERS, count);
    this.unlock();
  }

  /** Changes only while nobody takes a chunk and all that were taken have been used. */
  get tables(): number {
    return Atomics.load(this.#words, this.#at + TABLES);
  }

  set tables(number: number) {
    Atomics.store(this.#words, this.#at + TABLES, number);
  }

  /** The consumer is done with every chunk that was taken. */
  get isUsed(): boolean {
    return Atomics.load(this.#words, this.#at + USED) === this.next;
  }

  /** The consumer is done with every chunk before `number`. */
  setUsed(number: number): void {
    Atomics.store(this.#words, this.#at + USED, number);
  }

  /** Where the next chunk begins in the split. Under the lock. */
  get offset(): number {
    return this.#floats[(this.#address >>> 3) + OFFSET] as number;
  }

  /** When the first record was made, ms; `millis` if that is now. Under the lock. */
  startedAt(millis: number): number {
    const at = (this.#address >>> 3) + STARTED;
    if (this.#floats[at] === 0) this.#floats[at] = millis;
    return this.#floats[at] as number;
  }

  /** The first record is thought to have been made then, ms. */
  setStarted(millis: number): void {
    this.#floats[(this.#address >>> 3) + STARTED] = millis;
  }

  /** Address and count of the bytes read already. Under the lock. */
  get restAddress(): number {
    return this.#address + REST_ADDRESS;
  }

  get restBytes(): number {
    return this.#words[this.#at + REST_BYTES] as number;
  }

  set restBytes(bytes: number) {
    this.#words[this.#at + REST_BYTES] = bytes;
  }

  /** Bytes of a too long line that were left out before the end of those read already. Under the lock. */
  get restGap(): number {
    return this.#words[this.#at + REST_GAP] as number;
  }

  set restGap(bytes: number) {
    this.#words[this.#at + REST_GAP] = bytes;
  }

  /** Takes the stamp of when the next chunk was read. Under the lock, before `add`. */
  noteRead(stamps: Float64Array, index: number): void {
    this.#floats[(this.#entryOf(this.next) >>> 3) + 3] = stamps[index] as number;
  }

  /**
   * Gives the next chunk its number. Under the lock. `bytes`: or records, where they are made. @returns the number.
   */
  add(core: number, bytes: number, isLast: boolean): number {
    const number = this.next;
    const at = this.#entryOf(number);
    this.#words[at >>> 2] = core;
    this.#floats[(at >>> 3) + 2] = bytes;
    this.#floats[(at >>> 3) + 1] = this.offset + bytes;
    this.#floats[(this.#address >>> 3) + OFFSET] = this.offset + bytes;
    Atomics.store(this.#words, this.#at + NEXT, (number + 1) | 0);
    if (isLast) this.setDrained();
    return number;
  }

  /** A chunk of no bytes, which the first core takes; of a stamp of its cause, if there is one. @returns its number */
  addEmpty(stamps: Float64Array | null = null, index = 0): number {
    this.lock();
    if (stamps !== null) this.noteRead(stamps, index);
    const number = this.add(0, 0, false);
    this.unlock();
    return number;
  }

  /** The core that took a chunk. */
  coreOf(number: number): number {
    return this.#words[this.#entryOf(number) >>> 2] as number;
  }

  /** Writes the stamp of when a chunk was read. */
  copyReadAt(number: number, to: Float64Array, index: number): void {
    to[index] = this.#floats[(this.#entryOf(number) >>> 3) + 3] as number;
  }

  /** Of a chunk whose records were made after it got its number. */
  setBytes(number: number, bytes: number): void {
    this.#floats[(this.#entryOf(number) >>> 3) + 2] = bytes;
  }

  /** Where the chunk behind it begins: a byte of the split, or the number of a record. */
  endOf(number: number): number {
    return this.#floats[(this.#entryOf(number) >>> 3) + 1] as number;
  }

  bytesOf(number: number): number {
    return this.#floats[(this.#entryOf(number) >>> 3) + 2] as number;
  }

  #entryOf(number: number): number {
    return this.#address + TABLE_ADDRESS + (number & (TABLE - 1)) * ENTRY_BYTES;
  }
}
