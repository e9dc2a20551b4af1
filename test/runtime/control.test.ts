// Requests of the main thread: a core that sleeps until another core has something for it hears of them at once.

import { expect, test } from 'vitest';
import { DOORBELL_BYTES, Doorbell } from '../../src/runtime/channels/doorbell.ts';
import { Control } from '../../src/runtime/control.ts';

const LONG_MILLIS = 10_000;

test.each(['stop', 'end', 'report'] as const)('%s wakes a core that is about to sleep', async (request) => {
  const bell = new Doorbell(new Int32Array(new SharedArrayBuffer(DOORBELL_BYTES)), 0);
  const control = new Control();
  control.wake = () => bell.ring();
  const heard = bell.listen();
  const done = control[request](1);
  const started = performance.now();
  bell.sleep(heard, LONG_MILLIS);
  expect(performance.now() - started).toBeLessThan(LONG_MILLIS / 2);
  await done;
});

test('a core that does not sleep is not rung', () => {
  let rings = 0;
  const bell = new Doorbell(new Int32Array(new SharedArrayBuffer(DOORBELL_BYTES)), 0);
  const control = new Control();
  control.wake = () => {
    rings++;
    bell.ring();
  };
  control.stop();
  const heard = bell.listen();
  expect([rings, heard]).toEqual([1, 0]);
  expect(control.isStopping).toBe(true);
});

test('a core that is done waits for the end of the run, and not for ever', () => {
  const control = new Control();
  const started = performance.now();
  control.waitForEnd(20);
  control.stop();
  control.waitForEnd(20);
  expect(performance.now() - started).toBeGreaterThan(38);
  control.end();
  control.waitForEnd(LONG_MILLIS);
  expect(performance.now() - started).toBeLessThan(LONG_MILLIS / 2);
});
