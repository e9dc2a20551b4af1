// Samples of a run that has every case a dashboard meets: several splits, an idle source, late and bad rows, two cores.
// Counters grow evenly, so rates are known; `second` is the run's age.

import type { Sample } from '../../../src/cli/dashboard/measure.ts';
import type { NodeWork, RunProgress, SplitProgress } from '../../../src/runtime/run.ts';

/** 2024-06-03T10:00:00Z in µs. */
const NOON = 1_717_408_800e6;

export function sampleAt(second: number, changes: Partial<Sample> = {}): Sample {
  return {
    pipeline: 'bars.lsql',
    pid: 4711,
    version: '0.1.0',
    waits: null,
    ending: null,
    nodes: [
      { id: 'trades', kind: 'source', inputs: [] },
      { id: 'quotes', kind: 'source', inputs: [] },
      { id: 'bars.input', kind: 'map', inputs: ['trades'] },
      { id: 'bars.aggregate', kind: 'aggregate', inputs: ['bars.input'] },
      { id: 'bars', kind: 'map', inputs: ['bars.aggregate'] },
      { id: 'all', kind: 'union', inputs: ['bars', 'quotes'] },
      { id: 'out', kind: 'sink', inputs: ['all'] },
    ],
    progress: progressAt(second),
    ...changes,
  };
}

function progressAt(second: number): RunProgress {
  const watermark = NOON + second * 1e6;
  const source = { sizeBytes: null, nulled: 0, future: 0, ahead: 0, dropped: 0 };
  const stateless = { late: 0, stateBytes: 0, keys: null, watermark: null, openWindow: null, cache: null };
  const core = {
    state: 'busy' as const,
    spinMillis: second * 20,
    turns: second * 2000,
    sleeps: second,
    pauseMillis: null,
  };
  return {
    elapsedMillis: second * 1000,
    checkpoints: null,
    sources: [
      {
        ...source,
        ...work('trades', second * 4_100_000, second * 700),
        name: 'trades',
        rows: second * 4_100_000,
        bytes: second * 402_000_000,
        rejected: 3,
        watermark,
        lagMillis: 1234,
        state: 'active',
        splits: [split('stdin', 'active', second * 4_100_000, watermark)],
      },
      {
        ...source,
        ...work('quotes', second * 1200, second * 2),
        name: 'quotes',
        rows: second * 1200,
        bytes: second * 80_000,
        sizeBytes: 20_000_000,
        rejected: 0,
        watermark: watermark - 3600e6,
        lagMillis: 3_600_000,
        state: 'idle',
        splits: [
          split('/data/2024/quotes-east-0001.ndjson', 'finished', 400, watermark),
          split('/data/2024/quotes-east-0002.ndjson', 'idle', second * 1200 - 400, watermark - 3600e6),
          split('/data/2024/quotes-west-0001.ndjson', 'pending', 0, null),
        ],
      },
    ],
    operators: [
      {
        ...stateless,
        ...work('bars.input', second * 4_000_000, second * 20),
        kind: 'map',
        rowsIn: second * 4_100_000,
      },
      {
        ...work('bars.aggregate', second * 120, second * 140),
        kind: 'aggregate',
        rowsIn: second * 4_000_000,
        late: 12,
        stateBytes: 19_000_000,
        keys: 245_812,
        watermark,
        openWindow: { start: NOON, end: NOON + 600e6 },
        cache: null,
      },
      { ...stateless, ...work('bars', second * 120, second * 0.01), kind: 'map', rowsIn: second * 120 },
      { ...stateless, ...work('all', second * 1320, 0), kind: 'union', rowsIn: second * 1320 },
    ],
    sinks: [
      {
        ...work('out', second * 1320, second * 0.3),
        name: 'out',
        rowsIn: second * 1320,
        rows: second * 1320,
        bytes: second * 96_000,
        silentMillis: 5,
        latency: {
          count: second * 1320,
          sumMicros: second * 600_000,
          p50Micros: 410,
          p90Micros: 900,
          p99Micros: 2300,
          maxMicros: 15_200,
          buckets: [],
        },
      },
    ],
    cores: [
      {
        ...core,
        core: 0,
        busyMillis: second * 910,
        sleepMillis: second * 70,
        rows: second * 2_000_000,
        memoryBytes: 67_108_864,
        rings: [],
        cpus: [],
        node: null,
      },
      {
        ...core,
        core: 1,
        busyMillis: second * 760,
        sleepMillis: second * 220,
        rows: second * 2_101_200,
        memoryBytes: 33_554_432,
        rings: [{ to: 0, id: 'trades', capacityBytes: 1_048_576, fill: 0.42, stalls: second * 3 }],
        cpus: [],
        node: null,
      },
      {
        ...core,
        core: 2,
        state: 'absent',
        busyMillis: 0,
        sleepMillis: 0,
        rows: 0,
        memoryBytes: 0,
        rings: [],
        cpus: [],
        node: null,
      },
    ],
  };
}

function work(id: string, rowsOut: number, busyMillis: number): NodeWork {
  const budget = { nanosBudget: null, overruns: 0, overrunsPerSecond: 0, overrunsPerSecondMax: 0, severity: null };
  return { id, rowsOut, busyMillis, busyShare: 0, nanosPerRow: null, ...budget };
}

function split(name: string, state: SplitProgress['state'], rows: number, watermark: number | null): SplitProgress {
  const lagMillis = watermark === null ? null : 1234;
  return { name, state, rows, bytes: rows * 98, watermark, lagMillis, silentMillis: state === 'idle' ? 9000 : null };
}
