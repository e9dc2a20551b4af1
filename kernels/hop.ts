// Windows that overlap, HOP and CUMULATE: the next closed window, merged from panes group by group.
//
// A row was added to one pane (window.ts). When a window closes, the panes it covers are merged; so that this does not
// cost as many merges as a window has panes, HOP keeps its panes as a queue made of two stacks:
//
//   front  panes of the period that the window begins in; each has the groups of all front panes after it merged into it
//   back   panes of the next period, as they are, and `total`, the merge of all of them
//   window = first front pane ⊕ total; in the next period: back becomes front, each pane merged into the one before it
//
// A period is as long as a window, and all are aligned as TUMBLE windows are. What a group's panes are merged to so depends
// on their times alone, not on what other groups have: the last digit of a sum is the same wherever its group is kept.
// A pane is merged three times on its way: into total, into the front, into a window. The first front pane is used up by
// a window unless the next one contains it too. CUMULATE has total alone: its windows grow.
//
// Panes of rows that came when some windows had closed (hop-parts.ts) are merged into each window they count in. Fronts of
// queues that were saved on other cores (aggregate-share.ts) are too, before all else: each stands for the panes behind it
// in the windows that begin after the pane before it.
// Tangwongsan et al., General Incremental Sliding-Window Aggregation, VLDB 2015; periods as in Gil and Werman, Computing 2-D
// Min, Median, and Max Filters, 1993.
import { aggregateMerge } from './aggregate-merge';
import { STATE_HOP, STATE_IS_ENDED, STATE_WATERMARK } from './aggregate-state';
import { tableClear, tableCount } from './group-table';
import { hopAddPart, hopDropParts } from './hop-parts';
import {
  AGGREGATE_SIZE,
  AGGREGATE_SLIDE,
  AGGREGATE_WINDOW_KIND,
  WINDOW_CUMULATE,
  WINDOW_HOP,
} from './layout-aggregate';
import { allocate, release } from './memory';
import {
  paneCreate,
  paneDestroy,
  paneFrom,
  paneNext,
  paneNextPlace,
  panePeek,
  panePop,
  paneSetWindow,
  paneStart,
} from './pane';
import { saturatingAdd, saturatingSubtract } from './watermark';
import { windowCloseOf, windowFirstEnd, windowFirstHop, windowPeriod } from './window';

export const HOP_NEXT: usize = 0; // i64: the first window not looked at yet: HOP by its start, CUMULATE by its end
const HOP_PANES: usize = 8; // u32: array of panes in order of time: front [head, mid), back [mid, end)
const HOP_CAPACITY: usize = 12; // u32
export const HOP_HEAD: usize = 16; // u32
export const HOP_MID: usize = 20; // u32
export const HOP_END: usize = 24; // u32
export const HOP_TOTAL: usize = 28; // u32: pane with the merge of the back; CUMULATE: of what is in the windows; 0: none
export const HOP_PARTS: usize = 32; // u32: chain of panes that count in some windows only, by start, then from
export const HOP_FRONTS: usize = 36; // u32: chain of such fronts, as of parts
const HOP_BYTES: u32 = 40;
const PANES_MIN: u32 = 16;

/** Makes the part of the state that overlapping windows need, if these do. */
export function hopInit(state: usize): void {
  const kind = load<u32>(state, AGGREGATE_WINDOW_KIND);
  if (kind != WINDOW_HOP && kind != WINDOW_CUMULATE) return;
  const hop = allocate(HOP_BYTES);
  memory.fill(hop, 0, HOP_BYTES);
  store<i64>(hop, i64.MIN_VALUE, HOP_NEXT);
  store<u32>(hop, <u32>allocate(PANES_MIN << 2), HOP_PANES);
  store<u32>(hop, PANES_MIN, HOP_CAPACITY);
  store<u32>(state, <u32>hop, STATE_HOP);
}

