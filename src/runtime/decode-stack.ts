// What a decoder makes of a batch (unescaped text, for one) and its rows refer to: on the core's transient stack, or on a
// stack of its own where other splits are read before the batch is used.

import type { LinearMemory } from '../data/memory.ts';
import type { Decoder } from '../formats/format.ts';

export class DecodeStack {
  readonly #memory: LinearMemory;
  /** Address of the three words of its own stack; 0: the core's. */
  #stack = 0;
  #mark = 0;

  constructor(memory: LinearMemory, isOwn: boolean) {
    this.#memory = memory;
    if (!isOwn) return;
    this.#stack = memory.allocateZeroed(12);
    memory.kernels.transientSwap(this.#stack);
    this.#mark = memory.kernels.transientMark();
    memory.kernels.transientSwap(this.#stack);
    memory.refresh();
  }

  /** Decodes a batch; the last one has been released. @returns the bytes consumed */
  decode(decoder: Decoder, from: number, to: number, isLast: boolean): number {
    const { kernels } = this.#memory;
    if (this.#stack === 0) this.#mark = kernels.transientMark();
    else kernels.transientSwap(this.#stack);
    const consumed = decoder.decode(from, to, isLast);
    if (this.#stack !== 0) kernels.transientSwap(this.#stack);
    this.#memory.refresh();
    return consumed;
  }

  /** What was made for the batch is no longer needed. */
  release(): void {
    const { kernels } = this.#memory;
    if (this.#stack !== 0) kernels.transientSwap(this.#stack);
    kernels.transientRelease(this.#mark);
    if (this.#stack !== 0) kernels.transientSwap(this.#stack);
  }
}
