// What a run is asked for and what it reports: the types between the verbs and the engine.

import type { HeapReport } from './heap-guard.ts';
import type { Placement, PlacementWish } from './placement.ts';

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

/** Counters of one source or sink, sampled while it runs and final at the end. */
export interface SourceCounters {
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

export interface SinkCounters {
  name: string;
  rows: number;
  bytes: number;
}

export interface OperatorCounters {
  id: string;
  /** Rows dropped because their window was closed. */
  late: number;
  stateBytes: number;
  /** µs, the watermark that came last; null before the first. */
  watermark: number | null;
  /** The open window that closes next, µs; null when none is open. */
  openWindow: { start: number; end: number } | null;
}

export interface RunProgress {
  elapsedMillis: number;
  sources: SourceCounters[];
  operators: OperatorCounters[];
  sinks: SinkCounters[];
}

export interface RunSummary extends RunProgress {
  /** Why it ended: input exhausted, --max-rows or --for reached, drained after a signal, output closed by its reader. */
  reason: 'end' | 'limit' | 'stopped' | 'closed';
  /** Where its cores ran, as far as anybody asked; in the order they started. */
  cores: Placement[];
  /** What the cores found about their heaps, if asked; in the order they ended. */
  heaps: HeapReport[];
}

export interface RunHandle {
  /** Settles when the core has ended; rejects with the error that ended the run. */
  readonly done: Promise<RunSummary>;
  /** The latest counters; cheap, callable at any time. */
  progress(): RunProgress;
  /** Stops the sources; what is open is flushed; `done` settles with reason `stopped`. */
  stop(): void;
}
