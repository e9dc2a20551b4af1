// A file that a log is being written to: whole pages, each once and in their order.
//
//   append   much of it goes to the disk past the system's memory (O_DIRECT), little of it through there
//   sync     has all of it on the disk
//
// Nobody reads what was written, so that keeping it in memory costs much and gives nothing: making, filling and giving back
// its pages takes several times what writing takes. Where the file system has no such way, all goes through memory and is
// given back once it is on the disk. The file is made longer ahead, since one that grows with every write has to say so on the
// disk each time: behind what was written it is empty.

import fs from 'node:fs';
import path from 'node:path';
import { forgetPages } from '../platform/file-space.ts';

const AHEAD_BYTES_MIN = 1 << 20;
const AHEAD_BYTES_MAX = 1 << 24;
/** Less than this need not wait for the disk: the system may put it together with what comes next. */
const DIRECT_BYTES_MIN = 1 << 17;
/** So much in memory is worth giving back. */
const FORGOTTEN_BYTES_MIN = 1 << 20;

export class LogFile {
  /** Where the next page goes. */
  position = 0;
  readonly #descriptor: number;
  /** The same file past the system's memory; -1: it cannot be written so. */
  #direct: number;
  /** What is on the disk, and how long the file is. */
  #synced = 0;
  #length = 0;
  /** Bytes that went through memory since the last sync. */
  #kept = 0;

  /** Makes the file. @throws what the system says. */
  constructor(file: string) {
    this.#descriptor = fs.openSync(file, 'wx');
    this.#direct = openDirect(file);
    syncFolder(path.dirname(file));
  }

  /** Adds whole pages, of memory that begins at one. @throws what the system says, ENOSPC when the disk is full. */
  append(pages: Uint8Array): void {
    this.#lengthen(pages.length);
    const end = this.position + pages.length;
    if (pages.length >= DIRECT_BYTES_MIN) this.#appendDirect(pages);
    this.#kept += end - this.position;
    while (this.position < end) {
      const at = pages.length - (end - this.position);
      this.position += fs.writeSync(this.#descriptor, pages, at, end - this.position, this.position);
    }
  }

  /** Bytes that are not known to be on the disk. */
  get unsynced(): number {
    return this.position - this.#synced;
  }

  /** @throws what the system says. */
  sync(): void {
    if (this.unsynced === 0) return;
    fs.fdatasyncSync(this.#descriptor);
    if (this.#kept >= FORGOTTEN_BYTES_MIN) forgetPages(this.#descriptor, this.#synced, this.unsynced);
    this.#synced = this.position;
    this.#kept = 0;
  }

  /** Cuts off what is empty. @throws what the system says. */
  close(): void {
    this.sync();
    fs.ftruncateSync(this.#descriptor, this.position);
    fs.closeSync(this.#descriptor);
    this.#closeDirect();
  }

  /** As much as goes this way. @throws what the system says. */
  #appendDirect(pages: Uint8Array): void {
    if (this.#direct < 0) return;
    try {
      this.position += fs.writeSync(this.#direct, pages, 0, pages.length, this.position);
    } catch (error) {
      // Opened so, and yet refused: by how its blocks lie.
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      this.#closeDirect();
    }
  }

  #closeDirect(): void {
    if (this.#direct >= 0) fs.closeSync(this.#direct);
    this.#direct = -1;
  }

  #lengthen(bytes: number): void {
    if (this.position + bytes <= this.#length) return;
    const ahead = Math.min(Math.max(this.position, AHEAD_BYTES_MIN), AHEAD_BYTES_MAX);
    this.#length = this.position + bytes + ahead;
    fs.ftruncateSync(this.#descriptor, this.#length);
  }
}

/** Has the names in a folder on the disk. @throws what the system says. */
export function syncFolder(folder: string): void {
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** @returns -1 where the file system has no such way. */
function openDirect(file: string): number {
  const { O_WRONLY, O_DIRECT } = fs.constants;
  if (O_DIRECT === undefined) return -1;
  try {
    return fs.openSync(file, O_WRONLY | O_DIRECT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return -1;
    throw error;
  }
}
