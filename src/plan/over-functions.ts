// What functions before OVER need, for whoever plans, runs or explains them.

import type { OverFunction, OverSpec } from './ordered-nodes.ts';

const RANKS: ReadonlySet<OverFunction> = new Set(['row_number', 'rank', 'dense_rank']);

/** Whether the results of a function can be kept up to date: they are the place of a row in its partition. */
export function isRank({ function: fn }: OverSpec): boolean {
  return RANKS.has(fn);
}

const BY_PARTITION: ReadonlySet<OverFunction> = new Set(['ntile', 'percent_rank', 'cume_dist']);

/**
 * Whether a function needs all rows of its partition: it has its result when no more of them can come. So it is with
 * groups that follow: where one ends is known when the next but one has begun, or at the end.
 */
export function needsPartition({ function: fn, frame }: OverSpec): boolean {
  if (BY_PARTITION.has(fn) || frame?.end.kind === 'unbounded') return true;
  return frame?.unit === 'groups' && frame.end.kind === 'following' && frame.end.offset > 0;
}
