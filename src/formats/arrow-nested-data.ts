// Lists and structs as Arrow data: a column's nested values, taken apart into one array per type below.

import { type DataType as ArrowType, type Data, makeData } from 'apache-arrow';
import type { NestedValue } from '../data/nested-value.ts';
import { type DataType, elementOf, fieldsOf, physicalOf } from '../data/type.ts';
import { widenUnits } from './arrow-decimals.ts';

/** Values of a type, NULL among them, as Arrow data of the type that `arrowTypeOf` gives. */
export function nestedData(type: DataType, arrow: ArrowType, values: readonly NestedValue[]): Data {
  const nullCount = values.reduce<number>((sum, value) => sum + (value === null ? 1 : 0), 0);
  const nullBitmap = nullCount === 0 ? null : bitsOf(values.map((value) => value !== null));
  const common = { type: arrow, length: values.length, nullCount, nullBitmap };
  if (type.kind === 'LIST') return listData(type, values, common);
  if (type.kind === 'STRUCT') {
    const children = fieldsOf(type).map((field, i) => {
      const inner = (arrow.children[i] as { type: ArrowType }).type;
      return nestedData(
        field.type,
        inner,
        values.map((value) => (value as readonly NestedValue[] | null)?.[i] ?? null),
      );
    });
    return makeData({ ...common, children } as never);
  }
  return makeData({ ...common, ...scalarArrays(type, arrow, values) } as never);
}

interface Common {
  type: ArrowType;
  length: number;
  nullCount: number;
  nullBitmap: Uint8Array | null;
}

function listData(type: DataType, values: readonly NestedValue[], common: Common): Data {
  const valueOffsets = new Int32Array(values.length + 1);
  const items: NestedValue[] = [];
  values.forEach((value, i) => {
    for (const item of (value ?? []) as readonly NestedValue[]) items.push(item);
    valueOffsets[i + 1] = items.length;
  });
  const inner = (common.type.children[0] as { type: ArrowType }).type;
  return makeData({ ...common, valueOffsets, child: nestedData(elementOf(type), inner, items) } as never);
}

function scalarArrays(type: DataType, arrow: ArrowType, values: readonly NestedValue[]) {
  if (type.kind === 'DECIMAL') {
    return { data: widenUnits(BigInt64Array.from(values, (value) => (value ?? 0n) as bigint)) };
  }
  switch (physicalOf(type)) {
    case 'u8':
      return { data: bitsOf(values.map((value) => value === true)) };
    case 'i32':
      return { data: new arrow.ArrayType(values.map((value) => (value ?? 0) as number)) };
    case 'i64':
      return { data: BigInt64Array.from(values, (value) => (value ?? 0n) as bigint) };
    case 'f64':
      return { data: Float64Array.from(values, (value) => (value ?? 0) as number) };
    case 'ref':
      return textArrays(values);
  }
}

function textArrays(values: readonly NestedValue[]) {
  const texts = values.map((value) => Buffer.from((value ?? '') as string));
  const valueOffsets = new Int32Array(values.length + 1);
  texts.forEach((text, i) => {
    valueOffsets[i + 1] = (valueOffsets[i] as number) + text.length;
  });
  return { valueOffsets, data: new Uint8Array(Buffer.concat(texts)) };
}

function bitsOf(set: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(set.length / 8));
  set.forEach((isSet, i) => {
    if (isSet) bits[i >>> 3]! |= 1 << (i & 7);
  });
  return bits;
}
