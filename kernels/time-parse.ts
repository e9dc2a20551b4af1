// Text to times: TIMESTAMP from the ways ISO-8601 is written in practice, DATE.
//
//   date   YYYY-MM-DD; also `/`, one-digit months and days, and expanded years (+YYYYYY, -YYYYYY)
//   time   date, then T or a space, then HH:MM[:SS[.fraction]] [zone]; 24:00 is the end of the day
//   zone   Z, UTC, ±HH, ±HHMM or ±HH:MM; without one the time is UTC
//
// Digits finer than a microsecond are cut. Spaces around the text are ignored. The day of the last text is kept: rows
// near each other share it, so most of a column costs a comparison and the clock's eight characters.
//
// Both parsers set CELL_STATUS: STATUS_VALUE, ERROR_CAST (not a time) or ERROR_OVERFLOW (beyond the type's range).
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from './layout';
import { digitsEnd, digitsValue, isDigit, isSpace } from './number-parse';

const DAY_MICROS: i64 = 86400000000;
const MINUTE_MICROS: i64 = 60000000;
/** Days whose every microsecond is an i64. */
const DAY_MAX: i32 = 106751990;

/** The last date read as YYYY-MM-DD, zero-filled, and its day; at first a text that no date has. */
const cachedText: usize = memory.data<u64>([0, -1], 16);
let cachedDay: i32 = 0;

// What the readers below found; each returns the address after what it read, or 0.
let foundDay: i32 = 0;
let foundMicros: i64 = 0;
let foundNumber: u32 = 0;

/** Parses a time to µs since the epoch, UTC. A date alone is its midnight. */
export function parseTimestamp(ptr: usize, len: u32): i64 {
  let end = ptr + len;
  if (len >= 19 && readDay(ptr)) {
    const separator = <u32>load<u8>(ptr, 10);
    if ((separator == 84 || separator == 32) && readClock(ptr + 11)) {
      const stop = finishTime(ptr + 19, end);
      if (stop == end) return inRange();
    }
  }
  while (end > ptr && isSpace(load<u8>(end - 1))) end--;
  while (ptr < end && isSpace(load<u8>(ptr))) ptr++;
  const date = readAnyDate(ptr, end);
  if (date == 0) return refuse(ERROR_CAST);
  foundMicros = 0;
  if (date == end) return inRange();
  const separator = <u32>load<u8>(date);
  if ((separator | 32) != 116 && separator != 32) return refuse(ERROR_CAST);
  const clock = readAnyClock(date + 1, end);
  if (clock == 0 || finishTime(clock, end) != end) return refuse(ERROR_CAST);
  return inRange();
}

/**
 * Stores the time of the text at `p` at `to`: a date and time of the day read last, with at most seven digits of a
 * fraction, in UTC. @returns the address behind it, where anything may follow; 0 for any other text.
 */
@inline
export function timeOfText(p: usize, to: usize): usize {
  const text = v128.and(v128.load(p), i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0));
  if (v128.any_true(v128.xor(text, v128.load(cachedText)))) return 0;
  const separator = <u32>load<u8>(p, 10);
  if ((separator != 84 && separator != 32) || !readClock(p + 11)) return 0;
  p += 19;
  if (load<u8>(p) == 46) {
    const x = load<u64>(p, 1) ^ 0x3030303030303030;
    const bit = ctz(digitsEnd(x));
    if (bit == 7 || bit == 64) return 0;
    foundMicros += <i64>digitsValue((bit < 55 ? x & (((<u64>1) << (bit - 7)) - 1) : x) << 16);
    p += 1 + (<usize>bit >> 3);
  }
  store<i64>(to, <i64>cachedDay * DAY_MICROS + foundMicros);
  return p + usize(load<u8>(p) == 90);
}

