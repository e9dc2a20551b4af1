// npm run test:random: the random tests, ten times as often and with another seed than `npm test` has, which is printed.
// A seed and how often: `npm run test:random -- 7 20`.

import { spawnSync } from 'node:child_process';
import process from 'node:process';

const seed = process.argv[2] ?? String(Date.now() % 100_000);
const times = process.argv[3] ?? '10';
const RUN = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--testTimeout', '3600000'];
const FOLDERS = ['connectors', 'data', 'formats', 'kernels', 'oracle', 'runtime', 'sql', 'state'];

const env = { ...process.env, LAMINAR_TEST_SEED: seed, LAMINAR_TIMES: times };
const { status } = spawnSync(process.execPath, [...RUN, ...FOLDERS.map((folder) => `test/${folder}`)], {
  env,
  stdio: 'inherit',
});
console.log(`seed ${seed}, ${times} times as often`);
process.exitCode = status ?? 1;
