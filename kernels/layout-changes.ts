// The layout of what an aggregate whose results change keeps besides AGGREGATE_* (kernels/aggregate-changes.ts): numeric
// constants only, for TypeScript and kernels alike; see layout.ts.

export const CHANGES_MODE = 0; // u32: CHANGES_ON_*
export const CHANGES_SLOT = 4; // u32: offset in the entry of the place for what was written of the group
export const CHANGES_RESULTS = 8; // u32: address of the PHYSICAL_* of each result, u32 each
export const CHANGES_COLUMN = 12; // i32: output column of the changes, −1 when results come out once
export const CHANGES_ROW = 16; // u32: the next row of the batch in hand
export const CHANGES_PAIR = 20; // u32: number of the last update
export const CHANGES_SLICE = 24; // u32: groups, or sessions, that are sorted at once
export const CHANGES_HEADER_BYTES = 32; // the kernels' own state follows
export const CHANGES_BYTES = 112;

export const CHANGES_ON_UPDATE = 1; // with every row that changes a result
export const CHANGES_ON_WATERMARK = 2; // when the watermark reaches the end of the window, and with every row after that
export const CHANGES_ON_TICK = 3; // when asked to, and at the close of the window

export const CHANGES_ON_CLOSE = 4; // once, at the close of the window: of an aggregate that reads changes

/** Bytes of the place in an entry for what was written of the group: u32 address of a record, u32 whether it changed. */
export const CHANGES_SLOT_BYTES = 8;
