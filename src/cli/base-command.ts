// What every verb has: the flags all verbs share, and parsing whose failures are usage errors with a suggestion.

import type { Interfaces } from '@oclif/core';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { parse } from '@oclif/core/parser';
import { nearestName } from '../base/names.ts';
import { UsageError } from './usage-error.ts';

type CommandClass = typeof LaminarCommand;
export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<T['flags'] & CommandClass['baseFlags']>;
export type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

export abstract class LaminarCommand extends Command {
  static override baseFlags = {
    'no-color': Flags.boolean({
      summary: 'Print without colours, as with NO_COLOR in the environment.',
      helpGroup: 'GLOBAL',
    }),
  };

  /** Parses the arguments of this verb. @throws UsageError */
  protected async parseArguments<T extends typeof Command>(verb: T): Promise<{ flags: FlagsOf<T>; args: ArgsOf<T> }> {
    try {
      // Not this.parse(): it runs hooks, for which oclif would first have to load its configuration (10 ms).
      const input = {
        context: this,
        args: verb.args,
        flags: { ...verb.baseFlags, ...verb.flags },
        strict: verb.strict,
      };
      const { flags, args } = await parse(this.argv, input as never);
      return { flags: flags as FlagsOf<T>, args: args as ArgsOf<T> };
    } catch (error) {
      throw usageError(error as ParseError, verb);
    }
  }
}

interface ParseError extends Error {
  /** Set on oclif's NonExistentFlagsError: the flags nobody declared. */
  flags?: string[];
  oclif?: { exit?: number };
}

function usageError(error: ParseError, verb: typeof Command): Error {
  if (error.oclif === undefined) return error;
  const help = `laminar ${verb.id} --help`;
  if (Array.isArray(error.flags)) {
    const [wrong] = error.flags as [string];
    const known = Object.keys({ ...verb.flags, ...LaminarCommand.baseFlags });
    const nearest = nearestName(wrong.replace(/^-+/, ''), known);
    const suggestion = nearest === undefined ? `${help} lists the options` : `did you mean --${nearest}?`;
    return new UsageError(`unknown option ${wrong}`, suggestion);
  }
  return new UsageError(plainMessage(error.message), help);
}

/** oclif's messages, in one line and without its framing. */
function plainMessage(message: string): string {
  const line = message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:/, '')
    .replace(/^Parsing (--\S+)\s+Expected/, '$1 takes')
    .replace(/=true cannot/, ' cannot')
    .replace(/\s+/g, ' ')
    .trim();
  return line.charAt(0).toLowerCase() + line.slice(1);
}
