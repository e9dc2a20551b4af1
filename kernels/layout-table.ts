// The layout of what reads changes from outside (kernels/changes-read.ts) and of tables by key (kernels/changes-table.ts):
// numeric constants only, for TypeScript and kernels alike; see layout.ts. All fields u32 unless said otherwise.

export const READ_FORM = 0; // READ_WEIGHT, READ_ENVELOPE, READ_UPSERT
export const READ_OP = 4; // i32: input column of the kind of change, −1 when every row is an upsert
export const READ_COLUMN_COUNT = 8; // output columns without the changes
export const READ_COLUMNS = 12; // address of their descriptions
export const READ_ROWS = 16; // address of ROWS_*: how a row that waits for its other half is kept
export const READ_HAS_KEY = 20; // 1: envelopes are upserts
export const READ_FAILED = 24; // out: READ_FAILED_*, of the first record that was left out
export const READ_FAILED_COUNT = 28; // out: records that were left out
export const READ_FAILED_COLUMN = 32; // out: output column that is NULL and cannot be
export const READ_FAILED_OP = 36; // out: address of the kind of change, and its length
export const READ_HAS_AFTER = 44; // i32: input column that is not NULL when an envelope has the row after
export const READ_HAS_BEFORE = 48; // i32: the same of the row before
export const READ_STOPS = 52; // 1: nothing is read behind a record that makes no sense
export const READ_HEADER_BYTES = 56; // the kernels' own state follows
export const READ_BYTES = 80;

export const READ_WEIGHT = 1; // +I, -U, +U, -D
export const READ_ENVELOPE = 2; // Debezium: c, r, u, d with the row before and after
export const READ_UPSERT = 3; // -D deletes, -U says nothing, all else is the row as it is

export const READ_FAILED_KIND = 1; // no such kind of change
export const READ_FAILED_BEFORE = 2; // the row before is missing
export const READ_FAILED_AFTER = 3; // the row after is missing
export const READ_FAILED_NULL = 4; // NULL in a column that cannot be

export const READ_COLUMN_AFTER = 0; // i32: input column
export const READ_COLUMN_BEFORE = 4; // i32: input column of the row as it was, −1 without
export const READ_COLUMN_PHYSICAL = 8;
export const READ_COLUMN_FLAGS = 12; // READ_NOT_NULL + READ_KEY
export const READ_COLUMN_BYTES = 16;
export const READ_NOT_NULL = 1;
export const READ_KEY = 2;

// A table by key.
export const TABLE_ROWS = 0; // ROWS_*: of all columns but the hidden ones
export const TABLE_KEY_ROWS = 16; // ROWS_*: of those of the key
export const TABLE_CHANGES = 32; // column of the changes, in and out
export const TABLE_WATERMARK = 36; // i32: column of the running watermark, in and out, −1 without
export const TABLE_USED_BYTES = 40; // out: state held, in rounded block sizes
export const TABLE_HEADER_BYTES = 44; // the kernels' own state follows
export const TABLE_BYTES = 80;
