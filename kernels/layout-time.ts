// The layout of what tracks time and progress: the second part of layout.ts, under the same rules.

// Watermark state of one split of a source (kernels/watermark.ts).
export const WATERMARK_MAX_TIME = 0; // i64: greatest event time that counted, i64's minimum before the first
export const WATERMARK_DELAY = 8; // i64, µs
export const WATERMARK_MAX_FUTURE = 16; // i64, µs; 0: no guard
export const WATERMARK_NOW = 24; // i64, µs: the wall clock, written by the caller before each batch
export const WATERMARK_CURRENT = 32; // i64 out: the watermark after the last row, i64's minimum before the first
export const WATERMARK_FUTURE_COUNT = 40; // u32 out: rows too far in the future to move it, since watermarkInit
export const WATERMARK_BYTES = 48;

// Progress of several inputs (kernels/progress.ts): a header, then one entry for each input.
export const PROGRESS_COMBINED = 0; // i64 out: the combined watermark, i64's minimum before there is one
export const PROGRESS_COUNT = 8; // u32: inputs
export const PROGRESS_STATE = 12; // u32 out: PROGRESS_ACTIVE if any input is, else IDLE if any is, else FINISHED
export const PROGRESS_INPUTS = 16;
export const PROGRESS_INPUT_WATERMARK = 0; // i64
export const PROGRESS_INPUT_STATE = 8; // u32: PROGRESS_*
export const PROGRESS_INPUT_BYTES = 16;
/** It gives rows, or is waited for. */
export const PROGRESS_ACTIVE = 0;
/** It gave nothing for a while: nobody waits for it until it gives something. */
export const PROGRESS_IDLE = 1;
/** It will never give anything again. */
export const PROGRESS_FINISHED = 2;
