// Sessions that close: which they are, in the order in which they come out; and the move of those still open to a new
// table, which gives back what closed ones took.
import { mergeStates } from './aggregate-merge';
import {
  BLOCK_ROWS,
  STATE_CURSOR,
  STATE_EMITTED_END,
  STATE_ENTRIES,
  STATE_IS_ENDED,
  STATE_ITEM_COUNT,
  STATE_ITEMS,
  STATE_SESSIONS,
  STATE_SORT,
  STATE_SOURCES,
  STATE_WATERMARK,
} from './aggregate-state';
import { sessionsMoveChanges } from './changes-sessions';
import { tableFindEntry } from './group-copy';
import { batchData, batchValidity } from './group-key';
import { BUCKET_BYTES, bucketEntry, bucketHash, tableArena, tableEnd, tableFirst } from './group-table';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_IS_SORTING,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_RETRACT,
  AGGREGATE_SIZE,
} from './layout-aggregate';
import { allocate, release } from './memory';
import { paneCreate, paneDestroy } from './pane';
import {
  SESSIONS_DUE,
  SESSIONS_DUE_COUNT,
  SESSIONS_DUE_NEXT,
  SESSIONS_DUE_ROOM,
  SESSIONS_ENDS,
  SESSIONS_FIRES,
  SESSIONS_GONE,
  SESSIONS_OPEN,
  SESSIONS_PANE,
  sessionCreate,
  sessionIsGone,
  sessionLast,
  sessionLink,
  sessionList,
  sessionNext,
  sessionOpenUntil,
  sessionRemove,
  sessionStart,
} from './session';
import { sessionMoveRows } from './session-retire';
import { SORT_SESSIONS } from './sort-orders';
import { sortBegin } from './sort-work';
import { heapClear, heapCount, heapDelay, heapPop, heapPush, heapTime, heapWhat } from './time-heap';
import { saturatingAdd } from './watermark';

/** With fewer closed sessions than this there is no move. */
const GONE_MIN: u32 = 1024;

/**
 * Takes the sessions that may close and lists them as items by end, start and key: they are in order when STATE_SORT is 0.
 * @returns whether there are any. With AGGREGATE_IS_SORTING set it has not found out yet, and is called again
 */
export function sessionsClose(state: usize, slice: u32): bool {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const isCollected = collect(state, sessions, slice);
  store<u32>(state, u32(!isCollected), AGGREGATE_IS_SORTING);
  const items = <usize>load<u32>(sessions, SESSIONS_DUE);
  if (!isCollected || !items) return false;
  const count = load<u32>(sessions, SESSIONS_DUE_COUNT);
  const room = load<u32>(sessions, SESSIONS_DUE_ROOM);
  // Items are released by their count.
  const listed = count ? allocate(count << 4) : <usize>0;
  if (count) memory.copy(listed, items, (<usize>count) << 4);
  release(items, room << 4);
  store<u32>(sessions, 0, SESSIONS_DUE);
  if (!count) return false;
  store<u32>(state, <u32>sortBegin(SORT_SESSIONS, state, listed, count, 0, 0, slice), STATE_SORT);
  store<u32>(state, <u32>listed, STATE_ITEMS);
  store<u32>(state, count, STATE_ITEM_COUNT);
  store<u32>(state, 0, STATE_CURSOR);
  return true;
}

/** Whether there may be sessions that close at a watermark. */
export function sessionsMayClose(state: usize, watermark: i64): bool {
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_ENDS;
  return heapCount(heap) != 0 && sessionOpenUntil(state, heapTime(heap, 0)) < watermark;
}

/** Collects sessions that may close, so many at a time. @returns whether these are all */
function collect(state: usize, sessions: usize, slice: u32): bool {
  const isEnded = load<u32>(state, STATE_IS_ENDED) != 0;
  const heap = sessions + SESSIONS_ENDS;
  if (!load<u32>(sessions, SESSIONS_DUE)) {
    const room: u32 = isEnded ? load<u32>(sessions, SESSIONS_OPEN) : 64;
    if (!room) return true;
    store<u32>(sessions, <u32>allocate(room << 4), SESSIONS_DUE);
    store<u32>(sessions, room, SESSIONS_DUE_ROOM);
    store<u32>(sessions, 0, SESSIONS_DUE_COUNT);
    store<u32>(sessions, 0, SESSIONS_DUE_NEXT);
  }
  let next = load<u32>(sessions, SESSIONS_DUE_NEXT);
  let latest = load<i64>(state, STATE_EMITTED_END);
  let isAll = false;
  for (let done: u32 = 0; done < slice; done++) {
    const session = isEnded ? nextAny(heap, next++) : nextDue(state, heap);
    isAll = !session;
    if (isAll) break;
    if (sessionIsGone(session)) continue;
    sessionRemove(state, session);
    add(sessions, session);
    // A session is complete when the watermark is beyond its end.
    const complete = saturatingAdd(saturatingAdd(sessionLast(session), load<i64>(state, AGGREGATE_SIZE)), 1);
    latest = max(latest, complete);
  }
  store<i64>(state, latest, STATE_EMITTED_END);
  store<u32>(sessions, next, SESSIONS_DUE_NEXT);
  if (isAll && isEnded) heapClear(heap);
  return isAll;
}

