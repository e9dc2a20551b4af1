// Error codes 3000 to 3999: what queries meet in their rows while they run.

import type { CodeEntry } from './entry.ts';

export const RUN_TIME_CODES = {
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
} as const satisfies Record<string, CodeEntry>;
