// The pipeline a verb works on: a file, or the text of -e; and the variables its `${NAME}` may use.

import fs from 'node:fs';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { LaminarError } from '../base/errors.ts';
import type { PipelineText } from './failure.ts';
import { UsageError } from './usage-error.ts';

/** An optional argument. Left out, oclif would look for its value on stdin, and stdin is data. */
export function argument(description: string) {
  return Args.string({ description, ignoreStdin: true });
}

/** Flags of every verb that works on a pipeline. */
export const pipelineFlags = {
  execute: Flags.string({ char: 'e', summary: 'The pipeline itself, instead of a file.', helpValue: 'SQL' }),
  set: Flags.string({
    summary: 'Give a value to ${name} in the pipeline, or to a setting; may be repeated.',
    helpValue: 'name=value',
    multiple: true,
    multipleNonGreedy: true,
  }),
};

/** The pipeline the user gave: a file or -e, not both. @throws UsageError, LMN-7003 */
export function readPipeline(verb: string, given: { file?: string; execute?: string }): PipelineText {
  const { file, execute } = given;
  if (file !== undefined && execute !== undefined) {
    throw new UsageError('a pipeline file and -e exclude each other', 'leave one of them out');
  }
  if (execute !== undefined) return { fileName: '-e', text: execute };
  if (file === undefined) {
    throw new UsageError(`nothing to ${verb}: name a pipeline file, or give a query with -e`, `laminar ${verb} --help`);
  }
  if (file === '-') {
    throw new UsageError(
      'a pipeline is not read from stdin: stdin is data',
      'give a file, or the query itself with -e',
    );
  }
  try {
    return { fileName: file, text: fs.readFileSync(file, 'utf8') };
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}

/** `k=v` → `{ k: 'v' }`. @throws UsageError */
export function parseAssignments(assignments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    if (equals < 1)
      throw new UsageError(`--set takes name=value, not '${assignment}'`, 'for example --set day=2024-01-31');
    values[assignment.slice(0, equals)] = assignment.slice(equals + 1);
  }
  return values;
}

function unreadable(file: string, error: NodeJS.ErrnoException): LaminarError {
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const hint = /\s/.test(file)
    ? 'to run a query without a file, use -e'
    : 'paths are relative to the working directory';
  return new LaminarError('LMN-7003', `cannot read the pipeline file '${file}': ${reason}`, { hint, cause: error });
}
