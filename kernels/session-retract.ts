// Sessions of rows that may be taken back: what a step, one row that comes or goes or both rows of an update, makes of them.
//
//   a row comes   as in session-rows.ts; the rows of sessions that become one are put together
//   a row goes    its session begins later, ends earlier, falls apart in two where the gap is too long, or is gone
//
// Every session keeps its rows in the order in which they came (retract-rows.ts), and is made anew from them when they become
// other ones. What was written of a session stays with its earlier part; of one that is gone, with the session that the same
// step begins of the same key, and is deleted otherwise. A deletion of a row that has not come is a debt: it waits until a row
// of its time would be late. A deletion of a row of a session that has closed is late.
import { STATE_ENTRIES, STATE_FLOOR, STATE_SESSIONS, STATE_WATERMARK } from './aggregate-state';
import { changesAddLate, changesClearLate, changesCountRows } from './changes-windows';
import { batchData, keyHash, keyPack } from './group-key';
import { tableFind } from './group-find';
import { tableFindOnly } from './group-only';
import {
  AGGREGATE_KEY_COUNT,
  AGGREGATE_RETRACT,
  AGGREGATE_SIZE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
} from './layout-aggregate';
import { RETRACT_COLUMN, RETRACT_ROWS, RETRACT_TIME_OFFSET } from './layout-retract';
import { ROW_YOUNGER } from './layout-rows';
import { GROUP_FIRST, GROUP_WEIGHT, RETRACT_ORPHAN, RETRACT_TABLE } from './retract-state';
import { retractCopyRow } from './retract-rows';
import { retractGroup, retractReleaseStates, retractRow } from './retract-update';
import { rowUnpin } from './row-store';
import { rowTableAdd, rowTableDebts, rowTableFind, rowTableOwes, rowTableTake } from './row-table';
import {
  SESSIONS_GONE,
  SESSIONS_PANE,
  sessionKey,
  sessionLast,
  sessionList,
  sessionNext,
  sessionOpenUntil,
  sessionRemove,
  sessionSetStart,
  sessionStart,
} from './session';
import { recordPlace } from './session-record';
import { sessionBegin, sessionStretch, sessionTouched } from './session-rows';
import { saturatingAdd } from './watermark';
import { windowFill } from './window';
import { sessionEndEarlier, sessionsJoin, sessionSplit } from './session-parts';

/** Sessions that the step has changed: u32 each. */
export const sessionsChanged: usize = memory.data(8 * 4, 16);
let changedCount: u32 = 0;

@inline
function paneOf(state: usize): usize {
  return load<u32>(load<u32>(state, STATE_SESSIONS), SESSIONS_PANE);
}

@inline
function retractOf(state: usize): usize {
  return <usize>load<u32>(state, AGGREGATE_RETRACT);
}

@inline
function changeAt(state: usize, batch: usize, row: u32): i32 {
  return load<i32>(batchData(batch, load<u32>(retractOf(state), RETRACT_COLUMN)) + (row << 2));
}

/** Handles a row, and the next if they are an update. @returns how many; the sessions changed are at `sessionsChanged`. */
export function sessionsStep(state: usize, batch: usize, row: u32, rows: u32): u32 {
  changedCount = 0;
  const change = changeAt(state, batch, row);
  const isUpdate = change < -1 && row + 1 < rows && changeAt(state, batch, row + 1) == -change;
  handle(state, batch, row, change > 0);
  if (isUpdate) handle(state, batch, row + 1, true);
  return isUpdate ? 2 : 1;
}

/** How many sessions the last step has changed. */
@inline
export function sessionsChangedCount(): u32 {
  return changedCount;
}

/** What was written of a session that is gone is still to be deleted: the session, 0 for none. */
@inline
export function sessionsOrphan(state: usize): usize {
  return load<u32>(retractOf(state), RETRACT_ORPHAN);
}

/** It is deleted. */
@inline
export function sessionsDropOrphan(state: usize): void {
  store<u32>(retractOf(state), 0, RETRACT_ORPHAN);
}

function changed(session: usize): void {
  store<u32>(sessionsChanged + ((<usize>changedCount) << 2), <u32>session);
  changedCount++;
}

function handle(state: usize, batch: usize, row: u32, comes: bool): void {
  windowFill(state, 1, <u32>paneOf(state));
  if (load<u32>(state, AGGREGATE_KEY_COUNT)) {
    keyPack(state, batch, row, 1);
    keyHash(state, batch, row, 1);
    tableFind(state, batch, row, 1);
  } else tableFindOnly(state, 1);
  const key = <usize>load<u32>(load<u32>(state, STATE_ENTRIES));
  const time = load<i64>(batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (row << 3));
  const column = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  const known = column < 0 ? load<i64>(state, STATE_WATERMARK) : load<i64>(batchData(batch, column) + (row << 3));
  const watermark = max(known, load<i64>(state, STATE_FLOOR));
  if (comes) come(state, batch, row, key, time, watermark);
  else go(state, batch, row, key, time, watermark);
  changesCountRows(state, 1);
}

