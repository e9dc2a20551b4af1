// Aggregations that read changes, where a model of tables says little: single changes, memory, doubles, order.

import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE e (k VARCHAR, v BIGINT, x DOUBLE, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '0' SECOND) FROM STDIN;`;

interface Row {
  k?: string;
  v?: number;
  x?: number;
  ts?: number;
}

async function run(query: string, rows: readonly Row[], batchRows = 2048) {
  const input = rows.map((row, n) => `${JSON.stringify({ ts: n, ...row })}\n`).join('');
  const { output, error, progress } = await runPipeline({ text: `${SOURCE} ${query}`, input, batchRows, now: () => 0 });
  expect(error).toBeNull();
  const lines = output.split('\n').filter((line) => line !== '');
  return { rows: lines.map((line) => JSON.parse(line)), progress };
}

const LATEST =
  'CREATE STREAM latest AS SELECT k, LAST_VALUE(v) AS v, LAST_VALUE(x) AS x, MAX(ts) AS ts FROM e GROUP BY k EMIT CHANGES;';

describe.each([1, 2, 3, 2048])('in batches of %i', (batchRows) => {
  test('an update within a group is one update of it, between groups one of each', async () => {
    const query = `${LATEST} SELECT v % 2 AS odd, COUNT(*) AS n, SUM(v) AS v FROM latest GROUP BY v % 2 EMIT CHANGES;`;
    const { rows } = await run(
      query,
      [
        { k: 'a', v: 1 },
        { k: 'b', v: 3 },
        { k: 'a', v: 5 },
        { k: 'b', v: 4 },
        { k: 'a', v: 2 },
      ],
      batchRows,
    );
    expect(rows).toEqual([
      { op: '+I', odd: 1, n: 1, v: 1 },
      { op: '-U', odd: 1, n: 1, v: 1 },
      { op: '+U', odd: 1, n: 2, v: 4 },
      { op: '-U', odd: 1, n: 2, v: 4 },
      { op: '+U', odd: 1, n: 2, v: 8 },
      { op: '-U', odd: 1, n: 2, v: 8 },
      { op: '+U', odd: 1, n: 1, v: 5 },
      { op: '+I', odd: 0, n: 1, v: 4 },
      // Nothing is left of it.
      { op: '-D', odd: 1, n: 1, v: 5 },
      { op: '-U', odd: 0, n: 1, v: 4 },
      { op: '+U', odd: 0, n: 2, v: 6 },
    ]);
  });

  test('a result without keys is never deleted', async () => {
    const query = `${LATEST} SELECT COUNT(*) AS n, SUM(v) AS v, MIN(x) AS x FROM latest WHERE v > 0 EMIT CHANGES;`;
    const { rows } = await run(
      query,
      [
        { k: 'a', v: 1, x: 2 },
        { k: 'a', v: -1 },
        { k: 'b', v: 7, x: 0.5 },
      ],
      batchRows,
    );
    expect(rows).toEqual([
      { op: '+I', n: 1, v: 1, x: 2 },
      { op: '-U', n: 1, v: 1, x: 2 },
      { op: '+U', n: 0, v: null, x: null },
      { op: '-U', n: 0, v: null, x: null },
      { op: '+U', n: 1, v: 7, x: 0.5 },
    ]);
  });

  test('the first and the last by time, of what is left', async () => {
    const query = `CREATE STREAM latest AS SELECT k, MAX(v) AS v, MAX(ts) AS ts FROM e GROUP BY k EMIT CHANGES;
      SELECT FIRST_VALUE(k) AS f, LAST_VALUE(k) AS l, ARG_MAX(k, v) AS m, STRING_AGG(k, '') AS ks FROM latest EMIT CHANGES;`;
    const given = [
      { k: 'a', v: 3 },
      { k: 'b', v: 9 },
      { k: 'a', v: 4 },
      { k: 'c', v: 5 },
      { k: 'b', v: 1 },
    ];
    const { rows } = await run(query, given, batchRows);
    expect(rows.filter(({ op }) => op !== '-U').map(({ f, l, m, ks }) => [f, l, m, ks])).toEqual([
      ['a', 'a', 'a', 'a'],
      ['a', 'b', 'b', 'ab'],
      // An updated row has come anew.
      ['b', 'a', 'b', 'ba'],
      ['b', 'c', 'b', 'bac'],
      // What comes last changes nothing.
    ]);
  });

  test('windows of a stream with corrections are corrected', async () => {
    const query = `CREATE STREAM seconds AS SELECT k, window_start, window_end, COUNT(*) AS n FROM e
        GROUP BY k, TUMBLE(ts, INTERVAL '10' MILLISECOND) EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '1' SECOND;
      SELECT window_start AS s, COUNT(*) AS ks, SUM(n) AS n FROM seconds GROUP BY window_start, window_end EMIT ON UPDATE;`;
    const given = [
      { k: 'a', ts: 1 },
      { k: 'b', ts: 2 },
      { k: 'a', ts: 12 },
      { k: 'a', ts: 3 },
      { k: 'c', ts: 21 },
    ];
    const { rows } = await run(query, given, batchRows);
    expect(rows.map(({ op, ks, n, s }) => [op, new Date(s).getTime(), ks, n])).toEqual([
      ['+I', 0, 1, 1],
      ['-U', 0, 1, 1],
      ['+U', 0, 2, 2],
      ['-U', 0, 2, 2],
      ['+U', 0, 2, 3],
      ['+I', 10, 1, 1],
      ['+I', 20, 1, 1],
    ]);
  });

  test('windows over changes come out once where nothing else is said', async () => {
    const query = `CREATE STREAM parts AS SELECT k, window_end, COUNT(*) AS n FROM e
        GROUP BY k, TUMBLE(ts, INTERVAL '10' MILLISECOND) EMIT ON UPDATE;
      SELECT window_start AS s, COUNT(*) AS ks, SUM(n) AS n, MAX(n) AS most FROM parts
      GROUP BY HOP(window_end, INTERVAL '10' MILLISECOND, INTERVAL '20' MILLISECOND);`;
    const given = [
      { k: 'a', ts: 1 },
      { k: 'b', ts: 2 },
      { k: 'a', ts: 3 },
      { k: 'a', ts: 12 },
      { k: 'c', ts: 50 },
    ];
    const { rows } = await run(query, given, batchRows);
    expect(rows.map(({ s, ks, n, most }) => [new Date(s).getTime(), ks, n, most])).toEqual([
      [0, 2, 3, 2],
      [10, 3, 4, 2],
      [20, 1, 1, 1],
      [50, 1, 1, 1],
      [60, 1, 1, 1],
    ]);
  });
});

test('doubles that leave take their rounding with them, and infinities too', async () => {
  const query = `${LATEST} SELECT SUM(x) AS s, AVG(x) AS a FROM latest EMIT CHANGES;`;
  const given = [
    { k: 'a', x: 0.1 },
    { k: 'b', x: 1e20 },
    { k: 'b', x: 0.2 },
    { k: 'c', x: 1e308 },
    { k: 'd', x: 1e308 },
    { k: 'd', x: 1 },
  ];
  const { rows } = await run(query, given);
  expect(rows.at(-1)).toEqual({ op: '+U', s: 1e308, a: 1e308 / 4 });
  const sums = rows.filter(({ op }) => op !== '-U').map(({ s }) => s);
  expect(sums.slice(0, 3)).toEqual([0.1, 1e20, 0.1 + 0.2]);
});

test('groups that come and go do not fill the memory', async () => {
  // Each row moves its key from one group to a new one: there are never more than three.
  const given = Array.from({ length: 60_000 }, (_, n) => ({ k: 'abc'[n % 3] as string, v: n }));
  const query = `${LATEST} CREATE SINK out AS SELECT v, COUNT(*) AS n, MAX(k) AS k, COUNT(DISTINCT k) AS d FROM latest
    GROUP BY v EMIT CHANGES INTO BLACKHOLE;`;
  const { progress } = await run(query, given);
  const [, counted] = progress.operators.map(({ stateBytes }) => stateBytes);
  expect(counted).toBeLessThan(4_000_000);
});

test('groups that moved to another table are what they were', async () => {
  // Many keys come and go, some stay; all of them are in the end what a table of the latest values gives.
  const given = Array.from({ length: 12_000 }, (_, n) => ({ k: `key ${n % 4000}`, v: n % 3 === 0 ? n % 50 : n }));
  const calls = 'COUNT(*) AS n, SUM(v) AS s, MAX(k) AS m, COUNT(DISTINCT v) AS d, COUNT(DISTINCT k) AS ks';
  const query = `${LATEST} SELECT v % 700 AS g, ${calls} FROM latest GROUP BY v % 700`;
  const moving = `CREATE STREAM moving AS SELECT v, COUNT(*) AS n, COUNT(DISTINCT x) AS d, MAX(k) AS k FROM latest
    GROUP BY v EMIT CHANGES; SELECT n, d, COUNT(*) AS c, SUM(v) AS v, MAX(k) AS k FROM moving GROUP BY n, d`;
  for (const text of [query, `${LATEST} ${moving}`]) {
    const changes = await run(`${text} EMIT CHANGES;`, given, 100);
    const table = new Map<string, number>();
    for (const { op, ...row } of changes.rows) {
      const key = JSON.stringify(row);
      table.set(key, (table.get(key) ?? 0) + (op.startsWith('+') ? 1 : -1));
    }
    const once = await run(`${text.replaceAll('EMIT CHANGES', '')};`, given);
    const left = [...table].filter(([, weight]) => weight !== 0);
    expect(left.sort()).toEqual(once.rows.map((row) => [JSON.stringify(row), 1] as const).toSorted());
  }
});

test('different values are counted up and down without going through the others', async () => {
  const keys = Array.from({ length: 5000 }, (_, n) => ({ k: `key ${n}`, v: n }));
  const moving = Array.from({ length: 20_000 }, (_, n) => ({ k: `key ${n % 5000}`, v: (n * 7919) % 6000 }));
  const before = performance.now();
  const { rows } = await run(`${LATEST} SELECT COUNT(DISTINCT v) AS d FROM latest EMIT CHANGES;`, [...keys, ...moving]);
  const latest = new Map([...keys, ...moving].map(({ k, v }) => [k, v]));
  expect(rows.at(-1)).toEqual({ op: '+U', d: new Set(latest.values()).size });
  expect(performance.now() - before).toBeLessThan(4000);
});

test('a maximum that is replaced by a greater one does not look at the other rows again', async () => {
  const keys = Array.from({ length: 3000 }, (_, n) => ({ k: `key ${n}`, v: 1 }));
  const growing = Array.from({ length: 20_000 }, (_, n) => ({ k: 'key 7', v: n }));
  const query = `${LATEST} SELECT MAX(v) AS v FROM latest EMIT CHANGES;`;
  const before = performance.now();
  const { rows } = await run(query, [...keys, ...growing]);
  expect(rows.at(-1)).toEqual({ op: '+U', v: 19_999 });
  // Going through 3,000 rows 20,000 times takes many seconds.
  expect(performance.now() - before).toBeLessThan(4000);
});
