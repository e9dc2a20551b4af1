// Merging two aggregates gives what one would have that was given the rows of both, and keeps nothing of the other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATE_ONLY_PANE } from '../../kernels/aggregate-state.ts';
import type { Value } from '../../src/data/batch.ts';
import { LinearMemory } from '../../src/data/memory.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';
import type { AggregateFunction, AggregateSpec } from '../../src/plan/physical-plan.ts';
import { AggregateRun, runAggregate } from '../support/aggregate-run.ts';
import { testMemory } from '../support/linear-memory.ts';

const RUNS = Number(process.env['LAMINAR_FUZZ_RUNS'] ?? 100);

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

function inputOf(keyCount: number, rows: Value[][]) {
  // Without keys the first columns are left alone.
  return { schema: SCHEMA, keyCount, aggregates: AGGREGATES, window: null, rows, delayMicros: null };
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
