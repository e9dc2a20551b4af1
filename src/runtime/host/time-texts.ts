// Times as text: to_char with PostgreSQL's patterns, and age.
//
// A pattern is taken apart once: each part gives its piece of the text. FM before a part leaves out padding, TH behind a
// number adds its ending, text in double quotes is as it stands.

import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

const DAY = 86_400_000_000n;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** Patterns kept of one call. */
const KEPT = 100;

/** A time taken apart. */
interface Fields {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  dayOfYear: number;
  /** µs since midnight. */
  micros: number;
  /** Days since 1970. */
  days: number;
}

type Part = (fields: Fields) => string;

export const timeTextFunctions: Readonly<Record<string, () => HostBody>> = {
  to_char: () => {
    const kept = new Map<string, readonly Part[]>();
    return (time: bigint, pattern: string) => {
      let parts = kept.get(pattern);
      if (parts === undefined) {
        if (kept.size >= KEPT) kept.clear();
        parts = partsOf(pattern);
        kept.set(pattern, parts);
      }
      const fields = fieldsOf(time);
      return parts.map((part) => part(fields)).join('');
    };
  },
  age: () => (end: bigint, start: bigint) => ageText(end, start),
};

function fieldsOf(time: bigint): Fields {
  const micros = ((time % DAY) + DAY) % DAY;
  const days = Number((time - micros) / DAY);
  const date = new Date(days * 86_400_000);
  if (Number.isNaN(+date)) throw new ArgumentError('a time beyond the year 275760 has no date');
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    dayOfYear: (+date - firstOf(year)) / 86_400_000 + 1,
    micros: Number(micros),
    days,
  };
}

/** The first of January in ms; Date.UTC takes the years to 99 for others. */
function firstOf(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}

// --- to_char ---

const hour = ({ micros }: Fields): number => Math.floor(micros / 3_600_000_000);
const half = (fields: Fields): number => ((hour(fields) + 11) % 12) + 1;
const minute = ({ micros }: Fields): number => Math.floor(micros / 60_000_000) % 60;
const second = ({ micros }: Fields): number => Math.floor(micros / 1_000_000) % 60;
const week = ({ dayOfYear }: Fields): number => Math.floor((dayOfYear - 1) / 7) + 1;

/** Of the Thursday of its week, to whose year the week belongs. */
function isoWeek({ days, weekday }: Fields): { year: number; week: number } {
  const thursday = new Date((days - ((weekday + 6) % 7) + 3) * 86_400_000);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((+thursday - firstOf(year)) / 604_800_000) + 1 };
}

type Numeric = [digits: number, value: (fields: Fields) => number];

const NUMBERS: Readonly<Record<string, Numeric>> = {
  YYYY: [4, ({ year }) => year],
  YYY: [3, ({ year }) => year % 1000],
  YY: [2, ({ year }) => year % 100],
  Y: [1, ({ year }) => year % 10],
  IYYY: [4, (fields) => isoWeek(fields).year],
  IYY: [3, (fields) => isoWeek(fields).year % 1000],
  IY: [2, (fields) => isoWeek(fields).year % 100],
  IW: [2, (fields) => isoWeek(fields).week],
  ID: [1, ({ weekday }) => ((weekday + 6) % 7) + 1],
  MM: [2, ({ month }) => month],
  DDD: [3, ({ dayOfYear }) => dayOfYear],
  DD: [2, ({ day }) => day],
  D: [1, ({ weekday }) => weekday + 1],
  HH24: [2, hour],
  HH12: [2, half],
  HH: [2, half],
  MI: [2, minute],
  SSSS: [1, ({ micros }) => Math.floor(micros / 1_000_000)],
  SS: [2, second],
  MS: [3, ({ micros }) => Math.floor(micros / 1000) % 1000],
  US: [6, ({ micros }) => micros % 1_000_000],
  Q: [1, ({ month }) => Math.ceil(month / 3)],
  WW: [2, week],
  W: [1, ({ day }) => Math.floor((day - 1) / 7) + 1],
  CC: [2, ({ year }) => Math.ceil(year / 100)],
  J: [1, ({ days }) => days + 2_440_588],
};

/** Full and short names; full ones are padded to nine letters. */
const NAMES: Readonly<Record<string, (fields: Fields) => string>> = {
  MONTH: ({ month }) => (MONTHS[month - 1] as string).padEnd(9),
  MON: ({ month }) => (MONTHS[month - 1] as string).slice(0, 3),
  DAY: ({ weekday }) => (DAYS[weekday] as string).padEnd(9),
  DY: ({ weekday }) => (DAYS[weekday] as string).slice(0, 3),
};

