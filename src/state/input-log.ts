// The write-ahead log of a state directory: the bytes of inputs that cannot be read a second time.
//
//   DIR/wal-0/<source>.wal/      files of records (log-segment.ts, log-record.ts), by the byte that they begin with
//
// A thread of its own adds to it (log-writer.ts); what is here finds what an earlier run has left, reads it, and removes
// what the checkpoints that stay do not need: whole files, but never the last, since where it ends the next run goes on.
//
// What was written last when the system stopped may be there in part. It was never promised, so it is cut off. Every
// record says what was on the disk before it: what is not whole there is damage, which is reported and never read.

import fs from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { loadKernelModule } from '../platform/resources.ts';
import { unwritable } from './environment.ts';
import { syncFolder } from './log-file.ts';
import { findEnd, listSegments, readRecord, recordsOf, type Segment, segmentFile } from './log-segment.ts';
import { LogSums } from './log-sums.ts';
import { damaged } from './manifest.ts';

const NEWLINE = 10;
/** Bytes that are kept for checkpoints before the last, at most. */
const OLDER_BYTES_MAX = 2 ** 30;
const SUFFIX = '.wal';
/** What earlier versions wrote there, with other sums or in other files. */
const FOREIGN = /^data\.mdb$|\.log$/;

/** Bytes of an input by their number: those in the log. */
export interface LoggedSpan {
  begin: number;
  end: number;
}

export interface LogOptions {
  /** Goes on without what is damaged, and tells what was lost. */
  isLenient: boolean;
  onLoss: (text: string) => void;
  /** What sums records, when there is something already that does. */
  sums?: LogSums;
}

/** Of one source. */
interface Kept {
  /** In their order. */
  segments: Segment[];
  /** Where the last of them ended when the run began; where the log begins that has none. */
  end: number;
}

export class InputLog {
  readonly #directory: string;
  readonly #options: LogOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #sums: LogSums;

  private constructor(directory: string, options: LogOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#sums = options.sums ?? new LogSums(loadKernelModule);
  }

  /** For the run, which is the only one to have the directory. @throws LMN-4003, LMN-4007 */
  static open(directory: string, options: LogOptions): InputLog {
    const log = new InputLog(directory, options);
    for (const source of sourcesIn(directory)) log.#kept.set(source, log.#repair(source));
    return log;
  }

  /** What the log of a directory has, while a run may be using it: spans by source. @throws LMN-4003 */
  static spans(directory: string): Map<string, LoggedSpan> {
    const spans = new Map<string, LoggedSpan>();
    const sums = new LogSums(loadKernelModule);
    for (const source of sourcesIn(directory)) {
      const folder = folderOf(directory, source);
      const segments = listSegments(folder);
      const last = segments.at(-1);
      if (last !== undefined)
        spans.set(source, { begin: segments[0]?.begin ?? 0, end: findEnd(folder, last, sums).end });
    }
    return spans;
  }

