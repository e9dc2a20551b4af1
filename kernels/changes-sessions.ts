// Sessions whose results change: what comes out of each row, tick and watermark.
//
//   on update      a session comes out with every row of it
//   on watermark   a session comes out when the watermark is beyond its end, and with rows that correct it after that;
//                  one that has come out and goes on beyond the watermark is deleted, until the watermark passes it again
//   on tick        when asked to, those with new rows; at their close what is left
//   on close       when they close; only of rows that may be taken back (session-retract.ts)
//
// Of sessions that become one, what was written of the first is updated, and what was written of the others deleted
// before. Waves (changes-wave.ts) are of sessions, by end, start and key: { u64, u32 session, u32 1: only delete }.

import {
  BLOCK_ROWS,
  STATE_ENTRIES,
  STATE_ITEM_COUNT,
  STATE_ITEMS,
  STATE_LATE_PANE,
  STATE_SESSIONS,
  STATE_SORT,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { CHANGES_FIRED, CHANGES_SORT, CHANGES_WAVE, CHANGES_WAVE_COUNT, CHANGES_WAVE_INDEX } from './changes-state';
import { waveAdd, waveBegin, waveDestroy, waveHasRoom } from './changes-wave';
import { changesWatermarkBefore } from './changes-windows';
import { recordChange, recordDelete, recordIsTouched, recordTouch } from './group-record';
import { BATCH_ROW_COUNT } from './layout';
import { AGGREGATE_CHANGES, AGGREGATE_IS_SORTING, AGGREGATE_RETRACT, AGGREGATE_SIZE } from './layout-aggregate';
import {
  CHANGES_MODE,
  CHANGES_ON_CLOSE,
  CHANGES_ON_TICK,
  CHANGES_ON_UPDATE,
  CHANGES_ON_WATERMARK,
  CHANGES_ROW,
  CHANGES_SLICE,
} from './layout-changes';
import { allocate, release } from './memory';
import { SESSIONS_ENDS, SESSIONS_FIRES, SESSIONS_PANE, sessionEnd, sessionIsGone, sessionLast } from './session';
import { sessionsClose, sessionsMayClose, sessionsTidy } from './session-close';
import { PLACE_WAITS, recordNext, recordPlace, recordSetNext, recordsMove } from './session-record';
import {
  sessionsChanged,
  sessionsChangedCount,
  sessionsDropOrphan,
  sessionsOrphan,
  sessionsStep,
} from './session-retract';
import { sessionsForgive, sessionsRetire } from './session-retire';
import { sessionsBlock } from './session-rows';
import { SORT_SESSIONS } from './sort-orders';
import { sortBegin, sortGoOn } from './sort-work';
import { heapCount, heapDelay, heapPop, heapPush, heapTime, heapWhat } from './time-heap';
import { saturatingAdd } from './watermark';

/** In an item of a wave: u32 1 when its session is only deleted. */
const ITEM_DELETES: usize = 12;

/** Adds the rows of a batch. @returns false when `out` is full; CHANGES_ROW is the next row. */
export function sessionsProcess(state: usize, batch: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  if (!load<u32>(changes, CHANGES_ROW) && !load<u32>(changes, CHANGES_WAVE)) {
    sessionsTidy(state);
    if (load<u32>(state, AGGREGATE_RETRACT)) sessionsForgive(state);
  }
  while (true) {
    if (!sessionsRun(state, out)) return false;
    const row = load<u32>(changes, CHANGES_ROW);
    if (row >= rows) return true;
    if (mode == CHANGES_ON_WATERMARK) {
      const watermark = changesWatermarkBefore(state, batch, row);
      if (isDue(state, watermark)) {
        sessionsBeginFire(state, watermark);
        continue;
      }
    }
    if (load<u32>(state, AGGREGATE_RETRACT)) {
      if (!closeBefore(state, changesWatermarkBefore(state, batch, row), out)) return false;
      store<u32>(changes, row + sessionsStep(state, batch, row, rows), CHANGES_ROW);
      followStep(state, batch, row);
      continue;
    }
    const count = mode == CHANGES_ON_TICK ? min<u32>(rows - row, BLOCK_ROWS) : 1;
    sessionsBlock(state, batch, row, count);
    store<u32>(changes, row + count, CHANGES_ROW);
    if (mode == CHANGES_ON_TICK) touchSessions(state, count);
    else followRow(state, batch, row);
  }
}

/**
 * Lets go what the watermark before a row is beyond. The row may make a session end before it, which comes out behind what
 * has closed by then, wherever the batch was cut. @returns false when `out` is full, or there is more to sort.
 */
function closeBefore(state: usize, watermark: i64, out: usize): bool {
  const isClosing = load<u32>(state, STATE_SORT) != 0 || load<u32>(state, AGGREGATE_IS_SORTING) != 0;
  if (!isClosing && !sessionsMayClose(state, watermark)) return true;
  store<i64>(state, max(load<i64>(state, STATE_WATERMARK), watermark), STATE_WATERMARK);
  return sessionsFollow(state, out);
}

/** What comes out with a row that was just added. */
function followRow(state: usize, batch: usize, row: u32): void {
  const late = load<u32>(state, STATE_LATE_PANE);
  if (late != 0 && load<u32>(load<u32>(state, STATE_TABLES)) == late) return;
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const session = <usize>load<u32>(load<u32>(state, STATE_ENTRIES));
  if (load<u32>(changes, CHANGES_MODE) == CHANGES_ON_UPDATE) {
    begin(state, session, 0);
    return;
  }
  const fired = max(load<i64>(changes, CHANGES_FIRED), changesWatermarkBefore(state, batch, row));
  if (sessionEnd(state, session) < fired) {
    begin(state, session, 0);
    return;
  }
  const place = recordPlace(state, session);
  if (load<u32>(place)) begin(state, session, 1);
  if (!load<u32>(place, PLACE_WAITS)) wait(state, session);
}

/** What comes out with a step over rows that may be taken back: first what is written of a session that is gone. */
function followStep(state: usize, batch: usize, row: u32): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const count = sessionsChangedCount();
  const items = waveBegin(state, count + 1, 0);
  const orphan = sessionsOrphan(state);
  if (orphan) add(state, items, orphan, 1);
  sessionsDropOrphan(state);
  const fired = max(load<i64>(changes, CHANGES_FIRED), changesWatermarkBefore(state, batch, row));
  for (let i: usize = 0; i < count; i++) {
    const session = <usize>load<u32>(sessionsChanged + (i << 2));
    if (sessionIsGone(session)) continue;
    if (mode == CHANGES_ON_TICK || mode == CHANGES_ON_CLOSE) recordTouch(changes, session);
    else if (mode == CHANGES_ON_UPDATE || sessionEnd(state, session) < fired) add(state, items, session, 0);
    else {
      if (load<u32>(recordPlace(state, session))) add(state, items, session, 1);
      if (!load<u32>(recordPlace(state, session), PLACE_WAITS)) wait(state, session);
    }
  }
}

