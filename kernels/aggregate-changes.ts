// Aggregates whose results change: what comes out is a changelog, each row with the change that it is.
//
//   on update      every row that changes the result of its group gives an insertion or an update
//   on watermark   groups come out when the watermark reaches the end of their window; rows after that correct them
//   on tick        when asked to (a clock, the close of a window), every group that has changed since
//
// Each group remembers what was last written of it (group-record.ts), and nothing is written twice. All is decided row
// by row: before a row counts, what the watermark before it asks for comes out. So the changelog, its order included,
// does not depend on where batches are cut.
//
// Functions that fill `out` return 1 when they are done and 0 when it is full: then they are called again, with the
// same arguments, once its rows have been passed on. What its rows refer to lives until that next call. After either,
// AGGREGATE_FAILED_CALL may say that a result is out of range.
import {
  aggregateBlock,
  aggregateCountUsed,
  aggregateFreeRetired,
  aggregateRetire,
  aggregateWatermark,
} from './aggregate';
import { BLOCK_ROWS, STATE_ENTRIES, STATE_LATE_PANE, STATE_TABLES, STATE_WATERMARK } from './aggregate-state';
import { CHANGES_FIRED, CHANGES_ITEM, CHANGES_NEXT_FIRE, CHANGES_TEXTS } from './changes-state';
import {
  waveBeginClosed,
  waveBeginFire,
  waveBeginOpen,
  waveDestroy,
  waveHasRoom,
  waveLastEnd,
  waveRun,
} from './changes-wave';
import { batchData } from './group-key';
import { recordChange, recordTouch } from './group-record';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_SIZE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
  BATCH_ROW_COUNT,
} from './layout';
import { CHANGES_MODE, CHANGES_ON_TICK, CHANGES_ON_UPDATE, CHANGES_ON_WATERMARK, CHANGES_ROW } from './layout-changes';
import { allocate, allocatedBytes, arenaClear, arenaCreate, arenaDestroy, release } from './memory';
import { paneEnd, panePeek, panePop } from './pane';
import { saturatingAdd, saturatingSubtract } from './watermark';
import { windowCloseOf, windowRest } from './window';

/** Completes a CHANGES_* block whose header TypeScript has filled; the rest of it is zero. */
export function changesInit(state: usize): void {
  const before = allocatedBytes();
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  store<u32>(changes, <u32>arenaCreate(), CHANGES_TEXTS);
  store<u32>(changes, <u32>allocate(16), CHANGES_ITEM);
  store<i64>(changes, i64.MIN_VALUE, CHANGES_FIRED);
  store<i64>(changes, i64.MAX_VALUE, CHANGES_NEXT_FIRE);
  aggregateCountUsed(state, before);
}

/** Gives back everything but the block. */
export function changesDestroy(state: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  waveDestroy(state);
  arenaDestroy(load<u32>(changes, CHANGES_TEXTS));
  release(load<u32>(changes, CHANGES_ITEM), 16);
}

