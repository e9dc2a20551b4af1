// Where all cores compute a node, a checkpoint is a cut through what is on its way between them: a run that goes on from
// it, on any number of cores, gives the bytes of one core that was never cut off. More with RESTORE_RUNS=200.

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { exchangeOf } from '../../src/plan/exchange.ts';
import { COLUMNS, type Row, rowArbitrary } from '../oracle/generate.ts';
import { runPipeline } from '../support/pipeline.ts';
import { runRestoredOnCores } from '../support/restored-on-cores.ts';

const RUNS = Number(process.env['RESTORE_RUNS'] ?? 6);
const isShrunk = process.env['RESTORE_RUNS'] !== undefined;

const DECLARED = COLUMNS.map(({ name, type }) => `${name} ${type}${name === 't' ? ' NOT NULL' : ''}`).join(', ');
const source = (name: string): string =>
  `CREATE SOURCE ${name} (${DECLARED}, WATERMARK FOR t AS t - INTERVAL '4' SECOND) FROM STDIN (format = 'json');`;

const seconds = (n: number): string => `INTERVAL '${n}' SECOND`;
const TUMBLE = `TUMBLE(t, ${seconds(10)})`;
const HOP = `HOP(t, ${seconds(5)}, ${seconds(20)})`;
const CUMULATE = `CUMULATE(t, ${seconds(5)}, ${seconds(20)})`;
const SESSION = `SESSION(t, ${seconds(3)})`;
/** Whose parts may be put together in any order, and others. */
const FREE = 'COUNT(*) AS c, SUM(i) AS si, AVG(b) AS ab, MIN(i) AS mi, MAX(d) AS md, BOOL_OR(f) AS f, MAX(t) AS mt';
const ORDERED =
  "COUNT(*) AS c, SUM(d) AS sd, MIN(s) AS ms, COUNT(DISTINCT s) AS ds, MEDIAN(i) AS me, STRING_AGG(s, '|') AS a, FIRST_VALUE(s) AS fs, LAST_VALUE(d) AS ld";

const QUERIES: Record<string, string[]> = {
  'grouped by key': [
    `SELECT k, ${ORDERED} FROM x GROUP BY k`,
    `SELECT s, k, STRING_AGG(k, ',') AS a FROM x WHERE i IS NOT NULL GROUP BY s, k`,
    ...[TUMBLE, HOP, CUMULATE, SESSION].map(
      (window) => `SELECT k, window_start, window_end, ${ORDERED} FROM x GROUP BY k, ${window}`,
    ),
    `SELECT i, window_end, STRING_AGG(s, '|') AS a FROM x GROUP BY i, ${HOP} ALLOW LATENESS ${seconds(3)}`,
  ],
  'grouped by parts': [
    `SELECT ${FREE} FROM x`,
    `SELECT k, ${FREE} FROM x GROUP BY k`,
    `SELECT s, window_start, ${FREE} FROM x GROUP BY s, ${TUMBLE}`,
    `SELECT window_end, ${FREE} FROM x GROUP BY ${HOP}`,
    `SELECT k, window_end, ${FREE} FROM x GROUP BY k, ${CUMULATE}`,
  ],
  'grouped, and the rest of a plan behind it': [
    `SELECT window_start, SUM(n) AS n, COUNT(*) AS c FROM (SELECT k, window_start, COUNT(DISTINCT s) AS n FROM x GROUP BY k, ${TUMBLE}) GROUP BY TUMBLE(window_start, ${seconds(30)})`,
    `SELECT k, c FROM (SELECT k, STRING_AGG(s, '') AS c FROM x GROUP BY k) ORDER BY c DESC, k LIMIT 3`,
  ],
};

/** Rows in the order of their times but for some seconds. */
const rows: fc.Arbitrary<Row[]> = fc
  .array(fc.tuple(rowArbitrary, fc.nat(9)), { minLength: 20, maxLength: 150 })
  .map((list) => list.map(([row, ahead], n) => ({ ...row, d: exact(row.d), t: n * 700 + ahead * 1000 })));

const exact = (value: Row[string] = null): number | null =>
  value === null ? null : Math.round(Number(value) * 16) / 16;

const encode = (list: Row[]): Buffer => Buffer.from(list.map((row) => `${JSON.stringify(row)}\n`).join(''));

let checkpoints = 0;
let shared = 0;
let runs = 0;
afterAll(() => {
  expect(checkpoints).toBeGreaterThanOrEqual(runs / 2);
  expect(shared).toBeGreaterThanOrEqual(runs / 2);
});

describe.each(Object.entries(QUERIES))('%s', (_, queries) => {
  it.each(queries)('goes on as if nothing had happened: %s', { timeout: 60_000 }, async (query) => {
    const text = `${source('x')}\nCREATE SINK out AS ${query} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(), async (list, seed) => {
        const input = encode(list);
        const whole = await runPipeline({ text, input, isOnOneCore: true, now: () => 0 });
        expect(exchangeOf(whole.plan)).not.toBeNull();
        const inputs = { x: { stdin: input } };
        const batchRows = [1, 7, 2048][seed % 3] as number;
        const restored = await runRestoredOnCores({ text, inputs, batchRows, seed, now: () => 0 });
        expect(restored.error?.message).toBe(whole.error?.message);
        expect(restored.output).toBe(whole.output);
        checkpoints += restored.checkpoints;
        shared += restored.shared;
        runs++;
      }),
      { numRuns: RUNS, endOnFailure: !isShrunk },
    );
  });
});
