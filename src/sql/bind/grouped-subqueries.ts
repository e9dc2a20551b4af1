// Subqueries beside groups: those in HAVING, and in the select list and ORDER BY of a query with groups, stand in a query
// over the groups instead.
//
//   SELECT k, SUM(x) / (SELECT SUM(x) FROM t) AS share FROM t GROUP BY k HAVING COUNT(*) > (SELECT …)
//
//   SELECT k, $group1 / (SELECT SUM(x) FROM t) AS share
//   FROM (SELECT k, SUM(x) AS $group1, COUNT(*) AS $group2 FROM t GROUP BY k) t WHERE $group2 > (SELECT …)
//
// Of an expression around a subquery, every part that has none is a column of the query inside. Keys are columns of it by
// their names too, so a subquery may name them.

import { LaminarError } from '../../base/errors.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { Query, SelectItem, TableReference } from '../ast-query.ts';
import { isAggregateCall } from './aggregates.ts';
import { parts } from './join-push.ts';
import { hasOver } from './over-parts.ts';
import { containsSubquery } from './subquery-values.ts';

type NamedItem = Extract<SelectItem, { kind: 'expression' }>;

/** The query over the groups of another one, if it has subqueries beside them; otherwise itself. @throws LMN-2152 */
export function withoutGroupedSubqueries(query: Query, text: string): Query {
  const { items, having, orderBy } = query;
  const misplaced = [having, ...orderBy, ...items].find(containsSubquery);
  if (misplaced === undefined || misplaced === null || !isGrouped(query)) return query;
  const isPlain = items.every((item) => item.kind === 'expression') && query.distinctOn.length === 0;
  const columns = items.flatMap((item) =>
    item.kind === 'expression' ? [{ name: '', expression: item.expression }] : [],
  );
  if (!isPlain || hasOver(query, columns)) {
    throw refusal('a subquery cannot stand beside groups in a query with *, OVER or DISTINCT ON', misplaced.span);
  }
  return new GroupedSubqueries(query, text).rewrite();
}

function isGrouped({ groupBy, groupByAll, having, items }: Query): boolean {
  if (groupBy.length > 0 || groupByAll || having !== null) return true;
  return items.some((item) => item.kind === 'expression' && isAggregated(item.expression));
}

/** Whether there is an aggregate in it, of this query and not of a subquery. */
function isAggregated(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { kind } = part as { kind?: unknown };
  if (kind === 'query' || kind === 'union') return false;
  return (kind === 'call' && isAggregateCall(part as Expression)) || Object.values(part).some(isAggregated);
}

function refusal(what: string, span: Span): LaminarError {
  return new LaminarError('LMN-2152', what, {
    hint: 'make a stream of the groups, and select from it with the subquery',
    at: { span },
  });
}

class GroupedSubqueries {
  readonly #query: Query;
  readonly #text: string;
  /** Of the query inside. */
  readonly #items: NamedItem[] = [];
  /** What names of the select list mean in the query around it. */
  readonly #named = new Map<string, Expression>();
  #count = 0;

  constructor(query: Query, text: string) {
    this.#query = query;
    this.#text = text;
  }

