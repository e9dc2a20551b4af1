// Random aggregates over random rows equal DuckDB's answer, order included, however the rows are cut into batches.
// Late rows are decided by a model, row by row, and left out of DuckDB's input.
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { Column, Schema } from '../../../src/data/schema.ts';
import { BIGINT, BOOLEAN, DATE, type DataType, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { AggregateSpec } from '../../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../../src/plan/aggregates/aggregate.ts';
import { type AggregateInput, runAggregate } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { often } from '../../support/random.ts';
import { placeRows } from '../../support/window-model.ts';

type Connection = Awaited<ReturnType<DuckDBInstance['connect']>>;

const RUNS = often(150);
const BATCH_ROWS = [1, 7, 2048];

let duckdb: Connection;
beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
});

// Values: few distinct ones, so that groups and ties come up, with the edges of each type among them.

const TEXTS = [
  '',
  'a',
  'a\u0000',
  'ab',
  'abcdefghijkl',
  'abcdefghijklm',
  'abcdefghijkln',
  'é',
  'zzzzzzzz',
  'zzzzzzzzz',
];
const LONG_TEXTS = ['https://example.com/a', 'https://example.com/b', 'https://example.com/a/longer', 'x'.repeat(300)];
const VALUES: Record<string, fc.Arbitrary<Value>> = {
  BOOLEAN: fc.boolean(),
  INTEGER: fc.constantFrom(0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)),
  BIGINT: fc.constantFrom(0n, 1n, -1n, 2n ** 40n, -(2n ** 40n), 2n ** 55n - 1n),
  DOUBLE: fc.constantFrom(0, -0, 1.5, -1.5, 1e15, Number.NaN, Number.POSITIVE_INFINITY),
  VARCHAR: fc.constantFrom(...TEXTS, ...LONG_TEXTS),
  TIMESTAMP: fc.constantFrom(0n, -1n, 1_700_000_000_000_000n),
  DATE: fc.constantFrom(0, -1, 19_000),
};
const TYPES: DataType[] = [BOOLEAN, INTEGER, BIGINT, DOUBLE, VARCHAR, TIMESTAMP, DATE];

const columnArbitrary = (name: string): fc.Arbitrary<Column> =>
  fc.record({ name: fc.constant(name), type: fc.constantFrom(...TYPES), nullable: fc.boolean() });

function valueArbitrary(column: Column): fc.Arbitrary<Value> {
  const value = VALUES[column.type.kind] as fc.Arbitrary<Value>;
  return column.nullable
    ? fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: value })
    : value;
}

function functionsOf(type: DataType): AggregateFunction[] {
  const all: AggregateFunction[] = ['count', 'min', 'max', 'first_value', 'last_value'];
  return ['INTEGER', 'BIGINT', 'DOUBLE'].includes(type.kind) ? [...all, 'sum', 'avg'] : all;
}

function specOf(fn: AggregateFunction, schema: Schema, column: number, timeColumn: number): AggregateSpec {
  const { type, name } = schema[column] as Column;
  const result =
    fn === 'count' ? BIGINT : fn === 'avg' ? DOUBLE : fn === 'sum' && type.kind === 'INTEGER' ? BIGINT : type;
  const orderColumn = fn === 'first_value' || fn === 'last_value' ? timeColumn : null;
  return { function: fn, column, argumentType: type, result, orderColumn, text: `${fn}(${name})` };
}

const COUNT_STAR: AggregateSpec = {
  function: 'count_star',
  column: null,
  argumentType: null,
  result: BIGINT,
  orderColumn: null,
  text: 'count(*)',
};

/** [size, slide] of overlapping windows: with few and many panes, sizes that are no multiple of the slide among them. */
const HOPS = [
  [10, 5],
  [10, 10],
  [10, 3],
  [9, 2],
  [60, 1],
  [100, 30],
  [7, 4],
] as const;
const CUMULATES = [
  [10, 5],
  [60, 1],
  [12, 3],
  [8, 8],
] as const;
const windowShape = fc.oneof(
  fc.constantFrom(1, 5, 12, 60).map((sizeMicros) => ({ kind: 'session' as const, sizeMicros, slideMicros: 0 })),
  fc.constantFrom(1, 10, 1000).map((sizeMicros) => ({ sizeMicros })),
  fc.constantFrom(...HOPS).map(([sizeMicros, slideMicros]) => ({ kind: 'hop' as const, sizeMicros, slideMicros })),
  fc
    .constantFrom(...CUMULATES)
    .map(([sizeMicros, slideMicros]) => ({ kind: 'cumulate' as const, sizeMicros, slideMicros })),
);

