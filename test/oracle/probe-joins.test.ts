// Random probe joins give DuckDB's rows: for each row and offset the last right row at that time or before, with the same bytes
// however rows were cut and interleaved.

import fc from 'fast-check';
import { test } from 'vitest';
import { often } from '../support/random.ts';
import type { Sql } from './generate.ts';
import { checkJoin, tablesOf, withDuckDB } from './join-check.ts';

withDuckDB();

const RUNS = often(40);

const OFFSETS: readonly { laminar: string; millis: readonly number[] }[] = [
  { laminar: 'LIST (0s, 1s, 5s, -1s)', millis: [0, 1000, 5000, -1000] },
  { laminar: "LIST (-20s, INTERVAL '3' SECOND)", millis: [-20_000, 3000] },
  { laminar: 'LIST (500, 1500ms, 500ms)', millis: [500, 1500] },
  { laminar: 'LIST (-7s)', millis: [-7000] },
  { laminar: 'RANGE FROM 0s TO 30s STEP 5s', millis: [0, 5000, 10_000, 15_000, 20_000, 25_000, 30_000] },
  { laminar: 'RANGE FROM -2s TO 2s', millis: [-2000, -1000, 0, 1000, 2000] },
];

const queries = fc
  .record({
    offsets: fc.constantFrom(...OFFSETS),
    keys: fc.constantFrom(['k'], ['k', 'f'], ['i']),
    named: fc.boolean(),
    where: fc.constantFrom('', ' WHERE a.i > 0', ' WHERE b.i IS NULL', ' WHERE p.offset_ms >= 0'),
  })
  .map(({ offsets, keys, named, where }): Sql => {
    const times = named ? ' TIMESTAMPS (t, t)' : '';
    const on = keys.map((key) => `a.${key} = b.${key}`).join(' AND ');
    const columns = 'a.k, a.i, a.t, p.offset_ms, p.probe_ts, b.k AS bk, b.i AS bi, b.t AS bt';
    const probes = `(SELECT a.*, offset_ms, a.t + to_milliseconds(offset_ms) AS probe_ts
      FROM a, (SELECT unnest([${offsets.millis.join(', ')}])::BIGINT AS offset_ms))`;
    const ranked = `SELECT ${columns.replaceAll('p.', 'a.')}, ROW_NUMBER() OVER (PARTITION BY a.seq, a.offset_ms ORDER BY b.t DESC, b.seq DESC) AS rank
      FROM ${probes} a LEFT JOIN b ON ${on} AND b.t <= a.probe_ts`;
    const outer = where.replace(/[apb]\.(\w+)/g, (_, name) => (where.includes('b.') ? `bi` : name));
    return {
      laminar: `SELECT ${columns} FROM a TEMPORAL PROBE JOIN b ON (${keys.join(', ')})${times} ${offsets.laminar} AS p${where}`,
      duckdb: `SELECT * EXCLUDE (rank) FROM (${ranked}) WHERE rank = 1${outer.replace('WHERE', 'AND')}`,
    };
  });

test('probe joins are those of DuckDB, with the same bytes at any cut', { timeout: 600_000 }, async () => {
  const cases = fc.tuple(queries, tablesOf('a', 'b'), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(cases, ([query, tables, seed]) => checkJoin({ query, tables, seed, isOrdered: true })),
    { numRuns: RUNS },
  );
});