function add(state: usize, items: usize, session: usize, deletes: u32): void {
  const count = load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_WAVE_COUNT);
  waveAdd(state, items, session);
  store<u32>(items + ((<usize>count) << 4), deletes, ITEM_DELETES);
}

function wait(state: usize, session: usize): void {
  store<u32>(recordPlace(state, session), 1, PLACE_WAITS);
  heapPush(<usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_FIRES, sessionLast(session), session);
}

/** A session has been loaded: it comes out when it would have. */
export function sessionWaitsAgain(state: usize, session: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  if (!changes || load<u32>(changes, CHANGES_MODE) != CHANGES_ON_WATERMARK) return;
  if (load<u32>(recordPlace(state, session), PLACE_WAITS)) wait(state, session);
}

/** Begins a wave of one session. */
function begin(state: usize, session: usize, deletes: u32): void {
  const items = waveBegin(state, 1, 0);
  waveAdd(state, items, session);
  store<u32>(items, deletes, ITEM_DELETES);
}

function touchSessions(state: usize, rows: u32): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const late = load<u32>(state, STATE_LATE_PANE);
  for (let row: usize = 0; row < rows; row++) {
    if (late != 0 && load<u32>(tables + (row << 2)) == late) continue;
    recordTouch(changes, load<u32>(entries + (row << 2)));
  }
}

