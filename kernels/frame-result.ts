// What the calls of an OVER operator give for a row: frames are moved to it, and results written into it.
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_U8 } from './layout';
import {
  BOUND_UNBOUNDED,
  FRAME_COUNT,
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_LAST,
  FRAME_NEWEST,
  FRAME_PINNED,
  FRAME_SUM,
  FRAME_SUM_HIGH,
  OVER_AGGREGATED,
  OVER_ARGUMENT,
  OVER_ARRIVAL,
  OVER_ARGUMENT_NULL,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_CALLS,
  OVER_COUNT,
  OVER_COUNT_ROWS,
  OVER_CUME_DIST,
  OVER_DEFAULT,
  OVER_DEFAULT_NULL,
  OVER_DENSE_RANK,
  OVER_FUNCTION,
  OVER_LAST_VALUE,
  OVER_MIN,
  OVER_NTH,
  OVER_NTILE,
  OVER_PERCENT_RANK,
  PARTITION_COUNT,
  OVER_NTH_PLACED,
  OVER_NTH_VALUE,
  OVER_ORDER,
  OVER_ORDER_COUNT,
  OVER_PHYSICAL,
  OVER_RANK,
  OVER_RESULT,
  OVER_RESULT_NULL,
  OVER_ROW_NUMBER,
  OVER_SLOT,
  OVER_START,
  OVER_STATE,
  OVER_SUM,
} from './layout-over';
import { ROW_INDEX, ROW_NEXT } from './layout-rows';
import { frameBest, frameIsTurned, frameMove, SLOT_COUNT } from './frame';
import { aggregatedWrite } from './frame-aggregate';
import { placedLast, placedNth } from './frame-placed';
import { rowCompare } from './row-order';

// State of RANK and DENSE_RANK: the rank i64, and the row that had it.
export const RANK_ROW: usize = 8;

/** Writes the results of all calls into a row. @returns 1 + the index of the call that is out of range, 0: none */
export function resultsWrite(state: usize, partition: usize, row: usize): u32 {
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  for (let index: u32 = 0; index < count; index++) {
    const call = calls + index * OVER_CALL_BYTES;
    const frame = partition + load<u32>(call, OVER_STATE);
    const fn = load<u32>(call, OVER_FUNCTION);
    if (fn == OVER_ARRIVAL) continue;
    if (fn == OVER_ROW_NUMBER) writeWhole(call, row, load<i64>(row, ROW_INDEX) + 1);
    else if (fn == OVER_NTILE) writeWhole(call, row, tileOf(call, partition, row));
    else if (fn <= <u32>OVER_PERCENT_RANK) writeRank(state, call, frame, partition, row);
    else {
      frameMove(state, call, frame, row);
      if (fn < <u32>OVER_AGGREGATED) {
        if (!writeResult(call, frame, partition, row)) return index + 1;
      } else if (fn == OVER_AGGREGATED) {
        if (!aggregatedWrite(state, call, frame, row)) return index + 1;
      } else if (fn == OVER_NTH_PLACED) writeValue(call, row, placedNth(state, call, frame, row), true);
      else writeValue(call, row, placedLast(state, call, frame, row), true);
    }
  }
  return 0;
}

/** Which of n parts, as equal as can be and the larger first, the row is in. */
function tileOf(call: usize, partition: usize, row: usize): i64 {
  const parts = <i64>load<u32>(call, OVER_NTH);
  const count = load<i64>(partition, PARTITION_COUNT);
  const index = load<i64>(row, ROW_INDEX);
  const rows = count / parts;
  const larger = (count % parts) * (rows + 1);
  if (index < larger) return index / (rows + 1) + 1;
  return (count % parts) + (index - larger) / rows + 1;
}

function writeRank(state: usize, call: usize, rank: usize, partition: usize, row: usize): void {
  const before = <usize>load<u32>(rank, RANK_ROW);
  const order = <usize>load<u32>(state, OVER_ORDER);
  if (before == 0 || rowCompare(order, load<u32>(state, OVER_ORDER_COUNT), before, row) != 0) {
    const isDense = load<u32>(call, OVER_FUNCTION) == OVER_DENSE_RANK;
    store<i64>(rank, isDense ? load<i64>(rank) + 1 : load<i64>(row, ROW_INDEX) + 1);
  }
  store<u32>(rank, <u32>row, RANK_ROW);
  if (load<u32>(call, OVER_FUNCTION) != OVER_PERCENT_RANK) {
    writeWhole(call, row, load<i64>(rank));
    return;
  }
  const others = load<i64>(partition, PARTITION_COUNT) - 1;
  writeDouble(call, row, others == 0 ? 0 : <f64>(load<i64>(rank) - 1) / <f64>others);
}

