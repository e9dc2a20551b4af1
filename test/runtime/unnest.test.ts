// UNNEST through the whole product.
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { createRandom, pick, type Random } from '../support/random.ts';

const COLUMNS = {
  id: 'INTEGER',
  v: 'VARCHAR',
  a: 'BIGINT[]',
  s: 'VARCHAR[]',
  d: 'DOUBLE[]',
  n: 'BIGINT[][]',
  t: 'STRUCT(x INTEGER, y VARCHAR)[]',
};
const SCHEMA = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);

function listOf(random: Random, item: () => unknown): unknown {
  if (random.below(6) === 0) return null;
  return Array.from({ length: random.below(6) }, () => (random.below(5) === 0 ? null : item()));
}

const random = createRandom(5);
const ROWS = Array.from({ length: 60 }, (_, id) => ({
  id,
  v: pick(random, ['p', null, 'q']),
  a: listOf(random, () => random.below(9)),
  s: listOf(random, () => pick(random, ['x', 'yy', '\u0000\u0001', ''])),
  d: listOf(random, () => random.below(9) / 2),
  n: listOf(random, () => listOf(random, () => random.below(9))),
  t: listOf(random, () => ({ x: random.below(4), y: pick(random, ['u', null]) })),
}));
const INPUT = ROWS.map((row) => `${JSON.stringify(row)}\n`).join('');

let ask: (sql: string) => Promise<unknown[]>;

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
  ask = async (sql) => {
    const reader = await connection.runAndReadAll(`SELECT CAST(to_json(q) AS VARCHAR) FROM (${sql}) q`);
    return reader.getRows().map(([value]) => JSON.parse(value as string));
  };
});

