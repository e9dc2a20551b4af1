// Fields of times and arithmetic in units, for compiled expressions: date_part, date_trunc, date_diff, time_bucket.
//
// Times are µs since 1970, UTC. Units are UNIT_* of kernels/layout.ts.
import { civilDay, civilDayOf, civilFloorDay, civilMonth, civilSplit, civilYear, DAY_MICROS } from './civil';
import {
  CELL_STATUS,
  ERROR_ARGUMENT,
  ERROR_OVERFLOW,
  STATUS_VALUE,
  UNIT_CENTURY,
  UNIT_DAY,
  UNIT_DAY_OF_WEEK,
  UNIT_DAY_OF_YEAR,
  UNIT_DECADE,
  UNIT_EPOCH,
  UNIT_ERA,
  UNIT_HOUR,
  UNIT_ISO_DAY_OF_WEEK,
  UNIT_ISO_YEAR,
  UNIT_MILLENNIUM,
  UNIT_MILLISECOND,
  UNIT_MINUTE,
  UNIT_MONTH,
  UNIT_QUARTER,
  UNIT_SECOND,
  UNIT_WEEK,
  UNIT_YEAR,
  UNIT_YEAR_WEEK,
} from './layout';

const SECOND_MICROS: i64 = 1000000;
const MINUTE_MICROS: i64 = 60000000;
const HOUR_MICROS: i64 = 3600000000;
const WEEK_MICROS: i64 = 604800000000;
/** 1970-01-05, a Monday. */
const MONDAY_MICROS: i64 = 4 * DAY_MICROS;

// What `isoSplit` found.
let isoYear: i64 = 0;
let isoWeek: i64 = 0;

/** ISO 8601: the week of a day, and the year that has its Thursday. */
export function timeIsoSplit(day: i64): void {
  const thursday = day - timeMondayOffset(day) + 3;
  civilSplit(thursday);
  isoYear = civilYear;
  isoWeek = (thursday - civilDayOf(civilYear, 1, 1)) / 7 + 1;
}

export function timeIsoYear(): i64 {
  return isoYear;
}

export function timeIsoWeek(): i64 {
  return isoWeek;
}

/** Days since Monday, 0 to 6. */
@inline
export function timeMondayOffset(day: i64): i64 {
  const offset = (day + 3) % 7;
  return offset < 0 ? offset + 7 : offset;
}

/** A field of a time; the seconds, milliseconds and microseconds are those since the minute began. */
export function timeField(time: i64, unit: i32): i64 {
  const day = civilFloorDay(time);
  if (unit <= UNIT_HOUR) {
    const inDay = time - day * DAY_MICROS;
    if (unit == UNIT_HOUR) return inDay / HOUR_MICROS;
    if (unit == UNIT_MINUTE) return (inDay / MINUTE_MICROS) % 60;
    const inMinute = inDay % MINUTE_MICROS;
    if (unit == UNIT_SECOND) return inMinute / SECOND_MICROS;
    return unit == UNIT_MILLISECOND ? inMinute / 1000 : inMinute;
  }
  switch (unit) {
    case UNIT_DAY_OF_WEEK:
      return (timeMondayOffset(day) + 1) % 7;
    case UNIT_ISO_DAY_OF_WEEK:
      return timeMondayOffset(day) + 1;
    case UNIT_EPOCH:
      return floorDivide(time, SECOND_MICROS);
    case UNIT_WEEK:
      timeIsoSplit(day);
      return isoWeek;
    case UNIT_ISO_YEAR:
      timeIsoSplit(day);
      return isoYear;
    case UNIT_YEAR_WEEK:
      timeIsoSplit(day);
      return isoYear * 100 + (isoYear > 0 ? isoWeek : -isoWeek);
    default:
      civilSplit(day);
      return civilField(day, unit);
  }
}

function civilField(day: i64, unit: i32): i64 {
  const year = <i64>civilYear;
  switch (unit) {
    case UNIT_DAY:
      return civilDay;
    case UNIT_MONTH:
      return civilMonth;
    case UNIT_QUARTER:
      return (civilMonth - 1) / 3 + 1;
    case UNIT_YEAR:
      return year;
    case UNIT_DECADE:
      return year / 10;
    case UNIT_CENTURY:
      return year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1;
    case UNIT_MILLENNIUM:
      return year > 0 ? (year - 1) / 1000 + 1 : year / 1000 - 1;
    case UNIT_DAY_OF_YEAR:
      return day - civilDayOf(year, 1, 1) + 1;
    default: // UNIT_ERA
      return i64(year > 0);
  }
}

@inline
function floorDivide(a: i64, b: i64): i64 {
  const quotient = a / b;
  return quotient - i64(a < quotient * b);
}

