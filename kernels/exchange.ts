// Batches as records for another core: columns one after another, strings behind them.
//
//   rows u32 │ heap u32: where the strings begin │ pad │ per column: validity u8 × rows, if any │ data │ … │ heap
//
// Every part begins at a multiple of 16. A reference is (offset in the heap, length) on the way and an address again
// once it has arrived. `columns` is a table of u32, one per column of the batch: PHYSICAL_*, or EXCHANGE_ABSENT for a
// column that is not sent and that the receiving batch has storage for.
import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  EXCHANGE_ABSENT,
  PHYSICAL_I32,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from './layout';

const RECORD_ROWS: usize = 0;
const RECORD_HEAP: usize = 4;
const RECORD_HEADER: u32 = 16;

@inline
function padded(bytes: u32): u32 {
  return (bytes + 15) & ~15;
}

@inline
function widthShift(physical: u32): u32 {
  return physical == PHYSICAL_U8 ? 0 : physical == PHYSICAL_I32 ? 2 : 3;
}

@inline
function columnOf(batch: usize, column: u32): usize {
  return batch + BATCH_COLUMNS + <usize>column * COLUMN_BYTES;
}

@inline
function physicalOf(columns: usize, column: u32): u32 {
  return load<u32>(columns + ((<usize>column) << 2));
}

/** Bytes of rows [first, first + rows) as a record. */
export function batchPackBytes(batch: usize, columns: usize, count: u32, first: u32, rows: u32): u32 {
  let bytes = RECORD_HEADER;
  for (let column: u32 = 0; column < count; column++) {
    const physical = physicalOf(columns, column);
    if (physical == EXCHANGE_ABSENT) continue;
    const at = columnOf(batch, column);
    const validity = <usize>load<u32>(at, COLUMN_VALIDITY);
    if (validity) bytes += padded(rows);
    bytes += padded(rows << widthShift(physical));
    if (physical == PHYSICAL_REF) bytes += textBytes(load<u32>(at, COLUMN_DATA), validity, first, rows);
  }
  return padded(bytes);
}

function textBytes(data: usize, validity: usize, first: u32, rows: u32): u32 {
  let bytes: u32 = 0;
  for (let row = first; row < first + rows; row++) {
    if (validity == 0 || load<u8>(validity + row) != 0) bytes += load<u32>(data + ((<usize>row) << 3), 4);
  }
  return bytes;
}

/** Writes rows [first, first + rows) as a record to `to`, which has room for `batchPackBytes`. @returns its bytes. */
export function batchPack(batch: usize, columns: usize, count: u32, first: u32, rows: u32, to: usize): u32 {
  let at = to + RECORD_HEADER;
  let heap = to + heapOffset(batch, columns, count, rows);
  store<u32>(to, rows, RECORD_ROWS);
  store<u32>(to, <u32>(heap - to), RECORD_HEAP);
  const heapBase = heap;
  for (let column: u32 = 0; column < count; column++) {
    const physical = physicalOf(columns, column);
    if (physical == EXCHANGE_ABSENT) continue;
    const descriptor = columnOf(batch, column);
    const validity = <usize>load<u32>(descriptor, COLUMN_VALIDITY);
    const data = <usize>load<u32>(descriptor, COLUMN_DATA);
    if (validity) {
      memory.copy(at, validity + first, rows);
      at += padded(rows);
    }
    const shift = widthShift(physical);
    if (physical == PHYSICAL_REF) {
      const source = data + ((<usize>first) << 3);
      heap = packText(source, validity ? validity + first : 0, rows, at, heap, heapBase);
    } else memory.copy(at, data + ((<usize>first) << shift), rows << shift);
    at += padded(rows << shift);
  }
  return padded(<u32>(heap - to));
}

function heapOffset(batch: usize, columns: usize, count: u32, rows: u32): u32 {
  let bytes = RECORD_HEADER;
  for (let column: u32 = 0; column < count; column++) {
    const physical = physicalOf(columns, column);
    if (physical == EXCHANGE_ABSENT) continue;
    if (load<u32>(columnOf(batch, column), COLUMN_VALIDITY)) bytes += padded(rows);
    bytes += padded(rows << widthShift(physical));
  }
  return bytes;
}

/** Copies the strings of a column behind each other. @returns the end of the heap. */
function packText(data: usize, validity: usize, rows: u32, to: usize, heap: usize, heapBase: usize): usize {
  for (let row: u32 = 0; row < rows; row++) {
    const out = to + ((<usize>row) << 3);
    if (validity && load<u8>(validity + row) == 0) {
      store<u64>(out, 0);
      continue;
    }
    const ref = load<u64>(data + ((<usize>row) << 3));
    const length = <usize>(ref >> 32);
    store<u64>(out, <u64>(heap - heapBase) | ((<u64>length) << 32));
    copyText(heap, <usize>(<u32>ref), length);
    heap += length;
  }
  return heap;
}

