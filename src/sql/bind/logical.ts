// The logical plan: what a pipeline computes, before anyone decides how. A graph of nodes that share their inputs by
// reference: a stream read twice is one node with two readers.

import type { Changelog } from '../../data/changelog.ts';
import type { DataType } from '../../data/type.ts';
import type { AggregateEmit, AggregateSpec, InheritedWindow, WindowKind } from '../../plan/aggregate-node.ts';
import type { ChangesNode as PlanChanges } from '../../plan/changes-nodes.ts';
import type { AsofDirection, JoinColumn, JoinKind } from '../../plan/join-node.ts';
import type { LookupAge, LookupCache } from '../../plan/lookup-node.ts';
import type { EndpointSpec } from '../../plan/node.ts';
import type { OverSpec } from '../../plan/ordered-nodes.ts';
import type { PlanSettings } from '../../plan/physical-plan.ts';
import type { SourceNode, SourceWatermark } from '../../plan/source-node.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';

/** A column that a relation offers, and what is known of it as event time. */
export interface RelationColumn {
  name: string;
  type: DataType;
  nullable: boolean;
  /** Set when a watermark speaks about this column. */
  time: EventTime | null;
  /** The wall clock when the row was handled. */
  isClock?: true;
  /** The field of a source that it is, unchanged; null when it is computed. */
  field: { source: SourceDefinition; index: number } | null;
  /** The edge of a window that it is, unchanged. */
  edge?: { of: 'start' | 'end'; aggregation: string };
}

/** The column is the event time of its rows: the watermark that flows with them speaks about it. */
export interface EventTime {
  /** Rows carry the running watermark of their source, so lateness can be decided row by row. */
  perRow: boolean;
  /**
   * How much younger than the watermark rows to come are at least: a window that has not closed begins at the watermark
   * or later, and ends a window's size after that. null: unknown, but not older (the end of a session); not said: 0.
   */
  aheadMicros?: number | null;
}

export type LogicalNode =
  | ScanNode
  | ProjectNode
  | UnnestNode
  | AggregationNode
  | LateNode
  | SortNode
  | OverNode
  | LimitNode
  | UnionNode
  | ChangesNode
  | TableNode
  | JoinNode
  | LookupNode
  | RecallNode
  | LastingNode;

/** What a node reads. */
export function inputsOf(node: LogicalNode): readonly LogicalNode[] {
  if (node.kind === 'scan') return [];
  return 'inputs' in node ? node.inputs : [node.input];
}

/** The node with other inputs, as many as it has. */
export function withInputs(node: LogicalNode, inputs: readonly LogicalNode[]): LogicalNode {
  if (node.kind === 'scan') return node;
  if (node.kind === 'join' || node.kind === 'lookup' || node.kind === 'recall')
    return { ...node, inputs: inputs as JoinNode['inputs'] };
  return node.kind === 'union' ? { ...node, inputs } : { ...node, input: inputs[0] as LogicalNode };
}

interface Node {
  /** From the names in the text; becomes the id of the physical node. */
  id: string;
  columns: readonly RelationColumn[];
}

/** The rows of a source. */
export interface ScanNode extends Node {
  kind: 'scan';
  source: SourceDefinition;
}

/** Filter, then project. One output for each of `columns`. */
export interface ProjectNode extends Node {
  kind: 'project';
  input: LogicalNode;
  filter: BoundExpression | null;
  outputs: readonly BoundExpression[];
  /** Of changes it passes on only the rows that come, as rows that stay. */
  insertions?: true;
}

/** A row for each element of its lists. Output: the kept columns of its input, an element of each list, its number. */
export interface UnnestNode extends Node {
  kind: 'unnest';
  input: LogicalNode;
  /** Input columns. */
  keeps: readonly number[];
  /** Input columns with the lists, which go side by side. */
  lists: readonly number[];
  /** Elements are numbered from 1, in a last column. */
  ordinality: boolean;
  /** A row without elements comes out once, with NULLs. */
  outer: boolean;
}

