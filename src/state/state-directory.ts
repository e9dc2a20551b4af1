// A state directory: the checkpoints of a pipeline, in LMDB.
//
//   DIR/lock          held by the run that uses the directory
//   DIR/coordinator   checkpoint/<epoch>   manifests; savepoint/<name>   the epoch of one; sinks (sink-record.ts)
//   DIR/core-<n>      blocks of what that core has computed (core-blocks.ts)
//
// Blocks are written first, then the manifest that names them: it is the decision, and until it is on the disk the
// checkpoint before it is the one that counts. The last CHECKPOINTS_KEPT of them stay, and those that have a name.

import fs from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { killPoint } from '../base/kill-point.ts';
import { lockFile } from '../platform/lock.ts';
import type { BlockRoom } from './block-room.ts';
import { checkpointKey, readCoordinator, SAVEPOINT, SINKS, writeSavepoint } from './coordinator-keys.ts';
import { CoreBlocks } from './core-blocks.ts';
import { Environment, unreadable, unwritable } from './environment.ts';
import { FORMAT_VERSION, type Manifest, type OperatorEntry, writeManifest } from './manifest.ts';
import { type SinkRecord, writeSinkRecord } from './sink-record.ts';
import type { OperatorState, Snapshot, WrittenSnapshot } from './snapshot.ts';

/** Checkpoints without a name that stay. */
const CHECKPOINTS_KEPT = 3;

/** What a manifest says beside the snapshot. */
export type CommitFacts = Pick<Manifest, 'pipeline' | 'nodes' | 'isFinished' | 'pauseMillis' | 'corePauses'>;

export interface SavedCheckpoint {
  manifest: Manifest;
  /** Its savepoints. */
  names: string[];
}

export class StateDirectory {
  readonly directory: string;
  readonly #coordinator: Environment;
  readonly #blocks: CoreBlocks;
  /** −1: it was opened only to be read. */
  readonly #lock: number;
  readonly #manifests: Manifest[];
  readonly #names: Map<string, number>;
  #lastEpoch = 0;
  #sinks: SinkRecord;

