// Random temporal joins on event time give DuckDB's rows: the latest version at or before each row's time, of a stream, of a
// table by key with deletions, and of a changelog; with the same bytes however rows were cut and interleaved.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runOnCores } from '../support/cores.ts';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import type { Row } from './generate.ts';
import { expectedOf, inTime, joinRow, withDuckDB } from './join-check.ts';
import { laminarRows, laminarTable, sameMultiset } from './results.ts';

withDuckDB();

const RUNS = often(50);
const COLUMNS = 'k VARCHAR, s VARCHAR, i INTEGER, d DOUBLE, f BOOLEAN, t TIMESTAMP';
const BOTH = 'a.k, a.i, a.t, b.k AS bk, b.s AS bs, b.i AS bi, b.t AS bt';

interface Versions {
  /** Of the source of b, behind its watermark and behind its path. */
  key: string;
  options: string;
  /** What identifies a version. */
  keys: readonly string[];
}

const VERSIONS: readonly Versions[] = [
  {
    key: '',
    options: '',
    keys: ['a.k = b.k', 'a.i % 3 = b.i % 3', 'a.k = b.k AND b.f = a.f', "b.k = COALESCE(a.k, 'red')"],
  },
  { key: ', PRIMARY KEY (k)', options: '', keys: ['a.k = b.k', "COALESCE(a.k, 'red') = b.k"] },
  { key: ', PRIMARY KEY (k)', options: ", changelog = 'upsert'", keys: ['a.k = b.k'] },
  { key: ', PRIMARY KEY (i, f)', options: ", changelog = 'upsert'", keys: ['a.i = b.i AND a.f = b.f'] },
  { key: '', options: ", changelog = 'weight'", keys: ['a.k = b.k', 'a.i % 3 = b.i % 3'] },
];
const EXTRAS = ['', ' AND b.i > 0', ' AND a.i <> b.i', ' AND b.s IS NULL'];
const TIMES = ['a.t', "a.t - INTERVAL '3' SECOND", "a.t + INTERVAL '2' SECOND"];

const queries = fc
  .record({
    form: fc
      .constantFrom(...VERSIONS)
      .chain((versions) => fc.record({ versions: fc.constant(versions), on: fc.constantFrom(...versions.keys) })),
    isLeft: fc.boolean(),
    extra: fc.constantFrom(...EXTRAS),
    time: fc.constantFrom(...TIMES),
    where: fc.constantFrom('', ' WHERE b.i < 5', ' WHERE a.i > 0'),
  })
  .map(({ form: { versions, on }, isLeft, extra, time, where }) => {
    const left = isLeft ? 'LEFT ' : '';
    const found = `SELECT b.*, a.seq AS aseq, ROW_NUMBER() OVER (PARTITION BY a.seq ORDER BY b.t DESC, b.seq DESC) AS rank
      FROM a JOIN b ON ${on} AND b.t <= ${time}`;
    return {
      versions,
      laminar: `SELECT ${BOTH} FROM a ${left}JOIN b FOR SYSTEM_TIME AS OF ${time} ON ${on}${extra}${where}`,
      duckdb: `SELECT ${BOTH} FROM a ${left}JOIN (SELECT * FROM (${found}) WHERE rank = 1 AND d IS DISTINCT FROM -1) b
        ON b.aseq = a.seq${extra}${where}`,
    };
  });

const lines = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** Deletions have −1 for d, which DuckDB leaves out; what a key may be is not NULL. */
function recordsOf({ key, options }: Versions, rows: readonly Row[]): { rows: Row[]; records: object[] } {
  const isKeyed = key !== '';
  const kept = rows
    .filter((row) => !isKeyed || (key.includes('(k)') ? row['k'] !== null : row['i'] !== null && row['f'] !== null))
    .map((row): Row => ({ ...row, d: options !== '' && row['d'] !== null && (row['d'] as number) > 0 ? -1 : 0 }));
  if (options === '') return { rows: kept, records: kept };
  return { rows: kept, records: kept.map((row) => ({ op: row['d'] === -1 ? '-D' : '+I', ...row })) };
}

