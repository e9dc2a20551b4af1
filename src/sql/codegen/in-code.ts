// IN: a few numbers are compared one after another; more, and strings, are found by a binary search compiled into code.
//
// Strings are searched by length, then by their first eight bytes as a number, and at last compared in full.

import { physicalOf } from '../../data/type.ts';
import type { BoundExpression } from '../expression.ts';
import { emitTextIs, isValue } from './compare-code.ts';
import type { Emitter } from './emitter.ts';
import { emitExpression, emitStrict, type Node } from './expression-code.ts';
import { emitNot } from './logic-code.ts';
import { type MapContext, type Nullness, valueTypeOf } from './map-context.ts';

export function emitIn(map: MapContext, expression: Node<'in'>): Nullness {
  if (expression.negated) {
    const { span, type, nullable } = expression;
    return emitNot(map, { kind: 'not', operand: { ...expression, negated: false }, type, nullable, span });
  }
  const literals = expression.list.filter((e) => e.kind === 'literal');
  if (literals.length === expression.list.length) return emitInLiterals(map, expression, literals);
  return emitExpression(map, asDisjunction(expression, literals));
}

/** `x IN (1, 2, a, b)` as `x IN (1, 2) OR x = a OR x = b`. */
function asDisjunction(expression: Node<'in'>, literals: readonly BoundExpression[]): BoundExpression {
  const { operand, type, span } = expression;
  const others = expression.list.filter((e) => e.kind !== 'literal');
  const operands: BoundExpression[] = others.map((right) => ({
    kind: 'compare',
    operator: '=',
    left: operand,
    right,
    type,
    nullable: operand.nullable || right.nullable,
    span,
  }));
  if (literals.length > 0) {
    const nullable = operand.nullable || literals.some((e) => e.nullable);
    operands.unshift({ ...expression, list: [...literals], nullable });
  }
  if (operands.length === 1) return operands[0] as BoundExpression;
  return { kind: 'or', operands, type, nullable: operands.some((o) => o.nullable), span };
}

function emitInLiterals(map: MapContext, expression: Node<'in'>, literals: readonly BoundExpression[]): Nullness {
  const { emitter } = map;
  const { operand } = expression;
  const values = literals.filter(isValue);
  const hasNull = values.length < literals.length;
  return emitStrict(map, expression, {
    operands: [operand],
    mayBeNull: hasNull,
    needsValues: hasNull || physicalOf(operand.type) === 'ref',
    fails: false,
    body: () => {
      const value = emitter.save(valueTypeOf(operand.type));
      emitMembership(map, value, { operand, values });
      // Not among the values, but one was unknown.
      if (hasNull) emitter.op('i32.eqz').nullIf('i32', () => emitter.i32(1));
      emitter.free(value);
    },
  });
}

function emitMembership(
  map: MapContext,
  value: number,
  list: { operand: BoundExpression; values: readonly Node<'literal'>[] },
): void {
  const { emitter } = map;
  switch (physicalOf(list.operand.type)) {
    case 'u8':
    case 'i32':
    case 'i64': {
      const type = valueTypeOf(list.operand.type) as 'i32' | 'i64';
      const keys = sorted(list.values.map((e) => BigInt(e.value as number | bigint | boolean)));
      emitSearch(emitter, { value, type, keys }, (key) => pushEquals(emitter, { value, type, key }));
      return;
    }
    case 'f64':
      emitDoubleMembership(emitter, value, [...new Set(list.values.map((e) => Number(e.value)))]);
      return;
    case 'ref':
      emitTextMembership(map, value, [...new Set(list.values.map((e) => e.value as string))]);
  }
}

