// Lists and structs through the whole product, against DuckDB over the same random rows.
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPipeline } from '../../support/pipeline.ts';
import { createRandom, pick, type Random } from '../../support/random.ts';

const COLUMNS = {
  id: 'INTEGER',
  a: 'BIGINT[]',
  b: 'INTEGER[]',
  d: 'DOUBLE[]',
  s: 'VARCHAR[]',
  t: 'TIMESTAMP[]',
  n: 'BIGINT[][]',
  st: 'STRUCT(x INTEGER, y VARCHAR, z DOUBLE[])',
  su: 'STRUCT(x INTEGER, y VARCHAR, z DOUBLE[])',
  i: 'BIGINT',
  v: 'VARCHAR',
};
const SCHEMA = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);

const TEXTS = [
  'a',
  'b',
  '',
  'a,b',
  "it's",
  'NULL',
  ' x ',
  '[1]',
  '{',
  'é',
  'x:y',
  'a=b',
  '"q"',
  'back\\slash',
  'zz',
  'A',
];

function listOf(random: Random, item: () => unknown): unknown {
  if (random.below(6) === 0) return null;
  return Array.from({ length: random.below(5) }, () => (random.below(5) === 0 ? null : item()));
}

function rowOf(random: Random, id: number): Record<string, unknown> {
  const integer = () => random.below(7) - 3;
  const double = () => pick(random, [0, 1.5, -2.25, 3, 1e20, -1e-7]);
  const text = () => pick(random, TEXTS);
  const struct = () =>
    random.below(6) === 0
      ? null
      : { x: pick(random, [null, 1, 2]), y: pick(random, [null, 'p', 'q, r']), z: listOf(random, double) };
  return {
    id,
    a: listOf(random, integer),
    b: listOf(random, integer),
    d: listOf(random, double),
    s: listOf(random, text),
    t: listOf(random, () => pick(random, ['2024-01-01T00:00:00Z', '1999-12-31T23:59:59.5Z'])),
    n: listOf(random, () => listOf(random, integer)),
    st: struct(),
    su: struct(),
    i: pick(random, [null, -3, -2, -1, 0, 1, 2, 3, 4]),
    v: pick(random, [null, ...TEXTS, 'a,b,,c']),
  };
}

const random = createRandom(11);
const ROWS = Array.from({ length: 150 }, (_, id) => rowOf(random, id));
const INPUT = ROWS.map((row) => `${JSON.stringify(row)}\n`).join('');

let ask: (expressions: readonly string[]) => Promise<unknown[][]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  await connection.run(`CREATE TABLE t (${SCHEMA.join(', ')})`);
  const values = Object.entries(COLUMNS).map(([name, type]) =>
    type === 'VARCHAR' ? `j ->> '${name}'` : `CAST(j -> '${name}' AS ${type})`,
  );
  for (const row of ROWS) {
    const json = JSON.stringify(row).replaceAll("'", "''");
    await connection.run(`INSERT INTO t SELECT ${values.join(', ')} FROM (SELECT '${json}'::JSON AS j)`);
  }
  ask = async (expressions) => {
    const list = expressions.map((sql) => `CAST(to_json(${sql}) AS VARCHAR)`);
    const reader = await connection.runAndReadAll(`SELECT ${list.join(', ')} FROM t ORDER BY id`);
    return reader.getRows().map((row) => row.map((value) => (value === null ? null : JSON.parse(value as string))));
  };
});

async function ours(expressions: readonly string[], batchRows = 64): Promise<unknown[][]> {
  const items = expressions.map((sql, i) => `${sql} AS x${i}`);
  const text = `CREATE SOURCE t (${SCHEMA.join(', ')}); SELECT ${items.join(', ')} FROM t;`;
  const { output, error } = await runPipeline({ text, input: INPUT, batchRows });
  if (error !== null) throw error;
  const lines = output.split('\n').filter(Boolean);
  return lines.map((line) => Object.values(JSON.parse(line) as object));
}

async function agree(...expressions: string[]): Promise<void> {
  const [actual, expected] = [await ours(expressions), await ask(expressions)];
  const differences = expressions.flatMap((sql, e) =>
    ROWS.flatMap((row, r) => {
      const [mine, theirs] = [JSON.stringify(actual[r]?.[e]), JSON.stringify(expected[r]?.[e])];
      return mine === theirs ? [] : [`${sql} of ${JSON.stringify(row)}: ${mine}, DuckDB ${theirs}`];
    }),
  );
  expect(differences.slice(0, 5)).toEqual([]);
}

