// Casts between text and other values, for compiled expressions: what CAST(x AS VARCHAR) prints and what it reads.
//
// Text is as DuckDB prints it: doubles as the shortest decimal that reads back, with `.0` where there is no fraction
// and an exponent below 1e-4 and from 1e16; times as `2024-01-31 12:00:00.5`; years before 1 as `0044-03-15 (BC)`.
// Made strings are on the transient stack. The readers set CELL_STATUS.
import { civilDay, civilFloorDay, civilMonth, civilSplit, civilYear, DAY_MICROS } from './civil';
import { jsonSkipSpace, jsonValueEnd } from './json-scan';
import { CELL_STATUS, ERROR_CAST, STATUS_VALUE } from './layout';
import { transientAllocate } from './memory';
import { parseF64, parseI64Rounded } from './number-parse';
import { printF64, printI64, printPair, printU64 } from './number-print';
import { refAddress, refLength, refOf } from './text-compare';
import { parseDate, parseTimestamp } from './time-parse';
import { printInterval } from './time-print';

/** Room for the text of any number or time: printers may write 40 bytes whatever they return. */
const TEXT_BYTES: u32 = 64;

export function textFromI64(value: i64): i64 {
  const to = transientAllocate(TEXT_BYTES);
  return refOf(to, printI64(value, to));
}

export function textFromInterval(value: i64): i64 {
  const to = transientAllocate(TEXT_BYTES);
  return refOf(to, printInterval(value, to));
}

/** Where `textFromF64` collects digits. */
const digitText: usize = memory.data(64, 16);

export function textFromF64(value: f64): i64 {
  const to = transientAllocate(TEXT_BYTES);
  if (value != value) return literal3(to, 0x6e616e); // nan
  const isNegative = reinterpret<i64>(value) < 0;
  let end = to;
  if (isNegative) {
    store<u8>(end, 45);
    end += 1;
  }
  const size = abs(value);
  if (size == Infinity) {
    literal3(end, 0x666e69); // inf
    return refOf(to, <u32>(end + 3 - to));
  }
  end = printSize(size, end);
  return refOf(to, <u32>(end - to));
}

@inline
function literal3(to: usize, text: u32): i64 {
  store<u32>(to, text);
  return refOf(to, 3);
}

/** Prints a finite double that is not negative. @returns the end. */
function printSize(size: f64, to: usize): usize {
  const length = printF64(size, to);
  // An integer or a short fraction already reads as wanted, but for the `.0`.
  let hasPoint = false;
  let hasExponent = false;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(to + i);
    hasPoint = hasPoint || byte == 46;
    hasExponent = hasExponent || byte == 101;
  }
  if (!hasExponent && size < 1e16 && (size >= 1e-4 || size == 0)) {
    if (hasPoint) return to + length;
    store<u16>(to + length, 0x302e); // .0
    return to + length + 2;
  }
  return printScientific(to, length);
}

/** Rewrites the decimal text at `to` as d[.ddd]e±XX. @returns the end. */
function printScientific(to: usize, length: u32): usize {
  // digits without leading zeros; value = 0.digits · 10^exponent
  let count: u32 = 0;
  let exponent: i32 = 0;
  let afterPoint = false;
  for (let i: u32 = 0; i < length; i++) {
    const byte = <u32>load<u8>(to + i);
    if (byte == 46) {
      afterPoint = true;
    } else if (byte == 101) {
      exponent += <i32>parseI64Rounded(to + i + 1, length - i - 1);
      break;
    } else {
      const isLeadingZero = byte == 48 && count == 0;
      if (!isLeadingZero) store<u8>(digitText + count++, byte);
      if (afterPoint) exponent -= i32(isLeadingZero);
      else exponent += i32(!isLeadingZero);
    }
  }
  while (count > 1 && load<u8>(digitText + count - 1) == 48) count--;
  exponent -= 1;
  store<u8>(to, load<u8>(digitText));
  let end = to + 1;
  if (count > 1) {
    store<u8>(end, 46);
    memory.copy(end + 1, digitText + 1, count - 1);
    end += count;
  }
  store<u8>(end, 101);
  store<u8>(end, exponent < 0 ? 45 : 43, 1);
  const size = <u32>abs(exponent);
  if (size < 100) {
    printPair(size, end + 2);
    return end + 4;
  }
  return end + 2 + printU64(size, end + 2);
}

