// DECIMAL: the digits of results, and arithmetic as integer arithmetic over units.
//
// A sum has the greater scale and one digit more, a product the digits of both. With an integer beside a DECIMAL, both
// are decimals; with a DOUBLE, both are doubles. `/` is DOUBLE. Integers written in the text have as many digits as
// they show, a BIGINT as many as there can be: where that is too few for its value, the run says so.

import { LaminarError } from '../../base/errors.ts';
import {
  BIGINT,
  type DataType,
  DECIMAL_DIGITS_MAX,
  decimalOf,
  digitsOf,
  INTEGER,
  isInteger,
  typeName,
} from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import { coerce } from './coerce.ts';

const INTEGER_DIGITS: Readonly<Record<string, number>> = { TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 18 };

/** A DECIMAL or an integer as a DECIMAL; null for other types. */
function asDecimal(type: DataType): DataType | null {
  if (type.kind === 'DECIMAL') return type;
  const digits = INTEGER_DIGITS[type.kind];
  return digits === undefined ? null : decimalOf(digits, 0);
}

/** The DECIMAL that holds the values of both; null when no DECIMAL is long enough. */
export function commonDecimal(a: DataType, b: DataType): DataType | null {
  const [left, right] = [asDecimal(a), asDecimal(b)];
  if (left === null || right === null) return null;
  const [l, r] = [digitsOf(left), digitsOf(right)];
  const scale = Math.max(l.scale, r.scale);
  const precision = scale + Math.max(l.precision - l.scale, r.precision - r.scale);
  if (precision <= DECIMAL_DIGITS_MAX) return decimalOf(precision, scale);
  // An integer rarely uses all the digits it could have.
  return isInteger(a) || isInteger(b) ? decimalOf(DECIMAL_DIGITS_MAX, scale) : null;
}

const EXACT = new Set(['+', '-', '*', '%', 'abs', 'round', 'floor', 'ceil', 'trunc', 'sign']);
const ARITHMETIC = new Set(['+', '-', '*', '%']);
const ALIASES: Readonly<Record<string, string>> = { mod: '%', ceiling: 'ceil' };

/**
 * Arithmetic with a DECIMAL, and without a DOUBLE: integer arithmetic over units. @returns null when it is none.
 * @throws LMN-2140 when a result has too many digits.
 */
export function bindDecimalArithmetic(
  written: string,
  operands: readonly BoundExpression[],
  span: Span,
): BoundExpression | null {
  const lower = written.toLowerCase();
  const name = ALIASES[lower] ?? lower;
  if (!EXACT.has(name) || !operands.some((e) => e.type.kind === 'DECIMAL')) return null;
  const [left, right] = operands as [BoundExpression, BoundExpression | undefined];
  if (right === undefined) return bindUnary(name, left, span);
  if (name === 'round' || name === 'trunc') return placesOf(name, left, right);
  if (operands.length !== 2 || !ARITHMETIC.has(name)) return null;
  const [l, r] = [operandType(left), operandType(right)];
  if (l === null || r === null) return null;
  if (name === '*') return multiply([left, l], [right, r], span);
  return bindSum(name, [left, l], [right, r], span);
}

/** As a DECIMAL; an integer as written has the digits it shows. */
function operandType(operand: BoundExpression): DataType | null {
  if (operand.kind !== 'literal' || operand.value === null || !isInteger(operand.type)) return asDecimal(operand.type);
  const digits = String(operand.value).replace('-', '').length;
  return decimalOf(Math.min(digits, DECIMAL_DIGITS_MAX), 0);
}

function bindUnary(name: string, operand: BoundExpression, span: Span): BoundExpression | null {
  if (name === '-' || name === 'abs') return overUnits(`${name}(BIGINT)`, [operand], { type: operand.type, span });
  const { precision, scale } = digitsOf(operand.type);
  const whole = decimalOf(precision, 0);
  switch (name) {
    case 'round':
      return coerce(operand, whole);
    case 'sign':
      return overUnits('sign(BIGINT)', [operand], { type: INTEGER, span });
    case 'floor':
    case 'ceil':
      return overUnits(`decimal_${name}(BIGINT,INTEGER)`, [operand, integer(scale, span)], { type: whole, span });
    case 'trunc':
      return coerce(truncated(operand, scale), whole);
    default:
      return null;
  }
}

