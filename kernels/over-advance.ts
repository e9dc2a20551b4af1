// What a watermark, or the end of the input, does in an OVER operator, in slices: a number of rows in each.
//
//   RETIRED        rows that nothing refers to any more are given back
//   LIST, SORT, PASS   at the end, rows that were kept in partitions (over-keep.ts) go to the sorter
//   RELEASE        the sorter puts the rows in order that the watermark has passed
//   ADD, TIME      partitions that go on (over-stream.ts): rows join them, then the time of the watermark has come
//   JOIN, FINISH, CLEAR   partitions that are whole (over-whole.ts), of one event time after the other
import { OVER_FORWARD, OVER_IS_WHOLE } from './layout-over';
import { ROW_READY_NEXT, SORTER_USED_BYTES } from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { keptBegin, keptListOn, keptPass } from './over-keep';
import { overHasFailed, overReleaseRetired } from './over-rows';
import {
  ADVANCE_BYTES,
  ADVANCE_FIRST,
  ADVANCE_IS_END,
  ADVANCE_ITEM_COUNT,
  ADVANCE_ITEMS,
  ADVANCE_NEXT,
  ADVANCE_PHASE,
  ADVANCE_ROW,
  ADVANCE_SORT,
  ADVANCE_WATERMARK,
  STATE_ADVANCE,
  STATE_KEPT,
} from './over-state';
import { streamAdd, streamPass } from './over-stream';
import { wholeFinish, wholeJoin } from './over-whole';
import { partitionBuckets, partitionsClear, partitionsClearFrom } from './partition';
import { rowUnpin } from './row-store';
import { SORT_NUMBERS } from './sort-orders';
import { sortBegin, sortGiveUp, sortGoOn } from './sort-work';
import { sorterGoOn, sorterRelease } from './sorter';

/** Rows that were kept and are sorted at once. */
const KEPT_SLICE: u32 = 4096;

const PHASE_NONE: u32 = 0;
const PHASE_RETIRED: u32 = 1;
const PHASE_LIST: u32 = 2;
const PHASE_SORT: u32 = 3;
const PHASE_PASS: u32 = 4;
const PHASE_RELEASE: u32 = 5;
const PHASE_ADD: u32 = 6;
const PHASE_TIME: u32 = 7;
const PHASE_JOIN: u32 = 8;
const PHASE_FINISH: u32 = 9;
const PHASE_CLEAR: u32 = 10;

/** Makes what it remembers. */
export function advanceInit(state: usize): void {
  const advance = allocate(ADVANCE_BYTES);
  memory.fill(advance, 0, ADVANCE_BYTES);
  store<u32>(state, <u32>advance, STATE_ADVANCE);
}

/** Gives it back, with the rows that it has in hand. @returns whether rows of partitions belong to their partitions */
export function advanceDestroy(state: usize): bool {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const phase = load<u32>(advance, ADVANCE_PHASE);
  const work = load<u32>(advance, ADVANCE_SORT);
  if (work) sortGiveUp(work);
  const items = <usize>load<u32>(advance, ADVANCE_ITEMS);
  const count = load<u32>(advance, ADVANCE_ITEM_COUNT);
  if (phase == PHASE_PASS) {
    for (let i: usize = load<u32>(advance, ADVANCE_NEXT); i < <usize>count; i++)
      rowUnpin(load<u32>(items + (i << 4), 8));
  }
  if (items) release(items, load<u32>(state, STATE_KEPT) << 4);
  const row = load<u32>(advance, ADVANCE_ROW);
  if (row) rowUnpin(row);
  for (let first = <usize>load<u32>(advance, ADVANCE_FIRST); first; ) {
    const next = <usize>load<u32>(first, ROW_READY_NEXT);
    rowUnpin(first);
    first = next;
  }
  release(advance, ADVANCE_BYTES);
  return phase < PHASE_JOIN;
}

/** Begins to follow the watermark at `cell`, or the end of the input if it is 0. The last rows have all been emitted. */
export function overAdvance(state: usize, cell: usize): void {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  store<u32>(advance, PHASE_RETIRED, ADVANCE_PHASE);
  store<u32>(advance, u32(!cell), ADVANCE_IS_END);
  store<i64>(advance, cell ? load<i64>(cell) : i64.MAX_VALUE, ADVANCE_WATERMARK);
}

