// Functions that compiled code calls in JavaScript, one call a row: what a plan says of them. Plain data.
//
// Compiled code imports function n of the plan as `host.n`. Its parameters are those arguments that are not constant,
// in order; the result goes through cells of the memory. src/runtime/host/host.ts is the other side.

import type { DataType, Physical } from '../data/type.ts';
import { physicalOf } from '../data/type.ts';

export interface HostFunction {
  /** As it is called in SQL, in lower case for Laminar's own. */
  name: string;
  arguments: readonly HostArgument[];
  result: DataType;
  /** The body that CREATE FUNCTION gave; null for a function of Laminar's own, by its name. */
  body: { parameters: readonly string[]; source: string } | null;
}

export interface HostArgument {
  type: DataType;
  /** An i32 behind the value is 1 where it is NULL. */
  nullable: boolean;
  /** The value where it is the same for all rows: it is not passed. */
  constant?: string | number | bigint | boolean;
}

/** The WebAssembly types an argument arrives as. Text is an address and a length. */
export function hostTypesOf({ type, nullable, constant }: HostArgument): ('i32' | 'i64' | 'f64')[] {
  if (constant !== undefined) return [];
  return nullable ? [...HOST_TYPES[physicalOf(type)], 'i32'] : [...HOST_TYPES[physicalOf(type)]];
}

const HOST_TYPES: Readonly<Record<Physical, readonly ('i32' | 'i64' | 'f64')[]>> = {
  u8: ['i32'],
  i32: ['i32'],
  i64: ['i64'],
  f64: ['f64'],
  ref: ['i32', 'i32'],
};
