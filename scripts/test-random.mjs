// npm run test:random: the random tests, ten times as often and with another seed than `npm test` has, which is printed; then
// as often as there, with memory that grows whenever it may. A seed and how often: `npm run test:random -- 7 20`.

import { spawnSync } from 'node:child_process';
import process from 'node:process';

const seed = process.argv[2] ?? String(Date.now() % 100_000);
const times = process.argv[3] ?? '10';
const RUN = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--testTimeout', '3600000'];
const FOLDERS = ['connectors', 'data', 'formats', 'kernels', 'oracle', 'runtime', 'sql', 'state'];

const failed = [];
if (!passes({ LAMINAR_TIMES: times })) failed.push('more often');
if (!passes({ LAMINAR_TEST_GROW: '1' })) failed.push('with growing memory');
console.log(`seed ${seed}, ${times} times: ${failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes(given) {
  const env = { ...process.env, LAMINAR_TEST_SEED: seed, ...given };
  const files = FOLDERS.map((folder) => `test/${folder}`);
  return spawnSync(process.execPath, [...RUN, ...files], { env, stdio: 'inherit' }).status === 0;
}
