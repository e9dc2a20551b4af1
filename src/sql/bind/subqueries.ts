// EXISTS and IN (SELECT …): conditions of WHERE that are joins.
//
//   EXISTS (SELECT … FROM b WHERE c)         the rows that have a b with c          a SEMI JOIN b ON c
//   NOT EXISTS (…)                           those that have none                   a ANTI JOIN b ON c
//   x IN (SELECT y FROM b WHERE c)           … with c AND x = y                     a SEMI JOIN b ON c AND x = y
//   x NOT IN (SELECT y FROM b WHERE c)       those for which x = y is FALSE for every b with c
//
// The last is an ANTI JOIN if neither can be NULL. A NULL y makes x = y unknown for every x, and a NULL x for every y:
// further ANTI JOINs leave those rows out.
//
// A subquery of FROM and WHERE alone may name columns of the query around it; any other is a table of its own.

import { LaminarError } from '../../base/errors.ts';
import { BOOLEAN, INTEGER } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, QueryExpression, TableReference } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { compare } from './conditions.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { type JoinedColumn, type JoinedNames, withJoinedNames } from './join-names.ts';
import { conjuncts, parts, pushOn } from './join-push.ts';
import { type BindTable, type JoinedPair, type JoinTree, tablesTree, tableTree } from './join-tree.ts';
import { literal } from './literals.ts';
import type { LogicalNode } from './logical.ts';
import { containsAggregate, inputScope, type QueryContext } from './query.ts';
import type { Relation, Scope } from './scope.ts';

type Subquery = Extract<Expression, { kind: 'exists' | 'in-query' }>;
type AnySubquery = Extract<Expression, { kind: 'exists' | 'in-query' | 'scalar-query' }>;

/** A subquery that WHERE asks. */
export interface AskedSubquery {
  expression: Subquery;
  negated: boolean;
}

/** The subqueries that WHERE puts together by AND, and the rest of it. */
export function subqueriesOf(where: Expression | null): { subqueries: AskedSubquery[]; rest: Expression | null } {
  const subqueries: AskedSubquery[] = [];
  const rest = (where === null ? [] : parts(where)).filter((part) => {
    const asked = askedOf(part, false);
    if (asked !== null) subqueries.push(asked);
    return asked === null;
  });
  const both = (left: Expression, right: Expression): Expression => {
    return { kind: 'binary', operator: 'AND', left, right, span: { start: left.span.start, end: right.span.end } };
  };
  return { subqueries, rest: rest.length === 0 ? null : rest.reduce(both) };
}

function askedOf(part: Expression, isNot: boolean): AskedSubquery | null {
  if (part.kind === 'unary' && part.operator === 'NOT') return askedOf(part.operand, !isNot);
  if (part.kind === 'exists') return { expression: part, negated: isNot };
  return part.kind === 'in-query' ? { expression: part, negated: isNot !== part.negated } : null;
}

export function misplacedSubquery({ kind, span }: AnySubquery): LaminarError {
  const what = { exists: 'EXISTS', 'in-query': 'IN (SELECT …)', 'scalar-query': 'a subquery' }[kind];
  return new LaminarError('LMN-2152', `${what} stands in WHERE, HAVING, ORDER BY or a select list, and not here`, {
    hint: 'make a stream of what it gives, and read that',
    at: { span },
  });
}

/** What binding a subquery needs of the query around it. */
export interface SubqueryPlace {
  context: Pick<QueryContext, 'functions'>;
  bindTable: BindTable;
  /** Binds a subquery that is a table of its own. */
  bindQuery(query: QueryExpression): LogicalNode;
}

