// Parquet types and SQL types: which column can be read into which declared column, and how.
//
// A physical type (INT32, BYTE_ARRAY, …) says how values are stored, an annotation what they mean. Of annotations there
// are two generations, `converted_type` and `logical_type`; writers set either or both. Times count from the epoch in
// UTC whether or not the annotation says so, as everywhere.

import { isUtf8 } from 'node:buffer';
import type { SchemaElement } from 'hyparquet';
import { REASON_RANGE, REASON_TYPE, REASON_UTF8 } from '../../kernels/layout-formats.ts';
import { type DataType, digitsOf } from '../data/type.ts';
import type { SourceField } from '../plan/source-node.ts';
import type { FillTarget } from './column-rows.ts';
import { UNIT_POWERS } from './decoder-spec.ts';

/** Writes a value that is there to a row of a column, or reports that it does not fit. */
export type Put = (target: FillTarget, row: number, value: unknown) => void;

/** What a Parquet column holds, whatever it is stored as. */
type Content =
  | { kind: 'boolean' | 'float' | 'double' | 'date' | 'text' | 'uuid' | 'other' }
  | { kind: 'integer'; isUnsigned: boolean }
  | { kind: 'decimal'; scale: number }
  /** `power`: 10^power µs are one unit. */
  | { kind: 'timestamp'; power: number };

const I32 = { TINYINT: [-0x80, 0x7f], SMALLINT: [-0x8000, 0x7fff], INTEGER: [-0x8000_0000, 0x7fff_ffff] } as const;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;
const DAY_MICROS = 86_400_000_000n;

/** The type of a Parquet column in words. */
export function parquetTypeName({ type, converted_type: converted, logical_type: logical }: SchemaElement): string {
  const unit = logical?.type === 'TIMESTAMP' || logical?.type === 'TIME' ? ` ${logical.unit}` : '';
  const annotation = logical?.type === undefined ? converted : `${logical.type}${unit}`;
  return annotation === undefined ? `${type}` : `${type} (${annotation})`;
}

/** How values of a Parquet column are written to a declared column, null when the types do not fit. */
export function putOf(type: DataType, element: SchemaElement, unit: SourceField['timestampUnit']): Put | null {
  const content = contentOf(element);
  switch (type.kind) {
    case 'BOOLEAN':
      return content.kind === 'boolean' ? putBoolean : null;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
      return content.kind === 'integer' ? narrow(content.isUnsigned, I32[type.kind]) : null;
    case 'BIGINT':
      return content.kind === 'integer' ? micros((value) => wide(value, content.isUnsigned)) : null;
    case 'DOUBLE':
      if (content.kind === 'integer') return double((value) => Number(wide(value, content.isUnsigned)));
      return content.kind === 'float' || content.kind === 'double' ? double(Number) : null;
    case 'DECIMAL':
      return decimalPut(type, content);
    case 'TIMESTAMP':
      if (content.kind === 'date') return micros((value) => BigInt(value as number) * DAY_MICROS);
      if (content.kind === 'integer') return epoch(UNIT_POWERS[unit], content.isUnsigned);
      return content.kind === 'timestamp' ? epoch(content.power, false) : null;
    case 'DATE':
      return content.kind === 'date' ? narrow(false, I32.INTEGER) : null;
    case 'VARCHAR':
      if (content.kind === 'uuid') return (target, row, value) => writeText(target, row, uuidText(value as Uint8Array));
      return content.kind === 'text' ? putText : null;
    case 'JSON':
      return content.kind === 'text' ? putJson : null;
    default:
      return null;
  }
}

function contentOf(element: SchemaElement): Content {
  const { type: stored, converted_type: converted, logical_type: logical } = element;
  if (stored === 'INT96') return { kind: 'timestamp', power: -3 };
  if (logical?.type === 'DECIMAL') return { kind: 'decimal', scale: logical.scale };
  if (converted === 'DECIMAL') return { kind: 'decimal', scale: element.scale ?? 0 };
  if (logical?.type === 'DATE' || converted === 'DATE') return { kind: 'date' };
  if (logical?.type === 'TIMESTAMP') return { kind: 'timestamp', power: TIME_POWERS[logical.unit] };
  if (converted === 'TIMESTAMP_MILLIS') return { kind: 'timestamp', power: 3 };
  if (converted === 'TIMESTAMP_MICROS') return { kind: 'timestamp', power: 0 };
  if (logical?.type === 'UUID') return { kind: 'uuid' };
  const annotation = logical?.type ?? converted ?? '';
  if (stored === 'BOOLEAN') return { kind: 'boolean' };
  if (stored === 'FLOAT') return { kind: 'float' };
  if (stored === 'DOUBLE') return { kind: 'double' };
  if (stored === 'INT32' || stored === 'INT64') {
    if (logical?.type === 'INTEGER') return { kind: 'integer', isUnsigned: !logical.isSigned };
    return /^(|U?INT_\d+)$/.test(annotation)
      ? { kind: 'integer', isUnsigned: annotation.startsWith('U') }
      : { kind: 'other' };
  }
  return stored === 'BYTE_ARRAY' && TEXT_ANNOTATIONS.has(annotation) ? { kind: 'text' } : { kind: 'other' };
}

