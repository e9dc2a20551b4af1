// A sort that is done in slices: it stops between any two of them, and goes on where it was.
//
// The multikey sort of group-sort.ts and row-order.ts, taken apart. A range of items goes through phases, each a pass over
// its items; a slice is so many items of a pass:
//
//   LIST       items are made of a list of addresses
//   KEYS       every item gets the 8 bytes of a step (column, part) as its sort key
//   DIFFERING  bits in which sort keys differ; SHIFT moves those of strings on that all begin alike
//   COUNT, SCATTER, BACK   radix sort (sort.ts): values of digits are counted, items moved to their places
//   RUNS       runs of equal sort keys go one step further: those that a slice can hold at once, longer ones as ranges of
//              their own, the longest of them last, in place of the range they are in
//
// So what lies behind a range that is sorted first is at most half of it, and a stack of 32 places is enough. What the
// passes know is kept in the work and not in static tables: between two slices something else may be sorted.
import { PART_NULL, sortListItems } from './group-sort-parts';
import { BATCH_CAPACITY } from './layout';
import { allocate, release } from './memory';
import { orderSort } from './sort-orders';
import { sortPass } from './sort-passes';
import { beginRange, scanRuns } from './sort-ranges';
import {
  PHASE_DONE,
  PHASE_LIST,
  PHASE_RUNS,
  WORK_ALL,
  WORK_ALL_COUNT,
  WORK_BYTES,
  WORK_LIST,
  WORK_ORDER,
  WORK_OWNS_SPARE,
  WORK_PHASE,
  WORK_SLICE,
  WORK_SPARE,
  WORK_STACK,
  WORK_STATE,
} from './sort-work-state';

/** Items of a slice of a sort whose batches are like this one: twice its rows, some 10 µs of a pass. */
@inline
export function sortSlice(batch: usize): u32 {
  return load<u32>(batch, BATCH_CAPACITY) << 1;
}

/**
 * Begins to sort items that are there, or are made of `list` (u32 addresses, 0: they are there), in slices of so many.
 * `spare` has room for as many items; 0: there is none. @returns the work, 0 when there was so little that it is done
 */
export function sortBegin(
  order: u32,
  state: usize,
  items: usize,
  count: u32,
  spare: usize,
  list: usize,
  slice: u32,
): usize {
  const ownsSpare = spare == 0 && count > 1;
  const room = ownsSpare ? allocate(count << 4) : spare;
  if (count <= slice) {
    if (list) sortListItems(list, items, 0, count);
    if (count > 1) orderSort(order, state, items, count, room, 0, PART_NULL);
    if (ownsSpare) release(room, count << 4);
    return 0;
  }
  const work = allocate(WORK_BYTES);
  memory.fill(work, 0, WORK_STACK);
  store<u32>(work, order, WORK_ORDER);
  store<u32>(work, <u32>state, WORK_STATE);
  store<u32>(work, slice, WORK_SLICE);
  store<u32>(work, <u32>items, WORK_ALL);
  store<u32>(work, count, WORK_ALL_COUNT);
  store<u32>(work, <u32>room, WORK_SPARE);
  store<u32>(work, u32(ownsSpare), WORK_OWNS_SPARE);
  store<u32>(work, <u32>list, WORK_LIST);
  if (list) store<u32>(work, PHASE_LIST, WORK_PHASE);
  else beginRange(work, items, count, 0, PART_NULL);
  return work;
}

/** Goes on. @returns whether it is done: then there is no work any more */
export function sortGoOn(work: usize): bool {
  const slice = load<u32>(work, WORK_SLICE);
  let done: u32 = 0;
  while (done < slice && load<u32>(work, WORK_PHASE) != PHASE_DONE) {
    done += load<u32>(work, WORK_PHASE) == PHASE_RUNS ? scanRuns(work, slice - done) : sortPass(work, slice - done);
  }
  if (load<u32>(work, WORK_PHASE) != PHASE_DONE) return false;
  sortGiveUp(work);
  return true;
}

/** Ends it where it is; the items are all there, in no order. */
export function sortGiveUp(work: usize): void {
  const count = load<u32>(work, WORK_ALL_COUNT);
  if (load<u32>(work, WORK_OWNS_SPARE)) release(load<u32>(work, WORK_SPARE), count << 4);
  release(work, WORK_BYTES);
}
