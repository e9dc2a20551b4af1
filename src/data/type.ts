// SQL types and how their values lie in memory.

import * as layout from '../../kernels/layout.ts';
import { assert, unreachable } from '../base/assert.ts';

export type TypeKind =
  | 'BOOLEAN'
  | 'TINYINT'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'DOUBLE'
  | 'DECIMAL'
  | 'VARCHAR'
  | 'TIMESTAMP'
  | 'DATE'
  | 'JSON'
  | 'INTERVAL'
  /** `T[]`. */
  | 'LIST'
  | 'STRUCT'
  /** Any type: only in the signature of a function. */
  | 'ANY'
  /** The type of a bare NULL before it takes the type its place asks for. Never a column's type in a plan. */
  | 'NULL';

/** A type is plain data; parameters (DECIMAL's precision, an array's element) are further fields. */
export interface DataType {
  readonly kind: TypeKind;
  /** Of a DECIMAL: digits, at most 18, and how many of them are behind the point. */
  readonly precision?: number;
  readonly scale?: number;
  /** Of a LIST. */
  readonly element?: DataType;
  /** Of a STRUCT, in order. */
  readonly fields?: readonly StructField[];
}

export interface StructField {
  readonly name: string;
  readonly type: DataType;
}

export const BOOLEAN: DataType = { kind: 'BOOLEAN' };
export const TINYINT: DataType = { kind: 'TINYINT' };
export const SMALLINT: DataType = { kind: 'SMALLINT' };
export const INTEGER: DataType = { kind: 'INTEGER' };
export const BIGINT: DataType = { kind: 'BIGINT' };
export const DOUBLE: DataType = { kind: 'DOUBLE' };
export const VARCHAR: DataType = { kind: 'VARCHAR' };
export const TIMESTAMP: DataType = { kind: 'TIMESTAMP' };
export const DATE: DataType = { kind: 'DATE' };
export const JSON_TYPE: DataType = { kind: 'JSON' };
export const INTERVAL: DataType = { kind: 'INTERVAL' };
export const NULL_TYPE: DataType = { kind: 'NULL' };
export const ANY: DataType = { kind: 'ANY' };

/** Digits of the longest DECIMAL: all of them fit an i64. */
export const DECIMAL_DIGITS_MAX = 18;

export function decimalOf(precision: number, scale: number): DataType {
  return { kind: 'DECIMAL', precision, scale };
}

/** Digits of a DECIMAL, and how many of them are behind the point. */
export function digitsOf(type: DataType): { precision: number; scale: number } {
  const { precision, scale } = type;
  assert(precision !== undefined && scale !== undefined, `${type.kind} has digits`);
  return { precision, scale };
}

export function listOf(element: DataType): DataType {
  return { kind: 'LIST', element };
}

export function structOf(fields: readonly StructField[]): DataType {
  return { kind: 'STRUCT', fields };
}

/** The type of a list's elements. */
export function elementOf(type: DataType): DataType {
  assert(type.element !== undefined, `${type.kind} has elements`);
  return type.element;
}

/** The fields of a struct. */
export function fieldsOf(type: DataType): readonly StructField[] {
  assert(type.fields !== undefined, `${type.kind} has fields`);
  return type.fields;
}

export function isNested(type: DataType): boolean {
  return type.kind === 'LIST' || type.kind === 'STRUCT';
}

/**
 * How one value of a type is stored in a column. `ref` is 8 bytes: u32 address, u32 length of bytes: UTF-8, or a nested
 * value as kernels/layout.ts describes it.
 */
export type Physical = 'u8' | 'i32' | 'i64' | 'f64' | 'ref';

/** The physical representation of a type. */
export function physicalOf(type: DataType): Physical {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'u8';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'DATE':
    case 'NULL':
      return 'i32';
    case 'BIGINT':
    case 'DECIMAL':
    case 'TIMESTAMP':
    case 'INTERVAL':
      return 'i64';
    case 'DOUBLE':
      return 'f64';
    case 'VARCHAR':
    case 'JSON':
    case 'LIST':
    case 'STRUCT':
      return 'ref';
    case 'ANY':
      return unreachable('a value of any type' as never);
    default:
      return unreachable(type.kind);
  }
}

/** How the kernels name the ways values lie in memory. */
export const PHYSICAL_CODES: Record<Physical, number> = {
  u8: layout.PHYSICAL_U8,
  i32: layout.PHYSICAL_I32,
  i64: layout.PHYSICAL_I64,
  f64: layout.PHYSICAL_F64,
  ref: layout.PHYSICAL_REF,
};

/** The code of a type's representation in kernels (PHYSICAL_* of kernels/layout.ts). */
export function physicalCodeOf(type: DataType): number {
  return PHYSICAL_CODES[physicalOf(type)];
}

/** Bytes of one value in a column. */
export function bytesOf(type: DataType): number {
  const physical = physicalOf(type);
  return physical === 'u8' ? 1 : physical === 'i32' ? 4 : 8;
}

const TYPE_CODES: Record<Exclude<TypeKind, 'ANY'>, number> = {
  BOOLEAN: layout.TYPE_BOOLEAN,
  TINYINT: layout.TYPE_TINYINT,
  SMALLINT: layout.TYPE_SMALLINT,
  INTEGER: layout.TYPE_INTEGER,
  BIGINT: layout.TYPE_BIGINT,
  DOUBLE: layout.TYPE_DOUBLE,
  DECIMAL: layout.TYPE_DECIMAL,
  VARCHAR: layout.TYPE_VARCHAR,
  TIMESTAMP: layout.TYPE_TIMESTAMP,
  DATE: layout.TYPE_DATE,
  JSON: layout.TYPE_JSON,
  INTERVAL: layout.TYPE_INTERVAL,
  LIST: layout.TYPE_LIST,
  STRUCT: layout.TYPE_STRUCT,
  // The elements of `[]` are of no type; there are none.
  NULL: layout.TYPE_INTEGER,
};

/** The code of a type in kernels (TYPE_* of kernels/layout.ts). */
export function typeCodeOf(type: DataType): number {
  return TYPE_CODES[type.kind as Exclude<TypeKind, 'ANY'>];
}

export function isInteger(type: DataType): boolean {
  return type.kind === 'BIGINT' || type.kind === 'INTEGER' || type.kind === 'SMALLINT' || type.kind === 'TINYINT';
}

export function isNumeric(type: DataType): boolean {
  return type.kind === 'DOUBLE' || type.kind === 'DECIMAL' || isInteger(type);
}

/** The type as it is written in SQL. */
export function typeName(type: DataType): string {
  if (type.kind === 'ANY') return 'T';
  if (type.kind === 'DECIMAL') return `DECIMAL(${type.precision}, ${type.scale})`;
  if (type.kind === 'LIST') return `${typeName(elementOf(type))}[]`;
  if (type.kind !== 'STRUCT') return type.kind;
  return `STRUCT(${fieldsOf(type)
    .map(({ name, type: field }) => `${fieldName(name)} ${typeName(field)}`)
    .join(', ')})`;
}

/** In quotes where it is no plain word. */
function fieldName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function sameType(a: DataType, b: DataType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'DECIMAL') return a.precision === b.precision && a.scale === b.scale;
  if (a.kind === 'LIST') return sameType(elementOf(a), elementOf(b));
  if (a.kind !== 'STRUCT') return true;
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  return (
    left.length === right.length &&
    left.every(({ name, type }, i) => name === right[i]?.name && sameType(type, (right[i] as StructField).type))
  );
}
