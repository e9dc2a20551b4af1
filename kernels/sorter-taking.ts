// Rows are taken out of the runs of a sorter in order, in slices: the rows up to a time are cut off every run, and the cuts
// merged, two neighbours at a time, until one is left. Of equal rows those of earlier runs come first.
//
// Between two slices nothing may be added to the sorter.
import { ROW_NEXT, SORTER_KEYS, SORTER_KEY_COUNT } from './layout-rows';
import { allocate, release } from './memory';
import { rowCompare } from './row-order';
import {
  RUN_CUT,
  RUN_HEAD,
  RUN_TAIL,
  RUN_TAIL_TIME,
  runAt,
  runTime,
  SORTER_STATE_LIST_COUNT,
  SORTER_STATE_TAKING,
} from './sorter-state';

const TAKING_PHASE: usize = 0; // u32
const TAKING_LATEST: usize = 8; // i64: rows up to this time are taken
const TAKING_INDEX: usize = 16; // u32: the run, or the pair of cuts, in hand
const TAKING_CUTS: usize = 20; // u32: entries that have a cut, from 0 on
const TAKING_LEFT: usize = 24; // u32: runs of which something is left
const TAKING_ROW: usize = 28; // u32: the next row of the run in hand, 0: its first
const TAKING_LAST: usize = 32; // u32: the row before it
const TAKING_FIRST: usize = 36; // u32: what is left of two lists that are being merged
const TAKING_SECOND: usize = 40; // u32
const TAKING_HEAD: usize = 44; // u32: what is merged of them, 0: nothing
const TAKING_TAIL: usize = 48; // u32
const TAKING_BYTES: u32 = 56;

const PHASE_NONE: u32 = 0;
const PHASE_CUT: u32 = 1;
const PHASE_MERGE: u32 = 2;
const ALL: u32 = 0xffffffff;

/** Begins to take the rows up to `latest`. */
export function runsBeginTaking(state: usize, latest: i64): void {
  let taking = <usize>load<u32>(state, SORTER_STATE_TAKING);
  if (!taking) {
    taking = allocate(TAKING_BYTES);
    store<u32>(state, <u32>taking, SORTER_STATE_TAKING);
  }
  memory.fill(taking, 0, TAKING_BYTES);
  store<u32>(taking, PHASE_CUT, TAKING_PHASE);
  store<i64>(taking, latest, TAKING_LATEST);
}

/** Goes on over about `slice` rows. @returns whether all are taken: runsTaken gives them */
export function runsTake(state: usize, slice: u32): bool {
  const taking = <usize>load<u32>(state, SORTER_STATE_TAKING);
  let done: u32 = 0;
  if (load<u32>(taking, TAKING_PHASE) == PHASE_CUT) done = cut(state, taking, slice);
  if (load<u32>(taking, TAKING_PHASE) == PHASE_MERGE && done < slice) merge(state, taking, slice - done);
  return load<u32>(taking, TAKING_PHASE) == PHASE_NONE;
}

/** The rows that were taken, as a list; 0: none. */
export function runsTaken(state: usize): u32 {
  const taking = <usize>load<u32>(state, SORTER_STATE_TAKING);
  return load<u32>(taking, TAKING_CUTS) ? load<u32>(runAt(state, 0), RUN_CUT) : 0;
}

/** Takes the rows up to `latest` at once. */
export function runsTakeAll(state: usize, latest: i64): u32 {
  runsBeginTaking(state, latest);
  runsTake(state, ALL);
  return runsTaken(state);
}

/** Whether rows are being taken. */
export function runsAreTaking(state: usize): bool {
  const taking = <usize>load<u32>(state, SORTER_STATE_TAKING);
  return taking != 0 && load<u32>(taking, TAKING_PHASE) != PHASE_NONE;
}

/** Gives back what knows of it. */
export function takingDestroy(state: usize): void {
  const taking = <usize>load<u32>(state, SORTER_STATE_TAKING);
  if (taking) release(taking, TAKING_BYTES);
  store<u32>(state, 0, SORTER_STATE_TAKING);
}