/** GROUP BY over columns of its input: the first `keyCount` are the keys. Output: keys, window edges, aggregates. */
export interface AggregationNode extends Node {
  kind: 'aggregation';
  input: LogicalNode;
  keyCount: number;
  window: LogicalWindow | null;
  aggregates: readonly LogicalAggregate[];
  emit: LogicalEmit;
  /** What is open comes out after so long without rows. */
  idleMicros: number | null;
  /** Input columns of its late rows, null when nobody asks for them. */
  late: readonly number[] | null;
}

/** The rows that were late for an aggregation: its `late` columns, then watermark, start and end of the window missed. */
export interface LateNode extends Node {
  kind: 'late';
  input: LogicalNode;
}

/** When results come out; `default`: changes where every reader takes them, otherwise once, at the end of the input. */
export type LogicalEmit = AggregateEmit | { on: 'default' };

/** ORDER BY, LIMIT, OFFSET: the columns of its input in an order. */
export interface SortNode extends Node {
  kind: 'sort';
  /** A projection that this node alone reads: it keeps no column that this one does not. */
  input: LogicalNode;
  order: readonly LogicalOrder[];
  /** The first key is event time, ascending: rows come out as the watermark passes them. null: when the input ends. */
  time: EventTime | null;
  /** Without a time: once, when the input ends; the first rows as they change; or what its readers want. */
  emit: 'close' | 'update' | 'default';
  /** null: all rows. */
  limit: number | null;
  offset: number;
}

/** Functions over partitions: the columns of its input, then one for each function. */
export interface OverNode extends Node {
  kind: 'over';
  /** A projection that this node alone reads. */
  input: LogicalNode;
  /** Input columns. */
  partition: readonly number[];
  order: readonly LogicalOrder[];
  /** Input column that orders rows of equal keys; null: the order in which they come. */
  ties: number | null;
  /** Event time in whose order rows are handled: the first key of the order, or, if `isWhole`, one of the partition. */
  time: (EventTime & { column: number }) | null;
  isWhole: boolean;
  /** Only so many rows of each partition are asked for; null: all. */
  keep: number | null;
  functions: readonly OverSpec[];
  /** Without a time: results as they change; once, when the input ends; or what readers want. */
  emit: 'close' | 'update' | 'default';
}

/** LIMIT and OFFSET without an order: rows as they come. */
export interface LimitNode extends Node {
  kind: 'limit';
  /** A projection that this node alone reads. */
  input: LogicalNode;
  /** null: all rows. */
  limit: number | null;
  offset: number;
}

/** UNION ALL: the rows of each input. Inputs are projections that this node alone reads, to its columns. */
export interface UnionNode extends Node {
  kind: 'union';
  inputs: readonly LogicalNode[];
}

/** The records of a source that say what kind of change they are, as rows of a table; with a key as upserts. */
export interface ChangesNode extends Node {
  kind: 'changes';
  input: LogicalNode;
  form: PlanChanges['form'];
  /** Input column, null when every row is an upsert. */
  op: number | null;
  /** For each of `columns`. */
  sides: readonly PlanChanges['columns'][number][];
  present: PlanChanges['present'];
  /** Of `columns`; empty without a key. */
  key: readonly number[];
  onError: PlanChanges['onError'];
}

/** Upserts as a table: the last row of each key. Columns are those of its input. */
export interface TableNode extends Node {
  kind: 'table';
  input: LogicalNode;
  key: readonly number[];
}

/** Rows of two inputs that belong together. Inputs are projections that this node alone reads. */
export interface JoinNode extends Node {
  kind: 'join';
  join: JoinKind;
  asof: AsofDirection | null;
  /** Of an ASOF join: rows of the right input may be changes, of versions of their key. */
  hasVersions?: true;
  /** Without a time: rows as they change; once nothing can change them, of unmatched ones at the end; or what readers want. */
  emit: 'close' | 'update' | 'default';
  inputs: readonly [LogicalNode, LogicalNode];
  /** Columns that must be equal, of the left and of the right input, of one type each pair. */
  keys: readonly { left: number; right: number }[];
  /** Times of both sides are near each other: µs that left − right is at least and at most. null: nothing bounds them. */
  time: { left: TimedColumn; right: TimedColumn; lowMicros: number; highMicros: number; joinsAtEnd: boolean } | null;
  /** Without a time, over changes: their times are near each other, which the condition asks too; rows go by it. */
  bounds?: NonNullable<JoinNode['time']>;
  /** What else must be TRUE, over columns of either input. */
  condition: { expression: BoundExpression; columns: readonly JoinColumn[] } | null;
  /** What each of `columns` is. */
  outputs: readonly JoinColumn[];
}

