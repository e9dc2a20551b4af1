// Intervals in queries: arithmetic with times and numbers, comparisons, and where months are refused.

import { expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (id BIGINT, started TIMESTAMP, ended TIMESTAMP, day DATE) FROM STDIN (format = 'json');`;
const ROW = { id: 3, started: '2024-02-28T23:00:00Z', ended: '2024-03-01T00:30:00Z', day: '2024-02-29' };

test.each([
  ['ended - started', '25:30:00'],
  ["ended - started > INTERVAL '1' DAY", 'true'],
  ["ended - started BETWEEN INTERVAL '25 hours' AND INTERVAL '26' HOUR", 'true'],
  ["started + id * INTERVAL '20' MINUTE", '2024-02-29 00:00:00'],
  ["INTERVAL '90' SECOND * 2", '00:03:00'],
  ["INTERVAL '1' HOUR * 1.5", '01:30:00'],
  ["INTERVAL '1' HOUR / 4", '00:15:00'],
  ["- INTERVAL '5' MINUTE", '-00:05:00'],
  ["INTERVAL '1' DAY - INTERVAL '1' HOUR", '23:00:00'],
  ["day + INTERVAL '36' HOUR", '2024-03-01 12:00:00'],
  ['day + 1', '2024-03-01'],
  ["day - DATE '2024-01-01'", '59'],
  ["date_trunc('hour', ended) - INTERVAL '1 minute'", '2024-02-29 23:59:00'],
  ['epoch(ended - started) / 3600', '25.5'],
  ["date_part('minute', ended - started)", '30'],
  ["greatest(ended - started, INTERVAL '2' DAY)", '48:00:00'],
])('%s is %s', async (sql, expected) => {
  const text = `${SOURCE} SELECT CAST(${sql} AS VARCHAR) AS v FROM t;`;
  const { output, error } = await runPipeline({ text, input: `${JSON.stringify(ROW)}\n` });
  expect(error).toBeNull();
  expect(output).toBe(`{"v":"${expected}"}\n`);
});
