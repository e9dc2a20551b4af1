// Queries with OVER or QUALIFY: nodes on top of the query without them.
//
//   the query with all that OVER reads as columns ─► over … ─► project: the select list  (QUALIFY is its filter)
//
// Expressions are taken apart (over-parts.ts): what holds no OVER is a column of the query below, which may be a GROUP
// BY; each call with OVER is a column of an over node. Calls with the same partitions and order share a node.
//
// How rows come to an over node, by what is known of the columns:
//   partitioned by event time (of a window)   window by window, as the watermark passes
//   ordered by event time first               row by row, as the watermark passes
//   otherwise                                 at the end of the input

import { LaminarError } from '../../base/errors.ts';
import { BIGINT, type DataType, DOUBLE, isInteger, TIMESTAMP } from '../../data/type.ts';
import { aggregateDefinition } from '../../plan/aggregates/registry.ts';
import type { FrameSpec, OverSpec } from '../../plan/ordered-nodes.ts';
import { isRank, needsPartition } from '../../plan/over-functions.ts';
import type { Span } from '../ast.ts';
import type { Query } from '../ast-query.ts';
import { bindAggregate } from './aggregates.ts';
import { changelogOfNode } from './changes.ts';
import { canCoerce, coerce, settle } from './coerce.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { placeAggregate } from './grouping-aggregates.ts';
import { endlessSource } from './grouping-window.ts';
import type { LogicalNode, LogicalOrder, OverNode, ProjectNode, RelationColumn, SortNode } from './logical.ts';
import {
  columnAt,
  finalTable,
  isFinal as isFinalNode,
  orderTime,
  refuseBeforeEnd,
  refuseCorrections,
  timeAfter,
  timeHint,
  withAliases,
} from './order.ts';
import { typeOverFunction } from './over-functions.ts';
import { OverInputs } from './over-inputs.ts';
import { OverParts, type Stage, type StageCall } from './over-parts.ts';
import { bindFrame } from './over-windows.ts';
import { projectedColumn, type QueryContext, type SelectColumn } from './query.ts';
import type { Scope } from './scope.ts';

interface OverQuery {
  query: Query;
  /** The select list, and what ORDER BY needs beyond it. */
  columns: readonly SelectColumn[];
  context: QueryContext;
  /** Binds the query below with these columns. */
  bindBelow(columns: readonly SelectColumn[]): ProjectNode;
}

/** Binds a query with OVER or QUALIFY. @throws LMN-20nn */
export function bindOverQuery({ query, columns, context, bindBelow }: OverQuery): ProjectNode {
  const parts = new OverParts(query.windows);
  const taken = columns.map(({ name, expression }) => ({ name, expression: parts.takeApart(expression) }));
  const qualify = query.qualify === null ? null : parts.takeApart(withAliases(query.qualify, columns));
  const below = bindBelow(parts.below);
  const inputs = new OverInputs(below);
  const typed = parts.stages.map((stage) => typeStage(stage, inputs, argumentScope(parts, inputs, context)));
  if (typed.length > 1) typed[0]?.functions.push(ARRIVAL);
  const [first] = typed;
  if (first !== undefined && !isRanked(typed)) refuseCorrections('OVER', first.span, { node: below, context });
  // What changes add up to is numbered once.
  const isFinal = context.emit?.mode === 'final' && changelogOfNode(below) !== 'append';
  const rows: ProjectNode = { ...inputs.project, id: `${context.id}.rows` };
  let node: ProjectNode | OverNode = isFinal ? passOn(finalTable(rows), `${rows.id}.final`) : rows;
  typed.forEach((stage, index) => {
    const number = index === 0 ? '' : index + 1;
    const input: ProjectNode = node.kind === 'over' ? passOn(node, `${context.id}.rows${number}`) : node;
    const ties = index === 0 ? null : inputs.project.columns.length + (typed[0] as TypedStage).functions.length - 1;
    const emit = isRanked(typed) ? overEmit(context.emit) : 'close';
    node = overNode(input, { ...stage, ties, emit }, { id: `${context.id}.over${number}`, context });
  });
  const scope = placeScope(parts, node, context);
  const outputs = taken.map(({ expression }) => settle(bindExpression(expression, scope)));
  return {
    kind: 'project',
    id: context.id,
    input: node,
    filter: qualify === null ? null : bindCondition(qualify, scope),
    outputs,
    columns: outputs.map((output, n) => projectedColumn((taken[n] as SelectColumn).name, output, node.columns)),
  };
}

