// AND, OR, NOT, CASE and COALESCE: three-valued logic that evaluates no more than it needs.
//
// Where only the truth of a condition matters (a filter, WHEN), `emitTruth` asks "is it TRUE?" or "is it FALSE?"
// directly, and NULL never takes a local.

import { physicalOf } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { emitExpression, type Node } from './expression-code.ts';
import { type MapContext, type Nullness, valueTypeOf } from './map-context.ts';

/** Pushes 1 where the BOOLEAN expression is `wanted` (not NULL, not the opposite), otherwise 0. */
export function emitTruth(map: MapContext, expression: BoundExpression, wanted: boolean): void {
  const { emitter } = map;
  switch (expression.kind) {
    case 'not':
      emitTruth(map, expression.operand, !wanted);
      return;
    case 'and':
    case 'or':
      // AND is TRUE where all are TRUE, and FALSE where any is FALSE; OR the other way round.
      emitTruths(map, expression.operands, { wanted, all: (expression.kind === 'and') === wanted });
      return;
    default: {
      const isNull = emitExpression(map, expression);
      if (!wanted) emitter.op('i32.eqz');
      if (isNull === null) return;
      emitter.get(isNull).op('i32.eqz', 'i32.and');
      emitter.free(isNull);
    }
  }
}

function emitTruths(
  map: MapContext,
  operands: readonly BoundExpression[],
  what: { wanted: boolean; all: boolean },
): void {
  const { emitter } = map;
  emitTruth(map, operands[0] as BoundExpression, what.wanted);
  let openBlocks = 0;
  for (const operand of operands.slice(1)) {
    if (isCheap(operand)) {
      // A comparison of numbers costs less than a branch that is predicted wrong.
      emitTruth(map, operand, what.wanted);
      emitter.op(what.all ? 'i32.and' : 'i32.or');
      continue;
    }
    emitter.if('i32');
    openBlocks += 1;
    if (!what.all) emitter.i32(1).else();
    emitTruth(map, operand, what.wanted);
  }
  for (; openBlocks > 0; openBlocks--) {
    if (what.all) emitter.else().i32(0);
    emitter.end();
  }
}

/** Cannot fail, and costs a few instructions without a branch. */
function isCheap(expression: BoundExpression): boolean {
  switch (expression.kind) {
    case 'column':
    case 'literal':
      return physicalOf(expression.type) !== 'ref';
    case 'compare':
      return isCheap(expression.left) && isCheap(expression.right);
    case 'not':
      return isCheap(expression.operand);
    case 'is-null':
      return expression.operand.kind === 'column';
    default:
      return false;
  }
}

export function emitLogic(map: MapContext, expression: Node<'and' | 'or'>): Nullness {
  const { emitter } = map;
  const { operands } = expression;
  if (!operands.some((o) => o.nullable)) {
    emitTruth(map, expression, true);
    return null;
  }
  // The value that decides: FALSE for AND, TRUE for OR.
  const deciding = expression.kind === 'or';
  const value = emitter.local('i32');
  const isNull = emitter.local('i32');
  emitter.i32(deciding ? 0 : 1).set(value);
  emitter.i32(0).set(isNull);
  const decided = emitter.block();
  for (const operand of operands) emitLogicOperand(map, operand, { deciding, value, isNull, decided });
  emitter.end();
  emitter.get(value);
  emitter.free(value);
  return isNull;
}

interface LogicState {
  deciding: boolean;
  value: number;
  isNull: number;
  /** Label to leave for once an operand has decided the result. */
  decided: number;
}

function emitLogicOperand(map: MapContext, operand: BoundExpression, state: LogicState): void {
  const { emitter } = map;
  const { deciding, value, isNull, decided } = state;
  const operandIsNull = emitExpression(map, operand);
  if (!deciding) emitter.op('i32.eqz');
  if (operandIsNull !== null) {
    emitter.get(operandIsNull).op('i32.eqz', 'i32.and');
    emitter.get(isNull).get(operandIsNull).op('i32.or').set(isNull);
    emitter.free(operandIsNull);
  }
  emitter.if();
  emitter.i32(deciding ? 1 : 0).set(value);
  emitter.i32(0).set(isNull);
  emitter.br(decided);
  emitter.end();
}

export function emitNot(map: MapContext, expression: Node<'not'>): Nullness {
  const isNull = emitExpression(map, expression.operand);
  map.emitter.op('i32.eqz');
  return isNull;
}

export function emitCase(map: MapContext, expression: Node<'case'>): Nullness {
  const { emitter } = map;
  const type = valueTypeOf(expression.type);
  const isNull = emitter.local('i32');
  let canBeNull = false;
  const emitResult = (result: BoundExpression): void => {
    const resultIsNull = emitExpression(map, result);
    if (resultIsNull === null) {
      emitter.i32(0).set(isNull);
      return;
    }
    canBeNull = true;
    emitter.get(resultIsNull).set(isNull);
    emitter.free(resultIsNull);
  };
  for (const { when, then } of expression.branches) {
    emitTruth(map, when, true);
    emitter.if(type);
    emitResult(then);
    emitter.else();
  }
  emitResult(expression.otherwise);
  for (const _ of expression.branches) emitter.end();
  if (canBeNull) return isNull;
  emitter.free(isNull);
  return null;
}

export function emitCoalesce(map: MapContext, expression: Node<'coalesce'>): Nullness {
  const { emitter } = map;
  const type = valueTypeOf(expression.type);
  const isNull = emitter.local('i32');
  emitter.i32(0).set(isNull);
  let openBlocks = 0;
  let lastIsNull: Nullness = null;
  const saved: number[] = [];
  for (const [i, operand] of expression.operands.entries()) {
    lastIsNull = emitExpression(map, operand);
    if (lastIsNull === null) break;
    if (i === expression.operands.length - 1) {
      emitter.get(lastIsNull).set(isNull);
      break;
    }
    const value = emitter.save(type);
    saved.push(value);
    emitter.get(lastIsNull).op('i32.eqz').if(type);
    emitter.free(lastIsNull);
    emitter.get(value);
    emitter.else();
    openBlocks += 1;
  }
  for (; openBlocks > 0; openBlocks--) emitter.end();
  emitter.free(...saved);
  if (lastIsNull === null) {
    emitter.free(isNull);
    return null;
  }
  emitter.free(lastIsNull);
  return isNull;
}
