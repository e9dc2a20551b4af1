import { describe, expect, it } from 'vitest';
import { CELL_ERROR_CODE, CELL_ERROR_SITE, ERROR_CAST, ERROR_OVERFLOW } from '../../../kernels/layout.ts';
import { createBatch, fillBatch, rowsOf, type Value } from '../../../src/data/batch.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, INTEGER, VARCHAR } from '../../../src/data/type.ts';
import { describeFailure, instantiateMaps } from '../../../src/runtime/compiled-maps.ts';
import { generateModule, isAliased, type MapColumn, type MapFunction } from '../../../src/sql/codegen/module.ts';
import { call, castTo, column, compare, int, literal, type Twin, text } from '../../support/expressions.ts';
import { testMemory } from '../../support/linear-memory.ts';

const schema: Schema = [
  { name: 'n', type: INTEGER, nullable: true },
  { name: 'b', type: BIGINT, nullable: false },
  { name: 's', type: VARCHAR, nullable: true },
];
const col = (name: string): Twin => column(name, schema);

function outputOf(name: string, twin: Twin): MapColumn {
  const { bound } = twin;
  return { name, expression: bound, nullable: bound.nullable, type: bound.type };
}

/** Runs the first of the maps over rows. */
function run(
  maps: readonly MapFunction[],
  rows: readonly Value[][],
): { rows: Value[][]; error: number; site: number; module: ReturnType<typeof generateModule> } {
  const memory = testMemory();
  const module = generateModule(maps);
  const compute = instantiateMaps(module.code, module.literals, memory)[module.functions[0] as string];
  const first = maps[0] as MapFunction;
  const output = createBatch(memory, first.outputs, 16);
  const input = createBatch(memory, schema, 16);
  fillBatch(memory, input, { schema, rows });
  const written = compute?.(input, output) as number;
  memory.refresh();
  memory.store32(output, written);
  return {
    rows: rowsOf(memory, output, first.outputs),
    error: memory.load32(CELL_ERROR_CODE),
    site: memory.load32(CELL_ERROR_SITE),
    module,
  };
}

describe('a compiled map', () => {
  const outputs = [outputOf('s', col('s')), outputOf('next', call('+', col('n'), int(1)))];

  it('keeps a row where the filter is TRUE, not where it is FALSE or NULL, and writes densely', () => {
    const filter = compare('>', col('n'), int(1)).bound;
    const result = run(
      [{ inputSchema: schema, filter, outputs }],
      [
        [1, 0n, 'one'],
        [2, 0n, 'two'],
        [null, 0n, 'null'],
        [3, 0n, null],
      ],
    );
    expect(result.rows).toEqual([
      ['two', 3],
      [null, 4],
    ]);
    expect(result.error).toBe(0);
  });

  it('handles an empty batch', () => {
    expect(run([{ inputSchema: schema, filter: null, outputs }], []).rows).toEqual([]);
  });

  it('keeps the rows before a failing one, and names the expression that failed', () => {
    const failing = castTo(col('s'), INTEGER);
    const maps = [{ inputSchema: schema, filter: null, outputs: [outputs[1] as MapColumn, outputOf('i', failing)] }];
    const result = run(maps, [
      [1, 0n, '10'],
      [2, 0n, null],
      [3, 0n, 'x'],
      [4, 0n, '40'],
    ]);
    expect(result.rows).toEqual([
      [2, 10],
      [3, null],
    ]);
    expect(result.error).toBe(ERROR_CAST);
    expect(result.module.sites.map((s) => s.text)).toEqual(['n + 1', 'CAST(s AS INTEGER)']);
    expect(result.site).toBe(1);
    expect(describeFailure(result.error, result.module.sites[result.site])).toMatchObject({
      code: 'LMN-3002',
      message: 'a value cannot be converted: CAST(s AS INTEGER)',
    });
  });

  it('clears the error of the run before', () => {
    const memory = testMemory();
    const module = generateModule([
      { inputSchema: schema, filter: null, outputs: [outputOf('n', call('*', col('b'), col('b')))] },
    ]);
    const compute = instantiateMaps(module.code, module.literals, memory).map0;
    const output = createBatch(memory, [{ name: 'n', type: BIGINT, nullable: false }], 16);
    const input = createBatch(memory, schema, 16);
    for (const [value, error] of [
      [2n ** 40n, ERROR_OVERFLOW],
      [5n, 0],
    ] as const) {
      fillBatch(memory, input, { schema, rows: [[1, value, 'a']] });
      expect(compute?.(input, output)).toBe(error === 0 ? 1 : 0);
      expect(memory.load32(CELL_ERROR_CODE)).toBe(error);
    }
  });

  it('evaluates outputs only for rows that pass the filter', () => {
    const filter = compare('<>', col('s'), text('bad')).bound;
    const maps = [{ inputSchema: schema, filter, outputs: [outputOf('i', castTo(col('s'), INTEGER))] }];
    const result = run(maps, [
      [1, 0n, 'bad'],
      [2, 0n, '2'],
    ]);
    expect(result).toMatchObject({ rows: [[2]], error: 0 });
  });

  it('leaves a column alone that it only passes on without a filter', () => {
    const passed = outputOf('s', col('s'));
    const map = { inputSchema: schema, filter: null, outputs: [passed] };
    expect(isAliased(map, passed)).toBe(true);
    expect(isAliased({ ...map, filter: compare('=', col('n'), int(1)).bound }, passed)).toBe(false);
    expect(isAliased(map, outputOf('n', call('+', col('n'), int(1))))).toBe(false);
  });

  it('stores equal literals of several maps once', () => {
    const one = [outputOf('x', text('twice'))];
    const module = generateModule([
      { inputSchema: schema, filter: compare('=', col('s'), text('once')).bound, outputs: one },
      { inputSchema: schema, filter: null, outputs: [...one, outputOf('y', literal('naïve', VARCHAR))] },
    ]);
    expect(new TextDecoder().decode(module.literals)).toBe('twicenaïve');
    expect(module.functions).toEqual(['map0', 'map1']);
  });
});