/** round(x, n) and trunc(x, n) for n as written. A cast rounds as round does. */
function placesOf(name: 'round' | 'trunc', operand: BoundExpression, places: BoundExpression): BoundExpression | null {
  const wanted = wholeOf(places);
  if (wanted === null || operand.type.kind !== 'DECIMAL') return null;
  const { precision, scale } = digitsOf(operand.type);
  if (wanted >= scale) return operand;
  const result = decimalOf(precision, Math.max(wanted, 0));
  if (name === 'trunc') return coerce(truncated(operand, scale - wanted), result);
  return coerce(wanted >= 0 ? operand : shortened('round', operand, scale - wanted), result);
}

/** A whole number as written, perhaps with a sign. */
function wholeOf(written: BoundExpression): number | null {
  if (written.kind === 'call' && written.function.startsWith('-(') && written.arguments.length === 1) {
    const size = wholeOf(written.arguments[0] as BoundExpression);
    return size === null ? null : -size;
  }
  const value = written.kind === 'literal' && written.value !== null ? Number(written.value) : Number.NaN;
  return Number.isInteger(value) ? value : null;
}

/** The last `digits` digits of the units are zero. */
function truncated(operand: BoundExpression, digits: number): BoundExpression {
  return digits === 0 ? operand : shortened('trunc', operand, digits);
}

function shortened(name: 'round' | 'trunc', operand: BoundExpression, digits: number): BoundExpression {
  const { type, span } = operand;
  return overUnits(`${name}(BIGINT,INTEGER)`, [operand, integer(-digits, span)], { type, span });
}

function integer(value: number, span: Span): BoundExpression {
  return { kind: 'literal', value, type: INTEGER, nullable: false, span };
}

type Operand = [expression: BoundExpression, type: DataType];

function multiply([left, l]: Operand, [right, r]: Operand, span: Span): BoundExpression {
  const [a, b] = [digitsOf(l), digitsOf(r)];
  const precision = a.precision + b.precision;
  if (precision > DECIMAL_DIGITS_MAX) throw tooLong('*', [left, right], { precision, span });
  const type = decimalOf(precision, a.scale + b.scale);
  return overUnits('*(BIGINT,BIGINT)', [coerce(left, l), coerce(right, r)], { type, span });
}

/** + − %: over units of the same size. */
function bindSum(name: string, [left, l]: Operand, [right, r]: Operand, span: Span): BoundExpression {
  const common = commonDecimal(l, r);
  if (common === null) {
    const [a, b] = [digitsOf(l), digitsOf(r)];
    const precision = Math.max(a.scale, b.scale) + Math.max(a.precision - a.scale, b.precision - b.scale);
    throw tooLong(name, [left, right], { precision, span });
  }
  const units = [coerce(left, common), coerce(right, common)];
  if (name === '%') return overUnits('%(BIGINT,BIGINT)', units, { type: common, span });
  const { precision, scale } = digitsOf(common);
  const sum = overUnits(`${name}(BIGINT,BIGINT)`, units, { type: decimalOf(precision + 1, scale), span });
  // The longest have no digit to spare: whether one is needed shows when it runs.
  return precision < DECIMAL_DIGITS_MAX ? sum : coerce(sum, common);
}

/** Integer arithmetic whose operands and result are counts of units. */
function overUnits(id: string, operands: BoundExpression[], result: { type: DataType; span: Span }): BoundExpression {
  const nullable = id.startsWith('%') || operands.some((e) => e.nullable);
  return { kind: 'call', function: id, arguments: operands, nullable, ...result };
}

function tooLong(
  operator: string,
  [left, right]: readonly [BoundExpression, BoundExpression],
  { precision, span }: { precision: number; span: Span },
): LaminarError {
  const types = `${typeName(left.type)} ${operator} ${typeName(right.type)}`;
  const wide = left.type.kind === BIGINT.kind ? left : right;
  return new LaminarError('LMN-2140', `${types} has ${precision} digits, and a DECIMAL at most ${DECIMAL_DIGITS_MAX}`, {
    hint: `CAST ${wide.kind === 'column' ? wide.name : 'an operand'} to a DECIMAL of fewer digits, or to DOUBLE`,
    at: { span },
  });
}
