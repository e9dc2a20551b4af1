// The control plane of a run, on the main thread: starts the core, samples its counters, passes on stop requests.
//
// The core is a worker thread that reads, computes and writes by itself; nothing of a row ever comes here.

import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { fromPlain, type PlainError } from '../base/errors.ts';
import { COPIED_STATE_BYTES } from '../base/limits.ts';
import { givenTablesOf } from '../plan/chain.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import { loadKernelModule, loadSharedKernels, spawnCore } from '../platform/resources.ts';
import { NOTHING_AHEAD, type StartedAhead } from '../platform/started-ahead.ts';
import { BlockRoom } from '../state/block-room.ts';
import type { InputLog } from '../state/input-log.ts';
import { MemoryCopy, type SharedCopy } from '../state/memory-copy.ts';
import { type PackedSnapshot, packSnapshot, unpackSnapshot } from '../state/packed-snapshot.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { CommitFacts, StateDirectory } from '../state/state-directory.ts';
import type { LinkRequest } from './channels/core-link.ts';
import { CheckpointCoordinator, type StateSizes } from './checkpoint-coordinator.ts';
import { type CheckpointPlace, shareOf } from './checkpoint-place.ts';
import type { TakenShare, TakenSnapshot } from './checkpointer.ts';
import { Control } from './control.ts';
import type { DurableParts } from './core.ts';
import type { HeapReport } from './heap-guard.ts';
import { HelperCores } from './helper-cores.ts';
import { InputLogs } from './input-logs.ts';
import type { Placement } from './placement.ts';
import { ReadyThreads } from './ready-threads.ts';
import { RingReader } from './ring-reader.ts';
import type { CoreCounters, RunHandle, RunOptions, RunProgress, RunSummary } from './run.ts';
import { linkOf, planFor, waker } from './run-link.ts';
import type { SinkCommit } from './sink-commit.ts';
import type { OpenedSplits } from './split-counters.ts';
import { RunTaps } from './taps/run-taps.ts';
import { Telemetry } from './telemetry.ts';
import { testHooks } from './test-delays.ts';

/** What a core's worker is given. */
export interface CoreRequest {
  plan: PhysicalPlan;
  kernels: WebAssembly.Module;
  telemetry: SharedArrayBuffer;
  control: SharedArrayBuffer;
  options: RunOptions;
  /** Whether the run keeps its state, and where an earlier one was. */
  durable:
    | (Pick<DurableParts, 'logs'> & { restored: PackedSnapshot | null; room: SharedArrayBuffer; copy: SharedCopy })
    | null;
  /** The memory that the cores share; null: there is one core. Core 0 computes, the others decode for it. */
  link: LinkRequest | null;
  /** By which taps are asked for: each core has its own. */
  taps: MessagePort;
  /** By which the first core gives lookup tables to each of the others, and they are given them. */
  tables: readonly MessagePort[];
}

/** What it answers: where it runs, that it has loaded and built all it needs, what it has opened, then how it ended. */
export type CoreReport =
  | { kind: 'splits'; splits: OpenedSplits }
  | { kind: 'notice'; text: string }
  | { kind: 'placed'; placement: Placement }
  | { kind: 'ready' }
  | { kind: 'snapshot'; taken: Omit<TakenSnapshot, 'snapshot'>; packed: PackedSnapshot }
  | { kind: 'share'; share: TakenShare }
  | { kind: 'done'; reason: RunSummary['reason']; heap: HeapReport | null }
  | { kind: 'failed'; error: PlainError };

/** What a run is given beside its plan and options. */
export interface RunParts {
  /** What is there of it; more threads are started as needed. */
  ahead?: StartedAhead;
  /** Takes what the user should be told. */
  onNotice?: (text: string) => void;
  /** What keeps its state. */
  durable?: DurableRun | null;
  /** All cores have loaded what they need. */
  onReady?: () => void;
  /** The run has ended, and no core that was started is still loading. */
  onEnded?: () => void;
}

