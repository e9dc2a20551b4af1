// The order in which sessions come out: by last row, which is by end; of equal ends by start, then by key.
import { groupSort } from './group-sort';
import { sessionLast, sessionStart } from './session';
import { sortItems } from './sort';

const SIGN: u64 = 0x8000000000000000;
/** Columns before those of the key. */
export const SESSION_COLUMNS: u32 = 2;
const COLUMN_LAST: u32 = 0;

/** Sets the sort keys of one of these columns. */
export function sessionStepKeys(items: usize, count: u32, column: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const item = items + (i << 4);
    const session = <usize>load<u32>(item, 8);
    store<u64>(item, <u64>(column == COLUMN_LAST ? sessionLast(session) : sessionStart(session)) ^ SIGN);
  }
}

/** Sorts sessions that are equal in the columns before. `spare` has room for as many items. */
export function sessionSortFrom(state: usize, items: usize, count: u32, spare: usize, column: u32): void {
  sessionStepKeys(items, count, column);
  sortItems(items, count, spare);
  let from: u32 = 0;
  for (let i: u32 = 1; i <= count; i++) {
    // Sorting by what comes next overwrites sort keys: those of this run only.
    if (i < count && keyAt(items, i) == keyAt(items, from)) continue;
    const run = items + ((<usize>from) << 4);
    if (i - from > 1) {
      if (column == COLUMN_LAST) sessionSortFrom(state, run, i - from, spare, column + 1);
      else groupSort(state, run, i - from, spare);
    }
    from = i;
  }
}

@inline
function keyAt(items: usize, index: u32): u64 {
  return load<u64>(items + ((<usize>index) << 4));
}
