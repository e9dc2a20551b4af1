// The layout of a lookup's state (kernels/lookup.ts): what TypeScript writes when it is made, and reads.
//
// As layout.ts: nothing but numeric constants, offsets and sizes in bytes, all fields u32 unless said otherwise.

export const LOOKUP_ROWS = 0; // ROWS_BYTES of layout-rows.ts: how rows of the table are kept
export const LOOKUP_KEY_COUNT = 16;
export const LOOKUP_KEYS = 20; // address of LOOKUP_KEY_* for each column of the key
export const LOOKUP_KEEPS_ALL = 24; // 1: rows for which there is nothing come out with NULLs
export const LOOKUP_OUTPUT_COUNT = 28;
export const LOOKUP_OUTPUTS = 32; // address of LOOKUP_OUTPUT_* for each column going out
export const LOOKUP_HASHES = 36; // address of u64 per row of a batch
export const LOOKUP_FOUND = 40; // address of u32 per row of a batch
export const LOOKUP_SELECTED = 44; // address of u32 per row of a batch
export const LOOKUP_USED_BYTES = 48; // out: rows and buckets held, in rounded block sizes
export const LOOKUP_ROW_COUNT = 52; // out: rows of the table
export const LOOKUP_HEADER_BYTES = 56; // the kernels' own state follows
export const LOOKUP_STATE_BYTES = 96;

// A lookup whose rows are fetched when they are wanted (kernels/lookup-cache.ts) has more behind that.
export const LOOKUP_CACHE_TTL = 96; // f64, ms: how old a row may be
export const LOOKUP_CACHE_MISSING_TTL = 104; // f64, ms: how long it is remembered that there is none
export const LOOKUP_CACHE_ROWS_MAX = 112; // rows that are kept
export const LOOKUP_CACHE_EXTRA = 116; // offset of LOOKUP_ENTRY_* in a kept row
export const LOOKUP_CACHE_VIEW = 120; // address of a batch of the table whose columns are NULL
export const LOOKUP_CACHE_COLUMN_COUNT = 124; // columns of the rows that come, hidden ones too
export const LOOKUP_CACHE_COLUMNS = 128; // address of PHYSICAL_* for each, u32
export const LOOKUP_CACHE_ASKED = 132; // address of u32 per row of a batch: rows that stand for keys nobody has asked for
export const LOOKUP_CACHE_ASKED_COUNT = 136; // out
export const LOOKUP_CACHE_DROPS = 140; // 1: rows whose key could not be looked up are left out
export const LOOKUP_CACHE_HAND = 144; // slot that is looked at next when room is made
export const LOOKUP_CACHE_STATE_BYTES = 160;

// What a kept row has behind its fields.
export const LOOKUP_ENTRY_TIME = 0; // f64, ms: when it was fetched
export const LOOKUP_ENTRY_STATUS = 8; // LOOKUP_IS_*
export const LOOKUP_ENTRY_ANSWER = 12; // address of the row that has come for it
export const LOOKUP_ENTRY_HASH = 16; // of its key
export const LOOKUP_ENTRY_USED = 20; // 1: since the hand passed
export const LOOKUP_ENTRY_BYTES = 24;

export const LOOKUP_IS_FOUND = 0;
export const LOOKUP_IS_MISSING = 1; // the row has only its key: the table has none with it
export const LOOKUP_IS_ASKED = 2; // only its key, until there is an answer
export const LOOKUP_IS_ANSWERED = 3; // LOOKUP_ENTRY_ANSWER has taken its place
export const LOOKUP_IS_FAILED = 4; // there will be no answer

export const LOOKUP_KEY_PHYSICAL = 0; // PHYSICAL_*
export const LOOKUP_KEY_STREAM = 4; // column of the rows that come
export const LOOKUP_KEY_TABLE = 8; // column of the rows of the table
export const LOOKUP_KEY_OFFSET = 12; // of the value in a kept row
export const LOOKUP_KEY_BYTES = 16;

export const LOOKUP_OUTPUT_SIDE = 0; // 0: a column of the rows that come, 1: of the table
export const LOOKUP_OUTPUT_COLUMN = 4; // column of the rows that come
export const LOOKUP_OUTPUT_OFFSET = 8; // of the value in a kept row
export const LOOKUP_OUTPUT_NULL_OFFSET = 12; // i32: of its validity byte, −1 when it cannot be NULL
export const LOOKUP_OUTPUT_PHYSICAL = 16; // PHYSICAL_*
export const LOOKUP_OUTPUT_DATA = 20; // the column's own storage, which it has not while it shows a column that came
export const LOOKUP_OUTPUT_VALIDITY = 24;
export const LOOKUP_OUTPUT_BYTES = 28;
