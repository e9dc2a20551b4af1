// Comparisons, IN, BETWEEN, LIKE and CASE: expressions whose operands must share a type.
//
// Types follow DuckDB: numbers widen, a DATE becomes a TIMESTAMP beside one, a string as written takes the type of the
// other side; a VARCHAR column beside a number is an error, because either cast could be meant.

import { LaminarError } from '../../base/errors.ts';
import { BOOLEAN, type DataType, typeName, VARCHAR } from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { bindFunction } from './calls.ts';
import { coerce, commonTypeOf, isBareNull } from './coerce.ts';
import { bindCondition, bindExpression } from './expressions.ts';
import { literal } from './literals.ts';
import type { Scope } from './scope.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export function bindComparison(expression: Node<'binary'>, operator: Comparison, scope: Scope): BoundExpression {
  const left = bindExpression(expression.left, scope);
  const right = bindExpression(expression.right, scope);
  return compare(operator, left, right, expression.span);
}

/** @throws LMN-2008 when the operands have no common type. */
export function compare(
  operator: Comparison,
  left: BoundExpression,
  right: BoundExpression,
  span: Span,
): BoundExpression {
  const [l, r] = unify([left, right], 'compared', span) as [BoundExpression, BoundExpression];
  return { kind: 'compare', operator, left: l, right: r, type: BOOLEAN, nullable: l.nullable || r.nullable, span };
}

/** Casts expressions to their common type. @throws LMN-2008. */
export function unify(expressions: readonly BoundExpression[], verb: string, span: Span): BoundExpression[] {
  const type = commonTypeOf(expressions);
  if (type === null) throw incompatible(expressions, verb, span);
  return expressions.map((e) => coerce(e, type));
}

function incompatible(expressions: readonly BoundExpression[], verb: string, span: Span): LaminarError {
  const names = [...new Set(expressions.filter((e) => !isBareNull(e)).map((e) => typeName(e.type)))];
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const text = expressions.find((e) => e.type.kind === 'VARCHAR' && e.kind === 'column');
  const other = names.find((name) => name !== 'VARCHAR');
  const hint =
    text === undefined || other === undefined
      ? 'write a CAST that says which type is meant'
      : `write CAST(${(text as { name: string }).name} AS ${other}), or put the other side in quotes`;
  return new LaminarError('LMN-2008', `${listed} cannot be ${verb} without a cast`, { hint, at: { span } });
}

export function bindDistinct(expression: Node<'is-distinct'>, scope: Scope): BoundExpression {
  const { span, negated } = expression;
  const operands = [bindExpression(expression.left, scope), bindExpression(expression.right, scope)];
  const [left, right] = unify(operands, 'compared', span) as [BoundExpression, BoundExpression];
  return { kind: 'is-distinct', left, right, negated, type: BOOLEAN, nullable: false, span };
}

/** `x BETWEEN a AND b` is `x >= a AND x <= b`. */
export function bindBetween(expression: Node<'between'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const operand = bindExpression(expression.operand, scope);
  const low = compare('>=', operand, bindExpression(expression.low, scope), span);
  const high = compare('<=', operand, bindExpression(expression.high, scope), span);
  const nullable = low.nullable || high.nullable;
  const within: BoundExpression = { kind: 'and', operands: [low, high], type: BOOLEAN, nullable, span };
  return expression.negated ? { kind: 'not', operand: within, type: BOOLEAN, nullable, span } : within;
}

export function bindIn(expression: Node<'in'>, scope: Scope): BoundExpression {
  const { span, negated } = expression;
  const bound = [expression.operand, ...expression.list].map((e) => bindExpression(e, scope));
  const [operand, ...list] = unify(bound, 'compared', span) as [BoundExpression, ...BoundExpression[]];
  const nullable = operand.nullable || list.some((e) => e.nullable);
  return { kind: 'in', operand, list, negated, type: BOOLEAN, nullable, span };
}

export function bindLike(expression: Node<'like'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const parts = [expression.operand, expression.pattern, ...(expression.escape === null ? [] : [expression.escape])];
  const bound = parts.map((part) => {
    const e = bindExpression(part, scope);
    if (e.type.kind === 'VARCHAR' || e.type.kind === 'JSON' || isBareNull(e)) return coerce(e, VARCHAR);
    throw new LaminarError('LMN-2008', `LIKE needs VARCHAR, this is ${typeName(e.type)}`, {
      hint: 'write CAST(… AS VARCHAR)',
      at: { span: part.span },
    });
  });
  const name = expression.caseInsensitive ? 'ilike' : 'like';
  const match = bindFunction({ name, arguments: bound, span }, scope);
  if (!expression.negated) return match;
  return { kind: 'not', operand: match, type: BOOLEAN, nullable: match.nullable, span };
}

/** `CASE x WHEN a …` becomes `CASE WHEN x = a …`; without ELSE the result is NULL. */
export function bindCase(expression: Node<'case'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const operand = expression.operand === null ? null : bindExpression(expression.operand, scope);
  const whens = expression.branches.map(({ when }) =>
    operand === null
      ? bindCondition(when, scope)
      : compare('=', operand, bindExpression(when, scope), { start: when.span.start, end: when.span.end }),
  );
  const thens = expression.branches.map(({ then }) => bindExpression(then, scope));
  const otherwise =
    expression.otherwise === null ? literal(null, { kind: 'NULL' }, span) : bindExpression(expression.otherwise, scope);
  return searchedCase(whens, [...thens, otherwise], span);
}

/** CASE over bound parts; `results` has one more entry than `whens`: the ELSE. @throws LMN-2008. */
export function searchedCase(
  whens: readonly BoundExpression[],
  results: readonly BoundExpression[],
  span: Span,
): BoundExpression {
  const unified = unify(results, 'results of one CASE', span);
  const otherwise = unified.at(-1) as BoundExpression;
  const branches = whens.map((when, i) => ({ when, then: unified[i] as BoundExpression }));
  const type: DataType = otherwise.type;
  return { kind: 'case', branches, otherwise, type, nullable: unified.some((e) => e.nullable), span };
}
