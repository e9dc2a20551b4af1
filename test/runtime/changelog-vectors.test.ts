// Values that other implementations agree on, for corrections and for streams over streams: what is left after a row was
// taken back, and diamonds, in which a stream is read twice and put together again.

import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (k VARCHAR, v BIGINT, q BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' HOUR)
  FROM STDIN (format = 'json', changelog = 'weight');`;

async function run(text: string, rows: readonly object[], batchRows = 2048) {
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const result = await runPipeline({ text, input, batchRows });
  expect(result.error).toBeNull();
  const lines = result.output.split('\n').filter((line) => line !== '');
  return { ...result, rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** The result after each change of it. */
async function results(select: string, rows: readonly object[]): Promise<unknown[][]> {
  const { rows: changes } = await run(`${SOURCE} ${select} EMIT CHANGES;`, rows);
  return changes.filter(({ op }) => op !== '-U').map(({ op: _, ...row }) => Object.values(row));
}

describe('what is left when rows are taken back', () => {
  const tick = (op: string, ts: number, v: number, q = 1) => ({ op, k: 'x', v, q, ts });

  test('open, high, low, close and volume of a bar', async () => {
    const select = `SELECT FIRST_VALUE(v) AS o, MAX(v) AS h, MIN(v) AS l, LAST_VALUE(v) AS c, SUM(q) AS volume FROM t`;
    const prices = [100, 105, 98, 102];
    const ticks = prices.map((v, n) => tick('+I', n * 1000, v, [10, 5, 15, 8][n]));
    const all = await results(select, [...ticks, tick('-D', 0, 100, 10), tick('-D', 2000, 98, 15)]);
    expect(all.slice(-3)).toEqual([
      [100, 105, 98, 102, 38],
      [105, 105, 98, 102, 28],
      [105, 105, 102, 102, 13],
    ]);
    const three = await results(select, [...ticks.slice(0, 3), tick('-D', 0, 100, 10)]);
    expect(three.slice(-2).map(([o, , , c]) => [o, c])).toEqual([
      [100, 98],
      [105, 98],
    ]);
  });

  test('the first of equal times, and the last', async () => {
    const first = 'SELECT FIRST_VALUE(v) AS f FROM t';
    const same = [tick('+I', 100, 10), tick('+I', 100, 20)];
    expect(await results(first, same)).toEqual([[10]]);
    expect(await results(first, [...same, tick('-D', 100, 10)])).toEqual([[10], [20]]);
    const last = 'SELECT LAST_VALUE(v) AS l FROM t';
    const three = [10, 20, 30].map((v) => tick('+I', v * 10, v));
    expect(await results(last, [...three, tick('-D', 300, 30)])).toEqual([[10], [20], [30], [20]]);
    // A row that was never there takes nothing away.
    expect(await results(last, [...three, tick('-D', 300, 31)])).toEqual([[10], [20], [30]]);
  });

  test('counts go below zero and come back; the mean of nothing is NULL', async () => {
    const early = [tick('-D', 1, 5), tick('+I', 1, 5), tick('+I', 2, 7)];
    expect(await results('SELECT COUNT(*) AS n FROM t', early)).toEqual([[-1], [0], [1]]);
    const gone = [tick('+I', 1, 5), tick('-D', 1, 5)];
    expect(await results('SELECT AVG(v) AS m, COUNT(*) AS n FROM t', early)).toEqual([
      [null, -1],
      [null, 0],
      [7, 1],
    ]);
    expect(await results('SELECT AVG(v) AS m FROM t', gone)).toEqual([[5], [null]]);
  });

  test('a late row makes a pair of what was written and what is, and none where nothing changes', async () => {
    const source = `CREATE SOURCE t (v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) FROM STDIN;`;
    const select = `SELECT MAX(v) AS m, window_end AS e FROM t GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)
      EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '1' MINUTE;`;
    const rows = [
      { v: 5, ts: 100 },
      { v: 0, ts: 1500 },
      { v: 7, ts: 200 },
      { v: 6, ts: 300 },
    ];
    const { rows: changes } = await run(`${source} ${select}`, rows);
    expect(changes.slice(0, 3).map(({ op, m }) => [op, m])).toEqual([
      ['+I', 5],
      ['-U', 5],
      ['+U', 7],
    ]);
    expect(changes.slice(3)).toEqual([{ op: '+I', m: 0, e: '1970-01-01T00:00:02Z' }]);
  });
});

describe('diamonds', () => {
  const GROUPS = `${SOURCE}
    CREATE STREAM g AS SELECT k, COUNT(*) AS n, SUM(v) AS v FROM t GROUP BY k EMIT CHANGES;
    CREATE STREAM a AS SELECT k, n FROM g WHERE n > 1;
    CREATE STREAM b AS SELECT n, COUNT(*) AS keys, MAX(v) AS most FROM g GROUP BY n;`;
  const rows = ['x', 'y', 'x', 'z', 'y', 'x'].map((k, n) => ({ op: '+I', k, v: n, q: 1, ts: n }));

  test.each([
    1, 2, 2048,
  ])('a view over two views of one: each is computed once, in batches of %i', async (batchRows) => {
    const query = `CREATE SINK out AS SELECT a.k, a.n, b.keys, b.most FROM a LEFT JOIN b ON b.n = a.n EMIT CHANGES
      INTO STDOUT (format = 'json', changelog = 'upsert', key = 'k');`;
    const { rows: upserts, progress, plan } = await run(`${GROUPS} ${query}`, rows, batchRows);
    const table = new Map(upserts.map(({ op, k, ...row }) => [k, op === '-D' ? null : row]));
    expect(Object.fromEntries(table)).toEqual({ x: { n: 3, keys: 1, most: 7 }, y: { n: 2, keys: 1, most: 5 } });
    expect(plan.nodes.filter(({ kind }) => kind === 'source')).toHaveLength(1);
    const groups = progress.operators.filter(({ id }) => id.startsWith('g.'));
    expect(groups.map(({ id }) => id)).toContain('g.aggregate');
    expect(groups.find(({ id }) => id === 'g.aggregate')?.rowsIn).toBe(6);
  });

  test('views of one stream side by side see all of it, and its watermark', async () => {
    const text = `CREATE SOURCE s (k VARCHAR, n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) FROM STDIN;
      CREATE STREAM a AS SELECT k, n, ts FROM s WHERE n % 2 = 0;
      CREATE STREAM b AS SELECT k, n * 10 AS n, ts FROM s;
      CREATE STREAM c AS SELECT * FROM a UNION ALL SELECT * FROM b;
      SELECT window_end AS e, COUNT(*) AS rows, SUM(n) AS total FROM c GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);`;
    const events = [1, 2, 3, 4].map((n) => ({ k: 'x', n, ts: n * 400 }));
    expect((await run(text, events)).rows).toEqual([
      { e: '1970-01-01T00:00:01Z', rows: 3, total: 32 },
      { e: '1970-01-01T00:00:02Z', rows: 3, total: 74 },
    ]);
  });

  test('bars of bars of bars', async () => {
    const bar = (name: string, from: string, time: string, seconds: number, [o, h, l, c]: string[]) =>
      `CREATE STREAM ${name} AS SELECT window_start, window_end, window_time, FIRST_VALUE(${o}) AS o, MAX(${h}) AS h, MIN(${l}) AS l,
       LAST_VALUE(${c}) AS c FROM ${from} GROUP BY TUMBLE(${time}, INTERVAL '${seconds}' SECOND);`;
    const columns = ['o', 'h', 'l', 'c'];
    const text = `CREATE SOURCE s (v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) FROM STDIN;
      ${bar('one', 's', 'ts', 1, ['v', 'v', 'v', 'v'])} ${bar('minute', 'one', 'window_time', 60, columns)}
      ${bar('hour', 'minute', 'window_time', 3600, columns)}
      SELECT window_end AS e, o, h, l, c FROM hour;`;
    const events = [100, 105, 98, 102, 110, 95, 101].map((v, n) => ({ v, ts: n * 900_000 + 17 }));
    expect((await run(text, events)).rows).toEqual([
      { e: '1970-01-01T01:00:00Z', o: 100, h: 105, l: 98, c: 102 },
      { e: '1970-01-01T02:00:00Z', o: 110, h: 110, l: 95, c: 101 },
    ]);
  });
});
