// The layout of what an aggregate keeps to pass its late rows on (kernels/late-rows.ts): numeric constants only, for
// TypeScript and kernels alike; see layout.ts.

export const LATE_BATCH = 0; // u32: batch of late rows; it has room for those of one input batch
export const LATE_COLUMN_COUNT = 4; // u32: columns that are those of the input
export const LATE_COLUMNS = 8; // u32: address of { u32 input column, u32 logarithm of its bytes } of each
export const LATE_BYTES = 16;
export const LATE_COLUMN_BYTES = 8;
