// SQL types and how their values lie in memory.

import * as layout from '../../kernels/layout.ts';
import { unreachable } from '../base/assert.ts';

export type TypeKind =
  | 'BOOLEAN'
  | 'TINYINT'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'DOUBLE'
  | 'VARCHAR'
  | 'TIMESTAMP'
  | 'DATE'
  | 'JSON'
  | 'INTERVAL'
  /** The type of a bare NULL before it takes the type its place asks for. Never a column's type in a plan. */
  | 'NULL';

/** A type is plain data; parameters (DECIMAL's precision, an array's element) are further fields. */
export interface DataType {
  readonly kind: TypeKind;
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

/** How one value of a type is stored in a column. `ref` is 8 bytes: u32 address, u32 length of UTF-8 bytes. */
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
    case 'TIMESTAMP':
    case 'INTERVAL':
      return 'i64';
    case 'DOUBLE':
      return 'f64';
    case 'VARCHAR':
    case 'JSON':
      return 'ref';
    default:
      return unreachable(type.kind);
  }
}

const PHYSICAL_CODES: Record<Physical, number> = {
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

const TYPE_CODES: Record<Exclude<TypeKind, 'NULL'>, number> = {
  BOOLEAN: layout.TYPE_BOOLEAN,
  TINYINT: layout.TYPE_TINYINT,
  SMALLINT: layout.TYPE_SMALLINT,
  INTEGER: layout.TYPE_INTEGER,
  BIGINT: layout.TYPE_BIGINT,
  DOUBLE: layout.TYPE_DOUBLE,
  VARCHAR: layout.TYPE_VARCHAR,
  TIMESTAMP: layout.TYPE_TIMESTAMP,
  DATE: layout.TYPE_DATE,
  JSON: layout.TYPE_JSON,
  INTERVAL: layout.TYPE_INTERVAL,
};

/** The code of a type in kernels (TYPE_* of kernels/layout.ts). */
export function typeCodeOf(type: DataType): number {
  return TYPE_CODES[type.kind as Exclude<TypeKind, 'NULL'>];
}

export function isInteger(type: DataType): boolean {
  return type.kind === 'BIGINT' || type.kind === 'INTEGER' || type.kind === 'SMALLINT' || type.kind === 'TINYINT';
}

export function isNumeric(type: DataType): boolean {
  return type.kind === 'DOUBLE' || isInteger(type);
}

/** The type as it is written in SQL. */
export function typeName(type: DataType): string {
  return type.kind;
}

export function sameType(a: DataType, b: DataType): boolean {
  return a.kind === b.kind;
}
