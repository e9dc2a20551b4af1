// Joins whose result changes: rows of both sides come and go, at once, in the order in which they do.
//
//   updatingOpen      a batch of one side is in hand
//   updatingNext      fills a flight: rows that came or went, each with the rows of the other side that have its key
//   updatingSettle    what that changes of the result                    (updating-settle.ts)
//   updatingWrite     the changes as batches                             (updating-write.ts)
//   updatingExpire    rows that have been kept for long enough are let go
//   updatingPass      rows that are over by the watermark are let go      (updating-times.ts)
//
// A step is one row that comes or goes, or both rows of an update; within a batch the other side stays as it is. The pairs
// of an update whose key stays are changed one by one; where a condition decides, those that only begin to match come
// after those that cease to: at no time there is more than before and after.
//
//   take ─► pairs of the old row      swap ─► (old, c), (made, c) ─► [the same again]      add ─► pairs of the row made      end
//
// State: JOIN_*, SIDE_* and UPDATING_*. Rows of a side that only grows are in the lists of their keys (join-table.ts), those
// of others in a table by their values besides, where there are several of a key. A row without a key (NULL) is kept only where it must be found again. Rows
// that went live until the flight has landed.
import { batchData } from './group-key';
import { joinRetire, landRetired } from './join-expire';
import { joinAddUsed, sideAt } from './join-state';
import { keyDropIfEmpty, keyHead, keysFetch, keysInit } from './join-table';
import { BATCH_ROW_COUNT } from './layout';
import {
  JOIN_CAPACITY,
  JOIN_COUNT,
  JOIN_HAS_CONDITION,
  JOIN_IMAGE_HAS_KEYS,
  JOIN_INNER,
  JOIN_KIND,
} from './layout-join';
import {
  STEP_ARRIVAL,
  STEP_BYTES,
  STEP_KIND,
  STEP_MADE,
  STEP_OLD,
  UPDATED_ARRIVALS,
  UPDATED_CHANGES,
  UPDATING_BLOCK_ROWS,
  UPDATING_FLIGHT_LEFTS,
  UPDATING_FLIGHT_RIGHTS,
  UPDATING_IS_COUNTED,
  UPDATING_KEPT,
  UPDATING_STEPS,
} from './layout-updating';
import { allocatedBytes } from './memory';
import { rowsKeep, rowUnpin } from './row-store';
import { rowTableFetch, rowTableInit } from './row-table';
import { hasTable, updatingAdd, updatingTake } from './updating-rows';
import { updatingIsLate, updatingIsTimed, updatingTimesInit } from './updating-times';
import {
  ADD_IS_ALONE,
  ROW_BEHIND,
  ROW_ENTRY,
  ROW_MATCHES,
  STEP_ADD,
  STEP_END,
  STEP_IS_ALONE,
  STEP_LATER,
  STEP_SWAP,
  STEP_TAKE,
  TAKE_IS_ALONE,
  UPDATING_ARRIVAL,
  UPDATING_BLOCK_COUNT,
  UPDATING_BLOCK_FIRST,
  UPDATING_CANDIDATE,
  UPDATING_FLAGS,
  UPDATING_INDEX,
  UPDATING_MADE,
  UPDATING_MADE_ENTRY,
  UPDATING_OLD,
  UPDATING_OLD_ENTRY,
  UPDATING_PHASE,
  UPDATING_SIDE,
  updatedSide,
  updatedTable,
} from './updating-state';

/** The phases of a step are its kinds of entries, in their order but for STEP_TAKE and STEP_ADD; none: between steps. */
const NO_PHASE: u32 = 0xff;
const selected: usize = memory.data(256 * 4, 16);

/** Makes the state, of which TypeScript has written its part, ready. */
export function updatingInit(state: usize): void {
  store<u32>(state, 1, JOIN_IMAGE_HAS_KEYS);
  keysInit(state);
  updatingTimesInit(state);
  for (let number: u32 = 0; number < 2; number++) {
    if (hasTable(state, number)) rowTableInit(updatedTable(state, number));
  }
}

