// Queries of queries: WITH, subqueries, UNION ALL, DISTINCT, GROUP BY ALL around queries of one table.

import fc from 'fast-check';
import { groupedQuery, plainQuery, type Sql } from './generate.ts';

const wrap = (before: string, { laminar, duckdb }: Sql, after: string): Sql => ({
  laminar: `${before}${laminar}${after}`,
  duckdb: `${before}${duckdb}${after}`,
});

const both = (one: Sql, between: string, other: Sql): Sql => ({
  laminar: `${one.laminar}${between}${other.laminar}`,
  duckdb: `${one.duckdb}${between}${other.duckdb}`,
});

/** Queries that UNION ALL can put together: three columns of types that go together. */
const part: fc.Arbitrary<Sql> = fc
  .record({
    text: fc.constantFrom('k', 's', "'x'", 'CAST(NULL AS VARCHAR)', "COALESCE(k, '-')", 'UPPER(s)'),
    number: fc.constantFrom('i', 'b', 'd', '1', 'NULL', 'i + b', 'd * 2'),
    flag: fc.constantFrom('f', 'i > 0', 'k IS NULL', 'd > 0 AND f', 'f IS NOT TRUE'),
    where: fc.constantFrom('', ' WHERE i > 0', ' WHERE f', " WHERE k = 'red' OR s IS NULL", ' WHERE FALSE'),
    shape: fc.constantFrom('', 'DISTINCT ', 'group', 'having'),
  })
  // A NULL behind GROUP BY or DISTINCT is an INTEGER here, and any type in DuckDB.
  .filter(({ number, shape }) => shape === '' || number !== 'NULL')
  .map(({ text, number, flag, where, shape }) => {
    const grouped = shape === 'group' || shape === 'having';
    const total = grouped ? `MIN(${number})` : number;
    const after = shape === 'group' ? ' GROUP BY ALL' : shape === 'having' ? ' GROUP BY 1, 3 HAVING COUNT(*) > 1' : '';
    const query = `SELECT ${grouped ? '' : shape}${text} AS x, ${total} AS y, ${flag} AS z FROM t0${where}${after}`;
    return { laminar: query, duckdb: query };
  });

const union = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .map((parts) => parts.reduce((sum, one) => both(sum, ' UNION ALL ', one)));

/** What reads x, y and z of `#`. */
const reader = fc.constantFrom(
  'SELECT * FROM #',
  'SELECT z, x FROM # WHERE y IS NOT NULL',
  'SELECT DISTINCT x, z FROM #',
  'SELECT x, COUNT(*) AS n, MAX(y) AS m FROM # GROUP BY x',
  'SELECT x, z, COUNT(y) AS n FROM # GROUP BY ALL',
  'SELECT COUNT(*) AS n, COUNT(x) AS m FROM # HAVING COUNT(*) > 2',
  'SELECT * EXCLUDE (z) FROM # UNION ALL SELECT x, NULL FROM # WHERE z',
  'SELECT * REPLACE (y IS NULL AS z) FROM #',
  'SELECT x FROM # UNION SELECT x FROM # WHERE z',
  "SELECT q.x || '!' AS x FROM (SELECT x FROM # WHERE z UNION ALL SELECT 'none' FROM #) AS q",
);

/** Queries of a union, as a subquery or as a common table that may be read twice. */
export const composedQuery: fc.Arbitrary<Sql> = fc
  .tuple(union, reader, fc.boolean())
  .map(([read, written, isNamed]) => {
    if (isNamed) return wrap('WITH u AS (', read, `) ${written.replaceAll('#', 'u')}`);
    return {
      laminar: written.replaceAll('#', () => `(${read.laminar})`),
      duckdb: written.replaceAll('#', () => `(${read.duckdb})`),
    };
  });

/** Any query, read by another that changes nothing, or counts its rows. */
export const nestedQuery: fc.Arbitrary<Sql> = fc
  .tuple(
    fc.oneof(plainQuery, groupedQuery),
    fc.constantFrom('SELECT * FROM #', 'SELECT COUNT(*) AS n FROM #'),
    fc.boolean(),
  )
  .map(([query, written, isNamed]) =>
    isNamed
      ? wrap('WITH q AS (', query, `) ${written.replace('#', 'q')}`)
      : wrap(written.replace('#', '('), query, ')'),
  );