/** The tree with the joins that a subquery is. @throws LMN-2152 */
export function withSubquery(tree: JoinTree, asked: AskedSubquery, place: SubqueryPlace): JoinTree {
  const { expression, negated } = asked;
  const { span } = expression;
  const read = readerOf(expression, place);
  const join = negated ? 'anti' : 'semi';
  if (expression.kind === 'exists') return joined(tree, read(), { ...place, join, span, also: () => [] });
  const operandIn = (scope: Scope) => bindExpression(withJoinedNames(expression.operand, tree.names), scope);
  const how = { ...place, join, span } as const;
  const first = joined(tree, read(), {
    ...how,
    also: (scope, value) => [compare('=', operandIn(scope), value(), span)],
  });
  if (!negated) return first;
  const plain = correlation(tree, read(), { ...how, join: 'semi' });
  const known = plain.value().nullable
    ? joined(first, read(), { ...how, also: (_, value) => [isNull(value())] })
    : first;
  if (!operandIn(plain.scope).nullable) return known;
  const also = (scope: Scope, value: () => BoundExpression) => [nullMatch(operandIn(scope), value(), span)];
  return joined(known, read(), { ...how, also });
}

/** A subquery as a tree of its own. */
export interface ReadSubquery {
  tree: JoinTree;
  /** Its WHERE. */
  conditions: readonly Expression[];
  /** The value of IN, of EXISTS any. */
  value: Expression;
}

/** Makes the tree of a subquery, each time a new one over nodes that are bound once. */
export function readerOf(expression: Subquery, { context, bindTable, bindQuery }: SubqueryPlace): () => ReadSubquery {
  const { query } = expression;
  const isIn = expression.kind === 'in-query';
  const simple = simpleQuery(query, isIn);
  if (simple === null) {
    const node = bindQuery(query);
    if (isIn) checkOneColumn(node.columns.length, query.span);
    return () => {
      const tree = tableTree(node, null, { prefix: 'subquery', span: query.span });
      const { unique } = tree.names.columns[0] as JoinedColumn;
      return { tree, conditions: [], value: columnCalled(unique, query.span) };
    };
  }
  const bound = new Map<TableReference, ReturnType<BindTable>>();
  const bindOnce: BindTable = (table) => {
    const known = bound.get(table) ?? bindTable(table);
    bound.set(table, known);
    return known;
  };
  const { subqueries, rest } = subqueriesOf(simple.where);
  const [item] = simple.items;
  return () => {
    const around: SubqueryPlace = { context, bindTable: bindOnce, bindQuery };
    const tables = tablesTree(simple.from, bindOnce, context);
    const tree = subqueries.reduce((inner, asked) => withSubquery(inner, asked, around), tables);
    const { unique } = tree.names.columns[0] as JoinedColumn;
    const any = columnCalled(unique, query.span);
    const value = isIn && item?.kind === 'expression' ? item.expression : any;
    return { tree, conditions: rest === null ? [] : parts(rest), value };
  };
}

function columnCalled(name: string, span: Span): Expression {
  return { kind: 'column', path: [{ name, quoted: true, span }], span };
}

/** A query of FROM and WHERE alone, as which it may be taken apart; null for any other. @throws LMN-2152 */
function simpleQuery(query: QueryExpression, isIn: boolean): Query | null {
  if (query.kind === 'union' || query.with.length > 0) return null;
  if (isIn && query.items.every(({ kind }) => kind === 'expression')) checkOneColumn(query.items.length, query.span);
  const { distinctOn, unnests, groupBy, groupByAll, having, qualify, limit, items } = query;
  const isPlain = distinctOn.length + unnests.length + groupBy.length === 0 && !groupByAll;
  if (!isPlain || having !== null || qualify !== null || limit !== null) return null;
  const isComputed = items.some((item) =>
    item.kind === 'star' ? isIn : containsAggregate(item.expression) || containsOver(item.expression),
  );
  return isComputed ? null : query;
}

function containsOver(expression: Expression): boolean {
  return JSON.stringify(expression, (key, value) => (key === 'span' ? undefined : value)).includes('"over":{');
}

function checkOneColumn(count: number, span: Span): void {
  if (count === 1) return;
  throw new LaminarError('LMN-2152', `IN takes a subquery of one column, and this has ${count}`, { at: { span } });
}

export interface How {
  context: SubqueryPlace['context'];
  join: 'semi' | 'anti' | 'mark';
  /** Of a mark join: what the column is called that is TRUE where there is a match. */
  mark?: string;
  span: Span;
}

/** Conditions of a subquery over the columns of both sides. */
interface Correlation {
  scope: Scope;
  conditions: BoundExpression[];
  value: () => BoundExpression;
}

