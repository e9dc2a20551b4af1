// What every oracle test does: run a query here and in DuckDB on the same rows, and compare.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { DECLARATIONS } from './functions.ts';
import { COLUMNS, type Row, rowArbitrary, type Sql } from './generate.ts';
import { laminarRows, sameMultiset, sameSequence, textOf } from './results.ts';

/** Queries tried by each property; more with LAMINAR_TIMES=20. */
export const RUNS = often(60);
const DECLARED = COLUMNS.map((c) => `${c.name} ${c.type}`).join(', ');
/** Longer than the times of all rows: the watermark passes nothing before the end. */
const DELAY_MAX = 600;
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

async function oracle(query: Sql, rows: Row[]): Promise<string[][]> {
  await duckdb.run(`CREATE OR REPLACE TABLE t0 (seq INTEGER, ${DECLARED})`);
  if (rows.length > 0) {
    const values = rows.map(
      (row, seq) => `(${[String(seq), ...COLUMNS.map((c) => literal(row[c.name] ?? null, c.name))].join(', ')})`,
    );
    await duckdb.run(`INSERT INTO t0 VALUES ${values.join(', ')}`);
  }
  const result = await duckdb.runAndReadAll(query.duckdb);
  return result.getRows().map((row) => row.map(textOf));
}

function literal(value: Row[string], column: string): string {
  if (value === null || value === undefined) return 'NULL';
  if (column === 't') return `make_timestamp(${value}000)`;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return typeof value === 'number' && column === 'd' ? `'${value}'::DOUBLE` : String(value);
}

/** NULL is written as null or left out, keys in any order: what decoders must not care about. */
function encodeRow(row: Row, order: number): string {
  const entries = Object.entries(row).filter(([, value], n) => value !== null || (order + n) % 2 === 0);
  if (order % 5 === 0) entries.reverse();
  return JSON.stringify(Object.fromEntries(entries));
}

/** Throws when the query gives other rows here than in DuckDB, or other bytes at another batch size. */
export async function check(query: Sql, rows: Row[], seed: number): Promise<void> {
  await compare(query, { rows, seed, problemOf: sameMultiset });
}

/** The same for a query whose rows come in an order. */
export async function checkOrdered(query: Sql, rows: Row[], seed: number): Promise<void> {
  await compare(query, { rows, seed, problemOf: sameSequence });
}

/** The same with rows that come in the order of their time but for `delay` seconds, which the watermark waits for. */
export async function checkAsTimePasses(query: Sql, rows: Row[], seed: number, delay: number): Promise<void> {
  const jittered = rows.map((row, n) => ({ row, at: (row.t as number) + ((seed + n * 7919) % 1000) * delay }));
  const inTime = jittered.sort((a, b) => a.at - b.at).map(({ row }) => row);
  await compare(query, { rows: inTime, seed, problemOf: sameMultiset, delay });
}

/** The same where the order of rows may differ with the batch size: queries of a union take turns. */
export async function checkUnordered(query: Sql, rows: Row[], seed: number): Promise<void> {
  await compare(query, { rows, seed, problemOf: sameMultiset, isOrdered: false });
}

interface Comparison {
  rows: Row[];
  seed: number;
  problemOf: (actual: string[][], expected: string[][]) => string | null;
  /** Seconds that the watermark is behind the latest row. */
  delay?: number;
  /** Whether every batch size gives the same bytes. */
  isOrdered?: boolean;
}

async function compare(query: Sql, comparison: Comparison): Promise<void> {
  const { rows, seed, problemOf, delay = DELAY_MAX, isOrdered = true } = comparison;
  const expected = await oracle(query, rows);
  const watermark = `WATERMARK FOR t AS t - INTERVAL '${delay}' SECOND`;
  const source = `CREATE SOURCE t0 (${DECLARED}, ${watermark}) FROM STDIN (format = 'json');`;
  const input = rows.map((row, n) => `${encodeRow(row, seed + n)}\n`).join('');
  const text = `${source}${DECLARATIONS}\nCREATE SINK out AS ${query.laminar} ${SINK};`;
  let first: string | null = null;
  for (const batchRows of [1, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % (isOrdered ? 97 : 4000));
    // Where turns are over at once, everything is suspended that can be.
    const turnMicros = batchRows === 7 ? 1 : 0;
    const result = await runPipeline({ text, input, batchRows, turnMicros, cut });
    expect(result.error).toBeNull();
    if (first === null || !isOrdered) {
      const problem = problemOf(laminarRows(result), expected);
      if (problem !== null)
        throw new Error(`${problem}\nLaminar: ${query.laminar}\nDuckDB:  ${query.duckdb}\n${input}`);
      first = result.output;
    }
    if (isOrdered) expect(result.output, 'batch size and read sizes are unobservable').toBe(first);
  }
}

export const tableRows = fc.array(rowArbitrary, { maxLength: 40 });
