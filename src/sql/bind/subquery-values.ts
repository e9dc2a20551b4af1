// Subqueries anywhere in WHERE, in the select list and in ORDER BY: joins that add a column to the rows of the query, which the
// expression reads instead.
//
//   … EXISTS (SELECT … FROM b WHERE c) …     a MARK JOIN b ON c                    mark IS NOT NULL
//   … x IN (SELECT y FROM b WHERE c) …       … with c AND x = y                    NULL where a NULL may be the match
//   … (SELECT f FROM b) …                    a CROSS JOIN the row of the query     value          (subquery-scalar.ts)
//   … (SELECT f FROM b WHERE y = x) …        a LEFT JOIN it by y ON y = x          value
//
// A mark join gives each row of a once, with a column that is TRUE where there is a match and NULL where there is none.

import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query } from '../ast-query.ts';
import type { BoundExpression } from '../expression.ts';
import { compare } from './conditions.ts';
import { bindExpression } from './expressions.ts';
import { withJoinedNames } from './join-names.ts';
import type { JoinTree } from './join-tree.ts';
import type { Scope } from './scope.ts';
import { correlation, isNull, joined, nullMatch, readerOf, type SubqueryPlace } from './subqueries.ts';
import { withScalar } from './subquery-scalar.ts';

type Subquery = Extract<Expression, { kind: 'exists' | 'in-query' | 'scalar-query' }>;

const KINDS: ReadonlySet<unknown> = new Set(['exists', 'in-query', 'scalar-query'] satisfies Subquery['kind'][]);

/** Whether WHERE, the select list or ORDER BY has a subquery; those that `subqueriesOf` takes out of WHERE are joins already. */
export function hasSubqueryValues({ where, items, orderBy }: Query): boolean {
  return containsSubquery(where) || containsSubquery(items) || containsSubquery(orderBy);
}

/** Whether a part of a query has a subquery that is no table. */
export function containsSubquery(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { kind } = part as { kind?: unknown };
  if (KINDS.has(kind)) return true;
  return kind !== 'query' && kind !== 'union' && Object.values(part).some(containsSubquery);
}

/** The query without subqueries in WHERE, the select list and ORDER BY, over a tree with a join for each. @throws LMN-2152 */
export function withSubqueryValues(
  query: Query,
  tables: JoinTree,
  place: SubqueryPlace & { text: string },
): { query: Query; tree: JoinTree } {
  const values = new SubqueryValues(tables, place);
  const where = values.condition(query.where);
  const items = query.items.map((item) => {
    if (!containsSubquery(item) || item.kind === 'star') return item;
    const expression = values.value(item.expression);
    const name = place.text.slice(item.span.start, item.span.end).replace(/\s+/g, ' ');
    return { ...item, expression, alias: item.alias ?? { name, quoted: true, span: item.span } };
  });
  const orderBy = query.orderBy.map((item) => {
    return containsSubquery(item) ? { ...item, expression: values.value(item.expression) } : item;
  });
  return { query: { ...query, where, items, orderBy }, tree: values.tree };
}

class SubqueryValues {
  tree: JoinTree;
  readonly #place: SubqueryPlace;
  #count = 0;

  constructor(tree: JoinTree, place: SubqueryPlace) {
    this.tree = tree;
    this.#place = place;
  }

  /** Where only rows count for which it is TRUE, IN does not have to tell FALSE from NULL. */
  condition(where: Expression | null): Expression | null {
    if (where === null || !containsSubquery(where)) return where;
    if (where.kind === 'binary' && (where.operator === 'AND' || where.operator === 'OR')) {
      const [left, right] = [this.condition(where.left), this.condition(where.right)];
      return { ...where, left: left as Expression, right: right as Expression };
    }
    return where.kind === 'in-query' && !where.negated ? this.#in(where, false) : this.value(where);
  }

  value(expression: Expression): Expression {
    return this.#visit(expression) as Expression;
  }

  #visit(value: unknown): unknown {
    if (!containsSubquery(value)) return value;
    if (Array.isArray(value)) return value.map((one) => this.#visit(one));
    const node = value as Subquery;
    if (node.kind === 'exists') return this.#exists(node);
    if (node.kind === 'in-query') return this.#in(node, true);
    if (node.kind === 'scalar-query') return this.#scalar(node);
    return Object.fromEntries(Object.entries(value as object).map(([key, child]) => [key, this.#visit(child)]));
  }

  #exists(expression: Extract<Subquery, { kind: 'exists' }>): Expression {
    const read = readerOf(expression, this.#place);
    return this.#mark(read, expression.span, () => []);
  }

  /** @param isExact NULL is not FALSE. */
  #in(written: Extract<Subquery, { kind: 'in-query' }>, isExact: boolean): Expression {
    const { negated, span } = written;
    const operand = this.value(written.operand);
    const expression = { ...written, operand };
    const read = readerOf(expression, this.#place);
    const { names } = this.tree;
    const operandIn = (scope: Scope) => bindExpression(withJoinedNames(operand, names), scope);
    const plain = correlation(this.tree, read(), { ...this.#place, join: 'mark', span });
    const hasNulls = isExact && correlation(this.tree, read(), { ...this.#place, join: 'semi', span }).value().nullable;
    const mayBeNull = isExact && operandIn(plain.scope).nullable;
    const matches = this.#mark(read, span, (scope, value) => [compare('=', operandIn(scope), value(), span)]);
    if (!isExact || (!hasNulls && !mayBeNull)) return negated ? not(matches, span) : matches;
    const branches = [{ when: matches, then: boolean(true, span) }];
    const unknown: Expression = { kind: 'null', span };
    if (hasNulls) {
      branches.push({ when: this.#mark(read, span, (_, value) => [isNull(value())]), then: unknown });
    }
    if (mayBeNull) {
      const when = this.#mark(read, span, (scope, value) => [nullMatch(operandIn(scope), value(), span)]);
      branches.push({ when, then: unknown });
    }
    const found: Expression = { kind: 'case', operand: null, branches, otherwise: boolean(false, span), span };
    return negated ? not(found, span) : found;
  }

  /** Adds a mark join. @returns the condition that there is a match */
  #mark(
    read: ReturnType<typeof readerOf>,
    span: Span,
    also: (scope: Scope, value: () => BoundExpression) => BoundExpression[],
  ): Expression {
    const mark = `$match${++this.#count}`;
    this.tree = joined(this.tree, read(), { ...this.#place, join: 'mark', mark, span, also });
    const column: Expression = { kind: 'column', path: [{ name: mark, quoted: true, span }], span };
    return { kind: 'is-null', operand: column, negated: true, span };
  }

  #scalar(expression: Extract<Subquery, { kind: 'scalar-query' }>): Expression {
    const { tree, value } = withScalar(this.tree, expression, `$value${++this.#count}`, this.#place);
    this.tree = tree;
    return value;
  }
}

function not(operand: Expression, span: Span): Expression {
  return { kind: 'unary', operator: 'NOT', operand, span };
}

function boolean(value: boolean, span: Span): Expression {
  return { kind: 'boolean', value, span };
}
