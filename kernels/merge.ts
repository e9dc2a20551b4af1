// Merging the splits of a source by their progress: the next row is that of the split which is furthest behind.
//
//   key of a split = its own watermark before its next row; the least key goes first, of equal ones the first split
//   combined watermark = the least key of the active splits: what any of them may still give is not older
//
// The keys of a split never fall, and they are those of its rows alone: the order does not depend on how the splits
// were cut into batches. Active splits are in a binary heap. Rows are found as runs of one split first, and copied
// column by column then; a batch that is taken as a whole is not copied.
import {
  BATCH_CAPACITY,
  BATCH_COLUMN_COUNT,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from './layout';
import {
  MERGE_ACTIVE,
  MERGE_COLUMN,
  MERGE_COMBINED,
  MERGE_ENTRIES,
  MERGE_HAS_GAPS,
  MERGE_HEAP,
  MERGE_OUTPUT,
  MERGE_RESULT,
  MERGE_RUN_BYTES,
  MERGE_RUNS,
  MERGE_SIZES,
  MERGE_SPLIT_BATCH,
  MERGE_SPLIT_BYTES,
  MERGE_SPLIT_CELL,
  MERGE_SPLIT_KEY,
  MERGE_SPLIT_KEYS,
  MERGE_SPLIT_ROW,
  MERGE_SPLIT_ROWS,
  MERGE_SPLIT_STATE,
  MERGE_SPLITS,
  PROGRESS_ACTIVE,
  PROGRESS_IDLE,
} from './layout-time';
import { progressRaise } from './progress';

// A run: rows that follow each other in one split.
const RUN_BATCH: usize = 0; // u32
const RUN_ROW: usize = 4; // u32
const RUN_ROWS: usize = 8; // u32

/** Makes all splits active and without rows; their entries name batches and cells. */
export function mergeInit(state: usize): void {
  const count = load<u32>(state, MERGE_SPLITS);
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  for (let split: u32 = 0; split < count; split++) {
    const entry = entryOf(state, split);
    store<i64>(entry, i64.MIN_VALUE, MERGE_SPLIT_KEY);
    store<u32>(entry, 0, MERGE_SPLIT_ROW);
    store<u32>(entry, 0, MERGE_SPLIT_ROWS);
    store<u32>(entry, PROGRESS_ACTIVE, MERGE_SPLIT_STATE);
    store<u32>(heap + ((<usize>split) << 2), split);
  }
  store<u32>(state, count, MERGE_ACTIVE);
  store<u32>(state, 0, MERGE_HAS_GAPS);
  store<i64>(state, i64.MIN_VALUE, MERGE_COMBINED);
}

/** After mergeInit: splits go on where an earlier run was, whose watermarks their cells have. */
export function mergeResume(state: usize): void {
  const count = load<u32>(state, MERGE_SPLITS);
  store<u32>(state, 0, MERGE_ACTIVE);
  for (let split: u32 = 0; split < count; split++) {
    const entry = entryOf(state, split);
    store<i64>(entry, load<i64>(load<u32>(entry, MERGE_SPLIT_CELL)), MERGE_SPLIT_KEY);
    mergeInsert(state, split);
  }
}

/** The active split that is furthest behind, −1 without one. */
export function mergeFirst(state: usize): i32 {
  return load<u32>(state, MERGE_ACTIVE) ? <i32>load<u32>(load<u32>(state, MERGE_HEAP)) : -1;
}

/** A split's decoder has filled its batch. */
export function mergeLoad(state: usize, split: u32): void {
  const entry = entryOf(state, split);
  store<u32>(entry, 0, MERGE_SPLIT_ROW);
  store<u32>(entry, load<u32>(load<u32>(entry, MERGE_SPLIT_BATCH)), MERGE_SPLIT_ROWS);
}

/** Leaves out rows of a split's new batch, which somebody has had: as many of them as it has. @returns how many. */
export function mergeSkip(state: usize, split: u32, rows: u32): u32 {
  const entry = entryOf(state, split);
  const count = min(rows, load<u32>(entry, MERGE_SPLIT_ROWS));
  setRow(entry, count);
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  const active = load<u32>(state, MERGE_ACTIVE);
  // An idle one is in no heap.
  for (let at: u32 = 0; at < active; at++) {
    if (load<u32>(heap + ((<usize>at) << 2)) != split) continue;
    siftDown(state, at);
    break;
  }
  return count;
}

/** Takes the first split out: it is idle, or has finished (PROGRESS_*). */
export function mergeRemove(state: usize, splitState: u32): void {
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  const count = load<u32>(state, MERGE_ACTIVE) - 1;
  store<u32>(entryOf(state, load<u32>(heap)), splitState, MERGE_SPLIT_STATE);
  if (splitState == PROGRESS_IDLE) store<u32>(state, 1, MERGE_HAS_GAPS);
  store<u32>(state, count, MERGE_ACTIVE);
  if (count) {
    store<u32>(heap, load<u32>(heap + ((<usize>count) << 2)));
    siftDown(state, 0);
  }
  combine(state);
}

/** An idle split with a new batch is active again. */
export function mergeInsert(state: usize, split: u32): void {
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  let at = load<u32>(state, MERGE_ACTIVE);
  store<u32>(entryOf(state, split), PROGRESS_ACTIVE, MERGE_SPLIT_STATE);
  store<u32>(state, at + 1, MERGE_ACTIVE);
  while (at) {
    const parent = (at - 1) >> 1;
    const above = load<u32>(heap + ((<usize>parent) << 2));
    if (isBefore(state, above, split)) break;
    store<u32>(heap + ((<usize>at) << 2), above);
    at = parent;
  }
  store<u32>(heap + ((<usize>at) << 2), split);
}

/**
 * Takes rows until the output batch is full or the first split has none left: MERGE_RESULT is the batch that has them.
 * @returns their number; 0 when the first split has to be read.
 */
export function mergeTake(state: usize): u32 {
  const output = <usize>load<u32>(state, MERGE_OUTPUT);
  const capacity = load<u32>(output, BATCH_CAPACITY);
  let runs: u32 = 0;
  let rows: u32 = 0;
  let whole: u32 = 0;
  while (rows < capacity && load<u32>(state, MERGE_ACTIVE)) {
    const entry = entryOf(state, load<u32>(load<u32>(state, MERGE_HEAP)));
    const first = load<u32>(entry, MERGE_SPLIT_ROW);
    const left = load<u32>(entry, MERGE_SPLIT_ROWS) - first;
    if (!left) break;
    const count = runOf(state, entry, min(left, capacity - rows));
    const batch = load<u32>(entry, MERGE_SPLIT_BATCH);
    addRun(state, runs++, batch, first, count);
    rows += count;
    advance(state, entry, first + count);
    if (first == 0 && count == left && runs == 1) {
      whole = batch;
      break;
    }
  }
  if (!whole) gather(state, output, runs, rows);
  store<u32>(state, whole ? whole : <u32>output, MERGE_RESULT);
  if (load<u32>(state, MERGE_HAS_GAPS)) raise(state, rows);
  combine(state);
  return rows;
}

/** Rows, of `most`, that the first split may give before another one is further behind. */
function runOf(state: usize, entry: usize, most: u32): u32 {
  const active = load<u32>(state, MERGE_ACTIVE);
  if (active == 1) return most;
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  let next = load<u32>(heap, 4);
  if (active > 2 && isBefore(state, load<u32>(heap, 8), next)) next = load<u32>(heap, 8);
  const limit = load<i64>(entryOf(state, next), MERGE_SPLIT_KEY);
  // Of equal keys the first split goes first.
  const isFirst = load<u32>(heap) < next;
  const keys = <usize>load<u32>(entry, MERGE_SPLIT_KEYS) + ((<usize>load<u32>(entry, MERGE_SPLIT_ROW)) << 3);
  let count: u32 = 1;
  while (count < most) {
    const key = load<i64>(keys + ((<usize>count) << 3));
    if (key > limit || (key == limit && !isFirst)) break;
    count++;
  }
  return count;
}

/** Moves the first split to its row `row`. */
function advance(state: usize, entry: usize, row: u32): void {
  setRow(entry, row);
  siftDown(state, 0);
}

/** The next row of a split, and its key. */
@inline
function setRow(entry: usize, row: u32): void {
  store<u32>(entry, row, MERGE_SPLIT_ROW);
  const key =
    row < load<u32>(entry, MERGE_SPLIT_ROWS)
      ? load<i64>(<usize>load<u32>(entry, MERGE_SPLIT_KEYS) + ((<usize>row) << 3))
      : load<i64>(load<u32>(entry, MERGE_SPLIT_CELL));
  store<i64>(entry, key, MERGE_SPLIT_KEY);
}

@inline
function dataOf(batch: usize, column: u32): usize {
  return load<u32>(batch + BATCH_COLUMNS + <usize>column * COLUMN_BYTES + COLUMN_DATA);
}

@inline
function entryOf(state: usize, split: u32): usize {
  return <usize>load<u32>(state, MERGE_ENTRIES) + <usize>split * MERGE_SPLIT_BYTES;
}

function isBefore(state: usize, a: u32, b: u32): bool {
  const aKey = load<i64>(entryOf(state, a), MERGE_SPLIT_KEY);
  const bKey = load<i64>(entryOf(state, b), MERGE_SPLIT_KEY);
  return aKey < bKey || (aKey == bKey && a < b);
}

/** Lets the split at a place of the heap sink to where it belongs. */
function siftDown(state: usize, from: u32): void {
  const heap = <usize>load<u32>(state, MERGE_HEAP);
  const count = load<u32>(state, MERGE_ACTIVE);
  const split = load<u32>(heap + ((<usize>from) << 2));
  let at = from;
  while (true) {
    let child = at * 2 + 1;
    if (child >= count) break;
    let below = load<u32>(heap + ((<usize>child) << 2));
    if (child + 1 < count) {
      const right = load<u32>(heap + ((<usize>child + 1) << 2));
      if (isBefore(state, right, below)) {
        below = right;
        child++;
      }
    }
    if (isBefore(state, split, below)) break;
    store<u32>(heap + ((<usize>at) << 2), below);
    at = child;
  }
  store<u32>(heap + ((<usize>at) << 2), split);
}

/** Moves the combined watermark; it never goes back. Without an active split it is that of the foremost idle one. */
function combine(state: usize): void {
  const first = mergeFirst(state);
  let combined = i64.MIN_VALUE;
  if (first >= 0) combined = load<i64>(entryOf(state, <u32>first), MERGE_SPLIT_KEY);
  else {
    const count = load<u32>(state, MERGE_SPLITS);
    for (let split: u32 = 0; split < count; split++) {
      const entry = entryOf(state, split);
      if (load<u32>(entry, MERGE_SPLIT_STATE) != PROGRESS_IDLE) continue;
      combined = max(combined, load<i64>(entry, MERGE_SPLIT_KEY));
    }
  }
  if (combined > load<i64>(state, MERGE_COMBINED)) store<i64>(state, combined, MERGE_COMBINED);
}

function raise(state: usize, rows: u32): void {
  progressRaise(dataOf(load<u32>(state, MERGE_RESULT), load<u32>(state, MERGE_COLUMN)), rows, state + MERGE_COMBINED);
}

function addRun(state: usize, index: u32, batch: u32, row: u32, rows: u32): void {
  const run = <usize>load<u32>(state, MERGE_RUNS) + <usize>index * MERGE_RUN_BYTES;
  store<u32>(run, batch, RUN_BATCH);
  store<u32>(run, row, RUN_ROW);
  store<u32>(run, rows, RUN_ROWS);
}

/** Copies the rows of the runs into the output batch. */
function gather(state: usize, output: usize, runs: u32, rows: u32): void {
  const columns = load<u32>(output, BATCH_COLUMN_COUNT);
  const list = <usize>load<u32>(state, MERGE_RUNS);
  for (let column: u32 = 0; column < columns; column++) {
    const size = load<u32>(<usize>load<u32>(state, MERGE_SIZES) + ((<usize>column) << 2));
    const offset: usize = <usize>BATCH_COLUMNS + <usize>column * <usize>COLUMN_BYTES;
    copyRuns(list, runs, offset + COLUMN_DATA, load<u32>(output + offset, COLUMN_DATA), size);
    const validity = load<u32>(output + offset, COLUMN_VALIDITY);
    if (validity) copyRuns(list, runs, offset + COLUMN_VALIDITY, validity, 1);
  }
  store<u32>(output, rows, BATCH_ROW_COUNT);
}

/** Copies one array of each run's batch, whose address is at `offset` of it, to `to`. */
function copyRuns(list: usize, runs: u32, offset: usize, to: usize, size: u32): void {
  for (let index: u32 = 0; index < runs; index++) {
    const run = list + <usize>index * MERGE_RUN_BYTES;
    const rows = load<u32>(run, RUN_ROWS);
    const from = <usize>load<u32>(<usize>load<u32>(run, RUN_BATCH) + offset) + <usize>load<u32>(run, RUN_ROW) * size;
    if (rows > 1) memory.copy(to, from, <usize>rows * size);
    else if (size == 8) store<u64>(to, load<u64>(from));
    else if (size == 4) store<u32>(to, load<u32>(from));
    else if (size == 1) store<u8>(to, load<u8>(from));
    else memory.copy(to, from, size);
    to += <usize>rows * size;
  }
}
