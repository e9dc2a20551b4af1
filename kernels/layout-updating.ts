// The layout of the state of a join whose result changes (kernels/updating-join.ts): that of a join (layout-join.ts) with
// more behind it. TypeScript writes what stands without "out" and does not belong to the kernels.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

export const UPDATING_STEPS = 480; // address of STEP_* for each entry of a flight
export const UPDATING_FLIGHT_LEFTS = 484; // address of u32 for each entry of a flight: the left row, 0: none
export const UPDATING_FLIGHT_RIGHTS = 488; // the same for the right one
export const UPDATING_OUT_LEFTS = 492; // address of u32 for each row that a flight gives, UPDATING_OUT_FACTOR for an entry
export const UPDATING_OUT_RIGHTS = 496;
export const UPDATING_OUT_CHANGES = 500; // i32 each
export const UPDATING_CHANGE_COLUMN = 504; // column of a batch going out with the changes
export const UPDATING_IS_COUNTED = 508; // 1: rows count their matches; 0: those are the rows of their key
export const UPDATING_OUT_ARRIVALS = 512; // address of i64 each: the number of the row that caused it; 0: nobody asks
export const UPDATING_ANY_ROW = 516; // address of a right row with TRUE in all columns: what a mark join gives for any match
export const UPDATING_KEPT = 520; // address of u32 × UPDATING_BLOCK_ROWS
export const UPDATING_ARRIVAL_COLUMN = 524; // of a batch going out: those numbers
export const UPDATING_TTL = 528; // i64, µs: how long a row is kept
export const UPDATING_SIDES = 536; // UPDATED_* of the left side, then of the right one
export const UPDATING_HEADER_BYTES = 680; // the kernels' own state follows
export const UPDATING_STATE_BYTES = 760;

// One side.
export const UPDATED_CHANGES = 0; // i32: column of its batches with the changes, −1: rows only come
export const UPDATED_QUEUE = 4; // in a row, of QUEUED_*; 0: rows are kept for good
export const UPDATED_TABLE = 8; // ROW_TABLE_BYTES: its rows by their values, where they may go
export const UPDATED_ARRIVALS = 28; // i32: column of its batches with the numbers of its rows (BIGINT), −1: they have none
// Where times bound what matches:
export const UPDATED_TIME_OFFSET = 24; // in a row, of its time; 0: nothing bounds the join
export const UPDATED_WATERMARK_COLUMN = 32; // i32: of the running watermark, −1 without one
export const UPDATED_REACH = 40; // i64, µs: rows that match are no further apart
export const UPDATED_WATERMARK = 48; // i64: the last watermark of the side
export const UPDATED_HEAP = 56; // HEAP_BYTES: its rows by when they are over
export const UPDATED_BYTES = 72;

/** Input rows that are copied at a time. */
export const UPDATING_BLOCK_ROWS = 256;
/** Most rows that an entry of a flight gives. */
export const UPDATING_OUT_FACTOR = 3;

// What an entry of a flight is about, besides the two rows that may match.
export const STEP_KIND = 0; // STEP_TAKE, …; + STEP_IS_ALONE
export const STEP_OLD = 4; // the row that is taken out, 0: none
export const STEP_MADE = 8; // the row that takes its place, 0: none
export const STEP_ARRIVAL = 16; // i64: the number of the row that came or went
export const STEP_BYTES = 24;

// What a row has at UPDATED_QUEUE.
export const QUEUED_NEXT = 0;
export const QUEUED_BEFORE = 4;
export const QUEUED_TIME = 8; // i64, µs: when it came
export const QUEUED_BYTES = 16;
