import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import {
  POLICY_FAIL,
  POLICY_NULL,
  POLICY_SKIP,
  REASON_NULL,
  REASON_RANGE,
  REASON_TYPE,
  REASON_UTF8,
} from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import type { Schema } from '../../src/data/schema.ts';
import {
  BIGINT,
  BOOLEAN,
  type DataType,
  DOUBLE,
  decimalOf,
  INTEGER,
  listOf,
  structOf,
  type TypeKind,
  VARCHAR,
} from '../../src/data/type.ts';
import { arrowDecoder, type DecodeOptions, decodeSplit } from '../support/decode-arrow.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();

const nullable = (kind: TypeKind, name = 'x'): Schema[number] => ({ name, type: { kind }, nullable: true });
const decode = (schema: Schema, bytes: Uint8Array, options: DecodeOptions = {}) =>
  decodeSplit(memory, arrowDecoder(memory, schema, options), bytes, options.pieces);

/** A stream with one column x in one record batch. */
function stream(type: arrow.DataType, values: readonly unknown[]): Uint8Array {
  const vector = arrow.vectorFromArray(values as never, type as never);
  return arrow.tableToIPC(new arrow.Table({ x: vector }), 'stream');
}

/** Values of a declared column x read from an Arrow column. */
function read(kind: TypeKind, type: arrow.DataType, values: readonly unknown[], options: DecodeOptions = {}): Value[] {
  return decode([nullable(kind)], stream(type, values), options).rows.map((row) => row[0] as Value);
}

