// Binds an expression of the syntax tree: names resolved, types inferred, every coercion an explicit cast.
//
// One function a node kind. `scope.intercept` sees each node first, which is how group keys, aggregates and window
// columns are recognised at any depth.

import { unreachable } from '../../base/assert.ts';
import { LaminarError } from '../../base/errors.ts';
import { BOOLEAN, isNumeric, NULL_TYPE, typeName, VARCHAR } from '../../data/type.ts';
import type { Identifier, Span } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import { bindCall, bindFunction } from './calls.ts';
import { bindCast, bindTypedLiteral } from './casts.ts';
import { coerce, isBareNull } from './coerce.ts';
import { bindBetween, bindCase, bindComparison, bindDistinct, bindIn, bindLike } from './conditions.ts';
import { intervalLiteral, literal, numberLiteral } from './literals.ts';
import { bindField, bindItem, bindList, bindSlice, bindStruct, bindSubscript } from './nested.ts';
import type { Scope } from './scope.ts';
import { misplacedSubquery } from './subqueries.ts';

/** @throws LaminarError with a span, LMN-20nn, for whatever the user got wrong. */
export function bindExpression(expression: Expression, scope: Scope): BoundExpression {
  const intercepted = scope.intercept(expression);
  if (intercepted !== null) return intercepted;
  const { span } = expression;
  switch (expression.kind) {
    case 'number':
      return numberLiteral(expression.text, span);
    case 'string':
      return literal(expression.value, VARCHAR, span);
    case 'boolean':
      return literal(expression.value, BOOLEAN, span);
    case 'null':
      return literal(null, NULL_TYPE, span);
    case 'interval':
      return intervalLiteral(expression);
    case 'typed-literal':
      return bindTypedLiteral(expression);
    case 'column':
      return bindColumn(expression, scope);
    case 'field':
      return bindField(bindExpression(expression.operand, scope), expression.name, span);
    case 'subscript':
      return bindSubscript(expression, scope);
    case 'slice':
      return bindSlice(expression, scope);
    case 'list':
      return bindList(expression, scope);
    case 'item':
      return bindItem(expression, scope);
    case 'struct':
      return bindStruct(expression, scope);
    case 'unary':
      return bindUnary(expression, scope);
    case 'binary':
      return bindBinary(expression, scope);
    case 'is-null':
      return bindIsNull(expression, scope);
    case 'is-boolean': {
      const left = bindCondition(expression.operand, scope);
      const right = literal(expression.value, BOOLEAN, span);
      const negated = !expression.negated;
      return { kind: 'is-distinct', left, right, negated, type: BOOLEAN, nullable: false, span };
    }
    case 'is-distinct':
      return bindDistinct(expression, scope);
    case 'between':
      return bindBetween(expression, scope);
    case 'in':
      return bindIn(expression, scope);
    case 'like':
      return bindLike(expression, scope);
    case 'exists':
    case 'in-query':
    case 'scalar-query':
      throw misplacedSubquery(expression);
    case 'case':
      return bindCase(expression, scope);
    case 'cast':
      return bindCast(expression, scope);
    case 'call':
      return bindCall(expression, scope);
    default:
      return unreachable(expression);
  }
}

/** Binds an expression that must be BOOLEAN. @throws LMN-2008 when it is not. */
export function bindCondition(expression: Expression, scope: Scope): BoundExpression {
  const bound = bindExpression(expression, scope);
  if (bound.type.kind === 'BOOLEAN' || isBareNull(bound)) return coerce(bound, BOOLEAN);
  throw new LaminarError('LMN-2008', `a condition must be BOOLEAN, this is ${typeName(bound.type)}`, {
    hint: isNumeric(bound.type) ? 'compare it, for example with <> 0' : 'compare it with a value',
    at: { span: expression.span },
  });
}

/** SQL calls these without parentheses; a column of that name comes first. */
const BARE_FUNCTIONS = new Set(['current_timestamp', 'current_date']);

function bindColumn(expression: Node<'column'>, scope: Scope): BoundExpression {
  const { path, span } = expression;
  const [name] = path;
  const isBare = path.length === 1 && name !== undefined && !name.quoted && BARE_FUNCTIONS.has(name.name.toLowerCase());
  if (!isBare) return bindPath(expression, scope);
  try {
    return scope.column(path, span);
  } catch (error) {
    if (!(error instanceof LaminarError)) throw error;
    const call = { arguments: [], distinct: false, star: false, order: null, filter: null, over: null };
    return bindCall({ kind: 'call', name, ...call, span }, scope);
  }
}

