import { describe, expect, it } from 'vitest';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const { kernels } = memory;
const at = memory.allocate(64);

function text(length: number): string {
  return Buffer.from(memory.u8.buffer, at, length).toString('latin1');
}
const timestamp = (micros: bigint) => text(kernels.printTimestamp(micros, at));
const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

describe('printTimestamp', () => {
  it('writes a fraction only where there is one, in 3 digits or 6', () => {
    const second = micros('2024-01-01T00:00:00Z');
    expect(timestamp(second)).toBe('2024-01-01T00:00:00Z');
    expect(timestamp(second + 500_000n)).toBe('2024-01-01T00:00:00.500Z');
    expect(timestamp(second + 7_000n)).toBe('2024-01-01T00:00:00.007Z');
    expect(timestamp(second + 7n)).toBe('2024-01-01T00:00:00.000007Z');
    expect(timestamp(second - 1n)).toBe('2023-12-31T23:59:59.999999Z');
  });

  it('floors before the epoch and keeps the day of its neighbours apart', () => {
    expect(timestamp(0n)).toBe('1970-01-01T00:00:00Z');
    expect(timestamp(-1n)).toBe('1969-12-31T23:59:59.999999Z');
    expect(timestamp(0n)).toBe('1970-01-01T00:00:00Z');
  });

  it('writes the same time again and again, and not that of a neighbour', () => {
    const times = [0n, 1n, 1_500_000n, 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    for (const first of times) {
      for (const second of times) {
        const texts = [first, second].map((time) => {
          timestamp(time < 0n ? time + 1n : time - 1n);
          return timestamp(time);
        });
        const run = [first, first, first, second, second, second, first, second].map(timestamp);
        expect(run).toEqual([0, 0, 0, 1, 1, 1, 0, 1].map((n) => texts[n]));
      }
    }
  });

  it('writes years outside 0000-9999 in the expanded form', () => {
    expect(timestamp(micros('0000-01-01T00:00:00Z'))).toBe('0000-01-01T00:00:00Z');
    expect(timestamp(micros('-000001-12-31T23:59:59Z'))).toBe('-000001-12-31T23:59:59Z');
    expect(timestamp(micros('+010000-01-01T00:00:00Z'))).toBe('+010000-01-01T00:00:00Z');
    expect(timestamp(2n ** 63n - 1n)).toBe('+294247-01-10T04:00:54.775807Z');
    expect(timestamp(-(2n ** 63n))).toBe('-290308-12-21T19:59:05.224192Z');
  });

  it('agrees with Date.toISOString over all of its range', () => {
    for (let i = 0; i < 20_000; i++) {
      const range = i % 2 === 0 ? 8.64e15 : 4e12;
      const ms = Math.floor((Math.random() * 2 - 1) * range);
      expect(timestamp(BigInt(ms) * 1000n)).toBe(new Date(ms).toISOString().replace('.000Z', 'Z'));
    }
  });
});

describe('printDate', () => {
  it('agrees with Date.toISOString on every day of 400 years and on random ones', () => {
    for (let day = -146_097; day < 146_097; day += 3) {
      const want = new Date(day * 86_400_000).toISOString();
      const got = text(kernels.printDate(day, at));
      if (!want.startsWith(got)) expect(got).toBe(want);
    }
    for (let i = 0; i < 5000; i++) {
      const day = Math.floor((Math.random() * 2 - 1) * 1e8);
      expect(new Date(day * 86_400_000).toISOString().split('T')[0]).toBe(text(kernels.printDate(day, at)));
    }
  });

  it('prints the ends of the range', () => {
    expect(text(kernels.printDate(2 ** 31 - 1, at))).toBe('+5881580-07-11');
    expect(text(kernels.printDate(-(2 ** 31), at))).toBe('-5877641-06-23');
  });
});

describe('printInterval', () => {
  it('prints what DuckDB prints for microseconds', () => {
    const cases: [bigint, string][] = [
      [0n, '00:00:00'],
      [90_500_000n, '00:01:30.5'],
      [-90_000_000n, '-00:01:30'],
      [-1n, '-00:00:00.000001'],
      [500n, '00:00:00.0005'],
      [100_500n, '00:00:00.1005'],
      [108_000_000_000n, '30:00:00'],
      [3_600_000_000_000n, '1000:00:00'],
      [-(2n ** 63n), '-2562047788:00:54.775808'],
    ];
    for (const [value, want] of cases) expect(text(kernels.printInterval(value, at))).toBe(want);
  });
});

describe('printEpoch', () => {
  it('prints the exact number in each unit', () => {
    const epoch = (value: bigint, unit: number) => text(kernels.printEpoch(value, unit, at));
    expect(epoch(1_704_067_200_500_000n, 1_000_000)).toBe('1704067200.5');
    expect(epoch(1_704_067_200_000_000n, 1_000_000)).toBe('1704067200');
    expect(epoch(1_704_067_200_500_001n, 1000)).toBe('1704067200500.001');
    expect(epoch(-1n, 1000)).toBe('-0.001');
    expect(epoch(-1_500_000n, 1_000_000)).toBe('-1.5');
    expect(epoch(1_704_067_200_500_001n, 1)).toBe('1704067200500001');
    expect(epoch(1_704_067_200_500_001n, 0)).toBe('1704067200500001000');
    expect(epoch(0n, 0)).toBe('0');
    expect(epoch(2n ** 63n - 1n, 0)).toBe('9223372036854775807000');
  });
});
