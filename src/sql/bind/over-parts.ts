// Takes expressions with OVER apart: into columns of the query below, calls by the window they stand over, and what is
// left of the expression, in which place-holders stand for both.

import { LaminarError } from '../../base/errors.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { NamedWindow, Query, WindowFrame } from '../ast-query.ts';
import { printExpression } from '../print-expression.ts';
import { canonical } from './canonical.ts';
import type { LogicalOrder } from './logical.ts';
import { type Call, isFrameAggregate, type OverFunctionCall, overFunctionOf, refuseNulls } from './over-functions.ts';
import { type OverWindow, resolveWindow } from './over-windows.ts';
import type { SelectColumn } from './query.ts';

/** The calls over one window. Numbers are columns of the query below. */
export interface Stage {
  partition: number[];
  order: LogicalOrder[];
  calls: StageCall[];
}

export type StageCall = {
  frame: WindowFrame | null;
  /** As SQL, for EXPLAIN. */
  text: string;
  span: Span;
} & (PlacedCall | { aggregate: Call });

/** A function of OVER alone, or an aggregate that adds up row by row. */
export interface PlacedCall {
  call: OverFunctionCall;
  argument: number | null;
  /** LAG and LEAD: the value where there is no such row. */
  otherwise: number | null;
}

/** Whether a query has OVER or QUALIFY. */
export function hasOver(query: Query, columns: readonly SelectColumn[]): boolean {
  return query.qualify !== null || columns.some(({ expression }) => containsOver(expression));
}

function containsOver(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isOverCall(value) || Object.values(value).some(containsOver);
}

function isOverCall(value: object): value is Call {
  return 'kind' in value && value.kind === 'call' && (value as Call).over !== null;
}

/** Begins the names that stand for columns: no name in a text does. */
const MARK = '\u0000';

export class OverParts {
  /** Columns of the query below. */
  readonly below: SelectColumn[] = [];
  readonly stages: Stage[] = [];
  readonly #windows: readonly NamedWindow[];
  /** Numbers of stage and call, by the text of the call. */
  readonly #calls = new Map<string, { stage: number; call: number }>();

  constructor(windows: readonly NamedWindow[]) {
    this.#windows = windows;
  }

  /** The expression with place-holders. @throws LMN-20nn for calls that cannot be. */
  takeApart(expression: Expression): Expression {
    if (isOverCall(expression)) {
      const { stage, call } = this.#addCall(expression);
      return placeholder(`over ${stage} ${call}`, expression.span);
    }
    if (!containsOver(expression)) {
      return isConstant(expression) ? expression : placeholder(`below ${this.#indexOf(expression)}`, expression.span);
    }
    return this.#takeInside(expression) as Expression;
  }

  /** Column of the last node that a place-holder stands for; results begin at `firstResult`. */
  placeOf(name: string, firstResult: number): number {
    const [kind, first, second] = name.slice(MARK.length).split(' ');
    if (kind === 'below') return Number(first);
    const before = this.stages.slice(0, Number(first)).reduce((sum, { calls }) => sum + calls.length, 0);
    // Behind the calls of the first stage of several stands the arrival.
    return firstResult + before + (Number(first) > 0 ? 1 : 0) + Number(second);
  }

  #takeInside(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((child) => this.#takePart(child));
    const entries = Object.entries(value as object).map(([key, child]) => [key, this.#takePart(child)]);
    return Object.fromEntries(entries);
  }

  #takePart(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if ('kind' in value && 'span' in value) return this.takeApart(value as Expression);
    return containsExpression(value) ? this.#takeInside(value) : value;
  }

  #indexOf(expression: Expression): number {
    const text = canonical(expression);
    const same = this.below.findIndex((column) => canonical(column.expression) === text);
    return same >= 0 ? same : this.below.push({ name: nameOf(expression), expression }) - 1;
  }

  #addCall(call: Call): { stage: number; call: number } {
    const window = resolveWindow(call.over as NonNullable<Call['over']>, this.#windows);
    refuseNested(call, window);
    const text = canonicalOf({ ...call, over: window });
    const known = this.#calls.get(text);
    if (known !== undefined) return known;
    const stage = this.#stageOf(window);
    const made = isFrameAggregate(call, window.frame) ? this.#aggregate(call) : this.#placed(call);
    const shown = { frame: window.frame, text: printExpression({ ...call, over: null }), span: call.span };
    const place = { stage, call: (this.stages[stage] as Stage).calls.push({ ...shown, ...made }) - 1 };
    this.#calls.set(text, place);
    return place;
  }

  #placed(call: Call): PlacedCall {
    const made = overFunctionOf(call);
    return {
      call: made,
      argument: made.argument === null ? null : this.#indexOf(made.argument),
      otherwise: made.otherwise === null ? null : this.#indexOf(made.otherwise),
    };
  }

  /** The call of an aggregate over place-holders. */
  #aggregate(call: Call): { aggregate: Call } {
    const { filter, order } = call;
    refuseNulls(call);
    const items = order?.items.map((item) => ({ ...item, expression: this.takeApart(item.expression) }));
    return {
      aggregate: {
        ...call,
        over: null,
        arguments: call.arguments.map((argument) => this.takeApart(argument)),
        filter: filter === null ? null : this.takeApart(filter),
        order: order === null || items === undefined ? null : { ...order, items },
      },
    };
  }

  #stageOf({ partitionBy, orderBy }: OverWindow): number {
    const partition = [...new Set(partitionBy.map((expression) => this.#indexOf(expression)))];
    const order = orderBy.map(({ expression, descending, nullsFirst }): LogicalOrder => {
      return { column: this.#indexOf(expression), descending, nullsFirst: nullsFirst ?? false };
    });
    const key = JSON.stringify([partition, order]);
    const same = this.stages.findIndex((stage) => JSON.stringify([stage.partition, stage.order]) === key);
    return same >= 0 ? same : this.stages.push({ partition, order, calls: [] }) - 1;
  }
}

/** As EXPLAIN shows it. */
function nameOf(expression: Expression): string {
  return expression.kind === 'column' ? (expression.path.at(-1)?.name ?? '') : printExpression(expression);
}

function placeholder(place: string, span: Span): Expression {
  return { kind: 'column', path: [{ name: `${MARK}${place}`, quoted: true, span }], span };
}

/** Literals stay where they are, so that they take the type that their place asks for. */
function isConstant({ kind }: Expression): boolean {
  return ['number', 'string', 'boolean', 'null', 'interval', 'typed-literal'].includes(kind);
}

/** Whether a part of a node holds nodes: the branches of a CASE, but not a span. */
function containsExpression(value: object): boolean {
  return Object.values(value).some((child) => typeof child === 'object' && child !== null && 'kind' in child);
}

/** The text that equal calls share. */
function canonicalOf(call: Omit<Call, 'over'> & { over: OverWindow }): string {
  return canonical({ ...call, over: { ...call.over, base: null } });
}

/** @throws LMN-2083 */
function refuseNested(call: Call, { partitionBy, orderBy }: OverWindow): void {
  const inside = [call.arguments, call.filter, partitionBy, orderBy];
  if (!inside.some(containsOver)) return;
  throw new LaminarError('LMN-2083', 'OVER cannot stand inside of OVER', {
    hint: 'give the inner one a name in a stream of its own, and read from that',
    at: { span: call.span },
  });
}
