// The ranges of a sort in slices (sort-work.ts): which is in hand, which wait for it, and the runs of equal sort keys that
// a range falls into.
import { groupFindRun, PART_NULL, PART_VALUE } from './group-sort-parts';
import { orderColumns, orderHasNulls, orderSort } from './sort-orders';
import {
  PHASE_DONE,
  PHASE_KEYS,
  PHASE_RUNS,
  RANGE_AT,
  RANGE_BYTES,
  RANGE_COUNT,
  RANGE_ITEMS,
  RANGE_LONGEST,
  RANGE_LONGEST_COUNT,
  RANGE_NEXT_COLUMN,
  RANGE_NEXT_PART,
  WORK_AT,
  WORK_COLUMN,
  WORK_COUNT,
  WORK_DEPTH,
  WORK_DIFFERING,
  WORK_HAS_MORE,
  WORK_IS_SHIFTED,
  WORK_ITEMS,
  WORK_LONGEST,
  WORK_LONGEST_COUNT,
  WORK_NEXT_COLUMN,
  WORK_NEXT_PART,
  WORK_ORDER,
  WORK_PART,
  WORK_PHASE,
  WORK_RUN,
  WORK_SLICE,
  WORK_SPARE,
  WORK_STACK,
  WORK_STATE,
  beginPhase,
} from './sort-work-state';

/** The range in hand is this one, if there is anything to sort it by. */
export function beginRange(work: usize, items: usize, count: u32, column: u32, part: u32): void {
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

/** The items are in order by their sort keys: what comes next is by runs of equal ones. */
export function beginRuns(work: usize): void {
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
export function scanRuns(work: usize, most: u32): u32 {
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
