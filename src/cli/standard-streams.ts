// Writing to standard output and standard error by descriptor: whole, in order, before the call returns.
//
// A reader that has gone away is no failure: on stdout the process ends quietly with 0, on stderr the text is dropped.

import fs from 'node:fs';
import tty from 'node:tty';
import { LaminarError } from '../base/errors.ts';
import { ExitCode } from './exit-codes.ts';

/** How long to sleep when a pipe that someone made non-blocking is full, in ms. */
const FULL_PIPE_MILLIS = 2;

export function printOut(text: string): void {
  writeFully(1, Buffer.from(`${text}\n`));
}

export function printError(text: string): void {
  writeFully(2, Buffer.from(`${text}\n`));
}

/** Writes all bytes, waiting for a slow reader. @throws LMN-5031 when stdout refuses them, e.g. on a full disk. */
export function writeFully(descriptor: 1 | 2, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MILLIS);
      else if (descriptor === 2) return;
      else if (code === 'EPIPE') process.exit(ExitCode.done);
      else throw new LaminarError('LMN-5031', `cannot write stdout: ${code}`, { cause: error });
    }
  }
}

/** Whether a descriptor is a terminal. Files and pipes are none: for them Node need not load what it has for terminals. */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  return isCharacterDevice(descriptor) && tty.isatty(descriptor);
}

/** Whether standard input is a pipe, a socket or a file: no terminal, and nothing that only says that there is none. */
export function hasInput(): boolean {
  return !isCharacterDevice(0);
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fs.fstatSync(descriptor).isCharacterDevice();
  } catch {
    return false; // closed
  }
}

/** Whether to colour what goes to a descriptor: a terminal, NO_COLOR unset, no --no-color. FORCE_COLOR overrules. */
export function wantsColor(descriptor: 1 | 2, argv: readonly string[] = process.argv): boolean {
  const { NO_COLOR: none, FORCE_COLOR: force, TERM: term } = process.env;
  if (argv.includes('--no-color') || (none !== undefined && none !== '')) return false;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTerminal(descriptor) && term !== 'dumb';
}
