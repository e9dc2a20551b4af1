// Prints the bytes of JS heap that 200 batches take in each encoder, and the bytes it wrote. For the encoder tests.

import { createBatch, fillBatch, type Value } from '../../../src/data/batch.ts';
import type { Schema } from '../../../src/data/schema.ts';
import { BIGINT, DOUBLE, JSON_TYPE, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import { createEncoder } from '../../../src/formats/registry.ts';
import { heapBytesOf } from '../../support/heap.ts';
import { testMemory } from '../../support/linear-memory.ts';

const ROWS = 64;
const memory = testMemory();
const schema: Schema = [
  { name: 'symbol', type: VARCHAR, nullable: true },
  { name: 'time', type: TIMESTAMP, nullable: false },
  { name: 'count', type: BIGINT, nullable: true },
  { name: 'price', type: DOUBLE, nullable: true },
  { name: 'detail', type: JSON_TYPE, nullable: false },
];
const rows = Array.from({ length: ROWS }, (_, n): Value[] => [
  n % 5 === 0 ? null : `a "symbol", ${n}`,
  1_700_000_000_000_000n + BigInt(n) * 1_234_567n,
  n % 7 === 0 ? null : BigInt(n) * 1_000_000_007n,
  n % 3 === 0 ? Number.NaN : n / 7,
  `{"n":[${n}]}`,
]);
const batch = createBatch(memory, schema, ROWS);
fillBatch(memory, batch, { schema, rows });

/** Uses an encoder as a sink does: encode, look at what is pending, clear. */
function measureEncoder(kind: string): { heap: number; written: number } {
  const encoder = createEncoder(kind, memory, schema, {});
  let begin = 0;
  let written = 0;
  const heap = heapBytesOf(() => {
    encoder.encode(batch);
    begin = encoder.pending;
    written = encoder.pendingBytes;
    encoder.clear();
  });
  return { heap, written: begin === 0 ? 0 : written };
}

const json = measureEncoder('json');
const csv = measureEncoder('csv');
process.stdout.write(JSON.stringify({ json: json.heap, csv: csv.heap, written: [json.written, csv.written] }));
