// strptime: reads a time in a format.
//
//   format → parts (once) ─ text ─► fields ─► days and µs of the day ─► µs since 1970, less the zone's offset
//
// What a format does not say is that of 1900-01-01 00:00:00. Numbers may have fewer digits than are usual. A run of
// spaces stands for any run of spaces.

import { parseTimePattern, type TimePart, TimePatternError } from '../../plan/time-pattern.ts';
import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';
import { readFields, type TimeFields } from './time-fields.ts';
import { zoneCache } from './time-zones.ts';

const DAY_MICROS = 86_400_000_000n;

export const parseTimeFunctions: Readonly<Record<string, () => HostBody>> = {
  strptime: () => {
    const read = reader();
    return (text: string, format: string) => {
      const time = read(text, format);
      if (time !== null) return time;
      throw new ArgumentError(
        `'${text}' is no time in the format '${format}'`,
        'try_strptime gives NULL for what does not fit the format.',
      );
    };
  },
  try_strptime: () => reader(),
};

type ReadTime = (text: string, format: string) => bigint | null;

function reader(): ReadTime {
  const zoneNamed = zoneCache();
  const patterns = new Map<string, TimePart[]>();
  return (text, format) => {
    let parts = patterns.get(format);
    if (parts === undefined) {
      parts = patternOrFail(format);
      patterns.set(format, parts);
    }
    const fields = readFields(text, parts);
    if (fields === null) return null;
    const days = daysOf(fields);
    if (days === null) return null;
    const local = BigInt(days) * DAY_MICROS + BigInt(microsOfDay(fields) - fields.offsetMinutes * 60_000_000);
    if (fields.zone === null) return local;
    const zone = zoneOrNull(zoneNamed, fields.zone);
    return zone === null ? null : local - BigInt(zone.offsetOfLocal(Number(local / 1000n))) * 1000n;
  };
}

function patternOrFail(format: string): TimePart[] {
  try {
    return parseTimePattern(format);
  } catch (error) {
    if (error instanceof TimePatternError) throw new ArgumentError(error.message);
    throw error;
  }
}

function zoneOrNull(zoneNamed: ReturnType<typeof zoneCache>, name: string) {
  try {
    return zoneNamed(name);
  } catch (error) {
    if (error instanceof ArgumentError) return null;
    throw error;
  }
}

function microsOfDay({ hour, minute, second, micros, isTwelve, half }: TimeFields): number {
  const hours = isTwelve || half >= 0 ? (half < 0 ? hour : (hour % 12) + half) : hour;
  return ((hours * 60 + minute) * 60 + second) * 1_000_000 + micros;
}

/** Days since 1970; null for a day that does not exist. */
function daysOf(fields: TimeFields): number | null {
  const { year, month, day, dayOfYear, week, weekKind, isoYear } = fields;
  if (weekKind !== null) {
    const weekday = fields.weekday < 0 ? (weekKind === 'U' ? 0 : 1) : fields.weekday;
    const fromMonday = (weekday + 6) % 7;
    if (weekKind === 'V') return mondayOfWeekOne(isoYear) + (week - 1) * 7 + fromMonday;
    // Week 1 begins with the first Sunday or Monday of the year.
    const first = dayNumber(year, 1, 1);
    const begin = weekKind === 'U' ? 0 : 1;
    const weekOne = first + ((begin - weekdayOf(first) + 7) % 7);
    return weekOne + (week - 1) * 7 + (weekKind === 'U' ? weekday : fromMonday);
  }
  if (dayOfYear > 0) return dayNumber(year, 1, 1) + dayOfYear - 1;
  const days = dayNumber(year, month, day);
  return day <= 28 || day <= dayNumber(year + (month === 12 ? 1 : 0), (month % 12) + 1, 1) - dayNumber(year, month, 1)
    ? days
    : null;
}

/** Days since 1970; years are counted from March, so that the leap day is a year's last (see kernels/civil.ts). */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** 0 is Sunday. */
function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** The Monday of the week that has January 4th. */
function mondayOfWeekOne(year: number): number {
  const fourth = dayNumber(year, 1, 4);
  return fourth - ((weekdayOf(fourth) + 6) % 7);
}
