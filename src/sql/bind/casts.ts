// Casts, and literals of a type, which are casts of a text: what can become what, and constants at once.

import { LaminarError } from '../../base/errors.ts';
import { isNested, sameType, typeName, VARCHAR } from '../../data/type.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { isBareNull } from './coerce.ts';
import { bindExpression } from './expressions.ts';
import { badLiteral, foldCast, literal } from './literals.ts';
import { canCastNested } from './nested.ts';
import type { Scope } from './scope.ts';
import { resolveType } from './types.ts';

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `DATE '2024-01-31'`. @throws LMN-2009 for a text that is none. */
export function bindTypedLiteral(expression: Node<'typed-literal'>): BoundExpression {
  const type = resolveType(expression.type);
  const folded = foldCast(expression.text, VARCHAR, type);
  if (folded === 'invalid') throw badLiteral(expression.text, type, expression.span);
  const text = literal(expression.text, VARCHAR, expression.span);
  if (folded !== 'unknown') return literal(folded.value, type, expression.span);
  return { kind: 'cast', operand: text, try: false, type, nullable: false, span: expression.span };
}

const CASTS_FROM: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  TINYINT: ['DECIMAL', 'BOOLEAN', 'SMALLINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  SMALLINT: ['DECIMAL', 'BOOLEAN', 'TINYINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  INTEGER: ['DECIMAL', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  BIGINT: ['DECIMAL', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'DOUBLE', 'VARCHAR'],
  DECIMAL: ['DECIMAL', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR'],
  DOUBLE: ['DECIMAL', 'BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'VARCHAR'],
  VARCHAR: [
    'DECIMAL',
    'BOOLEAN',
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'DOUBLE',
    'TIMESTAMP',
    'DATE',
    'JSON',
    'INTERVAL',
  ],
  TIMESTAMP: ['DATE', 'VARCHAR'],
  DATE: ['TIMESTAMP', 'VARCHAR'],
  JSON: [
    'DECIMAL',
    'VARCHAR',
    'BOOLEAN',
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'DOUBLE',
    'TIMESTAMP',
    'DATE',
    'INTERVAL',
  ],
  INTERVAL: ['VARCHAR'],
};

/** CAST, TRY_CAST and `::`. @throws LMN-2008 for types that nothing makes of each other. */
export function bindCast(expression: Node<'cast'>, scope: Scope): BoundExpression {
  const { span } = expression;
  const type = resolveType(expression.type);
  const operand = bindExpression(expression.operand, scope);
  const from = operand.type;
  if (isBareNull(operand)) return literal(null, type, span);
  if (sameType(from, type)) return operand;
  const isKnown =
    isNested(from) || isNested(type) ? canCastNested(from, type) : CASTS_FROM[from.kind]?.includes(type.kind);
  if (!isKnown) {
    const isTime = from.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP';
    const hint = isTime
      ? 'epoch_ms(x) turns a time into a number of milliseconds and back'
      : from.kind === 'VARCHAR' && isNested(type)
        ? `text of JSON can: CAST(CAST(x AS JSON) AS ${typeName(type)})`
        : undefined;
    throw new LaminarError('LMN-2008', `a ${typeName(from)} cannot be cast to ${typeName(type)}`, {
      ...(hint === undefined ? {} : { hint }),
      at: { span },
    });
  }
  if (operand.kind === 'literal') {
    const folded = foldCast(operand.value, from, type);
    if (typeof folded === 'object') return literal(folded.value, type, span);
  }
  return {
    kind: 'cast',
    operand,
    try: expression.try,
    type,
    // The JSON value null is NULL in any other type but text.
    nullable: operand.nullable || expression.try || (from.kind === 'JSON' && type.kind !== 'VARCHAR'),
    span,
  };
}
