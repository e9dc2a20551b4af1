// Lists and structs between Arrow and nested values (kernels/layout.ts), in JavaScript: value by value.
//
//   LIST    List, FixedSizeList    offsets, or a width, and one child
//   STRUCT  Struct                 children by the names of the type; a missing one is NULL
//
// What comes from outside is not believed: offsets that point elsewhere and children that are too short are a damaged
// stream, values that do not fit the type a bad row.

import { isUtf8 } from 'node:buffer';
import { DataType as Arrow, type DataType as ArrowType, type Data, DateUnit, type Field } from 'apache-arrow';
import { REASON_RANGE, REASON_UTF8 } from '../../kernels/layout-formats.ts';
import { type NestedValue, writeNested } from '../data/nested-value.ts';
import { type DataType, elementOf, fieldsOf, isInteger, type StructField } from '../data/type.ts';
import { decimalAt } from './arrow-decimals.ts';
import { bitAt, type Fill } from './arrow-numbers.ts';
import { damagedStream } from './arrow-text.ts';

/** Reads one value that is not NULL. @throws BadValue, or LaminarError LMN-6052 */
type Read = (data: Data, row: number) => NestedValue;

/** A value that does not fit the declared type. */
class BadValue extends Error {
  readonly reason: number;

  constructor(reason: number) {
    super(`reason ${reason}`);
    this.reason = reason;
  }
}

/** What reading scalars needs to know. */
export interface NestedUnits {
  /** µs of one unit of times that are written as numbers, times `per`. */
  epoch: { micros: bigint; per: bigint };
  /** The same of an Arrow type of times, null for other types. */
  timeOf(arrow: ArrowType): { micros: bigint; per: bigint } | null;
}

/** How a declared list or struct is filled from an Arrow column, null when the types do not fit. */
export function nestedFill(type: DataType, arrow: ArrowType, units: NestedUnits): Fill | null {
  const read = readerOf(type, arrow, units);
  if (read === null) return null;
  return (target, data, from, count) => {
    const { memory, address, valid } = target;
    for (let i = 0; i < count; i++) {
      if (valid[i] === 0) continue;
      try {
        const bytes = writeNested(read(data, from + i) as readonly NestedValue[], type);
        const at = memory.kernels.transientAllocate(bytes.length) >>> 0;
        memory.refresh();
        memory.u8.set(bytes, at);
        memory.store32(address + i * 8, at);
        memory.store32(address + i * 8 + 4, bytes.length);
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
        target.bad(i, error.reason);
      }
    }
  };
}

function readerOf(type: DataType, arrow: ArrowType, units: NestedUnits): Read | null {
  if (type.kind === 'LIST') return listReader(elementOf(type), arrow, units);
  if (type.kind === 'STRUCT') return structReader(fieldsOf(type), arrow, units);
  return scalarReader(type, arrow, units);
}

function listReader(element: DataType, arrow: ArrowType, units: NestedUnits): Read | null {
  const isFixed = Arrow.isFixedSizeList(arrow);
  if (!isFixed && !Arrow.isList(arrow)) return null;
  const inner = (arrow.children[0] as Field).type;
  const read = readerOf(element, inner, units);
  if (read === null) return null;
  return (data, row) => {
    const child = data.children[0];
    const begin = isFixed ? row * arrow.listSize : Number(data.valueOffsets[row]);
    const end = isFixed ? begin + arrow.listSize : Number(data.valueOffsets[row + 1]);
    if (child === undefined || !(begin >= 0 && begin <= end && end <= child.length)) throw damagedStream();
    return Array.from({ length: end - begin }, (_, i) => itemAt(read, child, begin + i));
  };
}

function structReader(fields: readonly StructField[], arrow: ArrowType, units: NestedUnits): Read | null {
  if (!Arrow.isStruct(arrow)) return null;
  const parts: { index: number; read: Read }[] = [];
  for (const { name, type } of fields) {
    const index = arrow.children.findIndex((child) => (child.name ?? '') === name);
    const read = index < 0 ? null : readerOf(type, (arrow.children[index] as Field).type, units);
    if (index >= 0 && read === null) return null;
    parts.push({ index, read: read ?? (() => null) });
  }
  return (data, row) =>
    parts.map(({ index, read }) => {
      if (index < 0) return null;
      const child = data.children[index];
      if (child === undefined || row >= child.length) throw damagedStream();
      return itemAt(read, child, row);
    });
}

function itemAt(read: Read, data: Data, row: number): NestedValue {
  if (data.nullCount > 0) {
    if (data.nullBitmap.length * 8 <= row) throw damagedStream();
    if (bitAt(data.nullBitmap, data.offset + row) === 0) return null;
  }
  return read(data, row);
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-0x80n, 0x7fn],
  SMALLINT: [-0x8000n, 0x7fffn],
  INTEGER: [-0x8000_0000n, 0x7fff_ffffn],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
};

function scalarReader(type: DataType, arrow: ArrowType, units: NestedUnits): Read | null {
  if (type.kind === 'BOOLEAN') return Arrow.isBool(arrow) ? booleanAt : null;
  if (isInteger(type)) return Arrow.isInt(arrow) ? (data, row) => integerAt(data, row, type) : null;
  if (type.kind === 'DOUBLE') {
    const isNumber = Arrow.isInt(arrow) || (Arrow.isFloat(arrow) && arrow.precision !== 0);
    return isNumber ? (data, row) => Number(numberAt(data, row)) : null;
  }
  if (type.kind === 'DECIMAL') return decimalAt(type, arrow, (reason) => new BadValue(reason));
  if (type.kind === 'VARCHAR') return Arrow.isUtf8(arrow) || Arrow.isLargeUtf8(arrow) ? textAt : null;
  if (type.kind === 'DATE') {
    if (!Arrow.isDate(arrow)) return null;
    const perDay = arrow.unit === DateUnit.DAY ? 1n : 86_400_000n;
    return (data, row) => Number(floorDivide(BigInt(numberAt(data, row)), perDay));
  }
  if (type.kind !== 'TIMESTAMP') return null;
  const time = Arrow.isInt(arrow) ? units.epoch : units.timeOf(arrow);
  return time === null ? null : (data, row) => timeAt(data, row, time);
}

function numberAt(data: Data, row: number): number | bigint {
  const value = (data.values as ArrayLike<number | bigint>)[row];
  if (value === undefined) throw damagedStream();
  return value;
}

function booleanAt(data: Data, row: number): boolean {
  const bits = data.values as Uint8Array;
  if (bits.length * 8 <= row) throw damagedStream();
  return bitAt(bits, row) === 1;
}

function integerAt(data: Data, row: number, type: DataType): NestedValue {
  const value = BigInt(numberAt(data, row));
  const [low, high] = RANGES[type.kind] as readonly [bigint, bigint];
  if (value < low || value > high) throw new BadValue(REASON_RANGE);
  return type.kind === 'BIGINT' ? value : Number(value);
}

function timeAt(data: Data, row: number, { micros, per }: { micros: bigint; per: bigint }): bigint {
  const value = floorDivide(BigInt(numberAt(data, row)) * micros, per);
  if (value !== BigInt.asIntN(64, value)) throw new BadValue(REASON_RANGE);
  return value;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function textAt(data: Data, row: number): string {
  const begin = Number(data.valueOffsets[row]);
  const end = Number(data.valueOffsets[row + 1]);
  const values = data.values as Uint8Array;
  if (!(begin >= 0 && begin <= end && end <= values.length)) throw damagedStream();
  const bytes = values.subarray(begin, end);
  if (!isUtf8(bytes)) throw new BadValue(REASON_UTF8);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