/** Groups of the panes that began to close, and of what is merged from them. */
export function hopGroups(state: usize): f64 {
  const hop = <usize>load<u32>(state, STATE_HOP);
  const panes = <usize>load<u32>(hop, HOP_PANES);
  const total = <usize>load<u32>(hop, HOP_TOTAL);
  let groups: f64 = total ? <f64>tableCount(total) : 0;
  for (let n: usize = load<u32>(hop, HOP_HEAD); n < load<u32>(hop, HOP_END); n++) {
    groups += <f64>tableCount(load<u32>(panes + (n << 2)));
  }
  return groups;
}

/** Gives it back. */
export function hopDestroy(state: usize): void {
  const hop = <usize>load<u32>(state, STATE_HOP);
  if (!hop) return;
  for (let at = load<u32>(hop, HOP_HEAD); at < load<u32>(hop, HOP_END); at++) paneDestroy(hopPane(hop, at));
  const total = <usize>load<u32>(hop, HOP_TOTAL);
  if (total) paneDestroy(total);
  hopDropParts(hop + HOP_PARTS, i64.MAX_VALUE);
  hopDropParts(hop + HOP_FRONTS, i64.MAX_VALUE);
  release(load<u32>(hop, HOP_PANES), load<u32>(hop, HOP_CAPACITY) << 2);
  release(hop, HOP_BYTES);
}

/** The next window that may close, as a pane with its groups, which the caller owns; 0 when there is none. */
export function hopNextClosed(state: usize): usize {
  const hop = <usize>load<u32>(state, STATE_HOP);
  const isHop = load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_HOP;
  while (true) {
    const pane = isHop ? nextHop(state, hop) : nextCumulated(state, hop);
    // A window may turn out empty: its only rows came too late for it.
    if (!pane || tableCount(pane)) return pane;
    paneDestroy(pane);
  }
  return 0;
}

/** End of the window that is looked at next, i64's minimum when no rows wait. */
export function hopOpenEnd(state: usize): i64 {
  const hop = <usize>load<u32>(state, STATE_HOP);
  const next = load<i64>(hop, HOP_NEXT);
  if (load<u32>(state, AGGREGATE_WINDOW_KIND) == WINDOW_HOP) {
    const earliest = earliestPane(state, hop);
    if (!earliest) return i64.MIN_VALUE;
    return saturatingAdd(max(next, windowFirstHop(state, paneStart(earliest))), load<i64>(state, AGGREGATE_SIZE));
  }
  if (load<u32>(hop, HOP_TOTAL)) return next;
  const earliest = earlier(panePeek(state), load<u32>(hop, HOP_PARTS));
  return earliest ? max(next, windowFirstEnd(state, paneStart(earliest))) : i64.MIN_VALUE;
}

function mayClose(state: usize, end: i64): bool {
  return load<u32>(state, STATE_IS_ENDED) != 0 || windowCloseOf(state, end) <= load<i64>(state, STATE_WATERMARK);
}

// HOP.

function nextHop(state: usize, hop: usize): usize {
  const earliest = earliestPane(state, hop);
  if (!earliest) return 0;
  const start = max(load<i64>(hop, HOP_NEXT), windowFirstHop(state, paneStart(earliest)));
  const end = saturatingAdd(start, load<i64>(state, AGGREGATE_SIZE));
  if (!mayClose(state, end)) return 0;
  const slide = load<i64>(state, AGGREGATE_SLIDE);
  const isNewPeriod =
    windowPeriod(state, start) != windowPeriod(state, saturatingSubtract(load<i64>(hop, HOP_NEXT), slide));
  const next = saturatingAdd(start, slide);
  store<i64>(hop, next, HOP_NEXT);
  const known = takePanes(state, hop, start, end);
  if (isNewPeriod) turnOver(state, hop, saturatingAdd(windowPeriod(state, start), load<i64>(state, AGGREGATE_SIZE)));
  else addToBack(state, hop, known);
  const window = takeFronts(state, hop, start, popFirst(state, hop, next));
  paneSetWindow(window, start, end);
  if (load<u32>(hop, HOP_MID) < load<u32>(hop, HOP_END)) aggregateMerge(state, load<u32>(hop, HOP_TOTAL), window);
  for (let part = <usize>load<u32>(hop, HOP_PARTS); part; part = paneNext(part))
    if (paneFrom(part) <= start) aggregateMerge(state, part, window);
  return window;
}

