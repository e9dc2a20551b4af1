// Of a plan: the nodes that put rows into an order: ORDER BY, and functions OVER the rows of a partition.

import type { DataType } from '../data/type.ts';
import type { AggregateSpec } from './aggregate-node.ts';
import type { Node } from './node.ts';

/** The visible columns of its input in an order. Rows of equal keys keep the order in which they came. */
export interface SortNode extends Node {
  kind: 'sort';
  keys: SortKey[];
  /** null: rows come out at the end of input. Otherwise the first key is the event time, ascending, and they come out
   * in its order as the watermark passes them; rows older than the watermark are dropped. */
  time: {
    /** Rows to come are at least so much younger than the watermark. */
    aheadMicros: number;
    /** Input column with the running watermark, null when rows carry none (late rows do not exist then). */
    watermarkColumn: number | null;
  } | null;
  /** Rows that come out, after `offset` were left out; null: all. */
  limit: number | null;
  offset: number;
}

/**
 * The visible columns of its input in an order, where rows are taken back or the first of them are wanted as they
 * change: as changes each time, or once, at the end of input. Rows of equal keys are in the order in which they came.
 */
export interface TopNode extends Node {
  kind: 'top';
  keys: SortKey[];
  /** Rows that come out, after `offset` were left out; null: all. */
  limit: number | null;
  offset: number;
  /** Input column of the changes that its rows are, null where rows only come. */
  changeColumn: number | null;
}

export interface SortKey {
  /** Input column. */
  column: number;
  descending: boolean;
  nullsFirst: boolean;
}

/** The visible columns of its input, and behind them what functions give over the other rows of each row's partition. */
export interface OverNode extends Node {
  kind: 'over';
  /** Input columns. */
  partition: number[];
  /** The order within a partition. */
  order: SortKey[];
  /** Input column (BIGINT) that orders rows of equal keys; null: the order in which they come. */
  ties: number | null;
  /**
   * Rows are handled in the order of an event time, once the watermark has passed it; rows older than the watermark are
   * dropped. The time is either the first key of the order, or part of the partition. null: at the end of input.
   */
  time: { column: number; aheadMicros: number; watermarkColumn: number | null } | null;
  /** All rows of a partition come together: there is no event time, or it is part of the partition. */
  isWhole: boolean;
  /** At the end of input: only so many first rows of each partition come out; null: all. */
  keep: number | null;
  functions: OverSpec[];
  /** Results come out as they change, of ROW_NUMBER, RANK and DENSE_RANK. null: once. */
  updating: {
    /** Input column of the changes that its rows are, null where rows only come. */
    changeColumn: number | null;
  } | null;
}

/** arrival: which of all rows it is that came, from 0. */
export type OverFunction =
  | 'arrival'
  | 'row_number'
  | 'ntile'
  | 'rank'
  | 'dense_rank'
  | 'percent_rank'
  | 'cume_dist'
  | 'nth_value'
  | 'last_value'
  | 'count_star'
  | 'count'
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  /** Any function of GROUP BY. */
  | 'aggregate';

export interface OverSpec {
  function: OverFunction;
  /** Input column of the argument, null without one. */
  column: number | null;
  result: DataType;
  /**
   * nth_value: which row of the frame, from 1. FIRST_VALUE is the first; LAG and LEAD are frames of one row. last_value:
   * which from the end. ntile: parts.
   */
  nth: number;
  /** nth_value, last_value: rows where the argument is NULL are not counted. */
  ignoresNulls?: true;
  /** Set iff the function is `aggregate`, whose arguments are here and not in `column`. */
  aggregate?: AggregateSpec;
  /** Input column of the value where the frame has no such row; null: NULL. */
  defaultColumn: number | null;
  /** null for functions that go by the order alone. */
  frame: FrameSpec | null;
  /** As SQL, for EXPLAIN. */
  text: string;
}

export interface FrameSpec {
  /** groups: of rows with equal keys. */
  unit: 'rows' | 'range' | 'groups';
  start: FrameBoundSpec;
  end: FrameBoundSpec;
  /** Rows of the frame that are left out: the row itself, with those of equal keys, or only those. */
  exclude?: 'row' | 'group' | 'ties';
}

export interface FrameBoundSpec {
  kind: 'unbounded' | 'preceding' | 'current' | 'following';
  /** Rows, groups, µs, or what is added to a number. */
  offset: number;
}
