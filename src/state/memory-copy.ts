// A copy of a core's linear memory, made while the core waits, of which the main thread makes images while it goes on.
//
//   core          ── copy ─►  shared memory of WebAssembly     all that is in use, where it is in the core's own
//   main thread   kernels over that memory ─► images of what operators keep, block by block
//
// Copying takes a fraction of what an image takes: an image follows addresses, from row to row. As in a block room, pages are
// made before they are needed.

import type { Kernels, LinearMemory } from '../data/memory.ts';

/** What both threads have of it. */
export interface SharedCopy {
  memory: WebAssembly.Memory;
  words: SharedArrayBuffer;
}

// Words: whether there are kernels and pages; how far the last copy goes.
const IS_READY = 0;
const END = 1;

const PAGE_BYTES = 1 << 16;
const PAGES_MIN = 32;
const PAGES_MAX = 65_536;
/** Pages of the system, which are made one by one. */
const SYSTEM_PAGE_BYTES = 4096;
/** Room for more than is expected: memory grows until the core comes to it. */
const SPARE = 1 / 8;
/** Of pages that are made at once: some ms. */
const STEP_PAGES = 64;
/** Blocks that nobody uses which are left out. */
const UNUSED_MAX = 4096;

/** On the main thread. */
export class MemoryCopy {
  readonly shared: SharedCopy;
  readonly #words: Int32Array;
  readonly #load: () => Promise<WebAssembly.Module>;
  #kernels: Kernels | null = null;
  u8 = new Uint8Array(0);
  #u32 = new Uint32Array(0);

  /** `load`: compiles the kernels for shared memory. */
  constructor(load: () => Promise<WebAssembly.Module>) {
    const memory = new WebAssembly.Memory({ initial: PAGES_MIN, maximum: PAGES_MAX, shared: true });
    this.shared = { memory, words: new SharedArrayBuffer(8) };
    this.#words = new Int32Array(this.shared.words);
    this.#load = load;
  }

  get kernels(): Kernels {
    if (this.#kernels === null) throw new Error('there is no copy before there is room for one');
    return this.#kernels;
  }

  /** Makes room for a memory of about so many bytes, in steps between which this thread does other things. */
  async reserve(bytes: number): Promise<void> {
    const { memory } = this.shared;
    if (this.#kernels === null) {
      // It writes its data to the memory: before anything is copied there.
      const instance = new WebAssembly.Instance(await this.#load(), { env: { memory } });
      this.#kernels = instance.exports as unknown as Kernels;
    }
    const wanted = Math.min(Math.ceil((bytes * (1 + SPARE)) / PAGE_BYTES), PAGES_MAX);
    for (let pages = memory.buffer.byteLength / PAGE_BYTES; pages < wanted; pages += STEP_PAGES) {
      const before = memory.buffer.byteLength;
      // Of what finds no room the core makes images itself.
      if (!grow(memory, Math.min(STEP_PAGES, wanted - pages))) break;
      const grown = new Uint8Array(memory.buffer, before);
      for (let at = 0; at < grown.length; at += SYSTEM_PAGE_BYTES) grown[at] = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    Atomics.store(this.#words, IS_READY, 1);
  }

  /** Images are made by the core: there is little in them. */
  close(): void {
    Atomics.store(this.#words, IS_READY, 0);
  }

  /** Begins to look at what was copied last. Each image needs it as it was: what another has left there is gone. */
  open(): this {
    this.kernels.memoryAdopt(Atomics.load(this.#words, END));
    this.refresh();
    return this;
  }

  refresh(): void {
    const { buffer } = this.shared.memory;
    if (this.u8.buffer === buffer) return;
    this.u8 = new Uint8Array(buffer);
    this.#u32 = new Uint32Array(buffer);
  }

  load32(address: number): number {
    return this.#u32[address >>> 2] as number;
  }
}

/** On the core. */
export class MemoryCopier {
  readonly #from: LinearMemory;
  readonly #to: WebAssembly.Memory;
  readonly #words: Int32Array;
  /** Address of the list of what is left out. */
  readonly #unused: number;

  constructor(from: LinearMemory, { memory, words }: SharedCopy) {
    this.#from = from;
    this.#to = memory;
    this.#words = new Int32Array(words);
    this.#unused = from.allocate(UNUSED_MAX * 8);
  }

  /** Copies what is in use. @returns false when the main thread is not ready for it, or there is no room. */
  copy(): boolean {
    if (Atomics.load(this.#words, IS_READY) === 0) return false;
    const end = this.#from.kernels.memoryEnd() >>> 0;
    if (!this.#makeRoom(end)) return false;
    const from = this.#from.u8;
    const to = new Uint8Array(this.#to.buffer);
    let at = 0;
    for (const { address, bytes } of [...this.#leftOut(), { address: end, bytes: 0 }]) {
      to.set(from.subarray(at, address), at);
      at = address + bytes;
    }
    Atomics.store(this.#words, END, end | 0);
    return true;
  }

  #makeRoom(end: number): boolean {
    const missing = Math.ceil((end - this.#to.buffer.byteLength) / PAGE_BYTES);
    return missing <= 0 || grow(this.#to, missing);
  }

  /** In the order in which they lie. */
  #leftOut(): { address: number; bytes: number }[] {
    const { kernels, u32 } = this.#from;
    const count = Math.min(kernels.apartList(this.#unused, UNUSED_MAX), UNUSED_MAX);
    const list = u32.subarray(this.#unused >>> 2, (this.#unused >>> 2) + count * 2);
    const blocks = Array.from({ length: count }, (_, i) => ({
      address: list[i * 2] as number,
      bytes: list[i * 2 + 1] as number,
    }));
    return blocks.sort((a, b) => a.address - b.address);
  }
}

/** @returns false when the system has no room. */
function grow(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}