/** Adds a batch. */
export function changesProcess(state: usize, batch: usize, out: usize): u32 {
  const before = begin(state, out);
  const isDone = processRows(state, batch, out);
  if (isDone) store<u32>(load<u32>(state, AGGREGATE_CHANGES), 0, CHANGES_ROW);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** Takes a watermark, as `aggregateWatermark` does: windows come out, or close. */
export function changesWatermark(state: usize, cell: usize, out: usize): u32 {
  const before = begin(state, out);
  aggregateWatermark(state, cell);
  const isDone = followWatermark(state, out);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** Asks for the changes since the last time: `changesDrain` gives them. */
export function changesTick(state: usize): void {
  const before = allocatedBytes();
  waveBeginOpen(state, i64.MIN_VALUE, i64.MAX_VALUE);
  aggregateCountUsed(state, before);
}

/** Asks for the results of all windows that have not come out yet: `changesDrain` gives them. */
export function changesFire(state: usize): void {
  const before = allocatedBytes();
  waveBeginFire(state, waveLastEnd(state));
  aggregateCountUsed(state, before);
}

/** Ends the input: `changesDrain` gives what has not been written yet. Follows `aggregateEnd`. */
export function changesEnd(state: usize): void {
  const mode = load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_MODE);
  // With every row written there is nothing left but the one row of a query without keys over no rows.
  if (mode == CHANGES_ON_UPDATE && load<u32>(state, AGGREGATE_IS_WINDOWED)) return;
  if (mode == CHANGES_ON_WATERMARK) changesFire(state);
  else changesTick(state);
}

/** Gives what `changesTick`, `changesFire` or `changesEnd` asked for. */
export function changesDrain(state: usize, out: usize): u32 {
  const before = begin(state, out);
  const isDone = waveRun(state, out);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** What the last rows referred to is not needed any more. */
function begin(state: usize, out: usize): u32 {
  const before = allocatedBytes();
  aggregateFreeRetired(state);
  arenaClear(load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_TEXTS));
  store<u32>(out, 0, BATCH_ROW_COUNT);
  return before;
}

/** @returns false when `out` is full or a result is out of range; CHANGES_ROW is the next row. */
function processRows(state: usize, batch: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  while (true) {
    if (!waveRun(state, out)) return false;
    const row = load<u32>(changes, CHANGES_ROW);
    if (row >= rows) return true;
    let count: u32 = 0;
    if (mode == CHANGES_ON_TICK) count = min<u32>(rows - row, BLOCK_ROWS);
    else if (mode == CHANGES_ON_WATERMARK) {
      const watermark = watermarkBefore(state, batch, row);
      if (watermark >= load<i64>(changes, CHANGES_NEXT_FIRE)) {
        waveBeginFire(state, watermark);
        continue;
      }
      count = quietRows(state, batch, row, min<u32>(rows - row, BLOCK_ROWS));
    }
    if (count) {
      aggregateBlock(state, batch, row, count);
      if (mode == CHANGES_ON_TICK) touchGroups(state, count);
      store<u32>(changes, row + count, CHANGES_ROW);
      continue;
    }
    if (!waveHasRoom(out)) return false;
    aggregateBlock(state, batch, row, 1);
    store<u32>(changes, row + 1, CHANGES_ROW);
    if (!writeRow(state, out)) return false;
  }
}

/** Writes the change that the one row of the last block made, if it counted. @returns false when out of range. */
function writeRow(state: usize, out: usize): bool {
  const pane = <usize>load<u32>(load<u32>(state, STATE_TABLES));
  if (pane == <usize>load<u32>(state, STATE_LATE_PANE)) return true;
  return recordChange(state, pane, load<u32>(load<u32>(state, STATE_ENTRIES)), out);
}

function touchGroups(state: usize, rows: u32): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const late = load<u32>(state, STATE_LATE_PANE);
  for (let row: usize = 0; row < rows; row++) {
    if (load<u32>(tables + (row << 2)) == late) continue;
    recordTouch(changes, load<u32>(entries + (row << 2)));
  }
}

@inline
function watermarkBefore(state: usize, batch: usize, row: u32): i64 {
  const column = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  return column < 0 ? load<i64>(state, STATE_WATERMARK) : load<i64>(batchData(batch, column) + (row << 3));
}

/**
 * How many of `rows` rows, from row `row` on, only add to windows that have not come out, and before none of which a
 * window comes out. Their windows are taken into account for the next to come out.
 */
function quietRows(state: usize, batch: usize, row: u32, rows: u32): u32 {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const fired = load<i64>(changes, CHANGES_FIRED);
  const size = load<i64>(state, AGGREGATE_SIZE);
  const times = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (row << 3);
  let next = load<i64>(changes, CHANGES_NEXT_FIRE);
  // The window of the row before, empty at first.
  let start: i64 = 0;
  let end: i64 = 0;
  let count: u32 = 0;
  for (; count < rows; count++) {
    const watermark = watermarkBefore(state, batch, row + count);
    if (watermark >= next) break;
    const time = load<i64>(times + ((<usize>count) << 3));
    if (time < start || time >= end) {
      const rest = windowRest(state, time);
      start = saturatingSubtract(time, rest);
      end = saturatingAdd(time, size - rest);
    }
    if (end <= watermark || end <= fired) break;
    if (end < next) next = end;
  }
  store<i64>(changes, next, CHANGES_NEXT_FIRE);
  return count;
}

/** @returns false when `out` is full or a result is out of range. */
function followWatermark(state: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const watermark = load<i64>(state, STATE_WATERMARK);
  while (true) {
    if (!waveRun(state, out)) return false;
    if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return true;
    if (mode == CHANGES_ON_WATERMARK && watermark >= load<i64>(changes, CHANGES_NEXT_FIRE)) {
      waveBeginFire(state, watermark);
      continue;
    }
    const pane = panePeek(state);
    if (!pane || windowCloseOf(state, paneEnd(pane)) > watermark) return true;
    // Of windows that come out on ticks there may be news; all else has been written.
    if (mode == CHANGES_ON_TICK) waveBeginClosed(state, watermark);
    else aggregateRetire(state, panePop(state));
  }
}
