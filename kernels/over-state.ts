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
