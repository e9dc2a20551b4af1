// Which part of a plan several cores compute: a node whose only inputs are sources with their chains of maps.
//
//   every core   decodes chunks, runs the chains, sends each row to the core that owns it
//   the owner    takes the rows of a source chunk by chunk, in the order of their numbers, and computes the node over them
//   core 0       puts what the owners give together, and computes the rest
//
// by keys      the owner of a row is the core that has its key group: every group has one owner
// by partials  it is the core that has decoded the row: owners have partial states of a group, which core 0 merges. Only
//              where rows may be added in any order: not sums of doubles, nor what comes first
//
//   aggregate    by its keys or by partials; merged by (window end, window start, key)
//   over         by its partitions; merged by the order of its rows, and where that is equal by the order of the source,
//                for which rows carry their numbers on the way (ARRIVAL)
//   join         by its keys, of two sources, one of them maybe versions by key; in any order, as rows of two sources
//                come. What changes of the results of a key comes from its owner, in order
//
// Others than joins are left to one core where their output is not in such an order: when results change, or come by the
// clock, or rows wait for others behind them; or when there is another output, of late rows.

import type { Column, Schema } from '../data/schema.ts';
import { BIGINT, physicalOf, VARCHAR } from '../data/type.ts';
import type { AggregateNode, AggregateSpec } from './aggregate-node.ts';
import type { AggregateFunction } from './aggregates/aggregate.ts';
import { type Chain, canCombine, chainOf } from './chain.ts';
import type { JoinNode } from './join-node.ts';
import type { OverNode, SortKey } from './ordered-nodes.ts';
import { needsPartition } from './over-functions.ts';
import type { PhysicalPlan, PlanNode } from './physical-plan.ts';
import { isCuttable, type SourceNode } from './source-node.ts';

export type ExchangedNode = AggregateNode | OverNode | JoinNode;

/** Any node that all cores compute. */
export interface OwnedPlan {
  by: 'keys' | 'partials';
  /** As it is in the plan. */
  node: ExchangedNode;
  /** As owners compute it: where rows carry their numbers, so do its own; by partials it has images of states. */
  owned: ExchangedNode;
  inputs: OwnedInputPlan[];
  /** Columns of the owned node by which its rows are merged; null: they come in any order. */
  order: SortKey[] | null;
  /** Column of the owned node that the node does not have, null without one. */
  arrival: number | null;
}

/** One whose rows come from the cores that decode them. */
export interface ExchangePlan extends OwnedPlan {
  inputs: ExchangeInput[];
}

export interface ExchangeInput extends OwnedInputPlan {
  source: SourceNode;
  chain: Chain;
}

export interface OwnedInputPlan {
  /** What is routed: the rows before they are numbered. */
  rows: Schema;
  /** Columns of it. */
  keys: number[];
  /** What rows are on the way: those columns and their numbers, mostly before the hidden ones. */
  schema: Schema;
  /** Column of the numbers, null where nobody asks. */
  arrival: number | null;
  /** Column of the running watermark on the way, null without. */
  watermarkColumn: number | null;
}

/** A part for each core, and a word for each in what they share. */
export const EXCHANGE_CORES_MAX = 16;

/** Which row of its source a row is, in an order that chunks and cores do not change. */
export const ARRIVAL: Column = { name: '$arrival', type: BIGINT, nullable: false };

/** What owners give of an aggregate by partials, instead of its results. */
const STATES: Column = { name: 'states', type: VARCHAR, nullable: false };

/** What of a plan several cores can compute, null when that is nothing. */
export function exchangeOf(plan: PhysicalPlan): ExchangePlan | null {
  // Lookup tables belong to whoever looks into them.
  const sources = plan.nodes.filter((node) => node.kind === 'source').filter(({ lookup }) => lookup === undefined);
  if (!sources.every((source) => isCuttable(source) && canCombine(source))) return null;
  const chains = sources.map((source) => chainOf(plan, source));
  const [node, ...others] = plan.nodes.filter(({ inputs }) => chains.some(({ id }) => inputs.includes(id)));
  if (node === undefined || others.length > 0 || node.inputs.length !== sources.length) return null;
  const inputs = node.inputs.flatMap((id) => {
    const index = chains.findIndex((chain) => chain.id === id);
    return index < 0 ? [] : [{ source: sources[index] as SourceNode, chain: chains[index] as Chain }];
  });
  if (inputs.length !== sources.length) return null;
  if (node.kind === 'aggregate') return ofAggregate(node, inputs, plan.nodes);
  if (node.kind === 'over') return ofOver(node, inputs);
  return node.kind === 'join' ? ofJoin(node, inputs, plan.usesClock) : null;
}

type Feeding = Pick<ExchangeInput, 'source' | 'chain'>;

