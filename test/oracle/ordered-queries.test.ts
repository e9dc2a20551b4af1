// ORDER BY, LIMIT and OFFSET give DuckDB's rows in DuckDB's order.

import fc from 'fast-check';
import { test } from 'vitest';
import { checkOrdered, RUNS, tableRows, withDuckDB } from './check.ts';
import { orderedGroupsQuery, orderedQuery, timeOrderedQuery } from './generate.ts';

withDuckDB();

test.each([
  ['by any columns', orderedQuery],
  ['by event time', timeOrderedQuery],
  ['of groups', orderedGroupsQuery],
] as const)('random orders %s are those of DuckDB', { timeout: 600_000 }, async (_, queries) => {
  await fc.assert(fc.asyncProperty(queries, tableRows, fc.nat(1000), checkOrdered), { numRuns: RUNS });
});
