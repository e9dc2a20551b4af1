// Rolled files as exactly-once sinks: a file gets its name once the epoch is decided in which it ended.
//
//   epoch's place    files before `number` are whole, file `number` has `fileBytes`; nothing else of it counts
//   pre-commit       all of these are synced, under the names that they have in progress
//   commit           whole files are renamed
//   recover          the same, and what is behind the place is removed: files, and the bytes behind `fileBytes`
//
// Renaming is done once or again: who finds a file in progress before the place of a decided epoch renames it. A file that
// has its name is never written again, but for a run that goes back to an older checkpoint: that takes it back.
// Whoever moves finished files away while the run goes on changes nothing.

import fs from 'node:fs';
import { LaminarError } from '../base/errors.ts';
import { killPoint } from '../base/kill-point.ts';
import type { FileMode } from './file.ts';
import type { RolledFiles } from './rolled-files.ts';
import { type RolledPlace, readPlace } from './rolled-writer.ts';
import type { EpochPart, SinkTransactions, Vote } from './transactions.ts';

export class RolledTransactions implements SinkTransactions {
  readonly name: string;
  readonly #files: RolledFiles;
  readonly #mode: FileMode;
  /** Files before this one have their names; null: nothing is known yet. */
  #namedBefore: number | null = null;
  /** The last file whose name in progress is on the disk. */
  #syncedNumber = 0;

  constructor(files: RolledFiles, mode: FileMode) {
    this.name = files.path;
    this.#files = files;
    this.#mode = mode;
  }

  /** @returns how many numbers are taken. */
  async begin(): Promise<number> {
    return this.#files.begin(this.#mode) - 1;
  }

  /** @throws LMN-5031 when the disk has lost some of it. */
  async preCommit(part: EpochPart): Promise<Vote> {
    const { first, number, fileBytes } = placeOf(part);
    for (let whole = this.#namedBefore ?? first; whole < number; whole++) {
      // Renamed by a commit whose answer was lost.
      if (!fs.existsSync(this.#files.inProgress(whole)) && fs.existsSync(this.#files.finished(whole))) continue;
      await this.#synchronize(whole);
    }
    if (fileBytes > 0) {
      const file = this.#files.inProgress(number);
      const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      if (size < fileBytes) {
        return { isYes: false, reason: `${file} has ${size} bytes, and ${fileBytes} were written` };
      }
      await this.#synchronize(number);
    }
    await this.#synchronizeNames(fileBytes > 0 ? number : number - 1);
    return { isYes: true, handle: null };
  }

  async commit(part: EpochPart): Promise<void> {
    const { first, number } = placeOf(part);
    const begin = this.#namedBefore ?? first;
    for (let whole = begin; whole < number; whole++) {
      if (!fs.existsSync(this.#files.inProgress(whole))) continue;
      killPoint('renaming', whole);
      this.#files.finish(whole);
      killPoint('renamed', whole);
    }
    if (number > begin) await synchronize(this.#files.directory, (directory) => directory.sync());
    this.#namedBefore = number;
  }

  async abort(): Promise<void> {}

  async recover(part: EpochPart): Promise<void> {
    const place = placeOf(part);
    this.#requireOpenFile(place);
    const { finished, inProgress } = this.#files.list();
    const isBehind = (number: number) => number > place.number || (number === place.number && place.fileBytes === 0);
    for (const number of inProgress.filter(isBehind).reverse()) {
      this.#files.remove(this.#files.inProgress(number));
      killPoint('taking back', number);
    }
    for (const number of finished.filter(isBehind).reverse()) {
      this.#files.remove(this.#files.finished(number));
      killPoint('taking back', number);
    }
    if (place.fileBytes > 0) this.#cutOff(place);
    this.#namedBefore = inProgress.find((number) => number >= place.first) ?? place.number;
    await this.commit(part);
  }

  /** @throws LMN-4005 when the file is gone, or has fewer bytes: nothing has been changed then. */
  #requireOpenFile({ number, fileBytes }: RolledPlace): void {
    if (fileBytes === 0) return;
    const names = [this.#files.inProgress(number), this.#files.finished(number)];
    const sizes = names.map((name) => fs.statSync(name, { throwIfNoEntry: false })?.size ?? null);
    const size = sizes[0] ?? sizes[1] ?? null;
    if (size !== null && size >= fileBytes) return;
    const what = size === null ? 'is gone' : `has ${size} bytes`;
    throw new LaminarError('LMN-4005', `${names[0]} ${what}; the last checkpoint counts on ${fileBytes}`, {
      hint: 'it was changed or replaced since: bring the file back, or begin again with --fresh',
      at: { name: this.name },
    });
  }

  #cutOff({ number, fileBytes }: RolledPlace): void {
    const file = this.#files.inProgress(number);
    if (!fs.existsSync(file)) this.#files.takeBack(number);
    killPoint('taking back', number);
    try {
      if (fs.statSync(file).size > fileBytes) fs.truncateSync(file, fileBytes);
    } catch (cause) {
      throw new LaminarError('LMN-5030', `cannot open ${file} for writing: ${(cause as Error).message}`, {
        at: { name: this.name },
        cause,
      });
    }
  }

  /** A second try might say that all is well though the first one lost something: so the first one decides. */
  async #synchronize(number: number): Promise<void> {
    await this.#orFail(() => synchronize(this.#files.inProgress(number), (file) => file.datasync()));
  }

  async #synchronizeNames(number: number): Promise<void> {
    if (number <= this.#syncedNumber) return;
    await this.#orFail(() => synchronize(this.#files.directory, (directory) => directory.sync()));
    this.#syncedNumber = number;
  }

  async #orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new LaminarError('LMN-5031', `cannot write ${this.name}: ${code ?? message}`, {
        at: { name: this.name },
        cause,
      });
    }
  }
}

/** Of an epoch; before the first one what `begin` has given says where the output begins. */
function placeOf({ place, bytes }: EpochPart): RolledPlace {
  if (place !== undefined) return readPlace(place);
  return { first: bytes + 1, number: bytes + 1, fileBytes: 0, partBytes: 0, begunMillis: null };
}

async function synchronize(name: string, work: (file: fs.promises.FileHandle) => Promise<void>): Promise<void> {
  const file = await fs.promises.open(name, 'r');
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
