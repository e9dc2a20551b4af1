// Functions that stand before OVER: which there are, what they take, and what they give.

import { LaminarError } from '../../base/errors.ts';
import { LAG_VALUES_MAX } from '../../base/limits.ts';
import { nearestName } from '../../base/names.ts';
import { BIGINT, type DataType, DOUBLE, INTEGER, isInteger, typeName } from '../../data/type.ts';
import { aggregateDefinition, aggregateNamed } from '../../plan/aggregates/registry.ts';
import type { FrameBoundSpec, FrameSpec, OverFunction } from '../../plan/ordered-nodes.ts';
import type { Expression } from '../ast-expression.ts';
import type { WindowFrame } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { coerce } from './coerce.ts';
import { DEFAULT_FRAME } from './over-windows.ts';

export type Call = Extract<Expression, { kind: 'call' }>;

interface FunctionForm {
  function: OverFunction;
  /** As in messages. */
  form: string;
  counts: readonly number[];
  /** It goes by the order alone: a frame changes nothing. */
  ignoresFrame?: true;
  isAggregate?: true;
  /** Its argument is BOOLEAN. */
  isCondition?: true;
}

const FUNCTIONS: Readonly<Record<string, FunctionForm>> = {
  row_number: { function: 'row_number', form: 'ROW_NUMBER()', counts: [0], ignoresFrame: true },
  rank: { function: 'rank', form: 'RANK()', counts: [0], ignoresFrame: true },
  dense_rank: { function: 'dense_rank', form: 'DENSE_RANK()', counts: [0], ignoresFrame: true },
  percent_rank: { function: 'percent_rank', form: 'PERCENT_RANK()', counts: [0], ignoresFrame: true },
  cume_dist: { function: 'cume_dist', form: 'CUME_DIST()', counts: [0], ignoresFrame: true },
  ntile: { function: 'ntile', form: 'NTILE(parts)', counts: [1], ignoresFrame: true },
  lag: { function: 'nth_value', form: 'LAG(x [, rows [, default]])', counts: [1, 2, 3], ignoresFrame: true },
  lead: { function: 'nth_value', form: 'LEAD(x [, rows [, default]])', counts: [1, 2, 3], ignoresFrame: true },
  first_value: { function: 'nth_value', form: 'FIRST_VALUE(x)', counts: [1] },
  first: { function: 'nth_value', form: 'FIRST(x)', counts: [1] },
  last_value: { function: 'last_value', form: 'LAST_VALUE(x)', counts: [1] },
  last: { function: 'last_value', form: 'LAST(x)', counts: [1] },
  nth_value: { function: 'nth_value', form: 'NTH_VALUE(x, n)', counts: [2] },
  count: { function: 'count', form: 'COUNT(*) or COUNT(x)', counts: [0, 1], isAggregate: true },
  sum: { function: 'sum', form: 'SUM(x)', counts: [1], isAggregate: true },
  avg: { function: 'avg', form: 'AVG(x)', counts: [1], isAggregate: true },
  mean: { function: 'avg', form: 'MEAN(x)', counts: [1], isAggregate: true },
  bool_and: { function: 'min', form: 'BOOL_AND(condition)', counts: [1], isAggregate: true, isCondition: true },
  bool_or: { function: 'max', form: 'BOOL_OR(condition)', counts: [1], isAggregate: true, isCondition: true },
  min: { function: 'min', form: 'MIN(x)', counts: [1], isAggregate: true },
  max: { function: 'max', form: 'MAX(x)', counts: [1], isAggregate: true },
};

/** Whether a function of this name stands before OVER. */
export function isOverFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name.toLowerCase());
}

/** Functions that show the value of a row: they may leave out those where it is NULL. */
const PLACED: ReadonlySet<string> = new Set('first_value first last_value last nth_value lag lead'.split(' '));

/**
 * Whether a call is computed as GROUP BY does it, over the rows of its frame: what adds up row by row is left out, but
 * for frames with holes and DISTINCT.
 */