function add(sessions: usize, session: usize): void {
  const count = load<u32>(sessions, SESSIONS_DUE_COUNT);
  const room = load<u32>(sessions, SESSIONS_DUE_ROOM);
  if (count == room) {
    store<u32>(sessions, <u32>doubled(load<u32>(sessions, SESSIONS_DUE), room << 4), SESSIONS_DUE);
    store<u32>(sessions, room << 1, SESSIONS_DUE_ROOM);
  }
  store<u64>(<usize>load<u32>(sessions, SESSIONS_DUE) + ((<usize>count) << 4), <u64>session, 8);
  store<u32>(sessions, count + 1, SESSIONS_DUE_COUNT);
}

/** At the end all may close, in any order. */
@inline
function nextAny(heap: usize, index: u32): usize {
  return index < heapCount(heap) ? heapWhat(heap, index) : 0;
}

/** The session that has ended first, taken off the heap; it may be gone. 0 when the watermark has closed no other. */
function nextDue(state: usize, heap: usize): usize {
  const watermark = load<i64>(state, STATE_WATERMARK);
  while (heapCount(heap)) {
    const registered = heapTime(heap, 0);
    if (sessionOpenUntil(state, registered) >= watermark) return 0;
    const session = heapWhat(heap, 0);
    if (sessionIsGone(session) || sessionLast(session) == registered) {
      heapPop(heap);
      return session;
    }
    heapDelay(heap, sessionLast(session));
  }
  return 0;
}

function doubled(items: usize, bytes: u32): usize {
  const larger = allocate(bytes << 1);
  memory.copy(larger, items, bytes);
  release(items, bytes);
  return larger;
}

/** Writes window_start and window_end of sessions after the keys. */
export function sessionsWindow(state: usize, items: usize, count: u32, batch: usize, row: u32): void {
  const column = load<u32>(state, AGGREGATE_KEY_COUNT);
  const gap = load<i64>(state, AGGREGATE_SIZE);
  const starts = batchData(batch, column) + (row << 3);
  const ends = batchData(batch, column + 1) + (row << 3);
  for (let i: usize = 0; i < count; i++) {
    const session = <usize>load<u32>(items + (i << 4), 8);
    store<i64>(starts + (i << 3), sessionStart(session));
    store<i64>(ends + (i << 3), saturatingAdd(sessionLast(session), gap));
  }
  if (batchValidity(batch, column)) memory.fill(batchValidity(batch, column) + row, 1, count);
  if (batchValidity(batch, column + 1)) memory.fill(batchValidity(batch, column + 1) + row, 1, count);
}

/** Moves what is open to a new table, if most of this one has closed. Rows that came out must have been passed on. */
export function sessionsTidy(state: usize): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const gone = load<u32>(sessions, SESSIONS_GONE);
  if (gone < GONE_MIN || gone < load<u32>(sessions, SESSIONS_OPEN)) return;
  const old = <usize>load<u32>(sessions, SESSIONS_PANE);
  const moved = paneCreate(0, 0, load<u32>(sessions, SESSIONS_OPEN));
  const sources = <usize>load<u32>(state, STATE_SOURCES);
  const targets = <usize>load<u32>(state, STATE_ENTRIES);
  const end = tableEnd(old);
  const isRetracted = load<u32>(state, AGGREGATE_RETRACT) != 0;
  heapClear(sessions + SESSIONS_ENDS);
  heapClear(sessions + SESSIONS_FIRES);
  let count: u32 = 0;
  for (let bucket = tableFirst(old); bucket < end; bucket += BUCKET_BYTES) {
    for (let place: u32 = 0; place < 4; place++) {
      const key = bucketEntry(bucket, place);
      if (!key) break;
      let session = <usize>load<u32>(sessionList(state, key));
      if (!session) continue;
      const newKey = tableFindEntry(state, moved, bucketHash(bucket, place), key);
      let previous: usize = 0;
      for (; session; session = sessionNext(session)) {
        const target = sessionCreate(state, tableArena(moved), newKey, sessionStart(session), sessionLast(session));
        sessionLink(state, target, previous);
        previous = target;
        heapPush(sessions + SESSIONS_ENDS, sessionLast(target), target);
        if (isRetracted) sessionMoveRows(state, session, target);
        if (load<u32>(state, AGGREGATE_CHANGES)) sessionsMoveChanges(state, session, target, tableArena(moved));
        if (isRetracted) continue;
        store<u32>(sources + (count << 2), <u32>session);
        store<u32>(targets + (count << 2), <u32>target);
        if (++count < <u32>BLOCK_ROWS) continue;
        mergeStates(state, sources, targets, count, tableArena(moved));
        count = 0;
      }
    }
  }
  mergeStates(state, sources, targets, count, tableArena(moved));
  paneDestroy(old);
  store<u32>(sessions, <u32>moved, SESSIONS_PANE);
  store<u32>(sessions, 0, SESSIONS_GONE);
}
