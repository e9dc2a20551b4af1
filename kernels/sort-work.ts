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
import {
  groupFindRun,
  groupPrefixBits,
  groupSortShift,
  PART_LENGTH,
  PART_NULL,
  PART_VALUE,
  sortListItems,
} from './group-sort-parts';
import { BATCH_CAPACITY } from './layout';
import { allocate, release } from './memory';
import { DIGIT_BYTES, SORT_COUNTERS_BYTES, SORT_DIGITS_BYTES, sortDigits, sortPlaces } from './sort';
import { sortCount, sortDiffering, sortScatter } from './sort-parts';
import {
  orderColumns,
  orderHasNulls,
  orderIsText,
  orderMovesPrefix,
  orderSort,
  orderStepKeys,
} from './sort-orders';

const WORK_ORDER: usize = 0; // u32: SORT_* of sort-orders.ts
const WORK_STATE: usize = 4; // u32: of the operator
const WORK_SLICE: usize = 8; // u32: items
const WORK_PHASE: usize = 12; // u32
const WORK_ALL: usize = 16; // u32: all items
const WORK_ALL_COUNT: usize = 20; // u32
const WORK_SPARE: usize = 24; // u32: room for as many
const WORK_OWNS_SPARE: usize = 28; // u32
const WORK_LIST: usize = 32; // u32: addresses that the items are made of, 0: they are there
const WORK_DEPTH: usize = 36; // u32: ranges that wait for the one in hand
// The range in hand.
const WORK_ITEMS: usize = 40; // u32
const WORK_COUNT: usize = 44; // u32
const WORK_COLUMN: usize = 48; // u32
const WORK_PART: usize = 52; // u32
const WORK_NEXT_COLUMN: usize = 56; // u32: what its runs are sorted by
const WORK_NEXT_PART: usize = 60; // u32
const WORK_AT: usize = 64; // u32: items of the pass that are done
const WORK_HAS_MORE: usize = 68; // u32: strings may have bytes beyond the part
const WORK_DIFFERING: usize = 72; // u64
const WORK_IS_SHIFTED: usize = 80; // u32
const WORK_DIGIT_COUNT: usize = 84; // u32
const WORK_DIGIT: usize = 88; // u32
const WORK_SOURCE: usize = 92; // u32: where the items are
const WORK_RUN: usize = 96; // u32: where the run in hand begins
const WORK_LONGEST: usize = 100; // u32: items of the longest run that is left for last, 0: none
const WORK_LONGEST_COUNT: usize = 104; // u32
const WORK_STACK: usize = 112;
const WORK_DIGITS: usize = WORK_STACK + 32 * 28;
const WORK_COUNTERS: usize = WORK_DIGITS + <usize>SORT_DIGITS_BYTES;
const WORK_BYTES: u32 = 112 + 32 * 28 + SORT_DIGITS_BYTES + SORT_COUNTERS_BYTES;

// A range that waits.
const RANGE_ITEMS: usize = 0; // u32, and so are all
const RANGE_COUNT: usize = 4;
const RANGE_NEXT_COLUMN: usize = 8;
const RANGE_NEXT_PART: usize = 12;
const RANGE_AT: usize = 16;
const RANGE_LONGEST: usize = 20;
const RANGE_LONGEST_COUNT: usize = 24;
const RANGE_BYTES: u32 = 28;

const PHASE_DONE: u32 = 0;
const PHASE_LIST: u32 = 1;
const PHASE_KEYS: u32 = 2;
const PHASE_DIFFERING: u32 = 3;
const PHASE_SHIFT: u32 = 4;
const PHASE_COUNT: u32 = 5;
const PHASE_SCATTER: u32 = 6;
const PHASE_BACK: u32 = 7;
const PHASE_RUNS: u32 = 8;

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
    done += load<u32>(work, WORK_PHASE) == PHASE_RUNS ? scanRuns(work, slice - done) : pass(work, slice - done);
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

