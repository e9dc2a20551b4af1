// Every limit in one place, with its unit and the reason.

/** Rows of a batch: enough to amortise a call into a kernel, small enough that a batch's columns stay in L2. */
export const BATCH_ROWS_DEFAULT = 2048;

/** ns that an operator may take for a row (`budget_row`): most take a tenth of it. */
export const ROW_NANOS_DEFAULT = 500;

/** µs of a turn of a core (`budget_turn`): some ten batches, and no wait that a person would notice. */
export const TURN_MICROS_DEFAULT = 5000;

/** µs from one checkpoint to the next (`checkpoint_interval`): little enough to compute again, and no work worth noticing. */
export const CHECKPOINT_MICROS_DEFAULT = 10_000_000;
/** µs: a checkpoint waits for the disk, a hundred of them a second would do nothing else. */
export const CHECKPOINT_MICROS_MIN = 100_000;

/** Memory of operators from which on a core's memory is copied at a checkpoint: an image of less takes as long as that. */
export const COPIED_STATE_BYTES = 4 << 20;

/** How long a sink may take to vote on a checkpoint before its epoch is abandoned, ms: what a busy database may need. */
export const PRE_COMMIT_MILLIS = 30_000;
/** The same for committing what is decided; how often that is tried, and what passes between two tries. */
export const COMMIT_MILLIS = 60_000;
export const COMMIT_ATTEMPTS = 3;
export const COMMIT_PAUSE_MILLIS = 100;
/** Epochs that are abandoned one after another before a run that is about to end fails. */
export const LAST_ATTEMPTS = 3;

/** Rows of a batch while the heap is watched (`run --verify`): many turns from little input. */
export const VERIFY_BATCH_ROWS = 32;

/** Bytes of the chunks that other cores decode while the heap is watched: more than ten batches. */
export const VERIFY_CHUNK_BYTES = 1 << 15;

/** Largest `batch_size`; above it a batch would no longer fit any cache. */
export const BATCH_ROWS_MAX = 65_536;

/** Bytes asked of a source in one read, and of a chunk: two full batches of rows of 97 B, which stay in L2 with their columns. */
export const READ_BYTES = 3 << 17;

/** Splits of a source that are merged: each is open and holds a buffer, a decoder and a batch, some 300 kB. */
export const MERGED_SPLITS_MAX = 256;

/** Bytes asked of one of several splits that are read side by side. */
export const MERGED_READ_BYTES = 1 << 16;

/** µs a source may be ahead of the others of its alignment group unless it says otherwise. */
export const ALIGNMENT_MICROS_DEFAULT = 5 * 60 * 1e6;

/** Keys of a watermark by key, 48 bytes each, unless the source says otherwise. */
export const WATERMARK_KEYS_DEFAULT = 100_000;

/** Bytes of input from which on further threads are started: less is read before they would be there. */
export const HELPER_BYTES = 1 << 25;

/** Values that LAG … IGNORE NULLS may count: each partition remembers as many rows. */
export const LAG_VALUES_MAX = 10_000;

/** About what a core that decodes keeps: input, a batch, and its text. Fewer take part where that is too much. */
export const HELPER_MEMORY_BYTES = 1 << 23;

/** Most that the cores beside the first, and what they share, may take of memory_limit. */
export const HELPER_MEMORY_SHARE = 0.5;

/** Most of memory_limit that the copies of a lookup table on the cores beside the first may take. */
export const GIVEN_TABLES_SHARE = 0.25;

/** Cores from which on all of them group rows by key: fewer decode no more than one of them can group. */
export const EXCHANGE_CORES_MIN = 5;

/** The same for joins in the order of arrival: what one core does with a row there takes longer than decoding it. */
export const JOIN_CORES_MIN = 2;

/** The same where each can group the rows that it decodes, and results are put together. */
export const PARTIALS_CORES_MIN = 4;

/** Bytes of each ring of an exchange, from every core to every core: some batches, which stay in the caches. */
export const EXCHANGE_BYTES = 1 << 20;

/** Bytes of one record (line) unless a source says otherwise: a missing newline must not eat memory. */
export const RECORD_BYTES_DEFAULT = 1 << 20;

/** Bytes of encoded output collected before a write while input is plentiful. */
export const WRITE_BYTES = 1 << 18;

/** µs an event time may be ahead of the wall clock before it stops moving the watermark. */
export const FUTURE_MICROS_DEFAULT = 24 * 3600 * 1e6;

/** Bytes asked of the system for the buffer of an input pipe: the most an unprivileged process gets on Linux. */
export const PIPE_BYTES = 1 << 20;

/** Bytes of compressed input read, or of compressed output written, at once. */
export const COMPRESSED_BYTES = 1 << 16;

/** Words and symbols of one statement: the parser keeps about 5 kB for each. */
export const STATEMENT_TOKENS_MAX = 20_000;

/** Levels of nested expressions: what walks a tree by recursion stays far from the end of the stack. */
export const EXPRESSION_DEPTH_MAX = 500;

/** Bytes of a file of a series: smaller ones would be all names, larger ones need not be told apart. */
export const ROLL_BYTES_MIN = 1 << 10;
export const ROLL_BYTES_MAX = 2 ** 40;
/** Shortest time of a file of a series, µs: a core that waits looks at the clock every 50 ms. */
export const ROLL_MICROS_MIN = 100_000;

/** Bytes of the metadata of one Arrow message: a schema of thousands of columns has less. */
export const ARROW_METADATA_BYTES_MAX = 1 << 26;

/** Bytes of the body of one Arrow message, which is held whole: more than writers make, and allocated as it is told. */
export const ARROW_BODY_BYTES_MAX = 1 << 30;

/** Bytes that a core can have at all: its addresses have 32 bits. */
export const MEMORY_BYTES_MAX = 2 ** 32;

/** Smallest `memory_limit`: what the batches and buffers of a small pipeline take. */
export const MEMORY_BYTES_MIN = 1 << 24;

/** Bytes of the ring by which a core gives the rows of a tap: some batches; when it is full, rows are left out. */
export const TAP_RING_BYTES = 1 << 20;

/** Share of a core's time that all taps on it may take: what they do not get to is left out. */
export const TAP_SHARE = 0.05;

/** ms of that share that may be saved up: a burst of rows after silence is read whole. */
export const TAP_BURST_MILLIS = 100;

/** Bytes of memory that a core must have left for a tap to be attached: its batch, its buffer, and the pipeline's own needs. */
export const TAP_SPARE_BYTES = 1 << 22;

/** Offsets of a probe join: each is code and a row of its own for every left row. */
export const PROBE_OFFSETS_MAX = 1000;
