// The bench jobs: the same work for Laminar (a pipeline) and for DuckDB (a COPY), on the same file, to a file.

import { benchFile, benchRows } from './data.ts';
import { aggregateJobs } from './jobs-aggregates.ts';
import { changesJobs } from './jobs-changes.ts';
import { joinJobs } from './jobs-joins.ts';
import { lookupJobs } from './jobs-lookups.ts';
import { rowJobs } from './jobs-rows.ts';

export interface Job {
  name: string;
  title: string;
  input: string;
  rows: number;
  /** Also with the file piped into Laminar's stdin (DuckDB still reads the file). */
  isPiped: boolean;
  /** The ratio to DuckDB with one thread that we promise. */
  goal: number;
  pipeline(from: string, to: string): string;
  /** Another pipeline over the same input, and how many times its time this one may take, if that is promised. */
  beside?: { label: string; most?: number; pipeline(from: string, to: string): string };
  duckdb(to: string): string;
  /** Columns compared exactly and approximately (doubles that depend on the order of addition). */
  exact: string[];
  close: string[];
}

const TRADES_COLUMNS = 'symbol VARCHAR NOT NULL, price DOUBLE, volume BIGINT, ts TIMESTAMP';

const BARS_SELECT = `symbol, window_start, COUNT(*) AS trades, SUM(volume) AS volume,
       SUM(price * volume) / SUM(volume) AS vwap, MIN(price) AS low, MAX(price) AS high`;

const TEN_SECONDS = "TUMBLE(ts, INTERVAL '10' SECOND)";

function barsPipeline(from: string, to: string, window = TEN_SECONDS): string {
  return `CREATE SOURCE trades (${TRADES_COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM ${from};
CREATE SINK bars AS
SELECT ${BARS_SELECT}
FROM trades
GROUP BY symbol, ${window}
INTO ${to};`;
}

function barsDuckdb(reader: string, to: string): string {
  return `COPY (
  SELECT symbol, make_timestamp(window_ms * 1000) AS window_start, trades, volume, vwap, low, high FROM (
    SELECT symbol, ts // 10000 * 10000 AS window_ms, COUNT(*) AS trades, SUM(volume) AS volume,
           SUM(price * volume) / SUM(volume) AS vwap, MIN(price) AS low, MAX(price) AS high
    FROM ${reader} GROUP BY symbol, ts // 10000
  )
) TO '${to}' (FORMAT json)`;
}

/** Bars of 10 s first, then six of them to a window: the fastest way there is in DuckDB. */
function hopDuckdb(reader: string, to: string): string {
  return `COPY (
  SELECT symbol, make_timestamp(window_ms * 1000) AS window_start, SUM(n)::BIGINT AS trades, SUM(v)::BIGINT AS volume,
         SUM(pv) / SUM(v) AS vwap, MIN(l) AS low, MAX(h) AS high
  FROM (
    SELECT symbol, unnest(range(pane_ms - 50000, pane_ms + 1, 10000)) AS window_ms, * FROM (
      SELECT symbol, ts // 10000 * 10000 AS pane_ms, COUNT(*) AS n, SUM(volume) AS v, SUM(price * volume) AS pv,
             MIN(price) AS l, MAX(price) AS h
      FROM ${reader} GROUP BY symbol, pane_ms
    )
  ) GROUP BY symbol, window_ms
) TO '${to}' (FORMAT json)`;
}

function sessionDuckdb(reader: string, to: string): string {
  return `COPY (
  SELECT symbol, make_timestamp(MIN(ts) * 1000) AS window_start, COUNT(*) AS trades, SUM(volume)::BIGINT AS volume,
         SUM(price * volume) / SUM(volume) AS vwap, MIN(price) AS low, MAX(price) AS high
  FROM (
    SELECT *, SUM(begins) OVER (PARTITION BY symbol ORDER BY ts ROWS UNBOUNDED PRECEDING) AS number FROM (
      SELECT *, (ts - LAG(ts) OVER (PARTITION BY symbol ORDER BY ts) <= 2000 IS NOT TRUE)::INTEGER AS begins
      FROM ${reader}
    )
  ) GROUP BY symbol, number
) TO '${to}' (FORMAT json)`;
}

const BARS_COMPARED = { exact: ['symbol', 'window_start', 'trades', 'volume', 'low', 'high'], close: ['vwap'] };

