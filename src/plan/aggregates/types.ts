// Which types aggregates take, and what they make of them.

import {
  BIGINT,
  type DataType,
  DECIMAL_DIGITS_MAX,
  DOUBLE,
  decimalOf,
  digitsOf,
  INTEGER,
  isInteger,
  TIMESTAMP,
  VARCHAR,
} from '../../data/type.ts';
import type { TypeRule } from './aggregate.ts';

export const anyType: TypeRule = (type) => type;

/** Numbers as they are; BOOLEAN counts as 0 and 1. */
const numberType: TypeRule = (type) => {
  if (type.kind === 'BOOLEAN') return INTEGER;
  if (type.kind === 'DECIMAL') return DOUBLE;
  return type.kind === 'DOUBLE' || isInteger(type) ? type : null;
};

export const sumType: TypeRule = (type) =>
  type.kind === 'INTERVAL' || type.kind === 'DECIMAL' ? type : numberType(type);

/** Numbers, and what has a mean though no sum: times. */
export const averageType: TypeRule = (type) => timeType(type) ?? numberType(type);

export const doubleType: TypeRule = (type) => (numberType(type) === null ? null : DOUBLE);

/** What can be interpolated. */
export const continuousType: TypeRule = (type) => timeType(type) ?? doubleType(type);

export const integerType: TypeRule = (type) => (isInteger(type) ? type : null);

export const booleanType: TypeRule = (type) => (type.kind === 'BOOLEAN' ? type : null);

/** A condition that is added up: TRUE counts as 1. */
export const conditionSumType: TypeRule = (type) => (type.kind === 'BOOLEAN' ? numberType(type) : null);

/** Anything, as text. */
export const textType: TypeRule = () => VARCHAR;

/** An item of a list, which the binder makes of any value, NULL too. */
export const itemType: TypeRule = (type) => (type.kind === 'LIST' ? type : null);

function timeType(type: DataType): DataType | null {
  if (type.kind === 'DATE') return TIMESTAMP;
  return type.kind === 'TIMESTAMP' || type.kind === 'INTERVAL' ? type : null;
}

export const sameResult = (type: DataType): DataType => type;
export const bigintResult = (): DataType => BIGINT;
export const doubleResult = (): DataType => DOUBLE;
export const sumResult = (type: DataType): DataType => {
  if (type.kind === 'DECIMAL') return decimalOf(DECIMAL_DIGITS_MAX, digitsOf(type).scale);
  return isInteger(type) ? BIGINT : type;
};
export const averageResult = (type: DataType): DataType => timeType(type) ?? DOUBLE;