/** Names mean the subquery's tables first, then those around it. */
export function correlation(tree: JoinTree, { tree: inner, conditions, value }: ReadSubquery, how: How): Correlation {
  const taken = new Set(tree.names.columns.map(({ unique }) => unique));
  const own = inner.names.columns.map((column) => {
    return taken.has(column.unique) ? { ...column, unique: `${column.unique}'` } : column;
  });
  const names: JoinedNames = {
    columns: [...tree.names.columns.map((column) => hidden(column, own)), ...own],
    star: [],
  };
  const columns = inner.columns.map((column, index) => {
    // The condition is also asked where there is no row of the subquery, and its answer not used.
    return { ...column, name: (own[index] as JoinedColumn).unique, nullable: how.join !== 'semi' || column.nullable };
  });
  const relation: Relation = { name: 'the subquery', columns: [...tree.columns, ...columns], isJoin: true };
  const scope = inputScope(relation, how.context, 'a subquery');
  const first = inner.names.columns.findIndex(
    ({ unique }) => value.kind === 'column' && value.path[0]?.name === unique,
  );
  const named =
    first < 0 ? withJoinedNames(value, names) : columnCalled((own[first] as JoinedColumn).unique, value.span);
  return {
    scope,
    conditions: conditions.map((part) => bindCondition(withJoinedNames(part, names), scope)),
    value: () => bindExpression(named, scope),
  };
}

/** A column around a subquery: tables and columns of the same name inside of it hide it. */
function hidden(column: JoinedColumn, own: readonly JoinedColumn[]): JoinedColumn {
  const isSame = (a: string | null, b: string | null) => a !== null && a.toLowerCase() === b?.toLowerCase();
  const owner = own.some((other) => isSame(other.owner, column.owner)) ? null : column.owner;
  const isHidden = owner === null || own.some((other) => !other.isMerged && isSame(other.name, column.name));
  return { ...column, owner, isMerged: column.isMerged || isHidden };
}

/** The rows of a tree that have a match in a subquery, or none, or are marked when they have. */
export function joined(
  tree: JoinTree,
  read: ReadSubquery,
  how: How & { also(scope: Scope, value: () => BoundExpression): BoundExpression[] },
): JoinedPair {
  const { scope, conditions, value } = correlation(tree, read, how);
  const { names, columns } = how.mark === undefined ? tree : withMark(tree, how.mark);
  const pair: JoinedPair = {
    kind: 'join',
    join: how.join,
    left: tree,
    right: read.tree,
    names,
    columns,
    conditions: [],
    asof: null,
    temporal: null,
    merged: [],
    span: how.span,
  };
  for (const condition of [...conditions, ...how.also(scope, value)].flatMap(conjuncts)) {
    if (!pushOn(pair, condition)) pair.conditions.push(condition);
  }
  return pair;
}

function withMark({ names, columns }: JoinTree, mark: string): Pick<JoinedPair, 'names' | 'columns'> {
  const column = { owner: null, name: mark, unique: mark, isMerged: false };
  return {
    names: { ...names, columns: [...names.columns, column] },
    columns: [...columns, { name: mark, type: BOOLEAN, nullable: true, time: null, field: null }],
  };
}

export function isNull(operand: BoundExpression): BoundExpression {
  return { kind: 'is-null', operand, negated: false, type: BOOLEAN, nullable: false, span: operand.span };
}

/** That the left side is NULL, as keys that are equal then: to that of every row of the right side. */
export function nullMatch(operand: BoundExpression, value: BoundExpression, span: Span): BoundExpression {
  return compare('=', oneIf(isNull(operand), span), always(value, span), span);
}

/** 1 where it is TRUE, NULL otherwise. */
function oneIf(when: BoundExpression, span: Span): BoundExpression {
  const branches = [{ when, then: literal(1, INTEGER, span) }];
  return { kind: 'case', branches, otherwise: literal(null, INTEGER, span), type: INTEGER, nullable: true, span };
}

/** 1, as something of a row. */
function always(value: BoundExpression, span: Span): BoundExpression {
  const branches = [{ when: isNull(value), then: literal(1, INTEGER, span) }];
  return { kind: 'case', branches, otherwise: literal(1, INTEGER, span), type: INTEGER, nullable: false, span };
}
