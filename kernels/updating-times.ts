// Joins whose result changes, where times bound what matches: rows are let go once the watermark has passed all that they can
// match, and changes that come later than that are left out.
//
//   reach       rows that match are no further apart than that
//   a change    of a row of time t counts until the watermark before it in its own source is beyond t + reach
//   a row       is kept until the watermark of both sides is beyond t + 2 · reach: whatever matches it cannot change then
//
// So a change that counts finds every row that it matches, and what comes out adds up to the join of what counts, however
// inputs take turns and whenever rows were let go. Each row that is kept has a pin for its place in a heap by when it is over;
// one that has gone before has only that.
import { landRetired } from './join-expire';
import { joinAddUsed, sideAt } from './join-state';
import { keyDropIfEmpty } from './join-table';
import {
  UPDATED_HEAP,
  UPDATED_REACH,
  UPDATED_TIME_OFFSET,
  UPDATED_WATERMARK,
  UPDATED_WATERMARK_COLUMN,
} from './layout-updating';
import { JOIN_LATE_COUNT } from './layout-join';
import { ROW_PINS } from './layout-rows';
import { batchData } from './group-key';
import { allocatedBytes } from './memory';
import { rowPin, rowUnpin } from './row-store';
import { rowIsDebt, rowTableForget, rowTableRemove, rowWasInTable } from './row-table';
import { heapCount, heapDestroy, heapInit, heapPop, heapPush, heapTime, heapWhat } from './time-heap';
import { updatingUnlink } from './updating-rows';
import { ROW_ENTRY, UPDATING_PASSED, updatedSide, updatedTable } from './updating-state';
import { saturatingAdd } from './watermark';

/** Who holds a row that is kept: its lists, and the heap. */
const KEPT_PINS: u32 = 2;

/** Whether times bound the join. */
@inline
export function updatingIsTimed(state: usize): bool {
  return load<u32>(updatedSide(state, 0), UPDATED_TIME_OFFSET) != 0;
}

export function updatingTimesInit(state: usize): void {
  if (!updatingIsTimed(state)) return;
  store<i64>(state, i64.MIN_VALUE, UPDATING_PASSED);
  for (let number: u32 = 0; number < 2; number++) {
    heapInit(updatedSide(state, number) + UPDATED_HEAP);
    store<i64>(updatedSide(state, number), i64.MIN_VALUE, UPDATED_WATERMARK);
  }
}

/** Gives back the heaps; rows that are kept have one pin then. */
export function updatingTimesDestroy(state: usize): void {
  if (!updatingIsTimed(state)) return;
  for (let number: u32 = 0; number < 2; number++) {
    const heap = updatedSide(state, number) + <usize>UPDATED_HEAP;
    for (let i: u32 = 0; i < heapCount(heap); i++) rowUnpin(heapWhat(heap, i));
    heapDestroy(heap);
  }
}

@inline
function timeOf(state: usize, number: u32, row: usize): i64 {
  return load<i64>(row + load<u32>(updatedSide(state, number), UPDATED_TIME_OFFSET));
}

@inline
function reachOf(state: usize, number: u32): i64 {
  return load<i64>(updatedSide(state, number), UPDATED_REACH);
}

/** Whether the change of a row of a batch, of which there is a copy, comes too late; then it is counted. */
export function updatingIsLate(state: usize, number: u32, batch: usize, row: u32, copy: usize): bool {
  const side = updatedSide(state, number);
  const column = load<i32>(side, UPDATED_WATERMARK_COLUMN);
  const own =
    column < 0 ? load<i64>(side, UPDATED_WATERMARK) : load<i64>(batchData(batch, column) + ((<usize>row) << 3));
  const watermark = max(own, load<i64>(state, UPDATING_PASSED));
  if (saturatingAdd(timeOf(state, number, copy), reachOf(state, number)) >= watermark) return false;
  store<f64>(state, load<f64>(state, JOIN_LATE_COUNT) + 1, JOIN_LATE_COUNT);
  return true;
}

/** Puts a row that is kept, or a debt, where it is found when it is over. `isPinned`: it is held for that already. */
export function updatingWait(state: usize, number: u32, row: usize, isPinned: bool): void {
  if (!isPinned) rowPin(row);
  const reach = reachOf(state, number);
  const over = saturatingAdd(saturatingAdd(timeOf(state, number, row), reach), reach);
  heapPush(updatedSide(state, number) + <usize>UPDATED_HEAP, over, row);
}

/** Takes a watermark (the address of an i64) of a side. */
export function updatingWatermark(state: usize, number: u32, cell: usize): void {
  store<i64>(updatedSide(state, number), load<i64>(cell), UPDATED_WATERMARK);
}

/** Takes the watermark of both sides: lets go of the rows that are over. */
export function updatingPass(state: usize, cell: usize): void {
  const before = allocatedBytes();
  const passed = load<i64>(cell);
  landRetired(state);
  store<i64>(state, passed, UPDATING_PASSED);
  for (let number: u32 = 0; number < 2; number++) {
    const heap = updatedSide(state, number) + <usize>UPDATED_HEAP;
    while (heapCount(heap) != 0 && heapTime(heap, 0) < passed) {
      const row = heapWhat(heap, 0);
      heapPop(heap);
      if (load<u32>(row, ROW_PINS) == KEPT_PINS) letGo(state, number, row);
      rowUnpin(row);
    }
  }
  joinAddUsed(state, before);
}

function letGo(state: usize, number: u32, row: usize): void {
  const side = sideAt(state, number);
  if (rowWasInTable(row) && rowIsDebt(row)) rowTableForget(updatedTable(state, number), side, row);
  else {
    const entry = <usize>load<u32>(row, ROW_ENTRY);
    updatingUnlink(state, number, row);
    if (rowWasInTable(row)) rowTableRemove(updatedTable(state, number), side, row);
    if (entry) keyDropIfEmpty(state, entry);
  }
  rowUnpin(row);
}