/** The jobs over files of `scale` times their full size. */
export function benchJobs(scale: number): Job[] {
  const trades = benchFile('trades.ndjson', scale);
  const csv = benchFile('trades.csv', scale);
  const wide = benchFile('wide.ndjson', scale);
  const tradesColumns = "columns = {symbol: 'VARCHAR', price: 'DOUBLE', volume: 'BIGINT', ts: 'BIGINT'}";
  return [
    {
      name: 'bars-json',
      title: 'NDJSON, group by symbol and 10 s window, 5 aggregates',
      input: trades,
      rows: benchRows('trades.ndjson', scale),
      isPiped: true,
      goal: 3,
      pipeline: barsPipeline,
      duckdb: (to) => barsDuckdb(`read_ndjson('${trades}', ${tradesColumns})`, to),
      ...BARS_COMPARED,
    },
    {
      name: 'bars-csv',
      title: 'CSV, the same query',
      input: csv,
      rows: benchRows('trades.csv', scale),
      isPiped: false,
      goal: 3,
      pipeline: (from, to) => barsPipeline(from.replace("format = 'json'", "format = 'csv', header = true"), to),
      duckdb: (to) =>
        barsDuckdb(
          `read_csv('${csv}', header = true, columns = {symbol: 'VARCHAR', price: 'DOUBLE', volume: 'BIGINT', side: 'VARCHAR', venue: 'VARCHAR', ts: 'BIGINT'})`,
          to,
        ),
      ...BARS_COMPARED,
    },
    {
      name: 'hop-json',
      title: 'NDJSON, group by symbol and a minute every 10 s, 5 aggregates',
      input: trades,
      rows: benchRows('trades.ndjson', scale),
      isPiped: false,
      goal: 2,
      pipeline: (from, to) => barsPipeline(from, to, "HOP(ts, INTERVAL '10' SECOND, INTERVAL '1' MINUTE)"),
      beside: {
        label: 'Laminar, TUMBLE of 1 minute',
        most: 1.5,
        pipeline: (from, to) => barsPipeline(from, to, "TUMBLE(ts, INTERVAL '1' MINUTE)"),
      },
      duckdb: (to) => hopDuckdb(`read_ndjson('${trades}', ${tradesColumns})`, to),
      ...BARS_COMPARED,
    },
    {
      name: 'session-json',
      title: 'NDJSON, group by symbol and sessions with a gap of 2 s, 5 aggregates',
      input: trades,
      rows: benchRows('trades.ndjson', scale),
      isPiped: false,
      goal: 1,
      pipeline: (from, to) => barsPipeline(from, to, "SESSION(ts, INTERVAL '2' SECOND)"),
      duckdb: (to) => sessionDuckdb(`read_ndjson('${trades}', ${tradesColumns})`, to),
      ...BARS_COMPARED,
    },
    {
      name: 'filter-json',
      title: 'NDJSON to NDJSON, filter (30 % kept), one computed column',
      input: trades,
      rows: benchRows('trades.ndjson', scale),
      isPiped: false,
      goal: 2.5,
      pipeline: (from, to) => `CREATE SOURCE trades (${TRADES_COLUMNS}) FROM ${from};
CREATE SINK kept AS
SELECT symbol, price, volume, price * volume AS notional, ts FROM trades WHERE price > 170 INTO ${to};`,
      duckdb: (to) => `COPY (
  SELECT symbol, price, volume, price * volume AS notional, make_timestamp(ts * 1000) AS ts
  FROM read_ndjson('${trades}', ${tradesColumns}) WHERE price > 170
) TO '${to}' (FORMAT json)`,
      exact: ['symbol', 'price', 'volume', 'ts'],
      close: ['notional'],
    },
    {
      name: 'wide-json',
      title: 'NDJSON of 1 KB records, 3 of 50 fields used, group by host and 10 s window',
      input: wide,
      rows: benchRows('wide.ndjson', scale),
      isPiped: false,
      goal: 3,
      pipeline: (from, to) => `CREATE SOURCE wide (
  host VARCHAR FROM '$.field_21', load DOUBLE FROM '$.field_40', ts TIMESTAMP FROM '$.field_07',
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) FROM ${from};
CREATE SINK loads AS
SELECT host, window_start, COUNT(*) AS n, AVG(load) AS mean, MAX(load) AS highest
FROM wide GROUP BY host, TUMBLE(ts, INTERVAL '10' SECOND) INTO ${to};`,
      duckdb: (to) => `COPY (
  SELECT host, make_timestamp(window_ms * 1000) AS window_start, n, mean, highest FROM (
    SELECT field_21 AS host, field_07 // 10000 * 10000 AS window_ms, COUNT(*) AS n,
           AVG(field_40) AS mean, MAX(field_40) AS highest
    FROM read_ndjson('${wide}', columns = {field_07: 'BIGINT', field_21: 'VARCHAR', field_40: 'DOUBLE'})
    GROUP BY field_21, field_07 // 10000
  )
) TO '${to}' (FORMAT json)`,
      exact: ['host', 'window_start', 'n', 'highest'],
      close: ['mean'],
    },
    ...aggregateJobs(scale),
    ...changesJobs(scale),
    ...rowJobs(scale),
    ...joinJobs(scale),
    ...lookupJobs(scale),
  ];
}
