// The window of a GROUP BY: its time, what is known of its watermark, and the columns it makes.

import { LaminarError } from '../../base/errors.ts';
import { TIMESTAMP, typeName } from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { expressionText } from '../expression-text.ts';
import { canonical } from './canonical.ts';
import { isClock } from './clock.ts';
import { coerce } from './coerce.ts';
import { bindExpression } from './expressions.ts';
import { type GroupInputs, shapeOf } from './grouping-inputs.ts';
import { inputsOf, type LogicalNode, type LogicalWindow, type RelationColumn } from './logical.ts';
import { allowedLateness, inputScope, type QueryContext } from './query.ts';
import type { Relation } from './scope.ts';
import { edgeCall, WINDOW_COLUMNS, type WindowEdge, type WrittenWindow, windowKindOf, windowOf } from './windows.ts';

type Call = Extract<Expression, { kind: 'call' }>;

interface WindowParts {
  relation: Relation;
  context: QueryContext;
  /** The query's WHERE: a time it excludes NULL from may be nullable. */
  filter: BoundExpression | null;
  inputs: GroupInputs;
}

/** @throws LMN-2035 for a time that is none, LMN-2030 when no window would ever close. */
export function bindWindow(window: WrittenWindow, { relation, context, filter, inputs }: WindowParts): LogicalWindow {
  const bound = bindExpression(window.time, inputScope(relation, context, 'a window'));
  const { span } = window.time;
  if (bound.type.kind !== 'TIMESTAMP' && bound.type.kind !== 'DATE') {
    throw new LaminarError('LMN-2035', `a window needs a TIMESTAMP, this is ${typeName(bound.type)}`, {
      hint: 'declare the column as TIMESTAMP; numbers are read as epochs (timestamp_unit)',
      at: { span },
    });
  }
  const column = bound.kind === 'column' ? (relation.columns[bound.index] as RelationColumn) : null;
  if (bound.nullable && !excludesNull(filter, bound)) requireTime(column, span);
  const known = column?.time ?? null;
  const byClock = bound.kind === 'column' ? column?.isClock === true : isClock(bound);
  if (known === null && !byClock) noticeNoWatermark(window, expressionText(bound), { relation, context });
  return {
    kind: window.kind,
    sizeMicros: window.sizeMicros,
    slideMicros: window.slideMicros,
    offsetMicros: window.offsetMicros,
    column: inputs.indexOf(coerce(bound, TIMESTAMP)),
    latenessMicros: allowedLateness(context.lateness),
    perRow: known?.perRow ?? false,
    closesAtEnd: known === null && !byClock,
    byClock,
  };
}

/** Columns of the input that are the edges of a window, and which of them its watermark speaks about. */
export interface InputWindow {
  start: BoundExpression;
  end: BoundExpression;
  closesBy: 'start' | 'end';
}

/**
 * `GROUP BY window_start, window_end` over a stream of windows: both are keys, of one window, and a watermark speaks
 * about them. null: they are keys like others, or no keys.
 */
export function inputWindow(
  keys: readonly BoundExpression[],
  { relation }: Pick<WindowParts, 'relation'>,
): InputWindow | null {
  const columnOf = (key: BoundExpression) => (key.kind === 'column' ? relation.columns[key.index] : undefined);
  for (const end of keys) {
    const edge = columnOf(end)?.edge;
    if (edge?.of !== 'end' || columnOf(end)?.time === null) continue;
    const start = keys.find((key) => {
      const other = columnOf(key)?.edge;
      return other?.of === 'start' && other.aggregation === edge.aggregation;
    });
    if (start !== undefined) return { start, end, closesBy: columnOf(start)?.time === null ? 'end' : 'start' };
  }
  return null;
}

/** The window of a GROUP BY over a window of the input. */
export function inheritWindow(
  { start, end, closesBy }: InputWindow,
  { context, inputs }: Pick<WindowParts, 'context' | 'inputs'>,
): LogicalWindow {
  return {
    kind: 'inherited',
    sizeMicros: 0,
    slideMicros: 0,
    offsetMicros: 0,
    inherited: { endColumn: inputs.indexOf(end), closesBy },
    column: inputs.indexOf(start),
    latenessMicros: allowedLateness(context.lateness),
    perRow: false,
    closesAtEnd: false,
    byClock: false,
  };
}

