// ARRAY_AGG through the whole product, against DuckDB.
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { createRandom, pick } from '../support/random.ts';

const COLUMNS = { id: 'INTEGER', k: 'VARCHAR', v: 'BIGINT', s: 'VARCHAR', d: 'DOUBLE', b: 'BOOLEAN', l: 'BIGINT[]' };
const SCHEMA = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
const random = createRandom(3);
const ROWS = Array.from({ length: 200 }, (_, id) => ({
  id,
  k: pick(random, ['p', 'q', null, 'r']),
  v: pick(random, [null, 1, 2, 3, -4, 5_000_000_000]),
  s: pick(random, [null, '', 'x', 'a longer text than fits a key', '\u0000\u0001']),
  d: pick(random, [null, 0.5, -1.25, 1e300]),
  b: pick(random, [null, true, false]),
  l: pick(random, [null, [], [1], [2, null]]),
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

async function agrees(items: string, theirs = items): Promise<void> {
  const expected = await ask(`SELECT k, ${theirs} FROM t GROUP BY k ORDER BY k NULLS LAST`);
  for (const batchRows of [1, 7, 2048]) {
    const text = `CREATE SOURCE t (${SCHEMA.join(', ')}); SELECT k, ${items} FROM t GROUP BY k;`;
    const { output, error } = await runPipeline({ text, input: INPUT, batchRows });
    expect(error).toBe(null);
    const rows = output.split('\n').filter(Boolean);
    expect(rows.map((line) => JSON.parse(line))).toEqual(expected);
  }
}

describe('ARRAY_AGG equals DuckDB', () => {
  it('of every kind of value, NULL among them, in an order', async () => {
    const values = ['v', 's', 'd', 'b', 'l', "{'a': v, 'b': l}", 'v + 1', '[s]'];
    const items = values.map((value, i) => `ARRAY_AGG(${value} ORDER BY d DESC, id) AS x${i}`);
    await agrees(items.join(', '));
  });

  it('as it arrives, of different values, of some rows', async () => {
    await agrees(
      'LIST(id) AS a, ARRAY_AGG(s) FILTER (WHERE v > 1) AS b',
      'LIST(id ORDER BY id) AS a, ARRAY_AGG(s ORDER BY id) FILTER (WHERE v > 1) AS b',
    );
    await agrees('ARRAY_AGG(DISTINCT v ORDER BY v) AS a, ARRAY_AGG(DISTINCT l ORDER BY l DESC) AS b');
    await agrees('ARRAY_AGG(v ORDER BY id) FILTER (WHERE v > 99999999999) AS none');
  });

  it('inside of expressions', async () => {
    await agrees(
      'len(ARRAY_AGG(v ORDER BY id)) AS n, ARRAY_AGG(v ORDER BY id)[2:3] AS part, list_max(ARRAY_AGG(s ORDER BY id)) AS m',
    );
  });
});

it('ARRAY_AGG merges over panes and comes out of windows', async () => {
  const text = `CREATE SOURCE t (ts TIMESTAMP, v VARCHAR, WATERMARK FOR ts);
    SELECT window_end, ARRAY_AGG(v ORDER BY v) AS x, ARRAY_AGG(DISTINCT v ORDER BY v) AS y
    FROM t GROUP BY HOP(ts, INTERVAL '1' SECOND, INTERVAL '2' SECOND);`;
  const input = [
    { ts: 0, v: 'b' },
    { ts: 500, v: null },
    { ts: 1000, v: 'a' },
    { ts: 1500, v: 'b' },
  ].map((row) => `${JSON.stringify(row)}\n`);

  for (const batchRows of [1, 2048]) {
    const { output, error } = await runPipeline({ text, input: input.join(''), batchRows });

    expect(error).toBe(null);
    expect(output).toBe(
      '{"window_end":"1970-01-01T00:00:01Z","x":["b",null],"y":["b",null]}\n' +
        '{"window_end":"1970-01-01T00:00:02Z","x":["a","b","b",null],"y":["a","b",null]}\n' +
        '{"window_end":"1970-01-01T00:00:03Z","x":["a","b"],"y":["a","b"]}\n',
    );
  }
});

it('the item that ARRAY_AGG is made of cannot be called', async () => {
  const run = runPipeline({ text: 'CREATE SOURCE t (v BIGINT); SELECT list_item(v) AS x FROM t;', input: '' });

  await expect(run).rejects.toThrow('there is no function list_item');
});
