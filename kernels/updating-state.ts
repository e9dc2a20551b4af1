// What the kernels of joins whose result changes keep for themselves, behind UPDATING_HEADER_BYTES of layout-updating.ts,
// and in rows.
import { ROW_INDEX, ROW_OLDER, ROW_YOUNGER } from './layout-rows';
import { UPDATED_BYTES, UPDATED_TABLE, UPDATING_SIDES } from './layout-updating';

export const UPDATING_SIDE = 680; // u32: which side the batch in hand is of
export const UPDATING_BLOCK_FIRST = 684; // u32: its rows in hand begin here
export const UPDATING_BLOCK_COUNT = 688; // u32: how many they are
export const UPDATING_INDEX = 692; // u32: the next of them
export const UPDATING_PHASE = 696; // u32: PHASE_*: what of a step comes next
export const UPDATING_OLD = 700; // u32: the row that the step takes out, 0: none
export const UPDATING_MADE = 704; // u32: the row that it adds, 0: none
export const UPDATING_OLD_ENTRY = 708; // u32: the keys of those, 0: a NULL, or no row of the other side has it
export const UPDATING_MADE_ENTRY = 712;
export const UPDATING_FLAGS = 716; // u32: TAKE_IS_ALONE + ADD_IS_ALONE
export const UPDATING_CANDIDATE = 720; // u32: next row of the other side
export const UPDATING_OUT_COUNT = 724; // u32: rows that the flight gives
export const UPDATING_OUT_WRITTEN = 728; // u32: those of them that are written

export const UPDATING_PASSED = 736; // i64: the watermark of both sides: rows that are over by it have been let go
export const UPDATING_ARRIVAL = 744; // i64: the number of the row whose step is in hand
export const UPDATING_CAUSE = 752; // i64: of the row that caused what is written

/** The row taken out was the last one of its key on its side. */
export const TAKE_IS_ALONE: u32 = 1;
/** The row added is the only one. */
export const ADD_IS_ALONE: u32 = 2;

// Steps of a flight: what may have happened to a pair, if it is one.
export const STEP_TAKE: u32 = 0;
export const STEP_ADD: u32 = 1;
/** Two entries: a row as it was and as it is, with one of the other side. Pairs come, but for those of STEP_LATER. */
export const STEP_SWAP: u32 = 2;
/** Two entries again: pairs that come where none was. */
export const STEP_LATER: u32 = 3;
/** No pair: all of the step have been before. */
export const STEP_END: u32 = 4;
export const STEP_KINDS: u32 = 7;
/** Added to STEP_TAKE and STEP_ADD: the other row has no other match. */
export const STEP_IS_ALONE: u32 = 8;

// Fields of a row's header, by what these joins keep there. Tables (row-table.ts) take ROW_INDEX as a whole, for debts.
export const ROW_ENTRY = ROW_INDEX; // u32: its key
export const ROW_MATCHES = ROW_INDEX + 4; // u32: how many matches it has
export const ROW_BEFORE = ROW_OLDER; // u32: row before it of its key and side
export const ROW_BEHIND = ROW_YOUNGER; // u32: row after it

/** UPDATED_* of a side. */
@inline
export function updatedSide(state: usize, number: u32): usize {
  return state + UPDATING_SIDES + number * UPDATED_BYTES;
}

/** The rows of a side by their values. */
@inline
export function updatedTable(state: usize, number: u32): usize {
  return updatedSide(state, number) + UPDATED_TABLE;
}
