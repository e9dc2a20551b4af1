// Small scalar kernels that compiled expressions call for what is too long to write inline.
import { CELL_ERROR_CODE, CELL_ERROR_SITE, CELL_STATUS, ERROR_OVERFLOW, STATUS_VALUE } from './layout';
import { integerPower } from './number-parse';

/** Records that the expression at a site of the plan failed with an ERROR_* code. */
export function mapFail(code: i32, site: i32): void {
  store<i32>(CELL_ERROR_CODE, code);
  store<i32>(CELL_ERROR_SITE, site);
}

/** Whether the product of two integers does not fit 64 bits. */
export function multiplyOverflows(a: i64, b: i64): bool {
  if (a == 0 || b == 0) return false;
  if (a == -1) return b == i64.MIN_VALUE;
  if (b == -1) return a == i64.MIN_VALUE;
  return (a * b) / b != a;
}

/** The remainder of a division of doubles, with the sign of the first, as C's fmod. */
export function numberModulo(a: f64, b: f64): f64 {
  return NativeMath.mod(a, b);
}

/** 10 to the power of 0 to 18. */
@inline
function tenTo(places: u32): i64 {
  return <i64>integerPower(places);
}

/** Rounds to a multiple of 10^−places where places is negative, halves away from zero. Sets CELL_STATUS. */
export function integerRound(value: i64, places: i32): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  if (places >= 0) return value;
  if (places < -18) return 0;
  const unit = tenTo(-places);
  const whole = value / unit;
  const rest = value - whole * unit;
  const rounded = whole + i64(rest >= unit >> 1) - i64(-rest >= unit >> 1);
  if (multiplyOverflows(rounded, unit)) store<i32>(CELL_STATUS, ERROR_OVERFLOW);
  return rounded * unit;
}

/** Drops the digits below 10^−places where places is negative. Sets CELL_STATUS, like `integerRound`. */
export function integerTruncate(value: i64, places: i32): i64 {
  store<i32>(CELL_STATUS, STATUS_VALUE);
  if (places >= 0) return value;
  if (places < -18) return 0;
  return value - (value % tenTo(-places));
}

@inline
function roundHalfAway(value: f64): f64 {
  const whole = trunc(value);
  return abs(value - whole) >= 0.5 ? whole + copysign<f64>(1, value) : whole;
}

/** Rounds to so many decimal places, halves away from zero; what cannot be rounded stays, or is 0 far before the point. */
export function numberRound(value: f64, places: i32): f64 {
  const unit = NativeMath.pow(10, <f64>abs(places));
  if (places < 0) {
    const rounded = roundHalfAway(value / unit) * unit;
    return isFinite(rounded) ? rounded : 0;
  }
  const rounded = roundHalfAway(value * unit) / unit;
  return isFinite(rounded) ? rounded : value;
}

/** Drops what is beyond so many decimal places; infinities and NaN stay. */
export function numberTruncate(value: f64, places: i32): f64 {
  const unit = NativeMath.pow(10, <f64>abs(places));
  if (places < 0) {
    const cut = trunc(value / unit) * unit;
    return isFinite(value) ? (isFinite(cut) ? cut : 0) : value;
  }
  const cut = trunc(value * unit) / unit;
  return isFinite(cut) ? cut : value;
}
