// Functions of numbers that are seldom used.

import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

/** Numbers in one list: more are hardly meant, and would fill the memory. */
const LIST_MAX = 1_000_000n;

export const numberFunctions: Readonly<Record<string, () => HostBody>> = {
  range: () => (first: bigint, second?: bigint, step?: bigint) =>
    second === undefined ? counted(0n, first, 1n) : counted(first, second, step ?? 1n),
  generate_series:
    () =>
    (first: bigint, last?: bigint, step = 1n) =>
      last === undefined ? counted(0n, first + 1n, 1n) : counted(first, last + (step < 0n ? -1n : 1n), step),
  gcd: () => (a: bigint, b: bigint) => inRange('gcd', divisor(a, b)),
  lcm: () => (a: bigint, b: bigint) =>
    a === 0n || b === 0n ? 0n : inRange('lcm', magnitude(a / divisor(a, b)) * magnitude(b)),
  factorial: () => factorial,
  even: () => (value: number) => {
    const whole = Math.ceil(Math.abs(value));
    const even = whole % 2 === 1 ? whole + 1 : whole;
    return value < 0 ? -even : even;
  },
  width_bucket: () => widthBucket,
  sinh: () => Math.sinh,
  cosh: () => Math.cosh,
  tanh: () => Math.tanh,
  asinh: () => Math.asinh,
  acosh: () => Math.acosh,
  atanh: () => (value: number) => {
    if (Math.abs(value) > 1) throw new ArgumentError(`atanh takes −1 to 1, this is ${value}`);
    return Math.atanh(value);
  },
  cot: () => (value: number) => {
    if (value === 0 || Math.abs(value) === Number.POSITIVE_INFINITY)
      throw new ArgumentError(`cot has no value for ${value}`);
    return 1 / Math.tan(value);
  },
};

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function divisor(a: bigint, b: bigint): bigint {
  let [large, small] = [magnitude(a), magnitude(b)];
  while (small !== 0n) [large, small] = [small, large % small];
  return large;
}

function inRange(name: string, value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ArgumentError(`${name} gives ${value}, which no BIGINT can hold`);
  return value;
}

function factorial(value: bigint): bigint {
  if (value < 0n || value > 20n) throw new ArgumentError(`factorial takes 0 to 20, this is ${value}`);
  let product = 1n;
  for (let factor = 2n; factor <= value; factor++) product *= factor;
  return product;
}

/** As PostgreSQL's: the range may also run backwards. */
function widthBucket(value: number, low: number, high: number, count: number): number {
  if (count <= 0 || low === high || !Number.isFinite(low) || !Number.isFinite(high) || Number.isNaN(value)) {
    throw new ArgumentError('width_bucket takes a number, two different ends that are finite, and a count above 0');
  }
  if (low < high ? value < low : value > low) return 0;
  if (low < high ? value >= high : value <= high) return count + 1;
  return Math.min(count, Math.floor(((value - low) / (high - low)) * count) + 1);
}

/** Numbers from `first` on, by `step`, that are before `end`. */
function counted(first: bigint, end: bigint, step: bigint): bigint[] {
  if (step === 0n || (step > 0n ? first >= end : first <= end)) return [];
  const count = (end - first + step - (step > 0n ? 1n : -1n)) / step;
  if (count > LIST_MAX) throw new ArgumentError(`a list of ${count} numbers is too long: ${LIST_MAX} at most`);
  return Array.from({ length: Number(count) }, (_, i) => first + BigInt(i) * step);
}
