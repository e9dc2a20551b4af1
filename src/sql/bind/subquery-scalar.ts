// A subquery as a value: of one column, and one row at most.
//
//   (SELECT AVG(x) FROM b)                         its row beside every row of the query around it
//   (SELECT x FROM b ORDER BY t DESC LIMIT 1)      the same, NULL while there is none
//   (SELECT MAX(x) FROM b WHERE b.k = a.k)         a LEFT JOIN (SELECT k, MAX(x) FROM b GROUP BY k) ON k = a.k
//
// What the last gives where there is no b is what its expression gives over no rows: COUNT(*) is 0 there.

import { LaminarError } from '../../base/errors.ts';
import { aggregateNamed } from '../../plan/aggregates/registry.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, QueryExpression, SelectItem } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { isAggregateCall } from './aggregates.ts';
import { compare } from './conditions.ts';
import { bindExpression } from './expressions.ts';
import { type JoinedColumn, type JoinedNames, withJoinedNames } from './join-names.ts';
import { parts } from './join-push.ts';
import type { JoinedPair, JoinedTable, JoinTree } from './join-tree.ts';
import { tablesTree } from './join-tree.ts';
import type { LogicalNode } from './logical.ts';
import { containsAggregate, inputScope } from './query.ts';
import type { SubqueryPlace } from './subqueries.ts';

type Scalar = Extract<Expression, { kind: 'scalar-query' }>;

/** The tree with the column `name`, and what the subquery is over it. @throws LMN-2152 */
export function withScalar(
  tree: JoinTree,
  { query, span }: Scalar,
  name: string,
  place: SubqueryPlace,
): { tree: JoinTree; value: Expression } {
  const asked = query.kind === 'query' && query.with.length === 0 ? correlated(query, place) : null;
  const value: Expression = { kind: 'column', path: [{ name, quoted: true, span }], span };
  if (asked === null) {
    const node = place.bindQuery(query);
    checkOne(query, node, span);
    const right = tableCalled(node, [name], span);
    // An aggregate over no rows is a row too.
    const join = isAggregate(query) ? 'inner' : 'left';
    return { tree: pairOf(tree, right, { join, conditions: [], span }), value };
  }
  const item = aggregateItem(asked.query, span);
  const keys = asked.keys.map((_, index) => `${name}.key${index + 1}`);
  const node = place.bindQuery(groupedQuery(asked, item, keys));
  const right = tableCalled(node, [...keys, name], span);
  const columns = [...tree.columns, ...right.columns.map((column) => ({ ...column, nullable: true }))];
  const scope = inputScope({ name: 'the subquery', columns, isJoin: true }, place.context, 'a subquery');
  const conditions = asked.keys.map(({ outer }, index): BoundExpression => {
    const key: Expression = { kind: 'column', path: [{ name: keys[index] as string, quoted: true, span }], span };
    return compare('=', bindExpression(withJoinedNames(outer, tree.names), scope), bindExpression(key, scope), span);
  });
  const hit: Expression = { kind: 'column', path: [{ name: keys[0] as string, quoted: true, span }], span };
  const missing: Expression = { kind: 'is-null', operand: hit, negated: false, span };
  const branches = [{ when: missing, then: overNothing(item) as Expression }];
  const whole: Expression = { kind: 'case', operand: null, branches, otherwise: value, span };
  return {
    tree: pairOf(tree, right, { join: 'left', conditions, span }),
    value: isNullOverNothing(item) ? value : whole,
  };
}

function refusal(what: string, hint: string, span: Span): LaminarError {
  return new LaminarError('LMN-2152', what, { hint, at: { span } });
}

/** @throws LMN-2152 for a query of several columns, or that may give several rows. */
function checkOne(query: QueryExpression, node: LogicalNode, span: Span): void {
  if (node.columns.length !== 1) {
    throw refusal(`a subquery as a value has one column, and this has ${node.columns.length}`, 'select one', span);
  }
  const limit = query.kind === 'query' ? query.limit : null;
  const isLimited = limit?.count?.text === '1' && limit.by.length === 0;
  if (isLimited || isAggregate(query)) return;
  throw refusal(
    'a subquery as a value gives one row, and this may give several',
    'aggregate them (MAX(x), ANY_VALUE(x)), or add ORDER BY … LIMIT 1',
    span,
  );
}

/** Gives one row in any case. */
function isAggregate(query: QueryExpression): boolean {
  if (query.kind === 'union' || query.limit !== null || query.having !== null || query.qualify !== null) return false;
  const isGrouped = query.groupBy.length > 0 || query.groupByAll || query.distinctOn.length > 0;
  return !isGrouped && query.items.some((item) => item.kind === 'expression' && containsAggregate(item.expression));
}

// --- subqueries that name columns of the query around them ---

interface Correlated {
  query: Query;
  /** Its own conditions. */
  rest: Expression[];
  /** What must be equal. */
  keys: { inner: Expression; outer: Expression }[];
}

