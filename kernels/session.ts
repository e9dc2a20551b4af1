// Session windows: rows of a key at most a gap apart are one session, [first, last + gap), in any order of arrival.
//
//   key table ─► key, and its sessions: a list by their last row, latest first
//   session   ─► SESSION_* header │ entry of a group
//
//   row        joins the session it is within a gap of, and stretches it; where there are two they become one; where
//              there is none it begins one. Mostly it is the first of the list.
//   close      the watermark is beyond last + gap + lateness. Beyond and not at it: a row as old as the watermark may
//              still come, and one that is exactly a gap after the last belongs to the session.
//   late       the row touches no session that the watermark before it has left open, and its own would be closed
//
// Closed sessions leave by a heap of the ends they had when they were put there; one that has been stretched since goes
// back. What closed sessions took stays in the arena of the key table, until there are more of them than open ones: then
// what is open moves to a new table (session-close.ts).
import { STATE_SESSIONS } from './aggregate-state';
import {
  AGGREGATE_LATENESS,
  AGGREGATE_SESSION_BYTES,
  AGGREGATE_SESSION_LIST,
  AGGREGATE_SESSION_TEMPLATE,
  AGGREGATE_SIZE,
  AGGREGATE_WINDOW_KIND,
  WINDOW_SESSION,
} from './layout-aggregate';
import { allocate, arenaAllocate, release } from './memory';
import { paneCreate, paneDestroy } from './pane';
import { HEAP_BYTES, heapDestroy, heapInit } from './time-heap';
import { saturatingAdd } from './watermark';

// STATE_SESSIONS.
export const SESSIONS_PANE: usize = 0; // u32: the table of the keys, whose arena has everything
export const SESSIONS_OPEN: usize = 4; // u32: open sessions
export const SESSIONS_GONE: usize = 8; // u32: about how many have closed or become part of another since the last move
export const SESSIONS_LATE: usize = 12; // u32: the entry that late rows of the block go to, 0: none yet
/** Heap of the last rows of open sessions. */
export const SESSIONS_ENDS: usize = 16;
/** Heap of the last rows of open sessions that come out when the watermark passes them (changes-sessions.ts). */
export const SESSIONS_FIRES: usize = SESSIONS_ENDS + HEAP_BYTES;
// Sessions that close, while they are being collected.
export const SESSIONS_DUE: usize = SESSIONS_FIRES + HEAP_BYTES; // u32: items, 0: none are
export const SESSIONS_DUE_ROOM: usize = SESSIONS_DUE + 4; // u32: items there is room for
export const SESSIONS_DUE_COUNT: usize = SESSIONS_DUE + 8; // u32
export const SESSIONS_DUE_NEXT: usize = SESSIONS_DUE + 12; // u32: at the end, the next of the heap
const SESSIONS_BYTES: u32 = 32 + 2 * HEAP_BYTES;

// Header of a session, before its entry.
const SESSION_START: usize = 32; // i64
const SESSION_LAST: usize = 24; // i64
const SESSION_NEXT: usize = 16; // u32: the session before it in time
const SESSION_PREVIOUS: usize = 12; // u32
const SESSION_KEY: usize = 8; // u32: the key's entry
const SESSION_IS_GONE: usize = 4; // u32
const SESSION_HEADER: u32 = 32;

/** Makes the part of the state that sessions need, if these are sessions. */
export function sessionsInit(state: usize): void {
  if (load<u32>(state, AGGREGATE_WINDOW_KIND) != WINDOW_SESSION) return;
  const sessions = allocate(SESSIONS_BYTES);
  memory.fill(sessions, 0, SESSIONS_BYTES);
  store<u32>(sessions, <u32>paneCreate(0, 0, 0), SESSIONS_PANE);
  heapInit(sessions + SESSIONS_ENDS);
  heapInit(sessions + SESSIONS_FIRES);
  store<u32>(state, <u32>sessions, STATE_SESSIONS);
}

/** Gives it back. */
export function sessionsDestroy(state: usize): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  if (!sessions) return;
  paneDestroy(load<u32>(sessions, SESSIONS_PANE));
  heapDestroy(sessions + SESSIONS_ENDS);
  heapDestroy(sessions + SESSIONS_FIRES);
  const due = load<u32>(sessions, SESSIONS_DUE);
  if (due) release(due, load<u32>(sessions, SESSIONS_DUE_ROOM) << 4);
  release(sessions, SESSIONS_BYTES);
}

