import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { LinearMemory } from '../../../src/data/memory.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, type DataType, DOUBLE, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { AggregateSpec } from '../../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../../src/plan/aggregates/aggregate.ts';
import { type AggregateInput, AggregateRun, runAggregate } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

const KEY = { name: 'k', type: VARCHAR, nullable: false } as const;
const TIME = { name: 't', type: TIMESTAMP, nullable: false } as const;
const SCHEMA: Schema = [KEY, { name: 'v', type: BIGINT, nullable: true }, TIME];

function call(
  fn: AggregateFunction,
  type: DataType | null,
  column = 1,
  orderColumn: number | null = null,
): AggregateSpec {
  const result = fn === 'avg' ? DOUBLE : fn.startsWith('count') ? BIGINT : (type ?? BIGINT);
  return {
    function: fn,
    column: type === null ? null : column,
    argumentType: type,
    result,
    orderColumn,
    text: `${fn}(v)`,
  };
}

const COUNT = call('count_star', null);
const SUM = call('sum', BIGINT);

interface WindowSpec {
  size: number;
  offset?: number;
  lateness?: number;
}

/** Rows are [key, value, time]. */
function inputOf(rows: Value[][], aggregates: AggregateSpec[], window: WindowSpec | null): AggregateInput {
  return {
    schema: SCHEMA,
    keyCount: 1,
    aggregates,
    window: window && {
      sizeMicros: window.size,
      offsetMicros: window.offset ?? 0,
      latenessMicros: window.lateness ?? 0,
    },
    rows,
    delayMicros: null,
  };
}

function startsOf(times: bigint[], window: WindowSpec): Value[] {
  const input = inputOf(
    times.map((t) => ['a', 1n, t]),
    [COUNT],
    window,
  );
  return runAggregate(testMemory(), input, 16).output.rows.map((row) => row[1] as Value);
}

describe('tumbling windows', () => {
  it('are half-open and aligned to the epoch, before it too', () => {
    expect(startsOf([-1n, 0n, 999n, 1000n], { size: 1000 })).toEqual([-1000n, 0n, 1000n]);
    expect(startsOf([-1000n, -1001n], { size: 1000 })).toEqual([-2000n, -1000n]);
  });

  it('move with the offset, of which a multiple of the size changes nothing', () => {
    const day = { size: 86_400_000, offset: 28_800_000 };
    expect(startsOf([0n, 28_800_000n], day)).toEqual([-57_600_000n, 28_800_000n]);
    expect(startsOf([0n, 28_800_000n], { ...day, offset: 28_800_000 - 3 * 86_400_000 })).toEqual([
      -57_600_000n,
      28_800_000n,
    ]);
    expect(startsOf([0n], { size: 3_600_000, offset: 28_800_000 })).toEqual([0n]);
  });

  it('are cut at the ends of the range, and do not wrap round', () => {
    const starts = startsOf([MIN, MAX, 0n, MIN + 1n, MAX - 1n], { size: 1000, lateness: 5, offset: 7 });
    expect(starts).toEqual([MIN, -993n, MAX - ((MAX - 7n) % 1000n)]);
  });

  it('come out in order of their end, then by key, however many are open and however they came', () => {
    const rows = Array.from({ length: 5000 }, (_, n): Value[] => [
      'ba'[n % 2] as string,
      1n,
      BigInt((n * 7919) % 5000) * 10n,
    ]);
    const { output } = runAggregate(testMemory(), inputOf(rows, [COUNT], { size: 10 }), 64);
    expect(output.rows.map((row) => row[1])).toEqual(Array.from({ length: 5000 }, (_, n) => BigInt(n) * 10n));
    expect(Math.max(...output.batchRows)).toBe(64);
  });
});

