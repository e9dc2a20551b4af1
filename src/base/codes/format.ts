// Error codes 6000 to 6999: rows that cannot be decoded or encoded.

import type { CodeEntry } from './entry.ts';

export const FORMAT_CODES = {
  'LMN-6001': {
    title: 'A record is malformed',
    text: "A JSON record does not follow RFC 8259 or nests deeper than 4096 levels, or a CSV record has a quote that is not closed or is followed by text. The message names the byte. Records are lines: a JSON object may not span several. `on_error = 'skip'` or `'dead_letter'` goes on after such records.",
  },
  'LMN-6002': {
    title: 'A JSON record is not an object',
    text: 'Every line of a JSON source is one object; this one is an array, a string, a number or a word. A file that is one large array has to be split into lines first, for example with: jq -c ".[]"',
  },
  'LMN-6003': {
    title: 'A field does not fit the type of its column',
    text: "The field's text is no value of the declared type: letters in a number, a fraction in a BIGINT, an object where a scalar is expected, a time that does not exist. Declare another type (VARCHAR takes anything), or set on_error = 'null' to read such fields as NULL.",
  },
  'LMN-6004': {
    title: 'A field is out of the range of its type',
    text: 'The number or time is right but too large for the declared type, for example more than 2147483647 for INTEGER. Declare a wider type.',
  },
  'LMN-6005': {
    title: 'A required field is NULL or missing',
    text: 'The column is declared NOT NULL, or is the event time, and the record has no value for it. Names and paths of fields are exact, also in their case.',
  },
  'LMN-6006': {
    title: 'A record is not UTF-8',
    text: 'Input must be UTF-8. Convert it first, for example with: iconv -f latin1 -t utf-8',
  },
  'LMN-6007': {
    title: 'A record is too long',
    text: 'The record is longer than the option max_record_bytes of its source (1 MiB unless given). Either a line end is missing, or the limit is to be raised.',
  },
  'LMN-6008': {
    title: 'A CSV record has another number of fields than expected',
    text: 'Every record has as many fields as the header, or as there are declared columns without one. Look for an unquoted delimiter inside a field, or a wrong `delimiter`.',
  },
  'LMN-6009': {
    title: 'A column is not in the CSV header',
    text: "A column reads the field that the header names exactly like it, also in case. Give the header's name in the column (name TYPE FROM '$.Header Name'), or set header = false when the first line is data.",
  },
  'LMN-6042': {
    title: 'A record is no change',
    text: 'A source of changes gets records that say what kind of change they are: +I, -U, +U and -D in a field, or c, r, u and d in an envelope of Debezium, with the rows before and after. This one says something else, or lacks a row or a value that it needs. With on_error other than fail such records are left out and counted.',
  },
  'LMN-6043': {
    title: 'A Parquet file cannot be read',
    text: 'The file is no Parquet file, damaged, cut off (what it holds is said at its end), encrypted, or uses an encoding or compression that is not known. The message has the reason. Of compressions Snappy, gzip, zstd, Brotli and LZ4 are read.',
  },
  'LMN-6044': {
    title: 'A Parquet file lacks a column',
    text: "The lookup table declares a column that the file does not have. Names are compared exactly, case included; a column of another name is declared with a path: `price DOUBLE FROM '$.Price'`.",
  },
  'LMN-6045': {
    title: 'A Parquet column has a type that the declared column cannot take',
    text: 'Integers of any width, signed or not, go into TINYINT to BIGINT, DOUBLE, DECIMAL and (by timestamp_unit) TIMESTAMP; FLOAT and DOUBLE into DOUBLE; DECIMAL into DECIMAL; text (STRING, ENUM, JSON or BYTE_ARRAY without a meaning) into VARCHAR and JSON; UUID into VARCHAR; TIMESTAMP in any unit and INT96 into TIMESTAMP; DATE into DATE and TIMESTAMP; BOOLEAN into BOOLEAN. Values that are too large for the column are bad records. Declare the column with a fitting type, and CAST it in the query.',
  },
  'LMN-6050': {
    title: 'A column has a type that the format cannot write',
    text: 'The message names the column or type. Cast it to a type the format has, for instance CAST(x AS VARCHAR), or leave the column out.',
  },
  'LMN-6051': {
    title: 'A format option has a value that cannot be used',
    text: 'The value does not fit the option, or contradicts another one: the CSV delimiter and quote must differ, and the text of NULL must hold neither of them nor a line end.',
  },
  'LMN-6052': {
    title: 'An Arrow stream cannot be read',
    text: 'The bytes are not an Arrow IPC stream, or damaged. Laminar reads the stream format (.arrows) and, from front to back, the file format (.arrow, Feather 2), uncompressed or compressed with zstd.',
  },
  'LMN-6053': {
    title: 'An Arrow stream ends too early',
    text: 'The input ends before the schema or in the middle of a message: it was cut off, or it is still being written. Rows of complete messages have been processed.',
  },
  'LMN-6054': {
    title: 'An Arrow stream lacks a column',
    text: "The source declares a column that the stream's schema does not have. Names are compared exactly, case included; a column of another name is declared with a path: `price DOUBLE FROM '$.Price'`.",
  },
  'LMN-6055': {
    title: 'An Arrow column has a type that the declared column cannot take',
    text: 'Integers of any width go into TINYINT to BIGINT, DOUBLE and (by timestamp_unit) TIMESTAMP; floating-point numbers into DOUBLE, and into integers where they are whole; Utf8, LargeUtf8 and dictionaries of them into VARCHAR and JSON; Timestamp into TIMESTAMP; Date into DATE and TIMESTAMP; Bool into BOOLEAN. Declare the column with a fitting type, and CAST it in the query.',
  },
  'LMN-6056': {
    title: 'A path goes into an Arrow column',
    text: "Arrow columns are read whole: a path names one of them, `'$.price'`.",
  },
  'LMN-6057': {
    title: 'The rows of a batch are too large for Arrow',
    text: 'The text of one column in one record batch may have up to 1 GiB. Make the batches smaller: SET batch_size.',
  },
  'LMN-6090': {
    title: 'Too many bad records',
    text: "More records were rejected than --max-errors allows. What was right before is written. Look at the records with on_error = 'dead_letter', mend the declaration of the source or the data, or raise the limit.",
  },
} as const satisfies Record<string, CodeEntry>;
