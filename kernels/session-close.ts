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
  STATE_SOURCES,
  STATE_WATERMARK,
} from './aggregate-state';
import { sessionsMoveChanges } from './changes-sessions';
import { tableFindEntry } from './group-copy';
import { batchData, batchValidity } from './group-key';
import { groupSort } from './group-sort';
import { BUCKET_BYTES, bucketEntry, bucketHash, tableArena, tableEnd, tableFirst } from './group-table';
import { AGGREGATE_CHANGES, AGGREGATE_KEY_COUNT, AGGREGATE_RETRACT, AGGREGATE_SIZE } from './layout-aggregate';
import { allocate, release } from './memory';
import { paneCreate, paneDestroy } from './pane';
import {
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
import { sortItems } from './sort';
import { heapClear, heapCount, heapDelay, heapPop, heapPush, heapTime, heapWhat } from './time-heap';
import { saturatingAdd } from './watermark';

/** With fewer closed sessions than this there is no move. */
const GONE_MIN: u32 = 1024;
const SIGN: u64 = 0x8000000000000000;

/** Takes the sessions that may close and lists them as items by end, start and key. @returns whether there are any. */
export function sessionsClose(state: usize): bool {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const isEnded = load<u32>(state, STATE_IS_ENDED) != 0;
  const heap = sessions + SESSIONS_ENDS;
  let capacity: u32 = isEnded ? load<u32>(sessions, SESSIONS_OPEN) : 64;
  if (isEnded && !capacity) return false;
  let items = allocate(capacity << 4);
  let count: u32 = 0;
  for (let index: u32 = 0; ; ) {
    const session = isEnded ? nextAny(heap, index++) : nextDue(state, heap);
    if (!session) break;
    if (sessionIsGone(session)) continue;
    sessionRemove(state, session);
    if (count == capacity) {
      items = doubled(items, capacity << 4);
      capacity <<= 1;
    }
    store<u64>(items + ((<usize>count) << 4), <u64>session, 8);
    count++;
  }
  if (isEnded) heapClear(heap);
  // Items are released by their count.
  const listed = count ? allocate(count << 4) : <usize>0;
  if (count) memory.copy(listed, items, (<usize>count) << 4);
  release(items, capacity << 4);
  if (!count) return false;
  sessionsSort(state, listed, count);
  const last = sessionLast(load<u32>(listed + ((<usize>(count - 1)) << 4), 8));
  // A session is complete when the watermark is beyond its end.
  const complete = saturatingAdd(saturatingAdd(last, load<i64>(state, AGGREGATE_SIZE)), 1);
  store<i64>(state, max(load<i64>(state, STATE_EMITTED_END), complete), STATE_EMITTED_END);
  store<u32>(state, <u32>listed, STATE_ITEMS);
  store<u32>(state, count, STATE_ITEM_COUNT);
  store<u32>(state, 0, STATE_CURSOR);
  return true;
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

/** By last row, which is by end; of equal ends by start, then by key. */
export function sessionsSort(state: usize, items: usize, count: u32): void {
  const spare = allocate(count << 4);
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>sessionLast(load<u32>(item, 8)) ^ SIGN);
  }
  sortItems(items, count, spare);
  let from: u32 = 0;
  for (let i: u32 = 1; i <= count; i++) {
    if (i < count && keyAt(items, i) == keyAt(items, from)) continue;
    if (i - from > 1) sortByStart(state, items + ((<usize>from) << 4), i - from, spare);
    from = i;
  }
  release(spare, count << 4);
}

function sortByStart(state: usize, items: usize, count: u32, spare: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>sessionStart(load<u32>(item, 8)) ^ SIGN);
  }
  sortItems(items, count, spare);
  let from: u32 = 0;
  for (let i: u32 = 1; i <= count; i++) {
    // Sorting by key overwrites sort keys: those of this run only.
    if (i < count && keyAt(items, i) == keyAt(items, from)) continue;
    if (i - from > 1) groupSort(state, items + ((<usize>from) << 4), i - from, spare);
    from = i;
  }
}

@inline
function keyAt(items: usize, index: u32): u64 {
  return load<u64>(items + ((<usize>index) << 4));
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
