// An operator that is saved, and restored as another in other memory, goes on as if nothing had happened.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { AggregateSpec, WindowKind } from '../../../src/plan/aggregate-node.ts';
import type { AggregateFunction } from '../../../src/plan/aggregates/aggregate.ts';
import { keeperOf } from '../../../src/runtime/state-keeper.ts';
import { type AggregateInput, AggregateRun, withWatermarks } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { often } from '../../support/random.ts';

const RUNS = often(100);
const BATCH_ROWS = 7;

const SCHEMA: Schema = [
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'n', type: INTEGER, nullable: false },
  { name: 'b', type: BIGINT, nullable: true },
  { name: 'd', type: DOUBLE, nullable: true },
  { name: 'v', type: VARCHAR, nullable: true },
  { name: 'o', type: BOOLEAN, nullable: true },
  { name: 't', type: TIMESTAMP, nullable: false },
];
const TIME = SCHEMA.length - 1;

function spec(fn: AggregateFunction, column: number, rest: Partial<AggregateSpec> = {}): AggregateSpec {
  const { type, name } = SCHEMA[column] as { type: DataType; name: string };
  const counts = ['count', 'approx_count_distinct'].includes(fn);
  const result = counts ? BIGINT : fn === 'avg' ? DOUBLE : fn === 'sum' && type !== DOUBLE ? BIGINT : type;
  return { function: fn, column, argumentType: type, result, orderColumn: null, text: `${fn}(${name})`, ...rest };
}

const byText = { by: { column: 4, type: VARCHAR } };
const sorted = { column: 2, type: BIGINT, descending: true, nullsFirst: true };
const AGGREGATES: AggregateSpec[] = [
  ...[2, 3, 4, 5].flatMap((column) => [
    spec('count', column),
    spec('min', column),
    spec('max', column),
    spec('first_value', column),
    spec('last_value', column, { orderColumn: TIME }),
    spec('count', column, { distinct: true }),
    spec('mode', column),
    spec('quantile_disc', column, { fraction: 0.5 }),
  ]),
  ...[2, 3].flatMap((column) => [spec('sum', column), spec('avg', column), spec('sum', column, { distinct: true })]),
  spec('mode', 4, { distinct: true }),
  spec('quantile_disc', 4, { distinct: true, fraction: 0.3 }),
  spec('approx_count_distinct', 2),
  spec('approx_count_distinct', 4),
  spec('approx_quantile', 3, { fraction: 0.5 }),
  spec('arg_min', 4, byText),
  spec('arg_max', 2, byText),
  spec('bit_xor', 2),
  spec('product', 3),
  spec('var_samp', 3),
  spec('covar_pop', 3, { by: { column: 3, type: DOUBLE } }),
  spec('string_agg', 4, { separator: '|' }),
  spec('string_agg', 4, { separator: ', ', distinct: true }),
  spec('string_agg', 4, { separator: ', ', sort: [sorted, { ...sorted, column: 4, type: VARCHAR }] }),
];

const rows = fc.array(
  fc.tuple(
    fc.constantFrom('a', 'b', null, 'a long key that is not packed 1', 'a long key that is not packed 2'),
    fc.integer({ min: 0, max: 9 }),
    fc.option(fc.constantFrom(0n, -5n, 7n, 2n ** 55n, -(2n ** 55n))),
    fc.option(fc.constantFrom(0, 0.1, -2, 0.3, Number.NaN, 1e6)),
    fc.option(fc.constantFrom('', 'x', 'a text of some length', 'a text of some lengtg')),
    fc.option(fc.boolean()),
    fc.bigInt({ min: -40n, max: 40n }),
  ) as fc.Arbitrary<Value[]>,
  { maxLength: 60 },
);

type Window = { kind: WindowKind; sizeMicros: number; slideMicros: number };
const WINDOWS: readonly (Window | null)[] = [
  null,
  { kind: 'tumble', sizeMicros: 10, slideMicros: 10 },
  { kind: 'hop', sizeMicros: 25, slideMicros: 10 },
  { kind: 'hop', sizeMicros: 30, slideMicros: 5 },
  { kind: 'cumulate', sizeMicros: 30, slideMicros: 10 },
  { kind: 'session', sizeMicros: 4, slideMicros: 0 },
];

function inputOf(window: Window | null, keyCount: number, given: Value[][]): AggregateInput {
  const times = { offsetMicros: 0, latenessMicros: 6 };
  return {
    schema: SCHEMA,
    keyCount,
    aggregates: AGGREGATES,
    window: window === null ? null : { ...window, ...times },
    rows: given,
    delayMicros: window === null ? null : 5n,
  };
}

/** Runs all rows; after `cut` of them (in steps of a batch) the aggregate is saved and another goes on. */
function runWithCut(input: AggregateInput, cut: number | null): { rows: Value[][]; late: number } {
  const { rows: given, delayMicros } = input;
  const marked = delayMicros === null ? null : withWatermarks(given, delayMicros);
  let memory = testMemory();
  let run = new AggregateRun(memory, input, BATCH_ROWS);
  const earlier: Value[][] = [];
  for (let from = 0; from < given.length; from += BATCH_ROWS) {
    if (cut !== null && from >= cut && from - BATCH_ROWS < cut) {
      const { blocks } = keeperOf(memory, {}).take(run.aggregate);
      earlier.push(...run.output.rows);
      memory = testMemory();
      run = new AggregateRun(memory, input, BATCH_ROWS);
      for (const { bytes } of blocks) run.aggregate.restore?.(bytes);
    }
    const end = Math.min(from + BATCH_ROWS, given.length);
    run.process((marked?.rows ?? given).slice(from, end));
    if (marked !== null) run.watermark(marked.after[end - 1] as bigint);
  }
  run.end();
  return { rows: [...earlier, ...run.output.rows], late: run.aggregate.lateCount() };
}

describe('a saved and restored aggregate', () => {
  it.each(
    WINDOWS.map((window) => [window === null ? 'no window' : `${window.kind} ${window.sizeMicros}`, window]),
  )('goes on as if nothing had happened: %s', (_name, window) => {
    fc.assert(
      fc.property(rows, fc.nat(60), fc.constantFrom(0, 1, 2), (given, cut, keyCount) => {
        const input = inputOf(window as Window | null, keyCount, given);
        expect(runWithCut(input, cut)).toEqual(runWithCut(input, null));
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });
});