async function ours(sql: string, batchRows: number): Promise<unknown[]> {
  const text = `CREATE SOURCE t (${SCHEMA.join(', ')}); ${sql};`;
  const { output, error } = await runPipeline({ text, input: INPUT, batchRows });
  if (error !== null) throw error;
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The rows at every batch size; DuckDB's joins have no order of their own. */
async function agrees(sql: string, oracle = sql): Promise<void> {
  const expected = sorted(await ask(oracle));
  const actual = await ours(sql, 2048);
  expect(sorted(actual)).toEqual(expected);
  for (const batchRows of [1, 2, 7]) expect(await ours(sql, batchRows), `batches of ${batchRows}`).toEqual(actual);
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

describe('UNNEST equals DuckDB', () => {
  it('in the select list, with other columns beside it', async () => {
    await agrees('SELECT id, UNNEST(a) AS x, v FROM t');
    await agrees('SELECT UNNEST(s) AS x, id FROM t');
    await agrees('SELECT UNNEST(n) AS x, n FROM t');
    await agrees('SELECT id, UNNEST(t) AS x FROM t');
  });

  it('of several lists side by side, the shorter ones filled up', async () => {
    await agrees('SELECT id, UNNEST(a) AS x, UNNEST(s) AS y, UNNEST(d) AS z FROM t');
  });

  it('of lists that are computed, behind WHERE, inside of expressions', async () => {
    await agrees('SELECT id, UNNEST(list_sort(a || [99])) AS x FROM t WHERE id % 2 = 0');
    await agrees('SELECT id, UNNEST([id, id + 1]) * 2 AS x FROM t WHERE v IS NOT NULL');
    await agrees("SELECT UNNEST(string_split('a,b,' || id, ',')) AS x FROM t");
    await agrees(
      'SELECT id, UNNEST(t).x AS x FROM t',
      "SELECT id, struct_extract(x, 'x') AS x FROM (SELECT id, UNNEST(t) AS x FROM t)",
    );
  });

  it('in FROM, where its column is one more', async () => {
    await agrees('SELECT id, x FROM t, UNNEST(a) AS u(x)');
    await agrees('SELECT t.id, u.x, x + 1 AS y FROM t CROSS JOIN UNNEST(t.a) AS u(x) WHERE x > 3');
    await agrees('SELECT id, x, y FROM t, UNNEST(n) AS u(x), UNNEST(x) AS w(y)');
    await agrees(
      'SELECT id, x FROM t LEFT JOIN UNNEST(a) AS u(x) ON TRUE',
      'SELECT id, x FROM (SELECT id, UNNEST(CASE WHEN len(a) > 0 THEN a ELSE [NULL] END) AS x FROM t)',
    );
  });

  it('grouped', async () => {
    await agrees(
      'SELECT x, COUNT(*) AS n, SUM(id) AS ids FROM t, UNNEST(a) AS u(x) WHERE x IS NOT NULL GROUP BY x',
      'SELECT x, COUNT(*) AS n, SUM(id)::BIGINT AS ids FROM t, UNNEST(a) AS u(x) WHERE x IS NOT NULL GROUP BY x ORDER BY x',
    );
  });
});

async function run(columns: string, query: string, rows: readonly unknown[]): Promise<string> {
  const text = `CREATE SOURCE t (${columns}); ${query};`;
  const { output, error } = await runPipeline({ text, input: rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
  if (error !== null) throw error;
  return output;
}

describe('UNNEST', () => {
  it('numbers the elements, also of rows without any', async () => {
    const rows = [
      { k: 1, a: ['p', 'q'] },
      { k: 2, a: [] },
      { k: 3, a: null },
      { k: 4, a: [null] },
    ];

    const inner = await run(
      'k BIGINT, a VARCHAR[]',
      'SELECT k, x, n FROM t, UNNEST(a) WITH ORDINALITY AS u(x, n)',
      rows,
    );
    const outer = await run(
      'k BIGINT, a VARCHAR[]',
      'SELECT k, unnest, ordinality FROM t LEFT JOIN UNNEST(a) WITH ORDINALITY ON TRUE',
      rows,
    );

    expect(inner).toBe('{"k":1,"x":"p","n":1}\n{"k":1,"x":"q","n":2}\n{"k":4,"x":null,"n":1}\n');
    expect(outer).toBe(
      [
        '{"k":1,"unnest":"p","ordinality":1}',
        '{"k":1,"unnest":"q","ordinality":2}',
        '{"k":2,"unnest":null,"ordinality":null}',
        '{"k":3,"unnest":null,"ordinality":null}',
        '{"k":4,"unnest":null,"ordinality":1}\n',
      ].join('\n'),
    );
  });

  it('names the element by the alias alone, or the fields of a struct one by one', async () => {
    const columns = 'k BIGINT, items STRUCT(sku VARCHAR, price DOUBLE)[]';
    const rows = [{ k: 1, items: [{ sku: 'a', price: 2.5 }, { sku: 'b' }, null] }];

    expect(await run(columns, 'SELECT k, item.sku, item FROM t, UNNEST(items) AS item', rows)).toBe(
      '{"k":1,"sku":"a","item":{"sku":"a","price":2.5}}\n{"k":1,"sku":"b","item":{"sku":"b","price":null}}\n{"k":1,"sku":null,"item":null}\n',
    );
    expect(await run(columns, 'SELECT k, u.* FROM t, UNNEST(items) AS u(s, p)', rows)).toBe(
      '{"k":1,"s":"a","p":2.5}\n{"k":1,"s":"b","p":null}\n{"k":1,"s":null,"p":null}\n',
    );
    expect(await run(columns, 'SELECT u.* FROM t, UNNEST(items) WITH ORDINALITY AS u(s, p, n)', rows)).toBe(
      '{"s":"a","p":2.5,"n":1}\n{"s":"b","p":null,"n":2}\n{"s":null,"p":null,"n":3}\n',
    );
  });

  it('takes the elements of a JSON array, and none of anything else', async () => {
    const rows = [{ j: { l: [1, { a: 'x' }, null] } }, { j: { l: 5 } }, { j: {} }];

    const output = await run('j JSON', "SELECT x, x ->> 'a' AS a FROM t, UNNEST(j -> 'l') AS u(x)", rows);

    expect(output).toBe('{"x":1,"a":null}\n{"x":{"a":"x"},"a":"x"}\n{"x":null,"a":null}\n');
  });

  it('keeps event time: windows over elements close by the watermark, and late rows are late', async () => {
    const text = `CREATE SOURCE t (ts TIMESTAMP, tags VARCHAR[], WATERMARK FOR ts);
      SELECT tag, window_start, COUNT(*) AS n FROM t, UNNEST(tags) AS u(tag)
      GROUP BY tag, TUMBLE(ts, INTERVAL '1' SECOND);`;
    const rows = [
      { ts: 0, tags: ['a', 'b', 'a'] },
      { ts: 500, tags: [] },
      { ts: 900, tags: ['b'] },
      { ts: 2000, tags: null },
      { ts: 100, tags: ['late', 'late'] },
      { ts: 2100, tags: ['c'] },
    ];
    const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const expected =
      '{"tag":"a","window_start":"1970-01-01T00:00:00Z","n":2}\n' +
      '{"tag":"b","window_start":"1970-01-01T00:00:00Z","n":2}\n' +
      '{"tag":"c","window_start":"1970-01-01T00:00:02Z","n":1}\n';

    for (const batchRows of [1, 2, 2048]) {
      const { output, error } = await runPipeline({ text, input, batchRows });
      expect(error).toBe(null);
      expect(output, `batches of ${batchRows}`).toBe(expected);
    }
  });

  it('says in the plan what it does, and passes on what is read only', async () => {
    const text = `CREATE SOURCE t (k BIGINT, unread VARCHAR, a BIGINT[]);
      CREATE SINK o AS SELECT k, x FROM t, UNNEST(a) AS u(x) INTO STDOUT;`;

    const { plan } = await runPipeline({ text, input: '' });

    const node = plan.nodes.find(({ kind }) => kind === 'unnest');
    expect(node).toMatchObject({ text: ['a'], outer: false, ordinality: null });
    expect(node?.schema.map(({ name }) => name)).toEqual(['k', 'x']);
  });

  it('refuses what has no elements, and places where it cannot stand', async () => {
    const refused = (query: string) =>
      run('a BIGINT[], v VARCHAR, k BIGINT', query, []).then(
        () => 'taken',
        (error: Error) => error.message,
      );

    expect(await refused('SELECT UNNEST(k) FROM t')).toContain('UNNEST takes a list, this is BIGINT');
    expect(await refused('SELECT UNNEST(v) FROM t')).toContain('UNNEST takes a list, this is VARCHAR');
    expect(await refused('SELECT a FROM t WHERE UNNEST(a) > 1')).toContain('UNNEST cannot stand in WHERE');
    expect(await refused('SELECT UNNEST(a), COUNT(*) FROM t')).toContain('UNNEST cannot stand');
    expect(await refused('SELECT x FROM t, UNNEST(a) AS u(x, y)')).toContain('2 names');
    expect(await refused('SELECT u.k FROM t, UNNEST(a) AS u(x)')).toContain('u has no column k');
  });
});

it('elements of rows that are taken back are taken back', async () => {
  const text = `CREATE SOURCE e (id BIGINT, tags VARCHAR[], PRIMARY KEY (id)) FROM STDIN (changelog = 'upsert');
    CREATE STREAM tags AS SELECT id, UNNEST(tags) AS tag FROM e;
    SELECT tag, COUNT(*) AS n, SUM(id) AS ids FROM tags GROUP BY tag EMIT CHANGES;`;
  const records = [
    { id: 1, tags: ['a', 'b'] },
    { id: 2, tags: ['b', 'b', 'c'] },
    { id: 1, tags: ['b'] },
    { op: '-D', id: 2 },
  ];
  const input = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  for (const batchRows of [1, 2, 2048]) {
    const { output, error } = await runPipeline({ text, input, batchRows });
    expect(error).toBeNull();
    const table = new Map<string, object>();
    for (const line of output.trim().split('\n')) {
      const { op, tag, ...row } = JSON.parse(line);
      if (op === '-D') table.delete(tag);
      else if (op !== '-U') table.set(tag, row);
    }
    expect([...table]).toEqual([['b', { n: 1, ids: 1 }]]);
  }
});
