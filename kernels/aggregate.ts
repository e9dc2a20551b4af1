// GROUP BY over windows of a fixed length, or over everything: one group table per open pane (pane.ts), windows that
// overlap merged from panes (hop.ts); sessions are in session.ts.
//
//   aggregateProcess   a batch: pane of each row → pack keys → hash → find groups → update each aggregate
//   aggregateWatermark the event time that no later row is older than; decides which panes may close
//   aggregateEmit      the next rows of closed panes: panes in order of their end, groups in order of their key
//
// Nothing here depends on where batches are cut. What a batch of results refers to (strings of a closed pane) lives
// until the next call of aggregateEmit. State: AGGREGATE_* of layout.ts and aggregate-state.ts.
import { mergeScratchRelease } from './aggregate-merge-more';
import { countOutOfRange, writeImages, writeKeys, writeResults, writeWindow } from './aggregate-result';
import {
  BLOCK_ROWS,
  STATE_CLOSING,
  STATE_CURSOR,
  STATE_EMITTED_END,
  STATE_ENTRIES,
  STATE_EXPECTED,
  STATE_FLOOR,
  STATE_HASHES,
  STATE_HOP,
  STATE_IS_ENDED,
  STATE_ITEM_COUNT,
  STATE_ITEMS,
  STATE_LATE_PANE,
  STATE_MASK,
  STATE_ONES,
  STATE_ONLY_PANE,
  STATE_PACKED,
  STATE_RESULTS,
  STATE_RETIRED,
  STATE_SEQUENCE,
  STATE_SESSIONS,
  STATE_SORT,
  STATE_SOURCES,
  STATE_TABLES,
  STATE_WATERMARK,
} from './aggregate-state';
import { aggregateUpdate } from './aggregate-update';
import { retractDestroy, retractReleasePane } from './changes-retract';
import { keyHash, keyPack } from './group-key';
import { tableFindOnly, tableOnly } from './group-only';
import { tableFind } from './group-find';
import { tableClear, tableCount, tableList, tableSpare } from './group-table';
import { windowComplete } from './inherited';
import { hopDestroy, hopInit, hopNextClosed } from './hop';
import {
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_FAILED_CALL,
  AGGREGATE_FAILED_GROUPS,
  AGGREGATE_FORWARD,
  AGGREGATE_IMAGE_BYTES,
  AGGREGATE_IS_SORTING,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_KEY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  AGGREGATE_RETRACT,
  AGGREGATE_SEEN,
  AGGREGATE_USED_BYTES,
  AGGREGATE_WINDOW_GROUPS,
  CALL_BYTES,
} from './layout-aggregate';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import { lateKeep } from './late-rows';
import { allocate, allocatedBytes, arenaBytes, arenaClear, arenaCreate, arenaDestroy, release } from './memory';
import {
  paneDestroy,
  paneEnd,
  paneNext,
  panePeek,
  panePop,
  paneSetNext,
  panesDestroy,
  panesInit,
  paneStart,
} from './pane';
import { SESSIONS_PANE, sessionsDestroy, sessionsInit } from './session';
import { sessionsClose, sessionsTidy, sessionsWindow } from './session-close';
import { sessionsBlock } from './session-rows';
import { SORT_GROUPS } from './sort-orders';
import { sortBegin, sortGiveUp, sortGoOn, sortSlice } from './sort-work';
import { windowAssign, windowCloseOf, windowEarliest } from './window';

/** Completes a state block whose header TypeScript has filled; the rest of it is zero. */
export function aggregateInit(state: usize): void {
  const before = allocatedBytes();
  const packedBytes = BLOCK_ROWS * load<u32>(state, AGGREGATE_KEY_BYTES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_TABLES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_HASHES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_ENTRIES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_SOURCES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS), STATE_ONES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS), STATE_MASK);
  store<u32>(state, <u32>allocate(packedBytes), STATE_PACKED);
  store<u32>(state, <u32>arenaCreate(), STATE_RESULTS);
  memory.fill(load<u32>(state, STATE_ONES), 1, BLOCK_ROWS);
  memory.fill(load<u32>(state, STATE_PACKED), 0, packedBytes);
  panesInit(state);
  hopInit(state);
  sessionsInit(state);
  aggregateCountUsed(state, before);
}

/** Gives back everything but the state block and what TypeScript allocated. */
export function aggregateDestroy(state: usize): void {
  aggregateFreeRetired(state);
  const work = load<u32>(state, STATE_SORT);
  if (work) sortGiveUp(work);
  const closing = <usize>load<u32>(state, STATE_CLOSING);
  if (closing) finishPane(state, closing);
  aggregateFreeRetired(state);
  if (load<u32>(state, AGGREGATE_RETRACT)) retractDestroy(state);
  panesDestroy(state);
  hopDestroy(state);
  sessionsDestroy(state);
  release(load<u32>(state, STATE_TABLES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_HASHES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_ENTRIES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_SOURCES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_ONES), BLOCK_ROWS);
  mergeScratchRelease(state);
  release(load<u32>(state, STATE_MASK), BLOCK_ROWS);
  arenaDestroy(load<u32>(state, STATE_RESULTS));
  release(load<u32>(state, STATE_PACKED), BLOCK_ROWS * load<u32>(state, AGGREGATE_KEY_BYTES));
}

