// Rows to stdout without blocking the process: a reader that stands still must not keep Ctrl-C from being heard.

import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LaminarError } from '../../base/errors.ts';
import { ExitCode } from '../exit-codes.ts';

const write = promisify(fs.write);

/** How long to wait when a pipe that someone made non-blocking is full, in ms. */
const FULL_PIPE_MILLIS = 2;

export class RowWriter {
  /** Bytes are on their way to a reader who has not taken them. */
  isWriting = false;

  /** Settles when all bytes are written. A reader who has gone ends the process quietly. @throws LMN-5031 */
  async write(bytes: Buffer): Promise<void> {
    this.isWriting = true;
    let written = 0;
    while (written < bytes.length) {
      try {
        written += (await write(1, bytes, written)).bytesWritten;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') process.exit(ExitCode.done);
        if (code !== 'EAGAIN') throw new LaminarError('LMN-5031', `cannot write stdout: ${code}`, { cause: error });
        await sleep(FULL_PIPE_MILLIS);
      }
    }
    this.isWriting = false;
  }
}
