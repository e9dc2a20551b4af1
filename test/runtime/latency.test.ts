// The histogram of latencies against sorting: a quantile may be at most one bucket too high.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLatency, LATENCY_COUNTERS, readLatency } from '../../src/runtime/latency.ts';

function histogramOf(durations: readonly [micros: number, rows: number][], place = 0): Float64Array {
  const counters = new Float64Array(place + LATENCY_COUNTERS);
  for (const [micros, rows] of durations) addLatency(counters, place, micros, rows);
  return counters;
}

describe('a histogram of latencies', () => {
  test('is nothing before the first', () => {
    expect(readLatency([histogramOf([])], 0)).toBeNull();
  });

  test('weighs durations by their rows, and adds up cores', () => {
    const [one, other] = [
      histogramOf([[10, 90]], 3),
      histogramOf(
        [
          [20, 9],
          [70_000_000, 1],
        ],
        3,
      ),
    ];
    expect(readLatency([one, other], 3)).toMatchObject({
      count: 100,
      sumMicros: 70_001_080,
      p50Micros: 11,
      p90Micros: 11,
      p99Micros: 21,
      maxMicros: 70_000_000,
    });
  });

  test('a clock that went back counts as no time, a day as more than the longest bucket', () => {
    const read = readLatency(
      [
        histogramOf([
          [-5, 1],
          [86_400e6, 1],
        ]),
      ],
      0,
    );
    expect(read).toMatchObject({ count: 2, sumMicros: 86_400e6, p50Micros: 1, maxMicros: 86_400e6 });
    expect(read?.buckets.at(-1)).toEqual({ leMicros: 1e8, count: 1 });
  });

  test('bounds ascend, and so do the counts up to them', () => {
    const { buckets } = readLatency(
      [
        histogramOf([
          [0, 1],
          [1, 1],
          [4, 1],
          [5, 1],
          [1500, 1],
        ]),
      ],
      0,
    ) ?? { buckets: [] };
    expect(buckets.filter(({ leMicros }) => [1, 2, 5, 10, 1000, 2000].includes(leMicros))).toEqual([
      { leMicros: 1, count: 1 },
      { leMicros: 2, count: 2 },
      { leMicros: 5, count: 3 },
      { leMicros: 10, count: 4 },
      { leMicros: 1000, count: 4 },
      { leMicros: 2000, count: 5 },
    ]);
    for (let n = 1; n < buckets.length; n++) {
      expect(buckets[n]?.leMicros).toBeGreaterThan(buckets[n - 1]?.leMicros as number);
    }
  });

  test('quantiles are those of the sorted durations, at most 3.2 % or 1 µs too high', () => {
    const duration = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (durations) => {
        const sorted = [...durations].sort((a, b) => a - b);
        const read = readLatency([histogramOf(durations.map((micros) => [micros, 1]))], 0);
        for (const [share, got] of [
          [0.5, read?.p50Micros],
          [0.9, read?.p90Micros],
          [0.99, read?.p99Micros],
        ] as const) {
          const exact = sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1] as number;
          expect(got).toBeGreaterThanOrEqual(exact);
          expect(got).toBeLessThanOrEqual(Math.max(exact + 1, exact * 1.032));
        }
        expect(read?.maxMicros).toBe(sorted.at(-1));
      }),
    );
  });
});
