// The layout of what operators that keep rows share with TypeScript: the row store, orders, and the sorter.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

// A row store: what a kept row looks like.
export const ROWS_FIELD_COUNT = 0;
export const ROWS_FIELDS = 4; // address of the field descriptors, one for each column of the batches
export const ROWS_FIXED_BYTES = 8; // of a row without its strings
export const ROWS_BYTES = 16;

export const FIELD_PHYSICAL = 0; // PHYSICAL_*
export const FIELD_OFFSET = 4; // of the value in a row
export const FIELD_NULL_OFFSET = 8; // i32: of the validity byte (1 value, 0 NULL), −1 when it cannot be NULL
export const FIELD_BYTES = 12;

// Header of a kept row; its fields follow, then the bytes of its strings.
export const ROW_BLOCK_BYTES = 0; // size of its block
export const ROW_PINS = 4; // who holds it: given back at 0
export const ROW_NEXT = 8; // next row of the list it is in
export const ROW_READY_NEXT = 12; // next of the rows that may come out
export const ROW_INDEX = 16; // i64: its number in its partition
export const ROW_PARTITION = 24; // address
export const ROW_IS_TIMELY = 28; // 1: its event time has passed as far as its functions need
export const ROW_OLDER = 32; // row before it of those that wait
export const ROW_YOUNGER = 36; // row after it
export const ROW_HEADER_BYTES = 40;

// One key of an order.
export const ORDER_PHYSICAL = 0;
export const ORDER_OFFSET = 4; // of the value in a row
export const ORDER_NULL_OFFSET = 8; // i32, as FIELD_NULL_OFFSET
export const ORDER_FLAGS = 12; // ORDER_DESCENDING + ORDER_NULLS_FIRST
export const ORDER_BYTES = 16;
export const ORDER_DESCENDING = 1;
export const ORDER_NULLS_FIRST = 2;

// A sorter (kernels/sorter.ts): what TypeScript writes when it is made, and reads; the first ROWS_BYTES say how rows are
// kept.
export const SORTER_KEY_COUNT = 16;
export const SORTER_KEYS = 20; // address of the order's keys
export const SORTER_TIME_COLUMN = 24; // i32: column of the event time that comes first in the order, −1: none
export const SORTER_TIME_OFFSET = 28; // its offset in a row
export const SORTER_WATERMARK_COLUMN = 32; // i32: column of the running watermark, −1 without one
export const SORTER_SKIP = 36; // rows still to be left out before the first
export const SORTER_TAKE = 40; // rows that may still come out, 0xffffffff: all
export const SORTER_USED_BYTES = 44; // out: rows held, in rounded block sizes
export const SORTER_LATE_COUNT = 48; // f64 out: rows older than the watermark, dropped
export const SORTER_AHEAD = 56; // i64, µs: later rows are at least so much younger than the watermark
export const SORTER_ARRIVED = 64; // i64: rows that have come
export const SORTER_ARRIVAL_OFFSET = 72; // in a row, where its number among those goes, i64; 0: nowhere
export const SORTER_HEADER_BYTES = 80; // the kernels' own state follows
export const SORTER_STATE_BYTES = 128;

// UNNEST (kernels/unnest.ts): what TypeScript writes when it is made.
export const UNNEST_LIST_COUNT = 0;
export const UNNEST_LISTS = 4; // address of the list descriptors
export const UNNEST_KEEP_COUNT = 8;
export const UNNEST_KEEPS = 12; // address of the descriptors of the columns passed on
export const UNNEST_ORDINALITY = 16; // i32: output column of the numbers, −1 without
export const UNNEST_IS_OUTER = 20; // 1: a row without elements comes out once, with NULLs
export const UNNEST_ROWS = 24; // address of u32 per output row: its input row
export const UNNEST_NUMBERS = 28; // address of u32 per output row: number of the element from 1, 0: none
export const UNNEST_ROW = 32; // where the next output row comes from: set by the kernels
export const UNNEST_NUMBER = 36;
export const UNNEST_STATE_BYTES = 40;

export const UNNEST_LIST_COLUMN = 0; // input column
export const UNNEST_LIST_TO = 4; // output column
export const UNNEST_LIST_TYPE = 8; // address of the description of the elements' type
export const UNNEST_LIST_FOUND = 12; // address of u32 per output row: address of the element, 0: NULL
export const UNNEST_LIST_NEXT = 16; // set by the kernels
export const UNNEST_LIST_BYTES = 20;

export const UNNEST_KEEP_FROM = 0; // input column
export const UNNEST_KEEP_TO = 4; // output column
export const UNNEST_KEEP_WIDTH = 8; // bytes of a value
export const UNNEST_KEEP_BYTES = 12;