  rewrite(): Query {
    const query = this.#query;
    const written = query.items as NamedItem[];
    const shown = written.filter((item) => !containsSubquery(item));
    for (const item of shown) {
      this.#items.push(item);
      this.#named.set(this.#nameOf(item).name.toLowerCase(), this.#columnOf(item));
    }
    const groupBy = this.#groupBy();
    this.#showKeys(groupBy);
    const items = written.map((item): NamedItem => {
      if (!containsSubquery(item)) return { ...item, expression: this.#columnOf(item), alias: item.alias };
      return { ...item, expression: this.#around(item.expression), alias: this.#nameOf(item) };
    });
    for (const item of items) this.#named.set(this.#nameOf(item).name.toLowerCase(), item.expression);
    const conditions = query.having === null ? [] : parts(query.having);
    const asked = conditions.filter(containsSubquery).map((condition) => this.#around(condition));
    const orderBy = query.orderBy.map((item) => {
      const isOfList = item.expression.kind === 'number' || this.#isNamed(item.expression);
      return isOfList ? item : { ...item, expression: this.#around(item.expression) };
    });
    const inner: Query = {
      ...query,
      with: [],
      distinct: false,
      items: this.#items,
      groupBy,
      groupByAll: false,
      having: allOf(conditions.filter((condition) => !containsSubquery(condition))),
      orderBy: [],
      limit: null,
    };
    return {
      ...query,
      items,
      from: { kind: 'subquery', query: inner, alias: aliasOf(query.from), span: query.from.span },
      unnests: [],
      where: allOf(asked),
      groupBy: [],
      groupByAll: false,
      having: null,
      orderBy,
    };
  }

  /** Positions and ALL mean what they do with the select list as it is written. */
  #groupBy(): Expression[] {
    const { groupBy, groupByAll, items } = this.#query;
    const columns = (items as NamedItem[]).map(({ expression }) => expression);
    if (groupByAll) return columns.filter((column) => !isAggregated(column) && !containsSubquery(column));
    return groupBy.map((key) => (key.kind === 'number' ? (columns[Number(key.text) - 1] ?? key) : key));
  }

  #showKeys(groupBy: readonly Expression[]): void {
    for (const key of groupBy) {
      if (key.kind !== 'column' || this.#named.has((key.path.at(-1) as Identifier).name.toLowerCase())) continue;
      const item: NamedItem = { kind: 'expression', expression: key, alias: null, span: key.span };
      this.#items.push(item);
      this.#named.set(this.#nameOf(item).name.toLowerCase(), this.#columnOf(item));
    }
  }

  /** What an item is called: as binding the query would call it. */
  #nameOf({ expression, alias, span }: NamedItem): Identifier {
    if (alias !== null) return alias;
    const last = expression.kind === 'column' ? expression.path.at(-1) : undefined;
    return last ?? { name: this.#text.slice(span.start, span.end).replace(/\s+/g, ' '), quoted: true, span };
  }

  /** A column of the query inside. */
  #columnOf(item: NamedItem): Expression {
    return { kind: 'column', path: [this.#nameOf(item)], span: item.span };
  }

  #isNamed(expression: Expression): boolean {
    const [name, further] = expression.kind === 'column' ? expression.path : [];
    return name !== undefined && further === undefined && this.#named.has(name.name.toLowerCase());
  }

  /** An expression of the query around: what has no subquery is computed inside. */
  #around(expression: Expression): Expression {
    if (this.#isNamed(expression) && expression.kind === 'column') {
      return this.#named.get((expression.path[0] as Identifier).name.toLowerCase()) as Expression;
    }
    if (!containsSubquery(expression)) return CONSTANTS.has(expression.kind) ? expression : this.#inside(expression);
    if (isAggregateCall(expression)) {
      throw refusal('a subquery cannot stand inside an aggregate', expression.span);
    }
    if (expression.kind === 'exists' || expression.kind === 'scalar-query') return expression;
    if (expression.kind === 'in-query') return { ...expression, operand: this.#around(expression.operand) };
    return this.#visit(expression) as Expression;
  }

  #visit(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#child(one));
    const entries = Object.entries(value as object);
    return Object.fromEntries(entries.map(([key, child]) => [key, NO_CHILDREN.has(key) ? child : this.#child(child)]));
  }

  #child(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    return 'kind' in value ? this.#around(value as Expression) : this.#visit(value);
  }

  #inside(expression: Expression): Expression {
    const { span } = expression;
    const alias: Identifier = { name: `$group${++this.#count}`, quoted: true, span };
    this.#items.push({ kind: 'expression', expression, alias, span });
    return { kind: 'column', path: [alias], span };
  }
}

const CONSTANTS: ReadonlySet<Expression['kind']> = new Set([
  'number',
  'string',
  'boolean',
  'null',
  'interval',
  'typed-literal',
] as const);

/** Fields of expressions that hold none. */
const NO_CHILDREN: ReadonlySet<string> = new Set(['span', 'name', 'type', 'operator', 'kind']);

function allOf(conditions: readonly Expression[]): Expression | null {
  if (conditions.length === 0) return null;
  return conditions.reduce((left, right) => {
    return { kind: 'binary', operator: 'AND', left, right, span: { start: left.span.start, end: right.span.end } };
  });
}

function aliasOf(from: TableReference): Identifier | null {
  if (from.kind === 'join') return null;
  return from.alias ?? (from.kind === 'name' ? from.name : null);
}
