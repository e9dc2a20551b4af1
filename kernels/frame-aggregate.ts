// Aggregates of GROUP BY over frames: the rows of a frame are added up by the kernels of an aggregate operator.
//
// A frame that begins with its partition and has no holes only ever gets more rows: what they add up to is kept, in a
// group table of its own. Any other is added up anew for each row. A result is kept for rows whose frame is the same.
import { aggregateUpdate } from './aggregate-update';
import { writeResults } from './aggregate-result';
import { BLOCK_ROWS, STATE_RESULTS, STATE_SEQUENCE, STATE_TABLES } from './aggregate-state';
import { frameExcludes } from './frame-placed';
import { tableFindOnly, tableOnly } from './group-only';
import { batchData, batchValidity } from './group-key';
import { tableClear } from './group-table';
import { BATCH_ROW_COUNT, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { AGGREGATE_CALL_COUNT, AGGREGATE_SEEN } from './layout-aggregate';
import {
  BOUND_UNBOUNDED,
  EXCLUDE_NONE,
  FRAME_AGGREGATE_INPUT,
  FRAME_AGGREGATE_OUTPUT,
  FRAME_AGGREGATE_PHYSICAL,
  FRAME_AGGREGATE_ROWS,
  FRAME_AGGREGATE_STATE,
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_KNOWN,
  FRAME_KNOWN_FIRST,
  FRAME_KNOWN_LAST,
  FRAME_KNOWN_VALID,
  FRAME_KNOWN_VALUE,
  FRAME_LAST,
  FRAME_PANE,
  OVER_AGGREGATE,
  OVER_EXCLUDE,
  OVER_RESULT,
  OVER_RESULT_NULL,
  OVER_START,
} from './layout-over';
import { ROW_NEXT } from './layout-rows';
import { allocate, arenaBytes, arenaClear, release } from './memory';
import { STATE_TEXTS } from './over-state';
import { paneCreate, paneDestroy } from './pane';
import { rowsWrite } from './row-store';

const gathered: usize = memory.data(256 * 4, 16);
const item: usize = memory.data(16, 16);

// A text of a result: next u32 │ bytes u32 │ the text.
const TEXT_BYTES: usize = 4;
const TEXT_HEADER: u32 = 8;

/** Whether what the rows of a frame add up to is kept. */
@inline
export function keepsPane(call: usize): bool {
  return load<u32>(call, OVER_START) == BOUND_UNBOUNDED && load<u32>(call, OVER_EXCLUDE) == EXCLUDE_NONE;
}

/** Takes the row that a frame begins to hold. */
export function aggregatedInclude(call: usize, frame: usize, row: usize): void {
  if (!keepsPane(call)) return;
  store<u32>(gathered, <u32>row);
  addRows(call, paneOf(frame), 1);
}

function paneOf(frame: usize): usize {
  const found = load<u32>(frame, FRAME_PANE);
  if (found) return found;
  const pane = paneCreate(0, 0, 0);
  store<u32>(frame, <u32>pane, FRAME_PANE);
  return pane;
}

/** Gives back what a frame has added up. */
export function aggregatedRelease(frame: usize): void {
  const pane = load<u32>(frame, FRAME_PANE);
  if (pane) paneDestroy(pane);
  store<u32>(frame, 0, FRAME_PANE);
}

/** Adds the first `count` of the gathered rows. */
function addRows(call: usize, pane: usize, count: u32): void {
  const block = <usize>load<u32>(call, OVER_AGGREGATE);
  const aggregate = <usize>load<u32>(block, FRAME_AGGREGATE_STATE);
  const batch = <usize>load<u32>(block, FRAME_AGGREGATE_INPUT);
  rowsWrite(block + FRAME_AGGREGATE_ROWS, gathered, count, batch, 0);
  store<u32>(batch, count, BATCH_ROW_COUNT);
  const tables = <usize>load<u32>(aggregate, STATE_TABLES);
  for (let i: usize = 0; i < count; i++) store<u32>(tables + (i << 2), <u32>pane);
  tableFindOnly(aggregate, count);
  aggregateUpdate(aggregate, batch, 0, count);
  store<i64>(aggregate, load<i64>(aggregate, STATE_SEQUENCE) + count, STATE_SEQUENCE);
}

/** Adds the rows of a frame but for those that it leaves out. @returns their number */
function addFrame(state: usize, call: usize, frame: usize, row: usize, pane: usize): u32 {
  const end = load<i64>(frame, FRAME_LAST);
  let other = load<u32>(frame, FRAME_FIRST_ROW);
  let count: u32 = 0;
  let total: u32 = 0;
  for (let index = load<i64>(frame, FRAME_FIRST); index < end; index++) {
    if (!frameExcludes(state, call, other, row)) {
      store<u32>(gathered + ((<usize>count) << 2), other);
      count++;
      total++;
    }
    if (count == BLOCK_ROWS) {
      addRows(call, pane, count);
      count = 0;
    }
    other = load<u32>(other, ROW_NEXT);
  }
  if (count) addRows(call, pane, count);
  return total;
}

/** Writes the aggregate over the frame of `row` into it. @returns false when it is out of range */
export function aggregatedWrite(state: usize, call: usize, frame: usize, row: usize): bool {
  const first = load<i64>(frame, FRAME_FIRST);
  const last = load<i64>(frame, FRAME_LAST);
  const block = <usize>load<u32>(call, OVER_AGGREGATE);
  const isText = load<u32>(block, FRAME_AGGREGATE_PHYSICAL) == PHYSICAL_REF;
  const mayKeep = !isText && load<u32>(call, OVER_EXCLUDE) == EXCLUDE_NONE;
  const isKnown =
    load<u32>(frame, FRAME_KNOWN) != 0 &&
    load<i64>(frame, FRAME_KNOWN_FIRST) == first &&
    load<i64>(frame, FRAME_KNOWN_LAST) == last;
  if (!isKnown) {
    if (!compute(state, call, frame, row)) return false;
    store<i64>(frame, first, FRAME_KNOWN_FIRST);
    store<i64>(frame, last, FRAME_KNOWN_LAST);
    store<u32>(frame, mayKeep ? 1 : 0, FRAME_KNOWN);
  }
  const isValid = load<u32>(frame, FRAME_KNOWN_VALID) != 0;
  const nullOffset = load<i32>(call, OVER_RESULT_NULL);
  if (nullOffset >= 0) store<u8>(row + nullOffset, isValid ? 1 : 0);
  if (!isValid) return true;
  const to = row + load<u32>(call, OVER_RESULT);
  const value = load<u64>(frame, FRAME_KNOWN_VALUE);
  const physical = load<u32>(block, FRAME_AGGREGATE_PHYSICAL);
  if (physical == PHYSICAL_U8) store<u8>(to, <u8>value);
  else if (physical == PHYSICAL_I32) store<u32>(to, <u32>value);
  else store<u64>(to, isText ? keepText(state, value) : value);
  return true;
}

/** Computes the result: FRAME_KNOWN_VALUE and FRAME_KNOWN_VALID. @returns false when it is out of range */
function compute(state: usize, call: usize, frame: usize, row: usize): bool {
  const block = <usize>load<u32>(call, OVER_AGGREGATE);
  const aggregate = <usize>load<u32>(block, FRAME_AGGREGATE_STATE);
  const output = <usize>load<u32>(block, FRAME_AGGREGATE_OUTPUT);
  const pane = paneOf(frame);
  let count = <u32>(load<i64>(frame, FRAME_LAST) - load<i64>(frame, FRAME_FIRST));
  if (!keepsPane(call)) {
    tableClear(pane);
    count = addFrame(state, call, frame, row, pane);
  }
  const entry = tableOnly(aggregate, pane);
  // An entry may begin as if it had a value.
  if (!count) memory.fill(entry + load<u32>(aggregate, AGGREGATE_SEEN), 0, load<u32>(aggregate, AGGREGATE_CALL_COUNT));
  store<u32>(item, <u32>entry, 8);
  const results = <usize>load<u32>(aggregate, STATE_RESULTS);
  if (arenaBytes(results)) arenaClear(results);
  const failed = writeResults(aggregate, item, 1, output, 0);
  if (!count) tableClear(pane);
  if (failed >= 0) return false;
  const validity = batchValidity(output, 0);
  const data = batchData(output, 0);
  const physical = load<u32>(block, FRAME_AGGREGATE_PHYSICAL);
  store<u32>(frame, validity ? load<u8>(validity) : 1, FRAME_KNOWN_VALID);
  if (physical == PHYSICAL_U8) store<u64>(frame, load<u8>(data), FRAME_KNOWN_VALUE);
  else if (physical == PHYSICAL_I32) store<u64>(frame, load<u32>(data), FRAME_KNOWN_VALUE);
  else store<u64>(frame, load<u64>(data), FRAME_KNOWN_VALUE);
  return true;
}

/** A text that lives until the rows that refer to it have been passed on. @returns the reference */
function keepText(state: usize, ref: u64): u64 {
  const bytes = <u32>(ref >> 32);
  const text = allocate(TEXT_HEADER + bytes);
  memory.copy(text + TEXT_HEADER, <usize>(<u32>ref), bytes);
  store<u32>(text, load<u32>(state, STATE_TEXTS));
  store<u32>(text, bytes, TEXT_BYTES);
  store<u32>(state, <u32>text, STATE_TEXTS);
  return ((<u64>bytes) << 32) | <u64>(text + TEXT_HEADER);
}

/** Gives back the texts of results that have been passed on. */
export function textsRelease(state: usize): void {
  let text = <usize>load<u32>(state, STATE_TEXTS);
  while (text) {
    const next = load<u32>(text);
    release(text, TEXT_HEADER + load<u32>(text, TEXT_BYTES));
    text = next;
  }
  store<u32>(state, 0, STATE_TEXTS);
}
