// Room and memory of files (fallocate(2), posix_fadvise(2) through koffi): advice, which changes speed and nothing else.
//
// A log that has its room on the disk before it is written changes no metadata when it is synchronized. And the system
// keeps what was written in memory, which nobody reads again: on a virtual machine each new page of it costs more than
// writing it, so pages are given back as soon as they are on the disk, and the next ones take their place.

import { requireKoffi } from './koffi.ts';

const POSIX_FADV_DONTNEED = 4;
const ENOSPC = 28;

interface Libc {
  fallocate: ((descriptor: number, mode: number, offset: number, bytes: number) => number) | null;
  posix_fadvise: ((descriptor: number, offset: number, bytes: number, advice: number) => number) | null;
  errno: () => number;
}

let loaded: Libc | null = null;

/** Reserves room in a file, which then has that size at least. @returns whether there is any: false when the disk is full. */
export function reserveSpace(descriptor: number, offset: number, bytes: number): boolean {
  const { fallocate, errno } = loadLibc();
  return fallocate === null || fallocate(descriptor, 0, offset, bytes) === 0 || errno() !== ENOSPC;
}

/** Gives back the memory that holds a part of a file which is on the disk. */
export function forgetPages(descriptor: number, offset: number, bytes: number): void {
  loadLibc().posix_fadvise?.(descriptor, offset, bytes, POSIX_FADV_DONTNEED);
}

/** Loads what the others need, which takes some milliseconds. */
export function prepareFileSpace(): void {
  loadLibc();
}

function loadLibc(): Libc {
  loaded ??= open();
  return loaded;
}

function open(): Libc {
  try {
    const koffi = requireKoffi();
    const library = koffi.load(null);
    return {
      fallocate: library.func('int fallocate(int descriptor, int mode, int64_t offset, int64_t bytes)'),
      posix_fadvise: library.func('int posix_fadvise(int descriptor, int64_t offset, int64_t bytes, int advice)'),
      errno: () => koffi.errno(),
    };
  } catch {
    // Another system: files grow as they are written.
    return { fallocate: null, posix_fadvise: null, errno: () => 0 };
  }
}
