// OVER: rows with what functions give over the other rows of their partition.
//
// A sorter hands the rows over in order (kernels/sorter.ts). Then, by OVER_IS_WHOLE:
//
//   0  Partitions go on. A row joins its partition and waits for what its frames need: rows of the partition after it
//      (OVER_LEAD_ROWS), and that its event time has passed, and by how much (OVER_FOLLOW). It gets its results, and
//      comes out, at the row or the watermark that ends the wait. A partition keeps the rows that frames to come need.
//   1  Partitions are whole when their rows come: all rows, or those of one event time, which is then part of the
//      partition's key. They join their partitions, get their results, and the partitions are forgotten.
//
// What comes out, and in which order, does not depend on where batches were cut: a row waits for certain rows and
// times, not for batches. Strings of results belong to other rows, so rows are given back at the next watermark only.
import { aggregateDestroy, aggregateInit } from './aggregate';
import { framePins } from './frame';
import { placedRelease } from './frame-placed';
import { BATCH_CAPACITY, BATCH_ROW_COUNT } from './layout';
import {
  FRAME_AGGREGATE_STATE,
  FRAME_PINNED,
  OVER_AGGREGATE,
  OVER_AGGREGATED,
  OVER_CALLS,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_PERCENT_RANK,
  OVER_FORWARD,
  OVER_FUNCTION,
  OVER_ROWS,
  OVER_STATE,
  PARTITION_HEAD,
  PARTITION_NEXT,
} from './layout-over';
import { ROW_NEXT, ROW_READY_NEXT, SORTER_USED_BYTES } from './layout-rows';
import { allocate, allocatedBytes, release } from './memory';
import { advanceDestroy, advanceInit } from './over-advance';
import { overReleaseRetired, overUnpin } from './over-rows';
import {
  STATE_FLIGHT,
  STATE_FLIGHT_CAPACITY,
  STATE_FLIGHT_COUNT,
  STATE_READY_FIRST,
  STATE_READY_LAST,
  STATE_TURN,
  STATE_TURN_CAPACITY,
} from './over-state';
import { partitionBuckets, partitionFirst, partitionsDestroy, partitionsInit } from './partition';
import { rowsWrite } from './row-store';
import { sorterDestroy } from './sorter';

const ALL: u32 = 0xffffffff;

/** Completes a state block whose header TypeScript has filled; the rest of it is zero. Batches go to sorterProcess. */
export function overInit(state: usize): void {
  const before = allocatedBytes();
  advanceInit(state);
  partitionsInit(state);
  eachAggregate(state, true);
  store<i64>(state, i64.MIN_VALUE, OVER_FORWARD);
  addUsed(state, before);
}

/** Completes, or gives back, what computes the aggregates of frames. */
function eachAggregate(state: usize, isBegin: bool): void {
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  for (let i: u32 = 0; i < count; i++) {
    const call = calls + i * OVER_CALL_BYTES;
    if (load<u32>(call, OVER_FUNCTION) != OVER_AGGREGATED) continue;
    const aggregate = <usize>load<u32>(<usize>load<u32>(call, OVER_AGGREGATE), FRAME_AGGREGATE_STATE);
    if (isBegin) aggregateInit(aggregate);
    else aggregateDestroy(aggregate);
  }
}

/** Fills `batch` with the next rows that have their results. @returns their number, 0 when there are no more. */
export function overEmit(state: usize, batch: usize): u32 {
  const before = allocatedBytes();
  landFlight(state);
  const capacity = load<u32>(batch, BATCH_CAPACITY);
  if (load<u32>(state, STATE_FLIGHT_CAPACITY) < capacity) {
    releaseScratch(state, STATE_FLIGHT, STATE_FLIGHT_CAPACITY);
    store<u32>(state, <u32>allocate(capacity << 2), STATE_FLIGHT);
    store<u32>(state, capacity, STATE_FLIGHT_CAPACITY);
  }
  const flight = <usize>load<u32>(state, STATE_FLIGHT);
  let count: u32 = 0;
  let row = load<u32>(state, STATE_READY_FIRST);
  while (row != 0 && count < capacity) {
    store<u32>(flight + ((<usize>count) << 2), row);
    count++;
    row = load<u32>(row, ROW_READY_NEXT);
  }
  store<u32>(state, row, STATE_READY_FIRST);
  if (!row) store<u32>(state, 0, STATE_READY_LAST);
  store<u32>(state, count, STATE_FLIGHT_COUNT);
  rowsWrite(state + OVER_ROWS, flight, count, batch, 0);
  store<u32>(batch, count, BATCH_ROW_COUNT);
  addUsed(state, before);
  return count;
}

/** Lets go of the rows of the batch emitted last. */
function landFlight(state: usize): void {
  const flight = <usize>load<u32>(state, STATE_FLIGHT);
  const count = load<u32>(state, STATE_FLIGHT_COUNT);
  for (let i: usize = 0; i < count; i++) overUnpin(state, load<u32>(flight + (i << 2)));
  store<u32>(state, 0, STATE_FLIGHT_COUNT);
}

function releaseScratch(state: usize, address: usize, capacity: usize): void {
  const count = load<u32>(state + capacity);
  if (count) release(load<u32>(state + address), count << 2);
}

/** Gives back every row, every partition, and what finds them. */
export function overDestroy(state: usize): void {
  landFlight(state);
  const ownRows = advanceDestroy(state);
  let row = <usize>load<u32>(state, STATE_READY_FIRST);
  while (row) {
    const next = <usize>load<u32>(row, ROW_READY_NEXT);
    overUnpin(state, row);
    row = next;
  }
  const buckets = partitionBuckets(state);
  for (let bucket: u32 = 0; bucket < buckets; bucket++) {
    let partition = partitionFirst(state, bucket);
    while (partition && ownRows) {
      letGo(state, partition);
      partition = <usize>load<u32>(partition, PARTITION_NEXT);
    }
  }
  overReleaseRetired(state, ALL);
  partitionsDestroy(state);
  eachAggregate(state, false);
  releaseScratch(state, STATE_FLIGHT, STATE_FLIGHT_CAPACITY);
  releaseScratch(state, STATE_TURN, STATE_TURN_CAPACITY);
  sorterDestroy(state);
}

/** Lets go of all rows of a partition. */
function letGo(state: usize, partition: usize): void {
  let row = <usize>load<u32>(partition, PARTITION_HEAD);
  while (row) {
    const next = <usize>load<u32>(row, ROW_NEXT);
    overUnpin(state, row);
    row = next;
  }
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  for (let i: u32 = 0; i < count; i++) {
    const call = calls + i * OVER_CALL_BYTES;
    const fn = load<u32>(call, OVER_FUNCTION);
    const frame = partition + load<u32>(call, OVER_STATE);
    if (fn > <u32>OVER_AGGREGATED) placedRelease(state, call, frame);
    if (fn <= <u32>OVER_PERCENT_RANK || fn >= <u32>OVER_AGGREGATED || !framePins(state, call)) continue;
    const pinned = load<u32>(frame, FRAME_PINNED);
    if (pinned) overUnpin(state, pinned);
  }
}

/** Counts what was allocated and released since `before` as the operator's. */
function addUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, SORTER_USED_BYTES) + allocatedBytes() - before, SORTER_USED_BYTES);
}
