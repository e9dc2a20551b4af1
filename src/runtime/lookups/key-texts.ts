// The keys that a lookup asks for, as text, and as SQL writes values: numbers with all digits, times in UTC.

import type { LinearMemory } from '../../data/memory.ts';
import { type DataType, digitsOf } from '../../data/type.ts';

/** A column of the key in a kept row (kernels/row-store.ts). */
export interface KeyField {
  name: string;
  type: DataType;
  offset: number;
}

/** The value as text; null for one that no table can have: a character 0, a time beyond the calendar. */
export function keyText(memory: LinearMemory, row: number, { type, offset }: KeyField): string | null {
  const at = row + offset;
  switch (type.kind) {
    case 'BOOLEAN':
      return memory.u8[at] === 1 ? 'true' : 'false';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
      return String(memory.i32[at >>> 2]);
    case 'BIGINT':
      return String(memory.i64[at >>> 3]);
    case 'DECIMAL':
      return decimalText(memory.i64[at >>> 3] as bigint, digitsOf(type).scale);
    case 'DOUBLE':
      return String(memory.f64[at >>> 3]);
    case 'DATE':
      return dayText(new Date((memory.i32[at >>> 2] as number) * 86_400_000));
    case 'TIMESTAMP':
      return timeText(memory.i64[at >>> 3] as bigint);
    default: {
      const address = memory.load32(at);
      const text = Buffer.from(memory.u8.subarray(address, address + memory.load32(at + 4))).toString();
      return text.includes('\0') ? null : text;
    }
  }
}

function decimalText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`;
}

function timeText(micros: bigint): string | null {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const time = new Date(Number((micros - rest) / 1000n));
  const day = dayText(time);
  if (day === null) return null;
  const [date, era = ''] = day.split(' ');
  const clock = time.toISOString().slice(-13, -5);
  return `${date} ${clock}.${rest.toString().padStart(6, '0')}+00${era === '' ? '' : ` ${era}`}`;
}

/** Years before Christ are counted from 1, and said to be. PostgreSQL's calendar begins in 4713 BC. */
function dayText(day: Date): string | null {
  if (Number.isNaN(day.getTime())) return null;
  const year = day.getUTCFullYear();
  if (year < -4700) return null;
  const date = [year > 0 ? year : 1 - year, day.getUTCMonth() + 1, day.getUTCDate()];
  const text = date.map((part, i) => String(part).padStart(i === 0 ? 4 : 2, '0')).join('-');
  return year > 0 ? text : `${text} BC`;
}
