// DECIMAL: an i64 that counts units of 10^−scale, of at most 18 digits. Scalar kernels for casts and fields.
//
// What has more digits behind the point than the type is rounded, halves away from zero, as DuckDB does. What does not
// fit the precision sets CELL_STATUS to ERROR_OVERFLOW; every function here sets CELL_STATUS.
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from './layout';
import { transientAllocate } from './memory';
import {
  decimalExponent,
  decimalIsCut,
  decimalIsNegative,
  decimalMantissa,
  decimalScan,
  integerPower,
  isSpace,
} from './number-parse';
import { printU64 } from './number-print';
import { refAddress, refLength, refOf } from './text-compare';

@inline
function refuse(status: i32): i64 {
  store<i32>(CELL_STATUS, status);
  return 0;
}

/** A value that has to be less than 10^precision on either side of zero. */
@inline
function within(value: i64, precision: u32): i64 {
  const limit = <i64>integerPower(precision);
  if (value >= limit || value <= -limit) return refuse(ERROR_OVERFLOW);
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return value;
}

/** value / 10^digits, halves away from zero. */
@inline
function shorten(value: i64, digits: u32): i64 {
  const power = <i64>integerPower(digits);
  const quotient = value / power;
  const rest = value % power;
  const size = rest < 0 ? -rest : rest;
  if (size < power - size) return quotient;
  return value < 0 ? quotient - 1 : quotient + 1;
}

/** To another scale and precision. */
export function decimalRescale(value: i64, from: u32, to: u32, precision: u32): i64 {
  if (to <= from) return within(to == from ? value : shorten(value, from - to), precision);
  const power = <i64>integerPower(to - from);
  const limit = i64.MAX_VALUE / power;
  if (value > limit || value < -limit) return refuse(ERROR_OVERFLOW);
  return within(value * power, precision);
}

/** The greatest whole number not above, as one. */
export function decimalFloor(value: i64, scale: i32): i64 {
  const power = <i64>integerPower(scale);
  const quotient = value / power;
  return value % power < 0 ? quotient - 1 : quotient;
}

/** The least whole number not below, as one. */
export function decimalCeil(value: i64, scale: i32): i64 {
  const power = <i64>integerPower(scale);
  const quotient = value / power;
  return value % power > 0 ? quotient + 1 : quotient;
}

/** Of an integer. */
export function decimalFromI64(value: i64, scale: u32, precision: u32): i64 {
  return decimalRescale(value, 0, scale, precision);
}

/** The nearest integer, halves away from zero. */
export function decimalToI64(value: i64, scale: u32): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return scale == 0 ? value : shorten(value, scale);
}

/** Of a double, which has to be a number. */
export function decimalFromF64(value: f64, scale: u32, precision: u32): i64 {
  const scaled = value * <f64>(<i64>integerPower(scale));
  const size = abs(scaled);
  if (!(size < 9.3e18)) return refuse(ERROR_OVERFLOW);
  const whole = floor(size);
  const rounded = size - whole >= 0.5 ? whole + 1 : whole;
  if (rounded >= 9.2e18) return refuse(ERROR_OVERFLOW);
  return within(scaled < 0 ? -(<i64>rounded) : <i64>rounded, precision);
}

export function decimalF64(value: i64, scale: u32): f64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  return <f64>value / <f64>(<i64>integerPower(scale));
}

/** Of the text of a number. */
export function decimalParse(ptr: usize, len: u32, scale: u32, precision: u32): i64 {
  let begin = ptr;
  let end = ptr + len;
  while (end > begin && isSpace(load<u8>(end - 1))) end--;
  while (begin < end && isSpace(load<u8>(begin))) begin++;
  if (decimalScan(begin, end) != end || begin == end) return refuse(ERROR_CAST);
  const exponent = decimalExponent + <i32>scale;
  let magnitude = decimalMantissa;
  if (exponent < 0) {
    const digits = <u32>-exponent;
    if (digits > 19) magnitude = 0;
    else {
      const power = integerPower(digits);
      const rest = magnitude % power;
      magnitude = magnitude / power + u64(rest >= power - rest);
    }
  } else if (exponent > 0 && magnitude != 0) {
    const power = exponent < 19 && !decimalIsCut ? integerPower(<u32>exponent) : 0;
    if (power == 0 || magnitude > 0x7fffffffffffffff / power) return refuse(ERROR_OVERFLOW);
    magnitude *= power;
  }
  if (magnitude > 0x7fffffffffffffff) return refuse(ERROR_OVERFLOW);
  return within(decimalIsNegative ? -(<i64>magnitude) : <i64>magnitude, precision);
}

/** Of a string. */
export function textToDecimal(text: i64, scale: u32, precision: u32): i64 {
  return decimalParse(refAddress(text), refLength(text), scale, precision);
}

/** Writes the number with exactly `scale` digits behind the point; room for 40 bytes. @returns its bytes. */
export function printDecimal(value: i64, scale: u32, to: usize): u32 {
  let at = to;
  if (value < 0) {
    store<u8>(at, 45);
    at += 1;
  }
  const size = <u64>(value < 0 ? -value : value);
  if (scale == 0) return <u32>(at - to) + printU64(size, at);
  const power = integerPower(scale);
  at += printU64(size / power, at);
  store<u8>(at, 46);
  at += scale;
  let rest = size % power;
  const begin = at - scale;
  for (let p = at; p > begin; p--) {
    store<u8>(p, 48 + <u32>(rest % 10));
    rest /= 10;
  }
  return <u32>(at + 1 - to);
}

export function textFromDecimal(value: i64, scale: u32): i64 {
  const to = transientAllocate(64);
  return refOf(to, printDecimal(value, scale, to));
}
