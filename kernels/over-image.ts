// Images of an OVER operator (row-image.ts): its sorter, its partitions, and the rows that wait for their results.
//
//   watermark to pass on │ u32 rows kept │ sorter │ u32 untimely row │ rows that wait, the oldest first … 0 │
//   of each aggregate over frames i64 rows added │ partitions { u32 bytes │ block │ its rows … 0 │ row that waits │
//   what its calls refer to } … u32 0
//
// Partitions that are whole when their rows come are forgotten at once: then there are none here. The results of rows that
// are kept have come out, and are not needed any more.
import { STATE_SEQUENCE } from './aggregate-state';
import { keepsPane } from './frame-aggregate';
import { framePins } from './frame';
import { statesVisit } from './group-image';
import { tableOnly } from './group-only';
import { tableArena, tableCount, tableEntry } from './group-table';
import { imageCursor, imageLoad, imagePut, imagePutBlock, imageTake, imageTake64, imageTakeBlock } from './image';
import { PHYSICAL_REF } from './layout';
import { AGGREGATE_ENTRY_BYTES } from './layout-aggregate';
import {
  BOUND_UNBOUNDED,
  EXCLUDE_NONE,
  FRAME_AGGREGATE_STATE,
  FRAME_COUNT,
  FRAME_FIRST,
  FRAME_FIRST_ROW,
  FRAME_KNOWN,
  FRAME_KNOWN_VALUE,
  FRAME_LAST_ROW,
  FRAME_NEWEST,
  FRAME_PANE,
  FRAME_PINNED,
  FRAME_RING,
  FRAME_TURNED,
  OVER_AGGREGATE,
  OVER_AGGREGATED,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_CALLS,
  OVER_EXCLUDE,
  OVER_FORWARD,
  OVER_FUNCTION,
  OVER_KEEP,
  OVER_LAST_PLACED,
  OVER_LAST_VALUE,
  OVER_MAX,
  OVER_MIN,
  OVER_NTH,
  OVER_NTILE,
  OVER_PARTITION_BYTES,
  OVER_PERCENT_RANK,
  OVER_PHYSICAL,
  OVER_RESULT,
  OVER_ROWS,
  OVER_SLOT,
  OVER_START,
  OVER_STATE,
  PARTITION_BLOCK_BYTES,
  PARTITION_HEAD,
  PARTITION_NEXT,
  PARTITION_TAIL,
  PARTITION_WAITING,
  RING_BYTES,
  RING_INDEX,
  RING_ROW,
} from './layout-over';
import {
  FIELD_BYTES,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROW_IS_TIMELY,
  ROW_NEXT,
  ROW_OLDER,
  ROW_PARTITION,
  ROW_YOUNGER,
  ROWS_FIELD_COUNT,
  ROWS_FIELDS,
  SORTER_KEY_COUNT,
  SORTER_KEYS,
  SORTER_USED_BYTES,
} from './layout-rows';
import { SHARE_IS_NEXT } from './layout-share';
import { allocate } from './memory';
import { STATE_KEPT, STATE_OLDEST, STATE_UNTIMELY, STATE_YOUNGEST } from './over-state';
import { paneCreate } from './pane';
import { partitionAdd, partitionBuckets, partitionFirst, partitionRelease } from './partition';
import { rowImageClear, rowImageEnd, rowImageSave, rowPut, rowShare, rowTake, rowTakeListed } from './row-image';
import { rowCompare } from './row-order';
import { shareHasKey } from './share-keys';
import { sorterPut, sorterTakeImage } from './sorter-image';
import { RANK_ROW } from './frame-result';

@inline
function callAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, OVER_CALLS) + index * OVER_CALL_BYTES;
}

/** Whether rows have in their slots other rows. */
@inline
function hasRowSlots(call: usize): bool {
  const fn = load<u32>(call, OVER_FUNCTION);
  return load<u32>(call, OVER_SLOT) != 0 && (fn == OVER_MIN || fn == OVER_MAX);
}