/** The range in hand is this one, if there is anything to sort it by. */
function beginRange(work: usize, items: usize, count: u32, column: u32, part: u32): void {
  const order = load<u32>(work, WORK_ORDER);
  const state = <usize>load<u32>(work, WORK_STATE);
  if (column >= orderColumns(order, state)) {
    endRange(work);
    return;
  }
  store<u32>(work, <u32>items, WORK_ITEMS);
  store<u32>(work, count, WORK_COUNT);
  store<u32>(work, column, WORK_COLUMN);
  store<u32>(work, part == PART_NULL && !orderHasNulls(order, state, column) ? PART_VALUE : part, WORK_PART);
  store<u32>(work, 0, WORK_HAS_MORE);
  store<u32>(work, 0, WORK_IS_SHIFTED);
  store<u64>(work, 0, WORK_DIFFERING);
  store<u32>(work, 0, WORK_LONGEST);
  store<u32>(work, 0, WORK_LONGEST_COUNT);
  beginPhase(work, PHASE_KEYS);
}

/** The next range is the one that waits. */
function endRange(work: usize): void {
  const depth = load<u32>(work, WORK_DEPTH);
  if (!depth) {
    beginPhase(work, PHASE_DONE);
    return;
  }
  const range = work + WORK_STACK + (depth - 1) * RANGE_BYTES;
  store<u32>(work, depth - 1, WORK_DEPTH);
  store<u32>(work, load<u32>(range, RANGE_ITEMS), WORK_ITEMS);
  store<u32>(work, load<u32>(range, RANGE_COUNT), WORK_COUNT);
  store<u32>(work, load<u32>(range, RANGE_NEXT_COLUMN), WORK_NEXT_COLUMN);
  store<u32>(work, load<u32>(range, RANGE_NEXT_PART), WORK_NEXT_PART);
  store<u32>(work, load<u32>(range, RANGE_LONGEST), WORK_LONGEST);
  store<u32>(work, load<u32>(range, RANGE_LONGEST_COUNT), WORK_LONGEST_COUNT);
  store<u32>(work, load<u32>(range, RANGE_AT), WORK_AT);
  store<u32>(work, load<u32>(range, RANGE_AT), WORK_RUN);
  store<u32>(work, PHASE_RUNS, WORK_PHASE);
}

/** The range in hand waits until a part of it is sorted. */
function leaveRange(work: usize): void {
  const depth = load<u32>(work, WORK_DEPTH);
  const range = work + WORK_STACK + depth * RANGE_BYTES;
  store<u32>(work, depth + 1, WORK_DEPTH);
  store<u32>(range, load<u32>(work, WORK_ITEMS), RANGE_ITEMS);
  store<u32>(range, load<u32>(work, WORK_COUNT), RANGE_COUNT);
  store<u32>(range, load<u32>(work, WORK_NEXT_COLUMN), RANGE_NEXT_COLUMN);
  store<u32>(range, load<u32>(work, WORK_NEXT_PART), RANGE_NEXT_PART);
  store<u32>(range, load<u32>(work, WORK_LONGEST), RANGE_LONGEST);
  store<u32>(range, load<u32>(work, WORK_LONGEST_COUNT), RANGE_LONGEST_COUNT);
  store<u32>(range, load<u32>(work, WORK_AT), RANGE_AT);
}

function beginPhase(work: usize, phase: u32): void {
  store<u32>(work, phase, WORK_PHASE);
  store<u32>(work, 0, WORK_AT);
}

/** Goes on with a pass over the items, over `most` of them. @returns over how many */
function pass(work: usize, most: u32): u32 {
  const phase = load<u32>(work, WORK_PHASE);
  const count = phase == PHASE_LIST ? load<u32>(work, WORK_ALL_COUNT) : load<u32>(work, WORK_COUNT);
  const from = load<u32>(work, WORK_AT);
  const to = min(from + most, count);
  passPart(work, phase, from, to);
  store<u32>(work, to, WORK_AT);
  if (to == count) endPass(work, phase);
  return to - from;
}

