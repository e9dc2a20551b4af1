// Bench jobs in which rows stay rows: sorted, and with what functions give over the rows around them.

import { benchFile, benchRows } from './data.ts';
import type { Job } from './jobs.ts';

const COLUMNS = 'id BIGINT, symbol VARCHAR, price DOUBLE, ts TIMESTAMP';
const READER = "columns = {id: 'BIGINT', symbol: 'VARCHAR', price: 'DOUBLE', ts: 'BIGINT'}";

/** The jobs over files of `scale` times their full size. */
export function rowJobs(scale: number): Job[] {
  const orders = benchFile('orders.ndjson', scale);
  const common = { input: orders, rows: benchRows('orders.ndjson', scale), isPiped: false, goal: 1 };
  const frame = 'PARTITION BY symbol ORDER BY ts, id ROWS BETWEEN 99 PRECEDING AND CURRENT ROW';
  return [
    {
      name: 'order-two',
      title: 'ORDER BY two columns at the end of the input',
      ...common,
      pipeline: (from, to) => `CREATE SOURCE orders (${COLUMNS}) FROM ${from};
CREATE SINK sorted AS SELECT id, symbol, price, ts FROM orders ORDER BY symbol, price INTO ${to};`,
      duckdb: (to) => `COPY (
  SELECT id, symbol, price, make_timestamp(ts * 1000) AS ts FROM read_ndjson('${orders}', ${READER})
  ORDER BY symbol, price
) TO '${to}' (FORMAT json)`,
      exact: ['id', 'symbol', 'price', 'ts'],
      close: [],
    },
    {
      name: 'over-100',
      title: 'AVG over the last 100 rows of a symbol, in event-time order',
      ...common,
      pipeline: (
        from,
        to,
      ) => `CREATE SOURCE orders (${COLUMNS}, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM ${from};
CREATE SINK means AS SELECT id, symbol, AVG(price) OVER (${frame}) AS mean FROM orders INTO ${to};`,
      duckdb: (to) => `COPY (
  SELECT id, symbol, AVG(price) OVER (${frame}) AS mean FROM read_ndjson('${orders}', ${READER})
) TO '${to}' (FORMAT json)`,
      exact: ['id', 'symbol'],
      close: ['mean'],
    },
  ];
}