  /** Where the files of a source are. */
  folder(source: string): string {
    return folderOf(this.#directory, source);
  }

  span(source: string): LoggedSpan {
    const { segments, end } = this.#of(source);
    return { begin: segments[0]?.begin ?? end, end };
  }

  /**
   * Where an earlier run was: a log that ends before, since what it had then is damaged or gone, begins there.
   * @throws LMN-4010 when it does not reach back so far; LMN-4007
   */
  async begin(source: string, offset: number): Promise<void> {
    const { begin, end } = this.span(source);
    if (offset < begin) {
      throw new LaminarError('LMN-4010', `the log of ${source} begins at byte ${begin}, and ${offset} is wanted`, {
        hint: 'go on from the last checkpoint, or begin again with --fresh',
      });
    }
    if (offset <= end) return;
    const { segments } = this.#of(source);
    this.#kept.set(source, { segments: [], end: offset });
    await this.#remove(source, segments);
  }

  /** The writer has begun a file. */
  extend(source: string, segment: Segment): void {
    this.#of(source).segments.push(segment);
  }

  /** The error for what the system says to the writer. */
  unwritable(error: NodeJS.ErrnoException): LaminarError {
    return unwritable(this.#directory, error);
  }

  /** The bytes from an offset of the span on, piece by piece. @throws LMN-4009 when some are damaged or missing. */
  *read(source: string, from: number): Generator<Uint8Array> {
    const { segments, end } = this.#of(source);
    let offset = from;
    for (const [index, segment] of [...segments].entries()) {
      const limit = segments[index + 1]?.begin ?? end;
      for (const piece of this.#readSegment(source, segment, { begin: offset, end: limit })) {
        yield piece;
        offset += piece.length;
      }
    }
  }

  /**
   * Removes whole files, but the last: those before `wanted`, and those before `needed` that are more than is kept for
   * older checkpoints. @throws LMN-4007
   */
  async cut(source: string, { needed, wanted }: { needed: number; wanted: number }): Promise<void> {
    const { segments } = this.#of(source);
    const offset = Math.min(needed, Math.max(wanted, needed - OLDER_BYTES_MAX));
    const kept = segments.findIndex((_, index) => (segments[index + 1]?.begin ?? Number.POSITIVE_INFINITY) > offset);
    if (kept > 0) await this.#remove(source, segments.splice(0, kept));
  }

  /** Forgets everything. @throws LMN-4007 */
  async clear(): Promise<void> {
    const all = [...this.#kept];
    this.#kept.clear();
    for (const [source, { segments }] of all) await this.#remove(source, segments);
  }

  #of(source: string): Kept {
    const kept = this.#kept.get(source) ?? { segments: [], end: 0 };
    this.#kept.set(source, kept);
    return kept;
  }

  *#readSegment(source: string, segment: Segment, { begin, end }: LoggedSpan): Generator<Uint8Array> {
    let offset = begin;
    if (offset >= end) return;
    const descriptor = this.#open(segmentFile(this.folder(source), segment));
    try {
      for (const record of recordsOf(descriptor, segment.salt, this.#sums)) {
        const recordEnd = record.offset + record.bytes;
        if (recordEnd <= offset || record.offset >= end) continue;
        if (record.offset > offset) yield this.#lost(source, offset, record.offset);
        offset = Math.max(offset, record.offset);
        const found = readRecord(descriptor, record, this.#sums);
        yield found?.subarray(offset - record.offset) ?? this.#lost(source, offset, recordEnd);
        offset = recordEnd;
      }
      if (offset < end) yield this.#lost(source, offset, end);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  #open(file: string): number {
    try {
      return fs.openSync(file, 'r');
    } catch (error) {
      throw damaged(this.#directory, (error as Error).message, error);
    }
  }

  /** Cuts off what was written last and is not whole. @throws LMN-4007 */
  #repair(source: string): Kept {
    const folder = this.folder(source);
    const segments = listSegments(folder);
    const last = segments.at(-1);
    if (last === undefined) return { segments, end: 0 };
    const { end, position, isTorn } = findEnd(folder, last, this.#sums);
    if (isTorn) this.#options.onLoss(`the log of ${source} ended in a damaged piece: it ends at byte ${end} now`);
    try {
      const file = segmentFile(folder, last);
      // A file that begins at the same byte will be made when there is something to write.
      if (position === 0) fs.unlinkSync(file);
      else truncate(file, position);
      syncFolder(folder);
    } catch (error) {
      throw this.unwritable(error as NodeJS.ErrnoException);
    }
    return { segments: position === 0 ? segments.slice(0, -1) : segments, end };
  }

  /**
   * In their order, so that what is left has no gap; beside this thread, since a disk that is told which of its blocks are
   * free takes some milliseconds for each file.
   */
  async #remove(source: string, segments: readonly Segment[]): Promise<void> {
    if (segments.length === 0) return;
    try {
      for (const segment of segments) await fs.promises.rm(segmentFile(this.folder(source), segment), { force: true });
      syncFolder(this.folder(source));
    } catch (error) {
      throw this.unwritable(error as NodeJS.ErrnoException);
    }
  }

  /** Lines that are empty in place of bytes that are gone, so that those behind them keep their numbers. */
  #lost(source: string, begin: number, end: number): Uint8Array {
    const what = `bytes ${begin} to ${end} of ${source}`;
    if (!this.#options.isLenient) {
      throw new LaminarError('LMN-4009', `the log in ${this.#directory} is damaged: ${what} are not what was read`, {
        hint: 'bring back a copy of the directory, or give up these bytes with --lenient',
      });
    }
    this.#options.onLoss(`lost: ${what}, which are damaged in the log`);
    return new Uint8Array(end - begin).fill(NEWLINE);
  }
}

function truncate(file: string, bytes: number): void {
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.ftruncateSync(descriptor, bytes);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** @throws LMN-4003 when the log was written by a version that kept it in another form. */
function sourcesIn(directory: string): string[] {
  const folder = path.join(directory, 'wal-0');
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder);
  if (names.some((name) => FOREIGN.test(name))) throw damaged(directory, `${folder} is of another format`);
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length)));
}

function folderOf(directory: string, source: string): string {
  return path.join(directory, 'wal-0', `${encodeURIComponent(source)}${SUFFIX}`);
}