describe('lists equal DuckDB', () => {
  it('as they are, and as text', async () => {
    await agree('a', 'd', 's', 'n', 'st', 'CAST(a AS VARCHAR)', 'CAST(s AS VARCHAR)', 'CAST(n AS VARCHAR)');
    await agree(
      'CAST(st AS VARCHAR)',
      'CAST(d AS VARCHAR)',
      'CAST(t AS VARCHAR)',
      '[st, su]::VARCHAR',
      '[s, s]::VARCHAR',
    );
  });

  it('by index and slice, from both ends and beyond', async () => {
    const indexes = ['i', '1', '2', '-1', '-2', '9', '0'];
    await agree(...indexes.flatMap((i) => [`a[${i}]`, `s[${i}]`, `n[${i}]`, `n[${i}][1]`, `list_extract(d, ${i})`]));
    const slices = ['1:2', '2:', ':2', '-2:', ':-2', 'i:', ':i', 'i:3', '0:1', '3:1', '2:99', '-9:2'];
    await agree(...slices.flatMap((slice) => [`a[${slice}]`, `s[${slice}]`, `n[${slice}]`]));
  });

  it('counted, searched and summed', async () => {
    await agree('len(a)', 'length(s)', 'array_length(n)', 'len(v)', 'list_unique(a)', 'list_unique(s)');
    await agree('list_contains(a, i)', 'list_has(s, v)', 'array_contains(n, a)', 'list_contains(b, 2)');
    await agree('list_position(a, i)', 'list_position(s, v)', 'array_position(n, a)', 'list_position(a, NULL)');
    await agree(
      'list_min(a)',
      'list_max(a)',
      'list_min(s)',
      'list_max(s)',
      'list_max(d)',
      'list_min(n)',
      'list_max(n)',
    );
    await agree('CAST(list_sum(a) AS BIGINT)', 'CAST(list_sum(b) AS BIGINT)', 'list_avg(a)', 'list_avg(b)');
  });

  it('made of lists', async () => {
    await agree('a || b', 'a || a', 's || [v]', 'list_concat(a, b)', 'list_concat(n, [a])', 'list_cat(s, s)');
    await agree('list_append(a, i)', 'list_append(s, v)', 'list_append(n, a)', 'list_prepend(i, a)');
    await agree('list_sort(a)', 'list_sort(s)', "list_sort(d, 'DESC')", "list_sort(a, 'ASC', 'NULLS FIRST')");
    await agree("list_sort(n, 'DESC', 'NULLS FIRST')", 'list_sort(n)', 'list_reverse_sort(s)', 'list_reverse_sort(b)');
    await agree('list_sort(list_distinct(a))', 'list_sort(list_distinct(s))', 'list_sort(list_distinct(n))');
    await agree('list_reverse(a)', 'list_reverse(s)', 'list_reverse(n)', 'flatten(n)');
    await agree('[i, 1, NULL]', '[v]', '[a, b]', '[[i]]', 'ARRAY[1.5, i]', '[]', 'list_value(v, v)');
  });

  it('and text', async () => {
    await agree("array_to_string(list_append(s, 'x'), '-')", "array_to_string([1] || a, ', ')");
    await agree("string_split(v, ',')", "str_split(v, '')", "string_to_array(v, 'a,')", 'string_split(v, v)');
    await agree(`json_keys('{"b":1,"a":{"c":2}}')`, "json_keys('[1]')");
  });

  it('compared: by elements, NULL last', async () => {
    const pairs = [
      ['a', 'b'],
      ['d', 'd[2:]'],
      ['s', '[v]'],
      ['n', '[a]'],
      ['st', 'su'],
      ['a', '[1, NULL]'],
    ];
    const operators = ['=', '<>', '<', '<=', '>', '>='];
    await agree(...pairs.flatMap(([l, r]) => operators.map((operator) => `${l} ${operator} ${r}`)));
    await agree(...pairs.map(([l, r]) => `${l} IS NOT DISTINCT FROM ${r}`), 'a IN ([1], [2, NULL], b)');
  });
});

describe('structs equal DuckDB', () => {
  it('by field', async () => {
    await agree('st.x', "st['y']", 't.st.y', 'st.z[1]', "struct_extract(st, 'x')", '[st, su][1].x', 'len(st.z)');
    await agree("{'a': i, 'b': {'c': s}}", 'struct_pack(a := i, b := v)', "{'a': i}.a", "{'a': st}.a.y", "{'k k': v}");
  });

  it('in casts of nested types', async () => {
    await agree('CAST(a AS DOUBLE[])', 'CAST(a AS VARCHAR[])', 'CAST(b AS BIGINT[])', 'CAST(n AS DOUBLE[][])');
    await agree('CAST(st AS STRUCT(x BIGINT, y VARCHAR, z VARCHAR[]))', 'TRY_CAST([i] AS TINYINT[])');
    await agree('CAST(to_json(a) AS BIGINT[])', 'CAST(to_json(st) AS STRUCT(y VARCHAR, x INTEGER, z DOUBLE[]))');
    await agree('CASE WHEN i > 0 THEN a ELSE b END', 'COALESCE(a, b)', 'NULLIF(a, b)');
  });

  it('as JSON', async () => {
    await agree('to_json(a)', 'to_json(st)', 'to_json(v)', 'to_json(i)', 'json_array(i, v, NULL, a)');
    await agree("json_object('a', i, 'b', s)", "json_object('x', st)", "to_json(st) ->> 'y'", 'to_json(st)::JSON -> 0');
  });
});

