// npm run test:cores: all that the tests compute with rows, on 2 cores and on 3, one of which is slowed at random; then
// the examples as programs whose threads are delayed at random. Which is drawn by a seed: `npm run test:cores -- 7`.

import process from 'node:process';
import { passes } from './run-tests.mjs';

const seed = process.argv[2] ?? String(Date.now() % 100_000);
const ROWS = ['test/oracle', 'test/pipelines.test.ts', 'test/runtime', 'test/sql', 'test/plan'];
const PROGRAMS = ['test/cli/cores.test.ts', 'test/cli/examples-on-cores.test.ts'];

const env = { LAMINAR_TEST_SEED: seed };
const failed = ['2', '3'].filter((cores) => !passes(ROWS, { ...env, LAMINAR_TEST_CORES: cores }));
if (!passes(PROGRAMS, env)) failed.push('programs');
console.log(`seed ${seed}: ${failed.length === 0 ? 'the same answer' : `failed: ${failed.join(', ')}`}`);
process.exitCode = failed.length === 0 ? 0 : 1;
