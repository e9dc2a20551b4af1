// What is shown of a run: every counter with how fast it grows. Made from two samples by measure.ts.

/** A counter: all of it, and how fast it grows. */
export interface Meter {
  total: number;
  perSecond: number;
}

export interface Frame {
  /** Name or file of the pipeline. */
  pipeline: string;
  pid: number;
  version: string;
  uptimeMillis: number;
  /** The last checkpoint; null: none, or nothing is kept. */
  checkpoint: { epoch: number; ageMillis: number } | null;
  /** How it ended; null while it runs. */
  ending: string | null;
  rowsIn: Meter;
  bytesIn: Meter;
  rowsOut: Meter;
  late: number;
  bad: number;
  sources: SourceLine[];
  operators: OperatorLine[];
  cores: CoreLine[];
  sinks: SinkLine[];
  /** What holds the output back; null: nothing that is known. */
  waits: string | null;
}

/** A source, or one of its splits where it has several. */
export interface SourceLine {
  id: string;
  source: string;
  split: string | null;
  rows: Meter;
  bytes: Meter;
  /** Of what it will read; null: not known. */
  sizeBytes: number | null;
  lagMillis: number | null;
  /** Rows that came after their window; null: not counted here. */
  late: number | null;
  bad: number | null;
  state: 'pending' | 'active' | 'idle' | 'finished' | 'paused';
  /** µs */
  watermark: number | null;
}

export interface OperatorLine {
  id: string;
  name: string;
  kind: string;
  /** Ids of the nodes it reads, and of those that read it. */
  inputs: string[];
  readers: string[];
  rowsIn: Meter;
  rowsOut: Meter;
  /** Its own time for a row that comes in; null: none came. */
  nanosPerRow: number | null;
  /** What a row may take; null: no limit. */
  nanosBudget: number | null;
  /** Turns that took longer. */
  overruns: number;
  /** Share of a core's time, 0..1. */
  busy: number | null;
  stateBytes: number;
  /** Groups or keys it holds; null: it has none. */
  keys: number | null;
  /** null: it drops none. */
  late: number | null;
  /** µs */
  watermark: number | null;
  /** The window that closes next, µs. */
  openWindow: { start: number; end: number } | null;
  /** Of a lookup that fetches rows when they are wanted. */
  cache: CacheLine | null;
}

export interface CacheLine {
  /** Share of the rows that found their key there, 0..1: of late, and of all; null: none came. */
  hitShare: number | null;
  hitShareOfAll: number | null;
  /** Rows that wait for an answer. */
  waiting: number;
  /** Keys that were asked for. */
  asked: Meter;
  questions: Meter;
  /** Questions without an answer. */
  asking: number;
  /** From question to answer; null: there has been none. */
  answerMillis: number | null;
}

export interface CoreLine {
  core: number;
  rows: Meter;
  /** Share of the time, 0..1. */
  busy: number | null;
  /** How full the rings are that it reads, 0..1; null: it has none. */
  ringFill: number | null;
  stalls: number | null;
  memoryBytes: number;
  /** How long it stood still for the last checkpoint; null: it had no share in one. */
  pauseMillis: number | null;
}

export interface SinkLine {
  id: string;
  name: string;
  rows: Meter;
  bytes: Meter;
  /** From a row's arrival to its being written. */
  latency: { p50Micros: number; p99Micros: number; maxMicros: number } | null;
}
