// Tumbling windows from end to end: alignment, closing, lateness decided row by row, the future guard.

import { describe, expect, test } from 'vitest';
import { lateCounts, runPipeline } from '../support/pipeline.ts';

interface Event {
  ts: number;
  k?: string;
  v?: number | null;
}

const lines = (events: Event[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

function windowed(options: { size: string; delay?: string; more?: string; select?: string; source?: string }): string {
  return `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${options.delay ?? '0'}' SECOND)
FROM STDIN (format = 'json'${options.source ?? ''});
CREATE SINK out AS
SELECT ${options.select ?? 'window_start AS s, window_end AS e, COUNT(*) AS n'}
FROM e GROUP BY ${options.select?.startsWith('k') === true ? 'k, ' : ''}TUMBLE(ts, ${options.size}) ${options.more ?? ''}
INTO STDOUT (format = 'json', timestamp_format = 'ms');`;
}

async function run(text: string, events: Event[], batchRows = 2048) {
  const result = await runPipeline({ text, input: lines(events), batchRows });
  expect(result.error).toBeNull();
  const rows = result.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { rows, late: lateCounts(result.progress)[0], future: result.progress.sources[0]?.future };
}

describe('alignment', () => {
  test('windows are half-open and aligned to the epoch, before it too', async () => {
    const text = windowed({ size: "INTERVAL '1' SECOND", delay: '10' });
    const { rows } = await run(text, [{ ts: -1 }, { ts: 0 }, { ts: 999 }, { ts: 1000 }]);
    expect(rows).toEqual([
      { s: -1000, e: 0, n: 1 },
      { s: 0, e: 1000, n: 2 },
      { s: 1000, e: 2000, n: 1 },
    ]);
  });

  test('an offset moves the windows; a multiple of the size changes nothing', async () => {
    const day = windowed({ size: "INTERVAL '1' DAY, INTERVAL '8' HOUR", delay: '1000000' });
    expect((await run(day, [{ ts: 0 }, { ts: 28_800_000 }])).rows.map((row) => row.s)).toEqual([
      -57_600_000, 28_800_000,
    ]);
    const hour = windowed({ size: "INTERVAL '1' HOUR, INTERVAL '8' HOUR" });
    expect((await run(hour, [{ ts: 0 }])).rows.map((row) => row.s)).toEqual([0]);
    const negative = windowed({ size: "INTERVAL '10' SECOND, INTERVAL '-3' SECOND" });
    expect((await run(negative, [{ ts: 0 }])).rows.map((row) => row.s)).toEqual([-3000]);
  });
});

describe('lateness', () => {
  const events = [
    { ts: 1000 },
    { ts: 14_000 },
    { ts: 9000 },
    { ts: 15_000 },
    { ts: 9500 },
    { ts: 12_000 },
    { ts: 31_000 },
    { ts: 11_000 },
  ];

  test.each([
    1, 2, 3, 2048,
  ])('a row is late by the rows before it, whatever the batches (%i rows)', async (batchRows) => {
    // [0,10) with lateness 5 s closes at watermark 15 s: 9000 is in time, 9500 is late; 12000 is in time, 11000 late.
    const text = windowed({
      size: "INTERVAL '10' SECOND",
      more: "EMIT ON WINDOW CLOSE ALLOW LATENESS INTERVAL '5' SECOND",
    });
    const { rows, late } = await run(text, events, batchRows);
    expect(rows).toEqual([
      { s: 0, e: 10_000, n: 2 },
      { s: 10_000, e: 20_000, n: 3 },
      { s: 30_000, e: 40_000, n: 1 },
    ]);
    expect(late).toBe(2);
  });

  test('the delay of the watermark counts for nothing more and nothing less', async () => {
    const text = windowed({ size: "INTERVAL '1' SECOND", delay: '0.1' });
    const { rows, late } = await run(text, [{ ts: 0 }, { ts: 1099 }, { ts: 999 }, { ts: 1100 }, { ts: 998 }], 1);
    expect(rows).toEqual([
      { s: 0, e: 1000, n: 2 },
      { s: 1000, e: 2000, n: 2 },
    ]);
    expect(late).toBe(1);
  });

  test('a time far in the future does not close the windows of everyone else', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const stray = now + 48 * 3600 * 1000;
    const text = windowed({ size: "INTERVAL '1' SECOND" });
    const { rows, late, future } = await run(text, [{ ts: now - 5000 }, { ts: stray }, { ts: now - 4000 }], 1);
    expect(rows.map((row) => row.s)).toEqual([now - 5000, now - 4000, stray]);
    expect({ late, future }).toEqual({ late: 0, future: 1 });
  });
});

describe('streams of windows', () => {
  const source = `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM STDIN;
    CREATE STREAM seconds AS
    SELECT k, window_start, window_end, window_time, SUM(v) AS v FROM e GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND);`;
  const events = Array.from({ length: 200 }, (_, n) => ({ k: `k${n % 3}`, v: n, ts: n * 130 - (n % 7) * 100 }));

  test.each(['window_start', 'window_time', 'window_end'])('another window over %s loses nothing', async (time) => {
    const text = `${source} SELECT k, window_start AS s, SUM(v) AS v FROM seconds GROUP BY k, TUMBLE(${time}, INTERVAL '10' SECOND);`;
    const expected = new Map<string, number>();
    for (const { k, v, ts } of events) {
      const second = Math.floor(ts / 1000) * 1000;
      const at = time === 'window_end' ? second + 1000 : second;
      const key = `${new Date(Math.floor(at / 10_000) * 10_000).toISOString().slice(0, 19)}Z ${k}`;
      expected.set(key, (expected.get(key) ?? 0) + v);
    }
    for (const batchRows of [1, 7, 2048]) {
      const { output, error, progress } = await runPipeline({ text, input: lines(events), batchRows });
      expect(error).toBeNull();
      expect(lateCounts(progress)).toEqual([0, 0]);
      const rows = output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { k: string; s: string; v: number });
      expect(rows.map(({ k, s, v }) => [`${s} ${k}`, v])).toEqual([...expected].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  });

  test('a watermark about another column closes no window', async () => {
    const text = `CREATE SOURCE e (ts TIMESTAMP, other TIMESTAMP NOT NULL, WATERMARK FOR ts) FROM STDIN;
      SELECT window_start AS s, COUNT(*) AS n FROM e GROUP BY TUMBLE(other, INTERVAL '1' SECOND);`;
    const input =
      '{"ts":0,"other":5000}\n{"ts":60000,"other":5100}\n{"ts":90000,"other":100}\n{"ts":99000,"other":5200}\n';
    for (const batchRows of [1, 2048]) {
      const { output, progress } = await runPipeline({ text, input, batchRows });
      expect(output).toBe('{"s":"1970-01-01T00:00:00Z","n":1}\n{"s":"1970-01-01T00:00:05Z","n":3}\n');
      expect(lateCounts(progress)[0]).toBe(0);
    }
  });
});

describe('results', () => {
  test('open, high, low and close follow event time, not arrival', async () => {
    const text = windowed({
      size: "INTERVAL '1' MINUTE",
      delay: '30',
      select: 'k, FIRST_VALUE(v) AS o, MAX(v) AS h, MIN(v) AS l, LAST_VALUE(v) AS c, SUM(v) AS s, AVG(v) AS a',
    });
    const events = [
      { k: 'x', ts: 3000, v: 98 },
      { k: 'x', ts: 1000, v: 100 },
      { k: 'x', ts: 4000, v: 102 },
      { k: 'x', ts: 2000, v: 105 },
      { k: 'x', ts: 4000, v: null },
    ];
    expect((await run(text, events)).rows).toEqual([{ k: 'x', o: 100, h: 105, l: 98, c: 102, s: 405, a: 101.25 }]);
  });

  test('of equal times the first arrival opens and the last closes', async () => {
    const text = windowed({ size: "INTERVAL '1' MINUTE", select: 'k, FIRST_VALUE(v) AS o, LAST_VALUE(v) AS c' });
    const events = [10, 20, 30].map((v) => ({ k: 'x', ts: 100, v }));
    expect((await run(text, events)).rows).toEqual([{ k: 'x', o: 10, c: 30 }]);
  });

  test('windows come out by end, keys in order, NULL last; an empty window is no row', async () => {
    const text = windowed({ size: "INTERVAL '1' SECOND", delay: '60', select: 'k, window_start AS s, COUNT(*) AS n' });
    const events = [
      { ts: 5000, k: 'b' },
      { ts: 0, k: 'z' },
      { ts: 10, ...{} },
      { ts: 20, k: 'a' },
      { ts: 5001, k: 'a' },
    ];
    expect((await run(text, events)).rows).toEqual([
      { k: 'a', s: 0, n: 1 },
      { k: 'z', s: 0, n: 1 },
      { k: null, s: 0, n: 1 },
      { k: 'a', s: 5000, n: 1 },
      { k: 'b', s: 5000, n: 1 },
    ]);
  });

  test('a global aggregate over nothing is one row, a grouped one is none', async () => {
    const source = 'CREATE SOURCE e (k VARCHAR, v BIGINT) FROM STDIN;';
    const all = await runPipeline({
      text: `${source} SELECT COUNT(*) AS n, SUM(v) AS s, AVG(v) AS a FROM e;`,
      input: '',
    });
    expect(all.output).toBe('{"n":0,"s":null,"a":null}\n');
    const grouped = await runPipeline({ text: `${source} SELECT k, COUNT(*) AS n FROM e GROUP BY k;`, input: '' });
    expect(grouped.output).toBe('');
  });

  test('the sum of BIGINT is exact to the last digit, and an overflow is an error', async () => {
    const text = 'CREATE SOURCE e (v BIGINT) FROM STDIN; SELECT SUM(v) AS s FROM e;';
    const near = '{"v":9223372036854775807}\n{"v":9223372036854775807}\n{"v":-9223372036854775806}\n{"v":-1}\n';
    expect((await runPipeline({ text, input: near })).output).toBe('{"s":9223372036854775807}\n');
    const over = await runPipeline({ text, input: '{"v":9223372036854775807}\n{"v":1}\n' });
    expect(over.error?.message).toMatch(/SUM/i);
    expect(over.output).toBe('');
  });
});
