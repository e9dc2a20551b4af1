// Merging two aggregates gives what one would have that was given the rows of both, and keeps nothing of the other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATE_ONLY_PANE, STATE_SEQUENCE } from '../../kernels/aggregate-state.ts';
import type { Value } from '../../src/data/batch.ts';
import { LinearMemory } from '../../src/data/memory.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';
import type { AggregateSpec } from '../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../src/plan/aggregates/aggregate.ts';
import { AggregateRun, runAggregate } from '../support/aggregate-run.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';

const RUNS = often(100);

const SCHEMA: Schema = [
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'n', type: INTEGER, nullable: false },
  { name: 'b', type: BIGINT, nullable: true },
  { name: 'd', type: DOUBLE, nullable: true },
  { name: 'v', type: VARCHAR, nullable: true },
  { name: 'o', type: BOOLEAN, nullable: true },
  { name: 'i', type: INTEGER, nullable: false },
  { name: 't', type: TIMESTAMP, nullable: false },
];
const TIME = SCHEMA.length - 1;
const ALL: AggregateFunction[] = ['count', 'min', 'max', 'first_value', 'last_value'];

function spec(fn: AggregateFunction, column: number): AggregateSpec {
  const { type, name } = SCHEMA[column] as { type: DataType; name: string };
  const result = fn === 'count' ? BIGINT : fn === 'avg' ? DOUBLE : fn === 'sum' && type !== DOUBLE ? BIGINT : type;
  return { function: fn, column, argumentType: type, result, orderColumn: TIME, text: `${fn}(${name})` };
}

const AGGREGATES: AggregateSpec[] = [2, 3, 4, 5, 6].flatMap((column) => {
  const isNumber = [BIGINT, DOUBLE, INTEGER].includes(SCHEMA[column]?.type as DataType);
  return (isNumber ? ([...ALL, 'sum', 'avg'] as const) : ALL).map((fn) => spec(fn, column));
});

/** Those whose merged state is exactly that of all rows; columns: BIGINT, DOUBLE, VARCHAR, INTEGER. */
const more = (fn: AggregateFunction, column: number, rest: Partial<AggregateSpec> = {}): AggregateSpec => {
  const counts = ['count', 'approx_count_distinct'].includes(fn);
  return { ...spec(fn, column), orderColumn: null, ...(counts ? { result: BIGINT } : {}), ...rest };
};
const byDouble = { by: { column: 3, type: DOUBLE } };
const byText = { by: { column: 4, type: VARCHAR } };
const sorted = { column: 2, type: BIGINT, descending: true, nullsFirst: true };
const MORE: AggregateSpec[] = [
  ...[2, 3, 4, 5, 6].map((column) => more('count', column, { distinct: true })),
  ...[2, 3, 4, 5, 6].map((column) => more('mode', column)),
  ...[2, 3, 4, 5, 6].map((column) => more('quantile_disc', column, { fraction: 0.5 })),
  ...[2, 4, 6].map((column) => more('approx_count_distinct', column)),
  ...[2, 4, 6].flatMap((column) => [more('arg_min', column, byDouble), more('arg_max', column, byText)]),
  ...(['bit_and', 'bit_or', 'bit_xor'] as const).flatMap((fn) => [more(fn, 2), more(fn, 6)]),
  more('mode', 4, { distinct: true }),
  more('sum', 2, { distinct: true }),
  more('avg', 6, { distinct: true, result: DOUBLE }),
  more('quantile_disc', 4, { distinct: true, fraction: 0.3 }),
  more('approx_quantile', 3, { fraction: 0.5 }),
  more('string_agg', 4, { separator: '|' }),
  more('string_agg', 4, { separator: '', distinct: true }),
  more('string_agg', 4, { separator: ', ', sort: [sorted, { ...sorted, column: 4, type: VARCHAR }] }),
];

/** Equal but for the rounding of sums of doubles. */
const NEAR: AggregateSpec[] = [
  more('product', 3),
  more('var_samp', 3),
  more('stddev_pop', 3),
  more('var_pop', 3, { distinct: true }),
  more('covar_pop', 3, byDouble),
  more('regr_slope', 3, byDouble),
];

const row = fc.tuple(
  fc.constantFrom('a', 'b', null, 'a long key that is not packed 1', 'a long key that is not packed 2'),
  fc.integer({ min: 0, max: 60 }),
  fc.option(fc.constantFrom(0n, -5n, 2n ** 55n, -(2n ** 55n))),
  fc.option(fc.constantFrom(0, 1.5, -2, Number.NaN, 1e6)),
  fc.option(fc.constantFrom('', 'x', 'a text of some length', 'a text of some lengtg')),
  fc.option(fc.boolean()),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -4n, max: 4n }),
) as fc.Arbitrary<Value[]>;

function inputOf(keyCount: number, rows: Value[][], aggregates = AGGREGATES) {
  // Without keys the first columns are left alone.
  return { schema: SCHEMA, keyCount, aggregates, window: null, rows, delayMicros: null };
}

/** A memory that tells where the states of aggregates are. */
function spyingMemory(): { memory: LinearMemory; states: number[] } {
  const plain = testMemory();
  const states: number[] = [];
  const aggregateInit = (state: number): void => {
    states.push(state);
    plain.kernels.aggregateInit(state);
  };
  return { memory: new LinearMemory(plain.memory, { ...plain.kernels, aggregateInit }), states };
}

