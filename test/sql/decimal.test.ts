// DECIMAL from end to end: exact where it is said to be, rounded as DuckDB rounds, an error where it does not fit.

import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePipeline } from '../../src/sql/compile.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

async function rows(text: string, input: string): Promise<unknown[]> {
  const { output, error } = await runPipeline({ text, input });
  if (error !== null) throw error;
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line);
}

function json(columns: string, query: string, input: string): Promise<unknown[]> {
  return rows(`CREATE SOURCE t (${columns}); ${query};`, input);
}

describe('reading and writing', () => {
  test('numbers and texts become units, rounded away from zero, and come out with all digits', async () => {
    const values = ['1', '"2.5"', '-0.005', '1e2', '12345678.905', 'null', '"  7 "', '-3.14159'];
    const input = values.map((d) => `{"d":${d}}`).join('\n');
    expect(await json('d DECIMAL(10, 2)', 'SELECT d FROM t', input)).toEqual([
      ...['{"d":1.00}', '{"d":2.50}', '{"d":-0.01}', '{"d":100.00}', '{"d":12345678.91}', '{"d":null}'],
      ...['{"d":7.00}', '{"d":-3.14}'],
    ]);
  });

  test('18 digits are exact, where a double is not', async () => {
    const exact = '123456789012345.678';
    expect(await json('d DECIMAL', 'SELECT d FROM t', `{"d":${exact}}`)).toEqual([`{"d":${exact}}`]);
    const quoted = `CREATE SOURCE t (d DECIMAL(18, 3)); CREATE SINK s FROM t INTO STDOUT (format = 'json', bigint = 'string');`;
    expect(await rows(quoted, `{"d":${exact}}`)).toEqual([`{"d":"${exact}"}`]);
  });

  test('what does not fit, and what is no number, is a bad field', async () => {
    for (const value of ['1000', '999.995', '"x"', 'true', '{}', '1e300', '""']) {
      const { error } = await runPipeline({
        text: 'CREATE SOURCE t (d DECIMAL(5, 2)); SELECT d FROM t;',
        input: `{"d":${value}}`,
      });
      expect((error as { code?: string } | null)?.code, value).toMatch(/LMN-600[34]/);
    }
  });

  test('CSV in and out', async () => {
    const text = `CREATE SOURCE t (k VARCHAR, d DECIMAL(6, 1)) FROM STDIN (format = 'csv');
                  CREATE SINK s AS SELECT d, k FROM t INTO STDOUT (format = 'csv');`;
    expect(await rows(text, 'k,d\na,1.25\nb,-0.04\nc,\n')).toEqual(['d,k', '1.3,a', '0.0,b', ',c']);
  });
});

describe('types', () => {
  test.each([
    ['a + a', 'DECIMAL(11, 2)'],
    ['a + 1', 'DECIMAL(11, 2)'],
    ['a + i', 'DECIMAL(13, 2)'],
    ['a * 2', 'DECIMAL(11, 2)'],
    ['a * c', 'DECIMAL(14, 3)'],
    ['a / 2', 'DOUBLE'],
    ['a * 1.5', 'DOUBLE'],
    ['-a', 'DECIMAL(10, 2)'],
    ['round(a, 1)', 'DECIMAL(10, 1)'],
    ['a % c', 'DECIMAL(10, 2)'],
    ['coalesce(a, c)', 'DECIMAL(10, 2)'],
    ['sqrt(a)', 'DOUBLE'],
    ['floor(a)', 'DECIMAL(10, 0)'],
    ['trunc(a, 1)', 'DECIMAL(10, 1)'],
    ['mod(a, c)', 'DECIMAL(10, 2)'],
    ['[a, c][1]', 'DECIMAL(10, 2)'],
    ['list_sum([a])', 'DECIMAL(18, 2)'],
    ["DECIMAL '0.908'", 'DECIMAL(18, 3)'],
    ["a + '1.5'", 'DECIMAL(11, 2)'],
  ])('%s is %s', (expression, type) => {
    const text = `CREATE SOURCE t (a DECIMAL(10, 2), c DECIMAL(4, 1), i INTEGER); SELECT ${expression} AS x FROM t;`;
    const { plan } = compilePipeline(text, { fileName: 'x', variables: {} });
    const column = plan.nodes.at(-1)?.schema[0];
    const { kind, precision, scale } = column?.type ?? { kind: '' };
    expect(kind === 'DECIMAL' ? `DECIMAL(${precision}, ${scale})` : kind).toBe(type);
  });

  test.each([
    ['d DECIMAL(19, 2)', 'd', 'LMN-2005'],
    ['d DECIMAL(4, 5)', 'd', 'LMN-2005'],
    ['d DECIMAL(4, 5)[]', 'd', 'LMN-2005'],
    ['d DECIMAL(10, 2), e DECIMAL(10, 2)', 'd * e', 'LMN-2140'],
    ['d DECIMAL(10, 2), b BIGINT', 'd * b', 'LMN-2140'],
    ['d DECIMAL(18, 0), e DECIMAL(18, 18)', 'd + e', 'LMN-2140'],
    ['d DECIMAL(18, 0), e DECIMAL(18, 18)', 'd < e', 'LMN-2008'],
    ['d DECIMAL(3, 2)', "d = DECIMAL '1.5' AND d IN (100000000000000000000)", 'LMN-2009'],
  ])('(%s): %s is refused as %s', (columns, expression, code) => {
    const text = `CREATE SOURCE t (${columns}); SELECT ${expression} AS x FROM t;`;
    expect(() => compilePipeline(text, { fileName: 'x', variables: {} })).toThrow(expect.objectContaining({ code }));
  });
});