function ofAggregate(node: AggregateNode, inputs: Feeding[], nodes: readonly PlanNode[]): ExchangePlan | null {
  const { id, keyCount, window, emit, idleMicros, changeColumn, schema, aggregates } = node;
  if (emit.on !== 'close' || idleMicros !== null || changeColumn !== undefined) return null;
  if (nodes.some((other) => other.kind === 'late' && other.inputs.includes(id))) return null;
  if (window !== null && (window.kind === 'inherited' || window.byClock || window.watermarkColumn === null))
    return null;
  const keys = Array.from({ length: keyCount }, (_, column) => column);
  // Behind the keys: the window's start and its end.
  const order = window === null ? keys : [keyCount + 1, keyCount, ...keys];
  const by = hasPartials(node) ? 'partials' : 'keys';
  if (by === 'keys' && keyCount === 0) return null;
  const groups = schema.slice(0, schema.length - aggregates.length);
  return {
    by,
    node,
    owned: by === 'keys' ? node : { ...node, schema: [...groups, STATES] },
    inputs: inputs.map((input) => asItIs(input, keys)),
    order: order.map(ascending),
    arrival: null,
  };
}

/** Whether states of parts of the rows make the state of all, whoever had which: exactly, and with the same overflow. */
function hasPartials({ window, aggregates }: AggregateNode): boolean {
  // What is a session's first row is seen by one core only, or by none.
  return window?.kind !== 'session' && aggregates.every(mergesInAnyOrder);
}

const SUMS: ReadonlySet<AggregateFunction> = new Set(['sum', 'avg', 'count_if']);
const CHOICES: ReadonlySet<AggregateFunction> = new Set(['min', 'max', 'bool_and', 'bool_or']);
const COUNTS: ReadonlySet<AggregateFunction> = new Set(['count_star', 'count']);

/** Sums of doubles depend on the order; sets and texts are not in the state itself. */
function mergesInAnyOrder({ function: called, argumentType, distinct }: AggregateSpec): boolean {
  if (COUNTS.has(called)) return distinct !== true;
  const physical = argumentType === null ? 'i64' : physicalOf(argumentType);
  if (SUMS.has(called)) return distinct !== true && physical !== 'f64';
  return CHOICES.has(called) && physical !== 'ref';
}

function ofOver(node: OverNode, inputs: Feeding[]): ExchangePlan | null {
  const { partition, order, ties, time, isWhole, functions, schema, updating } = node;
  const [input] = inputs;
  if (
    input === undefined ||
    updating !== null ||
    partition.length === 0 ||
    functions.some((call) => call.function === 'arrival')
  )
    return null;
  const columns = input.chain.schema;
  const visible = columns.filter(({ hidden }) => hidden !== true).length;
  if (waitsForPartition(node) || columns.some(({ hidden }, column) => (hidden === true) !== column >= visible))
    return null;
  const hasTime = time !== null && isWhole;
  const keys = [...(hasTime ? [ascending(time.column)] : []), ...order, ...(ties === null ? [] : [ascending(ties)])];
  const shift = (column: number | null): number | null => (column === null || column < visible ? column : column + 1);
  return {
    by: 'keys',
    node,
    owned: {
      ...node,
      schema: schema.toSpliced(visible, 0, ARRIVAL),
      // As they came, also where they have come out of saved shares.
      ties: ties ?? visible,
      time: time === null ? null : { ...time, watermarkColumn: shift(time.watermarkColumn) },
    },
    inputs: [
      {
        ...input,
        rows: columns,
        keys: partition,
        schema: columns.toSpliced(visible, 0, ARRIVAL),
        arrival: visible,
        watermarkColumn: shift(input.chain.watermarkColumn),
      },
    ],
    order: [...keys, ascending(visible)],
    arrival: visible,
  };
}

/** Whether a row waits for some more of its partition: it comes out behind rows that it is before. */
export function waitsForPartition({ isWhole, functions }: OverNode): boolean {
  return !isWhole && !functions.some(needsPartition) && functions.some(({ frame }) => waitsForRows(frame));
}

function waitsForRows(frame: OverNode['functions'][number]['frame']): boolean {
  return frame?.unit === 'rows' && frame.end.kind === 'following' && frame.end.offset > 0;
}

function ofJoin(node: JoinNode, inputs: Feeding[], usesClock: boolean): ExchangePlan | null {
  const { keys, time, bounds } = node;
  const [left, right] = inputs;
  if (left === undefined || right === undefined) return null;
  if (!isJoinedByKey(node, [left.chain.schema, right.chain.schema], usesClock)) return null;
  // Whose silence would let the other side go on.
  const waits = time !== null || bounds !== null;
  if (waits && inputs.some(({ source }) => source.idleTimeoutMicros !== 0)) return null;
  const sides = inputs.map((input, side) =>
    asItIs(
      input,
      keys.map((key) => (side === 0 ? key.left : key.right)),
    ),
  );
  return { by: 'keys', node, owned: node, inputs: sides, order: null, arrival: null };
}

/** Whether cores that have the rows of some keys each can join them. */
export function isJoinedByKey(
  { keys, condition }: JoinNode,
  [left, right]: [Schema, Schema],
  usesClock: boolean,
): boolean {
  if (keys.length === 0 || condition?.interpreted === true) return false;
  // Only the first core keeps the clock.
  if (condition !== null && usesClock) return false;
  const physical = (schema: Schema, column: number) => physicalOf(schema[column]?.type ?? BIGINT);
  return keys.every((key) => physical(left, key.left) === physical(right, key.right));
}

function asItIs({ source, chain }: Feeding, keys: number[]): ExchangeInput {
  const { schema, watermarkColumn } = chain;
  return { source, chain, rows: schema, keys, schema, arrival: null, watermarkColumn };
}

function ascending(column: number): SortKey {
  return { column, descending: false, nullsFirst: false };
}
