// The rows of a sorter by event time, in sorted runs: see sorter.ts. Rows of a run are linked by ROW_NEXT.
import { ROW_NEXT, SORTER_KEYS, SORTER_KEY_COUNT } from './layout-rows';
import { rowCompare } from './row-order';
import {
  RUN_HEAD,
  RUN_TAIL,
  RUN_TAIL_TIME,
  runAt,
  runTime,
  SORTER_STATE_LIST_COUNT,
  sorterMakeRoom,
} from './sorter-state';
import { runsTakeAll } from './sorter-taking';

/** Whether the last row of a run is not after a row. */
@inline
function mayFollow(state: usize, run: usize, row: usize, time: i64): bool {
  const tail = load<i64>(run, RUN_TAIL_TIME);
  if (tail != time) return tail < time;
  // Of equal rows the later one follows.
  if (load<u32>(state, SORTER_KEY_COUNT) == 1) return true;
  return (
    rowCompare(load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), load<u32>(run, RUN_TAIL), row) <= 0
  );
}

/** The first row of a run. */
@inline
export function runFirst(state: usize, index: u32): usize {
  return load<u32>(runAt(state, index), RUN_HEAD);
}

/** Puts a row behind those of a run, which is there or the one behind the last. */
export function runPut(state: usize, index: u32, row: usize): void {
  if (index == load<u32>(state, SORTER_STATE_LIST_COUNT)) {
    sorterMakeRoom(state, index + 1);
    store<u32>(runAt(state, index), <u32>row, RUN_HEAD);
  } else store<u32>(load<u32>(runAt(state, index), RUN_TAIL), <u32>row, ROW_NEXT);
  store<u32>(runAt(state, index), <u32>row, RUN_TAIL);
  store<i64>(runAt(state, index), runTime(state, row), RUN_TAIL_TIME);
}

/** Makes one run of all, of whose equal rows those of earlier runs come first. */
export function runsJoin(state: usize): void {
  let row = <usize>runsTakeAll(state, i64.MAX_VALUE);
  while (row) {
    const next = load<u32>(row, ROW_NEXT);
    store<u32>(row, 0, ROW_NEXT);
    runPut(state, 0, row);
    row = next;
  }
}

/** Adds a row to a run. */
export function runsAdd(state: usize, row: usize): void {
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  const time = runTime(state, row);
  let low: u32 = 0;
  let high = count;
  if (count != 0 && mayFollow(state, runAt(state, 0), row, time)) high = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (mayFollow(state, runAt(state, middle), row, time)) high = middle;
    else low = middle + 1;
  }
  runPut(state, low, row);
}