/** Takes a batch of a side (0 or 1) in hand, which is given to updatingNext until that returns 0. */
export function updatingOpen(state: usize, number: u32): void {
  store<u32>(state, number, UPDATING_SIDE);
  store<u32>(state, 0, UPDATING_BLOCK_FIRST);
  store<u32>(state, 0, UPDATING_BLOCK_COUNT);
  store<u32>(state, 0, UPDATING_INDEX);
  store<u32>(state, NO_PHASE, UPDATING_PHASE);
}

/** Goes on with the batch in hand. @returns the entries of the flight, 0 when the batch is done */
export function updatingNext(state: usize, batch: usize): u32 {
  const before = allocatedBytes();
  landRetired(state);
  store<u32>(state, 0, JOIN_COUNT);
  while (true) {
    if (load<u32>(state, UPDATING_PHASE) == NO_PHASE) {
      const isThere = load<u32>(state, UPDATING_INDEX) < load<u32>(state, UPDATING_BLOCK_COUNT);
      if (!isThere && !nextBlock(state, batch)) break;
      begin(state, batch);
    }
    if (!goOn(state)) break;
  }
  joinAddUsed(state, before);
  return load<u32>(state, JOIN_COUNT);
}

/** 1 for rows of a side that only grows. */
@inline
function changeAt(state: usize, batch: usize, row: u32): i32 {
  const column = load<i32>(updatedSide(state, load<u32>(state, UPDATING_SIDE)), UPDATED_CHANGES);
  return column < 0 ? 1 : load<i32>(batchData(batch, column) + ((<usize>row) << 2));
}

@inline
function isUpdate(state: usize, batch: usize, row: u32): bool {
  const change = changeAt(state, batch, row);
  return change < -1 && row + 1 < load<u32>(batch, BATCH_ROW_COUNT) && changeAt(state, batch, row + 1) == -change;
}

/** Copies the next rows of the batch; an update is not cut. @returns false when there are none */
function nextBlock(state: usize, batch: usize): bool {
  const first = load<u32>(state, UPDATING_BLOCK_FIRST) + load<u32>(state, UPDATING_BLOCK_COUNT);
  const left = load<u32>(batch, BATCH_ROW_COUNT) - first;
  if (left == 0) return false;
  let count = min<u32>(left, UPDATING_BLOCK_ROWS);
  if (count < left && isUpdate(state, batch, first + count - 1)) count--;
  for (let i: u32 = 0; i < count; i++) store<u32>(selected + ((<usize>i) << 2), first + i);
  const number = load<u32>(state, UPDATING_SIDE);
  const kept = <usize>load<u32>(state, UPDATING_KEPT);
  rowsKeep(sideAt(state, number), batch, selected, count, kept);
  keysFetch(state, sideAt(state, number), kept, count, selected);
  if (hasTable(state, number)) rowTableFetch(updatedTable(state, number), sideAt(state, number), kept, count, selected);
  store<u32>(state, first, UPDATING_BLOCK_FIRST);
  store<u32>(state, count, UPDATING_BLOCK_COUNT);
  store<u32>(state, 0, UPDATING_INDEX);
  return true;
}

// --- steps ---

