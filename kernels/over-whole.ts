// OVER partitions that are whole when their rows come: all rows, or those of one event time after another.
import { resultsWrite } from './frame-result';
import { OVER_FAILED_CALL } from './layout-over';
import { ROW_NEXT, ROW_PARTITION, ROW_READY_NEXT, SORTER_TIME_COLUMN } from './layout-rows';
import { overHasFailed, overJoin, overLetOut, overTime, overUnpin } from './over-rows';
import { partitionsClear } from './partition';

/** Handles rows (a list by ROW_NEXT): all there will be of their partitions. */
export function overWhole(state: usize, first: usize): void {
  const isTimed = load<i32>(state, SORTER_TIME_COLUMN) >= 0;
  let begin = first;
  while (begin != 0 && !overHasFailed(state)) {
    const time = isTimed ? overTime(state, begin) : 0;
    let last: usize = 0;
    let row = begin;
    while (row != 0 && (!isTimed || overTime(state, row) == time)) {
      const next = <usize>load<u32>(row, ROW_NEXT);
      if (last) store<u32>(last, <u32>row, ROW_READY_NEXT);
      overJoin(state, row);
      last = row;
      row = next;
    }
    finishWhole(state, begin);
    partitionsClear(state);
    begin = row;
  }
}

/** Gives the rows of whole partitions, linked by ROW_READY_NEXT, their results. */
function finishWhole(state: usize, first: usize): void {
  let row = first;
  while (row) {
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
}