/** Whether a session may come out at a watermark. */
function isDue(state: usize, watermark: i64): bool {
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_FIRES;
  return heapCount(heap) != 0 && saturatingAdd(heapTime(heap, 0), load<i64>(state, AGGREGATE_SIZE)) < watermark;
}

/** Begins a wave over the sessions that have not come out and that a watermark is beyond. */
export function sessionsBeginFire(state: usize, watermark: i64): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_FIRES;
  store<i64>(changes, max(load<i64>(changes, CHANGES_FIRED), watermark), CHANGES_FIRED);
  const items = waveBegin(state, heapCount(heap), 0);
  while (isDue(state, watermark)) {
    const session = heapWhat(heap, 0);
    if (sessionIsGone(session) || sessionLast(session) == heapTime(heap, 0)) {
      heapPop(heap);
      if (!sessionIsGone(session)) waveAdd(state, items, session);
    } else heapDelay(heap, sessionLast(session));
  }
  sort(state, items);
}

/** Begins a wave over the open sessions with new rows. */
export function sessionsBeginOpen(state: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_ENDS;
  // One that was shortened is in the heap twice.
  const items = waveBegin(state, heapCount(heap), 0);
  for (let i: u32 = 0; i < heapCount(heap); i++) {
    const session = heapWhat(heap, i);
    if (!sessionIsGone(session) && recordIsTouched(changes, session)) waveAdd(state, items, session);
  }
  sort(state, items);
}

/** Begins to sort the sessions of a wave. */
function sort(state: usize, items: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const count = load<u32>(changes, CHANGES_WAVE_COUNT);
  const work = sortBegin(SORT_SESSIONS, state, items, count, 0, 0, load<u32>(changes, CHANGES_SLICE));
  store<u32>(changes, <u32>work, CHANGES_SORT);
  if (!work) keepOnce(changes);
}

/** Goes on with it, by a slice. @returns whether they are in order */
function sortOn(changes: usize): bool {
  const work = load<u32>(changes, CHANGES_SORT);
  if (!work) return true;
  if (!sortGoOn(work)) return false;
  store<u32>(changes, 0, CHANGES_SORT);
  keepOnce(changes);
  return true;
}

/** Each session of a sorted wave is in it once from now on. */
function keepOnce(changes: usize): void {
  const items = <usize>load<u32>(changes, CHANGES_WAVE);
  const count = load<u32>(changes, CHANGES_WAVE_COUNT);
  let kept: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const session = load<u32>(items + (i << 4), 8);
    if (kept != 0 && load<u32>(items + ((kept - 1) << 4), 8) == session) continue;
    // Sorting by key uses what is behind the session.
    store<u64>(items + (kept << 4), <u64>session, 8);
    kept++;
  }
  store<u32>(changes, <u32>kept, CHANGES_WAVE_COUNT);
}

/** A microsecond after the end of the last open session: the watermark that is beyond all; i64's minimum without one. */
export function sessionsBeyond(state: usize): i64 {
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_ENDS;
  let last = i64.MIN_VALUE;
  for (let i: u32 = 0; i < heapCount(heap); i++) {
    const session = heapWhat(heap, i);
    if (!sessionIsGone(session)) last = max(last, saturatingAdd(sessionEnd(state, session), 1));
  }
  return last;
}

