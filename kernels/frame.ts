// Frames: for each row the rows of its partition that a call looks at, and what the call gives over them.
//
// Rows of a partition are a list in order, numbered from 0 (ROW_INDEX). A frame [FRAME_FIRST, FRAME_LAST) only ever
// moves on, since rows get their results in order: rows are included at its end and left out at its start.
//
//   counts, sums of integers   what is left out is subtracted
//   sums of doubles, MIN, MAX  two stacks: every row of the older part keeps in a slot what the part gives from it on, and
//                              the newer part has one running value; when the older part is used up, the newer one is
//                              turned into it (Tangwongsan et al. 2015). Nothing is ever subtracted.
//
// A frame that begins with the partition leaves nothing out: a running value is enough, and rows it may still show
// (the first ones, the least) are pinned.
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_U8 } from './layout';
import {
  BOUND_CURRENT,
  BOUND_FOLLOWING,
  BOUND_PRECEDING,
  BOUND_UNBOUNDED,
  FRAME_COUNT,
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_GROUPS,
  FRAME_LAST,
  FRAME_LAST_ROW,
  FRAME_NEWEST,
  FRAME_PINNED,
  FRAME_ROWS,
  FRAME_SUM,
  FRAME_SUM_HIGH,
  FRAME_TURNED,
  OVER_AGGREGATED,
  OVER_ARGUMENT,
  OVER_ARGUMENT_NULL,
  OVER_AVG,
  OVER_COUNT,
  OVER_END,
  OVER_END_OFFSET,
  OVER_FUNCTION,
  OVER_GROUP,
  OVER_IS_WHOLE,
  OVER_MIN,
  OVER_NTH,
  OVER_NTH_VALUE,
  OVER_ORDER,
  OVER_ORDER_COUNT,
  OVER_PHYSICAL,
  OVER_SLOT,
  OVER_START,
  OVER_START_OFFSET,
  OVER_SUM,
  OVER_UNIT,
} from './layout-over';
import { ROW_INDEX, ROW_NEXT } from './layout-rows';
import { aggregatedInclude } from './frame-aggregate';
import { placedInclude } from './frame-placed';
import { allocate, release } from './memory';
import { overUnpin } from './over-rows';
import { STATE_TURN, STATE_TURN_CAPACITY } from './over-state';
import { rowCompare, rowCompareShifted, rowCompareValues } from './row-order';
import { rowPin } from './row-store';
import { saturatingAdd } from './watermark';

/** Rows of a double sum's slot: sum f64, count i64; of MIN and MAX: the row u32. */
export const SLOT_COUNT = 8;

/** Moves the frame of a call to that of `row`. */
export function frameMove(state: usize, call: usize, frame: usize, row: usize): void {
  const unit = load<u32>(call, OVER_UNIT);
  if (unit == FRAME_ROWS) moveRows(state, call, frame, load<i64>(row, ROW_INDEX));
  else if (unit == FRAME_GROUPS) moveGroups(state, call, frame, row);
  else moveRange(state, call, frame, row);
}

function moveRows(state: usize, call: usize, frame: usize, index: i64): void {
  const end = rowBound(load<u32>(call, OVER_END), load<i64>(call, OVER_END_OFFSET), index, i64.MAX_VALUE - 1) + 1;
  while (load<u32>(frame, FRAME_LAST_ROW) != 0 && load<i64>(frame, FRAME_LAST) < end) include(state, call, frame);
  const start = rowBound(load<u32>(call, OVER_START), load<i64>(call, OVER_START_OFFSET), index, 0);
  while (load<i64>(frame, FRAME_FIRST) < load<i64>(frame, FRAME_LAST) && load<i64>(frame, FRAME_FIRST) < start)
    leaveOut(state, call, frame);
}

/** As rows, by the numbers of their groups. */
function moveGroups(state: usize, call: usize, frame: usize, row: usize): void {
  const group = <usize>load<u32>(state, OVER_GROUP);
  const own = load<i64>(row + group);
  const end = rowBound(load<u32>(call, OVER_END), load<i64>(call, OVER_END_OFFSET), own, i64.MAX_VALUE - 1);
  for (let next = load<u32>(frame, FRAME_LAST_ROW); next != 0; next = load<u32>(frame, FRAME_LAST_ROW)) {
    if (load<i64>(<usize>next + group) > end) break;
    include(state, call, frame);
  }
  // Nothing is left out, and the first row need not be there any more.
  if (load<u32>(call, OVER_START) == BOUND_UNBOUNDED) return;
  const start = rowBound(load<u32>(call, OVER_START), load<i64>(call, OVER_START_OFFSET), own, 0);
  while (load<i64>(frame, FRAME_FIRST) < load<i64>(frame, FRAME_LAST)) {
    if (load<i64>(<usize>load<u32>(frame, FRAME_FIRST_ROW) + group) >= start) break;
    leaveOut(state, call, frame);
  }
}