const HALVES: Readonly<Record<string, readonly [string, string]>> = {
  AM: ['AM', 'PM'],
  PM: ['AM', 'PM'],
  'A.M.': ['A.M.', 'P.M.'],
  'P.M.': ['A.M.', 'P.M.'],
};

/** Longest first. */
const WORDS = [...Object.keys(NUMBERS), ...Object.keys(NAMES), ...Object.keys(HALVES), 'TZ', 'OF'].sort(
  (a, b) => b.length - a.length,
);

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const quoted = /^"((?:[^"\\]|\\.)*)"?/s.exec(pattern.slice(at));
    if (quoted !== null) {
      const text = (quoted[1] as string).replace(/\\(.)/gs, '$1');
      parts.push(() => text);
      at += quoted[0].length;
      continue;
    }
    const isPlain = /^fm/i.test(pattern.slice(at));
    const begin = at + (isPlain ? 2 : 0);
    const word = WORDS.find((one) => pattern.slice(begin, begin + one.length).toUpperCase() === one);
    if (word === undefined) {
      const character = pattern[at] as string;
      parts.push(() => character);
      at++;
      continue;
    }
    const written = pattern.slice(begin, begin + word.length);
    at = begin + word.length;
    const ending = /^th/i.exec(pattern.slice(at))?.[0] ?? null;
    const isNumber = NUMBERS[word] !== undefined;
    if (isNumber && ending !== null) at += 2;
    parts.push(isNumber ? numberPart(word, { isPlain, ending }) : namePart(word, written, isPlain));
  }
  return parts;
}

function numberPart(word: string, { isPlain, ending }: { isPlain: boolean; ending: string | null }): Part {
  const [digits, value] = NUMBERS[word] as Numeric;
  return (fields) => {
    const number = value(fields);
    const text = isPlain ? String(number) : padded(number, digits);
    if (ending === null) return text;
    const suffix = suffixOf(number);
    return text + (ending === ending.toUpperCase() ? suffix.toUpperCase() : suffix);
  };
}

function padded(number: number, digits: number): string {
  return number < 0 ? `-${String(-number).padStart(digits, '0')}` : String(number).padStart(digits, '0');
}

function suffixOf(number: number): string {
  const last = Math.abs(number) % 100;
  if (last >= 11 && last <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][last % 10] ?? 'th';
}

function namePart(word: string, written: string, isPlain: boolean): Part {
  const isLower = written[0] !== written[0]?.toUpperCase();
  const isUpper = written === written.toUpperCase();
  const cased = (text: string): string => (isLower ? text.toLowerCase() : isUpper ? text.toUpperCase() : text);
  if (word === 'TZ') return () => (isLower ? 'utc' : 'UTC');
  if (word === 'OF') return () => '+00';
  const halves = HALVES[word];
  if (halves !== undefined) {
    return (fields) => {
      const text = halves[hour(fields) < 12 ? 0 : 1];
      return isLower ? text.toLowerCase() : text;
    };
  }
  const name = NAMES[word] as (fields: Fields) => string;
  return (fields) => cased(isPlain ? name(fields).trimEnd() : name(fields));
}

// --- age ---

const daysIn = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

/** The years, months, days and time from one time to another. */
function ageText(end: bigint, start: bigint): string {
  const isBefore = end < start;
  const [a, b] = [fieldsOf(end), fieldsOf(start)];
  const [later, earlier] = isBefore ? [b, a] : [a, b];
  let years = later.year - earlier.year;
  let months = later.month - earlier.month;
  let days = later.day - earlier.day;
  let micros = later.micros - earlier.micros;
  if (micros < 0) {
    micros += Number(DAY);
    days--;
  }
  while (days < 0) {
    days += isBefore ? daysIn(a.year, a.month) : daysIn(b.year, b.month);
    months--;
  }
  if (months < 0) {
    months += 12;
    years--;
  }
  const sign = isBefore ? -1 : 1;
  const counted = (count: number, unit: string): string[] =>
    count === 0 ? [] : [`${sign * count} ${unit}${count === 1 ? '' : 's'}`];
  const texts = [...counted(years, 'year'), ...counted(months, 'month'), ...counted(days, 'day')];
  if (micros > 0 || texts.length === 0) texts.push(`${isBefore ? '-' : ''}${clockText(micros)}`);
  return texts.join(' ');
}

function clockText(micros: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const fields = { micros } as Fields;
  const rest = micros % 1_000_000;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return `${two(hour(fields))}:${two(minute(fields))}:${two(second(fields))}${fraction}`;
}
