// What was written of a session: a record like that of any group, and before it the edges that it was written with.
//
//   { i64 start, i64 end, u32 next } │ record
//
// A session that others have become part of has their records too, a list by time. The first of them is what an update
// of the session begins with, the others are deleted.
import { batchData } from './group-key';
import { recordBytes, recordMoveTexts } from './group-record';
import { AGGREGATE_CHANGES } from './layout-aggregate';
import { CHANGES_SLOT } from './layout-changes';
import { arenaAllocate } from './memory';

/** In the place of a record, on watermark: u32 1 when the session is in the heap of those that are to come out. */
export const PLACE_WAITS: usize = 4;
/** Bytes before the record of a session. */
export const RECORD_HEADER: u32 = 32;
const RECORD_START: usize = 32; // i64
const RECORD_END: usize = 24; // i64
const RECORD_NEXT: usize = 16; // u32

@inline
export function recordStart(record: usize): i64 {
  return load<i64>(record - RECORD_START);
}

@inline
export function recordEnd(record: usize): i64 {
  return load<i64>(record - RECORD_END);
}

/** The next of a session's records. */
@inline
export function recordNext(record: usize): usize {
  return load<u32>(record - RECORD_NEXT);
}

/** Links the next of a session's records, 0: there is none. */
@inline
export function recordSetNext(record: usize, next: usize): void {
  store<u32>(record - RECORD_NEXT, <u32>next);
}

/** Where a session keeps the address of its first record: u32, 0 when nothing of it is written. */
@inline
export function recordPlace(state: usize, session: usize): usize {
  return session + <usize>load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_SLOT);
}

/** Whether a row has the edges of a record; `column` is that of the start. */
export function recordHasEdges(record: usize, out: usize, column: u32, row: u32): bool {
  return (
    load<i64>(batchData(out, column) + (row << 3)) == recordStart(record) &&
    load<i64>(batchData(out, column + 1) + (row << 3)) == recordEnd(record)
  );
}

/** Takes the edges of a row as those that were written. */
export function recordKeepEdges(record: usize, out: usize, column: u32, row: u32): void {
  store<i64>(record - RECORD_START, load<i64>(batchData(out, column) + (row << 3)));
  store<i64>(record - RECORD_END, load<i64>(batchData(out, column + 1) + (row << 3)));
}

/** Gives the records of `newer`, which becomes part of `older`, to that. */
export function recordsJoin(state: usize, older: usize, newer: usize): void {
  const given = load<u32>(recordPlace(state, newer));
  if (!given) return;
  const place = recordPlace(state, older);
  let record = <usize>load<u32>(place);
  if (!record) {
    store<u32>(place, given);
    return;
  }
  while (recordNext(record)) record = recordNext(record);
  recordSetNext(record, given);
}

/** Copies the records of a session to another one, which has none. */
export function recordsMove(state: usize, from: usize, to: usize, arena: usize): void {
  const bytes = RECORD_HEADER + recordBytes(state);
  let last: usize = 0;
  for (let record = <usize>load<u32>(recordPlace(state, from)); record; record = recordNext(record)) {
    const moved = arenaAllocate(arena, bytes) + RECORD_HEADER;
    memory.copy(moved - RECORD_HEADER, record - RECORD_HEADER, bytes);
    recordMoveTexts(state, moved, arena);
    recordSetNext(moved, 0);
    if (last) recordSetNext(last, moved);
    else store<u32>(recordPlace(state, to), <u32>moved);
    last = moved;
  }
}
