// The layout of what decoders and encoders share with TypeScript: as layout.ts, numeric constants for TypeScript and the kernels.

// Decoder state, shared by all text decoders (kernels/decoder.ts): what TypeScript sets and reads.
export const DECODER_BATCH = 0; // u32: the batch to fill
export const DECODER_POLICY = 4; // u32: POLICY_*
export const DECODER_LINE_COUNT = 8; // u32 out: lines (newlines) consumed by the last call
export const DECODER_REJECT_COUNT = 12; // u32 out: entries in the reject list after the last call
export const DECODER_REJECTS = 16; // u32: address of the reject list
export const DECODER_NULLED_COUNT = 20; // u32 out: bad fields turned into NULL by the last call (POLICY_NULL)
export const DECODER_MAX_RECORD_BYTES = 24; // u32: longer records are rejected
export const DECODER_MARK = 28; // u32: 1 + the decoder's column of the mark that makes a record without event time a watermark; 0: none
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
export const ENCODE_UPSERT = 17; // as ENCODE_CHANGE, of upserts: +U, -D
/** Added to a kind: the field is written in quotes (not for strings, which look after themselves). */
export const ENCODE_QUOTED = 32;
/** Plus this times the scale, of ENCODE_DECIMAL. */
export const ENCODE_SCALE = 64;
