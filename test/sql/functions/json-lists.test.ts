// JSON functions that give lists: paths with wildcards, elements, members, and casts to a structure; against DuckDB.

import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { runPipeline } from '../../support/pipeline.ts';

const DOCUMENTS = [
  '{"a":[{"b":1},{"b":2.5,"c":[1,2]},{"c":3},{"b":null}],"o":{"x":1,"y k":{"b":"tA"}},"m":[[1,2],[],[3]]}',
  '{"a":{"b":[1,{"b":2}]},"o":[],"m":{}}',
  '[{"b":"x"},{"b":{"b":true}},[7],"text",null]',
  '{"a":[{"b":[1,2]}],"*":5,"o":{"z":[]}}',
  '"text"',
  '12',
  '[]',
  '{}',
];

const PATHS = [
  ...['$[*]', '$.*', '$.a[*]', '$.a[*].b', '$.o.*', '$.o.*.b', '$.m[*][*]', '$[*].b', '$.*[*]', '$.a[*].b[0]'],
  ...['$.a[*]."b"', '$.a[*][-1]', '$.x[*]', '$[0].*', '$.*.*'],
];

async function ours(expressions: readonly string[]): Promise<unknown[][]> {
  const items = expressions.map((sql, i) => `to_json(${sql}) AS x${i}`);
  const text = `CREATE SOURCE t (j JSON); SELECT ${items.join(', ')} FROM t;`;
  const { output, error } = await runPipeline({
    text,
    input: DOCUMENTS.map((j) => `{"j":${j}}\n`).join(''),
    batchRows: 3,
  });
  if (error !== null) throw error;
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => Object.values(JSON.parse(line) as object));
}

async function duckdb(expressions: readonly string[]): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const rows = DOCUMENTS.map((j, id) => `(${id}, '${j.replaceAll("'", "''")}'::JSON)`).join(', ');
  const items = expressions.map((sql) => `CAST(to_json(${sql}) AS VARCHAR)`).join(', ');
  const result = await connection.runAndReadAll(`SELECT ${items} FROM (VALUES ${rows}) t(id, j) ORDER BY id`);
  return result.getRows().map((row) => row.map((value) => (value === null ? null : JSON.parse(value as string))));
}

test('paths with wildcards lead where they lead in DuckDB', async () => {
  const expressions = PATHS.flatMap((path) => [
    `json_extract(j, '${path}')`,
    `j -> '${path}'`,
    `j ->> '${path}'`,
    `json_extract_string(j, '${path}')`,
  ]);
  expect(await ours(expressions)).toEqual(await duckdb(expressions));
});

test('keys are those of DuckDB', async () => {
  expect(await ours(['json_keys(j)'])).toEqual(await duckdb(['json_keys(j)']));
});

test('from_json gives what DuckDB makes of a structure that fits', async () => {
  const expressions = [
    `from_json('{"a":1,"b":["x"],"c":{"d":2.5}}', '{"a":"INTEGER","b":["VARCHAR"],"c":{"d":"DOUBLE"}}')`,
    `json_transform('[1,2,null]', '["BIGINT"]')`,
    `from_json('{"t":[{"p":1.25}]}', '{"t":[{"p":"DECIMAL(9,2)"}]}')`,
  ];
  expect((await ours(expressions))[0]).toEqual((await duckdb(expressions))[0]);
});

test('elements and members come as lists, and as rows through UNNEST', async () => {
  const text = `CREATE SOURCE t (j JSON);
    CREATE SINK lists AS SELECT json_array_elements(j) AS e, json_array_elements_text(j) AS t, json_each(j) AS m FROM t INTO STDOUT;
    CREATE SINK rows AS SELECT m.key AS k, m.value AS v FROM t, UNNEST(json_each(t.j)) AS u(m) INTO STDOUT;`;
  const { outputs, error } = await runPipeline({
    text,
    input: '{"j":[1.0,"x\\u0041",null]}\n{"j":{"a\\"b":{"c":1}}}\n{"j":5}\n',
  });
  expect(error).toBeNull();
  expect(outputs['lists']?.trim().split('\n')).toEqual([
    '{"e":[1.0,"x\\u0041",null],"t":["1.0","xA",null],"m":[{"key":"0","value":1.0},{"key":"1","value":"x\\u0041"},{"key":"2","value":null}]}',
    '{"e":[],"t":[],"m":[{"key":"a\\"b","value":{"c":1}}]}',
    '{"e":[],"t":[],"m":[]}',
  ]);
  expect(outputs['rows']?.trim().split('\n')).toHaveLength(4);
});

test.each([
  ["j -> '$.a['", 'LMN-2021'],
  ["json_extract_all(j, 'a')", 'LMN-2021'],
  ["json_value(j, '$.a[*]')", 'LMN-2021'],
  ['from_json(j, \'{"a":"NUMBERS"}\')', 'LMN-2005'],
  ["from_json(j, '[1')", 'LMN-2007'],
  ['from_json(j, j)', 'LMN-2007'],
])('%s is refused as %s', async (expression, code) => {
  await expect(
    runPipeline({ text: `CREATE SOURCE t (j JSON); SELECT ${expression} AS x FROM t;`, input: '' }),
  ).rejects.toMatchObject({ code });
});

test('from_json is NULL where it does not fit, from_json_strict an error', async () => {
  const run = (name: string) =>
    runPipeline({
      text: `CREATE SOURCE t (j JSON); SELECT ${name}(j, '["BIGINT"]') AS x FROM t;`,
      input: '{"j":["a"]}\n',
    });
  expect((await run('from_json')).output).toBe('{"x":null}\n');
  expect((await run('from_json_strict')).error).toMatchObject({ code: 'LMN-3002' });
});
