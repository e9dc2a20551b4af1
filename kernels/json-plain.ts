// Values of JSON as they mostly are, for kernels/json-run.ts. Every reader takes the address of a value and returns the
// address behind it, or 0 for one that is not plain; whether that is a mistake is for others to say.
//
//   strings     of ASCII without escapes, 16 characters at a time up to a quote
//   integers    up to 15 digits: 8 and the rest. Times share their first digits with the time before
//   doubles     up to 15 characters, the point taken out
//
// What follows a number is not looked at: digits, points and exponents begin no literal of a template, so the next step
// stops at them.
//
// What counts is the way from one address to the next, since the next value waits for it: whether a value is plain is a
// branch, predicted and checked beside everything else. Vectors of constants are loaded, which costs one instruction
// where making them anew costs three.
import { STEP_LIMIT, STEP_PREFIX, STEP_PREFIX_VALUE, STEP_UNIT } from './json-template';
import { digitsEnd, digitsValue, integerPower } from './number-parse';
import { doublePower } from './number-scale';

const NULL_WORD: u32 = 0x6c6c756e;
const TRUE_WORD: u32 = 0x65757274;
const FALSE_WORD: u32 = 0x736c6166;

/** Vectors: 32, `"`, `\`, `0`, 9, and 0 to 15. */
// biome-ignore format: a vector a line
const vectors: usize = memory.data<u8>([
  32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
  34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34,
  92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92,
  48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
  9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
], 16);

/** Counts what was not plain. */
let stopCount: u32 = 0;
/** Counts signs. */
let signCount: u32 = 0;

/**
 * Says that a value is not plain. It does something, so the compiler must branch to it: a choice between 0 and the
 * address would make everything that follows wait for what the choice depends on.
 */
@inline
function stop(): usize {
  stopCount++;
  return 0;
}

/** The same for a sign: most numbers have none, and do not wait for the look at it. */
@inline
function behindSign(p: usize): usize {
  signCount++;
  return p + 1;
}

/** How far into a record its end is looked for: learned from one that ended elsewhere. */
let guessOffset: usize = 0;
const GUESS_OFFSET_MAX: usize = 2048;

/**
 * The address behind the first newline of the 32 bytes in which the record at `p` probably ends. It does not depend on
 * what is in the record, so the processor can begin with the next one while it is still busy with this one.
 */
@inline
export function runGuess(p: usize, limit: usize): usize {
  const at = min(p + guessOffset, limit);
  const newline = i8x16.splat(10);
  const low = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
  return at + ctz(low | (i8x16.bitmask(i8x16.eq(v128.load(at, 16), newline)) << 16)) + 1;
}

/** A record of so many bytes has not ended where it was thought to. */
export function runLength(bytes: usize): void {
  guessOffset = bytes < 17 ? 0 : min(bytes - 17, GUESS_OFFSET_MAX);
}

/** Passes over a value. */
@inline
export function runSkip(p: usize): usize {
  const byte = load<u8>(p);
  if (byte == 34) return runString(p + 1);
  if (byte > 64) {
    const word = load<u32>(p);
    if (word == NULL_WORD || word == TRUE_WORD) return p + 4;
    if (word != FALSE_WORD || load<u8>(p, 4) != 101) return stop();
    return p + 5;
  }
  const x = load<u64>(p) ^ 0x3030303030303030;
  const bit = ctz(digitsEnd(x));
  const next = (x >> (bit - 7)) & 0xff;
  if (bit > 7 && bit < 64 && next != 0x1e && (bit == 15 || (x & 0xff) != 0)) return p + (<usize>bit >> 3);
  p += usize(byte == 45);
  const others = otherThanDigits(p);
  const whole = ctz(others);
  if (whole == 0 || (load<u8>(p) == 48 && whole != 1)) return stop();
  let end = whole;
  if (load<u8>(p + whole) == 46) {
    end = ctz((others & (others - 1)) | 0x10000);
    if (end == whole + 1) return stop();
  }
  if (end == 16) return stop();
  return p + end;
}

/** Which of 16 characters are no digits; bit 16 is set. */
@inline
function otherThanDigits(p: usize): u32 {
  const digits = i8x16.sub(v128.load(p), v128.load(vectors, 48));
  return <u32>i8x16.bitmask(i8x16.gt_u(digits, v128.load(vectors, 64))) | 0x10000;
}

/** Reads a string of ASCII without escapes, from behind its opening quote to behind its closing one. */
@inline
export function runString(p: usize): usize {
  let stops = stringStops(p);
  while (stops == 0) {
    p += 16;
    stops = stringStops(p);
  }
  p += ctz(stops);
  if (load<u8>(p) != 34) return stop();
  return p + 1;
}

/** Where in 16 bytes a string may end: quotes, backslashes, control characters, and bytes beyond ASCII. */
@inline
function stringStops(p: usize): i32 {
  const block = v128.load(p);
  // Signed: control characters, and all bytes beyond ASCII.
  const odd = v128.or(i8x16.lt_s(block, v128.load(vectors)), i8x16.eq(block, v128.load(vectors, 32)));
  return i8x16.bitmask(v128.or(odd, i8x16.eq(block, v128.load(vectors, 16))));
}

