// The fields of a time, read from a text by the parts of a format: see parse-time.ts.

import type { TimeField, TimePart } from '../../plan/time-pattern.ts';

/** What a text says of a time. */
export interface TimeFields {
  year: number;
  month: number;
  day: number;
  /** −1: not given. */
  dayOfYear: number;
  weekday: number;
  week: number;
  /** What a week counts from: `U` Sundays, `W` Mondays, `V` ISO. */
  weekKind: 'U' | 'W' | 'V' | null;
  isoYear: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  isTwelve: boolean;
  /** 0 a.m., 12 p.m., −1 not given. */
  half: number;
  offsetMinutes: number;
  zone: string | null;
}

/** Digits of a number, its least and its greatest value. */
const NUMBERS: Readonly<Partial<Record<TimeField, readonly [digits: number, least: number, greatest: number]>>> = {
  d: [2, 1, 31],
  f: [6, 0, 999_999],
  g: [3, 0, 999],
  G: [4, 0, 9999],
  H: [2, 0, 23],
  I: [2, 1, 12],
  j: [3, 1, 366],
  m: [2, 1, 12],
  M: [2, 0, 59],
  n: [9, 0, 999_999_999],
  S: [2, 0, 59],
  u: [1, 1, 7],
  U: [2, 0, 53],
  V: [2, 1, 53],
  w: [1, 0, 6],
  W: [2, 0, 53],
  y: [2, 0, 99],
  Y: [4, 0, 9999],
};

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const DAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

interface Cursor {
  text: string;
  at: number;
}

/** Reads all of a text by the parts of a format, null where it does not fit. */
export function readFields(text: string, parts: readonly TimePart[]): TimeFields | null {
  const fields = newFields();
  const cursor = { text, at: 0 };
  skipSpaces(cursor);
  for (const part of parts) {
    const fits = 'literal' in part ? readLiteral(cursor, part.literal) : readField(cursor, part.field, fields);
    if (!fits) return null;
  }
  skipSpaces(cursor);
  return cursor.at === text.length ? fields : null;
}

function newFields(): TimeFields {
  return {
    year: 1900,
    month: 1,
    day: 1,
    dayOfYear: -1,
    weekday: -1,
    week: -1,
    weekKind: null,
    isoYear: 1900,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    isTwelve: false,
    half: -1,
    offsetMinutes: 0,
    zone: null,
  };
}

function isSpace(c: string | undefined): boolean {
  return c === ' ' || (c !== undefined && c >= '\t' && c <= '\r');
}

function skipSpaces(cursor: Cursor): void {
  while (isSpace(cursor.text[cursor.at])) cursor.at++;
}

function readLiteral(cursor: Cursor, literal: string): boolean {
  for (let i = 0; i < literal.length; i++) {
    const found = cursor.text[cursor.at];
    if (isSpace(literal[i])) {
      if (!isSpace(found)) return false;
      skipSpaces(cursor);
      while (isSpace(literal[i + 1])) i++;
    } else {
      if (found !== literal[i]) return false;
      cursor.at++;
    }
  }
  return true;
}

function readField(cursor: Cursor, field: TimeField, fields: TimeFields): boolean {
  switch (field) {
    case 'a':
    case 'A':
      // Read and not looked at: the date says what day it is.
      return readName(cursor, DAYS, field === 'a') >= 0;
    case 'b':
    case 'B':
      fields.month = readName(cursor, MONTHS, field === 'b') + 1;
      return fields.month > 0;
    case 'p':
      return readHalf(cursor, fields);
    case 'z':
      return readOffset(cursor, fields);
    case 'Z':
      return readZone(cursor, fields);
    default:
      return readNumber(cursor, field, fields);
  }
}

/** The index of the name that comes next, −1 for none. */
function readName(cursor: Cursor, names: readonly string[], isShort: boolean): number {
  const rest = cursor.text.slice(cursor.at, cursor.at + 9).toLowerCase();
  for (let i = 0; i < names.length; i++) {
    const name = isShort ? (names[i] as string).slice(0, 3) : (names[i] as string);
    if (!rest.startsWith(name)) continue;
    cursor.at += name.length;
    return i;
  }
  return -1;
}

function readHalf(cursor: Cursor, fields: TimeFields): boolean {
  const half = cursor.text.slice(cursor.at, cursor.at + 2).toLowerCase();
  cursor.at += 2;
  fields.half = half === 'pm' ? 12 : 0;
  return half === 'am' || half === 'pm';
}

/** `Z`, `+02`, `+0200`, `+02:00`. */
function readOffset(cursor: Cursor, fields: TimeFields): boolean {
  const match = /^(?:Z|([+-])(\d\d):?(\d\d)?)/.exec(cursor.text.slice(cursor.at, cursor.at + 6));
  if (match === null) return false;
  cursor.at += match[0].length;
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  fields.offsetMinutes = match[1] === '-' ? -minutes : minutes;
  return true;
}

function readZone(cursor: Cursor, fields: TimeFields): boolean {
  const match = /^[\w/+-]+/.exec(cursor.text.slice(cursor.at));
  if (match === null) return false;
  cursor.at += match[0].length;
  fields.zone = match[0];
  return true;
}

function readNumber(cursor: Cursor, field: TimeField, fields: TimeFields): boolean {
  const [digits, least, greatest] = NUMBERS[field] as readonly [number, number, number];
  let value = 0;
  let count = 0;
  for (; count < digits; count++) {
    const digit = cursor.text.charCodeAt(cursor.at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
    cursor.at++;
  }
  if (count === 0 || value < least || value > greatest) return false;
  setNumber(fields, field, field === 'f' || field === 'n' ? value * 10 ** (digits - count) : value);
  return true;
}

function setNumber(fields: TimeFields, field: TimeField, value: number): void {
  switch (field) {
    case 'd':
      fields.day = value;
      return;
    case 'f':
      fields.micros = value;
      return;
    case 'g':
      fields.micros = value * 1000;
      return;
    case 'n':
      fields.micros = Math.floor(value / 1000);
      return;
    case 'G':
      fields.isoYear = value;
      return;
    case 'H':
      fields.hour = value;
      return;
    case 'I':
      fields.hour = value;
      fields.isTwelve = true;
      return;
    case 'j':
      fields.dayOfYear = value;
      return;
    case 'm':
      fields.month = value;
      return;
    case 'M':
      fields.minute = value;
      return;
    case 'S':
      fields.second = value;
      return;
    case 'u':
    case 'w':
      fields.weekday = value % 7;
      return;
    case 'U':
    case 'V':
    case 'W':
      fields.week = value;
      fields.weekKind = field;
      return;
    case 'y':
      fields.year = value < 69 ? 2000 + value : 1900 + value;
      return;
    default:
      fields.year = value;
  }
}
