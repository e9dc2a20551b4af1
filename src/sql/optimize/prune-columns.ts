// Columns that nobody reads are not made: projections and aggregations drop them, and a source does not decode them.
//
// Every node is rebuilt with the columns that are needed (column-needs.ts), and indexes are renumbered.

import {
  type AggregationNode,
  type ChangesNode,
  inputsOf,
  type LogicalNode,
  type LogicalPipeline,
  type LogicalWatermark,
  type LogicalWindow,
  type OverNode,
  type ProjectNode,
  type RelationColumn,
  type ScanNode,
  type SortNode,
  type UnnestNode,
} from '../bind/logical.ts';
import type { BoundExpression } from '../expression.ts';
import { keptAggregates, keptColumns, keptOf, renumberAggregate } from './column-needs.ts';
import { pruneJoin } from './prune-join.ts';
import { pruneLookup } from './prune-lookup.ts';
import { rewriteExpression, rewriteNodes } from './rewrite.ts';

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
      case 'lasting':
        return {
          ...node,
          time: node.time === null ? null : { ...node.time, column: columns.indexOf(node.time.column) },
          columns: columnsAt(node, columns),
        };
      case 'lookup':
        return pruneLookup(node, columns, (side, index) => placeIn(node.inputs[side], index));
    }
  });
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
