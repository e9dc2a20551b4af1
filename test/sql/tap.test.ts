// What a running pipeline is asked by: streams that the optimizer has merged away, columns that are not computed, and
// predicates that are none.

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { compileTap } from '../../src/sql/tap.ts';

const TEXT = `
  CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, volume BIGINT, note VARCHAR, ts TIMESTAMP, WATERMARK FOR ts);
  CREATE FUNCTION cents(p DOUBLE) RETURNS DOUBLE LANGUAGE javascript AS $$ return p * 100 $$;
  CREATE STREAM priced AS SELECT symbol, price * 2 AS twice, volume, ts FROM trades WHERE price > 0;
  CREATE STREAM large AS SELECT symbol, twice + 1 AS more, volume, ts FROM priced WHERE volume > 10;
  CREATE STREAM bars AS SELECT symbol, SUM(volume) AS volume FROM large GROUP BY symbol EMIT CHANGES;
  CREATE STREAM unread AS SELECT symbol FROM trades;
  CREATE SINK out FROM bars INTO STDOUT (format = 'json');`;

const { bound, plan } = compilePipeline(TEXT, { fileName: 'test.lsql', variables: {} });

function tap(view: string, where: string | null = null) {
  const { map, leftOut } = compileTap({ bound, plan }, { view, where });
  const { inputs, filter, outputs, schema, settles } = map;
  const columns = outputs.map(({ text }, index) => `${text} AS ${schema[index]?.name}`);
  return { reads: inputs[0], filter, columns, leftOut, settles };
}

function errorOf(view: string, where: string | null = null): LaminarError {
  try {
    compileTap({ bound, plan }, { view, where });
  } catch (error) {
    if (error instanceof LaminarError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe('a stream', () => {
  test('that was merged into its reader is made again of the node below, with the filters of all between', () => {
    expect(plan.nodes.map(({ id }) => id)).toEqual(['trades', 'bars.input', 'bars.aggregate', 'bars', 'out']);
    expect(tap('LARGE', 'volume < 70')).toEqual({
      reads: 'trades',
      filter: 'price > 0 AND volume > 10 AND volume < 70',
      columns: ['symbol AS symbol', 'price * 2 + 1 AS more', 'volume AS volume', 'ts AS ts'],
      leftOut: [],
      settles: false,
    });
  });

  test('is read where it is computed, without the columns that nobody reads', () => {
    expect(tap('trades', "symbol LIKE 'A%'")).toMatchObject({ reads: 'trades', leftOut: ['note'] });
    expect(tap('bars')).toMatchObject({ reads: 'bars', filter: null, leftOut: [] });
  });

  test('of changes keeps what each row is', () => {
    expect(tap('bars', 'volume > 100').columns.at(-1)).toBe('$change AS $change');
    expect(tap('out').columns).toEqual(tap('bars').columns);
  });

  test('is one of the pipeline, and one that it computes', () => {
    expect(errorOf('baars')).toMatchObject({ code: 'LMN-7014', hint: 'did you mean bars?' });
    expect(errorOf('x')).toMatchObject({ code: 'LMN-7014', hint: 'it has trades, priced, large, bars, unread, out' });
    expect(errorOf('unread')).toMatchObject({ code: 'LMN-7015', message: 'stream unread is not computed' });
  });
});

test('every stream of the examples can be read, with all the columns that there are', () => {
  const folder = path.join(import.meta.dirname, '../../pipelines');
  const read = fs.readdirSync(folder).flatMap((name) => {
    const text = fs.readFileSync(path.join(folder, name, 'pipeline.lsql'), 'utf8');
    const example = compilePipeline(text, { fileName: name, variables: { PIPELINE_DIR: path.join(folder, name) } });
    return example.bound.views.map((view) => {
      const { map, leftOut } = compileTap(example, { view: view.name, where: null });
      const given = map.schema.filter(({ hidden }) => hidden !== true).map((column) => column.name);
      expect(example.plan.nodes.some(({ id }) => id === map.inputs[0])).toBe(true);
      // What a sink writes is computed, all of it.
      if (view.kind === 'sink') expect({ sink: view.name, leftOut }).toEqual({ sink: view.name, leftOut: [] });
      return given.length;
    });
  });
  expect(read.length).toBeGreaterThan(30);
  expect(Math.min(...read)).toBeGreaterThan(0);
});

describe('a predicate', () => {
  test('may call what the pipeline declares', () => {
    expect(tap('priced', 'cents(twice) > 5').filter).toBe('price > 0 AND cents(price * 2) > 5');
  });

  test('needs columns that are computed', () => {
    expect(errorOf('trades', "note = 'x'")).toMatchObject({
      code: 'LMN-7015',
      message: 'note of trades is not computed',
    });
  });

  test.each([
    ['volume > AND 1', 'LMN-1001', { start: 9, end: 12 }],
    ['volum > 1', 'LMN-2003', { start: 0, end: 5 }],
    ['COUNT(*) > 1', 'LMN-2017', { start: 0, end: 8 }],
    ['volume', 'LMN-2008', { start: 0, end: 6 }],
  ])('%s has its error where it is wrong', (where, code, span) => {
    expect(errorOf('priced', where)).toMatchObject({ code, at: { span } });
  });

  test.each([
    'volume > 1 GROUP BY symbol',
    'volume > 1 ORDER BY volume',
    'volume > 1 LIMIT 3',
    'volume > 1 UNION ALL SELECT * FROM priced WHERE volume > 1',
    'volume > 1 EMIT CHANGES',
    "volume > 1 ALLOW LATENESS INTERVAL '1' SECOND",
    'volume > 1; SELECT 1 FROM priced',
    'EXISTS (SELECT 1 FROM trades WHERE trades.volume = priced.volume)',
    'volume > 1 QUALIFY ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) = 1',
  ])('%s is more than that', (where) => {
    expect(errorOf('priced', where)).toMatchObject({ code: 'LMN-7016' });
  });

  test('watermark() is known where rows carry it', () => {
    expect(errorOf('priced', 'ts > watermark()').code).toMatch(/LMN-(2017|7015)/);
  });
});
