// What the process answers: the exit codes, and which error leads to which.
//
//   syntax, binding, planning (LMN-1, LMN-2)       78  the pipeline file is wrong, from `check` and `run` alike
//   run time, state, formats, platform (3 4 6 7)    1  except more bad records than --max-errors: 65
//   connectors (LMN-5)                             74  except an input that is not there or cannot be opened: 66,
//                                                     and one file for two: 78
//   anything without a code                        70  our bug

import type { ErrorCode } from '../base/codes.ts';
import { LaminarError, PipelineErrors } from '../base/errors.ts';
import { UsageError } from './usage-error.ts';

export const ExitCode = {
  /** End of input, limit reached, drained after a signal, output closed by its reader. */
  done: 0,
  failed: 1,
  usage: 2,
  badRows: 65,
  inputMissing: 66,
  bug: 70,
  inputOutput: 74,
  pipelineWrong: 78,
  /** Second Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const EXCEPTIONS: Partial<Record<ErrorCode, ExitCode>> = {
  'LMN-5001': ExitCode.inputMissing,
  'LMN-5002': ExitCode.inputMissing,
  'LMN-5003': ExitCode.inputMissing,
  'LMN-5004': ExitCode.inputMissing,
  'LMN-5034': ExitCode.pipelineWrong,
  'LMN-6090': ExitCode.badRows,
  'LMN-7003': ExitCode.inputMissing,
  'LMN-7010': ExitCode.inputMissing,
  'LMN-7014': ExitCode.inputMissing,
  'LMN-7016': ExitCode.usage,
  'LMN-7018': ExitCode.inputMissing,
};

const FAMILIES: Record<string, ExitCode> = {
  '1': ExitCode.pipelineWrong,
  '2': ExitCode.pipelineWrong,
  '3': ExitCode.failed,
  '4': ExitCode.failed,
  '5': ExitCode.inputOutput,
  '6': ExitCode.failed,
  '7': ExitCode.failed,
};

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof PipelineErrors) return ExitCode.pipelineWrong;
  if (!(error instanceof LaminarError)) return ExitCode.bug;
  return EXCEPTIONS[error.code] ?? FAMILIES[error.code.charAt(4)] ?? ExitCode.bug;
}
