// A state directory: the last checkpoint of a run, in LMDB.
//
//   DIR/lock   held by the run that uses the directory
//   DIR/data   an LMDB environment, all keys text, values bytes:
//                manifest       JSON: what the checkpoint holds, with the checksum of each block
//                <epoch>/<n>    the blocks of operators
//
// A checkpoint is written in one transaction with its manifest, and the one before is removed in it: there is always
// exactly one whole checkpoint, and it is on the disk before `commit` is done. Numbers of checkpoints are never used
// again.

import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { LaminarError } from '../base/errors.ts';
import { lockFile } from '../platform/lock.ts';
import { type BlockEntry, FORMAT_VERSION, type Manifest, readManifest, writeManifest } from './manifest.ts';
import type { Snapshot } from './snapshot.ts';

const MANIFEST = 'manifest';
/** Most bytes that the environment may have: address space, not memory or disk. */
const MAP_BYTES = 2 ** 38;

export interface Committed {
  epoch: number;
  /** Bytes of the blocks. */
  bytes: number;
}

export class StateStore {
  readonly directory: string;
  readonly #database: RootDatabase<Buffer, string>;
  readonly #lock: number;
  /** The checkpoint that is there; null before the first. */
  manifest: Manifest | null;

  private constructor(directory: string, database: RootDatabase<Buffer, string>, lock: number) {
    this.directory = directory;
    this.#database = database;
    this.#lock = lock;
    const text = database.getBinary(MANIFEST);
    this.manifest = text === undefined ? null : readManifest(directory, text);
  }

  /**
   * Opens a directory, made if it is not there. @param isFresh what is in it is thrown away.
   * @throws LMN-4001 when another run has it, LMN-4003 when it cannot be read, LMN-4007 when it cannot be written.
   */
  static async open(directory: string, isFresh: boolean): Promise<StateStore> {
    const lock = takeLock(directory);
    try {
      const file = path.join(directory, 'data');
      if (isFresh) fs.rmSync(file, { recursive: true, force: true });
      const { open } = await import('lmdb');
      const database = open<Buffer, string>({
        path: file,
        encoding: 'binary',
        mapSize: MAP_BYTES,
        maxDbs: 1,
        // `transaction` is done once the pages are on the disk.
        overlappingSync: false,
      });
      return new StateStore(directory, database, lock);
    } catch (error) {
      fs.closeSync(lock);
      throw error instanceof LaminarError ? error : unreadable(directory, error as Error);
    }
  }

  /** The blocks and the rest of the checkpoint that is there. @throws LMN-4003 when a block is not what was written. */
  restore(): Snapshot | null {
    const { manifest } = this;
    if (manifest === null) return null;
    const operators = manifest.operators.map(({ id, blocks }) => ({ id, blocks: blocks.map((b) => this.#read(b)) }));
    return { sources: manifest.sources, operators, sinks: manifest.sinks };
  }

  /** Writes a checkpoint in the place of the one that is there. @throws LMN-4007 when that fails: the old one stays. */
  async commit(snapshot: Snapshot, about: { plan: string; isFinished: boolean }): Promise<Committed> {
    const epoch = (this.manifest?.epoch ?? 0) + 1;
    let number = 0;
    let bytes = 0;
    const values: { entry: BlockEntry; block: Uint8Array }[] = [];
    const operators = snapshot.operators.map(({ id, blocks }) => ({
      id,
      blocks: blocks.map((block) => {
        const entry = { key: `${epoch}/${number++}`, bytes: block.length, checksum: crc32(block) };
        bytes += block.length;
        values.push({ entry, block });
        return entry;
      }),
    }));
    const { sources, sinks } = snapshot;
    const time = new Date().toISOString();
    const manifest: Manifest = { version: FORMAT_VERSION, epoch, time, ...about, sources, operators, sinks };
    const old = this.manifest?.operators.flatMap(({ blocks }) => blocks) ?? [];
    try {
      await this.#database.transaction(() => {
        for (const { entry, block } of values)
          this.#database.putSync(entry.key, Buffer.from(block.buffer, block.byteOffset, block.length));
        for (const { key } of old) this.#database.removeSync(key);
        this.#database.putSync(MANIFEST, Buffer.from(writeManifest(manifest)));
      });
    } catch (error) {
      throw unwritable(this.directory, error as NodeJS.ErrnoException);
    }
    this.manifest = manifest;
    return { epoch, bytes };
  }

  async close(): Promise<void> {
    await this.#database.close();
    fs.closeSync(this.#lock);
  }

  #read({ key, bytes, checksum }: BlockEntry): Uint8Array {
    const block = this.#database.getBinary(key);
    if (block === undefined || block.length !== bytes || crc32(block) !== checksum) {
      throw new LaminarError('LMN-4003', `block ${key} in ${this.directory} is not what was written`, {
        hint: 'bring back a copy of the directory, or begin again with --fresh',
      });
    }
    return new Uint8Array(block);
  }
}

function takeLock(directory: string): number {
  let descriptor: number;
  try {
    fs.mkdirSync(directory, { recursive: true });
    descriptor = fs.openSync(path.join(directory, 'lock'), 'a');
  } catch (error) {
    throw unwritable(directory, error as NodeJS.ErrnoException);
  }
  if (lockFile(descriptor)) return descriptor;
  fs.closeSync(descriptor);
  throw new LaminarError('LMN-4001', `another run is using ${directory}`, {
    hint: 'wait for it or stop it, or give this run a directory of its own',
  });
}

function unreadable(directory: string, error: Error): LaminarError {
  return new LaminarError('LMN-4003', `cannot read the state in ${directory}: ${error.message}`, {
    hint: 'bring back a copy of the directory, or begin again with --fresh',
    cause: error,
  });
}

function unwritable(directory: string, error: NodeJS.ErrnoException): LaminarError {
  const isFull = error.code === 'ENOSPC' || /ENOSPC|No space|MAP_FULL/.test(error.message);
  return new LaminarError('LMN-4007', `cannot write to ${directory}: ${error.code ?? error.message}`, {
    hint: isFull ? 'free some space; the last checkpoint is valid' : 'it must be a directory that you may write to',
    cause: error,
  });
}
