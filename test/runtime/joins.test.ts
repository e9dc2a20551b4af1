// Joins of streams from end to end: what comes out when, what is late, how long rows are kept, windows over joins.

import { describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';

const lines = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const source = (name: string, delay = 0) =>
  `CREATE SOURCE ${name} (k VARCHAR, n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${delay}' MILLISECOND)
   FROM FILE (path = 'x', format = 'json');`;
const SOURCES = `${source('l')} ${source('r')}`;
const within = (millis: number) =>
  `l.ts BETWEEN r.ts - INTERVAL '${millis}' MILLISECOND AND r.ts + INTERVAL '${millis}' MILLISECOND`;

async function join(query: string, given: Record<string, object[]>, batchRows = 2048) {
  const readers = Object.fromEntries(
    Object.entries(given).map(([name, rows]) => [name, () => [new BytesReader(lines(rows))]]),
  );
  const result = await runPipeline({ text: `${SOURCES} ${query}`, readers, batchRows });
  expect(result.error).toBeNull();
  return { ...result, rows: parse(result.output) };
}

async function fed(query: string, text = SOURCES) {
  const l = new FedReader();
  const r = new FedReader();
  const { core, outputs, telemetry } = await preparePipeline({
    text: `${text} ${query}`,
    readers: { l: () => [l], r: () => [r] },
    options: { maxMillis: null },
  });
  const turn = () => {
    for (let i = 0; i < 6; i++) core.turn();
    const all = Buffer.concat(Object.values(outputs)[0] ?? []).toString();
    return parse(all);
  };
  const progress = () => telemetry.progress(0).operators.find(({ id }) => id === 'select.join');
  return { l, r, turn, progress };
}

describe('a join between times', () => {
  test('gives a pair once the watermark has passed its later row, and nothing twice', async () => {
    const { l, r, turn } = await fed(`SELECT l.n AS a, r.n AS b FROM l JOIN r ON l.k = r.k AND ${within(3_600_000)};`);
    l.feed({ k: 'x', n: 1, ts: 1000 });
    expect(turn()).toEqual([]);
    r.feed({ k: 'x', n: 2, ts: 2000 });
    expect(turn()).toEqual([]);
    l.feed({ k: 'y', n: 3, ts: 2001 });
    r.feed({ k: 'y', n: 4, ts: 2001 });
    expect(turn()).toEqual([{ a: 1, b: 2 }]);
    l.end();
    r.end();
    expect(turn()).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  });

  test('joins rows exactly as far apart as the bounds, and none that are further', async () => {
    const query = `SELECT l.n AS a, r.n AS b FROM l JOIN r ON l.k = r.k AND ${within(1000)};`;
    const near = await join(query, { l: [{ k: 'x', n: 1, ts: 1000 }], r: [{ k: 'x', n: 2, ts: 2000 }] });
    expect(near.rows).toEqual([{ a: 1, b: 2 }]);
    const far = await join(query, { l: [{ k: 'x', n: 1, ts: 1000 }], r: [{ k: 'x', n: 2, ts: 2001 }] });
    expect(far.rows).toEqual([]);
  });

  test('gives rows without a match once, when no row that is not late can match them', async () => {
    const { l, r, turn } = await fed(`SELECT l.n AS a, r.n AS b FROM l FULL JOIN r ON l.k = r.k AND ${within(10)};`);
    l.feed({ k: 'x', n: 1, ts: 0 });
    r.feed({ k: 'x', n: 2, ts: 20 });
    l.feed({ k: 'z', n: 5, ts: 10 });
    expect(turn()).toEqual([]);
    l.feed({ k: 'z', n: 6, ts: 11 });
    expect(turn()).toEqual([{ a: 1, b: null }]);
    l.feed({ k: 'z', n: 7, ts: 40 });
    r.feed({ k: 'z', n: 8, ts: 31 });
    const all = [
      { a: 1, b: null },
      { a: 5, b: null },
      { a: 6, b: null },
      { a: null, b: 2 },
    ];
    expect(turn()).toEqual(all);
    expect(turn()).toEqual(all);
  });

  test('leaves out rows that are late, and counts them', async () => {
    const { rows, progress } = await join(`SELECT l.n AS a, r.n AS b FROM l JOIN r ON l.k = r.k AND ${within(1000)};`, {
      l: [
        { k: 'x', n: 1, ts: 10_000 },
        { k: 'x', n: 2, ts: 100 },
      ],
      r: [{ k: 'x', n: 3, ts: 100 }],
    });
    expect(rows).toEqual([]);
    expect(progress.operators.find(({ id }) => id === 'select.join')).toMatchObject({ late: 1 });
  });

  test('gives rows in the order of time, those of the left first, however inputs are cut', async () => {
    const l = [500, 100, 300, 300].map((ts, n) => ({ k: 'x', n, ts }));
    const r = [300, 200, 600].map((ts, n) => ({ k: 'x', n, ts }));
    const text = `${source('l', 1000)} ${source('r', 1000)} SELECT l.n AS a, r.n AS b FROM l JOIN r ON l.k = r.k AND ${within(100)};`;
    const run = async (batchRows: number, cut: () => number) => {
      const readers = { l: () => [new BytesReader(lines(l), cut)], r: () => [new BytesReader(lines(r), cut)] };
      return parse((await runPipeline({ text, readers, batchRows })).output);
    };
    const expected = [
      { a: 1, b: 1 },
      { a: 2, b: 1 },
      { a: 3, b: 1 },
      { a: 2, b: 0 },
      { a: 3, b: 0 },
      { a: 0, b: 2 },
    ];
    expect(await run(2048, () => 10_000)).toEqual(expected);
    expect(await run(1, () => 7)).toEqual(expected);
    expect(await run(3, () => 100)).toEqual(expected);
  });

  test('forgets rows of both sides, and keys, as the watermark passes', async () => {
    const { l, r, turn, progress } = await fed(`SELECT l.n AS a FROM l JOIN r ON l.k = r.k AND ${within(100)};`);
    let most = 0;
    for (let i = 0; i < 300; i++) {
      const rows = Array.from({ length: 20 }, (_, j) => ({ k: `key ${i} of many ${j}`, n: j, ts: i * 50 + j }));
      l.feed(...rows);
      r.feed(...rows);
      turn();
      most = Math.max(most, progress()?.stateBytes ?? 0);
    }
    expect(turn()).toHaveLength(299 * 20 + 19);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(60_000);
  });

  test('waits for neither side once it has ended', async () => {
    const { l, r, turn } = await fed(`SELECT l.n AS a FROM l ANTI JOIN r ON l.k = r.k AND ${within(10)};`);
    r.end();
    l.feed({ k: 'x', n: 1, ts: 0 }, { k: 'x', n: 2, ts: 5 }, { k: 'x', n: 3, ts: 12 });
    expect(turn()).toEqual([{ a: 1 }]);
  });

  test('a row that is its own match, and others of the same stream', async () => {
    const query = `SELECT x.n AS a, y.n AS b FROM l x JOIN l y ON x.k = y.k AND y.ts BETWEEN x.ts AND x.ts + INTERVAL '1' SECOND;`;
    const { rows } = await join(query, { l: [1, 2, 3].map((n) => ({ k: 'x', n, ts: n * 600 })) });
    expect(rows).toHaveLength(5);
  });
});

describe('windows', () => {
  test('over a join close without losing a row that the bounds keep back', async () => {
    const query = `SELECT window_start AS w, COUNT(*) AS n, COUNT(b) AS m FROM (
      SELECT l.ts, r.n AS b FROM l LEFT JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '30' SECOND
    ) GROUP BY TUMBLE(ts, INTERVAL '10' SECOND);`;
    const l = Array.from({ length: 60 }, (_, i) => ({ k: `k${i % 3}`, n: i, ts: i * 1000 }));
    const r = Array.from({ length: 20 }, (_, i) => ({ k: `k${i % 2}`, n: i, ts: i * 5000 }));
    const expected = new Map<number, { n: number; m: number }>();
    for (const left of l) {
      const found = r.filter(({ k, ts }) => k === left.k && ts >= left.ts && ts <= left.ts + 30_000).length;
      const start = Math.floor(left.ts / 10_000) * 10_000;
      const { n, m } = expected.get(start) ?? { n: 0, m: 0 };
      expected.set(start, { n: n + Math.max(1, found), m: m + found });
    }
    for (const batchRows of [1, 2048]) {
      const { rows, progress } = await join(query, { l, r }, batchRows);
      expect(rows).toEqual(
        [...expected].map(([start, counts]) => ({ w: new Date(start).toISOString().replace('.000', ''), ...counts })),
      );
      expect(progress.operators.filter(({ late }) => late > 0)).toEqual([]);
    }
  });

  test('of two streams are joined window by window, and grouped once more', async () => {
    const grouped = (name: string) =>
      `CREATE STREAM w${name} AS SELECT k, window_start, window_end, SUM(n) AS n FROM ${name}
       GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND);`;
    const query = `${grouped('l')} ${grouped('r')}
      CREATE STREAM j AS SELECT k, wl.n AS a, wr.n AS b, window_start, window_end
      FROM wl FULL JOIN wr USING (k, window_start, window_end);
      SELECT k, a, b FROM j;`;
    const { rows } = await join(query, {
      l: [
        { k: 'x', n: 1, ts: 100 },
        { k: 'x', n: 2, ts: 900 },
        { k: 'y', n: 3, ts: 950 },
        { k: 'x', n: 4, ts: 1100 },
      ],
      r: [
        { k: 'x', n: 10, ts: 500 },
        { k: 'z', n: 20, ts: 600 },
        { k: 'y', n: 30, ts: 1500 },
      ],
    });
    expect(rows).toEqual([
      { k: 'x', a: 3, b: 10 },
      { k: 'y', a: 3, b: null },
      { k: 'z', a: null, b: 20 },
      { k: 'x', a: 4, b: null },
      { k: 'y', a: null, b: 30 },
    ]);
  });
});

describe('a join without bounds', () => {
  test('gives a pair with its later row, and rows without a match at the end', async () => {
    const { l, r, turn } = await fed('SELECT l.n AS a, r.n AS b FROM l LEFT JOIN r ON l.k = r.k;');
    l.feed({ k: 'x', n: 1, ts: 0 }, { k: 'y', n: 2, ts: 0 }, { k: null, n: 3, ts: 0 });
    expect(turn()).toEqual([{ a: 3, b: null }]);
    r.feed({ k: 'x', n: 4, ts: 0 });
    expect(turn()).toEqual([
      { a: 3, b: null },
      { a: 1, b: 4 },
    ]);
    l.end();
    r.end();
    expect(turn()).toEqual([
      { a: 3, b: null },
      { a: 1, b: 4 },
      { a: 2, b: null },
    ]);
  });

  test('gives rows without a match at once, and keeps none, when the other side has ended', async () => {
    const { l, r, turn, progress } = await fed('SELECT l.n AS a, r.n AS b FROM l FULL JOIN r ON l.k = r.k;');
    const pairs = [];
    l.feed({ k: 'a', n: 0, ts: 0 });
    r.feed({ k: 'x', n: 1, ts: 0 }, { k: 'x', n: 2, ts: 0 }, { k: null, n: 3, ts: 0 }, { k: 'y', n: 4, ts: 0 });
    pairs.push({ a: null, b: 3 });
    expect(turn()).toEqual(pairs);
    r.end();
    turn();
    const bytes = progress()?.stateBytes;
    for (let n = 10; n < 200; n += 10) {
      l.feed({ k: 'x', n, ts: 0 }, { k: `z${n}`, n: n + 1, ts: 0 }, { k: null, n: n + 2, ts: 0 });
      pairs.push({ a: n, b: 1 }, { a: n, b: 2 }, { a: n + 1, b: null }, { a: n + 2, b: null });
      expect(turn()).toEqual(pairs);
    }
    // What was in the last flight lives until the next one.
    expect(progress()?.stateBytes).toBeLessThan((bytes as number) + 1000);
    l.end();
    pairs.push({ a: 0, b: null }, { a: null, b: 4 });
    expect(turn()).toEqual(pairs);
  });

  test('a row without a pair that fulfils the condition waits for the end, whoever ends first', async () => {
    const query = 'SELECT l.n AS a, r.n AS b FROM l LEFT JOIN r ON l.k = r.k AND l.n < r.n;';
    const { l, r, turn } = await fed(query);
    r.feed({ k: 'x', n: 5, ts: 0 });
    r.end();
    turn();
    l.feed({ k: 'x', n: 1, ts: 0 }, { k: 'x', n: 7, ts: 0 }, { k: 'z', n: 8, ts: 0 });
    const soon = [
      { a: 1, b: 5 },
      { a: 8, b: null },
    ];
    expect(turn()).toEqual(soon);
    l.end();
    expect(turn()).toEqual([...soon, { a: 7, b: null }]);
  });

  test.each(['SEMI', 'ANTI'])('%s: rows that come when the other side has ended', async (kind) => {
    const { l, r, turn } = await fed(`SELECT l.n AS a FROM l ${kind} JOIN r ON l.k = r.k;`);
    r.feed({ k: 'x', n: 5, ts: 0 }, { k: 'x', n: 6, ts: 0 });
    r.end();
    turn();
    l.feed({ k: 'x', n: 1, ts: 0 }, { k: 'y', n: 2, ts: 0 }, { k: 'x', n: 3, ts: 0 });
    expect(turn()).toEqual(kind === 'SEMI' ? [{ a: 1 }, { a: 3 }] : [{ a: 2 }]);
  });

  test('a condition that fails ends the run behind the rows before', async () => {
    const readers = {
      l: () => [
        new BytesReader(
          lines([
            { k: '1', n: 1, ts: 0 },
            { k: 'x', n: 2, ts: 0 },
          ]),
        ),
      ],
      r: () => [new BytesReader(lines([{ k: '1', n: 1, ts: 0 }]))],
    };
    const text = `${SOURCES} SELECT l.n AS a FROM l JOIN r ON CAST(l.k AS BIGINT) + r.n > 0;`;
    const { error, output } = await runPipeline({ text, readers });
    expect(error).toMatchObject({ code: 'LMN-3002' });
    expect(output).toBe('{"a":1}\n');
  });
});
