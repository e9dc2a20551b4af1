// The layout of numbered rows that change (kernels/ranked.ts): OVER_* of layout-over.ts as far as rows, partitions and their
// order go, and behind them what follows. Numeric constants only, all fields u32 unless said otherwise.

export const RANKED_CHANGES_IN = 320; // i32: input column of the changes, −1 when rows only come
export const RANKED_CHANGES_OUT = 324; // output column of the changes
export const RANKED_RESULT_COUNT = 328; // columns of results, behind those of the input
export const RANKED_RESULTS = 332; // address of u32 for each: RANKED_ROW_NUMBER, …
export const RANKED_TABLE = 336; // ROW_TABLE_BYTES: rows by their values, where they can leave
export const RANKED_HEADER_BYTES = 352; // the kernels' own state follows
export const RANKED_STATE_BYTES = 416;

/** What a partition has beyond its header, and without its key: ROW_LIST_BYTES, its rows in order. */
export const RANKED_LIST_BYTES = 16;

export const RANKED_ROW_NUMBER = 0;
export const RANKED_RANK = 1;
export const RANKED_DENSE_RANK = 2;
