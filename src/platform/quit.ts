// Ending the process when its threads will not: process.exit() waits for them, and a core may sit in a write to a pipe
// that nobody reads.

import { requireKoffi } from './koffi.ts';

/** Ends the process at once with this exit code; nothing is flushed. */
export function quitAtOnce(code: number): never {
  try {
    requireKoffi().load(null).func('void _exit(int code)')(code);
  } catch {
    // Without koffi there is no way to keep the exit code.
  }
  process.kill(process.pid, 'SIGKILL');
  return process.exit(code);
}