function passPart(work: usize, phase: u32, from: u32, to: u32): void {
  const items = <usize>load<u32>(work, WORK_ITEMS);
  const first = items + ((<usize>from) << 4);
  switch (phase) {
    case PHASE_LIST:
      sortListItems(load<u32>(work, WORK_LIST), load<u32>(work, WORK_ALL), from, to);
      break;
    case PHASE_KEYS:
      setKeys(work, first, to - from);
      break;
    case PHASE_DIFFERING:
      store<u64>(work, load<u64>(work, WORK_DIFFERING) | sortDiffering(items, from, to), WORK_DIFFERING);
      break;
    case PHASE_SHIFT:
      groupSortShift(first, to - from, groupPrefixBits(load<u64>(work, WORK_DIFFERING)));
      break;
    case PHASE_COUNT:
      countDigits(work, items, from, to);
      break;
    case PHASE_SCATTER: {
      const digit = work + WORK_DIGITS + load<u32>(work, WORK_DIGIT) * DIGIT_BYTES;
      const source = <usize>load<u32>(work, WORK_SOURCE);
      sortScatter(source, from, to, load<u32>(digit), load<u32>(digit, 4), load<u32>(digit, 8));
      break;
    }
    default:
      memory.copy(first, <usize>load<u32>(work, WORK_SOURCE) + ((<usize>from) << 4), (<usize>(to - from)) << 4);
  }
}

function setKeys(work: usize, items: usize, count: u32): void {
  const column = load<u32>(work, WORK_COLUMN);
  const state = <usize>load<u32>(work, WORK_STATE);
  if (!orderStepKeys(load<u32>(work, WORK_ORDER), state, column, load<u32>(work, WORK_PART), items, count)) return;
  store<u32>(work, 1, WORK_HAS_MORE);
}

function countDigits(work: usize, items: usize, from: u32, to: u32): void {
  const count = load<u32>(work, WORK_DIGIT_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const digit = work + WORK_DIGITS + index * DIGIT_BYTES;
    sortCount(items, from, to, load<u32>(digit), load<u32>(digit, 4), load<u32>(digit, 8));
  }
}

function endPass(work: usize, phase: u32): void {
  switch (phase) {
    case PHASE_LIST:
      beginRange(work, load<u32>(work, WORK_ALL), load<u32>(work, WORK_ALL_COUNT), 0, PART_NULL);
      break;
    case PHASE_KEYS:
      setNext(work);
      beginPhase(work, PHASE_DIFFERING);
      break;
    case PHASE_DIFFERING:
      endDiffering(work);
      break;
    case PHASE_SHIFT:
      store<u64>(work, 0, WORK_DIFFERING);
      store<u32>(work, 1, WORK_IS_SHIFTED);
      beginPhase(work, PHASE_DIFFERING);
      break;
    case PHASE_COUNT:
      store<u32>(work, load<u32>(work, WORK_ITEMS), WORK_SOURCE);
      beginDigit(work, 0);
      break;
    case PHASE_SCATTER:
      store<u32>(work, <u32>other(work), WORK_SOURCE);
      beginDigit(work, load<u32>(work, WORK_DIGIT) + 1);
      break;
    default:
      beginRuns(work);
  }
}

/** Where the items of the range in hand are not. */
@inline
function other(work: usize): usize {
  const items = load<u32>(work, WORK_ITEMS);
  return load<u32>(work, WORK_SOURCE) == items ? load<u32>(work, WORK_SPARE) : items;
}

/** The step after the one whose sort keys have been set. */
function setNext(work: usize): void {
  const column = load<u32>(work, WORK_COLUMN);
  const part = load<u32>(work, WORK_PART);
  const isText = orderIsText(load<u32>(work, WORK_ORDER), load<u32>(work, WORK_STATE), column);
  const ends = part != PART_NULL && (!isText || part == PART_LENGTH);
  const isShort = part != PART_NULL && !load<u32>(work, WORK_HAS_MORE);
  store<u32>(work, ends ? column + 1 : column, WORK_NEXT_COLUMN);
  store<u32>(work, ends ? PART_NULL : isShort ? PART_LENGTH : part + 1, WORK_NEXT_PART);
}

function endDiffering(work: usize): void {
  const differing = load<u64>(work, WORK_DIFFERING);
  const order = load<u32>(work, WORK_ORDER);
  const isFirst = load<u32>(work, WORK_PART) == PART_VALUE && !load<u32>(work, WORK_IS_SHIFTED);
  const moves = isFirst && orderMovesPrefix(order, load<u32>(work, WORK_STATE), load<u32>(work, WORK_COLUMN));
  if (moves && groupPrefixBits(differing) != 0) {
    beginPhase(work, PHASE_SHIFT);
    return;
  }
  const digits = sortDigits(differing, load<u32>(work, WORK_COUNT), work + WORK_DIGITS, work + WORK_COUNTERS);
  store<u32>(work, digits, WORK_DIGIT_COUNT);
  if (digits) beginPhase(work, PHASE_COUNT);
  else beginRuns(work);
}

