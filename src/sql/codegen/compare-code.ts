// Comparisons: numbers inline, doubles with NaN equal to NaN and greater than all, strings by their bytes.
//
// Equality of strings compares lengths inline; with a literal of up to 16 bytes it compares the bytes inline too (eight
// at a time: buffers may be read a little past their end), and only longer ones call a kernel.

import { type DataType, physicalOf } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import type { Emitter } from './emitter.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { emitText, type MapContext, type Nullness, saveValue } from './map-context.ts';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

const MIRRORED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const SIGNED = { '=': 'eq', '<>': 'ne', '<': 'lt_s', '<=': 'le_s', '>': 'gt_s', '>=': 'ge_s' } as const;

export function emitCompare(map: MapContext, expression: Node<'compare'>): Nullness {
  const { left, right, operator } = expression;
  if (left.kind === 'literal' && right.kind !== 'literal') {
    return emitCompare(map, { ...expression, left: right, right: left, operator: MIRRORED[operator] });
  }
  const strict = { mayBeNull: false, fails: false };
  if (right.kind === 'literal' && right.value !== null) {
    const { value } = right;
    if (typeof value === 'string' && (operator === '=' || operator === '<>')) {
      const body = (): void => {
        emitTextIs(map, value);
        if (operator === '<>') map.emitter.op('i32.eqz');
      };
      return emitStrict(map, expression, { ...strict, operands: [left], needsValues: true, body });
    }
    if (right.type.kind === 'DOUBLE' && !Number.isNaN(value)) {
      const body = (): void => {
        emitDoubleWithNumber(map.emitter, operator, Number(value));
      };
      return emitStrict(map, expression, { ...strict, operands: [left], needsValues: false, body });
    }
  }
  return emitStrict(map, expression, {
    ...strict,
    operands: [left, right],
    needsValues: physicalOf(left.type) === 'ref',
    body: () => emitComparison(map.emitter, operator, left.type),
  });
}

/** Two values of a type are on the stack; pushes 1 where the comparison holds. */
export function emitComparison(emitter: Emitter, operator: Comparison, type: DataType): void {
  switch (physicalOf(type)) {
    case 'u8':
    case 'i32':
      emitter.op(`i32.${SIGNED[operator]}`);
      return;
    case 'i64':
      emitter.op(`i64.${SIGNED[operator]}`);
      return;
    case 'f64':
      emitDoubles(emitter, operator);
      return;
    case 'ref':
      emitTexts(emitter, operator);
  }
}

function emitDoubles(emitter: Emitter, operator: Comparison): void {
  const right = emitter.save('f64');
  const left = emitter.save('f64');
  const isNan = (local: number): Emitter => emitter.get(local).get(local).op('f64.ne');
  const isNumber = (local: number): Emitter => emitter.get(local).get(local).op('f64.eq');
  switch (operator) {
    case '=':
    case '<>':
      emitter.get(left).get(right).op('f64.eq');
      isNan(left);
      isNan(right).op('i32.and', 'i32.or');
      if (operator === '<>') emitter.op('i32.eqz');
      break;
    case '<':
    case '>=':
      // left < right, or only right is NaN.
      emitter.get(left).get(right).op('f64.lt');
      isNumber(left);
      isNan(right).op('i32.and', 'i32.or');
      if (operator === '>=') emitter.op('i32.eqz');
      break;
    case '<=':
    case '>':
      emitter.get(left).get(right).op('f64.le');
      isNan(right).op('i32.or');
      if (operator === '>') emitter.op('i32.eqz');
      break;
  }
  emitter.free(left, right);
}

/** Compares the double on the stack with a number that is not NaN. */
function emitDoubleWithNumber(emitter: Emitter, operator: Comparison, value: number): void {
  emitter.f64(value);
  switch (operator) {
    case '=':
      emitter.op('f64.eq');
      return;
    case '<>':
      emitter.op('f64.ne');
      return;
    case '<':
      emitter.op('f64.lt');
      return;
    case '<=':
      emitter.op('f64.le');
      return;
    case '>':
      emitter.op('f64.le', 'i32.eqz');
      return;
    case '>=':
      emitter.op('f64.lt', 'i32.eqz');
  }
}