describe('closing', () => {
  const run = (input: AggregateInput): AggregateRun => new AggregateRun(testMemory(), input, 4);

  it('happens when the watermark reaches the end plus the lateness, not before', () => {
    const steps = run(inputOf([], [COUNT], { size: 10, lateness: 5 }));
    steps.process([['a', 1n, 3n]]);
    steps.watermark(14n);
    expect(steps.output.rows).toEqual([]);
    steps.watermark(15n);
    expect(steps.output.rows).toEqual([['a', 0n, 10n, 1n]]);
  });

  it('puts the rows before the watermark that closed their window, and forwards the earliest start still possible', () => {
    const steps = run(inputOf([], [COUNT], { size: 10, lateness: 5 }));
    steps.process([
      ['a', 1n, 3n],
      ['a', 1n, 13n],
    ]);
    for (const micros of [MIN, 14n, 15n, 17n, 25n]) steps.watermark(micros);
    expect(steps.output.watermarks).toEqual([
      { micros: MIN, rowCount: 0 },
      { micros: 0n, rowCount: 0 },
      { micros: 10n, rowCount: 1 },
      { micros: 10n, rowCount: 1 },
      { micros: 20n, rowCount: 2 },
    ]);
  });

  it('never forwards a watermark under which a later row of its own is late for a window over window_start', () => {
    const steps = run(inputOf([], [COUNT], { size: 10, offset: 3 }));
    for (let t = -50n; t < 50n; t += 7n) {
      steps.process([
        ['a', 1n, t + 9n],
        ['b', 1n, t],
      ]);
      steps.watermark(t);
      const forwarded = steps.output.watermarks.at(-1)?.micros as bigint;
      const seen = steps.output.rows.length;
      steps.watermark(t + 6n);
      for (const row of steps.output.rows.slice(seen)) expect(row[1]).toBeGreaterThanOrEqual(forwarded);
    }
  });

  it('treats a row for a window that the last watermark closed as late when rows carry no watermark', () => {
    const steps = run(inputOf([], [COUNT], { size: 10 }));
    steps.process([['a', 1n, 3n]]);
    steps.watermark(10n);
    steps.process([
      ['a', 1n, 4n],
      ['a', 1n, 12n],
    ]);
    steps.end();
    expect(steps.output.rows).toEqual([
      ['a', 0n, 10n, 1n],
      ['a', 10n, 20n, 1n],
    ]);
    expect(steps.aggregate.lateCount()).toBe(1);
  });

  it('emits everything still open at the end, then ends its output', () => {
    const steps = run(inputOf([], [COUNT], { size: 10 }));
    steps.process([
      ['b', 1n, 13n],
      ['a', 1n, 3n],
      ['a', 1n, 13n],
    ]);
    steps.end();
    expect(steps.output.rows).toEqual([
      ['a', 0n, 10n, 1n],
      ['a', 10n, 20n, 1n],
      ['b', 10n, 20n, 1n],
    ]);
    expect(steps.output.endCount).toBe(1);
  });

  it('without a window comes only at the end, and passes no watermark on', () => {
    const steps = run(inputOf([], [COUNT], null));
    steps.process([['a', 1n, 3n]]);
    steps.watermark(MAX);
    expect(steps.output.rows).toEqual([]);
    expect(steps.output.watermarks).toEqual([]);
    steps.end();
    expect(steps.output.rows).toEqual([['a', 1n]]);
  });
});

