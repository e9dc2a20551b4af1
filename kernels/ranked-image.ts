// Images of numbered rows that change (row-image.ts). Between two batches no step is in hand.
//
//   rows that have come │ number of the last update │ partitions { u32 bytes │ block │ rows in their order { row │ RANK │
//   DENSE_RANK } … 0 } … u32 0 │ where rows can leave, those that are owed … 0
import { imagePut, imagePutBlock, imageTake, imageTakeBlock } from './image';
import { PARTITION_BLOCK_BYTES, PARTITION_HEADER_BYTES, PARTITION_NEXT } from './layout-over';
import { RANKED_CHANGES_IN, RANKED_LIST_BYTES, RANKED_TABLE } from './layout-ranked';
import { SORTER_ARRIVED, SORTER_KEY_COUNT, SORTER_KEYS, SORTER_USED_BYTES } from './layout-rows';
import { allocate } from './memory';
import { partitionAdd, partitionBuckets, partitionFirst } from './partition';
import { RANKED_PAIR, ROW_DENSE, ROW_RANK } from './ranked-state';
import { rowImageEnd, rowImageSave, rowPut, rowTake } from './row-image';
import { rowListCopy, rowListCount, rowListInsert } from './row-list';
import { rowTableAdd } from './row-table';
import { debtsPut, debtsTake } from './top-image';

const BLOCK_ROWS: u32 = 256;
const block: usize = memory.data(256 * 4, 16);

/** Begins to save them. */
export function rankedSave(state: usize): void {
  rowImageSave(state, 0, false);
  imagePutBlock(state + SORTER_ARRIVED, 8);
  imagePut(load<u32>(state, RANKED_PAIR));
  const buckets = partitionBuckets(state);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    for (let partition = partitionFirst(state, bucket); partition; ) {
      putPartition(partition);
      partition = <usize>load<u32>(partition, PARTITION_NEXT);
    }
  }
  imagePut(0);
  if (load<i32>(state, RANKED_CHANGES_IN) >= 0) debtsPut(state + RANKED_TABLE);
}

function putPartition(partition: usize): void {
  const bytes = load<u32>(partition, PARTITION_BLOCK_BYTES);
  const list = partition + <usize>PARTITION_HEADER_BYTES;
  const count = rowListCount(list);
  imagePut(bytes);
  imagePutBlock(partition, bytes);
  for (let from: u32 = 0; from < count; from += BLOCK_ROWS) {
    const rows = min(count - from, BLOCK_ROWS);
    rowListCopy(list, from, rows, block);
    for (let i: usize = 0; i < rows; i++) {
      const row = <usize>load<u32>(block + (i << 2));
      rowPut(row);
      imagePut(load<u32>(row, ROW_RANK));
      imagePut(load<u32>(row, ROW_DENSE));
    }
  }
  imagePut(0);
}

/** Loads their structure. */
export function rankedLoad(state: usize): void {
  imageTakeBlock(state + SORTER_ARRIVED, 8);
  store<u32>(state, imageTake(), RANKED_PAIR);
  for (let bytes = imageTake(); bytes; bytes = imageTake()) takePartition(state, bytes);
  if (load<i32>(state, RANKED_CHANGES_IN) >= 0) debtsTake(state + RANKED_TABLE, state);
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + rowImageEnd(), SORTER_USED_BYTES);
}

function takePartition(state: usize, bytes: u32): void {
  const partition = allocate(bytes);
  imageTakeBlock(partition, bytes);
  partitionAdd(state, partition);
  const list = partition + <usize>PARTITION_HEADER_BYTES;
  memory.fill(list, 0, RANKED_LIST_BYTES);
  const isRetracted = load<i32>(state, RANKED_CHANGES_IN) >= 0;
  for (let row = rowTake(); row; row = rowTake()) {
    // Of equal rows the latest comes last, as it did.
    if (isRetracted) rowTableAdd(state + RANKED_TABLE, state, row);
    rowListInsert(list, load<u32>(state, SORTER_KEYS), load<u32>(state, SORTER_KEY_COUNT), row, 0);
    store<u32>(row, imageTake(), ROW_RANK);
    store<u32>(row, imageTake(), ROW_DENSE);
  }
}