/** Adds a batch. */
export function aggregateProcess(state: usize, batch: usize): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  if (!rows) return;
  const before = allocatedBytes();
  if (load<u32>(state, STATE_SESSIONS)) sessionsTidy(state);
  for (let first: u32 = 0; first < rows; first += BLOCK_ROWS)
    aggregateBlock(state, batch, first, min<u32>(rows - first, BLOCK_ROWS));
  aggregateCountUsed(state, before);
}

/** Adds up to BLOCK_ROWS rows of a batch, from row `first` on. */
function aggregateBlock(state: usize, batch: usize, first: u32, rows: u32): void {
  if (load<u32>(state, STATE_SESSIONS)) {
    sessionsBlock(state, batch, first, rows);
    return;
  }
  const lateCount = windowAssign(state, batch, first, rows);
  if (load<u32>(state, AGGREGATE_KEY_COUNT)) {
    keyPack(state, batch, first, rows);
    keyHash(state, batch, first, rows);
    tableFind(state, batch, first, rows);
  } else tableFindOnly(state, rows);
  aggregateUpdate(state, batch, first, rows);
  store<i64>(state, load<i64>(state, STATE_SEQUENCE) + rows, STATE_SEQUENCE);
  if (!lateCount) return;
  lateKeep(state, batch, first, rows);
  tableClear(load<u32>(state, STATE_LATE_PANE));
}

/**
 * Takes a watermark (the address of an i64) and sets AGGREGATE_FORWARD to the one that holds for the output: the start
 * of the earliest window that may still come out.
 */
export function aggregateWatermark(state: usize, cell: usize): void {
  const watermark = max(load<i64>(cell), load<i64>(state, STATE_FLOOR));
  store<i64>(state, watermark, STATE_WATERMARK);
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) return;
  store<i64>(state, windowEarliest(state, watermark), AGGREGATE_FORWARD);
}

/** Lets every window come out now, as at the end of the input: `aggregateEmit` gives them, then `aggregateResume`. */
export function aggregateFlush(state: usize): void {
  store<u32>(state, 1, STATE_IS_ENDED);
}

/** Goes on after a flush: for what came out rows are late from now on, and the watermark is at its close. */
export function aggregateResume(state: usize): void {
  store<u32>(state, 0, STATE_IS_ENDED);
  const end = load<i64>(state, STATE_EMITTED_END);
  if (end == i64.MIN_VALUE) return;
  store<i64>(state, max(load<i64>(state, STATE_FLOOR), windowCloseOf(state, end)), STATE_FLOOR);
  aggregateWatermark(state, state + STATE_WATERMARK);
}

/** Ends the input: every pane may close. A query without window and keys has a row even if there was none. */
export function aggregateEnd(state: usize): void {
  const before = allocatedBytes();
  store<u32>(state, 1, STATE_IS_ENDED);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  if (only && load<u32>(state, AGGREGATE_KEY_COUNT) == 0 && tableCount(only) == 0) {
    const entry = tableOnly(state, only);
    memory.fill(entry + load<u32>(state, AGGREGATE_SEEN), 0, load<u32>(state, AGGREGATE_CALL_COUNT));
  }
  aggregateCountUsed(state, before);
}

/**
 * Fills `batch` with the next rows of closed panes. @returns their number. There are no more when it is 0 and
 * AGGREGATE_IS_SORTING is not set: groups of a window that closes are sorted in slices, one in each call. A result out of
 * range ends the batch before its row, and sets AGGREGATE_FAILED_CALL.
 */
export function aggregateEmit(state: usize, batch: usize): u32 {
  const before = allocatedBytes();
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  const slice = sortSlice(batch);
  aggregateFreeRetired(state);
  store<u32>(state, 0, AGGREGATE_IS_SORTING);
  let rows: u32 = 0;
  while (rows < capacity) {
    let pane = <usize>load<u32>(state, STATE_CLOSING);
    if (!pane) {
      pane = nextClosed(state, slice);
      if (!pane) break;
      beginPane(state, pane, slice);
    }
    if (load<u32>(state, STATE_SORT) != 0 && !sortOn(state)) break;
    const cursor = load<u32>(state, STATE_CURSOR);
    const left = load<u32>(state, STATE_ITEM_COUNT) - cursor;
    const count = min(left, capacity - rows);
    const written = writeRows(state, pane, cursor, count, batch, rows);
    rows += written;
    if (written < count) break;
    store<u32>(state, cursor + count, STATE_CURSOR);
    if (count == left) finishPane(state, pane);
  }
  store<u32>(batch, rows, BATCH_ROW_COUNT);
  aggregateCountUsed(state, before);
  return rows;
}