export interface DurableRun {
  directory: StateDirectory;
  facts: Pick<CommitFacts, 'pipeline' | 'nodes'>;
  /** Where an earlier run was; null: there was none. Its blocks are in the room. */
  restored: Snapshot | null;
  /** Where the blocks of checkpoints are. */
  room: BlockRoom;
  /** Where what inputs give is kept that cannot be read a second time; null: there are none. */
  log: InputLog | null;
  /** The sinks that count exactly once, which have recovered. */
  sinks: SinkCommit;
}

/** Runs the plan. Errors of the run reject `done`. */
export function startRun(given: PhysicalPlan, options: RunOptions, parts: RunParts = {}): RunHandle {
  const { ahead = NOTHING_AHEAD, onNotice = () => {}, durable = null } = parts;
  const plan = planFor(given, options);
  const link = linkOf(plan, options);
  const telemetry = new Telemetry(plan, { coreCount: link?.coreCount ?? 1 });
  const control = new Control();
  if (link !== null) control.wake = waker(plan, link);
  const taps = new RunTaps(control, link?.coreCount ?? 1);
  const failure = durableFailure(control);
  const { log = null, restored = null } = durable ?? {};
  const kernels = ahead.kernels ?? loadKernelModule();
  const threads = new ReadyThreads(link?.coreCount ?? 1, ahead.threads.length, parts);
  const logParts = { plan, kernels, restored, ahead: ahead.log, threads, onFailure: failure.fail };
  const logs = log === null ? null : new InputLogs({ ...logParts, log });
  if (logs === null) threads.dismiss(ahead.log);
  const started = performance.now();
  const channels = tableChannels(plan, link);
  const places = durable === null ? [] : placesOf(durable.room, link);
  const packed = restored === null ? null : packSnapshot(restored).packed;
  const request: CoreRequest = {
    plan,
    kernels,
    telemetry: telemetry.buffer,
    control: control.buffer,
    options,
    durable: places[0] === undefined ? null : { restored: packed, logs: logs?.requests ?? null, ...shareOf(places[0]) },
    link,
    taps: taps.open(),
    tables: channels.map(({ port1 }) => port1),
  };
  const [core = spawnCore({}), ...spare] = ahead.threads;
  core.postMessage(request, [request.taps, ...request.tables]);
  const placements: Placement[] = [];
  const told = new Set<string>();
  const onPlaced = (placement: Placement) => {
    placements.push(placement);
    // What one core is refused, all are: it is said once.
    for (const problem of placement.problems) {
      const what = problem.replace(/^core \d+/, 'a core');
      if (!told.has(what)) onNotice(what);
      told.add(what);
    }
  };
  const helpers = new HelperCores(request, telemetry, {
    spare,
    threads,
    stop: () => control.stop(),
    onPlaced,
    openTaps: () => taps.open(),
    tables: channels.map(({ port2 }) => port2),
    onShare: (share) => coordinator?.takeShare(share),
    places,
  });
  const sizes = (): StateSizes => {
    const { operators, cores } = telemetry.progress(0);
    const stateBytes = operators.reduce((sum, operator) => sum + operator.stateBytes, 0);
    return { stateBytes, memoryBytes: cores.map(({ memoryBytes }) => memoryBytes) };
  };
  const coordinator =
    durable === null
      ? null
      : new CheckpointCoordinator({
          ...durable,
          plan,
          control,
          logs,
          places,
          sizes,
          copiedBytes: testHooks().copiedBytes || COPIED_STATE_BYTES,
          onNotice,
          onFailure: failure.fail,
        });
  const stop = () => (coordinator === null ? control.stop() : coordinator.stop());
  const deadline = options.maxMillis;
  let isTimeUp = false;
  const timer =
    deadline === null
      ? undefined
      : setTimeout(() => {
          isTimeUp = true;
          stop();
        }, deadline);
  const rings = new RingReader(plan, link);
  const progress = () => {
    const read = telemetry.progress(performance.now() - started);
    read.checkpoints = coordinator?.counters ?? null;
    for (const core of read.cores) {
      core.rings = rings.read(core.core);
      core.pauseMillis = read.checkpoints?.corePauses[core.core] ?? null;
    }
    for (const { core, cpus, node } of placements) Object.assign(read.cores[core] as CoreCounters, { cpus, node });
    return read;
  };
  const onSnapshot = (taken: TakenSnapshot) => coordinator?.take(taken);
  const onReady = () => threads.tell();
  const done = Promise.race([
    reportOf(core, telemetry, { onNotice, onPlaced, onReady, onSnapshot }),
    helpers.failure,
    failure.failed,
  ])
    .finally(async () => {
      clearTimeout(timer);
      threads.end();
      control.end();
      taps.close();
      helpers.end();
      await coordinator?.finish();
    })
    .then((report) => Promise.race([failure.failed, report]))
    .then(async ({ reason, heap }): Promise<RunSummary> => {
      const ending = isTimeUp && reason === 'stopped' ? 'limit' : reason;
      const summary = { ...progress(), reason: ending };
      const heaps = options.verify ? [heap, ...(await Promise.race([helpers.heaps(), helpers.failure]))] : [];
      return { ...summary, heaps: heaps.filter((report) => report !== null) };
    });
  const snapshot = async (millisMax: number): Promise<RunProgress> => {
    await control.report(millisMax);
    return progress();
  };
  const checkpoint = async (name: string) => {
    if (coordinator === null) throw new Error('the run keeps no state');
    return coordinator.request(name);
  };
  return { done, progress, snapshot, tap: (plan, how) => taps.attach(plan, how), checkpoint, stop };
}

