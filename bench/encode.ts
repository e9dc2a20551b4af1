// Encoding alone, by its kernels, beside JSON.stringify: `node bench/encode.ts [--rows 2000000]`.
//
// 2,048-row batches of window results: a symbol, two times, a count, a sum, a volume-weighted mean (17 digits) and two
// prices (2 decimals). JSON.stringify gets finished objects whose times are text already, and its bytes are made by
// Buffer.write. Below are batches of single columns: where the time goes. Variants run in slices, interleaved, and the
// fastest half of each is averaged; ratios within a run mean more than the numbers.

import { parseArgs } from 'node:util';
import { createBatch, fillBatch, type Value } from '../src/data/batch.ts';
import type { Column, Schema } from '../src/data/schema.ts';
import { BIGINT, DOUBLE, TIMESTAMP, VARCHAR } from '../src/data/type.ts';
import type { Encoder } from '../src/formats/format.ts';
import { createEncoder } from '../src/formats/registry.ts';
import { testMemory } from '../test/support/linear-memory.ts';

const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '2000000' } } });

const BATCH_ROWS = 2048;
const BATCHES = 16;
const ROUNDS = 10;
const START_MICROS = 1_700_000_000_000_000n;

const column = (name: string, type: Column['type'], nullable = false): Column => ({ name, type, nullable });
const SCHEMA: Schema = [
  column('symbol', VARCHAR),
  column('window_start', TIMESTAMP),
  column('window_end', TIMESTAMP),
  column('trades', BIGINT),
  column('volume', BIGINT),
  column('vwap', DOUBLE, true),
  column('low', DOUBLE, true),
  column('high', DOUBLE, true),
];

function makeRows(seed: number): Value[][] {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return Array.from({ length: BATCH_ROWS }, (_, row) => {
    const start = START_MICROS + BigInt(seed * 4 + Math.floor(row / 500)) * 10_000_000n;
    const low = 100 + random(10_000) / 100;
    const high = low + random(1_000) / 100;
    const volume = 1000 + random(100_000);
    return [
      `SYM${String(row % 500).padStart(4, '0')}`,
      start,
      start + 10_000_000n,
      BigInt(1 + random(40)),
      BigInt(volume),
      low + (high - low) * (random(1 << 30) / (1 << 30)),
      low,
      Math.round(high * 100) / 100,
    ];
  });
}

const rowSets = Array.from({ length: BATCHES }, (_, n) => makeRows(n + 1));

interface Variant {
  label: string;
  /** Encodes batch `n`. @returns bytes written. */
  step: (n: number) => number;
  /** ns per row of each slice. */
  slices: number[];
  bytes: number;
}

function laminar(label: string, kind: string, names?: readonly string[]): Variant {
  const memory = testMemory();
  const indexes = SCHEMA.map((_, index) => index).filter((i) => names?.includes(SCHEMA[i]!.name) ?? true);
  const schema = indexes.map((index) => SCHEMA[index] as Column);
  const batches = rowSets.map((rows) => {
    const batch = createBatch(memory, schema, BATCH_ROWS);
    fillBatch(memory, batch, { schema, rows: rows.map((row) => indexes.map((index) => row[index] as Value)) });
    return batch;
  });
  const encoder: Encoder = createEncoder(kind, memory, schema, {});
  const step = (n: number): number => {
    encoder.encode(batches[n % BATCHES] as number);
    const bytes = encoder.pendingBytes;
    encoder.clear();
    return bytes;
  };
  return { label, step, slices: [], bytes: 0 };
}

function naive(label: string, indexes: readonly number[]): Variant {
  const sets = rowSets.map((rows) =>
    rows.map((row) =>
      Object.fromEntries(indexes.map((i) => [(SCHEMA[i] as Column).name, plainValue(row[i] as Value, i)])),
    ),
  );
  const target = Buffer.alloc(1 << 20);
  const step = (n: number): number => {
    let text = '';
    for (const row of sets[n % BATCHES] ?? []) text += `${JSON.stringify(row)}\n`;
    return target.write(text);
  };
  return { label, step, slices: [], bytes: 0 };
}

function plainValue(value: Value, index: number): unknown {
  if (typeof value !== 'bigint') return value;
  const isTime = SCHEMA[index]?.type.kind === 'TIMESTAMP';
  return isTime ? new Date(Number(value / 1000n)).toISOString() : Number(value);
}

function main(): void {
  const all = SCHEMA.map((_, index) => index);
  const variants = [
    laminar('NDJSON', 'json'),
    laminar('CSV', 'csv'),
    naive('JSON.stringify', all),
    laminar('  symbol', 'json', ['symbol']),
    laminar('  two times', 'json', ['window_start', 'window_end']),
    laminar('  two integers', 'json', ['trades', 'volume']),
    laminar('  long double', 'json', ['vwap']),
    laminar('  two short doubles', 'json', ['low', 'high']),
    naive('  JSON.stringify, doubles', [5, 6, 7]),
  ];
  const steps = Math.ceil(Number(flags.rows) / BATCH_ROWS / ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of variants) {
      variant.bytes = 0;
      const start = process.hrtime.bigint();
      for (let n = 0; n < steps; n++) variant.bytes += variant.step(n);
      variant.slices.push(Number(process.hrtime.bigint() - start) / steps / BATCH_ROWS);
    }
  }
  for (const { label, slices, bytes } of variants) {
    const half = slices.toSorted((a, b) => a - b).slice(0, ROUNDS / 2);
    const nanos = half.reduce((sum, n) => sum + n, 0) / half.length;
    const bytesPerRow = bytes / steps / BATCH_ROWS;
    console.log(
      `${label.padEnd(26)} ${nanos.toFixed(1).padStart(8)} ns/row ${(1000 / nanos).toFixed(1).padStart(6)} M rows/s ` +
        `${((bytesPerRow / nanos) * 1000).toFixed(0).padStart(6)} MB/s ${bytesPerRow.toFixed(0).padStart(4)} B/row`,
    );
  }
}

main();
