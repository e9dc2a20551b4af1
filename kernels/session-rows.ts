// Rows to sessions: a block of rows is added to the sessions they touch, stretch, join or begin.
//
// Rows are added up in one go for all of a block; before two sessions become one, the rows up to there are.
import { mergeStates } from './aggregate-merge';
import {
  STATE_ENTRIES,
  STATE_FLOOR,
  STATE_LATE_PANE,
  STATE_SEQUENCE,
  STATE_SESSIONS,
  STATE_SOURCES,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { aggregateUpdate } from './aggregate-update';
import { batchData, keyHash, keyPack } from './group-key';
import { tableFindOnly } from './group-only';
import { tableFind } from './group-find';
import { tableArena, tableClear } from './group-table';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_SESSION_BYTES,
  AGGREGATE_SESSION_TEMPLATE,
  AGGREGATE_SIZE,
  AGGREGATE_TIME_COLUMN,
  AGGREGATE_WATERMARK_COLUMN,
} from './layout-aggregate';
import { lateKeep } from './late-rows';
import { arenaAllocate } from './memory';
import { paneForLate } from './pane';
import {
  SESSIONS_ENDS,
  SESSIONS_GONE,
  SESSIONS_LATE,
  SESSIONS_OPEN,
  SESSIONS_PANE,
  sessionCreate,
  sessionLast,
  sessionLink,
  sessionList,
  sessionNext,
  sessionOpenUntil,
  sessionPrevious,
  sessionRemove,
  sessionSetLast,
  sessionSetStart,
  sessionStart,
  sessionUnlink,
} from './session';
import { recordsJoin } from './session-record';
import { heapPush } from './time-heap';
import { saturatingAdd } from './watermark';
import { windowFill } from './window';

/** Adds rows of a batch, at most a block, from row `first` on. */
export function sessionsBlock(state: usize, batch: usize, first: u32, rows: u32): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  windowFill(state, rows, load<u32>(sessions, SESSIONS_PANE));
  if (load<u32>(state, AGGREGATE_KEY_COUNT)) {
    keyPack(state, batch, first, rows);
    keyHash(state, batch, first, rows);
    tableFind(state, batch, first, rows);
  } else tableFindOnly(state, rows);
  const times = batchData(batch, load<i32>(state, AGGREGATE_TIME_COLUMN)) + (first << 3);
  const watermarkColumn = load<i32>(state, AGGREGATE_WATERMARK_COLUMN);
  const watermarks = watermarkColumn < 0 ? <usize>0 : batchData(batch, watermarkColumn) + (first << 3);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const gap = load<i64>(state, AGGREGATE_SIZE);
  const floor = load<i64>(state, STATE_FLOOR);
  let watermark = load<i64>(state, STATE_WATERMARK);
  // Rows from here on have not been added to their sessions yet.
  let waiting: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const place = entries + ((<usize>row) << 2);
    const key = <usize>load<u32>(place);
    const time = load<i64>(times + ((<usize>row) << 3));
    if (watermarks) watermark = max(load<i64>(watermarks + ((<usize>row) << 3)), floor);
    const latest = <usize>load<u32>(sessionList(state, key));
    if (latest != 0 && time >= sessionStart(latest)) {
      const last = sessionLast(latest);
      if (time <= saturatingAdd(last, gap) && watermark <= sessionOpenUntil(state, last)) {
        if (time > last) sessionSetLast(latest, time);
        store<u32>(place, <u32>latest);
        continue;
      }
    }
    let session = firstTouched(state, key, time, watermark);
    for (let older = nextTouched(state, session, time, watermark); older; ) {
      addRows(state, batch, first, waiting, row);
      waiting = row;
      session = join(state, older, session);
      older = nextTouched(state, session, time, watermark);
    }
    if (session) sessionStretch(state, session, time);
    else if (watermark > sessionOpenUntil(state, time)) session = lateEntry(state, row);
    else session = sessionBegin(state, key, time);
    store<u32>(place, <u32>session);
  }
  addRows(state, batch, first, waiting, rows);
  if (!load<u32>(sessions, SESSIONS_LATE)) return;
  lateKeep(state, batch, first, rows);
  tableClear(load<u32>(state, STATE_LATE_PANE));
  store<u32>(sessions, 0, SESSIONS_LATE);
}

