// EXISTS and IN (SELECT …) give DuckDB's rows, NULLs included.

import fc from 'fast-check';
import { test } from 'vitest';
import { often } from '../support/random.ts';
import { checkJoin, tablesOf, withDuckDB } from './join-check.ts';

withDuckDB();

const RUNS = often(40);

const LEFT = 'k, s, i, t';

/** Conditions of WHERE over a row of `a`. */
const CONDITIONS = [
  'EXISTS (SELECT 1 FROM b WHERE b.k = a.k)',
  'NOT EXISTS (SELECT * FROM b WHERE b.k = a.k AND b.i > a.i)',
  "EXISTS (SELECT i FROM b WHERE i = a.i AND b.t BETWEEN a.t - INTERVAL '5' SECOND AND a.t + INTERVAL '9' SECOND)",
  "NOT EXISTS (SELECT 1 FROM b x WHERE x.k = a.k AND x.t BETWEEN a.t AND a.t + INTERVAL '20' SECOND AND x.f)",
  'EXISTS (SELECT 1 FROM a x WHERE x.i = a.i AND x.t < a.t)',
  'EXISTS (SELECT 1 FROM a AS b WHERE b.k = a.s)',
  'NOT EXISTS (SELECT 1 FROM b WHERE f)',
  'EXISTS (SELECT 1 FROM b JOIN c USING (k) WHERE b.i = a.i)',
  'EXISTS (SELECT k FROM b WHERE b.i = a.i AND EXISTS (SELECT 1 FROM c WHERE c.k = b.k))',
  'EXISTS (SELECT COUNT(*) FROM b GROUP BY k HAVING COUNT(*) > 2)',
  'k IN (SELECT k FROM b)',
  'a.k NOT IN (SELECT k FROM b)',
  'NOT (k IN (SELECT k FROM b WHERE k IS NOT NULL))',
  'i IN (SELECT b.i + 1 FROM b WHERE b.k = a.k)',
  'i NOT IN (SELECT i FROM b WHERE b.k = a.k)',
  'i NOT IN (SELECT i FROM b WHERE b.k IS NULL)',
  'i + 1 NOT IN (SELECT MAX(i) FROM b GROUP BY k)',
  'i IN (SELECT DISTINCT i FROM b WHERE f UNION ALL SELECT i FROM c)',
  't IN (SELECT t FROM b)',
  'd NOT IN (SELECT d FROM b WHERE FALSE)',
];

const FORMS = [
  (where: string) => `SELECT ${LEFT} FROM a WHERE ${where}`,
  (where: string) => `SELECT ${LEFT} FROM a WHERE a.i > -5 AND ${where} AND f IS NOT NULL`,
  (where: string) => `SELECT a.k, COUNT(*) AS n FROM a WHERE ${where} GROUP BY a.k`,
  (where: string) => `SELECT a.i, c.i AS j FROM a JOIN c ON a.k = c.k WHERE ${where.replace(/^(k|i|t|d)\b/, 'a.$1')}`,
];

/** Subqueries as parts of conditions, and as values. */
const VALUES = [
  ['', 'EXISTS (SELECT 1 FROM b WHERE b.k = a.k) OR i > 3'],
  ['', 'i < 0 OR k IN (SELECT k FROM b) OR NOT EXISTS (SELECT 1 FROM b WHERE b.i = a.i AND b.f)'],
  ['', 'NOT (i IN (SELECT i FROM b) AND f)'],
  ['', 'i NOT IN (SELECT i FROM b WHERE b.k = a.k) OR s IS NULL'],
  ['', '(i IN (SELECT i FROM b)) IS NULL'],
  [', EXISTS (SELECT 1 FROM b WHERE b.i = a.i AND b.t > a.t) AS e', 'TRUE'],
  [', k IN (SELECT s FROM b WHERE f) AS e, i NOT IN (SELECT i FROM c) AS g', 'TRUE'],
  [", CASE WHEN EXISTS (SELECT 1 FROM b WHERE b.k = a.k) THEN 'yes' ELSE s END AS e", 'i IS NOT NULL'],
  [', EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.t BETWEEN a.t AND a.t + INTERVAL 9 SECOND) AS e', 'TRUE'],
  ['', 'i > (SELECT AVG(i) FROM b)'],
  [', (SELECT COUNT(*) FROM b WHERE b.k = a.k) AS n', 'TRUE'],
  [', i - (SELECT MAX(i) + COUNT(*) FROM b WHERE b.k = a.k AND b.f) AS n', 'TRUE'],
  [', (SELECT COALESCE(SUM(i), -1) FROM b WHERE b.k = a.k AND a.i % 2 = b.i % 2) AS n', 'TRUE'],
  [', (SELECT MIN(b.i) FROM b JOIN c USING (k) WHERE c.i = a.i) AS n', '(SELECT COUNT(*) FROM c) > 3'],
  [', (SELECT i FROM b ORDER BY i DESC, t LIMIT 1) AS n', 'i IN (SELECT MAX(i) FROM a GROUP BY f) OR f'],
] as const;

