// Groups of an aggregate from the blocks of its image (aggregate-image.ts), put into their tables in hundreds: so cache
// misses overlap.
import { aggregateCountUsed } from './aggregate';
import { shareHead, sharePane } from './aggregate-share';
import {
  STATE_EMITTED_END,
  STATE_EXPECTED,
  STATE_FLOOR,
  STATE_HOP,
  STATE_ONLY_PANE,
  STATE_SEQUENCE,
  STATE_SESSIONS,
  STATE_SHARE,
  STATE_WATERMARK,
} from './aggregate-state';
import { sessionWaitsAgain } from './changes-sessions';
import { CHANGES_FIRED, CHANGES_NEXT_FIRE } from './changes-state';
import { keyVisit, statesAreFlat, statesVisit } from './group-image';
import { keyHashOf } from './group-key';
import { tableArena, tableInsertAll, tableReserve } from './group-table';
import { HOP_END, HOP_FRONTS, HOP_MID, HOP_NEXT, HOP_PARTS, HOP_TOTAL, hopPane, hopPush } from './hop';
import { hopAddPart } from './hop-parts';
import { imageCursor, imageLoad, imageTake, imageTake64, imageTakeBlock, imageTakeWords } from './image';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_FORWARD,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_RETRACT,
  AGGREGATE_SESSION_BYTES,
  AGGREGATE_SESSION_LIST,
} from './layout-aggregate';
import { CHANGES_PAIR } from './layout-changes';
import { BLOCK_HEAD, ROLE_KEYS, ROLE_ONLY, ROLE_OPEN, ROLE_PART, ROLE_QUEUE, ROLE_TOTAL } from './layout-image';
import { allocatedBytes, arenaAllocate } from './memory';
import { paneCreate, paneFind, paneFrom, paneNext, paneOpen, paneSetFrom, paneStart } from './pane';
import { retractTake, retractTakeDebts } from './retract-image';
import { RETRACT_EMPTY } from './retract-state';
import {
  SESSIONS_ENDS,
  SESSIONS_OPEN,
  SESSIONS_PANE,
  sessionCreate,
  sessionLast,
  sessionLink,
  sessionList,
} from './session';
import { heapPush } from './time-heap';

/** Groups that are put into their table together: { u32 hash, u32 entry } each. */
const LOADED: u32 = 256;
const loaded: usize = memory.data(256 * 8, 16);

/** Loads a saved block into an aggregate of the same plan, before its first row. */
export function aggregateLoad(state: usize, block: usize): void {
  const before = allocatedBytes();
  imageLoad(block, 0);
  const isHead = imageTake() == BLOCK_HEAD;
  const share = <usize>load<u32>(state, STATE_SHARE);
  if (share) {
    if (isHead) shareHead(state, share);
    else sharePane(state, share);
  } else if (isHead) loadHead(state);
  else loadPane(state);
  aggregateCountUsed(state, before);
}

function loadHead(state: usize): void {
  imageTakeBlock(state + STATE_WATERMARK, 8);
  imageTakeBlock(state + STATE_FLOOR, 8);
  imageTakeBlock(state + STATE_EMITTED_END, 8);
  imageTakeBlock(state + STATE_SEQUENCE, 8);
  imageTakeBlock(state + AGGREGATE_FORWARD, 8);
  imageTakeBlock(state + AGGREGATE_LATE_COUNT, 8);
  store<u32>(state, imageTake(), STATE_EXPECTED);
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  if (changes) {
    imageTakeBlock(changes + CHANGES_FIRED, 8);
    imageTakeBlock(changes + CHANGES_NEXT_FIRE, 8);
    store<u32>(changes, imageTake(), CHANGES_PAIR);
  }
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  if (retract) store<u32>(retract, imageTake(), RETRACT_EMPTY);
  const hop = <usize>load<u32>(state, STATE_HOP);
  if (!hop) return;
  imageTakeBlock(hop + HOP_NEXT, 8);
  // The queue begins at the beginning of its array.
  store<u32>(hop, imageTake(), HOP_MID);
}

