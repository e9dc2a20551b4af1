// The core beside the first decompresses for all: it reads a compressed split ahead of those who take chunks of it, as
// far as the pipe to them has room. It decodes chunks itself while there is none.

import { LaminarError, toPlain } from '../base/errors.ts';
import { READ_BYTES } from '../base/limits.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { BytePipe } from './channels/byte-pipe.ts';
import type { CoreLink } from './channels/core-link.ts';

export class Pump {
  readonly #memory: LinearMemory;
  readonly #pipe: BytePipe;
  readonly #link: CoreLink;
  readonly #readers: readonly SplitReader[];
  #reader: SplitReader | null = null;
  #buffer = 0;
  /** Bytes that nobody wants of those that come next. */
  #skip = 0;

  constructor(memory: LinearMemory, pipe: BytePipe, parts: { link: CoreLink; readers: readonly SplitReader[] }) {
    this.#memory = memory;
    this.#pipe = pipe;
    this.#link = parts.link;
    this.#readers = parts.readers;
  }

  /** Pumps for a while. @returns whether there was anything to do. */
  turn(): boolean {
    try {
      if (this.#pipe.hasRequest) this.#open();
      if (this.#reader === null || this.#pipe.room < READ_BYTES) return false;
      return this.#pump(this.#reader);
    } catch (error) {
      if (!(error instanceof LaminarError)) throw error;
      this.#pipe.fail(toPlain(error));
      this.#stop();
      return true;
    }
  }

  #open(): void {
    const { request } = this.#pipe;
    if (request === null) return;
    const { split, name, from } = request;
    this.#skip = from;
    this.#pipe.serve();
    this.#reader = this.#readers[split] ?? null;
    if (this.#reader?.name === name) return;
    this.#reader = null;
    // Files have come or gone since the first core looked.
    throw new LaminarError('LMN-5004', `cannot open ${name}: it is gone`, { at: { name } });
  }

  #pump(reader: SplitReader): boolean {
    if (this.#buffer === 0) this.#buffer = this.#memory.allocate(READ_BYTES);
    const count = reader.read(this.#memory, this.#buffer, READ_BYTES);
    if (count === READ_NOTHING) return false;
    if (count === READ_END) {
      this.#pipe.end(reader.consumedBytes);
      this.#stop();
      return true;
    }
    const skipped = Math.min(this.#skip, count);
    this.#skip -= skipped;
    if (skipped > 0) this.#pipe.skip(reader.consumedBytes);
    if (skipped < count) this.#pipe.put(this.#buffer + skipped, count - skipped, reader.consumedBytes);
    this.#link.ringOthers();
    return true;
  }

  #stop(): void {
    this.#reader = null;
    this.#link.ringOthers();
  }
}
