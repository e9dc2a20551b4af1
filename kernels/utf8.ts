// Whether bytes are UTF-8, 16 at a time.
//
// Every error of UTF-8 shows in two neighbouring bytes, or in a missing or surplus third or fourth byte. Three tables
// (high and low half of the byte before, high half of the byte) say which errors are possible from each half's view;
// what all three agree on is an error (J. Keiser, D. Lemire, "Validating UTF-8 in less than one instruction per byte",
// 2021). ASCII blocks skip all that.

// Errors of a pair of bytes. TWO_CONTS is one only where no third or fourth byte is due.
const TOO_SHORT: u8 = 1; // a lead byte without a continuation
const TOO_LONG: u8 = 2; // a continuation after ASCII
const OVERLONG_3: u8 = 4; // E0 80 to E0 9F
const TOO_LARGE: u8 = 8; // F4 90 and beyond
const SURROGATE: u8 = 16; // ED A0 to ED BF
const OVERLONG_2: u8 = 32; // C0, C1
const TOO_LARGE_1000: u8 = 64; // F5 and beyond with 80 to 8F
const OVERLONG_4: u8 = 64; // F0 80 to F0 8F
const TWO_CONTS: u8 = 128;
const CARRY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTS;

/** By the high half of the first byte. */
// biome-ignore format: as the halves fall
const firstHigh: usize = memory.data<u8>([
  TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
  TWO_CONTS, TWO_CONTS, TWO_CONTS, TWO_CONTS,
  TOO_SHORT | OVERLONG_2,
  TOO_SHORT,
  TOO_SHORT | OVERLONG_3 | SURROGATE,
  TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
], 16);

/** By the low half of the first byte. */
// biome-ignore format: as the halves fall
const firstLow: usize = memory.data<u8>([
  CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
  CARRY | OVERLONG_2,
  CARRY, CARRY,
  CARRY | TOO_LARGE,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
  CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE,
  CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
], 16);

/** By the high half of the second byte. */
// biome-ignore format: as the halves fall
const secondHigh: usize = memory.data<u8>([
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
  TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE,
  TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE,
  TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE,
  TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
], 16);

/** Sixteen bytes of ones, then sixteen of zeros: read at 16 − n, a mask of the first n bytes. */
const masks: usize = memory.data<u64>([-1, -1, 0, 0], 16);

/** Whether memory [ptr, ptr + len) is UTF-8. Reads up to 15 bytes past the end. */
export function utf8IsValid(ptr: usize, len: u32): bool {
  const end = ptr + len;
  let previous = i64x2.splat(0);
  let errors = i64x2.splat(0);
  let isOpen = false;
  for (let p = ptr; p < end; p += 16) {
    let block = v128.load(p);
    if (end - p < 16) block = v128.and(block, v128.load(masks + 16 - (end - p)));
    if (i8x16.bitmask(block) == 0) {
      // A sequence that the last block began can not go on in ASCII.
      if (isOpen) return false;
    } else {
      errors = v128.or(errors, blockErrors(block, previous));
      isOpen = endsOpen(block);
    }
    previous = block;
  }
  return !isOpen && !v128.any_true(errors);
}

@inline
function blockErrors(block: v128, previous: v128): v128 {
  const nibble = i8x16.splat(15);
  const before1 = i8x16.shuffle(previous, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const before2 = i8x16.shuffle(previous, block, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const before3 = i8x16.shuffle(previous, block, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const pair = v128.and(
    v128.and(
      i8x16.swizzle(v128.load(firstHigh), i8x16.shr_u(before1, 4)),
      i8x16.swizzle(v128.load(firstLow), v128.and(before1, nibble)),
    ),
    i8x16.swizzle(v128.load(secondHigh), i8x16.shr_u(block, 4)),
  );
  // The top bit (e0 − 80 and f0 − 80 are subtracted) where a third or fourth byte is due: exactly there two continuations in a row are right.
  const third = i8x16.sub_sat_u(before2, i8x16.splat(0x60));
  const fourth = i8x16.sub_sat_u(before3, i8x16.splat(0x70));
  const isDue = v128.and(v128.or(third, fourth), i8x16.splat(-128));
  return v128.xor(pair, isDue);
}

/** Whether the block ends inside a sequence. */
@inline
function endsOpen(block: v128): bool {
  // 0xef, 0xdf, 0xbf: the greatest bytes that need no three, two, one more.
  const limits = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -17, -33, -65);
  return v128.any_true(i8x16.sub_sat_u(block, limits));
}
