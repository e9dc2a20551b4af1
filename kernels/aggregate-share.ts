// Takes saved aggregates (aggregate-image.ts) on other cores than they were saved on: of each saved share the groups whose
// key is this core's, added to those of the same key that came of another share.
//
// The panes of a queue (hop.ts) have begun to be merged, in every share as far as its own rows went. A pane of the front
// stands for itself and those behind it: it becomes a front of its own, for the windows in which it was the first. Panes
// of the back, which are as they were, are open again, and what was merged from them is left out.
import {
  STATE_EMITTED_END,
  STATE_ENTRIES,
  STATE_EXPECTED,
  STATE_FLOOR,
  STATE_HOP,
  STATE_SEQUENCE,
  STATE_SESSIONS,
  STATE_SHARE,
  STATE_SOURCES,
  STATE_WATERMARK,
} from './aggregate-state';
import { loadSessions, paneOf, partOf } from './aggregate-load';
import { ROLE_KEYS, ROLE_QUEUE, ROLE_TOTAL } from './layout-image';
import { mergeStates } from './aggregate-merge';
import { exchangeCore } from './exchange-groups';
import { tableFindEntry } from './group-copy';
import { keyVisit, statesAreFlat, statesVisit } from './group-image';
import { keyHashOf } from './group-key';
import { tableArena } from './group-table';
import { HOP_FRONTS, HOP_NEXT } from './hop';
import { imageCursor, imageLoad, imageTake, imageTake64, imageTakeBlock, imageTakeWords } from './image';
import {
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_FORWARD,
  AGGREGATE_LATE_COUNT,
  AGGREGATE_SESSION_BYTES,
  AGGREGATE_WINDOW_KIND,
  WINDOW_HOP,
} from './layout-aggregate';
import {
  SHARE_BEFORE,
  SHARE_CORE,
  SHARE_CORES,
  SHARE_COUNTS,
  SHARE_FRONT,
  SHARE_IS_NEXT,
  SHARE_PANE,
  SHARE_START,
} from './layout-share';
import { arenaAllocate } from './memory';
import { paneCreate, paneDestroy, paneFind, paneOpen } from './pane';
import { SESSIONS_PANE } from './session';

/** The blocks that come next are another saved share. `share`: SHARE_* of layout-share.ts. */
export function aggregateBeginShare(state: usize, share: usize): void {
  store<u32>(state, <u32>share, STATE_SHARE);
  store<u32>(share, 0, SHARE_PANE);
}

/** Takes the watermarks and counters of a share. */
export function shareHead(state: usize, share: usize): void {
  raise(state + STATE_WATERMARK);
  raise(state + STATE_FLOOR);
  raise(state + STATE_EMITTED_END);
  raise(state + STATE_SEQUENCE);
  const forward = imageTake64();
  const isFirst = load<u32>(share, SHARE_IS_NEXT) == 0;
  // What each share may still give is not before its own.
  store<i64>(state, isFirst ? forward : min(forward, load<i64>(state, AGGREGATE_FORWARD)), AGGREGATE_FORWARD);
  const late = reinterpret<f64>(imageTake64());
  if (load<u32>(share, SHARE_COUNTS)) {
    store<f64>(state, load<f64>(state, AGGREGATE_LATE_COUNT) + late, AGGREGATE_LATE_COUNT);
  }
  store<u32>(state, max(load<u32>(state, STATE_EXPECTED), imageTake()), STATE_EXPECTED);
  store<u32>(share, 1, SHARE_IS_NEXT);
  const hop = <usize>load<u32>(state, STATE_HOP);
  if (!hop) return;
  raise(hop + HOP_NEXT);
  store<u32>(share, imageTake(), SHARE_FRONT);
}

/** Takes an i64 that only grows, and is the same in all shares or furthest in the one that had most to do. */
function raise(place: usize): void {
  store<i64>(place, max(load<i64>(place), imageTake64()));
}

