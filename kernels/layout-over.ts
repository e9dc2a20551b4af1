// The layout of an OVER operator (kernels/over.ts): a sorter (SORTER_* of layout-rows.ts), and behind it what follows.
// Nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

export const OVER_ROWS = 128; // ROWS_BYTES: how rows are written, results included
export const OVER_IS_WHOLE = 144; // 1: partitions are whole when their rows come (at the end of input, or of a window)
export const OVER_KEY_COUNT = 148;
export const OVER_KEYS = 152; // address of the field descriptors (FIELD_*) of the partition keys
export const OVER_ORDER_COUNT = 156;
export const OVER_ORDER = 160; // address of the keys of ORDER BY (ORDER_*)
export const OVER_CALL_COUNT = 164;
export const OVER_CALLS = 168; // address of the call descriptors
export const OVER_PARTITION_BYTES = 172; // of a partition without its key
export const OVER_LEAD_ROWS = 176; // rows of its partition that a row waits for, 0xffffffff: all
export const OVER_NEEDS_TIME = 180; // 1: a row waits until its event time, and OVER_FOLLOW, has passed
export const OVER_FOLLOW = 184; // i64, µs
export const OVER_FORWARD = 192; // i64 out: the watermark to pass on
export const OVER_FAILED_CALL = 200; // out: 1 + index of the call whose result is out of range, 0: none
export const OVER_KEEP = 204; // rows of a partition that can come out at the end of input, 0: all
export const OVER_HEADER_BYTES = 208; // the kernels' own state follows
/** After the kernels' own state. */
export const OVER_GROUP = 304; // offset in a row of the number of its group (i64), 0 when nobody asks
export const OVER_STATE_BYTES = 320;

// A partition; the states of its calls follow, then the bytes of its key.
export const PARTITION_BLOCK_BYTES = 0;
export const PARTITION_HASH = 4;
export const PARTITION_NEXT = 8; // next partition of the bucket
export const PARTITION_KEY_BYTES = 12;
export const PARTITION_COUNT = 16; // i64: rows so far
export const PARTITION_HEAD = 24; // oldest row that is kept
export const PARTITION_TAIL = 28; // newest
export const PARTITION_WAITING = 32; // oldest row without its results
export const PARTITION_HEADER_BYTES = 40;

// One function over its frame.
export const OVER_FUNCTION = 0; // OVER_*
export const OVER_PHYSICAL = 4; // PHYSICAL_* of the argument
export const OVER_ARGUMENT = 8; // offset in a row
export const OVER_ARGUMENT_NULL = 12; // i32: offset of its validity byte, −1 when it cannot be NULL
export const OVER_RESULT = 16; // offset in a row
export const OVER_RESULT_NULL = 20; // i32
export const OVER_STATE = 24; // offset of its state in a partition
export const OVER_SLOT = 28; // offset in a row of what the rest of the frame gives from it on; 0: not kept
export const OVER_NTH = 32; // which row of the frame, from 1; NTILE: how many parts
export const OVER_DEFAULT = 36; // i32: offset in a row of the value where the frame is empty, −1: NULL
export const OVER_DEFAULT_NULL = 40; // i32
export const OVER_UNIT = 44; // UNIT_*
export const OVER_START = 48; // BOUND_*
export const OVER_END = 52;
export const OVER_START_OFFSET = 56; // i64: rows; µs or whole numbers; bits of a double
export const OVER_END_OFFSET = 64;
export const OVER_EXCLUDE = 72; // EXCLUDE_*
export const OVER_IGNORES_NULLS = 76; // 0 or 1
export const OVER_AGGREGATE = 80; // address of the FRAME_AGGREGATE_* block of OVER_AGGREGATED
export const OVER_CALL_BYTES = 88;

