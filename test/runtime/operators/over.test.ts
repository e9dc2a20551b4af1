// OVER as time passes: what waits for what, what is dropped, what is kept, and what is given back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatch, fillBatch, type Value } from '../../../src/data/batch.ts';
import type { Column, Schema } from '../../../src/data/schema.ts';
import { BIGINT, DOUBLE, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import type { FrameSpec, OverFunction, OverNode, OverSpec } from '../../../src/plan/ordered-nodes.ts';
import { createOver, type Over } from '../../../src/runtime/operators/over.ts';
import { CollectingOutput, withWatermarks } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { preparePipeline } from '../../support/pipeline.ts';
import { often } from '../../support/random.ts';

const RUNS = often(60);
const HIDDEN: Column = { name: '$watermark', type: BIGINT, nullable: false, hidden: true };
const SCHEMA: Schema = [
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'x', type: BIGINT, nullable: true },
  { name: 'd', type: DOUBLE, nullable: false },
  { name: 't', type: TIMESTAMP, nullable: false },
];
const TIME = 3;

function call(fn: OverFunction, column: number | null, frame: FrameSpec | null): OverSpec {
  const result =
    fn === 'min' || fn === 'max' || fn.endsWith('_value') ? (SCHEMA[column as number] as Column).type : BIGINT;
  return { function: fn, column, result, nth: 1, defaultColumn: null, frame, text: fn };
}

function rows(before: number | null, after: number | null): FrameSpec {
  const bound = (offset: number | null, kind: 'preceding' | 'following') =>
    offset === null ? { kind: 'unbounded' as const, offset: 0 } : { kind, offset };
  return { unit: 'rows', start: bound(before, 'preceding'), end: bound(after, 'following') };
}

/** The row `offset` behind (or before, if negative) the current one. */
function rowAt(offset: number): FrameSpec {
  const bound = { kind: offset < 0 ? ('preceding' as const) : ('following' as const), offset: Math.abs(offset) };
  return { unit: 'rows', start: bound, end: bound };
}

const PEERS: FrameSpec = {
  unit: 'range',
  start: { kind: 'unbounded', offset: 0 },
  end: { kind: 'current', offset: 0 },
};

interface OverInput {
  functions: OverSpec[];
  rows: Value[][];
  delayMicros: bigint;
}

/** Runs rows through an OVER (PARTITION BY k ORDER BY t), with a watermark after each batch. */
function runOver({ functions, rows: given, delayMicros }: OverInput, batchRows: number) {
  const memory = testMemory();
  const results = functions.map((spec, n): Column => ({ name: `f${n}`, type: spec.result, nullable: true }));
  const schema = [...SCHEMA, ...results];
  const node: OverNode = {
    kind: 'over',
    id: 'o',
    inputs: ['i'],
    schema,
    partition: [0],
    order: [{ column: TIME, descending: false, nullsFirst: false }],
    ties: null,
    time: { column: TIME, aheadMicros: 0, watermarkColumn: SCHEMA.length },
    isWhole: false,
    keep: null,
    updating: null,
    functions,
  };
  const output = new CollectingOutput(memory, schema);
  const over = createOver(memory, node, batchRows, output);
  const made = memory.kernels.allocatedBytes();
  const batch = createBatch(memory, [...SCHEMA, HIDDEN], batchRows);
  const cell = memory.allocate(8);
  const marked = withWatermarks(given, delayMicros);
  const own = memory.kernels.allocatedBytes() - made;
  let text = 0;
  let stateBytes = 0;
  for (let from = 0; from < given.length; from += batchRows) {
    const end = Math.min(from + batchRows, given.length);
    const before = memory.kernels.allocatedBytes();
    fillBatch(memory, batch, { schema: [...SCHEMA, HIDDEN], rows: marked.rows.slice(from, end) });
    text += memory.kernels.allocatedBytes() - before;
    over.process(batch);
    memory.i64[cell >>> 3] = marked.after[end - 1] as bigint;
    over.onWatermark(cell);
    stateBytes = over.stateBytes();
  }
  over.onEnd();
  const late = over.lateCount();
  over.close();
  const kept = memory.kernels.allocatedBytes() - own - text;
  return { output, late, stateBytes, kept, results: output.rows.map((row) => row.slice(SCHEMA.length)) };
}

function row(k: string | null, time: number, x: number | null = time): Value[] {
  return [k, x === null ? null : BigInt(x), time / 4, BigInt(time)];
}

const rowArbitrary = fc
  .tuple(fc.constantFrom('a', 'b', 'a key that is longer than twelve bytes', null), fc.nat(300), fc.option(fc.nat(9)))
  .map(([k, time, x]) => row(k, time, x));

const ALL: OverSpec[] = [
  call('row_number', null, null),
  call('rank', null, null),
  call('nth_value', 0, rowAt(-2)),
  call('nth_value', 1, rowAt(1)),
  call('sum', 1, rows(3, 0)),
  call('min', 0, rows(2, 1)),
  call('max', 2, rows(null, 0)),
  call('max', 0, PEERS),
  call('count', 1, PEERS),
];

