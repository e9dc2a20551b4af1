// npm run crash -- [--rounds N] [--least K] [--seed S] [--kills K] [--rows R] [--only NAME,NAME]: crashes runs on purpose (test/support/crash.ts)
// and compares their output with that of runs that were never killed: N rounds of up to `kills` kills, and more until there
// were `least`. Ends with 1, and the seed, when one differs.

import { parseArgs } from 'node:util';
import { crashRounds } from '../test/support/crash.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '16' },
    least: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '8' },
    rows: { type: 'string', default: '60000' },
    only: { type: 'string' },
  },
});
const options = {
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  killsMin: Number(values.least),
  killsMax: Number(values.kills),
  rows: Number(values.rows),
  ...(values.only === undefined ? {} : { only: values.only.split(',') }),
};
console.log(`seed ${options.seed}`);
try {
  const { rounds, kills, atSteps, ofStdin } = await crashRounds({ ...options, log: (line) => console.log(line) });
  const what = `${kills} kills, ${atSteps} of them at named steps, ${ofStdin} of runs that read standard input`;
  console.log(`${rounds} rounds, ${what}: every output is byte-equal`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
