// A lock on an open file (flock(2) through koffi): held until the descriptor is closed, however the process ends.

import { requireKoffi } from './koffi.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Takes the lock of an open file for this process. @returns false when another process has it. */
export function lockFile(descriptor: number): boolean {
  const flock = requireKoffi().load(null).func('int flock(int descriptor, int operation)');
  return flock(descriptor, LOCK_EX | LOCK_NB) === 0;
}