/** Takes rows off every run, and the empty runs out; the cuts are in entries 0, 1, … @returns over how many rows it went */
function cut(state: usize, taking: usize, most: u32): u32 {
  const count = load<u32>(state, SORTER_STATE_LIST_COUNT);
  const latest = load<i64>(taking, TAKING_LATEST);
  let cuts = load<u32>(taking, TAKING_CUTS);
  let left = load<u32>(taking, TAKING_LEFT);
  let row = load<u32>(taking, TAKING_ROW);
  let last = load<u32>(taking, TAKING_LAST);
  let done: u32 = 0;
  for (let index = load<u32>(taking, TAKING_INDEX); index < count; index++) {
    const run = runAt(state, index);
    const head = load<u32>(run, RUN_HEAD);
    if (!last) row = head;
    for (; row != 0 && done < most && runTime(state, row) <= latest; done++) {
      last = row;
      row = load<u32>(row, ROW_NEXT);
    }
    if (done == most && row != 0) {
      store<u32>(taking, index, TAKING_INDEX);
      store<u32>(taking, cuts, TAKING_CUTS);
      store<u32>(taking, left, TAKING_LEFT);
      store<u32>(taking, row, TAKING_ROW);
      store<u32>(taking, last, TAKING_LAST);
      return done;
    }
    if (last) {
      store<u32>(last, 0, ROW_NEXT);
      store<u32>(runAt(state, cuts), head, RUN_CUT);
      cuts++;
    }
    last = 0;
    if (!row) continue;
    const kept = runAt(state, left);
    left++;
    store<u32>(kept, row, RUN_HEAD);
    store<u32>(kept, load<u32>(run, RUN_TAIL), RUN_TAIL);
    store<i64>(kept, load<i64>(run, RUN_TAIL_TIME), RUN_TAIL_TIME);
  }
  store<u32>(state, left, SORTER_STATE_LIST_COUNT);
  store<u32>(taking, cuts, TAKING_CUTS);
  store<u32>(taking, 0, TAKING_INDEX);
  store<u32>(taking, PHASE_MERGE, TAKING_PHASE);
  return done;
}

/** Merges neighbouring cuts until one is left. */
function merge(state: usize, taking: usize, most: u32): void {
  let cuts = load<u32>(taking, TAKING_CUTS);
  let left = most;
  while (cuts > 1) {
    const pairs = cuts >> 1;
    for (let pair = load<u32>(taking, TAKING_INDEX); pair < pairs; pair++) {
      if (!load<u32>(taking, TAKING_HEAD)) {
        store<u32>(taking, load<u32>(runAt(state, pair << 1), RUN_CUT), TAKING_FIRST);
        store<u32>(taking, load<u32>(runAt(state, (pair << 1) + 1), RUN_CUT), TAKING_SECOND);
      }
      left -= mergeLists(state, taking, left);
      if (load<u32>(taking, TAKING_FIRST) != 0 && load<u32>(taking, TAKING_SECOND) != 0) {
        store<u32>(taking, pair, TAKING_INDEX);
        return;
      }
      store<u32>(runAt(state, pair), load<u32>(taking, TAKING_HEAD), RUN_CUT);
      store<u32>(taking, 0, TAKING_HEAD);
    }
    if (cuts & 1) store<u32>(runAt(state, pairs), load<u32>(runAt(state, cuts - 1), RUN_CUT), RUN_CUT);
    cuts = pairs + (cuts & 1);
    store<u32>(taking, cuts, TAKING_CUTS);
    store<u32>(taking, 0, TAKING_INDEX);
  }
  store<u32>(taking, PHASE_NONE, TAKING_PHASE);
}

/** Merges on, over `most` rows, and when one list is used up the other one whole. @returns over how many */
function mergeLists(state: usize, taking: usize, most: u32): u32 {
  const keys = <usize>load<u32>(state, SORTER_KEYS);
  const keyCount = load<u32>(state, SORTER_KEY_COUNT);
  let first = load<u32>(taking, TAKING_FIRST);
  let second = load<u32>(taking, TAKING_SECOND);
  let head = load<u32>(taking, TAKING_HEAD);
  let tail = load<u32>(taking, TAKING_TAIL);
  let done: u32 = 0;
  for (; first != 0 && second != 0 && done < most; done++) {
    const takesFirst = rowCompare(keys, keyCount, first, second) <= 0;
    const row = takesFirst ? first : second;
    if (takesFirst) first = load<u32>(first, ROW_NEXT);
    else second = load<u32>(second, ROW_NEXT);
    if (head) store<u32>(tail, row, ROW_NEXT);
    else head = row;
    tail = row;
  }
  if (!first || !second) {
    const rest = first ? first : second;
    if (head) store<u32>(tail, rest, ROW_NEXT);
    else head = rest;
  }
  store<u32>(taking, first, TAKING_FIRST);
  store<u32>(taking, second, TAKING_SECOND);
  store<u32>(taking, head, TAKING_HEAD);
  store<u32>(taking, tail, TAKING_TAIL);
  return done;
}
