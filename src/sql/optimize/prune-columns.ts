// Columns that nobody reads are not made: projections and aggregations drop them, and a source does not decode them.
//
// Need flows from the sinks down: a sink needs all columns of its inputs, any other node what its own needed columns
// are made of. Then every node is rebuilt with its needed columns only, and indexes are renumbered.

import {
  type AggregationNode,
  type ChangesNode,
  inputsOf,
  type JoinNode,
  type LogicalAggregate,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalWatermark,
  type LogicalWindow,
  type LookupNode,
  type OverNode,
  type ProjectNode,
  type RecallNode,
  type RelationColumn,
  type ScanNode,
  type SortNode,
  type UnnestNode,
} from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { joinNeeds, pruneJoin } from './prune-join.ts';
import { lookupNeeds, pruneLookup } from './prune-lookup.ts';
import { countColumns, nodesOf, rewriteExpression, rewriteNodes } from './rewrite.ts';

export function pruneColumns(pipeline: LogicalPipeline): LogicalPipeline {
  const keptById = keptColumns(pipeline);
  return rewriteNodes(pipeline, (node) => {
    const columns = keptById.get(node.id) as number[];
    const placeIn = (input: LogicalNode | undefined, index: number): number =>
      input === undefined ? index : (keptById.get(input.id) as number[]).indexOf(index);
    const place = (index: number): number => placeIn(inputsOf(node)[0], index);
    switch (node.kind) {
      case 'scan':
        return pruneScan(node, columns);
      case 'project':
        return pruneProject(node, columns, place);
      case 'aggregation':
        return pruneAggregation(node, columns, place);
      case 'unnest':
        return pruneUnnest(node, columns, place);
      case 'sort':
        return pruneSort(node, columns, place);
      case 'limit':
      case 'union':
        return { ...node, columns: columnsAt(node, columns) };
      case 'late':
        return node;
      case 'changes':
        return pruneChanges(node, columns, place);
      case 'table':
        return { ...node, key: node.key.map((k) => columns.indexOf(k)), columns: columnsAt(node, columns) };
      case 'over':
        return pruneOver(node, columns, place);
      case 'join':
        return pruneJoin(node, columns, (side, index) => placeIn(node.inputs[side], index));
      case 'recall':
        return node;
      case 'lookup':
        return pruneLookup(node, columns, (side, index) => placeIn(node.inputs[side], index));
    }
  });
}

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
  if (node.kind === 'recall') for (const column of node.columns.keys()) needed.add(column);
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

function pruneChanges(node: ChangesNode, columns: readonly number[], place: (index: number) => number): ChangesNode {
  const { op, present, key, sides } = node;
  return {
    ...node,
    op: op === null ? null : place(op),
    present: present === null ? null : { after: place(present.after), before: place(present.before) },
    key: key.map((column) => columns.indexOf(column)),
    sides: columns.map((column) => {
      const { after, before, notNull } = sides[column] as ChangesNode['sides'][number];
      return { after: place(after), before: before === null ? null : place(before), notNull };
    }),
    columns: columnsAt(node, columns),
  };
}

