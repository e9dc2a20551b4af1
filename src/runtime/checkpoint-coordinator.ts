// Checkpoints of a run, on the main thread: asks the core for them, and has what it gives written.
//
//   ask ─► the core, between two turns: sources, operators and sinks say where they are ─► sinks vote
//       ─► blocks ─► manifest: from here on it counts ─► sinks commit ─► what is not needed any more is removed
//
// One at a time. Meanwhile the core goes on: all it waits for is the copy of its state. When a sink does not vote for it,
// the epoch is abandoned, and the next one covers what was in it; a run that is about to end tries the same again.

import { LaminarError } from '../base/errors.ts';
import { killPoint } from '../base/kill-point.ts';
import { LAST_ATTEMPTS } from '../base/limits.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { Manifest } from '../state/manifest.ts';
import type { CommitFacts, StateDirectory } from '../state/state-directory.ts';
import { type CheckpointPlace, writtenOf } from './checkpoint-place.ts';
import { CheckpointShares } from './checkpoint-shares.ts';
import type { TakenShare, TakenSnapshot } from './checkpointer.ts';
import type { Control } from './control.ts';
import type { InputLogs } from './input-logs.ts';
import type { CheckpointCounters } from './run.ts';
import type { SinkCommit } from './sink-commit.ts';

export interface CoordinatorParts {
  directory: StateDirectory;
  plan: PhysicalPlan;
  control: Control;
  facts: Pick<CommitFacts, 'pipeline' | 'nodes'>;
  /** The logs of inputs that cannot be read a second time; null: there are none. */
  logs: InputLogs | null;
  sinks: SinkCommit;
  /** Takes what the user should be told. */
  onNotice: (text: string) => void;
  /** Where what a checkpoint has is until it is written, by core. */
  places: readonly CheckpointPlace[];
  sizes: () => StateSizes;
  /** So much memory of operators is copied, and images are made of the copy. */
  copiedBytes: number;
  /** Takes the error that keeps a checkpoint from being written. */
  onFailure: (error: unknown) => void;
}

/** How often room is made for one checkpoint. */
const RESERVATIONS = 3;

/** About as they are now. */
export interface StateSizes {
  /** Memory that operators have. */
  stateBytes: number;
  /** Linear memory of each core. */
  memoryBytes: number[];
}

interface Waiting {
  resolve: (manifest: Manifest) => void;
  reject: (error: unknown) => void;
}

export class CheckpointCoordinator {
  readonly #parts: CoordinatorParts;
  #timer: NodeJS.Timeout | undefined;
  /** Requests made, and whether the last one has been answered and written. */
  #asked = 0;
  #isBusy = false;
  #isEnding = false;
  #written: Promise<void> = Promise.resolve();
  readonly #shares = new CheckpointShares();
  /** Who asked for a checkpoint: of the next request, and of the one under way. */
  #waiting: Waiting[] = [];
  #answering: Waiting[] = [];
  /** Bytes of the last checkpoint for one of memory that operators had. */
  #imageShare = 1;
  #counters: Omit<CheckpointCounters, 'ageMillis' | 'logBytes' | 'logMillis'>;
  #takenAt: number | null = null;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#counters = {
      count: 0,
      abandoned: 0,
      epoch: parts.directory.newest?.epoch ?? 0,
      bytes: 0,
      bytesWritten: 0,
      durationMillis: 0,
      pauseMillis: 0,
      pauseMillisMax: 0,
      corePauses: [],
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

