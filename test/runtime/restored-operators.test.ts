// Every operator saves what its output depends on: a run that is cut off anywhere, and gone on with on a core of its own
// from its last checkpoint, gives the bytes of one that was not. Each kind of node has queries here that have it, random
// rows decide the rest. More with LAMINAR_TIMES=20.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import type { PlanNode } from '../../src/plan/physical-plan.ts';
import { composedQuery } from '../oracle/composed.ts';
import { DECLARATIONS } from '../oracle/functions.ts';
import { COLUMNS, groupedQuery, orderedQuery, type Row, rowArbitrary, timeOrderedQuery } from '../oracle/generate.ts';
import { firstRowsQuery, overQuery } from '../oracle/generate-over.ts';
import { RETRACTABLE } from '../oracle/retractable.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { runRestored } from '../support/restored.ts';

const RUNS = often(4);
/** Shrinking what fails takes long: ask for it with many runs. */
const isShrunk = often(1) > 1;

const DECLARED = COLUMNS.map(({ name, type }) => `${name} ${type}${name === 't' ? ' NOT NULL' : ''}`).join(', ');
const CHANGING = 'id BIGINT NOT NULL, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR, t TIMESTAMP NOT NULL';
const LATE = "WATERMARK FOR t AS t - INTERVAL '4' SECOND";

