// Retractions to upserts: of an update only the row as it is, unless its key has changed; of a deletion only the key.
//
// Columns: u32 PHYSICAL_*, u32 1 for those of the key; the last column has the changes, and no description.
import { batchData, batchValidity, widthOf } from './group-key';
import { bytesEqual } from './hash';
import { BATCH_ROW_COUNT, PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { identityBits } from './value-bits';

const COLUMN_BYTES: u32 = 8;
/** The change of a row that takes the place of the one with its key. */
const UPSERT: i32 = 2;

/** Fills `out`, whose columns are those of `batch` and whose capacity is enough. `count`: columns without the changes. */
export function changesUpsert(batch: usize, out: usize, columns: usize, count: u32): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const changes = batchData(batch, count);
  const written = batchData(out, count);
  let to: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const change = load<i32>(changes + (row << 2));
    const isUpsert = change > 0;
    const isUpdate = change < -1 && row + 1 < rows && load<i32>(changes + (row << 2), 4) == -change;
    // The row as it was is named by the row as it is.
    if (isUpdate && hasSameKey(batch, columns, count, row)) continue;
    for (let column: u32 = 0; column < count; column++) {
      const description = columns + column * COLUMN_BYTES;
      copyValue(batch, out, column, load<u32>(description), row, to, isUpsert || load<u32>(description, 4) != 0);
    }
    store<i32>(written + (to << 2), isUpsert ? UPSERT : -1);
    to++;
  }
  store<u32>(out, to, BATCH_ROW_COUNT);
}

/** Whether rows `row` and `row + 1` have the same key. */
function hasSameKey(batch: usize, columns: usize, count: u32, row: u32): bool {
  for (let column: u32 = 0; column < count; column++) {
    const description = columns + column * COLUMN_BYTES;
    if (!load<u32>(description, 4)) continue;
    const validity = batchValidity(batch, column);
    if (validity) {
      const valid = load<u8>(validity + row);
      if (valid != load<u8>(validity + row, 1)) return false;
      if (!valid) continue;
    }
    if (!isSame(load<u32>(description), batchData(batch, column), row)) return false;
  }
  return true;
}

function isSame(physical: u32, data: usize, row: u32): bool {
  if (physical == PHYSICAL_REF) {
    const at = data + (row << 3);
    const bytes = load<u32>(at, 4);
    return bytes == load<u32>(at, 12) && bytesEqual(load<u32>(at), load<u32>(at, 8), bytes);
  }
  if (physical == PHYSICAL_F64) return identityBits<f64>(data + (row << 3)) == identityBits<f64>(data + (row << 3) + 8);
  if (physical == PHYSICAL_U8) return load<u8>(data + row) == load<u8>(data + row, 1);
  if (physical == PHYSICAL_I32) return load<u32>(data + (row << 2)) == load<u32>(data + (row << 2), 4);
  return load<u64>(data + (row << 3)) == load<u64>(data + (row << 3), 8);
}

/** Copies a value, or makes it NULL where it is not wanted. */
function copyValue(batch: usize, out: usize, column: u32, physical: u32, from: u32, to: u32, isWanted: bool): void {
  const width = widthOf(physical);
  const validity = batchValidity(batch, column);
  const valid = validity ? load<u8>(validity + from) : 1;
  const outValidity = batchValidity(out, column);
  if (outValidity) store<u8>(outValidity + to, isWanted ? valid : 0);
  memory.copy(batchData(out, column) + to * width, batchData(batch, column) + from * width, width);
}
