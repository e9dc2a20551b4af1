// The layout of what makes records: GENERATOR and NEXMARK: as layout.ts, numeric constants for TypeScript and the kernels.

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
