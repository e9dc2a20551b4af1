// Killed at any moment and at every step of a checkpoint, a run gives byte for byte what it would have given otherwise.
// `npm run crash` is the long form of this.

import { expect, test } from 'vitest';
import { crashRounds } from '../support/crash.ts';

const ROUNDS = Number(process.env['LAMINAR_CRASH_ROUNDS'] ?? 8);

test('outputs of killed runs are those of runs that were not', {
  timeout: 120_000 * Math.ceil(ROUNDS / 8),
}, async () => {
  const seed = Number(process.env['LAMINAR_CRASH_SEED'] ?? 7);
  const { rounds, kills } = await crashRounds({ seed, rounds: ROUNDS, killsMax: 5, rows: 20_000 });
  expect(rounds).toBe(ROUNDS);
  expect(kills).toBeGreaterThanOrEqual(ROUNDS);
});
