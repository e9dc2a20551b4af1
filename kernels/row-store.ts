// Rows kept beyond their batch: each is one block of memory with its values and a copy of its strings.
//
//   row ─► header (ROW_*) │ fixed fields, wide first │ validity bytes │ whatever its operator adds │ string bytes
//
// A row never moves, so references into its own strings stay true, and writing it to a batch copies references only:
// the batch may be used until the row is given back. Rows are copied column by column, for a block of rows at a time.
import { batchData, batchValidity } from './group-key';
import { PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROW_BLOCK_BYTES,
  ROW_PINS,
  ROWS_FIELD_COUNT,
  ROWS_FIELDS,
  ROWS_FIXED_BYTES,
} from './layout-rows';
import { allocate, release } from './memory';

/** Rows copied at a time. */
export const KEEP_ROWS: u32 = 256;
/** Where the next string of each row goes, u32. */
const stringEnds: usize = memory.data(256 * 4, 16);

/**
 * Copies `count` (up to KEEP_ROWS) rows of a batch. `selected`: u32 row numbers; `kept`: u32 out, the addresses. Each
 * has one pin; header fields besides are zero, and so is what no value is written to.
 */
export function rowsKeep(rows: usize, batch: usize, selected: usize, count: u32, kept: usize): void {
  const fieldCount = load<u32>(rows, ROWS_FIELD_COUNT);
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  const fixed = load<u32>(rows, ROWS_FIXED_BYTES);
  for (let i: usize = 0; i < count; i++) store<u32>(stringEnds + (i << 2), fixed);
  for (let column: u32 = 0; column < fieldCount; column++) {
    if (load<u32>(fields + column * FIELD_BYTES, FIELD_PHYSICAL) == PHYSICAL_REF)
      addLengths(batch, column, selected, count);
  }
  for (let i: usize = 0; i < count; i++) {
    const bytes = load<u32>(stringEnds + (i << 2));
    const row = allocate(bytes);
    // A call of memory.fill leaves WebAssembly, and blocks are whole words: strings, if any, are written over the rest.
    for (let at: usize = 0; at < <usize>fixed; at += 8) store<u64>(row + at, 0);
    store<u32>(row, bytes, ROW_BLOCK_BYTES);
    store<u32>(row, 1, ROW_PINS);
    store<u32>(kept + (i << 2), <u32>row);
    store<u32>(stringEnds + (i << 2), <u32>row + fixed);
  }
  for (let column: u32 = 0; column < fieldCount; column++)
    keepColumn(fields + column * FIELD_BYTES, batch, column, selected, count, kept);
}

/** Adds the lengths of a column's strings to the sizes of the rows. */
function addLengths(batch: usize, column: u32, selected: usize, count: u32): void {
  const data = batchData(batch, column);
  const validity = batchValidity(batch, column);
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(selected + (i << 2));
    if (validity != 0 && load<u8>(validity + at) == 0) continue;
    store<u32>(stringEnds + (i << 2), load<u32>(stringEnds + (i << 2)) + load<u32>(data + (at << 3), 4));
  }
}

function keepColumn(field: usize, batch: usize, column: u32, selected: usize, count: u32, kept: usize): void {
  const offset = load<u32>(field, FIELD_OFFSET);
  const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
  const data = batchData(batch, column);
  const validity = batchValidity(batch, column);
  if (nullOffset >= 0) {
    for (let i: usize = 0; i < count; i++) {
      const at = <usize>load<u32>(selected + (i << 2));
      store<u8>(<usize>load<u32>(kept + (i << 2)) + nullOffset, validity != 0 ? load<u8>(validity + at) : 1);
    }
  }
  switch (load<u32>(field, FIELD_PHYSICAL)) {
    case PHYSICAL_U8:
      keepFixed<u8>(data, selected, count, kept, offset);
      break;
    case PHYSICAL_I32:
      keepFixed<u32>(data, selected, count, kept, offset);
      break;
    case PHYSICAL_REF:
      keepText(data, validity, selected, count, kept, offset);
      break;
    default:
      keepFixed<u64>(data, selected, count, kept, offset);
  }
}

@inline
function keepFixed<T>(data: usize, selected: usize, count: u32, kept: usize, offset: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(selected + (i << 2));
    store<T>(<usize>load<u32>(kept + (i << 2)) + offset, load<T>(data + at * sizeof<T>()));
  }
}

function keepText(data: usize, validity: usize, selected: usize, count: u32, kept: usize, offset: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(selected + (i << 2));
    // The reference of a NULL is unspecified: it must not be followed.
    if (validity != 0 && load<u8>(validity + at) == 0) continue;
    const bytes = load<u32>(data + (at << 3), 4);
    const to = load<u32>(stringEnds + (i << 2));
    copyExactly(to, load<u32>(data + (at << 3)), bytes);
    const place = <usize>load<u32>(kept + (i << 2)) + offset;
    store<u32>(place, to);
    store<u32>(place, bytes, 4);
    store<u32>(stringEnds + (i << 2), to + bytes);
  }
}

/** Copies bytes and touches none beyond them; most strings are short, and `memory.copy` is a call into V8. */
@inline
function copyExactly(to: usize, from: usize, bytes: u32): void {
  if (bytes > 64) memory.copy(to, from, bytes);
  else if (bytes >= 16) {
    for (let at: u32 = 0; at < bytes - 16; at += 16) v128.store(to + at, v128.load(from + at));
    v128.store(to + bytes - 16, v128.load(from + bytes - 16));
  } else if (bytes >= 8) {
    const last = load<u64>(from + bytes - 8);
    store<u64>(to, load<u64>(from));
    store<u64>(to + bytes - 8, last);
  } else if (bytes >= 4) {
    const last = load<u32>(from + bytes - 4);
    store<u32>(to, load<u32>(from));
    store<u32>(to + bytes - 4, last);
  } else {
    for (let at: u32 = 0; at < bytes; at++) store<u8>(to + at, load<u8>(from + at));
  }
}

/** Writes kept rows (`count` u32 addresses) to the first columns of a batch, from row `first` on. */
export function rowsWrite(rows: usize, kept: usize, count: u32, batch: usize, first: u32): void {
  const fieldCount = load<u32>(rows, ROWS_FIELD_COUNT);
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  for (let column: u32 = 0; column < fieldCount; column++) {
    const field = fields + column * FIELD_BYTES;
    const offset = load<u32>(field, FIELD_OFFSET);
    const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
    const validity = batchValidity(batch, column);
    if (validity != 0) {
      if (nullOffset < 0) memory.fill(validity + first, 1, count);
      else writeFixed<u8>(kept, count, nullOffset, validity + first);
    }
    const data = batchData(batch, column);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical == PHYSICAL_U8) writeFixed<u8>(kept, count, offset, data + first);
    else if (physical == PHYSICAL_I32) writeFixed<u32>(kept, count, offset, data + (first << 2));
    else writeFixed<u64>(kept, count, offset, data + (first << 3));
  }
}

@inline
function writeFixed<T>(kept: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++)
    store<T>(to + i * sizeof<T>(), load<T>(<usize>load<u32>(kept + (i << 2)) + offset));
}

/** Another holder of a row. */
@inline
export function rowPin(row: usize): void {
  store<u32>(row, load<u32>(row, ROW_PINS) + 1, ROW_PINS);
}

/** One holder less: the last gives the row back. */
@inline
export function rowUnpin(row: usize): void {
  const pins = load<u32>(row, ROW_PINS) - 1;
  if (pins == 0) release(row, load<u32>(row, ROW_BLOCK_BYTES));
  else store<u32>(row, pins, ROW_PINS);
}
