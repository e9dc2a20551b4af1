// Counters as a run would report them, for tests of what is made of them: everything is calm unless said otherwise.

import type {
  CoreCounters,
  OperatorCounters,
  RunProgress,
  SinkCounters,
  SourceCounters,
  SplitProgress,
} from '../../src/runtime/run.ts';

const BUDGET = { nanosBudget: null, overruns: 0, overrunsPerSecond: 0, overrunsPerSecondMax: 0, severity: null };
const WORK = { rowsOut: 0, busyMillis: 0, busyShare: 0, nanosPerRow: null, ...BUDGET };

export function progressOf(given: Partial<RunProgress> = {}): RunProgress {
  return { elapsedMillis: 0, checkpoints: null, sources: [], operators: [], sinks: [], cores: [], ...given };
}

export function sourceOf(name: string, given: Partial<SourceCounters> = {}): SourceCounters {
  const nothingLost = { rejected: 0, nulled: 0, future: 0, ahead: 0, dropped: 0 };
  return {
    ...{ ...WORK, ...nothingLost, id: name, name, rows: 0, bytes: 0, sizeBytes: null },
    ...{ watermark: null, lagMillis: null, state: 'active', splits: [], ...given },
  };
}

export function splitOf(name: string, given: Partial<SplitProgress> = {}): SplitProgress {
  const time = { watermark: null, lagMillis: null, silentMillis: null };
  return { name, state: 'active', rows: 0, bytes: 0, ...time, ...given };
}

export function operatorOf(id: string, given: Partial<OperatorCounters> = {}): OperatorCounters {
  const state = { late: 0, stateBytes: 0, keys: 0, watermark: null, openWindow: null, cache: null };
  return { ...WORK, id, kind: 'aggregate', rowsIn: 0, ...state, ...given };
}

export function sinkOf(name: string, given: Partial<SinkCounters> = {}): SinkCounters {
  return { ...WORK, id: name, name, rowsIn: 0, rows: 0, bytes: 0, silentMillis: null, latency: null, ...given };
}

export function coreOf(core: number, given: Partial<CoreCounters> = {}): CoreCounters {
  const time = { busyMillis: 0, spinMillis: 0, sleepMillis: 0, turns: 0, sleeps: 0 };
  return {
    core,
    state: 'busy',
    ...time,
    rows: 0,
    memoryBytes: 0,
    rings: [],
    cpus: [],
    node: null,
    pauseMillis: null,
    ...given,
  };
}
