// The passes of a sort in slices (sort-work.ts) over the items of the range in hand.
import { groupPrefixBits, groupSortShift, PART_LENGTH, PART_NULL, PART_VALUE, sortListItems } from './group-sort-parts';
import { DIGIT_BYTES, sortDigits, sortPlaces } from './sort';
import { orderIsText, orderMovesPrefix, orderStepKeys } from './sort-orders';
import { sortCount, sortDiffering, sortScatter } from './sort-parts';
import { beginRange, beginRuns } from './sort-ranges';
import {
  PHASE_BACK,
  PHASE_COUNT,
  PHASE_DIFFERING,
  PHASE_KEYS,
  PHASE_LIST,
  PHASE_SCATTER,
  PHASE_SHIFT,
  WORK_ALL,
  WORK_ALL_COUNT,
  WORK_AT,
  WORK_COLUMN,
  WORK_COUNT,
  WORK_COUNTERS,
  WORK_DIFFERING,
  WORK_DIGIT,
  WORK_DIGITS,
  WORK_DIGIT_COUNT,
  WORK_HAS_MORE,
  WORK_IS_SHIFTED,
  WORK_ITEMS,
  WORK_LIST,
  WORK_NEXT_COLUMN,
  WORK_NEXT_PART,
  WORK_ORDER,
  WORK_PART,
  WORK_PHASE,
  WORK_SOURCE,
  WORK_SPARE,
  WORK_STATE,
  beginPhase,
} from './sort-work-state';

/** Goes on with a pass over the items, over `most` of them. @returns over how many */
export function sortPass(work: usize, most: u32): u32 {
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
