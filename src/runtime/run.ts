// What a run is asked for and what it reports: the types between the verbs and the engine.

import type { PlanNode } from '../plan/physical-plan.ts';
import type { TapPlan } from '../plan/tap-plan.ts';
import type { Manifest } from '../state/manifest.ts';
import type { HeapReport } from './heap-guard.ts';
import type { Latency } from './latency.ts';
import type { PlacementWish } from './placement.ts';
import type { Severity } from './row-budgets.ts';
import type { RunningTap, TapOptions } from './taps/run-taps.ts';

/** How a run may be limited. */
export interface RunOptions {
  /** Stop after this many output rows (of all sinks together); null: no limit. */
  maxRows: number | null;
  /** Stop after this wall-clock time; null: no limit. */
  maxMillis: number | null;
  /** Fail with TooManyErrors (exit 65) when rejected records exceed a count or a share (0..1) of all records. */
  maxErrors: { count: number } | { share: number } | null;
  /** Threads that may work at once, at least 1: one computes, all decode. */
  cores: number;
  /** Whether all of them are wanted whatever there is to read; otherwise they are started when it is worth it. */
  startsAllCores: boolean;
  placement: PlacementWish;
  /** Whether the JavaScript heap is watched: a thread that leaves objects there ends the run. */
  verify: boolean;
}

/** More cores than this do not make a run faster: one computes, and three decode as much as it can use. */
const USEFUL_CORES = 4;

/** Cores of a run that names no number: all CPUs but one, since the rest of a shell's line works too. */
export function defaultCoreCount(cpus: number): number {
  return Math.max(1, Math.min(cpus - 1, USEFUL_CORES));
}

/** How a node keeps to its budget. */
export interface NodeBudget {
  /** ns of its own that `budget_row` allows per row; null: nothing is said of sources, or at all. */
  nanosBudget: number | null;
  /** Turns that took longer. */
  overruns: number;
  /** Of late (ten seconds), and at the worst. */
  overrunsPerSecond: number;
  overrunsPerSecondMax: number;
  /** What the worst rate means; null: there were none. */
  severity: Severity | null;
}

/** What a node has worked. */
export interface NodeWork extends NodeBudget {
  /** Id of its plan node. */
  id: string;
  rowsOut: number;
  /** CPU time of its own over all cores: without that of the nodes after it. */
  busyMillis: number;
  /** That, of the time that a core has had: 0 to 1, and more when several cores work on it. */
  busyShare: number;
  /** ns of its own per row that went in (out of a source); null before the first. */
  nanosPerRow: number | null;
}

/** Counters of one source, sampled while it runs and final at the end. */
export interface SourceCounters extends NodeWork {
  name: string;
  rows: number;
  /** Raw bytes read. */
  bytes: number;
  /** Raw size when known, null for pipes and generators. */
  sizeBytes: number | null;
  /** Records left out by the error policy. */
  rejected: number;
  /** Fields turned into NULL by the error policy. */
  nulled: number;
  /** Rows whose event time was too far in the future to move the watermark. */
  future: number;
  /** µs, null before the first row or without a watermark. */
  watermark: number | null;
  /** How far the watermark is behind the wall clock. */
  lagMillis: number | null;
  /** active if any split is, else idle if any is; paused: it waits for other sources of its alignment group. */
  state: 'active' | 'idle' | 'finished' | 'paused';
  /** How often it was too far ahead of them: pauses, or batches that were warned of. */
  ahead: number;
  /** Rows left out because they were too far ahead of them. */
  dropped: number;
  /** In the order they are read; empty until they have been opened. */
  splits: SplitProgress[];
}

/** One split of a source: a file of a pattern, standard input. */
export interface SplitProgress {
  name: string;
  /** pending: other splits are read before it; idle: it gave nothing for so long that nobody waits for it. */
  state: 'pending' | 'active' | 'idle' | 'finished';
  rows: number;
  bytes: number;
  /** µs, null before the first row or without a watermark. */
  watermark: number | null;
  /** How far that is behind the wall clock. */
  lagMillis: number | null;
  /** How long it has given nothing, null while it does. */
  silentMillis: number | null;
}

export interface SinkCounters extends NodeWork {
  name: string;
  /** Rows that came to it; fewer are written when a limit ends the run. */
  rowsIn: number;
  /** Rows and bytes written. */
  rows: number;
  bytes: number;
  /** How long ago rows were written last; null before the first. */
  silentMillis: number | null;
  /** From reading the bytes of a row to having written what it caused; null before anything was written. */
  latency: Latency | null;
}

