// Errors that the world can cause, as opposed to bugs (see assert.ts).
//
// A LaminarError says what happened (`message`), where (`at`), what to do (`hint`) and has a stable `code` from
// codes.ts. It is plain enough to cross a thread: `toPlain` and `fromPlain` carry it between core and main thread.

import type { ErrorCode } from './codes.ts';

/** Where an error is: a place in a pipeline file (offsets are UTF-16 units into its text), or something named. */
export interface ErrorPlace {
  /** Half-open range of the pipeline text. */
  span?: { start: number; end: number };
  /** An operator, source, sink or file, e.g. `source trades`. */
  name?: string;
}

export interface ErrorDetails {
  hint?: string;
  at?: ErrorPlace;
  cause?: unknown;
}

export class LaminarError extends Error {
  override readonly name = 'LaminarError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: ErrorPlace | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.at = details.at;
  }
}

/** Several independent errors of one pipeline file, in text order. */
export class PipelineErrors extends Error {
  override readonly name = 'PipelineErrors';
  readonly errors: readonly LaminarError[];

  constructor(errors: readonly LaminarError[]) {
    super(errors.map((e) => e.message).join('\n'));
    this.errors = errors;
  }
}

export interface PlainError {
  code?: ErrorCode;
  message: string;
  hint?: string;
  at?: ErrorPlace;
  stack?: string;
}

/** Makes an error that structured cloning can carry. */
export function toPlain(error: unknown): PlainError {
  if (error instanceof LaminarError) {
    const { code, message, hint, at } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) };
  }
  const e = error instanceof Error ? error : new Error(String(error));
  return { message: e.message, ...(e.stack === undefined ? {} : { stack: e.stack }) };
}

/** The reverse of `toPlain`; an error without a code comes back as an ordinary Error: a bug, with its stack. */
export function fromPlain(plain: PlainError): Error {
  if (plain.code !== undefined) return new LaminarError(plain.code, plain.message, plain);
  const error = new Error(plain.message);
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
