// SESSION from end to end: what touches what, when sessions close, late rows, and streams of sessions.

import { describe, expect, test } from 'vitest';
import { lateCounts, runPipeline } from '../support/pipeline.ts';

interface Event {
  ts: number;
  k?: string;
  v?: number;
}

interface Options {
  gap: string;
  delay?: string;
  more?: string;
  select?: string;
  key?: string;
}

function pipeline({ gap, delay = '0', more = '', select = 'COUNT(*) AS n', key }: Options): string {
  const by = key === undefined ? '' : `${key}, `;
  return `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND)
FROM STDIN (format = 'json');
CREATE SINK out AS SELECT ${by}window_start AS s, window_end AS e, ${select} FROM e
GROUP BY ${by}SESSION(ts, INTERVAL '${gap}' SECOND) ${more}
INTO STDOUT (format = 'json', timestamp_format = 'ms');`;
}

async function run(options: Options, events: Event[], batchRows = 2048) {
  const input = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const { output, error, progress } = await runPipeline({ text: pipeline(options), input, batchRows });
  expect(error).toBeNull();
  const rows = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { rows, late: lateCounts(progress)[0] };
}

const at = (...seconds: number[]): Event[] => seconds.map((second) => ({ ts: second * 1000 }));
const spans = (rows: { s: number; e: number; n: number }[]) => rows.map(({ s, e, n }) => [s / 1000, e / 1000, n]);
const BATCHES = [1, 2, 7, 2048];

describe('sessions', () => {
  test.each(BATCHES)('a session is from its first row to a gap after its last (batches of %i)', async (batchRows) => {
    const { rows } = await run({ gap: '10', delay: '60' }, at(0, 5, 25, 22), batchRows);
    expect(spans(rows)).toEqual([
      [0, 15, 2],
      [22, 35, 2],
    ]);
  });

  test.each(BATCHES)('a row between two sessions makes one of them (batches of %i)', async (batchRows) => {
    const { rows } = await run({ gap: '10', delay: '60' }, at(0, 5, 25, 22, 12), batchRows);
    expect(spans(rows)).toEqual([[0, 35, 5]]);
  });

  test('rows exactly a gap apart share a session, a microsecond more and they do not', async () => {
    expect(spans((await run({ gap: '10' }, at(0, 10, 20))).rows)).toEqual([[0, 30, 3]]);
    expect(spans((await run({ gap: '10' }, at(0, 10.001))).rows)).toEqual([
      [0, 10, 1],
      [10.001, 20.001, 1],
    ]);
  });

  test('rows before 1970 are rows like others', async () => {
    expect(spans((await run({ gap: '10', delay: '60' }, at(-3, 4, -12, -30))).rows)).toEqual([
      [-30, -20, 1],
      [-12, 14, 3],
    ]);
  });

  test('every key has sessions of its own; they come out by end, start, key', async () => {
    const events: Event[] = [
      { k: 'b', ts: 0 },
      { k: 'a', ts: 8000 },
      { k: 'b', ts: 8000 },
      { k: 'c', ts: 8000 },
      { ts: 8000 },
      { k: 'a', ts: 1000 },
      { k: 'd', ts: 2000 },
    ];
    const { rows } = await run({ gap: '5', delay: '60', key: 'k' }, events);
    expect(rows.map(({ k, s, e }) => [k, s / 1000, e / 1000])).toEqual([
      ['b', 0, 5],
      ['a', 1, 6],
      ['d', 2, 7],
      ['a', 8, 13],
      ['b', 8, 13],
      ['c', 8, 13],
      [null, 8, 13],
    ]);
  });

  test('aggregates of sessions that become one are those of all their rows, first and last by time', async () => {
    const events = [20, 0, 24, 4, 12].map((second, n) => ({ ts: second * 1000, k: `row ${n}`, v: n }));
    const select =
      'COUNT(*) AS n, SUM(v) AS sum, AVG(v) AS avg, MIN(k) AS min, MAX(k) AS max, FIRST_VALUE(k) AS f, LAST_VALUE(v) AS l';
    const { rows } = await run({ gap: '10', delay: '60', select }, events);
    expect(rows).toEqual([{ s: 0, e: 34_000, n: 5, sum: 10, avg: 2, min: 'row 0', max: 'row 4', f: 'row 1', l: 2 }]);
  });

  test('the edges have functions', async () => {
    const { rows } = await run({ gap: '10', select: 'SESSION_START() AS a, SESSION_END() AS b' }, at(5));
    expect(rows).toEqual([{ s: 5000, e: 15_000, a: 5000, b: 15_000 }]);
  });
});

