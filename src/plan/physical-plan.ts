// THE WAIST: what the compiler hands to the runtime. Plain data: it can be printed, compared, posted to a worker.
//
// A plan is a list of nodes in topological order. A node reads the batches of its inputs and produces batches of its
// schema; watermarks and the end of input travel the same way, in order. Durations and offsets are µs as numbers
// (exact up to 285 years).

import type { AggregateNode, LateNode } from './aggregate-node.ts';
import type { ChangesNode, TableNode, UpsertsNode } from './changes-nodes.ts';
import type { HostFunction } from './host-function.ts';
import type { JoinNode } from './join-node.ts';
import type { LastingNode } from './lasting-node.ts';
import type { LookupNode } from './lookup-node.ts';
import type { EndpointSpec, Node } from './node.ts';
import type { OverNode, SortNode, TopNode } from './ordered-nodes.ts';
import type { RecallNode } from './recall-node.ts';
import type { SourceNode } from './source-node.ts';

/** What SET says. */
export interface PlanSettings {
  /** Rows per batch. */
  batchRows: number;
  /** Most bytes that the core which computes may take. */
  memoryBytes: number;
  /** Longest turn of a core, µs; 0: as long as it takes. */
  turnMicros: number;
  /** ns that an operator may take for a row; 0: nobody looks. */
  rowNanos: number;
  /** Directory in which the run keeps its state; null: it keeps none, unless the command line says where. */
  stateDirectory: string | null;
  /** From one checkpoint to the next, µs. */
  checkpointMicros: number;
  /** When what an input without a second reading has given is on the disk: before it is used, every so many µs, at checkpoints. */
  walSync: 'always' | 'checkpoint' | number;
}

export interface PhysicalPlan extends PlanSettings {
  version: 1;
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
  | JoinNode
  | LookupNode
  | RecallNode
  | LastingNode
  | UnnestNode
  | AggregateNode
  | LateNode
  | SortNode
  | TopNode
  | OverNode
  | LimitNode
  | UnionNode
  | ChangesNode
  | TableNode
  | UpsertsNode
  | SinkNode;

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
  /** Computes from the columns of a row alone, all compiled: any core may run it. */
  anywhere: boolean;
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
