// The layout of what tracks time and progress: the second part of layout.ts, under the same rules.

// Watermark state of one split of a source (kernels/watermark.ts).
export const WATERMARK_MAX_TIME = 0; // i64: greatest event time that counted, i64's minimum before the first
export const WATERMARK_DELAY = 8; // i64, µs
export const WATERMARK_MAX_FUTURE = 16; // i64, µs; 0: no guard
export const WATERMARK_NOW = 24; // i64, µs: the wall clock, written by the caller before each batch
export const WATERMARK_CURRENT = 32; // i64 out: the watermark after the last row, i64's minimum before the first
export const WATERMARK_FUTURE_COUNT = 40; // u32 out: rows too far in the future to move it, since watermarkInit
export const WATERMARK_BYTES = 48;

// Watermarks by key (kernels/keyed-watermark.ts): WATERMARK_* in front, then:
export const KEYED_IDLE = 48; // i64, µs a key may be behind the foremost one before it is forgotten; 0: any
export const KEYED_KEYS_MAX = 56; // u32
export const KEYED_POLICY = 60; // u32: what makes room for a key too many: EVICT_*
export const KEYED_COLUMN_COUNT = 64; // u32: columns of the key
export const KEYED_COLUMNS = 68; // u32: address of { u32 column, u32 PHYSICAL_* } for each
export const KEYED_COUNT = 72; // u32 out: keys known
export const KEYED_EVICTED = 76; // u32 out: keys forgotten to make room
export const KEYED_HEADER_BYTES = 80; // the kernel's own state follows
export const KEYED_BYTES = 128;

export const EVICT_LEAST_RECENT = 0; // the key whose last row is the longest ago
export const EVICT_LOWEST = 1; // the key with the lowest watermark
export const EVICT_NONE = 2; // there is no room: the batch ends before the row

// Progress of several inputs (kernels/progress.ts): a header, then one entry for each input.
export const PROGRESS_COMBINED = 0; // i64 out: the combined watermark, i64's minimum before there is one
export const PROGRESS_COUNT = 8; // u32: inputs
export const PROGRESS_STATE = 12; // u32 out: PROGRESS_ACTIVE if any input is, else IDLE if any is, else FINISHED
export const PROGRESS_INPUTS = 16;
export const PROGRESS_INPUT_WATERMARK = 0; // i64
export const PROGRESS_INPUT_STATE = 8; // u32: PROGRESS_*
export const PROGRESS_INPUT_BYTES = 16;
/** It gives rows, or is waited for. */
export const PROGRESS_ACTIVE = 0;
/** It gave nothing for a while: nobody waits for it until it gives something. */
export const PROGRESS_IDLE = 1;
/** It will never give anything again. */
export const PROGRESS_FINISHED = 2;

// Merging the splits of a source (kernels/merge.ts): the state, then one entry for each split elsewhere.
export const MERGE_COMBINED = 0; // i64 out: the combined watermark
export const MERGE_SPLITS = 8; // u32: all splits
export const MERGE_ENTRIES = 12; // u32: address of the entries
export const MERGE_HEAP = 16; // u32: address of the heap: u32 numbers of active splits
export const MERGE_ACTIVE = 20; // u32 out: splits in the heap
export const MERGE_OUTPUT = 24; // u32: batch that takes rows of several splits
export const MERGE_SIZES = 28; // u32: address of the bytes of a value of each column, u32
export const MERGE_COLUMN = 32; // u32: column of the running watermark
export const MERGE_RUNS = 36; // u32: address of MERGE_RUN_BYTES for each row of the output batch
export const MERGE_RESULT = 40; // u32 out: the batch that mergeTake filled: the output or a split's own
export const MERGE_HAS_GAPS = 44; // u32: 1 once a split was idle: what it gives later may be behind
export const MERGE_BYTES = 48;
export const MERGE_RUN_BYTES = 12;

// One split of a merge.
export const MERGE_SPLIT_KEY = 0; // i64: its watermark before its next row
export const MERGE_SPLIT_BATCH = 8; // u32: the batch its decoder fills
export const MERGE_SPLIT_ROW = 12; // u32: its next row
export const MERGE_SPLIT_ROWS = 16; // u32: rows of the batch
export const MERGE_SPLIT_CELL = 20; // u32: address of its watermark after the batch
export const MERGE_SPLIT_STATE = 24; // u32: PROGRESS_*
export const MERGE_SPLIT_KEYS = 28; // u32: address of its watermark before each row of the batch, i64
export const MERGE_SPLIT_BYTES = 32;
