// The layout of the state of an aggregate operator: as layout.ts, numeric constants for TypeScript and the kernels.

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
export const AGGREGATE_RETRACT = 404; // u32: address of the RETRACT_* block, 0 when rows only come
// Where cores group what they decode, groups come out as images of their states, in a column behind keys and window.
export const AGGREGATE_IMAGE_OFFSET = 408; // u32: of the first state in the entry
export const AGGREGATE_IMAGE_BYTES = 412; // u32: states and seen bytes; 0: results come out
export const AGGREGATE_IS_SORTING = 424; // u32 out: 1 when there are more rows, though none could be given yet
export const AGGREGATE_STATE_BYTES = 432;

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
export const CALL_RETRACTION = 64; // u32: RETRACTION_*, where rows can be taken back (layout-retract.ts)
export const CALL_STATE_BYTES = 68; // u32: bytes of its state
export const CALL_BYTES = 72;

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
export const RESULT_ERROR = 15; // of a mean: its standard error
export const RESULT_R2 = 16; // of pairs: how much of y the line explains
export const RESULT_MEAN_X = 17;
export const RESULT_MEAN_Y = 18;
export const RESULT_SQUARES_X = 19;
export const RESULT_SQUARES_Y = 20;
export const RESULT_PRODUCTS = 21;
export const RESULT_PAIRS = 22; // how many: i64