/** Goes on, over about `slice` rows. @returns 1 when all is done: rows with their results are ready */
export function overGoOn(state: usize, slice: u32): u32 {
  const before = allocatedBytes();
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  let done: u32 = 0;
  while (load<u32>(advance, ADVANCE_PHASE) != PHASE_NONE && done < slice) done += goOn(state, advance, slice - done);
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
  return u32(load<u32>(advance, ADVANCE_PHASE) == PHASE_NONE);
}

/** Goes on with a phase, over `most` rows; when there are fewer the next one begins. @returns over how many */
function goOn(state: usize, advance: usize, most: u32): u32 {
  switch (load<u32>(advance, ADVANCE_PHASE)) {
    case PHASE_RETIRED: {
      const count = overReleaseRetired(state, most);
      const hasKept = load<u32>(advance, ADVANCE_IS_END) != 0 && load<u32>(state, STATE_KEPT) != 0;
      if (count < most) begin(state, advance, hasKept ? PHASE_LIST : PHASE_RELEASE);
      return count;
    }
    case PHASE_LIST:
    case PHASE_SORT:
    case PHASE_PASS:
      return goOnWithKept(state, advance, most);
    case PHASE_RELEASE:
      if (!sorterGoOn(state, most)) return most;
      begin(state, advance, load<u32>(state, OVER_IS_WHOLE) ? PHASE_JOIN : PHASE_ADD);
      return 0;
    case PHASE_ADD: {
      const count = streamAdd(state, most);
      if (count < most) begin(state, advance, overHasFailed(state) ? PHASE_NONE : PHASE_TIME);
      return count;
    }
    case PHASE_TIME: {
      const count = streamPass(state, most);
      if (count < most) begin(state, advance, PHASE_NONE);
      return count;
    }
    default:
      return goOnWhole(state, advance, most);
  }
}

function goOnWithKept(state: usize, advance: usize, most: u32): u32 {
  const phase = load<u32>(advance, ADVANCE_PHASE);
  if (phase == PHASE_LIST) {
    const count = keptListOn(state, most);
    if (count < most) begin(state, advance, PHASE_SORT);
    return count;
  }
  const work = load<u32>(advance, ADVANCE_SORT);
  if (work) {
    if (!sortGoOn(work)) return most;
    store<u32>(advance, 0, ADVANCE_SORT);
  }
  if (phase == PHASE_SORT) {
    partitionsClear(state);
    begin(state, advance, PHASE_PASS);
    return 0;
  }
  const count = keptPass(state, most);
  if (count < most) begin(state, advance, PHASE_RELEASE);
  return count;
}

function goOnWhole(state: usize, advance: usize, most: u32): u32 {
  const phase = load<u32>(advance, ADVANCE_PHASE);
  if (phase == PHASE_JOIN) {
    const count = wholeJoin(state, most);
    if (count < most) begin(state, advance, load<u32>(advance, ADVANCE_FIRST) ? PHASE_FINISH : PHASE_NONE);
    return count;
  }
  if (phase == PHASE_FINISH) {
    const count = wholeFinish(state, most);
    if (count < most) begin(state, advance, PHASE_CLEAR);
    return count;
  }
  const from = load<u32>(advance, ADVANCE_NEXT);
  const end = partitionsClearFrom(state, from, most);
  store<u32>(advance, end, ADVANCE_NEXT);
  if (end == partitionBuckets(state)) begin(state, advance, overHasFailed(state) ? PHASE_NONE : PHASE_JOIN);
  return end - from;
}

function begin(state: usize, advance: usize, phase: u32): void {
  store<u32>(advance, phase, ADVANCE_PHASE);
  store<u32>(advance, 0, ADVANCE_NEXT);
  const isEnd = load<u32>(advance, ADVANCE_IS_END) != 0;
  if (phase == PHASE_LIST) keptBegin(state);
  else if (phase == PHASE_SORT) {
    const items = load<u32>(advance, ADVANCE_ITEMS);
    const count = load<u32>(advance, ADVANCE_ITEM_COUNT);
    store<u32>(advance, <u32>sortBegin(SORT_NUMBERS, state, items, count, 0, 0, KEPT_SLICE), ADVANCE_SORT);
  } else if (phase == PHASE_RELEASE) sorterRelease(state, isEnd ? 0 : advance + ADVANCE_WATERMARK);
  else if (phase == PHASE_NONE && load<u32>(state, OVER_IS_WHOLE) != 0 && !isEnd)
    store<i64>(state, load<i64>(advance, ADVANCE_WATERMARK), OVER_FORWARD);
}
