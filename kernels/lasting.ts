// Changes of rows with event time, as rows that stay: each waits until the watermark has passed its time, and comes out if
// it has not been taken back by then.
//
//   lastingKeep      a batch of changes: rows wait; deletions take them out again
//   lastingRelease   those before a watermark may come out, by time, of equal times as they came
//   lastingWrite     … as batches
//
// A row waits in a table by its values, where its deletion finds it, and in a heap by its time, with a pin for each. A
// deletion that comes before its row is a debt (row-table.ts) and waits likewise: who finds it gone is gone too. A change of
// a row that the watermark has passed is late: it is left out and counted.
import { batchData } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  LASTING_AHEAD,
  LASTING_CHANGES,
  LASTING_HEADER_BYTES,
  LASTING_LATE_COUNT,
  LASTING_LIMIT,
  LASTING_ROW_COUNT,
  LASTING_ROWS,
  LASTING_TIME_COLUMN,
  LASTING_TIME_OFFSET,
  LASTING_USED_BYTES,
  LASTING_WATERMARK_COLUMN,
} from './layout-lasting';
import { ROW_INDEX, ROW_PINS, ROW_YOUNGER } from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { KEEP_ROWS, rowPin, rowsKeep, rowsWrite, rowUnpin } from './row-store';
import {
  rowIsDebt,
  rowTableAdd,
  rowTableDestroy,
  rowTableForget,
  rowTableInit,
  rowTableRemove,
  rowTableTake,
} from './row-table';
import { sortItems } from './sort';
import { HEAP_BYTES, heapCount, heapDestroy, heapInit, heapPop, heapPush, heapTime, heapWhat } from './time-heap';
import { saturatingAdd } from './watermark';

export const LASTING_TABLE: usize = LASTING_HEADER_BYTES; // ROW_TABLE_BYTES of row-table.ts
export const LASTING_HEAP: usize = LASTING_TABLE + 16; // HEAP_BYTES of time-heap.ts
const STATE_FIRST: usize = LASTING_HEAP + <usize>HEAP_BYTES; // u32: rows that may come out, a list by ROW_YOUNGER
const STATE_LAST: usize = STATE_FIRST + 4; // u32
const STATE_LANDED: usize = STATE_FIRST + 8; // u32: rows of the batch written last, a list
/** i64: rows that have come. */
export const LASTING_ARRIVED: usize = STATE_FIRST + 16;

/** Who holds a row that waits: the heap and the table. */
const WAITING_PINS: u32 = 2;

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);
const oneRow: usize = memory.data(4, 16);

/** Completes a LASTING_* block whose header TypeScript has filled; the rest of it is zero. */
export function lastingInit(state: usize): void {
  rowTableInit(state + LASTING_TABLE);
  heapInit(state + LASTING_HEAP);
  store<i64>(state, i64.MIN_VALUE, LASTING_LIMIT);
}

/** Gives back every row and what finds them. */
export function lastingDestroy(state: usize): void {
  land(state);
  unpinList(load<u32>(state, STATE_FIRST));
  const heap = state + LASTING_HEAP;
  for (let i: u32 = 0; i < heapCount(heap); i++) rowUnpin(heapWhat(heap, i));
  heapDestroy(heap);
  rowTableDestroy(state + LASTING_TABLE);
}

function unpinList(first: u32): void {
  for (let row = <usize>first; row; ) {
    const next = <usize>load<u32>(row, ROW_YOUNGER);
    rowUnpin(row);
    row = next;
  }
}

/** Rows that came out were passed on. */
function land(state: usize): void {
  unpinList(load<u32>(state, STATE_LANDED));
  store<u32>(state, 0, STATE_LANDED);
}

@inline
function count(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, LASTING_USED_BYTES) + allocatedBytes() - before, LASTING_USED_BYTES);
  store<u32>(state, heapCount(state + LASTING_HEAP), LASTING_ROW_COUNT);
}

/** Keeps a batch of changes. */
export function lastingKeep(state: usize, batch: usize): void {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const taken = min<u32>(rows - first, KEEP_ROWS);
    const timely = selectTimely(state, batch, first, taken);
    store<f64>(state, load<f64>(state, LASTING_LATE_COUNT) + <f64>(taken - timely), LASTING_LATE_COUNT);
    rowsKeep(state + <usize>LASTING_ROWS, batch, selected, timely, keptRows);
    const changes = batchData(batch, load<u32>(state, LASTING_CHANGES));
    for (let i: usize = 0; i < timely; i++) {
      const row = <usize>load<u32>(keptRows + (i << 2));
      const at = <usize>load<u32>(selected + (i << 2));
      if (load<i32>(changes + (at << 2)) > 0) add(state, row);
      else take(state, row);
    }
  }
  count(state, before);
}

/** Row numbers of the changes that are not late, at `selected`. @returns their count */
function selectTimely(state: usize, batch: usize, first: u32, rows: u32): u32 {
  const timeColumn = load<i32>(state, LASTING_TIME_COLUMN);
  const column = load<i32>(state, LASTING_WATERMARK_COLUMN);
  const times = timeColumn < 0 ? <usize>0 : batchData(batch, timeColumn);
  const watermarks = column < 0 ? <usize>0 : batchData(batch, column);
  const limit = load<i64>(state, LASTING_LIMIT);
  const ahead = min<i64>(0, load<i64>(state, LASTING_AHEAD));
  let timely: u32 = 0;
  for (let row: usize = first; row < <usize>(first + rows); row++) {
    store<u32>(selected + (timely << 2), <u32>row);
    const time = times ? load<i64>(times + (row << 3)) : i64.MAX_VALUE;
    const watermark = watermarks ? saturatingAdd(load<i64>(watermarks + (row << 3)), ahead) : i64.MIN_VALUE;
    if (time >= limit && time >= watermark) timely++;
  }
  return timely;
}

