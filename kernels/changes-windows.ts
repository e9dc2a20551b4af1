// The windows of aggregates whose results change: every window has all its groups, and a row is added to each of its
// windows that is open.
//
//   TUMBLE, HOP   ends: first, first + slide, … last        window [end − size, end)
//   CUMULATE      ends: first, first + step, … last         window [start of the period, end)
//   of the input  the one that the row brings (inherited.ts)
//   open          end + lateness > watermark before the row
//
// A pane is kept under its end, and has its start as `paneFrom`: so the open panes leave in order of their ends. Without
// windows there is one pane.
import { STATE_LATE_PANE, STATE_ONLY_PANE, STATE_SEQUENCE, STATE_TABLES, STATE_WATERMARK } from './aggregate-state';
import { aggregateUpdate } from './aggregate-update';
import { batchData, keyHash, keyPack } from './group-key';
import { tableFindOnly } from './group-only';
import { tableFind } from './group-find';
import { tableClear } from './group-table';
import { inheritedComplete } from './inherited';
import { lateKeep } from './late-rows';
import {
  AGGREGATE_END_COLUMN,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_LATENESS,
  AGGREGATE_SIZE,
  AGGREGATE_SLIDE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
  AGGREGATE_WINDOW_KIND,
  WINDOW_CUMULATE,
  WINDOW_HOP,
  WINDOW_INHERITED,
} from './layout-aggregate';
import { paneEnd, paneFind, paneForLate, paneFrom, paneOpen } from './pane';
import { saturatingAdd, saturatingSubtract } from './watermark';
import { windowFirstEnd, windowFirstHop, windowPeriod } from './window';

/** The watermark from which on a window is complete, lateness left aside, µs: its end, of the input's own less. */
export function changesComplete(state: usize, pane: usize): i64 {
  return inheritedComplete(state, paneFrom(pane), paneEnd(pane));
}

/** The same for the window of a row that ends at `end`. */
export function changesCompleteAt(state: usize, batch: usize, row: u32, end: i64): i64 {
  return isInherited(state) ? inheritedComplete(state, timeOf(state, batch, row), end) : end;
}

@inline
function isInherited(state: usize): bool {
  return load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_INHERITED;
}

/** End of windows that a row without windows is in: there is one, and nothing behind it. */
const ONLY_END: i64 = i64.MAX_VALUE;
/** So many windows are gone through for the rows of a block; with more rows are added one by one. */
const PASSES_MAX: i64 = 256;

/** The watermark before a row. */
@inline
export function changesWatermarkBefore(state: usize, batch: usize, row: u32): i64 {
  const column = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  return column < 0 ? load<i64>(state, STATE_WATERMARK) : load<i64>(batchData(batch, column) + (row << 3));
}

@inline
function timeOf(state: usize, batch: usize, row: u32): i64 {
  return load<i64>(batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (row << 3));
}

/** End of the window that a row brings, µs. */
@inline
function endOf(state: usize, batch: usize, row: u32): i64 {
  return load<i64>(batchData(batch, load<i32>(state, AGGREGATE_END_COLUMN)) + (row << 3));
}

/** End of the first window of a time, µs. */
function firstEnd(state: usize, time: i64): i64 {
  if (load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_CUMULATE) return windowFirstEnd(state, time);
  return saturatingAdd(windowFirstHop(state, time), load<i64>(state, AGGREGATE_SIZE));
}

/** End of the last window of a row, µs. */
export function changesLastEnd(state: usize, batch: usize, row: u32): i64 {
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return ONLY_END;
  if (isInherited(state)) return endOf(state, batch, row);
  return lastEnd(state, timeOf(state, batch, row));
}

function lastEnd(state: usize, time: i64): i64 {
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  const size = load<i64>(state, AGGREGATE_SIZE);
  if (kind != WINDOW_HOP) return saturatingAdd(windowPeriod(state, time), size);
  const next = windowFirstHop(state, saturatingAdd(time, size));
  return saturatingAdd(saturatingSubtract(next, load<i64>(state, AGGREGATE_SLIDE)), size);
}

