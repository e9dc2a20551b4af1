// Bench jobs of results that change, and of streams of windows joined: a group for each of a million users, the changes of
// which are written, or read by another query; and a million windows on either side of a join.

import { benchFile, benchRows } from './data.ts';
import type { Job } from './jobs.ts';

const WATERMARK = "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND";

/** The jobs over files of `scale` times their full size. */
export function changesJobs(scale: number): Job[] {
  return [windowJoin(scale), ...updatingJobs(scale)];
}

/** Orders and quotes by symbol and second: about a million windows each, of which most have one row. */
function windowJoin(scale: number): Job {
  const orders = benchFile('orders.ndjson', scale);
  const quotes = benchFile('quotes.ndjson', scale);
  const reader = (file: string, columns: string) => `read_ndjson('${file}', columns = {${columns}})`;
  return {
    name: 'join-windows',
    title: 'orders by symbol and second LEFT JOIN quotes by symbol and second (1 M keys)',
    input: orders,
    rows: benchRows('orders.ndjson', scale) * 2,
    isPiped: false,
    goal: 1.5,
    pipeline: (
      from,
      to,
    ) => `CREATE SOURCE orders (symbol VARCHAR NOT NULL, price DOUBLE, ts TIMESTAMP, ${WATERMARK}) FROM ${from};
CREATE SOURCE quotes (symbol VARCHAR NOT NULL, bid DOUBLE, ts TIMESTAMP, ${WATERMARK}) FROM FILE (path = '${quotes}', format = 'json');
CREATE STREAM ordered AS SELECT symbol, window_start, window_end, COUNT(*) AS n, MAX(price) AS most
FROM orders GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND);
CREATE STREAM quoted AS SELECT symbol, window_start, window_end, MAX(bid) AS bid
FROM quotes GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND);
CREATE SINK joined AS SELECT symbol, epoch_ms(window_start) AS bucket, n, most, bid
FROM ordered LEFT JOIN quoted USING (symbol, window_start, window_end) INTO ${to};`,
    duckdb: (to) => `COPY (
  SELECT o.symbol, o.w * 1000 AS bucket, n, most, bid FROM (
    SELECT symbol, ts // 1000 AS w, COUNT(*) AS n, MAX(price) AS most
    FROM ${reader(orders, "symbol: 'VARCHAR', price: 'DOUBLE', ts: 'BIGINT'")} GROUP BY symbol, w
  ) o LEFT JOIN (
    SELECT symbol, ts // 1000 AS w, MAX(bid) AS bid
    FROM ${reader(quotes, "symbol: 'VARCHAR', bid: 'DOUBLE', ts: 'BIGINT'")} GROUP BY symbol, w
  ) q ON o.symbol = q.symbol AND o.w = q.w
) TO '${to}' (FORMAT json)`,
    exact: ['symbol', 'bucket', 'n', 'most', 'bid'],
    close: [],
  };
}

/**
 * Groups of a million users, each of about five rows, in three ways: their final table, which DuckDB computes too; every change
 * of them written, for which DuckDB numbers and sums the rows of each user; and their changes given to another query, of
 * which both write the final table. There Laminar makes no changes, as nobody would see them; with a sink for them it
 * does, nine million, each of which leaves one group and enters another: that is nothing that DuckDB has a word for.
 */
