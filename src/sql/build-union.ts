// Makes syntax nodes of queries out of queries: WITH, UNION, subqueries, and ORDER BY and LIMIT behind them.
//
// A query in parentheses, or a union, takes ORDER BY, LIMIT and WITH as the query that reads it:
// `a UNION ALL b ORDER BY x` is `SELECT * FROM (a UNION ALL b) ORDER BY x`.

import type { Identifier, Span } from './ast.ts';
import type { SortItem } from './ast-expression.ts';
import type { CommonTable, LimitClause, Query, QueryExpression, TableReference, UnionQuery } from './ast-query.ts';
import { selectFrom, star } from './build-query.ts';
import type { Token } from './lexer.ts';
import { identifier, spanFrom } from './span.ts';

export function withTables([word, tables, body]: [Token, CommonTable[], QueryExpression]): QueryExpression {
  const reads = body.with.length === 0 ? body : selectAllOf(body);
  return { ...reads, with: tables, span: spanFrom(word, body) };
}

/** `name [(columns)] AS (query)`. */
export function commonTable(parts: [Token, ...(Token | Identifier[] | QueryExpression)[]]): CommonTable {
  const query = parts.find((part): part is QueryExpression => 'kind' in part) as QueryExpression;
  const columns = parts.find((part): part is Identifier[] => Array.isArray(part)) ?? [];
  return { name: identifier(parts[0]), columns, query, span: spanFrom(parts[0], parts.at(-1) as Token) };
}

export function orderBy([query, , , items]: [QueryExpression, Token, Token, SortItem[]]): Query {
  const isPlain = query.kind === 'query' && query.with.length === 0 && query.orderBy.length === 0 && !query.limit;
  const ordered = isPlain ? query : selectAllOf(query);
  return { ...ordered, orderBy: items, span: spanFrom(query, items.at(-1) as SortItem) };
}

export function limited([query, clause]: [QueryExpression, LimitClause]): Query {
  const isPlain = query.kind === 'query' && query.with.length === 0 && !query.limit;
  const whole = isPlain ? query : selectAllOf(query);
  return { ...whole, limit: clause, span: spanFrom(query, clause) };
}

/** A chain of UNION ALL is one union. */
export function unionAll(parts: [QueryExpression, ...Token[], QueryExpression]): UnionQuery {
  const [left] = parts;
  const right = parts.at(-1) as QueryExpression;
  const inputs = left.kind === 'union' && left.with.length === 0 ? left.inputs : [left];
  return { kind: 'union', with: [], inputs: [...inputs, right], span: spanFrom(left, right) };
}

/** Each row once: SELECT DISTINCT * FROM (… UNION ALL …). */
export function union(parts: [QueryExpression, ...Token[], QueryExpression]): Query {
  return { ...selectAllOf(unionAll(parts)), distinct: true };
}

/** DISTINCT ON goes by its own ORDER BY: one behind the parentheses is another. */
export function parenthesized([, query]: [Token, QueryExpression, Token]): QueryExpression {
  return query.kind === 'query' && query.distinctOn.length > 0 ? selectAllOf(query) : query;
}

export function subquery([open, query, close, ...rest]: [Token, QueryExpression, ...Token[]]): TableReference {
  const alias = rest.at(-1);
  return {
    kind: 'subquery',
    query,
    alias: alias === undefined ? null : identifier(alias),
    span: spanFrom(open, alias ?? (close as Token)),
  };
}

function selectAllOf(query: QueryExpression): Query {
  const { span } = query;
  const token = place(span);
  const all = star([token]);
  return selectFrom([token, [all], token, { kind: 'subquery', query, alias: null, span }]);
}

/** A token that nobody wrote, at a place. */
function place({ start, end }: Span): Token {
  return { type: 'symbol', text: '*', value: '*', start, end } as Token;
}
