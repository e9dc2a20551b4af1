// What the text encoders share: the output buffer, the columns of a batch, and the text of fields that are no strings.
//
// State: ENCODER_* of layout.ts, made by src/formats/row-encoder.ts. Before each row ENCODER_ROW_BYTES are reserved, and
// before each string its own worst case on top of that, so the code in between writes without checking. Stores of 16
// bytes may reach READ_SLACK past what is reserved. Reserving may move the buffer: whoever reserves keeps offsets, not
// addresses.
import { BATCH_COLUMNS, BATCH_ROW_COUNT, COLUMN_BYTES, COLUMN_DATA, COLUMN_VALIDITY, READ_SLACK } from './layout';
import {
  ENCODER_BUFFER,
  ENCODER_CAPACITY,
  ENCODER_COLUMN_COUNT,
  ENCODER_COLUMNS,
  ENCODER_LENGTH,
  ENCODE_BIGINT,
  ENCODE_BOOLEAN,
  ENCODE_CHANGE,
  ENCODE_COLUMN_BYTES,
  ENCODE_COLUMN_DATA,
  ENCODE_COLUMN_INDEX,
  ENCODE_COLUMN_VALIDITY,
  ENCODE_DATE,
  ENCODE_DECIMAL,
  ENCODE_DOUBLE,
  ENCODE_DOUBLE_TEXT,
  ENCODE_EPOCH_MS,
  ENCODE_EPOCH_NS,
  ENCODE_EPOCH_S,
  ENCODE_EPOCH_US,
  ENCODE_INTEGER,
  ENCODE_INTERVAL,
  ENCODE_SCALE,
  ENCODE_TIMESTAMP,
  ENCODE_UPSERT,
} from './layout-formats';
import { printDecimal } from './decimal';
import { allocate, release } from './memory';
import { printF64, printI64 } from './number-print';
import { printDate, printEpoch, printInterval, printTimestamp } from './time-print';

/** Rows of the batch being encoded. */
let encodedRows: u32 = 0;

/** Points the encoder's columns at the data of a batch. @returns the address to write at. */
export function encoderOpen(state: usize, batch: usize): usize {
  const count = load<u32>(state, ENCODER_COLUMN_COUNT);
  encodedRows = load<u32>(batch, BATCH_ROW_COUNT);
  let column = state + ENCODER_COLUMNS;
  for (let i: u32 = 0; i < count; i++) {
    const source = batch + BATCH_COLUMNS + <usize>load<u32>(column, ENCODE_COLUMN_INDEX) * COLUMN_BYTES;
    store<u32>(column, load<u32>(source, COLUMN_DATA), ENCODE_COLUMN_DATA);
    store<u32>(column, load<u32>(source, COLUMN_VALIDITY), ENCODE_COLUMN_VALIDITY);
    column += ENCODE_COLUMN_BYTES;
  }
  return <usize>load<u32>(state, ENCODER_BUFFER) + load<u32>(state, ENCODER_LENGTH);
}

/** Keeps what was written up to `out`. */
@inline
export function encoderClose(state: usize, out: usize): void {
  store<u32>(state, <u32>out - load<u32>(state, ENCODER_BUFFER), ENCODER_LENGTH);
}

/** Whether `bytes` bytes fit at `out`. */
@inline
export function encoderFits(state: usize, out: usize, bytes: u64): bool {
  const end = <u64>load<u32>(state, ENCODER_BUFFER) + load<u32>(state, ENCODER_CAPACITY);
  return <u64>out + bytes + READ_SLACK <= end;
}

/** Makes sure that `bytes` bytes fit at `out`. @returns `out`, or where it is after the buffer moved. */
@inline
export function encoderReserve(state: usize, out: usize, bytes: u64): usize {
  return encoderFits(state, out, bytes) ? out : encoderGrow(state, out, bytes);
}

function encoderGrow(state: usize, out: usize, bytes: u64): usize {
  const buffer = <usize>load<u32>(state, ENCODER_BUFFER);
  const capacity = load<u32>(state, ENCODER_CAPACITY);
  const length = out - buffer;
  let wish = (<u64>capacity) << 1;
  while (wish < length + bytes + READ_SLACK) wish <<= 1;
  // Beyond what 32 bits address: the same trap as when memory cannot grow.
  if (wish > 0x80000000) unreachable();
  const next = allocate(<u32>wish);
  memory.copy(next, buffer, length);
  release(buffer, capacity);
  store<u32>(state, <u32>next, ENCODER_BUFFER);
  store<u32>(state, <u32>wish, ENCODER_CAPACITY);
  return next + length;
}