/** Parses a date to days since the epoch; of a full timestamp, the day it falls on in UTC. */
export function parseDate(ptr: usize, len: u32): i32 {
  if (len == 10 && readDay(ptr)) {
    store<i32>(CELL_STATUS, STATUS_VALUE);
    return foundDay;
  }
  let end = ptr + len;
  while (end > ptr && isSpace(load<u8>(end - 1))) end--;
  while (ptr < end && isSpace(load<u8>(ptr))) ptr++;
  if (readAnyDate(ptr, end) == end) {
    store<i32>(CELL_STATUS, STATUS_VALUE);
    return foundDay;
  }
  const micros = parseTimestamp(ptr, <u32>(end - ptr));
  const day = micros / DAY_MICROS;
  return <i32>(day - i64(micros < day * DAY_MICROS));
}

function refuse(error: i32): i64 {
  store<i32>(CELL_STATUS, error);
  return 0;
}

/** The time found, when an i64 can hold it. */
@inline
function inRange(): i64 {
  if (foundDay > DAY_MAX || foundDay < -DAY_MAX) return refuse(ERROR_OVERFLOW);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return <i64>foundDay * DAY_MICROS + foundMicros;
}

/** Reads YYYY-MM-DD, from the cache when it is the date of the last call. */
@inline
function readDay(p: usize): bool {
  const text = v128.and(v128.load(p), i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0));
  if (!v128.any_true(v128.xor(text, v128.load(cachedText)))) {
    foundDay = cachedDay;
    return true;
  }
  return readNewDay(p, text);
}

function readNewDay(p: usize, text: v128): bool {
  // YYYY-MM- XOR 0000-00-: digits become their values, hyphens zero.
  const x = load<u64>(p) ^ 0x2d30302d30303030;
  const y = <u32>load<u16>(p, 8) ^ 0x3030;
  if ((((x + 0x7f76767f76767676) | x) & 0x8080808080808080) != 0 || (((y + 0x7676) | y) & 0x8080) != 0) return false;
  const pairs = x * 10 + (x >> 8);
  const year = <u32>(pairs & 0xff) * 100 + <u32>((pairs >> 16) & 0xff);
  const month = <u32>((pairs >> 40) & 0xff);
  const day = (y & 0xff) * 10 + (y >> 8);
  if (!isDate(year, month, day)) return false;
  foundDay = dayOf(year, month, day);
  cachedDay = foundDay;
  v128.store(cachedText, text);
  return true;
}

/** Reads HH:MM:SS. */
@inline
function readClock(p: usize): bool {
  const x = load<u64>(p) ^ 0x30303a30303a3030;
  if ((((x + 0x76767f76767f7676) | x) & 0x8080808080808080) != 0) return false;
  const pairs = x * 10 + (x >> 8);
  const hour = <u32>(pairs & 0xff);
  const minute = <u32>((pairs >> 24) & 0xff);
  const second = <u32>((pairs >> 48) & 0xff);
  if (hour > 23 || minute > 59 || second > 59) return false;
  foundMicros = <i64>(hour * 3600 + minute * 60 + second) * 1000000;
  return true;
}

/** Reads an optional fraction and an optional zone. */
@inline
function finishTime(p: usize, end: usize): usize {
  if (p < end && (load<u8>(p) == 46 || load<u8>(p) == 44)) {
    p = readFraction(p + 1, end);
    if (p == 0) return 0;
  }
  if (p == end) return p;
  if (p + 1 == end && load<u8>(p) == 90) return end;
  return readZone(p, end);
}

/** Reads the digits of a fraction of a second. */
function readFraction(p: usize, end: usize): usize {
  const x = load<u64>(p) ^ 0x3030303030303030;
  const count = min<usize>(<usize>ctz(digitsEnd(x)) >> 3, end - p);
  if (count == 0) return 0;
  // The first six digits to the end of the word; what is not a digit counts as zero.
  const digits = count < 6 ? x & (((<u64>1) << ((<u64>count) << 3)) - 1) : x;
  foundMicros += <i64>digitsValue(digits << 16);
  p += count;
  if (count == 8) while (p < end && isDigit(load<u8>(p))) p++;
  return p;
}