describe('lateness', () => {
  test.each(
    BATCHES,
  )('a row whose own session is over and that touches no open one is late (batches of %i)', async (batchRows) => {
    const { rows, late } = await run({ gap: '10' }, at(0, 40, 5, 29, 30), batchRows);
    // 5 s: [5, 15) is over at 40. 29 s: [29, 39) is too, and 40 is more than a gap away. 30 s touches 40.
    expect(spans(rows)).toEqual([
      [0, 10, 1],
      [30, 50, 2],
    ]);
    expect(late).toBe(2);
  });

  test.each(BATCHES)('late rows stretch an open session back, row by row (batches of %i)', async (batchRows) => {
    const { rows, late } = await run({ gap: '10' }, at(0, 40, 30, 21, 12, 3), batchRows);
    // The session of 0 s is over: it is not joined again.
    expect(spans(rows)).toEqual([
      [0, 10, 1],
      [3, 50, 5],
    ]);
    expect(late).toBe(0);
  });

  test.each(
    BATCHES,
  )('lateness keeps sessions open, to be stretched and to become one (batches of %i)', async (batchRows) => {
    const options = { gap: '10', more: "EMIT ON WINDOW CLOSE ALLOW LATENESS INTERVAL '20' SECOND" };
    const { rows, late } = await run(options, at(0, 15, 29, 7, 42, 19, 100, 8), batchRows);
    expect(spans(rows)).toEqual([
      [0, 39, 5],
      [42, 52, 1],
      [100, 110, 1],
    ]);
    expect(late).toBe(1);
  });

  test.each(
    BATCHES,
  )('a row as old as the watermark still belongs to the session that ends there (batches of %i)', async (batchRows) => {
    // 10 s comes five seconds late, as late as the watermark allows: the order of rows must not show.
    const { rows } = await run({ gap: '10', delay: '5' }, at(0, 15, 10), batchRows);
    expect(spans(rows)).toEqual([[0, 25, 3]]);
  });

  test('sessions come out while the input goes on', async () => {
    const { rows } = await run(
      { gap: '10', key: 'k' },
      [
        { k: 'a', ts: 0 },
        { k: 'b', ts: 11_000 },
        { k: 'a', ts: 21_500 },
        { k: 'b', ts: 22_000 },
        { k: 'a', ts: 100_000 },
      ],
      1,
    );
    expect(rows.map(({ k, s, e }) => [k, s / 1000, e / 1000])).toEqual([
      ['a', 0, 10],
      ['b', 11, 21],
      ['a', 21.5, 31.5],
      ['b', 22, 32],
      ['a', 100, 110],
    ]);
  });
});

describe('late data', () => {
  test('a late row goes to its sink with the session it would have been', async () => {
    const text = `CREATE SOURCE e (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
FROM STDIN (format = 'json');
CREATE SINK missed INTO STDOUT (format = 'json', timestamp_format = 'ms');
SELECT k, COUNT(*) AS n FROM e GROUP BY k, SESSION(ts, INTERVAL '10' SECOND) LATE DATA TO missed;`;
    const input = [0, 40, 5, 30, 6].map((second) => `{"k":"a","ts":${second * 1000}}\n`).join('');
    for (const batchRows of [1, 2048]) {
      const { error, outputs } = await runPipeline({ text, input, batchRows });
      expect(error).toBeNull();
      const late = (outputs['missed'] as string)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(late).toEqual(
        [5000, 6000].map((ts) => ({
          k: 'a',
          ts,
          late_source: 'e',
          late_watermark: 39_000,
          late_window_start: ts,
          late_window_end: ts + 10_000,
        })),
      );
    }
  });
});

describe('several windows over one source', () => {
  test('are computed from one scan, each by itself, with keys and without', async () => {
    const streams = [
      "TUMBLE(ts, INTERVAL '10' SECOND)",
      "HOP(ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND)",
      "CUMULATE(ts, INTERVAL '5' SECOND, INTERVAL '10' SECOND)",
      "SESSION(ts, INTERVAL '3' SECOND)",
    ];
    const source = `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
FROM STDIN (format = 'json');`;
    const queries = streams.flatMap((window, n) => [
      {
        name: `global${n}`,
        select: `SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS v FROM e GROUP BY ${window}`,
      },
      {
        name: `keyed${n}`,
        select: `SELECT k, window_start, window_end, COUNT(*) AS n, LAST_VALUE(v) AS v FROM e GROUP BY k, ${window}`,
      },
    ]);
    const input = Array.from({ length: 200 }, (_, n) => {
      const ts = n * 400 - ((n * 7) % 5) * 400 + (n > 100 ? 5000 : 0);
      return `${JSON.stringify({ k: 'abc'[n % 3], v: n, ts })}\n`;
    }).join('');
    const sinks = queries.map(({ name, select }) => `CREATE SINK ${name} AS ${select} INTO STDOUT (format = 'json');`);
    for (const batchRows of [1, 2048]) {
      const together = await runPipeline({ text: `${source}\n${sinks.join('\n')}`, input, batchRows });
      expect(together.error).toBeNull();
      expect(together.progress.sources.map(({ rows }) => rows)).toEqual([200]);
      for (const { name, select } of queries) {
        const alone = await runPipeline({ text: `${source}\n${select};`, input, batchRows: 7 });
        expect(alone.output.length).toBeGreaterThan(0);
        expect(together.outputs[name]).toBe(alone.output);
      }
    }
  });
});
