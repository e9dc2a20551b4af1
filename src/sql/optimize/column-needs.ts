// Which columns of a node somebody reads.
//
// Need flows from the sinks down: a sink needs all columns of its inputs, any other node what its own needed columns
// are made of.

import {
  type AggregationNode,
  type ChangesNode,
  inputsOf,
  type JoinNode,
  type LogicalAggregate,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalWatermark,
  type LookupNode,
  type OverNode,
  type RecallNode,
  type UnnestNode,
} from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { joinNeeds } from './prune-join.ts';
import { lookupNeeds } from './prune-lookup.ts';
import { countColumns, nodesOf } from './rewrite.ts';

/** Columns of each node that stay, by its id, ascending. */
export function keptColumns(pipeline: LogicalPipeline): Map<string, number[]> {
  const needs = findNeeds(pipeline);
  return new Map(nodesOf(pipeline).map((node) => [node.id, sortedNeeds(node, needs)]));
}

type Needs = Map<LogicalNode, Set<number>>;

function findNeeds(pipeline: LogicalPipeline): Needs {
  const needs: Needs = new Map();
  const need = (node: LogicalNode, columns: Iterable<number>) => {
    const set = needs.get(node) ?? new Set<number>();
    for (const column of columns) set.add(column);
    needs.set(node, set);
  };
  for (const { inputs } of pipeline.sinks) for (const node of inputs) need(node, node.columns.keys());
  for (const node of nodesOf(pipeline).reverse()) {
    if (node.kind === 'recall') {
      for (const input of node.inputs) need(input, input.columns.keys());
    } else if (node.kind === 'join' || node.kind === 'lookup') {
      const needed =
        node.kind === 'join' ? joinNeeds(node, sortedNeeds(node, needs)) : lookupNeeds(node, sortedNeeds(node, needs));
      node.inputs.forEach((input, side) => {
        need(input, needed[side] as Set<number>);
      });
    } else for (const input of inputsOf(node)) need(input, inputNeeds(node, sortedNeeds(node, needs)));
  }
  return needs;
}

/** Columns of a node that stay, ascending. */
function sortedNeeds(node: LogicalNode, needs: Needs): number[] {
  const needed = needs.get(node) ?? new Set();
  if (node.kind === 'scan') {
    // The event time is decoded for the watermark, and a NOT NULL column for its check, unless we made the record.
    const { watermark, connector } = node.source;
    const isMade = connector.kind === 'generator' || connector.kind === 'nexmark';
    for (const column of watermark === null ? [] : watermarkNeeds(watermark)) needed.add(column);
    node.columns.forEach((column, index) => {
      if (!column.nullable && !isMade) needed.add(index);
    });
  }
  // Rows are known again by all columns of the left side.
  if (node.kind === 'recall' || node.kind === 'lasting') for (const column of node.columns.keys()) needed.add(column);
  if (node.kind === 'late') for (const column of node.columns.keys()) needed.add(column);
  if (node.kind === 'table' || node.kind === 'changes') for (const column of node.key) needed.add(column);
  // A table has the columns of its changes, also those that are there to be checked.
  const changes = node.kind === 'table' ? node.input : node;
  if (changes.kind === 'changes') {
    for (const [index, { notNull }] of changes.sides.entries()) if (notNull) needed.add(index);
  }
  if (node.kind === 'aggregation') {
    for (let index = 0; index < aggregateBase(node); index++) needed.add(index);
  }
  if (node.kind === 'unnest')
    for (let index = node.keeps.length; index < node.columns.length; index++) needed.add(index);
  if (node.kind === 'sort') for (const { column } of node.order) needed.add(column);
  if (node.kind === 'over') addOverNeeds(node, needed);
  return [...needed].sort((a, b) => a - b);
}

function inputNeeds(
  node: Exclude<LogicalNode, JoinNode | LookupNode | RecallNode>,
  columns: readonly number[],
): Iterable<number> {
  if (node.kind === 'scan') return [];
  if (node.kind === 'sort' || node.kind === 'limit' || node.kind === 'union' || node.kind === 'table') return columns;
  if (node.kind === 'lasting') return columns;
  if (node.kind === 'changes') return changesNeeds(node, columns);
  // Late rows are not columns of the aggregation: it says itself what it needs for them.
  if (node.kind === 'late') return [];
  if (node.kind === 'over') return columns.filter((column) => column < node.input.columns.length);
  if (node.kind === 'project') {
    const used = columns.map((column) => node.outputs[column] as BoundExpression);
    return countColumns(node.filter === null ? used : [node.filter, ...used]).keys();
  }
  if (node.kind === 'unnest') return [...keptOf(node, columns), ...node.lists];
  const read = new Set(Array.from({ length: node.keyCount }, (_, index) => index));
  for (const column of node.late ?? []) read.add(column);
  if (node.window !== null) read.add(node.window.column);
  if (node.window?.inherited !== undefined) read.add(node.window.inherited.endColumn);
  for (const aggregate of keptAggregates(node, columns)) {
    renumberAggregate(aggregate, (column) => {
      read.add(column);
      return column;
    });
  }
  return read;
}

function changesNeeds({ op, sides, present }: ChangesNode, columns: readonly number[]): number[] {
  const read = columns.flatMap((column) => {
    const { after, before } = sides[column] as ChangesNode['sides'][number];
    return before === null ? [after] : [after, before];
  });
  return [...(op === null ? [] : [op]), ...(present === null ? [] : [present.after, present.before]), ...read];
}

/** Columns that the watermark of a source is made of. */
function watermarkNeeds({ column, mark, perKey }: LogicalWatermark): number[] {
  return [column, ...(mark === null ? [] : countColumns([mark]).keys()), ...(perKey?.columns ?? [])];
}

/** Input columns that an unnest still passes on. */
export function keptOf(node: UnnestNode, columns: readonly number[]): number[] {
  return columns.filter((index) => index < node.keeps.length).map((index) => node.keeps[index] as number);
}

/** All that the functions of an OVER read stands in its output too. */
function addOverNeeds(node: OverNode, needed: Set<number>): void {
  const { partition, order, ties, time, functions, input } = node;
  const keep = (column: number): number => {
    needed.add(column);
    return column;
  };
  if (ties !== null) needed.add(ties);
  for (const column of partition) needed.add(column);
  for (const { column } of order) needed.add(column);
  if (time !== null) needed.add(time.column);
  functions.forEach(({ column, defaultColumn, aggregate }, index) => {
    if (!needed.has(input.columns.length + index)) return;
    if (aggregate !== undefined) renumberAggregate(aggregate, keep);
    if (column !== null) needed.add(column);
    if (defaultColumn !== null) needed.add(defaultColumn);
  });
}

/** Index of the first aggregate in the output: behind keys and window edges, which always stay. */
function aggregateBase(node: AggregationNode): number {
  return node.keyCount + (node.window === null ? 0 : 2);
}

/** Aggregates whose columns stay. */
export function keptAggregates(node: AggregationNode, columns: readonly number[]) {
  return node.aggregates.filter((_, index) => columns.includes(aggregateBase(node) + index));
}

/** The aggregate with every input column it reads at its new place. */
export function renumberAggregate(aggregate: LogicalAggregate, place: (index: number) => number): LogicalAggregate {
  const { column, orderColumn, by, sort } = aggregate;
  return {
    ...aggregate,
    column: column === null ? null : place(column),
    orderColumn: orderColumn === null ? null : place(orderColumn),
    ...(by === undefined ? {} : { by: { ...by, column: place(by.column) } }),
    ...(sort === undefined ? {} : { sort: sort.map((item) => ({ ...item, column: place(item.column) })) }),
  };
}
