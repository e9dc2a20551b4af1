// Runs a ring between two real threads: this one reads, the other writes records of random sizes and contents.

import { Worker } from 'node:worker_threads';
import { Doorbell } from '../../../src/runtime/channels/doorbell.ts';
import { RingConsumer, type RingPlace, ringBytes } from '../../../src/runtime/channels/ring.ts';

export interface Stress {
  capacity: number;
  /** Records per commit and per release. */
  batch: number;
  /** Who idles now and then. */
  slow: 'producer' | 'consumer' | null;
  count: number;
  seed: number;
}

export interface StressReport {
  received: number;
  outOfOrder: number;
  /** Of everything received, and of everything sent. */
  checksum: number;
  expected: number;
}

/** Bells at 0 (consumer) and 128 (producer), the ring behind them. */
export const RING_ADDRESS = 256;

export async function stress(options: Stress): Promise<StressReport> {
  const buffer = new SharedArrayBuffer(RING_ADDRESS + ringBytes(options.capacity));
  const words = new Int32Array(buffer);
  const place: RingPlace = { words, address: RING_ADDRESS, capacity: options.capacity };
  const bell = new Doorbell(words, 0);
  const consumer = new RingConsumer(place, new Doorbell(words, 128));
  const worker = new Worker(new URL('programs/ring-producer.ts', import.meta.url), {
    workerData: { ...options, buffer },
  });
  const expected = new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const report = receive(options, { words, consumer, bell });
  return { ...report, expected: await expected };
}

function receive(
  { batch, count, slow }: Stress,
  { words, consumer, bell }: { words: Int32Array; consumer: RingConsumer; bell: Doorbell },
): Omit<StressReport, 'expected'> {
  const bytes = new Uint8Array(words.buffer);
  let received = 0;
  let outOfOrder = 0;
  let checksum = 0;
  while (received < count) {
    const heard = bell.listen();
    const at = consumer.next();
    if (at < 0) {
      consumer.release();
      bell.sleep(heard, 1000);
      continue;
    }
    bell.ignore();
    if (consumer.kind !== 1 + (received % 1000)) outOfOrder++;
    checksum = sum(checksum, bytes, at, consumer.bytes);
    received++;
    if (received % batch === 0) consumer.release();
    if (slow === 'consumer' && received % 5000 === 0) Atomics.wait(words, 40, 0, 2);
  }
  consumer.release();
  return { received, outOfOrder, checksum };
}

/** FNV-1a over the length and up to 64 bytes of a record's ends. */
export function sum(before: number, bytes: Uint8Array, at: number, length: number): number {
  let hash = before ^ length;
  for (let i = 0; i < length; i += i === 32 && length > 64 ? length - 64 : 1) {
    hash = Math.imul(hash ^ (bytes[at + i] as number), 0x0100_0193);
  }
  return hash >>> 0;
}
