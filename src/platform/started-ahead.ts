// What a run needs whatever it is to run, begun before anybody has read that: it takes as long as reading it.

import type { Worker } from 'node:worker_threads';

export interface StartedAhead {
  /** Threads of cores, which wait for their plan. */
  threads: readonly Worker[];
  /** A thread that writes a log, which waits for its work; null: none is wanted. */
  log: Worker | null;
  /** null: they are not loaded yet. */
  kernels: WebAssembly.Module | null;
}

export const NOTHING_AHEAD: StartedAhead = { threads: [], log: null, kernels: null };
