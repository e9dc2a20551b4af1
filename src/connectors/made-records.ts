// What the sources that make records share: reading their options and storing 64-bit numbers for their kernels.

import type { LinearMemory } from '../data/memory.ts';
import type { EndpointSpec } from '../plan/node.ts';

/** Units of times as `printEpoch` of kernels/time-print.ts takes them: µs in one, 0 for nanoseconds. */
export const UNIT_MICROS = { s: 1_000_000, ms: 1000, us: 1, ns: 0 } as const;

/** A number among the options; `fallback` where the plan leaves it out. */
export function numberOption(spec: EndpointSpec, name: string, fallback: number): number {
  const value = spec.options[name];
  return value === undefined ? fallback : Number(value);
}

/** Stores 64 bits at an address (a multiple of 8). */
export function store64(memory: LinearMemory, address: number, value: bigint): void {
  memory.i64[address >>> 3] = BigInt.asIntN(64, value);
}

/** Stores a seed, a whole number. */
export function storeSeed(memory: LinearMemory, address: number, seed: number): void {
  store64(memory, address, BigInt(Math.trunc(seed)));
}
