// Calls of aggregates: what a call says, checked against the definition of its function and typed.
//
// `agg(x) FILTER (WHERE c)` is `agg(CASE WHEN c THEN x END)`, because aggregates skip NULL; for COUNT(*), x is TRUE.
// `agg(f) WITHIN GROUP (ORDER BY x)` is `agg(x, f)`; for texts it is the ORDER BY inside the call.

import { LaminarError } from '../../base/errors.ts';
import { BIGINT, type DataType, isNumeric, typeName } from '../../data/type.ts';
import type { AggregateDefinition, AggregateFunction, ArgumentRole } from '../../plan/aggregates/aggregate.ts';
import { aggregateDefinition, aggregateNamed } from '../../plan/aggregates/registry.ts';
import type { Expression, SortItem } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { fractionOf, separatorOf } from './aggregate-constants.ts';
import { coerce, settle } from './coerce.ts';
import { bindExpression } from './expressions.ts';
import type { Scope } from './scope.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** An aggregate over bound expressions, whose columns are not placed yet. */
export interface BoundAggregate {
  function: AggregateFunction;
  /** null for COUNT(*). */
  value: BoundExpression | null;
  by: BoundExpression | null;
  fraction: number | null;
  /** A quantile of values sorted downwards. */
  descending: boolean;
  separator: string | null;
  sort: { bound: BoundExpression; descending: boolean; nullsFirst: boolean }[];
  distinct: boolean;
  result: DataType;
}

export function isAggregateCall(expression: Expression): expression is Call {
  return expression.kind === 'call' && expression.over === null && aggregateNamed(expression.name.name) !== undefined;
}

/** Binds a call of an aggregate. @throws LMN-2007, LMN-2024, LMN-2130 or what its arguments throw. */
export function bindAggregate(call: Call, scope: Scope): BoundAggregate {
  const definition = aggregateNamed(call.name.name) as AggregateDefinition;
  const isStar = definition.name === 'count' && !call.distinct && (call.star || call.arguments.length === 0);
  if (isStar) return bindCountStar(call, scope);
  const parts = partsOf(call, definition);
  const written = filtered(call, itemised(parts.get('value') as Expression, definition));
  const value = typed(bindExpression(written, scope), definition.value, { call, definition });
  const by = parts.get('by');
  const fraction = parts.get('fraction');
  const separator = parts.get('separator');
  return {
    function: definition.name,
    value,
    by:
      by === undefined || definition.by === undefined
        ? null
        : typed(bindExpression(by, scope), definition.by, { call, definition }),
    fraction: fraction === undefined ? (definition.fraction ?? null) : fractionOf(fraction, scope),
    descending: definition.order === 'within' && call.order?.items[0]?.descending === true,
    separator: separator === undefined ? defaultSeparator(definition) : separatorOf(separator, scope),
    sort: definition.order === 'inside' && call.order !== null ? call.order.items.map((i) => sortOf(i, scope)) : [],
    distinct: call.distinct && definition.distinct !== 'ignored',
    result: definition.result(value.type),
  };
}

/** ARRAY_AGG keeps NULL: its values are items of lists, which never are. */
function itemised(value: Expression, { name }: AggregateDefinition): Expression {
  return name === 'array_agg' ? { kind: 'item', value, span: value.span } : value;
}

function defaultSeparator(definition: AggregateDefinition): string | null {
  return definition.roles.includes('separator') ? ',' : null;
}

function bindCountStar(call: Call, scope: Scope): BoundAggregate {
  const definition = aggregateDefinition('count_star');
  refuseOrder(call, definition);
  const counted: Expression = { kind: 'boolean', value: true, span: call.span };
  // COUNT(*) FILTER counts its condition where it is true.
  const value = call.filter === null ? null : bindExpression(filtered(call, counted), scope);
  const name = value === null ? 'count_star' : 'count';
  const none = { by: null, fraction: null, descending: false, separator: null, sort: [], distinct: false };
  return { function: name, value, ...none, result: BIGINT };
}

/** The arguments by their roles. @throws LMN-2007 */
function partsOf(call: Call, definition: AggregateDefinition): Map<ArgumentRole, Expression> {
  refuseOrder(call, definition);
  const isWithin = definition.order === 'within' && call.order !== null;
  const roles = isWithin ? definition.roles.filter((role) => role !== 'value') : definition.roles;
  const given = call.arguments.length;
  const least = roles.length - (definition.optional ?? 0);
  if (call.star || given < least || given > roles.length) throw wrongCount(call, definition, { roles, least });
  const parts = new Map<ArgumentRole, Expression>();
  for (const [index, argument] of call.arguments.entries()) parts.set(roles[index] as ArgumentRole, argument);
  if (isWithin) parts.set('value', (call.order?.items[0] as SortItem).expression);
  return parts;
}