describe('results', () => {
  const all = (fns: AggregateFunction[], type: DataType): AggregateSpec[] => fns.map((fn) => call(fn, type, 1, 2));
  const results = (rows: Value[][], aggregates: AggregateSpec[], schema: Schema = SCHEMA): Value[][] => {
    const input = { ...inputOf(rows, aggregates, null), schema };
    return runAggregate(testMemory(), input, 3).output.rows.map((row) => row.slice(1));
  };

  it('are open, high, low and close by event time', () => {
    const rows = [
      ['a', 102n, 4n],
      ['a', 100n, 1n],
      ['a', 98n, 3n],
      ['a', 105n, 2n],
    ];
    expect(results(rows, all(['first_value', 'max', 'min', 'last_value'], BIGINT))).toEqual([[100n, 105n, 98n, 102n]]);
  });

  it('take the earlier arrival as FIRST and the later as LAST at equal times, and ignore NULL', () => {
    const rows = [
      ['a', null, 1n],
      ['a', 10n, 1n],
      ['a', 20n, 1n],
      ['a', null, 1n],
    ];
    expect(results(rows, all(['first_value', 'last_value', 'count'], BIGINT))).toEqual([[10n, 20n, 2n]]);
  });

  it('over strings do the same, and copy what they keep', () => {
    const schema: Schema = [KEY, { name: 'v', type: VARCHAR, nullable: true }, TIME];
    const rows: Value[][] = [
      ['a', 'second, and longer than an entry', 2n],
      ['a', 'b', 1n],
      ['a', 'c', 1n],
      ['a', null, 0n],
      ['a', 'd', 2n],
      ['a', '', 3n],
      ['a', 'last', 3n],
    ];
    const expected = [['b', 'last', '', 'second, and longer than an entry', 6n]];
    expect(results(rows, all(['first_value', 'last_value', 'min', 'max', 'count'], VARCHAR), schema)).toEqual(expected);
  });

  it('are by arrival when there is no event time', () => {
    const rows: Value[][] = [
      ['a', null, 9n],
      ['a', 1n, 8n],
      ['a', 2n, 7n],
      ['a', null, 6n],
    ];
    expect(results(rows, [call('first_value', BIGINT), call('last_value', BIGINT)])).toEqual([[1n, 2n]]);
  });

  it('are NULL when every argument was', () => {
    const fns: AggregateFunction[] = ['count', 'sum', 'avg', 'min', 'max', 'first_value', 'last_value'];
    expect(results([['a', null, 1n]], all(fns, BIGINT))).toEqual([[0n, null, null, null, null, null, null]]);
  });

  it('give a global aggregate one row over no rows, and a keyed or windowed one none', () => {
    const fns: AggregateFunction[] = ['count', 'sum', 'avg', 'min', 'max', 'first_value', 'last_value'];
    const input: AggregateInput = {
      schema: [{ name: 'v', type: BIGINT, nullable: false }, TIME],
      keyCount: 0,
      aggregates: [COUNT, ...fns.map((fn) => call(fn, BIGINT, 0, 1))],
      window: null,
      rows: [],
      delayMicros: null,
    };
    const expected = [[0n, 0n, null, null, null, null, null, null]];
    expect(runAggregate(testMemory(), input, 7).output.rows).toEqual(expected);
    const window = { sizeMicros: 10, offsetMicros: 0, latenessMicros: 0 };
    expect(runAggregate(testMemory(), { ...input, window }, 7).output.rows).toEqual([]);
    expect(runAggregate(testMemory(), inputOf([], [COUNT], null), 7).output.rows).toEqual([]);
  });

  it('average integers exactly, also where their sum is beyond BIGINT', () => {
    const rows = [
      ['a', MAX, 1n],
      ['a', MAX, 2n],
      ['b', MIN, 1n],
      ['b', MIN, 2n],
      ['c', 2n ** 53n, 1n],
      ['c', 1n, 1n],
      ['c', 1n, 1n],
    ];
    expect(results(rows, [call('avg', BIGINT)])).toEqual([[2 ** 63], [-(2 ** 63)], [(2 ** 53 + 2) / 3]]);
  });

  it('sum doubles in source order', () => {
    const schema: Schema = [KEY, { name: 'v', type: DOUBLE, nullable: false }, TIME];
    const values = [1e16, 1, 1, -1e16, 0.1];
    const rows = values.map((v, n): Value[] => ['a', v, BigInt(-n)]);
    expect(results(rows, [call('sum', DOUBLE)], schema)).toEqual([[values.reduce((sum, v) => sum + v, 0)]]);
  });
});

describe('sums of integers', () => {
  it('may leave the range of BIGINT on the way, as long as they come back', () => {
    const rows = [
      ['a', MAX, 1n],
      ['a', MAX, 1n],
      ['a', -MAX, 1n],
      ['b', MIN, 1n],
      ['b', MIN, 1n],
      ['b', MAX, 1n],
      ['b', 1n, 1n],
    ];
    const { output } = runAggregate(testMemory(), inputOf(rows, [SUM], null), 2);
    expect(output.rows).toEqual([
      ['a', MAX],
      ['b', MIN],
    ]);
  });

  it('beyond BIGINT are an error that names aggregate and key, after the rows before them', () => {
    const rows = [
      ['a', 1n, 1n],
      ['c', MAX, 1n],
      ['c', 1n, 1n],
      ['b', 2n, 1n],
      ['d', MIN, 1n],
      ['d', -1n, 1n],
      ['e', 5n, 1n],
    ];
    for (const batchRows of [1, 2, 100]) {
      const run = new AggregateRun(testMemory(), inputOf(rows, [COUNT, SUM], { size: 10 }), batchRows);
      run.process(rows);
      expect(() => run.watermark(10n)).toThrow(
        expect.objectContaining({
          code: 'LMN-3051',
          message: 'sum(v) does not fit BIGINT for 2 of 5 keys, the first k = "c"',
        }),
      );
      expect(run.output.rows.map((row) => row[0])).toEqual(['a', 'b']);
      expect(run.output.watermarks).toEqual([]);
      run.aggregate.close();
    }
  });
});

