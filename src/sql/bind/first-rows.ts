// LIMIT n BY and DISTINCT ON as what they are: ROW_NUMBER() OVER (PARTITION BY … ORDER BY …) and a QUALIFY.
//
//   ORDER BY x LIMIT n BY k       QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) <= n
//   DISTINCT ON (k) … ORDER BY x  QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY x) <= 1 … ORDER BY x
//
// Where DISTINCT ON gives rows as they change, its order only says which is the first.

import { LaminarError } from '../../base/errors.ts';
import type { Span } from '../ast.ts';
import type { Expression, NumberLiteral, SortItem } from '../ast-expression.ts';
import type { Query } from '../ast-query.ts';
import { canonical } from './canonical.ts';
import { asksForChanges, orderedExpression, rowsOf } from './order.ts';
import type { QueryContext, SelectColumn } from './query.ts';
import type { Relation } from './scope.ts';

interface QueryPlace {
  relation: Relation;
  context: QueryContext;
}

/** The query without LIMIT BY and DISTINCT ON. @throws LMN-2081, LMN-2085 */
export function withoutFirstRows(query: Query, columns: readonly SelectColumn[], place: QueryPlace): Query {
  const distinct = query.distinctOn.length === 0 ? query : withoutDistinctOn(query, columns, place);
  return distinct.limit === null || distinct.limit.by.length === 0 ? distinct : withoutLimitBy(distinct, columns);
}

function withoutLimitBy(query: Query, columns: readonly SelectColumn[]): Query {
  const { limit, orderBy } = query;
  const { count, by, span } = limit as NonNullable<Query['limit']>;
  if (orderBy.length === 0) {
    throw new LaminarError('LMN-2085', 'LIMIT … BY takes the first rows of an order, and there is none', {
      hint: 'add ORDER BY before it',
      at: { span },
    });
  }
  rowsOf(count as NumberLiteral);
  const partition = by.map((expression) => orderedExpression(expression, columns));
  const number = rowNumber(partition, orderOf(orderBy, columns), span);
  return { ...query, orderBy: [], limit: null, qualify: both(query.qualify, atMost(number, count as NumberLiteral)) };
}

function withoutDistinctOn(query: Query, columns: readonly SelectColumn[], { relation, context }: QueryPlace): Query {
  const { distinctOn, groupBy, orderBy, qualify } = query;
  const { span } = distinctOn[0] as Expression;
  const partition = distinctOn.map((expression) => orderedExpression(expression, columns));
  const texts = new Set(partition.map(canonical));
  const order = orderOf(orderBy, columns).filter(({ expression }) => !texts.has(canonical(expression)));
  const time = groupBy.length > 0 ? undefined : relation.columns.find((column) => column.time !== null);
  if (orderBy.length === 0 && time !== undefined) {
    const path = [{ name: time.name, quoted: true, span }];
    order.push({ expression: { kind: 'column', path, span }, descending: false, nullsFirst: null, span });
  }
  const first = atMost(rowNumber(partition, order, span), { kind: 'number', text: '1', span });
  const isChanging = query.limit === null && asksForChanges(context);
  return { ...query, distinctOn: [], orderBy: isChanging ? [] : orderBy, qualify: both(qualify, first) };
}

function orderOf(items: readonly SortItem[], columns: readonly SelectColumn[]): SortItem[] {
  return items.map((item) => ({ ...item, expression: orderedExpression(item.expression, columns) }));
}

function rowNumber(partitionBy: Expression[], orderBy: SortItem[], span: Span): Expression {
  const over = { base: null, partitionBy, orderBy, frame: null, span };
  const plain = { arguments: [], distinct: false, star: false, order: null, filter: null };
  return { kind: 'call', name: { name: 'ROW_NUMBER', quoted: false, span }, ...plain, over, span };
}

function atMost(left: Expression, right: NumberLiteral): Expression {
  return { kind: 'binary', operator: '<=', left, right, span: left.span };
}

function both(first: Expression | null, second: Expression): Expression {
  return first === null ? second : { kind: 'binary', operator: 'AND', left: first, right: second, span: second.span };
}
