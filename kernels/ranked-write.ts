// What a step has changed of the places of a partition (ranked.ts), as changes.
import { batchData } from './group-key';
import { BATCH_ROW_COUNT } from './layout';
import {
  RANKED_CHANGES_OUT,
  RANKED_DENSE_RANK,
  RANKED_RANK,
  RANKED_RESULT_COUNT,
  RANKED_RESULTS,
} from './layout-ranked';
import { ROWS_FIELD_COUNT } from './layout-rows';
import {
  ENTRY_BYTES,
  ENTRY_DENSE,
  ENTRY_RANK,
  ENTRY_ROW,
  RANKED_AFTER,
  RANKED_AFTER_COUNT,
  RANKED_BEFORE,
  RANKED_BEFORE_COUNT,
  RANKED_CURSOR,
  RANKED_FIRST,
  RANKED_IS_BACKWARD,
  RANKED_PAIR,
} from './ranked-state';
import { rowsWrite } from './row-store';
import { rowsEqual } from './row-equal';

const PAIR_END: i32 = 0x40000000;
const keptRow: usize = memory.data(4, 16);

/** Writes on. @returns whether all of the step is written, and there is room for an update more */
export function rankedWrite(state: usize, out: usize, capacity: u32): bool {
  const before = load<u32>(state, RANKED_BEFORE_COUNT);
  const after = load<u32>(state, RANKED_AFTER_COUNT);
  const places = max(before, after);
  const isBackward = load<u32>(state, RANKED_IS_BACKWARD) != 0;
  let cursor = load<u32>(state, RANKED_CURSOR);
  while (cursor < places && load<u32>(out, BATCH_ROW_COUNT) + 2 <= capacity) {
    const place = isBackward ? places - 1 - cursor : cursor;
    const old = place < before ? <usize>load<u32>(state, RANKED_BEFORE) + place * ENTRY_BYTES : 0;
    const made = place < after ? <usize>load<u32>(state, RANKED_AFTER) + place * ENTRY_BYTES : 0;
    const number = load<u32>(state, RANKED_FIRST) + place + 1;
    if (!old) write(state, out, made, number, 1);
    else if (!made) write(state, out, old, number, -1);
    else if (differs(state, old, made)) {
      const pair = load<i32>(state, RANKED_PAIR) + 1;
      // 1 is an insertion.
      store<i32>(state, pair < PAIR_END ? pair : 1, RANKED_PAIR);
      write(state, out, old, number, -1 - pair);
      write(state, out, made, number, pair + 1);
    }
    cursor++;
  }
  store<u32>(state, cursor, RANKED_CURSOR);
  if (cursor < places) return false;
  store<u32>(state, 0, RANKED_BEFORE_COUNT);
  store<u32>(state, 0, RANKED_AFTER_COUNT);
  store<u32>(state, 0, RANKED_CURSOR);
  return load<u32>(out, BATCH_ROW_COUNT) + 2 <= capacity;
}

/** Whether two rows at one place are not the same, or one of the numbers that are asked for. */
function differs(state: usize, old: usize, made: usize): bool {
  const count = load<u32>(state, RANKED_RESULT_COUNT);
  const results = <usize>load<u32>(state, RANKED_RESULTS);
  for (let i: usize = 0; i < count; i++) {
    const what = load<u32>(results + (i << 2));
    if (what == RANKED_RANK && load<u32>(old, ENTRY_RANK) != load<u32>(made, ENTRY_RANK)) return true;
    if (what == RANKED_DENSE_RANK && load<u32>(old, ENTRY_DENSE) != load<u32>(made, ENTRY_DENSE)) return true;
  }
  const a = <usize>load<u32>(old, ENTRY_ROW);
  const b = <usize>load<u32>(made, ENTRY_ROW);
  return a != b && !rowsEqual(state, a, b);
}

function write(state: usize, out: usize, entry: usize, number: u32, change: i32): void {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  store<u32>(keptRow, load<u32>(entry, ENTRY_ROW));
  rowsWrite(state, keptRow, 1, out, to);
  const count = load<u32>(state, RANKED_RESULT_COUNT);
  const results = <usize>load<u32>(state, RANKED_RESULTS);
  const first = load<u32>(state, ROWS_FIELD_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const what = load<u32>(results + ((<usize>i) << 2));
    const value =
      what == RANKED_RANK
        ? load<u32>(entry, ENTRY_RANK)
        : what == RANKED_DENSE_RANK
          ? load<u32>(entry, ENTRY_DENSE)
          : number;
    store<i64>(batchData(out, first + i) + ((<usize>to) << 3), <i64>value);
  }
  store<i32>(batchData(out, load<u32>(state, RANKED_CHANGES_OUT)) + ((<usize>to) << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
}
