// The law of changelogs for what goes by event time: sessions, ASOF joins and joins between times over random changelogs with
// times, out of order within the watermark, add up to what DuckDB makes of the rows that are left, at any batch size. With
// changes that come too late, only the batch size is looked at: they are the same ones. More with LAMINAR_TIMES=20.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { type Change, changelog, OPTIONS, type Row, recordsOf } from './random-changes.ts';
import { laminarTable, sameMultiset, textOf } from './results.ts';
import { RETRACTABLE } from './retractable.ts';

const RUNS = often(50);

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

type Timed = Row & { t: number };

interface Side {
  form: 'weight' | 'rows';
  changes: { before: Timed | null; after: Timed | null }[];
  rows: Timed[];
}

/** Rows that are equal have one time; several have the same. */
const timed = (row: Row): Timed => ({ ...row, t: row.n * 7000 + (row.s ?? 0) * 1000 + 20_000 });

const side = (forms: readonly Side['form'][]): fc.Arbitrary<Side> =>
  fc.tuple(fc.constantFrom(...forms), changelog(false)).map(([form, { changes, rows }]) => {
    const all = changes.map(({ before, after }) => {
      return { before: before === null ? null : timed(before), after: after === null ? null : timed(after) };
    });
    if (form !== 'rows') return { form, changes: all, rows: rows.map(timed) };
    const come = all.flatMap(({ after }) => (after === null ? [] : [after]));
    return { form, rows: come, changes: come.map((after) => ({ before: null, after })) };
  });

const changing = side(['weight']);
const any = side(['weight', 'rows']);

function sourceText(name: string, { form }: Side, delay: string): string {
  const format = form === 'rows' ? "format = 'json'" : OPTIONS[form];
  return `CREATE SOURCE ${name} (id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR, t TIMESTAMP NOT NULL, WATERMARK FOR t AS t - INTERVAL '${delay}') FROM FILE (path = 'x', ${format});`;
}

function bytesOf({ form, changes }: Side): Buffer {
  const records = changes.flatMap((change) => {
    return form === 'rows' ? [change.after] : recordsOf(form, change as Change);
  });
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

async function fill(name: string, rows: readonly Timed[]): Promise<void> {
  await duckdb.run(`CREATE OR REPLACE TABLE ${name} (id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR, t TIMESTAMP)`);
  const text = (value: string | number | null) => (typeof value === 'string' ? `'${value}'` : String(value));
  const values = rows.map(({ id, n, s, x, m, t }) => {
    return `(${[id, n, s, x, m].map(text).join(', ')}, make_timestamp(${t}000))`;
  });
  if (values.length > 0) await duckdb.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
}

interface Case {
  laminar: string;
  /** null: only the output at different batch sizes is compared. */
  duckdb: string | null;
  /** Two inputs may take turns in any way. */
  isOrdered: boolean;
  delay: string;
  sides: Record<string, Side>;
  seed: number;
}

async function check({ laminar, duckdb: wanted, isOrdered, delay, sides, seed }: Case): Promise<void> {
  for (const [name, { rows }] of Object.entries(sides)) await fill(name, rows);
  const expected =
    wanted === null ? null : (await duckdb.runAndReadAll(wanted)).getRows().map((one) => one.map(textOf));
  const sources = Object.entries(sides).map(([name, one]) => sourceText(name, one, delay));
  const text = `${sources.join('\n')}\nCREATE SINK out AS ${laminar} INTO STDOUT (format = 'json', bigint = 'string');`;
  const bytes = Object.entries(sides).map(([name, one]) => [name, bytesOf(one)] as const);
  let output: string | null = null;
  for (const batchRows of [1, 2, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
    const readers = Object.fromEntries(bytes.map(([name, input]) => [name, () => [new BytesReader(input, cut)]]));
    const result = await runPipeline({ text, readers, batchRows, now: () => 0 });
    const shown = () => `${text}\n${bytes.map(([name, input]) => `${name}:\n${input}`).join('')}`;
    expect(result.error, shown()).toBeNull();
    const problem = expected === null ? null : sameMultiset(laminarTable(result), expected);
    if (problem !== null) throw new Error(`${problem}\nbatches of ${batchRows}\n${shown()}\n${result.output}`);
    output ??= result.output;
    if (isOrdered) expect(result.output, `batch size is unobservable\n${shown()}`).toBe(output);
  }
}

const SESSION_EMITS = [
  'EMIT CHANGES',
  'EMIT ON UPDATE',
  "EMIT EVERY INTERVAL '1' HOUR",
  'EMIT ON WINDOW CLOSE',
  "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '3' SECOND",
  '',
];

const aggregates = fc
  .uniqueArray(fc.constantFrom(...RETRACTABLE), { minLength: 1, maxLength: 4 })
  .map((list) => list.map((text, n) => `${text} AS r${n}`).join(', '));

const sessions = fc.record({
  key: fc.constantFrom('m', 'id', ''),
  list: aggregates,
  emit: fc.constantFrom(...SESSION_EMITS),
  gap: fc.constantFrom(1, 2, 5),
  log: changing,
  seed: fc.nat(1000),
});

const sessionText = (key: string, list: string, gap: number): string =>
  `SELECT ${key === '' ? '' : `${key} AS g, `}window_start, window_end, ${list} FROM a GROUP BY ${key === '' ? '' : `${key}, `}SESSION(t, INTERVAL '${gap}' SECOND)`;

function sessionOracle(key: string, list: string, gap: number): string {
  const partition = key === '' ? '' : `PARTITION BY ${key}`;
  const interval = `INTERVAL '${gap} seconds'`;
  return `WITH b AS (SELECT *, CASE WHEN t - LAG(t) OVER (${partition} ORDER BY t) <= ${interval} THEN 0 ELSE 1 END AS begins FROM a),
c AS (SELECT *, SUM(begins) OVER (${partition} ORDER BY t) AS session FROM b)
SELECT ${key === '' ? '' : `${key} AS g, `}MIN(t) AS window_start, MAX(t) + ${interval} AS window_end, ${list} FROM c GROUP BY ${key === '' ? '' : `${key}, `}session`;
}

test('sessions of changes add up to those of the rows that are left', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async ({ key, list, emit, gap, log, seed }) => {
      await check({
        laminar: `${sessionText(key, list, gap)} ${emit}`,
        duckdb: sessionOracle(key, list, gap),
        isOrdered: true,
        delay: '1 hour',
        sides: { a: log },
        seed,
      });
    }),
    { numRuns: RUNS },
  );
});

