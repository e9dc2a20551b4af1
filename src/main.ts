// Entry of the program, from source and in the bundle. `--version` is answered before anything else is loaded.

import './cli/environment.ts';
import { ExitCode } from './cli/exit-codes.ts';
import { hasInput, printError, printOut } from './cli/standard-streams.ts';
import { versionText } from './cli/version.ts';
import { NOTHING_AHEAD } from './platform/started-ahead.ts';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) printOut(versionText());
else void start();

async function start(): Promise<void> {
  checkWorkingDirectory();
  // A run's thread takes as long to start as all else together, so it starts first.
  const isRun = argv[0] === 'run' && argv.length > 1 && !argv.includes('--help') && !argv.includes('-h');
  const ahead = isRun ? (await import('./platform/resources.ts')).startAhead(wantedCores(), wantsLog()) : NOTHING_AHEAD;
  const { main } = await import('./program.ts');
  await main(argv, ahead);
}

/** What --cores says, before anybody has parsed it; wrong values are found later. */
function wantedCores(): number {
  const index = argv.findIndex((argument) => /^--cores(=|$)/.test(argument));
  const text = argv[index]?.split('=')[1] ?? argv[index + 1];
  const count = index < 0 ? 1 : Number(text);
  return Number.isInteger(count) && count > 0 && count <= 64 ? count : 1;
}

/** Whether state is to be kept, and there is an input that cannot be read a second time: so it seems. */
function wantsLog(): boolean {
  const isKept = argv.some((argument) => /^(-s|--state-dir)/.test(argument)) || !!process.env['LAMINAR_STATE_DIR'];
  return isKept && hasInput();
}

/** No thread starts, and no path leads anywhere, in a directory that has been removed. */
function checkWorkingDirectory(): void {
  try {
    process.cwd();
  } catch {
    printError('laminar: the working directory no longer exists\nhint: change to another one');
    process.exit(ExitCode.failed);
  }
}