/** All columns of a node: what reads it may then need fewer than it keeps. */
function passOn(input: OverNode | SortNode, id: string): ProjectNode {
  return { kind: 'project', id, input, filter: null, outputs: input.columns.map(columnAt), columns: input.columns };
}

/** Functions over one kind of partitions whose results can be kept up to date. */
function isRanked(stages: readonly TypedStage[]): boolean {
  return stages.length === 1 && (stages[0] as TypedStage).functions.every(isRank);
}

function overEmit(clause: QueryContext['emit']): OverNode['emit'] {
  if (clause?.mode === 'on-update' || clause?.mode === 'changes') return 'update';
  return clause?.mode === 'final' ? 'close' : 'default';
}

/** Each node leaves its rows in its own order: where there are several, ties go by the order before the first. */
const ARRIVAL: OverSpec = {
  function: 'arrival',
  column: null,
  result: BIGINT,
  nth: 1,
  defaultColumn: null,
  frame: null,
  text: 'the order of arrival',
};

interface TypedStage {
  /** Of its first call. */
  span: Span;
  partition: number[];
  order: LogicalOrder[];
  functions: OverSpec[];
}

function typeStage({ partition, order, calls }: Stage, inputs: OverInputs, scope: Scope): TypedStage {
  const distances = calls.flatMap(({ frame }) =>
    frame?.unit === 'RANGE' ? [frame.start.offset, frame.end.offset].filter((offset) => offset !== null) : [],
  );
  const [first] = order;
  const isMeasured = distances.length > 0 && first !== undefined && order.length === 1;
  const isWhole = distances.every((offset) => offset.kind === 'interval' || Number.isInteger(Number(offset.text)));
  const key = isMeasured ? measuredKey(first.column, isWhole ? BIGINT : DOUBLE, inputs) : null;
  const keys = key === null || first === undefined ? order : [{ ...first, column: key.column }];
  const functions = calls.map((call) => {
    const frame = (): FrameSpec => bindFrame(call.frame, key?.kind ?? null);
    return 'aggregate' in call ? typeAggregate(call, frame(), { inputs, scope }) : typeCall(call, frame, inputs);
  });
  return { span: (calls[0] as StageCall).span, partition, order: keys, functions };
}

/** The key that distances are added to, as a type in which that is exact. */
function measuredKey(
  column: number,
  number: DataType,
  inputs: OverInputs,
): { column: number; kind: 'time' | 'number' } | null {
  const bound = inputs.at(column);
  switch (bound.type.kind) {
    case 'TIMESTAMP':
    case 'DATE':
      return { column: inputs.indexOf(coerce(bound, TIMESTAMP)), kind: 'time' };
    case 'DOUBLE':
      return { column, kind: 'number' };
    default:
      return isInteger(bound.type) ? { column: inputs.indexOf(coerce(bound, number)), kind: 'number' } : null;
  }
}

/** An aggregate as GROUP BY computes it, its arguments among the inputs. */
function typeAggregate(
  { aggregate: call, text }: Extract<StageCall, { aggregate: unknown }>,
  frame: FrameSpec,
  { inputs, scope }: { inputs: OverInputs; scope: Scope },
): OverSpec {
  const placed = placeAggregate(bindAggregate(call, scope), {
    indexOf: (bound) => inputs.indexOf(bound),
    order: () => null,
  });
  const aggregate = { ...placed, text };
  const { result } = aggregate;
  return { function: 'aggregate', column: null, result, nth: 1, defaultColumn: null, frame, text, aggregate };
}

function typeCall(
  { call, argument, otherwise, text, span }: Exclude<StageCall, { aggregate: unknown }>,
  frame: () => FrameSpec,
  inputs: OverInputs,
): OverSpec {
  const bound = argument === null ? null : settle(inputs.at(argument));
  const typed = typeOverFunction(call, bound);
  const spec = {
    function: call.function,
    column: typed.argument === null ? null : inputs.indexOf(typed.argument),
    result: typed.result,
    nth: call.nth,
    defaultColumn: null,
    frame: call.ignoresFrame ? call.frame : frame(),
    text,
    ...(call.ignoresNulls ? { ignoresNulls: true as const } : {}),
  };
  if (otherwise === null || bound === null) return spec;
  const value = inputs.at(otherwise);
  if (!canCoerce(value, bound.type)) {
    throw new LaminarError(
      'LMN-2008',
      `the default of ${text} is a ${value.type.kind}, the value a ${bound.type.kind}`,
      {
        hint: 'write a CAST around the default',
        at: { span },
      },
    );
  }
  return { ...spec, defaultColumn: inputs.indexOf(coerce(value, bound.type)) };
}

