// An integer of 64 bits times a power of ten, as the nearest double: the middle way of number parsing.
//
// The product of the integer with the top 128 bits of the power has the double's mantissa in its high bits; the bits
// below decide the rounding, and all but never fail to (D. Lemire, "Number parsing at a gigabyte per second", 2021).
import { printPower } from './print-powers';

/** 10^0 to 10^22: the powers that are exact doubles. */
// biome-ignore format: six powers a line
const doublePowers: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5,
  1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
], 16);

/** 10^k for 0 ≤ k ≤ 22, exactly. */
@inline
export function doublePower(k: u32): f64 {
  return load<f64>(doublePowers + ((<usize>k) << 3));
}

/** m · 10^e rounded once, or −1 when 128 bits of the power do not decide (or the table does not have it). */
export function scaledF64(m: u64, e: i32): f64 {
  if (e < -292) return -1;
  const shift = clz(m);
  const w = m << shift;
  const entry = printPower(e);
  let powerHigh = load<u64>(entry);
  let powerLow = load<u64>(entry, 8);
  // The table is rounded up where it is not exact, which is right for negative powers; positive ones are to be cut.
  if (e > 55) {
    powerHigh -= u64(powerLow == 0);
    powerLow -= 1;
  }
  let low = w * powerHigh;
  let high = multiplyHigh(w, powerHigh);
  if ((high & 0x1ff) == 0x1ff) {
    const more = multiplyHigh(w, powerLow);
    low += more;
    high += u64(low < more);
    if (low == -1 && (e < -27 || e > 55)) return -1;
  }
  const top = high >> 63;
  const dropped = top + 9;
  let mantissa = high >> dropped;
  let exponent = ((217706 * e) >> 16) + 63 + <i32>top - <i32>shift + 1023;
  if (exponent <= 0) return subnormal(mantissa, 1 - exponent);
  // Exactly between two doubles: to the even one. Only small powers can be exact.
  if (low <= 1 && e >= -4 && e <= 23 && (mantissa & 3) == 1 && mantissa << dropped == high) mantissa &= -2;
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa >> 53) {
    mantissa >>= 1;
    exponent++;
  }
  if (exponent >= 0x7ff) return Infinity;
  return reinterpret<f64>((mantissa & 0xfffffffffffff) | ((<u64>exponent) << 52));
}

@inline
function subnormal(mantissa: u64, shift: i32): f64 {
  if (shift >= 64) return 0;
  mantissa >>= shift;
  // A carry out of the fraction makes the smallest normal number, whose bits are the same sum.
  return reinterpret<f64>((mantissa + (mantissa & 1)) >> 1);
}

/** m · 10^e within a few units in the last place, for −400 ≤ e. */
export function roughF64(m: u64, e: i32): f64 {
  let value = <f64>m;
  for (; e <= -22; e += 22) value /= 1e22;
  return value / doublePower(-e);
}

/** The high 64 bits of a product. */
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & 0xffffffff)) >> 32);
}
