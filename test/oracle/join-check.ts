// What the oracle tests of joins do: run a query over several tables here and in DuckDB on the same rows, and compare.
//
// Rows come in the order of their time but for some seconds, which the watermark waits for; so state is given up while
// rows still come. Where times are bounded the output has the same bytes however the rows were cut and interleaved.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { type Row, rowArbitrary, type Sql } from './generate.ts';
import { laminarRows, sameMultiset, textOf } from './results.ts';

const COLUMNS = 'k VARCHAR, s VARCHAR, i INTEGER, d DOUBLE, f BOOLEAN, t TIMESTAMP';
const NAMES = ['k', 's', 'i', 'd', 'f', 't'];
const SINK = "INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string')";

let duckdb: DuckDBConnection;

/** A connection for the tests of the file that calls this. */
export function withDuckDB(): void {
  beforeAll(async () => {
    duckdb = await (await DuckDBInstance.create(':memory:')).connect();
    await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
  });

  afterAll(() => duckdb.closeSync());
}

/** Rows by table; times in a few seconds, so that some are equal. */
export type Tables = Record<string, Row[]>;

/** Times in a few seconds, so that some are equal; few different numbers. */
export const joinRow = rowArbitrary.map((row): Row => {
  const picked = Object.fromEntries(NAMES.map((name) => [name, row[name] ?? null]));
  return { ...picked, i: row.i === null ? null : (row.i as number) % 20, t: Math.trunc((row.t as number) / 500) * 500 };
});

export function tablesOf(...names: string[]): fc.Arbitrary<Tables> {
  return fc.record(Object.fromEntries(names.map((name) => [name, fc.array(joinRow, { maxLength: 25 })])));
}

function literal(value: Row[string], column: string): string {
  if (value === null || value === undefined) return 'NULL';
  if (column === 't') return `make_timestamp(${value}000)`;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return column === 'd' ? `'${value}'::DOUBLE` : String(value);
}

/** DuckDB's rows of a query; tables have their rows' numbers in a column seq. */
export async function expectedOf(query: string, tables: Tables): Promise<string[][]> {
  for (const [name, rows] of Object.entries(tables)) {
    await duckdb.run(`CREATE OR REPLACE TABLE ${name} (${COLUMNS}, seq INTEGER)`);
    const values = rows.map(
      (row, seq) => `(${NAMES.map((column) => literal(row[column] ?? null, column)).join(', ')}, ${seq})`,
    );
    if (values.length > 0) await duckdb.run(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
  }
  const result = await duckdb.runAndReadAll(query);
  return result.getRows().map((row) => row.map(textOf));
}

/** By time but for up to `delay` seconds. */
export function inTime(rows: readonly Row[], seed: number, delay: number): Row[] {
  const jittered = rows.map((row, n) => ({ row, at: (row.t as number) + ((seed + n * 7919) % 1000) * delay }));
  return jittered.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

export interface JoinCase {
  query: Sql;
  tables: Tables;
  seed: number;
  /** Its rows come in an order of their own. */
  isOrdered: boolean;
}

/** Throws when the query gives other rows here than in DuckDB, or, if it is ordered, other bytes at another batch size. */
export async function checkJoin({ query, tables, seed, isOrdered }: JoinCase): Promise<void> {
  const delay = seed % 20;
  const arrived = Object.entries(tables).map(([name, rows], n) => [name, inTime(rows, seed + n, delay)] as const);
  const expected = await expectedOf(query.duckdb, Object.fromEntries(arrived));
  const watermark = `WATERMARK FOR t AS t - INTERVAL '${delay}' SECOND`;
  const sources = Object.keys(tables).map(
    (name) => `CREATE SOURCE ${name} (${COLUMNS}, ${watermark}) FROM FILE (path = 'x', format = 'json');`,
  );
  const text = `${sources.join('\n')}\nCREATE SINK out AS ${query.laminar} ${SINK};`;
  const inputs = arrived.map(([name, rows]) => {
    return [name, Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))] as const;
  });
  let first: string | null = null;
  for (const batchRows of [1, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 997);
    const result = await runPipeline({ text, input: Object.fromEntries(inputs), batchRows, cut });
    expect(result.error).toBeNull();
    if (isOrdered && first !== null) {
      expect(result.output, 'cuts and interleaving are unobservable').toBe(first);
      continue;
    }
    const problem = sameMultiset(laminarRows(result), expected);
    const shown = () => `${problem}\n${query.laminar}\n${inputs.map(([name, bytes]) => `${name}:\n${bytes}`).join('')}`;
    if (problem !== null) throw new Error(shown());
    first = result.output;
  }
}
