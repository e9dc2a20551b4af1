// What turns changes into rows that stay: see physical-plan.ts.

import type { Node } from './node.ts';

/** Changes, as the rows that are left of them when the watermark passes their time; without a time, at the end. */
export interface LastingNode extends Node {
  kind: 'lasting';
  /** Input column of the changes. */
  changeColumn: number;
  /** Input columns of the event time and of the running watermark (null: rows carry none). */
  time: { column: number; watermarkColumn: number | null; aheadMicros: number } | null;
}