/** The items go to their places by this digit, if there is one. */
function beginDigit(work: usize, index: u32): void {
  store<u32>(work, index, WORK_DIGIT);
  if (index < load<u32>(work, WORK_DIGIT_COUNT)) {
    const digit = work + WORK_DIGITS + index * DIGIT_BYTES;
    sortPlaces(load<u32>(digit, 8), load<u32>(digit, 4), other(work));
    beginPhase(work, PHASE_SCATTER);
  } else if (load<u32>(work, WORK_SOURCE) != load<u32>(work, WORK_ITEMS)) beginPhase(work, PHASE_BACK);
  else beginRuns(work);
}

function beginRuns(work: usize): void {
  if (load<u32>(work, WORK_NEXT_COLUMN) >= orderColumns(load<u32>(work, WORK_ORDER), load<u32>(work, WORK_STATE))) {
    endRange(work);
    return;
  }
  beginPhase(work, PHASE_RUNS);
  store<u32>(work, 0, WORK_RUN);
}

@inline
function keyAt(items: usize, index: u32): u64 {
  return load<u64>(items + ((<usize>index) << 4));
}

/** Goes on looking for runs, over about `most` items. @returns over how many */
function scanRuns(work: usize, most: u32): u32 {
  const items = <usize>load<u32>(work, WORK_ITEMS);
  const count = load<u32>(work, WORK_COUNT);
  let at = load<u32>(work, WORK_AT);
  let run = load<u32>(work, WORK_RUN);
  let done: u32 = 0;
  while (at < count && done < most) {
    const from = at;
    if (at == run) {
      const limit = min(at + (most - done), count - 1);
      const found = limit > at ? groupFindRun(items, at, limit) : at;
      // The last item is a run of its own if it belongs to none.
      if (found == limit) at = limit == count - 1 ? count : limit;
      else at = found + 2;
      run = found == limit ? at : found;
    }
    const limit = min(at + (most - done), count);
    if (at > run) while (at < limit && keyAt(items, at) == keyAt(items, run)) at++;
    done += max<u32>(at - from, 1);
    // The run may go on.
    if (at == run || (at == limit && at < count && keyAt(items, at) == keyAt(items, run))) continue;
    const first = items + ((<usize>run) << 4);
    const rows = at - run;
    run = at;
    store<u32>(work, at, WORK_AT);
    store<u32>(work, run, WORK_RUN);
    if (takeRun(work, first, rows)) return done;
    done += rows;
  }
  store<u32>(work, at, WORK_AT);
  store<u32>(work, run, WORK_RUN);
  if (at == count) endRuns(work);
  return max<u32>(done, 1);
}

/** Sorts a run by the next step, or leaves it for last. @returns true when another range is in hand now */
function takeRun(work: usize, items: usize, count: u32): bool {
  const column = load<u32>(work, WORK_NEXT_COLUMN);
  const part = load<u32>(work, WORK_NEXT_PART);
  if (count <= load<u32>(work, WORK_SLICE)) {
    const spare = <usize>load<u32>(work, WORK_SPARE);
    orderSort(load<u32>(work, WORK_ORDER), load<u32>(work, WORK_STATE), items, count, spare, column, part);
    return false;
  }
  const longest = <usize>load<u32>(work, WORK_LONGEST);
  const longestCount = load<u32>(work, WORK_LONGEST_COUNT);
  const isLongest = count > longestCount;
  if (isLongest) {
    store<u32>(work, <u32>items, WORK_LONGEST);
    store<u32>(work, count, WORK_LONGEST_COUNT);
    if (!longest) return false;
  }
  leaveRange(work);
  beginRange(work, isLongest ? longest : items, isLongest ? longestCount : count, column, part);
  return true;
}

/** All runs are sorted but the longest. */
function endRuns(work: usize): void {
  const longest = <usize>load<u32>(work, WORK_LONGEST);
  if (!longest) {
    endRange(work);
    return;
  }
  const count = load<u32>(work, WORK_LONGEST_COUNT);
  beginRange(work, longest, count, load<u32>(work, WORK_NEXT_COLUMN), load<u32>(work, WORK_NEXT_PART));
}
