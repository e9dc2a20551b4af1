// Overloads of functions of lists, generic in the type of the elements.

import {
  ANY,
  type DataType,
  DECIMAL_DIGITS_MAX,
  decimalOf,
  digitsOf,
  elementOf,
  listOf,
  NULL_TYPE,
  VARCHAR,
} from '../../data/type.ts';
import { commonType } from '../bind/types.ts';
import { generic, type OverloadOptions, type OverloadPart } from './define.ts';
import type { Instance } from './function.ts';

const LIST = listOf(ANY);
export const MAY_BE_NULL = { nulls: 'may-be-null' } as const;

/** An overload of a list and further arguments of given types; its result depends on the elements. */
export function overList(
  rest: readonly DataType[],
  result: (element: DataType) => DataType,
  options?: OverloadOptions,
) {
  const instantiate = (types: readonly DataType[]): Instance | null => {
    const element = elementType(types[0]);
    if (element === null || types.length !== rest.length + 1) return null;
    return { parameters: [listOf(element), ...rest], result: result(element) };
  };
  return generic({ parameters: [LIST, ...rest], result: result(ANY) }, instantiate, options);
}

/** The elements' type; of a bare NULL too. */
function elementType(type: DataType | undefined): DataType | null {
  if (type?.kind === 'NULL') return NULL_TYPE;
  return type?.kind === 'LIST' ? elementOf(type) : null;
}

/** An overload of arguments that are lists (true) of one type or elements (false) of it. */
export function together(
  shape: readonly boolean[],
  result: (element: DataType) => DataType,
  options?: OverloadOptions,
) {
  const typesOf = (element: DataType): DataType[] => shape.map((isList) => (isList ? listOf(element) : element));
  const instantiate = (types: readonly DataType[]): Instance | null => {
    if (types.length !== shape.length) return null;
    let common: DataType | null = NULL_TYPE;
    for (const [i, type] of types.entries()) {
      const element = shape[i] ? elementType(type) : type;
      common = common === null || element === null ? null : commonType(common, element);
    }
    return common === null ? null : { parameters: typesOf(common), result: result(common) };
  };
  return generic({ parameters: typesOf(ANY), result: result(ANY) }, instantiate, options);
}

/** An overload of a list of numbers, as BIGINT or DOUBLE. */
export function overNumbers(
  accepts: (type: DataType) => boolean,
  element: DataType,
  options: OverloadOptions = MAY_BE_NULL,
): OverloadPart {
  const instance = { parameters: [listOf(element)], result: element };
  const instantiate = ([type, ...more]: readonly DataType[]): Instance | null =>
    type?.kind === 'LIST' && accepts(elementOf(type)) && more.length === 0 ? instance : null;
  return generic(instance, instantiate, options);
}

/** The sum of decimals has as many digits behind the point, and as many before it as there can be. */
export const overDecimals: OverloadPart = generic(
  { parameters: [listOf(decimalOf(DECIMAL_DIGITS_MAX, 0))], result: decimalOf(DECIMAL_DIGITS_MAX, 0) },
  ([type, ...more]) => {
    if (type?.kind !== 'LIST' || elementOf(type).kind !== 'DECIMAL' || more.length > 0) return null;
    return { parameters: [type], result: decimalOf(DECIMAL_DIGITS_MAX, digitsOf(elementOf(type)).scale) };
  },
  { ...MAY_BE_NULL, fails: true },
);

export function listOfAll(types: readonly DataType[]): Instance | null {
  let common: DataType | null = NULL_TYPE;
  for (const type of types) common = common === null ? null : commonType(common, type);
  return common === null ? null : { parameters: [common], result: listOf(common) };
}

export function flattened([type, ...more]: readonly DataType[]): Instance | null {
  const inner = type?.kind === 'LIST' ? elementType(elementOf(type)) : null;
  if (type === undefined || inner === null || more.length > 0) return null;
  return { parameters: [listOf(listOf(inner))], result: listOf(inner) };
}

export function joined(types: readonly DataType[]): Instance | null {
  const [list] = types;
  if (types.length !== 2 || list?.kind !== 'LIST') return null;
  return { parameters: [list, VARCHAR], result: VARCHAR };
}
