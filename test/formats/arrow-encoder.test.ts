import { tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/data/batch.ts';
import { type Schema, WATERMARK_COLUMN } from '../../src/data/schema.ts';
import { BIGINT, type TypeKind, VARCHAR } from '../../src/data/type.ts';
import { createArrowEncoder } from '../../src/formats/arrow-encoder.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();

function encode(schema: Schema, rows: Value[][]) {
  return encodeRows(memory, createArrowEncoder(memory, schema), { schema, rows });
}

/** Type as Arrow names it, and the values as the library reads them, of a nullable column. */
function one(kind: TypeKind, ...values: Value[]): [string, unknown[]] {
  const schema: Schema = [{ name: 'x', type: { kind }, nullable: true }];
  const table = tableFromIPC(
    encode(
      schema,
      values.map((value) => [value]),
    ),
  );
  const column = table.getChildAt(0);
  return [String(column?.type), [...(column ?? [])]];
}

describe('Arrow encoder', () => {
  it('writes every type as its Arrow type, with NULLs', () => {
    expect(one('BOOLEAN', true, null, false)).toEqual(['Bool', [true, null, false]]);
    expect(one('TINYINT', -128, 127, null)).toEqual(['Int8', [-128, 127, null]]);
    expect(one('SMALLINT', null, 32767)).toEqual(['Int16', [null, 32767]]);
    expect(one('INTEGER', -2147483648, null)).toEqual(['Int32', [-2147483648, null]]);
    expect(one('BIGINT', 9223372036854775807n, null)).toEqual(['Int64', [9223372036854775807n, null]]);
    expect(one('DOUBLE', 0.1, -0, Number.NaN, null)).toEqual(['Float64', [0.1, -0, Number.NaN, null]]);
    expect(one('VARCHAR', '', 'é€😀', null, 'x'.repeat(100))).toEqual(['Utf8', ['', 'é€😀', null, 'x'.repeat(100)]]);
    expect(one('JSON', '{"a":1}', null)).toEqual(['Utf8', ['{"a":1}', null]]);
    expect(one('TIMESTAMP', 1_704_067_200_000_000n, null)).toEqual([
      'Timestamp<MICROSECOND, UTC>',
      [1704067200000, null],
    ]);
    expect(one('DATE', 19_723, null)).toEqual(['Date32<DAY>', [19_723 * 86_400_000, null]]);
    expect(one('INTERVAL', -5n, null)).toEqual(['Duration<MICROSECOND>', [-5n, null]]);
  });

  it('writes a readable stream with a schema when there are no rows', () => {
    const schema: Schema = [
      { name: 'a', type: BIGINT, nullable: false },
      { name: 'b', type: VARCHAR, nullable: true },
    ];
    const table = tableFromIPC(encode(schema, []));
    expect(table.numRows).toBe(0);
    expect(table.schema.fields.map((field) => [field.name, String(field.type), field.nullable])).toEqual([
      ['a', 'Int64', false],
      ['b', 'Utf8', true],
    ]);
  });

  it('leaves hidden columns out and keeps rows across batches in order', () => {
    const schema: Schema = [
      { name: 'n', type: BIGINT, nullable: false },
      { name: WATERMARK_COLUMN, type: BIGINT, nullable: false, hidden: true },
      { name: 't', type: VARCHAR, nullable: true },
    ];
    const rows = Array.from({ length: 5000 }, (_, i): Value[] => [BigInt(i), 0n, i % 7 === 0 ? null : `row ${i}`]);
    const table = tableFromIPC(encode(schema, rows));
    expect(table.schema.names).toEqual(['n', 't']);
    expect(table.toArray().map((row) => [row.n, row.t])).toEqual(rows.map(([n, , t]) => [n, t]));
  });

  it('refuses a column without a type', () => {
    expect(() => one('NULL', null)).toThrow('a column of type NULL cannot be written');
  });
});