function emitTexts(emitter: Emitter, operator: Comparison): void {
  if (operator !== '=' && operator !== '<>') {
    emitter.kernel('textCompare', ['i64', 'i64'], 'i32').i32(0);
    emitter.op(`i32.${SIGNED[operator]}`);
    return;
  }
  const right = emitter.save('i64');
  const left = emitter.save('i64');
  // Equal upper halves: equal lengths.
  emitter.get(left).get(right).op('i64.xor').i64(32).op('i64.shr_u', 'i64.eqz').if('i32');
  emitter.get(left).get(right).kernel('textEqualBytes', ['i64', 'i64'], 'i32');
  emitter.else().i32(0).end();
  if (operator === '<>') emitter.op('i32.eqz');
  emitter.free(left, right);
}

const encoder = new TextEncoder();

/** Up to eight bytes as a little-endian number. */
function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  return value;
}

/** Takes a packed ref; pushes 1 where its text is exactly `text`. */
export function emitTextIs(map: MapContext, text: string): void {
  const { emitter } = map;
  const bytes = encoder.encode(text);
  const ref = emitter.save('i64');
  emitter.get(ref).i64(32).op('i64.shr_u', 'i32.wrap_i64').i32(bytes.length).op('i32.eq');
  if (bytes.length > 0) {
    emitter.if('i32');
    emitBytesAre(map, ref, { text, bytes });
    emitter.else().i32(0).end();
  }
  emitter.free(ref);
}

function emitBytesAre(map: MapContext, ref: number, literal: { text: string; bytes: Uint8Array }): void {
  const { emitter } = map;
  const { text, bytes } = literal;
  const word = (offset: number): Emitter => emitter.get(ref).op('i32.wrap_i64').loadUnaligned('i64', offset);
  if (bytes.length <= 8) {
    word(0);
    if (bytes.length < 8) emitter.i64((1n << BigInt(8 * bytes.length)) - 1n).op('i64.and');
    emitter.i64(littleEndian(bytes)).op('i64.eq');
    return;
  }
  word(0)
    .i64(littleEndian(bytes.subarray(0, 8)))
    .op('i64.eq');
  if (bytes.length <= 16) {
    const last = bytes.length - 8;
    word(last)
      .i64(littleEndian(bytes.subarray(last)))
      .op('i64.eq', 'i32.and');
    return;
  }
  emitter.if('i32');
  emitter.get(ref);
  emitText(map, text);
  emitter.kernel('textEqualBytes', ['i64', 'i64'], 'i32');
  emitter.else().i32(0).end();
}

/** IS [NOT] DISTINCT FROM: NULL is a value like any other, so the result never is NULL. */
export function emitDistinct(map: MapContext, expression: Node<'is-distinct'>): Nullness {
  const { emitter } = map;
  const { type } = expression.left;
  const left = saveValue(map, type, emitExpression(map, expression.left));
  const right = saveValue(map, type, emitExpression(map, expression.right));
  const pushNull = (isNull: Nullness): Emitter => (isNull === null ? emitter.i32(0) : emitter.get(isNull));
  const hasNull = left.isNull !== null || right.isNull !== null;
  if (hasNull) {
    pushNull(left.isNull);
    pushNull(right.isNull).op('i32.or').if('i32');
    pushNull(left.isNull);
    pushNull(right.isNull).op(expression.negated ? 'i32.eq' : 'i32.ne');
    emitter.else();
  }
  emitter.get(left.value).get(right.value);
  emitComparison(emitter, expression.negated ? '=' : '<>', type);
  if (hasNull) emitter.end();
  emitter.free(left.value, right.value, left.isNull, right.isNull);
  return null;
}

/** Whether an expression is a literal other than NULL. */
export function isValue(expression: BoundExpression): expression is Node<'literal'> {
  return expression.kind === 'literal' && expression.value !== null;
}
