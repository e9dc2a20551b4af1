// The layout of what an aggregate that reads changes keeps besides AGGREGATE_* and CHANGES_* (kernels/retract-update.ts):
// numeric constants only, for TypeScript and kernels alike; see layout.ts.

export const RETRACT_COLUMN = 0; // u32: input column of the changes
export const RETRACT_GROUP = 4; // u32: offset in the entry of its RETRACT_GROUP_* block
export const RETRACT_ROWS = 8; // u32: address of the ROWS_* of the rows that are kept, 0: none are
export const RETRACT_BATCH = 12; // u32: a batch for one row, of the input's columns
// The kernels' own state follows, but for
export const RETRACT_TIME_OFFSET = 60; // u32: of sessions: in a kept row, of its event time
export const RETRACT_BYTES = 72;

/** Bytes of the block of a group, without a byte for each call; a multiple of 8. */
export const RETRACT_GROUP_BYTES = 24;

// What it costs to take a value back (CALL_RETRACTION).
export const RETRACTION_COUNT = 0; // subtracts from the state
export const RETRACTION_SUM = 1; // subtracts from a RETRACT_SUM_* state
export const RETRACTION_EXTREME = 2; // nothing, unless it is the extreme one: then the group's rows are gone through
export const RETRACTION_ORDERED = 3; // the same of the first or last one
export const RETRACTION_VALUES = 4; // the group's rows are gone through
export const RETRACTION_DISTINCT = 5; // subtracts from how often each value is there

/** State of a sum that can be taken back. Integers: as that of an average. */
export const RETRACT_SUM_INTEGER_BYTES = 24;
/** Doubles: the sum f64, values i64; then what it is made of. */
export const RETRACT_SUM_DOUBLE_BYTES = 48;
