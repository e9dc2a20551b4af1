// Numbers to text: integers, and doubles as the shortest decimal that reads back as the same double.
//
// A double's text is JavaScript's `String(x)` (so 1, 0.1, 1e+21, 1.5e-7, NaN, Infinity), except that negative zero is
// `-0`: it reads back as what it was. Three ways, tried in this order:
//
//   1. an integer below 2^53 is printed as an integer;
//   2. a short decimal: m = round(x · 10^k) < 10^15 with m / 10^k = x. Any two decimals of at most 15 digits are
//      different doubles, so this is the shortest (k = 2 first: prices; then the largest k there is room for);
//   3. Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020) for all others: the interval of decimals
//      that read back as x is scaled by a power of ten to where it holds one or two candidates.
//
// Every function may write up to 40 bytes at `to`, whatever length it returns.
import { printPower } from './print-powers';

/** `00` to `99`: the digits are written two at a time. */
// biome-ignore format: ten pairs a line
const pairs: usize = memory.data<u16>([
  0x3030, 0x3130, 0x3230, 0x3330, 0x3430, 0x3530, 0x3630, 0x3730, 0x3830, 0x3930,
  0x3031, 0x3131, 0x3231, 0x3331, 0x3431, 0x3531, 0x3631, 0x3731, 0x3831, 0x3931,
  0x3032, 0x3132, 0x3232, 0x3332, 0x3432, 0x3532, 0x3632, 0x3732, 0x3832, 0x3932,
  0x3033, 0x3133, 0x3233, 0x3333, 0x3433, 0x3533, 0x3633, 0x3733, 0x3833, 0x3933,
  0x3034, 0x3134, 0x3234, 0x3334, 0x3434, 0x3534, 0x3634, 0x3734, 0x3834, 0x3934,
  0x3035, 0x3135, 0x3235, 0x3335, 0x3435, 0x3535, 0x3635, 0x3735, 0x3835, 0x3935,
  0x3036, 0x3136, 0x3236, 0x3336, 0x3436, 0x3536, 0x3636, 0x3736, 0x3836, 0x3936,
  0x3037, 0x3137, 0x3237, 0x3337, 0x3437, 0x3537, 0x3637, 0x3737, 0x3837, 0x3937,
  0x3038, 0x3138, 0x3238, 0x3338, 0x3438, 0x3538, 0x3638, 0x3738, 0x3838, 0x3938,
  0x3039, 0x3139, 0x3239, 0x3339, 0x3439, 0x3539, 0x3639, 0x3739, 0x3839, 0x3939,
]);

/** 10^0 to 10^19. */
// biome-ignore format: five powers a line
const powers: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000,
  100000, 1000000, 10000000, 100000000, 1000000000,
  10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
  1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000,
]);

/** 10^0 to 10^22: the powers that are exact doubles. */
// biome-ignore format: six powers a line
const exactPowers: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5,
  1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** Writes the two digits of a number below 100. */
@inline
export function printPair(value: u32, to: usize): void {
  store<u16>(to, load<u16>(pairs + ((<usize>value) << 1)));
}

/** Decimal digits of the value (1 for 0). */
@inline
function digitCount(value: u64): u32 {
  // log10(2) ≈ 1233 / 4096 gives the count or one less.
  const guess = ((64 - <u32>clz(value | 1)) * 1233) >> 12;
  return guess + u32((value | 1) >= load<u64>(powers + ((<usize>guess) << 3)));
}

/** Writes the value as `count` digits, leading zeros included. */
@inline
function printDigits(value: u64, count: u32, to: usize): void {
  let end = to + count;
  while (value >= 100000000) {
    const high = value / 100000000;
    const low = <u32>(value - high * 100000000);
    value = high;
    const lowHigh = low / 10000;
    const lowLow = low - lowHigh * 10000;
    end -= 8;
    const a = lowHigh / 100;
    const b = lowLow / 100;
    printPair(a, end);
    printPair(lowHigh - a * 100, end + 2);
    printPair(b, end + 4);
    printPair(lowLow - b * 100, end + 6);
  }
  let rest = <u32>value;
  while (end >= to + 2) {
    const high = rest / 100;
    end -= 2;
    printPair(rest - high * 100, end);
    rest = high;
  }
  if (end > to) store<u8>(to, 48 + rest);
}

