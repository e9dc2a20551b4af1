// OVER partitions that are whole when their rows come: all rows, or those of one event time after another. The rows of all
// partitions join them, then each row gets its results, then the partitions are forgotten: all that in slices.
import { resultsWrite } from './frame-result';
import { OVER_FAILED_CALL } from './layout-over';
import { ROW_PARTITION, ROW_READY_NEXT, SORTER_TIME_COLUMN } from './layout-rows';
import { overHasFailed, overJoin, overLetOut, overTime, overUnpin } from './over-rows';
import { ADVANCE_FIRST, ADVANCE_LAST, ADVANCE_ROW, STATE_ADVANCE } from './over-state';
import { sorterNext } from './sorter';

/** Lets up to `most` rows of one event time, or of all, join their partitions. @returns how many: fewer when that is all */
export function wholeJoin(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const isTimed = load<i32>(state, SORTER_TIME_COLUMN) >= 0;
  let last = <usize>load<u32>(advance, ADVANCE_LAST);
  let row = <usize>load<u32>(advance, ADVANCE_ROW);
  let count: u32 = 0;
  for (; count < most; count++) {
    if (!row) row = sorterNext(state);
    if (!row || (isTimed && last != 0 && overTime(state, row) != overTime(state, last))) break;
    if (last) store<u32>(last, <u32>row, ROW_READY_NEXT);
    else store<u32>(advance, <u32>row, ADVANCE_FIRST);
    store<u32>(row, 0, ROW_READY_NEXT);
    overJoin(state, row);
    last = row;
    row = 0;
  }
  store<u32>(advance, <u32>row, ADVANCE_ROW);
  store<u32>(advance, <u32>last, ADVANCE_LAST);
  return count;
}

/** Gives up to `most` rows of whole partitions their results. @returns how many: fewer when that is all */
export function wholeFinish(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  let row = <usize>load<u32>(advance, ADVANCE_FIRST);
  let count: u32 = 0;
  for (; row != 0 && count < most; count++) {
    const next = <usize>load<u32>(row, ROW_READY_NEXT);
    if (!overHasFailed(state)) {
      const failed = resultsWrite(state, load<u32>(row, ROW_PARTITION), row);
      if (failed) store<u32>(state, failed, OVER_FAILED_CALL);
    }
    store<u32>(row, 0, ROW_READY_NEXT);
    if (overHasFailed(state)) overUnpin(state, row);
    else overLetOut(state, row);
    row = next;
  }
  store<u32>(advance, <u32>row, ADVANCE_FIRST);
  if (!row) store<u32>(advance, 0, ADVANCE_LAST);
  return count;
}
