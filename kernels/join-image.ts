// Images of a join (row-image.ts): of each side its sorter, the rows that may be joined, and those that are kept. Left rows
// are of the first kind, right ones of the second.
//
//   limit, clock, late, watermark to pass on │ of each side: sorter │ incoming rows { row │ ASOF: turned round } … 0 │
//   kept rows by time { row │ u32 1 in the list of its key │ ASOF nearest: the right row that a left one took along } … 0
//
// Between two turns no row is looking for its matches. Keys are those of the rows in their lists, which are in the order of
// the kept rows.
import { imagePut, imagePutBlock, imageTake, imageTake64 } from './image';
import { ROW_BEST, ROW_KEY, ROW_QUEUED, ROW_QUEUED_BEFORE, ROW_SAME_KEY, ROW_TIME, sideAt } from './join-state';
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
import { SHARE_COUNTS, SHARE_IS_NEXT } from './layout-share';
import {
  ROW_NOT_OWN,
  rowImageEnd,
  rowImageSave,
  rowPut,
  rowPutOther,
  rowShare,
  rowTake,
  rowTakeAny,
} from './row-image';
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

/** Loads its structure; of saved shares, beside what is there. */
export function joinLoad(state: usize): void {
  const share = rowShare();
  const isNext = share != 0 && load<u32>(share, SHARE_IS_NEXT) != 0;
  store<i64>(state, isNext ? max(imageTake64(), load<i64>(state, JOIN_LIMIT)) : imageTake64(), JOIN_LIMIT);
  store<i64>(state, isNext ? max(imageTake64(), load<i64>(state, JOIN_CLOCK)) : imageTake64(), JOIN_CLOCK);
  const late = reinterpret<f64>(imageTake64());
  if (share == 0 || load<u32>(share, SHARE_COUNTS) != 0) {
    store<f64>(state, load<f64>(state, JOIN_LATE_COUNT) + late, JOIN_LATE_COUNT);
  }
  const forward = imageTake64();
  store<i64>(state, isNext ? min(forward, load<i64>(state, JOIN_FORWARD)) : forward, JOIN_FORWARD);
  if (share) store<u32>(share, 1, SHARE_IS_NEXT);
  for (let number: u32 = 0; number < 2; number++) takeSide(state, sideAt(state, number), number);
  store<u32>(state, load<u32>(state, JOIN_USED_BYTES) + rowImageEnd(), JOIN_USED_BYTES);
}

function takeSide(state: usize, side: usize, number: u32): void {
  sorterTakeImage(side);
  let before: usize = 0;
  for (let row = rowTakeAny(); row; row = rowTakeAny()) {
    const isOwn = row != ROW_NOT_OWN;
    if (isOwn) before = enqueue(side + SIDE_INCOMING, ROW_NEXT, before, row);
    if (!isAsof(state)) continue;
    const best = imageTake();
    if (isOwn) store<u32>(row, best, ROW_BEST);
  }
  before = 0;
  for (let row = rowTakeAny(); row; row = rowTakeAny()) {
    const isListed = imageTake() != 0;
    const best = takesAlong(state, number) ? <u32>rowTake() : 0;
    if (row == ROW_NOT_OWN) continue;
    if (isListed) list(state, side, number, row);
    if (takesAlong(state, number)) store<u32>(row, best, ROW_BEST);
    before = enqueue(side + SIDE_QUEUE_HEAD, ROW_QUEUED, before, row);
    if (!load<u32>(row, ROW_QUEUED)) store<u32>(side, <u32>row, SIDE_QUEUE_TAIL);
  }
  if (isAsof(state)) linkBack(side);
}

/**
 * Puts a row into a list that is by time, behind rows of the same time; the ones before it end with `before`, or begin with
 * the list where that is 0. @returns the row
 */
function enqueue(head: usize, link: usize, before: usize, row: usize): usize {
  let place = before ? before + link : head;
  let next = <usize>load<u32>(place);
  while (next != 0 && load<i64>(next, ROW_TIME) <= load<i64>(row, ROW_TIME)) {
    place = next + link;
    next = <usize>load<u32>(place);
  }
  store<u32>(row + link, <u32>next);
  store<u32>(place, <u32>row);
  return row;
}

/** Has every kept row know the one before it. */
function linkBack(side: usize): void {
  let before: usize = 0;
  for (let row = <usize>load<u32>(side, SIDE_QUEUE_HEAD); row; row = load<u32>(row, ROW_QUEUED)) {
    store<u32>(row, <u32>before, ROW_QUEUED_BEFORE);
    before = row;
  }
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
