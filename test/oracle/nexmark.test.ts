// The queries of the NEXMark benchmark that need no join, over the rows of the NEXMARK connector, against DuckDB over
// the same rows. The queries go by their numbers there.

import { test } from 'vitest';
import { nexmark } from './nexmark.ts';

/** Inside of a window of ten seconds. */
const NOW = Date.parse('2024-01-01T00:00:05Z');
const tables = nexmark({ events: 20_000, seed: 3, tables: ['bid'], now: () => NOW });

const bucket = (seconds: number) => `time_bucket(INTERVAL '${seconds} seconds', "dateTime", TIMESTAMP '1970-01-01')`;

/** Laminar's text, and DuckDB's where it differs. */
const QUERIES: readonly (readonly [name: string, laminar: string, duckdb?: string])[] = [
  ['q0 passes through', 'SELECT auction, bidder, price, "dateTime", extra FROM bid'],
  ['q1 converts currencies', 'SELECT auction, bidder, 0.908e0 * price AS price, "dateTime", extra FROM bid'],
  ['q2 selects', 'SELECT auction, price FROM bid WHERE auction % 123 = 0'],
  [
    'q5 counts the bids of hot items',
    `WITH counts AS (
       SELECT auction, COUNT(*) AS num, window_start, window_end FROM bid
       GROUP BY auction, HOP("dateTime", INTERVAL '500' MILLISECOND, INTERVAL '1' SECOND)
     ) SELECT auction, num, window_start FROM counts WHERE num > 5`,
    `SELECT auction, COUNT(*) AS num, w FROM (
       SELECT auction, unnest([s, s - INTERVAL '500 milliseconds']) AS w FROM (
         SELECT auction, time_bucket(INTERVAL '500 milliseconds', "dateTime", TIMESTAMP '1970-01-01') AS s FROM bid))
     GROUP BY auction, w HAVING COUNT(*) > 5`,
  ],
  [
    'q7 finds the highest price of each window',
    `SELECT window_end, MAX(price) AS price, COUNT(*) AS bids FROM bid GROUP BY TUMBLE("dateTime", INTERVAL '1' SECOND)`,
    `SELECT ${bucket(1)} + INTERVAL '1 second', MAX(price), COUNT(*) FROM bid GROUP BY 1`,
  ],
  [
    'q11 counts the bids of each session',
    `SELECT bidder, COUNT(*) AS bids, window_start, window_end FROM bid
     GROUP BY bidder, SESSION("dateTime", INTERVAL '50' MILLISECOND)`,
    `SELECT bidder, COUNT(*), MIN(t), MAX(t) + INTERVAL '50 milliseconds' FROM (
       SELECT bidder, t, SUM(is_new) OVER (PARTITION BY bidder ORDER BY t RANGE UNBOUNDED PRECEDING) AS session FROM (
         SELECT bidder, "dateTime" AS t,
           CASE WHEN "dateTime" - LAG("dateTime") OVER (PARTITION BY bidder ORDER BY "dateTime") <= INTERVAL '50 milliseconds'
                THEN 0 ELSE 1 END AS is_new
         FROM bid))
     GROUP BY bidder, session`,
  ],
  // The clock stands still here: all bids are in one of its windows.
  [
    'q12 counts the bids of each bidder by the clock',
    `SELECT bidder, COUNT(*) AS bids, epoch_ms(window_end) - epoch_ms(window_start) AS length FROM bid
     GROUP BY bidder, TUMBLE(PROCTIME(), INTERVAL '10' SECOND)`,
    'SELECT bidder, COUNT(*), 10000 FROM bid GROUP BY 1',
  ],
  [
    'q14 computes',
    `SELECT auction, bidder, 0.908e0 * price AS price,
       CASE WHEN date_part('hour', "dateTime") BETWEEN 8 AND 18 THEN 'dayTime'
            WHEN date_part('hour', "dateTime") <= 6 OR date_part('hour', "dateTime") >= 20 THEN 'nightTime'
            ELSE 'otherTime' END AS kind
     FROM bid WHERE 0.908e0 * price > 1000000 AND 0.908e0 * price < 50000000`,
  ],
  [
    'q15 counts what is distinct',
    `SELECT CAST("dateTime" AS DATE) AS day, COUNT(*) AS bids,
       COUNT(*) FILTER (WHERE price < 10000) AS low, COUNT(DISTINCT bidder) AS bidders,
       COUNT(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) AS middle,
       COUNT(DISTINCT auction) AS auctions
     FROM bid GROUP BY ALL`,
  ],
  [
    'q16 counts what is distinct by channel',
    `SELECT channel, CAST("dateTime" AS DATE) AS day, COUNT(*) AS bids, COUNT(DISTINCT bidder) AS bidders,
       COUNT(DISTINCT auction) FILTER (WHERE price < 10000) AS low
     FROM bid GROUP BY channel, CAST("dateTime" AS DATE)`,
  ],
  [
    'q17 describes auctions by day',
    `SELECT auction, CAST("dateTime" AS DATE) AS day, COUNT(*) AS bids, COUNT(*) FILTER (WHERE price < 10000) AS low,
       MIN(price) AS least, MAX(price) AS most, AVG(price) AS mean, SUM(price) AS total
     FROM bid GROUP BY auction, CAST("dateTime" AS DATE)`,
  ],
  [
    'q18 keeps the last bid of each bidder and auction',
    `SELECT auction, bidder, price, "dateTime" FROM (
       SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY "dateTime" DESC, price DESC) AS n FROM bid
     ) WHERE n <= 1`,
  ],
  [
    'q19 keeps the ten highest bids of each auction',
    `SELECT auction, price, n FROM (
       SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS n FROM bid
     ) WHERE n <= 10`,
  ],
  [
    'q21 names channels',
    `SELECT auction, bidder, price, channel,
       CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = 'google' THEN '1'
            WHEN LOWER(channel) = 'facebook' THEN '2' WHEN LOWER(channel) = 'baidu' THEN '3'
            ELSE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
     FROM bid`,
  ],
  [
    'q22 splits addresses',
    `SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2,
       split_part(url, '/', 6) AS dir3 FROM bid`,
  ],
];

const named = QUERIES.map(([name, laminar, duckdb]) => ({
  name,
  laminar,
  ...(duckdb === undefined ? {} : { duckdb }),
}));

test.each(named)('$name', (query) => tables.check(query));
