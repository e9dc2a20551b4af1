// Times to text: TIMESTAMP as ISO-8601, DATE, INTERVAL, and epoch numbers in any unit.
//
//   timestamp  2024-01-01T00:00:00Z; a fraction only where there is one: 3 digits, or 6 when 3 cannot hold it
//   date       2024-01-01
//   interval   00:01:30.5, hours beyond 24 where needed, as DuckDB prints an interval of microseconds
//   epoch      1704067200.5: the exact number in the unit asked for
//
// Years outside 0000 to 9999 take ISO 8601's expanded form, a sign and at least six digits (-000001, +010000), as
// JavaScript writes them. The texts of the last day and of the last repeated timestamp are kept: rows near each other
// share them.
// Every function may write up to 40 bytes at `to`, whatever length it returns.
import { printI64, printPair, printU64 } from './number-print';

const DAY_MICROS: i64 = 86400000000;

/** The day whose text is in `dayText`; a day that no timestamp has at first. */
let cachedDay: i32 = i32.MIN_VALUE;
let cachedBytes: u32 = 0;
const dayText: usize = memory.data(48, 16);

/** The timestamp printed last, and the one whose text is in `timeText`: rows of one window share its bounds. */
let lastTime: i64 = i64.MIN_VALUE;
let cachedTime: i64 = i64.MIN_VALUE;
let cachedTimeBytes: u32 = 0;
const timeText: usize = memory.data(48, 16);

/** Prints µs since the epoch as ISO-8601 in UTC. @returns bytes written, 30 at most. */
export function printTimestamp(value: i64, to: usize): u32 {
  if (value != lastTime) {
    lastTime = value;
    return printNew(value, to);
  }
  // The text is kept when a time comes for the second time: many columns never have one twice.
  if (value != cachedTime || !cachedTimeBytes) {
    cachedTimeBytes = printNew(value, timeText);
    cachedTime = value;
  }
  v128.store(to, v128.load(timeText));
  v128.store(to, v128.load(timeText, 16), 16);
  return cachedTimeBytes;
}

function printNew(value: i64, to: usize): u32 {
  const day = floorDay(value);
  const micros = <u64>(value - day * DAY_MICROS);
  if (<i32>day != cachedDay) {
    cachedBytes = printDate(<i32>day, dayText);
    cachedDay = <i32>day;
  }
  v128.store(to, v128.load(dayText));
  const time = to + cachedBytes;
  store<u8>(time, 84); // T
  const seconds = <u32>(micros / 1000000);
  printClock(seconds, time + 1);
  const fraction = <u32>(micros - <u64>seconds * 1000000);
  if (fraction == 0) {
    store<u8>(time, 90, 9); // Z
    return cachedBytes + 10;
  }
  store<u8>(time, 46, 9);
  const millis = fraction / 1000;
  printThree(millis, time + 10);
  if (millis * 1000 == fraction) {
    store<u8>(time, 90, 13);
    return cachedBytes + 14;
  }
  printThree(fraction - millis * 1000, time + 13);
  store<u8>(time, 90, 16);
  return cachedBytes + 17;
}

/** Prints days since the epoch. @returns bytes written, 14 at most. */
export function printDate(value: i32, to: usize): u32 {
  // Years that begin in March end with the leap day; 400 of them are 146,097 days.
  const shifted = <i64>value + 719468;
  const era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const dayOfEra = <u32>(shifted - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = <i32>(<i64>yearOfEra + era * 400) + i32(month <= 2);
  const rest = to + printYear(year, to);
  store<u8>(rest, 45);
  printPair(month, rest + 1);
  store<u8>(rest, 45, 3);
  printPair(day, rest + 4);
  return <u32>(rest + 6 - to);
}

/** Prints an interval of µs. @returns bytes written, 24 at most. */
export function printInterval(value: i64, to: usize): u32 {
  const start = to;
  if (value < 0) {
    store<u8>(to, 45);
    to += 1;
  }
  const micros = <u64>(value < 0 ? -value : value);
  const hours = micros / 3600000000;
  if (hours < 10) {
    store<u8>(to, 48);
    to += 1;
  }
  to += printU64(hours, to);
  const rest = <u32>(micros - hours * 3600000000);
  const minutes = rest / 60000000;
  const seconds = (rest - minutes * 60000000) / 1000000;
  store<u8>(to, 58);
  printPair(minutes, to + 1);
  store<u8>(to, 58, 3);
  printPair(seconds, to + 4);
  to += 6;
  const fraction = rest - minutes * 60000000 - seconds * 1000000;
  return <u32>(to + printFractionDigits(fraction, 6, to) - start);
}

/**
 * Prints µs since the epoch as the exact number in a unit of `unitMicros` µs (1, 1,000 or 1,000,000), or in
 * nanoseconds for 0. @returns bytes written, 24 at most.
 */
export function printEpoch(value: i64, unitMicros: u32, to: usize): u32 {
  if (unitMicros == 0) {
    const length = printI64(value, to);
    if (value == 0) return length;
    store<u32>(to + length, 0x303030); // three zeros
    return length + 3;
  }
  if (unitMicros == 1) return printI64(value, to);
  const start = to;
  if (value < 0) {
    store<u8>(to, 45);
    to += 1;
  }
  const micros = <u64>(value < 0 ? -value : value);
  const whole = micros / unitMicros;
  to += printU64(whole, to);
  return <u32>(to + printFractionDigits(<u32>(micros - whole * unitMicros), unitMicros == 1000 ? 3 : 6, to) - start);
}

@inline
function floorDay(value: i64): i64 {
  const day = value / DAY_MICROS;
  return day - i64(value < day * DAY_MICROS);
}

/** Writes HH:MM:SS. */
@inline
function printClock(secondOfDay: u32, to: usize): void {
  const hour = secondOfDay / 3600;
  const inHour = secondOfDay - hour * 3600;
  const minute = inHour / 60;
  printPair(hour, to);
  store<u8>(to, 58, 2);
  printPair(minute, to + 3);
  store<u8>(to, 58, 5);
  printPair(inHour - minute * 60, to + 6);
}

/** Writes a number below 1000 as three digits. */
@inline
function printThree(value: u32, to: usize): void {
  const tens = value / 10;
  printPair(tens, to);
  store<u8>(to, 48 + value - tens * 10, 2);
}

function printYear(year: i32, to: usize): u32 {
  if (year >= 0 && year <= 9999) {
    const century = <u32>year / 100;
    printPair(century, to);
    printPair(<u32>year - century * 100, to + 2);
    return 4;
  }
  const size = <u32>abs(year);
  store<u8>(to, year < 0 ? 45 : 43);
  let length: u32 = 1;
  for (let bound: u32 = 100000; bound > size && bound > 1; bound /= 10) {
    store<u8>(to + length, 48);
    length += 1;
  }
  return length + printU64(size, to + length);
}

/** Writes `.` and the digits of a fraction of `digits` places without trailing zeros; nothing for 0. */
function printFractionDigits(fraction: u32, digits: u32, to: usize): u32 {
  if (fraction == 0) return 0;
  store<u8>(to, 46);
  let length: u32 = 0;
  for (let place: u32 = digits == 3 ? 100 : 100000; fraction != 0; place /= 10) {
    const digit = fraction / place;
    length += 1;
    store<u8>(to + length, 48 + digit);
    fraction -= digit * place;
  }
  return length + 1;
}
