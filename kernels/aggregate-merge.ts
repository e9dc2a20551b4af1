// Merging groups: what one group has gathered is added to another, aggregate by aggregate. Sliding windows are merged
// from panes, sessions from sessions that a row bridges.
//
//   aggregateMerge   every group of one table into the group of the same key in another, which is made if need be
//   mergeStates      pairs of entries: from[i] into to[i], one tight loop per aggregate function
//
// Contract of a merge function, one for each code of CALL_FUNCTION:
// - `from` and `to` are entries whose calls have the same descriptors; `to` may be a group without rows, as the
//   template makes it. Afterwards `to` is what it would be had it been given the rows of both.
// - `from` is not changed, may be merged again into others, and may be gone before `to` is: what `to` keeps is copied
//   into `arena`, never pointed to.
// - The rows of `from` come after those of `to`: in event time, or else (late rows) at any event time but later in
//   arrival. With equal event times the rows of `to` arrived earlier.
// - The seen byte of `to` is set where that of `from` is.

import { BLOCK_ROWS, STATE_ENTRIES, STATE_SOURCES } from './aggregate-state';
import { mergeMore } from './aggregate-merge-more';
import { mergeText } from './aggregate-text';
import { isLesserZero } from './aggregate-update';
import { tableFindEntry } from './group-copy';
import { BUCKET_BYTES, bucketEntry, bucketHash, tableArena, tableEnd, tableFirst } from './group-table';
import {
  AGGREGATE_AVG,
  AGGREGATE_CALL_COUNT,
  AGGREGATE_CALLS,
  AGGREGATE_COUNT,
  AGGREGATE_FIRST,
  AGGREGATE_LAST,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  AGGREGATE_PLAIN_MAX,
  AGGREGATE_SEEN,
  AGGREGATE_SUM,
  CALL_BYTES,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
  CALL_SET_OFFSET,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';

/** Adds every group of the table `from` to the table `to`. `from` stays as it is. Uses the scratch of a block. */
export function aggregateMerge(state: usize, from: usize, to: usize): void {
  const sources = <usize>load<u32>(state, STATE_SOURCES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const end = tableEnd(from);
  const arena = tableArena(to);
  let count: u32 = 0;
  for (let bucket = tableFirst(from); bucket < end; bucket += BUCKET_BYTES) {
    for (let place: u32 = 0; place < 4; place++) {
      const entry = bucketEntry(bucket, place);
      if (!entry) break;
      store<u32>(sources + (count << 2), <u32>entry);
      store<u32>(entries + (count << 2), <u32>tableFindEntry(state, to, bucketHash(bucket, place), entry));
      count++;
      if (count < <u32>BLOCK_ROWS) continue;
      mergeStates(state, sources, entries, count, arena);
      count = 0;
    }
  }
  mergeStates(state, sources, entries, count, arena);
}

/** Adds the groups `from` to the groups `to` (u32 addresses), whose strings and the like are kept in `arena`. */
export function mergeStates(state: usize, from: usize, to: usize, count: u32, arena: usize): void {
  const calls = <usize>load<u32>(state, AGGREGATE_CALLS);
  const callCount = load<u32>(state, AGGREGATE_CALL_COUNT);
  const seen = load<u32>(state, AGGREGATE_SEEN);
  for (let index: u32 = 0; index < callCount; index++) {
    const call = calls + index * CALL_BYTES;
    const offset = load<u32>(call, CALL_OFFSET);
    if (load<i32>(call, CALL_FUNCTION) > AGGREGATE_PLAIN_MAX || load<i32>(call, CALL_SET_OFFSET) >= 0) {
      mergeMore(state, from, to, count, call, seen + index, arena);
      continue;
    }
    if (load<u32>(call, CALL_FUNCTION) == AGGREGATE_COUNT) {
      mergeCounts(from, to, count, offset);
      continue;
    }
    switch (load<u32>(call, CALL_PHYSICAL)) {
      case PHYSICAL_REF:
        mergeText(from, to, count, call, seen + index, arena);
        break;
      case PHYSICAL_F64:
        mergeValues<f64>(from, to, count, call, seen + index);
        break;
      case PHYSICAL_I64:
        mergeValues<i64>(from, to, count, call, seen + index);
        break;
      case PHYSICAL_I32:
        mergeValues<i32>(from, to, count, call, seen + index);
        break;
      default:
        mergeValues<u8>(from, to, count, call, seen + index);
    }
  }
}

function mergeCounts(from: usize, to: usize, count: u32, offset: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const at = <usize>load<u32>(to + (i << 2)) + offset;
    store<i64>(at, load<i64>(at) + load<i64>(<usize>load<u32>(from + (i << 2)) + offset));
  }
}

function mergeValues<T>(from: usize, to: usize, count: u32, call: usize, seen: u32): void {
  const offset = load<u32>(call, CALL_OFFSET);
  switch (load<u32>(call, CALL_FUNCTION)) {
    case AGGREGATE_SUM:
      loop<T>(AGGREGATE_SUM, from, to, count, offset, seen);
      break;
    case AGGREGATE_AVG:
      loop<T>(AGGREGATE_AVG, from, to, count, offset, seen);
      break;
    case AGGREGATE_MIN:
      loop<T>(AGGREGATE_MIN, from, to, count, offset, seen);
      break;
    case AGGREGATE_MAX:
      loop<T>(AGGREGATE_MAX, from, to, count, offset, seen);
      break;
    case AGGREGATE_FIRST:
      mergeOrdered<T>(true, from, to, count, offset, seen);
      break;
    case AGGREGATE_LAST:
      mergeOrdered<T>(false, from, to, count, offset, seen);
      break;
  }
}

// `fn` is a constant at every call: each call becomes a loop of its own.
@inline
function loop<T>(fn: i32, from: usize, to: usize, count: u32, offset: u32, seen: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const source = <usize>load<u32>(from + (i << 2));
    const target = <usize>load<u32>(to + (i << 2));
    store<u8>(target + seen, load<u8>(target + seen) | load<u8>(source + seen));
    mergeOne<T>(fn, source + offset, target + offset);
  }
}