/** Begins to save it. */
export function overSave(state: usize): void {
  rowImageSave(state, 0, true);
  clearResults(state);
  imagePutBlock(state + OVER_FORWARD, 8);
  imagePut(load<u32>(state, STATE_KEPT));
  sorterPut(state, false);
  rowPut(load<u32>(state, STATE_UNTIMELY));
  for (let row = <usize>load<u32>(state, STATE_OLDEST); row; row = load<u32>(row, ROW_YOUNGER)) rowPut(row);
  imagePut(0);
  const callCount = load<u32>(state, OVER_CALL_COUNT);
  for (let i: u32 = 0; i < callCount; i++) {
    const call = callAt(state, i);
    if (load<u32>(call, OVER_FUNCTION) == OVER_AGGREGATED) imagePutBlock(aggregateOf(call) + STATE_SEQUENCE, 8);
  }
  const buckets = partitionBuckets(state);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    for (let partition = partitionFirst(state, bucket); partition; ) {
      putPartition(state, partition);
      partition = <usize>load<u32>(partition, PARTITION_NEXT);
    }
  }
  imagePut(0);
}

@inline
function aggregateOf(call: usize): usize {
  return <usize>load<u32>(<usize>load<u32>(call, OVER_AGGREGATE), FRAME_AGGREGATE_STATE);
}

/** Results that are strings belong to other rows, and so do slots with rows. */
function clearResults(state: usize): void {
  const callCount = load<u32>(state, OVER_CALL_COUNT);
  const bytes = max<u32>(callCount, 1) << 4;
  const ranges = allocate(bytes);
  const own = load<u32>(state, ROWS_FIELD_COUNT);
  const fields = <usize>load<u32>(state + OVER_ROWS, ROWS_FIELDS);
  let count: u32 = 0;
  for (let i: u32 = 0; i < callCount; i++) {
    const field = fields + (own + i) * FIELD_BYTES;
    if (load<u32>(field, FIELD_PHYSICAL) == PHYSICAL_REF) {
      addRange(ranges, count, load<u32>(field, FIELD_OFFSET), 8);
      count++;
    }
    const call = callAt(state, i);
    if (!hasRowSlots(call)) continue;
    addRange(ranges, count, load<u32>(call, OVER_SLOT), 4);
    count++;
  }
  rowImageClear(ranges, count, bytes);
}

function addRange(ranges: usize, index: u32, offset: u32, bytes: u32): void {
  store<u32>(ranges + ((<usize>index) << 3), offset);
  store<u32>(ranges + ((<usize>index) << 3), bytes, 4);
}

function putPartition(state: usize, partition: usize): void {
  const bytes = load<u32>(partition, PARTITION_BLOCK_BYTES);
  imagePut(bytes);
  imagePutBlock(partition, bytes);
  for (let row = <usize>load<u32>(partition, PARTITION_HEAD); row; row = load<u32>(row, ROW_NEXT)) rowPut(row);
  imagePut(0);
  rowPut(load<u32>(partition, PARTITION_WAITING));
  const callCount = load<u32>(state, OVER_CALL_COUNT);
  for (let i: u32 = 0; i < callCount; i++) {
    const call = callAt(state, i);
    putCall(state, call, partition + <usize>load<u32>(call, OVER_STATE));
  }
}

// What a call refers to in a partition. Only rows that it may still look at are: others are gone.

function putCall(state: usize, call: usize, frame: usize): void {
  const fn = load<u32>(call, OVER_FUNCTION);
  if (fn <= <u32>OVER_NTILE) return;
  if (fn <= <u32>OVER_PERCENT_RANK) {
    rowPut(load<u32>(frame, RANK_ROW));
    return;
  }
  rowPut(holdsFirst(call) ? <usize>load<u32>(frame, FRAME_FIRST_ROW) : 0);
  rowPut(load<u32>(frame, FRAME_LAST_ROW));
  if (fn == OVER_LAST_VALUE) rowPut(load<u32>(frame, FRAME_NEWEST));
  if (fn == OVER_AGGREGATED) {
    putAggregated(call, frame);
    return;
  }
  rowPut(load<u32>(frame, FRAME_PINNED));
  if (fn == OVER_LAST_PLACED) {
    const count = ringCount(call, frame);
    for (let i: usize = 0; i < count; i++) {
      const place = frame + FRAME_RING + i * RING_BYTES;
      const isHeld = framePins(state, call) || load<i64>(place, RING_INDEX) >= load<i64>(frame, FRAME_FIRST);
      rowPut(isHeld ? <usize>load<u32>(place, RING_ROW) : 0);
    }
  }
  if (!hasRowSlots(call)) return;
  const slot = load<u32>(call, OVER_SLOT);
  let row = <usize>load<u32>(frame, FRAME_FIRST_ROW);
  const end = load<i64>(frame, FRAME_TURNED);
  for (let index = load<i64>(frame, FRAME_FIRST); index < end; index++) {
    rowPut(load<u32>(row + slot));
    row = load<u32>(row, ROW_NEXT);
  }
}

