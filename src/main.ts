// Entry of the program, from source and in the bundle. `--version` is answered before anything else is loaded.

import './cli/environment.ts';
import { printOut } from './cli/standard-streams.ts';
import { versionText } from './cli/version.ts';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) printOut(versionText());
else void start();

/** A run's thread takes as long to start as all else together, so it starts first. */
async function start(): Promise<void> {
  const isRun = argv[0] === 'run' && argv.length > 1;
  const core = isRun ? (await import('./runtime/engine.ts')).prepareCore() : null;
  const { main } = await import('./program.ts');
  await main(argv, core);
}