  private constructor(directory: string, lock: number, { coordinator, blocks }: Environments) {
    this.directory = directory;
    this.#coordinator = coordinator;
    this.#blocks = blocks;
    this.#lock = lock;
    const read = readCoordinator(directory, this.#coordinator);
    this.#manifests = read.manifests;
    this.#sinks = read.sinks;
    this.#names = read.names;
  }

  /**
   * Opens a directory for a run; it is made if it is not there.
   * @throws LMN-4001 when another run has it, LMN-4003 when it cannot be read, LMN-4007 when it cannot be written.
   */
  static async open(directory: string): Promise<StateDirectory> {
    const lock = takeLock(directory);
    try {
      return await StateDirectory.#openLocked(directory, lock);
    } catch (error) {
      fs.closeSync(lock);
      throw error;
    }
  }

  /**
   * Opens a directory for a run that begins anew: checkpoints without a name are removed, and where it cannot be read, what
   * is in it is put aside. @returns with the folder that it was put into; null: nothing was.
   * @throws LMN-4001, LMN-4007
   */
  static async openFresh(directory: string): Promise<{ opened: StateDirectory; aside: string | null }> {
    const lock = takeLock(directory);
    try {
      const opened = await StateDirectory.#openLocked(directory, lock);
      await opened.clear();
      return { opened, aside: null };
    } catch (error) {
      if (!isUnreadable(error)) {
        fs.closeSync(lock);
        throw error;
      }
    }
    try {
      const aside = putAside(directory);
      return { opened: await StateDirectory.#openLocked(directory, lock), aside };
    } catch (error) {
      fs.closeSync(lock);
      throw error;
    }
  }

  static async #openLocked(directory: string, lock: number): Promise<StateDirectory> {
    const environments = await openAll(directory, false);
    try {
      const opened = new StateDirectory(directory, lock, environments);
      const orphan = await opened.#blocks.removeOrphans(opened.#manifests);
      opened.#lastEpoch = Math.max(opened.newest?.epoch ?? 0, orphan, opened.#sinks.reserved);
      return opened;
    } catch (error) {
      await closeAll(environments);
      throw error;
    }
  }

  /** Opens a directory to look at it, while a run may be using it. @throws LMN-4003; LMN-4008 when it is none. */
  static async read(directory: string): Promise<StateDirectory> {
    if (!isThere(path.join(directory, 'coordinator'))) {
      throw new LaminarError('LMN-4008', `there is no state in ${directory}`, {
        hint: 'name the directory that laminar run was given by --state-dir',
      });
    }
    return new StateDirectory(directory, -1, await openAll(directory, true));
  }

  /** The last checkpoint; null before the first. */
  get newest(): Manifest | null {
    return this.#manifests.at(-1) ?? null;
  }

  /** Where outputs were before anything was decided about them, by sink. */
  get begun(): Readonly<Record<string, number>> {
    return this.#sinks.begun;
  }

  /** Every sink has committed the last checkpoint. */
  get isAcknowledged(): boolean {
    return this.newest === null || this.#sinks.acknowledged === this.newest.epoch;
  }

  /** A run begins to use the directory, with these outputs in it: the next epoch may be prepared. @throws LMN-4007 */
  async begin(begun: Readonly<Record<string, number>>): Promise<void> {
    await this.#record({ begun, reserved: this.#lastEpoch + 1 });
  }

  /** A number for an epoch, which is not used a second time. */
  nextEpoch(): number {
    return ++this.#lastEpoch;
  }

  /** The epoch was not decided; the next has another number. @throws LMN-4007 */
  async abandon(epoch: number): Promise<void> {
    await this.#record({ reserved: epoch + 1 });
  }

  /** All of them, the oldest first. */
  get checkpoints(): SavedCheckpoint[] {
    return this.#manifests.map((manifest) => ({
      manifest,
      names: [...this.#names].filter(([, epoch]) => epoch === manifest.epoch).map(([name]) => name),
    }));
  }

  /** By its savepoint's name, or its number. @throws LMN-4008 */
  find(name: string): Manifest {
    const epoch = this.#names.get(name) ?? Number(name);
    const found = this.#manifests.find((manifest) => manifest.epoch === epoch);
    if (found !== undefined) return found;
    const known = [...this.#names.keys(), ...this.#manifests.map(({ epoch }) => String(epoch))];
    throw new LaminarError('LMN-4008', `there is no checkpoint ${name} in ${this.directory}`, {
      hint: known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`,
    });
  }

  /** What a checkpoint holds. `room`: where its blocks are put. @throws LMN-4003 when one is not what was written. */
  restore({ sources, sinks, operators }: Manifest, room: BlockRoom | null = null): Snapshot {
    room?.begin();
    return { sources, sinks, operators: operators.map((entry) => this.#blocks.read(entry, room)) };
  }

  /** The blocks of one operator, as one core had it. @throws LMN-4003 */
  readOperator(entry: OperatorEntry): OperatorState {
    return this.#blocks.read(entry);
  }

  /** Writes a checkpoint. @throws LMN-4007 when that fails: the one before it stays the last. */
  async commit(snapshot: WrittenSnapshot, facts: CommitFacts, epoch = this.nextEpoch()): Promise<Manifest> {
    const started = performance.now();
    const last = this.newest?.operators ?? [];
    killPoint('blocks', epoch);
    const { operators, bytes, bytesWritten } = await this.#blocks.write(epoch, snapshot.operators, last);
    killPoint('manifest', epoch);
    const { sources, sinks } = snapshot;
    const durationMillis = performance.now() - started;
    const time = new Date().toISOString();
    const sizes = { bytes, bytesWritten, durationMillis };
    const manifest = { version: FORMAT_VERSION, epoch, time, ...facts, sources, operators, sinks, ...sizes };
    const text = writeManifest(manifest);
    await this.#coordinator.write([{ key: checkpointKey(epoch), bytes: text }]);
    this.#manifests.push(manifest);
    manifest.bytesWritten += text.length;
    killPoint('decided', epoch);
    return manifest;
  }

  /** Every sink has committed the last checkpoint: removes those that are not kept. @throws LMN-4007 */
  async retire(): Promise<void> {
    const named = new Set(this.#names.values());
    const unnamed = this.#manifests.filter(({ epoch }) => !named.has(epoch));
    await this.#drop(unnamed.slice(0, -CHECKPOINTS_KEPT), {
      acknowledged: this.newest?.epoch ?? 0,
      reserved: this.#lastEpoch + 1,
    });
    killPoint('retired', this.#lastEpoch);
  }

  /** Removes all checkpoints without a name: the next run begins anew. @throws LMN-4007 */
  async clear(): Promise<void> {
    const named = new Set(this.#names.values());
    await this.#drop(
      this.#manifests.filter(({ epoch }) => !named.has(epoch)),
      { begun: {} },
    );
  }

  /** Makes an older checkpoint the last one. @returns it, under a new number. @throws LMN-4007 */
  async goBackTo(manifest: Manifest): Promise<Manifest> {
    if (manifest === this.newest) return manifest;
    const again = { ...manifest, epoch: ++this.#lastEpoch };
    await this.#coordinator.write([{ key: checkpointKey(again.epoch), bytes: writeManifest(again) }]);
    this.#manifests.push(again);
    return again;
  }

  /** Gives a checkpoint a name, by which it stays. @throws LMN-4007 */
  async name(epoch: number, name: string): Promise<void> {
    await this.#coordinator.write([{ key: SAVEPOINT + name, bytes: writeSavepoint(name, epoch) }]);
    this.#names.set(name, epoch);
  }

  /** Removes a savepoint, or a checkpoint that is not the last. @throws LMN-4008, LMN-4007 */
  async removeCheckpoint(name: string): Promise<void> {
    const manifest = this.find(name);
    const gone = [...this.#names].filter(([, epoch]) => epoch === manifest.epoch).map(([given]) => given);
    await this.#coordinator.write(
      [],
      gone.map((given) => SAVEPOINT + given),
    );
    for (const given of gone) this.#names.delete(given);
    if (manifest !== this.newest) await this.#drop([manifest]);
  }

  async close(): Promise<void> {
    try {
      // Whoever ends in order has no epoch under way.
      if (this.#lock >= 0 && this.#sinks.reserved > this.#lastEpoch) await this.#record({ reserved: this.#lastEpoch });
    } finally {
      await closeAll({ coordinator: this.#coordinator, blocks: this.#blocks });
      if (this.#lock >= 0) fs.closeSync(this.#lock);
    }
  }

  async #drop(gone: readonly Manifest[], changed: Partial<SinkRecord> = {}): Promise<void> {
    const keys = gone.map(({ epoch }) => checkpointKey(epoch));
    await this.#record(changed, keys);
    for (const manifest of gone) this.#manifests.splice(this.#manifests.indexOf(manifest), 1);
    await this.#blocks.remove(gone, this.#manifests);
  }

  async #record(changed: Partial<SinkRecord>, removed: readonly string[] = []): Promise<void> {
    const record = { ...this.#sinks, ...changed };
    await this.#coordinator.write([{ key: SINKS, bytes: writeSinkRecord(record) }], removed);
    this.#sinks = record;
  }
}

/** @throws LMN-4003 when that cannot be known. */
function isThere(file: string): boolean {
  try {
    return fs.statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unreadable(path.dirname(file), error as NodeJS.ErrnoException);
  }
}

interface Environments {
  coordinator: Environment;
  blocks: CoreBlocks;
}

async function openAll(directory: string, isReadOnly: boolean): Promise<Environments> {
  const coordinator = await Environment.open(directory, path.join(directory, 'coordinator'), { isReadOnly });
  try {
    return { coordinator, blocks: await CoreBlocks.open(directory, isReadOnly) };
  } catch (error) {
    await coordinator.close();
    throw error;
  }
}

async function closeAll({ coordinator, blocks }: Environments): Promise<void> {
  await blocks.close();
  await coordinator.close();
}

function isUnreadable(error: unknown): boolean {
  return error instanceof LaminarError && error.code === 'LMN-4003';
}

/** Moves everything but the lock into a folder of its own. @returns it. @throws LMN-4007 */
function putAside(directory: string): string {
  try {
    const names = fs.readdirSync(directory).filter((name) => /^(coordinator|core-\d+|wal-\d+)$/.test(name));
    const aside = fs.mkdtempSync(path.join(directory, 'unreadable-'));
    for (const name of names) fs.renameSync(path.join(directory, name), path.join(aside, name));
    return aside;
  } catch (error) {
    throw unwritable(directory, error as NodeJS.ErrnoException);
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
