import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  WATERMARK_BYTES,
  WATERMARK_CURRENT,
  WATERMARK_DELAY,
  WATERMARK_FUTURE_COUNT,
  WATERMARK_MAX_FUTURE,
  WATERMARK_NOW,
} from '../../kernels/layout-time.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

interface Strategy {
  delay?: bigint;
  maxFuture?: bigint;
  now?: bigint;
}

function makeState({ delay = 0n, maxFuture = 0n, now = 0n }: Strategy): number {
  const state = memory.allocate(WATERMARK_BYTES);
  memory.kernels.watermarkInit(state);
  memory.i64[(state + WATERMARK_DELAY) >>> 3] = delay;
  memory.i64[(state + WATERMARK_MAX_FUTURE) >>> 3] = maxFuture;
  memory.i64[(state + WATERMARK_NOW) >>> 3] = now;
  return state;
}

/** Assigns the times, and returns the watermark before each row, then the one after the last. */
function assign(state: number, times: bigint[]): bigint[] {
  const column = memory.allocate(times.length * 8);
  const out = memory.allocate(times.length * 8);
  memory.i64.set(times, column >>> 3);
  memory.kernels.watermarkAssign(state, column, times.length, out);
  return [...memory.i64.subarray(out >>> 3, (out >>> 3) + times.length), currentOf(state)];
}

function currentOf(state: number): bigint {
  return memory.i64[(state + WATERMARK_CURRENT) >>> 3] as bigint;
}

describe('watermarkAssign', () => {
  it('gives each row the watermark that the rows before it produced, and never goes back', () => {
    const state = makeState({ delay: 100n });
    expect(assign(state, [1000n, 800n, 1000n, 1001n])).toEqual([MIN, 900n, 900n, 900n, 901n]);
    expect(assign(state, [5n])).toEqual([901n, 901n]);
  });

  it('starts before all times, negative ones included', () => {
    expect(assign(makeState({ delay: 5n }), [-50n, -60n, -40n])).toEqual([MIN, -55n, -55n, -45n]);
  });

  it('says the same as one row after the other, at the ends of the range, too', () => {
    const hold = (n: bigint): bigint => (n < MIN ? MIN : n > MAX ? MAX : n);
    const time = fc.oneof(
      fc.bigInt({ min: -50n, max: 50n }),
      fc.constantFrom(MIN, MIN + 1n, MIN + 20n, MAX, MAX - 1n, MAX - 20n),
    );
    const strategy = fc.record({
      delay: fc.constantFrom(0n, 7n, 30n, MAX),
      maxFuture: fc.constantFrom(0n, 20n),
      now: fc.constantFrom(0n, 10n),
    });
    fc.assert(
      fc.property(strategy, fc.array(time, { minLength: 1 }), ({ delay, maxFuture, now }, times) => {
        let current = MIN;
        let greatest = MIN;
        const expected = [current];
        for (const time of times) {
          if (!(maxFuture > 0n && time > hold(now + maxFuture)) && time > greatest) {
            greatest = time;
            const moved = hold(time - delay);
            if (moved > current) current = moved;
          }
          expected.push(current);
        }
        expect(assign(makeState({ delay, maxFuture, now }), times)).toEqual(expected);
      }),
    );
  });

  it('is not moved by a row too far ahead of the clock, which it counts', () => {
    const state = makeState({ delay: 10n, maxFuture: 100n, now: 1000n });
    expect(assign(state, [1000n, 1100n, 1101n, 9_999_999n, 1050n])).toEqual([MIN, 990n, 1090n, 1090n, 1090n, 1090n]);
    expect(memory.load32(state + WATERMARK_FUTURE_COUNT)).toBe(2);
    memory.i64[(state + WATERMARK_NOW) >>> 3] = 1001n;
    expect(assign(state, [1101n])).toEqual([1090n, 1091n]);
  });

  it('has no guard when maxFuture is 0', () => {
    const state = makeState({ now: 0n });
    expect(assign(state, [2n ** 60n])).toEqual([MIN, 2n ** 60n]);
    expect(memory.load32(state + WATERMARK_FUTURE_COUNT)).toBe(0);
  });

  it('holds at the ends of the range instead of wrapping round', () => {
    expect(assign(makeState({ delay: 10n }), [MIN + 5n])).toEqual([MIN, MIN]);
    expect(assign(makeState({ delay: -10n }), [MAX - 5n])).toEqual([MIN, MAX]);
    expect(assign(makeState({ maxFuture: MAX, now: 5n }), [MAX])).toEqual([MIN, MAX]);
  });

  it('needs no output column', () => {
    const state = makeState({ delay: 1n });
    const column = memory.allocate(16);
    memory.i64.set([7n, 9n], column >>> 3);
    memory.kernels.watermarkAssign(state, column, 2, 0);
    expect(currentOf(state)).toBe(8n);
  });
});