/** Rows with what a table has for their key, one row at most: the left input's rows, in their order. */
export interface LookupNode extends Node {
  kind: 'lookup';
  /** left: a row for which there is nothing comes out too. */
  join: 'inner' | 'left';
  /** Rows, and the scan of a lookup table, or what keeps a table up to date while rows come. */
  inputs: readonly [LogicalNode, LogicalNode];
  /** What the rows of the second input are to a table that they keep up to date; null: they are all of it. */
  changes: Changelog | null;
  /** Columns that must be equal, of the left input and of the table, of one type each pair: its primary key. */
  keys: readonly { left: number; right: number }[];
  /** What each of `columns` is. */
  outputs: readonly JoinColumn[];
}

/** Joined rows, and the changes of the left side whose columns are the first of them: what goes there goes here. */
export interface RecallNode extends Node {
  kind: 'recall';
  inputs: readonly [LogicalNode, LogicalNode];
}

/** Changes, as the rows that are left of them when the watermark passes their time; without a time, at the end. */
export interface LastingNode extends Node {
  kind: 'lasting';
  input: LogicalNode;
  time: TimedColumn | null;
}

/** An input column with event time. */
export type TimedColumn = EventTime & { column: number };

/** One key of an order. */
export interface LogicalOrder {
  /** Input column. */
  column: number;
  descending: boolean;
  nullsFirst: boolean;
}

export interface LogicalWindow {
  kind: WindowKind;
  /** Of a session: the gap. */
  sizeMicros: number;
  /** From one window to the next; 0 for sessions. */
  slideMicros: number;
  /** Set iff the kind is inherited. */
  inherited?: InheritedWindow;
  offsetMicros: number;
  /** Input column. */
  column: number;
  /** How long a window stays open after its end has passed the watermark. */
  latenessMicros: number;
  /** Rows carry a watermark and can be late. */
  perRow: boolean;
  /** The watermark says nothing about its time: windows stay open until the input ends. */
  closesAtEnd: boolean;
  /** Its time is the wall clock, which closes it. */
  byClock: boolean;
}

/** Columns are those of the aggregation's input. */
export type LogicalAggregate = AggregateSpec;

/** A source as declared and checked. Its scan's columns are one for each of `fields`. */
export interface SourceDefinition {
  name: string;
  connector: EndpointSpec;
  format: EndpointSpec;
  fields: SourceNode['fields'];
  onError: SourceNode['onError'];
  deadLetterPath: string | null;
  maxRecordBytes: number;
  watermark: LogicalWatermark | null;
  splits: SourceNode['splits'];
  idleTimeoutMicros: number;
  alignment: SourceNode['alignment'];
  /** It never ends by itself. */
  endless: boolean;
  /** It is a lookup table: joins read it, by its key. */
  lookup?: LookupDefinition;
}

export interface LookupDefinition extends LookupAge {
  /** Fields of the source. */
  key: readonly number[];
  /** Its rows are fetched when they are wanted; null: it is read whole. */
  cache: LookupCache | null;
}

export interface LogicalWatermark extends Omit<SourceWatermark, 'output' | 'mark'> {
  /** Over the source's columns, TIMESTAMP: moves the watermark instead of the event time. */
  mark: BoundExpression | null;
}

/** An end of the pipeline. Several inputs: rows of each, in the order they come. */
export interface LogicalSink {
  id: string;
  name: string;
  connector: EndpointSpec;
  format: EndpointSpec;
  inputs: LogicalNode[];
  /** Columns that name a row, where it writes rows by their key. */
  key?: readonly number[];
  /** Where the pipeline declares it, null for one that it does not. */
  span: Span | null;
}

export interface LogicalPipeline {
  sinks: LogicalSink[];
  settings: PlanSettings & {
    /** How long joins keep rows that no time bounds, µs; 0: for good. */
    stateTtlMicros: number;
  };
  notices: string[];
}
