// Text to numbers: integers of 64 bits, and doubles rounded exactly as JavaScript's `Number(text)` rounds them.
//
// Text is [spaces] [+|-] digits [. digits] [e [+|-] digits] [spaces]; `.5` and `5.` are numbers. Doubles are also `inf`,
// `infinity` and `nan` in any case. The ways from text to double, tried in this order:
//
//   1. at most 2^53 times or divided by an exact power of ten (W. Clinger, "How to read floating point numbers
//      accurately", 1990);
//   2. the first 19 digits times a 128-bit power of ten (kernels/number-scale.ts); with more digits, m and m + 1 must
//      give the same double;
//   3. exact integers (kernels/number-exact.ts).
//
// Every parser sets CELL_STATUS: STATUS_VALUE, ERROR_CAST (not a number of that kind) or ERROR_OVERFLOW (a number out
// of range); the result is then unspecified.
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from './layout';
import { exactF64 } from './number-exact';
import { doublePower, roughF64, scaledF64 } from './number-scale';

/** 10^0 to 10^19. */
// biome-ignore format: five powers a line
const integerPowers: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000,
  100000, 1000000, 10000000, 100000000, 1000000000,
  10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
  1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000,
], 16);

// What `decimalScan` found: value = ± mantissa · 10^exponent, cut to 19 digits when `decimalIsCut`.
export let decimalMantissa: u64 = 0;
export let decimalExponent: i32 = 0;
export let decimalIsNegative: bool = false;
export let decimalIsCut: bool = false;

/** 10^k for 0 ≤ k ≤ 19. */
@inline
export function integerPower(k: u32): u64 {
  return load<u64>(integerPowers + ((<usize>k) << 3));
}

/**
 * Marks the bytes of eight characters that are not digits with their top bit; exact up to and including the first, and
 * beyond it where that one is a point. `x` is the characters XOR 0x30 each.
 */
@inline
export function digitsEnd(x: u64): u64 {
  return ((x + 0x7676767676767676) | x) & 0x8080808080808080;
}

/** The number of eight digits (0 to 9, the first in the lowest byte). */
@inline
export function digitsValue(x: u64): u64 {
  const pairs = x * 10 + (x >> 8);
  return (
    ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >>
    32
  );
}

@inline
export function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

@inline
export function isSpace(byte: u32): bool {
  return byte == 32 || byte - 9 < 5;
}

/** Parses an integer; a fraction must be zero and an exponent may not leave one: `1.0` and `1e3`, not `12e-1`. */
export function parseI64(ptr: usize, len: u32): i64 {
  if (len - 1 < 16) {
    const first = load<u64>(ptr) ^ 0x3030303030303030;
    if (len <= 8) {
      const x = first << ((8 - len) << 3);
      if (digitsEnd(x) == 0) {
        store<i32>(CELL_STATUS, STATUS_VALUE);
        return digitsValue(x);
      }
    } else {
      const high = first << ((16 - len) << 3);
      const low = load<u64>(ptr + len - 8) ^ 0x3030303030303030;
      if ((digitsEnd(high) | digitsEnd(low)) == 0) {
        store<i32>(CELL_STATUS, STATUS_VALUE);
        return digitsValue(high) * 100000000 + digitsValue(low);
      }
    }
  }
  return parseInteger(ptr, len, false);
}

/** Parses a number and rounds it to an integer, halves away from zero, as a cast does. */
export function parseI64Rounded(ptr: usize, len: u32): i64 {
  return parseInteger(ptr, len, true);
}

/** Parses a number times 10^`power` (at most 6 either way) to an integer; digits below one are cut off. */
export function parseScaledI64(ptr: usize, len: u32, power: i32): i64 {
  const end = trimmedEnd(ptr, ptr + len);
  const begin = trimmedBegin(ptr, end);
  const stop = decimalScan(begin, end);
  if (stop != end || stop == 0) return refuse(ERROR_CAST);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  let magnitude = decimalMantissa;
  const exponent = decimalExponent + power;
  if (exponent < 0) magnitude = exponent > -20 ? magnitude / integerPower(-exponent) : 0;
  else if (exponent > 0 && magnitude != 0) {
    // Digits that were cut off here stand before the point of the result: it has more than 19.
    const scale = exponent < 19 && !decimalIsCut ? integerPower(exponent) : 0;
    if (scale == 0 || magnitude > 0x8000000000000000 / scale) return refuse(ERROR_OVERFLOW);
    magnitude *= scale;
  }
  if (magnitude > <u64>i64.MAX_VALUE + u64(decimalIsNegative)) return refuse(ERROR_OVERFLOW);
  return decimalIsNegative ? -(<i64>magnitude) : <i64>magnitude;
}

/** Parses a double. */
export function parseF64(ptr: usize, len: u32): f64 {
  const end = trimmedEnd(ptr, ptr + len);
  const begin = trimmedBegin(ptr, end);
  const stop = decimalScan(begin, end);
  if (stop != end || stop == 0) return parseWord(begin, end);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  const value = decimalToF64(begin, end);
  return decimalIsNegative ? -value : value;
}

function trimmedEnd(begin: usize, end: usize): usize {
  while (end > begin && isSpace(load<u8>(end - 1))) end--;
  return end;
}

function trimmedBegin(begin: usize, end: usize): usize {
  while (begin < end && isSpace(load<u8>(begin))) begin++;
  return begin;
}