/** Whether the first row of a frame is there: it may leave, or rows are walked through as others leave out some. */
@inline
function holdsFirst(call: usize): bool {
  return load<u32>(call, OVER_START) != BOUND_UNBOUNDED || load<u32>(call, OVER_EXCLUDE) != EXCLUDE_NONE;
}

/** Places of a ring that have had a row. */
@inline
function ringCount(call: usize, frame: usize): usize {
  return <usize>min(load<i64>(frame, FRAME_COUNT), <i64>load<u32>(call, OVER_NTH));
}

/** A frame that only ever gets more rows has what they add up to. */
function putAggregated(call: usize, frame: usize): void {
  const pane = <usize>load<u32>(frame, FRAME_PANE);
  const hasSum = keepsPane(call) && pane != 0 && tableCount(pane) != 0;
  imagePut(hasSum ? 1 : 0);
  if (!hasSum) return;
  const aggregate = aggregateOf(call);
  const entry = <usize>tableEntry(pane, 0);
  imagePutBlock(entry, load<u32>(aggregate, AGGREGATE_ENTRY_BYTES));
  statesVisit(aggregate, entry);
}

/** Loads its structure; of saved shares, beside what is there. */
export function overLoad(state: usize): void {
  const share = rowShare();
  const forward = imageTake64();
  const isNext = share != 0 && load<u32>(share, SHARE_IS_NEXT) != 0;
  store<i64>(state, isNext ? min(forward, load<i64>(state, OVER_FORWARD)) : forward, OVER_FORWARD);
  if (share) store<u32>(share, 1, SHARE_IS_NEXT);
  imageTake();
  sorterTakeImage(state);
  rowTake();
  takeWaiting(state);
  const callCount = load<u32>(state, OVER_CALL_COUNT);
  for (let i: u32 = 0; i < callCount; i++) {
    const call = callAt(state, i);
    if (load<u32>(call, OVER_FUNCTION) != OVER_AGGREGATED) continue;
    const place = aggregateOf(call) + STATE_SEQUENCE;
    store<i64>(place, max(load<i64>(place), imageTake64()));
  }
  for (let bytes = imageTake(); bytes; bytes = imageTake()) takePartition(state, share, bytes);
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + rowImageEnd(), SORTER_USED_BYTES);
}

/** Takes the rows that wait, among those of other shares in the order of all. Those for which time has come are first. */
function takeWaiting(state: usize): void {
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  let older: usize = 0;
  let younger = <usize>load<u32>(state, STATE_OLDEST);
  for (let row = rowTakeListed(); row; row = rowTakeListed()) {
    while (younger != 0 && rowCompare(keys, keyCount, younger, row) <= 0) {
      older = younger;
      younger = load<u32>(younger, ROW_YOUNGER);
    }
    store<u32>(row, <u32>older, ROW_OLDER);
    store<u32>(row, <u32>younger, ROW_YOUNGER);
    if (older) store<u32>(older, <u32>row, ROW_YOUNGER);
    else store<u32>(state, <u32>row, STATE_OLDEST);
    if (younger) store<u32>(younger, <u32>row, ROW_OLDER);
    else store<u32>(state, <u32>row, STATE_YOUNGEST);
    older = row;
  }
  let untimely = <usize>load<u32>(state, STATE_OLDEST);
  while (untimely != 0 && load<u32>(untimely, ROW_IS_TIMELY) != 0) untimely = load<u32>(untimely, ROW_YOUNGER);
  store<u32>(state, <u32>untimely, STATE_UNTIMELY);
}

