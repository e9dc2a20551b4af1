// Updates that change nothing: a projection may leave out, or round away, what made the difference.
//
// The two rows of an update whose visible columns are equal are taken out of their batch, and the rest moves up.
import { batchData, batchValidity, widthOf } from './group-key';
import { bytesEqual } from './hash';
import { BATCH_ROW_COUNT, PHYSICAL_REF } from './layout';

/** Settles a batch of changes. `physicals`: u32 PHYSICAL_* of each column; the last of the `count` has the changes. */
export function changesSettle(batch: usize, physicals: usize, count: u32): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const changes = batchData(batch, count - 1);
  let kept: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const change = load<i32>(changes + (row << 2));
    if (change < -1 && row + 1 < rows && load<i32>(changes + (row << 2), 4) == -change) {
      if (isSame(batch, physicals, count - 1, row)) {
        row++;
        continue;
      }
    }
    if (kept != row) moveRow(batch, physicals, count, row, kept);
    kept++;
  }
  store<u32>(batch, kept, BATCH_ROW_COUNT);
}

/** Makes updates deletions and insertions, where each row of a batch has become several. */
export function changesApart(batch: usize, column: u32): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  const changes = batchData(batch, column);
  for (let row: u32 = 0; row < rows; row++) {
    const place = changes + (row << 2);
    store<i32>(place, load<i32>(place) < 0 ? -1 : 1);
  }
}

/** Whether rows `row` and `row + 1` have the same values. */
function isSame(batch: usize, physicals: usize, count: u32, row: u32): bool {
  for (let column: u32 = 0; column < count; column++) {
    const validity = batchValidity(batch, column);
    if (validity) {
      const valid = load<u8>(validity + row);
      if (valid != load<u8>(validity + row, 1)) return false;
      if (!valid) continue;
    }
    const physical = load<u32>(physicals + (column << 2));
    const width = widthOf(physical);
    const at = batchData(batch, column) + row * width;
    if (physical == PHYSICAL_REF) {
      const bytes = load<u32>(at, 4);
      if (bytes != load<u32>(at, 12) || !bytesEqual(load<u32>(at), load<u32>(at, 8), bytes)) return false;
    } else if (memory.compare(at, at + width, width) != 0) return false;
  }
  return true;
}

function moveRow(batch: usize, physicals: usize, count: u32, from: u32, to: u32): void {
  for (let column: u32 = 0; column < count; column++) {
    const width = widthOf(load<u32>(physicals + (column << 2)));
    const data = batchData(batch, column);
    memory.copy(data + to * width, data + from * width, width);
    const validity = batchValidity(batch, column);
    if (validity) store<u8>(validity + to, load<u8>(validity + from));
  }
}
