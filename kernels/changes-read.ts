// Changes from outside: records that say what kind of change they are, as rows of a retract or an upsert edge.
//
//   weight     a row with +I, -U, +U or -D; -U and the +U right behind it are an update
//   envelope   c and r: the row after; u: the rows before and after; d: the row before (with a key: upserts)
//   upsert     a row takes the place of the one with its key; -D deletes it, -U says nothing
//
// A -U that ends its batch is held until the next row comes. Records that make no sense are left out and counted.
import { batchData, batchValidity, widthOf } from './group-key';
import { BATCH_CAPACITY, BATCH_ROW_COUNT, PHYSICAL_REF } from './layout';
import {
  READ_COLUMN_AFTER,
  READ_COLUMN_BEFORE,
  READ_COLUMN_BYTES,
  READ_COLUMN_COUNT,
  READ_COLUMN_FLAGS,
  READ_COLUMN_PHYSICAL,
  READ_COLUMNS,
  READ_ENVELOPE,
  READ_FAILED,
  READ_FAILED_AFTER,
  READ_FAILED_BEFORE,
  READ_FAILED_COLUMN,
  READ_FAILED_COUNT,
  READ_FAILED_KIND,
  READ_FAILED_NULL,
  READ_FAILED_OP,
  READ_FORM,
  READ_HAS_AFTER,
  READ_HAS_BEFORE,
  READ_HAS_KEY,
  READ_HEADER_BYTES,
  READ_KEY,
  READ_NOT_NULL,
  READ_OP,
  READ_ROWS,
  READ_STOPS,
  READ_UPSERT,
} from './layout-table';
import { rowsKeep, rowsWrite, rowUnpin } from './row-store';

const READ_ROW: usize = READ_HEADER_BYTES; // u32: next row of the batch in hand
export const READ_PAIR: usize = READ_HEADER_BYTES + 4; // u32: number of the last update
export const READ_HELD: usize = READ_HEADER_BYTES + 8; // u32: the row that waits for its other half, 0: none
const READ_LANDED: usize = READ_HEADER_BYTES + 12; // u32: the one that was written last
const PAIR_END: i32 = 0x40000000;

// Kinds of change.
const INSERT: u32 = 1;
const DELETE: u32 = 2;
const BEFORE: u32 = 3;
const AFTER: u32 = 4;
const UPDATE: u32 = 5;
const UNKNOWN: u32 = 0;
const UPSERT: i32 = 2;

const selected: usize = memory.data(4, 16);
const keptRow: usize = memory.data(4, 16);

/**
 * Reads the rows of a batch. @returns 0 when `out` is full, or READ_STOPS and a record makes no sense: call again with the
 * same batch once it was passed on.
 */
export function changesRead(state: usize, batch: usize, out: usize): u32 {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const capacity = load<u32>(out, BATCH_CAPACITY);
  begin(state, out);
  for (let row = load<u32>(state, READ_ROW); row < rows; ) {
    const isStopped = load<u32>(state, READ_STOPS) != 0 && load<u32>(state, READ_FAILED_COUNT) != 0;
    if (isStopped || load<u32>(out, BATCH_ROW_COUNT) + 2 > capacity) {
      store<u32>(state, row, READ_ROW);
      return 0;
    }
    row += readRow(state, batch, row, rows, out);
  }
  store<u32>(state, 0, READ_ROW);
  return 1;
}

/** The input has ended: a row that waits for its other half is a deletion. */
export function changesReadEnd(state: usize, out: usize): void {
  begin(state, out);
  if (load<u32>(state, READ_HELD)) writeHeld(state, out, -1);
}

/** Whether a row waits for its other half. */
export function changesReadHolds(state: usize): bool {
  return load<u32>(state, READ_HELD) != 0;
}

/** Gives back what is kept. */
export function changesReadDestroy(state: usize): void {
  if (load<u32>(state, READ_HELD)) rowUnpin(load<u32>(state, READ_HELD));
  if (load<u32>(state, READ_LANDED)) rowUnpin(load<u32>(state, READ_LANDED));
}

function begin(state: usize, out: usize): void {
  store<u32>(out, 0, BATCH_ROW_COUNT);
  if (load<u32>(state, READ_LANDED)) rowUnpin(load<u32>(state, READ_LANDED));
  store<u32>(state, 0, READ_LANDED);
}

