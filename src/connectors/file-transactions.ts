// Files as exactly-once sinks: the bytes up to the last decided epoch count, and recovery cuts off the others.
//
// So there is nothing to do for a commit or an abort, and nothing is written twice; whoever reads the file while
// a run is going on may see bytes that do not count yet. What is no regular file (a pipe, a device) has nothing to cut off.

import fs from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { existingFile, type FileMode } from './file.ts';
import type { EpochPart, SinkTransactions, Vote } from './transactions.ts';

export class FileTransactions implements SinkTransactions {
  readonly name: string;
  readonly #mode: FileMode;
  /** Its name is on the disk. */
  #isNamed = false;

  constructor(file: string, mode: FileMode) {
    this.name = file;
    this.#mode = mode;
  }

  /** @throws LMN-5032 when there is a file under 'new'. */
  async begin(): Promise<number> {
    if (this.#mode === 'new' && fs.existsSync(this.name)) throw existingFile(this.name);
    return this.#mode === 'append' ? (this.#bytes() ?? 0) : 0;
  }

  /** @throws LMN-5031 when the disk has lost some of it. */
  async preCommit({ bytes }: EpochPart): Promise<Vote> {
    const size = this.#bytes();
    if (size === null) return { isYes: true, handle: null };
    if (size < bytes) return { isYes: false, reason: `it has ${size} bytes, and ${bytes} were written` };
    await this.#synchronize();
    return { isYes: true, handle: null };
  }

  async commit(): Promise<void> {}

  async abort(): Promise<void> {}

  async recover({ bytes }: EpochPart): Promise<void> {
    const size = this.#bytes();
    if (size === null || size === bytes) return;
    if (size < bytes) {
      throw new LaminarError('LMN-4005', `${this.name} has ${size} bytes; the last checkpoint counts on ${bytes}`, {
        hint: 'it was changed or replaced since: bring the file back, or begin again with --fresh',
        at: { name: this.name },
      });
    }
    try {
      fs.truncateSync(this.name, bytes);
    } catch (cause) {
      throw new LaminarError('LMN-5030', `cannot open ${this.name} for writing: ${(cause as Error).message}`, {
        at: { name: this.name },
        cause,
      });
    }
  }

  /** null when it is no regular file; 0 when there is none. */
  #bytes(): number | null {
    const stats = fs.statSync(this.name, { throwIfNoEntry: false });
    if (stats === undefined) return 0;
    return stats.isFile() ? stats.size : null;
  }

  /** A second try might say that all is well though the first one lost something: so the first one decides. */
  async #synchronize(): Promise<void> {
    try {
      if (this.#bytes() === 0) return;
      await synchronize(this.name, (file) => file.datasync());
      if (!this.#isNamed) await synchronize(path.dirname(path.resolve(this.name)), (directory) => directory.sync());
      this.#isNamed = true;
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new LaminarError('LMN-5031', `cannot write ${this.name}: ${code ?? message}`, {
        at: { name: this.name },
        cause,
      });
    }
  }
}

async function synchronize(name: string, work: (file: fs.promises.FileHandle) => Promise<void>): Promise<void> {
  const file = await fs.promises.open(name, 'r');
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
