// Every scalar function, and choosing the overload that a call means.
//
// An argument may widen on its own: integers to larger ones and to DOUBLE, DATE to TIMESTAMP, JSON to VARCHAR, NULL to
// anything; and what joins strings takes any value as text. Of the overloads that take the arguments, the one with the fewest and smallest steps is meant; of equal
// ones, the first.

import { assert } from '../../base/assert.ts';
import { type DataType, elementOf, fieldsOf, NULL_TYPE, sameType, type TypeKind } from '../../data/type.ts';
import { arithmeticFunctions } from './arithmetic.ts';
import { bitFunctions } from './bits.ts';
import { conditionalFunctions } from './conditional.ts';
import { encodingFunctions } from './encoding.ts';
import type { ScalarFunction, ScalarOverload } from './function.ts';
import { jsonFunctions } from './json.ts';
import { jsonListFunctions } from './json-lists.ts';
import { internalOverloads, listFunctions } from './list.ts';
import { numberFunctions } from './number-theory.ts';
import { decimalRoundings, numericFunctions } from './numeric.ts';
import { regularExpressionFunctions } from './regular-expression.ts';
import { stringFunctions } from './string.ts';
import { structFunctions } from './struct.ts';
import { textFunctions } from './text.ts';
import { timeFunctions } from './time.ts';
import { timeTextFunctions } from './time-text.ts';

const ALL: readonly ScalarFunction[] = [
  ...arithmeticFunctions,
  ...numericFunctions,
  ...numberFunctions,
  ...bitFunctions,
  ...stringFunctions,
  ...textFunctions,
  ...regularExpressionFunctions,
  ...encodingFunctions,
  ...timeFunctions,
  ...timeTextFunctions,
  ...jsonFunctions,
  ...jsonListFunctions,
  ...listFunctions,
  ...structFunctions,
  ...conditionalFunctions,
];

const BY_NAME: ReadonlyMap<string, ScalarFunction> = new Map(
  ALL.flatMap((f) => [f.name, ...f.aliases].map((name) => [name, f] as const)),
);

const BY_ID: ReadonlyMap<string, ScalarOverload> = new Map(
  [...[...ALL, ...decimalRoundings].flatMap((f) => f.overloads), ...internalOverloads].map(
    (overload) => [overload.id, overload] as const,
  ),
);

/** An overload, or why there is none: no function of that name, or none of its overloads takes the arguments. */
export type Resolution =
  | { overload: ScalarOverload }
  | { error: 'unknown' }
  | { error: 'arguments'; function: ScalarFunction };

/**
 * Finds the overload for a call; the caller casts the arguments to its parameters. Case of the name is ignored.
 * @param first the first argument where it is a string as written: a field's name may decide the result's type.
 */
export function resolveFunction(name: string, argumentTypes: readonly DataType[], first?: string): Resolution {
  const found = BY_NAME.get(name.toLowerCase());
  if (found === undefined) return { error: 'unknown' };
  const best = overloadOf(found, argumentTypes, first);
  return best === null ? { error: 'arguments', function: found } : { overload: best };
}

/** The overload of a function that takes the arguments best, null when none does. */
export function overloadOf(
  found: ScalarFunction,
  argumentTypes: readonly DataType[],
  first?: string,
): ScalarOverload | null {
  let best: ScalarOverload | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const given of found.overloads) {
    const overload = instanceOf(given, argumentTypes);
    if (overload === null) continue;
    const isMeant = overload.constant === undefined || overload.constant === first?.toLowerCase();
    if (!isMeant) continue;
    // An overload for just this constant comes before those for any.
    const cost = costOf(overload, argumentTypes) - (overload.constant === undefined ? 0 : 0.5);
    if (cost < bestCost) [best, bestCost] = [overload, cost];
  }
  return best;
}

/** Names and aliases of all functions and operators. */
export function functionNames(): string[] {
  return [...BY_NAME.keys()];
}

/** All functions and operators, for the reference. */
export function scalarFunctions(): readonly ScalarFunction[] {
  return ALL;
}

/** The overload that a bound call names. */
export function overloadById(id: string): ScalarOverload {
  const overload = BY_ID.get(id);
  assert(overload !== undefined, `there is an overload ${id}`);
  return overload;
}

/** The overload with the types it has for these arguments; null when it does not take them. */
function instanceOf(overload: ScalarOverload, argumentTypes: readonly DataType[]): ScalarOverload | null {
  if (overload.instantiate === undefined) return overload;
  const instance = overload.instantiate(argumentTypes);
  return instance === null ? null : { ...overload, ...instance };
}

function costOf(overload: ScalarOverload, argumentTypes: readonly DataType[]): number {
  const { parameters, variadic } = overload;
  const fits = variadic ? argumentTypes.length >= parameters.length : argumentTypes.length === parameters.length;
  if (!fits) return Number.POSITIVE_INFINITY;
  let cost = 0;
  for (const [i, type] of argumentTypes.entries()) {
    const parameter = parameters[Math.min(i, parameters.length - 1)] as DataType;
    const takesText = parameter.kind === 'VARCHAR' && type.kind !== 'LIST' && JOINING.has(overload.name);
    cost += takesText ? 0 : wideningCost(type, parameter);
  }
  return cost;
}

/** Functions whose arguments become text whatever they are. */
const JOINING: ReadonlySet<string> = new Set(['||', 'concat', 'concat_ws', 'format', 'printf']);

const NUMERIC_ORDER: readonly TypeKind[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];

/** Steps from a type to a wider one; infinite where a cast must be written. */
function wideningCost(from: DataType, to: DataType): number {
  if (sameType(from, to) || from.kind === 'NULL') return 0;
  if (from.kind === 'LIST' && to.kind === 'LIST') return wideningCost(elementOf(from), elementOf(to));
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') {
    const fields = fieldsOf(to);
    return fieldsOf(from).reduce((sum, { type }, i) => sum + wideningCost(type, fields[i]?.type ?? NULL_TYPE), 0);
  }
  const [fromRank, toRank] = [NUMERIC_ORDER.indexOf(from.kind), NUMERIC_ORDER.indexOf(to.kind)];
  if (fromRank >= 0 && toRank > fromRank) return toRank - fromRank;
  if (from.kind === 'DATE' && to.kind === 'TIMESTAMP') return 1;
  if (from.kind === 'JSON' && to.kind === 'VARCHAR') return 1;
  return Number.POSITIVE_INFINITY;
}