/** Prints an unsigned integer. @returns bytes written. */
export function printU64(value: u64, to: usize): u32 {
  const count = digitCount(value);
  printDigits(value, count, to);
  return count;
}

/** Prints a signed integer. @returns bytes written, 20 at most. */
export function printI64(value: i64, to: usize): u32 {
  if (value >= 0) return printU64(<u64>value, to);
  store<u8>(to, 45);
  return 1 + printU64(<u64>-value, to + 1);
}

/** Prints a double. @returns bytes written, 25 at most. */
export function printF64(value: f64, to: usize): u32 {
  const bits = reinterpret<u64>(value);
  if (((bits >> 52) & 0x7ff) == 0x7ff) return printNonFinite(bits, to);
  let sign: u32 = 0;
  if (<i64>bits < 0) {
    store<u8>(to, 45);
    sign = 1;
    to += 1;
  }
  const x = abs(value);
  if (x < 9007199254740992 && trunc(x) == x) return sign + printU64(<u64>x, to);
  return sign + printFraction(x, to);
}

function printNonFinite(bits: u64, to: usize): u32 {
  if (bits << 12) {
    store<u32>(to, 0x4e614e); // NaN
    return 3;
  }
  let sign: u32 = 0;
  if (<i64>bits < 0) {
    store<u8>(to, 45);
    sign = 1;
    to += 1;
  }
  store<u64>(to, 0x7974696e69666e49); // Infinity
  return sign + 8;
}

/** Prints a positive finite number that is not an integer below 2^53. */
function printFraction(x: f64, to: usize): u32 {
  if (x < 1e13) {
    const cents = nearest(x * 100);
    if (cents / 100 == x) return printCents(<u64>cents, to);
  }
  if (x < 1e15 && x >= 1e-7) {
    // The largest k with x · 10^k < 10^15, from the binary exponent: x < 2^e.
    const e = <i32>(reinterpret<u64>(x) >> 52) - 1022;
    const k = min(14 - ((e * 1233) >> 12), 22);
    const scale = load<f64>(exactPowers + ((<usize>k) << 3));
    const m = nearest(x * scale);
    if (m / scale == x) return printDecimal(<u64>m, -k, to);
  }
  return printShortest(reinterpret<u64>(x), to);
}

/** Prints m / 100 with one or two digits after the point; m is no multiple of 100. */
@inline
function printCents(m: u64, to: usize): u32 {
  const whole = m / 100;
  const count = printU64(whole, to);
  store<u8>(to + count, 46);
  printPair(<u32>(m - whole * 100), to + count + 1);
  return count + 3 - u32(load<u8>(to + count + 2) == 48);
}

