// Where a sort in slices (sort-work.ts) keeps how far it is.
import { SORT_COUNTERS_BYTES, SORT_DIGITS_BYTES } from './sort';

export const WORK_ORDER: usize = 0; // u32: SORT_* of sort-orders.ts
export const WORK_STATE: usize = 4; // u32: of the operator
export const WORK_SLICE: usize = 8; // u32: items
export const WORK_PHASE: usize = 12; // u32
export const WORK_ALL: usize = 16; // u32: all items
export const WORK_ALL_COUNT: usize = 20; // u32
export const WORK_SPARE: usize = 24; // u32: room for as many
export const WORK_OWNS_SPARE: usize = 28; // u32
export const WORK_LIST: usize = 32; // u32: addresses that the items are made of, 0: they are there
export const WORK_DEPTH: usize = 36; // u32: ranges that wait for the one in hand
// The range in hand.
export const WORK_ITEMS: usize = 40; // u32
export const WORK_COUNT: usize = 44; // u32
export const WORK_COLUMN: usize = 48; // u32
export const WORK_PART: usize = 52; // u32
export const WORK_NEXT_COLUMN: usize = 56; // u32: what its runs are sorted by
export const WORK_NEXT_PART: usize = 60; // u32
export const WORK_AT: usize = 64; // u32: items of the pass that are done
export const WORK_HAS_MORE: usize = 68; // u32: strings may have bytes beyond the part
export const WORK_DIFFERING: usize = 72; // u64
export const WORK_IS_SHIFTED: usize = 80; // u32
export const WORK_DIGIT_COUNT: usize = 84; // u32
export const WORK_DIGIT: usize = 88; // u32
export const WORK_SOURCE: usize = 92; // u32: where the items are
export const WORK_RUN: usize = 96; // u32: where the run in hand begins
export const WORK_LONGEST: usize = 100; // u32: items of the longest run that is left for last, 0: none
export const WORK_LONGEST_COUNT: usize = 104; // u32
export const WORK_STACK: usize = 112;
export const WORK_DIGITS: usize = WORK_STACK + 32 * 28;
export const WORK_COUNTERS: usize = WORK_DIGITS + <usize>SORT_DIGITS_BYTES;
export const WORK_BYTES: u32 = 112 + 32 * 28 + SORT_DIGITS_BYTES + SORT_COUNTERS_BYTES;

// A range that waits.
export const RANGE_ITEMS: usize = 0; // u32, and so are all
export const RANGE_COUNT: usize = 4;
export const RANGE_NEXT_COLUMN: usize = 8;
export const RANGE_NEXT_PART: usize = 12;
export const RANGE_AT: usize = 16;
export const RANGE_LONGEST: usize = 20;
export const RANGE_LONGEST_COUNT: usize = 24;
export const RANGE_BYTES: u32 = 28;

export const PHASE_DONE: u32 = 0;
export const PHASE_LIST: u32 = 1;
export const PHASE_KEYS: u32 = 2;
export const PHASE_DIFFERING: u32 = 3;
export const PHASE_SHIFT: u32 = 4;
export const PHASE_COUNT: u32 = 5;
export const PHASE_SCATTER: u32 = 6;
export const PHASE_BACK: u32 = 7;
export const PHASE_RUNS: u32 = 8;

/** The next pass begins. */
export function beginPhase(work: usize, phase: u32): void {
  store<u32>(work, phase, WORK_PHASE);
  store<u32>(work, 0, WORK_AT);
}
