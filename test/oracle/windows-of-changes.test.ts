// The law of changelogs for windows of a fixed length, temporal joins and lookups over random changelogs with times: what comes
// out adds up to what DuckDB makes of the rows that are left, at any batch size. More with LAMINAR_TIMES=20.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { type Change, type Form, forms, keyIn, OPTIONS, type Row, recordsOf } from './random-changes.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';
import { RETRACTABLE } from './retractable.ts';

const RUNS = often(40);

let duckdb: DuckDBConnection;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-changes-'));
const NAMES = path.join(folder, 'names.csv');

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
  fs.writeFileSync(NAMES, 'id,name\n0,zero\n2,two\n4,four\n');
  await duckdb.run("CREATE TABLE names AS SELECT * FROM (VALUES (0, 'zero'), (2, 'two'), (4, 'four')) n(id, name)");
});

afterAll(() => {
  duckdb.closeSync();
  fs.rmSync(folder, { recursive: true });
});

type Timed = Row & { t: number };

/** Rows that are equal have one time; several have the same. */
const timed = (row: Row): Timed => ({ ...row, t: row.n * 7000 + (row.s ?? 0) * 1000 + 20_000 });

const changes = forms.map(({ form, log: { changes: all, rows } }) => ({
  form,
  records: all.map(({ before, after }) => {
    return { before: before === null ? null : timed(before), after: after === null ? null : timed(after) };
  }),
  rows: rows.map(timed),
}));
type Log = typeof changes extends fc.Arbitrary<infer L> ? L : never;

const COLUMNS = 'id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR, t TIMESTAMP NOT NULL';
const source = (name: string, options: string, key = ''): string =>
  `CREATE SOURCE ${name} (${COLUMNS}, WATERMARK FOR t AS t - INTERVAL '1' HOUR${key}) FROM FILE (path = 'x', ${options});`;
const sourcesOf = (form: Form): string => `${source('a', OPTIONS[form], keyIn(form))}
${source('b', "format = 'json'")}
CREATE LOOKUP TABLE names (id BIGINT, name VARCHAR, PRIMARY KEY (id)) FROM FILE (path = '${NAMES}');`;

async function fill(name: string, rows: readonly Timed[]): Promise<void> {
  await duckdb.run(`CREATE OR REPLACE TABLE ${name} (id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR, t TIMESTAMP)`);
  const text = (value: string | number | null) => (typeof value === 'string' ? `'${value}'` : String(value));
  const values = rows.map(({ id, n, s, x, m, t }) => {
    return `(${[id, n, s, x, m].map(text).join(', ')}, make_timestamp(${t}000))`;
  });
  if (values.length > 0) await duckdb.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
}

