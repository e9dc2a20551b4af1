// Every way a command can end badly, as text on stderr (or JSON lines) and an exit code.

import { AssertionFailure } from '../base/assert.ts';
import { LaminarError, PipelineErrors } from '../base/errors.ts';
import { plainError, renderError } from '../sql/render-error.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';
import { printError, wantsColor } from './standard-streams.ts';
import { UsageError } from './usage-error.ts';

/** The text that places in errors refer to. */
export interface PipelineText {
  /** As given on the command line, `-e` for a query given there. */
  fileName: string;
  text: string;
}

/** An error of a pipeline on its way to the user, with the text its places refer to. */
export class PipelineFailure extends Error {
  override readonly name = 'PipelineFailure';
  readonly error: unknown;
  readonly pipeline: PipelineText;

  constructor(error: unknown, pipeline: PipelineText) {
    super('pipeline failed', { cause: error });
    this.error = error;
    this.pipeline = pipeline;
  }
}

/** Runs `work`, so that its errors are shown with the pipeline's lines. @throws PipelineFailure */
export async function withPipeline<T>(pipeline: PipelineText, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new PipelineFailure(error, pipeline);
  }
}

/** The error itself, without the pipeline it belongs to. */
export function failureCause(failure: unknown): unknown {
  return failure instanceof PipelineFailure ? failure.error : failure;
}

export interface ReportOptions {
  /** One JSON object per error instead of text. */
  json: boolean;
  argv: readonly string[];
}

/** Prints the error to stderr. @returns the exit code it leads to. */
export function reportFailure(failure: unknown, options: ReportOptions): ExitCode {
  const pipeline = failure instanceof PipelineFailure ? failure.pipeline : undefined;
  const error = failureCause(failure);
  const code = exitCodeOf(error);
  if (options.json) for (const line of describeFailure(error, pipeline)) printError(JSON.stringify(line));
  else printError(renderFailure(error, pipeline, wantsColor(2, options.argv)));
  return code;
}

/** The failure as plain data: one object per error. */
export function describeFailure(error: unknown, pipeline: PipelineText | undefined): object[] {
  const fileName = pipeline?.fileName ?? null;
  return errorsOf(error).map((e) => {
    if (e instanceof LaminarError) return { event: 'error', ...plainError(e, pipeline?.text ?? '', fileName) };
    if (e instanceof UsageError) return { event: 'error', code: null, message: e.message, hint: e.hint ?? null };
    const { message, stack } = e instanceof Error ? e : new Error(String(e));
    return { event: 'error', code: null, message, hint: BUG_HINT, stack };
  });
}

const BUG_HINT = 'this is a bug in Laminar: please report it with the pipeline and these lines';

function renderFailure(error: unknown, pipeline: PipelineText | undefined, color: boolean): string {
  return errorsOf(error)
    .map((e) => renderOne(e, pipeline, color))
    .join('\n\n');
}

function renderOne(error: unknown, pipeline: PipelineText | undefined, color: boolean): string {
  if (error instanceof LaminarError) {
    return renderError(error, pipeline?.text ?? '', pipeline?.fileName ?? 'laminar', { color });
  }
  if (error instanceof UsageError) {
    return `laminar: ${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}`;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const title = error instanceof AssertionFailure ? 'internal error' : 'unexpected error';
  return `laminar: ${title}\n${stack}\n${BUG_HINT}`;
}

function errorsOf(error: unknown): readonly unknown[] {
  return error instanceof PipelineErrors ? error.errors : [error];
}