@inline
export function sessionStart(session: usize): i64 {
  return load<i64>(session - SESSION_START);
}

@inline
export function sessionLast(session: usize): i64 {
  return load<i64>(session - SESSION_LAST);
}

/** Makes a session begin, or end, at another row. */
@inline
export function sessionSetStart(session: usize, start: i64): void {
  store<i64>(session - SESSION_START, start);
}

@inline
export function sessionSetLast(session: usize, last: i64): void {
  store<i64>(session - SESSION_LAST, last);
}

/** The entry of its key. */
@inline
export function sessionKey(session: usize): usize {
  return load<u32>(session - SESSION_KEY);
}

/** Links a session that is gone to the next of a list. */
@inline
export function sessionSetNext(session: usize, next: usize): void {
  store<u32>(session - SESSION_NEXT, <u32>next);
}

/** The session after it in time. */
@inline
export function sessionPrevious(session: usize): usize {
  return load<u32>(session - SESSION_PREVIOUS);
}

/** The session before it in time. */
@inline
export function sessionNext(session: usize): usize {
  return load<u32>(session - SESSION_NEXT);
}

/** Whether it has closed, or has become part of another. */
@inline
export function sessionIsGone(session: usize): bool {
  return load<u32>(session - SESSION_IS_GONE) != 0;
}

/** Where a key keeps the first session of its list: the address of a u32. */
@inline
export function sessionList(state: usize, key: usize): usize {
  return key + <usize>load<u32>(state, AGGREGATE_SESSION_LIST);
}

/** End of a session, µs: a gap after its last row. */
@inline
export function sessionEnd(state: usize, session: usize): i64 {
  return saturatingAdd(sessionLast(session), load<i64>(state, AGGREGATE_SIZE));
}

/** The end of a session whose last row is at `last`, and the lateness: it is open up to this watermark. */
@inline
export function sessionOpenUntil(state: usize, last: i64): i64 {
  return saturatingAdd(saturatingAdd(last, load<i64>(state, AGGREGATE_SIZE)), load<i64>(state, AGGREGATE_LATENESS));
}

/** A session of a key without rows, [start, last]; not in its list. */
export function sessionCreate(state: usize, arena: usize, key: usize, start: i64, last: i64): usize {
  const bytes = load<u32>(state, AGGREGATE_SESSION_BYTES);
  const session = arenaAllocate(arena, SESSION_HEADER + bytes) + SESSION_HEADER;
  memory.copy(session, load<u32>(state, AGGREGATE_SESSION_TEMPLATE), bytes);
  // Long strings are shared with the key: they live as long.
  memory.copy(session, key, load<u32>(state, AGGREGATE_SESSION_LIST));
  store<i64>(session - SESSION_START, start);
  store<i64>(session - SESSION_LAST, last);
  store<u32>(session - SESSION_KEY, <u32>key);
  store<u32>(session - SESSION_IS_GONE, 0);
  return session;
}

/** Puts a session into its key's list, after `previous` (0: first). */
export function sessionLink(state: usize, session: usize, previous: usize): void {
  const list = sessionList(state, load<u32>(session - SESSION_KEY));
  const next = previous ? sessionNext(previous) : <usize>load<u32>(list);
  store<u32>(session - SESSION_NEXT, <u32>next);
  store<u32>(session - SESSION_PREVIOUS, <u32>previous);
  if (next) store<u32>(next - SESSION_PREVIOUS, <u32>session);
  if (previous) store<u32>(previous - SESSION_NEXT, <u32>session);
  else store<u32>(list, <u32>session);
}

/** Takes a session out of its key's list. */
export function sessionUnlink(state: usize, session: usize): void {
  const next = sessionNext(session);
  const previous = <usize>load<u32>(session - SESSION_PREVIOUS);
  if (next) store<u32>(next - SESSION_PREVIOUS, <u32>previous);
  if (previous) store<u32>(previous - SESSION_NEXT, <u32>next);
  else store<u32>(sessionList(state, load<u32>(session - SESSION_KEY)), <u32>next);
}

/** Takes a session out of the open ones. */
export function sessionRemove(state: usize, session: usize): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  sessionUnlink(state, session);
  store<u32>(session - SESSION_IS_GONE, 1);
  store<u32>(sessions, load<u32>(sessions, SESSIONS_OPEN) - 1, SESSIONS_OPEN);
  store<u32>(sessions, load<u32>(sessions, SESSIONS_GONE) + 1, SESSIONS_GONE);
}