const TIME_POWERS = { MILLIS: 3, MICROS: 0, NANOS: -3 } as const;
/** Some writers leave text without an annotation. */
const TEXT_ANNOTATIONS: ReadonlySet<string> = new Set(['', 'UTF8', 'STRING', 'ENUM', 'JSON']);

// --- numbers and times ---

const putBoolean: Put = ({ memory, address }, row, value) => {
  memory.u8[address + row] = value === true ? 1 : 0;
};

/** A stored integer as it is meant. */
function wide(value: unknown, isUnsigned: boolean): bigint {
  if (typeof value === 'bigint') return isUnsigned ? BigInt.asUintN(64, value) : value;
  return BigInt(isUnsigned ? (value as number) >>> 0 : (value as number));
}

function narrow(isUnsigned: boolean, [least, most]: readonly [number, number]): Put {
  return (target, row, stored) => {
    const value = typeof stored === 'number' && !isUnsigned ? stored : wide(stored, isUnsigned);
    if (value >= least && value <= most) target.memory.i32[(target.address >>> 2) + row] = Number(value);
    else target.bad(row, REASON_RANGE);
  };
}

function micros(read: (stored: unknown) => bigint): Put {
  return (target, row, stored) => {
    const value = read(stored);
    if (value >= I64_MIN && value <= I64_MAX) target.memory.i64[(target.address >>> 3) + row] = value;
    else target.bad(row, REASON_RANGE);
  };
}

function double(numberOf: (stored: unknown) => number): Put {
  return ({ memory, address }, row, stored) => {
    memory.f64[(address >>> 3) + row] = numberOf(stored);
  };
}

function epoch(power: number, isUnsigned: boolean): Put {
  const factor = 10n ** BigInt(Math.abs(power));
  if (power >= 0) return micros((value) => wide(value, isUnsigned) * factor);
  return micros((value) => floorDivide(wide(value, isUnsigned), factor));
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

function decimalPut(type: DataType, content: Content): Put | null {
  const { precision, scale } = digitsOf(type);
  const limit = 10n ** BigInt(precision);
  if (content.kind !== 'decimal' && content.kind !== 'integer') return null;
  const power = scale - (content.kind === 'decimal' ? content.scale : 0);
  const factor = 10n ** BigInt(Math.abs(power));
  const isUnsigned = content.kind === 'integer' && content.isUnsigned;
  return (target, row, stored) => {
    const value = stored instanceof Uint8Array ? bigEndian(stored) : wide(stored, isUnsigned);
    const units = power >= 0 ? value * factor : rounded(value, factor);
    if (units < limit && units > -limit) target.memory.i64[(target.address >>> 3) + row] = units;
    else target.bad(row, REASON_RANGE);
  };
}

/** Two's complement. */
function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** Halves away from zero. */
function rounded(value: bigint, divisor: bigint): bigint {
  const rest = value % divisor;
  const size = rest < 0n ? -rest : rest;
  const away = 2n * size >= divisor ? (value < 0n ? -1n : 1n) : 0n;
  return value / divisor + away;
}

// --- text ---

const putText: Put = (target, row, value) => {
  const bytes = value as Uint8Array;
  if (isUtf8(bytes)) writeText(target, row, bytes);
  else target.bad(row, REASON_UTF8);
};

/** Text that must be JSON. */
const putJson: Put = (target, row, value) => {
  putText(target, row, value);
  const { memory, address } = target;
  if (!isUtf8(value as Uint8Array)) return;
  if (!memory.kernels.jsonCheckReference(address + row * 8)) target.bad(row, REASON_TYPE);
  memory.refresh();
};

/** To the transient stack, where it is until the next batch. */
function writeText({ memory, address }: FillTarget, row: number, bytes: Uint8Array): void {
  const place = memory.kernels.transientAllocate(Math.max(bytes.length, 1)) >>> 0;
  memory.refresh();
  memory.u8.set(bytes, place);
  memory.store32(address + row * 8, place);
  memory.store32(address + row * 8 + 4, bytes.length);
}

function uuidText(bytes: Uint8Array): Uint8Array {
  return Buffer.from(
    Buffer.from(bytes)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  );
}
