// Where the kernels of an aggregate that reads changes keep what only they touch: the rest of its RETRACT_* block, and
// the block of each group.

export const RETRACT_TOUCHED = 16; // u32: groups to be written: { u32 pane, u32 entry }
export const RETRACT_TOUCHED_CAPACITY = 20; // u32
export const RETRACT_TOUCHED_COUNT = 24; // u32
export const RETRACT_TOUCHED_INDEX = 28; // u32: those that are written
export const RETRACT_TABLE = 32; // the ROW_TABLE_BYTES of row-table.ts
export const RETRACT_EMPTY = 48; // u32: groups without rows of the only window
export const RETRACT_ORPHAN = 52; // u32: a session that is gone, of which something is still written; 0: none
export const RETRACT_GONE = 56; // u32: sessions that have closed and whose rows are in the batch written last, a list

// Block of a group, at RETRACT_GROUP of its entry.
export const GROUP_WEIGHT: usize = 0; // i64: rows of the group
export const GROUP_FIRST: usize = 8; // u32: its kept rows in order of arrival, linked by ROW_YOUNGER
export const GROUP_LAST: usize = 12; // u32
export const GROUP_OWN: usize = 16; // u32: stands in for the table of the group once it has an arena of its own
export const GROUP_DIRTY: usize = 24; // u8 a call: DIRTY_*

/** The state has a value that was taken back: a row that comes may make it right. */
export const DIRTY_TAKEN: u8 = 1;
/** The state does not have all rows of the group: they must be added again. */
export const DIRTY_ANEW: u8 = 2;
