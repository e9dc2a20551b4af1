// Functions in JavaScript through the whole product: what they are given, what they give, and how they fail.

import { describe, expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (id INTEGER, big BIGINT, d DOUBLE, s VARCHAR, b BOOLEAN, ts TIMESTAMP, day DATE, j JSON)
  FROM STDIN (format = 'json');`;

const declare = (parameters: string, type: string, body: string) =>
  `CREATE FUNCTION f(${parameters}) RETURNS ${type} LANGUAGE javascript AS $$${body}$$;`;

async function rowsOf(text: string, rows: object[], batchRows = 2048): Promise<unknown[]> {
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { output, error } = await runPipeline({ text: `${SOURCE}\n${text}`, input, batchRows });
  if (error !== null) throw error;
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const resultOf = async (body: string, [parameters, type, call]: [string, string, string], row: object = {}) => {
  const rows = await rowsOf(`${declare(parameters, type, body)} SELECT ${call} AS v FROM t;`, [row]);
  return (rows[0] as { v: unknown }).v;
};

describe('arguments arrive as JavaScript has them', () => {
  test.each([
    ['BIGINT', 'big', { big: 7 }, 'bigint 7'],
    ['BIGINT', '9223372036854775807', {}, 'bigint 9223372036854775807'],
    ['INTEGER', 'id', { id: -5 }, 'number -5'],
    ['DOUBLE', 'd', { d: 1.5 }, 'number 1.5'],
    ['DOUBLE', 'id', { id: 2 }, 'number 2'],
    ['VARCHAR', 's', { s: 'é日本😀' }, 'string é日本😀'],
    ['VARCHAR', 's', { s: 'a longer text than the short ones are' }, 'string a longer text than the short ones are'],
    ['VARCHAR', "'constant'", {}, 'string constant'],
    ['BOOLEAN', 'b', { b: true }, 'boolean true'],
    ['TIMESTAMP', 'ts', { ts: '1970-01-01T00:00:01.000002Z' }, 'bigint 1000002'],
    ['TIMESTAMP', 'day', { day: '1970-01-02' }, 'bigint 86400000000'],
    ['DATE', 'day', { day: '1970-01-11' }, 'number 10'],
    ['INTERVAL', "INTERVAL '2' SECOND", {}, 'bigint 2000000'],
    ['JSON', 'j', { j: { a: [1] } }, 'object [object Object]'],
    ['BIGINT', 'big', { big: null }, 'object null'],
    ['VARCHAR', 's', {}, 'object null'],
    ['DOUBLE', 'NULL', {}, 'object null'],
  ])('%s: %s', async (type, argument, row, expected) => {
    const body = 'return `${typeof x} ${x}`;';
    expect(await resultOf(body, [`x ${type}`, 'VARCHAR', `f(${argument})`], row)).toBe(expected);
  });

  test('several, some constant and some NULL', async () => {
    const body = 'return JSON.stringify([a, String(b), c, d]);';
    const shape: [string, string, string] = ['a VARCHAR, b BIGINT, c VARCHAR, d DOUBLE', 'VARCHAR', "f(s, 5, 'x', d)"];
    expect(await resultOf(body, shape, { s: 'y', d: 2 })).toBe('["y","5","x",2]');
    expect(await resultOf(body, shape, { s: null })).toBe('[null,"5","x",null]');
  });
});

describe('results', () => {
  test.each([
    ['BIGINT', 'return 2n ** 62n', '4611686018427387904'],
    ['BIGINT', 'return 12', '12'],
    ['INTEGER', 'return 3n', '3'],
    ['DOUBLE', 'return 0.1', '0.1'],
    ['VARCHAR', 'return "é\\u{1F600}".repeat(100)', 'é😀'.repeat(100)],
    ['VARCHAR', 'return ""', ''],
    ['BOOLEAN', 'return 1 < 2', 'true'],
    ['TIMESTAMP', 'return new Date(1000)', '1970-01-01 00:00:01'],
    ['TIMESTAMP', 'return 1n', '1970-01-01 00:00:00.000001'],
    ['DATE', 'return 10', '1970-01-11'],
    ['DATE', 'return new Date(-1)', '1969-12-31'],
    ['INTERVAL', 'return 1500000n', '00:00:01.5'],
    ['JSON', 'return { a: [1, 2n] }', '{"a":[1,2]}'],
    ['BIGINT', 'return null', null],
  ])('%s: %s', async (type, body, expected) => {
    expect(await resultOf(body, ['', type, 'CAST(f() AS VARCHAR)'])).toBe(expected);
  });

  test.each([
    ['BIGINT', 'return 1.5', '1.5'],
    ['BIGINT', 'return 2n ** 63n', '9223372036854775808n'],
    ['BIGINT', 'return "1"', '"1"'],
    ['INTEGER', 'return 2 ** 31', '2147483648'],
    ['TINYINT', 'return 128', '128'],
    ['DOUBLE', 'return true', 'true'],
    ['VARCHAR', 'return 1', '1'],
    ['BOOLEAN', 'return 1', '1'],
    ['TIMESTAMP', 'return new Date(NaN)', 'Invalid Date'],
    ['DATE', 'return "2024-01-01"', '"2024-01-01"'],
    ['JSON', 'return () => 1', '() => 1'],
    ['BIGINT', 'x = 1; return 1n', 'ReferenceError'],
  ])('no %s: %s', async (type, body, found) => {
    const failed = resultOf(body, ['', type, 'f()']);
    await expect(failed).rejects.toThrow(LaminarError);
    await expect(failed).rejects.toThrow(found);
  });

  test('a body without return, and one that promises', async () => {
    await expect(resultOf('1 + 1', ['', 'DOUBLE', 'f()'])).rejects.toMatchObject({
      code: 'LMN-3008',
      message: 'function f returned undefined: f()',
      hint: expect.stringContaining('a body without return gives undefined'),
    });
    await expect(resultOf('return Promise.resolve(1)', ['', 'DOUBLE', 'f()'])).rejects.toMatchObject({
      code: 'LMN-3008',
      hint: 'functions are synchronous: async and await cannot be used',
    });
  });
});

describe('a function that throws', () => {
  const text = `${declare('x BIGINT', 'BIGINT', "\n  if (x === 3n) {\n    throw new RangeError('three');\n  }\n  return x;\n")}
    SELECT f(big) + 1 AS v FROM t;`;

  test.each([1, 2, 2048])('keeps the rows before it, in batches of %i', async (batchRows) => {
    const input = [1, 2, 3, 4].map((big) => `${JSON.stringify({ big })}\n`).join('');
    const { output, error } = await runPipeline({ text: `${SOURCE}\n${text}`, input, batchRows });
    expect(output).toBe('{"v":2}\n{"v":3}\n');
    expect(error).toMatchObject({
      code: 'LMN-3007',
      message: 'function f failed in line 3 of its body: RangeError: three: f(big)',
    });
    const { span } = (error as LaminarError).at as { span: { start: number; end: number } };
    expect(`${SOURCE}\n${text}`.slice(span.start, span.end)).toBe('f(big)');
  });

  test('whatever it throws', async () => {
    await expect(resultOf('throw 5', ['', 'BIGINT', 'f()'])).rejects.toThrow('function f failed: 5');
    await expect(resultOf('throw null', ['', 'BIGINT', 'f()'])).rejects.toThrow('function f failed: null');
  });
});

describe('in pipelines', () => {
  test('in filters, keys, aggregates, CASE and other functions; each batch size gives the same', async () => {
    const text = `${declare('s VARCHAR', 'VARCHAR', ' return s === null ? null : s.split("-")[0] ')}
      CREATE OR REPLACE FUNCTION twice(x BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$ return x * 2n $$;
      SELECT upper(f(s)) AS k, SUM(twice(big)) AS n, MAX(CASE WHEN f(s) = 'a' THEN 'yes' ELSE f('no-x') END) AS m
      FROM t WHERE twice(big) > 2 GROUP BY 1;`;
    const rows = ['a-1', 'b-2', 'a-3', null, 'b', 'a-4'].map((s, i) => ({ s, big: i + 1 }));
    const expected = [
      { k: 'A', n: 18, m: 'yes' },
      { k: 'B', n: 14, m: 'no' },
      { k: null, n: 8, m: 'no' },
    ];
    for (const batchRows of [1, 7, 2048]) expect(await rowsOf(text, rows, batchRows)).toEqual(expected);
  });

  test('long texts make the memory grow under the call', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ s: `${i}${'x'.repeat(50_000)}` }));
    const found = await rowsOf(
      `${declare('s VARCHAR', 'VARCHAR', ' return s + s.toUpperCase() ')} SELECT f(s) AS v FROM t;`,
      rows,
    );
    expect(found).toEqual(rows.map(({ s }) => ({ v: s + s.toUpperCase() })));
  });

  test('a body keeps ${…}, quotes and semicolons to itself', async () => {
    const body = " const name = 'it''s'; return `${name};${x}` ";
    expect(await resultOf(body.replace("''", "\\'"), ['x VARCHAR', 'VARCHAR', "f('y')"])).toBe("it's;y");
  });

  test('a function does not see the others, nor what a call before it left', async () => {
    await expect(resultOf('return process === undefined ? 0 : count++', ['', 'BIGINT', 'f()'])).rejects.toThrow(
      'ReferenceError: count is not defined',
    );
  });

  test('TRY_CAST of a failing call still fails: only the cast is tried', async () => {
    await expect(resultOf('throw new Error("no")', ['', 'VARCHAR', 'TRY_CAST(f() AS BIGINT)'])).rejects.toThrow('no');
  });
});