/** Lets sessions come out, and close, by the watermark. @returns false when `out` is full, or there is more to sort. */
export function sessionsFollow(state: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const watermark = load<i64>(state, STATE_WATERMARK);
  while (true) {
    if (!sessionsRun(state, out)) return false;
    if (mode == CHANGES_ON_WATERMARK && isDue(state, watermark)) {
      sessionsBeginFire(state, watermark);
      continue;
    }
    const work = load<u32>(state, STATE_SORT);
    if (work) {
      if (!sortGoOn(work)) return false;
      store<u32>(state, 0, STATE_SORT);
    } else if (!sessionsClose(state, load<u32>(changes, CHANGES_SLICE))) {
      return load<u32>(state, AGGREGATE_IS_SORTING) == 0;
    }
    if (!load<u32>(state, STATE_SORT)) beginClosed(state, mode);
  }
}

/** Of sessions that come out on ticks there may be news at their close; all else has been written. */
function beginClosed(state: usize, mode: u32): void {
  const items = <usize>load<u32>(state, STATE_ITEMS);
  const count = load<u32>(state, STATE_ITEM_COUNT);
  if (mode == CHANGES_ON_TICK || mode == CHANGES_ON_CLOSE) {
    const wave = waveBegin(state, count, 0);
    for (let i: usize = 0; i < count; i++) waveAdd(state, wave, load<u32>(items + (i << 4), 8));
  } else if (load<u32>(state, AGGREGATE_RETRACT)) {
    for (let i: usize = 0; i < count; i++) sessionsRetire(state, load<u32>(items + (i << 4), 8));
  }
  release(items, count << 4);
  store<u32>(state, 0, STATE_ITEMS);
  store<u32>(state, 0, STATE_ITEM_COUNT);
}

/** Goes on with the wave, if there is one. @returns false when `out` is full, a result is out of range, or it is not sorted. */
export function sessionsRun(state: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const pane = <usize>load<u32>(<usize>load<u32>(state, STATE_SESSIONS), SESSIONS_PANE);
  if (!sortOn(changes)) return false;
  while (load<u32>(changes, CHANGES_WAVE)) {
    const index = load<u32>(changes, CHANGES_WAVE_INDEX);
    if (index == load<u32>(changes, CHANGES_WAVE_COUNT)) {
      waveDestroy(state);
      return true;
    }
    const item = <usize>load<u32>(changes, CHANGES_WAVE) + ((<usize>index) << 4);
    const session = <usize>load<u32>(item, 8);
    const deletes = load<u32>(item, ITEM_DELETES) != 0;
    if (!deleteRecords(state, pane, session, deletes, out)) return false;
    if (!deletes && (!waveHasRoom(out) || !recordChange(state, pane, session, out))) return false;
    if (load<u32>(state, AGGREGATE_RETRACT) != 0 && sessionIsGone(session)) sessionsRetire(state, session);
    store<u32>(changes, index + 1, CHANGES_WAVE_INDEX);
  }
  return true;
}

/** Deletes what was written of a session, or only of those that have become part of it. @returns false when full. */
function deleteRecords(state: usize, pane: usize, session: usize, all: bool, out: usize): bool {
  const place = recordPlace(state, session);
  const first = <usize>load<u32>(place);
  if (!first) return true;
  for (let record = recordNext(first); record; record = recordNext(first)) {
    if (!waveHasRoom(out)) return false;
    recordDelete(state, pane, session, record, out);
    recordSetNext(first, recordNext(record));
  }
  if (!all) return true;
  if (!waveHasRoom(out)) return false;
  recordDelete(state, pane, session, first, out);
  store<u32>(place, 0);
  return true;
}

/** A session has moved: so does what was written of it, and its place among those that are to come out. */
export function sessionsMoveChanges(state: usize, from: usize, to: usize, arena: usize): void {
  const changed = load<u32>(recordPlace(state, from), PLACE_WAITS);
  recordsMove(state, from, to, arena);
  store<u32>(recordPlace(state, to), changed, PLACE_WAITS);
  if (load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_MODE) != CHANGES_ON_WATERMARK) return;
  if (changed) heapPush(<usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_FIRES, sessionLast(to), to);
}
