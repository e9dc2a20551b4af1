// Error codes 5000 to 5999: sources, sinks and lookup tables, and the options they take.

import type { CodeEntry } from './entry.ts';

export const CONNECTOR_CODES = {
  'LMN-5001': {
    title: 'An input file does not exist',
    text: 'FILE reads `path` relative to the working directory. Check the spelling and the directory the command runs in. The variable PIPELINE_DIR holds the folder of the pipeline file.',
  },
  'LMN-5002': {
    title: 'An input is a directory',
    text: "FILE reads files. To read every file of a directory, give a pattern: `path = 'logs/*.ndjson'`.",
  },
  'LMN-5003': {
    title: 'No file matches a pattern',
    text: 'The pattern in `path` is relative to the working directory; `*` and `?` stay within one directory, `**` crosses directories. A pattern without a match is an error, so that a typing mistake does not look like empty input.',
  },
  'LMN-5004': {
    title: 'An input cannot be opened',
    text: 'The system refused to open the file; the message has its reason. Check the permissions of the file and of the directories above it.',
  },
  'LMN-5020': {
    title: 'Reading failed',
    text: 'The system reported an error while an input was being read. What was read before it has been processed.',
  },
  'LMN-5021': {
    title: 'A compressed input ends too early',
    text: 'The file ends inside a gzip member or zstd frame: it was cut off, or it is still being written. Test it with `gzip -t` or `zstd -t`.',
  },
  'LMN-5022': {
    title: 'A compressed input is corrupt',
    text: "Decompression failed at the byte the message names. Test the file with `gzip -t` or `zstd -t`; if it is not compressed at all, say `compression = 'none'`.",
  },
  'LMN-5030': {
    title: 'An output cannot be opened',
    text: 'The file could not be created or opened for writing; the message has the reason. The directory must exist and be writable.',
  },
  'LMN-5031': {
    title: 'Writing failed',
    text: 'The system reported an error while an output was being written (a full disk, a quota, a lost device). The output may end in the middle of a row.',
  },
  'LMN-5032': {
    title: 'An output is there already',
    text: "mode = 'new' writes only what was not there, and is the default of files that are rolled. mode = 'append' goes on behind the files that are there, mode = 'overwrite' replaces them. A file whose name begins with a dot and ends in `.inprogress` was left by a run that did not come to its end, or is being written by another run.",
  },
  'LMN-5033': {
    title: 'A file of a series cannot be renamed or removed',
    text: 'A file that is rolled gets its name when it is whole, and is removed when it does not count or is to be overwritten; the message has the reason why that failed. The directory must be writable, and nobody else may write files with these names.',
  },
  'LMN-5034': {
    title: 'An output is a file that the pipeline uses already',
    text: 'A sink, or the dead letters of a source, would write a file that a source or a lookup table of the same pipeline reads, or that another sink writes. Nothing has been touched: give the output another file. Several queries go into one sink with INSERT INTO; pipes and devices may be shared. What standard input and output are redirected to counts too, and the shell has emptied the file of `>` by then.',
  },
  'LMN-5040': {
    title: 'A connector option has an impossible value',
    text: 'The message names the option, its value and what it may be.',
  },
  'LMN-5041': {
    title: 'A connector does not exist in this direction',
    text: 'Sources read from STDIN, FILE, GENERATOR and NEXMARK; sinks write to STDOUT, FILE and BLACKHOLE.',
  },
  'LMN-5042': {
    title: 'Too many files to be merged',
    text: "A source with splits = 'merged' keeps all its files open at once, each with a buffer and a decoder. Match fewer files, or read them one after another with splits = 'sequential': windows then close while the last file is read.",
  },
  'LMN-5060': {
    title: 'A PostgreSQL server cannot be reached',
    text: 'Nobody listens at the address of a lookup table, its name is not known, or the connection broke and could not be made again for as long as retry_for says. Check that the server runs, on that host and port, and that nothing lies between. When the run begins it is tried once; later on_error decides: fail ends the run, null takes the table for empty, skip and dead_letter leave out the rows that ask.',
  },
  'LMN-5061': {
    title: 'A PostgreSQL server refuses the connection',
    text: 'The server does not know the user or the database, or the password is wrong or missing. Passwords come from the url, PGPASSWORD or ~/.pgpass; they are never shown.',
  },
  'LMN-5062': {
    title: 'A PostgreSQL table cannot be asked so',
    text: "The table or one of its columns does not exist or may not be read, or the query is wrong; the message is that of the server. Names are those of the server, where what is not quoted is in lower case; a column of another name is declared with a path: `id BIGINT FROM '$.customer_id'`.",
  },
  'LMN-5063': {
    title: 'A PostgreSQL column has a type that the declared column cannot take',
    text: "smallint, integer, bigint and numeric go into TINYINT to BIGINT, DOUBLE and DECIMAL, real and double precision into DOUBLE and DECIMAL, boolean into BOOLEAN, text, character types, uuid, enumerations and whatever else is written as text into VARCHAR, timestamp, timestamptz and date into TIMESTAMP, whole numbers too (timestamp_unit), date into DATE, json and jsonb into JSON, lists and structs, arrays into lists and JSON, composites into structs and JSON. Values that are too large for the column are bad records. Cast it in a query otherwise: `query = 'SELECT id, at::text AS at FROM t'`.",
  },
  'LMN-5064': {
    title: 'A PostgreSQL server takes too long',
    text: 'A query for some keys was not answered within timeout, and trying again for as long as retry_for says was in vain. Most often the columns of the key have no index in the table; otherwise ask for less at once with batch_size, or raise timeout.',
  },
  'LMN-5065': {
    title: 'The address of a PostgreSQL server cannot be used',
    text: "The url of a lookup table is no URL, or the environment variable that it names ('env:NAME') is not set. It is not shown, as it may have a password in it.",
  },
  'LMN-5090': {
    title: 'The dead letter file cannot be written',
    text: "A source with on_error = 'dead_letter' keeps its bad records in the file that its option dead_letter names. The message has the system's reason: check that the folder exists, is writable, and has room.",
  },
  'LMN-5091': {
    title: 'Too many keys for a watermark by key',
    text: "The source keeps a watermark for each key, more keys have come than watermark_keys_max allows, and watermark_key_eviction = 'none' lets none be forgotten. Raise the limit, let watermark_key_idle forget keys that are far behind, or choose another eviction.",
  },
} as const satisfies Record<string, CodeEntry>;
