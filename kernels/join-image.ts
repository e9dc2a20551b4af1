// Images of a join (row-image.ts): of each side its sorter, the rows that may be joined, and those that are kept. Left rows
// are of the first kind, right ones of the second.
//
//   limit, clock, late, watermark to pass on │ of each side: sorter │ incoming rows { row │ ASOF: turned round } … 0 │
//   kept rows by time { row │ u32 1 in the list of its key │ ASOF nearest: the right row that a left one took along } … 0
//
// Between two turns no row is looking for its matches. Keys are those of the rows in their lists, which are in the order of
// the kept rows.
import { imagePut, imagePutBlock, imageTake, imageTakeBlock } from './image';
import { ROW_BEST, ROW_KEY, ROW_QUEUED, ROW_QUEUED_BEFORE, ROW_SAME_KEY, sideAt } from './join-state';
import { keyAdd, keyFind, keyHashRow, keySetHead, keySetTail, keyTail } from './join-table';
import {
  JOIN_ASOF_BACKWARD,
  JOIN_ASOF_NEAREST,
  JOIN_CLOCK,
  JOIN_FORWARD,
  JOIN_KIND,
  JOIN_LATE_COUNT,
  JOIN_LIMIT,
  JOIN_USED_BYTES,
  SIDE_INCOMING,
  SIDE_QUEUE_HEAD,
  SIDE_QUEUE_TAIL,
} from './layout-join';
import { ROW_NEXT } from './layout-rows';
import { rowImageEnd, rowImageSave, rowPut, rowPutOther, rowTake } from './row-image';
import { sorterPut, sorterTakeImage } from './sorter-image';

@inline
function isAsof(state: usize): bool {
  return load<u32>(state, JOIN_KIND) >= <u32>JOIN_ASOF_BACKWARD;
}

/** Whether rows of a side take along rows of the other one. */
@inline
function takesAlong(state: usize, number: u32): bool {
  return number == 0 && load<u32>(state, JOIN_KIND) == JOIN_ASOF_NEAREST;
}

@inline
function put(row: usize, number: u32): void {
  if (number) rowPutOther(row);
  else rowPut(row);
}

/** Begins to save it. */
export function joinSave(state: usize): void {
  // What a left row takes along is an address; of versions it is said there that they are gone.
  rowImageSave(sideAt(state, 0), sideAt(state, 1), !takesAlong(state, 0));
  imagePutBlock(state + JOIN_LIMIT, 8);
  imagePutBlock(state + JOIN_CLOCK, 8);
  imagePutBlock(state + JOIN_LATE_COUNT, 8);
  imagePutBlock(state + JOIN_FORWARD, 8);
  for (let number: u32 = 0; number < 2; number++) {
    const side = sideAt(state, number);
    sorterPut(side, number == 1);
    for (let row = <usize>load<u32>(side, SIDE_INCOMING); row; row = load<u32>(row, ROW_NEXT)) {
      put(row, number);
      if (isAsof(state)) imagePut(load<u32>(row, ROW_BEST));
    }
    imagePut(0);
    for (let row = <usize>load<u32>(side, SIDE_QUEUE_HEAD); row; row = load<u32>(row, ROW_QUEUED)) {
      put(row, number);
      imagePut(load<u32>(row, ROW_KEY) ? 1 : 0);
      if (takesAlong(state, number)) rowPutOther(load<u32>(row, ROW_BEST));
    }
    imagePut(0);
  }
}

/** Loads its structure. */
export function joinLoad(state: usize): void {
  imageTakeBlock(state + JOIN_LIMIT, 8);
  imageTakeBlock(state + JOIN_CLOCK, 8);
  imageTakeBlock(state + JOIN_LATE_COUNT, 8);
  imageTakeBlock(state + JOIN_FORWARD, 8);
  for (let number: u32 = 0; number < 2; number++) {
    const side = sideAt(state, number);
    sorterTakeImage(side);
    let place = side + <usize>SIDE_INCOMING;
    for (let row = rowTake(); row; row = rowTake()) {
      store<u32>(place, <u32>row);
      place = row + <usize>ROW_NEXT;
      if (isAsof(state)) store<u32>(row, imageTake(), ROW_BEST);
    }
    for (let row = rowTake(); row; row = rowTake()) {
      if (imageTake()) list(state, side, number, row);
      if (takesAlong(state, number)) store<u32>(row, <u32>rowTake(), ROW_BEST);
      queue(side, row, isAsof(state));
    }
  }
  store<u32>(state, load<u32>(state, JOIN_USED_BYTES) + rowImageEnd(), JOIN_USED_BYTES);
}

/** Puts a row behind the others of its key. */
function list(state: usize, side: usize, number: u32, row: usize): void {
  keyHashRow(state, side, row);
  const found = keyFind(state, side, row);
  const entry = found ? found : keyAdd(state, side, row);
  store<u32>(row, <u32>entry, ROW_KEY);
  const tail = keyTail(entry, number);
  if (tail) store<u32>(tail, <u32>row, ROW_SAME_KEY);
  else keySetHead(entry, number, row);
  keySetTail(entry, number, row);
}

/** Puts a row behind the others that are kept. */
function queue(side: usize, row: usize, isLinkedBack: bool): void {
  const tail = <usize>load<u32>(side, SIDE_QUEUE_TAIL);
  if (isLinkedBack) store<u32>(row, <u32>tail, ROW_QUEUED_BEFORE);
  if (tail) store<u32>(tail, <u32>row, ROW_QUEUED);
  else store<u32>(side, <u32>row, SIDE_QUEUE_HEAD);
  store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
}
