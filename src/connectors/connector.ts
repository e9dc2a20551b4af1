// The contract of a connector: bytes in, bytes out. A connector knows offsets and never looks inside a record.
//
// All calls are synchronous and made by the core that owns the reader or writer.

import type { PlainError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { OutputParts } from '../data/output-parts.ts';
import type { Schema } from '../data/schema.ts';

/** `read` had nothing to give now. */
export const READ_NOTHING = 0;
/** The split has ended. */
export const READ_END = -1;

/** One split of a source. */
export interface SplitReader {
  /** For messages: `stdin`, a file's path. */
  readonly name: string;
  /** Size of the raw input in bytes when known (for progress). */
  readonly sizeBytes: number | null;
  /** Raw bytes read so far (before decompression). */
  readonly consumedBytes: number;
  /** A descriptor to wait on (poll) when `read` returned READ_NOTHING; null when time is all there is to wait for. */
  readonly waitDescriptor: number | null;
  /** Reads up to `bytes` bytes to `address` without blocking. @returns the count, READ_NOTHING or READ_END. */
  read(memory: LinearMemory, address: number, bytes: number): number;
  /**
   * Whether another reader of the same split, on another core, may read it too: `offset`, both by `readAt`; `turns`,
   * both by `read`, one call at a time, each going on where the last one ended; `records`, both by `make`; `pumped`, one
   * reads all of it, and the others take it from there. Without this method only one may.
   */
  sharing?(): Sharing | null;
  /** Reads up to `bytes` bytes from `offset` of the split. @returns the count, READ_END behind the last byte. */
  readAt?(memory: LinearMemory, address: number, bytes: number, offset: number): number;
  /** How its bytes are known again by a later run, which reads them a second time; null or left out: nobody can. */
  readonly replay?: Replay | null;
  /**
   * Goes on at `offset` of the split, before the first read, behind so many lines. Without this method what is before has
   * to be read.
   */
  seek?(offset: number, lineCount: number): void;
  /** Makes records by their numbers, of a split that is shared as `records`. */
  readonly made?: MadeRecords;
  close(): void;
}

export interface Replay {
  /**
   * What the bytes before `offset` are known by. `rawBytes`: bytes of the split as it is stored, read by another reader of it;
   * null: by this one.
   */
  identify(offset: number, rawBytes: number | null): string;
  /** Whether the split still begins with the bytes that `identify` was asked about. */
  isSame(identity: string): boolean;
}

export type Sharing = 'offset' | 'turns' | 'records' | 'pumped';

/** Records that are made, each from its number alone. Some numbers may have none. */
export interface MadeRecords {
  /** How many there are, Infinity without an end. */
  readonly count: number;
  /** No record is longer, bytes that are written behind it included. */
  readonly recordBytes: number;
  /** A rate says how many are due; otherwise all are, at once. */
  readonly isTimed: boolean;
  /** How many may have been made so long after the first: all, or as many as a rate says. */
  dueAfter(millis: number): number;
  /** When a record is due, ms after the first. */
  dueAt(record: number): number;
  /** The number behind that of the last of so many records. */
  numberAfter(count: number): number;
  /**
   * Writes the records from number `first` up to `end`, as many as fit into `bytes` bytes at `address`, which is enough
   * for one. @returns bytes written; `next` is the first number that was not looked at.
   */
  make(range: { first: number; end: number }, address: number, bytes: number): number;
  readonly next: number;
}

export interface ByteWriter {
  readonly name: string;
  /** Writes all of memory [address, address + bytes). @throws ClosedOutput when the reader has gone away. */
  write(memory: LinearMemory, address: number, bytes: number): void;
  /** Everything written so far is on its way (compressors flush at `close` only). */
  flush(): void;
  /** Bytes of the output so far, such that a later writer may go on behind them. Compressors end a member. */
  settle(): number;
  /** Where `settle` was: what a later writer has to know besides; null or left out: nothing. */
  place?(): string | null;
  /** Of an output that is cut into parts: the time of the open one is over. What waits belongs to it. */
  isPartOver?(): boolean;
  /** Ends the open part, all of which has been written: its time is over, or the output is whole. */
  endPart?(): void;
  close(): void;
}

/** What a sink is opened with besides its own options. */
export interface SinkContext {
  name: string;
  schema: Schema;
  /** Bytes of its output that stay, of what an earlier run wrote; null: there was none. */
  resumeAt: number | null;
  /** What that run's writer said of its place; null: nothing. */
  place: string | null;
  /** What is finished is made visible by the sink's transactions, not by its writer. */
  isCommitted: boolean;
  /** Cuts what the encoder gives into parts of so many bytes; null: the format cannot be cut. */
  cut: ((bytesMax: number) => OutputParts) | null;
  /** Milliseconds of the wall clock. */
  now: () => number;
}

/** A table elsewhere, of which rows are asked for by their keys, and come while the core does something else. */
export interface KeyedTable {
  /** Asks for the rows of keys: texts, one list for each column of the key. There is one answer to each question, in order. */
  ask(keys: string[][]): void;
  /** What has come next, null when nothing has. The first is `ready`, or why it cannot be asked. */
  take(): KeyedAnswer | null;
  /** Sleeps until there may be an answer, or the time is over. */
  wait(millis: number): void;
  /** The run is to end: what cannot be answered now need not be tried again and again. */
  hurry(): void;
  close(): void;
}

export type KeyedAnswer =
  | { kind: 'ready' }
  /** NDJSON: the rows there are, each once at least, with the key as it was asked for. */
  | { kind: 'rows'; records: Uint8Array }
  /** Instead of rows, after some tries. */
  | { kind: 'failed'; error: PlainError }
  /** No answer, but something to tell the user. */
  | { kind: 'notice'; text: string };

/** The other end of an output pipe was closed: the run ends quietly. */
export class ClosedOutput extends Error {
  override readonly name = 'ClosedOutput';
}