/** Reads a row, or an update of two. @returns how many. */
function readRow(state: usize, batch: usize, row: u32, rows: u32, out: usize): u32 {
  const form = load<u32>(state, READ_FORM);
  const kind = kindOf(state, batch, row);
  if (kind == UNKNOWN) {
    fail(state, READ_FAILED_KIND);
    opOf(state, batch, row);
    return 1;
  }
  if (form == READ_ENVELOPE) readEnvelope(state, batch, row, kind, out);
  else if (form == READ_UPSERT) {
    if (kind == DELETE) write(state, batch, row, out, false, -1, true);
    else if (kind != BEFORE) write(state, batch, row, out, false, UPSERT, false);
  } else return readWeight(state, batch, row, rows, kind, out);
  return 1;
}

function readWeight(state: usize, batch: usize, row: u32, rows: u32, kind: u32, out: usize): u32 {
  if (load<u32>(state, READ_HELD)) {
    const pair = kind == AFTER ? nextPair(state) : 0;
    writeHeld(state, out, kind == AFTER ? -pair : -1);
    if (kind != AFTER) return 0;
    write(state, batch, row, out, false, pair, false);
    return 1;
  }
  if (kind != BEFORE) {
    write(state, batch, row, out, false, kind == DELETE ? -1 : 1, false);
    return 1;
  }
  if (row + 1 == rows) {
    if (!write(state, batch, row, out, false, -1, false)) return 1;
    const last = load<u32>(out, BATCH_ROW_COUNT) - 1;
    store<u32>(selected, last);
    rowsKeep(load<u32>(state, READ_ROWS), out, selected, 1, keptRow);
    store<u32>(state, load<u32>(keptRow), READ_HELD);
    store<u32>(out, last, BATCH_ROW_COUNT);
    return 1;
  }
  const isUpdate = kindOf(state, batch, row + 1) == AFTER;
  const pair = isUpdate ? nextPair(state) : 0;
  write(state, batch, row, out, false, isUpdate ? -pair : -1, false);
  if (!isUpdate) return 1;
  write(state, batch, row + 1, out, false, pair, false);
  return 2;
}

function readEnvelope(state: usize, batch: usize, row: u32, kind: u32, out: usize): void {
  const hasKey = load<u32>(state, READ_HAS_KEY) != 0;
  if (kind == DELETE) {
    if (!hasSide(state, batch, row, true)) fail(state, READ_FAILED_BEFORE);
    else write(state, batch, row, out, true, -1, hasKey);
    return;
  }
  if (!hasSide(state, batch, row, false)) {
    fail(state, READ_FAILED_AFTER);
    return;
  }
  if (hasKey) {
    if (kind == UPDATE && hasSide(state, batch, row, true) && !hasSameKey(state, batch, row))
      write(state, batch, row, out, true, -1, true);
    write(state, batch, row, out, false, UPSERT, false);
  } else if (kind == INSERT) write(state, batch, row, out, false, 1, false);
  else if (!hasSide(state, batch, row, true)) fail(state, READ_FAILED_BEFORE);
  else {
    const pair = nextPair(state);
    if (!write(state, batch, row, out, true, -pair, false)) return;
    if (!write(state, batch, row, out, false, pair, false))
      store<u32>(out, load<u32>(out, BATCH_ROW_COUNT) - 1, BATCH_ROW_COUNT);
  }
}

/** 1 is an insertion. */
function nextPair(state: usize): i32 {
  const pair = load<i32>(state, READ_PAIR) + 1;
  store<i32>(state, pair < PAIR_END ? pair : 1, READ_PAIR);
  return pair + 1;
}

function kindOf(state: usize, batch: usize, row: u32): u32 {
  const column = load<i32>(state, READ_OP);
  const form = load<u32>(state, READ_FORM);
  if (column < 0) return INSERT;
  const validity = batchValidity(batch, column);
  if (validity != 0 && load<u8>(validity + row) == 0) return form == READ_UPSERT ? INSERT : UNKNOWN;
  const place = batchData(batch, column) + (row << 3);
  const text = <usize>load<u32>(place);
  const bytes = load<u32>(place, 4);
  if (bytes == 1) {
    switch (load<u8>(text)) {
      case 99: // c
      case 114: // r
        return INSERT;
      case 117: // u
        return form == READ_ENVELOPE ? UPDATE : form == READ_UPSERT ? AFTER : UNKNOWN;
      case 100: // d
        return DELETE;
    }
  }
  if (bytes != 2 || form == READ_ENVELOPE) return UNKNOWN;
  switch (load<u16>(text)) {
    case 0x492b: // +I
      return INSERT;
    case 0x442d: // -D
      return DELETE;
    case 0x552d: // -U
      return BEFORE;
    case 0x552b: // +U
      return AFTER;
  }
  return UNKNOWN;
}

