// Writes a rolled output: one file after another (rolled-files.ts), each an output by itself.
//
//   bytes that wait ─► parts say how many belong to the open file ─► the next file begins where it is full, or its time over
//
// A file is made when its first row comes, so none is empty. Without transactions it gets its name as soon as the next row
// belongs to another one, or the output has ended; with them (rolled-transactions.ts) when a checkpoint counts that has it.

import { killPoint } from '../base/kill-point.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { OutputParts } from '../data/output-parts.ts';
import type { ByteWriter } from './connector.ts';
import type { RolledFiles } from './rolled-files.ts';

/** Where a rolled output is, between two rows. */
export interface RolledPlace {
  /** Number of the first file of this output. */
  first: number;
  /** Of the file that is open, or will be the next. */
  number: number;
  /** Bytes that it has on the disk; 0: there is no such file yet. */
  fileBytes: number;
  /** As its format counts them (OutputParts.bytes). */
  partBytes: number;
  /** When its first row came, ms since 1970; null: none has. */
  begunMillis: number | null;
}

export interface RolledOptions {
  files: RolledFiles;
  parts: OutputParts;
  /** Longest time from the first row of a file to its end; null: however long. */
  millisMax: number | null;
  now: () => number;
  /** Names are given by transactions. */
  isCommitted: boolean;
  /** Opens a file in progress. `resumeAt`: bytes of it that stay; null: it is new. */
  open: (file: string, resumeAt: number | null) => ByteWriter;
}

export class RolledWriter implements ByteWriter {
  readonly name: string;
  readonly #options: RolledOptions;
  readonly #first: number;
  #number: number;
  #file: ByteWriter | null = null;
  /** Bytes of the files before the open one. */
  #bytesBefore: number;
  #begunMillis: number | null;

  /** Goes on at a place, up to which the output has so many bytes. @throws LMN-4005, LMN-5030 */
  constructor(options: RolledOptions, place: RolledPlace, bytes: number) {
    this.name = options.files.path;
    this.#options = options;
    this.#first = place.first;
    this.#number = place.number;
    this.#bytesBefore = bytes - place.fileBytes;
    this.#begunMillis = place.begunMillis;
    options.parts.bytes = place.partBytes;
    if (place.fileBytes > 0) this.#file = options.open(options.files.inProgress(place.number), place.fileBytes);
  }

  write(memory: LinearMemory, address: number, bytes: number): void {
    const { parts } = this.#options;
    const end = address + bytes;
    for (let at = address; at < end; ) {
      const count = parts.take(at, end);
      if (count > 0) (this.#file ?? this.#begin(memory)).write(memory, at, count);
      at += count;
      if (at < end || parts.isComplete) this.#end();
    }
  }

  flush(): void {
    this.#file?.flush();
  }

  settle(): number {
    return this.#bytesBefore + (this.#file?.settle() ?? 0);
  }

  place(): string {
    const place: RolledPlace = {
      first: this.#first,
      number: this.#number,
      fileBytes: this.#file?.settle() ?? 0,
      partBytes: this.#options.parts.bytes,
      begunMillis: this.#begunMillis,
    };
    return JSON.stringify(place);
  }

  isPartOver(): boolean {
    const { millisMax, now } = this.#options;
    return millisMax !== null && this.#begunMillis !== null && now() - this.#begunMillis >= millisMax;
  }

  endPart(): void {
    if (this.#file !== null) this.#end();
    this.#options.parts.close();
  }

  /** A file that is open stays in progress. */
  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #begin(memory: LinearMemory): ByteWriter {
    const { files, parts, millisMax, now, open } = this.#options;
    files.requireNew(this.#number);
    const file = open(files.inProgress(this.#number), null);
    this.#file = file;
    if (millisMax !== null) this.#begunMillis = now();
    if (parts.headBytes > 0) file.write(memory, parts.head, parts.headBytes);
    return file;
  }

  #end(): void {
    const { files, isCommitted } = this.#options;
    const file = this.#file as ByteWriter;
    this.#bytesBefore += file.settle();
    this.#file = null;
    file.close();
    killPoint('rolled', this.#number);
    if (!isCommitted) files.finish(this.#number);
    this.#number++;
    this.#begunMillis = null;
  }
}

/** What `place` gave. */
export function readPlace(text: string): RolledPlace {
  return JSON.parse(text) as RolledPlace;
}
