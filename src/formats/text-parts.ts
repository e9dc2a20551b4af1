// Parts of an output that is text, a row a line: cut behind the last line that fits (data/output-parts.ts).
//
// A line end within quotes is none. What waits begins with a row, and quotes inside a field are doubled, so a line end
// is one when the quotes before it are even. That is looked at only where a part ends.

import type { LinearMemory } from '../data/memory.ts';
import type { OutputParts } from '../data/output-parts.ts';

const LINE_END = 10;

export interface TextPartsOptions {
  bytesMax: number;
  /** Text that begins each part, in linear memory. */
  head: number;
  headBytes: number;
  /** Character around fields that hold line ends; null: no field does. */
  quote: number | null;
}

export class TextParts implements OutputParts {
  readonly head: number;
  readonly headBytes: number;
  readonly isComplete = false;
  bytes = 0;
  readonly #memory: LinearMemory;
  readonly #bytesMax: number;
  readonly #quote: number | null;

  constructor(memory: LinearMemory, { bytesMax, head, headBytes, quote }: TextPartsOptions) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
    this.head = head;
    this.headBytes = headBytes;
    this.#quote = quote;
  }

  take(begin: number, end: number): number {
    const isNew = this.bytes === 0;
    const before = isNew ? this.headBytes : this.bytes;
    const room = this.#bytesMax - before;
    const waiting = end - begin;
    const taken = waiting <= room ? waiting : this.#fitting(begin, { end, room, isNew });
    this.bytes = taken < waiting ? 0 : before + taken;
    return taken;
  }

  close(): void {
    this.bytes = 0;
  }

  /** Bytes of the rows that fit; the first does not have to where `isNew`. */
  #fitting(begin: number, { end, room, isNew }: { end: number; room: number; isNew: boolean }): number {
    const fitting = this.#wholeRows(begin, begin + Math.max(0, room));
    return fitting > 0 || !isNew ? fitting : this.#firstRow(begin, end);
  }

  #wholeRows(begin: number, end: number): number {
    const { u8 } = this.#memory;
    const quote = this.#quote;
    if (quote === null) return u8.subarray(begin, end).lastIndexOf(LINE_END) + 1;
    let isQuoted = false;
    let whole = begin;
    for (let at = begin; at < end; at++) {
      const byte = u8[at];
      if (byte === quote) isQuoted = !isQuoted;
      else if (byte === LINE_END && !isQuoted) whole = at + 1;
    }
    return whole - begin;
  }

  #firstRow(begin: number, end: number): number {
    const { u8 } = this.#memory;
    const quote = this.#quote;
    let isQuoted = false;
    for (let at = begin; at < end; at++) {
      const byte = u8[at];
      if (byte === quote) isQuoted = !isQuoted;
      else if (byte === LINE_END && !isQuoted) return at + 1 - begin;
    }
    return end - begin;
  }
}