test('lists and structs hold decimals: from JSON, out again, and taken apart', async () => {
  const columns = 'l DECIMAL(9, 2)[], s STRUCT(a DECIMAL(5, 1), b DECIMAL(3, 3)[])';
  const query = 'SELECT l, s, s.a + 1 AS y, l[1] * 2 AS z, to_json(l) AS j, CAST(l AS DOUBLE[]) AS d FROM t';
  const input = '{"l":[1.005,"2.5",null],"s":{"a":9.95,"b":[-0.0004]}}\n{"l":null,"s":{}}';
  expect(await json(columns, query, input)).toEqual([
    '{"l":[1.01,2.50,null],"s":{"a":10.0,"b":[0.000]},"y":11.0,"z":2.02,"j":[1.01,2.50,null],"d":[1.01,2.5,null]}',
    '{"l":null,"s":{"a":null,"b":null},"y":null,"z":null,"j":null,"d":null}',
  ]);
  expect(
    await json('k VARCHAR, d DECIMAL(9, 2)', 'SELECT ARRAY_AGG(d) AS x, MAX([d]) AS m FROM t', '{"d":1}\n{"d":2.5}'),
  ).toEqual(['{"x":[1.00,2.50],"m":[2.50]}']);
  const { error } = await runPipeline({
    text: 'CREATE SOURCE t (l DECIMAL(3, 2)[]); SELECT l FROM t;',
    input: '{"l":[10]}',
  });
  expect((error as { code?: string } | null)?.code).toBe('LMN-6004');
});

test('a sum of the longest, and a cast to too few digits, fail instead of being wrong', async () => {
  const long = '{"d":999999999999999.999}';
  await expect(json('d DECIMAL(18, 3)', 'SELECT d + d AS x FROM t', long)).rejects.toMatchObject({ code: 'LMN-3001' });
  await expect(json('d DECIMAL(18, 3)', 'SELECT CAST(d AS DECIMAL(5, 2)) AS x FROM t', long)).rejects.toMatchObject({
    code: 'LMN-3001',
  });
  expect(await json('d DECIMAL(18, 3)', 'SELECT TRY_CAST(d AS DECIMAL(5, 2)) AS x FROM t', long)).toEqual([
    '{"x":null}',
  ]);
});

