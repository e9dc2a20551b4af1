import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, 'programs/decode-allocation.ts');

it('text decoders leave no byte on the JavaScript heap per call, bad records and escapes included', () => {
  const taken = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as {
    json: number;
    csv: number;
    rows: number[];
  };
  // The smallest object takes 12 bytes; each decoder was called 200 times.
  expect(taken.json).toBeLessThan(200 * 12);
  expect(taken.csv).toBeLessThan(200 * 12);
  expect(taken.rows).toEqual([295, 295]);
}, 60_000);