function noticeNoWatermark(
  window: WrittenWindow,
  time: string,
  { relation, context }: Pick<WindowParts, 'relation' | 'context'>,
): void {
  const { id, input, notices } = context;
  const other = relation.columns.find((column) => column.time !== null)?.name;
  const hint =
    other === undefined
      ? `declare one in the source: WATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND`
      : `the event time of ${relation.name} is ${other}`;
  const endless = endlessSource(input);
  if (endless !== null) {
    throw new LaminarError(
      'LMN-2030',
      `no watermark speaks about ${time}, and ${endless} never ends: no window would close`,
      { hint, at: { span: window.time.span } },
    );
  }
  notices.push(`${id}: no watermark speaks about ${time}, so its windows come out when the input ends; ${hint}`);
}

/** Name of a source below that never ends, null when all do. */
export function endlessSource(node: LogicalNode): string | null {
  if (node.kind === 'scan') return node.source.endless ? `source ${node.source.name}` : null;
  if (node.kind === 'limit' && node.limit !== null) return null;
  return (
    inputsOf(node)
      .map(endlessSource)
      .find((source) => source !== null) ?? null
  );
}

/** Whether a filter keeps only rows in which the column has a value. */
function excludesNull(filter: BoundExpression | null, column: BoundExpression): boolean {
  const conditions = filter?.kind === 'and' ? filter.operands : filter === null ? [] : [filter];
  return conditions.some(
    (c) => c.kind === 'is-null' && c.negated && c.operand.kind === 'column' && shapeOf(c.operand) === shapeOf(column),
  );
}

/** A row without an event time belongs to no window: the source must refuse it as a bad record. @throws LMN-2035 */
function requireTime(column: RelationColumn | null, span: Span): void {
  const field = column?.field?.source.fields[column.field.index];
  if (field !== undefined) {
    field.notNull = true;
    return;
  }
  throw new LaminarError('LMN-2035', 'the time of a window cannot be NULL, and this may be', {
    hint: 'use a column of a source (a record without it is then a bad record), or COALESCE',
    at: { span },
  });
}

/** A stream of windows has event time, under whose watermark none of its rows is late. */
export function edgeTime(window: LogicalWindow | null, edge: WindowEdge): RelationColumn['time'] {
  if (window === null || window.closesAtEnd) return null;
  // Late rows may stretch an open session to any earlier start: nothing can be promised of that.
  if (window.kind === 'session')
    return edge === 'start' ? null : { perRow: false, aheadMicros: edge === 'end' ? 1 : 0 };
  if (window.inherited !== undefined) {
    if (edge === 'start') return window.inherited.closesBy === 'start' ? { perRow: false } : null;
    return { perRow: false, aheadMicros: edge === 'end' ? 1 : 0 };
  }
  if (edge === 'start') return { perRow: false };
  // Of windows that share their start the first is one step long.
  const shortest = window.kind === 'cumulate' ? window.slideMicros : window.sizeMicros;
  return { perRow: false, aheadMicros: edge === 'end' ? shortest : shortest - 1 };
}

/** Which edge of a window an expression names, null for none: `window_start`, `TUMBLE_END(…)`. @throws LMN-2034 */
export function edgeOf(expression: Expression, window: WrittenWindow | null): WindowEdge | null {
  const call = edgeCall(expression);
  if (call !== null) {
    if (window !== null) checkEdgeCall(call.call, call.window, window);
    return call.edge;
  }
  if (expression.kind !== 'column' || expression.path.length !== 1) return null;
  return WINDOW_COLUMNS[(expression.path[0] as Identifier).name.toLowerCase()] ?? null;
}

/** `TUMBLE_START(ts, size)` must repeat the window of the GROUP BY; `TUMBLE_START()` is enough. */
function checkEdgeCall(call: Call, name: string, window: WrittenWindow): void {
  const isSameKind = windowKindOf(name) === window.kind;
  if (isSameKind && call.arguments.length === 0) return;
  const same = isSameKind ? windowOf({ ...call, name: { ...call.name, name } }) : null;
  if (
    same !== null &&
    same.sizeMicros === window.sizeMicros &&
    same.slideMicros === window.slideMicros &&
    same.offsetMicros === window.offsetMicros &&
    canonical(same.time) === canonical(window.time)
  ) {
    return;
  }
  throw new LaminarError('LMN-2034', `${call.name.name.toUpperCase()} is of another window than the GROUP BY`, {
    hint: 'write window_start and window_end instead',
    at: { span: call.span },
  });
}
