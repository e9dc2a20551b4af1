// Rows of a frame by their place, where some are not counted: IGNORE NULLS, and frames with holes (EXCLUDE).
//
//   the n-th          from the beginning of a partition it is pinned when it comes; else found by walking
//   the n-th last     the last n values are remembered as they come
//   with EXCLUDE      found by walking: what is left out is another row for each
import {
  BOUND_UNBOUNDED,
  EXCLUDE_NONE,
  EXCLUDE_ROW,
  EXCLUDE_TIES,
  FRAME_COUNT,
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_LAST,
  FRAME_PINNED,
  FRAME_RING,
  OVER_ARGUMENT_NULL,
  OVER_EXCLUDE,
  OVER_FUNCTION,
  OVER_IGNORES_NULLS,
  OVER_IS_WHOLE,
  OVER_NTH,
  OVER_NTH_PLACED,
  OVER_ORDER,
  OVER_ORDER_COUNT,
  OVER_START,
  RING_BYTES,
  RING_INDEX,
  RING_ROW,
} from './layout-over';
import { ROW_NEXT } from './layout-rows';
import { overUnpin } from './over-rows';
import { rowCompare } from './row-order';
import { rowPin } from './row-store';

/** Whether the frame of `row` leaves `other` out. */
export function frameExcludes(state: usize, call: usize, other: usize, row: usize): bool {
  const exclude = load<u32>(call, OVER_EXCLUDE);
  if (exclude == EXCLUDE_NONE) return false;
  if (other == row) return exclude != EXCLUDE_TIES;
  if (exclude == EXCLUDE_ROW) return false;
  return rowCompare(<usize>load<u32>(state, OVER_ORDER), load<u32>(state, OVER_ORDER_COUNT), other, row) == 0;
}

@inline
function isCounted(call: usize, row: usize): bool {
  const nullOffset = load<i32>(call, OVER_ARGUMENT_NULL);
  return load<u32>(call, OVER_IGNORES_NULLS) == 0 || nullOffset < 0 || load<u8>(row + nullOffset) != 0;
}

/** Whether rows are pinned: the frame does not hold them, and the partition goes on. */
@inline
function pins(state: usize, call: usize): bool {
  return load<u32>(state, OVER_IS_WHOLE) == 0 && load<u32>(call, OVER_START) == BOUND_UNBOUNDED;
}

/** Takes row number `index`, which a frame begins to hold. */
export function placedInclude(state: usize, call: usize, frame: usize, row: usize, index: i64): void {
  if (load<u32>(call, OVER_EXCLUDE) != EXCLUDE_NONE || !isCounted(call, row)) return;
  const nth = <i64>load<u32>(call, OVER_NTH);
  const count = load<i64>(frame, FRAME_COUNT);
  store<i64>(frame, count + 1, FRAME_COUNT);
  if (load<u32>(call, OVER_FUNCTION) == OVER_NTH_PLACED) {
    if (count + 1 != nth || load<u32>(call, OVER_START) != BOUND_UNBOUNDED) return;
    store<u32>(frame, <u32>row, FRAME_PINNED);
    if (pins(state, call)) rowPin(row);
    return;
  }
  const slot = frame + FRAME_RING + <usize>(count % nth) * RING_BYTES;
  const before = load<u32>(slot, RING_ROW);
  store<u32>(slot, <u32>row, RING_ROW);
  store<i64>(slot, index, RING_INDEX);
  if (!pins(state, call)) return;
  rowPin(row);
  if (before) overUnpin(state, before);
}

/** The n-th row that counts; 0: none. */
export function placedNth(state: usize, call: usize, frame: usize, row: usize): u32 {
  const hasHoles = load<u32>(call, OVER_EXCLUDE) != EXCLUDE_NONE;
  if (!hasHoles && load<u32>(call, OVER_START) == BOUND_UNBOUNDED) return load<u32>(frame, FRAME_PINNED);
  const nth = load<u32>(call, OVER_NTH);
  const end = load<i64>(frame, FRAME_LAST);
  let other = load<u32>(frame, FRAME_FIRST_ROW);
  let count: u32 = 0;
  for (let index = load<i64>(frame, FRAME_FIRST); index < end; index++) {
    if (isCounted(call, other) && !frameExcludes(state, call, other, row)) count++;
    if (count == nth) return other;
    other = load<u32>(other, ROW_NEXT);
  }
  return 0;
}

/** The n-th row from the end that counts, of frames with holes the last; 0: none. */
export function placedLast(state: usize, call: usize, frame: usize, row: usize): u32 {
  const first = load<i64>(frame, FRAME_FIRST);
  if (load<u32>(call, OVER_EXCLUDE) == EXCLUDE_NONE) {
    const nth = <i64>load<u32>(call, OVER_NTH);
    const count = load<i64>(frame, FRAME_COUNT);
    if (count < nth) return 0;
    const slot = frame + FRAME_RING + <usize>(count % nth) * RING_BYTES;
    return load<i64>(slot, RING_INDEX) >= first ? load<u32>(slot, RING_ROW) : 0;
  }
  const end = load<i64>(frame, FRAME_LAST);
  let other = load<u32>(frame, FRAME_FIRST_ROW);
  let last: u32 = 0;
  for (let index = first; index < end; index++) {
    if (isCounted(call, other) && !frameExcludes(state, call, other, row)) last = other;
    other = load<u32>(other, ROW_NEXT);
  }
  return last;
}

/** Lets go of the rows that a frame has pinned. */
export function placedRelease(state: usize, call: usize, frame: usize): void {
  if (!pins(state, call)) return;
  if (load<u32>(call, OVER_FUNCTION) == OVER_NTH_PLACED) {
    const pinned = load<u32>(frame, FRAME_PINNED);
    if (pinned) overUnpin(state, pinned);
    return;
  }
  const most = min(load<i64>(frame, FRAME_COUNT), <i64>load<u32>(call, OVER_NTH));
  for (let i: usize = 0; i < <usize>most; i++)
    overUnpin(state, load<u32>(frame + FRAME_RING + i * RING_BYTES, RING_ROW));
}
