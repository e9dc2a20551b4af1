// Bytes from one thread to another, in order: a ring in shared memory with one writer and one reader.
//
//   words (i32): written │ read │ is closed │ unused     counters of bytes, modulo 2³²
//   then the bytes, a power of two of them
//
// For records between cores there is runtime/channels/ring.ts; here are only bytes, which may be cut anywhere.

const WRITTEN = 0;
const READ = 1;
const CLOSED = 2;
const HEADER_BYTES = 16;
const PAGE_BYTES = 4096;

export class ByteRing {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  /** Over memory that another thread has made, or `bytes` (a power of two) of its own. */
  constructor(given: SharedArrayBuffer | number) {
    this.buffer = typeof given === 'number' ? new SharedArrayBuffer(HEADER_BYTES + given) : given;
    this.#words = new Int32Array(this.buffer, 0, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(this.buffer, HEADER_BYTES);
  }

  /** Either side, at any time: has all pages there, since what comes to a new one first waits for it. */
  touch(): void {
    const words = new Int32Array(this.buffer);
    for (let at = 0; at < words.length; at += PAGE_BYTES / 4) Atomics.or(words, at, 0);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Bytes that were ever written, modulo 2³². */
  get written(): number {
    return Atomics.load(this.#words, WRITTEN);
  }

  /** Bytes that were ever read, modulo 2³². */
  get read(): number {
    return Atomics.load(this.#words, READ);
  }

  /** Bytes that are written and not read. */
  get filled(): number {
    return (Atomics.load(this.#words, WRITTEN) - Atomics.load(this.#words, READ)) >>> 0;
  }

  get free(): number {
    return this.capacity - this.filled;
  }

  /** Writer: copies as many of the bytes as there is room for. @returns how many. */
  write(from: Uint8Array, at: number, bytes: number): number {
    const count = Math.min(bytes, this.free);
    const begin = Atomics.load(this.#words, WRITTEN) >>> 0;
    const place = begin & (this.capacity - 1);
    const first = Math.min(count, this.capacity - place);
    copy(from, at, first, this.#bytes, place);
    copy(from, at + first, count - first, this.#bytes, 0);
    Atomics.store(this.#words, WRITTEN, (begin + count) | 0);
    Atomics.notify(this.#words, WRITTEN);
    return count;
  }

  /** Reader: the bytes that come next, up to `bytes`, as they lie in the ring: fewer where it ends. */
  peek(bytes: number): Uint8Array {
    const place = (Atomics.load(this.#words, READ) >>> 0) & (this.capacity - 1);
    return this.#bytes.subarray(place, Math.min(place + Math.min(bytes, this.filled), this.capacity));
  }

  /** Copies what was written as the bytes from `counter` on, and has not been written over. */
  copyAt(counter: number, to: Uint8Array, at: number, bytes: number): void {
    const place = (counter >>> 0) & (this.capacity - 1);
    const first = Math.min(bytes, this.capacity - place);
    copy(this.#bytes, place, first, to, at);
    copy(this.#bytes, 0, bytes - first, to, at + first);
  }

  /** Reader: gives the room of bytes back. */
  release(bytes: number): void {
    Atomics.add(this.#words, READ, bytes);
    Atomics.notify(this.#words, READ);
  }

  /** Writer: waits until there is room for `bytes`, for so long at most. @returns whether there is. */
  waitForRoom(bytes: number, millis: number): boolean {
    const until = performance.now() + millis;
    while (this.free < bytes) {
      const left = until - performance.now();
      if (left <= 0 || this.isClosed) return false;
      Atomics.wait(this.#words, READ, Atomics.load(this.#words, READ), Math.min(left, 1));
    }
    return true;
  }

  /** Reader: waits until there is something to read, for so long at most. @returns whether there is. */
  waitForBytes(millis: number): boolean {
    const written = Atomics.load(this.#words, WRITTEN);
    if (this.filled === 0 && !this.isClosed) Atomics.wait(this.#words, WRITTEN, written, millis);
    return this.filled > 0;
  }

  /** Either side: nothing is written any more, or nobody reads any more. */
  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
    Atomics.notify(this.#words, WRITTEN);
    Atomics.notify(this.#words, READ);
  }

  get isClosed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1;
  }
}

/** With half the time of `TypedArray.set`, which copies shared memory word by word, and without a view of the range. */
function copy(from: Uint8Array, at: number, bytes: number, to: Uint8Array, place: number): void {
  if (bytes > 0) Buffer.prototype.copy.call(from, to, place, at, at + bytes);
}
