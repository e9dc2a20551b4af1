// Windows of a fixed length: which pane a row belongs to, and whether it is late.
//
//   TUMBLE    windows [n·size, (n + 1)·size)                             pane = window
//   HOP       windows [n·slide, n·slide + size)                          panes are cut where windows begin and end:
//             with rest = size mod slide, [n·slide, n·slide + rest) and [n·slide + rest, (n + 1)·slide)
//   CUMULATE  windows [n·size, n·size + m·slide), m = 1 … size / slide   pane = step
//
// all shifted by the offset; remainders are never negative. A window closes when the watermark reaches end + lateness.
//
//   late     the watermark before the row has closed every window over its pane: it goes to a pane of its own that is
//            cleared after the block, so that what follows need not know about it
//   partly   it has closed some of them: the row goes to a pane that counts in those still open
//
// Rows of neighbouring times share a pane: mostly a whole block falls into the last one, and otherwise two panes are
// kept at hand, so that the division is rare.
import {
  STATE_FLOOR,
  STATE_LAST_CLOSE,
  STATE_LAST_DUE,
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
  AGGREGATE_SLIDE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
  AGGREGATE_WINDOW_KIND,
  WINDOW_CUMULATE,
  WINDOW_HOP,
  WINDOW_INHERITED,
  WINDOW_SESSION,
} from './layout-aggregate';
import { hopFindPart } from './hop-parts';
import { inheritedAssign } from './inherited';
import { paneFind, paneForLate, paneOpen } from './pane';
import { saturatingAdd, saturatingSubtract } from './watermark';

/** How far a time lies behind the last multiple of `period` plus `offset`, which is in [0, period). */
@inline
function restOf(time: i64, period: i64, offset: i64): i64 {
  // The difference of the two remainders lies in (−2·period, period).
  let rest = (time % period) - offset;
  if (rest < 0) rest += period;
  if (rest < 0) rest += period;
  return rest;
}

/** Start of the first HOP window that ends after `time`, µs. */
export function windowFirstHop(state: usize, time: i64): i64 {
  const slide = load<i64>(state, AGGREGATE_SLIDE);
  const before = saturatingSubtract(time, load<i64>(state, AGGREGATE_SIZE));
  return saturatingAdd(before, slide - restOf(before, slide, load<i64>(state, AGGREGATE_OFFSET)));
}

/** How far a time lies behind the start of its TUMBLE window, or of its CUMULATE windows, µs. */
function windowRest(state: usize, time: i64): i64 {
  return restOf(time, load<i64>(state, AGGREGATE_SIZE), load<i64>(state, AGGREGATE_OFFSET));
}

/** Start of the TUMBLE window, or of the CUMULATE windows, that a time lies in, µs. */
export function windowPeriod(state: usize, time: i64): i64 {
  return saturatingSubtract(time, windowRest(state, time));
}

/** End of the first CUMULATE window that ends after `time`, µs. */
export function windowFirstEnd(state: usize, time: i64): i64 {
  const step = load<i64>(state, AGGREGATE_SLIDE);
  return saturatingAdd(time, step - (windowRest(state, time) % step));
}

/**
 * The earliest time that a window which comes out later can have under a watermark, µs: its start. Of a session, which
 * late rows may stretch to any earlier time, it is the time just before its end.
 */
export function windowEarliest(state: usize, watermark: i64): i64 {
  const open = saturatingSubtract(watermark, load<i64>(state, AGGREGATE_LATENESS));
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  if (kind == WINDOW_SESSION) return saturatingSubtract(open, 1);
  if (kind == WINDOW_INHERITED) return open;
  return kind == WINDOW_HOP ? windowFirstHop(state, open) : windowPeriod(state, open);
}

/** The first window that is open under a watermark, as PANE_FROM has it: HOP by its start, CUMULATE by its end. */
function firstOpen(state: usize, watermark: i64): i64 {
  const open = saturatingSubtract(watermark, load<i64>(state, AGGREGATE_LATENESS));
  const isHop = load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_HOP;
  return isHop ? windowFirstHop(state, open) : windowFirstEnd(state, open);
}

/** The watermark at which a window that ends at `end` closes, µs. */
@inline
export function windowCloseOf(state: usize, end: i64): i64 {
  return saturatingAdd(end, load<i64>(state, AGGREGATE_LATENESS));
}

/** Writes the pane of `rows` rows, from row `first` on, to STATE_TABLES. @returns the number of late rows. */
export function windowAssign(state: usize, batch: usize, first: u32, rows: u32): u32 {
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) {
    windowFill(state, rows, load<u32>(state, STATE_ONLY_PANE));
    return 0;
  }
  if (load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_INHERITED) return inheritedAssign(state, batch, first, rows);
  const times = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (first << 3);
  const watermarkColumn = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  const watermarks = watermarkColumn < 0 ? <usize>0 : batchData(batch, watermarkColumn) + (first << 3);
  const last = load<u32>(state, STATE_LAST_PANE);
  if (last && isAllOnTime(state, times, watermarks, rows)) {
    windowFill(state, rows, last);
    return 0;
  }
  const lateCount = assignEach(state, times, watermarks, rows);
  if (lateCount) store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + lateCount, AGGREGATE_LATE_COUNT);
  return lateCount;
}

