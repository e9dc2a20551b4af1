// Compiles bound expressions: one function a node kind, each leaving the value on the stack and saying where its NULL is.
//
// Three-valued logic costs what it needs: a value that cannot be NULL carries no flag. Data under a NULL is
// unspecified, so whatever could fail or follow a pointer runs only where its operands are not NULL.

import { assert, unreachable } from '../../base/assert.ts';
import { physicalOf } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import type { ScalarOverload } from '../functions/function.ts';
import { overloadById } from '../functions/registry.ts';
import { emitCast } from './cast-code.ts';
import { emitCompare, emitDistinct } from './compare-code.ts';
import { emitHostCall } from './host-code.ts';
import { emitIn } from './in-code.ts';
import { emitCase, emitCoalesce, emitLogic, emitNot } from './logic-code.ts';
import {
  eitherNull,
  emitColumn,
  emitText,
  type MapContext,
  type Nullness,
  siteOf,
  valueTypeOf,
} from './map-context.ts';
import { SPECIAL } from './special-code.ts';

/** Pushes the value of an expression for the current row. */
export function emitExpression(map: MapContext, expression: BoundExpression): Nullness {
  switch (expression.kind) {
    case 'literal':
      return emitLiteral(map, expression);
    case 'column':
      return emitColumn(map, expression.index, expression.nullable);
    case 'call':
      return emitCall(map, expression);
    case 'cast':
      return emitCast(map, expression);
    case 'and':
    case 'or':
      return emitLogic(map, expression);
    case 'not':
      return emitNot(map, expression);
    case 'is-null':
      return emitIsNull(map, expression);
    case 'compare':
      return emitCompare(map, expression);
    case 'is-distinct':
      return emitDistinct(map, expression);
    case 'in':
      return emitIn(map, expression);
    case 'case':
      return emitCase(map, expression);
    case 'coalesce':
      return emitCoalesce(map, expression);
    default:
      return unreachable(expression);
  }
}

export type Node<K extends BoundExpression['kind']> = Extract<BoundExpression, { kind: K }>;

function emitLiteral(map: MapContext, expression: Node<'literal'>): Nullness {
  const { emitter } = map;
  const { value, type } = expression;
  if (value === null) {
    const isNull = emitter.local('i32');
    emitter.i32(1).set(isNull).zero(valueTypeOf(type));
    return isNull;
  }
  switch (physicalOf(type)) {
    case 'u8':
      emitter.i32(value === true ? 1 : 0);
      break;
    case 'i32':
      emitter.i32(Number(value));
      break;
    case 'i64':
      emitter.i64(BigInt(value as bigint | number));
      break;
    case 'f64':
      emitter.f64(Number(value));
      break;
    case 'ref':
      emitText(map, value as string);
      break;
  }
  return null;
}

function emitIsNull(map: MapContext, expression: Node<'is-null'>): Nullness {
  const { emitter } = map;
  const { operand, negated } = expression;
  const isNull = emitExpression(map, operand);
  emitter.op('drop');
  if (isNull === null) {
    emitter.i32(negated ? 1 : 0);
    return null;
  }
  emitter.get(isNull);
  if (negated) emitter.op('i32.eqz');
  emitter.free(isNull);
  return null;
}

function emitCall(map: MapContext, expression: Node<'call'>): Nullness {
  if (expression.definition !== undefined) return emitHostCall(map, expression, expression.definition);
  const overload = overloadById(expression.function);
  if (overload.code.kind === 'special') {
    const special = SPECIAL[overload.name];
    assert(special !== undefined, `${overload.name} is compiled by special code`);
    return special(map, expression);
  }
  if (overload.code.kind === 'host') return emitHostCall(map, expression, null);
  return emitStrict(map, expression, {
    operands: expression.arguments,
    mayBeNull: overload.nulls === 'may-be-null',
    needsValues: needsValues(overload),
    fails: overload.fails === true,
    body: () => emitOverload(map, overload),
  });
}

/** Whether the code must not run on the unspecified data of a NULL. */
function needsValues(overload: ScalarOverload): boolean {
  if (overload.code.kind === 'kernel' || overload.fails === true || overload.nulls === 'may-be-null') return true;
  return overload.parameters.some((type) => physicalOf(type) === 'ref');
}

/** Writes an overload's own code: arguments on the stack, then the result. */
function emitOverload(map: MapContext, overload: ScalarOverload): void {
  const { emitter } = map;
  const { code } = overload;
  if (code.kind === 'inline') {
    code.emit(emitter);
    return;
  }
  assert(code.kind === 'kernel', 'special functions have their own code');
  emitter.kernel(code.kernel, overload.parameters.map(valueTypeOf), valueTypeOf(overload.result));
  emitter.checkStatus({ mayBeNull: overload.nulls === 'may-be-null', fails: overload.fails === true });
}

export interface StrictCode {
  operands: readonly BoundExpression[];
  /** `body` may find that the value is NULL although no operand is. */
  mayBeNull: boolean;
  /** `body` must run only where no operand is NULL. */
  needsValues: boolean;
  /** `body` may raise an error: it gets a failure site. */
  fails: boolean;
  /** Operands on the stack in order, then the result. */
  body: () => void;
}

/** Code that is NULL where an operand is: evaluates the operands, then runs `body` on them. */
export function emitStrict(map: MapContext, expression: BoundExpression, code: StrictCode): Nullness {
  const { emitter } = map;
  const nulls = code.operands.map((operand) => emitExpression(map, operand));
  const result = valueTypeOf(expression.type);
  const failure = code.fails ? { site: siteOf(map, expression) } : ('null' as const);
  if (nulls.every((n) => n === null)) {
    const isNull = code.mayBeNull ? emitter.local('i32') : null;
    if (isNull !== null) emitter.i32(0).set(isNull);
    emitter.within(failure, isNull, code.body);
    return isNull;
  }
  if (!code.needsValues) {
    emitter.within(failure, null, code.body);
    return eitherNull(map, nulls);
  }
  const values = code.operands.map((operand) => emitter.local(valueTypeOf(operand.type)));
  for (const value of [...values].reverse()) emitter.set(value);
  const isNull = eitherNull(map, nulls) as number;
  emitter.get(isNull).if(result);
  emitter.zero(result);
  emitter.else();
  for (const value of values) emitter.get(value);
  emitter.within(failure, code.mayBeNull ? isNull : null, code.body);
  emitter.end();
  emitter.free(...values);
  return isNull;
}