/** Begins the step of the next row: it is where it belongs, and what it takes the place of is not any more. */
function begin(state: usize, batch: usize): void {
  const number = load<u32>(state, UPDATING_SIDE);
  const index = load<u32>(state, UPDATING_INDEX);
  const row = load<u32>(state, UPDATING_BLOCK_FIRST) + index;
  const kept = <usize>load<u32>(state, UPDATING_KEPT) + ((<usize>index) << 2);
  const numbers = load<i32>(updatedSide(state, number), UPDATED_ARRIVALS);
  if (numbers >= 0) store<i64>(state, load<i64>(batchData(batch, numbers) + ((<usize>row) << 3)), UPDATING_ARRIVAL);
  const isGoing = changeAt(state, batch, row) < 0;
  const isBoth = isGoing && isUpdate(state, batch, row);
  store<u32>(state, index + (isBoth ? 2 : 1), UPDATING_INDEX);
  const goes = isGoing && isTimely(state, batch, row, load<u32>(kept));
  const old = goes ? updatingTake(state, number, load<u32>(kept)) : <usize>0;
  const copy = isGoing && !isBoth ? <usize>0 : <usize>load<u32>(kept + (isBoth ? 4 : 0));
  const comes = copy != 0 && isTimely(state, batch, isBoth ? row + 1 : row, copy);
  const made = comes ? updatingAdd(state, number, copy) : <usize>0;
  let oldEntry = old ? <usize>load<u32>(old, ROW_ENTRY) : 0;
  const madeEntry = made ? <usize>load<u32>(made, ROW_ENTRY) : 0;
  let flags: u32 = 0;
  if (oldEntry != 0 && keyHead(oldEntry, number) == 0) flags |= TAKE_IS_ALONE;
  if (madeEntry != 0 && keyHead(madeEntry, number) == made) flags |= ADD_IS_ALONE;
  if (!load<u32>(state, UPDATING_IS_COUNTED)) {
    if (old) store<u32>(old, u32(oldEntry != 0 && keyHead(oldEntry, 1 - number) != 0), ROW_MATCHES);
    if (made) store<u32>(made, u32(madeEntry != 0 && keyHead(madeEntry, 1 - number) != 0), ROW_MATCHES);
  }
  if (oldEntry != 0 && keyDropIfEmpty(state, oldEntry)) oldEntry = 0;
  store<u32>(state, <u32>old, UPDATING_OLD);
  store<u32>(state, <u32>made, UPDATING_MADE);
  store<u32>(state, <u32>oldEntry, UPDATING_OLD_ENTRY);
  store<u32>(state, <u32>madeEntry, UPDATING_MADE_ENTRY);
  store<u32>(state, flags, UPDATING_FLAGS);
  setPhase(state, STEP_TAKE);
}

/** Whether a change counts; the copy of one that does not is given back. */
function isTimely(state: usize, batch: usize, row: u32, copy: usize): bool {
  if (!updatingIsTimed(state) || !updatingIsLate(state, load<u32>(state, UPDATING_SIDE), batch, row, copy)) return true;
  rowUnpin(copy);
  return false;
}

// --- phases ---

@inline
function setPhase(state: usize, phase: u32): void {
  store<u32>(state, phase, UPDATING_PHASE);
  store<u32>(state, <u32>firstOf(state, phase), UPDATING_CANDIDATE);
}

/** The phase after one, in the order in which rows go before others come. */
@inline
function phaseAfter(phase: u32): u32 {
  if (phase == STEP_TAKE) return STEP_SWAP;
  if (phase == STEP_SWAP) return STEP_LATER;
  return phase == STEP_LATER ? STEP_ADD : STEP_END;
}

/** The first row of the other side that a phase looks at, 0: none. */
function firstOf(state: usize, phase: u32): usize {
  const number = load<u32>(state, UPDATING_SIDE);
  const old = load<u32>(state, UPDATING_OLD);
  const made = load<u32>(state, UPDATING_MADE);
  const oldEntry = <usize>load<u32>(state, UPDATING_OLD_ENTRY);
  const madeEntry = <usize>load<u32>(state, UPDATING_MADE_ENTRY);
  const flags = load<u32>(state, UPDATING_FLAGS);
  const isCounted = load<u32>(state, UPDATING_IS_COUNTED) != 0;
  const isPaired = load<u32>(state, JOIN_KIND) == JOIN_INNER;
  // Rows of whose matches only the number counts have it already.
  const looksAtOwn = isPaired || number != 0;
  const isSwap = looksAtOwn && old != 0 && made != 0 && oldEntry == madeEntry && oldEntry != 0;
  let entry: usize = 0;
  if (phase == STEP_TAKE) {
    if (old != 0 && !isSwap && looksAtOwn && (isPaired || isCounted || (flags & TAKE_IS_ALONE) != 0)) entry = oldEntry;
  } else if (phase == STEP_SWAP || phase == STEP_LATER) {
    const isAsked = phase == STEP_SWAP || load<u32>(state, JOIN_HAS_CONDITION) != 0;
    if (isSwap && isAsked && (isPaired || isCounted)) entry = oldEntry;
  } else if (phase == STEP_ADD) {
    const isNew = looksAtOwn && (flags & ADD_IS_ALONE) != 0;
    if (made != 0 && !isSwap && (isPaired || isCounted || isNew)) entry = madeEntry;
  }
  return entry ? keyHead(entry, 1 - number) : 0;
}

