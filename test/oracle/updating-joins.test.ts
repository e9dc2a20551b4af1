// The law of changelogs for joins: what joins make of random changelogs on both sides adds up to what DuckDB makes of the
// rows that are left, at any batch size, with every row that goes there before and both rows of an update side by side.
// More with LAMINAR_TIMES=20.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import {
  type Changelog,
  changelog,
  columnsIn,
  OPTIONS as FORM_OPTIONS,
  type Form,
  forms,
  recordsOf,
  tableOf,
} from './random-changes.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';

const RUNS = often(60);

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

/** A source: a changelog in one of its forms, or rows that only come. */
interface Side {
  form: Form | 'rows';
  log: Changelog;
}

const rowsOnly: fc.Arbitrary<Side> = changelog(false).map(({ changes }) => {
  const rows = changes.flatMap(({ after }) => (after === null ? [] : [after]));
  return { form: 'rows', log: { rows, changes: rows.map((after) => ({ before: null, after })) } };
});

const side: fc.Arbitrary<Side> = fc.oneof({ weight: 3, arbitrary: forms }, { weight: 2, arbitrary: rowsOnly });

function sourceText(name: string, { form }: Side): string {
  const columns = columnsIn(form === 'rows' ? 'weight' : form);
  const format = form === 'rows' ? "format = 'json'" : FORM_OPTIONS[form];
  return `CREATE SOURCE ${name} ${columns} FROM FILE (path = 'x', ${format});`;
}

function bytesOf({ form, log }: Side): Buffer {
  const records = log.changes.flatMap((change) => (form === 'rows' ? [change.after] : recordsOf(form, change)));
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

const KEYS = ['a.n = b.n', 'a.m = b.m', 'a.m = b.m AND a.n = b.n', 'a.s = b.n', 'a.n % 2 = b.n % 2', 'a.id = b.id'];
const EXTRAS = ['a.s < b.s', 'a.x + b.x > 0', 'b.s > 0', "a.m <> 'a'", 'a.s <> b.s OR a.x > b.x'];
const KINDS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN'];

const conditions = fc
  .tuple(fc.option(fc.constantFrom(...KEYS), { freq: 8 }), fc.option(fc.constantFrom(...EXTRAS), { freq: 1 }))
  .map((parts) => parts.filter((part) => part !== null).join(' AND '))
  .filter((text) => text !== '');

interface Query {
  laminar: string;
  duckdb: string;
}

const LEFT = 'a.id, a.n, a.s, a.m';
const BOTH = `${LEFT}, b.id AS bid, b.n AS bn, b.x AS bx, b.m AS bm`;
const FEW = 'a.n, b.m AS bm';

const twoTables: fc.Arbitrary<Query> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    conditions,
    fc.constantFrom(BOTH, BOTH, FEW),
    fc.constantFrom('', '', 'a.s > 0', 'b.x IS NULL'),
  )
  .map(([kind, on, columns, where]) => {
    const isSemi = kind === 'SEMI JOIN' || kind === 'ANTI JOIN';
    if (!isSemi) {
      const text = `SELECT ${columns} FROM a ${kind} b ON ${on}${where === '' ? '' : ` WHERE ${where}`}`;
      return { laminar: text, duckdb: text };
    }
    const exists = `${kind === 'ANTI JOIN' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM b WHERE ${on})`;
    return { laminar: `SELECT ${LEFT} FROM a ${kind} b ON ${on}`, duckdb: `SELECT ${LEFT} FROM a WHERE ${exists}` };
  });