  /** Takes what another core has given of a checkpoint, which belongs to what the first one gives of it. */
  takeShare(share: TakenShare): void {
    this.#shares.take(share);
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
    this.#makeRoom()
      .then(() => {
        if (!this.#isEnding) this.#parts.control.askForCheckpoint(++this.#asked);
      })
      .catch((error) => this.#parts.onFailure(error));
  }

  /** Before the core needs it, for as much as its state may have become in its memory. */
  async #makeRoom(): Promise<void> {
    const { places, sizes, copiedBytes } = this.#parts;
    const { stateBytes } = sizes();
    for (const [core, { room, copy }] of places.entries()) {
      if (stateBytes >= copiedBytes) {
        // It grows while pages are made.
        for (let i = 0; i < RESERVATIONS; i++) await copy.reserve(sizes().memoryBytes[core] ?? 0);
        continue;
      }
      copy.close();
      await room.reserve((stateBytes * this.#imageShare) / places.length);
    }
  }

  async #write(taken: TakenSnapshot): Promise<void> {
    const { directory, logs, sinks, places, sizes } = this.#parts;
    const started = performance.now();
    await logs?.settle();
    const held = sizes().stateBytes;
    const whole = await this.#shares.complete(taken);
    if (whole === null) this.#countAbandoned('a checkpoint', ['a core has not given its share']);
    const manifest = whole === null ? null : await this.#decide(whole);
    for (const { room } of places) room.giveBack();
    if (manifest !== null) {
      if (held > 0) this.#imageShare = manifest.bytes / held;
      killPoint('committed', manifest.epoch);
      await sinks.commit(manifest.epoch, manifest.sinks);
      killPoint('acknowledged', manifest.epoch);
      await directory.retire();
      const kept = directory.checkpoints.filter(({ names }) => names.length === 0);
      await logs?.cut(
        manifest,
        kept.map((checkpoint) => checkpoint.manifest),
      );
      killPoint('cut', manifest.epoch);
      this.#count(manifest, performance.now() - started);
      for (const { resolve } of this.#answering) resolve(manifest);
    } else {
      this.#waiting.unshift(...this.#answering);
    }
    this.#answering = [];
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#ask();
    else this.#schedule();
  }

  /** @returns null: the epoch was abandoned, and another one will come. @throws LMN-4021 when none will. */
  async #decide({ snapshot, isFinished, pauseMillis, corePauses }: TakenSnapshot): Promise<Manifest | null> {
    const { directory, facts, places, sinks } = this.#parts;
    const operators = snapshot.operators.map((operator) => writtenOf(operator, places[operator.core]?.copy));
    for (let attempt = 1; ; attempt++) {
      const epoch = directory.nextEpoch();
      killPoint('voting', epoch);
      const votes = await sinks.preCommit(epoch, snapshot.sinks);
      killPoint('synced', epoch);
      if (votes.isYes) {
        return directory.commit(
          { ...snapshot, operators, sinks: votes.sinks },
          { ...facts, isFinished, pauseMillis, corePauses },
          epoch,
        );
      }
      await this.#abandon(epoch, votes.reasons);
      if (!this.#isEnding) return null;
      if (attempt < LAST_ATTEMPTS) continue;
      throw new LaminarError('LMN-4021', `the last checkpoint is not taken: ${votes.reasons.join(', ')}`, {
        hint: 'start the run again when that is mended: it goes on from the checkpoint before',
      });
    }
  }

  async #abandon(epoch: number, reasons: readonly string[]): Promise<void> {
    this.#countAbandoned(`checkpoint ${epoch}`, reasons);
    await this.#parts.directory.abandon(epoch);
  }

  #countAbandoned(what: string, reasons: readonly string[]): void {
    this.#counters = { ...this.#counters, abandoned: this.#counters.abandoned + 1 };
    this.#parts.onNotice(`${what} is abandoned, the next one covers it: ${reasons.join(', ')}`);
  }

  #count({ epoch, bytes, bytesWritten, pauseMillis, corePauses }: Manifest, durationMillis: number): void {
    const { count, pauseMillisMax } = this.#counters;
    this.#takenAt = Date.now();
    this.#counters = {
      ...this.#counters,
      count: count + 1,
      epoch,
      bytes,
      bytesWritten,
      durationMillis,
      pauseMillis,
      corePauses,
      pauseMillisMax: Math.max(pauseMillisMax, pauseMillis),
    };
  }
}