/** Goes on with the step. @returns false when the flight is full */
function goOn(state: usize): bool {
  const capacity = load<u32>(state, JOIN_CAPACITY);
  const old = <usize>load<u32>(state, UPDATING_OLD);
  const made = <usize>load<u32>(state, UPDATING_MADE);
  const flags = load<u32>(state, UPDATING_FLAGS);
  let phase = load<u32>(state, UPDATING_PHASE);
  while (phase != STEP_END) {
    let candidate = <usize>load<u32>(state, UPDATING_CANDIDATE);
    const isTwo = phase == STEP_SWAP || phase == STEP_LATER;
    const isAlone = (flags & (phase == STEP_TAKE ? TAKE_IS_ALONE : ADD_IS_ALONE)) != 0;
    const kind = phase + (isAlone && !isTwo ? STEP_IS_ALONE : 0);
    while (candidate) {
      if (load<u32>(state, JOIN_COUNT) + (isTwo ? 2 : 1) > capacity) {
        store<u32>(state, <u32>candidate, UPDATING_CANDIDATE);
        return false;
      }
      if (isTwo || phase == STEP_TAKE) enter(state, kind, old, candidate);
      if (isTwo || phase == STEP_ADD) enter(state, kind, made, candidate);
      candidate = load<u32>(candidate, ROW_BEHIND);
    }
    phase = phaseAfter(phase);
    setPhase(state, phase);
  }
  return end(state, old, made);
}

/** Adds a row of the batch's side and one of the other to the flight. */
@inline
function enter(state: usize, kind: u32, row: usize, other: usize): void {
  const count = <usize>load<u32>(state, JOIN_COUNT);
  const isLeft = load<u32>(state, UPDATING_SIDE) == 0;
  store<u32>(<usize>load<u32>(state, UPDATING_FLIGHT_LEFTS) + (count << 2), <u32>(isLeft ? row : other));
  store<u32>(<usize>load<u32>(state, UPDATING_FLIGHT_RIGHTS) + (count << 2), <u32>(isLeft ? other : row));
  const step = <usize>load<u32>(state, UPDATING_STEPS) + count * STEP_BYTES;
  store<u32>(step, kind, STEP_KIND);
  store<u32>(step, load<u32>(state, UPDATING_OLD), STEP_OLD);
  store<u32>(step, load<u32>(state, UPDATING_MADE), STEP_MADE);
  store<i64>(step, load<i64>(state, UPDATING_ARRIVAL), STEP_ARRIVAL);
  store<u32>(state, <u32>count + 1, JOIN_COUNT);
}

/** The last entry of the step. @returns false when the flight is full */
function end(state: usize, old: usize, made: usize): bool {
  if (load<u32>(state, JOIN_COUNT) == load<u32>(state, JOIN_CAPACITY)) return false;
  if (old != 0 || made != 0) enter(state, STEP_END, 0, 0);
  if (old) joinRetire(state, old);
  if (made != 0 && !load<u32>(made, ROW_ENTRY) && !hasTable(state, load<u32>(state, UPDATING_SIDE))) {
    joinRetire(state, made);
  }
  store<u32>(state, NO_PHASE, UPDATING_PHASE);
  return true;
}
