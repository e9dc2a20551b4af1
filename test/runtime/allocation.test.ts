// The zero-allocation guard: in steady state a turn of the core leaves nothing on the JavaScript heap.
//
// The heap counter of the isolate is read before and after windows of turns; after warm-up every window must be zero
// bytes (several windows, so that a collection inside one cannot hide anything). When one is not, each operator is
// measured alone and the message names those that allocate.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const program = path.resolve(import.meta.dirname, '../support/allocation.ts');

test.each(['aggregate', 'filter', 'csv'])('%s pipeline: no byte per batch', { timeout: 120_000 }, (kind) => {
  const run = spawnSync(process.execPath, ['--expose-gc', program, kind], { encoding: 'utf8' });
  expect(run.stderr.replace(/^.*ExperimentalWarning.*$/m, '').trim()).toBe('');
  const { windows, culprits } = JSON.parse(run.stdout) as { windows: number[]; culprits: string[] };
  expect(
    windows.filter((bytes) => bytes !== 0),
    `bytes per window; allocating: ${culprits.join(', ')}`,
  ).toEqual([]);
});
