// What the kernels of a sorter keep for themselves, behind SORTER_HEADER_BYTES of layout-rows.ts: a growing list of
// entries, which are runs (sorter-runs.ts), or the rows to sort at the end (sorter-rest.ts).
import { SORTER_TIME_COLUMN, SORTER_TIME_OFFSET } from './layout-rows';
import { allocate, release } from './memory';

export const SORTER_STATE_LISTS = 80; // u32: runs, or the rows to sort at the end
export const SORTER_STATE_LIST_CAPACITY = 84; // u32, in entries
export const SORTER_STATE_LIST_COUNT = 88; // u32
export const SORTER_STATE_READY = 92; // u32: first of the rows that may come out
export const SORTER_STATE_FLIGHT = 96; // u32: addresses of the rows in the batch emitted last
export const SORTER_STATE_FLIGHT_CAPACITY = 100; // u32
export const SORTER_STATE_FLIGHT_COUNT = 104; // u32
export const SORTER_STATE_LAST_KEPT = 108; // u32: of the first n rows the last, once there were more
export const SORTER_STATE_REST = 112; // u32: what sorts rows (REST_*), 0 before there is anything to sort
export const SORTER_STATE_TAKING = 116; // u32: what takes rows out of runs (TAKING_*), 0 before any were taken

// Rows that are being sorted, or are sorted.
export const REST_PHASE = 0; // u32: PHASE_* of sorter-rest.ts
export const REST_SORT = 4; // u32: the work of the sort, 0 when it is done
export const REST_ITEMS = 8; // u32
export const REST_COUNT = 12; // u32
export const REST_NEXT = 16; // u32: the first of them that is not done with
export const REST_BYTES: u32 = 20;

// A run: rows linked by ROW_NEXT.
export const RUN_HEAD = 0; // u32
export const RUN_TAIL = 4; // u32
export const RUN_TAIL_TIME = 8; // i64
export const RUN_CUT = 16; // u32: what is taken off it
const RUN_BYTES: u32 = 24;
const FIRST_CAPACITY: u32 = 16;

/** Whether rows come out by event time. */
@inline
export function sorterIsTimed(state: usize): bool {
  return load<i32>(state, SORTER_TIME_COLUMN) >= 0;
}

@inline
export function runAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, SORTER_STATE_LISTS) + index * RUN_BYTES;
}

/** Event time of a row. */
@inline
export function runTime(state: usize, row: usize): i64 {
  return load<i64>(row + load<u32>(state, SORTER_TIME_OFFSET));
}

/** Bytes of an entry. */
@inline
export function sorterEntryBytes(state: usize): u32 {
  return sorterIsTimed(state) ? RUN_BYTES : 4;
}

/** Counts `count` entries, of which the last may be new. */
export function sorterMakeRoom(state: usize, count: u32): void {
  const capacity = load<u32>(state, SORTER_STATE_LIST_CAPACITY);
  if (count > capacity) {
    const bytes = sorterEntryBytes(state);
    const lists = allocate(max(capacity << 1, FIRST_CAPACITY) * bytes);
    if (capacity) {
      memory.copy(lists, load<u32>(state, SORTER_STATE_LISTS), capacity * bytes);
      release(load<u32>(state, SORTER_STATE_LISTS), capacity * bytes);
    }
    store<u32>(state, <u32>lists, SORTER_STATE_LISTS);
    store<u32>(state, max(capacity << 1, FIRST_CAPACITY), SORTER_STATE_LIST_CAPACITY);
  }
  store<u32>(state, count, SORTER_STATE_LIST_COUNT);
}
