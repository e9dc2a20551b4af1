// Writes the log of an input into files (log-segment.ts), for one thread that does nothing else.
//
//   write   adds records behind the last ones: they outlive the process
//   sync    has all of them on the disk: they outlive the system
//
// Room is reserved ahead, so that a sync writes bytes and no metadata; what is on the disk is not kept in memory.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { forgetPages, reserveSpace } from '../platform/file-space.ts';
import { HEADER_BYTES, PAGE_BYTES, RECORD_BYTES_MAX, recordSpan, writeHeader } from './log-record.ts';
import { type Segment, segmentFile } from './log-segment.ts';

/** The log is cut off in whole files: what is kept in vain, at most. */
const SEGMENT_BYTES = 1 << 26;
const RESERVED_BYTES_MIN = 1 << 20;
const RESERVED_BYTES_MAX = 1 << 24;
/** Buffers in one system call, at most. */
const VECTOR_MAX = 1024;
const FILLING = new Uint8Array(PAGE_BYTES);

export interface LogWriterParts {
  /** Where the files are; it is made. */
  folder: string;
  /** The number of the byte that comes next. */
  end: number;
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
  #descriptor = -1;
  #salt = 0;
  /** In the file: where the next record goes, what is on the disk, what there is room for. */
  #position = 0;
  #synced = 0;
  #reserved = 0;
  /** Headers of one call. */
  #headers = new Uint8Array(0);

  /** @throws what the system says. */
  constructor({ folder, end, onSegment, segmentBytes = SEGMENT_BYTES }: LogWriterParts) {
    this.#segmentBytes = segmentBytes;
    this.#folder = folder;
    this.end = end;
    this.durable = end;
    this.#onSegment = onSegment;
    fs.mkdirSync(folder, { recursive: true });
  }

  /** Adds bytes behind the last ones. @throws what the system says, ENOSPC when the disk is full. */
  write(parts: readonly Uint8Array[]): void {
    if (this.#descriptor < 0 || this.#position >= this.#segmentBytes) this.#begin();
    const pieces = parts.flatMap(cut);
    this.#reserve(pieces.reduce((sum, piece) => sum + recordSpan(piece.length), 0));
    if (this.#headers.length < pieces.length * HEADER_BYTES)
      this.#headers = new Uint8Array(pieces.length * HEADER_BYTES);
    const vector = pieces.flatMap((piece, index) => this.#record(piece, index));
    for (let at = 0; at < vector.length; at += VECTOR_MAX) this.#writeAll(vector.slice(at, at + VECTOR_MAX));
  }

  /** Has everything on the disk. @throws what the system says. */
  sync(): void {
    if (this.#synced === this.#position) return;
    fs.fdatasyncSync(this.#descriptor);
    forgetPages(this.#descriptor, this.#synced, this.#position - this.#synced);
    this.#synced = this.#position;
    this.durable = this.end;
  }

  /** Bytes of the file that are not known to be on the disk. */
  get unsynced(): number {
    return this.#position - this.#synced;
  }

  /** @throws what the system says. */
  close(): void {
    if (this.#descriptor < 0) return;
    this.sync();
    fs.ftruncateSync(this.#descriptor, this.#position);
    fs.closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #record(piece: Uint8Array, index: number): Uint8Array[] {
    const at = index * HEADER_BYTES;
    const header = { bytes: piece.length, checksum: crc32(piece), offset: this.end, durable: this.durable };
    writeHeader(new DataView(this.#headers.buffer, at, HEADER_BYTES), this.#salt, header);
    this.end += piece.length;
    const filling = recordSpan(piece.length) - HEADER_BYTES - piece.length;
    return [this.#headers.subarray(at, at + HEADER_BYTES), piece, FILLING.subarray(0, filling)];
  }

  #begin(): void {
    this.close();
    this.#salt = randomBytes(4).readUInt32LE();
    const segment = { begin: this.end, salt: this.#salt };
    this.#descriptor = fs.openSync(segmentFile(this.#folder, segment), 'wx');
    [this.#position, this.#synced, this.#reserved] = [0, 0, 0];
    syncFolder(this.#folder);
    this.#onSegment(segment);
  }

  #reserve(bytes: number): void {
    if (this.#position + bytes <= this.#reserved) return;
    const step = Math.min(Math.max(this.#position, RESERVED_BYTES_MIN), RESERVED_BYTES_MAX);
    const wanted = this.#position + bytes + step;
    if (!reserveSpace(this.#descriptor, this.#reserved, wanted - this.#reserved)) {
      throw Object.assign(new Error('no space left on the device'), { code: 'ENOSPC' });
    }
    this.#reserved = wanted;
  }

  #writeAll(vector: readonly Uint8Array[]): void {
    let left = vector;
    while (left.length > 0) {
      const count = fs.writevSync(this.#descriptor, left, this.#position);
      this.#position += count;
      left = behind(left, count);
    }
  }
}

/** Has the names in a folder on the disk. @throws what the system says. */
export function syncFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function cut(part: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < part.length; at += RECORD_BYTES_MAX) pieces.push(part.subarray(at, at + RECORD_BYTES_MAX));
  return pieces;
}

/** What is left of buffers without their first bytes. */
function behind(vector: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return vector.flatMap((part) => {
    const count = Math.min(skipped, part.length);
    skipped -= count;
    return count === part.length ? [] : [part.subarray(count)];
  });
}
