// The program: its verbs, and the way from arguments to an exit code.

import type { Worker } from 'node:worker_threads';
import type { Interfaces } from '@oclif/core';
import { Config, Plugin } from '@oclif/core/config';
import { Help } from '@oclif/core/help';
import { nearestName } from './base/names.ts';
import { reportFailure } from './cli/failure.ts';
import { UsageError } from './cli/usage-error.ts';
import { PACKAGE, versionText } from './cli/version.ts';
import Check from './commands/check.ts';
import Doctor from './commands/doctor.ts';
import Explain from './commands/explain.ts';
import Run from './commands/run.ts';

/** Every verb. Also read by `oclif readme`. */
export const COMMANDS = { check: Check, doctor: Doctor, explain: Explain, run: Run };

type Verb = keyof typeof COMMANDS;

/**
 * Runs the verb, reports what went wrong, and ends the process with its exit code.
 * @param core a thread for `run`, started ahead of it.
 */
export async function main(argv: readonly string[], core: Worker | null): Promise<void> {
  try {
    await dispatch(argv, core);
  } catch (error) {
    process.exitCode = reportFailure(error, { json: isJson(argv), argv });
  }
  process.exit();
}

async function dispatch(argv: readonly string[], core: Worker | null): Promise<void> {
  // The one flag that every verb has may also stand before it; it is looked for wherever it matters.
  const [first = 'help', ...rest] = argv[0] === '--no-color' ? argv.slice(1) : argv;
  if (argv.some(isHelpFlag) || first === 'help') {
    const verb = argv.find((argument) => argument !== 'help' && !argument.startsWith('-'));
    if (verb !== undefined) verbNamed(verb);
    await new Help(await Config.load(await configOptions())).showHelp(
      verb === undefined ? ['--help'] : [verb, '--help'],
    );
    return;
  }
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${versionText()}\n`);
    return;
  }
  const verb = verbNamed(first);
  COMMANDS[verb].id = verb;
  await COMMANDS[verb].run(rest, { ...(await configOptions()), core } as Interfaces.Options);
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

/** What oclif makes its configuration of, with the verbs handed over in memory: nothing is looked for on disk. */
async function configOptions(): Promise<Interfaces.Options> {
  const root = '/';
  const pjson = PACKAGE as never;
  const plugin = new Plugin({ isRoot: true, root, pjson, ignoreManifest: true } as never);
  (plugin as unknown as { commandCache: unknown }).commandCache = COMMANDS;
  await plugin.load();
  return { root, pjson, plugins: new Map([[PACKAGE.name, plugin]]) } as never;
}

function isHelpFlag(argument: string, index: number, argv: readonly string[]): boolean {
  return (argument === '--help' || argument === '-h') && !argv.slice(0, index).includes('--');
}

function isJson(argv: readonly string[]): boolean {
  return argv.includes('--json') && !argv.slice(0, argv.indexOf('--json')).includes('--');
}
