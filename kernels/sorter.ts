// Keeps rows until their order is known, and gives them out in it.
//
// By event time (SORTER_TIME_COLUMN): rows come out when the watermark has passed them. They are kept in sorted runs
// ("impatience sort", Chandramouli and Goldstein 2014): a row goes to the end of the first run whose last row is not
// after it; the last rows of the runs descend. Ordered input is one run, and disorder makes few. A release cuts the head
// of each run and merges the cuts; equal rows lie in runs by arrival, so that merging keeps it.
//
// Otherwise rows are sorted when the input ends. If only the first n may come out, the others are thrown away as soon
// as there are twice as many.
//
//   sorterProcess   a batch: keep its rows, drop those that are late
//   sorterRelease   rows before a watermark, or all, are to come out
//   sorterGoOn      puts them in order, a slice of them in each call, until they are ready
//   sorterEmit      the next of the ready rows; they live until its next call
//
// State: SORTER_* of layout-rows.ts. Rows of a list are linked by ROW_NEXT.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  ROW_NEXT,
  SORTER_AHEAD,
  SORTER_ARRIVAL_OFFSET,
  SORTER_ARRIVED,
  SORTER_LATE_COUNT,
  SORTER_SKIP,
  SORTER_TAKE,
  SORTER_TIME_COLUMN,
  SORTER_USED_BYTES,
  SORTER_WATERMARK_COLUMN,
} from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { KEEP_ROWS, rowUnpin, rowsKeep, rowsWrite } from './row-store';
import { sortSlice } from './sort-work';
import { restAdd, restDestroy, restNext, restRelease, restSelect } from './sorter-rest';
import { runsAdd } from './sorter-runs';
import {
  SORTER_STATE_FLIGHT,
  SORTER_STATE_FLIGHT_CAPACITY,
  SORTER_STATE_FLIGHT_COUNT,
  SORTER_STATE_LISTS,
  SORTER_STATE_LIST_CAPACITY,
  SORTER_STATE_READY,
  sorterEntryBytes,
  sorterIsTimed,
} from './sorter-state';
import { runsAreTaking, runsBeginTaking, runsTake, runsTakeAll, runsTaken, takingDestroy } from './sorter-taking';
import { saturatingAdd } from './watermark';

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);

/** Adds a batch. */
export function sorterProcess(state: usize, batch: usize): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const before = allocatedBytes();
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const count = selectTimely(state, batch, first, min<u32>(rows - first, KEEP_ROWS));
    rowsKeep(state, batch, selected, count, keptRows);
    if (load<u32>(state, SORTER_ARRIVAL_OFFSET)) numberRows(state, count);
    for (let i: usize = 0; i < count; i++) {
      const row = <usize>load<u32>(keptRows + (i << 2));
      if (sorterIsTimed(state)) runsAdd(state, row);
      else restAdd(state, row);
    }
    if (!sorterIsTimed(state)) restSelect(state, count, sortSlice(batch));
  }
  addUsed(state, before);
}

/** Writes into the rows kept last which of all rows they are. */
function numberRows(state: usize, count: u32): void {
  const offset = load<u32>(state, SORTER_ARRIVAL_OFFSET);
  const first = load<i64>(state, SORTER_ARRIVED);
  for (let i: usize = 0; i < count; i++) store<i64>(<usize>load<u32>(keptRows + (i << 2)) + offset, first + <i64>i);
  store<i64>(state, first + <i64>count, SORTER_ARRIVED);
}

/** Row numbers of the rows that are not late, at `selected`. @returns their count */
function selectTimely(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const column = load<i32>(state, SORTER_WATERMARK_COLUMN);
  if (column < 0) {
    for (let i: u32 = 0; i < rows; i++) store<u32>(selected + (i << 2), first + i);
    return rows;
  }
  const watermarks = batchData(batch, column);
  const times = batchData(batch, load<i32>(state, SORTER_TIME_COLUMN));
  let count: u32 = 0;
  for (let row: usize = first; row < <usize>(first + rows); row++) {
    store<u32>(selected + (count << 2), <u32>row);
    if (load<i64>(times + (row << 3)) >= load<i64>(watermarks + (row << 3))) count++;
  }
  store<f64>(state, load<f64>(state, SORTER_LATE_COUNT) + <f64>(rows - count), SORTER_LATE_COUNT);
  return count;
}

const ALL: u32 = 0xffffffff;

/** Lets rows come out: those that the watermark at `cell` has passed, or all if it is 0. The last have all been emitted. */
export function sorterRelease(state: usize, cell: usize): void {
  const before = allocatedBytes();
  if (sorterIsTimed(state)) runsBeginTaking(state, latestOf(state, cell));
  addUsed(state, before);
}

