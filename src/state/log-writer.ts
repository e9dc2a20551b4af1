// Writes the log of an input into files (log-segment.ts), for one thread that does nothing else.
//
//   write   adds records behind the last ones: they outlive the process
//   sync    has all of them on the disk: they outlive the system
//
// Records are put together in memory that begins at a page, as the disk takes them, and summed there while they are near.

import fs from 'node:fs';
import type { LinearMemory } from '../data/memory.ts';
import { LogFile } from './log-file.ts';
import { HEADER_BYTES, PAGE_BYTES, RECORD_BYTES_MAX, recordSpan, writeHeader } from './log-record.ts';
import { type Segment, segmentFile } from './log-segment.ts';

/** The log is cut off in whole files: what is kept in vain, at most. */
const SEGMENT_BYTES = 1 << 26;
/** Records of the largest size that are written with one call. */
const GATHERED_COUNT = 16;
/** Bytes of an input that fill one call. */
export const GATHERED_BYTES = GATHERED_COUNT * RECORD_BYTES_MAX;
/** Odd, so that each salt comes of one other. */
const SALT_FACTOR = 0x9e3779b1;
const PAGES_BYTES = GATHERED_COUNT * recordSpan(RECORD_BYTES_MAX);

export interface LogWriterParts {
  /** Where records are put together. */
  memory: LinearMemory;
  /** Where the files are; it is made. */
  folder: string;
  /** The number of the byte that comes next. */
  end: number;
  /** Random, 32 bits: the salts of files come of it. */
  seed: number;
  /** A file was begun. */
  onSegment: (segment: Segment) => void;
  /** Bytes of a file after which the next is begun. */
  segmentBytes?: number | undefined;
}

export class LogWriter {
  /** The number of the byte that comes next. */
  end: number;
  /** Bytes of the input before it are on the disk. */
  durable: number;
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #onSegment: (segment: Segment) => void;
  #file: LogFile | null = null;
  #salt: number;
  readonly #memory: LinearMemory;
  /** Records that are not in the file yet: where in memory, and how many bytes they are. */
  readonly #address: number;
  #filled = 0;

  /** @throws what the system says. */
  constructor({ memory, folder, end, seed, onSegment, segmentBytes = SEGMENT_BYTES }: LogWriterParts) {
    this.#segmentBytes = segmentBytes;
    this.#folder = folder;
    this.end = end;
    this.durable = end;
    this.#onSegment = onSegment;
    this.#salt = seed;
    this.#memory = memory;
    const address = memory.allocate(PAGES_BYTES + PAGE_BYTES);
    this.#address = Math.ceil(address / PAGE_BYTES) * PAGE_BYTES;
    fs.mkdirSync(folder, { recursive: true });
  }

  /** Adds bytes behind the last ones. @throws what the system says, ENOSPC when the disk is full. */
  write(parts: readonly Uint8Array[]): void {
    const file = this.#current();
    for (const part of parts) {
      for (let at = 0; at < part.length; at += RECORD_BYTES_MAX) {
        const bytes = Math.min(RECORD_BYTES_MAX, part.length - at);
        if (this.#filled + recordSpan(bytes) > PAGES_BYTES) this.#flush(file);
        this.#add(part, at, bytes);
      }
    }
    this.#flush(file);
  }

  /** Has everything on the disk. @throws what the system says. */
  sync(): void {
    if (this.#file === null) return;
    this.#file.sync();
    this.durable = this.end;
  }

  /** Bytes of the file that are not known to be on the disk. */
  get unsynced(): number {
    return this.#file?.unsynced ?? 0;
  }

  /** @throws what the system says. */
  close(): void {
    this.#file?.close();
    this.#file = null;
    this.durable = this.end;
  }

  /** The file that records go to now. */
  #current(): LogFile {
    if (this.#file !== null && this.#file.position < this.#segmentBytes) return this.#file;
    this.close();
    this.#salt = Math.imul(this.#salt, SALT_FACTOR) >>> 0;
    const segment = { begin: this.end, salt: this.#salt };
    this.#file = new LogFile(segmentFile(this.#folder, segment));
    this.#onSegment(segment);
    return this.#file;
  }

  #add(from: Uint8Array, at: number, bytes: number): void {
    const { u8 } = this.#memory;
    const place = this.#address + this.#filled;
    const begin = place + HEADER_BYTES;
    // Faster than TypedArray.set out of shared memory, which copies word by word.
    Buffer.prototype.copy.call(from, u8, begin, at, at + bytes);
    writeHeader(this.#memory, place, this.#salt, { bytes, offset: this.end, durable: this.durable });
    this.#filled += recordSpan(bytes);
    u8.fill(0, begin + bytes, this.#address + this.#filled);
    this.end += bytes;
  }

  #flush(file: LogFile): void {
    if (this.#filled === 0) return;
    file.append(this.#memory.u8.subarray(this.#address, this.#address + this.#filled));
    this.#filled = 0;
  }
}
