import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';

const memory = testMemory();
const { kernels } = memory;
const at = memory.allocate(64);
const runs = often(60_000);

function text(length: number): string {
  return Buffer.from(memory.u8.buffer, at, length).toString('latin1');
}
function printed(value: number): string {
  return text(kernels.printF64(value, at));
}
function expectPrinted(value: number): void {
  const want = Object.is(value, -0) ? '-0' : String(value);
  const got = printed(value);
  if (got !== want) expect(got).toBe(want);
}

const view = new DataView(new ArrayBuffer(8));
function fromBits(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

describe('printI64', () => {
  it('prints every length and both ends of the range', () => {
    const edges = [0n, 1n, 9n, 10n, 99n, 100n, -1n, -(2n ** 63n), 2n ** 63n - 1n, 99_999_999n, 100_000_000n];
    for (let power = 1n; power < 10n ** 18n; power *= 10n) edges.push(power - 1n, power, -power, 1n - power);
    for (const value of edges) expect(text(kernels.printI64(value, at))).toBe(String(value));
  });

  it('agrees with BigInt on random values', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.integer({ min: 0, max: 63 }),
        (v, shift) => {
          const value = v >> BigInt(shift);
          return text(kernels.printI64(value, at)) === String(value);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('printF64', () => {
  it('prints the edges of the format as JavaScript does, and -0 so that it reads back', () => {
    const edges = [
      0,
      -0,
      1,
      -1,
      0.1,
      -0.1,
      0.5,
      1.5,
      123.45,
      1e21,
      1e20,
      123456789012345680000,
      1.2e21,
      1e-6,
      1.5e-6,
      1e-7,
      1.25e-7,
      0.000123,
      5e-324,
      2.2250738585072014e-308,
      1.7976931348623157e308,
      Number.MIN_SAFE_INTEGER,
      2 ** 53,
      2 ** 53 + 2,
      2 ** 63,
      2 ** 64,
      1e22,
      1e23,
      4.35,
      0.3,
      0.1 + 0.2,
      1 / 3,
      1e15 + 0.5,
      999999999999999.9,
      1e14 + 0.1,
      9.5367431640625e-7,
      4.9406564584124654e-322,
      NaN,
      Infinity,
      -Infinity,
      299792.458,
      100.25,
      1e13 - 0.01,
      5.764607523034235e39,
    ];
    for (const value of edges) expectPrinted(value);
  });

  it('prints every power of two and of ten, and their neighbours', () => {
    for (let e = 0n; e < 2047n; e += 1n) {
      for (const d of [-1n, 0n, 1n]) if (e > 0n || d >= 0n) expectPrinted(fromBits((e << 52n) + d));
    }
    for (let e = -323; e <= 308; e++) {
      for (const m of [1, 9, 1.5, 1.2345]) expectPrinted(Number(`${m}e${e}`));
    }
  });

  it('agrees with String(x) on random bit patterns', () => {
    const bits = new BigUint64Array(1024);
    for (let done = 0; done < runs; done += bits.length) {
      crypto.getRandomValues(bits);
      for (const b of bits) expectPrinted(fromBits(b));
    }
  });

  it('agrees with String(x) on short decimals, averages and large integers', () => {
    for (let i = 0; i < runs; i++) {
      const digits = Math.floor(Math.random() * 17);
      const m = Math.floor(Math.random() * 10 ** digits);
      expectPrinted(m / 10 ** Math.floor(Math.random() * 23));
      expectPrinted(-m / (1 + Math.floor(Math.random() * 1000)));
      expectPrinted(m * 10 ** Math.floor(Math.random() * 20));
      expectPrinted(fromBits(BigInt(Math.floor(Math.random() * 2 ** 52)) >> BigInt(i % 52)));
    }
  });
});

describe('the table of powers', () => {
  it('holds each power rounded up to 128 bits', () => {
    for (let k = -292; k <= 324; k++) {
      const entry = (kernels.printPower(k) >>> 0) / 8;
      const word = (i: number) => BigInt.asUintN(64, memory.i64[entry + i] as bigint);
      const g = (word(0) << 64n) | word(1);
      expect(g >> 127n).toBe(1n);
      // g − 1 < 10^k · 2^−r ≤ g
      const power = 10n ** BigInt(Math.abs(k));
      const r = BigInt(Math.floor(k * Math.log2(10))) - 127n;
      const [left, right] = k >= 0 ? [power, 1n] : [1n, power];
      const [a, b] = r >= 0n ? [left, right << r] : [left << -r, right];
      expect((a + b - 1n) / b).toBe(g);
    }
  });
});