/** Event time of the last row that the watermark at `cell` has passed. */
function latestOf(state: usize, cell: usize): i64 {
  return cell ? saturatingAdd(load<i64>(cell), load<i64>(state, SORTER_AHEAD) - 1) : i64.MAX_VALUE;
}

/** After sorterRelease, of a sorter by event time or of all rows: goes over so many of them. @returns 1 when they are ready */
export function sorterGoOn(state: usize, slice: u32): u32 {
  const before = allocatedBytes();
  let isReady = false;
  if (!sorterIsTimed(state)) isReady = restRelease(state, slice);
  else if (runsTake(state, slice)) {
    store<u32>(state, runsTaken(state), SORTER_STATE_READY);
    isReady = true;
  }
  addUsed(state, before);
  return u32(isReady);
}

/** Of a sorter by event time: the rows that the watermark at `cell` has passed, or all if it is 0, as a list; 0: none. */
export function sorterTake(state: usize, cell: usize): u32 {
  return runsTakeAll(state, latestOf(state, cell));
}

/** Fills `batch` with the next ready rows. @returns their number, 0 when there are no more. */
export function sorterEmit(state: usize, batch: usize): u32 {
  const before = allocatedBytes();
  landFlight(state);
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  if (load<u32>(state, SORTER_STATE_FLIGHT_CAPACITY) < capacity) {
    releaseFlight(state);
    store<u32>(state, <u32>allocate(capacity << 2), SORTER_STATE_FLIGHT);
    store<u32>(state, capacity, SORTER_STATE_FLIGHT_CAPACITY);
  }
  const flight = <usize>load<u32>(state, SORTER_STATE_FLIGHT);
  let count: u32 = 0;
  while (count < capacity) {
    const row = sorterNext(state);
    if (!row) break;
    if (passes(state)) {
      store<u32>(flight + ((<usize>count) << 2), row);
      count++;
    } else rowUnpin(row);
  }
  store<u32>(state, count, SORTER_STATE_FLIGHT_COUNT);
  rowsWrite(state, flight, count, batch, 0);
  store<u32>(batch, count, BATCH_ROW_COUNT);
  addUsed(state, before);
  return count;
}

/** Takes the next of the ready rows; 0: there is none. */
@inline
export function sorterNext(state: usize): u32 {
  if (!sorterIsTimed(state)) return restNext(state);
  const row = load<u32>(state, SORTER_STATE_READY);
  if (row) store<u32>(state, load<u32>(row, ROW_NEXT), SORTER_STATE_READY);
  return row;
}

/** Whether OFFSET and LIMIT let the next row out. */
function passes(state: usize): bool {
  const skip = load<u32>(state, SORTER_SKIP);
  if (skip) {
    store<u32>(state, skip - 1, SORTER_SKIP);
    return false;
  }
  const take = load<u32>(state, SORTER_TAKE);
  if (take == ALL) return true;
  if (take == 0) return false;
  store<u32>(state, take - 1, SORTER_TAKE);
  return true;
}

/** Gives back the rows of the batch emitted last. */
function landFlight(state: usize): void {
  const flight = <usize>load<u32>(state, SORTER_STATE_FLIGHT);
  const count = load<u32>(state, SORTER_STATE_FLIGHT_COUNT);
  for (let i: usize = 0; i < count; i++) rowUnpin(load<u32>(flight + (i << 2)));
  store<u32>(state, 0, SORTER_STATE_FLIGHT_COUNT);
}

function releaseFlight(state: usize): void {
  const capacity = load<u32>(state, SORTER_STATE_FLIGHT_CAPACITY);
  if (capacity) release(load<u32>(state, SORTER_STATE_FLIGHT), capacity << 2);
}

/** Gives back every row and what finds them. */
export function sorterDestroy(state: usize): void {
  landFlight(state);
  releaseFlight(state);
  if (sorterIsTimed(state)) {
    releaseList(load<u32>(state, SORTER_STATE_READY));
    if (runsAreTaking(state)) {
      runsTake(state, ALL);
      releaseList(runsTaken(state));
    }
    releaseList(sorterTake(state, 0));
    takingDestroy(state);
  } else restDestroy(state);
  const capacity = load<u32>(state, SORTER_STATE_LIST_CAPACITY);
  if (capacity) release(load<u32>(state, SORTER_STATE_LISTS), capacity * sorterEntryBytes(state));
}

function releaseList(row: u32): void {
  while (row) {
    const next = load<u32>(row, ROW_NEXT);
    rowUnpin(row);
    row = next;
  }
}

/** Counts what was allocated and released since `before` as the operator's. */
function addUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
}