describe('Arrow decoder: types', () => {
  it('reads integers of any width and sign', () => {
    expect(read('TINYINT', new arrow.Int8(), [-128, null, 127])).toEqual([-128, null, 127]);
    expect(read('SMALLINT', new arrow.Uint8(), [0, 255])).toEqual([0, 255]);
    expect(read('INTEGER', new arrow.Int16(), [-32768, 32767])).toEqual([-32768, 32767]);
    expect(read('INTEGER', new arrow.Int64(), [-2147483648n, null])).toEqual([-2147483648, null]);
    expect(read('BIGINT', new arrow.Uint16(), [65535])).toEqual([65535n]);
    expect(read('BIGINT', new arrow.Int32(), [-5, null])).toEqual([-5n, null]);
    expect(read('BIGINT', new arrow.Uint32(), [4294967295])).toEqual([4294967295n]);
    expect(read('BIGINT', new arrow.Int64(), [-(2n ** 63n), 2n ** 63n - 1n])).toEqual([-(2n ** 63n), 2n ** 63n - 1n]);
    expect(read('BIGINT', new arrow.Uint64(), [2n ** 63n - 1n])).toEqual([2n ** 63n - 1n]);
    expect(read('DOUBLE', new arrow.Int32(), [-5, null])).toEqual([-5, null]);
    expect(read('DOUBLE', new arrow.Uint64(), [2n ** 64n - 2048n])).toEqual([2 ** 64 - 2048]);
  });

  it('reads floating-point numbers, into integers where they are whole', () => {
    const half = [0, -0, 1.5, -65504, 2 ** -24, Number.POSITIVE_INFINITY, null];
    expect(read('DOUBLE', new arrow.Float16(), half)).toEqual(half);
    expect(read('DOUBLE', new arrow.Float32(), [0.5, Number.NaN, null])).toEqual([0.5, Number.NaN, null]);
    expect(read('DOUBLE', new arrow.Float64(), [0.1, -1e308])).toEqual([0.1, -1e308]);
    expect(read('BIGINT', new arrow.Float64(), [3, -(2 ** 63)])).toEqual([3n, -(2n ** 63n)]);
    expect(read('TINYINT', new arrow.Float32(), [3, -128])).toEqual([3, -128]);
  });

  it('reads booleans and text, plain and from dictionaries with NULLs in them', () => {
    expect(read('BOOLEAN', new arrow.Bool(), [true, null, false, true])).toEqual([true, null, false, true]);
    const texts = ['', 'é€😀', null, 'x'.repeat(500), 'é€😀'];
    expect(read('VARCHAR', new arrow.Utf8(), texts)).toEqual(texts);
    expect(read('VARCHAR', new arrow.LargeUtf8(), texts)).toEqual(texts);
    for (const index of [new arrow.Int8(), new arrow.Uint16(), new arrow.Int32()]) {
      expect(read('VARCHAR', new arrow.Dictionary(new arrow.Utf8(), index), texts)).toEqual(texts);
    }
    expect(read('JSON', new arrow.Utf8(), ['{"a":[1]}', null, '1'])).toEqual(['{"a":[1]}', null, '1']);
    const dictionary = arrow.vectorFromArray(['a', null, 'b'], new arrow.Utf8());
    const data = arrow.makeData({
      type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
      data: Int32Array.of(2, 1, 0, 2),
      dictionary,
      length: 4,
    });
    const bytes = arrow.tableToIPC(new arrow.Table({ x: arrow.makeVector(data) }), 'stream');
    expect(decode([nullable('VARCHAR')], bytes).rows).toEqual([['b'], [null], ['a'], ['b']]);
    const { rejects } = decode([{ ...nullable('VARCHAR'), nullable: false }], bytes, { policy: POLICY_SKIP });
    expect(rejects.map(({ reason, line }) => [reason, line])).toEqual([[REASON_NULL, 1]]);
  });

  it('reads times of any unit and zone as instants in µs, and dates', () => {
    const at = (type: arrow.DataType, raw: bigint[]) =>
      decode([nullable('TIMESTAMP')], rawStream(type, BigInt64Array.from(raw))).rows.map((row) => row[0]);
    expect(at(new arrow.TimestampSecond(), [1n, -1n])).toEqual([1_000_000n, -1_000_000n]);
    expect(at(new arrow.TimestampMillisecond('Europe/Berlin'), [1_704_067_200_123n])).toEqual([1_704_067_200_123_000n]);
    expect(at(new arrow.TimestampMicrosecond('UTC'), [-1n, 2n ** 62n])).toEqual([-1n, 2n ** 62n]);
    expect(at(new arrow.TimestampNanosecond(), [1_999n, -1n, -1_000n])).toEqual([1n, -1n, -1n]);
    expect(at(new arrow.DateMillisecond(), [86_400_000n])).toEqual([86_400_000_000n]);
    const days = rawStream(new arrow.DateDay(), Int32Array.of(19_723, -1));
    expect(decode([nullable('DATE')], days).rows).toEqual([[19_723], [-1]]);
    expect(decode([nullable('TIMESTAMP')], days).rows).toEqual([[1_704_067_200_000_000n], [-86_400_000_000n]]);
    const millis = rawStream(new arrow.DateMillisecond(), BigInt64Array.of(86_400_000n, -1n));
    expect(decode([nullable('DATE')], millis).rows).toEqual([[1], [-1]]);
  });

  it('takes integers for epoch times in the unit of the source', () => {
    const micros = (timestampUnit: 's' | 'ms' | 'us' | 'ns', type: arrow.DataType, value: unknown) =>
      read('TIMESTAMP', type, [value, null], { fields: [{ timestampUnit }] });
    expect(micros('s', new arrow.Int32(), 1_704_067_200)).toEqual([1_704_067_200_000_000n, null]);
    expect(micros('ms', new arrow.Int64(), -5n)).toEqual([-5_000n, null]);
    expect(micros('us', new arrow.Int64(), 7n)).toEqual([7n, null]);
    expect(micros('us', new arrow.Uint32(), 7)).toEqual([7n, null]);
    expect(micros('ns', new arrow.Uint64(), 7_999n)).toEqual([7n, null]);
  });

  it('refuses what does not fit, with both types, and what is not there', () => {
    const refuse = (kind: TypeKind, type: arrow.DataType, values: unknown[]) => () => read(kind, type, values);
    expect(refuse('BIGINT', new arrow.Utf8(), ['1'])).toThrow('column x is BIGINT, in the Arrow stream it is Utf8');
    expect(refuse('VARCHAR', new arrow.Int32(), [1])).toThrow('column x is VARCHAR, in the Arrow stream it is Int32');
    expect(refuse('BOOLEAN', new arrow.Int8(), [1])).toThrow('it is Int8');
    expect(refuse('VARCHAR', new arrow.Binary(), [Uint8Array.of(1)])).toThrow('it is Binary');
    expect(refuse('DOUBLE', new arrow.Decimal(2, 10), [])).toThrow('it is Decimal');
    expect(refuse('JSON', new arrow.List(new arrow.Field('i', new arrow.Int8())), [[1]])).toThrow('it is List');
    const bytes = stream(new arrow.Int8(), [1]);
    expect(() => decode([nullable('BIGINT', 'X')], bytes)).toThrow('the Arrow stream has no column X');
    const nested = () => decode([nullable('BIGINT')], bytes, { fields: [{ path: ['x', 'y'] }] });
    expect(nested).toThrow('column x is read from $.x.y');
    expect(nested).toThrow(expect.objectContaining({ code: 'LMN-6056' }));
  });
});

