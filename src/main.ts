// Entry of the program, from source and in the bundle. `--version` is answered before anything else is loaded.

import './cli/environment.ts';
import { printOut } from './cli/standard-streams.ts';
import { versionText } from './cli/version.ts';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) printOut(versionText());
else void import('./program.ts').then(({ main }) => main(argv));
