// strftime: a time written in a format, for compiled expressions.
//
// Specifiers are those of DuckDB: %a %A %w %u %d %-d %b %B %h %m %-m %y %-y %Y %H %-H %I %-I %p %M %-M %S %-S %f (µs) %g
// (ms) %n (ns) %z %Z %j %-j %U %W %V %G %c %x %X %T %%. Any other is ERROR_ARGUMENT.
import { civilDay, civilDayOf, civilFloorDay, civilMonth, civilSplit, civilYear, DAY_MICROS } from './civil';
import { CELL_STATUS, ERROR_ARGUMENT, STATUS_VALUE } from './layout';
import { transientAllocate } from './memory';
import { printPair, printU64 } from './number-print';
import { refAddress, refLength, refOf } from './text-compare';
import { timeIsoSplit, timeIsoWeek, timeIsoYear, timeMondayOffset } from './time-fields';

/** Bytes that one specifier may write: %c with a long year. */
const SPECIFIER_BYTES: u32 = 32;

/** Names padded to 12 bytes, the last of which is the length. */
// biome-ignore format: one name a line
const monthNames: usize = memory.data<u8>([
  74, 97, 110, 117, 97, 114, 121, 0, 0, 0, 0, 7,
  70, 101, 98, 114, 117, 97, 114, 121, 0, 0, 0, 8,
  77, 97, 114, 99, 104, 0, 0, 0, 0, 0, 0, 5,
  65, 112, 114, 105, 108, 0, 0, 0, 0, 0, 0, 5,
  77, 97, 121, 0, 0, 0, 0, 0, 0, 0, 0, 3,
  74, 117, 110, 101, 0, 0, 0, 0, 0, 0, 0, 4,
  74, 117, 108, 121, 0, 0, 0, 0, 0, 0, 0, 4,
  65, 117, 103, 117, 115, 116, 0, 0, 0, 0, 0, 6,
  83, 101, 112, 116, 101, 109, 98, 101, 114, 0, 0, 9,
  79, 99, 116, 111, 98, 101, 114, 0, 0, 0, 0, 7,
  78, 111, 118, 101, 109, 98, 101, 114, 0, 0, 0, 8,
  68, 101, 99, 101, 109, 98, 101, 114, 0, 0, 0, 8,
], 16);

// biome-ignore format: one name a line
const dayNames: usize = memory.data<u8>([
  77, 111, 110, 100, 97, 121, 0, 0, 0, 0, 0, 6,
  84, 117, 101, 115, 100, 97, 121, 0, 0, 0, 0, 7,
  87, 101, 100, 110, 101, 115, 100, 97, 121, 0, 0, 9,
  84, 104, 117, 114, 115, 100, 97, 121, 0, 0, 0, 8,
  70, 114, 105, 100, 97, 121, 0, 0, 0, 0, 0, 6,
  83, 97, 116, 117, 114, 100, 97, 121, 0, 0, 0, 8,
  83, 117, 110, 100, 97, 121, 0, 0, 0, 0, 0, 6,
], 16);

const NAME_BYTES: u32 = 12;

@inline
function nameOf(names: usize, index: u32): i64 {
  const name = names + index * NAME_BYTES;
  return refOf(name, load<u8>(name, NAME_BYTES - 1));
}

/** The English name of a time's month. */
export function timeMonthName(time: i64): i64 {
  civilSplit(civilFloorDay(time));
  return nameOf(monthNames, civilMonth - 1);
}

/** The English name of a time's day of the week. */
export function timeDayName(time: i64): i64 {
  return nameOf(dayNames, <u32>timeMondayOffset(civilFloorDay(time)));
}

// The time being written.
let day: i64 = 0;
let inDay: i64 = 0;

/** Writes a time in a format. Sets CELL_STATUS. */
export function timeFormat(time: i64, format: i64): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  day = civilFloorDay(time);
  inDay = time - day * DAY_MICROS;
  let at = refAddress(format);
  const end = at + refLength(format);
  const to = transientAllocate(refLength(format) * (SPECIFIER_BYTES / 2) + 2 * SPECIFIER_BYTES);
  let out = to;
  while (at < end) {
    const byte = load<u8>(at);
    at += 1;
    if (byte != 37) {
      store<u8>(out, byte);
      out += 1;
      continue;
    }
    const isBare = at + 1 < end && load<u8>(at) == 45;
    if (isBare) at += 1;
    const next = at < end ? writeSpecifier(load<u8>(at), isBare, out) : 0;
    if (next == 0) {
      store<i32>(CELL_STATUS, ERROR_ARGUMENT);
      return 0;
    }
    out = next;
    at += 1;
  }
  return refOf(to, <u32>(out - to));
}

