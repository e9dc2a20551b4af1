// Prints the bytes of JS heap that 200 calls of each decoder take, and the rows of one call. For the decoder tests.

import { BATCH_ROW_COUNT, READ_SLACK } from '../../../kernels/layout.ts';
import { POLICY_SKIP } from '../../../kernels/layout-formats.ts';
import type { TypeKind } from '../../../src/data/type.ts';
import { createDecoder } from '../../../src/formats/registry.ts';
import { heapBytesOf } from '../../support/heap.ts';
import { testMemory } from '../../support/linear-memory.ts';

const memory = testMemory();
const columns: [name: string, type: TypeKind][] = [
  ['symbol', 'VARCHAR'],
  ['price', 'DOUBLE'],
  ['volume', 'BIGINT'],
  ['ts', 'TIMESTAMP'],
];

/** Records of a shape, with now and then one that goes the long way, has an escape, or is bad. */
function input(kind: string): Uint8Array {
  const lines = Array.from({ length: 300 }, (_, i) => {
    const symbol = i % 50 === 7 ? 'q""q' : `SYM${i}`;
    if (kind === 'csv') return i % 60 === 3 ? 'bad,bad,bad,bad' : `"${symbol}",${i / 7},${i},${1_700_000_000_000 + i}`;
    if (i % 60 === 3) return '{"symbol":"bad"';
    if (i % 40 === 5) return `{"ts":${i},"symbol":"other order \\n"}`;
    return `{"symbol":"SYM${i}","price":${i / 7},"volume":${i},"ts":${1_700_000_000_000 + i}}`;
  });
  return Buffer.from(`${kind === 'csv' ? 'symbol,price,volume,ts\n' : ''}${lines.join('\n')}\n`);
}

/** Decodes the same bytes again and again, as a source does with a full buffer. */
function measureDecoder(kind: string): { heap: number; rows: number } {
  const bytes = input(kind);
  const begin = memory.allocate(bytes.length + READ_SLACK);
  memory.u8.set(bytes, begin);
  const end = begin + bytes.length;
  const decoder = createDecoder(kind, memory, {
    schema: columns.map(([name, type]) => ({ name, type: { kind: type }, nullable: true })),
    fields: columns.map(([name], position) => ({ path: [name], notNull: false, timestampUnit: 'ms', position })),
    policy: POLICY_SKIP,
    maxRecordBytes: 1 << 16,
    capacity: 512,
    options: {},
  });
  let start = begin;
  if (kind === 'csv') {
    // The header is read once, and may allocate.
    while (memory.u8[start] !== 10) start++;
    start++;
    decoder.decode(begin, start, false);
  }
  let rows = 0;
  const heap = heapBytesOf(() => {
    const mark = memory.kernels.transientMark();
    decoder.decode(start, end, false);
    memory.refresh();
    rows = memory.load32(decoder.batch + BATCH_ROW_COUNT);
    memory.kernels.transientRelease(mark);
  }, 4_000);
  return { heap, rows };
}

const json = measureDecoder('json');
const csv = measureDecoder('csv');
process.stdout.write(JSON.stringify({ json: json.heap, csv: csv.heap, rows: [json.rows, csv.rows] }));
