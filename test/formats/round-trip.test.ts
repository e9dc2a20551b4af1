// What the text encoders write, the decoders of the same format read back as the same rows, under every option of
// writing that keeps all information, with the bytes cut at random.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { READ_SLACK } from '../../kernels/layout.ts';
import { POLICY_FAIL } from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import type { Schema } from '../../src/data/schema.ts';
import { createDecoder, createEncoder } from '../../src/formats/registry.ts';
import type { FormatOptions } from '../../src/formats/row-encoder.ts';
import type { SourceField } from '../../src/plan/source-node.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';
import { KINDS, type RandomBatch, randomBatch } from '../support/random-batch.ts';
import { type Decoded, decodeStream } from './decode-stream.ts';

const memory = testMemory();
const runs = often(300);
/** Sources have no INTERVAL columns. */
const DECODABLE = KINDS.filter((kind) => kind !== 'INTERVAL');
const BUFFER_BYTES = 1 << 17;
const buffer = memory.allocate(BUFFER_BYTES + READ_SLACK);

interface RoundTrip {
  kind: string;
  schema: Schema;
  rows: Value[][];
  write: FormatOptions;
  read: FormatOptions;
  timestampUnit: SourceField['timestampUnit'];
  readBytes: number;
}

function roundTrip({ kind, schema, rows, write, read, timestampUnit, readBytes }: RoundTrip): Decoded {
  const bytes = encodeRows(memory, createEncoder(kind, memory, schema, write), { schema, rows });
  const fields = schema.map(({ name, nullable }, position) => {
    return { path: [name], notNull: !nullable, timestampUnit, position };
  });
  const spec = { schema, fields, policy: POLICY_FAIL, maxRecordBytes: 1 << 16, capacity: 16, options: read };
  const decoder = createDecoder(kind, memory, spec);
  const feed = { memory, decoder, buffer, bufferBytes: BUFFER_BYTES, nextRead: () => readBytes, stops: true };
  return decodeStream(feed, bytes);
}

/** A JSON null is read as SQL's NULL, so the value stands inside an array here. */
const batches = randomBatch(DECODABLE, 20, true).map(({ schema, rows }) => ({
  schema,
  rows: rows.map((row) =>
    row.map((value, c) => (schema[c]?.type.kind === 'JSON' && value === 'null' ? '[null]' : value)),
  ),
}));

/** A time as text, or as a number of a unit. */
const times = fc.constantFrom('iso', 's', 'ms', 'us', 'ns').map((format) => ({
  timestampFormat: format,
  timestampUnit: (format === 'iso' ? 'ms' : format) as SourceField['timestampUnit'],
}));

function expectSame(decoded: Decoded, { rows }: RandomBatch): void {
  expect(decoded.rejects).toStrictEqual([]);
  expect(decoded.rows).toStrictEqual(rows);
}

describe('round trip', () => {
  it('NDJSON', () => {
    const writes = fc.record({
      nulls: fc.constantFrom('null', 'omit'),
      bigint: fc.constantFrom('number', 'string'),
      non_finite: fc.constant('string'),
    });
    fc.assert(
      fc.property(batches, writes, times, fc.integer({ min: 1, max: 300 }), (batch, write, time, readBytes) => {
        const options = { ...write, timestamp_format: time.timestampFormat };
        const { timestampUnit } = time;
        expectSame(roundTrip({ kind: 'json', ...batch, write: options, read: {}, timestampUnit, readBytes }), batch);
      }),
      { numRuns: runs },
    );
  });

  it('CSV', () => {
    const marks = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|', 'a', ':', '1'),
      quote: fc.constantFrom('"', "'", '`'),
      null: fc.constantFrom('', 'NULL', 'x', '-', 'true', '7'),
      header: fc.boolean(),
    });
    fc.assert(
      fc.property(batches, marks, times, fc.integer({ min: 1, max: 300 }), (batch, read, time, readBytes) => {
        fc.pre(!read.null.includes(read.delimiter));
        // The one thing CSV cannot say.
        fc.pre(batch.schema.length > 1 || read.null !== '' || batch.rows.every((row) => row[0] !== null));
        const write = { ...read, non_finite: 'string', timestamp_format: time.timestampFormat };
        expectSame(
          roundTrip({ kind: 'csv', ...batch, write, read, timestampUnit: time.timestampUnit, readBytes }),
          batch,
        );
      }),
      { numRuns: runs },
    );
  });
});