/** Strings are mostly short: 16 bytes at a time, into room that is overwritten by the next string or is slack. */
@inline
function copyText(to: usize, from: usize, length: usize): void {
  if (length > 64) memory.copy(to, from, length);
  else for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Points the columns of `batch` into the record at `from`, and makes addresses of its references. */
export function batchUnpack(from: usize, columns: usize, count: u32, batch: usize): void {
  const rows = load<u32>(from, RECORD_ROWS);
  const heap = <u64>(from + load<u32>(from, RECORD_HEAP));
  let at = from + RECORD_HEADER;
  store<u32>(batch, rows, BATCH_ROW_COUNT);
  for (let column: u32 = 0; column < count; column++) {
    const physical = physicalOf(columns, column);
    if (physical == EXCHANGE_ABSENT) continue;
    const descriptor = columnOf(batch, column);
    if (load<u32>(descriptor, COLUMN_VALIDITY)) {
      store<u32>(descriptor, <u32>at, COLUMN_VALIDITY);
      at += padded(rows);
    }
    store<u32>(descriptor, <u32>at, COLUMN_DATA);
    if (physical == PHYSICAL_REF) {
      const end = at + ((<usize>rows) << 3);
      for (let ref = at; ref < end; ref += 8) store<u64>(ref, load<u64>(ref) + heap);
    }
    at += padded(rows << widthShift(physical));
  }
}

/** Bytes of the rows whose numbers (u32) are at `list` as a record. */
export function batchPickBytes(batch: usize, columns: usize, count: u32, list: usize, rows: u32): u32 {
  let bytes = heapOffset(batch, columns, count, rows);
  for (let column: u32 = 0; column < count; column++) {
    if (physicalOf(columns, column) != PHYSICAL_REF) continue;
    const at = columnOf(batch, column);
    const validity = <usize>load<u32>(at, COLUMN_VALIDITY);
    const data = <usize>load<u32>(at, COLUMN_DATA);
    for (let i: usize = 0; i < rows; i++) {
      const row = <usize>load<u32>(list + (i << 2));
      if (validity == 0 || load<u8>(validity + row) != 0) bytes += load<u32>(data + (row << 3), 4);
    }
  }
  return padded(bytes);
}

/** Writes the rows whose numbers are at `list` as a record to `to`, which has room for `batchPickBytes`. @returns its bytes. */
export function batchPick(batch: usize, columns: usize, count: u32, list: usize, rows: u32, to: usize): u32 {
  let at = to + RECORD_HEADER;
  let heap = to + heapOffset(batch, columns, count, rows);
  store<u32>(to, rows, RECORD_ROWS);
  store<u32>(to, <u32>(heap - to), RECORD_HEAP);
  const heapBase = heap;
  for (let column: u32 = 0; column < count; column++) {
    const physical = physicalOf(columns, column);
    if (physical == EXCHANGE_ABSENT) continue;
    const descriptor = columnOf(batch, column);
    const validity = <usize>load<u32>(descriptor, COLUMN_VALIDITY);
    const data = <usize>load<u32>(descriptor, COLUMN_DATA);
    if (validity) {
      pick<u8>(validity, list, rows, at);
      at += padded(rows);
    }
    const shift = widthShift(physical);
    if (physical == PHYSICAL_REF) heap = pickText(data, validity, list, rows, at, heap, heapBase);
    else if (shift == 3) pick<u64>(data, list, rows, at);
    else if (shift == 2) pick<u32>(data, list, rows, at);
    else pick<u8>(data, list, rows, at);
    at += padded(rows << shift);
  }
  return padded(<u32>(heap - to));
}

@inline
function pick<T>(from: usize, list: usize, rows: u32, to: usize): void {
  for (let i: usize = 0; i < rows; i++) {
    const row = <usize>load<u32>(list + (i << 2));
    store<T>(to + i * sizeof<T>(), load<T>(from + row * sizeof<T>()));
  }
}

/** As packText, of the rows in a list. */
function pickText(
  data: usize,
  validity: usize,
  list: usize,
  rows: u32,
  to: usize,
  heap: usize,
  heapBase: usize,
): usize {
  for (let i: usize = 0; i < rows; i++) {
    const row = <usize>load<u32>(list + (i << 2));
    const out = to + (i << 3);
    if (validity && load<u8>(validity + row) == 0) {
      store<u64>(out, 0);
      continue;
    }
    const ref = load<u64>(data + (row << 3));
    const length = <usize>(ref >> 32);
    store<u64>(out, <u64>(heap - heapBase) | ((<u64>length) << 32));
    copyText(heap, <usize>(<u32>ref), length);
    heap += length;
  }
  return heap;
}