function late(state: usize, batch: usize, row: u32): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  // Its key may be in the table for nothing.
  store<u32>(sessions, load<u32>(sessions, SESSIONS_GONE) + 1, SESSIONS_GONE);
  changesAddLate(state, batch, row);
  changesClearLate(state);
}

// --- a row comes ---

function come(state: usize, batch: usize, row: u32, key: usize, time: i64, watermark: i64): void {
  const isOver = watermark > sessionOpenUntil(state, time);
  if (isOwed(state, batch, row, isOver)) return;
  let session = sessionTouched(state, <usize>load<u32>(sessionList(state, key)), time, watermark);
  while (session) {
    const older = sessionTouched(state, sessionNext(session), time, watermark);
    if (!older) break;
    session = sessionsJoin(state, older, session);
  }
  if (session) sessionStretch(state, session, time);
  else if (isOver) {
    late(state, batch, row);
    return;
  } else session = begin(state, key, time);
  add(state, batch, row, session, 1);
  changed(session);
}

/** Whether a row was taken back before it came; then the debt is paid, unless that time is over. */
function isOwed(state: usize, batch: usize, row: u32, isOver: bool): bool {
  const retract = retractOf(state);
  const table = retract + <usize>RETRACT_TABLE;
  if (!rowTableDebts(table)) return false;
  const rows = <usize>load<u32>(retract, RETRACT_ROWS);
  const copy = retractCopyRow(state, retract, batch, row, 0);
  const isDebt = rowTableOwes(table, rows, copy);
  if (isDebt) rowTableAdd(table, rows, copy);
  rowUnpin(copy);
  return isDebt && !isOver;
}

function begin(state: usize, key: usize, time: i64): usize {
  const session = sessionBegin(state, key, time);
  const orphan = sessionsOrphan(state);
  if (!orphan || sessionKey(orphan) != key) return session;
  store<u32>(recordPlace(state, session), load<u32>(recordPlace(state, orphan)));
  store<u32>(recordPlace(state, orphan), 0);
  store<u32>(retractOf(state), 0, RETRACT_ORPHAN);
  return session;
}

function add(state: usize, batch: usize, row: u32, session: usize, weight: i32): void {
  store<u32>(load<u32>(state, STATE_ENTRIES), <u32>session);
  retractRow(state, batch, row, paneOf(state), weight);
}

// --- a row goes ---

function go(state: usize, batch: usize, row: u32, key: usize, time: i64, watermark: i64): void {
  const session = sessionAt(state, key, time, watermark);
  if (!session && watermark > sessionOpenUntil(state, time)) {
    late(state, batch, row);
    return;
  }
  const retract = retractOf(state);
  const table = retract + <usize>RETRACT_TABLE;
  const rows = <usize>load<u32>(retract, RETRACT_ROWS);
  const copy = retractCopyRow(state, retract, batch, row, 0);
  if (!session || !rowTableFind(table, rows, copy)) {
    const isOver = watermark > sessionOpenUntil(state, time);
    if (!isOver) rowTableTake(table, rows, copy);
    else {
      // No row can pay it any more.
      rowUnpin(copy);
      late(state, batch, row);
    }
    return;
  }
  rowUnpin(copy);
  add(state, batch, row, session, -1);
  if (load<i64>(retractGroup(state, session), GROUP_WEIGHT) == 0) vanish(state, session);
  else shrink(state, session, time);
}

/** The open session of a key that contains a time, 0 without one. */
function sessionAt(state: usize, key: usize, time: i64, watermark: i64): usize {
  for (let session = <usize>load<u32>(sessionList(state, key)); session; session = sessionNext(session)) {
    const last = sessionLast(session);
    if (last < time) return 0;
    if (sessionStart(session) <= time) return watermark <= sessionOpenUntil(state, last) ? session : 0;
  }
  return 0;
}

function vanish(state: usize, session: usize): void {
  retractReleaseStates(state, session);
  sessionRemove(state, session);
  if (load<u32>(recordPlace(state, session))) store<u32>(retractOf(state), <u32>session, RETRACT_ORPHAN);
}

/** A row of that time has left: the session may be shorter, or two. */
function shrink(state: usize, session: usize, time: i64): void {
  const offset = load<u32>(retractOf(state), RETRACT_TIME_OFFSET);
  let before = i64.MIN_VALUE;
  let after = i64.MAX_VALUE;
  for (let row = <usize>load<u32>(retractGroup(state, session), GROUP_FIRST); row; row = load<u32>(row, ROW_YOUNGER)) {
    const at = load<i64>(row + offset);
    if (at <= time) before = max(before, at);
    if (at >= time) after = min(after, at);
  }
  const isFirst = before == i64.MIN_VALUE;
  const isLast = after == i64.MAX_VALUE;
  if (isFirst) sessionSetStart(session, after);
  if (isLast) sessionEndEarlier(state, session, before);
  if (!isFirst && !isLast && saturatingAdd(before, load<i64>(state, AGGREGATE_SIZE)) < after) {
    const later = sessionSplit(state, session, before, after);
    changed(session);
    changed(later);
  } else changed(session);
}