describe('aggregateMerge', () => {
  it('adds the groups of one table to another, whatever their keys and values', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), fc.constantFrom(0, 1, 2), (first, second, keyCount) => {
        const { memory, states } = spyingMemory();
        const to = new AggregateRun(memory, inputOf(keyCount, []), 2048);
        const from = new AggregateRun(memory, inputOf(keyCount, []), 2048);
        to.process(first);
        from.process(second);
        const [target, source] = states.map((state) => memory.load32(state + STATE_ONLY_PANE)) as [number, number];
        memory.kernels.aggregateMerge(states[0] as number, source, target);
        memory.refresh();

        from.end();
        expect(from.output.rows).toEqual(runAggregate(testMemory(), inputOf(keyCount, second), 2048).output.rows);
        from.aggregate.close();
        // Whatever was given back is used again before the result is read.
        const noise = new AggregateRun(memory, inputOf(keyCount, []), 2048);
        noise.process(second.map((values) => values.map((v) => (typeof v === 'string' ? `noise ${v}` : v))));
        to.end();
        const both = runAggregate(testMemory(), inputOf(keyCount, [...first, ...second]), 2048).output.rows;
        expect(to.output.rows).toEqual(both);
      }),
      { numRuns: RUNS },
    );
  });

  it('merges what grows with the values, arrival by arrival, and copies what it keeps', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), fc.constantFrom(0, 1), (first, second, keyCount) => {
        const { to, result } = merged(first, second, keyCount, MORE);
        expect(result).toEqual(
          runAggregate(testMemory(), inputOf(keyCount, [...first, ...second], MORE), 2048).output.rows,
        );
        to.aggregate.close();
      }),
      { numRuns: RUNS },
    );
  });

  it('merges moments without losing more than rounding', () => {
    const finite = row.map((values) => values.map((v) => (Number.isNaN(v) ? 3.25 : v)));
    fc.assert(
      fc.property(fc.array(finite), fc.array(finite), (first, second) => {
        const { result } = merged(first, second, 1, NEAR);
        const { rows } = runAggregate(testMemory(), inputOf(1, [...first, ...second], NEAR), 2048).output;
        expect(result.map((values) => values.map(rounded))).toEqual(rows.map((values) => values.map(rounded)));
      }),
      { numRuns: RUNS },
    );
  });

  it('goes from exact counts to registers in either part of a sketch', () => {
    const rowsOf = (from: number, count: number): Value[][] =>
      Array.from({ length: count }, (_, n) => ['a', 0, BigInt(from + n), 0, `value ${from + n}`, true, from + n, 0n]);
    const aggregates = [2, 4, 6].map((column) => more('approx_count_distinct', column));
    for (const [first, second] of [
      [200, 200],
      [10, 3000],
      [3000, 10],
      [3000, 4000],
    ] as const) {
      const { result } = merged(rowsOf(0, first), rowsOf(100, second), 1, aggregates);
      const whole = [...rowsOf(0, first), ...rowsOf(100, second)];
      expect(result).toEqual(runAggregate(testMemory(), inputOf(1, whole, aggregates), 2048).output.rows);
    }
  });

  it('goes through more groups than a block has rows', () => {
    const { memory, states } = spyingMemory();
    const rows = (from: number): Value[][] =>
      Array.from({ length: 2000 }, (_, n) => [`key number ${from + n}`, n % 7, 1n, 1, 'x', true, n, BigInt(n)]);
    const to = new AggregateRun(memory, inputOf(2, []), 2048);
    const from = new AggregateRun(memory, inputOf(2, []), 2048);
    to.process(rows(0));
    from.process(rows(1000));
    const [target, source] = states.map((state) => memory.load32(state + STATE_ONLY_PANE)) as [number, number];
    memory.kernels.aggregateMerge(states[0] as number, source, target);
    memory.refresh();
    to.end();
    const both = runAggregate(testMemory(), inputOf(2, [...rows(0), ...rows(1000)]), 2048);
    expect(to.output.rows).toEqual(both.output.rows);
  });
});

/** The groups of `first` after those of `second` were merged into them, the source gone. */
function merged(first: Value[][], second: Value[][], keyCount: number, aggregates: AggregateSpec[]) {
  const { memory, states } = spyingMemory();
  const to = new AggregateRun(memory, inputOf(keyCount, [], aggregates), 2048);
  const from = new AggregateRun(memory, inputOf(keyCount, [], aggregates), 2048);
  // Both count arrivals of one stream.
  memory.i64[((states[1] as number) + STATE_SEQUENCE) >>> 3] = BigInt(first.length);
  to.process(first);
  from.process(second);
  const [target, source] = states.map((state) => memory.load32(state + STATE_ONLY_PANE)) as [number, number];
  memory.kernels.aggregateMerge(states[0] as number, source, target);
  memory.refresh();
  from.aggregate.close();
  const noise = new AggregateRun(memory, inputOf(keyCount, [], aggregates), 2048);
  noise.process(second.map((values) => values.map((v) => (typeof v === 'string' ? `noise ${v}` : v))));
  to.end();
  return { to, result: to.output.rows };
}

function rounded(value: Value): Value {
  return typeof value === 'number' ? Number(value.toPrecision(9)) + 0 : value;
}
