// A file of a pattern: known from the start, opened when it is first read, closed at its end. One of many is open.

import { assert } from '../base/assert.ts';
import type { LinearMemory } from '../data/memory.ts';
import { READ_END, type Replay, type Sharing, type SplitReader } from './connector.ts';

export class LazySplit implements SplitReader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #open: () => SplitReader;
  #reader: SplitReader | null = null;
  #isEnded = false;

  constructor(name: string, sizeBytes: number, open: () => SplitReader) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#open = open;
  }

  /** Opens the file when it is asked for something. */
  get replay(): Replay {
    const opened = (): Replay => {
      this.#reader ??= this.#open();
      const { replay } = this.#reader;
      assert(replay !== undefined && replay !== null, `${this.name} is a regular file`);
      return replay;
    };
    return {
      identify: (offset, rawBytes) => opened().identify(offset, rawBytes),
      isSame: (identity) => opened().isSame(identity),
    };
  }

  /** @throws what opening throws, on the first call. */
  read(memory: LinearMemory, address: number, bytes: number): number {
    if (this.#isEnded) return READ_END;
    this.#reader ??= this.#open();
    const count = this.#reader.read(memory, address, bytes);
    this.consumedBytes = this.#reader.consumedBytes;
    if (count === READ_END) this.close();
    return count;
  }

  /** @throws what opening throws. */
  sharing(): Sharing | null {
    if (this.#isEnded) return null;
    this.#reader ??= this.#open();
    return this.#reader.sharing?.() ?? null;
  }

  readAt(memory: LinearMemory, address: number, bytes: number, offset: number): number {
    const read = this.#reader?.readAt?.(memory, address, bytes, offset);
    assert(read !== undefined, `${this.name} has been opened and is read by offset`);
    return read;
  }

  /** @throws what opening throws. */
  get seek(): SplitReader['seek'] {
    this.#reader ??= this.#open();
    const reader = this.#reader;
    if (reader.seek === undefined) return undefined;
    return (offset, lineCount) => {
      reader.seek?.(offset, lineCount);
      this.consumedBytes = reader.consumedBytes;
    };
  }

  close(): void {
    this.#isEnded = true;
    this.#reader?.close();
    this.#reader = null;
  }
}
