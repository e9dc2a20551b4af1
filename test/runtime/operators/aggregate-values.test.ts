// Aggregates whose state grows with the values: what they keep, give back, and how near the sketches are.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, DOUBLE, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { AggregateSpec } from '../../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../../src/plan/aggregates/aggregate.ts';
import { type AggregateInput, AggregateRun, runAggregate } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { createRandom } from '../../support/random.ts';

const SCHEMA: Schema = [
  { name: 'k', type: BIGINT, nullable: false },
  { name: 'd', type: DOUBLE, nullable: false },
  { name: 's', type: VARCHAR, nullable: true },
  { name: 't', type: TIMESTAMP, nullable: false },
];

function call(fn: AggregateFunction, column: 1 | 2, more: Partial<AggregateSpec> = {}): AggregateSpec {
  const type = column === 1 ? DOUBLE : VARCHAR;
  const result = fn === 'count' || fn === 'approx_count_distinct' ? BIGINT : type;
  return { function: fn, column, argumentType: type, result, orderColumn: null, text: fn, ...more };
}

/** One of each form of state that grows. */
const GROWING: readonly AggregateSpec[] = [
  call('count', 1, { distinct: true }),
  call('count', 2, { distinct: true }),
  call('sum', 1, { distinct: true }),
  call('quantile_disc', 1, { fraction: 0.5 }),
  call('quantile_disc', 2, { fraction: 0.5 }),
  call('mode', 1),
  call('mode', 2),
  call('approx_count_distinct', 1),
  call('approx_count_distinct', 2),
  call('approx_quantile', 1, { fraction: 0.9 }),
  call('string_agg', 2, { separator: ', ', sort: [{ column: 1, type: DOUBLE, descending: true, nullsFirst: false }] }),
  call('string_agg', 2, { separator: '', distinct: true }),
  call('arg_max', 2, { by: { column: 1, type: DOUBLE } }),
];

function inputOf(aggregates: readonly AggregateSpec[], rows: Value[][], isWindowed: boolean): AggregateInput {
  const window = { sizeMicros: 1000, offsetMicros: 0, latenessMicros: 0 };
  return {
    schema: SCHEMA,
    keyCount: 1,
    aggregates: [...aggregates],
    window: isWindowed ? window : null,
    rows,
    delayMicros: isWindowed ? 0n : null,
  };
}

describe('state that grows with the values', () => {
  it('is counted while the window is open and given back when it closes', () => {
    for (const aggregate of GROWING) {
      const memory = testMemory();
      const run = new AggregateRun(memory, inputOf([aggregate], [], true), 256);
      const row = (n: number, t: bigint): Value[] => [BigInt(n % 3), n * 1.5, `text number ${n}`, t, -(2n ** 63n)];
      const fill = (t: bigint, count: number) => {
        run.process(Array.from({ length: count }, (_, n) => row(n, t)));
      };
      const empty = run.aggregate.stateBytes();
      fill(10n, 3);
      const small = run.aggregate.stateBytes();
      fill(10n, 3000);
      const large = run.aggregate.stateBytes();
      expect(small, aggregate.text).toBeGreaterThan(empty);
      if (aggregate.function !== 'arg_max') expect(large, aggregate.text).toBeGreaterThan(small + 4000);
      run.watermark(1000n);
      expect(run.output.rows.length).toBe(3);
      fill(1010n, 3);
      run.watermark(2000n);
      expect(run.output.rows.length).toBe(6);
      run.watermark(3000n);
      expect(run.aggregate.stateBytes(), aggregate.text).toBeLessThanOrEqual(empty + 64);
      run.aggregate.close();
      expect(run.aggregate.stateBytes()).toBe(0);
    }
  });

  it('does not pile up with late rows', () => {
    const memory = testMemory();
    const run = new AggregateRun(memory, inputOf(GROWING, [], true), 256);
    const late = (round: number): Value[][] =>
      Array.from({ length: 200 }, (_, n) => [BigInt(n), n + round * 1000, `late ${n} ${round}`, 10n, 5000n]);
    run.process(late(0));
    const once = run.aggregate.stateBytes();
    for (let round = 1; round < 20; round++) run.process(late(round));
    expect(run.aggregate.stateBytes()).toBeLessThanOrEqual(once + 4096);
    expect(run.aggregate.lateCount()).toBe(4000);
  });

  it('leaves no memory in use when the operator is closed before its windows', () => {
    const memory = testMemory();
    const used = () => memory.kernels.allocatedBytes();
    const open = () => {
      const run = new AggregateRun(memory, inputOf(GROWING, [], true), 64);
      const made = used();
      run.process(
        Array.from({ length: 500 }, (_, n) => [BigInt(n % 7), n, `value ${n}`, BigInt(n * 10), -(2n ** 63n)]),
      );
      expect(used()).toBeGreaterThan(made);
      run.aggregate.close();
      return used() - made;
    };
    // What is left is what the test's own rows took: the same each time, and none of it state.
    const left = open();
    expect(open()).toBe(left);
  });
});

