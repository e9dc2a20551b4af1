// Checkpoints of a run, on the main thread: asks the core for them, and has what it gives written.
//
//   ask ─► the core, between two turns: sources, operators and sinks say where they are ─► output files are on the disk
//       ─► blocks ─► manifest: from here on it counts ─► what is not needed any more is removed
//
// One at a time. Meanwhile the core goes on: all it waits for is the copy of its state.

import fs from 'node:fs';
import { killPoint } from '../base/kill-point.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { Manifest } from '../state/manifest.ts';
import type { CommitFacts, StateDirectory } from '../state/state-directory.ts';
import type { TakenSnapshot } from './checkpointer.ts';
import type { Control } from './control.ts';
import type { InputLogs } from './input-logs.ts';
import type { CheckpointCounters } from './run.ts';

export interface CoordinatorParts {
  directory: StateDirectory;
  plan: PhysicalPlan;
  control: Control;
  facts: Pick<CommitFacts, 'pipeline' | 'nodes'>;
  /** The logs of inputs that cannot be read a second time; null: there are none. */
  logs: InputLogs | null;
  /** Takes the error that keeps a checkpoint from being written. */
  onFailure: (error: unknown) => void;
}

interface Waiting {
  resolve: (manifest: Manifest) => void;
  reject: (error: unknown) => void;
}

export class CheckpointCoordinator {
  readonly #parts: CoordinatorParts;
  readonly #outputs: readonly string[];
  #timer: NodeJS.Timeout | undefined;
  /** Requests made, and whether the last one has been answered and written. */
  #asked = 0;
  #isBusy = false;
  #isEnding = false;
  #written: Promise<void> = Promise.resolve();
  /** Who asked for a checkpoint: of the next request, and of the one under way. */
  #waiting: Waiting[] = [];
  #answering: Waiting[] = [];
  #counters: Omit<CheckpointCounters, 'ageMillis' | 'logBytes' | 'logMillis'>;
  #takenAt: number | null = null;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#outputs = parts.plan.nodes.flatMap((node) => {
      if (node.kind === 'source' && node.deadLetterPath !== null) return [node.deadLetterPath];
      return node.kind === 'sink' && node.connector.kind === 'file' ? [String(node.connector.options['path'])] : [];
    });
    this.#counters = {
      count: 0,
      epoch: parts.directory.newest?.epoch ?? 0,
      bytes: 0,
      bytesWritten: 0,
      durationMillis: 0,
      pauseMillis: 0,
      pauseMillisMax: 0,
    };
    this.#schedule();
  }

  get counters(): CheckpointCounters {
    const { directory, logs } = this.#parts;
    const takenAt = this.#takenAt ?? (directory.newest === null ? null : Date.parse(directory.newest.time));
    const ageMillis = takenAt === null ? null : Math.max(0, Date.now() - takenAt);
    return { ...this.#counters, ageMillis, logBytes: logs?.bytes ?? 0, logMillis: logs?.syncMillis ?? 0 };
  }

  /** Asks for a checkpoint now, which gets a name. @returns its manifest. @throws LMN-4007; when the run ends before. */
  async request(name: string): Promise<Manifest> {
    const taken = new Promise<Manifest>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#ask();
    const manifest = await taken;
    await this.#parts.directory.name(manifest.epoch, name);
    return manifest;
  }

  /** Asks for a last checkpoint, at which the run stops with what is open left open. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#isEnding = true;
    this.#asked++;
    this.#parts.control.stopAtCheckpoint(this.#asked);
  }

  /** Takes what the core gives. */
  take(taken: TakenSnapshot): void {
    if (taken.isFinished) this.#isEnding = true;
    this.#written = this.#written.then(() => this.#write(taken)).catch((error) => this.#parts.onFailure(error));
  }

  /** The core has ended: waits until everything that it gave is written. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isEnding = true;
    await this.#written;
    await this.#parts.logs?.finish();
    for (const { reject } of [...this.#waiting, ...this.#answering]) reject(new Error('the run has ended'));
  }

  #schedule(): void {
    if (this.#isEnding) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), this.#parts.plan.checkpointMicros / 1000);
    this.#timer.unref();
  }

  #ask(): void {
    if (this.#isBusy || this.#isEnding) return;
    this.#isBusy = true;
    this.#answering = this.#waiting;
    this.#waiting = [];
    this.#parts.control.askForCheckpoint(++this.#asked);
  }

  async #write(taken: TakenSnapshot): Promise<void> {
    const { directory, facts, logs } = this.#parts;
    const started = performance.now();
    const { snapshot, isFinished, pauseMillis } = taken;
    await Promise.all([...this.#outputs.map(synchronize), logs?.settle()]);
    killPoint('synced', this.#counters.count + 1);
    const manifest = await directory.commit(snapshot, { ...facts, isFinished, pauseMillis });
    killPoint('committed', manifest.epoch);
    await directory.retire();
    await logs?.cut(manifest);
    killPoint('cut', manifest.epoch);
    this.#count(manifest, performance.now() - started);
    for (const { resolve } of this.#answering) resolve(manifest);
    this.#answering = [];
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#ask();
    else this.#schedule();
  }

  #count({ epoch, bytes, bytesWritten, pauseMillis }: Manifest, durationMillis: number): void {
    const { count, pauseMillisMax } = this.#counters;
    this.#takenAt = Date.now();
    this.#counters = {
      count: count + 1,
      epoch,
      bytes,
      bytesWritten,
      durationMillis,
      pauseMillis,
      pauseMillisMax: Math.max(pauseMillisMax, pauseMillis),
    };
  }
}

/** Has what was written to a file on the disk; what is no file has none. */
async function synchronize(path: string): Promise<void> {
  let file: fs.promises.FileHandle | undefined;
  try {
    if (!(await fs.promises.stat(path)).isFile()) return;
    file = await fs.promises.open(path, 'r');
    await file.datasync();
  } catch {
    // It is checked when it is opened and cut off: a file that is not there then is an error then.
  } finally {
    await file?.close();
  }
}
