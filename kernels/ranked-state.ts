// Where the kernels of numbered rows that change keep what only they touch: behind RANKED_HEADER_BYTES of layout-ranked.ts.
import { ROW_OLDER, ROW_YOUNGER } from './layout-rows';

export const RANKED_BEFORE = 352; // u32: address of ENTRY_* for each place of the step in hand, as it was
export const RANKED_AFTER = 356; // u32: the same as it is
export const RANKED_CAPACITY = 360; // u32: entries of each
export const RANKED_BEFORE_COUNT = 364; // u32
export const RANKED_AFTER_COUNT = 368; // u32
export const RANKED_FIRST = 372; // u32: the place of the first of them, from 0
export const RANKED_CURSOR = 376; // u32: how many places of the step are written
export const RANKED_IS_BACKWARD = 380; // u32: 1: the last is written first
export const RANKED_ROW = 384; // u32: next row of the batch in hand
export const RANKED_NEXT_MADE = 388; // u32: a row of the batch that is still to be added, 0: none
export const RANKED_RETIRED = 392; // u32: rows that went (ROW_READY_NEXT)
export const RANKED_PAIR = 396; // i32: number of the last update

export const ENTRY_ROW = 0; // u32
export const ENTRY_RANK = 4; // u32
export const ENTRY_DENSE = 8; // u32
export const ENTRY_BYTES: u32 = 12;

// Fields of a row's header, by what is kept there.
export const ROW_RANK = ROW_OLDER; // u32
export const ROW_DENSE = ROW_YOUNGER; // u32
