// Text to intervals, for CAST(text AS INTERVAL): `5 minutes`, `1 day 02:03:04.5`, `-1.5 h`.
//
//   interval  part { [,] part }
//   part      [+|-] number unit, or [+|-] hours:minutes[:seconds[.fraction]]
//   unit      from microsecond to week, in full or short (us ms s sec m min h hr d w), singular or plural, in any case
//
// Months and years have no fixed length and are no intervals here. What is finer than a microsecond is cut.
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from './layout';
import { isDigit, isSpace } from './number-parse';
import { multiplyOverflows } from './scalar';
import { refAddress, refLength } from './text-compare';

const MINUTE_MICROS: i64 = 60000000;
const HOUR_MICROS: i64 = 3600000000;

// Where the reader is, and what it has so far.
let at: usize = 0;
let end: usize = 0;
let total: i64 = 0;
let isTooLong: bool = false;

/** Reads an interval in µs. Sets CELL_STATUS. */
export function textToInterval(text: i64): i64 {
  at = refAddress(text);
  end = at + refLength(text);
  total = 0;
  isTooLong = false;
  let parts = 0;
  skipSpace();
  while (at < end) {
    if (!readPart()) return refuse(ERROR_CAST);
    parts += 1;
    skipSpace();
    if (at < end && load<u8>(at) == 44) {
      at += 1;
      skipSpace();
      if (at == end) return refuse(ERROR_CAST);
    }
  }
  if (parts == 0) return refuse(ERROR_CAST);
  if (isTooLong) return refuse(ERROR_OVERFLOW);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return total;
}

function refuse(error: i32): i64 {
  store<i32>(CELL_STATUS, error);
  return 0;
}

function skipSpace(): void {
  while (at < end && isSpace(load<u8>(at))) at += 1;
}

function readPart(): bool {
  const sign = <u32>load<u8>(at);
  const isNegative = sign == 45;
  if (isNegative || sign == 43) at += 1;
  const start = at;
  const whole = readDigits();
  if (at < end && at > start && load<u8>(at) == 58) return readClock(whole, isNegative);
  let fraction: i64 = 0;
  let scale: i64 = 1;
  let digits = <u32>(at - start);
  if (at < end && load<u8>(at) == 46) {
    at += 1;
    for (; at < end && isDigit(load<u8>(at)); at++) {
      digits += 1;
      if (scale < 1000000) {
        fraction = fraction * 10 + (load<u8>(at) - 48);
        scale *= 10;
      }
    }
  }
  if (digits == 0) return false;
  skipSpace();
  const micros = readUnit();
  if (micros == 0) return false;
  add(whole, micros, isNegative);
  add((fraction * micros) / scale, 1, isNegative);
  return true;
}

/** Behind the hours: minutes, and seconds where they are given. */
function readClock(hours: i64, isNegative: bool): bool {
  at += 1;
  const minutes = readPair();
  if (minutes < 0) return false;
  add(hours, HOUR_MICROS, isNegative);
  add(minutes, MINUTE_MICROS, isNegative);
  if (at == end || load<u8>(at) != 58) return true;
  at += 1;
  const seconds = readPair();
  if (seconds < 0) return false;
  add(seconds, 1000000, isNegative);
  if (at == end || load<u8>(at) != 46) return true;
  at += 1;
  for (let place: i64 = 100000; at < end && isDigit(load<u8>(at)); at++) {
    add(load<u8>(at) - 48, place, isNegative);
    place /= 10;
  }
  return true;
}

/** Two digits below 60, or −1. */
function readPair(): i64 {
  if (end - at < 2 || !isDigit(load<u8>(at)) || !isDigit(load<u8>(at, 1))) return -1;
  const value = <i64>(load<u8>(at) - 48) * 10 + (load<u8>(at, 1) - 48);
  at += 2;
  return value < 60 ? value : -1;
}

function readDigits(): i64 {
  let value: i64 = 0;
  for (; at < end && isDigit(load<u8>(at)); at++) {
    if (value > 922337203685477579) isTooLong = true;
    else value = value * 10 + (load<u8>(at) - 48);
  }
  return value;
}

function add(count: i64, micros: i64, isNegative: bool): void {
  if (multiplyOverflows(count, micros)) {
    isTooLong = true;
    return;
  }
  const change = isNegative ? -(count * micros) : count * micros;
  const sum = total + change;
  if (((sum ^ total) & (sum ^ change)) < 0) isTooLong = true;
  total = sum;
}

/** µs of the unit that is named here, 0 for none. Moves behind it. */
function readUnit(): i64 {
  const start = at;
  // The first eight letters, small, the first in the lowest byte.
  let word: u64 = 0;
  while (at < end && (<u32>load<u8>(at) | 32) - 97 < 26) {
    const place = <u64>(at - start);
    if (place < 8) word |= (<u64>(load<u8>(at) | 32)) << (place << 3);
    at += 1;
  }
  let length = <u32>(at - start);
  // A plural.
  if (length > 2 && (load<u8>(at - 1) | 32) == 115) {
    length -= 1;
    if (length < 8) word &= ((<u64>1) << (length << 3)) - 1;
  }
  switch (length) {
    case 1:
      return word == 0x73 ? 1000000 : word == 0x6d ? MINUTE_MICROS : word == 0x68 ? HOUR_MICROS : longUnit(word);
    case 2: // us, ms, hr
      return word == 0x7375 ? 1 : word == 0x736d ? 1000 : word == 0x7268 ? HOUR_MICROS : 0;
    case 3: // sec, min, day
      return word == 0x636573 ? 1000000 : word == 0x6e696d ? MINUTE_MICROS : word == 0x796164 ? 24 * HOUR_MICROS : 0;
    case 4: // hour, week
      return word == 0x72756f68 ? HOUR_MICROS : word == 0x6b656577 ? 168 * HOUR_MICROS : 0;
    case 6: // second, minute
      return word == 0x646e6f636573 ? 1000000 : word == 0x6574756e696d ? MINUTE_MICROS : 0;
    case 11: // microsecond, millisecond
      if (((load<u32>(start, 8) | 0x202020) & 0xffffff) != 0x646e6f) return 0;
      return word == 0x6365736f7263696d ? 1 : word == 0x636573696c6c696d ? 1000 : 0;
    default:
      return 0;
  }
}

/** d and w. */
@inline
function longUnit(word: u64): i64 {
  return word == 0x64 ? 24 * HOUR_MICROS : word == 0x77 ? 168 * HOUR_MICROS : 0;
}