/** Gives `rows` rows one pane. */
export function windowFill(state: usize, rows: u32, pane: u32): void {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const value = i32x4.splat(pane);
  // Up to three elements more than asked: the array has room for whole vectors.
  for (let row: usize = 0; row < rows; row += 4) v128.store(tables + (row << 2), value);
}

/** Whether all rows belong to the last pane and each counts in all windows over it. */
function isAllOnTime(state: usize, times: usize, watermarks: usize, rows: u32): bool {
  const start = load<i64>(state, STATE_LAST_START);
  const end = load<i64>(state, STATE_LAST_END);
  const close = min(load<i64>(state, STATE_LAST_CLOSE), load<i64>(state, STATE_LAST_DUE));
  if (load<i64>(state, STATE_FLOOR) >= close) return false;
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

/** Sets STATE_LAST_START, _END, _CLOSE and _DUE to those of the pane of a time. */
function setBounds(state: usize, time: i64): void {
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  const size = load<i64>(state, AGGREGATE_SIZE);
  const slide = load<i64>(state, AGGREGATE_SLIDE);
  const rest = restOf(time, kind == WINDOW_HOP ? slide : size, load<i64>(state, AGGREGATE_OFFSET));
  // Of the pane, relative to the time; and the ends of the first and the last window over it.
  let before = rest;
  let after = size - rest;
  let firstEnd = after;
  let lastEnd = after;
  if (kind == WINDOW_CUMULATE) {
    before = rest % slide;
    after = slide - before;
    firstEnd = after;
  } else if (kind == WINDOW_HOP) {
    const cut = size % slide;
    after = (rest < cut ? cut : slide) - rest;
    before = rest < cut ? rest : rest - cut;
    firstEnd = rest < cut ? after : after + cut;
  }
  store<i64>(state, saturatingSubtract(time, before), STATE_LAST_START);
  store<i64>(state, saturatingAdd(time, after), STATE_LAST_END);
  store<i64>(state, windowCloseOf(state, saturatingAdd(time, lastEnd)), STATE_LAST_CLOSE);
  const due = firstEnd == lastEnd ? i64.MAX_VALUE : windowCloseOf(state, saturatingAdd(time, firstEnd));
  store<i64>(state, due, STATE_LAST_DUE);
}

function assignEach(state: usize, times: usize, watermarks: usize, rows: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  let watermark = load<i64>(state, STATE_WATERMARK);
  const floor = load<i64>(state, STATE_FLOOR);
  let lateCount: u32 = 0;
  // The current pane and the one before it, empty at first; pane 0: not open.
  let start: i64 = 0;
  let end: i64 = 0;
  let close: i64 = 0;
  let due: i64 = 0;
  let pane: usize = 0;
  let otherStart: i64 = 0;
  let otherEnd: i64 = 0;
  let otherClose: i64 = 0;
  let otherDue: i64 = 0;
  let otherPane: usize = 0;
  for (let row: usize = 0; row < rows; row++) {
    const time = load<i64>(times + (row << 3));
    if (time < start || time >= end) {
      const lastStart = start;
      const lastEnd = end;
      const lastClose = close;
      const lastDue = due;
      const lastPane = pane;
      if (time >= otherStart && time < otherEnd) {
        start = otherStart;
        end = otherEnd;
        close = otherClose;
        due = otherDue;
        pane = otherPane;
      } else {
        setBounds(state, time);
        start = load<i64>(state, STATE_LAST_START);
        end = load<i64>(state, STATE_LAST_END);
        close = load<i64>(state, STATE_LAST_CLOSE);
        due = load<i64>(state, STATE_LAST_DUE);
        pane = paneFind(state, start, i64.MIN_VALUE);
      }
      otherStart = lastStart;
      otherEnd = lastEnd;
      otherClose = lastClose;
      otherDue = lastDue;
      otherPane = lastPane;
    }
    if (watermarks) watermark = max(load<i64>(watermarks + (row << 3)), floor);
    if (watermark >= close) {
      lateCount++;
      store<u32>(tables + (row << 2), <u32>paneForLate(state));
    } else if (watermark >= due) {
      store<u32>(tables + (row << 2), <u32>partlyLate(state, start, end, watermark));
    } else {
      if (!pane) pane = paneOpen(state, start, end, i64.MIN_VALUE);
      store<u32>(tables + (row << 2), <u32>pane);
    }
  }
  store<u32>(state, <u32>pane, STATE_LAST_PANE);
  store<i64>(state, start, STATE_LAST_START);
  store<i64>(state, end, STATE_LAST_END);
  store<i64>(state, close, STATE_LAST_CLOSE);
  store<i64>(state, due, STATE_LAST_DUE);
  return lateCount;
}

/** The pane for rows that count in the windows which are open under a watermark, and not in those before. */
function partlyLate(state: usize, start: i64, end: i64, watermark: i64): usize {
  const from = firstOpen(state, watermark);
  let pane = paneFind(state, start, from);
  // One pane for them all: where a batch ended must not decide in which groups they are added up.
  if (!pane) pane = hopFindPart(state, start, from);
  return pane ? pane : paneOpen(state, start, end, from);
}
