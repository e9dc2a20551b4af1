// The layout of what remembers joined rows (kernels/recall.ts): what TypeScript writes when it is made, and reads.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

export const RECALL_ROWS = 0; // ROWS_*: of a joined row
export const RECALL_LEFT_ROWS = 16; // ROWS_*: of the columns of the left side, which come first in it
export const RECALL_CHANGES = 32; // column of the changes of the left side
export const RECALL_OUT_CHANGES = 36; // column of the changes going out
export const RECALL_USED_BYTES = 40; // out: rows held, in rounded block sizes
export const RECALL_ROW_COUNT = 44; // out: different rows held
export const RECALL_TIME_OFFSET = 48; // in a row, of the time of the left row; 0: joined rows may come at any time
export const RECALL_HEADER_BYTES = 56; // the kernels' own state follows
export const RECALL_BYTES = 96;