/** @returns false when the result is out of range */
function writeResult(call: usize, frame: usize, partition: usize, row: usize): bool {
  const fn = load<u32>(call, OVER_FUNCTION);
  if (fn == OVER_COUNT_ROWS) writeWhole(call, row, load<i64>(frame, FRAME_LAST) - load<i64>(frame, FRAME_FIRST));
  else if (fn == OVER_CUME_DIST)
    writeDouble(call, row, <f64>load<i64>(frame, FRAME_LAST) / <f64>load<i64>(partition, PARTITION_COUNT));
  else if (fn == OVER_COUNT) writeWhole(call, row, load<i64>(frame, FRAME_COUNT));
  else if (fn == OVER_NTH_VALUE) writeValue(call, row, nthRow(call, frame), true);
  else if (fn == OVER_LAST_VALUE) writeValue(call, row, newestRow(frame), true);
  else if (fn >= <u32>OVER_MIN) writeValue(call, row, frameBest(call, frame), false);
  else return writeSum(call, frame, row);
  return true;
}

@inline
function newestRow(frame: usize): u32 {
  return load<i64>(frame, FRAME_FIRST) < load<i64>(frame, FRAME_LAST) ? load<u32>(frame, FRAME_NEWEST) : 0;
}

function nthRow(call: usize, frame: usize): u32 {
  if (load<u32>(call, OVER_START) == BOUND_UNBOUNDED) return load<u32>(frame, FRAME_PINNED);
  const nth = <i64>load<u32>(call, OVER_NTH);
  if (load<i64>(frame, FRAME_FIRST) + nth > load<i64>(frame, FRAME_LAST)) return 0;
  let row = load<u32>(frame, FRAME_FIRST_ROW);
  for (let n: i64 = 1; n < nth; n++) row = load<u32>(row, ROW_NEXT);
  return row;
}

/** @returns false when the sum is out of range */
function writeSum(call: usize, frame: usize, row: usize): bool {
  const isDouble = load<u32>(call, OVER_PHYSICAL) == PHYSICAL_F64;
  const isSum = load<u32>(call, OVER_FUNCTION) == OVER_SUM;
  let count = load<i64>(frame, FRAME_COUNT);
  let sum: f64;
  if (isDouble) {
    sum = load<f64>(frame, FRAME_SUM);
    if (frameIsTurned(call, frame)) {
      const slot = <usize>load<u32>(frame, FRAME_FIRST_ROW) + load<u32>(call, OVER_SLOT);
      sum += load<f64>(slot);
      count += load<i64>(slot, SLOT_COUNT);
    }
  } else {
    const low = load<i64>(frame, FRAME_SUM);
    const isOut = load<i64>(frame, FRAME_SUM_HIGH) != low >> 63;
    if (isSum && isOut) return false;
    sum = isOut ? <f64>load<i64>(frame, FRAME_SUM_HIGH) * 18446744073709551616.0 + <f64>(<u64>low) : <f64>low;
  }
  writeValidity(call, row, count != 0);
  const to = row + load<u32>(call, OVER_RESULT);
  if (!isSum) store<f64>(to, sum / <f64>count);
  else if (isDouble) store<f64>(to, sum);
  else store<i64>(to, load<i64>(frame, FRAME_SUM));
  return true;
}

@inline
function writeWhole(call: usize, row: usize, value: i64): void {
  store<i64>(row + load<u32>(call, OVER_RESULT), value);
  writeValidity(call, row, true);
}

@inline
function writeDouble(call: usize, row: usize, value: f64): void {
  store<f64>(row + load<u32>(call, OVER_RESULT), value);
  writeValidity(call, row, true);
}

@inline
function writeValidity(call: usize, row: usize, isValid: bool): void {
  const nullOffset = load<i32>(call, OVER_RESULT_NULL);
  if (nullOffset >= 0) store<u8>(row + nullOffset, isValid ? 1 : 0);
}

/** Writes the argument of the row `from`; where there is none, the default of `row` itself if `hasDefault`, or NULL. */
function writeValue(call: usize, row: usize, from: usize, hasDefault: bool): void {
  let source = from;
  let offset = load<i32>(call, OVER_ARGUMENT);
  let nullOffset = load<i32>(call, OVER_ARGUMENT_NULL);
  if (!from) {
    offset = hasDefault ? load<i32>(call, OVER_DEFAULT) : -1;
    if (offset < 0) {
      writeValidity(call, row, false);
      return;
    }
    source = row;
    nullOffset = load<i32>(call, OVER_DEFAULT_NULL);
  }
  const isValid = nullOffset < 0 || load<u8>(source + nullOffset) != 0;
  writeValidity(call, row, isValid);
  if (!isValid) return;
  const to = row + load<u32>(call, OVER_RESULT);
  const physical = load<u32>(call, OVER_PHYSICAL);
  if (physical == PHYSICAL_U8) store<u8>(to, load<u8>(source + offset));
  else if (physical == PHYSICAL_I32) store<u32>(to, load<u32>(source + offset));
  else store<u64>(to, load<u64>(source + offset));
}
