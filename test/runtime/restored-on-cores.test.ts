// Where all cores compute a node, a checkpoint is a cut through what is on its way between them: a run that goes on from
// it, on any number of cores, gives the bytes of one core that was never cut off. More with LAMINAR_TIMES=20.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { exchangeableOf } from '../../src/plan/fed-exchange.ts';
import { COLUMNS, type Row, rowArbitrary } from '../oracle/generate.ts';
import { runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { runRestoredOnCores } from '../support/restored-on-cores.ts';

const RUNS = often(6);
const isShrunk = often(1) > 1;

const DECLARED = COLUMNS.map(({ name, type }) => `${name} ${type}${name === 't' ? ' NOT NULL' : ''}`).join(', ');
const source = (name: string): string =>
  `CREATE SOURCE ${name} (${DECLARED}, WATERMARK FOR t AS t - INTERVAL '4' SECOND) FROM FILE (path = '${name}', format = 'json');`;

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
  'over partitions': [
    'SELECT k, i, ROW_NUMBER() OVER (PARTITION BY k ORDER BY t) AS n, LAG(s, 2) OVER (PARTITION BY k ORDER BY t) AS l FROM x',
    `SELECT k, s, SUM(d) OVER (PARTITION BY s ORDER BY t ROWS 3 PRECEDING) AS a, MAX(s) OVER (PARTITION BY s ORDER BY t RANGE BETWEEN ${seconds(9)} PRECEDING AND ${seconds(2)} FOLLOWING) AS m FROM x`,
    "SELECT i, STRING_AGG(s, ',') OVER (PARTITION BY f, day ORDER BY t) AS a, LAST_VALUE(s) IGNORE NULLS OVER (PARTITION BY f, day ORDER BY t) AS b FROM x",
    'SELECT k, i, RANK() OVER (PARTITION BY k ORDER BY i) AS r FROM x',
    'SELECT DISTINCT ON (k, f) k, f, i, s FROM x ORDER BY k, f, i',
    'SELECT k, i, s, t FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k, i ORDER BY t) AS r FROM x) WHERE r = 1',
    `SELECT k, COUNT(*) OVER (PARTITION BY k ORDER BY t GROUPS 1 PRECEDING) AS c, MIN(s) OVER (PARTITION BY k ORDER BY t RANGE ${seconds(5)} PRECEDING EXCLUDE CURRENT ROW) AS m FROM x`,
  ],
  joined: [
    `SELECT x.k, y.s, y.i FROM x JOIN y ON x.k = y.k AND y.t BETWEEN x.t - ${seconds(5)} AND x.t + ${seconds(5)}`,
    `SELECT x.k, x.i, y.s FROM x FULL JOIN y ON x.k = y.k AND x.i < y.i AND y.t BETWEEN x.t - ${seconds(9)} AND x.t`,
    `SELECT x.i FROM x WHERE NOT EXISTS (SELECT 1 FROM y WHERE y.k = x.k AND y.t BETWEEN x.t - ${seconds(3)} AND x.t)`,
    'SELECT x.k, x.i, y.s FROM x JOIN y ON x.s = y.s AND x.k = y.k',
    ...['x.t >= y.t', 'x.t <= y.t', 'NEAREST(x.t, y.t)'].map(
      (match) => `SELECT x.k, x.i, y.s, y.d FROM x ASOF LEFT JOIN y MATCH_CONDITION (${match}) ON x.k = y.k`,
    ),
  ],
  'joined, with results that change': [
    'SELECT x.k, x.i, y.s FROM x LEFT JOIN y ON x.k = y.k',
    'SELECT x.k, x.i, y.s, y.i AS j FROM x FULL JOIN y ON x.k = y.k AND x.i < y.i',
    'SELECT x.k, x.i FROM x WHERE NOT EXISTS (SELECT 1 FROM y WHERE y.s = x.s)',
    'SELECT x.k, x.i, g.c FROM x LEFT JOIN (SELECT k, COUNT(*) AS c FROM y GROUP BY k) g ON x.k = g.k',
    'SELECT f.i, f.c, g.d FROM (SELECT i, COUNT(*) AS c FROM x GROUP BY i) f FULL JOIN (SELECT k, COUNT(*) AS d FROM y GROUP BY k) g ON f.c = g.d',
    'SELECT x.k, x.i FROM x WHERE x.i NOT IN (SELECT y.i FROM y WHERE y.k = x.k)',
    'SELECT x.k, y.i, z.s FROM x LEFT JOIN y ON x.k = y.k AND x.s = y.s LEFT JOIN x AS z ON y.i = z.i AND y.k = z.s',
    `SELECT x.k, x.i, g.c FROM x LEFT JOIN (SELECT k, t, COUNT(*) AS c FROM y GROUP BY k, t) g ON x.k = g.k AND g.t BETWEEN x.t - ${seconds(3)} AND x.t + ${seconds(3)}`,
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
  expect(shared).toBeGreaterThanOrEqual(runs / 4);
});

