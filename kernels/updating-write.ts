// The changes that a flight of a join has given (updating-settle.ts), as batches.
import { batchData } from './group-key';
import { sideAt } from './join-state';
import { joinWrite } from './join-write';
import { BATCH_CAPACITY } from './layout';
import { JOIN_COUNT, SIDE_FLIGHT } from './layout-join';
import {
  UPDATING_ARRIVAL_COLUMN,
  UPDATING_CHANGE_COLUMN,
  UPDATING_FLIGHT_LEFTS,
  UPDATING_FLIGHT_RIGHTS,
  UPDATING_OUT_ARRIVALS,
  UPDATING_OUT_CHANGES,
  UPDATING_OUT_LEFTS,
  UPDATING_OUT_RIGHTS,
} from './layout-updating';
import { UPDATING_OUT_COUNT, UPDATING_OUT_WRITTEN } from './updating-state';

/**
 * Writes the next changes to a batch, which has room for two at least; an update is not cut. @returns how many, 0 when
 * there are no more
 */
export function updatingWrite(state: usize, joined: usize, columns: u32, batch: usize): u32 {
  const from = load<u32>(state, UPDATING_OUT_WRITTEN);
  const left = load<u32>(state, UPDATING_OUT_COUNT) - from;
  if (left == 0) return 0;
  const changes = <usize>load<u32>(state, UPDATING_OUT_CHANGES) + ((<usize>from) << 2);
  let count = min<u32>(left, load<u32>(batch, BATCH_CAPACITY));
  const last = changes + ((<usize>(count - 1)) << 2);
  if (count < left && load<i32>(last) < -1 && load<i32>(last, 4) == -load<i32>(last)) count--;
  point(state, load<u32>(state, UPDATING_OUT_LEFTS) + (from << 2), load<u32>(state, UPDATING_OUT_RIGHTS) + (from << 2));
  const entries = load<u32>(state, JOIN_COUNT);
  store<u32>(state, count, JOIN_COUNT);
  joinWrite(state, joined, columns, batch);
  store<u32>(state, entries, JOIN_COUNT);
  point(state, load<u32>(state, UPDATING_FLIGHT_LEFTS), load<u32>(state, UPDATING_FLIGHT_RIGHTS));
  memory.copy(batchData(batch, load<u32>(state, UPDATING_CHANGE_COLUMN)), changes, count << 2);
  const arrivals = <usize>load<u32>(state, UPDATING_OUT_ARRIVALS);
  if (arrivals) {
    const column = batchData(batch, load<u32>(state, UPDATING_ARRIVAL_COLUMN));
    memory.copy(column, arrivals + ((<usize>from) << 3), count << 3);
  }
  store<u32>(state, from + count, UPDATING_OUT_WRITTEN);
  return count;
}

/** Says where the rows to be written are. */
@inline
function point(state: usize, lefts: u32, rights: u32): void {
  store<u32>(sideAt(state, 0), lefts, SIDE_FLIGHT);
  store<u32>(sideAt(state, 1), rights, SIDE_FLIGHT);
}