function opOf(state: usize, batch: usize, row: u32): void {
  const column = load<i32>(state, READ_OP);
  const validity = batchValidity(batch, column);
  const isNull = validity != 0 && load<u8>(validity + row) == 0;
  const place = batchData(batch, column) + (row << 3);
  store<u32>(state, load<u32>(place), READ_FAILED_OP);
  store<u32>(state, isNull ? 0 : load<u32>(place, 4), READ_FAILED_OP + 4);
}

/** Notes the first record that is left out since TypeScript looked, and counts it. */
function fail(state: usize, reason: u32): void {
  if (!load<u32>(state, READ_FAILED)) store<u32>(state, reason, READ_FAILED);
  store<u32>(state, load<u32>(state, READ_FAILED_COUNT) + 1, READ_FAILED_COUNT);
}

@inline
function columnAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, READ_COLUMNS) + index * READ_COLUMN_BYTES;
}

/** Whether an envelope has the row before, or after. */
function hasSide(state: usize, batch: usize, row: u32, isBefore: bool): bool {
  return isValid(batch, isBefore ? load<i32>(state, READ_HAS_BEFORE) : load<i32>(state, READ_HAS_AFTER), row);
}

@inline
function isValid(batch: usize, column: i32, row: u32): bool {
  const validity = batchValidity(batch, column);
  return validity == 0 || load<u8>(validity + row) != 0;
}

/** Whether the rows before and after are named alike: fixed values by their bits, texts by their bytes. */
function hasSameKey(state: usize, batch: usize, row: u32): bool {
  const count = load<u32>(state, READ_COLUMN_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const column = columnAt(state, index);
    if (!(load<u32>(column, READ_COLUMN_FLAGS) & READ_KEY)) continue;
    const after = load<i32>(column, READ_COLUMN_AFTER);
    const before = load<i32>(column, READ_COLUMN_BEFORE);
    if (!isValid(batch, before, row)) continue;
    if (!sameValue(load<u32>(column, READ_COLUMN_PHYSICAL), batch, before, after, row)) return false;
  }
  return true;
}

function sameValue(physical: u32, batch: usize, a: i32, b: i32, row: u32): bool {
  const width = widthOf(physical);
  const left = batchData(batch, a) + row * width;
  const right = batchData(batch, b) + row * width;
  if (physical != PHYSICAL_REF) return memory.compare(left, right, width) == 0;
  const bytes = load<u32>(left, 4);
  return bytes == load<u32>(right, 4) && memory.compare(load<u32>(left), load<u32>(right), bytes) == 0;
}

/**
 * Appends the row before or after to `out`; of a deletion by key only the key must be there. @returns false when a
 * value is missing: then it is left out.
 */
function write(state: usize, batch: usize, row: u32, out: usize, isBefore: bool, change: i32, onlyKey: bool): bool {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  const count = load<u32>(state, READ_COLUMN_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const column = columnAt(state, index);
    const from = isBefore ? load<i32>(column, READ_COLUMN_BEFORE) : load<i32>(column, READ_COLUMN_AFTER);
    const flags = load<u32>(column, READ_COLUMN_FLAGS);
    const isWanted = !onlyKey || (flags & READ_KEY) != 0;
    const valid = isValid(batch, from, row);
    if (!valid && isWanted && (flags & READ_NOT_NULL) != 0) {
      if (!load<u32>(state, READ_FAILED)) store<u32>(state, index, READ_FAILED_COLUMN);
      fail(state, READ_FAILED_NULL);
      return false;
    }
    const validity = batchValidity(out, index);
    if (validity) store<u8>(validity + to, u8(valid));
    const width = widthOf(load<u32>(column, READ_COLUMN_PHYSICAL));
    memory.copy(batchData(out, index) + to * width, batchData(batch, from) + row * width, width);
  }
  store<i32>(batchData(out, count) + (to << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
  return true;
}

function writeHeld(state: usize, out: usize, change: i32): void {
  const to = load<u32>(out, BATCH_ROW_COUNT);
  const held = load<u32>(state, READ_HELD);
  store<u32>(keptRow, held);
  rowsWrite(load<u32>(state, READ_ROWS), keptRow, 1, out, to);
  store<i32>(batchData(out, load<u32>(state, READ_COLUMN_COUNT)) + (to << 2), change);
  store<u32>(out, to + 1, BATCH_ROW_COUNT);
  store<u32>(state, 0, READ_HELD);
  store<u32>(state, held, READ_LANDED);
}
