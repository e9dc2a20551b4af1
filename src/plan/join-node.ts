// Joins of a plan: see physical-plan.ts.

import type { Node } from './node.ts';

/**
 * semi, anti: rows of the left input that have a match, or have none. mark: all of them, once, with columns of the right
 * input that are the same for each of its rows, or NULL.
 */
export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark';

export type AsofDirection = 'backward' | 'forward' | 'nearest';

/** A column of one of two inputs: 0 is the left one. */
export interface JoinColumn {
  side: 0 | 1;
  column: number;
}

/**
 * Rows of the left and the right input (`inputs`, in this order) with equal keys, none of them NULL. With a time, rows
 * are joined in its order as the watermark of both inputs passes them; without one as they come.
 */
export interface JoinNode extends Node {
  kind: 'join';
  join: JoinKind;
  /** Each left row with one right row: the last before, the first behind, or the nearest one. null: with all. */
  asof: AsofDirection | null;
  keys: { left: number; right: number }[];
  time: JoinTime | null;
  /** Of one that is updating: what lets go of its rows; the condition has it too. null: nothing in event time. */
  bounds: JoinTime | null;
  /** What else must be TRUE of two rows. */
  condition: JoinCondition | null;
  /** What each column of the schema is. */
  outputs: JoinColumn[];
  /** As SQL, one for each key. */
  text: string[];
  /** Rows come and go, and with them what they give: a retract edge. null: what has come out stays. */
  updating: JoinUpdating | null;
  /** Of an ASOF join: the right input's column with changes, which its rows are of versions; null: they only come. */
  versionColumn: number | null;
  /** Without a time: how long a row is kept, by the clock. null: for good. */
  ttlMicros: number | null;
}

export interface JoinUpdating {
  /** Columns of the inputs with their changes; null: rows of that side only come. */
  left: number | null;
  right: number | null;
}

export interface JoinTime {
  left: { column: number; watermarkColumn: number | null };
  right: { column: number; watermarkColumn: number | null };
  /** left − right is at least low and at most high; of an ASOF join ±2^53 is no bound. */
  lowMicros: number;
  highMicros: number;
  /** Rows to come of both inputs are at least so much younger than the watermark. */
  aheadMicros: number;
  /** The watermark that goes on is so far behind that of the inputs; an ASOF join finds out by itself. */
  delayMicros: number;
  /** No watermark speaks about both times: those that come are ignored, and all is joined at the end of the input. */
  joinsAtEnd: boolean;
}

export interface JoinCondition {
  /** Export of `plan.code`, as of a map: from `columns` and a number in a last column to the numbers that pass. */
  function: string;
  columns: JoinColumn[];
  text: string;
  /** Calls out to JavaScript per row. */
  interpreted: boolean;
}
