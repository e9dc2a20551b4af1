// Images of a sorter (row-image.ts): between two turns nothing is ready, so there are only rows that wait.
//
//   skip, take │ late, arrived │ u32 entries │ by event time: rows of each run … 0; else row LAST_KEPT, rows
import { imagePut, imagePutBlock, imageTake, imageTake64 } from './image';
import {
  ROW_NEXT,
  SORTER_ARRIVED,
  SORTER_LATE_COUNT,
  SORTER_SKIP,
  SORTER_TAKE,
  SORTER_USED_BYTES,
} from './layout-rows';
import { SHARE_COUNTS } from './layout-share';
import { rowImageEnd, rowImageSave, rowPut, rowPutOther, rowShare, rowTake, rowTakeListed } from './row-image';
import { runFirst, runPut, runsJoin } from './sorter-runs';
import {
  SORTER_STATE_LAST_KEPT,
  SORTER_STATE_LIST_COUNT,
  SORTER_STATE_LISTS,
  sorterIsTimed,
  sorterMakeRoom,
} from './sorter-state';

/** Begins to save a sorter that is an operator of its own. */
export function sorterSave(state: usize): void {
  rowImageSave(state, 0, false);
  sorterPut(state, false);
}

/** Loads its structure. */
export function sorterLoad(state: usize): void {
  sorterTakeImage(state);
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + rowImageEnd(), SORTER_USED_BYTES);
}

/** Writes what a sorter keeps. `isOther`: its rows are of the second kind. */
export function sorterPut(state: usize, isOther: bool): void {
  imagePut(load<u32>(state, SORTER_SKIP));
  imagePut(load<u32>(state, SORTER_TAKE));
  imagePutBlock(state + SORTER_LATE_COUNT, 8);
  imagePutBlock(state + SORTER_ARRIVED, 8);
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  imagePut(count);
  if (sorterIsTimed(state)) {
    for (let run: u32 = 0; run < count; run++) {
      for (let row = runFirst(state, run); row; row = load<u32>(row, ROW_NEXT)) put(row, isOther);
      imagePut(0);
    }
    return;
  }
  put(load<u32>(state, SORTER_STATE_LAST_KEPT), isOther);
  const rows = <usize>load<u32>(state, SORTER_STATE_LISTS);
  for (let i: usize = 0; i < count; i++) put(load<u32>(rows + (i << 2)), isOther);
}

@inline
function put(row: usize, isOther: bool): void {
  if (isOther) rowPutOther(row);
  else rowPut(row);
}

/** Reads it; of saved shares, beside what is there. */
export function sorterTakeImage(state: usize): void {
  store<u32>(state, imageTake(), SORTER_SKIP);
  store<u32>(state, imageTake(), SORTER_TAKE);
  const share = rowShare();
  const late = reinterpret<f64>(imageTake64());
  if (share == 0 || load<u32>(share, SHARE_COUNTS) != 0) {
    store<f64>(state, load<f64>(state, SORTER_LATE_COUNT) + late, SORTER_LATE_COUNT);
  }
  store<i64>(state, max(load<i64>(state, SORTER_ARRIVED), imageTake64()), SORTER_ARRIVED);
  const count = imageTake();
  if (sorterIsTimed(state)) {
    for (let run: u32 = 0; run < count; run++) {
      const index = load<u32>(state, SORTER_STATE_LIST_COUNT);
      for (let row = rowTakeListed(); row; row = rowTakeListed()) runPut(state, index, row);
    }
    if (share) runsJoin(state);
    return;
  }
  store<u32>(state, <u32>rowTake(), SORTER_STATE_LAST_KEPT);
  for (let i: u32 = 0; i < count; i++) {
    const row = rowTake();
    if (!row) continue;
    const index = load<u32>(state, SORTER_STATE_LIST_COUNT);
    sorterMakeRoom(state, index + 1);
    store<u32>(<usize>load<u32>(state, SORTER_STATE_LISTS) + ((<usize>index) << 2), <u32>row);
  }
}
