// The watermark of a source: the greatest event time seen, minus a delay, decided row by row.
//
// Each row is given the watermark that the rows before it produced, so that lateness does not depend on where batches
// were cut. A row further than `maxFuture` ahead of the wall clock does not move the watermark and is counted. The
// watermark never goes back. State: WATERMARK_* of layout-time.ts; all times are µs.
import {
  WATERMARK_BYTES,
  WATERMARK_CURRENT,
  WATERMARK_DELAY,
  WATERMARK_FUTURE_COUNT,
  WATERMARK_MAX_FUTURE,
  WATERMARK_MAX_TIME,
  WATERMARK_NOW,
} from './layout-time';

/** Makes `state` (WATERMARK_BYTES) that of a source without rows, delay and guard. */
export function watermarkInit(state: usize): void {
  memory.fill(state, 0, WATERMARK_BYTES);
  store<i64>(state, i64.MIN_VALUE, WATERMARK_MAX_TIME);
  store<i64>(state, i64.MIN_VALUE, WATERMARK_CURRENT);
}

/**
 * Moves the watermark over `rows` event times (i64 column at `timePtr`). If `outPtr` is not 0, writes for each row the
 * watermark before it (i64 column).
 */
export function watermarkAssign(state: usize, timePtr: usize, rows: u32, outPtr: usize): void {
  const delay = load<i64>(state, WATERMARK_DELAY);
  const limit = watermarkLimit(state);
  let greatest = load<i64>(state, WATERMARK_MAX_TIME);
  let current = load<i64>(state, WATERMARK_CURRENT);
  let futureCount: u32 = 0;
  // Without branches: which of two neighbours is later is often as good as random. Times of which the delay cannot be
  // taken away count as the first of which it can.
  const first = delay > 0 ? i64.MIN_VALUE + delay : i64.MIN_VALUE;
  const last = delay < 0 ? i64.MAX_VALUE + delay : i64.MAX_VALUE;
  for (let row: u32 = 0; row < rows; row++) {
    if (outPtr) store<i64>(outPtr + ((<usize>row) << 3), current);
    const given = load<i64>(timePtr + ((<usize>row) << 3));
    const isFuture = given > limit;
    futureCount += u32(isFuture);
    greatest = max(greatest, isFuture ? i64.MIN_VALUE : given);
    current = max(current, isFuture ? i64.MIN_VALUE : min(max(given, first), last) - delay);
  }
  store<i64>(state, greatest, WATERMARK_MAX_TIME);
  store<i64>(state, current, WATERMARK_CURRENT);
  store<u32>(state, load<u32>(state, WATERMARK_FUTURE_COUNT) + futureCount, WATERMARK_FUTURE_COUNT);
}

/** a + b, held at the ends of the range. */
export function saturatingAdd(a: i64, b: i64): i64 {
  const sum = a + b;
  if (((a ^ sum) & (b ^ sum)) < 0) return b < 0 ? i64.MIN_VALUE : i64.MAX_VALUE;
  return sum;
}

/** a − b, held at the ends of the range. */
export function saturatingSubtract(a: i64, b: i64): i64 {
  const difference = a - b;
  if (((a ^ b) & (a ^ difference)) < 0) return b < 0 ? i64.MAX_VALUE : i64.MIN_VALUE;
  return difference;
}

/**
 * Moves the watermark to the greatest of `rows` marks minus the delay (i64 column at `markPtr`, bytes at `validityPtr`
 * unless 0; NULL moves nothing). If `outPtr` is not 0, writes for each row the watermark before it (i64 column).
 */
export function watermarkFollow(state: usize, markPtr: usize, validityPtr: usize, rows: u32, outPtr: usize): void {
  const delay = load<i64>(state, WATERMARK_DELAY);
  const limit = watermarkLimit(state);
  let current = load<i64>(state, WATERMARK_CURRENT);
  let futureCount: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    if (outPtr) store<i64>(outPtr + ((<usize>row) << 3), current);
    if (validityPtr && !load<u8>(validityPtr + row)) continue;
    const mark = load<i64>(markPtr + ((<usize>row) << 3));
    if (mark > limit) futureCount++;
    else current = max(current, saturatingSubtract(mark, delay));
  }
  store<i64>(state, current, WATERMARK_CURRENT);
  store<u32>(state, load<u32>(state, WATERMARK_FUTURE_COUNT) + futureCount, WATERMARK_FUTURE_COUNT);
}

/**
 * Raises the watermark before each of `rows` rows (i64 column at `columnPtr`), which know only the rows of their own
 * chunk, to that of the rows before the chunk.
 */
export function watermarkRaise(state: usize, columnPtr: usize, rows: u32): void {
  const before = load<i64>(state, WATERMARK_CURRENT);
  for (let row: usize = 0; row < rows; row++) {
    const at = columnPtr + (row << 3);
    if (load<i64>(at) < before) store<i64>(at, before);
  }
}

/** Moves the watermark to the one at `cell` (i64), unless it is further. */
export function watermarkAdvance(state: usize, cell: usize): void {
  const given = load<i64>(cell);
  if (given > load<i64>(state, WATERMARK_CURRENT)) store<i64>(state, given, WATERMARK_CURRENT);
}

/** The last time that moves the watermark: the clock's and the guard beyond it. */
export function watermarkLimit(state: usize): i64 {
  const future = load<i64>(state, WATERMARK_MAX_FUTURE);
  return future > 0 ? saturatingAdd(load<i64>(state, WATERMARK_NOW), future) : i64.MAX_VALUE;
}
