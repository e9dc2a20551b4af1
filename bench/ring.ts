// The ring between two threads: records per second one by one and in batches, and the round trip. `node bench/ring.ts`.

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Doorbell } from '../src/runtime/channels/doorbell.ts';
import { RingConsumer, type RingPlace, RingProducer, ringBytes } from '../src/runtime/channels/ring.ts';

const CAPACITY = 1 << 20;
const RECORD_BYTES = 32;
const THERE = 512;
const BACK = THERE + ringBytes(CAPACITY);
const BYTES = BACK + ringBytes(CAPACITY);
const ROUND_TRIPS = 200_000;

interface Task {
  buffer: SharedArrayBuffer;
  kind: 'stream' | 'echo';
  count: number;
  batch: number;
}

function place(words: Int32Array, address: number): RingPlace {
  return { words, address, capacity: CAPACITY };
}

function takeAll(consumer: RingConsumer, count: number, batch: number): void {
  for (let received = 0; received < count; ) {
    if (consumer.next() < 0) {
      consumer.release();
      continue;
    }
    if (++received % batch === 0) consumer.release();
  }
  consumer.release();
}

function sendAll(producer: RingProducer, count: number, batch: number): void {
  for (let sent = 0; sent < count; ) {
    if (producer.reserve(1, RECORD_BYTES) < 0) {
      producer.commit();
      continue;
    }
    if (++sent % batch === 0) producer.commit();
  }
  producer.commit();
}

function work({ buffer, kind, count, batch }: Task): void {
  const words = new Int32Array(buffer);
  const bell = new Doorbell(words, 0);
  const consumer = new RingConsumer(place(words, THERE), bell);
  if (kind === 'stream') {
    takeAll(consumer, count, batch);
    return;
  }
  const producer = new RingProducer(place(words, BACK), bell);
  for (let n = 0; n < count; n++) {
    while (consumer.next() < 0);
    consumer.release();
    producer.reserve(1, RECORD_BYTES);
    producer.commit();
  }
}

async function withWorker(task: Omit<Task, 'buffer'>, run: (words: Int32Array) => void): Promise<number> {
  const buffer = new SharedArrayBuffer(BYTES);
  const words = new Int32Array(buffer);
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...task, buffer } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('online', resolve));
  const started = performance.now();
  run(words);
  await ended;
  return performance.now() - started;
}

async function main(): Promise<void> {
  const bellOf = (words: Int32Array) => new Doorbell(words, 0);
  for (const batch of [1, 8, 64, 256]) {
    const count = 10_000_000;
    const millis = await withWorker({ kind: 'stream', count, batch }, (words) =>
      sendAll(new RingProducer(place(words, THERE), bellOf(words)), count, batch),
    );
    const rate = (count / millis / 1000).toFixed(1);
    console.log(`batches of ${String(batch).padStart(3)}  ${rate.padStart(6)} M records/s of ${RECORD_BYTES} B`);
  }
  const trips: number[] = [];
  await withWorker({ kind: 'echo', count: ROUND_TRIPS, batch: 1 }, (words) => {
    const producer = new RingProducer(place(words, THERE), bellOf(words));
    const consumer = new RingConsumer(place(words, BACK), bellOf(words));
    for (let n = 0; n < ROUND_TRIPS; n++) {
      const started = process.hrtime.bigint();
      producer.reserve(1, RECORD_BYTES);
      producer.commit();
      while (consumer.next() < 0);
      consumer.release();
      trips.push(Number(process.hrtime.bigint() - started));
    }
  });
  trips.sort((a, b) => a - b);
  const at = (share: number) => `${((trips[Math.floor(trips.length * share)] ?? 0) / 1000).toFixed(2)} µs`;
  console.log(`round trip, spinning  p50 ${at(0.5)}  p99 ${at(0.99)}`);
}

if (isMainThread) await main();
else work(workerData as Task);