/** `column`, `relation.column`, and fields of a struct behind either. */
function bindPath({ path, span }: Node<'column'>, scope: Scope): BoundExpression {
  if (path.length === 1) return scope.column(path, span);
  const { column, names } = bindFirst(path, span, scope);
  return names.reduce((operand, name) => bindField(operand, name, { start: span.start, end: name.span.end }), column);
}

/** The column that a path begins with, and the names behind it. */
function bindFirst(
  path: readonly Identifier[],
  span: Span,
  scope: Scope,
): { column: BoundExpression; names: readonly Identifier[] } {
  const spanOf = (count: number): Span => ({ start: span.start, end: path[count - 1]!.span.end });
  try {
    return { column: scope.column(path.slice(0, 2), spanOf(2)), names: path.slice(2) };
  } catch (error) {
    if (!(error instanceof LaminarError) || error.code !== 'LMN-2003') throw error;
    const column = columnAlone(path[0] as Identifier, spanOf(1), scope);
    if (column?.type.kind !== 'STRUCT' && column?.type.kind !== 'JSON') throw error;
    return { column, names: path.slice(1) };
  }
}

function columnAlone(name: Identifier, span: Span, scope: Scope): BoundExpression | null {
  try {
    return scope.column([name], span);
  } catch (error) {
    if (error instanceof LaminarError && error.code === 'LMN-2003') return null;
    throw error;
  }
}

type Node<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

function bindUnary(expression: Node<'unary'>, scope: Scope): BoundExpression {
  const { span, operator } = expression;
  if (operator === 'NOT') {
    const operand = bindCondition(expression.operand, scope);
    return { kind: 'not', operand, type: BOOLEAN, nullable: operand.nullable, span };
  }
  if (operator === '-' && expression.operand.kind === 'number') {
    return numberLiteral(`-${expression.operand.text}`, span);
  }
  const operand = bindExpression(expression.operand, scope);
  if (operator === '~') return bindFunction({ name: '~', arguments: [operand], span }, scope);
  if (operator === '-') {
    if (operand.kind === 'literal' && operand.type.kind === 'INTERVAL') {
      return literal(-(operand.value as bigint), operand.type, span);
    }
    return bindFunction({ name: '-', arguments: [operand], span }, scope);
  }
  if (isNumeric(operand.type) || operand.type.kind === 'INTERVAL' || isBareNull(operand)) return operand;
  throw new LaminarError('LMN-2008', `+ needs a number, this is ${typeName(operand.type)}`, { at: { span } });
}

function bindBinary(expression: Node<'binary'>, scope: Scope): BoundExpression {
  const { operator, span } = expression;
  switch (operator) {
    case 'AND':
    case 'OR': {
      const kind = operator === 'AND' ? 'and' : 'or';
      const operands = flatten(expression, operator).map((e) => bindCondition(e, scope));
      return { kind, operands, type: BOOLEAN, nullable: operands.some((o) => o.nullable), span };
    }
    case '=':
    case '<>':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return bindComparison(expression, operator, scope);
    case '+':
    case '-':
    case '*':
    case '/':
    case '//':
    case '%':
    case '||':
    case '->':
    case '->>':
    case '&':
    case '|':
    case '<<':
    case '>>':
    case '^': {
      const operands = [bindExpression(expression.left, scope), bindExpression(expression.right, scope)];
      return bindFunction({ name: operator, arguments: operands, span }, scope);
    }
    case '~':
    case '!~':
    case '~*':
    case '!~*':
      return bindPattern(expression, operator, scope);
    default:
      return unreachable(operator);
  }
}

/** `~` matches the whole text, as in DuckDB; with `*` in any case, with `!` the opposite. */
function bindPattern(expression: Node<'binary'>, operator: string, scope: Scope): BoundExpression {
  const { span } = expression;
  const operands = [bindExpression(expression.left, scope), bindExpression(expression.right, scope)];
  if (operator.endsWith('*')) operands.push(literal('i', VARCHAR, span));
  const match = bindFunction({ name: 'regexp_full_match', arguments: operands, span }, scope);
  if (!operator.startsWith('!')) return match;
  return { kind: 'not', operand: match, type: BOOLEAN, nullable: match.nullable, span };
}

/** The operands of a chain of ANDs or ORs, left to right. */
function flatten(expression: Expression, operator: 'AND' | 'OR'): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== operator) return [expression];
  return [...flatten(expression.left, operator), ...flatten(expression.right, operator)];
}

function bindIsNull(expression: Node<'is-null'>, scope: Scope): BoundExpression {
  const { span, negated } = expression;
  const operand = bindExpression(expression.operand, scope);
  if (isBareNull(operand)) return literal(!negated, BOOLEAN, span);
  return { kind: 'is-null', operand, negated, type: BOOLEAN, nullable: false, span };
}