/** The row, or group, that a bound names. */
@inline
function rowBound(kind: u32, offset: i64, index: i64, unbounded: i64): i64 {
  if (kind == BOUND_UNBOUNDED) return unbounded;
  if (kind == BOUND_CURRENT) return index;
  return kind == BOUND_PRECEDING ? index - offset : min(saturatingAdd(index, offset), i64.MAX_VALUE - 1);
}

function moveRange(state: usize, call: usize, frame: usize, row: usize): void {
  const end = load<u32>(call, OVER_END);
  const endOffset = load<i64>(call, OVER_END_OFFSET);
  for (let next = load<u32>(frame, FRAME_LAST_ROW); next != 0; next = load<u32>(frame, FRAME_LAST_ROW)) {
    if (end != BOUND_UNBOUNDED && compareBound(state, next, row, end, endOffset) > 0) break;
    include(state, call, frame);
  }
  const start = load<u32>(call, OVER_START);
  if (start == BOUND_UNBOUNDED) return;
  const startOffset = load<i64>(call, OVER_START_OFFSET);
  while (load<i64>(frame, FRAME_FIRST) < load<i64>(frame, FRAME_LAST)) {
    if (compareBound(state, load<u32>(frame, FRAME_FIRST_ROW), row, start, startOffset) >= 0) break;
    leaveOut(state, call, frame);
  }
}

/** Where a row stands to a bound of the frame of `row`: negative before it. */
function compareBound(state: usize, other: usize, row: usize, kind: u32, offset: i64): i32 {
  const order = <usize>load<u32>(state, OVER_ORDER);
  if (kind == BOUND_CURRENT) return rowCompare(order, load<u32>(state, OVER_ORDER_COUNT), other, row);
  return rowCompareShifted(order, other, row, offset, kind == BOUND_FOLLOWING);
}

@inline
function isValid(call: usize, row: usize): bool {
  const nullOffset = load<i32>(call, OVER_ARGUMENT_NULL);
  return nullOffset < 0 || load<u8>(row + nullOffset) != 0;
}

/** The argument of a row as a whole number. */
@inline
function wholeOf(call: usize, row: usize): i64 {
  const value = row + load<u32>(call, OVER_ARGUMENT);
  const physical = load<u32>(call, OVER_PHYSICAL);
  if (physical == PHYSICAL_I32) return load<i32>(value);
  return physical == PHYSICAL_U8 ? load<u8>(value) : load<i64>(value);
}

@inline
function doubleOf(call: usize, row: usize): f64 {
  return load<f64>(row + load<u32>(call, OVER_ARGUMENT));
}

function include(state: usize, call: usize, frame: usize): void {
  const row = <usize>load<u32>(frame, FRAME_LAST_ROW);
  const index = load<i64>(frame, FRAME_LAST);
  store<u32>(frame, <u32>row, FRAME_NEWEST);
  store<u32>(frame, load<u32>(row, ROW_NEXT), FRAME_LAST_ROW);
  store<i64>(frame, index + 1, FRAME_LAST);
  const fn = load<u32>(call, OVER_FUNCTION);
  if (fn >= <u32>OVER_AGGREGATED) {
    if (fn == OVER_AGGREGATED) aggregatedInclude(call, frame, row);
    else placedInclude(state, call, frame, row, index);
    return;
  }
  if (fn == OVER_NTH_VALUE) {
    const isUnbounded = load<u32>(call, OVER_START) == BOUND_UNBOUNDED;
    if (isUnbounded && index + 1 == <i64>load<u32>(call, OVER_NTH)) setPinned(state, call, frame, <u32>row);
    return;
  }
  if (fn < <u32>OVER_COUNT || !isValid(call, row)) return;
  if (fn >= <u32>OVER_MIN) {
    setPinned(state, call, frame, better(call, load<u32>(frame, FRAME_PINNED), row));
    return;
  }
  store<i64>(frame, load<i64>(frame, FRAME_COUNT) + 1, FRAME_COUNT);
  if (fn == OVER_COUNT) return;
  if (load<u32>(call, OVER_PHYSICAL) == PHYSICAL_F64)
    store<f64>(frame, load<f64>(frame, FRAME_SUM) + doubleOf(call, row), FRAME_SUM);
  else addExact(frame, wholeOf(call, row), false);
}

function leaveOut(state: usize, call: usize, frame: usize): void {
  const fn = load<u32>(call, OVER_FUNCTION);
  const index = load<i64>(frame, FRAME_FIRST);
  const hasSlots = load<u32>(call, OVER_SLOT) != 0;
  if (hasSlots && index >= load<i64>(frame, FRAME_TURNED)) turn(state, call, frame);
  const row = <usize>load<u32>(frame, FRAME_FIRST_ROW);
  store<i64>(frame, index + 1, FRAME_FIRST);
  store<u32>(frame, load<u32>(row, ROW_NEXT), FRAME_FIRST_ROW);
  if (hasSlots || fn < <u32>OVER_COUNT || fn >= <u32>OVER_AGGREGATED || !isValid(call, row)) return;
  store<i64>(frame, load<i64>(frame, FRAME_COUNT) - 1, FRAME_COUNT);
  if (fn != OVER_COUNT) addExact(frame, wholeOf(call, row), true);
}

