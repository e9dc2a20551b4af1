// A wave: windows whose groups are written, one after another, with room for an update in the batch at each step.
//
//   waveBegin*   lists the windows, in order of (end, start)
//   waveRun      writes the changes of their groups by key, until the batch is full or the wave is over
import { aggregateRetire } from './aggregate';
import { STATE_HEAP, STATE_ONLY_PANE, STATE_OPEN_COUNT } from './aggregate-state';
import {
  CHANGES_CURSOR,
  CHANGES_FIRED,
  CHANGES_ITEM_COUNT,
  CHANGES_ITEMS,
  CHANGES_ITEMS_BYTES,
  CHANGES_LISTED,
  CHANGES_NEXT_FIRE,
  CHANGES_SORT,
  CHANGES_WAVE,
  CHANGES_WAVE_BYTES,
  CHANGES_WAVE_CLOSES,
  CHANGES_WAVE_COUNT,
  CHANGES_WAVE_INDEX,
} from './changes-state';
import { changesComplete } from './changes-windows';
import { recordChange, recordIsTouched } from './group-record';
import { tableCount, tableEntry } from './group-table';
import { AGGREGATE_CHANGES, AGGREGATE_IS_WINDOWED } from './layout-aggregate';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import { CHANGES_SLICE } from './layout-changes';
import { allocate, release } from './memory';
import { paneEnd, paneFrom, panePeek, panePop } from './pane';
import { sortItems } from './sort';
import { SORT_GROUPS } from './sort-orders';
import { sortBegin, sortGiveUp, sortGoOn } from './sort-work';
import { windowCloseOf } from './window';

const SIGN: u64 = 0x8000000000000000;

/** Whether the batch has room for an update. */
@inline
export function waveHasRoom(out: usize): bool {
  return load<u32>(out, BATCH_ROW_COUNT) + 2 <= load<u32>(out, BATCH_CAPACITY);
}

/** Begins a wave over the open windows that are complete in (from, to]; without windows, over everything. */
export function waveBeginOpen(state: usize, from: i64, to: i64): void {
  const isWindowed = load<u32>(state, AGGREGATE_IS_WINDOWED) != 0;
  const openCount = isWindowed ? load<u32>(state, STATE_OPEN_COUNT) : 1;
  const items = waveBegin(state, openCount, 0);
  if (!isWindowed) {
    waveAdd(state, items, load<u32>(state, STATE_ONLY_PANE));
    return;
  }
  const heap = <usize>load<u32>(state, STATE_HEAP);
  for (let i: u32 = 0; i < openCount; i++) {
    const pane = <usize>load<u32>(heap + (i << 2));
    const complete = changesComplete(state, pane);
    if (complete > from && complete <= to) waveAdd(state, items, pane);
  }
  sortPanes(state, items);
}

/** Begins a wave over the windows that close at a watermark, and takes them out of the open ones. */
export function waveBeginClosed(state: usize, watermark: i64): void {
  const items = waveBegin(state, load<u32>(state, STATE_OPEN_COUNT), 1);
  for (let pane = panePeek(state); pane; pane = panePeek(state)) {
    if (windowCloseOf(state, changesComplete(state, pane)) > watermark) break;
    waveAdd(state, items, panePop(state));
  }
  sortPanes(state, items);
}

/** Begins a wave over the windows that have not come out and are complete at a watermark. */
export function waveBeginFire(state: usize, watermark: i64): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const fired = load<i64>(changes, CHANGES_FIRED);
  waveBeginOpen(state, fired, watermark);
  if (watermark > fired) store<i64>(changes, watermark, CHANGES_FIRED);
  setNextFire(state);
}

/** The watermark at which all open windows are complete, i64's minimum when none is open. */
export function waveLast(state: usize): i64 {
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const openCount = load<u32>(state, STATE_OPEN_COUNT);
  let last = i64.MIN_VALUE;
  for (let i: u32 = 0; i < openCount; i++) last = max(last, changesComplete(state, load<u32>(heap + (i << 2))));
  return last;
}

/** Finds out when the next window comes out: the one complete earliest behind what has. */
function setNextFire(state: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const fired = load<i64>(changes, CHANGES_FIRED);
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const openCount = load<u32>(state, STATE_OPEN_COUNT);
  let next = i64.MAX_VALUE;
  for (let i: u32 = 0; i < openCount; i++) {
    const complete = changesComplete(state, load<u32>(heap + (i << 2)));
    if (complete > fired && complete < next) next = complete;
  }
  store<i64>(changes, next, CHANGES_NEXT_FIRE);
}

/** Begins a wave of up to `capacity` items. `closes`: what they are is not open any more. @returns its items. */
export function waveBegin(state: usize, capacity: u32, closes: u32): usize {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const bytes = max<u32>(capacity, 1) << 4;
  const items = allocate(bytes);
  store<u32>(changes, <u32>items, CHANGES_WAVE);
  store<u32>(changes, bytes, CHANGES_WAVE_BYTES);
  store<u32>(changes, 0, CHANGES_WAVE_COUNT);
  store<u32>(changes, 0, CHANGES_WAVE_INDEX);
  store<u32>(changes, closes, CHANGES_WAVE_CLOSES);
  return items;
}

/** Adds a window, or a session, to a wave that begins. */
export function waveAdd(state: usize, items: usize, pane: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const count = load<u32>(changes, CHANGES_WAVE_COUNT);
  store<u64>(items + ((<usize>count) << 4), <u64>pane, 8);
  store<u32>(changes, count + 1, CHANGES_WAVE_COUNT);
}

