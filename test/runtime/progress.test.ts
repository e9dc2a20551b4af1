// Progress where several inputs meet: the combined watermark and the states it comes from.

import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createBatch, fillBatch, rowsOf } from '../../src/data/batch.ts';
import { BIGINT } from '../../src/data/type.ts';
import { InputProgress } from '../../src/runtime/progress.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const cell = memory.allocate(8);

let progress: InputProgress;
beforeEach(() => {
  progress = new InputProgress(memory, 2);
});

function advance(input: number, micros: bigint): bigint {
  memory.i64[cell >>> 3] = micros;
  const before = combined();
  expect(progress.advance(input, cell)).toBe(combined() !== before);
  return combined();
}

const combined = () => memory.i64[progress.cell >>> 3] as bigint;

describe('the combined watermark', () => {
  test('is the least of the active inputs, of which one without a watermark holds the others back', () => {
    expect(progress.hasWatermark).toBe(false);
    expect(advance(0, 5000n)).toBe(MIN);
    expect(advance(1, 3000n)).toBe(3000n);
    expect(advance(1, 4000n)).toBe(4000n);
    expect(progress.hasWatermark).toBe(true);
  });

  test('leaves idle inputs out, and is the greatest of them when all are idle', () => {
    advance(0, 5000n);
    advance(1, 4000n);
    expect(progress.idle(0)).toBe(false);
    expect(progress.isIdle).toBe(false);
    expect(progress.idle(1)).toBe(true);
    expect(combined()).toBe(5000n);
    expect(progress.isIdle).toBe(true);
  });

  test('leaves a slow idle input out: of 5000, 1000, 4000 and 4500 the second', () => {
    progress = new InputProgress(memory, 4);
    for (const [input, micros] of [5000n, 1000n, 4000n, 4500n].entries()) advance(input, micros);
    expect(combined()).toBe(1000n);
    expect(progress.idle(1)).toBe(true);
    expect(combined()).toBe(4000n);
  });

  test('is not held back by a finished input, and is endless when all have finished', () => {
    advance(0, 7n);
    expect(progress.finish(1)).toBe(true);
    expect(combined()).toBe(7n);
    expect(progress.isFinished).toBe(false);
    expect(progress.finish(0)).toBe(true);
    expect(combined()).toBe(MAX);
    expect(progress.isFinished).toBe(true);
  });

  test('of an idle and a finished input is the idle one', () => {
    advance(0, 5n);
    advance(1, 100n);
    progress.finish(1);
    progress.idle(0);
    expect([combined(), progress.isIdle]).toEqual([5n, true]);
  });

  test('never goes back: not by an input that wakes up behind it, nor by a lower watermark', () => {
    advance(0, 10n);
    progress.idle(1);
    expect(combined()).toBe(10n);
    expect(progress.wake(1)).toBe(false);
    expect(advance(1, 3n)).toBe(10n);
    expect(advance(0, 20n)).toBe(10n);
    expect(advance(1, 15n)).toBe(15n);
    expect(advance(1, 1n)).toBe(15n);
  });

  test('equals the definition after any calls, and never goes back', () => {
    const step = fc.record({
      input: fc.nat(2),
      call: fc.constantFrom('advance', 'advance', 'idle', 'wake', 'finish'),
      micros: fc.bigInt({ min: -50n, max: 50n }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        progress = new InputProgress(memory, 3);
        const inputs = Array.from({ length: 3 }, () => ({ watermark: MIN, state: 'active' }));
        let expected = MIN;
        for (const { input, call, micros } of steps) {
          const model = inputs[input] as (typeof inputs)[number];
          if (model.state === 'finished') continue;
          if (call === 'advance') {
            memory.i64[cell >>> 3] = micros;
            progress.advance(input, cell);
            if (micros > model.watermark) model.watermark = micros;
            model.state = 'active';
          } else {
            progress[call](input);
            model.state = { idle: 'idle', wake: 'active', finish: 'finished' }[call];
          }
          const of = (state: string) => inputs.filter((i) => i.state === state).map((i) => i.watermark);
          const now =
            of('active').length > 0
              ? of('active').reduce((a, b) => (a < b ? a : b))
              : of('idle').reduce((a, b) => (a > b ? a : b), of('idle').length > 0 ? MIN : MAX);
          if (now > expected) expected = now;
          expect(combined()).toBe(expected);
        }
        progress.close();
      }),
      { numRuns: 300 },
    );
  });
});

test('rows of an input that wakes up behind carry at least what was promised without it', () => {
  const schema = [{ name: 'w', type: BIGINT, nullable: false }];
  const batch = createBatch(memory, schema, 4);
  fillBatch(memory, batch, { schema, rows: [[MIN], [5n], [10n], [11n]] });
  advance(0, 10n);
  progress.idle(1);
  progress.raise(batch, 0);
  expect(rowsOf(memory, batch, schema)).toEqual([[10n], [10n], [10n], [11n]]);
});
