// Images of a join whose result changes (row-image.ts). Left rows are of the first kind, right ones of the second.
//
//   clock │ where times bound the join, watermarks and late changes │ of each side: rows of each key in the order in which they came … 0 │ rows without a key … 0 │ rows that are owed …
//   0 │ where rows are kept for a time, all in the order in which they came … 0
//
// Each row comes with the number of its matches. Between two batches no step is in hand.
import { bufferAt, bufferMark } from './byte-buffer';
import { imagePut, imagePutBlock, imageTake64 } from './image';
import { sideAt } from './join-state';
import { keyAdd, keyFind, keyHashRow, keyHead, keysBuckets, keysFirst, keysNext } from './join-table';
import { JOIN_CLOCK, JOIN_LATE_COUNT, JOIN_USED_BYTES, SIDE_QUEUE_HEAD } from './layout-join';
import { ROW_NEXT } from './layout-rows';
import { SHARE_COUNTS, SHARE_IS_NEXT } from './layout-share';
import { QUEUED_NEXT, UPDATED_QUEUE, UPDATED_WATERMARK } from './layout-updating';
import { rowImageEnd, rowImageSave, rowPut, rowPutOther, rowShare, rowTakeListed } from './row-image';
import {
  rowIsDebt,
  rowTableAdd,
  rowTableBucket,
  rowTableBuckets,
  rowTableDebts,
  rowTableNext,
  rowTableTake,
} from './row-table';
import { hasTable, updatingEnter, updatingList, updatingQueueAfter } from './updating-rows';
import { ROW_BEHIND, ROW_ENTRY, UPDATING_PASSED, updatedSide, updatedTable } from './updating-state';
import { updatingIsTimed, updatingWait } from './updating-times';

@inline
function put(row: usize, number: u32): void {
  if (number) rowPutOther(row);
  else rowPut(row);
}

/** Begins to save it. */
export function updatingSave(state: usize): void {
  rowImageSave(sideAt(state, 0), sideAt(state, 1), false);
  imagePutBlock(state + JOIN_CLOCK, 8);
  if (updatingIsTimed(state)) {
    imagePutBlock(state + UPDATING_PASSED, 8);
    imagePutBlock(state + JOIN_LATE_COUNT, 8);
    for (let number: u32 = 0; number < 2; number++) imagePutBlock(updatedSide(state, number) + UPDATED_WATERMARK, 8);
  }
  for (let number: u32 = 0; number < 2; number++) {
    const buckets = keysBuckets(state);
    for (let bucket: u32 = 0; bucket < buckets; bucket++) {
      for (let entry = keysFirst(state, bucket); entry; entry = keysNext(entry)) {
        for (let row = keyHead(entry, number); row; row = <usize>load<u32>(row, ROW_BEHIND)) put(row, number);
      }
    }
    imagePut(0);
    if (hasTable(state, number)) {
      putTable(state, number, false);
      putTable(state, number, true);
    }
    const offset = load<u32>(updatedSide(state, number), UPDATED_QUEUE);
    if (!offset) continue;
    let row = <usize>load<u32>(sideAt(state, number), SIDE_QUEUE_HEAD);
    for (; row; row = <usize>load<u32>(row + offset, QUEUED_NEXT)) put(row, number);
    imagePut(0);
  }
}

/** Writes the rows of a side's table that are in no list: those that are owed, or those without a key. */
function putTable(state: usize, number: u32, areDebts: bool): void {
  const table = updatedTable(state, number);
  const buckets: u32 = areDebts && !rowTableDebts(table) ? 0 : rowTableBuckets(table);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    for (let first = rowTableBucket(table, bucket); first; first = rowTableNext(first)) {
      if (rowIsDebt(first) != areDebts || (!areDebts && load<u32>(first, ROW_ENTRY) != 0)) continue;
      const mark = bufferMark();
      for (let row = first; row; row = <usize>load<u32>(row, ROW_NEXT)) put(row, number);
      turnRound(bufferAt(mark), bufferAt(bufferMark()));
    }
  }
  imagePut(0);
}

/** Of equal rows the latest comes first in a table, and last in an image. */
function turnRound(first: usize, end: usize): void {
  for (let last = end - 4; first < last; first += 4, last -= 4) {
    const number = load<u32>(first);
    store<u32>(first, load<u32>(last));
    store<u32>(last, number);
  }
}

/** Loads its structure; of saved shares, beside what is there. */
export function updatingLoad(state: usize): void {
  const share = rowShare();
  const isNext = share != 0 && load<u32>(share, SHARE_IS_NEXT) != 0;
  takeLatest(state + JOIN_CLOCK, isNext);
  if (updatingIsTimed(state)) {
    takeLatest(state + UPDATING_PASSED, isNext);
    const late = reinterpret<f64>(imageTake64());
    if (share == 0 || load<u32>(share, SHARE_COUNTS) != 0) {
      store<f64>(state, load<f64>(state, JOIN_LATE_COUNT) + late, JOIN_LATE_COUNT);
    }
    for (let number: u32 = 0; number < 2; number++) takeLatest(updatedSide(state, number) + UPDATED_WATERMARK, isNext);
  }
  if (share) store<u32>(share, 1, SHARE_IS_NEXT);
  for (let number: u32 = 0; number < 2; number++) takeSide(state, number);
  store<u32>(state, load<u32>(state, JOIN_USED_BYTES) + rowImageEnd(), JOIN_USED_BYTES);
}

/** Takes a time (i64); the furthest of all shares counts. */
@inline
function takeLatest(at: usize, isNext: bool): void {
  const time = imageTake64();
  store<i64>(at, isNext ? max(time, load<i64>(at)) : time);
}

function takeSide(state: usize, number: u32): void {
  const side = sideAt(state, number);
  const table = updatedTable(state, number);
  const isInTable = hasTable(state, number);
  const isTimed = updatingIsTimed(state);
  for (let row = rowTakeListed(); row; row = rowTakeListed()) {
    keyHashRow(state, side, row);
    const found = keyFind(state, side, row);
    const entry = found ? found : keyAdd(state, side, row);
    if (isInTable) updatingEnter(state, number, row, entry);
    store<u32>(row, <u32>entry, ROW_ENTRY);
    updatingList(number, row, entry);
    if (isTimed) updatingWait(state, number, row, true);
  }
  if (isInTable) {
    for (let row = rowTakeListed(); row; row = rowTakeListed()) {
      rowTableAdd(table, side, row);
      if (isTimed) updatingWait(state, number, row, true);
    }
    for (let row = rowTakeListed(); row; row = rowTakeListed()) {
      rowTableTake(table, side, row);
      if (isTimed) updatingWait(state, number, row, true);
    }
  }
  if (!load<u32>(updatedSide(state, number), UPDATED_QUEUE)) return;
  let before: usize = 0;
  for (let row = rowTakeListed(); row; row = rowTakeListed()) {
    updatingQueueAfter(state, number, row, before);
    before = row;
  }
}
