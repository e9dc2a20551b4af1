// Rows of a join that have come and are not joined yet: see join.ts. By event time they wait in sorted runs, otherwise in a
// list.
import { batchData } from './group-key';
import { joinAddUsed, ROW_TIME, sideAt } from './join-state';
import { keysFetch } from './join-table';
import { BATCH_ROW_COUNT } from './layout';
import {
  JOIN_CLOCK,
  JOIN_LATE_COUNT,
  JOIN_LIMIT,
  SIDE_INCOMING,
  SIDE_INCOMING_TAIL,
  SIDE_TIME_COLUMN,
} from './layout-join';
import { ROW_NEXT, SORTER_AHEAD, SORTER_WATERMARK_COLUMN } from './layout-rows';
import { allocatedBytes } from './memory';
import { KEEP_ROWS, rowsKeep } from './row-store';
import { runsAdd } from './sorter-runs';
import { saturatingAdd } from './watermark';

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);

/** Adds a batch of a side (0 or 1). */
export function joinKeep(state: usize, number: u32, batch: usize): void {
  const before = allocatedBytes();
  const side = sideAt(state, number);
  const timeColumn = load<i32>(side, SIDE_TIME_COLUMN);
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const count = selectTimely(state, side, batch, first, min<u32>(rows - first, KEEP_ROWS));
    rowsKeep(side, batch, selected, count, keptRows);
    if (timeColumn >= 0) sortRows(side, batchData(batch, timeColumn), count);
    else {
      appendRows(side, load<i64>(state, JOIN_CLOCK), count);
      keysFetch(state, side, keptRows, count, selected);
    }
  }
  joinAddUsed(state, before);
}

/** Row numbers of the rows that are not late, at `selected`. @returns their count */
function selectTimely(state: usize, side: usize, batch: usize, first: u32, rows: u32): u32 {
  const timeColumn = load<i32>(side, SIDE_TIME_COLUMN);
  if (timeColumn < 0) {
    for (let i: u32 = 0; i < rows; i++) store<u32>(selected + (i << 2), first + i);
    return rows;
  }
  const column = load<i32>(side, SORTER_WATERMARK_COLUMN);
  const watermarks = column < 0 ? <usize>0 : batchData(batch, column);
  const times = batchData(batch, timeColumn);
  // Only a side that was idle can be behind what has been joined without it.
  const limit = load<i64>(state, JOIN_LIMIT);
  // Rows that are computed from others may be behind the watermark by as much.
  const ahead = min<i64>(0, load<i64>(side, SORTER_AHEAD));
  let count: u32 = 0;
  for (let row: usize = first; row < <usize>(first + rows); row++) {
    store<u32>(selected + (count << 2), <u32>row);
    const time = load<i64>(times + (row << 3));
    if (time >= limit && (watermarks == 0 || time >= saturatingAdd(load<i64>(watermarks + (row << 3)), ahead))) count++;
  }
  store<f64>(state, load<f64>(state, JOIN_LATE_COUNT) + <f64>(rows - count), JOIN_LATE_COUNT);
  return count;
}

function sortRows(side: usize, times: usize, count: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(keptRows + (i << 2));
    store<i64>(row, load<i64>(times + ((<usize>load<u32>(selected + (i << 2))) << 3)), ROW_TIME);
    runsAdd(side, row);
  }
}

function appendRows(side: usize, time: i64, count: u32): void {
  let tail = <usize>load<u32>(side, SIDE_INCOMING_TAIL);
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(keptRows + (i << 2));
    store<i64>(row, time, ROW_TIME);
    if (tail) store<u32>(tail, <u32>row, ROW_NEXT);
    else store<u32>(side, <u32>row, SIDE_INCOMING);
    tail = row;
  }
  store<u32>(side, <u32>tail, SIDE_INCOMING_TAIL);
}