/** Adds rows [from, end) of the block to the sessions in STATE_ENTRIES. */
function addRows(state: usize, batch: usize, first: u32, from: u32, end: u32): void {
  if (from == end) return;
  const entries = load<u32>(state, STATE_ENTRIES);
  const tables = load<u32>(state, STATE_TABLES);
  store<u32>(state, entries + (from << 2), STATE_ENTRIES);
  store<u32>(state, tables + (from << 2), STATE_TABLES);
  aggregateUpdate(state, batch, first + from, end - from);
  store<u32>(state, entries, STATE_ENTRIES);
  store<u32>(state, tables, STATE_TABLES);
  store<i64>(state, load<i64>(state, STATE_SEQUENCE) + (end - from), STATE_SEQUENCE);
}

/** The latest open session of a key that a row touches, 0 when there is none. */
function firstTouched(state: usize, key: usize, time: i64, watermark: i64): usize {
  return sessionTouched(state, load<u32>(sessionList(state, key)), time, watermark);
}

/** The next one after `session`. */
@inline
function nextTouched(state: usize, session: usize, time: i64, watermark: i64): usize {
  return session ? sessionTouched(state, sessionNext(session), time, watermark) : 0;
}

/** The first open session from `from` on in its list that a row touches, 0 when there is none. */
export function sessionTouched(state: usize, from: usize, time: i64, watermark: i64): usize {
  const gap = load<i64>(state, AGGREGATE_SIZE);
  for (let session = from; session; session = sessionNext(session)) {
    const last = sessionLast(session);
    if (saturatingAdd(last, gap) < time) return 0;
    if (saturatingAdd(time, gap) < sessionStart(session)) continue;
    if (watermark <= sessionOpenUntil(state, last)) return session;
  }
  return 0;
}

/** Two sessions become one: `older`, which is put where `newer` was in the list. */
function join(state: usize, older: usize, newer: usize): usize {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const sources = <usize>load<u32>(state, STATE_SOURCES);
  store<u32>(sources, <u32>newer);
  store<u32>(sources, <u32>older, 4);
  mergeStates(state, sources, sources + 4, 1, tableArena(load<u32>(sessions, SESSIONS_PANE)));
  if (load<u32>(state, AGGREGATE_CHANGES)) recordsJoin(state, older, newer);
  const previous = sessionPrevious(newer);
  sessionSetStart(older, min(sessionStart(older), sessionStart(newer)));
  sessionSetLast(older, sessionLast(newer));
  sessionRemove(state, newer);
  sessionUnlink(state, older);
  sessionLink(state, older, previous);
  return older;
}

/** Makes a session contain a time, and the list be in order again. */
export function sessionStretch(state: usize, session: usize, time: i64): void {
  if (time < sessionStart(session)) sessionSetStart(session, time);
  if (time <= sessionLast(session)) return;
  sessionSetLast(session, time);
  let previous = sessionPrevious(session);
  if (!previous || sessionLast(previous) >= time) return;
  while (previous != 0 && sessionLast(previous) < time) previous = sessionPrevious(previous);
  sessionUnlink(state, session);
  sessionLink(state, session, previous);
}

/** Begins a session of a key with a row at a time. */
export function sessionBegin(state: usize, key: usize, time: i64): usize {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const session = sessionCreate(state, tableArena(load<u32>(sessions, SESSIONS_PANE)), key, time, time);
  let previous: usize = 0;
  for (let later = <usize>load<u32>(sessionList(state, key)); later; later = sessionNext(later)) {
    if (sessionLast(later) < time) break;
    previous = later;
  }
  sessionLink(state, session, previous);
  heapPush(sessions + SESSIONS_ENDS, time, session);
  store<u32>(sessions, load<u32>(sessions, SESSIONS_OPEN) + 1, SESSIONS_OPEN);
  return session;
}

/** Counts a late row of the block. @returns what it is added to, which is cleared after the block. */
function lateEntry(state: usize, row: u32): usize {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const pane = paneForLate(state);
  store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + 1, AGGREGATE_LATE_COUNT);
  // Its key may be in the table for nothing.
  store<u32>(sessions, load<u32>(sessions, SESSIONS_GONE) + 1, SESSIONS_GONE);
  store<u32>(<usize>load<u32>(state, STATE_TABLES) + ((<usize>row) << 2), <u32>pane);
  let entry = <usize>load<u32>(sessions, SESSIONS_LATE);
  if (!entry) {
    const bytes = load<u32>(state, AGGREGATE_SESSION_BYTES);
    entry = arenaAllocate(tableArena(pane), bytes);
    memory.copy(entry, load<u32>(state, AGGREGATE_SESSION_TEMPLATE), bytes);
    store<u32>(sessions, <u32>entry, SESSIONS_LATE);
  }
  return entry;
}
