// Windows of the input: rows of a stream of windows, each of which brings its window, are grouped by it.
//
// The watermark of such a stream says which windows may still come: those that begin at it or later, or (sessions) that
// end after it. Once it is beyond that of a window, the window is complete.
import { STATE_TABLES, STATE_WATERMARK } from './aggregate-state';
import { batchData } from './group-key';
import {
  AGGREGATE_CLOSES_BY_START,
  AGGREGATE_END_COLUMN,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_LATENESS,
  AGGREGATE_TIME_COLUMN,
} from './layout-aggregate';
import { paneEnd, paneFind, paneForLate, paneOpen, paneStart } from './pane';
import { saturatingAdd } from './watermark';

/** The watermark from which on no more rows of a window come, lateness left aside, µs: its end, or for these less. */
export function windowComplete(state: usize, pane: usize): i64 {
  return inheritedComplete(state, paneStart(pane), paneEnd(pane));
}

/** The same for a window from `start` to `end`. */
@inline
export function inheritedComplete(state: usize, start: i64, end: i64): i64 {
  // Of windows that are not the input's own the mark is not set.
  return load<u32>(state, AGGREGATE_CLOSES_BY_START) ? saturatingAdd(start, 1) : end;
}

function closeOf(state: usize, start: i64, end: i64): i64 {
  return saturatingAdd(inheritedComplete(state, start, end), load<i64>(state, AGGREGATE_LATENESS));
}

/** Writes the pane of `rows` rows, from row `first` on, to STATE_TABLES. @returns the number of late rows. */
export function inheritedAssign(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const starts = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (first << 3);
  const ends = batchData(batch, load<i32>(state, AGGREGATE_END_COLUMN)) + (first << 3);
  const watermark = load<i64>(state, STATE_WATERMARK);
  let lateCount: u32 = 0;
  let pane: usize = 0;
  let lastStart: i64 = 0;
  let lastEnd: i64 = 0;
  for (let row: usize = 0; row < rows; row++) {
    const start = load<i64>(starts + (row << 3));
    const end = load<i64>(ends + (row << 3));
    if (!pane || start != lastStart || end != lastEnd) {
      lastStart = start;
      lastEnd = end;
      if (watermark >= closeOf(state, start, end)) pane = paneForLate(state);
      else {
        pane = paneFind(state, start, end);
        if (!pane) pane = paneOpen(state, start, end, end);
      }
    }
    if (watermark >= closeOf(state, start, end)) lateCount++;
    store<u32>(tables + (row << 2), <u32>pane);
  }
  if (lateCount) store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + lateCount, AGGREGATE_LATE_COUNT);
  return lateCount;
}
