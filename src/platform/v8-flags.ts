// What V8 is told to leave alone while the process runs, in all of its threads (docs/decisions/compiling-less.md).
//
// V8's flags belong to the identity of the code that was compiled when the bundle was built (bundle-part.ts): parts that
// are loaded while another flag is set are compiled anew. So these are set when all threads have what they need.

import v8 from 'node:v8';

/** Calls of a function before it goes to the optimising compiler, in place of 3,000. */
const CALLS_MIN = 300_000;

/**
 * What is called once a batch stays with the code of the quick compiler for the first half a minute of work. For programs
 * whose rows are handled by kernels, not by JavaScript.
 */
export function optimiseLater(): void {
  v8.setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_MIN}`);
  // The loop of a core is called once: it would be optimised with all that it calls.
  v8.setFlagsFromString('--no-use-osr');
}

/**
 * The process is about to end: no thread begins to mark what is garbage any more, which takes it 5 to 10 ms, and which
 * ending the thread would wait for. However it exits, marking is allowed again then: a thread that compiles in the background
 * and finds no room asks the main thread to collect otherwise, which already waits for that thread.
 */
export function stopCollecting(): void {
  v8.setFlagsFromString('--no-incremental-marking');
  process.once('exit', () => v8.setFlagsFromString('--incremental-marking'));
}
