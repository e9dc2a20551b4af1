// THE WAIST: what the compiler hands to the runtime. Plain data: it can be printed, compared, posted to a worker.
//
// A plan is a list of nodes in topological order. A node reads the batches of its inputs and produces batches of its
// schema; watermarks and the end of input travel the same way, in order. Durations and offsets are µs as numbers
// (exact up to 285 years).

import type { Schema } from '../data/schema.ts';
import type { DataType } from '../data/type.ts';
import type { AggregateFunction } from './aggregates/aggregate.ts';
import type { HostFunction } from './host-function.ts';

export type { AggregateFunction };

export interface PhysicalPlan {
  version: 1;
  /** Rows per batch. */
  batchRows: number;
  /** Most bytes that the core which computes may take. */
  memoryBytes: number;
  nodes: PlanNode[];
  /** One WebAssembly module with every compiled map. Imports: see src/sql/codegen/module.ts. */
  code: Uint8Array;
  /** Bytes of all string literals; compiled code addresses them relative to an imported base. */
  literals: Uint8Array;
  /** Functions in JavaScript that compiled code calls per row, in the order of its imports. */
  hostFunctions: HostFunction[];
  /** Expressions that can fail at run time, by the index compiled code reports. */
  sites: FailureSite[];
  /** Something asks for the wall clock: the core keeps it in CELL_CLOCK. */
  usesClock: boolean;
  /** Lines the user should read before the run: an unbounded window, a missing watermark. */
  notices: string[];
}

export interface FailureSite {
  /** The expression as SQL. */
  text: string;
  span: { start: number; end: number };
}

export type PlanNode =
  | SourceNode
  | MapNode
  | UnnestNode
  | AggregateNode
  | LateNode
  | SortNode
  | OverNode
  | LimitNode
  | UnionNode
  | SinkNode;

interface Node {
  /** Stable, from the names in the pipeline text: `trades`, `bars.aggregate`, `out`. */
  id: string;
  /** Ids of the nodes it reads. */
  inputs: string[];
  /** Columns of its output (of its input for a sink); with CHANGE_COLUMN its rows are changes. */
  schema: Schema;
}

/** Bytes in, batches out: connector, decoder, error policy, watermark. */
export interface SourceNode extends Node {
  kind: 'source';
  /** The source's name in the pipeline. */
  name: string;
  connector: EndpointSpec;
  format: EndpointSpec;
  /** One per visible column of `schema`, in order; only columns the plan needs are here. */
  fields: SourceField[];
  onError: 'fail' | 'skip' | 'null' | 'dead_letter';
  /** File of the dead letters; set iff onError is `dead_letter`. */
  deadLetterPath: string | null;
  maxRecordBytes: number;
  /** How several splits are read; auto: merged unless they are too many. Merged ones carry the running watermark. */
  splits: 'sequential' | 'merged' | 'auto';
  /** How long a split may give nothing before it is idle; 0: for ever. */
  idleTimeoutMicros: number;
  watermark: SourceWatermark | null;
  /** How it keeps near to other sources. */
  alignment: SourceAlignment | null;
}

export interface SourceAlignment {
  /** Sources with the same name are one group. */
  group: string;
  /** How far the watermark may be ahead of the least of the others. */
  maxDriftMicros: number;
  /** When it is further: is not read, is told, or leaves out the rows that are. */
  mode: 'pause' | 'warn' | 'drop';
}

export interface SourceWatermark {
  /** Column of the event time. */
  column: number;
  delayMicros: number;
  /** Event times further ahead of the wall clock do not move the watermark; 0 = no guard. */
  maxFutureMicros: number;
  /** Column of `schema` for the running watermark (WATERMARK_COLUMN), null when nobody asks. */
  output: number | null;
  /** What moves the watermark instead of the event time. */
  mark: WatermarkMark | null;
  /** A watermark for each key. */
  perKey: KeyedWatermark | null;
}

/** A TIMESTAMP of the record, or computed from it: the watermark is the greatest of them; NULL moves nothing. */
export type WatermarkMark =
  | { kind: 'column'; column: number; text: string }
  /** Export of `plan.code`, as of a map: its output is one TIMESTAMP column that can be NULL. */
  | { kind: 'computed'; function: string; text: string };

