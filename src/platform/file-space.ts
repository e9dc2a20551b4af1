// Memory that the system keeps of files (posix_fadvise(2) through koffi): advice, which changes speed and nothing else.
//
// The system keeps what was written in memory. Where nobody reads it again, and each new page of memory costs more than
// writing it does, as on a virtual machine, pages are given back as soon as they are on the disk, and the next ones take their
// place.

import { requireKoffi } from './koffi.ts';

const POSIX_FADV_DONTNEED = 4;

type Advise = (descriptor: number, offset: number, bytes: number, advice: number) => number;

let loaded: { advise: Advise | null } | null = null;

/** Gives back the memory that holds a part of a file which is on the disk. */
export function forgetPages(descriptor: number, offset: number, bytes: number): void {
  loaded ??= { advise: load() };
  loaded.advise?.(descriptor, offset, bytes, POSIX_FADV_DONTNEED);
}

/** @returns null on another system, which keeps what it likes. */
function load(): Advise | null {
  try {
    const library = requireKoffi().load(null);
    return library.func('int posix_fadvise(int descriptor, int64_t offset, int64_t bytes, int advice)') as Advise;
  } catch {
    return null;
  }
}