/** Subqueries beside groups. */
const GROUPED = [
  'SELECT k, SUM(i) / (SELECT COUNT(*) FROM b) AS share FROM a GROUP BY k',
  'SELECT k, COUNT(*) AS n, (SELECT MAX(i) FROM b) AS m FROM a WHERE f GROUP BY 1 HAVING COUNT(*) > (SELECT AVG(i) FROM c)',
  'SELECT k, SUM(i) AS n, (SELECT COUNT(*) FROM b WHERE b.k = a.k) AS m FROM a GROUP BY k',
  'SELECT COUNT(*) - (SELECT COUNT(*) FROM b) AS n, MAX(i) IN (SELECT i FROM c) AS e FROM a',
  'SELECT k FROM a GROUP BY k HAVING MAX(i) IN (SELECT i FROM b) AND COUNT(*) > 1',
  'SELECT k, f, MIN(i) AS low FROM a GROUP BY k, f HAVING low < (SELECT MAX(i) FROM b) OR EXISTS (SELECT 1 FROM c WHERE c.k = a.k)',
  'SELECT DISTINCT CASE WHEN SUM(i) > (SELECT SUM(i) FROM b) THEN k ELSE s END AS x FROM a GROUP BY k, s',
  'SELECT a.k, COUNT(b.i) * (SELECT COUNT(*) FROM c) AS n FROM a LEFT JOIN b ON a.k = b.k GROUP BY a.k',
];

test('subqueries beside groups are those of DuckDB', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...GROUPED), tablesOf('a', 'b', 'c'), fc.nat(1000), async (text, tables, seed) => {
      await checkJoin({ query: { laminar: text, duckdb: text }, tables, seed, isOrdered: false });
    }),
    { numRuns: RUNS },
  );
});

test('subqueries in expressions are those of DuckDB', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(fc.constantFrom(...VALUES), tablesOf('a', 'b', 'c'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, async ([[column, where], tables, seed]) => {
      const text = `SELECT ${LEFT}${column} FROM a WHERE ${where}`;
      const laminar = text.replace('INTERVAL 9 SECOND', "INTERVAL '9' SECOND");
      await checkJoin({ query: { laminar, duckdb: text }, tables, seed, isOrdered: false });
    }),
    { numRuns: RUNS * 2 },
  );
});

test('subqueries of WHERE are those of DuckDB', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(
    fc.constantFrom(...CONDITIONS),
    fc.option(fc.constantFrom(...CONDITIONS.slice(0, 12)), { freq: 3 }),
    fc.constantFrom(...FORMS),
    tablesOf('a', 'b', 'c'),
    fc.nat(1000),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([one, other, form, tables, seed]) => {
      // Qualified in a join, where the names of the left side would be those of both.
      const where = other === null || form === FORMS[3] ? one : `${one} AND ${other}`;
      const text = form(where.replace(/\(k IN/, '(a.k IN'));
      await checkJoin({ query: { laminar: text, duckdb: text }, tables, seed, isOrdered: false });
    }),
    { numRuns: RUNS * 2 },
  );
});