/** Adds to, or takes from, the 128-bit sum. */
function addExact(frame: usize, value: i64, isTaken: bool): void {
  const low = load<u64>(frame, FRAME_SUM);
  const sum = isTaken ? low - <u64>value : low + <u64>value;
  const carry = isTaken ? <i64>(low < <u64>value) : <i64>(sum < low);
  const high = load<i64>(frame, FRAME_SUM_HIGH);
  const sign = value >> 63;
  store<u64>(frame, sum, FRAME_SUM);
  store<i64>(frame, isTaken ? high - sign - carry : high + sign + carry, FRAME_SUM_HIGH);
}

/** The better of two rows by the argument, the first of equal ones; 0 is none. */
function better(call: usize, best: u32, row: usize): u32 {
  if (best == 0) return <u32>row;
  if (row == 0) return best;
  const order = rowCompareValues(load<u32>(call, OVER_PHYSICAL), load<u32>(call, OVER_ARGUMENT), row, best);
  return (load<u32>(call, OVER_FUNCTION) == OVER_MIN ? order < 0 : order > 0) ? <u32>row : best;
}

/** Remembers a row. Where nothing else holds it, it is pinned. */
function setPinned(state: usize, call: usize, frame: usize, row: u32): void {
  const before = load<u32>(frame, FRAME_PINNED);
  if (before == row) return;
  store<u32>(frame, row, FRAME_PINNED);
  if (!framePins(state, call)) return;
  rowPin(row);
  if (before) overUnpin(state, before);
}

/** Whether a call pins what it remembers: its frame does not hold it, and its partition goes on. */
@inline
export function framePins(state: usize, call: usize): bool {
  return load<u32>(state, OVER_IS_WHOLE) == 0 && load<u32>(call, OVER_START) == BOUND_UNBOUNDED;
}

/** Gives each row of the frame what the frame gives from it on, and begins a new running value. */
function turn(state: usize, call: usize, frame: usize): void {
  const count = <u32>(load<i64>(frame, FRAME_LAST) - load<i64>(frame, FRAME_FIRST));
  const rows = turnRoom(state, count);
  let row = load<u32>(frame, FRAME_FIRST_ROW);
  for (let i: usize = 0; i < count; i++) {
    store<u32>(rows + (i << 2), row);
    row = load<u32>(row, ROW_NEXT);
  }
  const slot = load<u32>(call, OVER_SLOT);
  const isExtreme = load<u32>(call, OVER_FUNCTION) >= <u32>OVER_MIN;
  let best: u32 = 0;
  let sum: f64 = 0;
  let values: i64 = 0;
  for (let i = count; i > 0; i--) {
    const at = <usize>load<u32>(rows + ((<usize>(i - 1)) << 2));
    if (isExtreme) {
      if (isValid(call, at)) best = better(call, best, at);
      store<u32>(at + slot, best);
      continue;
    }
    if (isValid(call, at)) {
      sum += doubleOf(call, at);
      values++;
    }
    store<f64>(at + slot, sum);
    store<i64>(at + slot, values, SLOT_COUNT);
  }
  store<i64>(frame, load<i64>(frame, FRAME_LAST), FRAME_TURNED);
  store<f64>(frame, 0, FRAME_SUM);
  store<i64>(frame, 0, FRAME_COUNT);
  store<u32>(frame, 0, FRAME_PINNED);
}

function turnRoom(state: usize, count: u32): usize {
  const capacity = load<u32>(state, STATE_TURN_CAPACITY);
  if (capacity < count) {
    if (capacity) release(load<u32>(state, STATE_TURN), capacity << 2);
    const wanted = max<u32>(count, 16);
    store<u32>(state, <u32>allocate(wanted << 2), STATE_TURN);
    store<u32>(state, wanted, STATE_TURN_CAPACITY);
  }
  return <usize>load<u32>(state, STATE_TURN);
}

/** Whether the older part of a frame in two stacks has rows. */
@inline
export function frameIsTurned(call: usize, frame: usize): bool {
  return load<u32>(call, OVER_SLOT) != 0 && load<i64>(frame, FRAME_FIRST) < load<i64>(frame, FRAME_TURNED);
}

/** The row that MIN or MAX shows; 0: none. */
export function frameBest(call: usize, frame: usize): u32 {
  const best = load<u32>(frame, FRAME_PINNED);
  if (!frameIsTurned(call, frame)) return best;
  const older = load<u32>(<usize>load<u32>(frame, FRAME_FIRST_ROW) + load<u32>(call, OVER_SLOT));
  return older == 0 ? best : better(call, older, best);
}
