// OVER, QUALIFY, DISTINCT ON and LIMIT BY give what DuckDB gives: with all rows at the end, and as time passes.

import fc from 'fast-check';
import { test } from 'vitest';
import { check, checkAsTimePasses, RUNS, withDuckDB } from './check.ts';
import { firstRowsQuery, overQuery, tiedRows } from './generate-over.ts';

withDuckDB();

const QUERIES = [
  ['over windows', overQuery],
  ['for the first rows', firstRowsQuery],
] as const;

test.each(QUERIES)('random queries %s give what DuckDB gives', { timeout: 600_000 }, async (_, queries) => {
  await fc.assert(fc.asyncProperty(queries, tiedRows, fc.nat(1000), check), { numRuns: RUNS });
});

test.each(QUERIES)('random queries %s give it as time passes', { timeout: 600_000 }, async (_, queries) => {
  const delay = fc.constantFrom(0, 1, 15);
  await fc.assert(fc.asyncProperty(queries, tiedRows, fc.nat(1000), delay, checkAsTimePasses), { numRuns: RUNS });
});