/** @throws LMN-2007 for an ORDER BY that the aggregate has no use for. */
function refuseOrder(call: Call, definition: AggregateDefinition): void {
  const { order } = call;
  if (order === null || definition.order === 'inside') return;
  const written = call.name.name.toUpperCase();
  const at = { span: order.span };
  if (definition.order !== 'within') {
    const isChoice = definition.byTime === true || definition.name === 'any_value';
    throw new LaminarError('LMN-2007', `${written} takes no ORDER BY`, {
      hint: isChoice
        ? 'ARG_MIN(x, y) and ARG_MAX(x, y) give the x of the least and the greatest y'
        : 'its result does not depend on the order of the rows',
      at,
    });
  }
  if (order.within && order.items.length === 1) return;
  throw new LaminarError('LMN-2007', `${written} sorts one value`, { hint: `write ${formOf(call, definition)}`, at });
}

/** `value`, where the FILTER of the call lets it. */
function filtered({ filter, span }: Call, value: Expression): Expression {
  if (filter === null) return value;
  return { kind: 'case', operand: null, branches: [{ when: filter, then: value }], otherwise: null, span };
}

function sortOf(item: SortItem, scope: Scope): BoundAggregate['sort'][number] {
  const bound = settle(bindExpression(item.expression, scope));
  return { bound, descending: item.descending, nullsFirst: item.nullsFirst ?? false };
}

interface CallPlace {
  call: Call;
  definition: AggregateDefinition;
}

/** The value as the aggregate takes it. @throws LMN-2024 */
function typed(
  bound: BoundExpression,
  rule: (type: DataType) => DataType | null,
  { call, definition }: CallPlace,
): BoundExpression {
  const settled = settle(bound);
  const type = rule(settled.type);
  if (type !== null) return coerce(settled, type);
  const written = call.name.name.toUpperCase();
  throw new LaminarError('LMN-2024', `${written} needs ${definition.takes}, this is ${typeName(settled.type)}`, {
    hint: hintOf(definition, settled.type, written),
    at: { span: settled.span },
  });
}

function hintOf(definition: AggregateDefinition, given: DataType, written: string): string {
  if (definition.takes === 'a condition') return 'compare it, for example with <> 0';
  if (definition.takes === 'an integer') return `write ${written}(CAST(… AS BIGINT))`;
  if (given.kind === 'VARCHAR' || given.kind === 'JSON') {
    return `declare the column as DOUBLE or BIGINT, or write ${written}(CAST(… AS DOUBLE))`;
  }
  if (!isNumeric(given) && definition.order === 'within') return 'QUANTILE_DISC takes any type';
  return 'MIN, MAX, COUNT, FIRST_VALUE and LAST_VALUE take any type';
}

function wrongCount(
  call: Call,
  definition: AggregateDefinition,
  wanted: { roles: readonly ArgumentRole[]; least: number },
): LaminarError {
  const written = call.name.name.toUpperCase();
  const given = call.star ? '*' : String(call.arguments.length);
  const { roles, least } = wanted;
  const most = roles.length;
  const count = most === 0 ? 'no argument' : most === 1 ? 'one argument' : `${most} arguments`;
  const range = least === most ? count : `${least} or ${count}`;
  return new LaminarError('LMN-2007', `${written} takes ${range}, ${given} given`, {
    ...(definition.roles.length > 1 || definition.order === 'within'
      ? { hint: `write ${formOf(call, definition)}` }
      : {}),
    at: { span: call.span },
  });
}

const SHOWN: Readonly<Record<ArgumentRole, string>> = { value: 'x', by: 'y', fraction: '0.9', separator: "','" };

/** How a call of it looks. */
function formOf(call: Call, definition: AggregateDefinition): string {
  const written = call.name.name.toUpperCase();
  const list = definition.roles.map((role) => SHOWN[role]);
  if (definition.order !== 'within') return `${written}(${list.join(', ')})`;
  const rest = definition.roles.filter((role) => role !== 'value').map((role) => SHOWN[role]);
  const within = `${written}(${rest.join(', ')}) WITHIN GROUP (ORDER BY x)`;
  return /^PERCENTILE/.test(written) ? within : `${written}(${list.join(', ')}) or ${within}`;
}
