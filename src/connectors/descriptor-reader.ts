// Reads a file descriptor: a regular file, a pipe, a terminal, a socket, a device.
//
// A regular file is read straight on: it never blocks for long. Everything else is asked first (poll with no wait,
// 0.3 µs), so that `read` never blocks: READ_NOTHING when nothing is there, and the caller waits on `waitDescriptor`.
// Bytes go from the kernel straight into linear memory; a read makes no garbage.

import fs from 'node:fs';
import { LaminarError } from '../base/errors.ts';
import { PIPE_BYTES } from '../base/limits.ts';
import type { LinearMemory } from '../data/memory.ts';
import { growPipe, isReadable } from '../platform/poll.ts';
import { READ_END, READ_NOTHING, type Replay, type Sharing, type SplitReader } from './connector.ts';
import { replayOf } from './file-identity.ts';

export class DescriptorReader implements SplitReader {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly waitDescriptor: number | null;
  consumedBytes = 0;
  readonly #descriptor: number;
  readonly #owned: boolean;
  /** Where the next read begins, once that is not where the last one ended. */
  #position: number | null = null;
  #ended = false;

  /** Takes an open descriptor; `owned` descriptors are closed by `close`. */
  constructor(name: string, descriptor: number, owned: boolean) {
    const stats = fs.fstatSync(descriptor);
    if (stats.isDirectory()) {
      throw new LaminarError('LMN-5002', `${name} is a directory`, { hint: 'give a file, or a pattern such as dir/*' });
    }
    this.name = name;
    this.#descriptor = descriptor;
    this.#owned = owned;
    this.sizeBytes = stats.isFile() ? stats.size : null;
    this.waitDescriptor = stats.isFile() ? null : descriptor;
    if (stats.isFIFO()) growPipe(descriptor, PIPE_BYTES);
  }

  read(memory: LinearMemory, address: number, bytes: number): number {
    return this.readInto(memory.u8, address, bytes);
  }

  /** What someone else opened may be gone, or stand anywhere, the next time. */
  get replay(): Replay | null {
    return this.#owned && this.waitDescriptor === null ? replayOf(this.#descriptor) : null;
  }

  sharing(): Sharing | null {
    // What someone else opened may stand anywhere; a second reader of it stands there too.
    if (!this.#owned) return 'turns';
    return this.waitDescriptor === null ? 'offset' : null;
  }

  readAt(memory: LinearMemory, address: number, bytes: number, offset: number): number {
    try {
      const count = fs.readSync(this.#descriptor, memory.u8, address, bytes, offset);
      return count === 0 ? READ_END : count;
    } catch (error) {
      return this.#refused(error as NodeJS.ErrnoException);
    }
  }

  /** `read` into any byte array: what a decompressor feeds on. */
  readInto(target: Uint8Array, offset: number, bytes: number): number {
    if (this.#ended) return READ_END;
    if (this.waitDescriptor !== null && !isReadable(this.#descriptor)) return READ_NOTHING;
    let count: number;
    try {
      count = fs.readSync(this.#descriptor, target, offset, bytes, this.#position);
    } catch (error) {
      return this.#refused(error as NodeJS.ErrnoException);
    }
    if (count === 0) {
      this.#ended = true;
      return READ_END;
    }
    this.consumedBytes += count;
    if (this.#position !== null) this.#position += count;
    return count;
  }

  seek(offset: number): void {
    this.#position = offset;
    this.consumedBytes = offset;
  }

  close(): void {
    this.#ended = true;
    if (this.#owned) fs.closeSync(this.#descriptor);
  }

  #refused(error: NodeJS.ErrnoException): number {
    // Another process sharing the pipe made it non-blocking, and someone else took the bytes: wait for more.
    if (error.code === 'EAGAIN' || error.code === 'EINTR') return READ_NOTHING;
    throw new LaminarError('LMN-5020', `cannot read ${this.name}: ${error.code ?? error.message}`, {
      at: { name: this.name },
      cause: error,
    });
  }
}
