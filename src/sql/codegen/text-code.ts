// Code of string functions that depends on their arguments: joining any number of them, and LIKE with a literal pattern,
// which becomes a comparison, a prefix, a suffix or a search wherever its form allows.

import type { BoundExpression } from '../expression.ts';
import { emitTextIs } from './compare-code.ts';
import { emitExpression, emitStrict, type Node, type StrictCode } from './expression-code.ts';
import { emitListJoin } from './list-code.ts';
import { emitText, type MapContext, type Nullness } from './map-context.ts';

const encoder = new TextEncoder();
const STRICT = { mayBeNull: false, needsValues: true, fails: false } as const;

/** `a || b || c`: one copy for all parts of a chain. */
export function emitConcatOperator(map: MapContext, expression: Node<'call'>): Nullness {
  if (expression.type.kind === 'LIST') return emitListJoin(map, expression);
  const parts = chainOf(expression);
  return emitStrict(map, expression, { ...STRICT, operands: parts, body: () => emitJoin(map, parts.length) });
}

function chainOf(expression: BoundExpression): BoundExpression[] {
  if (expression.kind !== 'call' || !expression.function.startsWith('||(')) return [expression];
  return expression.arguments.flatMap(chainOf);
}

/** Joins so many strings on the stack. */
function emitJoin(map: MapContext, count: number): void {
  const { emitter } = map;
  let left = count;
  while (left > 1) {
    const taken = Math.min(left, 4);
    emitter.kernel(`textConcat${taken}`, new Array(taken).fill('i64'), 'i64');
    left -= taken - 1;
  }
}

/** concat: a NULL is an empty string. */
export function emitConcat(map: MapContext, expression: Node<'call'>): Nullness {
  for (const argument of expression.arguments) emitOrEmpty(map, argument);
  emitJoin(map, expression.arguments.length);
  return null;
}

function emitOrEmpty(map: MapContext, argument: BoundExpression): void {
  const { emitter } = map;
  const isNull = emitExpression(map, argument);
  if (isNull === null) return;
  const value = emitter.save('i64');
  emitter.i64(0n).get(value).get(isNull).op('select').free(value, isNull);
}

/** concat_ws: what is not NULL, with the separator between. */
export function emitConcatSeparated(map: MapContext, expression: Node<'call'>): Nullness {
  const { emitter } = map;
  const [first, ...rest] = expression.arguments as [BoundExpression, ...BoundExpression[]];
  const body = (): void => {
    const separator = emitter.save('i64');
    const joined = emitter.local('i64');
    const isEmpty = emitter.local('i32');
    emitter.i64(0n).set(joined).i32(1).set(isEmpty);
    for (const argument of rest) {
      const isNull = emitExpression(map, argument);
      const value = emitter.save('i64');
      if (isNull !== null) emitter.get(isNull).op('i32.eqz').if();
      emitter.get(isEmpty).if('i64');
      emitter.get(value).else();
      emitter.get(joined).get(separator).get(value).kernel('textConcat3', ['i64', 'i64', 'i64'], 'i64').end();
      emitter.set(joined).i32(0).set(isEmpty);
      if (isNull !== null) emitter.end();
      emitter.free(value, isNull);
    }
    emitter.get(joined).free(separator, joined, isEmpty);
  };
  return emitStrict(map, expression, { ...STRICT, operands: [first], body });
}

/** A pattern taken apart: what is between its `%`, or null when only the general algorithm can match it. */
function literalParts(pattern: string, escaping: string | null): string[] | null {
  const parts: string[] = [];
  let part = '';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === escaping) {
      i += 1;
      if (i === characters.length) return null;
      part += characters[i];
    } else if (character === '_') {
      return null;
    } else if (character === '%') {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

export function emitLike(map: MapContext, expression: Node<'call'>): Nullness {
  const [text, pattern, escaping] = expression.arguments as [BoundExpression, BoundExpression, BoundExpression?];
  const parts = partsOf(pattern, escaping);
  const body = parts === null ? null : patternCode(map, parts);
  if (body !== null) return emitStrict(map, expression, { ...STRICT, operands: [text], body });
  return emitStrict(map, expression, generalCode(map, [text, pattern, escaping]));
}

function partsOf(pattern: BoundExpression, escaping: BoundExpression | undefined): string[] | null {
  if (pattern.kind !== 'literal' || pattern.value === null) return null;
  if (escaping === undefined) return literalParts(pattern.value as string, null);
  if (escaping.kind !== 'literal' || escaping.value === null) return null;
  const character = escaping.value as string;
  if (character.length > 1 || character > '\x7f') return null;
  return literalParts(pattern.value as string, character === '' ? null : character);
}

/** Code for a text on the stack, or null when the pattern has too many parts. */
function patternCode(map: MapContext, parts: readonly string[]): (() => void) | null {
  const { emitter } = map;
  const [first, second] = parts as [string, string];
  const inner = parts.slice(1, -1).filter((part) => part !== '');
  if (parts.length === 1) return () => emitTextIs(map, first);
  const last = parts.at(-1) as string;
  if (inner.length === 0 && last === '') return () => emitFound(map, 'textStartsWith', first);
  if (inner.length === 0 && first === '') return () => emitFound(map, 'textEndsWith', last);
  if (inner.length === 1 && first === '' && last === '')
    return () => emitFound(map, 'textContains', inner[0] as string);
  if (parts.length !== 2) return null;
  return () => {
    // Beginning and end must not overlap.
    const text = emitter.save('i64');
    const bytes = encoder.encode(first + second).length;
    emitter.get(text).i64(32).op('i64.shr_u').i64(bytes).op('i64.ge_s').if('i32');
    emitter.get(text);
    emitFound(map, 'textStartsWith', first);
    emitter.get(text);
    emitFound(map, 'textEndsWith', second);
    emitter.op('i32.and').else().i32(0).end().free(text);
  };
}

type Search = 'textStartsWith' | 'textEndsWith' | 'textContains';

/** Whether a literal is found in the text on the stack; an empty one always is. */
function emitFound(map: MapContext, search: Search, literal: string): void {
  const { emitter } = map;
  if (literal === '') {
    emitter.op('drop').i32(1);
    return;
  }
  emitText(map, literal);
  emitter.kernel(search, ['i64', 'i64'], 'i32');
}

function generalCode(
  map: MapContext,
  operands: readonly [BoundExpression, BoundExpression, BoundExpression?],
): StrictCode {
  const { emitter } = map;
  const [text, pattern, escaping] = operands;
  if (escaping === undefined) {
    const body = (): void => {
      emitter.kernel('textLike', ['i64', 'i64'], 'i32');
    };
    return { ...STRICT, operands: [text, pattern], body };
  }
  const body = (): void => {
    emitter.kernel('textLikeEscape', ['i64', 'i64', 'i64'], 'i32').checkStatus({ mayBeNull: false, fails: true });
  };
  return { ...STRICT, fails: true, operands: [text, pattern, escaping], body };
}

/** ILIKE: LIKE of both in small letters; a literal pattern in ASCII is made small beforehand. */
export function emitIlike(map: MapContext, expression: Node<'call'>): Nullness {
  const operands = expression.arguments.map(lowered);
  return emitLike(map, { ...expression, arguments: operands });
}

function lowered(argument: BoundExpression): BoundExpression {
  const { kind, type, nullable, span } = argument;
  if (kind === 'literal') {
    const value = argument.value as string | null;
    if (value === null) return argument;
    if (encoder.encode(value).length === value.length) return { ...argument, value: value.toLowerCase() };
  }
  return { kind: 'call', function: 'lower(VARCHAR)', arguments: [argument], type, nullable, span };
}
