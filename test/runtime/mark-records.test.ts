// watermark_records: records that are only a watermark move it, and are no rows.

import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (k VARCHAR NOT NULL, n BIGINT, wm TIMESTAMP, ts TIMESTAMP, WATERMARK FOR ts AS wm)
  FROM STDIN (watermark_records = true, timestamp_unit = 's', on_error = 'skip');`;
const WINDOWS =
  "SELECT k, epoch(window_end) AS e, COUNT(*) AS c, SUM(n) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);";
const lines = (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe.each([1, 2, 7, 2048])('batches of %i rows', (batchRows) => {
  test('a record without event time moves the watermark: later rows of closed windows are late', async () => {
    const input = lines([
      { k: 'a', n: 1, ts: 1 },
      { k: 'b', n: 2, ts: 2 },
      { wm: 10 },
      { k: 'a', n: 4, ts: 9 },
      { wm: null },
      { k: 'a', n: 8, ts: 11 },
      { wm: 25, ts: null },
      { k: 'a', n: 16, ts: 12 },
      { k: 'b', n: 32, ts: 28, wm: 26 },
    ]);
    const { output, error, progress } = await runPipeline({ text: `${SOURCE} ${WINDOWS}`, input, batchRows });
    expect(error).toBeNull();
    expect(parse(output)).toEqual([
      { k: 'a', e: 10, c: 1, n: 1 },
      { k: 'b', e: 10, c: 1, n: 2 },
      { k: 'a', e: 20, c: 1, n: 8 },
      { k: 'b', e: 30, c: 1, n: 32 },
    ]);
    expect(progress.operators.reduce((sum, { late }) => sum + late, 0)).toBe(2);
    // A record with neither is a bad one.
    expect(progress.sources[0]).toMatchObject({ rows: 6, rejected: 1 });
  });

  test('rows around such records stay as they are, in order', async () => {
    const records = Array.from({ length: 60 }, (_, n) => (n % 3 === 1 ? { wm: n } : { k: `k${n}`, n, ts: n + 100 }));
    const { output } = await runPipeline({ text: `${SOURCE} SELECT k, n FROM t;`, input: lines(records), batchRows });
    expect(parse(output)).toEqual(records.flatMap((one) => ('k' in one ? [{ k: one.k, n: one.n }] : [])));
  });
});

test('a record that is only a watermark lets a window close before anything else comes', async () => {
  const text = `${SOURCE} SELECT COUNT(*) AS c FROM t GROUP BY TUMBLE(ts, INTERVAL '10' SECOND);`;
  const { progress } = await runPipeline({ text, input: lines([{ k: 'a', ts: 1 }, { wm: 12 }]) });
  expect(progress.sources[0]?.watermark).toBe(12_000_000);
});

test.each([
  ["WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM STDIN (watermark_records = true)"],
  ["WATERMARK FOR ts AS wm) FROM STDIN (watermark_records = true, format = 'csv')"],
  ['WATERMARK FOR ts AS COALESCE(wm, ts)) FROM STDIN (watermark_records = true)'],
])('%s is refused', async (rest) => {
  const text = `CREATE SOURCE t (wm TIMESTAMP, ts TIMESTAMP, ${rest}; SELECT ts FROM t;`;
  await expect(runPipeline({ text, input: '' })).rejects.toMatchObject({ code: 'LMN-2013' });
});
