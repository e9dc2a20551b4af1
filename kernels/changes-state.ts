// Where the kernels of a changing aggregate keep what only they touch: the rest of its CHANGES_* block, after
// CHANGES_HEADER_BYTES of layout-changes.ts.
//
// A wave is a list of windows whose groups are to be written: windows in order of (end, start), groups by key.

export const CHANGES_TEXTS = 32; // u32: arena of the strings of the batch in hand
export const CHANGES_ITEM = 36; // u32: room for one item of group-sort.ts
export const CHANGES_FIRED = 40; // i64: windows with an end up to here have come out
export const CHANGES_NEXT_FIRE = 48; // i64: the earliest end of an open window that has not come out

export const CHANGES_WAVE = 56; // u32: items { u64, u32 pane, u32 0 }; 0: no wave
export const CHANGES_WAVE_BYTES = 60; // u32: their size as allocated
export const CHANGES_WAVE_COUNT = 64; // u32
export const CHANGES_WAVE_INDEX = 68; // u32: the window in hand
export const CHANGES_WAVE_CLOSES = 72; // u32: 1 when the windows are not open any more and go once they are written

export const CHANGES_ITEMS = 76; // u32: groups of the window in hand, 0: not yet listed
export const CHANGES_ITEMS_BYTES = 80; // u32
export const CHANGES_ITEM_COUNT = 84; // u32
export const CHANGES_CURSOR = 88; // u32: groups of it that are done
export const CHANGES_LISTED = 104; // u32: groups of it that were looked at to list those that are written
export const CHANGES_SORT = 92; // u32: the work that sorts its groups, or the sessions of the wave, 0: they are in order

export const CHANGES_WINDOW = 96; // i64: end of the next window of the row in hand, i64's minimum: the first