/** What keeps state from being written ends the run. */
function durableFailure(control: Control): { failed: Promise<never>; fail: (error: unknown) => void } {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const fail = (error: unknown) => {
    control.stop();
    reject(error);
  };
  return { failed, fail };
}

function reportOf(
  worker: Worker,
  telemetry: Telemetry,
  on: {
    onNotice: (text: string) => void;
    onPlaced: (placement: Placement) => void;
    onReady: () => void;
    onSnapshot: (taken: TakenSnapshot) => void;
  },
): Promise<{ reason: RunSummary['reason']; heap: HeapReport | null }> {
  return new Promise((resolve, reject) => {
    worker.on('message', (report: CoreReport) => {
      if (report.kind === 'splits') telemetry.addSplits(report.splits);
      else if (report.kind === 'notice') on.onNotice(report.text);
      else if (report.kind === 'placed') on.onPlaced(report.placement);
      else if (report.kind === 'ready') on.onReady();
      else if (report.kind === 'snapshot') on.onSnapshot({ ...report.taken, snapshot: unpackSnapshot(report.packed) });
      else if (report.kind === 'done') resolve(report);
      else if (report.kind === 'failed') reject(fromPlain(report.error));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the core's thread ended with code ${code} before it reported`)));
  });
}

/** One for each core beside the first, if they look into tables. */
function tableChannels(plan: PhysicalPlan, link: LinkRequest | null): MessageChannel[] {
  if (link === null || givenTablesOf(plan).length === 0) return [];
  return Array.from({ length: link.coreCount - 1 }, () => new MessageChannel());
}

/** Where each core puts what it keeps; only with an exchange others than the first keep anything. */
function placesOf(first: BlockRoom, link: LinkRequest | null): CheckpointPlace[] {
  const others = link === null || link.exchangeBytes === 0 ? 0 : link.coreCount - 1;
  const rooms = [first, ...Array.from({ length: others }, () => new BlockRoom())];
  let kernels: Promise<WebAssembly.Module> | null = null;
  const load = (): Promise<WebAssembly.Module> => {
    kernels ??= loadSharedKernels();
    return kernels;
  };
  return rooms.map((room) => ({ room, copy: new MemoryCopy(load) }));
}
