// What the tests of NEXMark queries share: the rows of the NEXMARK connector in DuckDB, and queries over both.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { laminarRows, laminarTable, sameMultiset, textOf } from './results.ts';

/** Columns that the queries need, by table. */
const COLUMNS = {
  bid: 'auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, "dateTime" TIMESTAMP, extra VARCHAR',
  auction:
    'id BIGINT, "itemName" VARCHAR, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT',
  person: 'id BIGINT, name VARCHAR, city VARCHAR, state VARCHAR, "dateTime" TIMESTAMP',
} as const;

/** A query here and, where it is written otherwise, in DuckDB. */
export interface NexmarkQuery {
  name: string;
  laminar: string;
  duckdb?: string;
  /** Statements that the query needs besides. */
  before?: string;
}

interface NexmarkShape {
  events: number;
  seed: number;
  tables: readonly (keyof typeof COLUMNS)[];
  /** The wall clock of the runs. */
  now?: () => number;
}

export interface Nexmark {
  /** The tables in DuckDB. */
  readonly duckdb: DuckDBConnection;
  /** The query gives DuckDB's rows; as changes, those that they add up to. */
  check(query: NexmarkQuery, emit?: 'EMIT CHANGES'): Promise<void>;
}

/** Makes the tables before the tests of the file that calls this. */
export function nexmark({ events, seed, tables, now }: NexmarkShape): Nexmark {
  let duckdb: DuckDBConnection;
  const sources = (['bid', 'auction', 'person'] as const)
    .map((kind) => `CREATE SOURCE ${kind} FROM NEXMARK (kind = '${kind}', events = ${events}, seed = ${seed});`)
    .join('\n');
  const sink = "INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string')";
  const run = async (query: string, before = '') => {
    const text = `${sources}\n${before}\nCREATE SINK out AS ${query} ${sink};`;
    const result = await runPipeline({ text, ...(now === undefined ? {} : { now }) });
    expect(result.error).toBeNull();
    return result;
  };
  beforeAll(async () => {
    duckdb = await (await DuckDBInstance.create(':memory:')).connect();
    await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
    for (const table of tables) {
      const columns = COLUMNS[table];
      const rows = laminarRows(await run(`SELECT ${columns.replace(/ [A-Z]+(,|$)/g, '$1')} FROM ${table}`));
      await duckdb.run(`CREATE TABLE ${table} (${columns})`);
      for (let at = 0; at < rows.length; at += 2000) {
        const values = rows
          .slice(at, at + 2000)
          .map((row) => `(${row.map((v) => (v === 'null' ? 'NULL' : `'${v.replaceAll("'", "''")}'`)).join(', ')})`);
        await duckdb.run(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
      }
    }
  });
  afterAll(() => duckdb.closeSync());
  return {
    get duckdb() {
      return duckdb;
    },
    check: async ({ laminar, duckdb: other = laminar, before }, emit) => {
      const expected = (await duckdb.runAndReadAll(other)).getRows().map((row) => row.map(textOf));
      expect(expected.length).toBeGreaterThan(0);
      const result = await run(emit === undefined ? laminar : `${laminar} ${emit}`, before);
      expect(sameMultiset(emit === undefined ? laminarRows(result) : laminarTable(result), expected)).toBeNull();
    },
  };
}