/** Schubfach for a positive finite double. Names follow the paper. */
function printShortest(bits: u64, to: usize): u32 {
  const fraction = bits & 0xfffffffffffff;
  const biased = <i32>(bits >> 52);
  const c = biased == 0 ? fraction : fraction | 0x10000000000000;
  const q = biased == 0 ? -1074 : biased - 1075;
  // Below a power of two the doubles are half as far apart.
  const lowerIsCloser = fraction == 0 && biased > 1;
  // k = ⌊log10 of the distance⌋; h brings the product's integer part into the top word.
  const k = (q * 1262611 - (lowerIsCloser ? 524031 : 0)) >> 22;
  const h = <u64>(q + ((-k * 1741647) >> 19) + 1);
  const entry = printPower(-k);
  const high = load<u64>(entry);
  const low = load<u64>(entry, 8);

  // p = 4c · 2^h · g, 192 bits; its neighbours are p − d (or d / 2) and p + d with d = 2 · 2^h · g.
  const cb = c << (h + 2);
  const p0 = low * cb;
  const carry = mulHigh(low, cb);
  let p1 = high * cb;
  let p2 = mulHigh(high, cb);
  p1 += carry;
  p2 += u64(p1 < carry);
  const shift = h + 1;
  const d0 = low << shift;
  const d1 = (high << shift) | (low >> (64 - shift));
  const d2 = high >> (64 - shift);
  const r0 = p0 + d0;
  const r1 = p1 + d1;
  const rc = r1 + u64(r0 < d0);
  const r2 = p2 + d2 + u64(r1 < d1 || rc < r1);
  const half = u64(lowerIsCloser);
  const e0 = half ? (d0 >> 1) | (d1 << 63) : d0;
  const e1 = half ? (d1 >> 1) | (d2 << 63) : d1;
  const e2 = d2 >> half;
  const l1 = p1 - e1;
  const lc = l1 - u64(p0 < e0);
  const l2 = p2 - e2 - u64(p1 < e1 || l1 < u64(p0 < e0));

  // Round to odd: the last bit says that something was cut off.
  const vb = p2 | u64(p1 > 1);
  const isOdd = c & 1;
  const lower = (l2 | u64(lc > 1)) + isOdd;
  const upper = (r2 | u64(rc > 1)) - isOdd;
  const s = vb >> 2;
  if (s >= 10) {
    const tens = s / 10;
    const below = lower <= 40 * tens;
    const above = 40 * tens + 40 <= upper;
    if (below != above) return printDecimal(tens + u64(above), k + 1, to);
  }
  const below = lower <= 4 * s;
  const above = 4 * s + 4 <= upper;
  if (below != above) return printDecimal(s + u64(above), k, to);
  const middle = 4 * s + 2;
  return printDecimal(s + u64(vb > middle || (vb == middle && (s & 1) != 0)), k, to);
}

/** The high 64 bits of a product. */
@inline
function mulHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & 0xffffffff)) >> 32);
}

/** Sixteen bytes of ones, then sixteen of zeros. */
const masks: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/** Prints m · 10^k as JavaScript lays a number out; 0 < m < 10^17. */
function printDecimal(m: u64, k: i32, to: usize): u32 {
  if (m % 100000000 == 0) {
    m /= 100000000;
    k += 8;
  }
  if (m % 10000 == 0) {
    m /= 10000;
    k += 4;
  }
  while (m % 10 == 0) {
    m /= 10;
    k += 1;
  }
  const count = <i32>digitCount(m);
  // Digits before the point.
  const whole = count + k;
  if (whole > 21 || whole <= -6) return printExponent(m, count, whole - 1, to);
  if (whole <= 0) {
    store<u64>(to, 0x303030303030_2e30); // 0.000000
    printDigits(m, count, to + 2 - whole);
    return 2 - whole + count;
  }
  if (k >= 0) {
    printDigits(m, count, to);
    memory.fill(to + count, 48, k);
    return whole;
  }
  // The digits are written one byte too far to the right; those before the point (16 at most) move back.
  printDigits(m, count, to + 1);
  const mask = v128.load(masks + 16 - whole);
  v128.store(to, v128.bitselect(v128.load(to + 1), v128.load(to), mask));
  store<u8>(to + whole, 46);
  return count + 1;
}

/** Prints d.ddde±x. */
function printExponent(m: u64, count: i32, exponent: i32, to: usize): u32 {
  printDigits(m, count, to + 1);
  store<u8>(to, load<u8>(to + 1));
  store<u8>(to + 1, 46);
  let length: u32 = count == 1 ? 1 : count + 1;
  store<u16>(to + length, exponent < 0 ? 0x2d65 : 0x2b65); // e- or e+
  length += 2;
  return length + printU64(abs(exponent), to + length);
}