/** Sources that queries name. `v` is a changelog, `u` one by key. */
const SOURCES: Record<string, string> = {
  t0: `(${DECLARED}, ${LATE}) FROM FILE (path = 'x', format = 'json')`,
  b: `(${DECLARED}, ${LATE}) FROM FILE (path = 'x', format = 'json')`,
  p: `(${DECLARED}, ${LATE}) FROM FILE (path = 'x', format = 'json', watermark = 'per_key', watermark_key = 'k', watermark_keys_max = 3, watermark_key_eviction = 'lowest')`,
  v: `(${CHANGING}, ${LATE}) FROM FILE (path = 'x', format = 'json', changelog = 'weight')`,
  u: `(${CHANGING}, PRIMARY KEY (id), ${LATE}) FROM FILE (path = 'x', format = 'json', changelog = 'upsert', op_column = 'kind')`,
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-restored-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const NAMES = path.join(folder, 'names.csv');
fs.writeFileSync(NAMES, 'k,name\nred,rouge\nblue,bleu\n');

const seconds = (n: number): string => `INTERVAL '${n}' SECOND`;
const AGGREGATES =
  "COUNT(*) AS c, SUM(d) AS sd, MIN(s) AS ms, MAX(d) AS md, COUNT(DISTINCT s) AS ds, MEDIAN(i) AS mi, STRING_AGG(s, '|') AS a, FIRST_VALUE(s) AS fs";
const TUMBLE = `TUMBLE(t, ${seconds(10)})`;
const HOP = `HOP(t, ${seconds(5)}, ${seconds(20)})`;
const SESSION = `SESSION(t, ${seconds(3)})`;
const OPEN = `EMIT AFTER WATERMARK ALLOW LATENESS ${seconds(6)}`;
const RETRACTED = RETRACTABLE.map((text, n) => `${text} AS r${n}`).join(', ');

const windowed = (window: string, emit: string): string =>
  `SELECT k, window_start, window_end, ${AGGREGATES} FROM t0 GROUP BY k, ${window} ${emit}`;

/** Queries by a kind of node that they have. A new kind needs some, and its operator `save` and `restore`. */
const QUERIES: Record<PlanNode['kind'], string[]> = {
  source: ['SELECT k, i FROM t0', `SELECT k, window_start, COUNT(*) AS c FROM p GROUP BY k, ${TUMBLE}`],
  sink: ['SELECT * FROM t0'],
  map: ['SELECT i + 1 AS j, shout(s) AS s FROM t0 WHERE i > 0'],
  unnest: ['SELECT k, UNNEST([i, i + 1]) AS j FROM t0'],
  limit: ['SELECT k FROM t0 LIMIT 9 OFFSET 3'],
  union: ['SELECT k, i FROM t0 UNION ALL SELECT s, i FROM b', 'SELECT k FROM t0 UNION SELECT s FROM b'],
  aggregate: [
    `SELECT k, ${AGGREGATES} FROM t0 GROUP BY k`,
    `SELECT ${AGGREGATES} FROM t0 EMIT CHANGES`,
    `SELECT k, ${AGGREGATES} FROM t0 GROUP BY k EMIT CHANGES`,
    `SELECT k, ${AGGREGATES} FROM t0 GROUP BY k EMIT EVERY INTERVAL '1' HOUR`,
    `SELECT k, ${RETRACTED} FROM (SELECT k, s AS m, COUNT(*) AS n, SUM(i) AS s, MAX(d) AS x FROM t0 GROUP BY k, s) GROUP BY k EMIT CHANGES`,
    `SELECT m, ${RETRACTED} FROM v GROUP BY m EMIT CHANGES`,
    `SELECT m, window_start, ${RETRACTED} FROM v GROUP BY m, ${TUMBLE}`,
    `SELECT n, window_end, ${RETRACTED} FROM v GROUP BY n, ${HOP} ${OPEN}`,
    `SELECT n, ${RETRACTED} FROM u GROUP BY n EMIT CHANGES`,
    `SELECT m, window_start, window_end, ${RETRACTED} FROM v GROUP BY m, ${SESSION} EMIT CHANGES`,
    `SELECT n, window_start, window_end, COUNT(*) AS c, MAX(m) AS x FROM v GROUP BY n, ${SESSION}`,
    `SELECT n, window_start, window_end, COUNT(DISTINCT s) AS c, MIN(x) AS x FROM v GROUP BY n, ${SESSION} ${OPEN}`,
    ...[TUMBLE, HOP, SESSION, `CUMULATE(t, ${seconds(5)}, ${seconds(20)})`].flatMap((window) =>
      ['', OPEN, 'EMIT ON UPDATE', "EMIT EVERY INTERVAL '1' HOUR"].map((emit) => windowed(window, emit)),
    ),
  ],
  late: [`SELECT k, COUNT(*) AS c FROM t0 GROUP BY k, ${TUMBLE} LATE DATA TO late`],
  sort: [
    'SELECT * FROM t0 ORDER BY s, d DESC',
    'SELECT k, t FROM t0 ORDER BY t',
    'SELECT i, s FROM t0 ORDER BY i NULLS FIRST, s LIMIT 5 OFFSET 2',
  ],
  top: [
    'SELECT k, COUNT(*) AS c FROM t0 GROUP BY k ORDER BY c DESC, k LIMIT 2 EMIT CHANGES',
    'SELECT id, m FROM v ORDER BY m, id LIMIT 3 OFFSET 1 EMIT CHANGES',
    'SELECT id, x FROM v ORDER BY x DESC, id EMIT FINAL',
    'SELECT i, s FROM t0 ORDER BY i DESC LIMIT 4 EMIT CHANGES',
  ],
  over: [
    'SELECT k, LAG(s) OVER (PARTITION BY k ORDER BY t) AS l, LEAD(d, 2) OVER (PARTITION BY k ORDER BY t) AS r FROM t0',
    'SELECT k, RANK() OVER (PARTITION BY k ORDER BY t) AS r, SUM(d) OVER (ORDER BY t ROWS 3 PRECEDING) AS s FROM t0',
    `SELECT MIN(s) OVER (PARTITION BY f ORDER BY t ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING) AS a, MAX(d) OVER (ORDER BY t RANGE BETWEEN ${seconds(9)} PRECEDING AND ${seconds(2)} FOLLOWING) AS b FROM t0`,
    "SELECT k, STRING_AGG(s, ',') OVER (PARTITION BY k ORDER BY t) AS a, LAST_VALUE(s) IGNORE NULLS OVER (PARTITION BY k ORDER BY t) AS b FROM t0",
    "SELECT MAX(day) OVER (ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '6' SECOND PRECEDING EXCLUDE TIES) AS m, LAST_VALUE(d) IGNORE NULLS OVER (PARTITION BY k ORDER BY t ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) AS l FROM t0",
    'SELECT k, COUNT(*) OVER (PARTITION BY k ORDER BY t GROUPS 1 PRECEDING) AS c, MAX(s) OVER (PARTITION BY k ORDER BY t) AS m FROM t0',
    'SELECT m, id, ROW_NUMBER() OVER (PARTITION BY m ORDER BY x) AS r, DENSE_RANK() OVER (PARTITION BY m ORDER BY x) AS d FROM v EMIT CHANGES',
    'SELECT k, i, r FROM (SELECT k, i, RANK() OVER (PARTITION BY k ORDER BY i) AS r FROM t0) WHERE r <= 2 EMIT CHANGES',
    'SELECT DISTINCT ON (k) k, i, s FROM t0 ORDER BY k, i',
  ],
  join: [
    `SELECT t0.k, b.s, b.i FROM t0 JOIN b ON t0.k = b.k AND b.t BETWEEN t0.t - ${seconds(5)} AND t0.t + ${seconds(5)}`,
    `SELECT t0.k, t0.i, b.s FROM t0 FULL JOIN b ON t0.k = b.k AND t0.i < b.i AND b.t BETWEEN t0.t - ${seconds(9)} AND t0.t`,
    'SELECT t0.k, t0.i, b.s FROM t0 LEFT JOIN b ON t0.s = b.s AND t0.k = b.k',
    'SELECT t0.k, t0.i FROM t0 WHERE EXISTS (SELECT 1 FROM b WHERE b.s = t0.s)',
    `SELECT t0.i FROM t0 WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = t0.k AND b.t BETWEEN t0.t - ${seconds(3)} AND t0.t)`,
    'SELECT t0.i FROM t0 WHERE t0.s NOT IN (SELECT s FROM b)',
    'SELECT t0.k, t0.i, v.m, v.x FROM t0 LEFT JOIN v ON t0.i = v.s EMIT CHANGES',
    'SELECT w.m, w.id, v.x FROM v FULL JOIN u w ON w.m = v.m AND w.n <= v.n EMIT CHANGES',
    `SELECT v.id, v.m, u.id AS uid, u.x FROM v LEFT JOIN u ON v.m = u.m AND u.t BETWEEN v.t - ${seconds(5)} AND v.t + ${seconds(5)} EMIT CHANGES`,
    'SELECT v.id, v.m FROM v WHERE EXISTS (SELECT 1 FROM u WHERE u.m = v.m) EMIT CHANGES',
    'SELECT u.id FROM u WHERE u.m NOT IN (SELECT m FROM v) EMIT CHANGES',
    'SELECT t0.k, t0.i, u.id, u.m FROM t0 LEFT JOIN u FOR SYSTEM_TIME AS OF t0.t ON ABS(t0.i) % 6 = u.id',
    'SELECT t0.k, t0.i, v.id, v.m FROM t0 LEFT JOIN v FOR SYSTEM_TIME AS OF t0.t ON t0.s = v.m',
    ...['t0.t >= b.t', 't0.t <= b.t', 'NEAREST(t0.t, b.t)'].flatMap((match) =>
      ['ASOF JOIN', 'ASOF LEFT JOIN'].map(
        (kind) => `SELECT t0.k, t0.i, b.s, b.d FROM t0 ${kind} b MATCH_CONDITION (${match}) ON t0.k = b.k`,
      ),
    ),
  ],
  lookup: ['SELECT t0.i, names.name FROM t0 LEFT JOIN names ON t0.k = names.k'],
  recall: [
    'SELECT v.id, v.m, b.s FROM v LEFT JOIN b FOR SYSTEM_TIME AS OF v.t ON v.m = b.s EMIT CHANGES',
    'SELECT u.id, u.n, b.i, b.s FROM u JOIN b FOR SYSTEM_TIME AS OF u.t ON u.n = b.i AND b.k IS NOT NULL EMIT CHANGES',
  ],
  lasting: [
    'SELECT t0.k, t0.i, v.m, v.x FROM t0 ASOF LEFT JOIN v MATCH_CONDITION (t0.t >= v.t) ON t0.s = v.m',
    'SELECT u.id, u.n, v.m, v.x FROM u ASOF JOIN v MATCH_CONDITION (NEAREST(u.t, v.t)) ON u.m = v.m EMIT CHANGES',
  ],
  changes: ['SELECT id, n, m FROM v EMIT CHANGES', 'SELECT id, m FROM u EMIT CHANGES'],
  table: ['SELECT id, m, x FROM u EMIT CHANGES', 'SELECT m, COUNT(*) AS c FROM u GROUP BY m EMIT CHANGES'],
  upserts: ['SELECT k, COUNT(*) AS c FROM t0 GROUP BY k EMIT CHANGES'],
};

/**
 * Rows in the order of their times but for some seconds. Sums are exact: where a row is in several windows that come out
 * by the clock, the order in which doubles are added depends on what was read at once.
 */
const rows: fc.Arbitrary<Row[]> = fc
  .array(fc.tuple(rowArbitrary, fc.nat(9)), { minLength: 4, maxLength: 60 })
  .map((list) => list.map(([row, ahead], n) => ({ ...row, d: exact(row.d), t: n * 900 + ahead * 1000 })));

const exact = (value: Row[string] = null): number | null =>
  value === null ? null : Math.round(Number(value) * 16) / 16;

const TEXTS = ['a', '', 'longer than twelve bytes', 'longer than twelve bytes, much'];
const changes: fc.Arbitrary<Row[]> = fc
  .array(
    fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      n: fc.integer({ min: 0, max: 3 }),
      s: fc.option(fc.integer({ min: -3, max: 3 })),
      x: fc.option(fc.integer({ min: -20, max: 20 }).map((n) => n / 8)),
      m: fc.option(fc.constantFrom(...TEXTS)),
      ahead: fc.nat(5),
      isDeleted: fc.boolean(),
      at: fc.nat(),
    }),
    { minLength: 12, maxLength: 60 },
  )
  .map((list) => {
    // What is deleted has mostly been there.
    const known: Row[] = [];
    return list.map(({ ahead, isDeleted, at, ...row }, n) => {
      const made = { ...row, t: n * 900 + ahead * 1000 };
      const old = known[at % Math.max(known.length, 1)];
      if (isDeleted && old !== undefined && at % 7 > 0) return { op: '-D', kind: '-D', ...old };
      known.push(made);
      return { op: isDeleted && at % 5 === 0 ? '-U' : '+I', ...made };
    });
  });

