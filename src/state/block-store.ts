// The blocks of operators as one core has them: versions in an environment, so that a checkpoint writes only what it has touched.
//
//   <operator>/<block>/<epoch>   a version: all of the block, or what has changed since the version before
//
// A manifest names the versions that make up each of its blocks. They are written before it and never changed; what
// no manifest names is removed after it, or, when the process ended between the two, at the next start.

import { crc32 } from 'node:zlib';
import { applyPatch, isSame, makePatch } from './block-patch.ts';
import type { BlockRoom } from './block-room.ts';
import type { Environment, KeyedBytes } from './environment.ts';
import { type BlockEntry, damaged, type Manifest, type OperatorEntry } from './manifest.ts';
import type { OperatorState, StateBlock, WrittenOperator } from './snapshot.ts';

/**
 * Versions of a block before all of it is written again: each has to be read to restore it. Blocks take turns, so that of a
 * state that changes little no checkpoint writes much.
 */
const VERSIONS_MIN = 12;
const VERSIONS_MAX = 48;
const TURNS = 16;
/** Bytes of one transaction. */
const TRANSACTION_BYTES = 4 << 20;

export interface WrittenBlocks {
  operators: OperatorEntry[];
  /** Of all blocks, and of what was written. */
  bytes: number;
  bytesWritten: number;
}

export class BlockStore {
  readonly #directory: string;
  readonly #environment: Environment;
  readonly #core: number;
  /** Where a block is put together. */
  #scratch = new Uint8Array(0);

  /** `core`: whose states are in it. */
  constructor(directory: string, environment: Environment, core: number) {
    this.#directory = directory;
    this.#environment = environment;
    this.#core = core;
  }

  /** Writes the blocks of a checkpoint. @param last those of the one before. @throws LMN-4007 */
  async write(
    epoch: number,
    states: readonly WrittenOperator[],
    last: readonly OperatorEntry[],
  ): Promise<WrittenBlocks> {
    const written: WrittenBlocks = { operators: [], bytes: 0, bytesWritten: 0 };
    let values: KeyedBytes[] = [];
    let waiting = 0;
    for (const { id, core, cores, keys, openStart, blocks } of states) {
      const before = last.find((entry) => entry.id === id && entry.core === core && entry.cores === cores);
      const known = new Map(before?.blocks.map((block) => [block.name, block]));
      const entries: BlockEntry[] = [];
      for (const block of blocks) {
        const versions = (entries.length + epoch) % TURNS === 0 ? VERSIONS_MIN : VERSIONS_MAX;
        const { entry, value } = this.#version(epoch, id, block, { last: known.get(block.name), versions });
        entries.push(entry);
        written.bytes += entry.bytes;
        if (value === null) continue;
        values.push({ key: keyOf(id, entry.name, epoch), bytes: value });
        waiting += value.length;
        if (waiting < TRANSACTION_BYTES) continue;
        await this.#environment.write(values);
        written.bytesWritten += waiting;
        values = [];
        waiting = 0;
      }
      written.operators.push({ id, core, cores, keys, openStart, blocks: entries });
    }
    if (values.length > 0) await this.#environment.write(values);
    written.bytesWritten += waiting;
    return written;
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  /** All blocks of an operator. `room`: where they are put. @throws LMN-4003 when one is not what was written. */
  read({ id, blocks, ...facts }: OperatorEntry, room: BlockRoom | null = null): OperatorState {
    const copy = (bytes: Uint8Array): Uint8Array => room?.put([bytes]) ?? bytes.slice();
    return { id, ...facts, blocks: blocks.map((entry) => ({ name: entry.name, bytes: copy(this.#read(id, entry)) })) };
  }

  /** Removes the versions of manifests that are not kept any more. @throws LMN-4007 */
  async remove(manifests: readonly Manifest[], kept: readonly Manifest[]): Promise<void> {
    const needed = this.#keysOf(kept);
    const removed = [...this.#keysOf(manifests)].filter((key) => !needed.has(key));
    if (removed.length > 0) await this.#environment.write([], removed);
  }

  /** Removes what an epoch left that was never committed. @returns the last epoch of which there was something. */
  async removeOrphans(kept: readonly Manifest[]): Promise<number> {
    const needed = this.#keysOf(kept);
    const stored = this.#environment.keys('');
    const orphans = stored.filter((key) => !needed.has(key));
    if (orphans.length > 0) await this.#environment.write([], orphans);
    return stored.reduce((most, key) => Math.max(most, Number(key.slice(key.lastIndexOf('/') + 1))), 0);
  }

  /** What manifests name of this environment. */
  #keysOf(manifests: readonly Manifest[]): Set<string> {
    const keys = new Set<string>();
    for (const { operators } of manifests) {
      for (const { id, core, blocks } of operators) {
        if (core !== this.#core) continue;
        for (const { name, epochs } of blocks) for (const epoch of epochs) keys.add(keyOf(id, name, epoch));
      }
    }
    return keys;
  }

  #version(
    epoch: number,
    operator: string,
    { name, bytes }: StateBlock,
    { last, versions }: { last: BlockEntry | undefined; versions: number },
  ): { entry: BlockEntry; value: Uint8Array | null } {
    const checksum = crc32(bytes);
    const whole = { name, bytes: bytes.length, checksum, epochs: [epoch] };
    if (last === undefined) return { entry: whole, value: unshared(bytes) };
    const before = this.#read(operator, last);
    if (isSame(before, bytes)) return { entry: last, value: null };
    const patch = last.epochs.length < versions ? makePatch(before, bytes) : null;
    if (patch === null) return { entry: whole, value: unshared(bytes) };
    return { entry: { ...whole, epochs: [...last.epochs, epoch] }, value: patch };
  }

  /** Puts a block together. @returns it, borrowed until the next one. */
  #read(operator: string, { name, bytes, checksum, epochs }: BlockEntry): Uint8Array {
    let length = -1;
    for (const epoch of epochs) {
      const version = this.#environment.peek(keyOf(operator, name, epoch));
      if (version === null) throw damaged(this.#directory, `block ${name} of ${operator} is missing`);
      const isFirst = length < 0;
      // A patch is at most half of what it makes.
      this.#growScratch(isFirst ? version.length : 2 * length);
      if (isFirst) this.#scratch.set(version);
      length = isFirst ? version.length : applyPatch(this.#scratch, version);
      if (length < 0) break;
    }
    const block = this.#scratch.subarray(0, Math.max(length, 0));
    if (length !== bytes || crc32(block) !== checksum) {
      throw damaged(this.#directory, `block ${name} of ${operator} is not what was written`);
    }
    return block;
  }

  #growScratch(bytes: number): void {
    if (bytes <= this.#scratch.length) return;
    const larger = new Uint8Array(2 * bytes);
    larger.set(this.#scratch);
    this.#scratch = larger;
  }
}

/** LMDB takes no shared memory. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes;
}

function keyOf(operator: string, name: string, epoch: number): string {
  return `${encodeURIComponent(operator)}/${encodeURIComponent(name)}/${epoch}`;
}