/** A stream with one column x of raw values. */
function rawStream(type: arrow.DataType, data: BigInt64Array | Int32Array): Uint8Array {
  const vector = arrow.makeVector(arrow.makeData({ type, data, length: data.length } as never));
  return arrow.tableToIPC(new arrow.Table({ x: vector } as never), 'stream');
}

describe('Arrow decoder: bad rows', () => {
  const bytes = arrow.tableToIPC(
    new arrow.Table({
      id: arrow.vectorFromArray([1n, 2n, 3n, 4n, null], new arrow.Int64()),
      n: arrow.vectorFromArray([1, 300, null, -129, 5], new arrow.Int32()),
      t: arrow.vectorFromArray(['a', 'é"', 'c', null, 'e'], new arrow.Utf8()),
    }),
    'stream',
  );
  const schema: Schema = [
    { name: 'id', type: BIGINT, nullable: false },
    nullable('TINYINT', 'n'),
    nullable('VARCHAR', 't'),
  ];

  it('stops before the first one, after the good rows before it', () => {
    const decoder = arrowDecoder(memory, schema, { policy: POLICY_FAIL });
    const buffer = memory.store(bytes);
    const consumed = decoder.decode(buffer, buffer + bytes.length, true);
    expect(consumed).toBeGreaterThan(0);
    expect(memory.load32(decoder.batch)).toBe(1);
  });

  it('leaves them out with the reason, the column and the row as JSON', () => {
    const { rows, rejects } = decode(schema, bytes, { policy: POLICY_SKIP });
    expect(rows).toEqual([
      [1n, 1, 'a'],
      [3n, null, 'c'],
    ]);
    expect(rejects).toEqual([
      { reason: REASON_RANGE, column: 1, line: 1, position: 12, raw: '{"id":2,"n":300,"t":"é\\""}' },
      { reason: REASON_RANGE, column: 1, line: 3, position: 12, raw: '{"id":4,"n":-129,"t":null}' },
      { reason: REASON_NULL, column: 0, line: 4, position: 6, raw: '{"id":null,"n":5,"t":"e"}' },
    ]);
  });

  it('makes bad fields NULL and counts them, but not where NULL may not be', () => {
    const { rows, rejects, nulled } = decode(schema, bytes, { policy: POLICY_NULL });
    expect(rows).toEqual([
      [1n, 1, 'a'],
      [2n, null, 'é"'],
      [3n, null, 'c'],
      [4n, null, null],
    ]);
    expect(nulled).toBe(2);
    expect(rejects.map(({ reason, line }) => [reason, line])).toEqual([[REASON_NULL, 4]]);
  });

  it('names the reason: range, kind of value, text that is not UTF-8', () => {
    const reasons = (kind: TypeKind, type: arrow.DataType, values: unknown[]) =>
      decode([nullable(kind)], stream(type, values), { policy: POLICY_SKIP }).rejects.map(({ reason }) => reason);
    expect(reasons('BIGINT', new arrow.Uint64(), [2n ** 63n, 1n, null])).toEqual([REASON_RANGE]);
    expect(reasons('INTEGER', new arrow.Uint32(), [2 ** 31, 2 ** 31 - 1])).toEqual([REASON_RANGE]);
    expect(reasons('BIGINT', new arrow.Float64(), [0.5, 2 ** 63, Number.NaN, 1, null])).toEqual([
      REASON_TYPE,
      REASON_RANGE,
      REASON_TYPE,
    ]);
    expect(reasons('INTEGER', new arrow.Float64(), [0.5, 2 ** 31, 1])).toEqual([REASON_TYPE, REASON_RANGE]);
    expect(reasons('JSON', new arrow.Utf8(), ['{', '{}', null])).toEqual([REASON_TYPE]);
    const seconds = rawStream(new arrow.TimestampSecond(), BigInt64Array.of(2n ** 62n, 1n));
    const overflow = decode([nullable('TIMESTAMP')], seconds, { policy: POLICY_SKIP });
    expect(overflow.rejects.map(({ reason, raw }) => [reason, raw])).toEqual([
      [REASON_RANGE, '{"x":4611686018427387904}'],
    ]);
  });

  it('rejects rows that cut a character in two, though their bytes together are UTF-8', () => {
    const text = (type: arrow.Utf8, offsets: number[], values: Uint8Array) =>
      arrow.makeData({ type, length: offsets.length - 1, valueOffsets: Int32Array.from(offsets), data: values });
    const split = text(new arrow.Utf8(), [0, 1, 3, 4, 5], Buffer.from('aéb\xff', 'utf8').subarray(0, 5));
    const cut = text(new arrow.Utf8(), [0, 2, 3, 4], Buffer.from('aéb'));
    const plain = (data: arrow.Data) =>
      decode([nullable('VARCHAR')], arrow.tableToIPC(new arrow.Table({ x: arrow.makeVector(data) }), 'stream'), {
        policy: POLICY_SKIP,
      });
    expect(plain(split).rows).toEqual([['a'], ['é'], ['b']]);
    expect(plain(split).rejects.map(({ reason, line }) => [reason, line])).toEqual([[REASON_UTF8, 3]]);
    expect(plain(cut).rows).toEqual([['b']]);
    expect(plain(cut).rejects.map(({ reason, line }) => [reason, line])).toEqual([
      [REASON_UTF8, 0],
      [REASON_UTF8, 1],
    ]);
  });

  it('loses no row when the reject list fills up, even with nothing else in a piece', () => {
    const values = Array.from({ length: 3000 }, (_, i) => (i < 1500 || i % 3 === 0 ? 1000 : i % 100));
    const { rows, rejects } = decode([nullable('TINYINT')], stream(new arrow.Int32(), values), {
      policy: POLICY_SKIP,
      capacity: 1024,
    });
    expect(rows.map(([n]) => n)).toEqual(values.filter((n) => n !== 1000));
    expect(rejects.length).toBe(values.filter((n) => n === 1000).length);
  });
});