/** Takes the groups of a block that are this core's. */
export function sharePane(state: usize, share: usize): void {
  const role = imageTake();
  const start = imageTake64();
  const end = imageTake64();
  const from = imageTake64();
  if (role == ROLE_QUEUE) countPane(share, start);
  const count = imageTake();
  imageTake();
  const scratch = paneCreate(start, end, 0);
  imageLoad(imageCursor(), tableArena(scratch));
  // Merged from panes that are open again.
  const isLeftOut = role == ROLE_TOTAL && load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_HOP;
  const bytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  const isFlat = statesAreFlat(state);
  let to: usize = 0;
  for (let i: u32 = 0; i < count; i++) {
    const entry = arenaAllocate(tableArena(scratch), bytes);
    imageTakeWords(entry, bytes);
    keyVisit(state, entry);
    const hash = keyHashOf(state, entry);
    const isOwn = !isLeftOut && exchangeCore(hash, load<u32>(share, SHARE_CORES)) == load<u32>(share, SHARE_CORE);
    if (role == ROLE_KEYS) {
      if (isOwn) takeSessions(state, entry, hash);
      else skipSessions(state, tableArena(scratch));
      // In either case the next key comes into this table again.
      imageLoad(imageCursor(), tableArena(scratch));
    }
    if (role == ROLE_KEYS) continue;
    if (!isFlat) statesVisit(state, entry);
    if (!isOwn) continue;
    if (!to) to = sharedPane(state, share, role, start, end, from);
    merge(state, entry, to, hash);
  }
  paneDestroy(scratch);
}

/** The pane of a queue that the block is of. */
function countPane(share: usize, start: i64): void {
  const number = load<u32>(share, SHARE_PANE);
  const current = load<i64>(share, SHARE_START);
  if (number != 0 && start == current) return;
  store<i64>(share, number ? current : i64.MIN_VALUE, SHARE_BEFORE);
  store<i64>(share, start, SHARE_START);
  store<u32>(share, number + 1, SHARE_PANE);
}

/** Where the groups of a pane go, made if it is not there. */
function sharedPane(state: usize, share: usize, role: u32, start: i64, end: i64, from: i64): usize {
  if (role != ROLE_QUEUE) return paneOf(state, role, start, end, from);
  if (load<u32>(share, SHARE_PANE) > load<u32>(share, SHARE_FRONT)) {
    const open = paneFind(state, start, i64.MIN_VALUE);
    return open ? open : paneOpen(state, start, end, i64.MIN_VALUE);
  }
  const before = load<i64>(share, SHARE_BEFORE);
  const first = before == i64.MIN_VALUE ? before : before + 1;
  return partOf(<usize>load<u32>(state, STATE_HOP) + HOP_FRONTS, start, end, first);
}

/** Adds a group to the one of the same key. */
function merge(state: usize, entry: usize, to: usize, hash: u32): void {
  const sources = <usize>load<u32>(state, STATE_SOURCES);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  store<u32>(sources, <u32>entry);
  store<u32>(entries, <u32>tableFindEntry(state, to, hash, entry));
  mergeStates(state, sources, entries, 1, tableArena(to));
}

/** Takes a key with its sessions: all of them are in one share. */
function takeSessions(state: usize, key: usize, hash: u32): void {
  const pane = <usize>load<u32>(load<u32>(state, STATE_SESSIONS), SESSIONS_PANE);
  const entry = tableFindEntry(state, pane, hash, key);
  imageLoad(imageCursor(), tableArena(pane));
  loadSessions(state, pane, entry);
}

function skipSessions(state: usize, arena: usize): void {
  const bytes = load<u32>(state, AGGREGATE_SESSION_BYTES);
  while (imageTake()) {
    imageTake64();
    imageTake64();
    const session = arenaAllocate(arena, bytes);
    imageTakeBlock(session, bytes);
    statesVisit(state, session);
  }
}
