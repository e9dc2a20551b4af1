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
/** First address that is not a fixed cell; the kernels' own static data begins here. */
export const MEMORY_BASE = 1024;

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

// Record makers (GENERATOR, NEXMARK): kernels that write JSON records. What TypeScript sets and reads.
export const MAKER_NEXT = 0; // f64: number of the next record's event, 0 first
export const MAKER_END = 8; // f64: the first event that may not be made (yet)
export const MAKER_SEED = 16; // u64

/** Bytes of a text slot: up to 31 bytes of text, its length in the last byte. */
export const TEXT_SLOT_BYTES = 32;
export const TEXT_SLOT_LENGTH = 31;

export const NEXMARK_KINDS = 24; // u32: which events become records, NEXMARK_* bits
export const NEXMARK_UNIT_MICROS = 28; // u32: unit of times, as `printEpoch` takes it
export const NEXMARK_BASE_MILLIS = 32; // f64: event time of event 0
export const NEXMARK_EVENT_RATE = 40; // f64: events per second of event time
export const NEXMARK_TEXTS = 56; // text slots: NEXMARK_FIELD_COUNT keys (`,"name":"`, empty: not wanted), then words
export const NEXMARK_PERSON = 1;
export const NEXMARK_AUCTION = 2;
export const NEXMARK_BID = 4;
/** Events of a cycle: a person, then the auctions, then bids. */
export const NEXMARK_CYCLE = 50;
export const NEXMARK_AUCTIONS = 3;
/** First id of people and of auctions. */
export const NEXMARK_FIRST_ID = 1000;

/** Keys in the order event_type, fields of person, of auction, of bid (src/plan/connector-specs.ts). */
export const NEXMARK_FIELD_COUNT = 26;
// Slots of the words (src/connectors/nexmark-words.ts) and how many there are.
export const NEXMARK_FIRST_NAMES = 26;
export const NEXMARK_FIRST_NAME_COUNT = 11;
export const NEXMARK_LAST_NAMES = 37;
export const NEXMARK_LAST_NAME_COUNT = 9;
export const NEXMARK_CITIES = 46;
export const NEXMARK_CITY_COUNT = 10;
export const NEXMARK_STATES = 56;
export const NEXMARK_STATE_COUNT = 6;
export const NEXMARK_HOT_CHANNELS = 62;
export const NEXMARK_HOT_CHANNEL_COUNT = 4;
export const NEXMARK_CHANNEL_PREFIX = 66;
export const NEXMARK_URL_BEGIN = 67;
export const NEXMARK_URL_END = 68;
export const NEXMARK_URL_CHANNEL = 69;
export const NEXMARK_TEXT_COUNT = 70;
/** No record is longer, wide stores past its end included. */
export const NEXMARK_RECORD_BYTES = 2048;

export const GENERATOR_COLUMN_COUNT = 24; // u32
export const GENERATOR_COLUMNS = 28; // u32: address of the column descriptors
export const GENERATOR_RECORD_BYTES = 32; // u32: no record is longer, wide stores included
export const GENERATOR_STATE_BYTES = 40;

// One column descriptor of GENERATOR.
export const MAKE_OPERATION = 0; // u32: MAKE_*
export const MAKE_PRINT = 4; // u32: PRINT_*, of whole numbers
export const MAKE_UNIT_MICROS = 8; // u32: unit of PRINT_EPOCH, as `printEpoch` takes it
export const MAKE_NULL_RATE = 16; // f64: share of NULLs
export const MAKE_STREAM = 24; // u64: which random numbers it draws
export const MAKE_FIRST = 32; // i64 or f64: start, or least value; u32 letters
export const MAKE_STEP = 40; // i64 or f64: step, or how many values (i64) or the width (f64) of the range
export const MAKE_KEY = 48; // u32: address of `,"name":`
export const MAKE_KEY_BYTES = 52; // u32
export const MAKE_VALUES = 56; // u32: address of u32 address, u32 length of each value's JSON text
export const MAKE_VALUE_COUNT = 60; // u32
export const MAKE_BYTES = 64;

