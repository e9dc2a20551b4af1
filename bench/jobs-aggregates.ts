// Bench jobs of aggregates that keep more than a few numbers a group, and of many groups.

import { benchFile, benchRows } from './data.ts';
import type { Job } from './jobs.ts';

const TRADES = 'symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP';
const TRADES_READER = "columns = {symbol: 'VARCHAR', price: 'DOUBLE', volume: 'BIGINT', ts: 'BIGINT'}";

interface Windowed {
  name: string;
  title: string;
  seconds: number;
  goal: number;
  /** The same in both dialects, named `result`. */
  aggregate: string;
  isExact: boolean;
}

const WINDOWED: readonly Windowed[] = [
  {
    name: 'distinct-10s',
    title: 'COUNT(DISTINCT volume) by symbol and 10 s window (20 rows a group)',
    seconds: 10,
    goal: 1,
    aggregate: 'COUNT(DISTINCT volume)',
    isExact: true,
  },
  {
    name: 'distinct-1m',
    title: 'COUNT(DISTINCT volume) by symbol and 1 min window (120 rows a group)',
    seconds: 60,
    goal: 1,
    aggregate: 'COUNT(DISTINCT volume)',
    isExact: true,
  },
  {
    name: 'median-1m',
    title: 'MEDIAN(price) by symbol and 1 min window',
    seconds: 60,
    goal: 1,
    aggregate: 'MEDIAN(price)',
    isExact: false,
  },
];

/** The jobs over files of `scale` times their full size. */
export function aggregateJobs(scale: number): Job[] {
  const trades = benchFile('trades.ndjson', scale);
  const windowed = WINDOWED.map(({ name, title, seconds, goal, aggregate, isExact }): Job => {
    const micros = seconds * 1e6;
    return {
      ...{ name, title, goal, input: trades, rows: benchRows('trades.ndjson', scale), isPiped: false },
      pipeline: (
        from,
        to,
      ) => `CREATE SOURCE trades (${TRADES}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${from};
CREATE SINK bars AS
SELECT symbol, window_start, ${aggregate} AS result
FROM trades GROUP BY symbol, TUMBLE(ts, INTERVAL '${seconds}' SECOND) INTO ${to};`,
      duckdb: (to) => `COPY (
  SELECT symbol, make_timestamp(w * ${micros}) AS window_start, result FROM (
    SELECT symbol, ts // ${seconds * 1000} AS w, ${aggregate} AS result
    FROM read_ndjson('${trades}', ${TRADES_READER}) GROUP BY symbol, ts // ${seconds * 1000}
  )
) TO '${to}' (FORMAT json)`,
      exact: isExact ? ['symbol', 'window_start', 'result'] : ['symbol', 'window_start'],
      close: isExact ? [] : ['result'],
    };
  });
  return [...windowed, manyKeys(scale)];
}

/** One window, a million keys. */
function manyKeys(scale: number): Job {
  const users = benchFile('users.ndjson', scale);
  return {
    name: 'keys-1m',
    title: 'Group by one of 1 M users, one window, 3 aggregates',
    input: users,
    rows: benchRows('users.ndjson', scale),
    isPiped: false,
    goal: 2,
    pipeline: (from, to) => `CREATE SOURCE events (user VARCHAR NOT NULL, amount DOUBLE, ts TIMESTAMP, WATERMARK FOR ts)
FROM ${from};
CREATE SINK totals AS
SELECT user, window_start, COUNT(*) AS n, SUM(amount) AS total, MAX(amount) AS most
FROM events GROUP BY user, TUMBLE(ts, INTERVAL '365' DAY) INTO ${to};`,
    duckdb: (to) => `COPY (
  SELECT "user", make_timestamp(w * 31536000000000) AS window_start, n, total, most FROM (
    SELECT "user", ts // 31536000000 AS w, COUNT(*) AS n, SUM(amount) AS total, MAX(amount) AS most
    FROM read_ndjson('${users}', columns = {user: 'VARCHAR', amount: 'DOUBLE', ts: 'BIGINT'})
    GROUP BY "user", ts // 31536000000
  )
) TO '${to}' (FORMAT json)`,
    exact: ['user', 'window_start', 'n', 'most'],
    close: ['total'],
  };
}
