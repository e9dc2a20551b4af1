// Random numbers by counter: draw k of row n is a function of (seed, n, k), so rows can be made in any order, any part
// of a row can be left out, and the same seed always gives the same rows.
//
//   base = mix(seed · A + n)      draw k = mix(base + (k + 1) · γ)      mix, γ: SplitMix64
//
// (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014; mix is D. Stafford's variant 13.)

const GAMMA: u64 = 0x9e3779b97f4a7c15;

/** Scrambles 64 bits; a bijection. */
@inline
export function randomMix(value: u64): u64 {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/** Where the draws of row `row` begin. */
@inline
export function randomBase(seed: u64, row: u64): u64 {
  return randomMix(seed * 0xd1342543de82ef95 + row);
}

/** The `index`-th random number after a base. */
@inline
export function randomDraw(base: u64, index: u32): u64 {
  return randomMix(base + (<u64>index + 1) * GAMMA);
}

/** A number below `count` (0 < count) from the low 32 bits of a draw. */
@inline
export function randomBelow(draw: u64, count: u32): u32 {
  return <u32>(((draw & 0xffffffff) * count) >> 32);
}

/** A number below `count` (0 stands for 2^64) from all bits of a draw: the high half of their product. */
export function randomBelow64(draw: u64, count: u64): u64 {
  if (count == 0) return draw;
  const drawHigh = draw >> 32;
  const drawLow = draw & 0xffffffff;
  const countHigh = count >> 32;
  const countLow = count & 0xffffffff;
  const low = drawLow * countLow;
  const middle = drawHigh * countLow + (low >> 32);
  const carry = drawLow * countHigh + (middle & 0xffffffff);
  return drawHigh * countHigh + (middle >> 32) + (carry >> 32);
}

/** A number of [0, 1) with 53 random bits. */
@inline
export function randomUnit(draw: u64): f64 {
  return <f64>(draw >> 11) * (1.0 / 9007199254740992.0);
}

/** Writes `length` random letters a-z at `to`, and up to 15 bytes more; takes draws from `index` on. */
export function randomLetters(base: u64, index: u32, length: u32, to: usize): void {
  const end = to + length;
  while (to < end) {
    const bytes = i64x2.replace_lane(i64x2.splat(randomDraw(base, index)), 1, randomDraw(base, index + 1));
    v128.store(to, i8x16.add(scaleBytes(bytes, 26), i8x16.splat(97)));
    to += 16;
    index += 2;
  }
}

/**
 * Writes `length` random letters, one in 13 of them replaced by `gap`, but never the first or the last; and up to 15
 * bytes more. Takes draws from `index` on.
 */
export function randomWords(base: u64, index: u32, length: u32, gap: u32, to: usize): void {
  const start = to;
  const end = to + length;
  while (to < end) {
    const bytes = i64x2.replace_lane(i64x2.splat(randomDraw(base, index)), 1, randomDraw(base, index + 1));
    const isGap = i8x16.lt_u(bytes, i8x16.splat(20));
    // The 236 other values spread over the alphabet: 236 · 28 / 256 < 26.
    const letters = i8x16.add(scaleBytes(i8x16.sub(bytes, i8x16.splat(20)), 28), i8x16.splat(97));
    v128.store(to, v128.bitselect(i8x16.splat(<i8>gap), letters, isGap));
    to += 16;
    index += 2;
  }
  if (load<u8>(start) == <u8>gap) store<u8>(start, 97 + ((length + index) % 26));
  if (load<u8>(end - 1) == <u8>gap) store<u8>(end - 1, 97 + ((length * 7 + index) % 26));
}

/** Each unsigned byte times `factor` / 256, rounded down. */
@inline
function scaleBytes(bytes: v128, factor: i16): v128 {
  const low = i16x8.shr_u(i16x8.mul(i16x8.extend_low_i8x16_u(bytes), i16x8.splat(factor)), 8);
  const high = i16x8.shr_u(i16x8.mul(i16x8.extend_high_i8x16_u(bytes), i16x8.splat(factor)), 8);
  return i8x16.narrow_i16x8_u(low, high);
}
