// The layout of a join's state (kernels/join.ts): what TypeScript writes when it is made, and reads.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise. A join
// has two sides, each a sorter (layout-rows.ts) with more behind it; side 0 is the left one.

export const JOIN_SIDES = 0; // the left side, then the right one

// One side: SORTER_* in front.
export const SIDE_KEYS = 128; // address of the FIELD_* of the key columns
export const SIDE_REACH = 136; // i64, µs: a row of time t has no match among rows of the other side after t + reach
export const SIDE_QUEUE_HEAD = 144; // rows that are kept, by time (ROW_READY_NEXT)
export const SIDE_QUEUE_TAIL = 148;
export const SIDE_INCOMING = 152; // rows that may be joined, by time (ROW_NEXT)
export const SIDE_INCOMING_TAIL = 156;
export const SIDE_IS_OUTER = 160; // 1: rows without a match come out
export const SIDE_FLIGHT = 164; // address of u32 per output row: the row of this side, 0: none
export const SIDE_TIME_COLUMN = 168; // i32: column of the event time, −1 without one
export const SIDE_CHANGE_COLUMN = 172; // i32: of the right side of an ASOF join whose rows are changes of versions, −1 without
export const SIDE_BYTES = 176;

export const JOIN_KEY_COUNT = 352;
export const JOIN_KIND = 356; // JOIN_INNER, …
export const JOIN_HAS_CONDITION = 360; // 1: pairs are candidates until joinSettle
export const JOIN_IMAGE_HAS_KEYS = 364; // set by the kernels, 1: images are made by the keys
export const JOIN_LOW = 368; // i64, µs: left time − right time is at least this
export const JOIN_HIGH = 376; // i64, µs: and at most this
export const JOIN_LIMIT = 384; // i64 out: rows before it have been joined
export const JOIN_CLOCK = 392; // i64, µs: time of rows that have no event time
export const JOIN_CAPACITY = 400; // rows of the arrays of a flight
export const JOIN_COUNT = 404; // out: rows in flight
export const JOIN_USED_BYTES = 408; // out: rows and keys held, in rounded block sizes
export const JOIN_ENDED = 412; // 1 when the left side without event time has ended, 2 the right one
export const JOIN_LATE_COUNT = 416; // f64 out: rows older than the watermark, dropped
export const JOIN_DELAY = 424; // i64, µs: the watermark that goes on is so far behind
export const JOIN_FORWARD = 432; // i64 out: the watermark to pass on
export const JOIN_SHIFT = 440; // i64, µs: ASOF joins handle left rows so much earlier
export const JOIN_HEADER_BYTES = 448; // the kernels' own state follows
export const JOIN_STATE_BYTES = 480;

/** Pairs come out; rows without a match where their side says so. */
export const JOIN_INNER = 0;
/** Left rows with a match come out, once. */
export const JOIN_SEMI = 1;
/** Left rows without a match come out. */
export const JOIN_ANTI = 2;
// Left rows with the nearest right row, if one is near enough; those without where the left side says so.
export const JOIN_ASOF_BACKWARD = 3;
export const JOIN_ASOF_FORWARD = 4;
export const JOIN_ASOF_NEAREST = 5;

// What a batch of joined rows is made of: one for each column.
export const JOINED_SIDE = 0; // address of the side
export const JOINED_FIELD = 4; // address of its FIELD_*
export const JOINED_BYTES = 8;
