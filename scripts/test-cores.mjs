// npm run test:cores: all that the tests compute with rows, on 2 cores and on 3, one of which is slowed at random; then
// the examples as programs whose threads are delayed at random. Which is drawn by a seed: `npm run test:cores -- 7`.

import { spawnSync } from 'node:child_process';
import process from 'node:process';

const seed = process.argv[2] ?? String(Date.now() % 100_000);
const RUN = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit'];
const ROWS = ['test/oracle', 'test/pipelines.test.ts', 'test/runtime', 'test/sql', 'test/plan'];
const PROGRAMS = ['test/cli/cores.test.ts', 'test/cli/examples-on-cores.test.ts'];

const failed = ['2', '3'].filter((cores) => !passes(ROWS, { LAMINAR_TEST_CORES: cores }));
if (!passes(PROGRAMS, {})) failed.push('programs');
console.log(`seed ${seed}: ${failed.length === 0 ? 'the same answer' : `failed: ${failed.join(', ')}`}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(files, env) {
  const given = { ...process.env, LAMINAR_TEST_SEED: seed, ...env };
  return spawnSync(process.execPath, [...RUN, ...files], { env: given, stdio: 'inherit' }).status === 0;
}
