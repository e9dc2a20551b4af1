// The raw bytes of a source between its connector and its decoder: one buffer in linear memory.
//
//   address ─► [ consumed │ begin … end: not decoded yet │ free space ] + READ_SLACK
//
// Undecoded bytes move to the front before a refill, so a record is always contiguous. The buffer starts at two reads
// and doubles when a record does not fit, up to the source's limit plus one read.

import { READ_SLACK } from '../../kernels/layout.ts';
import { READ_BYTES } from '../base/limits.ts';
import { READ_END, READ_NOTHING, type SplitReader } from '../connectors/connector.ts';
import type { LinearMemory } from '../data/memory.ts';

export class InputBuffer {
  readonly #memory: LinearMemory;
  readonly #readBytes: number;
  readonly #bytesMax: number;
  #address: number;
  #bytes: number;
  /** Addresses of the undecoded bytes. */
  begin: number;
  end: number;
  /** Offset in the split of the byte at `begin`. */
  offset = 0;

  constructor(memory: LinearMemory, maxRecordBytes: number, readBytes: number = READ_BYTES) {
    this.#memory = memory;
    this.#readBytes = readBytes;
    this.#bytesMax = Math.max(maxRecordBytes + readBytes, 2 * readBytes);
    this.#bytes = 2 * readBytes;
    this.#address = memory.allocate(this.#bytes + READ_SLACK);
    this.begin = this.#address;
    this.end = this.#address;
  }

  /** Marks bytes at the front as decoded. */
  consume(bytes: number): void {
    this.begin += bytes;
    this.offset += bytes;
  }

  /** Reads more from the split. @returns bytes added, READ_NOTHING or READ_END. */
  fill(reader: SplitReader): number {
    const memory = this.#memory;
    memory.refresh();
    const waiting = this.end - this.begin;
    if (this.begin !== this.#address && waiting < this.#readBytes) {
      memory.u8.copyWithin(this.#address, this.begin, this.end);
      this.begin = this.#address;
      this.end = this.#address + waiting;
    }
    if (this.end - this.#address + this.#readBytes > this.#bytes) this.#makeRoom();
    const count = reader.read(memory, this.end, this.#readBytes);
    if (count === READ_END || count === READ_NOTHING) return count;
    this.end += count;
    return count;
  }

  /** Leaves out the beginning of a split that has not been read yet. It has so many lines. */
  skipTo(reader: SplitReader, offset: number, lineCount: number): void {
    this.offset = offset;
    if (reader.seek !== undefined) {
      reader.seek(offset, lineCount);
      return;
    }
    for (let left = offset; left > 0; ) {
      const count = reader.read(this.#memory, this.#address, Math.min(left, this.#readBytes));
      if (count === READ_END) return;
      left -= count;
    }
  }

  /** Forgets what is left and starts a new split. */
  reset(): void {
    this.begin = this.#address;
    this.end = this.#address;
    this.offset = 0;
  }

  get usedBytes(): number {
    return this.#bytes;
  }

  /** Moves to the front, or into a buffer twice the size, so that a read fits. */
  #makeRoom(): void {
    const memory = this.#memory;
    const waiting = this.end - this.begin;
    let address = this.#address;
    if (waiting + this.#readBytes > this.#bytes) {
      const bytes = Math.min(
        Math.max(this.#bytes * 2, waiting + this.#readBytes),
        Math.max(this.#bytesMax, waiting + this.#readBytes),
      );
      address = memory.allocate(bytes + READ_SLACK);
      memory.u8.copyWithin(address, this.begin, this.end);
      memory.kernels.release(this.#address, this.#bytes + READ_SLACK);
      this.#address = address;
      this.#bytes = bytes;
    } else {
      memory.u8.copyWithin(address, this.begin, this.end);
    }
    this.begin = address;
    this.end = address + waiting;
  }
}