export function isFrameAggregate(call: Call, frame: WindowFrame | null): boolean {
  const name = call.name.name.toLowerCase();
  if (aggregateNamed(name) === undefined) return false;
  const form = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (form === undefined) return true;
  return form.isAggregate === true && (call.distinct || frame?.exclude !== undefined);
}

/** A call with its constants evaluated. */
export interface OverFunctionCall {
  function: OverFunction;
  /** In lower case. */
  name: string;
  argument: Expression | null;
  /** LAG and LEAD: the value where there is no such row. */
  otherwise: Expression | null;
  nth: number;
  /** LAG and LEAD: the frame of one row that they are; CUME_DIST: up to the row and its equals. */
  frame: FrameSpec | null;
  ignoresFrame: boolean;
  ignoresNulls: boolean;
  /** Its argument must be BOOLEAN. */
  isCondition: boolean;
}

/** @throws LMN-2006, LMN-2007, LMN-2011 */
export function overFunctionOf(call: Call): OverFunctionCall {
  const name = call.name.name.toLowerCase();
  const form = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  const at = { span: call.span };
  if (form === undefined) throw unknownFunction(call);
  refuseNulls(call);
  const isAggregate = form.isAggregate === true;
  const counted = call.star ? 0 : call.arguments.length;
  const fits = form.counts.includes(counted) && (!call.star || name === 'count');
  if (!fits || call.distinct || call.order !== null || (call.filter !== null && !isAggregate)) {
    throw new LaminarError('LMN-2007', `${call.name.name.toUpperCase()} OVER is called with wrong arguments`, {
      hint: `it is ${form.form} OVER (…)`,
      at,
    });
  }
  const argument = isAggregate ? filtered(call) : name === 'ntile' ? null : (call.arguments[0] ?? null);
  const isStar = form.function === 'count' && argument === null;
  const made = {
    function: isStar ? 'count_star' : form.function,
    name,
    argument,
    otherwise: name === 'lag' || name === 'lead' ? (call.arguments[2] ?? null) : null,
    nth: name === 'nth_value' ? wholeArgument(call, 1, 1) : name === 'ntile' ? wholeArgument(call, 0, 1) : 1,
    frame: name === 'lag' || name === 'lead' ? shifted(call, name) : name === 'cume_dist' ? DEFAULT_FRAME : null,
    ignoresFrame: form.ignoresFrame === true,
    ignoresNulls: call.ignoreNulls === true,
    isCondition: form.isCondition === true,
  };
  return made.ignoresNulls && made.frame !== null ? { ...made, ...passingNulls(call, name) } : made;
}

/** @throws LMN-2007 */
export function refuseNulls(call: Call): void {
  const name = call.name.name.toLowerCase();
  if (call.ignoreNulls !== true || PLACED.has(name)) return;
  throw new LaminarError('LMN-2007', `${call.name.name.toUpperCase()} OVER takes no IGNORE NULLS`, {
    hint: aggregateNamed(name) === undefined ? 'leave it out' : 'leave it out: aggregates leave NULL out',
    at: { span: call.span },
  });
}

/** LAG and LEAD with IGNORE NULLS: the n-th value from the end of all rows before, or of all behind. */
function passingNulls(call: Call, name: string): Pick<OverFunctionCall, 'function' | 'nth' | 'frame' | 'ignoresNulls'> {
  const given = call.arguments.length < 2 ? 1 : wholeArgument(call, 1, Number.MIN_SAFE_INTEGER);
  const rows = name === 'lag' ? -given : given;
  const edge: FrameBoundSpec = { kind: 'unbounded', offset: 0 };
  if (rows === 0) return { function: 'nth_value', nth: 1, frame: shifted(call, 'lag'), ignoresNulls: false };
  if (Math.abs(rows) > LAG_VALUES_MAX) {
    throw new LaminarError('LMN-2007', `IGNORE NULLS counts ${LAG_VALUES_MAX} values at most`, {
      at: { span: call.span },
    });
  }
  const frame: FrameSpec =
    rows < 0
      ? { unit: 'rows', start: edge, end: { kind: 'preceding', offset: 1 } }
      : { unit: 'rows', start: { kind: 'following', offset: 1 }, end: edge };
  return { function: rows < 0 ? 'last_value' : 'nth_value', nth: Math.abs(rows), frame, ignoresNulls: true };
}