const lines = (records: readonly (object | null)[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

/** `a` has the changes, `b` the rows of another log as they come. */
async function check(laminar: string, wanted: string, a: Log, b: Log, seed: number): Promise<void> {
  const come = b.records.flatMap(({ after }) => (after === null ? [] : [after]));
  await fill('a', a.rows);
  await fill('b', come);
  const expected = (await duckdb.runAndReadAll(wanted)).getRows().map((one) => one.map(textOf));
  const used = sourcesOf(a.form)
    .split('\n')
    .filter((line) => new RegExp(`\\b${line.split(' ')[line.includes('LOOKUP') ? 3 : 2]}\\b`).test(laminar));
  const text = `${used.join('\n')}\nCREATE SINK out AS ${laminar} INTO STDOUT (format = 'json', bigint = 'string');`;
  const bytes = { a: lines(a.records.flatMap((one) => recordsOf(a.form, one as Change))), b: lines(come) };
  for (const batchRows of [1, 2, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
    const readers = {
      a: () => [new BytesReader(bytes.a, cut)],
      b: () => [new BytesReader(bytes.b, cut)],
    };
    const result = await runPipeline({ text, readers, batchRows, now: () => 0 });
    const shown = () => `${text}\n${bytes.a}\n${bytes.b}`;
    expect(result.error, shown()).toBeNull();
    const problem = sameMultiset(laminarTable(result), expected);
    if (problem !== null) throw new Error(`${problem}\nbatches of ${batchRows}\n${shown()}\n${result.output}`);
  }
}

const WINDOWS = [
  { call: "TUMBLE(t, INTERVAL '4' SECOND)", slide: 4, size: 4 },
  { call: "HOP(t, INTERVAL '2' SECOND, INTERVAL '6' SECOND)", slide: 2, size: 6 },
  { call: "HOP(t, INTERVAL '3' SECOND, INTERVAL '7' SECOND)", slide: 3, size: 7 },
];

const windows = fc.record({
  window: fc.constantFrom(...WINDOWS),
  key: fc.constantFrom('m', 'id', 's'),
  list: fc
    .uniqueArray(fc.constantFrom(...RETRACTABLE), { minLength: 1, maxLength: 4 })
    .map((all) => all.map((text, n) => `${text} AS r${n}`).join(', ')),
  emit: fc.constantFrom(
    'EMIT CHANGES',
    'EMIT ON WINDOW CLOSE',
    "EMIT EVERY INTERVAL '1' HOUR",
    "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '3' SECOND",
    '',
  ),
  having: fc.constantFrom('', 'HAVING COUNT(*) > 1'),
});

test('windows of changes add up to those of the rows that are left', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(windows, changes, fc.nat(1000), async ({ window, key, list, emit, having }, a, seed) => {
      const laminar = `SELECT ${key} AS g, window_start, window_end, ${list} FROM a GROUP BY ${key}, ${window.call} ${having} ${emit}`;
      const start = `make_timestamp(i * ${window.slide * 1_000_000})`;
      const wanted = `SELECT ${key} AS g, ${start} AS window_start, ${start} + INTERVAL '${window.size} seconds' AS window_end, ${list}
FROM a, (SELECT unnest(range(0, 40)) AS i) WHERE t >= ${start} AND t < ${start} + INTERVAL '${window.size} seconds' GROUP BY ${key}, i ${having}`;
      await check(laminar, wanted, a, a, seed);
    }),
    { numRuns: RUNS },
  );
});

const LOOKUPS = [
  ['SELECT a.n, a.m, names.name FROM a LEFT JOIN names ON a.n = names.id', ''],
  ['SELECT a.id, names.name FROM a JOIN names ON a.id = names.id WHERE a.s > 0', ''],
  [
    'SELECT names.name, COUNT(*) AS c, SUM(a.s) AS t FROM a LEFT JOIN names ON a.n = names.id GROUP BY names.name EMIT CHANGES',
    '',
  ],
  [
    'SELECT a.id, a.t, b.t AS bt FROM a LEFT JOIN b FOR SYSTEM_TIME AS OF a.t AS b ON a.n = b.n',
    `SELECT id, t, bt FROM (SELECT l.id, l.t, b.t AS bt, ROW_NUMBER() OVER (PARTITION BY number ORDER BY b.t DESC) AS r
FROM (SELECT *, ROW_NUMBER() OVER () AS number FROM a) l LEFT JOIN b ON l.n = b.n AND b.t <= l.t) WHERE r = 1`,
  ],
  [
    'SELECT a.m, a.t, b.t AS bt FROM a JOIN b FOR SYSTEM_TIME AS OF a.t AS b ON a.id = b.id',
    `SELECT m, t, bt FROM (SELECT l.m, l.t, b.t AS bt, ROW_NUMBER() OVER (PARTITION BY number ORDER BY b.t DESC) AS r
FROM (SELECT *, ROW_NUMBER() OVER () AS number FROM a) l JOIN b ON l.id = b.id AND b.t <= l.t) WHERE r = 1`,
  ],
] as const;

test('lookups and temporal joins of changes add up to those of the rows that are left', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...LOOKUPS),
      changes,
      changes,
      fc.nat(1000),
      async ([text, wanted], a, b, seed) => {
        await check(text, wanted === '' ? text.replace(' EMIT CHANGES', '') : wanted, a, b, seed);
      },
    ),
    { numRuns: RUNS },
  );
});
