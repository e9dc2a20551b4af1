// Rings: nothing is lost, changed or reordered, whatever the sizes, and a full ring refuses instead of overwriting.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Doorbell } from '../../../src/runtime/channels/doorbell.ts';
import { RingConsumer, type RingPlace, RingProducer, ringBytes, ringLoad } from '../../../src/runtime/channels/ring.ts';
import { stress } from './stress.ts';

function makeRing(capacity: number) {
  const words = new Int32Array(new SharedArrayBuffer(ringBytes(capacity) + 256));
  const place: RingPlace = { words, address: 256, capacity };
  const producer = new RingProducer(place, new Doorbell(words, 0));
  const consumer = new RingConsumer(place, new Doorbell(words, 128));
  return { place, producer, consumer, bytes: new Uint8Array(words.buffer) };
}

describe('on one thread', () => {
  test('records come out as they went in, at every size and position', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 240 }), { maxLength: 200 }), fc.nat(5), (sizes, lag) => {
        const { producer, consumer, bytes } = makeRing(512);
        const waiting: number[] = [];
        const take = () => {
          const at = consumer.next();
          expect(at).toBeGreaterThanOrEqual(0);
          const mark = waiting.shift() as number;
          expect(consumer.kind).toBe(1 + (mark % 7));
          expect(consumer.bytes).toBe(sizes[mark]);
          expect(bytes.subarray(at, at + consumer.bytes).every((byte) => byte === mark % 251)).toBe(true);
          consumer.release();
        };
        sizes.forEach((size, mark) => {
          let at = producer.reserve(1 + (mark % 7), size);
          while (at < 0) {
            take();
            at = producer.reserve(1 + (mark % 7), size);
          }
          bytes.fill(mark % 251, at, at + size);
          producer.commit();
          waiting.push(mark);
          while (waiting.length > lag) take();
        });
        while (waiting.length > 0) take();
        expect(consumer.next()).toBe(-1);
      }),
    );
  });

  test('a full ring refuses, and takes again what was released', () => {
    const { place, producer, consumer } = makeRing(256);
    let count = 0;
    while (producer.reserve(1, 48) >= 0) count++;
    producer.commit();
    expect(count).toBe(4);
    expect(ringLoad(place).fill).toBe(1);
    consumer.next();
    expect(producer.reserve(1, 48), 'read but not released').toBe(-1);
    consumer.release();
    expect(producer.reserve(1, 48)).toBeGreaterThan(0);
    expect(producer.reserve(1, 48)).toBe(-1);
  });

  test('what is reserved cannot be seen before it is committed', () => {
    const { producer, consumer } = makeRing(256);
    producer.reserve(1, 16);
    producer.reserve(2, 16);
    expect(consumer.next()).toBe(-1);
    producer.commit();
    consumer.next();
    expect(consumer.kind).toBe(1);
    consumer.next();
    expect(consumer.kind).toBe(2);
  });

  test('a record of half the ring fits at any position, a longer one is a mistake', () => {
    const { producer, consumer } = makeRing(256);
    for (let step = 0; step < 50; step++) {
      expect(producer.reserve(1, (step * 16) % 64)).toBeGreaterThan(0);
      producer.commit();
      consumer.next();
      consumer.release();
      expect(producer.reserve(1, producer.payloadMax), `at step ${step}`).toBeGreaterThan(0);
      producer.commit();
      consumer.next();
      consumer.release();
    }
    expect(() => producer.reserve(1, producer.payloadMax + 1)).toThrow(/half the ring/);
  });

  test('counters wrap at 2^32 bytes without harm', () => {
    const { place, producer, consumer } = makeRing(1 << 20);
    const { payloadMax } = producer;
    // 8200 records of half a MiB are 4.3 GB.
    for (let n = 0; n < 8_300; n++) {
      const at = producer.reserve(1, payloadMax);
      expect(at).toBeGreaterThan(0);
      place.words[at >>> 2] = n;
      producer.commit();
      expect(place.words[consumer.next() >>> 2]).toBe(n);
      consumer.release();
    }
    expect(ringLoad(place)).toEqual({ fill: 0, stalls: 0 });
  });
});

describe('between two threads', () => {
  const count = Number(process.env['RING_RECORDS'] ?? 100_000);
  test.each([
    { name: 'a small ring that is always full', capacity: 1 << 12, batch: 1, slow: 'consumer' as const },
    { name: 'a large ring that is always empty', capacity: 1 << 20, batch: 16, slow: 'producer' as const },
    { name: 'both at full speed, in batches', capacity: 1 << 16, batch: 64, slow: null },
  ])(
    '$name: every record arrives once, in order, unchanged',
    async ({ capacity, batch, slow }) => {
      const report = await stress({ capacity, batch, slow, count, seed: 7 });
      expect(report.received).toBe(count);
      expect(report.checksum).toBe(report.expected);
      expect(report.outOfOrder).toBe(0);
    },
    30_000 + count / 50,
  );
});