@inline
function timeOf(state: usize, row: usize): i64 {
  const offset = load<u32>(state, LASTING_TIME_OFFSET);
  return offset ? load<i64>(row + offset) : 0;
}

function add(state: usize, row: usize): void {
  if (!rowTableAdd(state + LASTING_TABLE, state + <usize>LASTING_ROWS, row)) {
    rowUnpin(row);
    return;
  }
  const arrived = load<i64>(state, LASTING_ARRIVED);
  store<i64>(state, arrived + 1, LASTING_ARRIVED);
  store<i64>(row, arrived, ROW_INDEX);
  wait(state, row);
}

/** Puts a row of the table, or a debt, into the heap. */
function wait(state: usize, row: usize): void {
  rowPin(row);
  heapPush(state + LASTING_HEAP, timeOf(state, row), row);
}

function take(state: usize, copy: usize): void {
  const row = rowTableTake(state + LASTING_TABLE, state + <usize>LASTING_ROWS, copy);
  if (row) {
    rowUnpin(row);
    rowUnpin(copy);
  } else wait(state, copy);
}

/** Lets rows before a watermark (the address of an i64) come out; 0: all. */
export function lastingRelease(state: usize, cell: usize): void {
  const before = allocatedBytes();
  const heap = state + LASTING_HEAP;
  const limit = cell ? load<i64>(cell) : i64.MAX_VALUE;
  if (!cell || load<u32>(state, LASTING_TIME_OFFSET) != 0) {
    store<i64>(state, max(load<i64>(state, LASTING_LIMIT), limit), LASTING_LIMIT);
    while (heapCount(heap) != 0 && (!cell || heapTime(heap, 0) < limit)) releaseNext(state, heap);
  }
  count(state, before);
}

/** Takes the rows of the least time out of the heap; those that stay go to the list of those that may come out. */
function releaseNext(state: usize, heap: usize): void {
  const time = heapTime(heap, 0);
  const first = <usize>heapWhat(heap, 0);
  heapPop(heap);
  if (!heapCount(heap) || heapTime(heap, 0) != time) {
    if (stays(state, first)) append(state, first);
    return;
  }
  const capacity = heapCount(heap) + 1;
  const items = allocate(capacity << 4);
  const spare = allocate(capacity << 4);
  let length: u32 = 0;
  for (let row = first; row; row = nextAt(heap, time)) {
    if (!stays(state, row)) continue;
    const item = items + ((<usize>length) << 4);
    store<u64>(item, <u64>load<i64>(row, ROW_INDEX));
    store<u64>(item, <u64>row, 8);
    length++;
  }
  sortItems(items, length, spare);
  for (let i: usize = 0; i < length; i++) append(state, <usize>load<u64>(items + (i << 4), 8));
  release(items, capacity << 4);
  release(spare, capacity << 4);
}

@inline
function nextAt(heap: usize, time: i64): usize {
  if (!heapCount(heap) || heapTime(heap, 0) != time) return 0;
  const row = heapWhat(heap, 0);
  heapPop(heap);
  return row;
}

/** Whether a row that the heap has given is to come out; otherwise it is given back. */
function stays(state: usize, row: usize): bool {
  const isInTable = load<u32>(row, ROW_PINS) == WAITING_PINS;
  const isDebt = rowIsDebt(row);
  if (isInTable && isDebt) rowTableForget(state + LASTING_TABLE, state + <usize>LASTING_ROWS, row);
  else if (isInTable) rowTableRemove(state + LASTING_TABLE, state + <usize>LASTING_ROWS, row);
  if (isInTable) rowUnpin(row);
  if (isInTable && !isDebt) return true;
  rowUnpin(row);
  return false;
}

function append(state: usize, row: usize): void {
  const last = <usize>load<u32>(state, STATE_LAST);
  store<u32>(row, 0, ROW_YOUNGER);
  if (last) store<u32>(last, <u32>row, ROW_YOUNGER);
  else store<u32>(state, <u32>row, STATE_FIRST);
  store<u32>(state, <u32>row, STATE_LAST);
}

/** Fills a batch with rows that may come out. @returns their number, 0 when there are no more */
export function lastingWrite(state: usize, out: usize): u32 {
  const before = allocatedBytes();
  const capacity = load<u32>(out, BATCH_CAPACITY);
  land(state);
  const first = load<u32>(state, STATE_FIRST);
  let row = <usize>first;
  let last: usize = 0;
  let rows: u32 = 0;
  for (; row != 0 && rows < capacity; row = <usize>load<u32>(row, ROW_YOUNGER)) {
    store<u32>(oneRow, <u32>row);
    rowsWrite(state + <usize>LASTING_ROWS, oneRow, 1, out, rows);
    last = row;
    rows++;
  }
  store<u32>(out, rows, BATCH_ROW_COUNT);
  if (last) {
    store<u32>(last, 0, ROW_YOUNGER);
    store<u32>(state, first, STATE_LANDED);
    store<u32>(state, <u32>row, STATE_FIRST);
    if (!row) store<u32>(state, 0, STATE_LAST);
  }
  count(state, before);
  return rows;
}
