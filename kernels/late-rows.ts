// Rows that were late: copied to a batch of their own, with their watermark and the window that they missed.
//
//   columns of the input │ watermark i64 │ window start i64 │ window end i64
//
// Strings are not copied: they live as long as the input batch, and so do the late rows.
import { STATE_LATE_PANE, STATE_TABLES } from './aggregate-state';
import { batchData, batchValidity } from './group-key';
import {
  AGGREGATE_LATE,
  AGGREGATE_SIZE,
  AGGREGATE_SLIDE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
  AGGREGATE_WINDOW_KIND,
  WINDOW_HOP,
  WINDOW_SESSION,
} from './layout-aggregate';
import { BATCH_ROW_COUNT } from './layout';
import { LATE_BATCH, LATE_COLUMN_BYTES, LATE_COLUMN_COUNT, LATE_COLUMNS } from './layout-late';
import { saturatingAdd, saturatingSubtract } from './watermark';
import { windowFirstHop, windowPeriod } from './window';

/** Keeps those of `rows` rows of a batch, from row `first` on, that were assigned to the late pane. */
export function lateKeep(state: usize, batch: usize, first: u32, rows: u32): void {
  const late = <usize>load<u32>(state, AGGREGATE_LATE);
  if (!late) return;
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const pane = load<u32>(state, STATE_LATE_PANE);
  const out = <usize>load<u32>(late, LATE_BATCH);
  let count = load<u32>(out, BATCH_ROW_COUNT);
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u32>(tables + ((<usize>row) << 2)) == pane) keepRow(state, late, batch, first + row, count++);
  }
  store<u32>(out, count, BATCH_ROW_COUNT);
}

function keepRow(state: usize, late: usize, batch: usize, row: u32, to: u32): void {
  const out = <usize>load<u32>(late, LATE_BATCH);
  const count = load<u32>(late, LATE_COLUMN_COUNT);
  let column = <usize>load<u32>(late, LATE_COLUMNS);
  for (let index: u32 = 0; index < count; index++, column += LATE_COLUMN_BYTES) {
    const from = load<i32>(column);
    const shift = load<u32>(column, 4);
    memory.copy(batchData(out, index) + (to << shift), batchData(batch, from) + (row << shift), 1 << shift);
    const validity = batchValidity(out, index);
    if (!validity) continue;
    const given = batchValidity(batch, from);
    store<u8>(validity + to, given ? load<u8>(given + row) : 1);
  }
  const time = load<i64>(batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (row << 3));
  const watermark = load<i64>(batchData(batch, load<i32>(state, AGGREGATE_WATERMARK_COLUMN)) + (row << 3));
  const start = lastWindow(state, time);
  store<i64>(batchData(out, count) + (to << 3), watermark);
  store<i64>(batchData(out, count + 1) + (to << 3), start);
  store<i64>(batchData(out, count + 2) + (to << 3), saturatingAdd(start, load<i64>(state, AGGREGATE_SIZE)));
}

/** Start of the last window to close of those that a time belongs to, µs; of a session that is the row's own. */
function lastWindow(state: usize, time: i64): i64 {
  const size = load<i64>(state, AGGREGATE_SIZE);
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  if (kind == WINDOW_SESSION) return time;
  if (kind != WINDOW_HOP) return windowPeriod(state, time);
  return saturatingSubtract(windowFirstHop(state, saturatingAdd(time, size)), load<i64>(state, AGGREGATE_SLIDE));
}
