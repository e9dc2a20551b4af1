// What remembers joined rows: see physical-plan.ts.

import type { Node } from './node.ts';

/**
 * Joined rows (the first input), and the changes of the left side that they come of (the second): a deletion of a left row
 * deletes the joined row that it gave. The columns of the left side are the first of a joined row.
 */
export interface RecallNode extends Node {
  kind: 'recall';
  /** Of the second input. */
  changeColumn: number;
  /** Joined rows come of the batch of the left side in hand, and wait until its deletions have been handled. */
  waits: boolean;
  /** Column of the left side by which the watermark of the joined rows says that none comes any more; null: it does not. */
  timeColumn: number | null;
}