/** The pane that begins first of all that windows to come may contain, 0 when there is none. */
function earliestPane(state: usize, hop: usize): usize {
  let earliest = panePeek(state);
  const head = load<u32>(hop, HOP_HEAD);
  if (head < load<u32>(hop, HOP_END)) earliest = earlier(earliest, hopPane(hop, head));
  return earlier(earlier(earliest, load<u32>(hop, HOP_PARTS)), load<u32>(hop, HOP_FRONTS));
}

/** The window that begins at `start`, where saved fronts count in it: with their groups before its own. */
function takeFronts(state: usize, hop: usize, start: i64, own: usize): usize {
  let window: usize = 0;
  for (let front = <usize>load<u32>(hop, HOP_FRONTS); front; front = paneNext(front)) {
    if (paneFrom(front) > start) continue;
    if (!window) window = paneCreate(0, 0, tableCount(front) + tableCount(own));
    aggregateMerge(state, front, window);
  }
  if (!window) return own;
  aggregateMerge(state, own, window);
  paneDestroy(own);
  return window;
}

@inline
function earlier(a: usize, b: usize): usize {
  if (!a) return b;
  return b != 0 && paneStart(b) < paneStart(a) ? b : a;
}

/** Takes the open panes before `end` into the queue, and drops those before `start`. @returns the place of the first new one */
function takePanes(state: usize, hop: usize, start: i64, end: i64): u32 {
  let known = load<u32>(hop, HOP_END);
  known -= load<u32>(hop, HOP_HEAD);
  for (let pane = panePeek(state); pane != 0 && paneStart(pane) < end; pane = panePeek(state)) {
    panePop(state);
    if (paneFrom(pane) == i64.MIN_VALUE) hopPush(hop, pane);
    else hopAddPart(hop + HOP_PARTS, pane);
  }
  known += load<u32>(hop, HOP_HEAD);
  hopDropParts(hop + HOP_PARTS, start);
  hopDropParts(hop + HOP_FRONTS, start);
  let head = load<u32>(hop, HOP_HEAD);
  const last = load<u32>(hop, HOP_END);
  while (head < last && paneStart(hopPane(hop, head)) < start) paneDestroy(hopPane(hop, head++));
  store<u32>(hop, head, HOP_HEAD);
  store<u32>(hop, max(head, load<u32>(hop, HOP_MID)), HOP_MID);
  return max(head, known);
}

/** Makes the panes before `end`, the end of a period, the front, and the others the back. */
function turnOver(state: usize, hop: usize, end: i64): void {
  const head = load<u32>(hop, HOP_HEAD);
  const last = load<u32>(hop, HOP_END);
  let mid = head;
  while (mid < last && paneStart(hopPane(hop, mid)) < end) mid++;
  for (let at = mid - 1; <i32>at > <i32>head; at--) aggregateMerge(state, hopPane(hop, at), hopPane(hop, at - 1));
  store<u32>(hop, mid, HOP_MID);
  const total = <usize>load<u32>(hop, HOP_TOTAL);
  if (total) tableClear(total);
  addToBack(state, hop, mid);
}

/** Merges the panes from place `at` on into the total of the back. */
function addToBack(state: usize, hop: usize, at: u32): void {
  for (; at < load<u32>(hop, HOP_END); at++) aggregateMerge(state, hopPane(hop, at), totalOf(hop, hopPane(hop, at)));
}

/** A window with the groups of the front, which is used up as far as windows from `next` on do not contain it. */
function popFirst(state: usize, hop: usize, next: i64): usize {
  const head = load<u32>(hop, HOP_HEAD);
  if (head == load<u32>(hop, HOP_MID)) return paneCreate(0, 0, 0);
  const first = hopPane(hop, head);
  if (paneStart(first) < next) {
    store<u32>(hop, head + 1, HOP_HEAD);
    return first;
  }
  const window = paneCreate(0, 0, tableCount(first));
  aggregateMerge(state, first, window);
  return window;
}

// CUMULATE.

