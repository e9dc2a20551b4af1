// Flights of a join (join.ts) as batches: the columns of both rows of each pair, NULL where there is only one.
import { batchData, batchValidity } from './group-key';
import { BATCH_ROW_COUNT, PHYSICAL_I32, PHYSICAL_U8 } from './layout';
import { JOIN_COUNT, JOINED_BYTES, JOINED_FIELD, JOINED_SIDE, SIDE_FLIGHT } from './layout-join';
import { FIELD_NULL_OFFSET, FIELD_OFFSET, FIELD_PHYSICAL } from './layout-rows';

/** Writes the flight to the first `columns` columns of a batch: what they are is at `joined`, JOINED_* for each. */
export function joinWrite(state: usize, joined: usize, columns: u32, batch: usize): void {
  const count = load<u32>(state, JOIN_COUNT);
  for (let column: u32 = 0; column < columns; column++) {
    const rows = <usize>load<u32>(load<u32>(joined + column * JOINED_BYTES, JOINED_SIDE), SIDE_FLIGHT);
    const field = <usize>load<u32>(joined + column * JOINED_BYTES, JOINED_FIELD);
    const offset = load<u32>(field, FIELD_OFFSET);
    const validity = batchValidity(batch, column);
    if (validity) writeValidity(rows, count, load<i32>(field, FIELD_NULL_OFFSET), validity);
    const data = batchData(batch, column);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical == PHYSICAL_U8) write<u8>(rows, count, offset, data);
    else if (physical == PHYSICAL_I32) write<u32>(rows, count, offset, data);
    else write<u64>(rows, count, offset, data);
  }
  store<u32>(batch, count, BATCH_ROW_COUNT);
}

/** Writes the numbers of the rows of a flight to an INTEGER column. */
export function joinNumber(state: usize, batch: usize, column: u32): void {
  const data = batchData(batch, column);
  const count = load<u32>(state, JOIN_COUNT);
  for (let i: u32 = 0; i < count; i++) store<u32>(data + (i << 2), i);
}

function writeValidity(rows: usize, count: u32, nullOffset: i32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    store<u8>(to + i, row == 0 ? 0 : nullOffset < 0 ? 1 : load<u8>(row + nullOffset));
  }
}

/** Zero where there is no row: a reference to nothing. */
@inline
function write<T>(rows: usize, count: u32, offset: u32, to: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<u32>(rows + (i << 2));
    store<T>(to + i * sizeof<T>(), row ? load<T>(row + offset) : <T>0);
  }
}
