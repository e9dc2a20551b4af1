// Runs files of tests as `npm test` runs them, with other surroundings: what the longer tests have in common.

import { spawnSync } from 'node:child_process';
import process from 'node:process';

const RUN = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit'];

/** @param options of vitest. @returns whether all passed. */
export function passes(files, env, options = []) {
  const given = { env: { ...process.env, ...env }, stdio: 'inherit' };
  return spawnSync(process.execPath, [...RUN, ...options, ...files], given).status === 0;
}
