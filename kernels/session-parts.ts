// Sessions of rows that may be taken back, when they become other ones: two become one, one falls apart in two or ends
// earlier. Each is made anew from its rows.
import { STATE_SESSIONS } from './aggregate-state';
import { AGGREGATE_CHANGES, AGGREGATE_RETRACT } from './layout-aggregate';
import { CHANGES_MODE, CHANGES_ON_WATERMARK } from './layout-changes';
import { RETRACT_TIME_OFFSET } from './layout-retract';
import { ROW_INDEX, ROW_OLDER, ROW_YOUNGER } from './layout-rows';
import { GROUP_FIRST, GROUP_LAST, GROUP_WEIGHT } from './retract-state';
import { retractMakeAnew } from './retract-anew';
import { retractGroup, retractReleaseStates } from './retract-update';
import {
  SESSIONS_ENDS,
  SESSIONS_FIRES,
  SESSIONS_OPEN,
  SESSIONS_PANE,
  sessionCreate,
  sessionKey,
  sessionLast,
  sessionLink,
  sessionPrevious,
  sessionRemove,
  sessionSetLast,
  sessionSetStart,
  sessionStart,
  sessionUnlink,
} from './session';
import { PLACE_WAITS, recordPlace, recordsJoin } from './session-record';
import { tableArena } from './group-table';
import { heapPush } from './time-heap';

/** Two sessions become one: `older`, which is put where `newer` was in the list. */
export function sessionsJoin(state: usize, older: usize, newer: usize): usize {
  const previous = sessionPrevious(newer);
  recordsJoin(state, older, newer);
  store<u32>(recordPlace(state, newer), 0);
  mergeRows(retractGroup(state, older), retractGroup(state, newer));
  sessionSetStart(older, min(sessionStart(older), sessionStart(newer)));
  sessionSetLast(older, sessionLast(newer));
  retractReleaseStates(state, newer);
  sessionRemove(state, newer);
  sessionUnlink(state, older);
  sessionLink(state, older, previous);
  retractMakeAnew(state, older);
  return older;
}

/** Puts the rows of a second group among those of the first, in the order in which they came. */
function mergeRows(into: usize, from: usize): void {
  let a = <usize>load<u32>(into, GROUP_FIRST);
  let b = <usize>load<u32>(from, GROUP_FIRST);
  store<u32>(into, 0, GROUP_FIRST);
  store<u32>(into, 0, GROUP_LAST);
  while (a != 0 || b != 0) {
    const takesA = a != 0 && (b == 0 || load<i64>(a, ROW_INDEX) < load<i64>(b, ROW_INDEX));
    const row = takesA ? a : b;
    const next = <usize>load<u32>(row, ROW_YOUNGER);
    if (takesA) a = next;
    else b = next;
    append(into, row);
  }
  store<i64>(into, load<i64>(into, GROUP_WEIGHT) + load<i64>(from, GROUP_WEIGHT), GROUP_WEIGHT);
  store<u32>(from, 0, GROUP_FIRST);
  store<u32>(from, 0, GROUP_LAST);
  store<i64>(from, 0, GROUP_WEIGHT);
}

function append(group: usize, row: usize): void {
  const last = <usize>load<u32>(group, GROUP_LAST);
  store<u32>(row, <u32>last, ROW_OLDER);
  store<u32>(row, 0, ROW_YOUNGER);
  if (last) store<u32>(last, <u32>row, ROW_YOUNGER);
  else store<u32>(group, <u32>row, GROUP_FIRST);
  store<u32>(group, <u32>row, GROUP_LAST);
}

/** Ends a session earlier: it may close earlier, too. */
export function sessionEndEarlier(state: usize, session: usize, last: i64): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  sessionSetLast(session, last);
  heapPush(sessions + SESSIONS_ENDS, last, session);
  const isTimed = load<u32>(<usize>load<u32>(state, AGGREGATE_CHANGES), CHANGES_MODE) == CHANGES_ON_WATERMARK;
  if (isTimed && load<u32>(recordPlace(state, session), PLACE_WAITS) != 0) {
    heapPush(sessions + SESSIONS_FIRES, last, session);
  }
}

/** Cuts a session behind its row at `before`. @returns the part from `after` on */
export function sessionSplit(state: usize, session: usize, before: i64, after: i64): usize {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const pane = <usize>load<u32>(sessions, SESSIONS_PANE);
  const last = sessionLast(session);
  const later = sessionCreate(state, tableArena(pane), sessionKey(session), after, last);
  sessionLink(state, later, sessionPrevious(session));
  heapPush(sessions + SESSIONS_ENDS, last, later);
  store<u32>(sessions, load<u32>(sessions, SESSIONS_OPEN) + 1, SESSIONS_OPEN);
  sessionEndEarlier(state, session, before);
  const offset = load<u32>(load<u32>(state, AGGREGATE_RETRACT), RETRACT_TIME_OFFSET);
  const group = retractGroup(state, session);
  const behind = retractGroup(state, later);
  let row = <usize>load<u32>(group, GROUP_FIRST);
  store<u32>(group, 0, GROUP_FIRST);
  store<u32>(group, 0, GROUP_LAST);
  store<i64>(group, 0, GROUP_WEIGHT);
  while (row) {
    const next = <usize>load<u32>(row, ROW_YOUNGER);
    const target = load<i64>(row + offset) < after ? group : behind;
    append(target, row);
    store<i64>(target, load<i64>(target, GROUP_WEIGHT) + 1, GROUP_WEIGHT);
    row = next;
  }
  retractMakeAnew(state, session);
  retractMakeAnew(state, later);
  return later;
}
