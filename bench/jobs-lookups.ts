// Bench jobs of lookups: five million payments, and a table of half of their million users.

import { benchFile, benchRows } from './data.ts';
import type { Job } from './jobs.ts';

const COMPARED = { exact: ['user', 'amount', 'segment'], close: [] };

/** The jobs over files of `scale` times their full size. */
export function lookupJobs(scale: number): Job[] {
  const input = benchFile('users.ndjson', scale);
  const accounts = benchFile('accounts.ndjson', scale);
  const shape = { input, rows: benchRows('users.ndjson', scale), isPiped: false, goal: 2, ...COMPARED };
  const pipeline = (join: string, where: string) => (from: string, to: string) =>
    `CREATE SOURCE payments (user VARCHAR, amount DOUBLE) FROM ${from};
CREATE LOOKUP TABLE accounts (user VARCHAR, segment VARCHAR, most DOUBLE, PRIMARY KEY (user)) FROM FILE (path = '${accounts}');
CREATE SINK joined AS
SELECT p.user, p.amount, a.segment FROM payments p ${join} accounts a ON p.user = a.user${where} INTO ${to};`;
  const duckdb = (join: string, where: string) => (to: string) =>
    `COPY (
  SELECT p.user, p.amount, a.segment
  FROM read_ndjson('${input}', columns = {user: 'VARCHAR', amount: 'DOUBLE'}) p
  ${join} read_ndjson('${accounts}', columns = {user: 'VARCHAR', segment: 'VARCHAR', most: 'DOUBLE'}) a ON p.user = a.user${where}
) TO '${to}' (FORMAT json)`;
  const above = ' WHERE p.amount > a.most';
  return [
    {
      name: 'lookup-inner',
      title: 'payments above the limit of their account, of 500,000 accounts (5 % kept)',
      ...shape,
      pipeline: pipeline('JOIN', above),
      duckdb: duckdb('JOIN', above),
    },
    {
      name: 'lookup-left',
      title: 'all payments with the segment of their account, of 500,000 accounts',
      ...shape,
      pipeline: pipeline('LEFT JOIN', ''),
      duckdb: duckdb('LEFT JOIN', ''),
    },
  ];
}