describe('memory', () => {
  const TEXT_SCHEMA: Schema = [KEY, { name: 'v', type: VARCHAR, nullable: false }, TIME];

  /** Rows of one window: long keys, and texts of growing length that MAX and LAST have to copy again and again. */
  function windowRows(window: number, keys: number): Value[][] {
    return Array.from({ length: keys * 20 }, (_, n) => [
      `a key that is longer than what lies in the entry ${n % keys}`,
      `${String.fromCharCode(97 + Math.floor(n / keys))}${'x'.repeat(Math.floor(n / keys))}`,
      BigInt(window * 10 + (n % 10)),
    ]);
  }

  function textRun(memory: LinearMemory): AggregateRun {
    const aggregates = [COUNT, call('max', VARCHAR), call('last_value', VARCHAR, 1, 2)];
    return new AggregateRun(memory, { ...inputOf([], aggregates, { size: 10 }), schema: TEXT_SCHEMA }, 4000);
  }

  it('returns to what it was once the windows have closed', () => {
    const memory = testMemory();
    const run = textRun(memory);
    const idle = run.aggregate.stateBytes();
    for (let window = 0; window < 30; window++) run.process(windowRows(window, 3));
    expect(run.aggregate.stateBytes()).toBeGreaterThan(idle + 30 * 1000);
    run.watermark(300n);
    expect(run.output.rows).toHaveLength(90);
    expect(run.aggregate.stateBytes()).toBe(idle);
  });

  it('does not grow from window to window', () => {
    const memory = testMemory();
    const run = textRun(memory);
    let settled = 0;
    for (let window = 0; window < 40; window++) {
      run.process(windowRows(window, 100));
      run.watermark(BigInt(window) * 10n);
      if (window === 5) settled = run.aggregate.stateBytes();
      if (window > 5) expect(run.aggregate.stateBytes()).toBe(settled);
    }
  });

  it.each(['hop', 'cumulate'] as const)('of windows that overlap (%s) settles, and all of it is given back', (kind) => {
    const memory = testMemory();
    const aggregates = [COUNT, call('max', VARCHAR), call('last_value', VARCHAR, 1, 2)];
    const window = { kind, sizeMicros: 60, slideMicros: 10, offsetMicros: 0, latenessMicros: 0 };
    const input = { ...inputOf([], aggregates, { size: 10 }), schema: TEXT_SCHEMA, window };
    const run = new AggregateRun(memory, input, 4000);
    const settled = new Set<number>();
    for (let pane = 0; pane < 60; pane++) {
      run.process(windowRows(pane, 50));
      // Late rows for windows that are still open.
      if (pane > 12) run.process(windowRows(pane - 4, 2));
      run.watermark(BigInt(pane) * 10n);
      if (pane >= 36) settled.add(run.aggregate.stateBytes());
      if (pane >= 24) expect(run.aggregate.stateBytes()).toBeLessThan(3_000_000);
    }
    expect(settled.size).toBeLessThanOrEqual(12);
    const before = memory.kernels.allocatedBytes() - run.aggregate.stateBytes();
    run.aggregate.close();
    expect(memory.kernels.allocatedBytes()).toBe(before);
  });

  it('of strings that change often is bounded by their length, not by how often they change', () => {
    const run = textRun(testMemory());
    const rows = Array.from({ length: 3000 }, (_, n): Value[] => [
      'a',
      `${n % 2}`.repeat(1 + (n % 100)),
      BigInt(n % 10),
    ]);
    run.process(rows);
    const once = run.aggregate.stateBytes();
    for (let n = 0; n < 5; n++) run.process(rows);
    expect(run.aggregate.stateBytes()).toBe(once);
  });

  it('is not taken by late rows', () => {
    const run = textRun(testMemory());
    run.watermark(1_000_000n);
    run.process(windowRows(0, 100));
    const once = run.aggregate.stateBytes();
    for (let n = 1; n < 20; n++) run.process(windowRows(n, 100));
    expect(run.aggregate.lateCount()).toBe(20 * 2000);
    expect(run.aggregate.stateBytes()).toBe(once);
    run.end();
    expect(run.output.rows).toEqual([]);
  });

  it('is given back when the operator is closed, with windows open and late rows seen', () => {
    const memory = testMemory();
    const { kernels } = memory;
    const run = textRun(memory);
    run.process(windowRows(0, 50));
    run.watermark(10n);
    const open = run.aggregate.stateBytes();
    for (const window of [0, 1, 7, 9]) run.process(windowRows(window, 50));
    expect(run.aggregate.stateBytes()).toBeGreaterThan(open);
    const before = kernels.allocatedBytes() - run.aggregate.stateBytes();
    run.aggregate.close();
    expect(run.aggregate.stateBytes()).toBe(0);
    expect(kernels.allocatedBytes()).toBe(before);
  });
});
