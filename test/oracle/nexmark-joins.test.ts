// The queries of the NEXMark benchmark with joins, over the rows of the NEXMARK connector, against DuckDB over the same
// rows. The queries go by their numbers there.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NexmarkQuery, nexmark } from './nexmark.ts';

const tables = nexmark({ events: 12_000, seed: 5, tables: ['bid', 'auction', 'person'] });

/** The side input of q13. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-nexmark-'));
const SIDE = path.join(folder, 'side.ndjson');

beforeAll(async () => {
  const rows = Array.from({ length: 300 }, (_, n) => ({ key: n * 3, value: `value ${n}` }));
  fs.writeFileSync(SIDE, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await tables.duckdb.run(`CREATE TABLE side AS SELECT key, value FROM read_ndjson('${SIDE}')`);
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

const floor = (column: string) => `time_bucket(INTERVAL '100 milliseconds', ${column}, TIMESTAMP '1970-01-01')`;

/** Laminar's text, and DuckDB's where it differs. */
const QUERIES: readonly NexmarkQuery[] = [
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
    name: 'q5 finds the items with most bids of each window',
    laminar: `WITH counts AS (
       SELECT auction, COUNT(*) AS num, window_start, window_end FROM bid
       GROUP BY auction, HOP("dateTime", INTERVAL '50' MILLISECOND, INTERVAL '100' MILLISECOND)
     ) SELECT c.auction, c.num, c.window_start FROM counts c JOIN (
       SELECT MAX(num) AS most, window_start, window_end FROM counts GROUP BY window_start, window_end
     ) m ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.num >= m.most`,
    duckdb: `WITH counts AS (
       SELECT auction, COUNT(*) AS num, w FROM (
         SELECT auction, unnest([s, s - INTERVAL '50 milliseconds']) AS w FROM (
           SELECT auction, time_bucket(INTERVAL '50 milliseconds', "dateTime", TIMESTAMP '1970-01-01') AS s FROM bid))
       GROUP BY auction, w
     ) SELECT auction, num, w FROM counts QUALIFY num = MAX(num) OVER (PARTITION BY w)`,
  },
  {
    name: 'q6 takes the mean of the last sales of each seller',
    laminar: `WITH winners AS (
       SELECT seller, id, price, bid_at FROM (
         SELECT a.seller, a.id, b.price, b."dateTime" AS bid_at,
           ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b."dateTime", b.bidder) AS n
         FROM auction a, bid b
         WHERE a.id = b.auction AND b."dateTime" BETWEEN a."dateTime" AND a.expires
       ) WHERE n <= 1
     ) SELECT seller, id, AVG(price) OVER (PARTITION BY seller ORDER BY bid_at, id ROWS 10 PRECEDING) AS mean FROM winners`,
  },
  {
    name: 'q7 finds the highest bids of each window',
    laminar: `SELECT b.auction, b.price, b.bidder, b."dateTime" FROM bid b JOIN (
       SELECT MAX(price) AS most, window_end FROM bid GROUP BY TUMBLE("dateTime", INTERVAL '100' MILLISECOND)
     ) m ON b.price = m.most AND b."dateTime" BETWEEN m.window_end - INTERVAL '100' MILLISECOND AND m.window_end`,
    duckdb: `SELECT b.auction, b.price, b.bidder, b."dateTime" FROM bid b JOIN (
       SELECT MAX(price) AS most, ${floor('"dateTime"')} + INTERVAL '100 milliseconds' AS window_end FROM bid GROUP BY 2
     ) m ON b.price = m.most AND b."dateTime" BETWEEN m.window_end - INTERVAL '100 milliseconds' AND m.window_end`,
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

/** Whose results change while rows come, and are the same in the end. */
const CHANGING: readonly NexmarkQuery[] = [
  ...QUERIES.filter(({ name }) => /^q(3|4|9|20) /.test(name)),
  {
    name: 'q18 keeps the last bid of each bidder and auction',
    laminar: `SELECT auction, bidder, price, "dateTime" FROM (
       SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC, price DESC) AS n FROM bid
     ) WHERE n <= 1`,
  },
  {
    name: 'q19 keeps the ten highest bids of each auction',
    laminar: `SELECT auction, price, n FROM (
       SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS n FROM bid
     ) WHERE n <= 10`,
  },
  {
    name: 'sellers without an auction in some categories, and how many bids each auction has',
    laminar: `SELECT p.id, a.id AS auction, (SELECT COUNT(*) FROM bid b WHERE b.auction = a.id) AS bids
     FROM person p LEFT JOIN auction a ON a.seller = p.id AND a.category < 12`,
  },
  {
    name: 'auctions whose highest bid is above the mean of all highest bids',
    laminar: `SELECT v.auction, v.most FROM (SELECT auction, MAX(price) AS most FROM bid WHERE auction % 16 = 0 GROUP BY auction) v
     WHERE v.most > (SELECT AVG(most) FROM (SELECT auction, MAX(price) AS most FROM bid WHERE price % 8 = 0 GROUP BY auction))`,
  },
];

const JOIN_SIDE = `SELECT b.auction, b.bidder, b.price, s.value FROM bid b JOIN side s ON b.auction % 1000 = s.key`;

test.each(QUERIES)('$name', (query) => tables.check(query));

test.each(CHANGING)('as changes, $name', (query) => tables.check(query, 'EMIT CHANGES'));

test('q13 adds values of a side input, as a lookup table, a table of upserts and rows', async () => {
  const options = `FROM FILE (path = '${SIDE}')`;
  const columns = 'key BIGINT, value VARCHAR';
  const sides = [
    `CREATE LOOKUP TABLE side (${columns}, PRIMARY KEY (key)) ${options};`,
    `CREATE SOURCE side (${columns}) ${options};`,
  ];
  for (const before of sides) await tables.check({ name: 'q13', laminar: JOIN_SIDE, before });
  const table = `CREATE SOURCE side (${columns}, PRIMARY KEY (key)) ${options};`;
  await tables.check({ name: 'q13', laminar: JOIN_SIDE, before: table }, 'EMIT CHANGES');
  expect((await tables.duckdb.runAndReadAll('SELECT COUNT(*) FROM side')).getRows()).toEqual([[300n]]);
});
