// Aggregates that read changes: every row is added to the groups of its windows, or taken back from them.
//
// The rows of an update are one step: a group that both belong to changes once. What comes out when is as in
// aggregate-changes.ts; a group without rows is deleted, but for the one of a query without keys and windows.
//
// Without windows the groups of empty keys stay in the table until they are many; then the others move to a new one.
import {
  BLOCK_ROWS,
  STATE_ENTRIES,
  STATE_HEAP,
  STATE_ONLY_PANE,
  STATE_OPEN_COUNT,
  STATE_SESSIONS,
} from './aggregate-state';
import { blockFind, blockIsPossible, blockSelect } from './changes-block';
import { CHANGES_FIRED, CHANGES_NEXT_FIRE, CHANGES_WAVE } from './changes-state';
import { waveBeginFire, waveHasRoom, waveRun } from './changes-wave';
import {
  changesAddLate,
  changesClearLate,
  changesCompleteAt,
  changesCountRows,
  changesFind,
  changesFirstEnd,
  changesLastEnd,
  changesNextEnd,
  changesPrepare,
  changesWatermarkBefore,
} from './changes-windows';
import { tableFindEntry } from './group-copy';
import { batchData } from './group-key';
import { recordChange, recordIsWritten, recordMove, recordTouch } from './group-record';
import {
  BUCKET_BYTES,
  bucketEntry,
  bucketHash,
  tableArena,
  tableCount,
  tableEnd,
  tableEntry,
  tableFirst,
} from './group-table';
import { BATCH_ROW_COUNT } from './layout';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_RETRACT,
} from './layout-aggregate';
import {
  CHANGES_MODE,
  CHANGES_ON_CLOSE,
  CHANGES_ON_TICK,
  CHANGES_ON_UPDATE,
  CHANGES_ON_WATERMARK,
  CHANGES_ROW,
  CHANGES_SLOT,
} from './layout-changes';
import { RETRACT_COLUMN, RETRACT_ROWS } from './layout-retract';
import { allocate, release } from './memory';
import { paneCreate, paneDestroy } from './pane';
import {
  RETRACT_EMPTY,
  RETRACT_TABLE,
  RETRACT_TOUCHED,
  RETRACT_TOUCHED_CAPACITY,
  RETRACT_TOUCHED_COUNT,
  RETRACT_TOUCHED_INDEX,
} from './retract-state';
import { retractMoved } from './retract-anew';
import {
  retractForgive,
  retractHasCounts,
  retractRelease,
  retractReleaseStates,
  retractRow,
  retractWeight,
} from './retract-update';
import { sessionsReleaseOwns } from './session-retire';
import { rowTableDestroy, rowTableInit } from './row-table';

const TOUCHED_MIN: u32 = 16;
/** With fewer empty groups than this there is no move. */
const EMPTY_MIN: u32 = 1024;

/** Completes a RETRACT_* block whose header TypeScript has filled; the rest of it is zero. */
export function retractInit(state: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  store<u32>(retract, <u32>allocate(TOUCHED_MIN << 3), RETRACT_TOUCHED);
  store<u32>(retract, TOUCHED_MIN, RETRACT_TOUCHED_CAPACITY);
  if (load<u32>(retract, RETRACT_ROWS)) rowTableInit(retract + RETRACT_TABLE);
}

/** Gives back everything but the block: rows, and what the groups of open panes have of their own. */
export function retractDestroy(state: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const heap = <usize>load<u32>(state, STATE_HEAP);
  const openCount = load<u32>(state, STATE_OPEN_COUNT);
  if (load<u32>(state, STATE_SESSIONS)) sessionsReleaseOwns(state);
  for (let i: u32 = 0; i < openCount; i++) releaseOwns(state, load<u32>(heap + (i << 2)));
  const only = load<u32>(state, STATE_ONLY_PANE);
  if (only) releaseOwns(state, only);
  release(load<u32>(retract, RETRACT_TOUCHED), load<u32>(retract, RETRACT_TOUCHED_CAPACITY) << 3);
  if (load<u32>(retract, RETRACT_ROWS)) rowTableDestroy(retract + RETRACT_TABLE);
}

function releaseOwns(state: usize, pane: usize): void {
  const count = tableCount(pane);
  for (let i: u32 = 0; i < count; i++) retractReleaseStates(state, tableEntry(pane, i));
}

