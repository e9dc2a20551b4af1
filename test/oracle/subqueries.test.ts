// EXISTS and IN (SELECT …) give DuckDB's rows, NULLs included.

import fc from 'fast-check';
import { test } from 'vitest';
import { checkJoin, tablesOf, withDuckDB } from './join-check.ts';

withDuckDB();

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 40);

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
