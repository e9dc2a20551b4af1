// Aggregations that read changes, where a model of tables says little: single changes, memory, doubles, order.

import fc from 'fast-check';
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

test('a row between two sessions leaves the extremes and the last values that they had', async () => {
  const text = `CREATE SOURCE v (k VARCHAR, v BIGINT, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE)
      FROM STDIN (format = 'json', changelog = 'weight', timestamp_unit = 's');
    SELECT COUNT(*) AS n, MIN(v) AS low, MAX(v) AS high, FIRST_VALUE(v) AS f, LAST_VALUE(v) AS l, LAST_VALUE(k) AS k FROM v
    GROUP BY SESSION(ts, INTERVAL '6' SECOND) EMIT CHANGES;`;
  const given = [
    { op: '+I', k: 'a', v: 5, ts: 0 },
    { op: '+I', k: 'b', v: 3, ts: 10 },
    { op: '+I', k: 'c', v: 4, ts: 5 },
  ];
  const input = given.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { output, error } = await runPipeline({ text, input });
  expect(error).toBeNull();
  const last = output.trimEnd().split('\n').at(-1) as string;
  expect(JSON.parse(last)).toEqual({ op: '+U', n: 3, low: 3, high: 5, f: 5, l: 3, k: 'b' });
});

describe('sessions that rows taken back end before the watermark', () => {
  const text = `CREATE SOURCE v (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '20' SECOND)
      FROM STDIN (format = 'json', changelog = 'weight');
    CREATE SINK out AS SELECT k, window_start AS s, window_end AS e, COUNT(*) AS n FROM v
      GROUP BY k, SESSION(ts, INTERVAL '5' SECOND) INTO STDOUT (format = 'json', timestamp_format = 's');`;

  async function closed(rows: readonly { op: string; k: string; ts: number }[], batchRows: number): Promise<string> {
    const input = rows.map(({ ts, ...row }) => `${JSON.stringify({ ...row, ts: ts * 1000 })}\n`).join('');
    const { output, error } = await runPipeline({ text, input, batchRows, now: () => 0 });
    expect(error).toBeNull();
    return output;
  }

  test.each([1, 2, 3, 2048])('come out behind what had closed before, in batches of %i', async (batchRows) => {
    const output = await closed(
      [
        { op: '+I', k: 'a', ts: 0 },
        { op: '+I', k: 'a', ts: 3 },
        { op: '+I', k: 'a', ts: 6 },
        { op: '+I', k: 'b', ts: 4 },
        { op: '+I', k: 'c', ts: 30 },
        // The watermark is 10: b has closed, a has not.
        { op: '-D', k: 'a', ts: 6 },
        // Now a has: it would have ended before b.
        { op: '+I', k: 'd', ts: 60 },
      ],
      batchRows,
    );
    expect(output.match(/"k":"."/g)?.join('')).toBe('"k":"b""k":"a""k":"c""k":"d"');
  });

  test('have one place, whatever the batches', async () => {
    const row = fc.record({
      k: fc.constantFrom('a', 'b', 'c', 'd'),
      ahead: fc.nat(22),
      isTaken: fc.boolean(),
      at: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 12, maxLength: 60 }),
        fc.integer({ min: 2, max: 9 }),
        async (list, batchRows) => {
          let kept: { k: string; ts: number }[] = [];
          const rows = list.map(({ k, ahead, isTaken, at }, n) => {
            // One of the oldest that are not late.
            const latest = Math.max(...kept.map(({ ts }) => ts));
            const open = kept.filter(({ ts }) => ts + 5 >= latest - 20).sort((a, b) => a.ts - b.ts);
            const taken = isTaken ? open[at % 4] : undefined;
            if (taken !== undefined) {
              kept = kept.filter((row) => row !== taken);
              return { op: '-D', ...taken };
            }
            const come = { k, ts: n * 3 + ahead };
            kept.push(come);
            return { op: '+I', ...come };
          });
          const one = await closed(rows, 1);
          expect(await closed(rows, batchRows)).toBe(one);
          expect(await closed(rows, 2048)).toBe(one);
        },
      ),
      { numRuns: 100 },
    );
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
