// Ending the process when its threads will not: process.exit() waits for them, and a core may sit in a write to a pipe
// that nobody reads.

import v8 from 'node:v8';
import { requireKoffi } from './koffi.ts';

/**
 * The process is about to end: no thread begins to mark what is garbage any more, which takes 5 to 10 ms and which ending
 * the thread would wait for. Parts of the bundle that are loaded after this are compiled anew: V8's flags belong to the
 * identity of compiled code.
 */
export function stopCollecting(): void {
  v8.setFlagsFromString('--no-incremental-marking');
}

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