test('temporal joins on event time are those of DuckDB', { timeout: 600_000 }, async () => {
  const table = fc.array(joinRow, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(queries, table, table, fc.nat(1000), async ({ versions, laminar, duckdb }, left, right, seed) => {
      const delay = seed % 12;
      const a = inTime(left, seed, delay);
      const b = recordsOf(versions, inTime(right, seed + 1, delay));
      const expected = await expectedOf(duckdb, { a, b: b.rows });
      const watermark = `WATERMARK FOR t AS t - INTERVAL '${delay}' SECOND`;
      const text = `CREATE SOURCE a (${COLUMNS}, ${watermark}) FROM FILE (path = 'x', format = 'json');
CREATE SOURCE b (${COLUMNS}, ${watermark}${versions.key}) FROM FILE (path = 'y', format = 'json'${versions.options});
CREATE SINK out AS ${laminar} INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
      let first: string | null = null;
      for (const batchRows of [1, 7, 2048]) {
        let state = seed + batchRows;
        const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
        const readers = {
          a: () => [new BytesReader(lines(a), cut)],
          b: () => [new BytesReader(lines(b.records), cut)],
        };
        const result = await runPipeline({ text, readers, batchRows });
        expect(result.error).toBeNull();
        first ??= result.output;
        expect(result.output, 'cuts and interleaving are unobservable').toBe(first);
        const problem = sameMultiset(laminarRows(result), expected);
        if (problem !== null) throw new Error(`${problem}\n${text}\na:\n${lines(a)}b:\n${lines(b.records)}`);
      }
      const [x, y] = [{ x: lines(a) }, { y: lines(b.records) }];
      const how = { cores: 2 + (seed % 2), chunkBytes: 150, sharing: 'offset', seed, exchangeBytes: 1 << 20 } as const;
      const several = await runOnCores({ ...how, text, inputs: { a: x, b: y, 'b.records': y }, batchRows: 7 });
      expect(several.error).toBeNull();
      const problem = sameMultiset(laminarRows(several), expected);
      if (problem !== null)
        throw new Error(`${how.cores} cores: ${problem}\n${text}\na:\n${lines(a)}b:\n${lines(b.records)}`);
    }),
    { numRuns: RUNS },
  );
});

/** A table by key: the last record of each key, unless it is a deletion. */
const LEFT_TABLE =
  'a AS (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY i ORDER BY seq DESC) AS last FROM records) WHERE last = 1 AND d IS DISTINCT FROM -1)';

test('of a left side that changes the changes add up to the join of its table', { timeout: 600_000 }, async () => {
  const rows = fc.array(joinRow, { maxLength: 40 });
  const cases = fc.record({
    isLeft: fc.boolean(),
    on: fc.constantFrom('a.k = b.k', 'a.k = b.k AND a.f = b.f', "COALESCE(a.k, 'red') = b.k"),
    extra: fc.constantFrom(...EXTRAS),
    where: fc.constantFrom('', ' WHERE b.i < 5', ' WHERE a.s IS NOT NULL'),
  });
  await fc.assert(
    fc.asyncProperty(cases, rows, rows, fc.nat(1000), async ({ isLeft, on, extra, where }, left, right, seed) => {
      const join = isLeft ? 'LEFT JOIN' : 'JOIN';
      const inOrder = (list: Row[], name: string) =>
        list.map((row, n): Row => ({ ...row, t: 1_700_000_000_000 + n * 1000 + (name === 'a' ? 500 : 0) }));
      const few = (row: Row): Row => ({ ...row, i: Math.abs((row['i'] as number | null) ?? 0) % 5 });
      const a = inOrder(left, 'a').map((row) => ({ ...few(row), d: row['f'] === true && row['s'] === null ? -1 : 0 }));
      const b = inOrder(right, 'b');
      const found = `SELECT b.*, a.seq AS aseq, ROW_NUMBER() OVER (PARTITION BY a.seq ORDER BY b.t DESC, b.seq DESC) AS rank
        FROM a JOIN b ON ${on} AND b.t <= a.t`;
      const duckdb = `WITH ${LEFT_TABLE} SELECT ${BOTH} FROM a ${join} (SELECT * FROM (${found}) WHERE rank = 1) b ON b.aseq = a.seq${extra}${where}`;
      const expected = await expectedOf(duckdb, { records: a, b });
      const text = `CREATE SOURCE a (${COLUMNS}, WATERMARK FOR t, PRIMARY KEY (i)) FROM FILE (path = 'x', format = 'json', changelog = 'upsert');
CREATE SOURCE b (${COLUMNS}, WATERMARK FOR t) FROM FILE (path = 'y', format = 'json');
CREATE SINK out AS SELECT ${BOTH} FROM a ${join} b FOR SYSTEM_TIME AS OF a.t ON ${on}${extra}${where}
INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string');`;
      const records = a.map(({ d, ...row }) => ({ op: d === -1 ? '-D' : '+I', ...row, d }));
      for (const batchRows of [1, 7, 2048]) {
        let state = seed + batchRows;
        const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 397);
        const readers = { a: () => [new BytesReader(lines(records), cut)], b: () => [new BytesReader(lines(b), cut)] };
        const result = await runPipeline({ text, readers, batchRows });
        expect(result.error).toBeNull();
        const problem = sameMultiset(laminarTable(result), expected);
        if (problem !== null)
          throw new Error(`${problem}\n${text}\na:\n${lines(records)}b:\n${lines(b)}${result.output}`);
      }
    }),
    { numRuns: RUNS },
  );
});