function loadPane(state: usize): void {
  const role = imageTake();
  const start = imageTake64();
  const end = imageTake64();
  const from = imageTake64();
  const pane = paneOf(state, role, start, end, from);
  imageLoad(imageCursor(), tableArena(pane));
  const bytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  const count = imageTake();
  const rest = imageTake();
  tableReserve(pane, rest >> 1);
  const isFlat = role != ROLE_KEYS && statesAreFlat(state);
  for (let first: u32 = 0; first < count; first += LOADED) {
    const end = min(count, first + LOADED);
    for (let i = first; i < end; i++) {
      const entry = arenaAllocate(tableArena(pane), bytes);
      imageTakeWords(entry, bytes);
      keyVisit(state, entry);
      const item = loaded + ((<usize>(i - first)) << 3);
      store<u32>(item, keyHashOf(state, entry));
      store<u32>(item, <u32>entry, 4);
      if (isFlat) continue;
      if (role == ROLE_KEYS) loadSessions(state, pane, entry);
      else {
        statesVisit(state, entry);
        if (load<u32>(state, AGGREGATE_RETRACT)) retractTake(state, entry, pane);
      }
    }
    tableInsertAll(pane, loaded, end - first);
  }
  if ((rest & 1) != 0 && load<u32>(state, AGGREGATE_RETRACT) != 0) retractTakeDebts(state, pane);
}

/** The pane of a block, made if it is the first of it. */
export function paneOf(state: usize, role: u32, start: i64, end: i64, from: i64): usize {
  const hop = <usize>load<u32>(state, STATE_HOP);
  let pane: usize = 0;
  switch (role) {
    case ROLE_ONLY:
      return load<u32>(state, STATE_ONLY_PANE);
    case ROLE_KEYS:
      return load<u32>(load<u32>(state, STATE_SESSIONS), SESSIONS_PANE);
    case ROLE_OPEN:
      pane = paneFind(state, start, from);
      return pane ? pane : paneOpen(state, start, end, from);
    case ROLE_QUEUE:
      if (load<u32>(hop, HOP_END)) pane = hopPane(hop, load<u32>(hop, HOP_END) - 1);
      if (pane != 0 && paneStart(pane) == start) return pane;
      pane = paneCreate(start, end, 0);
      hopPush(hop, pane);
      return pane;
    case ROLE_TOTAL:
      pane = load<u32>(hop, HOP_TOTAL);
      if (!pane) pane = paneCreate(start, end, 0);
      store<u32>(hop, <u32>pane, HOP_TOTAL);
      return pane;
  }
  return partOf(hop + (role == ROLE_PART ? HOP_PARTS : HOP_FRONTS), start, end, from);
}

/** Of a chain of parts the one with these bounds, made if it is not there. */
export function partOf(chain: usize, start: i64, end: i64, from: i64): usize {
  for (let pane = <usize>load<u32>(chain); pane; pane = paneNext(pane)) {
    if (paneStart(pane) == start && paneFrom(pane) == from) return pane;
  }
  const pane = paneCreate(start, end, 0);
  paneSetFrom(pane, from);
  hopAddPart(chain, pane);
  return pane;
}

export function loadSessions(state: usize, pane: usize, key: usize): void {
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  const bytes = load<u32>(state, AGGREGATE_SESSION_BYTES);
  const keyBytes = load<u32>(state, AGGREGATE_SESSION_LIST);
  store<u32>(sessionList(state, key), 0);
  let previous: usize = 0;
  while (imageTake()) {
    const start = imageTake64();
    const session = sessionCreate(state, tableArena(pane), key, start, imageTake64());
    imageTakeBlock(session, bytes);
    memory.copy(session, key, keyBytes);
    statesVisit(state, session);
    if (load<u32>(state, AGGREGATE_RETRACT)) retractTake(state, session, pane);
    sessionLink(state, session, previous);
    heapPush(sessions + SESSIONS_ENDS, sessionLast(session), session);
    store<u32>(sessions, load<u32>(sessions, SESSIONS_OPEN) + 1, SESSIONS_OPEN);
    sessionWaitsAgain(state, session);
    previous = session;
  }
}
