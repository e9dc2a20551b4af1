// The zero-allocation guard: in steady state a turn of the core leaves nothing on the JavaScript heap.
//
// The heap counter of the isolate is read before and after 16 windows of 64 turns. The smallest object takes 12 bytes:
// less than 64 × 12 bytes in a window means that no turn leaves an object behind. Taken off is what Node itself makes
// per read or write of a file. What is left is made once a window: the clock is read, counters are reported. A
// collection, or growth of linear memory, may spoil a window, hence several. When a pipeline fails, each operator is
// measured alone and the message names those that allocate.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const program = path.resolve(import.meta.dirname, '../support/allocation.ts');

/** Most bytes that Node 24 leaves behind per fs.readSync or fs.writeSync. */
const CALL_BYTES = 128;
const WINDOW_BYTES = 64 * 12;
/** Windows that a collection may spoil. */
const SPOILED_MAX = 3;

test.each([
  'memory',
  'aggregate',
  'hop',
  'values',
  'filter',
  'csv',
  'sort',
  'over',
  'changes',
  'merged',
  'keyed',
  'marks',
])('%s pipeline: no byte per batch', {
  timeout: 120_000,
  // On a busy machine the code may still be unoptimized when it is measured; what leaves objects does so every time.
  retry: 2,
}, (kind) => {
  const run = spawnSync(process.execPath, [program, kind], { encoding: 'utf8' });
  expect(run.stderr.replace(/^.*ExperimentalWarning.*$/m, '').trim()).toBe('');
  const { windows, calls, culprits } = JSON.parse(run.stdout) as {
    windows: number[];
    calls: number[];
    culprits: string[];
  };
  const excess = windows.map((bytes, n) => bytes - (calls[n] as number) * CALL_BYTES - WINDOW_BYTES);
  expect(
    excess.filter((bytes) => bytes > 0).length,
    `of 64 turns each: ${windows.join(' ')} bytes with ${calls.join(' ')} calls; allocating: ${culprits.join(', ')}`,
  ).toBeLessThanOrEqual(SPOILED_MAX);
});