function parseInteger(ptr: usize, len: u32, rounds: bool): i64 {
  const end = trimmedEnd(ptr, ptr + len);
  const begin = trimmedBegin(ptr, end);
  const stop = decimalScan(begin, end);
  if (stop != end || stop == 0) return refuse(ERROR_CAST);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  let magnitude = decimalMantissa;
  if (magnitude == 0) return 0;
  if (decimalExponent == 0 && decimalIsCut) {
    // Exactly the digits before the point were kept.
    if (!rounds) return refuse(ERROR_CAST);
    magnitude += u64(decimalNextDigit >= 5);
  } else if (decimalExponent < 0) {
    const places = <u32>-decimalExponent;
    const unit = places < 20 ? integerPower(places) : 0;
    const whole = unit ? magnitude / unit : 0;
    const rest = magnitude - whole * unit;
    if ((rest != 0 || decimalIsCut) && !rounds) return refuse(ERROR_CAST);
    magnitude = whole + u64(unit != 0 && rest >= unit - rest);
  } else if (decimalExponent > 0) {
    const scale = decimalExponent < 19 && !decimalIsCut ? integerPower(decimalExponent) : 0;
    if (scale == 0 || magnitude > 0x8000000000000000 / scale) return refuse(ERROR_OVERFLOW);
    magnitude *= scale;
  }
  if (magnitude > <u64>i64.MAX_VALUE + u64(decimalIsNegative)) return refuse(ERROR_OVERFLOW);
  return decimalIsNegative ? -(<i64>magnitude) : <i64>magnitude;
}

function refuse(error: i32): i64 {
  store<i32>(CELL_STATUS, error);
  return 0;
}

/**
 * Reads a decimal number into the `decimal…` globals. @returns the address after it, 0 when there is none at `ptr`.
 */
export function decimalScan(ptr: usize, end: usize): usize {
  decimalMantissa = 0;
  decimalIsCut = false;
  decimalKept = 0;
  decimalDropped = 0;
  let p = ptr;
  const sign = p < end ? <u32>load<u8>(p) : 0;
  decimalIsNegative = sign == 45;
  p += usize(sign == 45 || sign == 43);
  const whole = p;
  p = scanDigits(p, end);
  let digits = p - whole;
  let fraction: usize = 0;
  if (p < end && load<u8>(p) == 46) {
    const begin = p + 1;
    p = scanDigits(begin, end);
    fraction = p - begin;
    digits += fraction;
  }
  if (digits == 0) return 0;
  decimalExponent = decimalDropped - <i32>fraction;
  return p < end && (load<u8>(p) | 32) == 101 ? scanExponent(p, end) : p;
}

// Digits of the mantissa kept (at most 19), how many followed, and the first of those.
let decimalKept: u32 = 0;
let decimalDropped: i32 = 0;
let decimalNextDigit: u32 = 0;

function scanDigits(p: usize, end: usize): usize {
  if (decimalMantissa == 0) while (p < end && load<u8>(p) == 48) p++;
  while (p + 8 <= end && decimalKept <= 11) {
    const x = load<u64>(p) ^ 0x3030303030303030;
    if (digitsEnd(x)) break;
    decimalMantissa = decimalMantissa * 100000000 + digitsValue(x);
    decimalKept += 8;
    p += 8;
  }
  for (; p < end; p++) {
    const digit = <u32>load<u8>(p) - 48;
    if (digit > 9) break;
    if (decimalKept < 19) {
      decimalMantissa = decimalMantissa * 10 + digit;
      decimalKept++;
    } else {
      if (decimalDropped == 0) decimalNextDigit = digit;
      decimalDropped++;
      if (digit) decimalIsCut = true;
    }
  }
  return p;
}

/** Reads `e±digits` at `p`. @returns the address after it, or `p` when it is not an exponent. */
function scanExponent(p: usize, end: usize): usize {
  let q = p + 1;
  const sign = q < end ? <u32>load<u8>(q) : 0;
  q += usize(sign == 45 || sign == 43);
  const digits = q;
  let exponent: i32 = 0;
  for (; q < end && isDigit(load<u8>(q)); q++) {
    // Far beyond any double, and far from overflowing: more zeros than a record can hold do not bring it back.
    if (exponent < 100000000) exponent = exponent * 10 + load<u8>(q) - 48;
  }
  if (q == digits) return p;
  decimalExponent += sign == 45 ? -exponent : exponent;
  return q;
}

/** The scanned number's magnitude as a double; `begin` to `end` is its text, for the exact way. */
function decimalToF64(begin: usize, end: usize): f64 {
  const m = decimalMantissa;
  const e = decimalExponent;
  if (m <= 0x20000000000000 && !decimalIsCut && e >= -22 && e <= 22) {
    return e < 0 ? <f64>m / doublePower(-e) : <f64>m * doublePower(e);
  }
  if (m == 0 || e < -400) return 0;
  if (e > 308) return Infinity;
  const value = scaledF64(m, e);
  if (value >= 0 && (!decimalIsCut || value == scaledF64(m + 1, e))) return value;
  return exactF64(begin, end, value < 0 ? roughF64(m, e) : value);
}

/** `inf`, `infinity` and `nan`, with a sign and in any case. */
function parseWord(begin: usize, end: usize): f64 {
  const sign = begin < end ? <u32>load<u8>(begin) : 0;
  const word = begin + usize(sign == 45 || sign == 43);
  const length = end - word;
  const text = load<u64>(word) | 0x2020202020202020;
  store<i32>(CELL_STATUS, STATUS_VALUE);
  if (length == 3 && (text & 0xffffff) == 0x6e616e) return NaN;
  if ((length == 3 && (text & 0xffffff) == 0x666e69) || (length == 8 && text == 0x7974696e69666e69)) {
    return sign == 45 ? -Infinity : Infinity;
  }
  store<i32>(CELL_STATUS, ERROR_CAST);
  return 0;
}
