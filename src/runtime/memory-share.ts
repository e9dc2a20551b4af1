// What a core may take of memory_limit: what the other cores have not taken.
//
// Each core says in the memory that they share how much it has, and looks there how much is left for it. It does so
// between two turns, so the cores together may pass the limit by what they take in one. Rings count as soon as another
// core has begun: before that nobody has touched them.

import type { LinearMemory } from '../data/memory.ts';
import type { CoreLink } from './channels/core-link.ts';

const PAGE_BYTES = 65_536;

export class MemoryShare {
  readonly memory: LinearMemory;
  readonly #link: CoreLink | null;
  readonly #pagesMax: number;
  #toldPages = 0;
  #others = 0;

  /** @param bytesMax what all cores may take together. */
  constructor(memory: LinearMemory, link: CoreLink | null, bytesMax: number) {
    this.memory = memory;
    this.#link = link;
    this.#pagesMax = Math.floor(bytesMax / PAGE_BYTES);
  }

  /** Bytes that the other cores had at the last update. */
  get othersBytes(): number {
    return this.#others * PAGE_BYTES;
  }

  /** Bytes that this core may still take. */
  get spareBytes(): number {
    const pages = this.#pagesMax - this.#others;
    return pages * PAGE_BYTES - this.memory.memory.buffer.byteLength;
  }

  /** Says what this core has, and limits it to what the others leave. */
  update(): void {
    if (this.#link === null) return;
    const pages = this.memory.memory.buffer.byteLength / PAGE_BYTES;
    if (pages !== this.#toldPages) this.#link.tellPages(pages);
    this.#toldPages = pages;
    const others = this.#link.pagesOfOthers();
    if (others === this.#others) return;
    this.#others = others;
    this.memory.kernels.memoryLimit(Math.max(this.#pagesMax - others, 1));
  }
}