export const MAKE_CYCLE = 0; // values in turn
export const MAKE_CHOICE = 1; // one of the values
export const MAKE_SEQUENCE = 2; // i64: first + n · step
export const MAKE_RANDOM = 3; // i64: first + [0, step), step 0 standing for 2^64
export const MAKE_DOUBLE_SEQUENCE = 4; // f64: first + n · step
export const MAKE_DOUBLE_RANDOM = 5; // f64: first + [0, 1) · step
export const MAKE_LETTERS = 6; // first + [0, step) letters

export const PRINT_NUMBER = 0;
export const PRINT_TEXT = 1; // in quotes
export const PRINT_EPOCH = 2; // µs as a number of the unit
export const PRINT_DATE = 3; // days as "2024-01-31"
// Encoder state, shared by the text encoders (kernels/row-encoder.ts); all u32.
export const ENCODER_BUFFER = 0; // address of the output buffer
export const ENCODER_CAPACITY = 4; // its size in bytes
export const ENCODER_LENGTH = 8; // bytes waiting in it
export const ENCODER_ROW_BYTES = 12; // most bytes a row takes besides the content of its strings
export const ENCODER_COLUMN_COUNT = 16;
export const ENCODER_OMIT_NULLS = 20; // JSON: 1 leaves the field of a NULL out
export const ENCODER_DELIMITER = 20; // CSV: byte between fields
export const ENCODER_QUOTE = 24; // CSV: byte around fields
export const ENCODER_NULL = 28; // CSV: address of the text of NULL
export const ENCODER_NULL_BYTES = 32;
export const ENCODER_CHANGES = 24; // Debezium: column of the batch with the changes, −1 when all are insertions
export const ENCODER_TAIL = 28; // Debezium: address of what ends an envelope, from the last object on
export const ENCODER_TAIL_BYTES = 32;
export const ENCODER_COLUMNS = 40; // one entry per written column

export const ENCODE_COLUMN_KIND = 0; // ENCODE_*, plus ENCODE_QUOTED
export const ENCODE_COLUMN_INDEX = 4; // column of the batch
export const ENCODE_COLUMN_KEY = 8; // JSON: address of `,"name":`
export const ENCODE_COLUMN_KEY_BYTES = 12;
export const ENCODE_COLUMN_DATA = 16; // set by the encoder from the batch
export const ENCODE_COLUMN_VALIDITY = 20; // set by the encoder from the batch
export const ENCODE_COLUMN_TYPE = 24; // of ENCODE_NESTED: address of the type's description
export const ENCODE_COLUMN_BYTES = 28;

// How a column is written.
export const ENCODE_BOOLEAN = 0;
export const ENCODE_INTEGER = 1; // i32
export const ENCODE_BIGINT = 2;
export const ENCODE_DOUBLE = 3; // NaN and infinities as NULL
export const ENCODE_DOUBLE_TEXT = 4; // NaN and infinities as text
export const ENCODE_STRING = 5;
export const ENCODE_JSON = 6; // JSON text, nested as it is
export const ENCODE_TIMESTAMP = 7; // ISO-8601
export const ENCODE_EPOCH_S = 8;
export const ENCODE_EPOCH_MS = 9;
export const ENCODE_EPOCH_US = 10;
export const ENCODE_EPOCH_NS = 11;
export const ENCODE_DATE = 12;
export const ENCODE_INTERVAL = 13;
export const ENCODE_CHANGE = 14; // the kind of change, from the changes of the batch: +I, -U, +U, -D
export const ENCODE_NESTED = 15; // as JSON
export const ENCODE_DECIMAL = 16;
/** Added to a kind: the field is written in quotes (not for strings, which look after themselves). */
export const ENCODE_QUOTED = 32;
/** Plus this times the scale, of ENCODE_DECIMAL. */
export const ENCODE_SCALE = 64;

// How a value lies in memory (`Physical` of src/data/type.ts).
export const PHYSICAL_U8 = 1;
export const PHYSICAL_I32 = 2;
export const PHYSICAL_I64 = 3;
export const PHYSICAL_F64 = 4;
export const PHYSICAL_REF = 5;
/** In a table of PHYSICAL_* of batches sent to another core: the column is not sent. */
export const EXCHANGE_ABSENT = 0;

