// What a field's text means, in plain slow JavaScript: what the decoders are compared with.

import { REASON_RANGE, REASON_TYPE } from '../../kernels/layout-formats.ts';
import type { Value } from '../../src/data/batch.ts';
import type { TypeKind } from '../../src/data/type.ts';

/** A value, or why there is none. */
export type Outcome = { value: Value } | { reason: number };

const TYPE: Outcome = { reason: REASON_TYPE };
const RANGE: Outcome = { reason: REASON_RANGE };
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LIMITS: Record<string, bigint> = {
  TINYINT: 2n ** 7n,
  SMALLINT: 2n ** 15n,
  INTEGER: 2n ** 31n,
  BIGINT: 2n ** 63n,
};

/** The value of text for a column of the type. */
export function textOutcome(text: string, type: TypeKind, unitPower: number): Outcome {
  const trimmed = text.replace(/^[ \t-\r]+|[ \t-\r]+$/g, '');
  switch (type) {
    case 'VARCHAR':
      return { value: text };
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text) ? { value: text.toLowerCase() === 'true' } : TYPE;
    case 'DOUBLE':
      return doubleOutcome(trimmed);
    case 'TIMESTAMP':
      return timeOutcome(trimmed, unitPower);
    case 'DATE': {
      const time = timeOutcome(trimmed, null);
      if (!('value' in time)) return time;
      const micros = time.value as bigint;
      return { value: Number((micros - (((micros % DAY) + DAY) % DAY)) / DAY) };
    }
    default: {
      const scaled = scaledDecimal(trimmed, 0);
      if (scaled === null || !scaled.isExact) return scaled === null || !scaled.isHuge ? TYPE : RANGE;
      return integerOutcome(scaled.value, type);
    }
  }
}

const DAY = 86_400_000_000n;

function integerOutcome(value: bigint, type: TypeKind): Outcome {
  const limit = LIMITS[type] as bigint;
  if (value >= limit || value < -limit) return RANGE;
  return { value: type === 'BIGINT' ? value : Number(value) };
}

function doubleOutcome(text: string): Outcome {
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (word) return { value: /nan/i.test(text) ? NaN : word[1] === '-' ? -Infinity : Infinity };
  return DECIMAL.test(text) ? { value: Number(text) } : TYPE;
}

/** A decimal times 10^power, cut to an integer; null when the text is none. */
function scaledDecimal(text: string, power: number): { value: bigint; isExact: boolean; isHuge: boolean } | null {
  if (!DECIMAL.test(text)) return null;
  const [mantissa, exponentText] = text.toLowerCase().split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.replace(/^[+-]/, '').split('.') as [string, string | undefined];
  const digits = BigInt(`0${whole}${fraction}`);
  const sign = text.startsWith('-') ? -1n : 1n;
  if (digits === 0n) return { value: 0n, isExact: true, isHuge: false };
  const exponent = Math.max(-5000, Math.min(5000, Number(exponentText ?? 0) - fraction.length + power));
  if (exponent >= 0) return { value: sign * digits * 10n ** BigInt(exponent), isExact: true, isHuge: false };
  const unit = 10n ** BigInt(-exponent);
  const value = sign * (digits / unit);
  return { value, isExact: digits % unit === 0n, isHuge: false };
}

/** `unitPower` null: numbers are no times. */
function timeOutcome(text: string, unitPower: number | null): Outcome {
  const number = unitPower === null ? null : scaledDecimal(text, unitPower);
  if (number !== null) return number.value === BigInt.asIntN(64, number.value) ? { value: number.value } : RANGE;
  const match =
    /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[Tt ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)? *(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
      text,
    );
  if (match === null) return TYPE;
  const [, year, , month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match as string[];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return TYPE;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const isMidnight = h === 24 && m === 0 && s === 0 && fraction === '';
  if (!isMidnight && (h > 23 || m > 59 || s > 59)) return TYPE;
  const micros =
    BigInt(date.getTime()) * 1000n +
    BigInt((h * 3600 + m * 60 + s) * 1e6) +
    BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return { value: micros - zoneMicros(zone) };
}

function zoneMicros(zone: string): bigint {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return 0n;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return BigInt(match[1] === '-' ? -minutes : minutes) * 60_000_000n;
}
