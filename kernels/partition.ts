// The partitions of an OVER operator: found by the key of a kept row, each with its rows and the states of its calls.
//
// A key is written out as bytes, in which equal keys are equal: per field a validity byte if it can be NULL, then the
// value (NULL: none), strings as length and bytes; −0 as 0, every NaN as one. Partitions are chained by hash; the
// buckets double when there are as many partitions.
import { aggregatedRelease } from './frame-aggregate';
import { bytesEqual, hashBytes } from './hash';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import {
  OVER_AGGREGATED,
  OVER_CALL_BYTES,
  OVER_CALL_COUNT,
  OVER_CALLS,
  OVER_FUNCTION,
  OVER_KEY_COUNT,
  OVER_KEYS,
  OVER_PARTITION_BYTES,
  OVER_STATE,
  PARTITION_BLOCK_BYTES,
  PARTITION_HASH,
  PARTITION_KEY_BYTES,
  PARTITION_NEXT,
} from './layout-over';
import { FIELD_BYTES, FIELD_NULL_OFFSET, FIELD_OFFSET, FIELD_PHYSICAL } from './layout-rows';
import { allocate, release } from './memory';
import { STATE_BUCKET_MASK, STATE_BUCKETS, STATE_KEY, STATE_KEY_CAPACITY, STATE_PARTITIONS } from './over-state';

const BUCKETS_MIN: u32 = 16;
const KEY_MIN: u32 = 64;
const NAN_BITS: u64 = 0x7ff8000000000000;

/** Makes the table of a state whose own part is zero. */
export function partitionsInit(state: usize): void {
  setBuckets(state, BUCKETS_MIN);
  store<u32>(state, <u32>allocate(KEY_MIN), STATE_KEY);
  store<u32>(state, KEY_MIN, STATE_KEY_CAPACITY);
}

/** Gives back all partitions; the table stays usable. */
export function partitionsClear(state: usize): void {
  partitionsClearFrom(state, 0, partitionBuckets(state));
}

/**
 * Gives back the partitions of up to `most` buckets from number `from` on, and some more where there are many in one.
 * @returns the next bucket: all are cleared when it is how many there are
 */
export function partitionsClearFrom(state: usize, from: u32, most: u32): u32 {
  const buckets = <usize>load<u32>(state, STATE_BUCKETS);
  const end = min(from + most, partitionBuckets(state));
  for (let index: usize = from; index < <usize>end; index++) {
    let partition = <usize>load<u32>(buckets + (index << 2));
    while (partition) {
      const next = <usize>load<u32>(partition, PARTITION_NEXT);
      partitionRelease(state, partition);
      partition = next;
    }
    store<u32>(buckets + (index << 2), 0);
  }
  if (end == partitionBuckets(state)) store<u32>(state, 0, STATE_PARTITIONS);
  return end;
}

/** Gives back a partition that is in no table any more. */
export function partitionRelease(state: usize, partition: usize): void {
  releaseAggregates(state, partition);
  release(partition, load<u32>(partition, PARTITION_BLOCK_BYTES));
}

function releaseAggregates(state: usize, partition: usize): void {
  const count = load<u32>(state, OVER_CALL_COUNT);
  const calls = <usize>load<u32>(state, OVER_CALLS);
  for (let i: u32 = 0; i < count; i++) {
    const call = calls + i * OVER_CALL_BYTES;
    if (load<u32>(call, OVER_FUNCTION) == OVER_AGGREGATED) aggregatedRelease(partition + load<u32>(call, OVER_STATE));
  }
}

/** Gives back all partitions and the table. */
export function partitionsDestroy(state: usize): void {
  partitionsClear(state);
  release(load<u32>(state, STATE_BUCKETS), (load<u32>(state, STATE_BUCKET_MASK) + 1) << 2);
  release(load<u32>(state, STATE_KEY), load<u32>(state, STATE_KEY_CAPACITY));
}

/** How many buckets there are, and the first partition of one: to visit all. */
@inline
export function partitionBuckets(state: usize): u32 {
  return load<u32>(state, STATE_BUCKET_MASK) + 1;
}

@inline
export function partitionFirst(state: usize, bucket: u32): usize {
  return <usize>load<u32>(<usize>load<u32>(state, STATE_BUCKETS) + ((<usize>bucket) << 2));
}

/** Lets a partition be found by its hash and key. */
export function partitionAdd(state: usize, partition: usize): void {
  const bucket = bucketOf(state, load<u32>(partition, PARTITION_HASH));
  store<u32>(partition, load<u32>(bucket), PARTITION_NEXT);
  store<u32>(bucket, <u32>partition);
  const count = load<u32>(state, STATE_PARTITIONS) + 1;
  store<u32>(state, count, STATE_PARTITIONS);
  if (count > load<u32>(state, STATE_BUCKET_MASK)) growBuckets(state);
}