export function textFromDate(days: i32): i64 {
  const to = transientAllocate(TEXT_BYTES);
  civilSplit(days);
  return refOf(to, <u32>(printCivil(to) - to));
}

export function textFromTimestamp(value: i64): i64 {
  const to = transientAllocate(TEXT_BYTES);
  const day = civilFloorDay(value);
  civilSplit(day);
  let end = printCivil(to);
  const micros = <u64>(value - day * DAY_MICROS);
  const seconds = <u32>(micros / 1000000);
  store<u8>(end, 32);
  printPair(seconds / 3600, end + 1);
  store<u8>(end, 58, 3);
  printPair((seconds / 60) % 60, end + 4);
  store<u8>(end, 58, 6);
  printPair(seconds % 60, end + 7);
  end += 9;
  let fraction = <u32>(micros - <u64>seconds * 1000000);
  if (fraction != 0) {
    store<u8>(end, 46);
    end += 1;
    for (let place: u32 = 100000; fraction != 0; place /= 10) {
      const digit = fraction / place;
      store<u8>(end, 48 + digit);
      end += 1;
      fraction -= digit * place;
    }
  }
  return refOf(to, <u32>(end - to));
}

/** Prints civilYear-civilMonth-civilDay; years before 1 count back from 1 BC. @returns the end. */
function printCivil(to: usize): usize {
  const year = <u32>(civilYear > 0 ? civilYear : 1 - civilYear);
  let end = to;
  for (let bound: u32 = 1000; bound > year && bound > 1; bound /= 10) {
    store<u8>(end, 48);
    end += 1;
  }
  end += printU64(year, end);
  store<u8>(end, 45);
  printPair(civilMonth, end + 1);
  store<u8>(end, 45, 3);
  printPair(civilDay, end + 4);
  if (civilYear > 0) return end + 6;
  store<u32>(end + 6, 0x43422820); // " (BC"
  store<u8>(end, 41, 10);
  return end + 11;
}

export function textToI64(ref: i64): i64 {
  return parseI64Rounded(refAddress(ref), refLength(ref));
}

export function textToF64(ref: i64): f64 {
  return parseF64(refAddress(ref), refLength(ref));
}

export function textToTimestamp(ref: i64): i64 {
  return parseTimestamp(refAddress(ref), refLength(ref));
}

export function textToDate(ref: i64): i32 {
  return parseDate(refAddress(ref), refLength(ref));
}

/** true, t, yes, y, 1 and their opposites, in any case. */
export function textToBoolean(ref: i64): bool {
  const length = refLength(ref);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  if (length - 1 < 5) {
    // Set the bit that makes letters small; digits have it already.
    const unused: u64 = (8 - length) << 3;
    const word = ((load<u64>(refAddress(ref)) | 0x2020202020202020) << unused) >> unused;
    if (word == 0x74 || word == 0x65757274 || word == 0x79 || word == 0x736579 || word == 0x31) return true;
    if (word == 0x66 || word == 0x65736c6166 || word == 0x6e || word == 0x6f6e || word == 0x30) return false;
  }
  store<i32>(CELL_STATUS, ERROR_CAST);
  return false;
}

/** The JSON value that a text is, in a copy without the space around it and with spaces for its line ends. */
export function textToJson(ref: i64): i64 {
  const length = refLength(ref);
  // The scanners stop at a newline, so a copy ends with one, and has carriage returns for those within.
  const copy = transientAllocate(length + 16);
  memory.copy(copy, refAddress(ref), length);
  for (let i: u32 = 0; i < length; i++) if (load<u8>(copy + i) == 10) store<u8>(copy + i, 13);
  store<u8>(copy + length, 10);
  const start = jsonSkipSpace(copy);
  const end = jsonValueEnd(start);
  const isJson = end != 0 && jsonSkipSpace(end) == copy + length;
  store<i32>(CELL_STATUS, isJson ? STATUS_VALUE : ERROR_CAST);
  if (!isJson) return 0;
  for (let p = start; p < end; p++) if (load<u8>(p) == 13) store<u8>(p, 32);
  return refOf(start, <u32>(end - start));
}
