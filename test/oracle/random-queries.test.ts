// Laminar at the end of input equals DuckDB on the same rows: random queries, at batch sizes 1, 7 and 2048, with the
// input cut at random places. More with LAMINAR_TIMES=20.

import fc from 'fast-check';
import { test } from 'vitest';
import { check, checkUnordered, RUNS, tableRows, withDuckDB } from './check.ts';
import { composedQuery, nestedQuery } from './composed.ts';
import { groupedQuery, plainQuery } from './generate.ts';

withDuckDB();

test.each([
  ['plain', plainQuery],
  ['grouped', groupedQuery],
  ['nested', nestedQuery],
] as const)('random %s queries give what DuckDB gives', { timeout: 600_000 }, async (_, queries) => {
  await fc.assert(fc.asyncProperty(queries, tableRows, fc.nat(1000), check), { numRuns: RUNS });
});

test('random composed queries give what DuckDB gives', { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(composedQuery, tableRows, fc.nat(1000), checkUnordered), { numRuns: RUNS });
});