test('which changes are too late for a session does not depend on batches', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(sessions, async ({ key, list, emit, gap, log, seed }) => {
      const laminar = `${sessionText(key, list, gap)} ${emit}`;
      await check({ laminar, duckdb: null, isOrdered: true, delay: '2 seconds', sides: { a: log }, seed });
    }),
    { numRuns: RUNS },
  );
});

/** Which right row, by its time alone: of equal ones either may be meant. */
const MATCHES = [
  { match: 'a.t >= b.t', on: 'b.t <= a.t', order: 'b.t DESC' },
  { match: 'a.t > b.t', on: 'b.t < a.t', order: 'b.t DESC' },
  { match: 'a.t <= b.t', on: 'b.t >= a.t', order: 'b.t' },
  {
    match: "a.t >= b.t AND a.t - b.t <= INTERVAL '6' SECOND",
    on: "b.t <= a.t AND a.t - b.t <= INTERVAL '6 seconds'",
    order: 'b.t DESC',
  },
  {
    match: 'NEAREST(a.t, b.t)',
    on: 'TRUE',
    order: 'abs(epoch_us(a.t) - epoch_us(b.t)), b.t',
  },
] as const;

const asof = fc.record({
  match: fc.constantFrom(...MATCHES),
  key: fc.constantFrom('n', 'm', 'id'),
  isLeft: fc.boolean(),
  where: fc.constantFrom('', 'b.s IS NOT NULL'),
  a: any,
  b: any,
  seed: fc.nat(1000),
});