function takePartition(state: usize, share: usize, bytes: u32): void {
  const partition = allocate(bytes);
  imageTakeBlock(partition, bytes);
  const isOwn = share == 0 || shareHasKey(share, partition + <usize>load<u32>(state, OVER_PARTITION_BYTES));
  if (isOwn) partitionAdd(state, partition);
  store<u32>(partition, 0, PARTITION_HEAD);
  const isKept = load<u32>(state, OVER_KEEP) != 0;
  let last: usize = 0;
  for (let row = rowTakeListed(); row; row = rowTakeListed()) {
    store<u32>(row, <u32>partition, ROW_PARTITION);
    if (last) store<u32>(last, <u32>row, ROW_NEXT);
    else store<u32>(partition, <u32>row, PARTITION_HEAD);
    last = row;
    if (isKept) store<u32>(state, load<u32>(state, STATE_KEPT) + 1, STATE_KEPT);
  }
  // Where the first rows are kept nobody asks for the last one.
  store<u32>(partition, isKept ? 0 : <u32>last, PARTITION_TAIL);
  store<u32>(partition, <u32>rowTake(), PARTITION_WAITING);
  const callCount = load<u32>(state, OVER_CALL_COUNT);
  for (let i: u32 = 0; i < callCount; i++) {
    const call = callAt(state, i);
    takeCall(call, partition + <usize>load<u32>(call, OVER_STATE));
  }
  if (!isOwn) partitionRelease(state, partition);
}

function takeCall(call: usize, frame: usize): void {
  const fn = load<u32>(call, OVER_FUNCTION);
  if (fn <= <u32>OVER_NTILE) return;
  if (fn <= <u32>OVER_PERCENT_RANK) {
    store<u32>(frame + RANK_ROW, <u32>rowTake());
    return;
  }
  store<u32>(frame, <u32>rowTake(), FRAME_FIRST_ROW);
  store<u32>(frame, <u32>rowTake(), FRAME_LAST_ROW);
  store<u32>(frame, fn == OVER_LAST_VALUE ? <u32>rowTake() : 0, FRAME_NEWEST);
  if (fn == OVER_AGGREGATED) {
    takeAggregated(call, frame);
    return;
  }
  store<u32>(frame, <u32>rowTake(), FRAME_PINNED);
  if (fn == OVER_LAST_PLACED) {
    const count = ringCount(call, frame);
    for (let i: usize = 0; i < count; i++) store<u32>(frame + FRAME_RING + i * RING_BYTES, <u32>rowTake(), RING_ROW);
  }
  if (!hasRowSlots(call)) return;
  const slot = load<u32>(call, OVER_SLOT);
  let row = <usize>load<u32>(frame, FRAME_FIRST_ROW);
  const end = load<i64>(frame, FRAME_TURNED);
  for (let index = load<i64>(frame, FRAME_FIRST); index < end; index++) {
    const other = <u32>rowTake();
    // Those of another core are not here.
    if (!row) continue;
    store<u32>(row + slot, other);
    row = load<u32>(row, ROW_NEXT);
  }
}

function takeAggregated(call: usize, frame: usize): void {
  store<u32>(frame, 0, FRAME_PANE);
  // Of a string that was the result nothing is left.
  if (!load<u32>(frame, FRAME_KNOWN)) store<u64>(frame, 0, FRAME_KNOWN_VALUE);
  if (!imageTake()) return;
  const aggregate = aggregateOf(call);
  const pane = paneCreate(0, 0, 0);
  store<u32>(frame, <u32>pane, FRAME_PANE);
  imageLoad(imageCursor(), tableArena(pane));
  const entry = tableOnly(aggregate, pane);
  imageTakeBlock(entry, load<u32>(aggregate, AGGREGATE_ENTRY_BYTES));
  statesVisit(aggregate, entry);
}