function sorted(keys: readonly bigint[]): bigint[] {
  return [...new Set(keys)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

interface Search {
  value: number;
  type: 'i32' | 'i64';
  /** Ascending, without duplicates. */
  keys: readonly bigint[];
}

/** Longer lists are split in halves. */
const CHAIN_MAX = 4;

function pushKey(emitter: Emitter, type: 'i32' | 'i64', key: bigint): void {
  if (type === 'i64') emitter.i64(key);
  else emitter.i32(Number(key));
}

function pushEquals(emitter: Emitter, test: { value: number; type: 'i32' | 'i64'; key: bigint }): void {
  emitter.get(test.value);
  pushKey(emitter, test.type, test.key);
  emitter.op(`${test.type}.eq`);
}

/** Pushes 1 where `leaf` does for the only key that the value can equal. */
function emitSearch(emitter: Emitter, search: Search, leaf: (key: bigint) => void): void {
  const { keys, value, type } = search;
  if (keys.length === 0) {
    emitter.i32(0);
    return;
  }
  if (keys.length <= CHAIN_MAX) {
    for (const [i, key] of keys.entries()) {
      leaf(key);
      if (i > 0) emitter.op('i32.or');
    }
    return;
  }
  const middle = keys.length >> 1;
  emitter.get(value);
  pushKey(emitter, type, keys[middle] as bigint);
  emitter.op(`${type}.lt_s`).if('i32');
  emitSearch(emitter, { ...search, keys: keys.slice(0, middle) }, leaf);
  emitter.else();
  emitSearch(emitter, { ...search, keys: keys.slice(middle) }, leaf);
  emitter.end();
}

function emitDoubleMembership(emitter: Emitter, value: number, keys: readonly number[]): void {
  emitter.i32(0);
  for (const key of keys) {
    if (Number.isNaN(key)) emitter.get(value).get(value).op('f64.ne');
    else emitter.get(value).f64(key).op('f64.eq');
    emitter.op('i32.or');
  }
}

const encoder = new TextEncoder();

function emitTextMembership(map: MapContext, ref: number, texts: readonly string[]): void {
  const { emitter } = map;
  const byLength = groupBy(texts, (text) => BigInt(encoder.encode(text).length));
  const length = emitter.local('i32');
  emitter.get(ref).i64(32).op('i64.shr_u', 'i32.wrap_i64').set(length);
  const keys = sorted([...byLength.keys()]);
  emitSearch(emitter, { value: length, type: 'i32', keys }, (key) => {
    pushEquals(emitter, { value: length, type: 'i32', key });
    emitter.if('i32');
    emitTextsOfLength(map, ref, { length: Number(key), texts: byLength.get(key) as string[] });
    emitter.else().i32(0).end();
  });
  emitter.free(length);
}

function emitTextsOfLength(map: MapContext, ref: number, group: { length: number; texts: readonly string[] }): void {
  const { emitter } = map;
  if (group.length === 0) {
    emitter.i32(1);
    return;
  }
  const prefixBytes = Math.min(group.length, 8);
  const byPrefix = groupBy(group.texts, prefixOf);
  const prefix = emitter.local('i64');
  emitter.get(ref).op('i32.wrap_i64').loadUnaligned('i64');
  if (prefixBytes < 8) emitter.i64((1n << BigInt(8 * prefixBytes)) - 1n).op('i64.and');
  emitter.set(prefix);
  emitSearch(emitter, { value: prefix, type: 'i64', keys: sorted([...byPrefix.keys()]) }, (key) => {
    pushEquals(emitter, { value: prefix, type: 'i64', key });
    if (group.length <= 8) return;
    emitter.if('i32');
    for (const [i, text] of (byPrefix.get(key) as string[]).entries()) {
      emitter.get(ref);
      emitTextIs(map, text);
      if (i > 0) emitter.op('i32.or');
    }
    emitter.else().i32(0).end();
  });
  emitter.free(prefix);
}

/** The first eight bytes as a signed little-endian number. */
function prefixOf(text: string): bigint {
  let value = 0n;
  for (const [i, byte] of encoder.encode(text).subarray(0, 8).entries()) value |= BigInt(byte) << BigInt(8 * i);
  return BigInt.asIntN(64, value);
}

function groupBy(texts: readonly string[], key: (text: string) => bigint): Map<bigint, string[]> {
  const groups = new Map<bigint, string[]>();
  for (const text of texts) {
    const group = groups.get(key(text));
    if (group === undefined) groups.set(key(text), [text]);
    else group.push(text);
  }
  return groups;
}
