// The layout of everything that TypeScript and the kernels both touch in a core's linear memory.
//
// Both sides import this one file: it holds nothing but numeric constants, so it is valid TypeScript and valid
// AssemblyScript. Offsets and sizes are in bytes; all numbers are little-endian; `ref` is a string reference of
// 8 bytes: u32 address, then u32 length (as an i64 value: address in the low half, length in the high half).
//
// A batch is a header followed by one descriptor per column:
//
//   batch ─► rowCount u32 │ capacity u32 │ columnCount u32 │ weights u32 │ { data u32, validity u32 } × columnCount
//
// `validity` is 0 for a column that cannot hold NULL, otherwise the address of one byte per row (1 value, 0 NULL).
// The data of a NULL is unspecified. Data arrays are 16-byte aligned; kernels may read (never write) up to
// READ_SLACK bytes past the end of any buffer.

// Cells at fixed addresses, below the memory base of the kernels.
/** i32: what the last scalar kernel said: STATUS_VALUE, STATUS_NULL or an ERROR_* code. */
export const CELL_STATUS = 16;
/** i32: ERROR_* code raised by a compiled map (0: none); the rows before the failing one were written. */
export const CELL_ERROR_CODE = 20;
/** i32: index into the plan's `sites`, the expression that failed. */
export const CELL_ERROR_SITE = 24;
/** First address that is not a fixed cell; the kernels' own static data begins here. */
export const MEMORY_BASE = 1024;

export const STATUS_VALUE = 0;
export const STATUS_NULL = 1;

// Errors of scalar kernels and compiled expressions.
export const ERROR_OVERFLOW = 2;
export const ERROR_CAST = 3;
export const ERROR_ARGUMENT = 4;
export const ERROR_MEMORY = 5;

// Type codes.
export const TYPE_BOOLEAN = 1; // u8
export const TYPE_TINYINT = 2; // i32
export const TYPE_SMALLINT = 3; // i32
export const TYPE_INTEGER = 4; // i32
export const TYPE_BIGINT = 5; // i64
export const TYPE_DOUBLE = 6; // f64
export const TYPE_VARCHAR = 7; // ref
export const TYPE_TIMESTAMP = 8; // i64, µs since the epoch, UTC
export const TYPE_DATE = 9; // i32, days since the epoch
export const TYPE_JSON = 10; // ref, the JSON text
export const TYPE_INTERVAL = 11; // i64, µs

// Batch header and column descriptor.
export const BATCH_ROW_COUNT = 0;
export const BATCH_CAPACITY = 4;
export const BATCH_COLUMN_COUNT = 8;
export const BATCH_WEIGHTS = 12;
export const BATCH_COLUMNS = 16;
export const COLUMN_DATA = 0;
export const COLUMN_VALIDITY = 4;
export const COLUMN_BYTES = 8;

/** Bytes a kernel may read past the end of a buffer. */
export const READ_SLACK = 64;

// Decoder state, shared by all text decoders (kernels/decoder.ts): what TypeScript sets and reads.
export const DECODER_BATCH = 0; // u32: the batch to fill
export const DECODER_POLICY = 4; // u32: POLICY_*
export const DECODER_LINE_COUNT = 8; // u32 out: lines (newlines) consumed by the last call
export const DECODER_REJECT_COUNT = 12; // u32 out: entries in the reject list after the last call
export const DECODER_REJECTS = 16; // u32: address of the reject list
export const DECODER_NULLED_COUNT = 20; // u32 out: bad fields turned into NULL by the last call (POLICY_NULL)
export const DECODER_MAX_RECORD_BYTES = 24; // u32: longer records are rejected
export const DECODER_HEADER_BYTES = 32; // a decoder's own state follows

export const POLICY_FAIL = 0; // stop before the bad record; it is in the reject list
export const POLICY_SKIP = 1; // leave the record out; it is in the reject list (also for dead letters)
export const POLICY_NULL = 2; // a bad field becomes NULL; a bad record, or NULL in a NOT NULL column, is left out

// One entry of the reject list.
export const REJECT_REASON = 0; // u32: REASON_*
export const REJECT_COLUMN = 4; // i32: column of the batch, −1 for the whole record
export const REJECT_RECORD = 8; // u32: address of the record's first byte, valid until the next call
export const REJECT_RECORD_BYTES = 12; // u32: its length without the line end (cut at the limit for REASON_TOO_LONG)
export const REJECT_LINE = 16; // u32: 0-based line of the record, counted from the first byte of this call
export const REJECT_POSITION = 20; // u32: byte within the record where it went wrong
export const REJECT_BYTES = 24;
/** Entries in a reject list; a decoder returns early when it is full. */
export const REJECT_CAPACITY = 256;

export const REASON_SYNTAX = 1; // not JSON, or a stray quote in CSV
export const REASON_NOT_OBJECT = 2; // JSON, but not an object
export const REASON_TYPE = 3; // the field's text does not fit the column's type
export const REASON_RANGE = 4; // a number out of the type's range
export const REASON_NULL = 5; // NULL or missing in a NOT NULL column
export const REASON_UTF8 = 6; // bytes that are not UTF-8
export const REASON_TOO_LONG = 7; // longer than max_record_bytes
export const REASON_FIELD_COUNT = 8; // a CSV record with too many or too few fields
