import { expect, test } from 'vitest';
import { renderDetails } from '../../src/cli/details.ts';
import { renderProgress } from '../../src/cli/progress.ts';
import { describeSummary, renderSummary } from '../../src/cli/summary.ts';
import type { RunSummary, SinkCounters } from '../../src/runtime/run.ts';
import { coreOf, operatorOf, progressOf, sinkOf, sourceOf } from '../support/progress.ts';

const source = sourceOf('trades', {
  rows: 5_000_000,
  bytes: 486_000_000,
  sizeBytes: 486_000_000,
  watermark: 1_706_702_400_000_000,
});
const clean: RunSummary = {
  reason: 'end',
  heaps: [],
  ...progressOf({
    elapsedMillis: 600,
    sources: [source],
    operators: [operatorOf('bars.aggregate', { stateBytes: 4096 })],
    sinks: [sinkOf('out', { rows: 246_364, bytes: 20_000_000 })],
  }),
};

test('a clean run is one line with what went in and out, and how long it took', () => {
  expect(renderSummary(clean)).toBe(
    '5,000,000 rows (463.5 MB) in 0.6 s (8.3 M rows/s) → 246,364 rows (19.1 MB); 0 bad, 0 late',
  );
});

test('what was left out, changed or cut short is said', () => {
  const summary: RunSummary = {
    ...clean,
    reason: 'stopped',
    sources: [{ ...source, rejected: 3, nulled: 2, future: 1 }],
    operators: [operatorOf('bars.aggregate', { late: 1234 })],
  };
  expect(renderSummary(summary)).toContain(
    '; 3 bad, 1,234 late, 2 fields set to NULL, 1 too far in the future (stopped)',
  );
  expect(renderSummary({ ...clean, reason: 'limit' })).toContain('(limit reached)');
});

test('the details have a line for every source, operator, sink, core and ring', () => {
  const latency = {
    count: 9,
    sumMicros: 1,
    p50Micros: 85,
    p90Micros: 950,
    p99Micros: 1234,
    maxMicros: 45_600,
    buckets: [],
  };
  const rings = [{ to: 0, id: 'trades', capacityBytes: 4096, fill: 0.5, stalls: 3 }];
  const over = { overruns: 12, severity: 'medium' } as const;
  const details = renderDetails({
    ...clean,
    sources: [{ ...source, nanosPerRow: 55.6, busyShare: 0.593 }],
    operators: [
      operatorOf('bars.aggregate', { rowsIn: 5_000_000, rowsOut: 246_364, stateBytes: 4096, keys: 40, ...over }),
    ],
    sinks: [{ ...(clean.sinks[0] as SinkCounters), latency }],
    cores: [coreOf(0, { busyMillis: 480, rows: 7, turns: 3 }), coreOf(1, { rings }), coreOf(2, { state: 'absent' })],
  });
  expect(details.split('\n')).toEqual([
    'source       rows     bytes  bad  set to NULL  in the future  ns/row  busy  watermark',
    'trades  5,000,000  463.5 MB    0            0              0      56  59 %  2024-01-31T12:00:00Z',
    '',
    'operator          rows in  rows out  ns/row       over   busy  late   state  keys',
    'bars.aggregate  5,000,000   246,364       -  12 medium  0.0 %     0  4.0 KB    40',
    '',
    'sink     rows    bytes  ns/row  over   busy    p50     p90     p99  slowest',
    'out   246,364  19.1 MB       -     -  0.0 %  85 µs  950 µs  1.2 ms    46 ms',
    '',
    'core    busy  spinning  asleep  turns  rows  memory',
    '0      0.5 s    0.00 s  0.00 s      3     7     0 B',
    '1     0.00 s    0.00 s  0.00 s      0     0     0 B',
    '',
    'ring                   size  stalls',
    'trades: core 1 to 0  4.0 KB       3',
  ]);
});

test('the summary for programs has totals and everything they come from', () => {
  expect(describeSummary(clean)).toMatchObject({
    event: 'summary',
    reason: 'end',
    rowsIn: 5_000_000,
    rowsOut: 246_364,
    bytesIn: 486_000_000,
    bytesOut: 20_000_000,
    late: 0,
    sources: [source],
    sinks: [{ name: 'out' }],
  });
});

test('progress of inputs of known size is a bar, with the time that is left', () => {
  const half = { ...clean, sources: [{ ...source, rows: 2_500_000, bytes: 243_000_000 }] };
  expect(renderProgress(half)).toBe('[██████████░░░░░░░░░░] 50 %  2,500,000 rows  4.2 M rows/s  0.6 s left');
});

test('progress of an input of unknown size is what went in and out', () => {
  const unbounded = { ...clean, elapsedMillis: 12_000, sources: [{ ...source, sizeBytes: null }] };
  expect(renderProgress(unbounded)).toBe('12.0 s  5,000,000 rows (416.7 k rows/s) → 246,364 rows; 0 bad, 0 late');
});

test('an empty input is done, not divided by zero', () => {
  const empty = { ...clean, sources: [{ ...source, rows: 0, bytes: 0, sizeBytes: 0 }] };
  expect(renderProgress(empty)).toContain('100 %');
});

test('the details list the files of a source that has several, and not all of thousands', () => {
  const split = {
    state: 'finished',
    rows: 5,
    bytes: 2048,
    watermark: null,
    lagMillis: null,
    silentMillis: null,
  } as const;
  const splits = Array.from({ length: 22 }, (_, n) => ({ ...split, name: `${n}.csv`, watermark: n === 0 ? 0 : null }));
  const lines = renderDetails({ ...clean, sources: [{ ...source, splits }] }).split('\n');
  expect(lines.filter((line) => line.startsWith('trades: ')).length).toBe(21);
  expect(lines).toContainEqual(expect.stringMatching(/^trades: 0\.csv +finished +5 +2\.0 KB +1970-01-01T00:00:00Z$/));
  expect(lines).toContainEqual(expect.stringMatching(/^trades: 2 more *$/));
  expect(renderDetails({ ...clean, sources: [{ ...source, splits: splits.slice(0, 1) }] })).not.toContain('0.csv');
});