test('ASOF joins of changes add up to those of the rows that are left', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(asof, async ({ match, key, isLeft, where, a, b, seed }) => {
      const only = where === '' ? '' : ` AND ${where}`;
      const kind = isLeft ? 'LEFT' : 'INNER';
      const laminar = `SELECT a.id, a.m, a.t, b.t AS bt FROM a ASOF ${isLeft ? 'LEFT ' : ''}JOIN b MATCH_CONDITION (${match.match}) ON a.${key} = b.${key}${only}`;
      const wanted = `WITH l AS (SELECT *, ROW_NUMBER() OVER () AS number FROM a)
SELECT id, m, t, bt FROM (
  SELECT a.id, a.m, a.t, b.t AS bt, ROW_NUMBER() OVER (PARTITION BY a.number ORDER BY ${match.order}) AS r
  FROM l a ${kind} JOIN b ON a.${key} = b.${key} AND ${match.on}${only}) WHERE r = 1`;
      const isOrdered = a.form === 'rows';
      await check({ laminar, duckdb: wanted, isOrdered, delay: '1 hour', sides: { a, b }, seed });
    }),
    { numRuns: RUNS },
  );
});

test('which changes are too late for an ASOF join does not depend on batches', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...MATCHES), changing, fc.nat(1000), async ({ match }, a, seed) => {
      const laminar = `SELECT l.id, l.t, r.id AS rid, r.t AS rt FROM (SELECT id, n, t FROM a EMIT CHANGES) l ASOF JOIN a r MATCH_CONDITION (${match.replaceAll('a.', 'l.').replaceAll('b.', 'r.')}) ON l.n = r.n`;
      const plain = laminar.replace(' EMIT CHANGES', '');
      await check({ laminar: plain, duckdb: null, isOrdered: false, delay: '2 seconds', sides: { a }, seed });
    }),
    { numRuns: Math.ceil(RUNS / 2) },
  );
});

const KINDS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN'];
const BOUNDS = [
  "b.t BETWEEN a.t - INTERVAL '3' SECOND AND a.t + INTERVAL '8' SECOND",
  "b.t >= a.t AND b.t < a.t + INTERVAL '5' SECOND",
  "a.t - b.t BETWEEN INTERVAL '1' SECOND AND INTERVAL '9' SECOND",
  'a.t = b.t',
];

const between = fc.record({
  kind: fc.constantFrom(...KINDS),
  bounds: fc.constantFrom(...BOUNDS),
  key: fc.constantFrom('a.m = b.m AND ', 'a.id % 3 = b.id % 3 AND ', 'a.x < b.x AND ', ''),
  a: changing,
  b: any,
  seed: fc.nat(1000),
});

test('joins of changes between times add up to those of the rows that are left', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(between, fc.boolean(), async ({ kind, bounds, key, a, b, seed }, isTurned) => {
      const isSemi = kind === 'SEMI JOIN' || kind === 'ANTI JOIN';
      const on = `${key}${bounds}`;
      const columns = isSemi ? 'a.id, a.n, a.m, a.t' : 'a.id, a.n, a.m, a.t, b.id AS bid, b.x AS bx, b.t AS bt';
      const exists = `${kind === 'ANTI JOIN' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM b WHERE ${on})`;
      await check({
        laminar: `SELECT ${columns} FROM a ${kind} b ON ${on}`,
        duckdb: isSemi ? `SELECT ${columns} FROM a WHERE ${exists}` : `SELECT ${columns} FROM a ${kind} b ON ${on}`,
        isOrdered: false,
        delay: '1 hour',
        sides: isTurned ? { a: b, b: a } : { a, b },
        seed,
      });
    }),
    { numRuns: RUNS },
  );
});

test('which changes are too late for a join between times does not depend on batches', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(between, async ({ kind, bounds, a, seed }) => {
      const on = bounds.replaceAll('a.t', 'l.t').replaceAll('b.t', 'r.t');
      const laminar = `SELECT l.id, l.t FROM a l ${kind} a r ON l.n = r.n AND ${on}`;
      const sums = new Set<string>();
      for (const batchRows of [1, 3, 2048]) {
        const text = `${sourceText('a', a, '2 seconds')}\nCREATE SINK out AS ${laminar} INTO STDOUT (format = 'json');`;
        const readers = { a: () => [new BytesReader(bytesOf(a), () => 1 + (seed % 300))] };
        const result = await runPipeline({ text, readers, batchRows, now: () => 0 });
        expect(result.error).toBeNull();
        sums.add(
          JSON.stringify(
            laminarTable(result)
              .map((row) => JSON.stringify(row))
              .sort(),
          ),
        );
      }
      expect(sums.size, `${laminar}\n${bytesOf(a)}`).toBe(1);
    }),
    { numRuns: Math.ceil(RUNS / 2) },
  );
});