it('lists and structs give the same in batches of any size', async () => {
  const expressions = ['a', 's[1]', '[st, su]', 'list_sort(n)', "{'a': v, 'b': a}", "string_split(v, ',')"];

  const expected = await ours(expressions, 2048);

  expect(await ours(expressions, 1)).toEqual(expected);
  expect(await ours(expressions, 7)).toEqual(expected);
});

it('array_to_string of nothing but NULL is empty, as in PostgreSQL', async () => {
  const { output } = await runPipeline({
    text: "CREATE SOURCE t (a BIGINT[]); SELECT array_to_string(a, ',') AS x FROM t;",
    input: '{"a":[null]}\n{"a":[]}\n{"a":null}\n',
  });

  expect(output).toBe('{"x":""}\n{"x":""}\n{"x":null}\n');
});

describe('a query', () => {
  it('groups by lists and structs, and takes their least and greatest', async () => {
    const text = `CREATE SOURCE t (k VARCHAR[], v BIGINT[]);
      SELECT k, COUNT(*) AS n, MIN(v) AS lo, MAX(v) AS hi, COUNT(v) AS c FROM t GROUP BY k;`;
    const rows = [
      { k: ['b'], v: [2, 1] },
      { k: ['a', null], v: [10] },
      { k: ['b'], v: [2] },
      { k: null, v: null },
      { k: ['a'], v: [-1, 5] },
      { k: ['b'], v: [1, 99] },
      { k: ['a', null], v: [9, 9] },
    ];

    const { output } = await runPipeline({ text, input: rows.map((row) => `${JSON.stringify(row)}\n`).join('') });

    expect(
      output
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { k: ['a'], n: 1, lo: [-1, 5], hi: [-1, 5], c: 1 },
      { k: ['a', null], n: 2, lo: [9, 9], hi: [10], c: 2 },
      { k: ['b'], n: 3, lo: [1, 99], hi: [2, 1], c: 3 },
      { k: null, n: 1, lo: null, hi: null, c: 0 },
    ]);
  });

  it('keeps or leaves out a list with a wrong element by the policy of the source', async () => {
    const input = '{"a":[1,2]}\n{"a":[1,"x"]}\n{"a":{}}\n{"a":[3000000000]}\n{"a":[3]}\n';
    const run = (policy: string) =>
      runPipeline({
        text: `CREATE SOURCE t (a INTEGER[]) FROM STDIN (on_error = '${policy}'); SELECT a FROM t;`,
        input,
      });

    expect((await run('skip')).output).toBe('{"a":[1,2]}\n{"a":[3]}\n');
    expect((await run('null')).output).toBe('{"a":[1,2]}\n{"a":null}\n{"a":null}\n{"a":null}\n{"a":[3]}\n');
    const failed = await run('fail');
    expect(failed.output).toBe('{"a":[1,2]}\n');
    expect(failed.error?.message).toContain('a');
  });

  it('writes CSV with lists as JSON, and reads it back', async () => {
    const rows = '{"a":["x, \\"y\\"",null],"s":{"t":"2024-01-01T00:00:00Z","d":1.5}}\n';
    const columns = 'a VARCHAR[], s STRUCT(t TIMESTAMP, d DOUBLE)';

    const csv = await runPipeline({
      text: `CREATE SOURCE t (${columns}); CREATE SINK o FROM t INTO STDOUT (format = 'csv');`,
      input: rows,
    });
    const back = await runPipeline({
      text: `CREATE SOURCE t (${columns}) FROM STDIN (format = 'csv'); SELECT * FROM t;`,
      input: csv.output,
    });

    expect(csv.output).toBe('a,s\n"[""x, \\""y\\"""",null]","{""t"":""2024-01-01T00:00:00Z"",""d"":1.5}"\n');
    expect(back.output).toBe(rows);
  });

  it('reads times inside of lists by the unit of the source', async () => {
    const { output } = await runPipeline({
      text: "CREATE SOURCE t (a TIMESTAMP[]) FROM STDIN (timestamp_unit = 's'); SELECT a FROM t;",
      input: '{"a":[0,1.5]}\n',
    });

    expect(output).toBe('{"a":["1970-01-01T00:00:00Z","1970-01-01T00:00:01.500Z"]}\n');
  });

  it('writes what is inside of lists by the options of the sink', async () => {
    const { output } = await runPipeline({
      text: `CREATE SOURCE t (a BIGINT[], s STRUCT(d DOUBLE, t TIMESTAMP));
        CREATE SINK o FROM t INTO STDOUT (bigint = 'string', non_finite = 'string', timestamp_format = 'ms');`,
      input: '{"a":[1],"s":{"d":"inf","t":"1970-01-01T00:00:01Z"}}\n',
    });

    expect(output).toBe('{"a":["1"],"s":{"d":"Infinity","t":1000}}\n');
  });
});