/** Queries over joins, joins of joins, of views and of a table with itself. */
const LARGER = [
  'SELECT b.m AS g, COUNT(*) AS c, SUM(a.s) AS t FROM a LEFT JOIN b ON a.n = b.n GROUP BY b.m',
  'SELECT a.m AS g, COUNT(b.id) AS c, MAX(b.x) AS t FROM a FULL JOIN b ON a.m = b.m AND a.s < b.s GROUP BY a.m',
  'SELECT DISTINCT a.n, b.m FROM a RIGHT JOIN b ON a.n = b.n',
  'SELECT a.id, b.id AS bid, c.id AS cid FROM a LEFT JOIN b ON a.n = b.n LEFT JOIN a AS c ON b.m = c.m AND c.s > 0',
  'SELECT a.id, b.id AS bid, c.id AS cid FROM a JOIN b ON a.n = b.n FULL JOIN b AS c ON a.m = c.m',
  'SELECT a.id, c.id AS cid FROM a LEFT JOIN a AS c ON a.n = c.s',
  'SELECT v.n, v.c, b.id FROM (SELECT n, COUNT(*) AS c FROM a GROUP BY n) v LEFT JOIN b ON v.c = b.n',
  'SELECT v.n, v.c, w.t FROM (SELECT n, COUNT(*) AS c FROM a GROUP BY n) v FULL JOIN (SELECT n, SUM(s) AS t FROM b GROUP BY n) w USING (n)',
  'SELECT x.id, y.c FROM a x JOIN (SELECT m, COUNT(*) AS c FROM a GROUP BY m) y ON x.m = y.m',
  'SELECT k, COUNT(*) AS c FROM (SELECT a.n AS k FROM a LEFT JOIN b ON a.m = b.m UNION ALL SELECT b.n AS k FROM b) GROUP BY k',
  'SELECT a.id, a.n FROM a WHERE a.n IN (SELECT b.s FROM b)',
  'SELECT a.id, a.s FROM a WHERE a.s NOT IN (SELECT b.s FROM b WHERE b.n = a.n)',
  'SELECT a.id, a.s FROM a WHERE a.s NOT IN (SELECT b.s FROM b)',
  'SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.n = a.n AND b.x > a.x) AND a.n NOT IN (SELECT MAX(n) FROM b GROUP BY m)',
  'SELECT a.id, b.id AS bid FROM a LEFT JOIN b ON a.n = b.n ORDER BY 1, 2 LIMIT 4',
  'SELECT a.id, a.n FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.n = a.n) OR a.s > 1',
  'SELECT a.id, EXISTS (SELECT 1 FROM b WHERE b.n = a.n AND b.x > a.x) AS e, a.s NOT IN (SELECT s FROM b) AS g FROM a',
  'SELECT a.id, a.s IN (SELECT b.s FROM b WHERE b.m = a.m) AS e FROM a WHERE a.n NOT IN (SELECT n FROM b) OR a.s > 0',
  'SELECT a.id, a.n FROM a WHERE a.s > (SELECT AVG(s) FROM b)',
  'SELECT a.id, (SELECT COUNT(*) + MAX(b.s) FROM b WHERE b.n = a.n) AS c, (SELECT COUNT(*) FROM b WHERE b.m = a.m) AS d FROM a',
  'SELECT n, SUM(s) - (SELECT SUM(s) FROM b) AS c FROM a GROUP BY n HAVING COUNT(*) > (SELECT COUNT(*) FROM b WHERE b.n = a.n)',
  'SELECT a.id, (SELECT MAX(s) FROM b) AS c FROM a WHERE a.n = (SELECT MAX(b.n) FROM b WHERE b.m = a.m)',
];

const larger = fc.constantFrom(...LARGER).map((text): Query => ({ laminar: text, duckdb: text }));

async function check(query: Query, emit: string, sides: { a: Side; b: Side }, seed: number): Promise<void> {
  for (const [name, { log }] of Object.entries(sides)) await duckdb.run(tableOf(name, log.rows));
  const expected = (await duckdb.runAndReadAll(query.duckdb)).getRows().map((one) => one.map(textOf));
  const sources = Object.entries(sides).map(([name, one]) => sourceText(name, one));
  const changes = emit === 'EMIT FINAL' || emit === '' ? '' : ", changelog = 'weight'";
  const text = `${sources.join('\n')}
CREATE SINK out AS ${query.laminar} ${emit === 'sink' ? '' : emit} INTO STDOUT (format = 'json', bigint = 'string'${changes});`;
  const bytes = Object.entries(sides).map(([name, one]) => [name, bytesOf(one)] as const);
  for (const batchRows of [1, 2, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
    const readers = Object.fromEntries(bytes.map(([name, input]) => [name, () => [new BytesReader(input, cut)]]));
    const result = await runPipeline({ text, readers, batchRows, now: () => 0 });
    const shown = () => `${text}\n${bytes.map(([name, input]) => `${name}:\n${input}`).join('')}`;
    expect(result.error, shown()).toBeNull();
    const problem = sameMultiset(laminarTable(result), expected);
    if (problem !== null) throw new Error(`${problem}\nbatches of ${batchRows}\n${shown()}\n${result.output}`);
  }
}

const emits = fc.constantFrom('EMIT CHANGES', 'EMIT CHANGES', 'sink', 'EMIT FINAL', '');

test('joins of random changelogs add up to what DuckDB makes of their sum', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(twoTables, emits, side, side, fc.nat(1000), (query, emit, a, b, seed) =>
      check(query, emit, { a, b }, seed),
    ),
    { numRuns: RUNS * 2 },
  );
});

test('queries over joins of random changelogs add up to what DuckDB makes of their sum', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(larger, emits, side, side, fc.nat(1000), (query, emit, a, b, seed) =>
      check(query, emit, { a, b }, seed),
    ),
    { numRuns: RUNS },
  );
});