function nextCumulated(state: usize, hop: usize): usize {
  const step = load<i64>(state, AGGREGATE_SLIDE);
  let end = load<i64>(hop, HOP_NEXT);
  if (!load<u32>(hop, HOP_TOTAL)) {
    const earliest = earlier(panePeek(state), load<u32>(hop, HOP_PARTS));
    if (!earliest) return 0;
    end = max(end, windowFirstEnd(state, paneStart(earliest)));
  }
  if (!mayClose(state, end)) return 0;
  store<i64>(hop, saturatingAdd(end, step), HOP_NEXT);
  for (let pane = panePeek(state); pane != 0 && paneStart(pane) < end; pane = panePeek(state)) {
    panePop(state);
    if (paneFrom(pane) == i64.MIN_VALUE) addToTotal(state, hop, pane);
    else hopAddPart(hop + HOP_PARTS, pane);
  }
  addParts(state, hop, end);
  const total = <usize>load<u32>(hop, HOP_TOTAL);
  if (!total) return paneCreate(0, 0, 0);
  const start = windowPeriod(state, end - 1);
  const isLast = end >= saturatingAdd(start, load<i64>(state, AGGREGATE_SIZE));
  const window = isLast ? total : paneCreate(0, 0, tableCount(total));
  if (isLast) store<u32>(hop, 0, HOP_TOTAL);
  else aggregateMerge(state, total, window);
  paneSetWindow(window, start, end);
  return window;
}

/** Adds the groups of a pane, which is used up. */
function addToTotal(state: usize, hop: usize, pane: usize): void {
  const total = <usize>load<u32>(hop, HOP_TOTAL);
  if (!total) {
    store<u32>(hop, <u32>pane, HOP_TOTAL);
    return;
  }
  aggregateMerge(state, pane, total);
  paneDestroy(pane);
}

/** Adds the parts that count in the window that ends at `end` and those after it. */
function addParts(state: usize, hop: usize, end: i64): void {
  let place = hop + HOP_PARTS;
  while (load<u32>(place)) {
    const part = <usize>load<u32>(place);
    if (paneFrom(part) > end) {
      place = paneNextPlace(part);
      continue;
    }
    store<u32>(place, <u32>paneNext(part));
    addToTotal(state, hop, part);
  }
}

// What both are made of.

@inline
export function hopPane(hop: usize, index: u32): usize {
  return load<u32>(<usize>load<u32>(hop, HOP_PANES) + ((<usize>index) << 2));
}

/** Adds a pane at the end of the queue. Moves the queue to the beginning of its array, or to a larger one, if need be. */
export function hopPush(hop: usize, pane: usize): void {
  const capacity = load<u32>(hop, HOP_CAPACITY);
  if (load<u32>(hop, HOP_END) == capacity) {
    const head = load<u32>(hop, HOP_HEAD);
    const count = capacity - head;
    const old = <usize>load<u32>(hop, HOP_PANES);
    const isFull = head < capacity >> 1;
    if (isFull) {
      store<u32>(hop, <u32>allocate(capacity << 3), HOP_PANES);
      store<u32>(hop, capacity << 1, HOP_CAPACITY);
    }
    memory.copy(load<u32>(hop, HOP_PANES), old + ((<usize>head) << 2), count << 2);
    if (isFull) release(old, capacity << 2);
    store<u32>(hop, 0, HOP_HEAD);
    store<u32>(hop, load<u32>(hop, HOP_MID) - head, HOP_MID);
    store<u32>(hop, count, HOP_END);
  }
  const end = load<u32>(hop, HOP_END);
  store<u32>(<usize>load<u32>(hop, HOP_PANES) + ((<usize>end) << 2), <u32>pane);
  store<u32>(hop, end + 1, HOP_END);
}

/** The total, made if it is not there, for about as many groups as `like` has. */
function totalOf(hop: usize, like: usize): usize {
  let total = <usize>load<u32>(hop, HOP_TOTAL);
  if (!total) {
    total = paneCreate(0, 0, tableCount(like));
    store<u32>(hop, <u32>total, HOP_TOTAL);
  }
  return total;
}
