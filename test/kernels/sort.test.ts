// Items come out by their sort keys, equal ones in the order they had: whatever bits the sort keys differ in.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';

const memory = testMemory();

/** Sorts items with these sort keys and their numbers as payloads. @returns the numbers in order. */
function sorted(keys: readonly bigint[]): number[] {
  const bytes = Math.max(keys.length * 16, 16);
  const items = memory.allocate(bytes);
  const spare = memory.allocate(bytes);
  keys.forEach((key, n) => {
    memory.i64[items / 8 + 2 * n] = BigInt.asIntN(64, key);
    memory.i64[items / 8 + 2 * n + 1] = BigInt(n);
  });
  memory.kernels.sortItems(items, keys.length, spare);
  const order = keys.map((_, n) => Number(memory.i64[items / 8 + 2 * n + 1]));
  memory.kernels.release(items, bytes);
  memory.kernels.release(spare, bytes);
  return order;
}

function expected(keys: readonly bigint[]): number[] {
  const numbers = keys.map((_, n) => n);
  return numbers.sort((a, b) => {
    const [x, y] = [keys[a] as bigint, keys[b] as bigint];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
}

/** Pseudorandom 64-bit numbers. */
function numbers(count: number, seed: number): bigint[] {
  let state = BigInt(seed) | 1n;
  return Array.from({ length: count }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return state ^ (state >> 29n);
  });
}

const decimal = (n: bigint): bigint => Buffer.from(String(n % 1_000_000n).padStart(8, '0')).readBigUInt64BE();

describe('sortItems', () => {
  it('sorts by the bits in which sort keys differ, wherever they are, and keeps the order of equal ones', () => {
    const masks = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n));
    const counts = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 25, max: 3000 }));
    fc.assert(
      fc.property(masks, masks, counts, fc.nat(), (mask, fixed, count, seed) => {
        const keys = numbers(count, seed).map((n) => (n & mask) | (fixed & ~mask));
        expect(sorted(keys)).toEqual(expected(keys));
      }),
      { numRuns: often(60) },
    );
  });

  it.each([
    ['numbers of any bits', (n: bigint) => n],
    ['doubles', (n: bigint) => n & 0xfffffffff0000000n],
    ['decimal digits', decimal],
    ['few values', (n: bigint) => (n % 5n) << 58n],
    ['one value', () => 7n],
    ['the first and the last bit', (n: bigint) => n & 0x8000000000000001n],
  ])('sorts many items, which have wide digits and are handled in parts: %s', (_, make) => {
    for (const count of [4095, 4096, 4097, 13_001]) {
      const keys = numbers(count, count).map(make);
      expect(sorted(keys)).toEqual(expected(keys));
    }
  });
});

/** As SORT_NUMBERS of kernels/sort-orders.ts. */
const SORT_NUMBERS = 0;

/** Sorts in slices. @returns the numbers in order, and how many slices it took */
function sortedInSlices(keys: readonly bigint[], slice: number): { order: number[]; slices: number } {
  const { kernels } = memory;
  const bytes = Math.max(keys.length * 16, 16);
  const items = memory.allocate(bytes);
  keys.forEach((key, n) => {
    memory.i64[items / 8 + 2 * n] = BigInt.asIntN(64, key);
    memory.i64[items / 8 + 2 * n + 1] = BigInt(n);
  });
  const work = kernels.sortBegin(SORT_NUMBERS, 0, items, keys.length, 0, 0, slice);
  let slices = 0;
  let isDone = work === 0;
  while (!isDone) {
    // Between two slices others sort, too.
    sorted(keys.slice(0, 40));
    isDone = Number(kernels.sortGoOn(work)) !== 0;
    slices++;
  }
  memory.refresh();
  const order = keys.map((_, n) => Number(memory.i64[items / 8 + 2 * n + 1]));
  kernels.release(items, bytes);
  return { order, slices };
}

describe('a sort in slices', () => {
  it('gives the order of one that is not, and all that it took back', () => {
    const masks = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n));
    const before = memory.kernels.allocatedBytes();
    fc.assert(
      fc.property(masks, fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 1000 }), (mask, count, slice) => {
        const keys = numbers(count, count + slice).map((n) => n & mask);
        expect(sortedInSlices(keys, slice).order).toEqual(expected(keys));
      }),
      { numRuns: often(60) },
    );
    expect(memory.kernels.allocatedBytes()).toBe(before);
  });

  it('is cut into as many slices as it goes over items, and none is longer', () => {
    const keys = numbers(5000, 7);
    // Bits that differ, counts, and six digits of 12 bits or eight of 8 bits: ten passes or more over all items.
    expect(sortedInSlices(keys, 100).slices).toBeGreaterThanOrEqual(450);
    expect(sortedInSlices(keys, 5000).slices).toBe(0);
  });
});