/** `f(x) FILTER (WHERE c)` is `f(CASE WHEN c THEN x END)`, because aggregates leave NULL out; of COUNT(*), x is TRUE. */
function filtered(call: Call): Expression | null {
  const argument: Expression | undefined = call.arguments[0];
  const { filter, span } = call;
  if (filter === null) return argument ?? null;
  const then: Expression = argument ?? { kind: 'boolean', value: true, span };
  return { kind: 'case', operand: null, branches: [{ when: filter, then }], otherwise: null, span };
}

/** The one row that LAG or LEAD looks at. */
function shifted(call: Call, name: 'lag' | 'lead'): FrameSpec {
  const given = call.arguments.length < 2 ? 1 : wholeArgument(call, 1, Number.MIN_SAFE_INTEGER);
  const rows = name === 'lag' ? -given : given;
  const bound = {
    kind: rows === 0 ? ('current' as const) : rows < 0 ? ('preceding' as const) : ('following' as const),
    offset: Math.abs(rows),
  };
  return { unit: 'rows', start: bound, end: bound };
}

/** @throws LMN-2007 for anything but a whole number as written, `least` or more. */
function wholeArgument(call: Call, index: number, least: number): number {
  const written = call.arguments[index] as Expression;
  const isNegative = written.kind === 'unary' && written.operator === '-';
  const number = isNegative ? written.operand : written;
  const value = number.kind === 'number' ? Number(number.text) * (isNegative ? -1 : 1) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= least && Math.abs(value) < 2 ** 31) return value;
  throw new LaminarError('LMN-2007', `${call.name.name.toUpperCase()} takes a whole number of rows as written`, {
    at: { span: written.span },
  });
}

function unknownFunction(call: Call): LaminarError {
  const nearest = nearestName(call.name.name, Object.keys(FUNCTIONS));
  return new LaminarError('LMN-2006', `there is no function ${call.name.name} OVER (…)`, {
    hint:
      nearest === undefined
        ? `there is ${Object.keys(FUNCTIONS).join(', ')}, and every aggregate`
        : `did you mean ${nearest}?`,
    at: { span: call.name.span },
  });
}

/** The argument as the function takes it, and what the function gives. @throws LMN-2024 */
export function typeOverFunction(
  { function: fn, name, isCondition }: OverFunctionCall,
  argument: BoundExpression | null,
): { argument: BoundExpression | null; result: DataType } {
  if (isCondition && argument !== null && argument.type.kind !== 'BOOLEAN') {
    throw new LaminarError(
      'LMN-2024',
      `${name.toUpperCase()} OVER needs a condition, this is ${typeName(argument.type)}`,
      {
        hint: 'compare it, for example with <> 0',
        at: { span: argument.span },
      },
    );
  }
  if (fn === 'percent_rank' || fn === 'cume_dist') return { argument, result: DOUBLE };
  if (argument === null || fn === 'count') return { argument, result: BIGINT };
  if (fn !== 'sum' && fn !== 'avg') return { argument, result: argument.type };
  const { type } = argument;
  if (type.kind === 'DOUBLE') return { argument, result: DOUBLE };
  if (type.kind === 'DECIMAL') {
    return fn === 'avg'
      ? { argument: coerce(argument, DOUBLE), result: DOUBLE }
      : { argument, result: aggregateDefinition('sum').result(type) };
  }
  if (type.kind !== 'BOOLEAN' && !isInteger(type)) {
    throw new LaminarError('LMN-2024', `${fn.toUpperCase()} OVER needs a number, this is ${typeName(type)}`, {
      hint: 'write CAST(… AS DOUBLE) or CAST(… AS BIGINT)',
      at: { span: argument.span },
    });
  }
  const number = type.kind === 'BOOLEAN' ? coerce(argument, INTEGER) : argument;
  return { argument: number, result: fn === 'avg' ? DOUBLE : BIGINT };
}
