// A ring of bytes: what goes in comes out, in order, while either side has its pages made.

import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRing } from '../../../src/runtime/channels/byte-ring.ts';

test('gives what was written, however it is cut, and never more than there is room for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(40))), (steps) => {
      const ring = new ByteRing(32);
      let [written, read] = [0, 0];
      for (const [wanted, taken] of steps) {
        const bytes = Uint8Array.from({ length: wanted }, (_, at) => written + at);
        const count = ring.write(bytes, 0, wanted);
        expect(count).toBe(Math.min(wanted, 32 - (written - read)));
        written += count;
        ring.touch();
        const piece = ring.peek(taken);
        expect([...piece]).toEqual(Array.from({ length: piece.length }, (_, at) => (read + at) & 255));
        ring.release(piece.length);
        read += piece.length;
      }
    }),
    { numRuns: 200 },
  );
});

test('touching its pages changes nothing that the other thread is writing', async () => {
  const ring = new ByteRing(1 << 16);
  const code = `
    const { workerData } = require('node:worker_threads');
    const words = new Int32Array(workerData);
    while (Atomics.load(words, 2) === 0) for (let at = 0; at < words.length; at += 1024) Atomics.or(words, at, 0);`;
  const thread = new Worker(code, { eval: true, workerData: ring.buffer });
  await new Promise((resolve) => thread.once('online', resolve));
  const bytes = new Uint8Array(1 << 14);
  for (let round = 0; round < 500; round++) {
    bytes.fill(round);
    expect(ring.write(bytes, 0, bytes.length)).toBe(bytes.length);
    const piece = ring.peek(bytes.length);
    expect(piece.every((byte) => byte === (round & 255))).toBe(true);
    ring.release(piece.length);
  }
  ring.close();
  await new Promise((resolve) => thread.once('exit', resolve));
});
