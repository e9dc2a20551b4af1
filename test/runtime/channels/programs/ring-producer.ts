// The writing thread of the ring's stress test.

import { parentPort, workerData } from 'node:worker_threads';
import { Doorbell } from '../../../../src/runtime/channels/doorbell.ts';
import { RingProducer } from '../../../../src/runtime/channels/ring.ts';
import { RING_ADDRESS, type Stress, sum } from '../stress.ts';

const { capacity, batch, slow, count, seed, buffer } = workerData as Stress & { buffer: SharedArrayBuffer };
const words = new Int32Array(buffer);
const bytes = new Uint8Array(buffer);
const bell = new Doorbell(words, 128);
const producer = new RingProducer({ words, address: RING_ADDRESS, capacity }, new Doorbell(words, 0));

let state = seed;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state;
}

/** Mostly small records, now and then one of any size up to half the ring. */
function randomSize(): number {
  const roll = random() >>> 8;
  return roll % 64 === 0 ? 1 + ((random() >>> 8) % producer.payloadMax) : 1 + (roll % 100);
}

function reserve(kind: number, size: number): number {
  for (;;) {
    const at = producer.reserve(kind, size);
    if (at >= 0) return at;
    producer.commit();
    const heard = bell.listen();
    producer.want(size);
    const again = producer.reserve(kind, size);
    if (again >= 0) {
      bell.ignore();
      return again;
    }
    bell.sleep(heard, 1000);
  }
}

let checksum = 0;
for (let n = 0; n < count; n++) {
  const size = randomSize();
  const at = reserve(1 + (n % 1000), size);
  const salt = random() & 0xff;
  for (let i = 0; i < size; i++) bytes[at + i] = salt + i;
  checksum = sum(checksum, bytes, at, size);
  if (n % batch === batch - 1) producer.commit();
  if (slow === 'producer' && n % 5000 === 0) Atomics.wait(words, 40, 0, 2);
}
producer.commit();
parentPort?.postMessage(checksum);
