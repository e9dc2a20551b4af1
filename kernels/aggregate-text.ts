// Aggregates over strings: min, max, first and last, with the bytes copied into the group table's arena.
//
// State in the entry: for first and last i64 event time; then u32 address │ u32 length │ u32 capacity │ pad. A kept
// string is overwritten in place while it fits, and moves to room of the next power of two when it does not, so that
// a group's strings take at most twice the longest of them, however often they change.

import { STATE_ENTRIES, STATE_SEQUENCE, STATE_TABLES } from './aggregate-state';
import { batchData, validityFrom } from './group-key';
import { tableArena } from './group-table';
import { bytesCompare } from './hash';
import {
  AGGREGATE_FIRST,
  AGGREGATE_LAST,
  AGGREGATE_MIN,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_ORDER_COLUMN,
} from './layout-aggregate';
import { arenaAllocate } from './memory';

/** Adds strings (`data`, `validity` from row `first` on) to their groups. `seen`: offset of the call's seen byte. */
export function updateText(
  state: usize,
  batch: usize,
  first: u32,
  rows: u32,
  call: usize,
  seen: u32,
  data: usize,
  validity: usize,
): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  const isOrdered = fn == AGGREGATE_FIRST || fn == AGGREGATE_LAST;
  const order = load<i32>(call, CALL_ORDER_COLUMN);
  const times = order < 0 ? <usize>0 : batchData(batch, order) + (first << 3);
  const arrival = load<i64>(state, STATE_SEQUENCE);
  const timeValidity = order < 0 ? <usize>0 : validityFrom(batch, order, first);
  const offset = load<u32>(call, CALL_OFFSET);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    if (timeValidity != 0 && load<u8>(timeValidity + row) == 0) continue;
    const entry = <usize>load<u32>(entries + (row << 2));
    const address = <usize>load<u32>(data + (row << 3));
    const bytes = load<u32>(data + (row << 3), 4);
    let kept = entry + offset;
    if (isOrdered) {
      const time = times ? load<i64>(times + (row << 3)) : arrival + row;
      const isBetter = fn == AGGREGATE_FIRST ? time < load<i64>(kept) : time >= load<i64>(kept);
      if (!isBetter && load<u8>(entry + seen)) continue;
      store<i64>(kept, time);
      kept += 8;
    } else if (load<u8>(entry + seen)) {
      const order = bytesCompare(address, bytes, load<u32>(kept), load<u32>(kept, 4));
      if (fn == AGGREGATE_MIN ? order >= 0 : order <= 0) continue;
    }
    store<u8>(entry + seen, 1);
    keepText(tableArena(load<u32>(tables + (row << 2))), kept, address, bytes);
  }
}

/** Adds the strings of the groups `from` to the groups `to`, as kernels/aggregate-merge.ts demands. */
export function mergeText(from: usize, to: usize, count: u32, call: usize, seen: u32, arena: usize): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  const isOrdered = fn == AGGREGATE_FIRST || fn == AGGREGATE_LAST;
  const offset = load<u32>(call, CALL_OFFSET);
  for (let i: usize = 0; i < count; i++) {
    const source = <usize>load<u32>(from + (i << 2));
    const target = <usize>load<u32>(to + (i << 2));
    if (!load<u8>(source + seen)) continue;
    let given = source + offset;
    let kept = target + offset;
    const isSeen = load<u8>(target + seen) != 0;
    if (isOrdered) {
      const time = load<i64>(given);
      const isBetter = fn == AGGREGATE_FIRST ? time < load<i64>(kept) : time >= load<i64>(kept);
      if (!isBetter && isSeen) continue;
      store<i64>(kept, time);
      given += 8;
      kept += 8;
    } else if (isSeen) {
      const order = bytesCompare(load<u32>(given), load<u32>(given, 4), load<u32>(kept), load<u32>(kept, 4));
      if (fn == AGGREGATE_MIN ? order >= 0 : order <= 0) continue;
    }
    store<u8>(target + seen, 1);
    keepText(arena, kept, load<u32>(given), load<u32>(given, 4));
  }
}

/** Copies a text to a kept one: u32 address │ u32 length │ u32 capacity. */
export function keepText(arena: usize, kept: usize, address: usize, bytes: u32): void {
  if (bytes > load<u32>(kept, 8)) {
    // Powers of two from 16 on.
    const capacity: u32 = bytes <= 16 ? 16 : (<u32>1) << (32 - clz(bytes - 1));
    store<u32>(kept, <u32>arenaAllocate(arena, capacity));
    store<u32>(kept, capacity, 8);
  }
  store<u32>(kept, bytes, 4);
  memory.copy(load<u32>(kept), address, bytes);
}
