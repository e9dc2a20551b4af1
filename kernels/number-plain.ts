// Numbers as they mostly are: digits, with or without a point, eight characters at a time.
//
// The readers work where the byte behind a number cannot be part of one: they take digits until there are no more, and
// look at the next byte only to leave points and exponents they do not expect to others. A leading zero is refused.
// Whatever they refuse (0) is left to kernels/number-parse.ts, which takes everything.
import { digitsEnd, digitsValue, integerPower } from './number-parse';
import { doublePower, scaledF64 } from './number-scale';

/** Whether the character (XOR 0x30) is a point, `e` or `E`: the number goes on. */
@inline
export function isPointOrExponent(x: u64): bool {
  return x == 0x1e || (x | 0x20) == 0x75;
}

@inline
export function isLeadingZero(x: u64, count: u64): bool {
  return (x & 0xff) == 0 && count > 1;
}

/** Stores an i64 at `to`. @returns the address after the number, 0 when it is not a plain integer of at most 19 digits. */
@inline
export function plainInteger(p: usize, to: usize): usize {
  const isNegative = load<u8>(p) == 45;
  p += usize(isNegative);
  const x = load<u64>(p) ^ 0x3030303030303030;
  const count = <u64>ctz(digitsEnd(x)) >> 3;
  if (count - 1 > 6) return count == 0 ? 0 : longInteger(p, x, isNegative, to);
  if (isPointOrExponent((x >> (count << 3)) & 0xff) || isLeadingZero(x, count)) return 0;
  const value = <i64>digitsValue(x << ((8 - count) << 3));
  store<i64>(to, isNegative ? -value : value);
  return p + <usize>count;
}

/** Goes on after eight digits. */
function longInteger(p: usize, first: u64, isNegative: bool, to: usize): usize {
  if ((first & 0xff) == 0) return 0;
  let value = digitsValue(first);
  for (let i = 0; i < 2; i++) {
    p += 8;
    const x = load<u64>(p) ^ 0x3030303030303030;
    const count = <u64>ctz(digitsEnd(x)) >> 3;
    // No 20 digits: those may not fit the word.
    if (i == 1 && count > 3) return 0;
    if (count == 8) {
      value = value * 100000000 + digitsValue(x);
      continue;
    }
    if (isPointOrExponent((x >> (count << 3)) & 0xff)) return 0;
    value = value * integerPower(<u32>count) + digitsValue((x << ((7 - count) << 3)) << 8);
    if (<i64>value < 0) return 0;
    store<i64>(to, isNegative ? -(<i64>value) : value);
    return p + <usize>count;
  }
  return 0;
}

/** Stores an f64 at `to`. @returns the address after the number, 0 when it is anything but digits with or without a point. */
@inline
export function plainDouble(p: usize, to: usize): usize {
  const isNegative = load<u8>(p) == 45;
  p += usize(isNegative);
  const x = load<u64>(p) ^ 0x3030303030303030;
  const others = digitsEnd(x);
  const count = <u64>ctz(others) >> 3;
  if (count - 1 > 6) return count == 0 ? 0 : longDouble(p, isNegative, to);
  if (isLeadingZero(x, count)) return 0;
  let digits = x;
  let length = count;
  let value: f64;
  if (((x >> (count << 3)) & 0xff) == 0x1e) {
    length = <u64>ctz(others & (others - 1)) >> 3;
    const places = length - count - 1;
    if (length > 7) return longDouble(p, isNegative, to);
    if (places == 0) return 0;
    // The digits behind the point move over it.
    const before = ((<u64>1) << (count << 3)) - 1;
    digits = (x & before) | ((x >> 8) & ~before);
    value = <f64>digitsValue(digits << ((9 - length) << 3)) / doublePower(<u32>places);
  } else value = <f64>digitsValue(digits << ((8 - length) << 3));
  if (isPointOrExponent((x >> (length << 3)) & 0xff)) return 0;
  store<f64>(to, isNegative ? -value : value);
  return p + <usize>length;
}

// The digits read last, as a number, and how many.
let runValue: u64 = 0;
let runCount: u64 = 0;

/** Reads a run of digits onto `runValue`. More than 19 digits in all overflow it: `runCount` tells. */
@inline
function readRun(p: usize): usize {
  while (true) {
    const x = load<u64>(p) ^ 0x3030303030303030;
    const count = <u64>ctz(digitsEnd(x)) >> 3;
    runCount += count;
    if (count == 8) {
      runValue = runValue * 100000000 + digitsValue(x);
      p += 8;
      continue;
    }
    runValue = runValue * integerPower(<u32>count) + digitsValue((x << ((7 - count) << 3)) << 8);
    return p + <usize>count;
  }
}

/** A double of any length, from behind its sign. */
function longDouble(p: usize, isNegative: bool, to: usize): usize {
  runValue = 0;
  runCount = 0;
  const begin = p;
  p = readRun(p);
  if (load<u8>(begin) == 48 && p - begin > 1) return 0;
  let places: u64 = 0;
  if (load<u8>(p) == 46) {
    const whole = runCount;
    p = readRun(p + 1);
    places = runCount - whole;
    if (places == 0) return 0;
  }
  // Zeros in front are digits here too: what is refused for them is slower, not wrong.
  if (runCount > 19 || (load<u8>(p) | 32) == 101) return 0;
  let value: f64;
  if (runValue <= 0x20000000000000) value = <f64>runValue / doublePower(<u32>places);
  else {
    value = scaledF64(runValue, -(<i32>places));
    if (value < 0) return 0;
  }
  store<f64>(to, isNegative ? -value : value);
  return p;
}
