// Images of an aggregate (image.ts): what it knows of time, and its groups pane by pane, in blocks of a size that can be
// written and read one by one.
//
//   block ─► u32 what it is, then
//            HEAD   watermarks and counters
//            PANE   u32 role │ i64 start, end, from │ u32 groups │ u32 1 if these are the pane's last, and in its first
//                   block twice the number of them all │ groups { entry, what it refers to, its rows } … │ behind the last:
//                   rows that are owed
//
// With sessions the groups are keys, each followed by its sessions { u32 1 │ i64 start, last │ entry … } … u32 0.
//
// A pane of many groups takes several blocks, each of as many groups in the order in which they were made, and with the same
// beginning: a load (aggregate-load.ts) adds to the pane that is there. No window is being emitted meanwhile.
import {
  STATE_EMITTED_END,
  STATE_EXPECTED,
  STATE_FLOOR,
  STATE_HOP,
  STATE_ONLY_PANE,
  STATE_OPEN_COUNT,
  STATE_SEQUENCE,
  STATE_SESSIONS,
  STATE_WATERMARK,
} from './aggregate-state';
import { bufferAt, bufferDrop, bufferMark } from './byte-buffer';
import { CHANGES_FIRED, CHANGES_NEXT_FIRE } from './changes-state';
import { keyVisit, statesAreFlat, statesVisit } from './group-image';
import { runsClear, runsFind } from './group-runs';
import { tableCount, tableEntry } from './group-table';
import { HOP_END, HOP_FRONTS, HOP_HEAD, HOP_MID, HOP_NEXT, HOP_PARTS, HOP_TOTAL, hopPane } from './hop';
import { imagePut, imagePut64, imagePutBlock, imagePutWords, imageSave } from './image';
import {
  AGGREGATE_CHANGES,
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_FORWARD,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_RETRACT,
  AGGREGATE_SESSION_BYTES,
} from './layout-aggregate';
import { CHANGES_PAIR } from './layout-changes';
import {
  BLOCK_HEAD,
  BLOCK_PANE,
  ROLE_FRONT,
  ROLE_KEYS,
  ROLE_ONLY,
  ROLE_OPEN,
  ROLE_PART,
  ROLE_QUEUE,
  ROLE_TOTAL,
} from './layout-image';
import { allocate, release } from './memory';
import { paneAt, paneEnd, paneFrom, paneNext, paneStart } from './pane';
import { retractPut, retractPutDebts } from './retract-image';
import { RETRACT_EMPTY } from './retract-state';
import { SESSIONS_PANE, sessionLast, sessionList, sessionNext, sessionStart } from './session';

// The panes of the image in hand { u32 pane, u32 role }, and how far it is.
let panes: usize = 0;
let panesRoom: u32 = 0;
let paneCount: u32 = 0;
let paneIndex: u32 = 0;
/** The group it goes on with. */
let group: u32 = 0;
let isHeadGiven: bool = false;
let mark: u32 = 0;
/** Begins to save an aggregate. */
export function aggregateSave(state: usize): void {
  imageSave();
  mark = bufferMark();
  const hop = <usize>load<u32>(state, STATE_HOP);
  const open = load<u32>(state, STATE_OPEN_COUNT);
  let most = open + 1;
  if (hop) {
    most += load<u32>(hop, HOP_END) - load<u32>(hop, HOP_HEAD) + 1;
    for (let part = <usize>load<u32>(hop, HOP_PARTS); part; part = paneNext(part)) most++;
    for (let front = <usize>load<u32>(hop, HOP_FRONTS); front; front = paneNext(front)) most++;
  }
  panes = allocate(most << 3);
  panesRoom = most << 3;
  paneCount = 0;
  for (let i: u32 = 0; i < open; i++) list(paneAt(state, i), ROLE_OPEN);
  list(load<u32>(state, STATE_ONLY_PANE), ROLE_ONLY);
  if (hop) {
    for (let at = load<u32>(hop, HOP_HEAD); at < load<u32>(hop, HOP_END); at++) list(hopPane(hop, at), ROLE_QUEUE);
    list(load<u32>(hop, HOP_TOTAL), ROLE_TOTAL);
    for (let part = <usize>load<u32>(hop, HOP_PARTS); part; part = paneNext(part)) list(part, ROLE_PART);
    for (let front = <usize>load<u32>(hop, HOP_FRONTS); front; front = paneNext(front)) list(front, ROLE_FRONT);
  }
  const sessions = <usize>load<u32>(state, STATE_SESSIONS);
  if (sessions) list(load<u32>(sessions, SESSIONS_PANE), ROLE_KEYS);
  paneIndex = 0;
  group = 0;
  isHeadGiven = false;
  saveHead(state, hop);
}