/** Finds or makes the partition of a row. A new one is zero but for its key. */
export function partitionOf(state: usize, row: usize): usize {
  const bytes = writeKey(state, row);
  const key = <usize>load<u32>(state, STATE_KEY);
  const hash = hashBytes(0, key, bytes);
  const fixed = load<u32>(state, OVER_PARTITION_BYTES);
  const bucket = bucketOf(state, hash);
  let partition = <usize>load<u32>(bucket);
  while (partition) {
    if (
      load<u32>(partition, PARTITION_HASH) == hash &&
      load<u32>(partition, PARTITION_KEY_BYTES) == bytes &&
      bytesEqual(partition + fixed, key, bytes)
    )
      return partition;
    partition = <usize>load<u32>(partition, PARTITION_NEXT);
  }
  partition = allocate(fixed + bytes);
  memory.fill(partition, 0, fixed);
  memory.copy(partition + fixed, key, bytes);
  store<u32>(partition, fixed + bytes, PARTITION_BLOCK_BYTES);
  store<u32>(partition, hash, PARTITION_HASH);
  store<u32>(partition, bytes, PARTITION_KEY_BYTES);
  partitionAdd(state, partition);
  return partition;
}

/** Gives a partition back that nothing is kept of. */
export function partitionDrop(state: usize, partition: usize): void {
  let place = bucketOf(state, load<u32>(partition, PARTITION_HASH));
  while (load<u32>(place) != <u32>partition) place = <usize>load<u32>(place) + PARTITION_NEXT;
  store<u32>(place, load<u32>(partition, PARTITION_NEXT));
  release(partition, load<u32>(partition, PARTITION_BLOCK_BYTES));
  store<u32>(state, load<u32>(state, STATE_PARTITIONS) - 1, STATE_PARTITIONS);
}

@inline
function bucketOf(state: usize, hash: u32): usize {
  return <usize>load<u32>(state, STATE_BUCKETS) + ((<usize>(hash & load<u32>(state, STATE_BUCKET_MASK))) << 2);
}

function setBuckets(state: usize, count: u32): void {
  const buckets = allocate(count << 2);
  memory.fill(buckets, 0, count << 2);
  store<u32>(state, <u32>buckets, STATE_BUCKETS);
  store<u32>(state, count - 1, STATE_BUCKET_MASK);
}

function growBuckets(state: usize): void {
  const old = <usize>load<u32>(state, STATE_BUCKETS);
  const oldCount = load<u32>(state, STATE_BUCKET_MASK) + 1;
  setBuckets(state, oldCount << 1);
  for (let index: usize = 0; index < oldCount; index++) {
    let partition = <usize>load<u32>(old + (index << 2));
    while (partition) {
      const next = <usize>load<u32>(partition, PARTITION_NEXT);
      const bucket = bucketOf(state, load<u32>(partition, PARTITION_HASH));
      store<u32>(partition, load<u32>(bucket), PARTITION_NEXT);
      store<u32>(bucket, <u32>partition);
      partition = next;
    }
  }
  release(old, oldCount << 2);
}

/** Writes the key of a row at STATE_KEY. @returns its bytes */
function writeKey(state: usize, row: usize): u32 {
  const count = load<u32>(state, OVER_KEY_COUNT);
  const fields = <usize>load<u32>(state, OVER_KEYS);
  let bytes: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const field = fields + k * FIELD_BYTES;
    const value = row + load<u32>(field, FIELD_OFFSET);
    const physical = load<u32>(field, FIELD_PHYSICAL);
    const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
    const isValid = nullOffset < 0 ? 1 : load<u8>(row + nullOffset);
    // The length of a NULL string is unspecified.
    const key = room(state, bytes, 16 + (isValid != 0 && physical == PHYSICAL_REF ? load<u32>(value, 4) : 0));
    if (nullOffset >= 0) {
      store<u8>(key + bytes, isValid);
      bytes++;
      if (!isValid) continue;
    }
    bytes += writeValue(key + bytes, physical, value);
  }
  return bytes;
}

/** Writes a value. @returns its bytes */
function writeValue(to: usize, physical: u32, value: usize): u32 {
  if (physical == PHYSICAL_U8) {
    store<u8>(to, load<u8>(value));
    return 1;
  }
  if (physical == PHYSICAL_I32) {
    store<u32>(to, load<u32>(value));
    return 4;
  }
  if (physical == PHYSICAL_F64) {
    const number = load<f64>(value);
    store<u64>(to, number == number ? reinterpret<u64>(number + 0.0) : NAN_BITS);
    return 8;
  }
  if (physical != PHYSICAL_REF) {
    store<u64>(to, load<u64>(value));
    return 8;
  }
  const length = load<u32>(value, 4);
  store<u32>(to, length);
  memory.copy(to + 4, load<u32>(value), length);
  return 4 + length;
}

/** Makes room for `more` bytes behind `used` of the scratch. @returns its address */
function room(state: usize, used: u32, more: u32): usize {
  const capacity = load<u32>(state, STATE_KEY_CAPACITY);
  const key = <usize>load<u32>(state, STATE_KEY);
  if (used + more <= capacity) return key;
  let wanted = capacity;
  while (wanted < used + more) wanted <<= 1;
  const grown = allocate(wanted);
  memory.copy(grown, key, used);
  release(key, capacity);
  store<u32>(state, <u32>grown, STATE_KEY);
  store<u32>(state, wanted, STATE_KEY_CAPACITY);
  return grown;
}
