// The last resort of number parsing: the double nearest to a decimal of any length, decided with exact integers.
//
// From a guess g near the decimal D = A · 10^e, D is compared with the points halfway between g and its neighbours and
// g steps towards D until it is the nearest (ties go to the even mantissa): W. Clinger's AlgorithmR (1990). The midpoint
// above a double m · 2^k is (2m + 1) · 2^(k−1); both sides are multiplied by powers of ten and two until they are
// integers. 769 digits decide every case; what follows them only counts as "a little more".
//
// An integer is u32 words, least significant first; below 2^8192, which no case reaches.

const WORDS: u32 = 256;
const left: usize = memory.data(1024, 16);
const right: usize = memory.data(1024, 16);
let leftCount: u32 = 0;
let rightCount: u32 = 0;
/** The decimal: integer in `left`, times 10^decimalPower. */
let decimalPower: i32 = 0;

const DIGITS_MAX: u32 = 769;
const LARGEST: u64 = 0x7fefffffffffffff;

/** The magnitude of the decimal text [begin, end) as a double, from a guess a few units away from it at most. */
export function exactF64(begin: usize, end: usize, guess: f64): f64 {
  let bits = min(reinterpret<u64>(guess), LARGEST);
  while (bits <= LARGEST && compareMidpoint(begin, end, bits) > 0) bits++;
  while (bits > 0 && compareMidpoint(begin, end, bits - 1) < 0) bits--;
  return reinterpret<f64>(bits);
}

/**
 * Compares the decimal with the midpoint between a double and the next larger one. @returns > 0 when the decimal
 * rounds up, < 0 when it rounds down; a tie goes to the even one.
 */
function compareMidpoint(begin: usize, end: usize, bits: u64): i32 {
  readDigits(begin, end);
  const biased = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  const m = biased == 0 ? fraction : fraction | 0x10000000000000;
  const twos = (biased == 0 ? -1074 : biased - 1075) - 1;
  store<u64>(right, 2 * m + 1);
  rightCount = 2;
  // A · 10^p against (2m + 1) · 2^twos, with 10^p = 5^p · 2^p.
  const fives = decimalPower;
  if (fives > 0) leftCount = timesFives(left, leftCount, fives);
  else rightCount = timesFives(right, rightCount, -fives);
  const shift = fives - twos;
  if (shift > 0) leftCount = timesTwos(left, leftCount, shift);
  else rightCount = timesTwos(right, rightCount, -shift);
  const order = compareIntegers();
  return order != 0 ? order : m & 1 ? 1 : -1;
}

/** Reads the digits of the text into `left`, and the power of ten they are to be multiplied by. */
function readDigits(begin: usize, end: usize): void {
  leftCount = 0;
  decimalPower = 0;
  let kept: u32 = 0;
  let isFraction = false;
  let hasMore = false;
  let p = begin;
  for (; p < end; p++) {
    const byte = <u32>load<u8>(p);
    if (byte == 46) {
      isFraction = true;
      continue;
    }
    const digit = byte - 48;
    if (digit > 9) {
      if ((byte | 32) == 101) break;
      continue;
    }
    if (kept == 0 && digit == 0) {
      decimalPower -= i32(isFraction);
    } else if (kept < DIGITS_MAX) {
      leftCount = timesPlus(left, leftCount, 10, digit);
      kept++;
      decimalPower -= i32(isFraction);
    } else {
      hasMore = hasMore || digit != 0;
      decimalPower += i32(!isFraction);
    }
  }
  if (hasMore) {
    leftCount = timesPlus(left, leftCount, 10, 1);
    decimalPower--;
  }
  if (p < end) decimalPower += readExponent(p + 1, end);
}

function readExponent(p: usize, end: usize): i32 {
  let exponent: i32 = 0;
  const sign = load<u8>(p);
  for (p += usize(sign == 45 || sign == 43); p < end; p++) {
    if (exponent < 100000000) exponent = exponent * 10 + load<u8>(p) - 48;
  }
  return sign == 45 ? -exponent : exponent;
}

/** Multiplies by a small factor and adds. @returns the new count of words. */
function timesPlus(integer: usize, count: u32, factor: u32, plus: u32): u32 {
  let carry: u64 = plus;
  for (let i: u32 = 0; i < count; i++) {
    const at = integer + ((<usize>i) << 2);
    carry += <u64>load<u32>(at) * factor;
    store<u32>(at, <u32>carry);
    carry >>= 32;
  }
  if (carry == 0) return count;
  if (count == WORDS) unreachable();
  store<u32>(integer + ((<usize>count) << 2), <u32>carry);
  return count + 1;
}

function timesFives(integer: usize, count: u32, fives: i32): u32 {
  for (; fives >= 13; fives -= 13) count = timesPlus(integer, count, 1220703125, 0);
  for (; fives > 0; fives--) count = timesPlus(integer, count, 5, 0);
  return count;
}

function timesTwos(integer: usize, count: u32, twos: i32): u32 {
  for (; twos >= 31; twos -= 31) count = timesPlus(integer, count, 0x80000000, 0);
  return twos > 0 ? timesPlus(integer, count, (<u32>1) << twos, 0) : count;
}

function compareIntegers(): i32 {
  while (leftCount > 0 && load<u32>(left + ((<usize>leftCount - 1) << 2)) == 0) leftCount--;
  while (rightCount > 0 && load<u32>(right + ((<usize>rightCount - 1) << 2)) == 0) rightCount--;
  if (leftCount != rightCount) return leftCount > rightCount ? 1 : -1;
  for (let i = leftCount; i > 0; i--) {
    const a = load<u32>(left + ((<usize>i - 1) << 2));
    const b = load<u32>(right + ((<usize>i - 1) << 2));
    if (a != b) return a > b ? 1 : -1;
  }
  return 0;
}
