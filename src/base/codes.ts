// Every error code, with what it means and what to do: the source of `laminar explain LMN-nnnn` and docs/errors.md.
//
// Codes are stable: never reuse or renumber one. First digit: 1 syntax, 2 binding and planning, 3 run time, 4 state,
// 5 connector, 6 format, 7 platform.

export interface CodeEntry {
  /** One line: what went wrong. */
  title: string;
  /** A few sentences: why it happens, what to do, an example where it helps. */
  text: string;
}

export const CODES = {
  'LMN-1001': {
    title: 'The pipeline text does not follow the grammar',
    text: 'The parser met something it did not expect. The message shows the place and what could stand there.',
  },
  'LMN-1002': {
    title: 'A text, quoted name or comment is not closed',
    text: "It reaches to the end of the file. A text ends with a single quote (write two of them for one inside: 'it''s'), a quoted name with a double quote, a comment with */.",
  },
  'LMN-1003': {
    title: 'Parentheses do not match',
    text: 'A parenthesis is opened and not closed, or closed and not opened. The message shows which one.',
  },
  'LMN-1004': {
    title: 'A character or number that the language does not know',
    text: "Outside of texts and comments a pipeline has words, numbers, operators and punctuation. Names with other characters go into double quotes. A length of time is written INTERVAL '5' MINUTE, or '5m' where an option takes one.",
  },
  'LMN-1005': {
    title: 'A reserved word stands where a name is needed',
    text: 'Words such as FROM, ORDER or SELECT cannot be names where the grammar would be ambiguous. Put the name in double quotes, or AS before an alias.',
  },
  'LMN-1006': {
    title: 'A semicolon is missing',
    text: 'Every statement ends with a semicolon; only the last of a file may go without.',
  },
  'LMN-1008': {
    title: 'A statement is too large or nested too deeply',
    text: 'The parser limits the words of a statement and the depth of its expressions, so that no text can exhaust memory. Split the statement into several streams, or use IN (…) instead of a chain of OR.',
  },
  'LMN-1009': {
    title: 'A source has more than one WATERMARK',
    text: 'Event time of a source is one column. Keep the WATERMARK of the column that windows use.',
  },
  'LMN-1010': {
    title: 'Part of SQL that is not supported yet',
    text: 'The message names the construct, and the hint says what to write instead where there is something.',
  },
  'LMN-1011': {
    title: 'A clause of a statement stands inside a query',
    text: 'EMIT, ALLOW LATENESS and LATE DATA TO say how the results of a statement come out: they stand at its end, not in a subquery or in WITH, where windows come out as they close. For another way give the inner query a name with CREATE STREAM, and read from that.',
  },
  'LMN-1020': {
    title: 'A variable is not set',
    text: 'The pipeline uses ${NAME} in a text or option, and neither the environment nor a --set flag gives a value. Set it, or write ${NAME:-default}.',
  },
  'LMN-1021': {
    title: 'A ${…} cannot be read',
    text: 'Variables are written ${NAME}, ${NAME:-default} or ${NAME:?message}; a name has letters, digits and underscores. Write $${ for the characters ${ themselves.',
  },
  'LMN-2001': {
    title: 'A name is declared twice',
    text: 'Sources, streams and sinks share one set of names, in which upper and lower case are the same. Choose another name, or write CREATE OR REPLACE or IF NOT EXISTS.',
  },
  'LMN-2002': {
    title: 'There is no such source, stream or sink',
    text: 'A statement can use what is declared above it. The message has the nearest name, if one is near.',
  },
  'LMN-2003': {
    title: 'There is no such column',
    text: "The query's source or stream has no column of this name. Only declared columns of a source can be used; a field inside of a JSON object needs a column with a path: `city VARCHAR FROM '$.address.city'`.",
  },
  'LMN-2004': {
    title: 'A column name is used twice',
    text: 'Each column of a source or of a result has a name of its own. Give one of them another name with AS.',
  },
  'LMN-2005': {
    title: 'There is no such type',
    text: 'The types are BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DOUBLE, VARCHAR, TIMESTAMP, DATE, JSON, and INTERVAL in expressions. Their usual other names work too.',
  },
  'LMN-2006': {
    title: 'There is no such function',
    text: 'The message has the nearest name, if one is near. All functions are listed in docs/functions.md.',
  },
  'LMN-2007': {
    title: 'A function is called with wrong arguments',
    text: "Number or types of the arguments fit none of the function's forms. The message lists them.",
  },
  'LMN-2008': {
    title: 'Types do not fit together',
    text: 'An operator or condition got a type that it does not take, or two types that have nothing in common. Write a CAST that says which type is meant.',
  },
  'LMN-2009': {
    title: 'A constant is not a value of its type',
    text: 'The text or number cannot become the type that its place asks for.',
  },
  'LMN-2010': {
    title: 'An interval cannot be used',
    text: 'Intervals have a fixed length here: MICROSECOND to WEEK. Months and years differ in length; count in days instead.',
  },
  'LMN-2011': {
    title: 'Not supported yet',
    text: 'The construct is known and cannot be run yet. The hint says what to do instead, where there is something.',
  },
  'LMN-2012': {
    title: 'There is no such option',
    text: 'A connector, format or source does not take this option, or it is given twice. The message has the nearest name or lists what there is.',
  },
  'LMN-2013': {
    title: 'An option has a value that it cannot have',
    text: 'The message says what the option takes.',
  },
  'LMN-2014': {
    title: 'There is no such connector',
    text: 'The connector does not exist, or not in this direction. The message lists those that do.',
  },
  'LMN-2015': {
    title: 'Something required is missing',
    text: 'A connector, its required options, or the columns of a source are not given.',
  },
  'LMN-2016': {
    title: 'A column is neither grouped nor aggregated',
    text: 'With GROUP BY, each column of the result is a group key, a window edge, or inside of an aggregate. LAST_VALUE(x) takes one value of the group.',
  },
  'LMN-2017': {
    title: 'An aggregate or window stands where it cannot',
    text: 'Aggregates stand in the select list and in HAVING, windows in GROUP BY. To use their result elsewhere, give it a name in a CREATE STREAM and read from that.',
  },
  'LMN-2018': {
    title: 'A SELECT by itself is not the last statement',
    text: 'Its rows go to stdout, so there is one, at the end. Give other queries a name with CREATE STREAM, or a sink.',
  },
  'LMN-2019': {
    title: 'Two sources read stdin',
    text: 'There is one standard input. Read one of them from a file.',
  },
  'LMN-2020': {
    title: 'There is no such setting',
    text: 'SET knows the settings that docs/sql.md lists.',
  },
  'LMN-2021': {
    title: 'A field path cannot be used',
    text: "A path begins with $ and goes down by keys and indexes: '$.user.id', '$.list[0]', '$[\"key with space\"]'. CSV and Arrow records have no inside.",
  },
  'LMN-2022': {
    title: 'A watermark cannot be used',
    text: "It is a TIMESTAMP column minus a fixed delay, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND, or a TIMESTAMP that the record says itself: WATERMARK FOR ts AS CASE WHEN kind = 'mark' THEN ts END.",
  },
  'LMN-2023': {
    title: 'A sink without rows, or rows without a sink',
    text: 'Every sink is filled by a query: FROM a stream, AS SELECT, or INSERT INTO, of which several may fill one sink with the same columns.',
  },
  'LMN-2024': {
    title: 'An aggregate does not take this type',
    text: 'SUM and AVG need numbers. MIN, MAX, COUNT, FIRST_VALUE and LAST_VALUE take any type.',
  },
  'LMN-2025': {
    title: 'A function cannot be declared',
    text: 'CREATE FUNCTION takes a body in JavaScript, LANGUAGE javascript AS $$ return x + 1 $$: what stands between the braces of a function whose parameters are named as in the statement.',
  },
  'LMN-2026': {
    title: 'Others need what is dropped or replaced',
    text: 'A source, stream or sink that other statements above read, or write to, cannot be taken away or replaced beneath them. DROP … CASCADE takes them away, too; CREATE OR REPLACE stands above what reads it.',
  },
  'LMN-2030': {
    title: 'No window would ever close',
    text: "The source never ends and has no watermark, so nothing says that a window is complete. Declare one: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND.",
  },
  'LMN-2031': {
    title: 'A window is written wrongly',
    text: "TUMBLE(ts, size [, offset]), HOP(ts, slide, size [, offset]) with slide ≤ size, CUMULATE(ts, step, size) with a size that is a multiple of the step, or SESSION(ts, gap); all of them intervals as written: TUMBLE(ts, INTERVAL '1' MINUTE).",
  },
  'LMN-2032': {
    title: 'An EMIT form without the window that it needs',
    text: 'Nothing closes without a window, and no watermark passes it. Add TUMBLE to the GROUP BY, or write EMIT FINAL for one result at the end of the input.',
  },
  'LMN-2033': {
    title: 'A lateness cannot be allowed',
    text: 'ALLOW LATENESS says how long a window stays open behind the watermark: zero or more, and only with a window in the GROUP BY.',
  },
  'LMN-2034': {
    title: 'Two windows in one query',
    text: 'A query has one window. Make a stream of each.',
  },
  'LMN-2035': {
    title: 'The time of a window cannot be used',
    text: 'A window needs a TIMESTAMP that is never NULL. A column of a source will do: a record without it is then a bad record.',
  },
  'LMN-2060': {
    title: 'An EMIT form cannot work here',
    text: 'EMIT says when the results of a GROUP BY come out. AFTER WATERMARK needs a window whose time has a watermark, EVERY a time to wait and results that change. docs/sql.md has a table of the forms.',
  },
  'LMN-2061': {
    title: 'A sink cannot write changes',
    text: 'The query corrects results it has given (EMIT ON UPDATE, CHANGES, EVERY, or AFTER WATERMARK with lateness), and the format of the sink has no way to say that a row is an update or a deletion. Write JSON, CSV or Debezium, or ask for each result once: EMIT FINAL, EMIT ON WINDOW CLOSE.',
  },
  'LMN-2062': {
    title: 'A query cannot read changes',
    text: 'It reads a stream that corrects results it has given, and works only with rows that stay: ASOF JOIN, SESSION, and functions OVER a partition other than ROW_NUMBER, RANK and DENSE_RANK. Give that stream EMIT FINAL or EMIT ON WINDOW CLOSE; a query with OVER may have EMIT FINAL itself.',
  },
  'LMN-2063': {
    title: 'The field for the kind of change has the name of a column',
    text: "A sink that gets changes writes what kind of change each row is into a first field, `op`, and the query has a column of that name. Give the sink op_column = 'change', or the column another name.",
  },
  'LMN-2064': {
    title: 'No late rows can go to the sink',
    text: 'LATE DATA TO names a sink without a query of its own, CREATE SINK late INTO …, for the rows that come too late for a window. It needs a window over the event time of a source with a watermark, and column names that do not clash with those it adds: late_source, late_watermark, late_window_start and late_window_end.',
  },
  'LMN-2065': {
    title: 'Rows without a key',
    text: "A sink with changelog = 'upsert' writes rows by their key: what comes later takes the place of what has the same. The columns of GROUP BY are a key, if the query selects them; otherwise the option `key` names one.",
  },
  'LMN-2080': {
    title: 'ORDER BY names a column that is not there',
    text: 'A number in ORDER BY is the position of a column of the select list, counted from 1.',
  },
  'LMN-2081': {
    title: 'LIMIT or OFFSET is no number of rows',
    text: 'LIMIT and OFFSET take whole numbers as written: LIMIT 10 OFFSET 20.',
  },
  'LMN-2082': {
    title: 'The order would never be known',
    text: 'A query over a source that never ends can be ordered by event time first, ascending: rows then come out as the watermark passes them. Any other order is known only when the input ends. With LIMIT n the first rows of all come out when the run is stopped.',
  },
  'LMN-2083': {
    title: 'A window of OVER is written wrongly',
    text: 'OVER takes (PARTITION BY … ORDER BY … frame) or the name of a window of the WINDOW clause, which may be given an order and a frame where it has none. Frames are ROWS or RANGE, from UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW or n FOLLOWING to one of them that is not before it; RANGE adds n to the one key of ORDER BY.',
  },
  'LMN-2084': {
    title: 'The results of OVER would never be known',
    text: 'Over a source that never ends, OVER orders by event time first, ascending, or partitions by the edges of a window; and frames end at most a number of rows or a time after the current row.',
  },
  'LMN-2085': {
    title: 'The first rows of no order',
    text: 'LIMIT n BY takes the first n rows of each window or key in the order of ORDER BY.',
  },
  'LMN-2110': {
    title: 'The queries of a UNION do not go together',
    text: 'Queries of a UNION ALL have equally many columns, which go by their position: the names are those of the first query. Columns at one position share a type as the branches of a CASE do; a CAST makes others go together.',
  },
  'LMN-2130': {
    title: 'An argument must be a constant',
    text: 'The fraction of a quantile and the separator of joined texts are the same for all rows: they are written as a number from 0 to 1, and as a text. A column cannot stand there.',
  },
  'LMN-2140': {
    title: 'A DECIMAL would need too many digits',
    text: 'A DECIMAL has at most 18 digits. A product has as many as both factors together, a sum as many as the longer operand on each side of the point. CAST an operand to a DECIMAL of fewer digits, `CAST(volume AS DECIMAL(6, 0))`, or compute with DOUBLE where an approximate result is enough.',
  },
  'LMN-2150': {
    title: 'A name may mean several columns',
    text: 'Several tables of the query have a column of this name. Write which one is meant, as table.column; USING (column) makes one of two that are equal.',
  },
  'LMN-2151': {
    title: 'An ASOF JOIN cannot be run like this',
    text: 'It matches rows by equal keys and one comparison of a time of each side: MATCH_CONDITION (l.ts >= r.ts), <=, >, <, or NEAREST(l.ts, r.ts), with AND l.ts - r.ts <= INTERVAL … for how far a match may be. It is INNER or LEFT.',
  },
  'LMN-2152': {
    title: 'A subquery cannot be run where it stands',
    text: 'EXISTS, IN (SELECT …) and (SELECT …) as a value stand in WHERE and in the select list of a query without groups. The subqueries of IN and of values have one column. One that is a value has one row: an aggregate, or LIMIT 1. A subquery that names columns of the query around it has FROM and WHERE, and no GROUP BY, LIMIT or WITH of its own; as a value it is an aggregate, and names them in equalities.',
  },
  'LMN-2160': {
    title: 'A lookup table cannot be declared so',
    text: 'A lookup table has columns, a PRIMARY KEY by which its rows are found, and a connector that can be looked into. Its records are rows, and no changes.',
  },
  'LMN-2161': {
    title: 'A lookup table is read as if it were a stream',
    text: 'Lookup tables stand on the right side of JOIN and LEFT JOIN, and in subqueries of EXISTS and IN. To read all rows of a file, declare it as a source.',
  },
  'LMN-2162': {
    title: 'A join cannot look into a lookup table so',
    text: 'The conditions of the join say what each column of the primary key equals, as declared, and the join is JOIN, LEFT JOIN, SEMI JOIN or ANTI JOIN.',
  },
  'LMN-2163': {
    title: 'A temporal join cannot be made so',
    text: 'FOR SYSTEM_TIME AS OF stands behind the right table of JOIN or LEFT JOIN, with a time of the left side or PROCTIME(). The versions of the table need an event time for the former, and the conditions say what its key equals.',
  },
  'LMN-2164': {
    title: 'A probe join cannot be made so',
    text: 'TEMPORAL PROBE JOIN looks at the right side at times around those of the left side. Both sides need an event time, or TIMESTAMPS names one of each, and the offsets are a LIST of up to 1000 lengths of time or a RANGE that goes up.',
  },
  'LMN-3001': {
    title: 'A computed number is out of its type’s range',
    text: 'An expression gave an integer, time or interval that its type cannot hold, and Laminar never wraps around. CAST the operands to BIGINT or DOUBLE before computing; TRY_CAST gives NULL for a number that does not fit.',
  },
  'LMN-3002': {
    title: 'A value cannot be cast',
    text: "A CAST met text that is not of the form its type needs, such as CAST('abc' AS INTEGER). TRY_CAST gives NULL instead of an error.",
  },
  'LMN-3003': {
    title: 'A function met an argument it has no value for',
    text: 'For example the logarithm or the square root of a negative number, as in PostgreSQL and DuckDB. Leave such rows out in WHERE, or guard the call: CASE WHEN x > 0 THEN ln(x) END.',
  },
  'LMN-3004': {
    title: 'An expression made a string that is too long',
    text: 'Functions such as repeat and lpad may make strings of up to 256 MiB.',
  },
  'LMN-3005': {
    title: 'A function does not know this unit of time',
    text: "date_part, date_trunc and date_diff take their unit as a string written in the query, such as 'hour': it must be one they know.",
  },
  'LMN-3006': {
    title: 'A function does not take this constant',
    text: 'An argument that is written in the query, such as a regular expression, a format or a time zone, was checked before the run: the function cannot use it.',
  },
  'LMN-3007': {
    title: 'A function in JavaScript failed',
    text: 'The body of a function that CREATE FUNCTION declares threw an error. The message has it, and the line of the body. Arguments that are NULL are null there. Catch the error in the body, or leave such rows out in WHERE.',
  },
  'LMN-3008': {
    title: 'A function in JavaScript returned something else',
    text: 'A body returns a value of the type behind RETURNS, or null: a boolean for BOOLEAN; a whole number in the range of TINYINT, SMALLINT and INTEGER; a bigint for BIGINT; a number for DOUBLE; a string for VARCHAR; a bigint of µs since 1970, or a Date, for TIMESTAMP; days since 1970, or a Date, for DATE. Functions are synchronous: a Promise is no value.',
  },
  'LMN-3051': {
    title: 'A sum does not fit its type',
    text: 'SUM over integers is exact, and its result is BIGINT: from −9223372036854775808 to 9223372036854775807. The total of a group is beyond that when its window closes. Rows of earlier groups have been written. Sum doubles, `SUM(CAST(x AS DOUBLE))`, where an approximate total is enough.',
  },
  'LMN-3101': {
    title: 'The run needs more memory than it may take',
    text: 'All that a core keeps is in one memory: batches, groups and windows that are open, rows that wait for their order, output that is not written yet. With what the cores beside it take to decode, it may take as much as SET memory_limit says, and 4 GB at most. The error names what keeps the most. Open windows are bounded by their size, lateness and the delay of the watermark; a GROUP BY or DISTINCT without a window keeps every key. What was written before the error is valid.',
  },
  'LMN-3102': {
    title: 'A run that is verified leaves objects on the JavaScript heap',
    text: 'With --verify every thread watches its heap: once its code is warm, handling a batch must leave nothing there, so that no collection ever stops the run. The error names the operators that do. Functions that EXPLAIN marks as JavaScript make objects for each row, and Arrow is read and written by a library that makes some for each batch: leave them out, or run without --verify. Anything else is a bug in Laminar.',
  },
  'LMN-3103': {
    title: 'A run was too short to be verified',
    text: 'With --verify every thread watches its heap from the time its code is warm, which takes some thousands of batches of 32 rows. The input ended before that, or just when some code was compiled anew. What was written is complete and valid.',
  },
  'LMN-4001': {
    title: 'The state directory is in use',
    text: 'A state directory belongs to one run at a time: another process has it open. Wait for that run, stop it, or give this one a directory of its own.',
  },
  'LMN-4002': {
    title: 'Part of the pipeline cannot be kept in a state directory',
    text: 'With --state-dir every source must be able to go on from where it was, every operator to be saved and restored, and every output to be cut off where the last checkpoint was. The message names the part that cannot, and the hint what to use instead. Without --state-dir the pipeline runs as it is.',
  },
  'LMN-4003': {
    title: 'The state directory cannot be read',
    text: 'Its content is damaged, or was written by a version of Laminar with another format. Nothing of it is used: begin again with --fresh, or bring back a copy of the directory.',
  },
  'LMN-4004': {
    title: 'An input is not what the last checkpoint was reading',
    text: 'A checkpoint notes the name and the place of every input. The file is missing, was replaced, or is shorter than that place. Bring it back, or begin again with --fresh.',
  },
  'LMN-4005': {
    title: 'An output is not what the last checkpoint left',
    text: 'A checkpoint counts on the first bytes of every output file, and what comes after them is cut off and written again. The file has fewer bytes than that: it was changed or replaced. Bring it back, or begin again with --fresh.',
  },
  'LMN-4006': {
    title: 'The state directory belongs to another pipeline',
    text: 'What is kept there was computed by a pipeline with other sources, queries or outputs. Give this pipeline a directory of its own, or begin again with --fresh.',
  },
  'LMN-4007': {
    title: 'The state directory cannot be written',
    text: 'The directory cannot be made or written to, or its disk is full. The run ends: what it has not kept would be lost with the process. After the reason is gone, start it again, and it goes on from the last checkpoint.',
  },
  'LMN-4008': {
    title: 'There is no such checkpoint',
    text: 'A checkpoint is named by its number, a savepoint by the name it was given. Automatic checkpoints are removed when newer ones are there; a savepoint stays until it is removed. The directory may also be none: then no run has been given it by --state-dir.',
  },
  'LMN-4009': {
    title: 'The log of an input is damaged',
    text: 'With a state directory, what standard input gives is written to a log, and read from there by the next run. Some of its bytes are not what was written. Nothing behind them is used, unless --lenient gives them up: then the run goes on behind them, and prints which they were. A last piece that is damaged was never promised, and is cut off.',
  },
  'LMN-4010': {
    title: 'The log of an input does not reach back so far',
    text: 'The log keeps what standard input has given since the last checkpoint. An older checkpoint cannot be gone on from: what came after it is gone.',
  },
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
  'LMN-5090': {
    title: 'The dead letter file cannot be written',
    text: "A source with on_error = 'dead_letter' keeps its bad records in the file that its option dead_letter names. The message has the system's reason: check that the folder exists, is writable, and has room.",
  },
  'LMN-5091': {
    title: 'Too many keys for a watermark by key',
    text: "The source keeps a watermark for each key, more keys have come than watermark_keys_max allows, and watermark_key_eviction = 'none' lets none be forgotten. Raise the limit, let watermark_key_idle forget keys that are far behind, or choose another eviction.",
  },
  'LMN-6001': {
    title: 'A record is malformed',
    text: "A JSON record does not follow RFC 8259, or a CSV record has a quote that is not closed or is followed by text. The message names the byte. Records are lines: a JSON object may not span several. `on_error = 'skip'` or `'dead_letter'` goes on after such records.",
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
  'LMN-7001': {
    title: 'A native module cannot be unpacked',
    text: 'The executable unpacks its native modules into a private cache directory and found none it may use: not writable, writable by others, or mounted noexec. Set LAMINAR_NATIVE_CACHE to a directory that only you can write to.',
  },
  'LMN-7002': {
    title: 'The kernels have not been built',
    text: 'Laminar runs from its source tree, where build/generated/kernels.wasm is missing. Run: npm run kernels',
  },
  'LMN-7003': {
    title: 'The pipeline file cannot be read',
    text: 'The file named on the command line does not exist, is a directory, or may not be read. Paths are relative to the working directory. To run a query without a file: laminar run -e "SELECT …".',
  },
  'LMN-7010': {
    title: 'No such pipeline is running',
    text: 'laminar top, laminar why and laminar tap find pipelines by the sockets in the runtime directory of their user: $XDG_RUNTIME_DIR/laminar, or a folder of the user in the temporary directory. A pipeline that has ended, that belongs to another user, or that was started with another XDG_RUNTIME_DIR is not there.',
  },
  'LMN-7013': {
    title: 'Metrics cannot be served',
    text: 'The address given with --metrics cannot be listened at: another program does, the host is none of this machine, or the port needs permission. --metrics 0 takes a port that is free and says which.',
  },
  'LMN-7014': {
    title: 'The pipeline has no such stream',
    text: 'laminar tap reads the sources, streams and sinks of a running pipeline by the names that the pipeline gives them. laminar tap without a name lists them.',
  },
  'LMN-7015': {
    title: 'What is asked for is not computed',
    text: 'A pipeline computes what its sinks need: streams that nothing reads, and columns that nothing reads, are left out of it. Add a sink that reads them, or ask for others.',
  },
  'LMN-7016': {
    title: 'This is no predicate over a row',
    text: '--where of laminar tap takes what may stand in WHERE of a query that reads one stream: no aggregates, no subqueries, no other clauses.',
  },
  'LMN-7017': {
    title: 'The stream cannot be read now',
    text: 'A tap needs memory on the cores of the run, and gives up rather than take what the pipeline may need; and a predicate that fails for a row, say by a cast, ends the tap. The pipeline goes on.',
  },
  'LMN-7018': {
    title: 'A pipeline is run by another version',
    text: 'laminar top and laminar why read what a running pipeline says of itself. The program that runs this one is of another version, which says it in a form that this one does not know. A program of its own version understands it; when both are of the same form, what is new is left alone.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;