const inputArbitrary: fc.Arbitrary<AggregateInput> = fc
  .record({
    keys: fc
      .integer({ min: 0, max: 3 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => columnArbitrary(`k${i}`)))),
    args: fc
      .integer({ min: 1, max: 3 })
      .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => columnArbitrary(`a${i}`)))),
    window: fc.option(
      fc
        .record({
          shape: windowShape,
          offsetMicros: fc.constantFrom(0, 3, -3, 25),
          latenessMicros: fc.constantFrom(0, 5),
        })
        .map(({ shape, ...rest }) => ({ ...shape, ...rest })),
      { freq: 6 },
    ),
    delayMicros: fc.constantFrom(null, 0n, 5n, 30n),
  })
  .chain(({ keys, args, window, delayMicros }) => {
    const schema: Schema = [...keys, ...args, { name: 't', type: TIMESTAMP, nullable: false }];
    const timeColumn = schema.length - 1;
    const time = fc.integer({ min: -60, max: 60 }).map(BigInt);
    const spec = fc
      .integer({ min: keys.length, max: timeColumn - 1 })
      .chain((column) =>
        fc
          .constantFrom(...functionsOf((schema[column] as Column).type))
          .map((fn) => specOf(fn, schema, column, timeColumn)),
      );
    return fc.record({
      schema: fc.constant(schema),
      keyCount: fc.constant(keys.length),
      aggregates: fc.array(spec, { minLength: 0, maxLength: 5 }).map((specs) => [COUNT_STAR, ...specs]),
      window: fc.constant(window),
      delayMicros: fc.constant(delayMicros),
      rows: fc.array(fc.tuple(...schema.slice(0, -1).map(valueArbitrary), time), { maxLength: 120 }) as fc.Arbitrary<
        Value[][]
      >,
    });
  });

// DuckDB's side.

function literal(value: Value, type: DataType): string {
  if (value === null) return `NULL::${type.kind}`;
  switch (type.kind) {
    case 'VARCHAR':
      return (value as string)
        .split('\u0000')
        .map((part) => `'${part}'`)
        .join(' || chr(0) || ');
    case 'DOUBLE':
      return `'${Object.is(value, -0) ? '-0.0' : value}'::DOUBLE`;
    case 'TIMESTAMP':
      return `make_timestamp(${value}::BIGINT)`;
    case 'DATE':
      return `(DATE '1970-01-01' + (${value})::INTEGER)`;
    default:
      return `(${value})::${type.kind}`;
  }
}

/** Selects a value in the form in which a batch holds it. */
function plain(sql: string, type: DataType): string {
  if (type.kind === 'TIMESTAMP') return `epoch_us(${sql})`;
  if (type.kind === 'DATE') return `date_diff('day', DATE '1970-01-01', ${sql})::INTEGER`;
  if (type.kind === 'BIGINT') return `(${sql})::BIGINT`;
  return sql;
}

function callSql(spec: AggregateSpec, schema: Schema): string {
  if (spec.column === null) return 'count(*)';
  const { name } = schema[spec.column] as Column;
  if (spec.function === 'first_value') return `first(${name} ORDER BY t, seq) FILTER (WHERE ${name} IS NOT NULL)`;
  if (spec.function === 'last_value') return `last(${name} ORDER BY t, seq) FILTER (WHERE ${name} IS NOT NULL)`;
  if (spec.function === 'sum' || spec.function === 'avg') return `${spec.function}(${name} ORDER BY seq)`;
  return `${spec.function}(${name})`;
}

async function expectedRows(input: AggregateInput): Promise<Value[][]> {
  const { schema, keyCount, window } = input;
  const { placed } = placeRows(input);
  if (placed.length === 0 && (keyCount > 0 || window !== null)) return [];
  const columns = schema.map((c) => `${c.name} ${c.type.kind}`).join(', ');
  await duckdb.run(`CREATE OR REPLACE TABLE input (${columns}, ws BIGINT, we BIGINT, seq INTEGER)`);
  if (placed.length > 0) {
    const values = placed.map(
      ({ row, start, end, index }) =>
        `(${row.map((v, c) => literal(v, (schema[c] as Column).type)).join(', ')}, ${start}, ${end}, ${index})`,
    );
    await duckdb.run(`INSERT INTO input VALUES ${values.join(', ')}`);
  }
  const keys = schema.slice(0, keyCount);
  const select = [
    ...keys.map((k) => plain(k.name, k.type)),
    ...(window === null ? [] : ['ws', 'we']),
    ...input.aggregates.map((spec) => plain(callSql(spec, schema), spec.result)),
  ];
  const group = [...(window === null ? [] : ['we', 'ws']), ...keys.map((k) => k.name)];
  const order = group.map((name) => `${name} ASC NULLS LAST`);
  const tail = group.length === 0 ? '' : ` GROUP BY ${group.join(', ')} ORDER BY ${order.join(', ')}`;
  const result = await duckdb.runAndReadAll(`SELECT ${select.join(', ')} FROM input${tail}`);
  return result.getRows() as Value[][];
}

/** −0 as 0: which of two equal values a group shows is not defined. */
function normal(rows: Value[][]): Value[][] {
  return rows.map((row) => row.map((v) => (v === 0 ? 0 : v)));
}

function expectSameRows(actual: Value[][], expected: Value[][]): void {
  const close = normal(actual).map((row, r) =>
    row.map((value, c) => {
      const other = expected[r]?.[c];
      const isClose =
        typeof value === 'number' &&
        typeof other === 'number' &&
        Math.abs(value - other) <= 1e-9 * Math.max(Math.abs(value), Math.abs(other));
      return isClose ? other : value;
    }),
  );
  expect(close).toEqual(expected);
}

describe('aggregates against DuckDB', () => {
  it('equal its answer for random keys, functions, windows and disorder, at every batch size', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(inputArbitrary, async (input) => {
        const expected = normal(await expectedRows(input));
        const { lateCount } = placeRows(input);
        for (const batchRows of BATCH_ROWS) {
          const { output, aggregate } = runAggregate(testMemory(), input, batchRows);
          expectSameRows(output.rows, expected);
          expect(aggregate.lateCount()).toBe(lateCount);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
