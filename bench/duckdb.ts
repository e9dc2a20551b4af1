// Runs one statement in DuckDB with the given number of threads; prints the ms the statement took, without start-up.
//
//   node bench/duckdb.ts THREADS "COPY (…) TO '…'"

import { DuckDBInstance } from '@duckdb/node-api';

const [threads, sql] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`SET threads = ${Number(threads)}`);
const started = performance.now();
await connection.run(sql as string);
console.log(performance.now() - started);
