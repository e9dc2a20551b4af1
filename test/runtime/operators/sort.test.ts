// Rows come out in order: of any types, many of them, by event time as the watermark passes, and the first of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatch, fillBatch, rowsOf, type Value } from '../../../src/data/batch.ts';
import type { Column, Schema } from '../../../src/data/schema.ts';
import { BIGINT, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { SortKey, SortNode } from '../../../src/plan/ordered-nodes.ts';
import { createSort } from '../../../src/runtime/operators/sort.ts';
import { CollectingOutput, withWatermarks } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { compareValues, ORDERED_KINDS } from '../../support/ordered-values.ts';
import { often } from '../../support/random.ts';

const RUNS = often(60);
const HIDDEN: Column = { name: '$watermark', type: BIGINT, nullable: false, hidden: true };

interface SortInput {
  schema: Schema;
  keys: SortKey[];
  rows: Value[][];
  limit?: number | null;
  offset?: number;
  /** µs that the watermark follows the greatest of the first key; not given: rows come out at the end. */
  delayMicros?: bigint;
}

/** Runs rows through a sort in batches of `batchRows`, with a watermark after each if there is one. */
function runSort(input: SortInput, batchRows: number) {
  const { schema, keys, rows, limit = null, offset = 0, delayMicros } = input;
  const memory = testMemory();
  const isTimed = delayMicros !== undefined;
  const inputSchema = isTimed ? [...schema, HIDDEN] : schema;
  const time = isTimed ? { aheadMicros: 0, watermarkColumn: schema.length } : null;
  const node: SortNode = { kind: 'sort', id: 's', inputs: ['i'], schema, keys, time, limit, offset };
  const output = new CollectingOutput(memory, schema);
  const sort = createSort(memory, node, { batchRows, output, onSatisfied: () => {} });
  const batch = createBatch(memory, inputSchema, batchRows);
  const cell = memory.allocate(8);
  const marked = isTimed ? withWatermarks(rows, delayMicros) : null;
  let stateBytesMax = 0;
  for (let from = 0; from < rows.length; from += batchRows) {
    const end = Math.min(from + batchRows, rows.length);
    fillBatch(memory, batch, { schema: inputSchema, rows: (marked?.rows ?? rows).slice(from, end) });
    sort.process(batch);
    stateBytesMax = Math.max(stateBytesMax, sort.stateBytes());
    if (marked === null) continue;
    memory.i64[cell >>> 3] = marked.after[end - 1] as bigint;
    sort.onWatermark(cell);
  }
  sort.onEnd();
  const late = sort.lateCount();
  sort.close();
  return { output, late, stateBytesMax, stateBytes: sort.stateBytes() };
}

function compareRows(keys: readonly SortKey[]): (a: Value[], b: Value[]) => number {
  return (a, b) => {
    for (const { column, descending, nullsFirst } of keys) {
      const [x, y] = [a[column] as Value, b[column] as Value];
      if (x === null && y === null) continue;
      if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1;
      const order = compareValues(x, y);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

const caseArbitrary = fc
  .array(fc.record({ kind: fc.constantFrom(...ORDERED_KINDS), nullable: fc.boolean() }), { minLength: 1, maxLength: 3 })
  .chain((columns) => {
    const schema: Column[] = columns.map(({ kind: [type], nullable }, n) => ({ name: `c${n}`, type, nullable }));
    schema.push({ name: 'arrival', type: BIGINT, nullable: false });
    const values = columns.map(({ kind: [, value], nullable }) => (nullable ? fc.option(value, { freq: 5 }) : value));
    return fc.record({
      schema: fc.constant(schema),
      keys: fc.tuple(
        ...columns.map((_, column) =>
          fc.record({ column: fc.constant(column), descending: fc.boolean(), nullsFirst: fc.boolean() }),
        ),
      ),
      rows: fc
        .array(fc.tuple(...values), { maxLength: 500, size: 'max' })
        .map((rows) => rows.map((row, n) => [...row, BigInt(n)])),
      limit: fc.option(fc.nat(100)),
      offset: fc.nat(20),
    });
  });

const EVENTS: Schema = [
  { name: 'ts', type: TIMESTAMP, nullable: false },
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'ts again', type: TIMESTAMP, nullable: false },
];
const BY_TIME: SortKey[] = [{ column: 0, descending: false, nullsFirst: false }];

/** Times in µs; the last column is the one that makes watermarks. */
function events(times: readonly number[]): Value[][] {
  return times.map((time, n) => [BigInt(time), n % 5 === 0 ? null : `row ${n} ${'x'.repeat(n % 30)}`, BigInt(time)]);
}

describe('ORDER BY at the end of the input', () => {
  it('sorts any types in any direction, and keeps the order of equal rows', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(caseArbitrary, fc.constantFrom(1, 7, 2048), ({ schema, keys, rows, limit, offset }, batchRows) => {
        const sorted = rows.toSorted(compareRows(keys));
        const expected = sorted.slice(offset, limit === null ? undefined : offset + limit);
        const { output, stateBytes } = runSort({ schema, keys, rows, limit, offset }, batchRows);
        expect(output.rows).toEqual(expected);
        expect(output.endCount).toBe(1);
        expect(stateBytes).toBe(0);
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps no more than about twice the first rows', () => {
    const schema: Schema = [{ name: 'a', type: BIGINT, nullable: false }];
    const rows = Array.from({ length: 200_000 }, (_, n) => [BigInt((n * 48_271) % 65_537)]);
    const keys = [{ column: 0, descending: true, nullsFirst: false }];
    const { output, stateBytesMax } = runSort({ schema, keys, rows, limit: 3, offset: 1 }, 2048);
    expect(output.rows).toEqual([[65_536n], [65_536n], [65_535n]]);
    expect(stateBytesMax).toBeLessThan(400_000);
  });
});

describe('rows of a sort', () => {
  const schema: Schema = [
    { name: 'n', type: BIGINT, nullable: false },
    { name: 'a', type: VARCHAR, nullable: false },
    { name: 'b', type: VARCHAR, nullable: true },
  ];
  const keys = [{ column: 0, descending: true, nullsFirst: false }];

  it('keep strings of any length as they were, one behind the other', () => {
    const text = (from: number, length: number) =>
      String.fromCharCode(...Array.from({ length }, (_, n) => 33 + ((from + n) % 90)));
    const rows = Array.from({ length: 600 }, (_, n): Value[] => [
      BigInt(n),
      text(n, n % 140),
      n % 7 === 0 ? null : text(n * 3, (n * 11) % 83),
    ]);
    expect(runSort({ schema, keys, rows }, 64).output.rows).toEqual(rows.toReversed());
  });

  it('are given back when it is closed before all of them came out', () => {
    const memory = testMemory();
    const node: SortNode = { kind: 'sort', id: 's', inputs: ['i'], schema, keys, time: null, limit: null, offset: 0 };
    const batches: Value[][][] = [];
    const output = {
      emit: (batch: number): void => {
        batches.push(rowsOf(memory, batch, schema));
      },
      pause: () => batches.length === 2,
      watermark: () => {},
      idle: () => {},
      end: () => {},
    };
    const sort = createSort(memory, node, { batchRows: 10, output, onSatisfied: () => {} });
    const batch = createBatch(memory, schema, 10);
    for (let from = 0; from < 100; from += 10) {
      const rows = Array.from({ length: 10 }, (_, n): Value[] => [BigInt(from + n), `row ${from + n}`, null]);
      fillBatch(memory, batch, { schema, rows });
      sort.process(batch);
    }
    sort.onEnd();
    expect(batches.flat().map(([n]) => n)).toEqual(Array.from({ length: 20 }, (_, n) => BigInt(99 - n)));
    const before = memory.kernels.allocatedBytes();
    sort.close();
    // 80 rows that are ready, and 10 in flight, of 128 bytes each.
    expect(before - memory.kernels.allocatedBytes()).toBeGreaterThanOrEqual(90 * 128);
  });
});

describe('ORDER BY event time', () => {
  it('gives rows out as the watermark passes them, before it', () => {
    const { output, late } = runSort(
      { schema: EVENTS, keys: BY_TIME, rows: events([10, 7, 12, 9, 20]), delayMicros: 5n },
      1,
    );
    expect(output.rows.map(([time]) => time)).toEqual([7n, 9n, 10n, 12n, 20n]);
    // At a watermark of 7, a row at 7 may still come.
    expect(output.watermarks).toEqual([
      { micros: 5n, rowCount: 0 },
      { micros: 5n, rowCount: 0 },
      { micros: 7n, rowCount: 0 },
      { micros: 7n, rowCount: 0 },
      { micros: 15n, rowCount: 4 },
    ]);
    expect(late).toBe(0);
  });

  it('drops rows older than the watermark of the rows before them, wherever batches are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 300, size: 'max' }), fc.nat(200), (times, delay) => {
        const rows = events(times);
        let watermark = Number.NEGATIVE_INFINITY;
        const timely = rows.filter(([time]) => {
          const isTimely = Number(time) >= watermark;
          watermark = Math.max(watermark, Number(time) - delay);
          return isTimely;
        });
        for (const batchRows of [1, 7, 2048]) {
          const { output, late } = runSort(
            { schema: EVENTS, keys: BY_TIME, rows, delayMicros: BigInt(delay) },
            batchRows,
          );
          expect(output.rows).toEqual(timely.toSorted(compareRows(BY_TIME)));
          expect(late).toBe(rows.length - timely.length);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('gives the same for any order of rows within the delay', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { maxLength: 200 }),
        fc.array(fc.nat(90), { minLength: 200, maxLength: 200 }),
        (times, moves) => {
          const ordered = [...new Set(times)].sort((a, b) => a - b);
          const shuffled = ordered
            .map((time, n) => ({ time, at: time + (moves[n] as number) }))
            .sort((a, b) => a.at - b.at)
            .map(({ time }) => time);
          const run = (given: number[]) =>
            runSort({ schema: EVENTS, keys: BY_TIME, rows: events(given), delayMicros: 100n }, 7).output.rows.map(
              ([t]) => t,
            );
          expect(run(shuffled)).toEqual(run(ordered));
        },
      ),
      { numRuns: RUNS },
    );
  });
});
