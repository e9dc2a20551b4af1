// Where the kernels of an aggregate keep what only they touch: the rest of its state block, after
// AGGREGATE_HEADER_BYTES of layout.ts.
//
// Batches are handled in blocks of BLOCK_ROWS, so that what the steps hand on to each other, and the groups of a
// block, stay in the first-level cache. Scratch arrays have one element per row of a block.

export const BLOCK_ROWS = 256;

export const STATE_WATERMARK = 112; // i64: the last watermark received
export const STATE_BUCKETS = 120; // u32: open windows by start, heads of chains
export const STATE_BUCKET_MASK = 124; // u32
export const STATE_HEAP = 128; // u32: open windows, the earliest on top
export const STATE_HEAP_CAPACITY = 132; // u32
export const STATE_OPEN_COUNT = 136; // u32: open windows
export const STATE_LATE_PANE = 140; // u32: takes late rows until the end of the batch; 0 before the first
export const STATE_ONLY_PANE = 144; // u32: the one pane when there is no window
export const STATE_IS_ENDED = 148; // u32: 1 after the end of input

export const STATE_TABLES = 152; // u32 scratch: u32 a row, the group table
export const STATE_PACKED = 156; // u32 scratch: packed keys
export const STATE_HASHES = 160; // u32 scratch: u32 a row
export const STATE_ENTRIES = 164; // u32 scratch: u32 a row, the group
export const STATE_ONES = 168; // u32 scratch: a validity array without NULL
export const STATE_HAS_LONG = 172; // u32: 1 when a packed key has a long string

export const STATE_CLOSING = 176; // u32: the pane whose rows are being emitted, 0: none
export const STATE_ITEMS = 180; // u32: its groups in order
export const STATE_ITEM_COUNT = 184; // u32
export const STATE_CURSOR = 188; // u32: items emitted
export const STATE_RETIRED = 192; // u32: panes whose rows are in the batch emitted last, a chain

export const STATE_LAST_PANE = 196; // u32: the open pane that a row was last added to, 0: none
export const STATE_LAST_START = 200; // i64: start of its window
export const STATE_LAST_END = 208; // i64: its end
export const STATE_EXPECTED = 216; // u32: groups of the last window that closed
export const STATE_SOURCES = 220; // u32 scratch: u32 a row, the group that is merged into the one of STATE_ENTRIES
export const STATE_LAST_CLOSE = 224; // i64: the watermark from which on rows of the last pane are late
export const STATE_LAST_DUE = 232; // i64: the one from which on they count in some windows only
export const STATE_HOP = 240; // u32: HOP_* of hop.ts, 0 where windows do not overlap
export const STATE_SESSIONS = 272; // u32: SESSIONS_* of session.ts, 0 where there are none

export const STATE_MASK = 244; // u32 scratch: u8 a row, whether a value is new in its group (DISTINCT)
export const STATE_SEQUENCE = 248; // i64: rows handled in blocks before this one
export const STATE_RESULTS = 256; // u32: arena of what the results emitted last refer to
export const STATE_MERGE_ENTRIES = 260; // u32 scratch of merging DISTINCT: u32 a value, its group
export const STATE_MERGE_TABLES = 264; // u32 scratch: u32 a value, what stands in for the table of its group
export const STATE_MERGE_VALUES = 268; // u32 scratch: values, 0 before it is needed

export const STATE_FLOOR = 360; // i64: windows that close up to here came out although the watermark is behind
export const STATE_EMITTED_END = 368; // i64: the latest end of a window that came out
export const STATE_SHARE = 416; // u32: what is taken of saved shares (layout-share.ts); 0: all of a state that was saved as one
export const STATE_SORT = 420; // u32: the work that sorts what is being emitted, 0: it is in order
