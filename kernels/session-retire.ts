// Sessions of rows that may be taken back (session-retract.ts) that close, move or are given up, and debts that are over.
import { STATE_FLOOR, STATE_SESSIONS, STATE_WATERMARK } from './aggregate-state';
import {
  AGGREGATE_LATENESS,
  AGGREGATE_RETRACT,
  AGGREGATE_SESSION_BYTES,
  AGGREGATE_SESSION_LIST,
  AGGREGATE_SIZE,
} from './layout-aggregate';
import { RETRACT_TIME_OFFSET } from './layout-retract';
import { RETRACT_GONE, RETRACT_TABLE } from './retract-state';
import { retractMoved } from './retract-anew';
import { retractRelease, retractReleaseStates } from './retract-update';
import { rowTableDebts, rowTableForgiveBefore } from './row-table';
import { SESSIONS_ENDS, sessionIsGone, sessionNext, sessionSetNext } from './session';
import { recordPlace } from './session-record';
import { heapCount, heapWhat } from './time-heap';
import { saturatingAdd, saturatingSubtract } from './watermark';

/** So many debts are no reason to look for those that are over. */
const DEBTS_MIN: u32 = 64;

@inline
function retractOf(state: usize): usize {
  return <usize>load<u32>(state, AGGREGATE_RETRACT);
}

/** Keeps a session that has closed until its last row has been passed on. */
export function sessionsRetire(state: usize, session: usize): void {
  sessionSetNext(session, load<u32>(retractOf(state), RETRACT_GONE));
  store<u32>(retractOf(state), <u32>session, RETRACT_GONE);
}

/** Gives back the rows of the sessions whose results have been passed on. */
export function sessionsFreeRetired(state: usize): void {
  for (let session = <usize>load<u32>(retractOf(state), RETRACT_GONE); session; session = sessionNext(session)) {
    retractRelease(state, session);
  }
  store<u32>(retractOf(state), 0, RETRACT_GONE);
}

/** Gives back what open sessions have of their own, but for their rows. */
export function sessionsReleaseOwns(state: usize): void {
  sessionsFreeRetired(state);
  const heap = <usize>load<u32>(state, STATE_SESSIONS) + SESSIONS_ENDS;
  for (let i: u32 = 0; i < heapCount(heap); i++) {
    if (!sessionIsGone(heapWhat(heap, i))) retractReleaseStates(state, heapWhat(heap, i));
  }
}

/** Gives a session that has moved what the one that it was has. */
export function sessionMoveRows(state: usize, from: usize, to: usize): void {
  const first = load<u32>(state, AGGREGATE_SESSION_LIST);
  memory.copy(to + first, from + first, load<u32>(state, AGGREGATE_SESSION_BYTES) - first);
  store<u64>(recordPlace(state, to), 0);
  retractMoved(state, to);
}

/** Forgets the debts that no row can pay any more, if they are many. */
export function sessionsForgive(state: usize): void {
  const retract = retractOf(state);
  const table = retract + <usize>RETRACT_TABLE;
  if (rowTableDebts(table) < DEBTS_MIN) return;
  const kept = saturatingAdd(load<i64>(state, AGGREGATE_SIZE), load<i64>(state, AGGREGATE_LATENESS));
  const limit = saturatingSubtract(max(load<i64>(state, STATE_WATERMARK), load<i64>(state, STATE_FLOOR)), kept);
  rowTableForgiveBefore(table, load<u32>(retract, RETRACT_TIME_OFFSET), limit);
}