/** By end, of equal ends by start: two stable sorts, the last one decides. */
function sortPanes(state: usize, items: usize): void {
  const count = load<u32>(load<u32>(state, AGGREGATE_CHANGES), CHANGES_WAVE_COUNT);
  if (count < 2) return;
  const spare = allocate(count << 4);
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>paneFrom(load<u32>(item, 8)) ^ SIGN);
  }
  sortItems(items, count, spare);
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    store<u64>(item, <u64>paneEnd(load<u32>(item, 8)) ^ SIGN);
  }
  sortItems(items, count, spare);
  release(spare, count << 4);
}

/**
 * Goes on with the wave, if there is one. @returns false when `out` is full, a result is out of range, or a slice of its
 * groups has been sorted.
 */
export function waveRun(state: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  while (load<u32>(changes, CHANGES_WAVE)) {
    const index = load<u32>(changes, CHANGES_WAVE_INDEX);
    if (index == load<u32>(changes, CHANGES_WAVE_COUNT)) {
      waveDestroy(state);
      return true;
    }
    const pane = <usize>load<u32>(load<u32>(changes, CHANGES_WAVE) + (index << 4), 8);
    if (!listGroups(state, pane)) return false;
    if (!writeGroups(state, pane, out)) return false;
    releaseItems(changes);
    if (load<u32>(changes, CHANGES_WAVE_CLOSES)) aggregateRetire(state, pane);
    store<u32>(changes, index + 1, CHANGES_WAVE_INDEX);
  }
  return true;
}

function writeGroups(state: usize, pane: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const items = <usize>load<u32>(changes, CHANGES_ITEMS);
  const count = load<u32>(changes, CHANGES_ITEM_COUNT);
  for (let cursor = load<u32>(changes, CHANGES_CURSOR); cursor < count; cursor++) {
    if (!waveHasRoom(out)) return false;
    if (!recordChange(state, pane, load<u32>(items + ((<usize>cursor) << 4), 8), out)) return false;
    store<u32>(changes, cursor + 1, CHANGES_CURSOR);
  }
  return true;
}

/** Goes on listing the groups that may have changed, by key, a slice of them. @returns whether they are listed */
function listGroups(state: usize, pane: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const slice = load<u32>(changes, CHANGES_SLICE);
  const all = tableCount(pane);
  if (!load<u32>(changes, CHANGES_ITEMS)) {
    const bytes = max<u32>(all, 1) << 4;
    store<u32>(changes, <u32>allocate(bytes), CHANGES_ITEMS);
    store<u32>(changes, bytes, CHANGES_ITEMS_BYTES);
    store<u32>(changes, 0, CHANGES_ITEM_COUNT);
    store<u32>(changes, 0, CHANGES_LISTED);
    store<u32>(changes, 0, CHANGES_CURSOR);
  }
  const listed = load<u32>(changes, CHANGES_LISTED);
  if (listed < all) {
    const end = listed + min(all - listed, slice);
    listTouched(changes, pane, listed, end);
    if (end < all) return false;
    const items = load<u32>(changes, CHANGES_ITEMS);
    const count = load<u32>(changes, CHANGES_ITEM_COUNT);
    store<u32>(changes, <u32>sortBegin(SORT_GROUPS, state, items, count, 0, 0, slice), CHANGES_SORT);
  }
  const work = load<u32>(changes, CHANGES_SORT);
  if (work != 0 && !sortGoOn(work)) return false;
  store<u32>(changes, 0, CHANGES_SORT);
  return true;
}

/** Lists those of the groups from number `from` up to `to` that have been touched. */
function listTouched(changes: usize, pane: usize, from: u32, to: u32): void {
  const items = <usize>load<u32>(changes, CHANGES_ITEMS);
  let count = load<u32>(changes, CHANGES_ITEM_COUNT);
  for (let i = from; i < to; i++) {
    const entry = tableEntry(pane, i);
    if (!recordIsTouched(changes, entry)) continue;
    store<u64>(items + ((<usize>count) << 4), entry, 8);
    count++;
  }
  store<u32>(changes, count, CHANGES_ITEM_COUNT);
  store<u32>(changes, to, CHANGES_LISTED);
}

function releaseItems(changes: usize): void {
  const items = load<u32>(changes, CHANGES_ITEMS);
  giveUpSort(changes);
  if (items) release(items, load<u32>(changes, CHANGES_ITEMS_BYTES));
  store<u32>(changes, 0, CHANGES_ITEMS);
}

function giveUpSort(changes: usize): void {
  const work = load<u32>(changes, CHANGES_SORT);
  if (work) sortGiveUp(work);
  store<u32>(changes, 0, CHANGES_SORT);
}

/** Ends the wave where it is; the windows it took out of the open ones are given back. */
export function waveDestroy(state: usize): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const items = <usize>load<u32>(changes, CHANGES_WAVE);
  if (!items) return;
  releaseItems(changes);
  if (load<u32>(changes, CHANGES_WAVE_CLOSES)) {
    const count = load<u32>(changes, CHANGES_WAVE_COUNT);
    for (let i = load<u32>(changes, CHANGES_WAVE_INDEX); i < count; i++)
      aggregateRetire(state, load<u32>(items + ((<usize>i) << 4), 8));
  }
  release(items, load<u32>(changes, CHANGES_WAVE_BYTES));
  store<u32>(changes, 0, CHANGES_WAVE);
}
