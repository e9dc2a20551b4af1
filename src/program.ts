// The program: its verbs, and the way from arguments to an exit code.

import { Config } from '@oclif/core/config';
import { nearestName } from './base/names.ts';
import { reportFailure } from './cli/failure.ts';
import { UsageError } from './cli/usage-error.ts';
import { PACKAGE, versionText } from './cli/version.ts';
import Check from './commands/check.ts';
import Checkpoint from './commands/checkpoint.ts';
import Doctor from './commands/doctor.ts';
import Explain from './commands/explain.ts';
import Run from './commands/run.ts';
import State from './commands/state.ts';
import Tap from './commands/tap.ts';
import Top from './commands/top.ts';
import Why from './commands/why.ts';
import type { StartedAhead } from './platform/started-ahead.ts';

/** Every verb. Also read by `oclif readme`. */
export const COMMANDS = {
  check: Check,
  checkpoint: Checkpoint,
  doctor: Doctor,
  explain: Explain,
  run: Run,
  state: State,
  tap: Tap,
  top: Top,
  why: Why,
};

type Verb = keyof typeof COMMANDS;

/**
 * Runs the verb, reports what went wrong, and ends the process with its exit code.
 * @param ahead for `run`.
 */
export async function main(argv: readonly string[], ahead: StartedAhead): Promise<void> {
  const report = (error: unknown) => reportFailure(error, { json: isJson(argv), argv });
  process.on('uncaughtException', (error) => process.exit(report(error)));
  try {
    await dispatch(argv, ahead);
  } catch (error) {
    process.exitCode = report(error);
  }
  process.exit();
}

async function dispatch(argv: readonly string[], ahead: StartedAhead): Promise<void> {
  // The one flag that every verb has may also stand before it; it is looked for wherever it matters.
  const [first = 'help', ...rest] = argv[0] === '--no-color' ? argv.slice(1) : argv;
  if (argv.some(isHelpFlag) || first === 'help') {
    const verb = argv.find((argument) => argument !== 'help' && !argument.startsWith('-'));
    await showHelp(verb === undefined ? undefined : verbNamed(verb));
    return;
  }
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${versionText()}\n`);
    return;
  }
  const verb = verbNamed(first);
  COMMANDS[verb].id = verb;
  const command = new COMMANDS[verb](rest, new Config({ root: '/' }));
  if (command instanceof Run) command.ahead = ahead;
  await command.run();
}

/** @throws UsageError with the nearest verb. */
function verbNamed(name: string): Verb {
  if (Object.hasOwn(COMMANDS, name)) return name as Verb;
  if (name.startsWith('-'))
    throw new UsageError(`unknown option ${name}`, 'options follow the command: laminar --help');
  if (/^(?:SELECT|CREATE|SET|WITH)\s/i.test(name)) {
    throw new UsageError('a query needs the command that runs it', 'laminar run -e "…"');
  }
  if (/\.l?sql$|\//.test(name))
    throw new UsageError(`unknown command '${name}'`, `did you mean 'laminar run ${name}'?`);
  const nearest = nearestName(name, Object.keys(COMMANDS));
  const hint = nearest === undefined ? 'laminar --help lists the commands' : `did you mean '${nearest}'?`;
  throw new UsageError(`unknown command '${name}'`, hint);
}

/** oclif's help, from a configuration with the verbs handed over in memory: nothing is looked for on disk. */
async function showHelp(verb: Verb | undefined): Promise<void> {
  const [{ Plugin }, { Help }] = await Promise.all([import('@oclif/core/config'), import('@oclif/core/help')]);
  const root = '/';
  const pjson = PACKAGE as never;
  const plugin = new Plugin({ isRoot: true, root, pjson, ignoreManifest: true } as never);
  (plugin as unknown as { commandCache: unknown }).commandCache = COMMANDS;
  await plugin.load();
  const config = await Config.load({ root, pjson, plugins: new Map([[PACKAGE.name, plugin]]) } as never);
  await new Help(config).showHelp(verb === undefined ? ['--help'] : [verb, '--help']);
}

function isHelpFlag(argument: string, index: number, argv: readonly string[]): boolean {
  return (argument === '--help' || argument === '-h') && !argv.slice(0, index).includes('--');
}

function isJson(argv: readonly string[]): boolean {
  return argv.includes('--json') && !argv.slice(0, argv.indexOf('--json')).includes('--');
}
