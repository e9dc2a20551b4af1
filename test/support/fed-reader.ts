// A split that gives what a test puts into it, when it does.

import { READ_END, READ_NOTHING, type SplitReader } from '../../src/connectors/connector.ts';
import type { LinearMemory } from '../../src/data/memory.ts';

export class FedReader implements SplitReader {
  readonly name = 'fed';
  readonly sizeBytes = null;
  readonly waitDescriptor = null;
  consumedBytes = 0;
  readonly #next: Uint8Array[] = [];
  #isEnded = false;

  /** Rows as JSON lines, in one read. */
  feed(...rows: object[]): void {
    this.#next.push(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  }

  end(): void {
    this.#isEnded = true;
  }

  read(memory: LinearMemory, address: number): number {
    const bytes = this.#next.shift();
    if (bytes === undefined) return this.#isEnded ? READ_END : READ_NOTHING;
    memory.u8.set(bytes, address);
    this.consumedBytes += bytes.length;
    return bytes.length;
  }

  close(): void {}
}
