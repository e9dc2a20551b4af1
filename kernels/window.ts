// Tumbling windows: which pane a row belongs to, and whether it is late.
//
//   start = ts − ((ts − offset) mod size), the remainder never negative        window = [start, start + size)
//   late  = the watermark before the row ≥ end + lateness                      close = watermark ≥ end + lateness
//
// Rows of neighbouring times share a window: mostly a whole block falls into the last one, and otherwise two windows
// are kept at hand, so that the division is rare. Late rows go to a pane of their own that is cleared after the block:
// what follows need not know about them.
import {
  STATE_LAST_END,
  STATE_LAST_PANE,
  STATE_LAST_START,
  STATE_ONLY_PANE,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { batchData } from './group-key';
import {
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_LATENESS,
  AGGREGATE_OFFSET,
  AGGREGATE_SIZE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
} from './layout';
import { paneFind, paneForLate, paneOpen } from './pane';
import { saturatingAdd, saturatingSubtract } from './watermark';

/** How far a time lies behind the start of its window, µs. */
export function windowRest(state: usize, time: i64): i64 {
  const size = load<i64>(state, AGGREGATE_SIZE);
  // offset is in [0, size): the difference of the two remainders lies in (−2·size, size).
  let rest = (time % size) - load<i64>(state, AGGREGATE_OFFSET);
  if (rest < 0) rest += size;
  if (rest < 0) rest += size;
  return rest;
}

/** The watermark at which a window that ends at `end` closes, µs. */
@inline
export function windowCloseOf(state: usize, end: i64): i64 {
  return saturatingAdd(end, load<i64>(state, AGGREGATE_LATENESS));
}

/** Writes the pane of `rows` rows, from row `first` on, to STATE_TABLES. @returns the number of late rows. */
export function windowAssign(state: usize, batch: usize, first: u32, rows: u32): u32 {
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) {
    fillTables(state, rows, load<u32>(state, STATE_ONLY_PANE));
    return 0;
  }
  const times = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (first << 3);
  const watermarkColumn = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  const watermarks = watermarkColumn < 0 ? <usize>0 : batchData(batch, watermarkColumn) + (first << 3);
  const last = load<u32>(state, STATE_LAST_PANE);
  if (last && isAllOnTime(state, times, watermarks, rows)) {
    fillTables(state, rows, last);
    return 0;
  }
  const lateCount = assignEach(state, times, watermarks, rows);
  if (lateCount) store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + lateCount, AGGREGATE_LATE_COUNT);
  return lateCount;
}

function fillTables(state: usize, rows: u32, pane: u32): void {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const value = i32x4.splat(pane);
  // Up to three elements more than asked: the array has room for whole vectors.
  for (let row: usize = 0; row < rows; row += 4) v128.store(tables + (row << 2), value);
}

/** Whether all rows belong to the last pane and none is late. */
function isAllOnTime(state: usize, times: usize, watermarks: usize, rows: u32): bool {
  const start = load<i64>(state, STATE_LAST_START);
  const end = load<i64>(state, STATE_LAST_END);
  const close = windowCloseOf(state, end);
  let bad: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const time = load<i64>(times + (row << 3));
    bad |= u32(time < start) | u32(time >= end);
  }
  if (bad) return false;
  if (!watermarks) return load<i64>(state, STATE_WATERMARK) < close;
  for (let row: usize = 0; row < rows; row++) bad |= u32(load<i64>(watermarks + (row << 3)) >= close);
  return !bad;
}

function assignEach(state: usize, times: usize, watermarks: usize, rows: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const size = load<i64>(state, AGGREGATE_SIZE);
  let watermark = load<i64>(state, STATE_WATERMARK);
  let lateCount: u32 = 0;
  // The current window and the one before it, empty at first; pane 0: not open.
  let start: i64 = 0;
  let end: i64 = 0;
  let pane: usize = 0;
  let otherStart: i64 = 0;
  let otherEnd: i64 = 0;
  let otherPane: usize = 0;
  for (let row: usize = 0; row < rows; row++) {
    const time = load<i64>(times + (row << 3));
    if (time < start || time >= end) {
      const lastStart = start;
      const lastEnd = end;
      const lastPane = pane;
      if (time >= otherStart && time < otherEnd) {
        start = otherStart;
        end = otherEnd;
        pane = otherPane;
      } else {
        const rest = windowRest(state, time);
        start = saturatingSubtract(time, rest);
        end = saturatingAdd(time, size - rest);
        pane = paneFind(state, start);
      }
      otherStart = lastStart;
      otherEnd = lastEnd;
      otherPane = lastPane;
    }
    if (watermarks) watermark = load<i64>(watermarks + (row << 3));
    if (watermark >= windowCloseOf(state, end)) {
      lateCount++;
      store<u32>(tables + (row << 2), <u32>paneForLate(state));
      continue;
    }
    if (!pane) pane = paneOpen(state, start, end);
    store<u32>(tables + (row << 2), <u32>pane);
  }
  store<u32>(state, <u32>pane, STATE_LAST_PANE);
  store<i64>(state, start, STATE_LAST_START);
  store<i64>(state, end, STATE_LAST_END);
  return lateCount;
}
