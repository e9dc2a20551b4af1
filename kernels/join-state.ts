// What the kernels of a join keep for themselves, behind JOIN_HEADER_BYTES of layout-join.ts, and in rows.
import { JOIN_SIDES, JOIN_USED_BYTES, SIDE_BYTES } from './layout-join';
import {
  ROW_INDEX,
  ROW_IS_TIMELY,
  ROW_NEXT,
  ROW_OLDER,
  ROW_PARTITION,
  ROW_READY_NEXT,
  ROW_YOUNGER,
} from './layout-rows';
import { allocatedBytes } from './memory';

export const STATE_BUCKETS = 448; // u32: keys by hash, heads of chains
export const STATE_BUCKET_MASK = 452; // u32
export const STATE_KEY_TOTAL = 456; // u32: how many keys
export const STATE_CURRENT = 460; // u32: the row that looks for its matches, 0: none
export const STATE_CURRENT_SIDE = 464; // u32: 0 or 1
export const STATE_CANDIDATE = 468; // u32: the next row to compare it with
export const STATE_BEFORE = 472; // u32: the one before that in its list, 0: it is the first
export const STATE_RETIRED = 476; // u32: rows to give back once the flight has landed (ROW_READY_NEXT)

// Fields of a row's header, by what a join keeps there.
export const ROW_TIME = ROW_INDEX; // i64: event time, or the clock when it came
export const ROW_KEY = ROW_PARTITION; // u32: its key's entry, 0: NULL, or not in its list
export const ROW_IS_MATCHED = ROW_IS_TIMELY; // u32
export const ROW_HASH = ROW_OLDER; // u32
export const ROW_SAME_KEY = ROW_NEXT; // u32: next of the rows of its side with its key, by time
export const ROW_QUEUED = ROW_READY_NEXT; // u32: next of the rows that are kept, or retired

// Of ASOF joins besides:
export const ROW_QUEUED_BEFORE = ROW_YOUNGER; // u32: the row before it in its queue
export const ROW_BEST = ROW_IS_TIMELY; // u32: of a left row the right row that it took along; of a right row 1: turned round
export const ROW_IS_GONE = ROW_IS_TIMELY; // u32: of a right row that is a version: 1, its key has none from then on

/** A side by its number. */
@inline
export function sideAt(state: usize, number: u32): usize {
  return state + JOIN_SIDES + number * SIDE_BYTES;
}

/** Counts what was allocated and released since `before` as the join's. */
export function joinAddUsed(state: usize, before: u32): void {
  store<u32>(state, load<u32>(state, JOIN_USED_BYTES) + allocatedBytes() - before, JOIN_USED_BYTES);
}
