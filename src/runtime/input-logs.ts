// The logs of a run's inputs, on the main thread: a thread for each writes what a core reads (log-worker.ts), and what an
// earlier run had read goes back to the core.

import { randomInt } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import { spawnLogWriter } from '../platform/resources.ts';
import type { InputLog } from '../state/input-log.ts';
import type { Manifest } from '../state/manifest.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { ByteRing } from './channels/byte-ring.ts';
import { LogChannel } from './channels/log-channel.ts';
import type { LogReport, LogWork } from './log-worker.ts';
import type { LogRequest } from './logged-reader.ts';
import type { ReadyThreads } from './ready-threads.ts';

/** Bytes that a core may be ahead of the log: what it reads in some ten milliseconds, while the disk is busy with as much. */
const LOG_RING_BYTES = 1 << 24;
const SEED_MAX = 2 ** 32;
const REPLAY_RING_BYTES = 1 << 22;

export interface InputLogParts {
  plan: PhysicalPlan;
  log: InputLog;
  kernels: WebAssembly.Module;
  restored: Snapshot | null;
  /** A thread that was started for the first of them. */
  ahead: Worker | null;
  threads: Pick<ReadyThreads, 'expect' | 'tell'>;
  /** Takes the error that keeps the log from being written or read. */
  onFailure: (error: unknown) => void;
}

interface Logged {
  source: string;
  channel: LogChannel;
  replay: ByteRing;
  request: LogRequest;
  writer: Worker;
  ended: Promise<unknown>;
}

interface LogThread extends Pick<LogWork, 'kernels' | 'sync'> {
  writer: Worker;
}

/** Sources that cannot be read a second time. */
export function loggedSources({ nodes }: PhysicalPlan): string[] {
  return nodes.flatMap((node) => (node.kind === 'source' && node.connector.kind === 'stdin' ? [node.id] : []));
}

export class InputLogs {
  readonly #log: InputLog;
  readonly #logged: Logged[];
  readonly #onFailure: InputLogParts['onFailure'];
  readonly #threads: InputLogParts['threads'];
  #hasFailed = false;

  constructor({ plan, log, kernels, restored, ahead, threads, onFailure }: InputLogParts) {
    this.#log = log;
    this.#threads = threads;
    this.#onFailure = onFailure;
    this.#logged = loggedSources(plan).map((source, index) => {
      const writer = (index === 0 ? ahead : null) ?? spawnLogWriter();
      return this.#start(source, { writer, kernels, sync: plan.walSync }, placeIn(restored, source));
    });
    for (const logged of this.#logged) void this.#replay(logged).catch((error) => this.#fail(error));
  }

  /** What the core that reads them is given, by source. */
  get requests(): Record<string, LogRequest> {
    return Object.fromEntries(this.#logged.map(({ source, request }) => [source, request]));
  }

  /** Bytes in the log. */
  get bytes(): number {
    return this.#logged.reduce((sum, { source, channel }) => sum + channel.end - this.#log.span(source).begin, 0);
  }

  /** How long the disk took for what was written last. */
  get syncMillis(): number {
    return Math.max(0, ...this.#logged.map(({ channel }) => channel.syncMillis));
  }

  /** What has been read so far is in the log, on the disk. */
  async settle(): Promise<void> {
    const reached = this.#logged.map(({ channel }) => channel.ring.written);
    for (const { channel } of this.#logged) channel.wantSync();
    const isBehind = ({ channel }: Logged, index: number): boolean => !channel.isDurable(reached[index] as number);
    while (!this.#hasFailed && this.#logged.some(isBehind)) await sleep(1);
  }

  /** A checkpoint is on the disk: what is before it, and before the older ones, is not needed any more. @throws LMN-4007 */
  async cut(last: Manifest, older: readonly Manifest[]): Promise<void> {
    if (last.isFinished) await this.finish();
    if (last.isFinished) return this.#log.clear();
    for (const { source } of this.#logged) {
      const needed = placeIn(last, source);
      const places = older.map((manifest) => placeIn(manifest, source) ?? 0);
      if (needed !== null) await this.#log.cut(source, { needed, wanted: Math.min(needed, ...places) });
    }
  }

  /** The core has ended: what it has read and not used is for the next run. */
  async finish(): Promise<void> {
    for (const { channel, replay } of this.#logged) {
      channel.close();
      replay.close();
    }
    await Promise.all(this.#logged.map(({ ended }) => ended));
  }

  #start(source: string, { writer, kernels, sync }: LogThread, place: number | null): Logged {
    const { begin, end } = this.#log.span(source);
    const [channel, replay] = [new LogChannel(LOG_RING_BYTES), new ByteRing(REPLAY_RING_BYTES)];
    channel.report(end, null);
    channel.offset = place ?? begin;
    const work: LogWork = {
      channel: channel.buffers,
      folder: this.#log.folder(source),
      end,
      seed: randomInt(1, SEED_MAX),
      kernels,
      sync,
    };
    this.#threads.expect();
    writer.postMessage(work);
    writer.on('message', (report: LogReport) => {
      if (report.kind === 'ready') this.#threads.tell();
      else if (report.kind === 'segment') this.#log.extend(source, report.segment);
      else this.#fail(this.#log.unwritable(Object.assign(new Error(report.message), { code: report.code })));
    });
    writer.once('error', (error) => this.#fail(error));
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    const shared = { log: channel.buffers, replay: replay.buffer };
    const request = { ...shared, span: { begin: place ?? begin, end }, isSynchronous: sync === 'always' };
    return { source, channel, replay, request, writer, ended };
  }

  async #replay({ source, replay, request: { span } }: Logged): Promise<void> {
    for (const piece of this.#log.read(source, span.begin)) {
      for (let at = 0; at < piece.length; ) {
        const count = replay.write(piece, at, piece.length - at);
        at += count;
        if (replay.isClosed) return;
        if (count === 0) await sleep(1);
      }
      await nextTurn();
    }
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    for (const { channel, replay } of this.#logged) {
      channel.close();
      replay.close();
    }
    this.#onFailure(error);
  }
}

/** Where a source was; null when it had not begun. */
export function placeIn(snapshot: Pick<Snapshot, 'sources'> | null, source: string): number | null {
  const state = snapshot?.sources.find(({ id }) => id === source);
  if (state === undefined) return null;
  const [position] = state.positions;
  return position === undefined ? null : position.offset;
}
