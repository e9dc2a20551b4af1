// Giving an expression the type its place asks for: explicit casts, written by the binder instead of the user.

import {
  type DataType,
  elementOf,
  fieldsOf,
  INTEGER,
  isNested,
  isNumeric,
  listOf,
  sameType,
  structOf,
  VARCHAR,
} from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { badLiteral, foldCast, type Literal, literal } from './literals.ts';
import { commonType } from './types.ts';

/** A string as written: it takes whatever type its place asks for, as in PostgreSQL and DuckDB. */
export function isStringLiteral(expression: BoundExpression): expression is Literal {
  return expression.kind === 'literal' && expression.type.kind === 'VARCHAR' && typeof expression.value === 'string';
}

/** A NULL that has no type yet. */
export function isBareNull(expression: BoundExpression): boolean {
  return expression.type.kind === 'NULL';
}

/** The type the operands of a comparison, CASE, IN or COALESCE share; null when a user must write a cast. */
export function commonTypeOf(expressions: readonly BoundExpression[]): DataType | null {
  const typed = expressions.filter((e) => !isStringLiteral(e) && !isBareNull(e));
  if (typed.length === 0) return expressions.some(isStringLiteral) ? VARCHAR : INTEGER;
  let common: DataType | null = typed[0]!.type;
  for (const expression of typed) common = common === null ? null : commonType(common, expression.type);
  return common;
}

/** Whether an expression may take a type without a written cast. */
export function canCoerce(expression: BoundExpression, to: DataType): boolean {
  const from = expression.type;
  if (isNested(from) && isNested(to)) return sameType(commonType(from, to) ?? from, to);
  if (sameType(from, to) || isBareNull(expression) || isStringLiteral(expression)) return true;
  if (isNumeric(from) && isNumeric(to)) return true;
  return (from.kind === 'DATE' && to.kind === 'TIMESTAMP') || (from.kind === 'JSON' && to.kind === 'VARCHAR');
}

/** The expression as a value of `to`. The caller has checked that the cast is wanted. @throws LMN-2009. */
export function coerce(expression: BoundExpression, to: DataType): BoundExpression {
  if (sameType(expression.type, to)) return expression;
  const { span } = expression;
  if (expression.kind === 'literal') {
    if (expression.value === null) return literal(null, to, span);
    const folded = foldCast(expression.value, expression.type, to);
    if (folded === 'invalid') throw badLiteral(expression.value, to, span);
    if (folded !== 'unknown') return literal(folded.value, to, span);
  }
  return { kind: 'cast', operand: expression, try: false, type: to, nullable: expression.nullable, span };
}

/** A bare NULL that no place gave a type becomes INTEGER, as in DuckDB; the elements of an empty list too. */
export function settle(expression: BoundExpression): BoundExpression {
  if (isBareNull(expression)) return literal(null, INTEGER, expression.span);
  const type = settledType(expression.type);
  return sameType(type, expression.type) ? expression : coerce(expression, type);
}

function settledType(type: DataType): DataType {
  if (type.kind === 'NULL') return INTEGER;
  if (type.kind === 'LIST') return listOf(settledType(elementOf(type)));
  if (type.kind !== 'STRUCT') return type;
  return structOf(fieldsOf(type).map((field) => ({ name: field.name, type: settledType(field.type) })));
}
