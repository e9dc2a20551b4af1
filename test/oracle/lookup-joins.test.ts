// Random joins with a lookup table give DuckDB's rows, in the order of the stream, on one core and on several.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runOnCores } from '../support/cores.ts';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import type { Row } from './generate.ts';
import { expectedOf, joinRow, withDuckDB } from './join-check.ts';
import { laminarRows } from './results.ts';

withDuckDB();

const RUNS = often(60);
const COLUMNS = 'k VARCHAR, s VARCHAR, i INTEGER, d DOUBLE, f BOOLEAN, t TIMESTAMP';

/** Primary keys, and what a stream may say that they equal. */
const KEYS: readonly { key: string; ons: readonly string[] }[] = [
  { key: 'k', ons: ['a.k = b.k', 'b.k = a.s', "COALESCE(a.k, 'red') = b.k", "b.k = 'green'"] },
  { key: 'i', ons: ['a.i = b.i', 'b.i = CAST(a.i + 1 AS INTEGER)'] },
  { key: 'k, f', ons: ['a.k = b.k AND a.f = b.f', 'b.f = a.f AND a.s = b.k'] },
  { key: 'd', ons: ['a.d = b.d'] },
  { key: 's, i, f', ons: ['a.s = b.s AND a.i = b.i AND a.f = b.f'] },
  { key: 't', ons: ['a.t = b.t'] },
];
const EXTRAS = ['', ' AND a.i < b.i', ' AND b.f', ' AND b.s IS NULL', " AND a.s <> COALESCE(b.s, 'x')", ' AND a.f'];
const WHERES = ['', ' WHERE b.i > 0', ' WHERE a.i > 0 AND b.f', ' WHERE b.k IS NULL'];
const KINDS = ['JOIN', 'LEFT JOIN', 'SEMI JOIN', 'ANTI JOIN', 'EXISTS', 'NOT EXISTS', 'OR EXISTS'] as const;

const LEFT = 'a.k, a.s, a.i, a.t';
const BOTH = `${LEFT}, b.k AS bk, b.s AS bs, b.i AS bi, b.d AS bd, b.f AS bf, b.t AS bt`;

interface Case {
  key: string;
  laminar: string;
  duckdb: string;
}

const queries = fc
  .record({
    form: fc
      .constantFrom(...KEYS)
      .chain(({ key, ons }) => fc.record({ key: fc.constant(key), on: fc.constantFrom(...ons) })),
    kind: fc.constantFrom(...KINDS),
    extra: fc.constantFrom(...EXTRAS),
    where: fc.constantFrom(...WHERES),
  })
  .map(({ form: { key, on }, kind, extra, where }): Case => {
    const isKey = key
      .split(', ')
      .map((name) => `${name} IS NOT NULL`)
      .join(' AND ');
    // The last row of each key. By ROW_NUMBER() it is, of each column, the last value that is not NULL: DuckDB makes ARG_MAX of it.
    const table = `(SELECT * FROM b WHERE seq IN (SELECT MAX(seq) FROM b WHERE ${isKey} GROUP BY ${key}))`;
    const exists = `EXISTS (SELECT 1 FROM ${table} b WHERE ${on}${extra})`;
    if (kind === 'JOIN' || kind === 'LEFT JOIN') {
      const query = (right: string) => `SELECT ${BOTH} FROM a ${kind} ${right} ON ${on}${extra}${where}`;
      return { key, laminar: query('b'), duckdb: `${query(`${table} b`)} ORDER BY a.seq` };
    }
    if (kind === 'OR EXISTS') {
      const query = (condition: string) => `SELECT ${LEFT}, ${condition} AS found FROM a WHERE a.f OR ${condition}`;
      return {
        key,
        laminar: query(`EXISTS (SELECT * FROM b WHERE ${on}${extra})`),
        duckdb: `${query(exists)} ORDER BY a.seq`,
      };
    }
    if (kind === 'EXISTS' || kind === 'NOT EXISTS') {
      const not = kind === 'EXISTS' ? '' : 'NOT ';
      return {
        key,
        laminar: `SELECT ${LEFT} FROM a WHERE ${not}EXISTS (SELECT * FROM b WHERE ${on}${extra})`,
        duckdb: `SELECT ${LEFT} FROM a WHERE ${not}${exists} ORDER BY a.seq`,
      };
    }
    const not = kind === 'SEMI JOIN' ? '' : 'NOT ';
    return {
      key,
      laminar: `SELECT ${LEFT} FROM a ${kind} b ON ${on}${extra}`,
      duckdb: `SELECT ${LEFT} FROM a WHERE ${not}${exists} ORDER BY a.seq`,
    };
  });

const lines = (rows: readonly Row[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

async function check({ key, laminar, duckdb }: Case, a: Row[], b: Row[], seed: number): Promise<void> {
  const expected = await expectedOf(duckdb, { a, b });
  const text = `CREATE SOURCE a (${COLUMNS}, WATERMARK FOR t AS t - INTERVAL '1' SECOND) FROM FILE (path = 'x', format = 'json');
CREATE LOOKUP TABLE b (${COLUMNS}, PRIMARY KEY (${key})) FROM FILE (path = 'y', format = 'json', on_error = 'skip');
CREATE SINK out AS ${laminar} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
  for (const batchRows of [1, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
    const readers = { a: () => [new BytesReader(lines(a), cut)], b: () => [new BytesReader(lines(b), cut)] };
    const result = await runPipeline({ text, readers, batchRows });
    expect(result.error).toBeNull();
    expect(laminarRows(result), laminar).toEqual(expected);
  }
  const inputs = { a: { x: lines(a) }, b: { y: lines(b) } };
  const how = { cores: 2 + (seed % 2), chunkBytes: 100, sharing: 'offset', seed, exchangeBytes: 1 << 20 } as const;
  const several = await runOnCores({ ...how, text, inputs, batchRows: 7 });
  expect(several.error).toBeNull();
  expect(laminarRows(several), laminar).toEqual(expected);
}

test('lookup joins are those of DuckDB, in the order of the stream', { timeout: 600_000 }, async () => {
  const rows = fc.array(joinRow, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(queries, rows, rows, fc.nat(1000), (query, a, b, seed) => check(query, a, b, seed)),
    { numRuns: RUNS },
  );
});
