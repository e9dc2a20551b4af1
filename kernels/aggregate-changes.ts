// Aggregates whose results change: what comes out is a changelog, each row with the change that it is.
//
//   on update      every row that changes the result of its group gives an insertion or an update
//   on watermark   groups come out when the watermark reaches the end of their window; rows after that correct them
//   on tick        when asked to (a clock, the close of a window), every group that has changed since
//   on close       when its window closes; only of aggregates that read changes (changes-retract.ts)
//
// Each group remembers what was last written of it (group-record.ts), and nothing is written twice. All is decided row
// by row: before a row counts, what the watermark before it asks for comes out. So the changelog, its order included,
// does not depend on where batches are cut.
//
// Functions that fill `out` return 1 when they are done and 0 when it is full: then they are called again, with the
// same arguments, once its rows have been passed on. What its rows refer to lives until that next call. After either,
// AGGREGATE_FAILED_CALL may say that a result is out of range.
import { aggregateCountUsed, aggregateFreeRetired, aggregateRetire, aggregateWatermark } from './aggregate';
import {
  BLOCK_ROWS,
  STATE_ENTRIES,
  STATE_LATE_PANE,
  STATE_SESSIONS,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { blockIsUpdated, blockProcess } from './changes-block';
import {
  sessionsBeginFire,
  sessionsBeginOpen,
  sessionsBeyond,
  sessionsFollow,
  sessionsProcess,
  sessionsRun,
} from './changes-sessions';
import { retractProcess } from './changes-retract';
import { CHANGES_FIRED, CHANGES_ITEM, CHANGES_NEXT_FIRE, CHANGES_TEXTS, CHANGES_WINDOW } from './changes-state';
import {
  waveBeginClosed,
  waveBeginFire,
  waveBeginOpen,
  waveDestroy,
  waveHasRoom,
  waveLast,
  waveRun,
} from './changes-wave';
import {
  changesAddLate,
  changesAddTo,
  changesAreWide,
  changesClearLate,
  changesComplete,
  changesCompleteAt,
  changesCountRows,
  changesFirstEnd,
  changesLastEnd,
  changesNextEnd,
  changesPass,
  changesPrepare,
  changesWatermarkBefore,
} from './changes-windows';
import { recordChange, recordTouch } from './group-record';
import { AGGREGATE_CHANGES, AGGREGATE_IS_WINDOWED, AGGREGATE_RETRACT } from './layout-aggregate';
import { BATCH_ROW_COUNT } from './layout';
import {
  CHANGES_MODE,
  CHANGES_ON_CLOSE,
  CHANGES_ON_TICK,
  CHANGES_ON_UPDATE,
  CHANGES_ON_WATERMARK,
  CHANGES_ROW,
} from './layout-changes';
import { allocate, allocatedBytes, arenaClear, arenaCreate, arenaDestroy, release } from './memory';
import { panePeek, panePop } from './pane';
import { sessionsFreeRetired } from './session-retire';
import { windowCloseOf } from './window';

/** Completes a CHANGES_* block whose header TypeScript has filled; the rest of it is zero. */
export function changesInit(state: usize): void {
  const before = allocatedBytes();
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  store<u32>(changes, <u32>arenaCreate(), CHANGES_TEXTS);
  store<u32>(changes, <u32>allocate(16), CHANGES_ITEM);
  store<i64>(changes, i64.MIN_VALUE, CHANGES_FIRED);
  store<i64>(changes, i64.MAX_VALUE, CHANGES_NEXT_FIRE);
  store<i64>(changes, i64.MIN_VALUE, CHANGES_WINDOW);
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
  let isDone = false;
  if (load<u32>(state, STATE_SESSIONS)) isDone = sessionsProcess(state, batch, out);
  else if (load<u32>(state, AGGREGATE_RETRACT)) isDone = retractProcess(state, batch, out);
  else if (blockIsUpdated(state)) isDone = blockProcess(state, batch, out);
  else isDone = processRows(state, batch, out);
  if (isDone) store<u32>(load<u32>(state, AGGREGATE_CHANGES), 0, CHANGES_ROW);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** Takes a watermark, as `aggregateWatermark` does: windows come out, or close. */
export function changesWatermark(state: usize, cell: usize, out: usize): u32 {
  const before = begin(state, out);
  aggregateWatermark(state, cell);
  const isDone = load<u32>(state, STATE_SESSIONS) ? sessionsFollow(state, out) : followWatermark(state, out);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** Asks for the changes since the last time: `changesDrain` gives them. */
export function changesTick(state: usize): void {
  const before = allocatedBytes();
  if (load<u32>(state, STATE_SESSIONS)) sessionsBeginOpen(state);
  else waveBeginOpen(state, i64.MIN_VALUE, i64.MAX_VALUE);
  aggregateCountUsed(state, before);
}

/** Asks for the results of all windows that have not come out yet: `changesDrain` gives them. */
export function changesFire(state: usize): void {
  const before = allocatedBytes();
  if (load<u32>(state, STATE_SESSIONS)) sessionsBeginFire(state, sessionsBeyond(state));
  else waveBeginFire(state, waveLast(state));
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
  const isDone = load<u32>(state, STATE_SESSIONS) ? sessionsRun(state, out) : waveRun(state, out);
  aggregateCountUsed(state, before);
  return u32(isDone);
}

/** What the last rows referred to is not needed any more. */
function begin(state: usize, out: usize): u32 {
  const before = allocatedBytes();
  aggregateFreeRetired(state);
  if (load<u32>(state, STATE_SESSIONS) != 0 && load<u32>(state, AGGREGATE_RETRACT) != 0) sessionsFreeRetired(state);
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
      const watermark = changesWatermarkBefore(state, batch, row);
      if (watermark >= load<i64>(changes, CHANGES_NEXT_FIRE)) {
        waveBeginFire(state, watermark);
        continue;
      }
      count = quietRows(state, batch, row, min<u32>(rows - row, BLOCK_ROWS));
    }
    if (count) {
      addRows(state, batch, row, count, mode == CHANGES_ON_TICK);
      store<u32>(changes, row + count, CHANGES_ROW);
    } else if (!addRow(state, batch, row, out)) return false;
  }
}

/** Adds rows whose windows do not come out with them. `isTicked`: their groups have changed since the last tick. */
function addRows(state: usize, batch: usize, first: u32, rows: u32, isTicked: bool): void {
  if (rows > 1 && changesAreWide(state, batch, first, rows)) {
    for (let row: u32 = 0; row < rows; row++) addRows(state, batch, first + row, 1, isTicked);
    return;
  }
  changesPrepare(state, batch, first, rows);
  for (let pass: u32 = 0; changesPass(state, batch, first, rows, pass); pass++) {
    if (isTicked) touchGroups(state, rows);
    changesClearLate(state);
  }
  changesClearLate(state);
  changesCountRows(state, rows);
}

/**
 * Adds a row to its open windows, one after another, and writes how the result of each changes that comes out with it.
 * @returns false when `out` is full or a result is out of range; CHANGES_WINDOW is the next window.
 */
function addRow(state: usize, batch: usize, row: u32, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const isUpdated = load<u32>(changes, CHANGES_MODE) == CHANGES_ON_UPDATE;
  const fired = max(load<i64>(changes, CHANGES_FIRED), changesWatermarkBefore(state, batch, row));
  const last = changesLastEnd(state, batch, row);
  let end = load<i64>(changes, CHANGES_WINDOW);
  if (end == i64.MIN_VALUE) {
    end = changesFirstEnd(state, batch, row);
    if (end > last) changesAddLate(state, batch, row);
  }
  changesPrepare(state, batch, row, 1);
  for (; end <= last; end = changesNextEnd(state, end)) {
    if (!waveHasRoom(out)) {
      store<i64>(changes, end, CHANGES_WINDOW);
      return false;
    }
    const pane = changesAddTo(state, batch, row, end);
    const complete = changesCompleteAt(state, batch, row, end);
    if (!isUpdated && complete > fired) {
      store<i64>(changes, min(load<i64>(changes, CHANGES_NEXT_FIRE), complete), CHANGES_NEXT_FIRE);
    } else if (!recordChange(state, pane, load<u32>(load<u32>(state, STATE_ENTRIES)), out)) return false;
    if (end == last) break;
  }
  store<i64>(changes, i64.MIN_VALUE, CHANGES_WINDOW);
  store<u32>(changes, row + 1, CHANGES_ROW);
  changesCountRows(state, 1);
  return true;
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

/**
 * How many of `rows` rows, from row `row` on, only add to windows that have not come out, and before none of which a
 * window comes out. Their windows are taken into account for the next to come out.
 */
function quietRows(state: usize, batch: usize, row: u32, rows: u32): u32 {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const fired = load<i64>(changes, CHANGES_FIRED);
  let next = load<i64>(changes, CHANGES_NEXT_FIRE);
  let count: u32 = 0;
  for (; count < rows; count++) {
    const watermark = changesWatermarkBefore(state, batch, row + count);
    if (watermark >= next) break;
    const end = changesFirstEnd(state, batch, row + count);
    const complete = changesCompleteAt(state, batch, row + count, end);
    if (complete <= watermark || complete <= fired || end > changesLastEnd(state, batch, row + count)) break;
    if (complete < next) next = complete;
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
    if (!pane || windowCloseOf(state, changesComplete(state, pane)) > watermark) return true;
    // Of windows that come out on ticks there may be news; all else has been written.
    if (mode == CHANGES_ON_TICK || mode == CHANGES_ON_CLOSE) waveBeginClosed(state, watermark);
    else aggregateRetire(state, panePop(state));
  }
}
