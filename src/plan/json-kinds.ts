// How JSON that a query makes (to_json, json_object) writes scalars: as a JSON sink does unless its options say otherwise.

import {
  ENCODE_BIGINT,
  ENCODE_BOOLEAN,
  ENCODE_DATE,
  ENCODE_DECIMAL,
  ENCODE_DOUBLE,
  ENCODE_INTEGER,
  ENCODE_INTERVAL,
  ENCODE_QUOTED,
  ENCODE_SCALE,
  ENCODE_TIMESTAMP,
} from '../../kernels/layout-formats.ts';
import { type DataType, digitsOf, type TypeKind } from '../data/type.ts';

const KINDS: Partial<Record<TypeKind, number>> = {
  BOOLEAN: ENCODE_BOOLEAN,
  BIGINT: ENCODE_BIGINT,
  DOUBLE: ENCODE_DOUBLE,
  TIMESTAMP: ENCODE_TIMESTAMP | ENCODE_QUOTED,
  DATE: ENCODE_DATE | ENCODE_QUOTED,
  INTERVAL: ENCODE_INTERVAL | ENCODE_QUOTED,
};

/** ENCODE_* of a scalar that is no text. */
export function kindOfJson(type: DataType): number {
  if (type.kind === 'DECIMAL') return ENCODE_DECIMAL + ENCODE_SCALE * digitsOf(type).scale;
  return KINDS[type.kind] ?? ENCODE_INTEGER;
}
