// Random joins give DuckDB's rows.

import fc from 'fast-check';
import { test } from 'vitest';
import { often } from '../support/random.ts';
import type { Sql } from './generate.ts';
import { checkJoin, tablesOf, withDuckDB } from './join-check.ts';

withDuckDB();

const RUNS = often(40);

const KEYS = [
  'a.k = b.k',
  "COALESCE(a.k, 'red') = COALESCE(b.s, b.k)",
  'a.i % 3 = b.i % 3',
  'a.k = b.k AND b.f = a.f',
  'a.d = b.d AND a.k = b.k',
  'a.i = b.i + 1',
  "UPPER(a.k) || 'a longer text than fits' = UPPER(b.k) || 'a longer text than fits'",
];

const seconds = (n: number) => `INTERVAL '${n}' SECOND`;

const BOUNDS = [
  `a.t BETWEEN b.t - ${seconds(5)} AND b.t + ${seconds(10)}`,
  `b.t BETWEEN a.t AND a.t + ${seconds(20)}`,
  `a.t >= b.t + ${seconds(2)} AND a.t < b.t + ${seconds(9)}`,
  `b.t > a.t - ${seconds(30)} AND a.t - ${seconds(3)} >= b.t`,
  `a.t - b.t <= ${seconds(4)} AND b.t - a.t < ${seconds(7)}`,
  'a.t = b.t',
];

const EXTRAS = ['a.i < b.i', 'b.f', 'a.s IS NOT NULL', 'a.i > 0 OR b.i > 0', 'a.s <> b.s'];
const KINDS = ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN'];
const WHERES = [' WHERE a.i > -5', ' WHERE a.k IS NOT NULL AND a.f'];
const PAIR_WHERES = [' WHERE b.k IS NULL', ' WHERE a.i <> b.i OR b.i IS NULL', ' WHERE b.f AND a.f'];

const LEFT = 'a.k, a.s, a.i, a.t';
const BOTH = `${LEFT}, b.k AS bk, b.i AS bi, b.t AS bt`;

/** As DuckDB reads it: EXISTS for the kinds that it has only with keys. */
function twoTables(kind: string, on: string, where: string): Sql {
  const isSemi = kind === 'SEMI JOIN' || kind === 'ANTI JOIN';
  const laminar = `SELECT ${isSemi ? LEFT : BOTH} FROM a ${kind} b ON ${on}${where}`;
  if (!isSemi) return { laminar, duckdb: laminar };
  const exists = `${kind === 'ANTI JOIN' ? 'NOT ' : ''}EXISTS (SELECT 1 FROM b WHERE ${on})`;
  return { laminar, duckdb: `SELECT ${LEFT} FROM a${where === '' ? ' WHERE' : `${where} AND`} ${exists}` };
}

const conditions = (bounds: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.option(fc.constantFrom(...KEYS), { freq: 8 }), bounds, fc.option(fc.constantFrom(...EXTRAS), { freq: 1 }))
    .map((parts) => parts.filter((part) => part !== null && part !== '').join(' AND '))
    .filter((text) => text !== '');

const query = (bounds: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom(...KINDS), conditions(bounds), fc.nat(8)).map(([kind, on, choice]) => {
    const isSemi = kind === 'SEMI JOIN' || kind === 'ANTI JOIN';
    const wheres = isSemi ? WHERES : [...WHERES, ...PAIR_WHERES];
    return twoTables(kind, on, wheres[choice] ?? '');
  });

const OPTIONS = { numRuns: RUNS };

test('joins between times are those of DuckDB, with the same bytes at any cut', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(query(fc.constantFrom(...BOUNDS)), tablesOf('a', 'b'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, ([sql, tables, seed]) => checkJoin({ query: sql, tables, seed, isOrdered: true })),
    OPTIONS,
  );
});

test('joins without bounds are those of DuckDB', { timeout: 600_000 }, async () => {
  // All rows are as near as that: the times are looked at, and bound nothing.
  const bounds = fc.constantFrom('', 'a.t > b.t', `a.t + ${seconds(1)} <> b.t`);
  const cases = fc.tuple(query(bounds), tablesOf('a', 'b'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, ([sql, tables, seed]) => checkJoin({ query: sql, tables, seed, isOrdered: false })),
    OPTIONS,
  );
});

const THREE = [
  'SELECT a.i AS x, b.i AS y, c.i AS z FROM a JOIN b ON a.k = b.k LEFT JOIN c ON b.i = c.i AND a.t < c.t',
  `SELECT a.i AS x, b.i AS y, c.i AS z FROM a JOIN b ON a.k = b.k AND a.t BETWEEN b.t - ${seconds(5)} AND b.t + ${seconds(9)}
   JOIN c ON c.k = a.k AND c.t BETWEEN a.t AND a.t + ${seconds(10)}`,
  `SELECT a.i AS x, b.i AS y, c.i AS z FROM a LEFT JOIN b ON a.k = b.k AND a.t BETWEEN b.t - ${seconds(5)} AND b.t + ${seconds(9)}
   FULL JOIN c ON c.k = a.k AND c.t BETWEEN a.t AND a.t + ${seconds(10)}`,
  'SELECT * FROM (SELECT k, i FROM a) AS a JOIN (SELECT k, s FROM b WHERE f) AS b USING (k)',
  'SELECT k, a.i, b.i AS j FROM a FULL JOIN b USING (k) WHERE a.i > b.i OR a.i IS NULL OR b.i IS NULL',
  'SELECT k, COUNT(*) AS n, SUM(a.i) AS x, MAX(b.t) AS t FROM a JOIN b USING (k) GROUP BY k',
  'SELECT a.k, b.k AS kb, COUNT(*) AS n FROM a LEFT JOIN b ON a.i = b.i GROUP BY a.k, b.k HAVING COUNT(b.i) < 3',
  'SELECT x.k, x.i, y.i AS j FROM a x, a y, b WHERE x.k = y.k AND x.i < y.i AND b.i = y.i',
  'SELECT a.i, b.s FROM a CROSS JOIN b WHERE a.i = 3',
  'SELECT a.k, a.t, b.t AS u FROM a JOIN b ON a.k = b.k ORDER BY b.t DESC, a.t, a.k LIMIT 5',
  'SELECT DISTINCT b.k FROM a JOIN b ON a.i = b.i WHERE a.f',
  'SELECT a.k, ROW_NUMBER() OVER (PARTITION BY a.k ORDER BY a.t, b.t, a.i, b.i) AS n FROM a JOIN b USING (k)',
  'SELECT a.i AS x, c.i AS y FROM a JOIN (b JOIN c ON b.k = c.k AND b.f) ON a.i = b.i',
];

test('joins of several tables, and queries over joins, are those of DuckDB', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(fc.constantFrom(...THREE), tablesOf('a', 'b', 'c'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, async ([text, tables, seed]) => {
      await checkJoin({ query: { laminar: text, duckdb: text }, tables, seed, isOrdered: false });
    }),
    OPTIONS,
  );
});
