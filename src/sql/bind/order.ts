// ORDER BY, LIMIT and OFFSET: the columns that order the result, and when its rows can come out.
//
//   the query, its select list with what ORDER BY needs beyond it ─► sort ─► project: the select list
//
// The last is left out where ORDER BY needs no more. Names of ORDER BY are columns of the select list first, then of
// what the query reads. If the first key is event time, ascending, rows come out as the watermark passes them;
// otherwise when the input ends, which an endless source must not be waited for.

import { LaminarError } from '../../base/errors.ts';
import type { Span } from '../ast.ts';
import type { Expression, NumberLiteral, SortItem } from '../ast-expression.ts';
import type { LimitClause, Query } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { canonical } from './canonical.ts';
import { changelogOfNode } from './changes.ts';
import { endlessSource } from './grouping-window.ts';
import type { LimitNode, LogicalNode, LogicalOrder, ProjectNode, RelationColumn, SortNode } from './logical.ts';
import { inputsOf } from './logical.ts';
import type { QueryContext, SelectColumn } from './query.ts';

/** What ORDER BY asks of the select list. */
export interface BoundOrder {
  /** The select list, and behind it what is only ordered by. */
  columns: SelectColumn[];
  /** How many those are. */
  hiddenCount: number;
  keys: LogicalOrder[];
}

/** Rows that LIMIT and OFFSET may name: a counter of 32 bits holds both. */
const ROWS_MAX = 2 ** 31;

/** Finds the columns that a query is ordered by. @throws LMN-2080 for an ordinal that is none. */
export function bindOrder(query: Query, columns: readonly SelectColumn[]): BoundOrder {
  const all = [...columns];
  const keys = query.orderBy.map((item): LogicalOrder => {
    const column = columnOf(item.expression, columns);
    const { descending, nullsFirst } = item;
    const key = { descending, nullsFirst: nullsFirst ?? false };
    if (typeof column === 'number') return { ...key, column };
    const same = all.findIndex(({ expression }) => canonical(expression) === canonical(column));
    if (same >= 0) return { ...key, column: same };
    return { ...key, column: all.push({ name: '', expression: column }) - 1 };
  });
  return { columns: all, hiddenCount: all.length - columns.length, keys };
}

/** The column of the select list that an item names, or the expression that it is. */
function columnOf(expression: Expression, columns: readonly SelectColumn[]): number | Expression {
  if (expression.kind === 'number') {
    const index = /^\d+$/.test(expression.text) ? Number(expression.text) - 1 : -1;
    if (columns[index] !== undefined) return index;
    throw new LaminarError('LMN-2080', `ORDER BY ${expression.text}: the select list has no such column`, {
      hint: `it has ${columns.length}; name a column, or write its position`,
      at: { span: expression.span },
    });
  }
  const named = aliasAt(expression, columns);
  return named >= 0 ? named : withAliases(expression, columns);
}

/** What an item of ORDER BY, or the like, orders by: positions and names of the select list in full. */
export function orderedExpression(expression: Expression, columns: readonly SelectColumn[]): Expression {
  const column = columnOf(expression, columns);
  return typeof column === 'number' ? (columns[column] as SelectColumn).expression : column;
}

function aliasAt(expression: Expression, columns: readonly SelectColumn[]): number {
  if (expression.kind !== 'column' || expression.path.length !== 1) return -1;
  const name = expression.path[0]?.name.toLowerCase();
  return columns.findIndex((column) => column.name.toLowerCase() === name);
}

/** The expression with the names of the select list replaced by what they stand for. */
export function withAliases(expression: Expression, columns: readonly SelectColumn[]): Expression {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null) return value;
    const at = 'kind' in value ? aliasAt(value as Expression, columns) : -1;
    if (at >= 0) return columns[at]?.expression;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, replace(child)]));
  };
  return replace(expression) as Expression;
}