/** End of the first window of a row that is open, µs; behind the last end when none is. */
export function changesFirstEnd(state: usize, batch: usize, row: u32): i64 {
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return ONLY_END;
  const watermark = changesWatermarkBefore(state, batch, row);
  if (isInherited(state)) {
    const end = endOf(state, batch, row);
    const complete = changesCompleteAt(state, batch, row, end);
    return saturatingAdd(complete, load<i64>(state, AGGREGATE_LATENESS)) > watermark ? end : saturatingAdd(end, 1);
  }
  return firstOpen(state, firstEnd(state, timeOf(state, batch, row)), watermark);
}

@inline
function firstOpen(state: usize, first: i64, watermark: i64): i64 {
  const closed = saturatingSubtract(watermark, load<i64>(state, AGGREGATE_LATENESS));
  if (first > closed) return first;
  const slide = load<i64>(state, AGGREGATE_SLIDE);
  return saturatingAdd(first, ((closed - first) / slide + 1) * slide);
}

/** End of the window of a row behind the one that ends at `end`, µs. */
@inline
export function changesNextEnd(state: usize, end: i64): i64 {
  return saturatingAdd(end, load<i64>(state, AGGREGATE_SLIDE));
}

/** Start of a window of `time` that ends at `end`, µs; a row that brings its window has its start as its time. */
@inline
function startOf(state: usize, time: i64, end: i64): i64 {
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  if (kind == WINDOW_INHERITED) return time;
  return kind == WINDOW_CUMULATE
    ? windowPeriod(state, time)
    : saturatingSubtract(end, load<i64>(state, AGGREGATE_SIZE));
}

/** The pane of a row's window, opened if it is not. */
function paneOf(state: usize, time: i64, end: i64): usize {
  const start = startOf(state, time, end);
  const pane = paneFind(state, end, start);
  return pane ? pane : paneOpen(state, end, end, start);
}

/** Adds one row to one of its windows. STATE_ENTRIES has its group. @returns the pane. */
export function changesAddTo(state: usize, batch: usize, row: u32, end: i64): usize {
  const pane = changesFind(state, batch, row, end);
  aggregateUpdate(state, batch, row, 1);
  return pane;
}

/** Finds, or makes, the group of one prepared row in one of its windows: STATE_ENTRIES has it. @returns the pane. */
export function changesFind(state: usize, batch: usize, row: u32, end: i64): usize {
  const isWindowed = load<u32>(state, AGGREGATE_IS_WINDOWED) != 0;
  const pane = isWindowed ? paneOf(state, timeOf(state, batch, row), end) : <usize>load<u32>(state, STATE_ONLY_PANE);
  store<u32>(load<u32>(state, STATE_TABLES), <u32>pane);
  if (load<u32>(state, AGGREGATE_KEY_COUNT)) tableFind(state, batch, row, 1);
  else tableFindOnly(state, 1);
  return pane;
}

/** Packs and hashes the keys of up to BLOCK_ROWS rows: once for all their windows. */
export function changesPrepare(state: usize, batch: usize, first: u32, rows: u32): void {
  if (!load<u32>(state, AGGREGATE_KEY_COUNT)) return;
  keyPack(state, batch, first, rows);
  keyHash(state, batch, first, rows);
}

/** Counts rows that were added to all their windows. */
@inline
export function changesCountRows(state: usize, rows: u32): void {
  store<i64>(state, load<i64>(state, STATE_SEQUENCE) + rows, STATE_SEQUENCE);
}

/** Counts one row as late, and keeps it for those who ask. */
export function changesAddLate(state: usize, batch: usize, row: u32): void {
  store<u32>(load<u32>(state, STATE_TABLES), <u32>paneForLate(state));
  countLate(state, batch, row, 1, 1);
}

function apply(state: usize, batch: usize, first: u32, rows: u32): void {
  if (load<u32>(state, AGGREGATE_KEY_COUNT)) tableFind(state, batch, first, rows);
  else tableFindOnly(state, rows);
  aggregateUpdate(state, batch, first, rows);
}

function countLate(state: usize, batch: usize, first: u32, rows: u32, count: u32): void {
  store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + count, AGGREGATE_LATE_COUNT);
  lateKeep(state, batch, first, rows);
}

/** Of the rows whose passes are under way: the end of the first open window of any, and that of the last window. */
let passFirst: i64 = 0;
let passLast: i64 = 0;