describe('values in many groups', () => {
  const value = fc.constantFrom(0, -0, 1.5, -1.5, 3, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY);
  const text = fc.constantFrom(null, '', 'a', 'a\u0000', 'abcdefghijklmnopq', 'abcdefghijklmnopqr', 'é');
  const rowArbitrary = fc.tuple(fc.bigInt({ min: 0n, max: 4n }), value, text, fc.constant(0n));

  it('are what a model of each says, at any batch size', () => {
    const aggregates = [
      call('count', 1, { distinct: true }),
      call('count', 2, { distinct: true }),
      call('approx_count_distinct', 1),
      call('mode', 2),
      call('mode', 1),
      call('string_agg', 2, { separator: '|', distinct: true }),
      call('arg_min', 2, { by: { column: 1, type: DOUBLE } }),
    ];
    fc.assert(
      fc.property(fc.array(rowArbitrary, { maxLength: 60 }), fc.constantFrom(1, 7, 2048), (rows, batchRows) => {
        const { output } = runAggregate(testMemory(), inputOf(aggregates, rows, false), batchRows);
        const keys = [...new Set(rows.map((row) => row[0]))].sort();
        expect(output.rows).toEqual(
          keys.map((key) =>
            modelOf(
              key,
              rows.filter((row) => row[0] === key),
            ),
          ),
        );
      }),
      { numRuns: 60 },
    );
  });
});

type Row = [bigint, number, string | null, bigint];

function modelOf(key: bigint, rows: Row[]): Value[] {
  const same = (n: number) => (Object.is(n, -0) ? 0 : n);
  const doubles = rows.map((row) => same(row[1]));
  const texts = rows.flatMap((row) => (row[2] === null ? [] : [row[2]]));
  const distinct = BigInt(new Set(doubles).size);
  return [
    key,
    distinct,
    BigInt(new Set(texts).size),
    distinct,
    mostOf(texts),
    mostOf(doubles),
    texts.length === 0 ? null : [...new Set(texts)].join('|'),
    leastOf(rows.filter((row) => row[2] !== null)),
  ];
}

function mostOf<T>(values: T[]): T | null {
  const counts = new Map<T, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? null;
}

function leastOf(rows: Row[]): string | null {
  let best: Row | null = null;
  for (const row of rows) {
    const isLess = best === null || row[1] < best[1] || (Number.isNaN(best[1]) && !Number.isNaN(row[1]));
    if (isLess) best = row;
  }
  return best === null ? null : best[2];
}

describe('sketches', () => {
  const single = (aggregate: AggregateSpec, rows: Value[][]): Value =>
    runAggregate(testMemory(), inputOf([aggregate], rows, false), 2048).output.rows[0]?.[1] ?? null;

  it('count distinct values exactly up to 256, and within 5 % beyond (three standard errors)', () => {
    for (const count of [1, 255, 256, 257, 1000, 20_000, 100_000]) {
      const rows = Array.from({ length: count + 500 }, (_, n): Value[] => [0n, n % count, `user-${n % count}`, 0n]);
      for (const column of [1, 2] as const) {
        const estimate = Number(single(call('approx_count_distinct', column), rows));
        expect(Math.abs(estimate - count) / count).toBeLessThan(count <= 256 ? Number.MIN_VALUE : 0.05);
      }
    }
  });

  it('give a quantile within 0.4 % of the exact one, whatever the distribution', () => {
    const random = createRandom(7);
    const distributions: ((u: number) => number)[] = [
      (u) => u * 1000,
      (u) => Math.exp(20 * u - 10),
      (u) => (u - 0.3) * 1e6,
      (u) => Math.round(u * 4) - 2,
      () => 0,
      (u) => -1 / (u + 1e-9),
    ];
    for (const value of distributions) {
      const rows = Array.from({ length: 5000 }, (): Value[] => [
        0n,
        value(random.below(1 << 30) / (1 << 30)),
        null,
        0n,
      ]);
      for (const fraction of [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1]) {
        const exact = single(call('quantile_disc', 1, { fraction }), rows) as number;
        const near = single(call('approx_quantile', 1, { fraction }), rows) as number;
        expect(Math.abs(near - exact)).toBeLessThanOrEqual(0.004 * Math.abs(exact));
      }
    }
  });

  it('hold infinities and NaN', () => {
    const rows = [Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY, Number.NaN].map((d): Value[] => [
      0n,
      d,
      null,
      0n,
    ]);
    const at = (fraction: number) => single(call('approx_quantile', 1, { fraction }), rows);
    expect([0, 0.75, 1].map(at)).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]);
    expect(at(0.5)).toBeCloseTo(1, 2);
  });
});

describe('a new table of groups', () => {
  it('does not follow what was in its memory before', () => {
    const memory = testMemory();
    // Blocks of every small size, full of addresses far out of memory, to be used again.
    const blocks = [64, 128, 256, 512].flatMap((bytes) =>
      Array.from({ length: 512 }, () => ({ bytes, address: memory.allocate(bytes) })),
    );
    for (const { bytes, address } of blocks) memory.u8.fill(0xff, address, address + bytes);
    for (const { bytes, address } of blocks) memory.kernels.release(address, bytes);
    const rows = Array.from({ length: 100 }, (_, n): Value[] => [
      BigInt(n % 40),
      n,
      `t${n}`,
      BigInt(n * 100),
      -(2n ** 63n),
    ]);
    const run = new AggregateRun(memory, inputOf(GROWING, [], true), 64);
    run.process(rows);
    run.end();
    expect(run.output.rows.length).toBe(100);
  });
});