function readZone(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) == 32) p++;
  const first = p < end ? <u32>load<u8>(p) : 0;
  if ((first | 32) == 122) return p + 1;
  if (end - p == 3 && ((load<u32>(p) & 0xffffff) | 0x202020) == 0x637475) return end;
  if (first != 43 && first != 45) return 0;
  p = readNumber(p + 1, end, 2, 2);
  if (p == 0) return 0;
  let minutes = foundNumber * 60;
  if (minutes > 24 * 60) return 0;
  if (p < end) {
    p = readNumber(p + usize(load<u8>(p) == 58), end, 2, 2);
    if (p == 0 || foundNumber > 59) return 0;
    minutes += foundNumber;
  }
  foundMicros += <i64>minutes * (first == 45 ? MINUTE_MICROS : -MINUTE_MICROS);
  return p;
}

/** Reads a date in any accepted form. */
function readAnyDate(p: usize, end: usize): usize {
  const sign = p < end ? <u32>load<u8>(p) : 0;
  const isExpanded = sign == 43 || sign == 45;
  p = readNumber(p + usize(isExpanded), end, 4, 6);
  if (p == 0) return 0;
  const year = sign == 45 ? -(<i32>foundNumber) : <i32>foundNumber;
  const separator = p < end ? <u32>load<u8>(p) : 0;
  if (separator != 45 && separator != 47) return 0;
  p = readNumber(p + 1, end, 1, 2);
  if (p == 0 || p == end || load<u8>(p) != separator) return 0;
  const month = foundNumber;
  p = readNumber(p + 1, end, 1, 2);
  if (p == 0 || !isDate(year, month, foundNumber)) return 0;
  foundDay = dayOf(year, month, foundNumber);
  return p;
}

/** Reads H[H]:M[M][:S[S]]. */
function readAnyClock(p: usize, end: usize): usize {
  p = readNumber(p, end, 1, 2);
  if (p == 0 || p == end || load<u8>(p) != 58) return 0;
  const hour = foundNumber;
  p = readNumber(p + 1, end, 1, 2);
  if (p == 0) return 0;
  const minute = foundNumber;
  foundNumber = 0;
  const hasSeconds = p < end && load<u8>(p) == 58;
  if (hasSeconds) p = readNumber(p + 1, end, 1, 2);
  if (p == 0) return 0;
  const second = hour * 3600 + minute * 60 + foundNumber;
  if (minute > 59 || foundNumber > 59 || second > 86400) return 0;
  // Only seconds have a fraction, and not those of the end of the day.
  const mayHaveFraction = hasSeconds && second != 86400;
  if (!mayHaveFraction && p < end && (load<u8>(p) == 46 || load<u8>(p) == 44)) return 0;
  foundMicros = <i64>second * 1000000;
  return p;
}

/** Reads a number of at least `digitsMin` digits, up to `digitsMax` of them. */
function readNumber(p: usize, end: usize, digitsMin: usize, digitsMax: usize): usize {
  const begin = p;
  foundNumber = 0;
  for (; p < end && p - begin < digitsMax && isDigit(load<u8>(p)); p++) {
    foundNumber = foundNumber * 10 + load<u8>(p) - 48;
  }
  return p - begin < digitsMin ? 0 : p;
}

function isDate(year: i32, month: u32, day: u32): bool {
  if (month - 1 > 11 || day - 1 > 30) return false;
  if (month != 2) return day <= 30 + ((month ^ (month >> 3)) & 1);
  const isLeap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= 28 + u32(isLeap);
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function dayOf(year: i32, month: u32, day: u32): i32 {
  // Years that begin in March end with the leap day; 400 of them are 146,097 days.
  const marchYear = year - i32(month <= 2);
  const era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400;
  const yearOfEra = marchYear - era * 400;
  const monthFromMarch = <i32>(month > 2 ? month - 3 : month + 9);
  const dayOfYear = (153 * monthFromMarch + 2) / 5 + <i32>day - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}