/** A state without values is neutral in each of these: it needs no look at the seen byte. */
@inline
function mergeOne<T>(fn: i32, from: usize, to: usize): void {
  if (fn == AGGREGATE_MIN) {
    const value = load<T>(from);
    const least = load<T>(to);
    if (isFloat<T>()) store<T>(to, value < least || least != least || isLesserZero(value, least) ? value : least);
    else store<T>(to, value < least ? value : least);
  } else if (fn == AGGREGATE_MAX) {
    const value = load<T>(from);
    const greatest = load<T>(to);
    if (isFloat<T>())
      store<T>(to, value > greatest || value != value || isLesserZero(greatest, value) ? value : greatest);
    else store<T>(to, value > greatest ? value : greatest);
  } else if (isFloat<T>()) {
    store<f64>(to, load<f64>(to) + load<f64>(from));
    if (fn == AGGREGATE_AVG) store<i64>(to, load<i64>(to, 8) + load<i64>(from, 8), 8);
  } else {
    const low = load<u64>(to) + load<u64>(from);
    const carry = <i64>(low < load<u64>(from));
    store<u64>(to, low);
    store<i64>(to, load<i64>(to, 8) + load<i64>(from, 8) + carry, 8);
    if (fn == AGGREGATE_AVG) store<i64>(to, load<i64>(to, 16) + load<i64>(from, 16), 16);
  }
}

/** Of equal times the first keeps what `to` has, the last takes what `from` has. */
@inline
function mergeOrdered<T>(isFirst: bool, from: usize, to: usize, count: u32, offset: u32, seen: u32): void {
  for (let i: usize = 0; i < count; i++) {
    const source = <usize>load<u32>(from + (i << 2));
    const target = <usize>load<u32>(to + (i << 2));
    if (!load<u8>(source + seen)) continue;
    const time = load<i64>(source + offset);
    const isBetter = isFirst ? time < load<i64>(target + offset) : time >= load<i64>(target + offset);
    if (!isBetter && load<u8>(target + seen)) continue;
    store<u8>(target + seen, 1);
    store<i64>(target + offset, time);
    store<T>(target + offset, load<T>(source + offset, 8), 8);
  }
}
