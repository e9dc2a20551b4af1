// Laminar at the end of input equals DuckDB on the same rows: random queries, at batch sizes 1, 7 and 2048, with the
// input cut at random places. More with ORACLE_RUNS=2000.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { COLUMNS, groupedQuery, plainQuery, type Row, rowArbitrary, type Sql } from './generate.ts';
import { laminarRows, sameMultiset, textOf } from './results.ts';

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 60);
const SOURCE = `CREATE SOURCE t0 (${COLUMNS.map((c) => `${c.name} ${c.type}`).join(', ')}, WATERMARK FOR t AS t - INTERVAL '10' MINUTE)
FROM STDIN (format = 'json');`;
const SINK = "INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string')";

let duckdb: DuckDBConnection;

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
});

afterAll(() => duckdb.closeSync());

async function oracle(query: Sql, rows: Row[]): Promise<string[][]> {
  await duckdb.run(`CREATE OR REPLACE TABLE t0 (seq INTEGER, ${COLUMNS.map((c) => `${c.name} ${c.type}`).join(', ')})`);
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

async function check(query: Sql, rows: Row[], seed: number): Promise<void> {
  const expected = await oracle(query, rows);
  const input = rows.map((row, n) => `${encodeRow(row, seed + n)}\n`).join('');
  const text = `${SOURCE}\nCREATE SINK out AS ${query.laminar} ${SINK};`;
  let first: string | null = null;
  for (const batchRows of [1, 7, 2048]) {
    let state = seed + batchRows;
    const cut = () => (state = (Math.imul(state, 48271) >>> 0) % 97);
    const result = await runPipeline({ text, input, batchRows, cut });
    expect(result.error).toBeNull();
    if (first === null) {
      const problem = sameMultiset(laminarRows(result), expected);
      if (problem !== null)
        throw new Error(`${problem}\nLaminar: ${query.laminar}\nDuckDB:  ${query.duckdb}\n${input}`);
      first = result.output;
    }
    expect(result.output, 'batch size and read sizes are unobservable').toBe(first);
  }
}

const rows = fc.array(rowArbitrary, { maxLength: 40 });

test.each([
  ['plain', plainQuery],
  ['grouped', groupedQuery],
] as const)('random %s queries give what DuckDB gives', { timeout: 600_000 }, async (_, queries) => {
  await fc.assert(fc.asyncProperty(queries, rows, fc.nat(1000), check), { numRuns: RUNS });
});
