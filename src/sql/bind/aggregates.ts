// Aggregate functions: which there are, what they take and what they return.

import { LaminarError } from '../../base/errors.ts';
import { BIGINT, type DataType, DOUBLE, INTEGER, isInteger, typeName } from '../../data/type.ts';
import type { AggregateFunction } from '../../plan/physical-plan.ts';
import type { Expression } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { coerce, settle } from './coerce.ts';

type Call = Extract<Expression, { kind: 'call' }>;

const AGGREGATES: Readonly<Record<string, Exclude<AggregateFunction, 'count_star'>>> = {
  count: 'count',
  sum: 'sum',
  avg: 'avg',
  mean: 'avg',
  min: 'min',
  max: 'max',
  first_value: 'first_value',
  first: 'first_value',
  last_value: 'last_value',
  last: 'last_value',
};

export const AGGREGATE_NAMES: readonly string[] = Object.keys(AGGREGATES);

export function isAggregateCall(expression: Expression): expression is Call {
  return (
    expression.kind === 'call' &&
    expression.over === null &&
    Object.hasOwn(AGGREGATES, expression.name.name.toLowerCase())
  );
}

/** The function a call names, arguments counted. @throws LMN-2007, LMN-2011. */
export function aggregateOf(call: Call): AggregateFunction {
  const name = call.name.name.toLowerCase();
  const written = call.name.name.toUpperCase();
  const at = { span: call.span };
  const aggregate = AGGREGATES[name] as AggregateFunction;
  if (call.distinct) {
    throw new LaminarError('LMN-2011', `${written}(DISTINCT …) is not supported yet`, {
      hint: 'group by the value in a stream of its own, and aggregate that stream',
      at,
    });
  }
  if (call.order !== null) {
    const form = call.order.within ? `${written}(…) WITHIN GROUP (…)` : `${written}(… ORDER BY …)`;
    throw new LaminarError('LMN-2011', `${form} is not supported yet`, { at: { span: call.order.span } });
  }
  if (aggregate === 'count' && call.star) return 'count_star';
  if (aggregate === 'count' && call.arguments.length === 0) return 'count_star';
  if (call.star || call.arguments.length !== 1) {
    const given = call.star ? '*' : String(call.arguments.length);
    throw new LaminarError('LMN-2007', `${written} takes one argument, ${given} given`, { at });
  }
  return aggregate;
}

/**
 * `agg(x) FILTER (WHERE c)` is `agg(CASE WHEN c THEN x END)`, because aggregates skip NULL; for COUNT(*), x is TRUE.
 * @returns the argument to aggregate, null for a plain COUNT(*).
 */
export function aggregateArgument(call: Call): Expression | null {
  const argument: Expression | undefined = call.arguments[0];
  if (call.filter === null) return argument ?? null;
  const then: Expression = argument ?? { kind: 'boolean', value: true, span: call.span };
  return { kind: 'case', operand: null, branches: [{ when: call.filter, then }], otherwise: null, span: call.span };
}

/** The argument as the aggregate takes it, and the result type. @throws LMN-2024. */
export function typeAggregate(
  aggregate: AggregateFunction,
  argument: BoundExpression,
): { argument: BoundExpression; result: DataType } {
  const settled = settle(argument);
  const { type } = settled;
  switch (aggregate) {
    case 'count_star':
    case 'count':
      return { argument: settled, result: BIGINT };
    case 'sum':
    case 'avg': {
      if (type.kind !== 'DOUBLE' && type.kind !== 'BOOLEAN' && !isInteger(type)) throw notNumeric(aggregate, settled);
      const number = type.kind === 'BOOLEAN' ? coerce(settled, INTEGER) : settled;
      return { argument: number, result: aggregate === 'avg' || type.kind === 'DOUBLE' ? DOUBLE : BIGINT };
    }
    case 'min':
    case 'max':
    case 'first_value':
    case 'last_value':
      return { argument: settled, result: type };
  }
}

function notNumeric(aggregate: AggregateFunction, argument: BoundExpression): LaminarError {
  const hint =
    argument.type.kind === 'VARCHAR'
      ? `declare the column as DOUBLE or BIGINT, or write ${aggregate.toUpperCase()}(CAST(… AS DOUBLE))`
      : 'MIN, MAX, COUNT, FIRST_VALUE and LAST_VALUE take any type';
  const message = `${aggregate.toUpperCase()} needs a number, this is ${typeName(argument.type)}`;
  return new LaminarError('LMN-2024', message, { hint, at: { span: argument.span } });
}
