// Arrow streams as streams: record batches, pieces, ends, damage.
import zlib from 'node:zlib';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICY_SKIP } from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import { type Schema, WATERMARK_COLUMN } from '../../src/data/schema.ts';
import { BIGINT, type TypeKind } from '../../src/data/type.ts';
import { createArrowEncoder } from '../../src/formats/arrow-encoder.ts';
import { arrowDecoder, type DecodeOptions, decodeSplit } from '../support/decode-arrow.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';
import { KINDS, randomBatch } from '../support/random-batch.ts';

const memory = testMemory();
const runs = often(150);

const nullable = (kind: TypeKind, name: string): Schema[number] => ({ name, type: { kind }, nullable: true });
const decode = (schema: Schema, bytes: Uint8Array, options: DecodeOptions = {}) =>
  decodeSplit(memory, arrowDecoder(memory, schema, options), bytes, options.pieces);

/** A stream of tables, each a record batch. */
function batches(...tables: arrow.Table[]): Uint8Array {
  const writer = new arrow.RecordBatchStreamWriter();
  for (const table of tables) for (const batch of table.batches) writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}

describe('Arrow streams', () => {
  const schema: Schema = [
    nullable('BIGINT', 'n'),
    { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true },
    nullable('VARCHAR', 't'),
  ];
  const table = (from: number, count: number) =>
    new arrow.Table({
      t: arrow.vectorFromArray(
        Array.from({ length: count }, (_, i) => `t${(from + i) % 5}`),
        new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 1),
      ),
      other: arrow.vectorFromArray(
        Array.from({ length: count }, (_, i) => [i]),
        new arrow.List(new arrow.Field('i', new arrow.Int8(), true)),
      ),
      n: arrow.vectorFromArray(
        Array.from({ length: count }, (_, i) => BigInt(from + i)),
        new arrow.Int64(),
      ),
    });
  const expected = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => [BigInt(from + i), `t${(from + i) % 5}`]);
  const visible = (rows: Value[][]) => rows.map(([n, , t]) => [n, t]);

  it('hands out large record batches in pieces, several of them one after another, skipping other columns', () => {
    const bytes = batches(table(0, 150), table(150, 0), table(150, 3), table(153, 64));
    const { rows, batches: sizes } = decode(schema, bytes);
    expect(visible(rows)).toEqual(expected(0, 217));
    expect(sizes).toEqual([64, 64, 22, 3, 64]);
  });

  it('decodes the same rows however the bytes are cut', () => {
    const bytes = batches(table(0, 70), table(70, 9));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(9), fc.nat(2000)), { minLength: 1, maxLength: 20 }), (pieces) => {
        expect(visible(decode(schema, bytes, { pieces }).rows)).toEqual(expected(0, 79));
      }),
      { numRuns: 50 },
    );
    expect(visible(decode(schema, bytes, { pieces: [1] }).rows)).toEqual(expected(0, 79));
  });

  it('reads back what the encoder writes: any types, NULLs, cut anywhere', () => {
    const kinds = KINDS.filter((kind) => kind !== 'INTERVAL');
    fc.assert(
      fc.property(randomBatch(kinds, 20, true), fc.array(fc.nat(300), { minLength: 1 }), (content, pieces) => {
        const bytes = encodeRows(memory, createArrowEncoder(memory, content.schema), content);
        expect(decode(content.schema, bytes, { pieces }).rows).toEqual(content.rows);
      }),
      { numRuns: runs },
    );
  });

  it('counts rows when no column is needed', () => {
    const decoder = arrowDecoder(memory, []);
    const { batches: sizes } = decodeSplit(memory, decoder, batches(table(0, 100)));
    expect(sizes).toEqual([64, 36]);
  });

  it('reads streams one after another in a split, and a new schema in a new split', () => {
    const joined = Buffer.concat([batches(table(0, 5)), batches(table(5, 5))]);
    const decoder = arrowDecoder(memory, schema);
    expect(visible(decodeSplit(memory, decoder, joined, [17]).rows)).toEqual(expected(0, 10));
    decoder.reset();
    const plain = new arrow.Table({
      n: arrow.vectorFromArray([7], new arrow.Int8()),
      t: arrow.vectorFromArray(['p'], new arrow.Utf8()),
    });
    expect(visible(decodeSplit(memory, decoder, batches(plain)).rows)).toEqual([[7n, 'p']]);
  });

  it('reads the file format, the prefix of old streams, and zstd', () => {
    const footer = Buffer.from('any footer\0\0ARROW1');
    const file = Buffer.concat([Buffer.from('ARROW1\0\0'), batches(table(0, 100)), footer]);
    expect(visible(decode(schema, file, { pieces: [5] }).rows)).toEqual(expected(0, 100));
    const withoutSchema = arrow.tableToIPC(table(0, 9), 'file');
    expect(() => decode(schema, withoutSchema)).toThrow('does not begin with its schema');
    const old = new arrow.RecordBatchStreamWriter({ writeLegacyIpcFormat: true });
    old.write(table(0, 9));
    old.finish();
    expect(visible(decode(schema, old.toUint8Array(true)).rows)).toEqual(expected(0, 9));
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, {
      encode: (bytes) => new Uint8Array(zlib.zstdCompressSync(bytes)),
      decode: (bytes) => new Uint8Array(zlib.zstdDecompressSync(bytes)),
    });
    const packed = new arrow.RecordBatchStreamWriter({ compressionType: arrow.CompressionType.ZSTD });
    packed.write(table(0, 500));
    packed.finish();
    expect(visible(decode(schema, packed.toUint8Array(true)).rows)).toEqual(expected(0, 500));
  });

  it('takes a stream without rows, and one without an end marker', () => {
    expect(decode(schema, batches(table(0, 0))).rows).toEqual([]);
    const bytes = batches(table(0, 9));
    expect(visible(decode(schema, bytes.subarray(0, bytes.length - 8)).rows)).toEqual(expected(0, 9));
  });

  it('refuses a stream that ends too early, wherever', () => {
    const bytes = batches(table(0, 9));
    const atEnd = bytes.length - 8;
    let boundaries = 0;
    for (let length = 0; length < atEnd; length++) {
      try {
        decode(schema, bytes.subarray(0, length));
        boundaries++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'LMN-6053' });
      }
    }
    // After the schema and after each dictionary nothing says that more must follow.
    expect(boundaries).toBe(2);
    expect(() => decode(schema, bytes.subarray(0, 0))).toThrow('the Arrow stream ends before its schema');
    expect(() => decode(schema, bytes.subarray(0, 100))).toThrow('the Arrow stream ends before its schema');
    expect(() => decode(schema, bytes.subarray(0, atEnd - 1))).toThrow('ends in the middle of a message');
  });

  it('refuses what is not Arrow, and never breaks on damaged streams', () => {
    expect(() => decode(schema, Buffer.from('{"n":1,"t":"a"}\n'))).toThrow('not an Arrow IPC stream');
    expect(() => decode(schema, Buffer.from('ARROW2--'))).toThrow('not an Arrow IPC stream');
    const whole = batches(table(0, 9), table(9, 9));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(whole);
        bytes[at]! ^= change;
        try {
          decode(schema, bytes, { policy: POLICY_SKIP });
        } catch (error) {
          expect(error).toMatchObject({ name: 'LaminarError' });
        }
      }),
      { numRuns: runs * 2 },
    );
  });
});