/** Gives back what the groups of a pane keep beside it. */
export function retractReleasePane(state: usize, pane: usize): void {
  const count = tableCount(pane);
  for (let i: u32 = 0; i < count; i++) retractRelease(state, tableEntry(pane, i));
  retractForgive(state, pane);
}

/** Adds the rows of a batch. @returns false when `out` is full or a result is out of range; CHANGES_ROW is the next row. */
export function retractProcess(state: usize, batch: usize, out: usize): bool {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const isTimed = load<u32>(changes, CHANGES_MODE) == CHANGES_ON_WATERMARK;
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  if (!load<u32>(changes, CHANGES_ROW) && !load<u32>(changes, CHANGES_WAVE)) retractTidy(state);
  const isPlain = blockIsPossible(state);
  let first: u32 = 0;
  let ahead: u32 = 0;
  while (true) {
    if (!waveRun(state, out) || !writeTouched(state, out)) return false;
    const row = load<u32>(changes, CHANGES_ROW);
    if (row >= rows) return true;
    if (isPlain && row >= ahead) {
      first = row;
      ahead = findBlock(state, batch, row, rows);
    }
    if (isTimed) {
      const watermark = changesWatermarkBefore(state, batch, row);
      if (watermark >= load<i64>(changes, CHANGES_NEXT_FIRE)) {
        waveBeginFire(state, watermark);
        continue;
      }
    }
    const count: u32 = isUpdate(state, batch, row, rows) ? 2 : 1;
    for (let i: u32 = 0; i < count; i++) {
      if (isPlain) addToGroup(state, batch, row + i, row + i - first);
      else addRow(state, batch, row + i);
    }
    store<u32>(changes, row + count, CHANGES_ROW);
  }
}

@inline
function changeOf(state: usize, batch: usize, row: u32): i32 {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  return load<i32>(batchData(batch, load<i32>(retract, RETRACT_COLUMN)) + (row << 2));
}

/** Whether a row and the next are those of an update. */
function isUpdate(state: usize, batch: usize, row: u32, rows: u32): bool {
  const change = changeOf(state, batch, row);
  return change < -1 && row + 1 < rows && changeOf(state, batch, row + 1) == -change;
}

/** Finds the groups of the next rows, of which the last is not half of an update. @returns the row behind them */
function findBlock(state: usize, batch: usize, row: u32, rows: u32): u32 {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  let count = min<u32>(rows - row, BLOCK_ROWS);
  if (count < rows - row && isUpdate(state, batch, row + count - 1, rows)) count--;
  const known = tableCount(only);
  blockFind(state, batch, row, count);
  // Until their first row is added new groups are empty.
  store<u32>(retract, load<u32>(retract, RETRACT_EMPTY) + tableCount(only) - known, RETRACT_EMPTY);
  return row + count;
}

/** Adds a row to its only group, or takes it back; `index`: which of the block it is. */
@inline
function addToGroup(state: usize, batch: usize, row: u32, index: u32): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const only = <usize>load<u32>(state, STATE_ONLY_PANE);
  const weight = changeOf(state, batch, row) < 0 ? -1 : 1;
  const entry = blockSelect(state, index);
  retractRow(state, batch, row, only, weight);
  countEmpty(state, entry, weight);
  if (load<u32>(changes, CHANGES_MODE) == CHANGES_ON_UPDATE) touch(state, only, entry);
  else recordTouch(changes, entry);
  changesCountRows(state, 1);
}

/** Adds a row to its open windows, or takes it back, and notes which groups are to be written. */
function addRow(state: usize, batch: usize, row: u32): void {
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  const mode = load<u32>(changes, CHANGES_MODE);
  const weight = changeOf(state, batch, row) < 0 ? -1 : 1;
  const fired = max(load<i64>(changes, CHANGES_FIRED), changesWatermarkBefore(state, batch, row));
  const last = changesLastEnd(state, batch, row);
  let end = changesFirstEnd(state, batch, row);
  if (end > last) {
    changesAddLate(state, batch, row);
    changesClearLate(state);
  } else changesPrepare(state, batch, row, 1);
  for (; end <= last; end = changesNextEnd(state, end)) {
    const pane = changesFind(state, batch, row, end);
    const entry = <usize>load<u32>(load<u32>(state, STATE_ENTRIES));
    retractRow(state, batch, row, pane, weight);
    if (mode == CHANGES_ON_TICK || mode == CHANGES_ON_CLOSE) recordTouch(changes, entry);
    else if (mode == CHANGES_ON_UPDATE) touch(state, pane, entry);
    else {
      const complete = changesCompleteAt(state, batch, row, end);
      if (complete <= fired) touch(state, pane, entry);
      else store<i64>(changes, min(load<i64>(changes, CHANGES_NEXT_FIRE), complete), CHANGES_NEXT_FIRE);
    }
    if (end == last) break;
  }
  changesCountRows(state, 1);
}

