// Windows over windows equal DuckDB's nested queries, while the input goes on: none of their rows is late, at any batch
// size. More with LAMINAR_TIMES=20.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lateCounts, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';
import { type RandomWindow, window } from './windows.ts';

const RUNS = often(60);
/** Rows are at most so far out of order, and the watermark waits so long, ms. */
const DELAY_MILLIS = 5000;

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

interface Event {
  k: string;
  i: number;
  t: number;
}

interface Nested {
  inner: RandomWindow;
  outer: RandomWindow | 'same';
  time: 'window_start' | 'window_end' | 'window_time';
  innerKeys: string[];
  outerKeys: string[];
  lateness: boolean;
  emit: string;
}

/** The last ones give changes, which must add up to the same. */
const EMITS = [
  '',
  '',
  'EMIT ON UPDATE',
  "EMIT EVERY INTERVAL '1' HOUR",
  "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '2' SECOND",
];

const nested: fc.Arbitrary<Nested> = fc.record({
  inner: window,
  outer: fc.oneof({ weight: 2, arbitrary: window }, { weight: 1, arbitrary: fc.constant('same' as const) }),
  time: fc.constantFrom('window_start', 'window_end', 'window_time'),
  innerKeys: fc.constantFrom(['k'], ['k', 'i']),
  outerKeys: fc.constantFrom([], ['k']),
  lateness: fc.boolean(),
  emit: fc.constantFrom(...EMITS),
});

/** In the order of arrival: each row is under way for up to the delay. */
const events: fc.Arbitrary<Event[]> = fc
  .array(
    fc.record({
      k: fc.constantFrom('a', 'b'),
      i: fc.integer({ min: 0, max: 2 }),
      t: fc.integer({ min: -40, max: 100 }).map((n) => n * 500),
      underWay: fc.integer({ min: 0, max: DELAY_MILLIS }),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.toSorted((a, b) => a.t + a.underWay - (b.t + b.underWay)).map(({ k, i, t }) => ({ k, i, t })));

const RESULTS = 'COUNT(*) AS windows, SUM(n) AS n, MAX(s) AS s';

function laminarText({ inner, outer, time, innerKeys, outerKeys, lateness, emit }: Nested): string {
  const late = lateness ? " EMIT ON WINDOW CLOSE ALLOW LATENESS INTERVAL '3' SECOND" : '';
  const groups = outer === 'same' ? ['window_end', 'window_start'] : [outer.group(time)];
  return `CREATE SOURCE t0 (k VARCHAR, i BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - INTERVAL '${DELAY_MILLIS / 1000}' SECOND)
FROM STDIN (format = 'json');
CREATE STREAM w AS SELECT ${innerKeys.join(', ')}, window_start, window_end, window_time, COUNT(*) AS n, SUM(i) AS s
FROM t0 GROUP BY ${[...innerKeys, inner.group('t')].join(', ')}${late};
CREATE SINK out AS SELECT ${[...outerKeys, 'window_start', 'window_end'].join(', ')}, ${RESULTS}
FROM w GROUP BY ${[...outerKeys, ...groups].join(', ')} ${emit}
INTO STDOUT (format = 'json', bigint = 'string');`;
}

function duckdbText({ inner, outer, time, innerKeys, outerKeys }: Nested): string {
  const rows = `SELECT ${innerKeys.join(', ')}, make_timestamp(ws) AS window_start, make_timestamp(we) AS window_end,
  make_timestamp(we - 1) AS window_time, COUNT(*) AS n, SUM(i) AS s
FROM ${inner.from(innerKeys, null)} GROUP BY ${[...innerKeys, 'ws', 'we'].join(', ')}`;
  const from =
    outer === 'same'
      ? '(SELECT *, epoch_us(window_start) AS ws, epoch_us(window_end) AS we FROM w)'
      : outer.from(outerKeys, null, { table: 'w', time, arrival: null });
  return `WITH w AS (${rows}) SELECT ${[...outerKeys, 'make_timestamp(ws)', 'make_timestamp(we)'].join(', ')}, ${RESULTS}
FROM ${from} GROUP BY ${[...outerKeys, 'ws', 'we'].join(', ')}`;
}

test('random windows over random windows give what DuckDB gives', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(nested, events, async (query, rows) => {
      // The start of a session is no event time.
      fc.pre(!(query.inner.isSession && query.outer !== 'same' && query.time === 'window_start'));
      await duckdb.run('CREATE OR REPLACE TABLE t0 (k VARCHAR, i BIGINT, t TIMESTAMP, seq INTEGER)');
      if (rows.length > 0) {
        const values = rows.map(({ k, i, t }, seq) => `('${k}', ${i}, make_timestamp(${t}000), ${seq})`);
        await duckdb.run(`INSERT INTO t0 VALUES ${values.join(', ')}`);
      }
      const expected = (await duckdb.runAndReadAll(duckdbText(query))).getRows().map((row) => row.map(textOf));
      const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      let first: string | null = null;
      for (const batchRows of [1, 7, 2048]) {
        const result = await runPipeline({ text: laminarText(query), input, batchRows });
        expect(result.error).toBeNull();
        expect(lateCounts(result.progress)).toEqual([0, 0]);
        if (first === null) {
          const problem = sameMultiset(laminarTable(result), expected);
          if (problem !== null) throw new Error(`${problem}\n${laminarText(query)}\n${duckdbText(query)}\n${input}`);
          first = result.output;
        }
        expect(result.output, 'batch size is unobservable').toBe(first);
      }
    }),
    { numRuns: RUNS },
  );
});
