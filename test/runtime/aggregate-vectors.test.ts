// Aggregates in whole pipelines: published values, windows that overlap, and results that change.

import { describe, expect, it } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (k VARCHAR, x DOUBLE, q BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
FROM STDIN (format = 'json', timestamp_unit = 's');`;

type Row = { k?: string | null; x?: number | null; q?: number | null; ts: number };

async function lines(select: string, rows: readonly Row[], batchRows = 2048): Promise<unknown[]> {
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { output, error } = await runPipeline({ text: `${SOURCE}\n${select};`, input, batchRows });
  expect(error).toBeNull();
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

const values = (list: readonly (number | null)[]): Row[] => list.map((x, ts) => ({ x, ts }));

describe('published values', () => {
  it('open, high, low, close and volume of four ticks', async () => {
    const ticks = [100, 105, 98, 102].map((x, n) => ({ x, q: [10, 5, 15, 8][n] as number, ts: n }));
    const select = `SELECT FIRST_VALUE(x) AS o, MAX(x) AS h, MIN(x) AS l, LAST_VALUE(x) AS c, SUM(q) AS v, ARG_MAX(ts, x) AS at
FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)`;
    const bar = { o: 100, h: 105, l: 98, c: 102, v: 38, at: '1970-01-01T00:00:01Z' };
    expect(await lines(select, ticks)).toEqual([bar]);
    // Event time decides, not arrival.
    expect(
      await lines(
        select,
        [2, 0, 3, 1].map((n) => ticks[n] as Row),
      ),
    ).toEqual([bar]);
  });

  it('a correlation with values whose squares are too small to tell apart is not known', async () => {
    const rows = [0, 5e-324, 1e-323].map((x, n) => ({ x, q: -n, ts: n }));
    const select = 'SELECT CORR(q, x) IS NOT NULL AS has, isnan(CORR(q, x)) AS r FROM t';
    expect(await lines(select, rows)).toEqual([{ has: true, r: true }]);
  });

  it('of equal times FIRST keeps the earlier arrival and LAST takes the later; so does ARG_MIN of equal values', async () => {
    const rows = [10, 20, 30].map((x) => ({ x, q: 1, ts: 5 }));
    const select =
      'SELECT FIRST_VALUE(x) AS f, LAST_VALUE(x) AS l, ARG_MIN(x, q) AS a, ARG_MAX(x, q) AS b, MODE(x) AS m FROM t';
    expect(await lines(select, rows)).toEqual([{ f: 10, l: 30, a: 10, b: 10, m: 10 }]);
  });

  it('nothing is NULL, but counts are 0; one value has no variance of a sample', async () => {
    const select = `SELECT COUNT(x) AS n, COUNT(DISTINCT x) AS d, SUM(x) AS s, AVG(x) AS a, STDDEV(x) AS sd, VAR_POP(x) AS vp,
  MEDIAN(x) AS m, STRING_AGG(k) AS t, STRING_AGG(x) FILTER (WHERE x > 0) AS l, COVAR_SAMP(x, x) AS c FROM t`;
    const empty = { n: 0, d: 0, s: null, a: null, sd: null, vp: null, m: null, t: null, l: null, c: null };
    expect(await lines(select, [])).toEqual([empty]);
    expect(await lines(select, values([null, null]))).toEqual([empty]);
    expect(await lines(select, values([3]))).toEqual([{ ...empty, n: 1, d: 1, s: 3, a: 3, vp: 0, m: 3, l: '3.0' }]);
  });

  it('spread, median and quantiles of 2 4 4 4 5 5 7 9', async () => {
    const select = `SELECT STDDEV_POP(x) AS s, VAR_POP(x) AS v, MEDIAN(x) AS m, MODE(x) AS o, QUANTILE_DISC(x, 0.5) AS d,
  PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x) AS p, PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY x DESC) AS q FROM t`;
    const [row] = (await lines(select, values([9, 2, 5, 4, 7, 4, 5, 4]))) as Record<string, number>[];
    expect(row).toMatchObject({ m: 4.5, o: 4, d: 4, p: 4, q: 7 });
    expect(row?.['s']).toBeCloseTo(2, 12);
    expect(row?.['v']).toBeCloseTo(4, 12);
  });

  it('spread keeps its precision beside a large mean', async () => {
    const rows = values([4, 7, 13, 16].map((x) => x + 1e9));
    expect(await lines('SELECT VARIANCE(x) AS v FROM t', rows)).toEqual([{ v: 30 }]);
  });
});

describe('windows that overlap', () => {
  it('count different values and put texts together once each, in the order of arrival', async () => {
    const rows = [
      { k: 'b', x: 1, ts: 5 },
      { k: 'a', x: 2, ts: 3 },
      { k: 'b', x: 1, ts: 12 },
      { k: 'c', x: 2, ts: 11 },
    ];
    const select = `SELECT window_end AS e, COUNT(DISTINCT x) AS n, SUM(DISTINCT x) AS s, STRING_AGG(k, '') AS t,
  STRING_AGG(DISTINCT k, '') AS d, ANY_VALUE(k) AS a FROM t GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '20' SECOND)`;
    const text = `${SOURCE.replace("INTERVAL '1' SECOND", "INTERVAL '30' SECOND")}\n${select};`;
    const { output } = await runPipeline({ text, input: rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { e: '1970-01-01T00:00:10Z', n: 2, s: 3, t: 'ba', d: 'ba', a: 'b' },
      { e: '1970-01-01T00:00:20Z', n: 2, s: 3, t: 'babc', d: 'bac', a: 'b' },
      { e: '1970-01-01T00:00:30Z', n: 2, s: 3, t: 'bc', d: 'bc', a: 'b' },
    ]);
  });
});

describe('results that change', () => {
  it('come out whenever a value makes a difference, and not otherwise', async () => {
    const rows = [1, 1, 2, 1].map((x, n) => ({ k: `v${x}`, x, ts: n }));
    const select = `SELECT COUNT(DISTINCT x) AS n, STRING_AGG(DISTINCT k, '+') AS t, MAX(x) AS m FROM t EMIT ON UPDATE`;
    const expected = [
      { op: '+I', n: 1, t: 'v1', m: 1 },
      { op: '-U', n: 1, t: 'v1', m: 1 },
      { op: '+U', n: 2, t: 'v1+v2', m: 2 },
    ];
    for (const batchRows of [1, 2, 2048]) expect(await lines(select, rows, batchRows)).toEqual(expected);
  });

  it('of a median and of sorted texts are those of the rows so far', async () => {
    const select = "SELECT MEDIAN(x) AS m, STRING_AGG(x, ' ' ORDER BY x) AS l FROM t EMIT ON UPDATE";
    const changes = (await lines(select, values([3, 1, 2]))) as { op: string; m: number; l: string }[];
    expect(changes.filter(({ op }) => op !== '-U').map(({ m, l }) => [m, l])).toEqual([
      [3, '3.0'],
      [2, '1.0 3.0'],
      [2, '1.0 2.0 3.0'],
    ]);
  });
});

describe('COUNT_IF is NULL where its condition is known for no row, as in DuckDB', () => {
  it('of no rows, of rows with NULL, and FALSE counts as 0', async () => {
    const select = 'SELECT COUNT_IF(x > 2) AS n, COUNT_IF(DISTINCT x > 2) AS d FROM t';
    expect(await lines(select, [])).toEqual([{ n: null, d: null }]);
    expect(await lines(select, values([null]))).toEqual([{ n: null, d: null }]);
    expect(await lines(select, values([null, 1]))).toEqual([{ n: 0, d: 0 }]);
    expect(await lines(select, values([3, 4, 1]))).toEqual([{ n: 2, d: 1 }]);
  });

  it.each([1, 2048])('when all rows were taken back, in batches of %i', async (batchRows) => {
    const text = `CREATE SOURCE t (x BIGINT) FROM STDIN (changelog = 'weight');
      SELECT COUNT_IF(x > 2) AS n, COUNT(*) AS rows FROM t EMIT CHANGES;`;
    const input = '{"op":"+I","x":5}\n{"op":"+I","x":1}\n{"op":"-D","x":5}\n{"op":"-D","x":1}\n';
    const { output } = await runPipeline({ text, input, batchRows });
    const last = output.trim().split('\n').at(-1) as string;
    expect(JSON.parse(last)).toEqual({ op: '+U', n: null, rows: 0 });
  });
});
