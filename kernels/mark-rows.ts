// Records that are only a watermark: they have moved it, and are taken out of the batch before it is used.
import {
  BATCH_COLUMN_COUNT,
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
} from './layout';
import { batchData } from './group-key';

/** The event time of such a record, as the decoder writes it. */
export const MARK_TIME: i64 = i64.MIN_VALUE;

/**
 * Keeps the rows that are rows, moved together in the batch's own columns. `sizes`: u32 bytes of a value of each column;
 * `timeColumn`: the event time (i64). @returns the rows left out
 */
export function markRowsDrop(batch: usize, sizes: usize, timeColumn: u32): u32 {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const times = batchData(batch, timeColumn);
  let kept: u32 = 0;
  let row: u32 = 0;
  while (row < rows) {
    const isMark = load<i64>(times + ((<usize>row) << 3)) == MARK_TIME;
    const first = row++;
    // The run of rows with the same answer. Times behind `row` have not been moved yet.
    while (row < rows && (load<i64>(times + ((<usize>row) << 3)) == MARK_TIME) == isMark) row++;
    if (isMark) continue;
    if (kept != first) moveRows(batch, sizes, first, row - first, kept);
    kept += row - first;
  }
  store<u32>(batch, kept, BATCH_ROW_COUNT);
  return rows - kept;
}

function moveRows(batch: usize, sizes: usize, from: u32, count: u32, to: u32): void {
  const columns = load<u32>(batch, BATCH_COLUMN_COUNT);
  for (let column: u32 = 0; column < columns; column++) {
    const size = load<u32>(sizes + ((<usize>column) << 2));
    const descriptor = batch + <usize>BATCH_COLUMNS + <usize>column * <usize>COLUMN_BYTES;
    const data = <usize>load<u32>(descriptor, COLUMN_DATA);
    memory.copy(data + <usize>to * size, data + <usize>from * size, <usize>count * size);
    const validity = <usize>load<u32>(descriptor, COLUMN_VALIDITY);
    if (validity) memory.copy(validity + to, validity + from, count);
  }
}
