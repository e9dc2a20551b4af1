// From groups to an output batch: keys, window bounds, and the result of every aggregate, column by column.
//
// Items are { u64 sort key, u32 entry, u32 0 } in output order. Strings are not copied: their references point into
// the pane, which lives until the batch has been passed on.
import { writeMore } from './aggregate-result-more';
import { batchData, batchValidity, widthOf } from './group-key';
import {
  AGGREGATE_AVG,
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_COUNT,
  AGGREGATE_COUNT_DISTINCT,
  AGGREGATE_DISTINCT_SKETCH,
  AGGREGATE_FIRST,
  AGGREGATE_IMAGE_BYTES,
  AGGREGATE_IMAGE_OFFSET,
  AGGREGATE_IS_WINDOWED,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  AGGREGATE_LAST,
  AGGREGATE_PLAIN_MAX,
  AGGREGATE_SEEN,
  AGGREGATE_SUM,
  CALL_BYTES,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
  CALL_RESULT,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_NULL_OFFSET,
  KEY_OFFSET,
  KEY_PHYSICAL,
  RESULT_WHOLE,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';

/** Writes the packed keys of `count` groups to the first columns of `batch`, from row `row` on. */
export function writeKeys(state: usize, items: usize, count: u32, batch: usize, row: u32): void {
  const keys = <usize>load<u32>(state, AGGREGATE_KEYS);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = keys + k * KEY_BYTES;
    const offset = load<u32>(key, KEY_OFFSET);
    const nullOffset = load<i32>(key, KEY_NULL_OFFSET);
    const validity = batchValidity(batch, k);
    const physical = load<u32>(key, KEY_PHYSICAL);
    if (physical == PHYSICAL_REF) writeKeyText(key, items, count, batchData(batch, k) + (row << 3));
    else writeValues(physical, items, count, offset, batchData(batch, k), row);
    if (!validity) continue;
    if (nullOffset < 0) memory.fill(validity + row, 1, count);
    else {
      for (let i: usize = 0; i < count; i++) {
        const entry = <usize>load<u32>(items + (i << 4), 8);
        store<u8>(validity + row + i, load<u8>(entry + nullOffset) ^ 1);
      }
    }
  }
}

/** Copies the value at `offset` of every entry to a column. */
function writeValues(physical: u32, items: usize, count: u32, offset: u32, data: usize, row: u32): void {
  if (physical == PHYSICAL_U8) writeFixed<u8>(items, count, offset, data + row);
  else if (physical == PHYSICAL_I32) writeFixed<u32>(items, count, offset, data + (row << 2));
  else writeFixed<u64>(items, count, offset, data + (row << 3));
}

@inline
function writeFixed<T>(items: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<T>(to + i * sizeof<T>(), load<T>(<usize>load<u32>(items + (i << 4), 8) + offset));
  }
}

function writeKeyText(key: usize, items: usize, count: u32, to: usize): void {
  const offset = load<u32>(key, KEY_OFFSET);
  const addressOffset = load<u32>(key, KEY_ADDRESS_OFFSET);
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>load<u32>(items + (i << 4), 8);
    const bytes = load<u32>(entry + offset);
    const inline = <u32>entry + offset + 4;
    store<u32>(to + (i << 3), bytes <= <u32>KEY_INLINE_BYTES ? inline : load<u32>(entry + addressOffset));
    store<u32>(to + (i << 3), bytes, 4);
  }
}

/** Writes window_start and window_end after the keys. */
export function writeWindow(state: usize, start: i64, end: i64, count: u32, batch: usize, row: u32): void {
  const column = load<u32>(state, AGGREGATE_KEY_COUNT);
  fillTime(batch, column, row, count, start);
  fillTime(batch, column + 1, row, count, end);
}

function fillTime(batch: usize, column: u32, row: u32, count: u32, time: i64): void {
  const data = batchData(batch, column) + (row << 3);
  for (let i: usize = 0; i < count; i++) store<i64>(data + (i << 3), time);
  const validity = batchValidity(batch, column);
  if (validity) memory.fill(validity + row, 1, count);
}

/** Writes references to the states of the groups, behind the window. */
export function writeImages(state: usize, items: usize, count: u32, batch: usize, row: u32): void {
  const offset = load<u32>(state, AGGREGATE_IMAGE_OFFSET);
  const bytes = load<u32>(state, AGGREGATE_IMAGE_BYTES);
  const column = load<u32>(state, AGGREGATE_KEY_COUNT) + (load<u32>(state, AGGREGATE_IS_WINDOWED) ? 2 : 0);
  const data = batchData(batch, column) + (row << 3);
  for (let i: usize = 0; i < count; i++) {
    store<u32>(data + (i << 3), load<u32>(items + (i << 4), 8) + offset);
    store<u32>(data + (i << 3), bytes, 4);
  }
}

/**
 * Writes the results of all calls. @returns −1, or the first row (from 0, of these `count`) with a result out of
 * range in its high half and 1 + the index of its call in its low half.
 */