/** Counts the groups of the only window that have no rows. */
function countEmpty(state: usize, entry: usize, weight: i32): void {
  const now = retractWeight(state, entry);
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const empty = load<i32>(retract, RETRACT_EMPTY);
  if (now == 0) store<i32>(retract, empty + 1, RETRACT_EMPTY);
  else if (now == <i64>weight) store<i32>(retract, empty - 1, RETRACT_EMPTY);
}

function touch(state: usize, pane: usize, entry: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const count = load<u32>(retract, RETRACT_TOUCHED_COUNT);
  const capacity = load<u32>(retract, RETRACT_TOUCHED_CAPACITY);
  if (count == capacity) {
    const old = <usize>load<u32>(retract, RETRACT_TOUCHED);
    const larger = allocate(capacity << 4);
    memory.copy(larger, old, capacity << 3);
    release(old, capacity << 3);
    store<u32>(retract, <u32>larger, RETRACT_TOUCHED);
    store<u32>(retract, capacity << 1, RETRACT_TOUCHED_CAPACITY);
  }
  const item = <usize>load<u32>(retract, RETRACT_TOUCHED) + ((<usize>count) << 3);
  store<u32>(item, <u32>pane);
  store<u32>(item, <u32>entry, 4);
  store<u32>(retract, count + 1, RETRACT_TOUCHED_COUNT);
}

/** Writes the groups that were touched, in their order. @returns false when `out` is full or a result is out of range. */
function writeTouched(state: usize, out: usize): bool {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const count = load<u32>(retract, RETRACT_TOUCHED_COUNT);
  for (let index = load<u32>(retract, RETRACT_TOUCHED_INDEX); index < count; index++) {
    store<u32>(retract, index, RETRACT_TOUCHED_INDEX);
    if (!waveHasRoom(out)) return false;
    const item = <usize>load<u32>(retract, RETRACT_TOUCHED) + ((<usize>index) << 3);
    if (!recordChange(state, load<u32>(item), load<u32>(item, 4), out)) return false;
  }
  store<u32>(retract, 0, RETRACT_TOUCHED_COUNT);
  store<u32>(retract, 0, RETRACT_TOUCHED_INDEX);
  return true;
}

/** Without windows: moves the groups with rows to a new table, if most have none. */
function retractTidy(state: usize): void {
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  const empty = load<u32>(retract, RETRACT_EMPTY);
  if (load<u32>(state, AGGREGATE_IS_WINDOWED) || !load<u32>(state, AGGREGATE_KEY_COUNT) || empty < EMPTY_MIN) return;
  const old = <usize>load<u32>(state, STATE_ONLY_PANE);
  const count = tableCount(old);
  if (empty < count >> 1) return;
  const moved = paneCreate(i64.MIN_VALUE, i64.MAX_VALUE, count - min(count, empty));
  const end = tableEnd(old);
  let left: u32 = 0;
  for (let bucket = tableFirst(old); bucket < end; bucket += BUCKET_BYTES) {
    for (let place: u32 = 0; place < 4; place++) {
      const entry = bucketEntry(bucket, place);
      if (!entry) break;
      const weight = retractWeight(state, entry);
      // What is still to be deleted stays, and what is owed.
      if (weight == 0 && !recordIsWritten(state, entry) && !retractHasCounts(state, entry)) {
        retractReleaseStates(state, entry);
        continue;
      }
      if (weight == 0) left++;
      moveGroup(state, moved, bucketHash(bucket, place), entry);
    }
  }
  paneDestroy(old);
  store<u32>(state, <u32>moved, STATE_ONLY_PANE);
  store<u32>(retract, left, RETRACT_EMPTY);
}

function moveGroup(state: usize, table: usize, hash: u32, from: usize): void {
  const entry = tableFindEntry(state, table, hash, from);
  const first = load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_SLOT);
  memory.copy(entry + first, from + first, load<u32>(state, AGGREGATE_ENTRY_BYTES) - first);
  recordMove(state, entry, tableArena(table));
  retractMoved(state, entry);
}