/** Stores an i64 of up to 15 digits at `to`. */
@inline
export function runInteger(p: usize, to: usize): usize {
  const isNegative = load<u8>(p) == 45;
  if (isNegative) p = behindSign(p);
  const x = load<u64>(p) ^ 0x3030303030303030;
  const others = digitsEnd(x);
  // Eight times the digits, and 7.
  const bit = ctz(others);
  let value: u64;
  if (others != 0) {
    if (bit == 7) return stop();
    if ((x & 0xff) == 0) if (bit != 15) return stop();
    value = digitsValue(x << (71 - bit));
    p += <usize>bit >> 3;
  } else {
    if ((x & 0xff) == 0) return stop();
    const y = load<u64>(p, 8) ^ 0x3030303030303030;
    const more = digitsEnd(y);
    if (more == 0) return stop();
    value = joined(digitsValue(x), y, ctz(more));
    p += 8 + (<usize>ctz(more) >> 3);
  }
  store<i64>(to, isNegative ? -(<i64>value) : <i64>value);
  return p;
}

/** The digits of `high`, then those of `y` up to `bit`. */
@inline
function joined(high: u64, y: u64, bit: u64): u64 {
  return high * integerPower(<u32>(bit >> 3)) + digitsValue((y << (63 - bit)) << 8);
}

/** Stores a time in units since the epoch, of 8 to 16 digits, at `to` as µs. */
@inline
export function runTime(p: usize, to: usize, step: usize): usize {
  const x = load<u64>(p) ^ 0x3030303030303030;
  if (digitsEnd(x) != 0 || (x & 0xff) == 0) return stop();
  let value = load<u64>(step, STEP_PREFIX_VALUE);
  if (x != load<u64>(step, STEP_PREFIX)) {
    value = digitsValue(x);
    store<u64>(step, x, STEP_PREFIX);
    store<u64>(step, value, STEP_PREFIX_VALUE);
  }
  const y = load<u64>(p, 8) ^ 0x3030303030303030;
  const more = digitsEnd(y);
  if (more == 0) {
    value = value * 100000000 + digitsValue(y);
    p += 16;
    if (<u32>load<u8>(p) - 48 < 10) return stop();
  } else {
    value = joined(value, y, ctz(more));
    p += 8 + (<usize>ctz(more) >> 3);
  }
  const unit = load<u32>(step, STEP_UNIT);
  if (unit == 0 || value > load<u64>(step, STEP_LIMIT)) return stop();
  store<i64>(to, value * unit);
  return p;
}

/** Stores an f64 of up to 15 characters at `to`. */
@inline
export function runDouble(p: usize, to: usize): usize {
  const isNegative = load<u8>(p) == 45;
  if (isNegative) p = behindSign(p);
  const x = load<u64>(p) ^ 0x3030303030303030;
  const others = digitsEnd(x);
  const bit = ctz(others);
  if (bit == 7) return stop();
  if ((x & 0xff) == 0) if (bit != 15) return stop();
  let value: f64;
  const rest = others & (others - 1);
  if (others != 0 && ((x >> (bit - 7)) & 0xff) != 0x1e) {
    value = <f64>digitsValue(x << (71 - bit));
    p += <usize>bit >> 3;
  } else if (rest != 0) {
    // The digits behind the point move over it.
    const end = ctz(rest);
    const places = ((end - bit) >> 3) - 1;
    if (places == 0) return stop();
    const before = ((<u64>1) << (bit - 7)) - 1;
    const digits = (x & before) | ((x >> 8) & ~before);
    value = <f64>digitsValue(digits << (79 - end)) / doublePower(<u32>places);
    p += <usize>end >> 3;
  } else {
    const others = otherThanDigits(p);
    const whole = ctz(others);
    let end = whole;
    let point = i8x16.splat(-1);
    let places: u32 = 0;
    if (load<u8>(p + whole) == 46) {
      end = ctz((others & (others - 1)) | 0x10000);
      places = end - whole - 1;
      if (places == 0) return stop();
      point = i8x16.splat(<i8>(whole - end + 16));
    }
    if (end == 16) return stop();
    // The number moves to the end of 16 characters, and what is before its point by one more.
    const index = v128.load(vectors, 80);
    const moved = i8x16.add(i8x16.add(index, i8x16.splat(<i8>(end - 16))), i8x16.le_s(index, point));
    const digits = i8x16.swizzle(i8x16.sub(v128.load(p), v128.load(vectors, 48)), moved);
    const high = digitsValue(i64x2.extract_lane(digits, 0));
    const number = high * 100000000 + digitsValue(i64x2.extract_lane(digits, 1));
    value = <f64>number / doublePower(places);
    p += end;
  }
  store<f64>(to, isNegative ? -value : value);
  return p;
}
