// Constants of the pipeline text: numbers, times and intervals as values, and casts between constants that are decided
// before the run.
//
// A cast is folded only where its result does not depend on how the engine rounds or prints; the rest is left to
// compiled code, so that a constant and a column never disagree.

import { unreachable } from '../../base/assert.ts';
import { parseDuration } from '../../base/duration.ts';
import { LaminarError } from '../../base/errors.ts';
import {
  BIGINT,
  type DataType,
  DOUBLE,
  digitsOf,
  INTEGER,
  INTERVAL,
  isInteger,
  isNested,
  sameType,
  typeName,
} from '../../data/type.ts';
import type { Span } from '../ast.ts';
import type { IntervalLiteral } from '../ast-expression.ts';
import type { BoundExpression, LiteralValue } from '../expression.ts';

export type Literal = Extract<BoundExpression, { kind: 'literal' }>;

export function literal(value: LiteralValue, type: DataType, span: Span): Literal {
  return { kind: 'literal', value, type, nullable: value === null, span };
}

const INTEGER_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TINYINT: [-128n, 127n],
  SMALLINT: [-32_768n, 32_767n],
  INTEGER: [-2_147_483_648n, 2_147_483_647n],
  BIGINT: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** A number as written: INTEGER or BIGINT by size, DOUBLE with a point or an exponent. @throws LMN-2009. */
export function numberLiteral(text: string, span: Span): Literal {
  const digits = text.replaceAll('_', '');
  if (!/^-?\d+$/.test(digits)) {
    const value = Number(digits);
    if (Number.isFinite(value)) return literal(value, DOUBLE, span);
    throw new LaminarError('LMN-2009', `${text} is too large for DOUBLE`, { at: { span } });
  }
  const value = BigInt(digits);
  if (fits(value, INTEGER)) return literal(Number(value), INTEGER, span);
  if (fits(value, BIGINT)) return literal(value, BIGINT, span);
  throw new LaminarError('LMN-2009', `${text} is too large for BIGINT`, {
    hint: 'write it with a point (DOUBLE), or as a string',
    at: { span },
  });
}

function fits(value: bigint, type: DataType): boolean {
  const range = INTEGER_RANGES[type.kind] as readonly [bigint, bigint];
  return value >= range[0] && value <= range[1];
}

/** µs of an interval as written. @throws LMN-2010. */
export function intervalMicros(interval: IntervalLiteral): number {
  const duration = parseDuration(interval.text, interval.unit);
  if ('micros' in duration) return duration.micros;
  const written = `INTERVAL '${interval.text}'${interval.unit === null ? '' : ` ${interval.unit}`}`;
  const at = { span: interval.span };
  switch (duration.problem) {
    case 'calendar':
      throw new LaminarError('LMN-2010', `${written} has no fixed length: months and years differ`, {
        hint: "count in days or weeks, such as INTERVAL '30' DAY",
        at,
      });
    case 'range':
      throw new LaminarError('LMN-2010', `${written} is too long`, { at });
    case 'text':
      throw new LaminarError('LMN-2010', `${written} is not an interval`, {
        hint: "write INTERVAL '5' MINUTE or INTERVAL '5 minutes'; units run from MICROSECOND to WEEK",
        at,
      });
    default:
      return unreachable(duration.problem);
  }
}

export function intervalLiteral(interval: IntervalLiteral): Literal {
  return literal(BigInt(intervalMicros(interval)), INTERVAL, interval.span);
}

const TIMESTAMP_TEXT =
  /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?\s*$/i;