// What computes an aggregate over the rows of frames.
export const FRAME_AGGREGATE_STATE = 0; // of a GROUP BY without keys, AGGREGATE_* of layout-aggregate.ts, with one call
export const FRAME_AGGREGATE_INPUT = 4; // batch for the arguments
export const FRAME_AGGREGATE_OUTPUT = 8; // batch of one row and the result
export const FRAME_AGGREGATE_PHYSICAL = 12; // PHYSICAL_* of the result
export const FRAME_AGGREGATE_ROWS = 16; // ROWS_BYTES: how rows are written to the input
export const FRAME_AGGREGATE_BYTES = 32;

// Functions, in this order: those by place alone, those by rank, those over a frame, and of these those that add up.
export const OVER_ARRIVAL = 0; // which of all rows it is: the sorter writes it
export const OVER_ROW_NUMBER = 1;
export const OVER_NTILE = 2;
export const OVER_RANK = 3;
export const OVER_DENSE_RANK = 4;
export const OVER_PERCENT_RANK = 5;
export const OVER_NTH_VALUE = 6; // FIRST_VALUE, LAG and LEAD too
export const OVER_LAST_VALUE = 7;
export const OVER_COUNT_ROWS = 8;
export const OVER_CUME_DIST = 9;
export const OVER_COUNT = 10;
export const OVER_SUM = 11;
export const OVER_AVG = 12;
export const OVER_MIN = 13;
export const OVER_MAX = 14;
export const OVER_AGGREGATED = 15; // any function of GROUP BY
export const OVER_NTH_PLACED = 16; // as OVER_NTH_VALUE, with rows that are not counted
export const OVER_LAST_PLACED = 17; // the n-th from the end, with rows that are not counted

export const FRAME_ROWS = 0;
export const FRAME_RANGE = 1;
export const FRAME_GROUPS = 2;
export const EXCLUDE_NONE = 0;
export const EXCLUDE_ROW = 1;
export const EXCLUDE_GROUP = 2;
export const EXCLUDE_TIES = 3;
export const BOUND_UNBOUNDED = 0;
export const BOUND_PRECEDING = 1;
export const BOUND_CURRENT = 2;
export const BOUND_FOLLOWING = 3;

// State of a call in a partition. RANK and DENSE_RANK have the first two fields, ROW_NUMBER none.
export const FRAME_FIRST = 0; // i64: number of the frame's first row; RANK: the rank
export const FRAME_LAST = 8; // i64: number of the row after its last
export const FRAME_FIRST_ROW = 16; // 0: it has not come
export const FRAME_LAST_ROW = 20; // the row after its last, 0: it has not come
export const FRAME_NEWEST = 24; // its last row
export const FRAME_PINNED = 28; // a row held beyond the others: the n-th of all, or the least or greatest
export const FRAME_SUM = 32; // i64 low half of the sum, or f64
export const FRAME_SUM_HIGH = 40; // i64
export const FRAME_COUNT = 48; // i64: values in the sum
export const FRAME_TURNED = 56; // i64: rows from the frame's first to this have their slots filled
export const FRAME_BYTES = 64;
// OVER_AGGREGATED, instead of sum and count:
export const FRAME_PANE = 32; // what is added up, 0: nothing yet
export const FRAME_KNOWN = 36; // 1: the result below is that of the rows from FRAME_KNOWN_FIRST to FRAME_KNOWN_LAST
export const FRAME_KNOWN_VALUE = 40; // 8 bytes
export const FRAME_KNOWN_LAST = 48; // i64
export const FRAME_KNOWN_VALID = 56; // 0: NULL
export const FRAME_KNOWN_FIRST = 64; // i64
export const FRAME_AGGREGATED_BYTES = 72;
// OVER_LAST_PLACED: FRAME_COUNT is how many values came; of the last OVER_NTH of them, in turn:
export const FRAME_RING = 64;
export const RING_ROW = 0; // u32
export const RING_INDEX = 8; // i64: its number
export const RING_BYTES = 16;
export const RANK_BYTES = 16;
