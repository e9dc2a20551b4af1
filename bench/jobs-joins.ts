// Bench jobs of joins: a million orders and a million quotes of 500 symbols. DuckDB loads both files into tables first, which
// counts: straight over the files its planner picks nested loops.

import { benchFile, benchRows } from './data.ts';
import type { Job } from './jobs.ts';

const ORDERS = 'id BIGINT, symbol VARCHAR, price DOUBLE, ts TIMESTAMP';
const QUOTES = 'symbol VARCHAR, bid DOUBLE, ask DOUBLE, ts TIMESTAMP';
const WATERMARK = "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND";

interface JoinJob {
  name: string;
  title: string;
  goal: number;
  /** FROM and ON of Laminar, and of DuckDB, of `orders o` and `quotes q`. */
  laminar: string;
  duckdb: string;
  exact: string[];
}

const WITHIN = "o.ts BETWEEN q.ts - INTERVAL '1' SECOND AND q.ts + INTERVAL '1' SECOND";

const JOBS: readonly JoinJob[] = [
  {
    name: 'join-interval',
    title: 'orders with the quotes within a second of them (2 of each)',
    goal: 10,
    laminar: `FROM orders o JOIN quotes q ON o.symbol = q.symbol AND ${WITHIN}`,
    duckdb: `FROM orders o JOIN quotes q ON o.symbol = q.symbol AND ${WITHIN}`,
    exact: ['id', 'price', 'bid', 'ask'],
  },
  {
    name: 'join-left',
    title: 'orders with the quotes in the 200 ms before them, or with none',
    goal: 10,
    laminar:
      "FROM orders o LEFT JOIN quotes q ON o.symbol = q.symbol AND q.ts BETWEEN o.ts - INTERVAL '200' MILLISECOND AND o.ts",
    duckdb:
      "FROM orders o LEFT JOIN quotes q ON o.symbol = q.symbol AND q.ts BETWEEN o.ts - INTERVAL '200 milliseconds' AND o.ts",
    exact: ['id', 'price', 'bid', 'ask'],
  },
  {
    name: 'join-asof',
    title: 'orders with the last quote before them',
    goal: 2,
    // Quotes of one symbol at one time are one row in neither: which of them it is, is not compared.
    laminar: 'FROM orders o ASOF LEFT JOIN quotes q ON o.symbol = q.symbol AND o.ts >= q.ts',
    duckdb: 'FROM orders o ASOF LEFT JOIN quotes q ON o.symbol = q.symbol AND o.ts >= q.ts',
    exact: ['id', 'price', 'quoted'],
  },
  {
    name: 'join-temporal',
    title: 'orders with the quote of their symbol that was valid at their time',
    goal: 2,
    laminar: 'FROM orders o LEFT JOIN quotes FOR SYSTEM_TIME AS OF o.ts AS q ON o.symbol = q.symbol',
    duckdb: 'FROM orders o ASOF LEFT JOIN quotes q ON o.symbol = q.symbol AND o.ts >= q.ts',
    exact: ['id', 'price', 'quoted'],
  },
  {
    name: 'join-semi',
    title: 'orders below any bid of their symbol, unbounded',
    goal: 1,
    laminar: 'FROM orders o SEMI JOIN quotes q ON o.symbol = q.symbol AND o.price < q.bid',
    duckdb: 'FROM orders o WHERE EXISTS (SELECT 1 FROM quotes q WHERE o.symbol = q.symbol AND o.price < q.bid)',
    exact: ['id', 'price'],
  },
];

/** The jobs over files of `scale` times their full size. */
export function joinJobs(scale: number): Job[] {
  const quotes = benchFile('quotes.ndjson', scale);
  return JOBS.map(({ name, title, goal, laminar, duckdb, exact }): Job => {
    const columns = exact.map((column) => (column === 'quoted' ? 'epoch_ms(q.ts) AS quoted' : column)).join(', ');
    const input = benchFile('orders.ndjson', scale);
    return {
      ...{ name, title, goal, input, rows: benchRows('orders.ndjson', scale) * 2, isPiped: false },
      pipeline: (from, to) => `CREATE SOURCE orders (${ORDERS}, ${WATERMARK}) FROM ${from};
CREATE SOURCE quotes (${QUOTES}, ${WATERMARK}) FROM FILE (path = '${quotes}', format = 'json');
CREATE SINK joined AS SELECT ${columns} ${laminar} INTO ${to};`,
      duckdb: (to) => `${loadTable('orders', input, "id: 'BIGINT', symbol: 'VARCHAR', price: 'DOUBLE', ts: 'BIGINT'")};
${loadTable('quotes', quotes, "symbol: 'VARCHAR', bid: 'DOUBLE', ask: 'DOUBLE', ts: 'BIGINT'")};
COPY (SELECT ${columns} ${duckdb}) TO '${to}' (FORMAT json)`,
      exact,
      close: [],
    };
  });
}

function loadTable(name: string, file: string, columns: string): string {
  return `CREATE TABLE ${name} AS SELECT * REPLACE (make_timestamp(ts * 1000) AS ts)
FROM read_ndjson('${file}', columns = {${columns}})`;
}