/** µs since 1970 of a time as text (ISO-8601, a space for the T allowed; UTC without a zone), null when it is none. */
export function parseTimestamp(text: string): bigint | null {
  const match = TIMESTAMP_TEXT.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const days = daysOf(Number(year), Number(month), Number(day));
  if (days === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - zoneSeconds(zone);
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

function zoneSeconds(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? '0') * 60;
  return match[1] === '-' ? -seconds : seconds;
}

/** Days since 1970 of a date as text, null when it is none. */
export function parseDate(text: string): number | null {
  const match = /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s*$/.exec(text);
  return match === null ? null : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

function daysOf(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? Math.round(date.getTime() / 86_400_000) : null;
}

/** What casting a constant gives: its value, `invalid` when it cannot be one, `unknown` when the run must decide. */
export type Folded = { value: LiteralValue } | 'invalid' | 'unknown';

/** Casts a constant, where that is certain. */
export function foldCast(value: LiteralValue, from: DataType, to: DataType): Folded {
  if (value === null || sameType(from, to)) return { value };
  if (isNested(to)) return 'unknown';
  if (typeof value === 'string') return from.kind === 'VARCHAR' ? foldText(value, to) : 'unknown';
  if (isInteger(from)) return foldInteger(BigInt(value as number | bigint), to);
  if (from.kind === 'DATE' && to.kind === 'TIMESTAMP') return { value: BigInt(value as number) * 86_400_000_000n };
  return 'unknown';
}

function foldInteger(value: bigint, to: DataType): Folded {
  if (to.kind === 'DOUBLE') return { value: Number(value) };
  if (to.kind === 'VARCHAR') return { value: value.toString() };
  if (to.kind === 'DECIMAL') return orInvalid(unitsOf(value.toString(), to));
  if (!isInteger(to)) return 'unknown';
  if (!fits(value, to)) return 'invalid';
  return { value: to.kind === 'BIGINT' ? value : Number(value) };
}

function foldText(text: string, to: DataType): Folded {
  switch (to.kind) {
    case 'TIMESTAMP':
      return orInvalid(parseTimestamp(text));
    case 'DATE':
      return orInvalid(parseDate(text));
    case 'INTERVAL': {
      const duration = parseDuration(text, null);
      return orInvalid('micros' in duration ? BigInt(duration.micros) : null);
    }
    case 'BOOLEAN': {
      const word = text.toLowerCase();
      return word === 'true' || word === 't'
        ? { value: true }
        : word === 'false' || word === 'f'
          ? { value: false }
          : 'unknown';
    }
    case 'DECIMAL':
      return DECIMAL_TEXT.test(text) ? orInvalid(unitsOf(text, to)) : 'unknown';
    case 'DOUBLE':
      return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? { value: Number(text) } : 'unknown';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return /^\s*[+-]?\d+\s*$/.test(text) ? foldInteger(BigInt(text.trim().replace('+', '')), to) : 'unknown';
    default:
      return 'unknown';
  }
}

const DECIMAL_TEXT = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/;

/** Units of a DECIMAL that a number as text is, halves rounded away from zero; null when it has too many digits. */
function unitsOf(text: string, to: DataType): bigint | null {
  const { precision, scale } = digitsOf(to);
  const [, sign, whole = '', fraction = ''] = DECIMAL_TEXT.exec(text) as RegExpExecArray;
  const kept = BigInt(`0${whole}${fraction.padEnd(scale, '0').slice(0, scale)}`);
  const size = Number(fraction[scale] ?? '0') >= 5 ? kept + 1n : kept;
  if (size >= 10n ** BigInt(precision)) return null;
  return sign === '-' ? -size : size;
}

function orInvalid(value: LiteralValue): Folded {
  return value === null ? 'invalid' : { value };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  TIMESTAMP: "write it as '2024-01-31 12:00:00' (UTC) or '2024-01-31T12:00:00+01:00'",
  DATE: "write it as '2024-01-31'",
  INTERVAL: "write it as '5 minutes'",
  BOOLEAN: "write 'true' or 'false'",
};

/** The error of a constant that is no value of a type. */
export function badLiteral(value: LiteralValue, to: DataType, span: Span): LaminarError {
  const written = typeof value === 'string' ? `'${value}'` : String(value);
  const hint = EXAMPLES[to.kind];
  const problem = typeof value === 'string' ? `is not a ${typeName(to)}` : `does not fit ${typeName(to)}`;
  return new LaminarError('LMN-2009', `${written} ${problem}`, {
    ...(hint === undefined ? {} : { hint }),
    at: { span },
  });
}