/** Appends bytes (a header line). */
export function encoderAppend(state: usize, address: usize, bytes: u32): void {
  const at = <usize>load<u32>(state, ENCODER_BUFFER) + load<u32>(state, ENCODER_LENGTH);
  const out = encoderReserve(state, at, bytes);
  memory.copy(out, address, bytes);
  encoderClose(state, out + bytes);
}

/** Copies bytes 16 at a time, reading and writing up to 15 past the end. @returns the end of the copy. */
@inline
export function copyBytes(to: usize, from: usize, bytes: u32): usize {
  const end = to + bytes;
  v128.store(to, v128.load(from));
  while (to + 16 < end) {
    to += 16;
    from += 16;
    v128.store(to, v128.load(from));
  }
  return end;
}

/** Whether a double is neither NaN nor infinite. */
@inline
export function isFiniteDouble(value: f64): bool {
  return value - value == 0;
}

/** Writes the text of one value that is no string; `kind` without ENCODE_QUOTED. @returns the end of the text. */
export function encodePlain(kind: u32, data: usize, row: u32, to: usize): usize {
  const scale = kind / ENCODE_SCALE;
  switch (kind & (ENCODE_SCALE - 1)) {
    case ENCODE_BOOLEAN: {
      const isTrue = load<u8>(data + row) != 0;
      store<u32>(to, isTrue ? 0x65757274 : 0x736c6166); // true, fals
      store<u8>(to, 101, 4);
      return to + (isTrue ? 4 : 5);
    }
    case ENCODE_INTEGER:
      return to + printI64(<i64>load<i32>(data + ((<usize>row) << 2)), to);
    case ENCODE_BIGINT:
      return to + printI64(load<i64>(data + ((<usize>row) << 3)), to);
    case ENCODE_DOUBLE:
    case ENCODE_DOUBLE_TEXT:
      return to + printF64(load<f64>(data + ((<usize>row) << 3)), to);
    case ENCODE_TIMESTAMP:
      return to + printTimestamp(load<i64>(data + ((<usize>row) << 3)), to);
    case ENCODE_EPOCH_S:
      return to + printEpoch(load<i64>(data + ((<usize>row) << 3)), 1000000, to);
    case ENCODE_EPOCH_MS:
      return to + printEpoch(load<i64>(data + ((<usize>row) << 3)), 1000, to);
    case ENCODE_EPOCH_US:
      return to + printEpoch(load<i64>(data + ((<usize>row) << 3)), 1, to);
    case ENCODE_EPOCH_NS:
      return to + printEpoch(load<i64>(data + ((<usize>row) << 3)), 0, to);
    case ENCODE_DATE:
      return to + printDate(load<i32>(data + ((<usize>row) << 2)), to);
    case ENCODE_DECIMAL:
      return to + printDecimal(load<i64>(data + ((<usize>row) << 3)), scale, to);
    case ENCODE_INTERVAL:
      return to + printInterval(load<i64>(data + ((<usize>row) << 3)), to);
    case ENCODE_CHANGE:
      store<u16>(to, <u16>changeText(data, row));
      return to + 2;
    case ENCODE_UPSERT:
      store<u16>(to, load<i32>(data + ((<usize>row) << 2)) > 0 ? 0x552b : 0x442d); // +U, -D
      return to + 2;
    default:
      unreachable();
  }
  return to;
}

/** What kind of change a row is: two bytes of text. */
function changeText(data: usize, row: u32): u32 {
  if (load<i32>(data + ((<usize>row) << 2)) > 0) return row > 0 && isUpdate(data, row - 1) ? 0x552b : 0x492b; // +U, +I
  return isUpdate(data, row) ? 0x552d : 0x442d; // -U, -D
}

/** Whether rows `row` and `row + 1` of the batch being encoded are the two halves of an update. */
@inline
export function isUpdate(data: usize, row: u32): bool {
  const change = data + ((<usize>row) << 2);
  return row + 1 < encodedRows && load<i32>(change) < -1 && load<i32>(change) == -load<i32>(change, 4);
}
