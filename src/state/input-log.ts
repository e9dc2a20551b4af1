// The write-ahead log of a state directory: the bytes of inputs that cannot be read a second time.
//
//   DIR/wal-0   <source>/<offset>/<bytes>/<checksum>   the bytes that were read from that offset on
//
// Pieces follow one another without a gap. They are cut off at the front when a checkpoint is behind them, but for the
// last one: where it ends, the next run goes on reading. A piece is whole or not there, since LMDB writes it in one
// transaction; what the disk has damaged is found by its checksum.

import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { LaminarError } from '../base/errors.ts';
import { Environment } from './environment.ts';

const DIGITS = 15;
const NEWLINE = 10;

interface Piece {
  key: string;
  offset: number;
  bytes: number;
  checksum: number;
}

/** Bytes of an input by their number: those in the log. */
export interface LoggedSpan {
  begin: number;
  end: number;
}

export interface LogOptions {
  /** Transactions wait for the disk; otherwise what is written is safe from the end of the process, not of the system. */
  isSynced: boolean;
  /** Goes on without what is damaged, and tells what was lost. */
  isLenient: boolean;
  onLoss: (text: string) => void;
}

export class InputLog {
  readonly #directory: string;
  readonly #environment: Environment;
  readonly #options: LogOptions;
  /** By source, in order. */
  readonly #pieces = new Map<string, Piece[]>();
  /** Where those begin that have no pieces yet; 0 where nothing is said. */
  readonly #begins = new Map<string, number>();

  private constructor(directory: string, environment: Environment, options: LogOptions) {
    this.#directory = directory;
    this.#environment = environment;
    this.#options = options;
    for (const key of environment.keys('')) {
      const [source = '', offset, bytes, checksum] = key.split('/');
      const piece = { key, offset: Number(offset), bytes: Number(bytes), checksum: Number(checksum) };
      const name = decodeURIComponent(source);
      const before = this.#pieces.get(name);
      if (before === undefined) this.#pieces.set(name, [piece]);
      else before.push(piece);
    }
  }

  /** @throws LMN-4003, LMN-4007 */
  static async open(directory: string, options: LogOptions): Promise<InputLog> {
    const file = path.join(directory, 'wal-0');
    const environment = await Environment.open(directory, file, { isSynced: options.isSynced });
    const log = new InputLog(directory, environment, options);
    for (const source of log.#pieces.keys()) await log.#repairTail(source);
    return log;
  }

  /** What the log of a directory has, while a run may be using it: spans by source. @throws LMN-4003 */
  static async spans(directory: string): Promise<Map<string, LoggedSpan>> {
    const file = path.join(directory, 'wal-0');
    if (!fs.existsSync(file)) return new Map();
    const environment = await Environment.open(directory, file, { isReadOnly: true });
    const log = new InputLog(directory, environment, { isSynced: true, isLenient: false, onLoss: () => {} });
    const spans = new Map([...log.#pieces.keys()].map((source) => [source, log.span(source)]));
    await log.close();
    return spans;
  }

  span(source: string): LoggedSpan {
    const pieces = this.#pieces.get(source) ?? [];
    const last = pieces.at(-1);
    const begin = this.#begins.get(source) ?? 0;
    return { begin: pieces[0]?.offset ?? begin, end: last === undefined ? begin : last.offset + last.bytes };
  }

  /**
   * Where an earlier run was: a log that ends before, since the system stopped before it was on the disk, begins there.
   * @throws LMN-4010 when it does not reach back so far.
   */
  async begin(source: string, offset: number): Promise<void> {
    const { begin, end } = this.span(source);
    if (offset < begin) {
      throw new LaminarError('LMN-4010', `the log of ${source} begins at byte ${begin}, and ${offset} is wanted`, {
        hint: 'go on from the last checkpoint, or begin again with --fresh',
      });
    }
    if (offset <= end) return;
    await this.#remove(this.#pieces.get(source) ?? []);
    this.#pieces.delete(source);
    this.#begins.set(source, offset);
  }

  /** Bytes in the log, of all sources. */
  get bytes(): number {
    return [...this.#pieces.keys()].reduce((sum, source) => sum + this.span(source).end - this.span(source).begin, 0);
  }

  /** Adds bytes behind the last ones, in one transaction. @throws LMN-4007 */
  async append(source: string, parts: readonly Uint8Array[]): Promise<void> {
    let offset = this.span(source).end;
    const pieces: Piece[] = [];
    for (const part of parts) {
      const [bytes, checksum] = [part.length, crc32(part)];
      const place = String(offset).padStart(DIGITS, '0');
      pieces.push({ key: `${encodeURIComponent(source)}/${place}/${bytes}/${checksum}`, offset, bytes, checksum });
      offset += bytes;
    }
    await this.#environment.write(pieces.map(({ key }, index) => ({ key, bytes: parts[index] as Uint8Array })));
    const before = this.#pieces.get(source);
    if (before === undefined) this.#pieces.set(source, pieces);
    else before.push(...pieces);
  }

  /** The bytes from an offset of the span on, piece by piece. @throws LMN-4009 when some are damaged or missing. */
  *read(source: string, from: number): Generator<Uint8Array> {
    let offset = from;
    for (const piece of [...(this.#pieces.get(source) ?? [])]) {
      const end = piece.offset + piece.bytes;
      if (end <= offset) continue;
      if (piece.offset > offset) yield this.#lost(source, offset, piece.offset);
      offset = Math.max(offset, piece.offset);
      const stored = this.#environment.get(piece.key);
      const isWhole = stored !== null && stored.length === piece.bytes && crc32(stored) === piece.checksum;
      yield isWhole ? stored.subarray(offset - piece.offset) : this.#lost(source, offset, end);
      offset = end;
    }
  }

  /** Removes what is before an offset, in whole pieces; the last one stays. @throws LMN-4007 */
  async cut(source: string, offset: number): Promise<void> {
    const pieces = this.#pieces.get(source) ?? [];
    const kept = pieces.findIndex((piece, index) => piece.offset + piece.bytes > offset || index === pieces.length - 1);
    if (kept > 0) await this.#remove(pieces.splice(0, kept));
  }

  /** Forgets everything. @throws LMN-4007 */
  async clear(): Promise<void> {
    await this.#remove([...this.#pieces.values()].flat());
    this.#pieces.clear();
    this.#begins.clear();
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  async #remove(pieces: readonly Piece[]): Promise<void> {
    if (pieces.length === 0) return;
    await this.#environment.write(
      [],
      pieces.map(({ key }) => key),
    );
  }

  /** What was written last when the system stopped may be there in part: it was never promised, and is read again. */
  async #repairTail(source: string): Promise<void> {
    const pieces = this.#pieces.get(source) ?? [];
    const last = pieces.at(-1);
    if (last === undefined || pieces.length === 1) return;
    const stored = this.#environment.get(last.key);
    if (stored !== null && stored.length === last.bytes && crc32(stored) === last.checksum) return;
    await this.#remove([last]);
    pieces.pop();
    this.#options.onLoss(`the log of ${source} ended in a damaged piece: it ends at byte ${last.offset} now`);
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
