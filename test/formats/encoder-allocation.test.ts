import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, 'programs/allocation.ts');

it('text encoders leave no byte on the JavaScript heap per batch', () => {
  const taken = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as {
    json: number;
    csv: number;
    written: number[];
  };
  // The smallest object takes 12 bytes; 200 batches were encoded.
  expect(taken.json).toBeLessThan(200 * 12);
  expect(taken.csv).toBeLessThan(200 * 12);
  expect(Math.min(...taken.written)).toBeGreaterThan(1000);
});