const inputs = fc.record({ t0: rows, b: rows, p: rows, v: changes, u: changes });
type Inputs = typeof inputs extends fc.Arbitrary<infer T> ? T : never;

const encode = (list: Row[]): Buffer => Buffer.from(list.map((row) => `${JSON.stringify(row)}\n`).join(''));

function pipelineOf(query: string, options = "format = 'json', bigint = 'string', non_finite = 'string'"): string {
  const names = Object.keys(SOURCES).filter((name) => new RegExp(`(FROM|JOIN) ${name}\\b`).test(query));
  const sources = names.map((name) => `CREATE SOURCE ${name} ${SOURCES[name]};\n`).join('');
  // Two sinks share the text of the one that has late rows.
  if (query.includes('LATE DATA TO')) return `${sources}CREATE SINK late INTO STDOUT (format = 'json');\n${query};`;
  const tables = query.includes('names')
    ? `CREATE LOOKUP TABLE names (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM FILE (path = '${NAMES}');\n`
    : '';
  return `${sources}${tables}${DECLARATIONS}\nCREATE SINK out AS ${query} INTO STDOUT (${options});`;
}

/** Where rows of several inputs come as they are read, their order is that of the reads, which a restart changes. */
const isUnordered = (query: string): boolean =>
  /UNION|LEFT JOIN (b|v) ON t0|(FULL|LEFT) JOIN u|ASOF JOIN v|EXISTS \(SELECT 1 FROM u|EXISTS \(SELECT 1 FROM b WHERE b.s|NOT IN|FROM [uv] (LEFT )?JOIN b FOR/.test(
    query,
  );

/** What rows, or changes of them, add up to: how often each is there. */
function sumOf(output: string): Map<string, number> {
  const sum = new Map<string, number>();
  for (const line of output.split('\n').filter((one) => one !== '')) {
    const { op = '+I', ...row } = JSON.parse(line);
    const key = JSON.stringify(row);
    const count = (sum.get(key) ?? 0) + (op.startsWith('+') ? 1 : -1);
    if (count === 0) sum.delete(key);
    else sum.set(key, count);
  }
  return new Map([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function holds(query: string, given: Inputs, seed: number, options?: string): Promise<number> {
  const text = pipelineOf(query, options);
  const splits = Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => text.includes(`CREATE SOURCE ${name} `))
      .map(([name, list]) => [name, encode(list)]),
  );
  const readers = Object.fromEntries(
    Object.entries(splits).map(([name, bytes]) => [name, () => [new BytesReader(bytes)]]),
  );
  const batchRows = [1, 7, 2048][seed % 3] as number;
  const whole = await runPipeline({ text, readers, batchRows, now: () => 0 });
  const { outputs, checkpoints, error } = await runRestored({ text, splits, batchRows, seed, now: () => 0 });
  expect(error?.message).toBe(whole.error?.message);
  const shown = (all: Record<string, string>): unknown => (isUnordered(query) ? Object.values(all).map(sumOf) : all);
  expect(shown(outputs), query).toEqual(shown(whole.outputs));
  return checkpoints;
}

/** Of all runs: lives may be over before their first. */
let checkpoints = 0;
let runs = 0;
afterAll(() => expect(checkpoints).toBeGreaterThanOrEqual(runs / 2));

describe.each(Object.entries(QUERIES))('a node of kind %s', (kind, queries) => {
  const options = kind === 'upserts' ? "format = 'json', changelog = 'upsert'" : undefined;

  it.each(queries)('goes on as if nothing had happened: %s', { timeout: 60_000 }, async (query) => {
    await fc.assert(
      fc.asyncProperty(inputs, fc.nat(), async (given, seed) => {
        checkpoints += await holds(query, given, seed, options);
        runs++;
      }),
      { numRuns: RUNS, endOnFailure: !isShrunk },
    );
  });

  it('is in its queries, and all that they are built of is saved', async () => {
    for (const query of queries) {
      const text = pipelineOf(query, options);
      const readers = Object.fromEntries(
        Object.keys(SOURCES).map((name) => [name, () => [new BytesReader(Buffer.of())]]),
      );
      const { core, plan } = await preparePipeline({ text, readers });
      expect(plan.nodes.map((node) => node.kind)).toContain(kind);
      for (const { id, save } of core.parts.operators) expect(save, id).toBeTypeOf('function');
      core.run();
    }
  });
});

test('a table that a stream keeps up to date is saved with its rows', { timeout: 60_000 }, async () => {
  const text = `${pipelineOf('SELECT * FROM t0').replace(/CREATE SINK[\s\S]*/, '')}
    CREATE STREAM totals AS SELECT k, COUNT(*) AS c FROM t0 GROUP BY k EMIT CHANGES;
    CREATE SINK out AS SELECT t0.i, totals.c FROM t0 LEFT JOIN totals FOR SYSTEM_TIME AS OF PROCTIME() ON t0.k = totals.k
    INTO STDOUT (format = 'json');`;
  await fc.assert(
    fc.asyncProperty(rows, fc.nat(), async (list, seed) => {
      const t0 = encode(list);
      const readers = { t0: () => [new BytesReader(t0)] };
      const whole = await runPipeline({ text, readers, batchRows: 1, now: () => 0 });
      const restored = await runRestored({ text, splits: { t0 }, batchRows: 1, seed, now: () => 0 });
      expect(restored.output).toBe(whole.output);
    }),
    { numRuns: RUNS * 2, endOnFailure: !isShrunk },
  );
});

test('no class of an operator is without save', () => {
  const folders = ['src/runtime/operators', 'src/runtime/exchange'];
  const files = folders.flatMap((one) => fs.readdirSync(one).map((name) => path.join(one, name)));
  const operators = files.filter((file) => /^ {2}stateBytes\(\): number {/m.test(fs.readFileSync(file, 'utf8')));
  const unsaved = operators.filter((file) => !/^ {2}save\(/m.test(fs.readFileSync(file, 'utf8')));
  expect(operators.length).toBeGreaterThan(15);
  // A sink settles.
  expect(unsaved.map((file) => path.basename(file))).toEqual(['sink.ts']);
});

describe('random queries', () => {
  it.each([
    ['grouped', groupedQuery],
    ['composed', composedQuery],
    ['ordered', orderedQuery],
    ['ordered by time', timeOrderedQuery],
    ['with OVER', overQuery],
    ['of first rows', firstRowsQuery],
  ] as const)('%s go on as if nothing had happened', { timeout: 60_000 }, async (_, queries) => {
    await fc.assert(
      fc.asyncProperty(queries, inputs, fc.nat(), async ({ laminar }, given, seed) => {
        await holds(laminar, given, seed);
      }),
      { numRuns: RUNS * 4, endOnFailure: !isShrunk },
    );
  });
});