/** Whether rows are so far apart in time that there would be more passes over them than is worth it. */
export function changesAreWide(state: usize, batch: usize, first: u32, rows: u32): bool {
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED) || isInherited(state)) return false;
  findPasses(state, batch, first, rows);
  return passFirst < saturatingSubtract(passLast, PASSES_MAX * load<i64>(state, AGGREGATE_SLIDE));
}

function findPasses(state: usize, batch: usize, first: u32, rows: u32): void {
  passFirst = i64.MAX_VALUE;
  passLast = i64.MIN_VALUE;
  for (let row: u32 = first; row < first + rows; row++) {
    const time = timeOf(state, batch, row);
    const end = firstOpen(state, firstEnd(state, time), changesWatermarkBefore(state, batch, row));
    const last = lastEnd(state, time);
    if (end > last) continue;
    passFirst = min(passFirst, end);
    passLast = max(passLast, last);
  }
}

/**
 * Adds up to BLOCK_ROWS prepared rows to the window of number `pass` of those that some of them have, 0 the first: so each
 * window gets its rows in their order, wherever the block was cut. Rows that are not in it are in the late pane, which the
 * caller clears. @returns whether there was such a window.
 */
export function changesPass(state: usize, batch: usize, first: u32, rows: u32, pass: u32): bool {
  const isPlain = load<u32>(state, AGGREGATE_IS_WINDOWED) == 0 || isInherited(state);
  if (isPlain) {
    const count = assign(state, batch, first, rows, pass);
    if (pass == 0 && count < rows) countLate(state, batch, first, rows, rows - count);
    if (count) apply(state, batch, first, rows);
    return count != 0;
  }
  if (pass == 0) findPasses(state, batch, first, rows);
  const end = saturatingAdd(passFirst, <i64>pass * load<i64>(state, AGGREGATE_SLIDE));
  if (pass == 0) keepLate(state, batch, first, rows);
  if (end > passLast) return false;
  if (assignTo(state, batch, first, rows, end)) apply(state, batch, first, rows);
  return true;
}

/** Counts the rows that have no open window. */
function keepLate(state: usize, batch: usize, first: u32, rows: u32): void {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const time = timeOf(state, batch, first + row);
    const end = firstOpen(state, firstEnd(state, time), changesWatermarkBefore(state, batch, first + row));
    const isLate = end > lastEnd(state, time);
    if (isLate) count++;
    store<u32>(tables + ((<usize>row) << 2), isLate ? <u32>paneForLate(state) : 0);
  }
  if (count) countLate(state, batch, first, rows, count);
}

/** Empties the late pane after a pass. */
export function changesClearLate(state: usize): void {
  const pane = load<u32>(state, STATE_LATE_PANE);
  if (pane) tableClear(pane);
}

function assign(state: usize, batch: usize, first: u32, rows: u32, pass: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) {
    const only = pass ? <u32>paneForLate(state) : load<u32>(state, STATE_ONLY_PANE);
    for (let row: usize = 0; row < rows; row++) store<u32>(tables + (row << 2), only);
    return pass ? 0 : rows;
  }
  return assignInherited(state, batch, first, rows, pass);
}

/** Assigns rows to the window that ends at `end`, and the others to the late pane. @returns how many are in it */
function assignTo(state: usize, batch: usize, first: u32, rows: u32, end: i64): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  let pane: usize = 0;
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const time = timeOf(state, batch, first + row);
    const watermark = changesWatermarkBefore(state, batch, first + row);
    const place = tables + ((<usize>row) << 2);
    if (end > lastEnd(state, time) || end < firstOpen(state, firstEnd(state, time), watermark)) {
      store<u32>(place, <u32>paneForLate(state));
      continue;
    }
    // Windows of one end have one start.
    if (!pane) pane = paneOf(state, time, end);
    store<u32>(place, <u32>pane);
    count++;
  }
  return count;
}

/** As `assign`, for rows that bring their window. */
function assignInherited(state: usize, batch: usize, first: u32, rows: u32, pass: u32): u32 {
  const tables = <usize>load<u32>(state, STATE_TABLES);
  let count: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const place = tables + ((<usize>row) << 2);
    const end = endOf(state, batch, first + row);
    if (pass != 0 || changesFirstEnd(state, batch, first + row) != end) {
      store<u32>(place, <u32>paneForLate(state));
      continue;
    }
    store<u32>(place, <u32>paneOf(state, timeOf(state, batch, first + row), end));
    count++;
  }
  return count;
}
