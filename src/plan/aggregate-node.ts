// Of a plan: GROUP BY, its windows, when its results come out, and what it computes.

import type { DataType } from '../data/type.ts';
import type { AggregateFunction } from './aggregates/aggregate.ts';
import type { Node } from './node.ts';

/**
 * tumble     [n·size, (n+1)·size)
 * hop        [n·slide, n·slide + size), slide ≤ size
 * cumulate   [n·size, n·size + m·slide) for m from 1 to size / slide
 * session    [first row, last row + gap) of rows at most a gap apart, per key
 * inherited  the window that each row of the input, a stream of windows, brings along
 */
export type WindowKind = 'tumble' | 'hop' | 'cumulate' | 'session' | 'inherited';

export interface InheritedWindow {
  /** Input column of the window's end; that of its start is the time column. */
  endColumn: number;
  /** What the input's watermark speaks about: windows to come do not begin before it, or do not end before it. */
  closesBy: 'start' | 'end';
}

/** GROUP BY: one group table per window; rows that come out together do so in (end, start, key) order. */
export interface AggregateNode extends Node {
  kind: 'aggregate';
  /** The first `keyCount` columns of the input are the keys, and of the output too. */
  keyCount: number;
  /** null: one window over everything, closed at the end of input. */
  window: {
    kind: WindowKind;
    /** Of a session: the gap. */
    sizeMicros: number;
    /** From one window to the next: HOP's slide, CUMULATE's step, TUMBLE's size; 0 for sessions. */
    slideMicros: number;
    /** Of the alignment to 1970-01-01T00:00Z; 0 for sessions. */
    offsetMicros: number;
    /** Set iff the kind is inherited, whose size, slide and offset are 0. */
    inherited?: InheritedWindow;
    /** Input column with the event time (TIMESTAMP, not null). */
    column: number;
    latenessMicros: number;
    /** Input column with the running watermark, null when rows carry none (late rows do not exist then). */
    watermarkColumn: number | null;
    /** No watermark speaks about the event time: those that come are ignored, and windows close at the end of input. */
    closesAtEnd: boolean;
    /** Its time is PROCTIME(): windows close by the wall clock, and watermarks that come are ignored. */
    byClock: boolean;
  } | null;
  /** Output after the keys: window_start, window_end (with a window), then one column per aggregate. */
  aggregates: AggregateSpec[];
  emit: AggregateEmit;
  /** What is open comes out when no row has come for so long, by the clock; null: never because of that. */
  idleMicros: number | null;
  /** Input columns of the rows that were late, for its late node; null when there is none. */
  lateColumns: number[] | null;
  /** Input column of the changes that its rows are; not there where rows only come. */
  changeColumn?: number;
}

/** Second output of an aggregate: rows that were late, their watermark, and the window that they missed. */
export interface LateNode extends Node {
  kind: 'late';
}

/** When results come out. All but `close` give a changelog: see src/data/changelog.ts. */
export type AggregateEmit =
  /**
   * Each once: per window when it closes, without a window at the end of the input. `isUnread`: its changes were asked
   * for, and nobody would see them.
   */
  | { on: 'close'; isUnread?: true }
  /** When the watermark reaches the end of their window, and then each time that a row changes them. */
  | { on: 'watermark' }
  /** Each time that a row changes them. */
  | { on: 'update' }
  /** By the clock, those that changed since; what is left when the window closes or the input ends. */
  | { on: 'tick'; everyMicros: number };

export interface AggregateSpec {
  function: AggregateFunction;
  /** Input column of the argument, null for count_star. */
  column: number | null;
  argumentType: DataType | null;
  result: DataType;
  /** Input column that orders first_value and last_value (TIMESTAMP); null: arrival order. */
  orderColumn: number | null;
  /** As SQL, for EXPLAIN. */
  text: string;
  /** Each value counts once. */
  distinct?: true;
  /** The second argument. */
  by?: { column: number; type: DataType };
  /** Of a quantile: from 0 to 1. */
  fraction?: number;
  /** The fraction counts from the greatest value. */
  descending?: true;
  /** Of string_agg. */
  separator?: string;
  /** ORDER BY inside the call. */
  sort?: AggregateSort[];
}

/** Only of values: NULL has its place by `nullsFirst`, whatever the direction. */
export interface AggregateSort {
  column: number;
  type: DataType;
  descending: boolean;
  nullsFirst: boolean;
}
