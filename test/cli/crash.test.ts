// Killed at any moment and at every step of a checkpoint, a run gives byte for byte what it would have given otherwise,
// from files and from standard input. `npm run crash` is the long form of this.

import { expect, test } from 'vitest';
import { crashRounds } from '../support/crash.ts';
import { SEED } from '../support/random.ts';

const KILLS = Number(process.env['LAMINAR_CRASH_KILLS'] ?? 30);
const ROLLED_KILLS = Math.ceil(KILLS / 3);

test('files of killed runs that are rolled are those of runs that were not', { timeout: 240_000 }, async () => {
  const seed = SEED + 10;
  const only = ['rolled', 'rolledRows'];
  const report = await crashRounds({ seed, rounds: 2, killsMin: ROLLED_KILLS, killsMax: 8, rows: 12_000, only });
  expect(report.kills).toBeGreaterThanOrEqual(ROLLED_KILLS);
});

test('outputs of killed runs are those of runs that were not', { timeout: 8_000 * KILLS }, async () => {
  const seed = SEED + 6;
  const { kills, atSteps, ofStdin } = await crashRounds({
    seed,
    rounds: 2,
    killsMin: KILLS,
    killsMax: 8,
    rows: 12_000,
  });
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  expect([atSteps > 0, ofStdin > 0]).toEqual([true, true]);
});