// State of an aggregate operator (kernels/aggregate.ts): what TypeScript writes when it is made, and reads.
export const AGGREGATE_KEY_COUNT = 0; // u32
export const AGGREGATE_KEY_BYTES = 4; // u32: packed key, a multiple of 16
export const AGGREGATE_KEYS = 8; // u32: address of the key descriptors
export const AGGREGATE_CALL_COUNT = 12; // u32
export const AGGREGATE_CALLS = 16; // u32: address of the call descriptors, one per aggregate function
export const AGGREGATE_ENTRY_BYTES = 20; // u32: one group, a multiple of 16
export const AGGREGATE_TEMPLATE = 24; // u32: address of an entry as a new group begins; its key is not used
export const AGGREGATE_SEEN = 28; // u32: offset in the entry of the seen bytes, one per call
export const AGGREGATE_IS_WINDOWED = 32; // u32: 0 or 1
export const AGGREGATE_WINDOW_KIND = 36; // u32: WINDOW_*, 0 without a window
export const AGGREGATE_TIME_COLUMN = 40; // i32: input column of the event time, −1 without a window
export const AGGREGATE_WATERMARK_COLUMN = 44; // i32: input column of the running watermark, −1 without one
export const AGGREGATE_SIZE = 48; // i64, µs; of a session: the gap
export const AGGREGATE_OFFSET = 56; // i64, µs: HOP in [0, slide), else in [0, size)
export const AGGREGATE_LATENESS = 64; // i64, µs
export const AGGREGATE_FORWARD = 72; // i64 out: the watermark to pass on
export const AGGREGATE_LATE_COUNT = 80; // f64 out: rows dropped because their window was closed
export const AGGREGATE_USED_BYTES = 88; // u32 out: state held, in rounded block sizes
export const AGGREGATE_FAILED_CALL = 92; // u32 out: 1 + index of the call whose result is out of range, 0: none
export const AGGREGATE_FAILED_GROUPS = 96; // u32 out: groups of the window for which it is
export const AGGREGATE_WINDOW_GROUPS = 100; // u32 out: groups of that window
export const AGGREGATE_CHANGES = 104; // u32: address of the CHANGES_* block, 0 when a result comes out once
export const AGGREGATE_LATE = 108; // u32: address of the LATE_* block, 0 when nobody asks for late rows
export const AGGREGATE_HEADER_BYTES = 112; // the kernels' own state follows
/** After the kernels' own state. */
export const AGGREGATE_SLIDE = 376; // i64, µs: from one window to the next
// With sessions the entries above are those of the keys, whose sessions have entries of their own.
export const AGGREGATE_SESSION_BYTES = 384; // u32: one session's entry
export const AGGREGATE_SESSION_TEMPLATE = 388; // u32: address of it as a new session begins
export const AGGREGATE_SESSION_LIST = 392; // u32: offset in a key's entry of its first session; the key is what is before
// With windows of the input: a row brings its window's start (AGGREGATE_TIME_COLUMN) and end.
export const AGGREGATE_END_COLUMN = 396; // i32: input column of the end
export const AGGREGATE_CLOSES_BY_START = 400; // u32: 1 when the watermark speaks about starts, 0: about ends
export const AGGREGATE_STATE_BYTES = 408;

export const WINDOW_TUMBLE = 1;
export const WINDOW_HOP = 2;
export const WINDOW_CUMULATE = 3;
export const WINDOW_SESSION = 4;
export const WINDOW_INHERITED = 5;

// Key descriptor of an aggregate.
export const KEY_PHYSICAL = 0; // u32: PHYSICAL_*
export const KEY_OFFSET = 4; // u32: of the value in the packed key
export const KEY_NULL_OFFSET = 8; // i32: of the null byte (1: NULL) in the packed key, −1 when it cannot be NULL
export const KEY_ADDRESS_OFFSET = 12; // u32: in the entry, of the address of a long string's bytes
export const KEY_BYTES = 16;
/** Strings up to this length lie in the packed key whole: u32 length, then the bytes. */
export const KEY_INLINE_BYTES = 12;