/** The query's rows in order, the first of them if there is a LIMIT. `node`: the query with the columns of `order`. */
export function sortQuery(node: ProjectNode, query: Query, order: BoundOrder, context: QueryContext): LogicalNode {
  const { id } = context;
  const { keys, hiddenCount } = order;
  const isWhole = hiddenCount === 0;
  const shownCount = node.columns.length - hiddenCount;
  const columns = node.columns.map((column, index) =>
    index < shownCount ? column : { ...column, name: expressionText(node.outputs[index] as BoundExpression) },
  );
  const limit = query.limit === null ? { limit: null, offset: 0 } : limitOf(query.limit);
  // Rows that may be taken back are in no order of time.
  const time = changelogOfNode(node) === 'append' ? orderTime(keys, node) : null;
  const emit = time === null ? orderEmit(query, node, context) : 'close';
  if (time === null && emit !== 'update') checkEnds(query, node, context);
  const sort: SortNode = {
    kind: 'sort',
    id: isWhole ? id : `${id}.sort`,
    input: { ...node, id: `${id}.select`, columns },
    columns: columns.map((column, index) => ({ ...column, time: timeAfter(column, index, { keys, time }) })),
    order: keys,
    time,
    emit,
    ...limit,
  };
  if (isWhole) return sort;
  const shown = sort.columns.slice(0, shownCount);
  return { kind: 'project', id, input: sort, filter: null, outputs: shown.map(columnAt), columns: shown };
}

const CHANGING: ReadonlySet<string> = new Set(['on-update', 'changes', 'every', 'on-watermark']);

/** Whether a query says that its results come out as they change. */
export function asksForChanges({ emit }: QueryContext): boolean {
  return emit !== null && CHANGING.has(emit.mode);
}

/** When rows come out that are in no order of time. @throws LMN-2062 for all rows as they change: they have no order. */
function orderEmit({ limit, orderBy }: Query, node: LogicalNode, { emit }: QueryContext): SortNode['emit'] {
  const isFirst = limit !== null && limit.count !== null;
  if (emit === null) return isFirst ? 'default' : 'close';
  if (!CHANGING.has(emit.mode)) return 'close';
  const isChanging = changelogOfNode(node) !== 'append';
  if (isFirst) return isChanging || emit.mode !== 'on-watermark' ? 'update' : 'close';
  if (!isChanging && emit.mode === 'on-watermark') return 'close';
  const reason = isChanging
    ? 'ORDER BY takes only rows that stay, and this EMIT corrects them'
    : 'all rows in their order come out once, and this EMIT gives rows as they come';
  throw new LaminarError('LMN-2062', reason, {
    hint: 'add LIMIT n for the first rows as they change, or write EMIT FINAL, or leave EMIT out',
    at: { span: (orderBy[0] as SortItem).span },
  });
}

/** The rows that changes add up to, once, when the input ends. */
export function finalTable(node: LogicalNode): SortNode {
  const input = { ...node, id: `${node.id}.changes` };
  const columns = node.columns.map((column) => ({ ...column, time: null }));
  return { kind: 'sort', id: node.id, input, columns, order: [], time: null, emit: 'close', limit: null, offset: 0 };
}

/** LIMIT and OFFSET without an order: rows as they come. */
export function limitRows(node: ProjectNode, clause: LimitClause, context: QueryContext): LimitNode | SortNode {
  const { id, emit } = context;
  const { columns } = node;
  if (changelogOfNode(node) !== 'append') {
    // Of rows that may be taken back those that came first: the next ones take the places of those that go.
    const rows = { kind: 'sort' as const, id, input: { ...node, id: `${id}.select` }, order: [], time: null };
    const when = emit === null ? 'default' : CHANGING.has(emit.mode) ? 'update' : 'close';
    return { ...rows, columns: columns.map((column) => ({ ...column, time: null })), emit: when, ...limitOf(clause) };
  }
  return { kind: 'limit', id, input: { ...node, id: `${id}.select` }, columns, ...limitOf(clause) };
}

/** A column as an expression over the node that has it. */
export function columnAt({ name, type, nullable }: RelationColumn, index: number): BoundExpression {
  return { kind: 'column', index, name, type, nullable, span: { start: 0, end: 0 } };
}

/** Event time of an order, if its first key is that, ascending. */
export function orderTime(keys: readonly LogicalOrder[], { columns }: LogicalNode): RelationColumn['time'] {
  const [first] = keys;
  if (first === undefined || first.descending) return null;
  const { time, nullable } = columns[first.column] as RelationColumn;
  return nullable ? null : time;
}