test('random values and expressions equal those of DuckDB', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const expressions = [
    ...[
      'a + b',
      'a - b',
      'a * c',
      'a % c',
      'a % b',
      '-a',
      'abs(a)',
      'a + i',
      'i - a',
      'a * 3',
      'round(a, 1)',
      'round(b)',
    ],
    ...['a = b', 'a < b', 'a >= i', 'a > 1.5', 'a BETWEEN b AND c', 'a IN (1, 2, b)', 'coalesce(a, c)'],
    ...[
      'CAST(a AS VARCHAR)',
      'CAST(a AS INTEGER)',
      'CAST(b AS BIGINT)',
      'CAST(a AS DOUBLE)',
      'CAST(a AS DECIMAL(12, 1))',
    ],
    ...['CAST(i AS DECIMAL(12, 2))', 'CAST(s AS DECIMAL(9, 3))', 'CASE WHEN a > c THEN a ELSE b END', 'a / c'],
    ...['nullif(a, b)', 'greatest(a, b)'],
    ...[
      'floor(a)',
      'ceil(b)',
      'ceiling(a)',
      'trunc(a)',
      'trunc(b, 1)',
      'sign(a)',
      'mod(a, c)',
      'round(a, -1)',
      'round(b, 5)',
    ],
    ...['CAST([a, c] AS VARCHAR)', 'CAST(CAST([b, NULL] AS DECIMAL(14, 1)[]) AS VARCHAR)', 'list_sum([a, c, NULL])'],
    ...["CAST({'x': a, 'y': [c]} AS VARCHAR)", '[a, b][2]', 'list_max([a, c])', 'list_contains([a], a)'],
  ];
  const decimal = (digits: number, scale: number) =>
    fc.option(
      fc.bigInt({ min: -(10n ** BigInt(digits)) + 1n, max: 10n ** BigInt(digits) - 1n }).map((units) => {
        const text = String(units < 0n ? -units : units).padStart(scale + 1, '0');
        return `${units < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
      }),
      { nil: null, freq: 8 },
    );
  const row = fc.record({
    a: decimal(9, 2),
    b: fc.oneof(decimal(3, 3), decimal(10, 3)),
    c: decimal(5, 1),
    i: fc.option(fc.integer({ min: -100_000, max: 100_000 }), { nil: null }),
    s: fc.constantFrom('1.2345', '-0.0005', ' 12 ', '1e3', '-7.9999', '.5'),
  });
  const { a, b, c } = { a: 'DECIMAL(9, 2)', b: 'DECIMAL(10, 3)', c: 'DECIMAL(5, 1)' };
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.subarray(expressions, { minLength: 3 }),
      async (data, used) => {
        const input = data
          .map((r) => `{"a":${r.a},"b":${r.b === null ? null : `"${r.b}"`},"c":${r.c},"i":${r.i},"s":"${r.s}"}`)
          .join('\n');
        const list = used.map((e, n) => `${e} AS x${n}`).join(', ');
        const ours = await json(`a ${a}, b ${b}, c ${c}, i INTEGER, s VARCHAR`, `SELECT ${list} FROM t`, input);
        const values = data
          .map((r) => `(${r.a}::${a}, ${r.b}::${b}, ${r.c}::${c}, ${r.i}::INTEGER, '${r.s}')`)
          .join(', ');
        const texts = used.map((_, n) => `x${n}::VARCHAR AS x${n}`).join(', ');
        const reader = await connection.runAndReadAll(
          `SELECT ${texts} FROM (SELECT ${list} FROM (VALUES ${values}) t(a, b, c, i, s))`,
        );
        const theirs = reader.getRows();
        expect(ours).toHaveLength(theirs.length);
        ours.forEach((line, n) => {
          // Numbers as they are written: parsing them would round.
          const parsed = [...String(line).matchAll(/"x\d+":("[^"]*"|[^,}]*)/g)].map((match) =>
            (match[1] as string).replaceAll('"', ''),
          );
          used.forEach((expression, k) => {
            const their = theirs[n]?.[k] as string | null;
            const our = parsed[k] as string;
            const context = `${expression} of ${JSON.stringify(data[n])}`;
            if (their === null || /nan|inf/.test(their)) expect(our, context).toBe('null');
            else if (/^-?[\d.]+(e[-+]?\d+)?$/.test(their)) expect(canonical(our), context).toBe(canonical(their));
            else expect(our, context).toBe(their);
          });
        });
      },
    ),
    { numRuns: 60 },
  );
});

/** Without zeros behind the last digit: scales may differ where types do. */
function canonical(text: string): string {
  if (/e/.test(text)) return String(Number(text));
  const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return plain === '-0' || plain === '' ? '0' : plain;
}

test('aggregates are exact, and equal those of DuckDB', async () => {
  const data = Array.from({ length: 400 }, (_, n) => ({ k: `k${n % 7}`, d: ((n * 7919) % 1_000_003) / 100 - 5000 }));
  const input = data.map((r) => `{"k":"${r.k}","d":${r.d.toFixed(2)}}`).join('\n');
  const query = `SELECT k, SUM(d) AS s, MIN(d) AS lo, MAX(d) AS hi, COUNT(DISTINCT d) AS n, SUM(d * 2) AS t FROM t GROUP BY k`;
  const ours = await json('k VARCHAR, d DECIMAL(8, 2)', query, input);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const values = data.map((r) => `('${r.k}', ${r.d.toFixed(2)}::DECIMAL(8, 2))`).join(', ');
  const theirs = await connection.runAndReadAll(
    `SELECT '{"k":"' || k || '","s":' || s || ',"lo":' || lo || ',"hi":' || hi || ',"n":' || n || ',"t":' || t || '}'
     FROM (${query.replace('FROM t', `FROM (VALUES ${values}) t(k, d)`)}) ORDER BY k`,
  );
  expect(ours).toEqual(theirs.getRows().map((r) => r[0]));
  const [averages] = await json(
    'k VARCHAR, d DECIMAL(8, 2)',
    'SELECT AVG(d) AS a, STDDEV(d) AS s, MEDIAN(d) AS m FROM t',
    input,
  );
  const [a, s, m] = (
    await connection.runAndReadAll(`SELECT AVG(d), STDDEV(d), MEDIAN(d::DOUBLE) FROM (VALUES ${values}) t(k, d)`)
  ).getRows()[0] as number[];
  const parsed = JSON.parse(String(averages)) as { a: number; s: number; m: number };
  expect(parsed.a).toBeCloseTo(a as number, 6);
  expect(parsed.s).toBeCloseTo(s as number, 6);
  expect(parsed.m).toBeCloseTo(m as number, 6);
});

test('groups, windows and order by a DECIMAL', async () => {
  const input = [2.5, 1.25, 2.5, -3, 1.25].map((d) => `{"d":${d}}`).join('\n');
  expect(await json('d DECIMAL(6, 2)', 'SELECT d, COUNT(*) AS n FROM t GROUP BY d ORDER BY d DESC', input)).toEqual([
    '{"d":2.50,"n":2}',
    '{"d":1.25,"n":2}',
    '{"d":-3.00,"n":1}',
  ]);
});

test('Arrow keeps units and digits, out and in', async () => {
  const input = ['1.25', '-0.01', 'null', '9999999999999.99'].map((d) => `{"d":${d}}`).join('\n');
  const out = await preparePipeline({
    text: `CREATE SOURCE t (d DECIMAL(18, 2)); CREATE SINK s FROM t INTO STDOUT (format = 'arrow');`,
    input,
  });
  out.core.run();
  const stream = Buffer.concat(Object.values(out.outputs)[0] as Buffer[]);
  const table = tableFromIPC(stream);
  expect(String(table.schema.fields[0]?.type)).toBe('Decimal[18e+2]');
  const { output, error } = await runPipeline({
    text: `CREATE SOURCE t (d DECIMAL(18, 1)) FROM STDIN (format = 'arrow'); SELECT d FROM t;`,
    input: stream,
  });
  expect(error).toBeNull();
  expect(output.trim().split('\n')).toEqual(['{"d":1.3}', '{"d":0.0}', '{"d":null}', '{"d":10000000000000.0}']);
});

test('Arrow keeps units and digits in lists and structs, out and in', async () => {
  const columns = 'l DECIMAL(9, 2)[], s STRUCT(a DECIMAL(5, 1))';
  const out = await preparePipeline({
    text: `CREATE SOURCE t (${columns}); CREATE SINK s FROM t INTO STDOUT (format = 'arrow');`,
    input: '{"l":[1.25,-0.01,null],"s":{"a":9.9}}\n{"l":[],"s":null}\n',
  });
  out.core.run();
  const { output, error } = await runPipeline({
    text: `CREATE SOURCE t (l DECIMAL(9, 1)[], s STRUCT(a DECIMAL(6, 2))) FROM STDIN (format = 'arrow'); SELECT * FROM t;`,
    input: Buffer.concat(Object.values(out.outputs)[0] as Buffer[]),
  });
  expect(error).toBeNull();
  expect(output.trim().split('\n')).toEqual(['{"l":[1.3,0.0,null],"s":{"a":9.90}}', '{"l":[],"s":null}']);
});
