// Where the kernels of an OVER operator keep what only they touch: behind OVER_HEADER_BYTES of layout-over.ts.

export const STATE_BUCKETS = 208; // u32: partitions by hash, heads of chains
export const STATE_BUCKET_MASK = 212; // u32
export const STATE_PARTITIONS = 216; // u32: how many
export const STATE_KEY = 220; // u32: scratch for the key of a row
export const STATE_KEY_CAPACITY = 224; // u32
export const STATE_OLDEST = 228; // u32: rows without their results, in order (ROW_OLDER, ROW_YOUNGER)
export const STATE_YOUNGEST = 232; // u32
export const STATE_UNTIMELY = 236; // u32: the first of them whose event time has not passed
export const STATE_READY_FIRST = 240; // u32: rows that may come out (ROW_READY_NEXT)
export const STATE_READY_LAST = 244; // u32
export const STATE_RETIRED = 248; // u32: rows to give back (ROW_NEXT)
export const STATE_TURN = 252; // u32: scratch for the rows of a frame
export const STATE_TURN_CAPACITY = 256; // u32, rows
export const STATE_FLIGHT = 260; // u32: rows of the batch emitted last
export const STATE_FLIGHT_CAPACITY = 264; // u32
export const STATE_FLIGHT_COUNT = 268; // u32
export const STATE_TEXTS = 276; // u32: texts of results, to be given back with the retired rows
export const STATE_KEPT = 272; // u32: rows in partitions that have not gone to the sorter
export const STATE_ADVANCE = 280; // u32: how far the rows are that a watermark has passed (ADVANCE_*)

// A watermark, or the end of the input, that is being followed (over-advance.ts).
export const ADVANCE_PHASE = 0; // u32
export const ADVANCE_IS_END = 4; // u32: the input has ended
export const ADVANCE_WATERMARK = 8; // i64: the watermark otherwise
export const ADVANCE_ROW = 16; // u32: the next row, 0: it is to be fetched
export const ADVANCE_FIRST = 20; // u32: rows of the partitions in hand that have no results yet (ROW_READY_NEXT)
export const ADVANCE_LAST = 24; // u32
export const ADVANCE_NEXT = 28; // u32: the next bucket, or item
export const ADVANCE_ITEMS = 32; // u32: rows that were kept in partitions, as items; 0: none
export const ADVANCE_ITEM_COUNT = 36; // u32
export const ADVANCE_SORT = 40; // u32: the work that sorts them, 0: they are in order
export const ADVANCE_BYTES: u32 = 48;
