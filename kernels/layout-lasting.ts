// The layout of what keeps changes until the watermark finds which rows stay (kernels/lasting.ts): what TypeScript writes
// when it is made, and reads.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

export const LASTING_ROWS = 0; // ROWS_*
export const LASTING_CHANGES = 16; // column of the changes
export const LASTING_TIME_COLUMN = 20; // i32: column of the event time, −1: rows wait for the end
export const LASTING_TIME_OFFSET = 24; // in a row, of the event time
export const LASTING_WATERMARK_COLUMN = 28; // i32: column of the running watermark, −1 without one
export const LASTING_USED_BYTES = 32; // out: rows held, in rounded block sizes
export const LASTING_ROW_COUNT = 36; // out: rows that wait
export const LASTING_LATE_COUNT = 40; // f64 out: changes of rows older than the watermark, left out
export const LASTING_LIMIT = 48; // i64 out: rows before it have come out
export const LASTING_AHEAD = 56; // i64, µs: later rows are at least so much younger than the watermark
export const LASTING_HEADER_BYTES = 64; // the kernels' own state follows
export const LASTING_BYTES = 128;
