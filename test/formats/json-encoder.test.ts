import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBatch, fillBatch, type Value } from '../../src/data/batch.ts';
import { type Schema, WATERMARK_COLUMN } from '../../src/data/schema.ts';
import { BIGINT, DOUBLE, JSON_TYPE, type TypeKind, VARCHAR } from '../../src/data/type.ts';
import { createJsonEncoder } from '../../src/formats/json-encoder.ts';
import type { FormatOptions } from '../../src/formats/row-encoder.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';
import { randomBatch } from '../support/random-batch.ts';

const memory = testMemory();
const runs = often(300);

function encode(schema: Schema, rows: Value[][], options: FormatOptions = {}): string {
  return encodeRows(memory, createJsonEncoder(memory, schema, options), { schema, rows }).toString();
}
const one = (kind: TypeKind, value: Value, options: FormatOptions = {}) =>
  encode([{ name: 'x', type: { kind }, nullable: true }], [[value]], options);

describe('JSON encoder', () => {
  it('writes every type as its documented text', () => {
    expect(one('BOOLEAN', true)).toBe('{"x":true}\n');
    expect(one('BOOLEAN', false)).toBe('{"x":false}\n');
    expect(one('TINYINT', -128)).toBe('{"x":-128}\n');
    expect(one('BIGINT', 9223372036854775807n)).toBe('{"x":9223372036854775807}\n');
    expect(one('DOUBLE', 1e21)).toBe('{"x":1e+21}\n');
    expect(one('DOUBLE', -0)).toBe('{"x":-0}\n');
    expect(one('TIMESTAMP', 1_704_067_200_000_000n)).toBe('{"x":"2024-01-01T00:00:00Z"}\n');
    expect(one('DATE', 19_723)).toBe('{"x":"2024-01-01"}\n');
    expect(one('INTERVAL', 90_500_000n)).toBe('{"x":"00:01:30.5"}\n');
    expect(one('JSON', '{"a":[1,2]}')).toBe('{"x":{"a":[1,2]}}\n');
    expect(one('VARCHAR', 'a"b\\c\n\u0001é')).toBe('{"x":"a\\"b\\\\c\\n\\u0001é"}\n');
  });

  it('follows its options', () => {
    expect(one('BIGINT', -5n, { bigint: 'string' })).toBe('{"x":"-5"}\n');
    expect(one('DOUBLE', Number.NaN)).toBe('{"x":null}\n');
    expect(one('DOUBLE', -Infinity, { non_finite: 'string' })).toBe('{"x":"-Infinity"}\n');
    expect(one('DOUBLE', 1.5, { non_finite: 'string' })).toBe('{"x":1.5}\n');
    const time = 1_704_067_200_500_000n;
    expect(one('TIMESTAMP', time, { timestamp_format: 's' })).toBe('{"x":1704067200.5}\n');
    expect(one('TIMESTAMP', time, { timestamp_format: 'ms' })).toBe('{"x":1704067200500}\n');
    expect(one('TIMESTAMP', time, { timestamp_format: 'us' })).toBe('{"x":1704067200500000}\n');
    expect(one('TIMESTAMP', time, { timestamp_format: 'ns' })).toBe('{"x":1704067200500000000}\n');
    expect(() => one('BIGINT', 1n, { bigint: 'hex' })).toThrow('option bigint cannot be "hex"');
    expect(() => one('TIMESTAMP', 1n, { timestamp_format: 'min' })).toThrow('option timestamp_format cannot be "min"');
  });

  it('leaves NULLs out where asked, down to an empty object', () => {
    const schema: Schema = ['a', 'b', 'c'].map((name) => ({ name, type: VARCHAR, nullable: true }));
    const rows = [
      [null, 'x', null],
      [null, null, null],
      ['y', null, 'z'],
    ];
    expect(encode(schema, rows)).toBe(
      '{"a":null,"b":"x","c":null}\n{"a":null,"b":null,"c":null}\n{"a":"y","b":null,"c":"z"}\n',
    );
    expect(encode(schema, rows, { nulls: 'omit' })).toBe('{"b":"x"}\n{}\n{"a":"y","c":"z"}\n');
    expect(encode([{ name: 'd', type: DOUBLE, nullable: false }], [[Number.NaN], [2]], { nulls: 'omit' })).toBe(
      '{}\n{"d":2}\n',
    );
  });

  it('skips hidden columns and escapes names', () => {
    const schema: Schema = [
      { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true },
      { name: 'a "long" name\nwith é and more than sixteen bytes', type: BIGINT, nullable: false },
    ];
    const line = encode(schema, [[1n, 2n]]);
    expect(line).toBe('{"a \\"long\\" name\\nwith é and more than sixteen bytes":2}\n');
  });

  it('keeps a record on one line when JSON text holds line breaks between its tokens', () => {
    expect(one('JSON', '{\n  "a": "x\\ny",\r\n\t"b": 1\n}')).toBe('{"x":{   "a": "x\\ny",   "b": 1 }}\n');
  });

  it('writes nothing for an empty batch and keeps what is pending until it is cleared', () => {
    const schema: Schema = [{ name: 'x', type: BIGINT, nullable: false }];
    const encoder = createJsonEncoder(memory, schema, {});
    const batch = createBatch(memory, schema, 4);
    fillBatch(memory, batch, { schema, rows: [] });
    encoder.encode(batch);
    expect(encoder.pendingBytes).toBe(0);
    fillBatch(memory, batch, { schema, rows: [[1n]] });
    encoder.encode(batch);
    encoder.encode(batch);
    expect(encoder.pendingBytes).toBe(16);
    encoder.clear();
    expect(encoder.pendingBytes).toBe(0);
  });

  it('grows its buffer for long strings, at every escape', () => {
    const long = '\u0001'.repeat(300_000);
    const schema: Schema = [
      { name: 'a', type: VARCHAR, nullable: false },
      { name: 'b', type: JSON_TYPE, nullable: false },
    ];
    const nested = JSON.stringify('x'.repeat(5_000_000));
    const line = encode(schema, [
      ['short', '1'],
      [long, nested],
      ['end', '2'],
    ]);
    expect(line).toBe(`{"a":"short","b":1}\n{"a":"${'\\u0001'.repeat(300_000)}","b":${nested}}\n{"a":"end","b":2}\n`);
  });

  it('takes memory for a long string as it is written, not for its worst case', () => {
    const schema: Schema = [{ name: 'a', type: VARCHAR, nullable: false }];
    const encoder = createJsonEncoder(memory, schema, {});
    const batch = createBatch(memory, schema, 1);
    const text = `${'x'.repeat(3_000_000)}"\u0000`;
    fillBatch(memory, batch, { schema, rows: [[text]] });
    const before = memory.kernels.allocatedBytes();
    encoder.encode(batch);
    expect(encoder.pendingBytes).toBe(JSON.stringify({ a: text }).length + 1);
    expect(memory.kernels.allocatedBytes() - before).toBeLessThan(1 << 22);
  });

  it('writes lines that JSON.parse reads back as the same values', () => {
    fc.assert(
      fc.property(randomBatch(), fc.boolean(), ({ schema, rows }, omit) => {
        const lines = encode(schema, rows, { bigint: 'string', ...(omit ? { nulls: 'omit' } : {}) }).split('\n');
        expect(lines.pop()).toBe('');
        expect(lines.length).toBe(rows.length);
        lines.forEach((line, r) => {
          const object = JSON.parse(line) as Record<string, unknown>;
          schema.forEach((column, c) => {
            const value = rows[r]?.[c] ?? null;
            const expected = expectedJson(column.type.kind, value);
            if (omit && isAbsent(value)) expect(column.name in object).toBe(false);
            else expect(object[column.name]).toStrictEqual(expected);
          });
        });
      }),
      { numRuns: runs },
    );
  });
});

const isAbsent = (value: Value) => value === null || (typeof value === 'number' && !Number.isFinite(value));

function expectedJson(kind: TypeKind, value: Value): unknown {
  if (isAbsent(value)) return null;
  switch (kind) {
    case 'BIGINT':
      return String(value);
    case 'JSON':
      return JSON.parse(value as string);
    case 'TIMESTAMP': {
      const micros = value as bigint;
      const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
      const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, -5);
      const digits = String(fraction).padStart(6, '0');
      return `${seconds}${fraction === 0n ? '' : `.${digits.endsWith('000') ? digits.slice(0, 3) : digits}`}Z`;
    }
    case 'DATE':
      return new Date((value as number) * 86_400_000).toISOString().split('T')[0];
    case 'INTERVAL': {
      const size = (value as bigint) < 0n ? -(value as bigint) : (value as bigint);
      const two = (n: bigint) => String(n).padStart(2, '0');
      const fraction = String(size % 1_000_000n)
        .padStart(6, '0')
        .replace(/0+$/, '');
      const seconds = size / 1_000_000n;
      const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
      return `${(value as bigint) < 0n ? '-' : ''}${clock}${fraction === '' ? '' : `.${fraction}`}`;
    }
    default:
      return value;
  }
}