function list(pane: usize, role: u32): void {
  if (!pane) return;
  const item = panes + ((<usize>paneCount) << 3);
  paneCount++;
  store<u32>(item, <u32>pane);
  store<u32>(item, role, 4);
}

function saveHead(state: usize, hop: usize): void {
  imagePut(BLOCK_HEAD);
  imagePutBlock(state + STATE_WATERMARK, 8);
  imagePutBlock(state + STATE_FLOOR, 8);
  imagePutBlock(state + STATE_EMITTED_END, 8);
  imagePutBlock(state + STATE_SEQUENCE, 8);
  imagePutBlock(state + AGGREGATE_FORWARD, 8);
  imagePutBlock(state + AGGREGATE_LATE_COUNT, 8);
  imagePut(load<u32>(state, STATE_EXPECTED));
  const changes = <usize>load<u32>(state, AGGREGATE_CHANGES);
  if (changes) {
    imagePutBlock(changes + CHANGES_FIRED, 8);
    imagePutBlock(changes + CHANGES_NEXT_FIRE, 8);
    imagePut(load<u32>(changes, CHANGES_PAIR));
  }
  const retract = <usize>load<u32>(state, AGGREGATE_RETRACT);
  if (retract) imagePut(load<u32>(retract, RETRACT_EMPTY));
  if (!hop) return;
  imagePutBlock(hop + HOP_NEXT, 8);
  imagePut(load<u32>(hop, HOP_MID) - load<u32>(hop, HOP_HEAD));
}

/**
 * Saves the next block, of about `room` bytes. @returns its bytes, at `aggregateSaved` and then those of its runs
 * (group-runs.ts), all of which are to be copied before the next call; 0: all is saved.
 */
export function aggregateSaveNext(state: usize, room: u32): u32 {
  const head = bufferMark() - mark;
  if (!isHeadGiven) {
    // The head is a block of its own, and is there already.
    isHeadGiven = true;
    return head;
  }
  bufferDrop(mark);
  runsClear();
  if (paneIndex == paneCount) {
    release(panes, panesRoom);
    return 0;
  }
  const item = panes + ((<usize>paneIndex) << 3);
  savePane(state, load<u32>(item), load<u32>(item, 4), room);
  return bufferMark() - mark;
}

/** Where the block is. */
export function aggregateSaved(): usize {
  return bufferAt(mark);
}

function savePane(state: usize, pane: usize, role: u32, room: u32): void {
  imagePut(BLOCK_PANE);
  imagePut(role);
  imagePut64(paneStart(pane));
  imagePut64(paneEnd(pane));
  imagePut64(paneFrom(pane));
  const all = tableCount(pane);
  const bytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  // In the order in which they were made: a block has the same groups as long as the pane is there.
  const end = min(all, group + max<u32>(room / (bytes + 8), 1));
  imagePut(end - group);
  imagePut((group ? 0 : all << 1) | u32(end == all));
  const isFlat = role != ROLE_KEYS && statesAreFlat(state);
  if (isFlat && load<u32>(state, AGGREGATE_RETRACT) == 0 && runsFind(state, pane, group, end)) group = end;
  for (; group < end; group++) {
    const entry = <usize>tableEntry(pane, group);
    imagePutWords(entry, bytes);
    keyVisit(state, entry);
    if (isFlat) continue;
    if (role == ROLE_KEYS) saveSessions(state, entry);
    else {
      statesVisit(state, entry);
      if (load<u32>(state, AGGREGATE_RETRACT)) retractPut(state, entry);
    }
  }
  if (group < all) return;
  if (load<u32>(state, AGGREGATE_RETRACT)) retractPutDebts(state, pane);
  group = 0;
  paneIndex++;
}

function saveSessions(state: usize, key: usize): void {
  const bytes = load<u32>(state, AGGREGATE_SESSION_BYTES);
  for (let session = <usize>load<u32>(sessionList(state, key)); session; session = sessionNext(session)) {
    imagePut(1);
    imagePut64(sessionStart(session));
    imagePut64(sessionLast(session));
    imagePutBlock(session, bytes);
    statesVisit(state, session);
    if (load<u32>(state, AGGREGATE_RETRACT)) retractPut(state, session);
  }
  imagePut(0);
}