describe('Arrow decoder: contract', () => {
  it('keeps to the order of the declared columns', () => {
    const schema: Schema = [
      { name: 'b', type: DOUBLE, nullable: true },
      { name: 'renamed', type: BOOLEAN, nullable: true },
      { name: 'i', type: INTEGER, nullable: true },
      { name: 's', type: VARCHAR, nullable: true },
    ];
    const bytes = arrow.tableToIPC(
      new arrow.Table({
        s: arrow.vectorFromArray(['x'], new arrow.Utf8()),
        a: arrow.vectorFromArray([true], new arrow.Bool()),
        i: arrow.vectorFromArray([3], new arrow.Int32()),
        b: arrow.vectorFromArray([2.5], new arrow.Float32()),
      }),
      'stream',
    );
    const { rows } = decode(schema, bytes, { fields: [{}, { path: ['a'] }] });
    expect(rows).toEqual([[2.5, true, 3, 'x']]);
  });
});

describe('Arrow decoder: lists and structs', () => {
  const field = (name: string, type: arrow.DataType) => new arrow.Field(name, type, true);
  const readAs = (type: DataType, given: arrow.DataType, values: readonly unknown[], options: DecodeOptions = {}) =>
    decode([{ name: 'x', type, nullable: true }], stream(given, values), options);
  const valuesOf = (decoded: ReturnType<typeof decode>) => decoded.rows.map((row) => row[0]);

  it('reads lists of any kind, with values converted to the declared type', () => {
    const ints = new arrow.List(field('item', new arrow.Int32()));
    const fixed = new arrow.FixedSizeList(2, field('item', new arrow.Int16()));
    const times = new arrow.List(field('item', new arrow.TimestampMillisecond()));

    expect(valuesOf(readAs(listOf(BIGINT), ints, [[1, null, 3], null, []]))).toEqual([[1n, null, 3n], null, []]);
    expect(valuesOf(readAs(listOf(DOUBLE), ints, [[1]]))).toEqual([[1]]);
    expect(valuesOf(readAs(listOf(INTEGER), fixed, [[1, 2], null, [3, 4]]))).toEqual([[1, 2], null, [3, 4]]);
    expect(valuesOf(readAs(listOf({ kind: 'TIMESTAMP' }), times, [[1500]]))).toEqual([[1_500_000n]]);
    const decimals = new arrow.List(field('item', new arrow.Decimal(2, 10, 128)));
    const units = (value: number) => new Uint32Array(new BigInt64Array([BigInt(value), value < 0 ? -1n : 0n]).buffer);
    const given = [[units(150), null, units(-7)]];
    expect(valuesOf(readAs(listOf(decimalOf(5, 1)), decimals, given))).toEqual([[15n, null, -1n]]);
    expect(valuesOf(readAs(listOf(decimalOf(9, 3)), decimals, given))).toEqual([[1500n, null, -70n]]);
  });

  it('reads structs by the names of their fields, missing ones as NULL', () => {
    const given = new arrow.Struct([field('b', new arrow.Utf8()), field('a', new arrow.Bool())]);
    const type = structOf([
      { name: 'a', type: BOOLEAN },
      { name: 'missing', type: BIGINT },
      { name: 'b', type: VARCHAR },
    ]);

    const decoded = readAs(type, given, [{ b: 'x', a: true }, null, { b: null, a: false }]);

    expect(valuesOf(decoded)).toEqual([[true, null, 'x'], null, [false, null, null]]);
  });

  it('treats a list with an element that does not fit by the policy', () => {
    const ints = new arrow.List(field('item', new arrow.Int32()));
    const values = [[1], [300], [2]];

    const skipped = readAs(listOf({ kind: 'TINYINT' }), ints, values, { policy: POLICY_SKIP });
    const nulled = readAs(listOf({ kind: 'TINYINT' }), ints, values, { policy: POLICY_NULL });

    expect(valuesOf(skipped)).toEqual([[1], [2]]);
    expect(skipped.rejects.map(({ reason }) => reason)).toEqual([REASON_RANGE]);
    expect(valuesOf(nulled)).toEqual([[1], null, [2]]);
  });

  it('refuses types that do not fit', () => {
    const ints = new arrow.List(field('item', new arrow.Int32()));

    expect(() => readAs(listOf(VARCHAR), ints, [[1]])).toThrow('column x is VARCHAR[]');
    expect(() => readAs(listOf(BIGINT), new arrow.Int32(), [1])).toThrow('column x is BIGINT[]');
    expect(() => readAs(structOf([{ name: 'a', type: BIGINT }]), ints, [[1]])).toThrow('STRUCT(a BIGINT)');
  });

  it('brings JSON text into the form of JSON values, plain and from dictionaries', () => {
    const texts = [' [1,\n2] ', '{}', null, '\t"x" '];
    const expected = ['[1, 2]', '{}', null, '"x"'];

    expect(read('JSON', new arrow.Utf8(), texts)).toEqual(expected);
    expect(read('JSON', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), texts)).toEqual(expected);
  });
});