/** µs of a unit of fixed length. */
export function timeUnitMicros(unit: i32): i64 {
  switch (unit) {
    case UNIT_MILLISECOND:
      return 1000;
    case UNIT_SECOND:
      return SECOND_MICROS;
    case UNIT_MINUTE:
      return MINUTE_MICROS;
    case UNIT_HOUR:
      return HOUR_MICROS;
    case UNIT_DAY:
      return DAY_MICROS;
    case UNIT_WEEK:
      return WEEK_MICROS;
    default:
      return 1;
  }
}

/** The beginning of the unit that a time is in; weeks begin on Monday. */
export function timeTruncate(time: i64, unit: i32): i64 {
  if (unit == UNIT_WEEK) return floorDivide(time - MONDAY_MICROS, WEEK_MICROS) * WEEK_MICROS + MONDAY_MICROS;
  if (unit <= UNIT_DAY) {
    const micros = timeUnitMicros(unit);
    return floorDivide(time, micros) * micros;
  }
  const day = civilFloorDay(time);
  if (unit == UNIT_ISO_YEAR) {
    timeIsoSplit(day);
    return (day - timeMondayOffset(day) - (isoWeek - 1) * 7) * DAY_MICROS;
  }
  civilSplit(day);
  let year = <i64>civilYear;
  let month: u32 = 1;
  switch (unit) {
    case UNIT_MONTH:
      month = civilMonth;
      break;
    case UNIT_QUARTER:
      month = civilMonth - ((civilMonth - 1) % 3);
      break;
    case UNIT_DECADE:
      year = (year / 10) * 10;
      break;
    case UNIT_CENTURY:
      year = (year / 100) * 100;
      break;
    case UNIT_MILLENNIUM:
      year = (year / 1000) * 1000;
      break;
  }
  return civilDayOf(year, month, 1) * DAY_MICROS;
}

/** Boundaries of a unit between two times; of weeks, whole ones of seven days. */
export function timeDifference(from: i64, to: i64, unit: i32): i64 {
  if (unit == UNIT_WEEK) return (civilFloorDay(to) - civilFloorDay(from)) / 7;
  if (unit <= UNIT_DAY) {
    const micros = timeUnitMicros(unit);
    return floorDivide(to, micros) - floorDivide(from, micros);
  }
  return timeIndex(to, unit) - timeIndex(from, unit);
}

/** Counts the calendar units up to a time. */
function timeIndex(time: i64, unit: i32): i64 {
  civilSplit(civilFloorDay(time));
  const year = <i64>civilYear;
  switch (unit) {
    case UNIT_MONTH:
      return year * 12 + civilMonth;
    case UNIT_QUARTER:
      return year * 4 + (civilMonth - 1) / 3;
    case UNIT_DECADE:
      return year / 10;
    case UNIT_CENTURY:
      return year / 100;
    case UNIT_MILLENNIUM:
      return year / 1000;
    default:
      return year;
  }
}

/** Beginning of the bucket that a time is in: buckets of `width` µs, one of which begins at `origin`. Sets CELL_STATUS. */
export function timeBucket(width: i64, time: i64, origin: i64): i64 {
  store<i32>(CELL_STATUS, width > 0 ? STATUS_VALUE : ERROR_ARGUMENT);
  if (width <= 0) return 0;
  let shift = origin % width;
  // Subtracting the origin must not leave the range: only its place within a bucket matters.
  if (shift < 0) shift += width;
  const rest = ((((time % width) - shift) % width) + width) % width;
  const start = time - rest;
  if (start > time) store<i32>(CELL_STATUS, ERROR_OVERFLOW);
  return start;
}

/** The day of a date. Sets CELL_STATUS: ERROR_ARGUMENT where there is none. */
export function timeMakeDate(year: i64, month: i64, day: i64): i32 {
  store<i32>(CELL_STATUS, ERROR_ARGUMENT);
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < -5877641 || year > 5881580) return 0;
  const days = civilDayOf(year, <u32>month, <u32>day);
  civilSplit(days);
  if (civilMonth != <u32>month || days != <i64>(<i32>days)) return 0;
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return <i32>days;
}

/** The time of a day and a clock; 24:00 and second 60 are the next day and minute. Sets CELL_STATUS. */
export function timeMake(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: f64): i64 {
  const days = <i64>timeMakeDate(year, month, day);
  if (load<i32>(CELL_STATUS) != STATUS_VALUE) return 0;
  const isEndOfDay = hour == 24 && minute == 0 && second == 0;
  const isClock = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61;
  if (!isEndOfDay && !isClock) store<i32>(CELL_STATUS, ERROR_ARGUMENT);
  else if (days > 106751990 || days < -106751990) store<i32>(CELL_STATUS, ERROR_OVERFLOW);
  else return days * DAY_MICROS + hour * HOUR_MICROS + minute * MINUTE_MICROS + <i64>nearest(second * 1000000.0);
  return 0;
}

/** The last day of the month that a time is in. */
export function timeLastDay(time: i64): i32 {
  civilSplit(civilFloorDay(time));
  const year = <i64>civilYear + i64(civilMonth == 12);
  return <i32>(civilDayOf(year, (civilMonth % 12) + 1, 1) - 1);
}
