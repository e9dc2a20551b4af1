// Where the kernels of an aggregate keep what only they touch: the rest of its state block, after
// AGGREGATE_HEADER_BYTES of layout.ts.
//
// Scratch arrays have one element per row of a batch.

export const STATE_WATERMARK: usize = 112; // i64: the last watermark received
export const STATE_BUCKETS: usize = 120; // u32: open windows by start, heads of chains
export const STATE_BUCKET_MASK: usize = 124; // u32
export const STATE_HEAP: usize = 128; // u32: open windows, the earliest on top
export const STATE_HEAP_CAPACITY: usize = 132; // u32
export const STATE_OPEN_COUNT: usize = 136; // u32: open windows
export const STATE_LATE_PANE: usize = 140; // u32: takes late rows until the end of the batch; 0 before the first
export const STATE_ONLY_PANE: usize = 144; // u32: the one pane when there is no window
export const STATE_IS_ENDED: usize = 148; // u32: 1 after the end of input

export const STATE_TABLES: usize = 152; // u32 scratch: u32 a row, the group table
export const STATE_PACKED: usize = 156; // u32 scratch: packed keys
export const STATE_HASHES: usize = 160; // u32 scratch: u32 a row
export const STATE_ENTRIES: usize = 164; // u32 scratch: u32 a row, the group
export const STATE_ONES: usize = 168; // u32 scratch: a validity array without NULL

export const STATE_CLOSING: usize = 172; // u32: the pane whose rows are being emitted, 0: none
export const STATE_ITEMS: usize = 176; // u32: its groups in order
export const STATE_ITEM_COUNT: usize = 180; // u32
export const STATE_CURSOR: usize = 184; // u32: items emitted
export const STATE_RETIRED: usize = 188; // u32: panes whose rows are in the batch emitted last, a chain
