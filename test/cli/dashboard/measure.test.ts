import { describe, expect, test } from 'vitest';
import { measure } from '../../../src/cli/dashboard/measure.ts';
import { sampleAt } from './samples.ts';

describe('rates', () => {
  test('are those between two samples', () => {
    const then = sampleAt(10);
    const now = sampleAt(12);
    now.progress.sources[0]!.rows = then.progress.sources[0]!.rows + 1000;
    const { sources, rowsIn } = measure(then, now);
    expect(sources[0]!.rows).toEqual({ total: 41_001_000, perSecond: 500 });
    expect(rowsIn).toEqual({ total: 41_001_000 + 14_400, perSecond: 500 + 1200 });
  });

  test('of the first sample are those since the start', () => {
    const frame = measure(null, sampleAt(10));
    expect(frame.sources[0]!.bytes).toEqual({ total: 4_020_000_000, perSecond: 402_000_000 });
    expect(frame.operators.find(({ id }) => id === 'bars.aggregate')).toMatchObject({ nanosPerRow: 35, busy: 0.14 });
  });

  test('of two samples at the same moment are zero, and of a counter that fell as well', () => {
    const frame = measure(sampleAt(10), sampleAt(10));
    expect(frame.rowsIn.perSecond).toBe(0);
    expect(frame.cores[0]!.busy).toBeNull();
    const fallen = sampleAt(11);
    fallen.progress.sinks[0]!.rows = 0;
    expect(measure(sampleAt(10), fallen).rowsOut).toEqual({ total: 0, perSecond: 0 });
  });

  test('ns/row and busy are those of the interval; without a row, of the whole run', () => {
    const then = sampleAt(10);
    const now = sampleAt(12);
    const map = now.progress.operators[0]!;
    map.busyMillis = then.progress.operators[0]!.busyMillis + 500;
    map.rowsIn = then.progress.operators[0]!.rowsIn + 10_000_000;
    expect(measure(then, now).operators[2]).toMatchObject({ id: 'bars.input', nanosPerRow: 50, busy: 0.25 });
    map.rowsIn -= 10_000_000;
    map.nanosPerRow = 7;
    expect(measure(then, now).operators[2]).toMatchObject({ nanosPerRow: 7 });
  });
});

describe('rows of the tables', () => {
  test('splits are listed where there are several, without the folder they share', () => {
    const { sources } = measure(null, sampleAt(10));
    expect(sources.map(({ source, split, state }) => [source, split, state])).toEqual([
      ['trades', null, 'active'],
      ['quotes', null, 'idle'],
      ['quotes', 'quotes-east-0001.ndjson', 'finished'],
      ['quotes', 'quotes-east-0002.ndjson', 'idle'],
      ['quotes', 'quotes-west-0001.ndjson', 'pending'],
    ]);
  });

  test('late rows are those of a source where only it leads to the windows', () => {
    expect(measure(null, sampleAt(10)).sources.map(({ late }) => late)).toEqual([12, null, null, null, null]);
    const joined = sampleAt(10);
    joined.nodes = joined.nodes.map((node) =>
      node.id === 'bars.input' ? { ...node, inputs: ['trades', 'quotes'] } : node,
    );
    expect(measure(null, joined).sources[0]!.late).toBeNull();
    expect(measure(null, joined).late).toBe(12);
  });

  test('operators are all nodes in the order of the plan, and know their neighbours', () => {
    const { operators } = measure(null, sampleAt(10));
    expect(operators.map(({ id }) => id)).toEqual(sampleAt(10).nodes.map(({ id }) => id));
    expect(operators[5]).toMatchObject({ id: 'all', inputs: ['bars', 'quotes'], readers: ['out'] });
  });

  test('a budget is shown where the run says one', () => {
    const sample = sampleAt(10);
    Object.assign(sample.progress.operators[1]!, { nanosBudget: 30, overruns: 4 });
    const { operators } = measure(null, sample);
    expect(operators[3]).toMatchObject({ nanosPerRow: 35, nanosBudget: 30, overruns: 4 });
    expect(operators[2]).toMatchObject({ nanosBudget: null, overruns: 0 });
  });

  test('a core that has not been started is not listed', () => {
    expect(measure(null, sampleAt(10)).cores).toEqual([
      {
        core: 0,
        rows: { total: 20_000_000, perSecond: 2_000_000 },
        busy: 0.91,
        ringFill: null,
        stalls: null,
        memoryBytes: 67_108_864,
        pauseMillis: null,
      },
      {
        core: 1,
        rows: { total: 21_012_000, perSecond: 2_101_200 },
        busy: 0.76,
        ringFill: 0.42,
        stalls: 30,
        memoryBytes: 33_554_432,
        pauseMillis: null,
      },
    ]);
  });
});