function overNode(
  input: LogicalNode,
  stage: TypedStage & { ties: number | null; emit: OverNode['emit'] },
  { id, context }: { id: string; context: QueryContext },
): OverNode {
  const { partition, order, ties, functions } = stage;
  // Rows that may be taken back are in no order of time.
  const stays = changelogOfNode(input) === 'append';
  const windowed = stays ? windowTime(partition, input) : null;
  const ordered = stays && windowed === null ? orderTime(order, input) : null;
  const time = windowed ?? (ordered === null ? null : { ...ordered, column: (order[0] as LogicalOrder).column });
  const isWhole = windowed !== null || time === null;
  const waitsForAll = !isWhole && functions.some(needsPartition);
  const emit = time === null ? stage.emit : 'close';
  if ((time === null || waitsForAll) && emit === 'close') checkEnds(stage, input, context);
  const keys = time === null ? [] : [{ column: time.column, descending: false, nullsFirst: false }];
  const passed = input.columns.map((column, index) => ({ ...column, time: timeAfter(column, index, { keys, time }) }));
  const results = functions.map((spec): RelationColumn => {
    return { name: spec.text, type: spec.result, nullable: isNullable(spec, input), time: null, field: null };
  });
  return {
    kind: 'over',
    id,
    input,
    partition,
    order,
    ties,
    time,
    isWhole,
    keep: null,
    functions,
    emit,
    columns: [...passed, ...results],
  };
}

/** An event time that is part of the partition: its rows are all there once the watermark has passed it. */
function windowTime(partition: readonly number[], { columns }: LogicalNode): OverNode['time'] {
  const times = partition.flatMap((column) => {
    const { time, nullable } = columns[column] as RelationColumn;
    return time === null || nullable ? [] : [{ ...time, column }];
  });
  return times.find(({ aheadMicros }) => aheadMicros !== null) ?? times[0] ?? null;
}

function isNullable(spec: OverSpec, { columns }: LogicalNode): boolean {
  const { function: fn, column, frame, defaultColumn, aggregate } = spec;
  if (aggregate !== undefined) return aggregateDefinition(aggregate.function).empty === 'null';
  if (frame === null || fn === 'count' || fn === 'count_star' || fn === 'cume_dist') return false;
  const value = column === null ? true : (columns[column] as RelationColumn).nullable;
  if (value) return true;
  const hasDefault = defaultColumn !== null && !(columns[defaultColumn] as RelationColumn).nullable;
  return !hasDefault;
}

/** @throws LMN-2084 when results would come at the end of a source that has none; LMN-2062 when they are to change. */
function checkEnds({ functions, span }: TypedStage, input: LogicalNode, context: QueryContext): void {
  const { notices, id } = context;
  const names = functions.map(({ text }) => text).join(', ');
  refuseBeforeEnd(names, span, context);
  const endless = endlessSource(input);
  if (endless === null) return;
  if (isFinalNode(input)) {
    notices.push(`${id}: ${names} over ${endless}, which never ends: the result comes on Ctrl-C, or with --for`);
    return;
  }
  throw new LaminarError('LMN-2084', `${names} needs all rows, and ${endless} never ends`, {
    hint: `${timeHint(context.input)}, and end frames at the current row, or so many rows or so much time after it`,
    at: { span },
  });
}

/** Names are place-holders: columns of the query below, as what computes them. */
function argumentScope(parts: OverParts, inputs: OverInputs, { functions }: QueryContext): Scope {
  return {
    functions,
    place: 'an aggregate OVER',
    intercept: () => null,
    column: (path) => inputs.at(parts.placeOf(path[0]?.name ?? '', 0)),
  };
}

/** Names are place-holders: columns of the last node. */
function placeScope(parts: OverParts, node: LogicalNode, context: QueryContext): Scope {
  const resultCount = parts.stages.reduce((sum, { calls }) => sum + calls.length, 0);
  const firstResult = node.columns.length - resultCount - (parts.stages.length > 1 ? 1 : 0);
  return {
    functions: context.functions,
    place: 'the select list',
    intercept: () => null,
    column: (path, span) => {
      const index = parts.placeOf(path[0]?.name ?? '', firstResult);
      const { name, type, nullable } = node.columns[index] as RelationColumn;
      return { kind: 'column', index, name, type, nullable, span };
    },
  };
}
