// The right side of a temporal join whose rows are changes: each is a version of its key from its time on, and a deletion is
// one of which there is nothing. See join-asof.ts.
//
//   an insertion, an upsert   the row is the version
//   a deletion                the key has none from the time of the row on
//                             without a time it is late
//   the old half of an update the key has none from the time of the new half on, which takes its place if it has the key
import { batchData, batchValidity } from './group-key';
import { joinAddUsed, ROW_IS_GONE, ROW_TIME, sideAt } from './join-state';
import { BATCH_ROW_COUNT } from './layout';
import { JOIN_LATE_COUNT, JOIN_LIMIT, SIDE_CHANGE_COLUMN, SIDE_TIME_COLUMN } from './layout-join';
import { SORTER_TIME_OFFSET, SORTER_AHEAD, SORTER_WATERMARK_COLUMN } from './layout-rows';
import { allocatedBytes } from './memory';
import { KEEP_ROWS, rowsKeep } from './row-store';
import { runsAdd } from './sorter-runs';
import { saturatingAdd } from './watermark';

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);

/** Adds a batch of changes to the right side: its rows wait in the order of time. */
export function joinKeepVersions(state: usize, batch: usize): void {
  const before = allocatedBytes();
  const side = sideAt(state, 1);
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const taken = min<u32>(rows - first, KEEP_ROWS);
    const count = selectTimely(state, side, batch, first, taken);
    store<f64>(state, load<f64>(state, JOIN_LATE_COUNT) + <f64>(taken - count), JOIN_LATE_COUNT);
    rowsKeep(side, batch, selected, count, keptRows);
    for (let i: usize = 0; i < count; i++) {
      addVersion(side, batch, load<u32>(keptRows + (i << 2)), load<u32>(selected + (i << 2)));
    }
  }
  joinAddUsed(state, before);
}

/** Row numbers of the versions that are not late, at `selected`. @returns their count */
function selectTimely(state: usize, side: usize, batch: usize, first: u32, rows: u32): u32 {
  const column = load<i32>(side, SORTER_WATERMARK_COLUMN);
  const watermarks = column < 0 ? <usize>0 : batchData(batch, column);
  const limit = load<i64>(state, JOIN_LIMIT);
  // Rows that are computed from others may be behind the watermark by as much.
  const ahead = min<i64>(0, load<i64>(side, SORTER_AHEAD));
  let count: u32 = 0;
  for (let row: usize = first; row < <usize>(first + rows); row++) {
    store<u32>(selected + (count << 2), <u32>row);
    const time = timeOf(side, batch, row);
    const isTimely = time >= limit && isTimed(side, batch, row);
    if (isTimely && (watermarks == 0 || time >= saturatingAdd(load<i64>(watermarks + (row << 3)), ahead))) count++;
  }
  return count;
}

@inline
function changeOf(side: usize, batch: usize, row: usize): i32 {
  return load<i32>(batchData(batch, load<i32>(side, SIDE_CHANGE_COLUMN)) + (row << 2));
}

/** From when on a change counts. */
@inline
function timeOf(side: usize, batch: usize, row: usize): i64 {
  const change = changeOf(side, batch, row);
  const hasNew =
    change < -1 && row + 1 < load<u32>(batch, BATCH_ROW_COUNT) && changeOf(side, batch, row + 1) == -change;
  return load<i64>(batchData(batch, load<i32>(side, SIDE_TIME_COLUMN)) + ((hasNew ? row + 1 : row) << 3));
}

/** A deletion by key may have nothing else. */
@inline
function isTimed(side: usize, batch: usize, row: usize): bool {
  const validity = batchValidity(batch, load<i32>(side, SIDE_TIME_COLUMN));
  return validity == 0 || load<u8>(validity + row) != 0;
}

function addVersion(side: usize, batch: usize, row: usize, at: usize): void {
  const time = timeOf(side, batch, at);
  store<i64>(row, time, ROW_TIME);
  store<i64>(row + load<u32>(side, SORTER_TIME_OFFSET), time);
  store<u32>(row, u32(changeOf(side, batch, at) < 0), ROW_IS_GONE);
  runsAdd(side, row);
}
