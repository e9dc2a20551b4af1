// The Nexmark queries with OVER (18: the last bids, 19: the highest) and relatives of them, over the same rows as DuckDB.
// Thousands of rows: groups, lists and sorts leave their short cuts.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { laminarRows, sameMultiset, textOf } from './results.ts';

const SOURCE = "CREATE SOURCE bids FROM NEXMARK (kind = 'bid', events = 12000, seed = 5);";
const SINK = "INTO STDOUT (format = 'json', bigint = 'string')";

let duckdb: DuckDBConnection;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-nexmark-'));

beforeAll(async () => {
  const file = path.join(folder, 'bids.ndjson');
  const { output } = await runPipeline({ text: `${SOURCE} SELECT * FROM bids;` });
  fs.writeFileSync(file, output);
  duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  await duckdb.run("SET threads = 1; SET TimeZone = 'UTC'");
  const types = "auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', \"dateTime\": 'TIMESTAMP'";
  await duckdb.run(
    `CREATE TABLE bids AS SELECT *, row_number() OVER () AS seq FROM read_ndjson('${file}', columns = {${types}})`,
  );
});

afterAll(() => {
  duckdb.closeSync();
  fs.rmSync(folder, { recursive: true });
});

/** Ties are in the order of arrival here; DuckDB is told so by `seq`. */
const QUERIES: Readonly<Record<string, string>> = {
  'query 18, the last bid of a bidder on an auction':
    'SELECT auction, bidder, price, "dateTime" FROM bids QUALIFY ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC TIES) <= 1',
  'query 19, the ten highest bids on an auction':
    'SELECT auction, bidder, price, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC TIES) AS place FROM bids QUALIFY place <= 10',
  'the first bid of each bidder':
    'SELECT bidder, price FROM bids QUALIFY ROW_NUMBER() OVER (PARTITION BY bidder ORDER BY "dateTime" TIES) = 1',
  'what changed since the bid before on the auction':
    'SELECT auction, price - LAG(price) OVER (PARTITION BY auction ORDER BY "dateTime" TIES) AS step, LEAD(channel, 3, \'none\') OVER (PARTITION BY auction ORDER BY "dateTime" TIES) AS later FROM bids',
  'frames of the last hundred bids':
    'SELECT auction, MIN(channel) OVER (PARTITION BY bidder % 7 ORDER BY "dateTime" TIES ROWS 100 PRECEDING) AS c, AVG(price) OVER (PARTITION BY bidder % 7 ORDER BY "dateTime" TIES ROWS BETWEEN 100 PRECEDING AND 50 PRECEDING) AS p FROM bids',
  'frames of half a second':
    "SELECT auction, MAX(price) OVER (ORDER BY \"dateTime\" RANGE INTERVAL '500' MILLISECOND PRECEDING) AS m, COUNT(*) OVER (PARTITION BY channel ORDER BY \"dateTime\" RANGE BETWEEN INTERVAL '200' MILLISECOND PRECEDING AND INTERVAL '100' MILLISECOND FOLLOWING) AS n FROM bids",
  'places and shares':
    'SELECT auction, price, RANK() OVER (PARTITION BY channel ORDER BY price DESC) AS place, DENSE_RANK() OVER (PARTITION BY channel ORDER BY price DESC) AS dense, price / SUM(price) OVER (PARTITION BY auction) AS share FROM bids',
};

test.each(Object.entries(QUERIES))('%s', { timeout: 60_000 }, async (_, query) => {
  const written = query.replaceAll(' TIES', '');
  const result = await duckdb.runAndReadAll(query.replaceAll(' TIES', ', seq'));
  const expected = result.getRows().map((row) => row.map(textOf));
  expect(expected.length).toBeGreaterThan(50);
  let first: string | null = null;
  for (const batchRows of [7, 2048]) {
    const run = await runPipeline({ text: `${SOURCE} CREATE SINK out AS ${written} ${SINK};`, batchRows });
    expect(run.error).toBeNull();
    if (first === null) expect(sameMultiset(laminarRows(run), expected)).toBeNull();
    first ??= run.output;
    expect(run.output === first, 'batch size is unobservable').toBe(true);
  }
});
