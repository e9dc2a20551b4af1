// LATE DATA TO: which rows reach the sink, and what they carry.

import { expect, test } from 'vitest';
import { lateCounts, runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE e (k VARCHAR, v BIGINT, f BOOLEAN, d DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  FROM STDIN;
  CREATE SINK late INTO STDOUT (format = 'json', timestamp_format = 'ms');`;

const ROWS = [
  { k: 'a', v: 1, f: true, d: 0.5, ts: 1000 },
  { k: 'b', v: null, f: null, d: 1.5, ts: 12_000 },
  { k: 'longer than twelve bytes', v: 3, f: false, d: null, ts: 9_999 },
  { k: null, v: 4, f: true, d: 2.5, ts: 25_000 },
  { k: 'c', v: -5, f: null, d: 3.5, ts: 11_000 },
  { k: 'd', v: 6, f: true, d: 4.5, ts: 5000 },
];

async function run(query: string, batchRows: number) {
  const input = ROWS.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { outputs, error, progress } = await runPipeline({ text: `${SOURCE} ${query}`, input, batchRows });
  expect(error).toBeNull();
  const lines = (outputs['late'] as string).split('\n').filter((line) => line !== '');
  return { late: lines.map((line) => JSON.parse(line)), counted: lateCounts(progress) };
}

test.each([1, 2, 3, 2048])('the whole row goes to the sink, with what it missed (batches of %i)', async (batchRows) => {
  const query = "SELECT COUNT(*) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) LATE DATA TO late;";
  const { late, counted } = await run(query, batchRows);
  const missed = (start: number, watermark: number) => ({
    late_source: 'e',
    late_watermark: watermark,
    late_window_start: start,
    late_window_end: start + 10_000,
  });
  expect(late).toEqual([
    { ...ROWS[2], ...missed(0, 11_000) },
    { ...ROWS[4], ...missed(10_000, 24_000) },
    { ...ROWS[5], ...missed(0, 24_000) },
  ]);
  expect(counted).toEqual([3]);
});

test('lateness is allowed first, and WHERE applies to late rows', async () => {
  const query = `SELECT COUNT(*) AS n FROM e WHERE v > 0 GROUP BY TUMBLE(ts, INTERVAL '10' SECOND)
    LATE DATA TO late ALLOW LATENESS INTERVAL '5' SECOND;`;
  expect((await run(query, 7)).late.map(({ k }) => k)).toEqual(['d']);
});

test('a stream gives the columns that it has, under the name of its source', async () => {
  const query = `CREATE STREAM s AS SELECT upper(k) AS name, ts FROM e WHERE d IS NOT NULL;
    SELECT COUNT(*) AS n FROM s GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) LATE DATA TO late;`;
  for (const batchRows of [1, 2048]) {
    const { late } = await run(query, batchRows);
    expect(late.map(({ name, ts, late_source: source }) => [name, ts, source])).toEqual([
      ['C', 11_000, 'e'],
      ['D', 5000, 'e'],
    ]);
  }
});

test('several queries may send their late rows to one sink', async () => {
  const query = `CREATE SINK one AS SELECT COUNT(*) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) LATE DATA TO late INTO BLACKHOLE;
    CREATE SINK two AS SELECT COUNT(*) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '20' SECOND) LATE DATA TO late INTO BLACKHOLE;`;
  const { late, counted } = await run(query, 2048);
  expect(late.map(({ k, late_window_end: end }) => `${k} ${end}`).sort()).toEqual([
    'c 20000',
    'c 20000',
    'd 10000',
    'd 20000',
    'longer than twelve bytes 10000',
  ]);
  expect(counted).toEqual([3, 2]);
});