/** null: it is a query of its own. @throws LMN-2152 for conditions that are no equalities. */
function correlated(query: Query, { context, bindTable }: SubqueryPlace): Correlated | null {
  const { names } = tablesTree(query.from, bindTable, context);
  const conditions = query.where === null ? [] : parts(query.where);
  const rest = conditions.filter((condition) => sideOf(condition, names) !== 'outer' && !isMixed(condition, names));
  const others = conditions.filter((condition) => !rest.includes(condition));
  if (others.length === 0) return null;
  const keys = others.map((condition) => {
    if (condition.kind === 'binary' && condition.operator === '=') {
      const { left, right } = condition;
      if (sideOf(left, names) === 'inner' && sideOf(right, names) === 'outer') return { inner: left, outer: right };
      if (sideOf(right, names) === 'inner' && sideOf(left, names) === 'outer') return { inner: right, outer: left };
    }
    throw refusal(
      'a subquery as a value names columns of the query around it only in equalities: its column = one of those',
      'make a stream of the join, and aggregate that',
      condition.span,
    );
  });
  return { query, rest, keys };
}

type Column = Extract<Expression, { kind: 'column' }>;

function columnsOf(part: unknown): Column[] {
  if (typeof part !== 'object' || part === null) return [];
  const { kind } = part as { kind?: unknown };
  if (kind === 'column') return [part as Column];
  return kind === 'query' || kind === 'union' ? [] : Object.values(part).flatMap(columnsOf);
}

function isInner({ path }: Column, { columns }: JoinedNames): boolean {
  const [first, second] = path.map(({ name }: Identifier) => name.toLowerCase());
  const owned = columns.filter(({ owner }) => owner?.toLowerCase() === first);
  if (second !== undefined && owned.length > 0) return owned.some(({ name }) => name.toLowerCase() === second);
  return columns.some(({ name }) => name.toLowerCase() === first);
}

/** Whose columns an expression names. */
function sideOf(expression: Expression, names: JoinedNames): 'inner' | 'outer' | 'none' | 'both' {
  const sides = new Set(columnsOf(expression).map((column) => isInner(column, names)));
  return sides.size === 2 ? 'both' : sides.has(true) ? 'inner' : sides.has(false) ? 'outer' : 'none';
}

function isMixed(expression: Expression, names: JoinedNames): boolean {
  return sideOf(expression, names) === 'both';
}

/** The only item, an aggregate. @throws LMN-2152 */
function aggregateItem({ items, ...query }: Query, span: Span): Expression {
  const [item] = items;
  const isPlain = isAggregate({ ...query, items }) && !query.distinct && query.orderBy.length === 0;
  if (items.length === 1 && item?.kind === 'expression' && isPlain && query.unnests.length === 0)
    return item.expression;
  throw refusal(
    'a subquery as a value that names columns of the query around it has one aggregate, FROM and WHERE',
    'aggregate its rows: MAX(x), ANY_VALUE(x), LAST_VALUE(x)',
    span,
  );
}

/** The subquery for all values of its keys at once. */
function groupedQuery({ query, rest, keys }: Correlated, item: Expression, names: readonly string[]): Query {
  const { span } = query;
  const itemOf = (expression: Expression, name: string): SelectItem => {
    return { kind: 'expression', expression, alias: { name, quoted: true, span }, span };
  };
  const where =
    rest.length === 0 ? null : rest.reduce((left, right) => ({ kind: 'binary', operator: 'AND', left, right, span }));
  return {
    ...query,
    items: [...keys.map(({ inner }, index) => itemOf(inner, names[index] as string)), itemOf(item, '$value')],
    where,
    groupBy: keys.map(({ inner }) => inner),
  };
}

/** Whether it is NULL over no rows for sure. */
function isNullOverNothing(item: Expression): boolean {
  return isAggregateCall(item) && aggregateNamed(item.name.name)?.empty === 'null';
}

/** The expression with its aggregates as they are over no rows. */
function overNothing(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(overNothing);
  if (typeof part !== 'object' || part === null) return part;
  const node = part as Expression;
  if ('kind' in node && isAggregateCall(node)) {
    const { span } = node;
    const isZero = aggregateNamed(node.name.name)?.empty === 'zero';
    return isZero ? { kind: 'number', text: '0', span } : { kind: 'null', span };
  }
  return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, overNothing(child)]));
}

// --- trees ---

/** A node as a table whose columns have these names, and are not among those of `*`. */
function tableCalled(node: LogicalNode, called: readonly string[], span: Span): JoinedTable {
  const columns = called.map((name): JoinedColumn => ({ owner: null, name, unique: name, isMerged: false }));
  const named = node.columns.map((column, index) => {
    return { ...column, name: called[index] as string, time: null, field: null };
  });
  return { kind: 'table', node, filters: [], names: { columns, star: [] }, columns: named, span };
}

function pairOf(
  left: JoinTree,
  right: JoinTree,
  { join, conditions, span }: Pick<JoinedPair, 'join' | 'conditions' | 'span'>,
): JoinedPair {
  const padded = right.columns.map((column) => ({ ...column, nullable: column.nullable || join === 'left' }));
  return {
    kind: 'join',
    join,
    left,
    right,
    names: { columns: [...left.names.columns, ...right.names.columns], star: left.names.star },
    columns: [...left.columns, ...padded],
    conditions,
    asof: null,
    temporal: null,
    merged: [],
    span,
  };
}