/** What is known of a column as event time once rows were kept until the watermark passed the first key. */
export function timeAfter(
  column: RelationColumn,
  index: number,
  { keys, time }: Pick<SortNode, 'time'> & { keys: readonly LogicalOrder[] },
): RelationColumn['time'] {
  if (time === null || column.time === null) return null;
  const isFirst = keys[0]?.column === index;
  if (!isFirst && time.aheadMicros === null) return null;
  return { ...column.time, perRow: false };
}

function limitOf({ count, offset }: LimitClause): { limit: number | null; offset: number } {
  return { limit: count === null ? null : rowsOf(count), offset: offset === null ? 0 : rowsOf(offset) };
}

/** A number of rows as written. @throws LMN-2081 */
export function rowsOf({ text, span }: NumberLiteral): number {
  const rows = Number(text);
  if (/^\d+$/.test(text) && rows < ROWS_MAX) return rows;
  throw new LaminarError('LMN-2081', `${text} is no number of rows`, {
    hint: 'LIMIT and OFFSET take whole numbers',
    at: { span },
  });
}

/**
 * Refuses corrections by the query's own EMIT; for those that it reads refuseChanges knows who makes them.
 * @throws LMN-2062 when rows that were given out would be corrected.
 */
export function refuseCorrections(
  clause: string,
  span: Span,
  query: { node: LogicalNode; context: QueryContext },
): void {
  if (changelogOfNode(query.node) === 'append' || changelogOfNode(query.context.input) !== 'append') return;
  throw new LaminarError('LMN-2062', `${clause} takes only rows that stay, and this EMIT corrects them`, {
    hint: 'write EMIT FINAL, or leave EMIT out',
    at: { span },
  });
}

/** @throws LMN-2062 where what is known at the end of the input is wanted as it changes. */
export function refuseBeforeEnd(names: string, span: Span, { emit }: QueryContext): void {
  if (emit?.mode !== 'changes' && emit?.mode !== 'on-update') return;
  throw new LaminarError('LMN-2062', `${names} needs all rows, and this EMIT gives results as they change`, {
    hint: 'order by event time, or write EMIT FINAL, or leave EMIT out; only ROW_NUMBER, RANK and DENSE_RANK change with the rows',
    at: { span },
  });
}

/** @throws LMN-2082 when the order would be known only at the end of a source that has none. */
function checkEnds(query: Query, node: LogicalNode, { input }: QueryContext): void {
  const endless = endlessSource(node);
  if (endless === null || isFinal(node)) return;
  const span: Span = (query.orderBy[0] as SortItem).span;
  if (query.limit !== null && query.limit.count !== null) return;
  const timed = node.columns.some(({ time }) => time !== null) ? node : hasWindow(node) ? null : input;
  throw new LaminarError('LMN-2082', `the order of all rows is known when the input ends, and ${endless} never ends`, {
    hint: `${timeHint(timed)}, or add LIMIT n for the first rows of all when the run is stopped`,
    at: { span },
  });
}

/** What to do where an order has no event time. null: there are windows. */
export function timeHint(node: LogicalNode | null): string {
  const time = node === null ? { name: 'window_end' } : node.columns.find((column) => column.time !== null);
  if (time !== undefined) return `order by event time first: ORDER BY ${time.name}, …`;
  return 'order by an event time, which a source declares: WATERMARK FOR ts AS ts - INTERVAL …';
}

/** Whether a query gives windows, whose edges are event times even where it does not select them. */
function hasWindow(node: LogicalNode): boolean {
  if (node.kind === 'aggregation') return node.window !== null;
  return node.kind === 'project' && hasWindow(node.input);
}

/** Whether the rows of a node come at the end of its input in any case. */
export function isFinal(node: LogicalNode): boolean {
  if (node.kind === 'scan') return false;
  if (node.kind === 'aggregation' && node.window === null) return true;
  if (node.kind === 'sort' && node.time === null) return node.emit !== 'update';
  if (node.kind === 'over' && node.time === null) return node.emit !== 'update';
  return inputsOf(node).every(isFinal);
}
