// Streams that are ordered, or computed over partitions, read by other queries: event time goes on through them.
import { describe, expect, it } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (k VARCHAR, x BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND);`;
/** In disorder by up to three seconds, and two rows that are late by more. */
const INPUT = Array.from({ length: 300 }, (_, n) => {
  const late = n === 150 || n === 200 ? 20 : 0;
  const seconds = n - ((n * 7) % 4) - late;
  return `{"k":"k${n % 3}","x":${(n * 31) % 17},"ts":${seconds * 1000}}\n`;
}).join('');

/** Rows in the order of their text: what comes out together may come in another order. */
async function rowsOf(text: string, batchRows: number) {
  const { output, error, progress } = await runPipeline({ text: `${SOURCE} ${text}`, input: INPUT, batchRows });
  expect(error).toBeNull();
  const late = progress.operators.reduce((sum, operator) => sum + operator.late, 0);
  return { lines: output.trim().split('\n'), late };
}

const sorted = (lines: string[]) => [...lines].sort();

describe.each([1, 7, 2048])('batches of %i rows', (batchRows) => {
  const COUNTS = "COUNT(*) AS n, SUM(x) AS total, window_end FROM given GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND)";

  it('windows over an ordered stream are those of the stream', async () => {
    const direct = await rowsOf(`CREATE STREAM given AS SELECT * FROM t; SELECT k, ${COUNTS};`, batchRows);
    const ordered = await rowsOf(`CREATE STREAM given AS SELECT * FROM t ORDER BY ts; SELECT k, ${COUNTS};`, batchRows);
    expect(direct.late).toBe(2);
    expect(ordered).toEqual(direct);
  });

  it('windows over what LAG and LEAD give are complete', async () => {
    const over = 'OVER (PARTITION BY k ORDER BY ts)';
    const given = `CREATE STREAM given AS SELECT k, ts, x, LAG(x) ${over} AS a, LEAD(x, 2) ${over} AS b FROM t;`;
    const { lines, late } = await rowsOf(`${given} SELECT k, COUNT(a) AS a, COUNT(b) AS b, ${COUNTS};`, batchRows);
    const direct = await rowsOf(`CREATE STREAM given AS SELECT * FROM t; SELECT k, ${COUNTS};`, batchRows);
    expect(late).toBe(2);
    expect(sorted(lines.map((line) => line.replace(/"a":\d+,"b":\d+,/, '')))).toEqual(sorted(direct.lines));
    const sum = (name: string) =>
      lines.reduce((total, line) => total + (JSON.parse(line) as Record<string, number>)[name]!, 0);
    // The first row of each key has none before it, the last two none after.
    expect([sum('n'), sum('a'), sum('b')]).toEqual([298, 295, 292]);
  });

  it('WHERE on a ROW_NUMBER in a stream above is LIMIT BY', async () => {
    const windows = `CREATE STREAM given AS SELECT * FROM t;
      CREATE STREAM sums AS SELECT k, SUM(x) AS total, window_start, window_end FROM given
      GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);`;
    const short = await rowsOf(
      `${windows} SELECT k, total, window_end FROM sums ORDER BY total DESC, k LIMIT 2 BY window_end;`,
      batchRows,
    );
    const long = await rowsOf(
      `${windows} CREATE STREAM ranked AS SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end
       ORDER BY total DESC, k) AS place FROM sums; SELECT k, total, window_end FROM ranked WHERE place <= 2;`,
      batchRows,
    );
    expect(short.lines.length).toBe(61);
    expect(long).toEqual(short);
  });

  it('one scan feeds an order, an OVER and a window', async () => {
    const { outputs, error } = await runPipeline({
      text: `${SOURCE} CREATE STREAM moves AS SELECT k, ts, x - LAG(x) OVER (PARTITION BY k ORDER BY ts) AS step FROM t;
        CREATE SINK a AS SELECT * FROM t ORDER BY ts INTO STDOUT;
        CREATE SINK b AS SELECT step FROM moves WHERE step > 0 INTO STDOUT;
        CREATE SINK c AS SELECT k, MAX(step) AS best, window_end FROM moves GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE) INTO STDOUT;`,
      input: INPUT,
      batchRows,
    });
    expect(error).toBeNull();
    const times =
      outputs['a']
        ?.trim()
        .split('\n')
        .map((line) => Date.parse((JSON.parse(line) as { ts: string }).ts)) ?? [];
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.length).toBe(298);
    const steps =
      outputs['b']
        ?.trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { step: number }).step) ?? [];
    const best =
      outputs['c']
        ?.trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { best: number }).best) ?? [];
    expect(Math.max(...best)).toBe(Math.max(...steps));
  });
});
