// A clock for turns that belong to no core.

import type { Stopwatch } from '../../src/runtime/turn.ts';

export function stopwatch(): Stopwatch {
  const stamps = new Float64Array(8);
  return {
    stamps,
    look: (stamp) => {
      stamps[stamp] = performance.now();
    },
  };
}
