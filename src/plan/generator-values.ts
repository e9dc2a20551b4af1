// Reading the values in a GENERATOR's options: lists for a column's type, times, dates, lengths of time.

import { parseDuration } from '../base/duration.ts';
import type { DataType } from '../data/type.ts';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
/** Day, hours and minutes, seconds, fraction, zone. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?:(:\d\d)(?:\.(\d+))?)? ?(?:Z|([+-]\d\d)(?::?(\d\d))?)?)?$/i;

/** Least and greatest whole number of a type; of 64 bits for types that are stored or written as such. */
export function integerRange(type: DataType): { least: bigint; greatest: bigint } {
  const bits = type.kind === 'TINYINT' ? 8n : type.kind === 'SMALLINT' ? 16n : is32Bit(type) ? 32n : 64n;
  return { least: -(1n << (bits - 1n)), greatest: (1n << (bits - 1n)) - 1n };
}

function is32Bit(type: DataType): boolean {
  return type.kind === 'INTEGER' || type.kind === 'DATE';
}

/**
 * The list's values as JSON texts that the decoder reads as the type; `wrong` is the first that is none. A list of JSON
 * values is what stands in a JSON array; others are separated by commas, blanks around them left out.
 */
export function valueTexts(type: DataType, list: string): string[] | { wrong: string } {
  if (type.kind === 'JSON') {
    try {
      const values = JSON.parse(`[${list}]`) as unknown[];
      return values.length === 0 ? { wrong: list } : values.map((value) => JSON.stringify(value));
    } catch {
      return { wrong: list };
    }
  }
  const texts: string[] = [];
  for (const part of list.split(',')) {
    const text = valueText(type, part.trim());
    if (text === null) return { wrong: part.trim() };
    texts.push(text);
  }
  return texts;
}

/** One value as JSON text, null when it is not of the type. */
function valueText(type: DataType, text: string): string | null {
  switch (type.kind) {
    case 'BOOLEAN': {
      const lower = text.toLowerCase();
      return lower === 'true' || lower === 'false' ? lower : null;
    }
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT': {
      if (!/^[+-]?\d+$/.test(text)) return null;
      const value = BigInt(text.replace('+', ''));
      const { least, greatest } = integerRange(type);
      return value >= least && value <= greatest ? String(value) : null;
    }
    case 'DOUBLE':
      return text !== '' && Number.isFinite(Number(text)) ? JSON.stringify(Number(text)) : null;
    case 'TIMESTAMP':
      return timestampMicros(text) === null ? null : JSON.stringify(text);
    case 'DATE':
      return dateDays(text) === null ? null : JSON.stringify(text);
    case 'VARCHAR':
      return JSON.stringify(text);
    default:
      return null;
  }
}

/** A time as text in µs since the epoch (UTC without a zone), null when it is none. */
export function timestampMicros(text: string): bigint | null {
  const match = TIMESTAMP.exec(text);
  if (match === null || dateDays(match[1] as string) === null) return null;
  const [, day, clock = '00:00', seconds = ':00', fraction = '', zoneHours = '+00', zoneMinutes = '00'] = match;
  const millis = Date.parse(`${day}T${clock}${seconds}${zoneHours}:${zoneMinutes}`);
  return Number.isNaN(millis) ? null : BigInt(millis) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}

/** A date as text in days since the epoch, null when it is none. */
export function dateDays(text: string): bigint | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const millis = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return new Date(millis).toISOString().startsWith(text) ? BigInt(millis / 86_400_000) : null;
}

/** A length of time such as `5s` in µs, null when it is none. */
export function durationMicros(text: string): bigint | null {
  const duration = parseDuration(text, null);
  return 'micros' in duration ? BigInt(duration.micros) : null;
}