describe('OVER as time passes', () => {
  it('lets rows out when the watermark has passed them', () => {
    const given = [row('a', 10), row('a', 5), row('b', 12), row('a', 30)];
    const { output } = runOver({ functions: [call('row_number', null, null)], rows: given, delayMicros: 10n }, 1);
    expect(output.rows.map(([k, , , time, number]) => [k, time, number])).toEqual([
      ['a', 5n, 1n],
      ['a', 10n, 2n],
      ['b', 12n, 1n],
      ['a', 30n, 3n],
    ]);
    expect(output.watermarks.map(({ micros, rowCount }) => [micros, rowCount])).toEqual([
      [0n, 0],
      [0n, 0],
      [2n, 0],
      [20n, 3],
    ]);
  });

  it('holds the watermark back where a row waits for the next of its partition', () => {
    const given = [row('a', 1), row('b', 2), row('b', 3), row('b', 50), row('a', 60), row('b', 99)];
    const { output } = runOver({ functions: [call('nth_value', 1, rowAt(1))], rows: given, delayMicros: 0n }, 1);
    expect(output.rows.map(([k, , , time, next]) => [k, time, next])).toEqual([
      ['b', 2n, 3n],
      ['b', 3n, 50n],
      ['a', 1n, 60n],
      ['b', 50n, 99n],
      ['a', 60n, null],
      ['b', 99n, null],
    ]);
    expect(output.watermarks.map(({ micros }) => micros)).toEqual([1n, 1n, 1n, 1n, 1n, 50n]);
  });

  it('waits with equal rows for each other, however batches are cut', () => {
    const given = [row('a', 1), row('a', 1), row('a', 1), row('a', 2)];
    for (const batchRows of [1, 2, 2048]) {
      const { results } = runOver({ functions: [call('count', 3, PEERS)], rows: given, delayMicros: 0n }, batchRows);
      expect(results).toEqual([[3n], [3n], [3n], [4n]]);
    }
  });

  it('drops rows older than the watermark, wherever batches are cut', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(rowArbitrary, { maxLength: 120, size: 'max' }),
        fc.bigInt(0n, 150n),
        (given, delayMicros) => {
          const { rows: marked } = withWatermarks(given, delayMicros);
          const timely = given.filter((one, n) => (one[TIME] as bigint) >= (marked[n]?.at(-1) as bigint));
          const expected = runOver({ functions: ALL, rows: timely, delayMicros: 1000n }, 2048).output.rows;
          const sorted = (list: Value[][]) => list.map((one) => one.map(String).join('|')).sort();
          let first: Value[][] | null = null;
          for (const batchRows of [1, 7, 2048]) {
            const { output, late } = runOver({ functions: ALL, rows: given, delayMicros }, batchRows);
            expect(late).toBe(given.length - timely.length);
            expect(sorted(output.rows)).toEqual(sorted(expected));
            first ??= output.rows;
            expect(output.rows).toEqual(first);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('keeps only the rows that frames need', () => {
    const given = Array.from({ length: 40_000 }, (_, n) => row(`k${n % 3}`, n));
    const { stateBytes } = runOver({ functions: ALL, rows: given, delayMicros: 0n }, 2048);
    expect(stateBytes).toBeLessThan(1_500_000);
  });

  it('keeps only the first rows of each partition where no others can come out', async () => {
    const input = Array.from({ length: 30_000 }, (_, n) => `{"k":"k${n % 7}","t":${(n * 7919) % 30_000}}\n`).join('');
    const text = `CREATE SOURCE s (k VARCHAR, t BIGINT); SELECT k, t FROM s QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY t DESC) <= 2;`;
    const { core, outputs } = await preparePipeline({ text, input, batchRows: 64 });
    let most = 0;
    const over = core.parts.operators.find(({ id }) => id === 'select.over') as Over;
    for (let n = 0; n < 400; n++) {
      core.turn();
      most = Math.max(most, over.stateBytes());
    }
    expect(most).toBeLessThan(20_000);
    core.run();
    const rows = Buffer.concat(outputs['stdout'] as Buffer[])
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = Array.from({ length: 7 }, (_, k) =>
      Array.from({ length: 30_000 }, (__, n) => ({ k: `k${n % 7}`, t: (n * 7919) % 30_000 }))
        .filter((one) => one.k === `k${k}`)
        .sort((a, b) => b.t - a.t)
        .slice(0, 2),
    ).flat();
    expect(rows).toEqual(expected.sort((a, b) => b.t - a.t));
  });

  it('gives every row and partition back', () => {
    const given = Array.from({ length: 5000 }, (_, n) => row(`key number ${n % 700} of many`, (n * 7919) % 6000));
    const empty = runOver({ functions: ALL, rows: [], delayMicros: 900n }, 64);
    expect(runOver({ functions: ALL, rows: given, delayMicros: 900n }, 64).kept).toBe(empty.kept);
  });

  it('ends the run where a sum does not fit, after the rows before it', () => {
    const given = [row('a', 1), [...row('b', 2)], [...row('b', 3)], row('a', 4)];
    for (const at of [1, 2]) (given[at] as Value[])[1] = 2n ** 62n;
    (given[2] as Value[])[1] = 2n ** 63n - 1n;
    const input = { functions: [call('sum', 1, rows(5, 0))], rows: given, delayMicros: 0n };
    expect(() => runOver(input, 2048)).toThrow('sum does not fit BIGINT');
  });
});
