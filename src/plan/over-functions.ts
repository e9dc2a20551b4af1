// What functions before OVER need, for whoever plans, runs or explains them.

import type { OverFunction, OverSpec } from './ordered-nodes.ts';

const BY_PARTITION: ReadonlySet<OverFunction> = new Set(['ntile', 'percent_rank', 'cume_dist']);

/** Whether a function needs all rows of its partition: it has its result when no more of them can come. */
export function needsPartition({ function: fn, frame }: OverSpec): boolean {
  return BY_PARTITION.has(fn) || frame?.end.kind === 'unbounded';
}
