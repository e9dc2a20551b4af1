// The order of rows within the delay of the watermark decides nothing: every permutation gives the same windows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, type DataType, INTEGER, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { AggregateSpec } from '../../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../../src/plan/aggregates/aggregate.ts';
import { type AggregateInput, AggregateRun, runAggregate } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { often } from '../../support/random.ts';
import { placeRows } from '../../support/window-model.ts';

const RUNS = often(150);

const SCHEMA: Schema = [
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'n', type: INTEGER, nullable: false },
  { name: 's', type: VARCHAR, nullable: false },
  { name: 't', type: TIMESTAMP, nullable: false },
];

function spec(fn: AggregateFunction, column: number): AggregateSpec {
  const { type, name } = SCHEMA[column] as { type: DataType; name: string };
  const result = fn === 'count' || fn === 'sum' ? BIGINT : type;
  return { function: fn, column, argumentType: type, result, orderColumn: 3, text: `${fn}(${name})` };
}

const AGGREGATES = [
  ...(['count', 'sum', 'min', 'max', 'first_value', 'last_value'] as const).map((fn) => spec(fn, 1)),
  ...(['min', 'max', 'first_value', 'last_value'] as const).map((fn) => spec(fn, 2)),
];

const WINDOWS: NonNullable<AggregateInput['window']>[] = [
  { sizeMicros: 10, offsetMicros: 3, latenessMicros: 0 },
  { kind: 'hop', sizeMicros: 10, slideMicros: 3, offsetMicros: -1, latenessMicros: 0 },
  { kind: 'hop', sizeMicros: 20, slideMicros: 1, offsetMicros: 0, latenessMicros: 0 },
  { kind: 'cumulate', sizeMicros: 12, slideMicros: 4, offsetMicros: 0, latenessMicros: 0 },
  { kind: 'session', sizeMicros: 1, slideMicros: 0, offsetMicros: 0, latenessMicros: 0 },
  { kind: 'session', sizeMicros: 5, slideMicros: 0, offsetMicros: 0, latenessMicros: 0 },
];

/** A row's values follow from its key and time: rows of equal times are equal, so that ties show nothing. */
function rowOf(key: string | null, time: number): Value[] {
  return [key, (time * 7919) % 13, `text ${(time * 31) % 17}`, BigInt(time)];
}

const scenario = fc.record({
  window: fc.constantFrom(...WINDOWS),
  delay: fc.constantFrom(0, 4, 15, 60),
  keyCount: fc.constantFrom(0, 1),
  batchRows: fc.constantFrom(1, 7, 2048),
  events: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', null, 'a key that is not packed'),
      time: fc.integer({ min: -100, max: 100 }),
      // How long the row is under way, as a share of the delay.
      underWay: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 80 },
  ),
});

describe('windows', () => {
  it('are the same for every order of rows within the delay', () => {
    fc.assert(
      fc.property(scenario, ({ window, delay, keyCount, batchRows, events }) => {
        const run = (rows: Value[][], size: number): AggregateRun =>
          runAggregate(
            testMemory(),
            { schema: SCHEMA, keyCount, aggregates: AGGREGATES, window, rows, delayMicros: BigInt(delay) },
            size,
          );
        const inOrder = events.toSorted((a, b) => a.time - b.time);
        const arrived = events.toSorted((a, b) => a.time + a.underWay * delay - (b.time + b.underWay * delay));
        const expected = run(
          inOrder.map(({ key, time }) => rowOf(key, time)),
          2048,
        );
        const actual = run(
          arrived.map(({ key, time }) => rowOf(key, time)),
          batchRows,
        );
        expect(actual.aggregate.lateCount()).toBe(0);
        expect(actual.output.rows).toEqual(expected.output.rows);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('many sessions', () => {
  const input = (rows: Value[][]): AggregateInput => ({
    schema: SCHEMA,
    keyCount: 1,
    aggregates: AGGREGATES,
    window: { kind: 'session', sizeMicros: 50, slideMicros: 0, offsetMicros: 0, latenessMicros: 20 },
    rows,
    delayMicros: 100n,
  });

  /** Keys that come and go, three of them for ever; some rows late. */
  function longRows(count: number): Value[][] {
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 48271) >>> 0) % 0x7fffffff;
      return seed % below;
    };
    return Array.from({ length: count }, (_, n) => {
      const key =
        random(3) === 0 ? `steady key number ${random(3)}` : `passing key number ${(n >> 5) * 11 + random(11)}`;
      return rowOf(key, n - random(random(20) === 0 ? 400 : 90));
    });
  }

  it('come out as the model has them, though what closed ones took is given back on the way', () => {
    const rows = longRows(20_000);
    const { placed, lateCount } = placeRows(input(rows));
    const expected = new Map<string, number>();
    for (const { row, start, end } of placed) {
      const id = `${end} ${start} ${row[0]}`;
      expected.set(id, (expected.get(id) ?? 0) + 1);
    }
    const { output, aggregate } = runAggregate(testMemory(), input(rows), 512);
    expect(aggregate.lateCount()).toBe(lateCount);
    expect(lateCount).toBeGreaterThan(50);
    const actual = output.rows.map((row) => [`${row[2]} ${row[1]} ${row[0]}`, Number(row[3])]);
    expect(new Map(actual as [string, number][])).toEqual(expected);
    const order = output.rows.map((row) => [row[2], row[1], row[0]] as [bigint, bigint, string]);
    const sorted = order.toSorted(
      (a, b) => Number(a[0] - b[0]) || Number(a[1] - b[1]) || (a[2] < b[2] ? -1 : Number(a[2] > b[2])),
    );
    expect(order).toEqual(sorted);
  });

  it('take memory by how many are open, and give all of it back', () => {
    const memory = testMemory();
    const run = new AggregateRun(memory, input([]), 512);
    const sizes: number[] = [];
    for (let round = 0; round < 60; round++) {
      const time = round * 1000;
      const rows = Array.from({ length: 500 }, (_, n) => [
        ...rowOf(`key ${round} ${n}`, time + (n % 9)),
        BigInt(time - 200),
      ]);
      run.process(rows);
      run.watermark(BigInt(time - 200));
      sizes.push(run.aggregate.stateBytes());
    }
    expect(Math.max(...sizes.slice(10))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 10)));
    const before = memory.kernels.allocatedBytes() - run.aggregate.stateBytes();
    run.aggregate.close();
    expect(memory.kernels.allocatedBytes()).toBe(before);
  });

  it('of one key are found without going through all of them when rows are in order', () => {
    const rows = Array.from({ length: 60_000 }, (_, n) => rowOf('a', n * 100));
    const { output } = runAggregate(testMemory(), { ...input(rows), delayMicros: null }, 2048);
    expect(output.rows).toHaveLength(60_000);
  });
});
