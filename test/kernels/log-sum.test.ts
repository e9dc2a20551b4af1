// Sums of records of a log: what they are, and that they see what happens to bytes on a disk.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testMemory } from '../support/linear-memory.ts';

const BYTES_MAX = 5000;
const memory = testMemory();
const to = memory.allocate(8);
const address = memory.allocate(BYTES_MAX + 64);

function sumOf(bytes: Uint8Array, behind = 0): bigint {
  memory.u8.set(bytes, address);
  memory.u8.fill(behind, address + bytes.length, address + BYTES_MAX + 64);
  memory.kernels.logSum(address, bytes.length, to);
  return BigInt.asUintN(64, memory.i64[to >>> 3] as bigint);
}

const KEYS = [
  [0x1b873593, 0x5be0cd19, 0x6a09e667, 0x3c6ef372],
  [0x2545f491, 0x510e527f, 0x1f83d9ab, 0x4f6cdd1d],
  [0x71374491, 0x35c0fbcf, 0x59f111f1, 0x23ef82a4],
  [0x12835b01, 0x550c7dc3, 0x72be5d74, 0x0fc19dc6],
] as const;
const STEPS = [
  [0x1e3779b9, 0x3c2b2ae3, 0x27d4eb2f, 0x165667b1],
  [0x05ebca6b, 0x42b2ae35, 0x34d049bb, 0x61c88647],
] as const;
const u64 = (value: bigint) => BigInt.asUintN(64, value);

/** The formula, word by word. */
function reference(bytes: Uint8Array): bigint {
  const padded = new Uint8Array(Math.ceil(bytes.length / 64) * 64);
  padded.set(bytes);
  const words = new Uint32Array(padded.buffer);
  const lanes = [0n, 0n];
  const factor = (stripe: number, part: number, lane: number): bigint => {
    const key = (KEYS[part]?.[lane] as number) + stripe * (STEPS[part % 2]?.[lane] as number);
    return BigInt((((words[stripe * 16 + part * 4 + lane] as number) + key) % 2 ** 32) >>> 0);
  };
  for (let stripe = 0; stripe < words.length / 16; stripe++) {
    for (const pair of [0, 2]) {
      for (let lane = 0; lane < 4; lane++) {
        const product = factor(stripe, pair, lane) * factor(stripe, pair + 1, lane);
        lanes[lane % 2] = u64((lanes[lane % 2] as bigint) + product);
      }
    }
  }
  let sum = u64(((lanes[0] as bigint) ^ BigInt(bytes.length)) * 0xff51afd7ed558ccdn);
  sum = u64((sum ^ (sum >> 32n) ^ (lanes[1] as bigint)) * 0xbf58476d1ce4e5b9n);
  return sum ^ (sum >> 29n);
}

const someBytes = fc.uint8Array({ maxLength: BYTES_MAX, size: 'max' });

test('is the sum of products that it says, of any number of bytes, whatever is behind them', () => {
  fc.assert(
    fc.property(someBytes, fc.integer({ min: 0, max: 255 }), (bytes, behind) => {
      expect(sumOf(bytes, behind)).toBe(reference(bytes));
    }),
    { numRuns: 60 },
  );
});

test('is another one when a bit is flipped, pages or words have changed places, or an end is cut off', () => {
  const bytes = Uint8Array.from({ length: 4200 }, (_, at) => (at * 2_654_435_761) >>> 13);
  const whole = sumOf(bytes);
  const damaged = (change: (copy: Uint8Array) => Uint8Array): bigint => sumOf(change(bytes.slice()));
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    expect(
      damaged((copy) => copy.fill((copy[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3, (bit >> 3) + 1)),
    ).not.toBe(whole);
  }
  for (const length of [1, 4, 8, 16, 64, 512, 2048]) {
    const swapped = damaged((copy) => {
      copy.set(bytes.subarray(0, length), length);
      copy.set(bytes.subarray(length, 2 * length), 0);
      return copy;
    });
    expect(swapped, `${length} bytes`).not.toBe(whole);
    expect(damaged((copy) => copy.fill(0, 100, 100 + length))).not.toBe(whole);
    expect(damaged((copy) => copy.subarray(0, copy.length - length))).not.toBe(whole);
  }
});

test('zeros count: so many of them are not fewer', () => {
  const sums = Array.from({ length: 200 }, (_, length) => sumOf(new Uint8Array(length)));
  expect(new Set(sums).size).toBe(sums.length);
});
