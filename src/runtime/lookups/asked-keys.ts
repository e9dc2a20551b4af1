// Keys on their way to a table elsewhere and back: rows of the cache that stand for them, in the order they were wanted.
//
//   wanted ─► asked: the first `count` of each question that is not answered yet ─► answered
//
// A row that is asked for stays where it is until its question is settled (kernels/lookup-cache.ts).

import type { LinearMemory } from '../../data/memory.ts';
import { type KeyField, keyText } from './key-texts.ts';

export class AskedKeys {
  readonly #memory: LinearMemory;
  readonly #fields: readonly KeyField[];
  /** Addresses, those that are asked first. */
  #rows = new Uint32Array(1024);
  #count = 0;
  /** Of each question, how many of them. */
  readonly #questions: number[] = [];
  #askedCount = 0;

  constructor(memory: LinearMemory, fields: readonly KeyField[]) {
    this.#memory = memory;
    this.#fields = fields;
  }

  /** Questions without an answer. */
  get questionCount(): number {
    return this.#questions.length;
  }

  get hasUnasked(): boolean {
    return this.#count > this.#askedCount;
  }

  /** Adds `count` addresses, u32 each at `address`. */
  add(address: number, count: number): void {
    const total = this.#count + count;
    if (total > this.#rows.length) {
      const larger = new Uint32Array(Math.max(total, this.#rows.length * 2));
      larger.set(this.#rows.subarray(0, this.#count));
      this.#rows = larger;
    }
    for (let i = 0; i < count; i++) this.#rows[this.#count + i] = this.#memory.load32(address + i * 4);
    this.#count = total;
  }

  /** Makes a question of the next keys, `most` at most. @returns a list of texts for each column of the key */
  ask(most: number): string[][] {
    const count = Math.min(most, this.#count - this.#askedCount);
    const lists: string[][] = this.#fields.map(() => []);
    for (let i = 0; i < count; i++) {
      const row = this.#rows[this.#askedCount + i] as number;
      const texts = this.#fields.map((field) => keyText(this.#memory, row, field));
      // What no table can have need not be asked for.
      if (!texts.every((text) => text !== null)) continue;
      for (const [k, list] of lists.entries()) list.push(texts[k] as string);
    }
    this.#questions.push(count);
    this.#askedCount += count;
    return lists;
  }

  /** The rows of the first question, as addresses in linear memory: to be given back by `release` with `count`. */
  answered(): { address: number; count: number } {
    const count = this.#questions[0] as number;
    const address = this.#memory.allocate(Math.max(count * 4, 4));
    for (let i = 0; i < count; i++) this.#memory.store32(address + i * 4, this.#rows[i] as number);
    return { address, count };
  }

  /** The keys of the first question as JSON, for dead letters. */
  texts(): string[] {
    const rows = this.#rows.subarray(0, this.#questions[0] as number);
    return Array.from(rows, (row) => {
      const pairs = this.#fields.map((field) => [field.name, keyText(this.#memory, row, field)]);
      return JSON.stringify(Object.fromEntries(pairs));
    });
  }

  /** The first question is settled. */
  shift(): void {
    const count = this.#questions.shift() as number;
    this.#rows.copyWithin(0, count, this.#count);
    this.#count -= count;
    this.#askedCount -= count;
  }
}