/** Rows of two sources come in any order. */
const linesOf = (output: string): string[] => output.split('\n').sort();

describe.each(Object.entries(QUERIES))('%s', (_, queries) => {
  it.each(queries)('goes on as if nothing had happened: %s', { timeout: 120_000 }, async (query) => {
    const names = ['x', 'y'].filter((name) => new RegExp(`(FROM|JOIN) ${name}\\b`).test(query));
    const sink = `CREATE SINK out AS ${query} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
    const text = `${names.map(source).join('\n')}\n${sink}`;
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.nat(), async (x, y, seed) => {
        const input: Record<string, Buffer> = { x: encode(x), y: encode(y) };
        const whole = await runPipeline({ text, input, isOnOneCore: true, now: () => 0 });
        expect(exchangeableOf(whole.plan)).not.toEqual([]);
        const inputs = Object.fromEntries(names.map((name) => [name, { stdin: input[name] as Buffer }]));
        const batchRows = [1, 7, 2048][seed % 3] as number;
        const restored = await runRestoredOnCores({ text, inputs, batchRows, seed, now: () => 0 });
        expect(restored.error?.message).toBe(whole.error?.message);
        if (names.length === 1) expect(restored.output).toBe(whole.output);
        else expect(linesOf(restored.output)).toEqual(linesOf(whole.output));
        checkpoints += restored.checkpoints;
        shared += restored.shared;
        runs++;
      }),
      { numRuns: RUNS, endOnFailure: !isShrunk },
    );
  });
});

describe('lookups that all cores make', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-shares-'));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it.each([
    ['and no more', 'SELECT x.i, t.name FROM x LEFT JOIN t ON x.k = t.k WHERE x.i > 0'],
    ['before groups', `SELECT t.name, window_end, ${ORDERED} FROM x JOIN t ON x.k = t.k GROUP BY t.name, ${TUMBLE}`],
    ['behind groups', `SELECT g.*, t.name FROM (SELECT k, ${ORDERED} FROM x GROUP BY k) g LEFT JOIN t ON g.k = t.k`],
  ])('are gone on with: %s', { timeout: 120_000 }, async (_, query) => {
    const file = path.join(folder, 'table.csv');
    fs.writeFileSync(file, 'k,name\nred,one\nblue,two\ngreen,one\n');
    const table = `CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM FILE (path = '${file}', ttl = '5ms');`;
    const sink = `CREATE SINK out AS ${query} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
    const text = `${source('x')}\n${table}\n${sink}`;
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(), async (list, seed) => {
        const x = encode(list);
        const whole = await runPipeline({ text, input: { x }, isOnOneCore: true, now: () => 0 });
        // The table is read again and again, which changes nothing.
        let millis = 0;
        const now = () => ++millis;
        const restored = await runRestoredOnCores({ text, inputs: { x: { stdin: x } }, batchRows: 7, seed, now });
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

describe('sums of doubles over windows that overlap', () => {
  // None of them is exact, keys are rare, and there are times without rows: what a core has does not show in a sum.
  const inexact: fc.Arbitrary<Row[]> = fc
    .array(fc.tuple(rowArbitrary, fc.nat(9), fc.integer({ min: -9000, max: 9000 })), { minLength: 40, maxLength: 150 })
    .map((list) => {
      let now = 0;
      return list.map(([row, ahead, d], n) => {
        now += ahead === 0 ? 30_000 : 700;
        return { ...row, k: `k${n % 11}`, d: (d / 7) * 10 ** (n % 5), t: now + ahead * 1000 };
      });
    });

  it.each([
    `HOP(t, ${seconds(5)}, ${seconds(20)})`,
    `HOP(t, ${seconds(3)}, ${seconds(14)}, ${seconds(1)})`,
    `HOP(t, ${seconds(1)}, ${seconds(10)})`,
    CUMULATE,
  ])('are the same to the last digit on any cores, before and after a restart: %s', {
    timeout: 120_000,
  }, async (window) => {
    const query = `SELECT k, window_end, SUM(d) AS s, AVG(d) AS a, STDDEV(d) AS v FROM x GROUP BY k, ${window} ALLOW LATENESS ${seconds(3)}`;
    const text = `${source('x')}\nCREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
    await fc.assert(
      fc.asyncProperty(inexact, fc.nat(), fc.constantFrom(1, 4), async (x, seed, lives) => {
        const bytes = encode(x);
        const whole = await runPipeline({ text, input: { x: bytes }, isOnOneCore: true, now: () => 0 });
        const inputs = { x: { stdin: bytes } };
        const other = await runRestoredOnCores({ text, inputs, batchRows: 7, seed, lives, now: () => 0 });
        expect(other.error).toBeNull();
        expect(other.output).toBe(whole.output);
      }),
      { numRuns: RUNS, endOnFailure: !isShrunk },
    );
  });
});

describe('files that one core decompresses for all', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-shares-'));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it.each([
    ['decoded by all', 'SELECT k, i, s, d FROM x WHERE i > 0'],
    ['grouped by all', `SELECT k, window_start, ${ORDERED} FROM x GROUP BY k, ${TUMBLE}`],
  ])('are gone on with in their middle: %s', { timeout: 120_000 }, async (_, query) => {
    const options = `path = '${folder}/x*.gz', format = 'json', splits = 'sequential'`;
    const sink = `CREATE SINK out AS ${query} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
    const text = `${source('x').replace("path = 'x', format = 'json'", options)}\n${sink}`;
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.nat(), async (first, second, seed) => {
        fs.writeFileSync(path.join(folder, 'x1.gz'), gzipSync(encode(first)));
        fs.writeFileSync(path.join(folder, 'x2.gz'), gzipSync(encode(second)));
        const whole = await runPipeline({ text, isOnOneCore: true, now: () => 0 });
        const restored = await runRestoredOnCores({ text, inputs: {}, batchRows: 7, seed, now: () => 0 });
        expect(restored.error?.message).toBe(whole.error?.message);
        expect(restored.output).toBe(whole.output);
        checkpoints += restored.checkpoints;
        shared += restored.shared;
        runs++;
      }),
      { numRuns: RUNS * 2, endOnFailure: !isShrunk },
    );
  });
});

describe('records that all cores make', () => {
  const GENERATOR = `CREATE SOURCE x (n BIGINT, k VARCHAR, s VARCHAR, t TIMESTAMP NOT NULL, WATERMARK FOR t AS t - INTERVAL '1' SECOND)
    FROM GENERATOR (rows = 400, seed = 7, k.values = 'a,b,c,d', t.kind = 'sequence', t.start = '2024-01-01', t.step = '100ms');`;
  const NEXMARK = "CREATE SOURCE x FROM NEXMARK (kind = 'bid', events = 500, seed = 5);";

  it.each([
    `${GENERATOR} CREATE SINK out AS SELECT n, s FROM x INTO STDOUT (format = 'json');`,
    `${GENERATOR} CREATE SINK out AS SELECT k, window_start, STRING_AGG(s, '|') AS a FROM x GROUP BY k, ${TUMBLE} INTO STDOUT (format = 'json');`,
    `${NEXMARK} CREATE SINK out AS SELECT auction, price FROM x INTO STDOUT (format = 'json');`,
    `${NEXMARK} CREATE SINK out AS SELECT bidder, COUNT(*) AS c, MAX(price) AS p FROM x GROUP BY bidder INTO STDOUT (format = 'json');`,
  ])('go on at their numbers: %s', { timeout: 120_000 }, async (text) => {
    const whole = await runPipeline({ text, isOnOneCore: true, now: () => 0 });
    expect(whole.error).toBeNull();
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const restored = await runRestoredOnCores({ text, inputs: {}, batchRows: 7, seed, now: () => 0 });
        expect(restored.output).toBe(whole.output);
        checkpoints += restored.checkpoints;
        shared += restored.shared;
        runs++;
      }),
      { numRuns: RUNS * 2, endOnFailure: !isShrunk },
    );
  });
});