/** The next pane that may close, taken out of the open ones; 0 when there is none. */
function nextClosed(state: usize, slice: u32): usize {
  const isEnded = load<u32>(state, STATE_IS_ENDED) != 0;
  if (!load<u32>(state, AGGREGATE_IS_WINDOWED)) {
    if (!isEnded) return 0;
    const only = <usize>load<u32>(state, STATE_ONLY_PANE);
    store<u32>(state, 0, STATE_ONLY_PANE);
    return only;
  }
  if (load<u32>(state, STATE_HOP)) return hopNextClosed(state);
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  if (sessions) return sessionsClose(state, slice) ? <usize>load<u32>(sessions, SESSIONS_PANE) : 0;
  const pane = panePeek(state);
  if (!pane) return 0;
  if (!isEnded && windowCloseOf(state, windowComplete(state, pane)) > load<i64>(state, STATE_WATERMARK)) return 0;
  return panePop(state);
}

function beginPane(state: usize, pane: usize, slice: u32): void {
  store<u32>(state, <u32>pane, STATE_CLOSING);
  // Sessions have been listed already.
  if (load<u32>(state, STATE_SESSIONS)) return;
  const complete = windowComplete(state, pane);
  store<i64>(state, max(load<i64>(state, STATE_EMITTED_END), complete), STATE_EMITTED_END);
  const count = tableCount(pane);
  const items = allocate(count << 4);
  // Nothing is looked up in the table of a window that comes out.
  const work = sortBegin(SORT_GROUPS, state, items, count, tableSpare(pane), tableList(pane), slice);
  store<u32>(state, <u32>work, STATE_SORT);
  store<u32>(state, <u32>items, STATE_ITEMS);
  store<u32>(state, count, STATE_ITEM_COUNT);
  store<u32>(state, 0, STATE_CURSOR);
  store<u32>(state, count, STATE_EXPECTED);
}

/** Goes on with sorting. @returns whether it is done */
function sortOn(state: usize): bool {
  const isDone = sortGoOn(load<u32>(state, STATE_SORT));
  if (isDone) store<u32>(state, 0, STATE_SORT);
  else store<u32>(state, 1, AGGREGATE_IS_SORTING);
  return isDone;
}

function finishPane(state: usize, pane: usize): void {
  release(load<u32>(state, STATE_ITEMS), load<u32>(state, STATE_ITEM_COUNT) << 4);
  store<u32>(state, 0, STATE_CLOSING);
  if (!load<u32>(state, STATE_SESSIONS)) aggregateRetire(state, pane);
}

/** Keeps a window that is no longer open until its last rows have been passed on. */
export function aggregateRetire(state: usize, pane: usize): void {
  paneSetNext(pane, load<u32>(state, STATE_RETIRED));
  store<u32>(state, <u32>pane, STATE_RETIRED);
}

/** Gives back the windows whose rows have been passed on, and what these rows refer to. */
export function aggregateFreeRetired(state: usize): void {
  const results = <usize>load<u32>(state, STATE_RESULTS);
  if (arenaBytes(results)) arenaClear(results);
  let pane = <usize>load<u32>(state, STATE_RETIRED);
  while (pane) {
    const next = paneNext(pane);
    if (load<u32>(state, AGGREGATE_RETRACT)) retractReleasePane(state, pane);
    paneDestroy(pane);
    pane = next;
  }
  store<u32>(state, 0, STATE_RETIRED);
}

/** @returns the rows written: fewer than `count` when a result is out of range. */
function writeRows(state: usize, pane: usize, cursor: u32, count: u32, batch: usize, row: u32): u32 {
  const items = <usize>load<u32>(state, STATE_ITEMS) + ((<usize>cursor) << 4);
  writeKeys(state, items, count, batch, row);
  if (load<u32>(state, STATE_SESSIONS)) sessionsWindow(state, items, count, batch, row);
  else if (load<u32>(state, AGGREGATE_IS_WINDOWED))
    writeWindow(state, paneStart(pane), paneEnd(pane), count, batch, row);
  if (load<u32>(state, AGGREGATE_IMAGE_BYTES)) {
    writeImages(state, items, count, batch, row);
    return count;
  }
  const failure = writeResults(state, items, count, batch, row);
  if (failure < 0) return count;
  const call = <u32>failure;
  const groups = load<u32>(state, STATE_ITEM_COUNT);
  const descriptor = <usize>load<u32>(state, AGGREGATE_CALLS) + (call - 1) * CALL_BYTES;
  store<u32>(state, call, AGGREGATE_FAILED_CALL);
  store<u32>(state, countOutOfRange(descriptor, load<u32>(state, STATE_ITEMS), groups), AGGREGATE_FAILED_GROUPS);
  store<u32>(state, groups, AGGREGATE_WINDOW_GROUPS);
  return <u32>(failure >> 32);
}

/** Counts what was allocated and released since `before` as the operator's. */
export function aggregateCountUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, AGGREGATE_USED_BYTES) + allocatedBytes() - before, AGGREGATE_USED_BYTES);
}
