// Types by name, and the type two values have in common.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DECIMAL_DIGITS_MAX,
  DOUBLE,
  decimalOf,
  elementOf,
  fieldsOf,
  INTEGER,
  INTERVAL,
  isNumeric,
  JSON_TYPE,
  listOf,
  SMALLINT,
  type StructField,
  sameType,
  structOf,
  TIMESTAMP,
  TINYINT,
  VARCHAR,
} from '../../data/type.ts';
import type { TypeReference } from '../ast.ts';
import { commonDecimal } from './decimals.ts';

const NAMES: Readonly<Record<string, DataType>> = {
  BOOLEAN,
  BOOL: BOOLEAN,
  LOGICAL: BOOLEAN,
  TINYINT,
  INT1: TINYINT,
  SMALLINT,
  INT2: SMALLINT,
  SHORT: SMALLINT,
  INTEGER,
  INT: INTEGER,
  INT4: INTEGER,
  SIGNED: INTEGER,
  BIGINT,
  INT8: BIGINT,
  LONG: BIGINT,
  DOUBLE,
  'DOUBLE PRECISION': DOUBLE,
  FLOAT8: DOUBLE,
  FLOAT: DOUBLE,
  FLOAT4: DOUBLE,
  REAL: DOUBLE,
  VARCHAR,
  CHAR: VARCHAR,
  BPCHAR: VARCHAR,
  CHARACTER: VARCHAR,
  'CHARACTER VARYING': VARCHAR,
  TEXT: VARCHAR,
  STRING: VARCHAR,
  TIMESTAMP,
  TIMESTAMPTZ: TIMESTAMP,
  DATETIME: TIMESTAMP,
  'TIMESTAMP WITH TIME ZONE': TIMESTAMP,
  'TIMESTAMP WITHOUT TIME ZONE': TIMESTAMP,
  DATE,
  JSON: JSON_TYPE,
  INTERVAL,
};

const LISTED =
  'BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DOUBLE, DECIMAL(p, s), VARCHAR, TIMESTAMP, DATE, JSON, INTERVAL, T[], STRUCT(…)';

/** Types of other systems, and what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  HUGEINT: 'use BIGINT',
  UBIGINT: 'use BIGINT',
  UINTEGER: 'use BIGINT',
  TIME: 'use TIMESTAMP or VARCHAR',
  UUID: 'use VARCHAR',
  BLOB: 'use VARCHAR',
  JSONB: 'use JSON',
};

/** The type a reference names. @throws LMN-2005. */
export function resolveType(reference: TypeReference): DataType {
  if (reference.element !== undefined) return listOf(resolveType(reference.element));
  if (reference.fields !== undefined) return resolveStruct(reference.fields);
  if (reference.name === 'DECIMAL' || reference.name === 'NUMERIC') return resolveDecimal(reference);
  const type = NAMES[reference.name];
  if (type !== undefined) return type;
  const nearest = nearestName(reference.name, Object.keys(NAMES));
  const instead = INSTEAD[reference.name];
  const advice = instead ?? (nearest === undefined ? null : `did you mean ${nearest}?`);
  throw new LaminarError('LMN-2005', `there is no type ${reference.name}`, {
    hint:
      advice === null ? `types are ${LISTED}` : `${advice} Types are ${LISTED}`.replace(/([a-z]) Types/, '$1. Types'),
    at: { span: reference.span },
  });
}

/** DECIMAL alone is DECIMAL(18, 3), as in DuckDB. */
function resolveDecimal({ parameters, span }: TypeReference): DataType {
  const [precision = DECIMAL_DIGITS_MAX, scale = parameters.length === 0 ? 3 : 0] = parameters;
  const isPossible = precision >= 1 && precision <= DECIMAL_DIGITS_MAX && scale >= 0 && scale <= precision;
  if (isPossible && parameters.length <= 2) return decimalOf(precision, scale);
  throw new LaminarError('LMN-2005', `there is no type DECIMAL(${parameters.join(', ')})`, {
    hint: `a DECIMAL has 1 to ${DECIMAL_DIGITS_MAX} digits, and as many of them behind the point: DECIMAL(12, 2)`,
    at: { span },
  });
}

function resolveStruct(fields: NonNullable<TypeReference['fields']>): DataType {
  fields.forEach(({ name }, index) => {
    const isTwin = fields.slice(0, index).some((other) => other.name.name.toLowerCase() === name.name.toLowerCase());
    if (isTwin) throw new LaminarError('LMN-2004', `field ${name.name} is declared twice`, { at: { span: name.span } });
  });
  return structOf(fields.map(({ name, type }) => ({ name: name.name, type: resolveType(type) })));
}

const NUMERIC_RANK: Readonly<Record<string, number>> = {
  TINYINT: 1,
  SMALLINT: 2,
  INTEGER: 3,
  BIGINT: 4,
  DECIMAL: 5,
  DOUBLE: 6,
};

/** The type that holds the values of both without a cast being written, or null: a user must say what is meant. */
export function commonType(a: DataType, b: DataType): DataType | null {
  if (sameType(a, b) || b.kind === 'NULL') return a;
  if (a.kind === 'NULL') return b;
  if (isNumeric(a) && isNumeric(b)) {
    const wider = rank(a) > rank(b) ? a : b;
    return wider.kind === 'DECIMAL' ? commonDecimal(a, b) : wider;
  }
  if (a.kind === 'LIST' && b.kind === 'LIST') {
    const element = commonType(elementOf(a), elementOf(b));
    return element === null ? null : listOf(element);
  }
  if (a.kind === 'STRUCT' && b.kind === 'STRUCT') return commonStruct(fieldsOf(a), fieldsOf(b));
  const kinds = new Set([a.kind, b.kind]);
  if (kinds.has('TIMESTAMP') && kinds.has('DATE')) return TIMESTAMP;
  if (kinds.has('VARCHAR') && kinds.has('JSON')) return VARCHAR;
  return null;
}

/** Fields are matched by their order, and must have the same names. */
function commonStruct(a: readonly StructField[], b: readonly StructField[]): DataType | null {
  if (a.length !== b.length) return null;
  const fields: StructField[] = [];
  for (const [i, { name, type }] of a.entries()) {
    const other = b[i] as StructField;
    const common = name === other.name ? commonType(type, other.type) : null;
    if (common === null) return null;
    fields.push({ name, type: common });
  }
  return structOf(fields);
}

function rank(type: DataType): number {
  return NUMERIC_RANK[type.kind] as number;
}
