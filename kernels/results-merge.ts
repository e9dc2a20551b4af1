// Merges sorted batches of what several cores have aggregated: rows of distinct keys, each batch in the order of them.
//
// With images of states, each group's are merged into the image of the first input that has it, and results are made of
// that. The rows of a group are at the heads of their inputs together: each input has a group once, in the same order.
//
// Values in order: false before true, numbers by value with NaN greatest, strings by bytes; as group-sort.ts, and
// row-order.ts where keys descend or have NULL first.
import { mergeStates } from './aggregate-merge';
import { writeResults } from './aggregate-result';
import { bytesCompare } from './hash';
import {
  BATCH_CAPACITY,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  PHYSICAL_F64,
  PHYSICAL_I32,
  PHYSICAL_I64,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from './layout';
import { AGGREGATE_IMAGE_OFFSET } from './layout-aggregate';
import {
  RESULTS_AGGREGATE,
  RESULTS_CHANGES,
  RESULTS_COLUMN_COUNT,
  RESULTS_COLUMNS,
  RESULTS_FAILED_CALL,
  RESULTS_INPUT_BATCH,
  RESULTS_INPUT_BYTES,
  RESULTS_INPUT_COUNT,
  RESULTS_INPUT_IS_OPEN,
  RESULTS_INPUT_ROW,
  RESULTS_INPUT_ROWS,
  RESULTS_DESCENDING,
  RESULTS_INPUTS,
  RESULTS_ITEMS,
  RESULTS_KEY_BYTES,
  RESULTS_KEY_COLUMN,
  RESULTS_KEY_COUNT,
  RESULTS_KEY_FLAGS,
  RESULTS_KEY_PHYSICAL,
  RESULTS_NULLS_FIRST,
  RESULTS_KEYS,
  RESULTS_RUNS,
  RESULTS_SOURCES,
  RESULTS_TARGETS,
} from './layout-results';

/**
 * Fills `output` with the next rows, which refer to what those of the inputs refer to; ends when it is full, or when a
 * batch is used up that more may come behind. @returns the rows.
 */
export function resultsMerge(state: usize, output: usize): u32 {
  const capacity = load<u32>(output, BATCH_CAPACITY);
  const runs = <usize>load<u32>(state, RESULTS_RUNS);
  let rows: u32 = 0;
  while (rows < capacity) {
    const first = firstInput(state);
    if (!first) break;
    const row = load<u32>(first, RESULTS_INPUT_ROW);
    const run = runs + ((<usize>rows) << 3);
    store<u32>(run, load<u32>(first, RESULTS_INPUT_BATCH));
    store<u32>(run, row, 4);
    store<u32>(first, row + 1, RESULTS_INPUT_ROW);
    rows++;
    if (rows == capacity && beginsUpdate(state, first, row)) {
      store<u32>(first, row, RESULTS_INPUT_ROW);
      rows--;
      break;
    }
  }
  gather(state, output, rows);
  numberUpdates(state, output, rows);
  store<u32>(output, rows, BATCH_ROW_COUNT);
  return rows;
}

/** Whether a row is the first half of an update, whose second is never in another batch. */
function beginsUpdate(state: usize, input: usize, row: u32): bool {
  const column = load<u32>(state, RESULTS_CHANGES);
  if (!column || row + 1 >= load<u32>(input, RESULTS_INPUT_ROWS)) return false;
  const changes = <usize>load<u32>(columnOf(load<u32>(input, RESULTS_INPUT_BATCH), column - 1), COLUMN_DATA);
  const change = load<i32>(changes + ((<usize>row) << 2));
  return change < -1 && load<i32>(changes + ((<usize>row) << 2), 4) == -change;
}

/** Updates of several inputs may have the same number: they get others, and half an update is none. */
function numberUpdates(state: usize, output: usize, rows: u32): void {
  const column = load<u32>(state, RESULTS_CHANGES);
  if (!column) return;
  const changes = <usize>load<u32>(columnOf(output, column - 1), COLUMN_DATA);
  for (let i: u32 = 0; i < rows; i++) {
    const at = changes + ((<usize>i) << 2);
    const change = load<i32>(at);
    if (change < -1 && i + 1 < rows && load<i32>(at, 4) == -change) {
      store<i32>(at, -(<i32>(i + 2)));
      store<i32>(at, <i32>(i + 2), 4);
      i++;
    } else if (change < -1 || change > 1) store<i32>(at, change < 0 ? -1 : 1);
  }
}

/**
 * The same where the inputs have images of states in the column behind those of the keys and the window: rows with
 * equal keys become one. A result out of range ends the batch before its row, and sets RESULTS_FAILED_CALL.
 */
export function resultsCombine(state: usize, output: usize): u32 {
  const capacity = load<u32>(output, BATCH_CAPACITY);
  const runs = <usize>load<u32>(state, RESULTS_RUNS);
  const aggregate = <usize>load<u32>(state, RESULTS_AGGREGATE);
  const items = <usize>load<u32>(state, RESULTS_ITEMS);
  let rows: u32 = 0;
  let merged: u32 = 0;
  while (rows < capacity) {
    const first = firstInput(state);
    if (!first) break;
    const entry = entryOf(state, first);
    merged = takeEqual(state, first, entry, merged);
    const row = load<u32>(first, RESULTS_INPUT_ROW);
    const run = runs + ((<usize>rows) << 3);
    store<u32>(run, load<u32>(first, RESULTS_INPUT_BATCH));
    store<u32>(run, row, 4);
    store<u32>(items + ((<usize>rows) << 4), entry, 8);
    store<u32>(first, row + 1, RESULTS_INPUT_ROW);
    rows++;
  }
  mergeStates(aggregate, load<u32>(state, RESULTS_SOURCES), load<u32>(state, RESULTS_TARGETS), merged, 0);
  gather(state, output, rows);
  const failure = writeResults(aggregate, items, rows, output, 0);
  if (failure >= 0) {
    store<u32>(state, <u32>failure, RESULTS_FAILED_CALL);
    rows = <u32>(failure >> 32);
  }
  store<u32>(output, rows, BATCH_ROW_COUNT);
  return rows;
}

/** The entry in which the states of an input's next row would be. */
function entryOf(state: usize, input: usize): u32 {
  const column = columnOf(load<u32>(input, RESULTS_INPUT_BATCH), load<u32>(state, RESULTS_COLUMN_COUNT));
  const data = <usize>load<u32>(column, COLUMN_DATA);
  const image = load<u32>(data + ((<usize>load<u32>(input, RESULTS_INPUT_ROW)) << 3));
  return image - load<u32>(load<u32>(state, RESULTS_AGGREGATE), AGGREGATE_IMAGE_OFFSET);
}

/** Takes the rows of the same group from the other inputs, to be merged into `entry`. @returns how many are to be. */
function takeEqual(state: usize, first: usize, entry: u32, merged: u32): u32 {
  const inputs = <usize>load<u32>(state, RESULTS_INPUTS);
  const count = load<u32>(state, RESULTS_INPUT_COUNT);
  for (let i: usize = 0; i < count; i++) {
    const input = inputs + i * RESULTS_INPUT_BYTES;
    const row = load<u32>(input, RESULTS_INPUT_ROW);
    if (input == first || row >= load<u32>(input, RESULTS_INPUT_ROWS)) continue;
    if (compare(state, input, first) != 0) continue;
    store<u32>(<usize>load<u32>(state, RESULTS_SOURCES) + (merged << 2), entryOf(state, input));
    store<u32>(<usize>load<u32>(state, RESULTS_TARGETS) + (merged << 2), entry);
    store<u32>(input, row + 1, RESULTS_INPUT_ROW);
    merged++;
  }
  return merged;
}

/** The input whose next row is the first of all; 0 when an open one has no more, or none has. */
function firstInput(state: usize): usize {
  const inputs = <usize>load<u32>(state, RESULTS_INPUTS);
  const count = load<u32>(state, RESULTS_INPUT_COUNT);
  let first: usize = 0;
  for (let i: usize = 0; i < count; i++) {
    const input = inputs + i * RESULTS_INPUT_BYTES;
    if (load<u32>(input, RESULTS_INPUT_ROW) >= load<u32>(input, RESULTS_INPUT_ROWS)) {
      if (load<u32>(input, RESULTS_INPUT_IS_OPEN)) return 0;
      continue;
    }
    if (!first || compare(state, input, first) < 0) first = input;
  }
  return first;
}

@inline
function columnOf(batch: usize, column: u32): usize {
  return batch + BATCH_COLUMNS + <usize>column * COLUMN_BYTES;
}

function compare(state: usize, a: usize, b: usize): i32 {
  const keys = <usize>load<u32>(state, RESULTS_KEYS);
  const keyCount = load<u32>(state, RESULTS_KEY_COUNT);
  const aRow = <usize>load<u32>(a, RESULTS_INPUT_ROW);
  const bRow = <usize>load<u32>(b, RESULTS_INPUT_ROW);
  for (let k: usize = 0; k < keyCount; k++) {
    const key = keys + k * RESULTS_KEY_BYTES;
    const column = load<u32>(key, RESULTS_KEY_COLUMN);
    const flags = load<u32>(key, RESULTS_KEY_FLAGS);
    const aColumn = columnOf(load<u32>(a, RESULTS_INPUT_BATCH), column);
    const bColumn = columnOf(load<u32>(b, RESULTS_INPUT_BATCH), column);
    const aValidity = <usize>load<u32>(aColumn, COLUMN_VALIDITY);
    const bValidity = <usize>load<u32>(bColumn, COLUMN_VALIDITY);
    const aIsNull = aValidity != 0 && load<u8>(aValidity + aRow) == 0;
    const bIsNull = bValidity != 0 && load<u8>(bValidity + bRow) == 0;
    if (aIsNull != bIsNull) return aIsNull == ((flags & RESULTS_NULLS_FIRST) != 0) ? -1 : 1;
    if (aIsNull) continue;
    const aData = <usize>load<u32>(aColumn, COLUMN_DATA);
    const bData = <usize>load<u32>(bColumn, COLUMN_DATA);
    const result = compareValues(load<u32>(key, RESULTS_KEY_PHYSICAL), aData, aRow, bData, bRow);
    if (result) return flags & RESULTS_DESCENDING ? -result : result;
  }
  return 0;
}

function compareValues(physical: u32, a: usize, aRow: usize, b: usize, bRow: usize): i32 {
  switch (physical) {
    case PHYSICAL_REF: {
      const x = a + (aRow << 3);
      const y = b + (bRow << 3);
      return bytesCompare(load<u32>(x), load<u32>(x, 4), load<u32>(y), load<u32>(y, 4));
    }
    case PHYSICAL_F64:
      return order<i64>(orderOf(load<f64>(a + (aRow << 3))), orderOf(load<f64>(b + (bRow << 3))));
    case PHYSICAL_I64:
      return order<i64>(load<i64>(a + (aRow << 3)), load<i64>(b + (bRow << 3)));
    case PHYSICAL_I32:
      return order<i32>(load<i32>(a + (aRow << 2)), load<i32>(b + (bRow << 2)));
    default:
      return order<i32>(load<u8>(a + aRow), load<u8>(b + bRow));
  }
}

@inline
function order<T>(a: T, b: T): i32 {
  return <i32>(a > b) - <i32>(a < b);
}

/** Bits of a double that signed comparison orders: −0 as 0, every NaN above all. */
function orderOf(value: f64): i64 {
  if (value != value) return i64.MAX_VALUE;
  const bits = reinterpret<i64>(value + 0.0);
  return bits < 0 ? bits ^ i64.MAX_VALUE : bits;
}

function gather(state: usize, output: usize, rows: u32): void {
  const runs = <usize>load<u32>(state, RESULTS_RUNS);
  const columns = <usize>load<u32>(state, RESULTS_COLUMNS);
  const count = load<u32>(state, RESULTS_COLUMN_COUNT);
  for (let column: u32 = 0; column < count; column++) {
    const to = columnOf(output, column);
    const from: usize = columnOf(0, load<u32>(columns + ((<usize>column) << 3)));
    const physical = load<u32>(columns + ((<usize>column) << 3), 4);
    const data = <usize>load<u32>(to, COLUMN_DATA);
    if (physical == PHYSICAL_U8) copyValues<u8>(runs, rows, from + COLUMN_DATA, data);
    else if (physical == PHYSICAL_I32) copyValues<u32>(runs, rows, from + COLUMN_DATA, data);
    else copyValues<u64>(runs, rows, from + COLUMN_DATA, data);
    const validity = <usize>load<u32>(to, COLUMN_VALIDITY);
    if (validity) copyValues<u8>(runs, rows, from + COLUMN_VALIDITY, validity);
  }
}

/** `place`: where a batch has the address of the values. */
@inline
function copyValues<T>(runs: usize, rows: u32, place: usize, to: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    const run = runs + (i << 3);
    const from = <usize>load<u32>(<usize>load<u32>(run) + place);
    store<T>(to + i * sizeof<T>(), load<T>(from + <usize>load<u32>(run, 4) * sizeof<T>()));
  }
}
