// The decoders alone beside JSON.parse: `node bench/decode.ts [--rounds 15]`.
//
// Eight MiB of each file are decoded from memory again and again in reads of 256 KiB; the variants take turns, and the
// fastest round of each counts, so that a busy machine disturbs less. `long way` is the decoder without templates.

import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { BATCH_ROW_COUNT, READ_SLACK } from '../kernels/layout.ts';
import { DECODER_REJECT_COUNT, POLICY_SKIP } from '../kernels/layout-formats.ts';
import { READ_BYTES, RECORD_BYTES_DEFAULT } from '../src/base/limits.ts';
import type { TypeKind } from '../src/data/type.ts';
import { createCsvDecoder } from '../src/formats/csv-decoder.ts';
import type { DecoderSpec } from '../src/formats/decoder-spec.ts';
import type { Decoder } from '../src/formats/format.ts';
import { createJsonDecoder } from '../src/formats/json-decoder.ts';
import { testMemory } from '../test/support/linear-memory.ts';
import { benchFile } from './data.ts';

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });

const SAMPLE_BYTES = 8 << 20;
const memory = testMemory();
const buffer = memory.allocate(SAMPLE_BYTES + READ_SLACK);

interface Variant {
  name: string;
  /** One pass over the sample. @returns rows. */
  run(): number;
  best: number;
  rows: number;
}

function spec(columns: Record<string, TypeKind>): DecoderSpec {
  const names = Object.keys(columns);
  return {
    schema: names.map((name) => ({ name, type: { kind: columns[name]! }, nullable: true })),
    fields: names.map((name, position) => ({ path: [name], notNull: false, timestampUnit: 'ms', position })),
    policy: POLICY_SKIP,
    maxRecordBytes: RECORD_BYTES_DEFAULT,
    capacity: 2048,
    options: {},
  };
}

/** Whole lines from the start of a file. */
function sampleOf(file: string): Buffer {
  const descriptor = fs.openSync(file, 'r');
  const bytes = Buffer.alloc(SAMPLE_BYTES);
  const count = fs.readSync(descriptor, bytes, 0, SAMPLE_BYTES, 0);
  fs.closeSync(descriptor);
  return bytes.subarray(0, bytes.lastIndexOf(10, count - 1) + 1);
}

function decodePass(decoder: Decoder, sample: Buffer, beforeCall?: () => void): number {
  decoder.reset();
  let rows = 0;
  let begin = buffer;
  for (let end = buffer; begin < buffer + sample.length; ) {
    end = Math.min(end + READ_BYTES, buffer + sample.length);
    for (;;) {
      beforeCall?.();
      const mark = memory.kernels.transientMark();
      const consumed = decoder.decode(begin, end, false);
      memory.kernels.transientRelease(mark);
      memory.refresh();
      rows += memory.load32(decoder.batch + BATCH_ROW_COUNT);
      if (memory.load32(decoder.state + DECODER_REJECT_COUNT) > 0) throw new Error('a bench record was refused');
      begin += consumed;
      if (consumed === 0) break;
    }
  }
  return rows;
}

function compare(title: string, sample: Buffer, passes: Record<string, () => number>): void {
  const variants: Variant[] = Object.entries(passes).map(([name, run]) => ({ name, run, best: Infinity, rows: 0 }));
  memory.u8.set(sample, buffer);
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const variant of variants) {
      const begin = performance.now();
      variant.rows = variant.run();
      variant.best = Math.min(variant.best, performance.now() - begin);
    }
  }
  for (const { name, best, rows } of variants) {
    const perRow = (best * 1e6) / rows;
    const line = [title.padEnd(14), name.padEnd(12), perRow.toFixed(1).padStart(8), 'ns/row'];
    console.log(
      ...line,
      (1e3 / perRow).toFixed(2).padStart(6),
      'M rows/s',
      (sample.length / best / 1e6).toFixed(2),
      'GB/s',
    );
  }
}

function parseLines(sample: Buffer): number {
  let rows = 0;
  for (const line of sample.toString().split('\n')) if (line !== '' && JSON.parse(line) !== null) rows++;
  return rows;
}

const trades = spec({ symbol: 'VARCHAR', price: 'DOUBLE', volume: 'BIGINT', ts: 'TIMESTAMP' });
const wide = spec({ field_07: 'TIMESTAMP', field_21: 'VARCHAR', field_40: 'DOUBLE' });

for (const [file, of] of [
  ['trades.ndjson', trades],
  ['wide.ndjson', wide],
] as const) {
  const sample = sampleOf(benchFile(file));
  const decoder = createJsonDecoder(memory, of);
  const slow = createJsonDecoder(memory, of);
  compare(file, sample, {
    template: () => decodePass(decoder, sample),
    'long way': () => decodePass(slow, sample, () => memory.kernels.jsonDecoderPause(slow.state)),
    'JSON.parse': () => parseLines(sample),
  });
}
const csv = sampleOf(benchFile('trades.csv'));
const decoder = createCsvDecoder(memory, trades);
compare('trades.csv', csv, {
  decoder: () => decodePass(decoder, csv),
  split: () =>
    csv
      .toString()
      .split('\n')
      .filter((line) => line.split(',').length === 6).length - 1,
});
