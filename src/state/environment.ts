// An LMDB environment of a state directory: text keys, values of bytes.
//
// A transaction is on the disk when it is done. What the system refuses becomes an error that says what to do.

import fs from 'node:fs';
import path from 'node:path';
import type { RootDatabase } from 'lmdb';
import { LaminarError } from '../base/errors.ts';
import { damageOf } from './check-file.ts';
import { damaged } from './manifest.ts';

/** Most bytes that an environment may have: address space, not memory or disk. */
const MAP_BYTES = 2 ** 38;
/** A disk with less room is full: a transaction may take as much. */
const FULL_BYTES = 2 ** 20;

export interface KeyedBytes {
  key: string;
  bytes: Uint8Array;
}

export interface EnvironmentOptions {
  isReadOnly?: boolean;
}

export class Environment {
  /** The state directory, for messages. */
  readonly #directory: string;
  readonly #database: RootDatabase<Buffer, Buffer>;

  private constructor(directory: string, database: RootDatabase<Buffer, Buffer>) {
    this.#directory = directory;
    this.#database = database;
  }

  /** @throws LMN-4003 when it cannot be read, LMN-4007 when it cannot be made. */
  static async open(
    directory: string,
    file: string,
    { isReadOnly = false }: EnvironmentOptions = {},
  ): Promise<Environment> {
    let damage: string | null;
    try {
      damage = damageOf(path.join(file, 'data.mdb'), isReadOnly);
    } catch (error) {
      throw isReadOnly ? unreadable(directory, error as Error) : unwritable(directory, error as Error);
    }
    if (damage !== null) throw damaged(directory, damage);
    // What a map finds no room for ends the process.
    if (!isReadOnly && isDiskFull(directory)) throw unwritable(directory, new Error('no room'));
    const { open } = await import('lmdb');
    try {
      const database = open<Buffer, Buffer>({
        path: file,
        encoding: 'binary',
        keyEncoding: 'binary',
        mapSize: MAP_BYTES,
        maxDbs: 1,
        readOnly: isReadOnly,
        // A transaction is done once its pages are on the disk.
        overlappingSync: false,
      });
      return new Environment(directory, database);
    } catch (error) {
      if (!isRefused(error as Error)) throw damaged(directory, message(error), error);
      throw isReadOnly ? unreadable(directory, error as Error) : unwritable(directory, error as Error);
    }
  }

  /** The value of a key, a copy; null when there is none. @throws LMN-4003 */
  get(key: string): Uint8Array | null {
    try {
      const found = this.#database.getBinary(Buffer.from(key));
      return found === undefined ? null : new Uint8Array(found);
    } catch (error) {
      throw damaged(this.#directory, message(error), error);
    }
  }

  /** The value of a key, borrowed until the next look at one; null when there is none. @throws LMN-4003 */
  peek(key: string): Uint8Array | null {
    try {
      // A part of a buffer that is used again, whose own length is another.
      const found = this.#database.getBinaryFast(Buffer.from(key));
      return found === undefined ? null : new Uint8Array(found.buffer, found.byteOffset, found.length);
    } catch (error) {
      throw damaged(this.#directory, message(error), error);
    }
  }

  /** Keys in their order that begin with `prefix`. @throws LMN-4003 */
  keys(prefix: string): string[] {
    try {
      const keys = [...this.#database.getKeys(prefix === '' ? {} : { start: Buffer.from(prefix) })].map((key) =>
        key.toString(),
      );
      return keys.filter((key) => key.startsWith(prefix));
    } catch (error) {
      throw damaged(this.#directory, message(error), error);
    }
  }

  /** Writes and removes in one transaction, which is on the disk when this settles. @throws LMN-4007 */
  async write(values: readonly KeyedBytes[], removed: Iterable<string> = []): Promise<void> {
    // LMDB would write about it to standard error.
    if (isDiskFull(this.#directory)) throw unwritable(this.#directory, new Error('ENOSPC'));
    try {
      await this.#database.transaction(() => {
        for (const { key, bytes } of values) {
          this.#database.putSync(Buffer.from(key), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
        }
        for (const key of removed) this.#database.removeSync(Buffer.from(key));
      });
    } catch (error) {
      throw unwritable(this.#directory, await causeOf(error as CommitError));
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

/** What LMDB rejects a transaction with. */
interface CommitError extends Error {
  /** Rejected by the error of the system. */
  commitError?: Promise<never>;
}

async function causeOf(error: CommitError): Promise<NodeJS.ErrnoException> {
  return error.commitError === undefined ? error : error.commitError.catch((cause: NodeJS.ErrnoException) => cause);
}

/** @returns the error for a directory that somebody may not look into. */
export function unreadable(directory: string, error: NodeJS.ErrnoException): LaminarError {
  return new LaminarError('LMN-4003', `cannot read ${directory}: ${error.code ?? error.message}`, {
    hint: 'you must be allowed to read everything in it',
    cause: error,
  });
}

/** @returns the error for a directory that cannot be made or written. */
export function unwritable(directory: string, error: NodeJS.ErrnoException): LaminarError {
  const isFull =
    error.code === 'ENOSPC' ||
    error.code === 'EDQUOT' ||
    /ENOSPC|[Nn]o space|MAP_FULL/.test(error.message) ||
    isDiskFull(directory);
  const what = isFull ? 'its disk is full' : typeof error.code === 'string' ? error.code : error.message;
  return new LaminarError('LMN-4007', `cannot write to ${directory}: ${what}`, {
    hint: isFull ? 'free some space; the last checkpoint is valid' : 'it must be a directory that you may write to',
    cause: error,
  });
}

/** LMDB does not tell why less was written than it wanted. */
function isDiskFull(directory: string): boolean {
  try {
    const { bavail, bsize } = fs.statfsSync(directory);
    return bavail * bsize < FULL_BYTES;
  } catch {
    return false;
  }
}

function isRefused(error: NodeJS.ErrnoException): boolean {
  return /EACCES|EPERM|EROFS|ENOSPC|ENOTDIR|[Pp]ermission|[Rr]ead-only|[Nn]o space/.test(
    `${error.code} ${error.message}`,
  );
}

function message(error: unknown): string {
  return (error as Error).message;
}
