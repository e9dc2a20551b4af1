// Writes a file descriptor: standard output, a file, a pipe.
//
// A write takes all bytes: short writes go on, a full non-blocking pipe or terminal is waited for. A reader that has
// gone away is ClosedOutput, which ends the run quietly; any other refusal is an error.

import fs from 'node:fs';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { waitWritable } from '../platform/poll.ts';
import { type ByteWriter, ClosedOutput } from './connector.ts';

export class DescriptorWriter implements ByteWriter {
  readonly name: string;
  readonly #descriptor: number;
  readonly #owned: boolean;
  /** Bytes of the output. */
  #position: number;

  /** Takes an open descriptor, `position` bytes into its output; `owned` descriptors are closed by `close`. */
  constructor(name: string, descriptor: number, owned: boolean, position = 0) {
    this.name = name;
    this.#descriptor = descriptor;
    this.#owned = owned;
    this.#position = position;
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    this.writeFrom(memory.u8, address, bytes);
  }

  /** `write` from any byte array: what a compressor hands over. */
  writeFrom(source: Uint8Array, offset: number, bytes: number): void {
    let written = 0;
    while (written < bytes) {
      try {
        written += fs.writeSync(this.#descriptor, source, offset + written, bytes - written);
      } catch (error) {
        this.#refused(error as NodeJS.ErrnoException);
      }
    }
    this.#position += bytes;
  }

  settle(): number {
    return this.#position;
  }

  flush(): void {
    // Nothing is held back: every write is a system call.
  }

  close(): void {
    if (!this.#owned) return;
    try {
      fs.closeSync(this.#descriptor);
    } catch (error) {
      this.#refused(error as NodeJS.ErrnoException);
    }
  }

  /** Returns when the write should be tried again. */
  #refused(error: NodeJS.ErrnoException): void {
    switch (error.code) {
      case 'EINTR':
        return;
      case 'EAGAIN':
        waitWritable(this.#descriptor, -1);
        return;
      case 'EPIPE':
      case 'ECONNRESET':
        throw new ClosedOutput(`the reader of ${this.name} has gone away`);
      case 'ENOSPC':
      case 'EDQUOT':
        throw this.#failed(error, 'no space left', 'free some space or write to another disk');
      default:
        throw this.#failed(error, error.code ?? error.message);
    }
  }

  #failed(cause: Error, reason: string, hint?: string): LaminarError {
    return new LaminarError('LMN-5031', `cannot write ${this.name}: ${reason}`, {
      at: { name: this.name },
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
