// The first rows of each partition, where no other can come out: rows are kept in order in their partitions, and those
// beyond the first OVER_KEEP given back at once. At the end of the input what is left goes to the sorter, as if nothing
// else had come.
//
// Rows of a partition are a list in order (ROW_NEXT) of at most a few; ROW_INDEX is the number of the row among all.
import { BATCH_ROW_COUNT } from './layout';
import { OVER_KEEP, PARTITION_COUNT, PARTITION_HEAD, PARTITION_NEXT } from './layout-over';
import { ROW_INDEX, ROW_NEXT, SORTER_ARRIVED, SORTER_KEY_COUNT, SORTER_KEYS, SORTER_USED_BYTES } from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { ADVANCE_ITEM_COUNT, ADVANCE_ITEMS, ADVANCE_NEXT, STATE_ADVANCE, STATE_KEPT } from './over-state';
import { partitionBuckets, partitionFirst, partitionOf } from './partition';
import { rowCompare } from './row-order';
import { KEEP_ROWS, rowsKeep, rowUnpin } from './row-store';
import { restAdd } from './sorter-rest';

const selected: usize = memory.data(256 * 4, 16);
const keptRows: usize = memory.data(256 * 4, 16);

/** Adds a batch. */
export function overKeep(state: usize, batch: usize): void {
  const before = allocatedBytes();
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  for (let first: u32 = 0; first < rows; first += KEEP_ROWS) {
    const count = min<u32>(rows - first, KEEP_ROWS);
    for (let i: u32 = 0; i < count; i++) store<u32>(selected + (i << 2), first + i);
    rowsKeep(state, batch, selected, count, keptRows);
    for (let i: usize = 0; i < count; i++) {
      const row = <usize>load<u32>(keptRows + (i << 2));
      const number = load<i64>(state, SORTER_ARRIVED);
      store<i64>(row, number, ROW_INDEX);
      store<i64>(state, number + 1, SORTER_ARRIVED);
      insert(state, row);
    }
  }
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
}

/** Puts a row behind those of its partition that it is not before, and gives the last back if there are too many. */
function insert(state: usize, row: usize): void {
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  const most = <i64>load<u32>(state, OVER_KEEP);
  const partition = partitionOf(state, row);
  const count = load<i64>(partition, PARTITION_COUNT);
  let place = partition + PARTITION_HEAD;
  let passed: i64 = 0;
  let next = load<u32>(place);
  while (next != 0 && rowCompare(keys, keyCount, next, row) <= 0) {
    place = <usize>next + ROW_NEXT;
    next = load<u32>(place);
    passed++;
  }
  if (passed == most) {
    rowUnpin(row);
    return;
  }
  store<u32>(row, next, ROW_NEXT);
  store<u32>(place, <u32>row);
  if (count < most) {
    store<i64>(partition, count + 1, PARTITION_COUNT);
    store<u32>(state, load<u32>(state, STATE_KEPT) + 1, STATE_KEPT);
  } else dropLast(row);
}

/** Gives back the last row of the list that goes on from `row`, which is not it. */
function dropLast(row: usize): void {
  let before = row;
  let last = <usize>load<u32>(row, ROW_NEXT);
  for (let next = load<u32>(last, ROW_NEXT); next != 0; next = load<u32>(last, ROW_NEXT)) {
    before = last;
    last = next;
  }
  store<u32>(before, 0, ROW_NEXT);
  rowUnpin(last);
}

/** At the end of the input the rows that are left go to the sorter, in the order in which they came: begins to list them. */
export function keptBegin(state: usize): void {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const count = load<u32>(state, STATE_KEPT);
  store<u32>(advance, <u32>allocate(count << 4), ADVANCE_ITEMS);
  store<u32>(advance, 0, ADVANCE_ITEM_COUNT);
}

/** Lists the rows of up to `most` buckets more. @returns how many: fewer when that is all */
export function keptListOn(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const from = load<u32>(advance, ADVANCE_NEXT);
  const end = from + min(partitionBuckets(state) - from, most);
  const items = <usize>load<u32>(advance, ADVANCE_ITEMS);
  let at = items + ((<usize>load<u32>(advance, ADVANCE_ITEM_COUNT)) << 4);
  for (let bucket = from; bucket < end; bucket++) {
    for (let partition = partitionFirst(state, bucket); partition != 0; ) {
      for (let row = load<u32>(partition, PARTITION_HEAD); row != 0; row = load<u32>(row, ROW_NEXT)) {
        store<u64>(at, load<u64>(row, ROW_INDEX));
        store<u64>(at, row, 8);
        at += 16;
      }
      partition = <usize>load<u32>(partition, PARTITION_NEXT);
    }
  }
  store<u32>(advance, <u32>((at - items) >> 4), ADVANCE_ITEM_COUNT);
  store<u32>(advance, end, ADVANCE_NEXT);
  return end - from;
}

/** Passes on up to `most` of the listed rows, which are in order by now. @returns how many: fewer when that is all */
export function keptPass(state: usize, most: u32): u32 {
  const advance = <usize>load<u32>(state, STATE_ADVANCE);
  const items = <usize>load<u32>(advance, ADVANCE_ITEMS);
  const count = load<u32>(advance, ADVANCE_ITEM_COUNT);
  const from = load<u32>(advance, ADVANCE_NEXT);
  const end = from + min(count - from, most);
  for (let i: usize = from; i < <usize>end; i++) restAdd(state, load<u32>(items + (i << 4), 8));
  store<u32>(advance, end, ADVANCE_NEXT);
  if (end - from == most) return most;
  release(items, load<u32>(state, STATE_KEPT) << 4);
  store<u32>(advance, 0, ADVANCE_ITEMS);
  store<u32>(state, 0, STATE_KEPT);
  return end - from;
}