export interface KeyedWatermark {
  /** Columns of the key. */
  columns: number[];
  keysMax: number;
  /** Which key is forgotten when there are too many; none: the run fails. */
  eviction: 'least_recent' | 'lowest' | 'none';
  /** A key so far behind the foremost one is forgotten; 0: however far it is. */
  idleMicros: number;
}

export interface SourceField {
  /** Where the value is in the record: `['user', 'id']`, `['list', 0]`; empty is the whole record. */
  path: (string | number)[];
  /** As declared, or the event-time column. */
  notNull: boolean;
  timestampUnit: 's' | 'ms' | 'us' | 'ns';
  /** CSV: 0-based position of the declared column when there is no header. */
  position: number;
}

/** A connector or format with its options, checked and completed with defaults. Option values by their SQL name. */
export interface EndpointSpec {
  kind: string;
  options: Record<string, string | number | boolean>;
}

/** Filter, then project: one compiled function over the batch. */
export interface MapNode extends Node {
  kind: 'map';
  /** Export of `plan.code`: (input batch, output batch) → rows written. */
  function: string;
  /** The filter as SQL, null without one. */
  filter: string | null;
  /** The filter calls out to JavaScript per row. */
  filterInterpreted: boolean;
  outputs: MapOutput[];
  /** Its rows are changes, and it may make the two rows of an update equal: those are left out. */
  settles: boolean;
}

export interface MapOutput {
  name: string;
  /** The expression as SQL. */
  text: string;
  /** The column is the input's own, passed on without a copy (only without a filter). */
  aliased: boolean;
  /** Column of the input that an aliased column is. */
  inputColumn?: number;
  /** Calls out to JavaScript per row. */
  interpreted: boolean;
}

/** A row for each element of its lists, which go side by side; the shorter ones are filled up with NULL. */
export interface UnnestNode extends Node {
  kind: 'unnest';
  /** Columns passed on. */
  keeps: { column: number; output: number }[];
  lists: { column: number; output: number }[];
  /** Output column with the number of the element from 1, null without. */
  ordinality: number | null;
  /** A row without elements comes out once, with NULLs. */
  outer: boolean;
  /** The lists as SQL. */
  text: string[];
}

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
}

/** Second output of an aggregate: rows that were late, their watermark, and the window that they missed. */
export interface LateNode extends Node {
  kind: 'late';
}

/** When results come out. All but `close` give a changelog: see src/data/changelog.ts. */
export type AggregateEmit =
  /** Each once: per window when it closes, without a window at the end of the input. */
  | { on: 'close' }
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
  | 'max';

export interface OverSpec {
  function: OverFunction;
  /** Input column of the argument, null without one. */
  column: number | null;
  result: DataType;
  /** nth_value: which row of the frame, from 1. FIRST_VALUE is the first; LAG and LEAD are frames of one row. ntile: parts. */
  nth: number;
  /** Input column of the value where the frame has no such row; null: NULL. */
  defaultColumn: number | null;
  /** null for functions that go by the order alone. */
  frame: FrameSpec | null;
  /** As SQL, for EXPLAIN. */
  text: string;
}

export interface FrameSpec {
  unit: 'rows' | 'range';
  start: FrameBoundSpec;
  end: FrameBoundSpec;
}

export interface FrameBoundSpec {
  kind: 'unbounded' | 'preceding' | 'current' | 'following';
  /** Rows, µs, or what is added to a number. */
  offset: number;
}

/** The first rows as they come; when it has given them, its output ends. */
export interface LimitNode extends Node {
  kind: 'limit';
  /** null: all rows. */
  limit: number | null;
  /** Rows left out before. */
  offset: number;
}

/** The rows of every input, whose schemas are its own. Its watermark is the least of theirs. */
export interface UnionNode extends Node {
  kind: 'union';
  /** Column with the running watermark of each row's source, null when rows carry none. */
  watermarkColumn: number | null;
}

/** Batches in, bytes out. Hidden columns are not written. */
export interface SinkNode extends Node {
  kind: 'sink';
  name: string;
  connector: EndpointSpec;
  format: EndpointSpec;
}
