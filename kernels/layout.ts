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
/** i64: the wall clock in µs as of the current turn of the core, never going back; kept for plans that use it. */
export const CELL_CLOCK = 32;
/** 8 bytes: the result of a function in JavaScript, as a column holds it; CELL_STATUS says whether there is one. */
export const CELL_HOST_VALUE = 48;
// The kernels' own static data begins at 1024 (scripts/kernels.mjs).

export const STATUS_VALUE = 0;
export const STATUS_NULL = 1;

// Errors of scalar kernels and compiled expressions.
export const ERROR_OVERFLOW = 2;
export const ERROR_CAST = 3;
export const ERROR_ARGUMENT = 4;
export const ERROR_MEMORY = 5;
/** A function in JavaScript failed; the runtime knows how. */
export const ERROR_HOST = 16;

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
export const TYPE_LIST = 12; // ref: a nested value
export const TYPE_STRUCT = 13; // ref: a nested value
export const TYPE_DECIMAL = 14; // i64, units of 10^−scale

// Nested values: lists and structs. A value is one range of bytes without addresses in it, so that copying it is
// copying bytes, and it is written so that comparing bytes compares values: equal values have equal bytes, and the order
// of values (by elements, NULL last, NaN above all numbers) is the order of their bytes. So nested values are grouped,
// sorted and compared as strings are.
//
//   list    items, then NESTED_END
//   struct  one item for each field, in the order of the type
//   item    NESTED_VALUE and the value, or NESTED_NULL (and zeros, if the type has a width)
//   value   BOOLEAN u8 │ i32 and i64 big-endian with the sign bit flipped │ DOUBLE big-endian, positive ones with the
//           sign bit flipped and negative ones with all bits flipped (−0 is 0, every NaN is one NaN) │ text: its bytes,
//           of which 00 is written 01 01 and 01 is written 01 02, then 00 │ list, struct: as above
export const NESTED_END = 0;
export const NESTED_VALUE = 1;
export const NESTED_NULL = 2;

// The description of a nested type (src/data/nested-type.ts): a node per type, followed by the node of a list's element,
// or by the fields of a struct, each with its node.
export const NESTED_CODE = 0; // u32: TYPE_*
export const NESTED_BYTES = 4; // u32: of the node and all below it
export const NESTED_COUNT = 8; // u32: fields of a struct
export const NESTED_OPTION = 12; // i32: reading: power of ten from the unit of epoch numbers to µs; writing: ENCODE_*
export const NESTED_HEAD_BYTES = 16;
export const NESTED_FIELD_NAME_BYTES = 0; // u32
export const NESTED_FIELD_KEY_BYTES = 4; // u32: of `,"name":`
export const NESTED_FIELD_NODE = 8; // u32: where its node begins, from the field's beginning
export const NESTED_FIELD_NAME = 12; // the name, then the key

// Units and fields of time, as kernels/time-fields.ts takes them. Up to UNIT_WEEK they have a fixed length.
export const UNIT_MICROSECOND = 1;
export const UNIT_MILLISECOND = 2;
export const UNIT_SECOND = 3;
export const UNIT_MINUTE = 4;
export const UNIT_HOUR = 5;
export const UNIT_DAY = 6;
export const UNIT_WEEK = 7;
export const UNIT_MONTH = 8;
export const UNIT_QUARTER = 9;
export const UNIT_YEAR = 10;
export const UNIT_DECADE = 11;
export const UNIT_CENTURY = 12;
export const UNIT_MILLENNIUM = 13;
export const UNIT_ISO_YEAR = 14;
export const UNIT_DAY_OF_WEEK = 15;
export const UNIT_ISO_DAY_OF_WEEK = 16;
export const UNIT_DAY_OF_YEAR = 17;
export const UNIT_YEAR_WEEK = 18;
export const UNIT_ERA = 19;
export const UNIT_EPOCH = 20;

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

// How a value lies in memory (`Physical` of src/data/type.ts).
export const PHYSICAL_U8 = 1;
export const PHYSICAL_I32 = 2;
export const PHYSICAL_I64 = 3;
export const PHYSICAL_F64 = 4;
export const PHYSICAL_REF = 5;
/** In a table of PHYSICAL_* of batches sent to another core: the column is not sent. */
export const EXCHANGE_ABSENT = 0;