function updatingJobs(scale: number): Job[] {
  const users = benchFile('users.ndjson', scale);
  const events = `read_ndjson('${users}', columns = {user: 'VARCHAR', amount: 'DOUBLE'})`;
  const shape = { input: users, rows: benchRows('users.ndjson', scale), isPiped: false, close: ['total'] };
  const source = (from: string) => `CREATE SOURCE events (user VARCHAR NOT NULL, amount DOUBLE) FROM ${from};`;
  const totals = 'SELECT user, COUNT(*) AS n, SUM(amount) AS total FROM events GROUP BY user';
  const sizes = (from: string, to: string, seen = '') => `${source(from)}
CREATE STREAM totals AS ${totals} EMIT CHANGES;${seen}
CREATE SINK sizes AS SELECT n, COUNT(*) AS users, SUM(total) AS total FROM totals GROUP BY n EMIT FINAL INTO ${to};`;
  return [
    {
      ...shape,
      name: 'groups-1m',
      title: 'GROUP BY one of 1 M users without a window, the final table',
      goal: 1.5,
      pipeline: (from, to) => `${source(from)}\nCREATE SINK totals AS ${totals} INTO ${to};`,
      duckdb: (to) =>
        `COPY (SELECT "user", COUNT(*) AS n, SUM(amount) AS total FROM ${events} GROUP BY "user") TO '${to}' (FORMAT json)`,
      exact: ['user', 'n'],
    },
    {
      ...shape,
      name: 'changes-1m',
      title: 'GROUP BY one of 1 M users, every change written: the new row of its user for each of 5 M rows',
      goal: 1.5,
      pipeline: (from, to) => `${source(from)}
CREATE SINK totals AS ${totals} EMIT CHANGES INTO ${to.replace("format = 'json'", "format = 'json', changelog = 'upsert'")};`,
      duckdb: (to) => `COPY (
  SELECT '+U' AS op, "user", COUNT(*) OVER w AS n, SUM(amount) OVER w AS total
  FROM (SELECT *, row_number() OVER () AS i FROM ${events})
  WINDOW w AS (PARTITION BY "user" ORDER BY i ROWS UNBOUNDED PRECEDING)
) TO '${to}' (FORMAT json)`,
      exact: ['op', 'user', 'n'],
    },
    {
      ...shape,
      name: 'updating-1m',
      title: 'GROUP BY of a GROUP BY one of 1 M users with EMIT CHANGES, the final table',
      goal: 1.5,
      pipeline: sizes,
      beside: {
        label: 'Laminar, with every change made',
        pipeline: (from, to) => sizes(from, to, SEEN),
      },
      duckdb: (to) => `COPY (
  SELECT n, COUNT(*) AS users, SUM(total) AS total FROM (
    SELECT "user", COUNT(*) AS n, SUM(amount) AS total FROM ${events} GROUP BY "user"
  ) GROUP BY n
) TO '${to}' (FORMAT json)`,
      exact: ['n', 'users'],
    },
    updatingJoin(scale, source),
  ];
}

/** Who sees the changes, so that they are made. */
const SEEN = '\nCREATE SINK seen FROM totals INTO BLACKHOLE;';

/** The counts of a million users and half as many accounts, joined without bounds: every change of a count is one of a pair. */
function updatingJoin(scale: number, source: (from: string) => string): Job {
  const users = benchFile('users.ndjson', scale);
  const accounts = benchFile('accounts.ndjson', scale);
  const segments = (from: string, to: string, seen = '') => `${source(from)}
CREATE SOURCE accounts (user VARCHAR NOT NULL, segment VARCHAR) FROM FILE (path = '${accounts}');
CREATE STREAM totals AS SELECT user, COUNT(*) AS n FROM events GROUP BY user EMIT CHANGES;${seen}
CREATE SINK segments AS SELECT a.segment, COUNT(*) AS users, SUM(t.n) AS n
FROM totals t LEFT JOIN accounts a ON a.user = t.user GROUP BY a.segment EMIT FINAL INTO ${to};`;
  return {
    input: users,
    rows: benchRows('users.ndjson', scale),
    isPiped: false,
    name: 'updating-join',
    title:
      'GROUP BY one of 1 M users with EMIT CHANGES LEFT JOIN 500,000 accounts, unbounded, by segment, the final table',
    goal: 1,
    pipeline: segments,
    beside: {
      label: 'Laminar, with every change made',
      pipeline: (from, to) => segments(from, to, SEEN),
    },
    duckdb: (to) => `COPY (
  SELECT a.segment, COUNT(*) AS users, SUM(t.n)::BIGINT AS n FROM (
    SELECT "user", COUNT(*) AS n FROM read_ndjson('${users}', columns = {user: 'VARCHAR'}) GROUP BY "user"
  ) t LEFT JOIN read_ndjson('${accounts}', columns = {user: 'VARCHAR', segment: 'VARCHAR'}) a ON a."user" = t."user"
  GROUP BY a.segment
) TO '${to}' (FORMAT json)`,
    exact: ['segment', 'users', 'n'],
    close: [],
  };
}
