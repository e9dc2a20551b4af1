// What V8 is told to leave alone while the process runs, for all of its threads.
//
// V8's flags belong to the identity of the code that was compiled when the bundle was built (bundle-part.ts): parts that
// are loaded while another flag is set are compiled anew. So these are set when all threads have what they need.

import v8 from 'node:v8';

/** Calls of a function before it goes to the optimising compiler, in place of 3,000. */
const CALLS_MIN = 300_000;

/**
 * Code that runs once a batch is optimised later. It spends its time in the kernels: for each thread anew, the optimising
 * compiler takes 50 ms of a CPU that with several cores is one of theirs, and what it makes of a hundred functions is no
 * faster, as a whole, than what the quick compiler makes. What runs per row gets there soon all the same.
 */
export function optimiseLater(): void {
  v8.setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_MIN}`);
}

/**
 * The process is about to end: no thread begins to mark what is garbage any more, which takes it 5 to 10 ms, and which
 * ending the thread would wait for.
 */
export function stopCollecting(): void {
  v8.setFlagsFromString('--no-incremental-marking');
}
