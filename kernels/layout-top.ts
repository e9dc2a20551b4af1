// The layout of the first rows of an order as they change (kernels/top.ts): numeric constants only, for TypeScript and
// kernels alike; see layout.ts. All fields u32 unless said otherwise.

export const TOP_ROWS = 0; // ROWS_BYTES: how rows are kept
export const TOP_KEY_COUNT = 16;
export const TOP_KEYS = 20; // address of the order's keys
export const TOP_CHANGES_IN = 24; // i32: input column of the changes, −1 when rows only come
export const TOP_CHANGES_OUT = 28; // i32: output column of the changes, −1 when rows come out once, at the end
export const TOP_FIRST = 32; // rows before the first that comes out
export const TOP_END = 36; // rows up to the last that comes out, 0xffffffff: all
export const TOP_USED_BYTES = 40; // out: state held, in rounded block sizes
export const TOP_HEADER_BYTES = 48; // the kernels' own state follows
export const TOP_STATE_BYTES = 128;

/** Rows that one change of the input can make of the output. */
export const TOP_STEP_ROWS = 4;