// Call descriptor of an aggregate: one aggregate function over one argument.
export const CALL_FUNCTION = 0; // u32: AGGREGATE_COUNT…
export const CALL_PHYSICAL = 4; // u32: PHYSICAL_* of the argument
export const CALL_COLUMN = 8; // i32: input column of the argument, −1 without one
export const CALL_ORDER_COLUMN = 12; // i32: input column that orders first and last, −1: arrival
export const CALL_OFFSET = 16; // u32: of its state in the entry
export const CALL_NULLABLE = 20; // u32: 1 when the argument can be NULL
export const CALL_RESULT = 24; // u32: RESULT_*
export const CALL_BY_COLUMN = 28; // i32: input column of the second argument, −1 without one
export const CALL_BY_PHYSICAL = 32; // u32: PHYSICAL_* of the second argument
export const CALL_SET_OFFSET = 36; // i32: in the entry, of the set of values met (DISTINCT), −1 without one
export const CALL_FRACTION = 40; // f64: of a quantile
export const CALL_TEXT = 48; // u32: address of the separator
export const CALL_TEXT_BYTES = 52; // u32
export const CALL_SORTS = 56; // u32: address of the sort descriptors
export const CALL_SORT_COUNT = 60; // u32
export const CALL_BYTES = 64;

// Sort descriptor: one item of ORDER BY inside an aggregate.
export const SORT_COLUMN = 0; // i32: input column
export const SORT_PHYSICAL = 4; // u32
export const SORT_DESCENDING = 8; // u32: 0 or 1
export const SORT_NULL_RANK = 12; // u32: 0: NULLs first, 2: last; values have 1
export const SORT_BYTES = 16;

export const AGGREGATE_COUNT = 1; // rows, or non-NULL arguments
export const AGGREGATE_SUM = 2;
export const AGGREGATE_AVG = 3;
export const AGGREGATE_MIN = 4;
export const AGGREGATE_MAX = 5;
export const AGGREGATE_FIRST = 6;
export const AGGREGATE_LAST = 7;
/** Functions up to here are kept by kernels/aggregate-update.ts, the others by kernels/aggregate-more.ts. */
export const AGGREGATE_PLAIN_MAX = 7;
export const AGGREGATE_COUNT_DISTINCT = 8;
export const AGGREGATE_PRODUCT = 9;
export const AGGREGATE_BIT_AND = 10;
export const AGGREGATE_BIT_OR = 11;
export const AGGREGATE_BIT_XOR = 12;
export const AGGREGATE_ARG_MIN = 13;
export const AGGREGATE_ARG_MAX = 14;
export const AGGREGATE_MOMENTS = 15; // variance, standard deviation
export const AGGREGATE_COMOMENTS = 16; // covariance, correlation, regression
export const AGGREGATE_VALUES = 17; // quantiles of all values
export const AGGREGATE_TALLY = 18; // how often each value came
export const AGGREGATE_DISTINCT_SKETCH = 19;
export const AGGREGATE_QUANTILE_SKETCH = 20;
export const AGGREGATE_TEXTS = 21; // texts put together

// What is made of a state.
export const RESULT_PLAIN = 0;
export const RESULT_WHOLE = 1; // of an average: a whole number
export const RESULT_VAR_SAMP = 2;
export const RESULT_VAR_POP = 3;
export const RESULT_STDDEV_SAMP = 4;
export const RESULT_STDDEV_POP = 5;
export const RESULT_COVAR_SAMP = 6;
export const RESULT_COVAR_POP = 7;
export const RESULT_CORR = 8;
export const RESULT_SLOPE = 9;
export const RESULT_INTERCEPT = 10;
export const RESULT_CONTINUOUS = 11; // of a quantile: interpolated
export const RESULT_DISCRETE = 12; // of a quantile: one of the values
export const RESULT_LIST = 14; // of texts: items of a list, with its end
export const RESULT_DISCRETE_DOWN = 13; // the same, counted from the greatest
