// The files of an output that is rolled: a series with numbers, from 000001 on, in the directory of the option `path`.
//
//   path             out/trades.ndjson.gz
//   finished         out/trades-000001.ndjson.gz    whole, and never written again
//   in progress      out/.trades-000002.ndjson.gz.inprogress
//
// A file is finished by getting its name: by a rename within the directory, which others see whole or not at all.

import fs from 'node:fs';
import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { RolledName } from '../plan/rolled-name.ts';
import { existingFile, type FileMode } from './file.ts';

const IN_PROGRESS = '.inprogress';

/** What is there of a series: the numbers of its files, ascending. */
export interface SeriesFiles {
  finished: number[];
  inProgress: number[];
}

export class RolledFiles {
  /** For messages: the option `path`. */
  readonly path: string;
  readonly directory: string;
  readonly #name: RolledName;

  constructor(file: string) {
    this.path = file;
    this.directory = path.dirname(file);
    this.#name = new RolledName(file);
  }

  /** Where a finished file is. */
  finished(number: number): string {
    return path.join(this.directory, this.#name.of(number));
  }

  /** Where it is while it is written, and until it counts. */
  inProgress(number: number): string {
    return path.join(this.directory, `.${this.#name.of(number)}${IN_PROGRESS}`);
  }

  /** What is there. @throws LMN-5030 when the directory cannot be read. */
  list(): SeriesFiles {
    const finished: number[] = [];
    const inProgress: number[] = [];
    for (const name of this.#names()) {
      const number = this.#name.numberOf(name);
      if (number !== null) finished.push(number);
      const isHidden = name.startsWith('.') && name.endsWith(IN_PROGRESS);
      const hidden = isHidden ? this.#name.numberOf(name.slice(1, -IN_PROGRESS.length)) : null;
      if (hidden !== null) inProgress.push(hidden);
    }
    const ascending = (a: number, b: number) => a - b;
    return { finished: finished.sort(ascending), inProgress: inProgress.sort(ascending) };
  }

  /**
   * Before the first file of an output is written: removes those of an earlier one under 'overwrite'.
   * @returns its number: behind all that are there, in progress too. @throws LMN-5032 when there are any under 'new'
   */
  begin(mode: FileMode): number {
    const { finished, inProgress } = this.list();
    const [last = 0, lastOpen = 0] = [finished.at(-1), inProgress.at(-1)];
    if (mode === 'append') return Math.max(last, lastOpen) + 1;
    if (mode === 'new' && Math.max(last, lastOpen) > 0) throw this.#exist({ finished, inProgress });
    for (const number of finished) this.remove(this.finished(number));
    for (const number of inProgress) this.remove(this.inProgress(number));
    return 1;
  }

  /** @throws LMN-5032 when a file that is to be written is there already. */
  requireNew(number: number): void {
    const file = this.finished(number);
    if (fs.existsSync(file)) throw existingFile(file);
  }

  /** Gives a file its name. @throws LMN-5033 when that is not possible, also since the name is taken. */
  finish(number: number): void {
    const [from, to] = [this.inProgress(number), this.finished(number)];
    if (fs.existsSync(to)) {
      throw new LaminarError('LMN-5033', `${from} is finished, and cannot be called ${to}: there is such a file`, {
        hint: 'another run is writing the same files: give each a path of its own',
        at: { name: this.path },
      });
    }
    this.#change(`${from} is finished, and cannot be called ${to}`, () => fs.renameSync(from, to));
  }

  /** Makes a finished file one in progress again. @throws LMN-5033 */
  takeBack(number: number): void {
    const [from, to] = [this.finished(number), this.inProgress(number)];
    this.#change(`${from} cannot be gone on with`, () => fs.renameSync(from, to));
  }

  /** @throws LMN-5033 */
  remove(file: string): void {
    this.#change(`${file} cannot be removed`, () => fs.rmSync(file, { force: true }));
  }

  #change(what: string, work: () => void): void {
    try {
      work();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const isRefused = code === 'EACCES' || code === 'EPERM';
      throw new LaminarError('LMN-5033', `${what}: ${code ?? message}`, {
        at: { name: this.path },
        cause,
        ...(isRefused ? { hint: `you may not change what is in ${path.resolve(this.directory)}` } : {}),
      });
    }
  }

  #exist({ finished, inProgress }: SeriesFiles): LaminarError {
    const [first, firstOpen] = [finished[0], inProgress[0]];
    const name = first !== undefined ? this.finished(first) : this.inProgress(firstOpen as number);
    const left = first === undefined ? ', left by a run that did not come to its end' : '';
    return new LaminarError('LMN-5032', `${name} is there already${left}`, {
      hint: "mode = 'append' goes on behind the files that are there, mode = 'overwrite' removes them first",
      at: { name: this.path },
    });
  }

  #names(): string[] {
    try {
      return fs.readdirSync(this.directory);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const directory = path.resolve(this.directory);
      const hint = code === 'ENOENT' ? `the directory ${directory} does not exist: create it first` : undefined;
      throw new LaminarError('LMN-5030', `cannot open ${this.finished(1)} for writing: ${code ?? message}`, {
        at: { name: this.path },
        cause,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
}
