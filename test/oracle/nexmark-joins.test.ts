// The queries of the NEXMark benchmark with joins, over the rows of the NEXMARK connector, against DuckDB over the same
// rows. The queries go by their numbers there.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { laminarRows, sameMultiset, textOf } from './results.ts';

const EVENTS = 12_000;
const SOURCES = ['bid', 'auction', 'person']
  .map((kind) => `CREATE SOURCE ${kind} FROM NEXMARK (kind = '${kind}', events = ${EVENTS}, seed = 5);`)
  .join('\n');
const SINK = "INTO STDOUT (format = 'json', bigint = 'string', non_finite = 'string')";
const COLUMNS: Record<string, string> = {
  bid: 'auction BIGINT, bidder BIGINT, price BIGINT, "dateTime" TIMESTAMP',
  auction:
    'id BIGINT, "itemName" VARCHAR, "initialBid" BIGINT, reserve BIGINT, "dateTime" TIMESTAMP, expires TIMESTAMP, seller BIGINT, category BIGINT',
  person: 'id BIGINT, name VARCHAR, city VARCHAR, state VARCHAR, "dateTime" TIMESTAMP',
};

let duckdb: DuckDBConnection;

async function run(query: string) {
  const result = await runPipeline({ text: `${SOURCES}\nCREATE SINK out AS ${query} ${SINK};` });
  expect(result.error).toBeNull();
  return result;
}

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
  for (const [table, columns] of Object.entries(COLUMNS)) {
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

const floor = (column: string) => `time_bucket(INTERVAL '100 milliseconds', ${column}, TIMESTAMP '1970-01-01')`;

/** Laminar's text, and DuckDB's where it differs. */
const QUERIES: readonly { name: string; laminar: string; duckdb?: string }[] = [
  {
    name: 'q3 finds who sells in some states',
    laminar: `SELECT p.name, p.city, p.state, a.id FROM auction AS a JOIN person AS p ON a.seller = p.id
     WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,
  },
  {
    name: 'q4 takes the mean of the highest bids of each category',
    laminar: `SELECT category, AVG(final) AS mean FROM (
       SELECT a.category AS category, MAX(b.price) AS final FROM auction a, bid b
       WHERE a.id = b.auction AND b."dateTime" BETWEEN a."dateTime" AND a.expires
       GROUP BY a.id, a.category
     ) GROUP BY category`,
  },
  {
    name: 'q8 finds new people that sell in the same window',
    laminar: `SELECT p.id, p.name, p.window_start FROM (
       SELECT id, name, window_start, window_end FROM person
       GROUP BY id, name, TUMBLE("dateTime", INTERVAL '100' MILLISECOND)
     ) p JOIN (
       SELECT seller, window_start, window_end FROM auction GROUP BY seller, TUMBLE("dateTime", INTERVAL '100' MILLISECOND)
     ) a ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`,
    duckdb: `SELECT p.id, p.name, p.w FROM (SELECT DISTINCT id, name, ${floor('"dateTime"')} AS w FROM person) p
     JOIN (SELECT DISTINCT seller, ${floor('"dateTime"')} AS w FROM auction) a ON p.id = a.seller AND p.w = a.w`,
  },
  {
    name: 'q9 finds the winning bids',
    laminar: `SELECT id, seller, category, price, bidder, bid_at FROM (
       SELECT a.id, a.seller, a.category, b.price, b.bidder, b."dateTime" AS bid_at,
         ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b."dateTime", b.bidder) AS n
       FROM auction a, bid b
       WHERE a.id = b.auction AND b."dateTime" BETWEEN a."dateTime" AND a.expires
     ) WHERE n <= 1`,
  },
  {
    name: 'q20 adds the auction to its bids',
    laminar: `SELECT auction, bidder, price, b."dateTime", "itemName", seller, category
     FROM bid b INNER JOIN auction a ON b.auction = a.id WHERE a.category = 10`,
  },
  {
    name: 'bids soon after their auction began, each once, and auctions without any',
    laminar: `SELECT a.id, b.price FROM auction a LEFT JOIN bid b
     ON a.id = b.auction AND b."dateTime" BETWEEN a."dateTime" AND a."dateTime" + INTERVAL '50' MILLISECOND`,
  },
];

test.each(QUERIES)('$name', async ({ laminar, duckdb: other = laminar }) => {
  const expected = (await duckdb.runAndReadAll(other)).getRows().map((row) => row.map(textOf));
  expect(expected.length).toBeGreaterThan(0);
  expect(sameMultiset(laminarRows(await run(laminar)), expected)).toBeNull();
});
