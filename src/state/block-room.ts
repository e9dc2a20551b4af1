// Where a core puts the blocks of a checkpoint: memory that it shares with the main thread, whose pages are there before.
//
//   u32 whether a snapshot has it │ pad │ blocks, one after another
//
// Copying to a new page costs ten times what copying does. So the main thread makes room before it asks for a checkpoint,
// and gives it back when all is written; the blocks of a snapshot are views of it and go from thread to thread as they are.
// What does not fit is copied to memory of its own.

const IS_TAKEN = 0;
/** Blocks begin where a cache line does, and end so that the next one does too. */
const LINE_BYTES = 64;
/** Address space, not memory. */
const ROOM_BYTES_MAX = 2 ** 33;
const PAGE_BYTES = 4096;
/** Room for more than is expected: states grow until the core comes to it. */
const SPARE = 1 / 8;
const SPARE_BYTES = 1 << 20;
/** Of pages that are made at once: some ms. */
const STEP_BYTES = 4 << 20;

export class BlockRoom {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Where the next block goes. */
  #end = LINE_BYTES;
  #isOwn = false;

  /** `buffer`: that of the other thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(LINE_BYTES, { maxByteLength: ROOM_BYTES_MAX })) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, 1);
  }

  /** Makes room for blocks of about so many bytes, in steps between which this thread does other things. */
  async reserve(bytes: number): Promise<void> {
    const wanted = Math.min(Math.ceil(bytes * (1 + SPARE)) + SPARE_BYTES, ROOM_BYTES_MAX);
    while (this.buffer.byteLength < wanted) {
      this.#grow(Math.min(wanted, this.buffer.byteLength + STEP_BYTES));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Begins a snapshot, for which the room is taken. @returns false: an earlier one still has it */
  begin(): boolean {
    this.#isOwn = Atomics.compareExchange(this.#words, IS_TAKEN, 0, 1) === 0;
    this.#end = LINE_BYTES;
    return this.#isOwn;
  }

  /** Copies the parts of a block. @returns the copy, which lasts until the room is given back. */
  put(parts: readonly Uint8Array[]): Uint8Array {
    const copy = this.#take(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      copy.set(part, at);
      at += part.length;
    }
    return copy;
  }

  #take(bytes: number): Uint8Array {
    if (!this.#isOwn || this.#end + bytes > this.buffer.byteLength) return new Uint8Array(bytes);
    const block = new Uint8Array(this.buffer, this.#end, bytes);
    this.#end += Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
    return block;
  }

  /** The blocks are not needed any more. */
  giveBack(): void {
    Atomics.store(this.#words, IS_TAKEN, 0);
  }

  #grow(bytes: number): void {
    const before = this.buffer.byteLength;
    this.buffer.grow(bytes);
    const grown = new Uint8Array(this.buffer, before, bytes - before);
    for (let at = 0; at < grown.length; at += PAGE_BYTES) grown[at] = 0;
  }
}