/** Counters of a node between sources and sinks. */
export interface OperatorCounters extends NodeWork {
  kind: PlanNode['kind'];
  rowsIn: number;
  /** Rows dropped because their window was closed. */
  late: number;
  stateBytes: number;
  /** Groups, or rows, that it keeps; null for operators that keep nothing. */
  keys: number | null;
  /** µs, the watermark that came last; null before the first, and for operators that have no use for it. */
  watermark: number | null;
  /** The open window that closes next, µs; null when none is open. */
  openWindow: { start: number; end: number } | null;
  /** Of a lookup whose rows are fetched when they are wanted. */
  cache: CacheCounters | null;
}

export interface CacheCounters {
  /** Rows that were answered at once, and that waited for an answer; those that wait now. */
  hits: number;
  waited: number;
  waiting: number;
  /** Keys that were asked for, and in how many questions. */
  asked: number;
  questions: number;
  /** Questions that have no answer yet. */
  asking: number;
  /** From question to answer, all of them together. */
  answerMillis: number;
}

/** Counters of a core: what its time went into, and the rings by which it sends. */
export interface CoreCounters {
  /** Core 0 computes and writes; the others decode for it. */
  core: number;
  /** absent: it has not been started. */
  state: 'absent' | 'busy' | 'spinning' | 'sleeping' | 'ended';
  /** Wall-clock time in each state. */
  busyMillis: number;
  /** Looking whether another core has something. */
  spinMillis: number;
  sleepMillis: number;
  /** Times that it had something to do, and that it went to sleep. */
  turns: number;
  sleeps: number;
  /** Rows passed on by its sources, or decoded for other cores. */
  rows: number;
  /** Of its linear memory. */
  memoryBytes: number;
  rings: RingCounters[];
  /** CPUs that its thread may run on, where somebody asked for some; and the NUMA node of its memory. */
  cpus: number[];
  node: number | null;
  /** How long it stood still for the last checkpoint; null: there has been none in which it had a share. */
  pauseMillis: number | null;
}

/** A ring from one core to another. */
export interface RingCounters {
  /** The core that reads it. */
  to: number;
  /** Id of the node whose rows it carries. */
  id: string;
  capacityBytes: number;
  /** Share in use: 0 to 1. */
  fill: number;
  /** How often its writer had to wait for room. */
  stalls: number;
}

/** Checkpoints of a run that keeps its state. */
export interface CheckpointCounters {
  /** Written in this run, and given up since a sink did not vote for them. */
  count: number;
  abandoned: number;
  /** Number of the last one in the state directory, 0 before the first; how long ago that was. */
  epoch: number;
  ageMillis: number | null;
  /** Of the last one: bytes of state, bytes that were written, and how long it took until it counted. */
  bytes: number;
  bytesWritten: number;
  durationMillis: number;
  /** How long a core stood still, for the last one and at the longest; and each core that had a share in the last one. */
  pauseMillis: number;
  pauseMillisMax: number;
  corePauses: number[];
  /** Of inputs that cannot be read a second time: bytes in their log, and how long the last write of it took. */
  logBytes: number;
  logMillis: number;
}

/** All counters of a run at one moment: what the end-of-run summary, `top` and /status show. */
export interface RunProgress {
  elapsedMillis: number;
  /** null: the run keeps nothing. */
  checkpoints: CheckpointCounters | null;
  sources: SourceCounters[];
  /** In the order of the plan. */
  operators: OperatorCounters[];
  sinks: SinkCounters[];
  cores: CoreCounters[];
}

export interface RunSummary extends RunProgress {
  /** Why it ended: input exhausted, --max-rows or --for reached, drained after a signal, output closed by its reader. */
  reason: 'end' | 'limit' | 'stopped' | 'closed';
  /** What the cores found about their heaps, if asked; in the order they ended. */
  heaps: HeapReport[];
}

export interface RunHandle {
  /** Settles when the core has ended; rejects with the error that ended the run. */
  readonly done: Promise<RunSummary>;
  /** The latest counters; cheap, callable at any time. */
  progress(): RunProgress;
  /** As `progress`, with what the first core counts seldom brought up to date; after at most so many milliseconds. */
  snapshot(millisMax: number): Promise<RunProgress>;
  /** Begins to read what leaves a node, beside the pipeline. */
  tap(plan: TapPlan, options: TapOptions): RunningTap;
  /** Takes a checkpoint now, and gives it a name by which it stays. @throws when the run keeps nothing, or ends before. */
  checkpoint(name: string): Promise<Manifest>;
  /**
   * Stops the sources; what is open is flushed, or kept in the last checkpoint; `done` settles with reason `stopped`.
   */
  stop(): void;
}
