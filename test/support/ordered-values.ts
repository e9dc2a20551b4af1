// Values of every type that has an order, around the places where sorting and hashing cut them, and that order.

import fc from 'fast-check';
import type { Value } from '../../src/data/batch.ts';
import type { Column } from '../../src/data/schema.ts';
import { BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';

// Strings that share prefixes of all lengths around those that the sort and the packed key cut at.
const TEXT = fc
  .tuple(
    fc.constantFrom(0, 3, 7, 8, 9, 11, 12, 13, 16, 17, 24, 40),
    fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', 'é'), maxLength: 9 }),
  )
  .map(([shared, rest]) => 'p'.repeat(shared) + rest);
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e300,
  -1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const INT64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Types that have an order, with values that try it. */
export const ORDERED_KINDS: [Column['type'], fc.Arbitrary<Value>][] = [
  [VARCHAR, TEXT],
  [BIGINT, fc.oneof(INT64, fc.bigInt({ min: -3n, max: 3n }))],
  [TIMESTAMP, INT64],
  [DOUBLE, fc.oneof(fc.double(), fc.constantFrom(...NUMBERS))],
  [INTEGER, fc.oneof(fc.integer(), fc.integer({ min: -2, max: 2 }))],
  [DATE, fc.integer({ min: -2, max: 2 })],
  [BOOLEAN, fc.boolean()],
];

/** The order of values of a type: NULL last, NaN greatest, strings by bytes. */
export function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