/** @returns the address after what was written, 0 for an unknown specifier. */
function writeSpecifier(specifier: u32, isBare: bool, to: usize): usize {
  const seconds = <u32>(inDay / 1000000);
  const hour = seconds / 3600;
  civilSplit(day);
  switch (specifier) {
    case 100: // d
      return writeNumber(civilDay, 2, isBare, to);
    case 109: // m
      return writeNumber(civilMonth, 2, isBare, to);
    case 121: // y
      return writeNumber(abs(civilYear) % 100, 2, isBare, to);
    case 72: // H
      return writeNumber(hour, 2, isBare, to);
    case 73: // I
      return writeNumber(hour % 12 == 0 ? 12 : hour % 12, 2, isBare, to);
    case 77: // M
      return writeNumber((seconds / 60) % 60, 2, isBare, to);
    case 83: // S
      return writeNumber(seconds % 60, 2, isBare, to);
    case 106: // j
      return writeNumber(dayOfYear() + 1, 3, isBare, to);
  }
  if (isBare) return 0;
  switch (specifier) {
    case 37: // %
      store<u8>(to, 37);
      return to + 1;
    case 112: // p
      store<u16>(to, hour < 12 ? 0x4d41 : 0x4d50);
      return to + 2;
    case 102: // f
      return writeNumber(<u32>(inDay % 1000000), 6, false, to);
    case 103: // g
      return writeNumber(<u32>((inDay / 1000) % 1000), 3, false, to);
    case 110: // n
      return writeNumber(<u32>(inDay % 1000000) * 1000, 9, false, to);
    case 122: // z
      store<u32>(to, 0x30302b);
      return to + 3;
    case 90: // Z
      return to;
    default:
      return writeDate(specifier, to);
  }
}

function writeDate(specifier: u32, to: usize): usize {
  const weekday = <u32>timeMondayOffset(day);
  switch (specifier) {
    case 97: // a
      return writeName(nameOf(dayNames, weekday), 3, to);
    case 65: // A
      return writeName(nameOf(dayNames, weekday), NAME_BYTES, to);
    case 98: // b
    case 104: // h
      return writeName(nameOf(monthNames, civilMonth - 1), 3, to);
    case 66: // B
      return writeName(nameOf(monthNames, civilMonth - 1), NAME_BYTES, to);
    case 119: // w
      return writeNumber((weekday + 1) % 7, 1, false, to);
    case 117: // u
      return writeNumber(weekday + 1, 1, false, to);
    case 85: // U: weeks that begin on Sunday; days before the first Sunday are in week 0
      return writeNumber((dayOfYear() + 7 - ((weekday + 1) % 7)) / 7, 2, false, to);
    case 87: // W: weeks that begin on Monday
      return writeNumber((dayOfYear() + 7 - weekday) / 7, 2, false, to);
    case 86: // V
      timeIsoSplit(day);
      return writeNumber(<u32>timeIsoWeek(), 2, false, to);
    case 71: // G
      timeIsoSplit(day);
      return writeYear(timeIsoYear(), to);
    case 89: // Y
      return writeYear(civilYear, to);
    case 120: // x
      return writeDay(to);
    case 88: // X
    case 84: // T
      return writeClock(to);
    case 99: {
      // c
      const clock = writeDay(to);
      store<u8>(clock, 32);
      return writeClock(clock + 1);
    }
    default:
      return 0;
  }
}

/** Days of the year before this one. */
@inline
function dayOfYear(): u32 {
  return <u32>(day - civilDayOf(civilYear, 1, 1));
}

function writeNumber(value: u32, digits: u32, isBare: bool, to: usize): usize {
  if (isBare) return to + printU64(value, to);
  let rest = value;
  for (let i = digits; i > 0; i--) {
    store<u8>(to + i - 1, 48 + (rest % 10));
    rest /= 10;
  }
  return to + digits;
}

function writeName(name: i64, most: u32, to: usize): usize {
  const length = min(refLength(name), most);
  memory.copy(to, refAddress(name), length);
  return to + length;
}

function writeYear(year: i64, to: usize): usize {
  if (year >= 0 && year <= 9999) return writeNumber(<u32>year, 4, false, to);
  let out = to;
  if (year < 0) {
    store<u8>(out, 45);
    out += 1;
  }
  return out + printU64(abs(year), out);
}

function writeDay(to: usize): usize {
  const month = writeYear(civilYear, to);
  store<u8>(month, 45);
  printPair(civilMonth, month + 1);
  store<u8>(month, 45, 3);
  printPair(civilDay, month + 4);
  return month + 6;
}

function writeClock(to: usize): usize {
  const seconds = <u32>(inDay / 1000000);
  printPair(seconds / 3600, to);
  store<u8>(to, 58, 2);
  printPair((seconds / 60) % 60, to + 3);
  store<u8>(to, 58, 5);
  printPair(seconds % 60, to + 6);
  return to + 8;
}
