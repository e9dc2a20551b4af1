// npm run test:random: the random tests, ten times as often and with another seed than `npm test` has, which is printed; then
// as often as there, with memory that grows whenever it may. A seed and how often: `npm run test:random -- 7 20`.

import process from 'node:process';
import { passes } from './run-tests.mjs';

const seed = process.argv[2] ?? String(Date.now() % 100_000);
const times = process.argv[3] ?? '10';
const FOLDERS = ['connectors', 'data', 'formats', 'kernels', 'oracle', 'runtime', 'sql', 'state'];
const FILES = FOLDERS.map((folder) => `test/${folder}`);
const PASSES = [
  ['more often', { LAMINAR_TIMES: times }],
  ['with growing memory', { LAMINAR_TEST_GROW: '1' }],
];

const failed = PASSES.filter(
  ([, env]) => !passes(FILES, { LAMINAR_TEST_SEED: seed, ...env }, ['--testTimeout', '3600000']),
).map(([name]) => name);
console.log(`seed ${seed}, ${times} times: ${failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`}`);
process.exitCode = failed.length === 0 ? 0 : 1;