function columnsAt(node: LogicalNode, columns: readonly number[]): RelationColumn[] {
  return columns.map((index) => node.columns[index] as RelationColumn);
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

function keptAggregates(node: AggregationNode, columns: readonly number[]) {
  return node.aggregates.filter((_, index) => columns.includes(aggregateBase(node) + index));
}

function pruneScan(node: ScanNode, columns: readonly number[]): ScanNode {
  const { source } = node;
  const { watermark } = source;
  return {
    ...node,
    columns: columns.map((index) => node.columns[index] as ScanNode['columns'][number]),
    source: {
      ...source,
      ...(source.lookup === undefined
        ? {}
        : { lookup: { ...source.lookup, key: source.lookup.key.map((index) => columns.indexOf(index)) } }),
      fields: columns.map((index) => source.fields[index] as (typeof source.fields)[number]),
      watermark: watermark === null ? null : pruneWatermark(watermark, (index) => columns.indexOf(index)),
    },
  };
}

/** Columns that the watermark of a source is made of. */
function watermarkNeeds({ column, mark, perKey }: LogicalWatermark): number[] {
  return [column, ...(mark === null ? [] : countColumns([mark]).keys()), ...(perKey?.columns ?? [])];
}

function pruneWatermark(watermark: LogicalWatermark, place: (index: number) => number): LogicalWatermark {
  const { column, mark, perKey } = watermark;
  return {
    ...watermark,
    column: place(column),
    mark: mark === null ? null : renumbered(mark, place),
    perKey: perKey === null ? null : { ...perKey, columns: perKey.columns.map(place) },
  };
}

function renumbered(expression: BoundExpression, place: (index: number) => number): BoundExpression {
  return rewriteExpression(expression, (e) => (e.kind === 'column' ? { ...e, index: place(e.index) } : e));
}

function pruneProject(node: ProjectNode, columns: readonly number[], place: (index: number) => number): ProjectNode {
  return {
    ...node,
    filter: node.filter === null ? null : renumbered(node.filter, place),
    outputs: columns.map((index) => renumbered(node.outputs[index] as BoundExpression, place)),
    columns: columns.map((index) => node.columns[index] as ProjectNode['columns'][number]),
  };
}

function pruneWindow(window: LogicalWindow, place: (index: number) => number): LogicalWindow {
  const { inherited } = window;
  const end = inherited === undefined ? {} : { inherited: { ...inherited, endColumn: place(inherited.endColumn) } };
  return { ...window, column: place(window.column), ...end };
}

function pruneAggregation(
  node: AggregationNode,
  columns: readonly number[],
  place: (index: number) => number,
): AggregationNode {
  const window = node.window === null ? null : pruneWindow(node.window, place);
  const aggregates = keptAggregates(node, columns).map((aggregate) => renumberAggregate(aggregate, place));
  return {
    ...node,
    window,
    aggregates,
    late: node.late === null ? null : node.late.map(place),
    columns: columns.map((index) => node.columns[index] as AggregationNode['columns'][number]),
  };
}

/** Input columns that an unnest still passes on. */
function keptOf(node: UnnestNode, columns: readonly number[]): number[] {
  return columns.filter((index) => index < node.keeps.length).map((index) => node.keeps[index] as number);
}

function pruneUnnest(node: UnnestNode, columns: readonly number[], place: (index: number) => number): UnnestNode {
  return {
    ...node,
    keeps: keptOf(node, columns).map(place),
    lists: node.lists.map(place),
    columns: columns.map((index) => node.columns[index] as UnnestNode['columns'][number]),
  };
}

function pruneSort(node: SortNode, columns: readonly number[], place: (index: number) => number): SortNode {
  return {
    ...node,
    order: node.order.map((key) => ({ ...key, column: place(key.column) })),
    columns: columns.map((index) => node.columns[index] as SortNode['columns'][number]),
  };
}

/** The aggregate with every input column it reads at its new place. */
function renumberAggregate(aggregate: LogicalAggregate, place: (index: number) => number): LogicalAggregate {
  const { column, orderColumn, by, sort } = aggregate;
  return {
    ...aggregate,
    column: column === null ? null : place(column),
    orderColumn: orderColumn === null ? null : place(orderColumn),
    ...(by === undefined ? {} : { by: { ...by, column: place(by.column) } }),
    ...(sort === undefined ? {} : { sort: sort.map((item) => ({ ...item, column: place(item.column) })) }),
  };
}

/** `node.input` is pruned already: the functions that stay are those whose columns do. */
function pruneOver(node: OverNode, columns: readonly number[], place: (index: number) => number): OverNode {
  const { partition, order, ties, time, functions } = node;
  const first = node.columns.length - functions.length;
  const kept = functions.filter((_, index) => columns.includes(first + index));
  return {
    ...node,
    partition: partition.map(place),
    order: order.map((key) => ({ ...key, column: place(key.column) })),
    ties: ties === null ? null : place(ties),
    time: time === null ? null : { ...time, column: place(time.column) },
    functions: kept.map((spec) => ({
      ...spec,
      column: spec.column === null ? null : place(spec.column),
      defaultColumn: spec.defaultColumn === null ? null : place(spec.defaultColumn),
      ...(spec.aggregate === undefined ? {} : { aggregate: renumberAggregate(spec.aggregate, place) }),
    })),
    columns: columns.map((index) => node.columns[index] as OverNode['columns'][number]),
  };
}