export function writeResults(state: usize, items: usize, count: u32, batch: usize, row: u32): i64 {
  const calls = <usize>load<u32>(state, AGGREGATE_CALLS);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  const firstColumn = load<u32>(state, AGGREGATE_KEY_COUNT) + (load<u32>(state, AGGREGATE_IS_WINDOWED) ? 2 : 0);
  let failedRow = count;
  let failedCall: u32 = 0;
  for (let index: u32 = 0; index < callCount; index++) {
    const call = calls + index * CALL_BYTES;
    if (load<i32>(call, CALL_FUNCTION) > AGGREGATE_PLAIN_MAX) {
      writeMoreColumn(state, call, index, items, count, batch, firstColumn + index, row);
      continue;
    }
    const failed = writeCall(call, items, count, batchData(batch, firstColumn + index), row);
    if (failed < failedRow) {
      failedRow = failed;
      failedCall = index + 1;
    }
    const validity = batchValidity(batch, firstColumn + index);
    if (validity) writeSeen(state, call, index, items, count, validity + row);
  }
  return failedCall ? ((<i64>failedRow) << 32) | failedCall : -1;
}

function writeMoreColumn(
  state: usize,
  call: usize,
  index: u32,
  items: usize,
  count: u32,
  batch: usize,
  column: u32,
  row: u32,
): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  const isCount = fn == AGGREGATE_COUNT_DISTINCT || fn == AGGREGATE_DISTINCT_SKETCH;
  const width = isCount ? 8 : widthOf(load<u32>(call, CALL_PHYSICAL));
  const validity = batchValidity(batch, column);
  const seen = load<u32>(state, AGGREGATE_SEEN) + index;
  const data = batchData(batch, column) + row * width;
  writeMore(state, call, seen, items, count, data, validity ? validity + row : 0);
}

/** @returns the first row whose result is out of range, `count` when there is none. */
function writeCall(call: usize, items: usize, count: u32, data: usize, row: u32): u32 {
  const fn = load<u32>(call, CALL_FUNCTION);
  const physical = load<u32>(call, CALL_PHYSICAL);
  const offset = load<u32>(call, CALL_OFFSET);
  if (fn == AGGREGATE_COUNT) writeFixed<u64>(items, count, offset, data + (row << 3));
  else if (fn == AGGREGATE_AVG) {
    if (load<u32>(call, CALL_RESULT) == RESULT_WHOLE) writeWhole(items, count, offset, data + (row << 3));
    else writeAverage(physical == PHYSICAL_F64, items, count, offset, data + (row << 3));
  } else if (fn == AGGREGATE_SUM && physical != PHYSICAL_F64)
    return writeExact(items, count, offset, data + (row << 3));
  else {
    const valueOffset = fn == AGGREGATE_FIRST || fn == AGGREGATE_LAST ? offset + 8 : offset;
    writeValues(physical, items, count, valueOffset, data, row);
  }
  return count;
}

function writeExact(items: usize, count: u32, offset: u32, to: usize): u32 {
  let failed = count;
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>load<u32>(items + (i << 4), 8) + offset;
    if (isOutOfRange(at)) failed = min(failed, i);
    store<i64>(to + (i << 3), load<i64>(at));
  }
  return failed;
}

@inline
function isOutOfRange(at: usize): bool {
  return load<i64>(at, 8) != load<i64>(at) >> 63;
}

/** How many of the groups have a sum out of range. */
export function countOutOfRange(call: usize, items: usize, count: u32): u32 {
  const offset = load<u32>(call, CALL_OFFSET);
  let failed: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    if (isOutOfRange(<usize>load<u32>(items + (i << 4), 8) + offset)) failed++;
  }
  return failed;
}

function writeAverage(isDouble: bool, items: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(items + (i << 4), 8) + offset;
    const average = isDouble ? load<f64>(at) / <f64>load<i64>(at, 8) : exactToDouble(at) / <f64>load<i64>(at, 16);
    store<f64>(to + (i << 3), average);
  }
}

/** Averages of whole numbers as whole numbers: the nearest, half and negative fractions towards zero (as DuckDB). */
function writeWhole(items: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(items + (i << 4), 8) + offset;
    const rows = load<i64>(at, 16);
    if (!rows) continue;
    const sum = load<i64>(at);
    const average = isOutOfRange(at)
      ? <i64>(exactToDouble(at) / <f64>rows)
      : sum / rows + i64((sum % rows) << 1 > rows);
    store<i64>(to + (i << 3), average);
  }
}

/** The 128-bit sum as a double; one that fits 64 bits is rounded once. */
function exactToDouble(at: usize): f64 {
  if (!isOutOfRange(at)) return <f64>load<i64>(at);
  return <f64>load<i64>(at, 8) * 18446744073709551616.0 + <f64>load<u64>(at);
}

function writeSeen(state: usize, call: usize, index: u32, items: usize, count: u32, to: usize): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  if (fn == AGGREGATE_COUNT) {
    memory.fill(to, 1, count);
    return;
  }
  const offset = load<u32>(call, CALL_OFFSET) + (load<u32>(call, CALL_PHYSICAL) == PHYSICAL_F64 ? 8 : 16);
  const seen = load<u32>(state, AGGREGATE_SEEN) + index;
  for (let i: usize = 0; i < count; i++) {
    const entry = <usize>load<u32>(items + (i << 4), 8);
    store<u8>(to + i, fn == AGGREGATE_AVG ? u8(load<i64>(entry + offset) > 0) : load<u8>(entry + seen));
  }
}
