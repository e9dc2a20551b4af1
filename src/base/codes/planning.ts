// Error codes 2000 to 2999: names, types and queries that cannot be bound or planned.

import type { CodeEntry } from './entry.ts';

export const PLANNING_CODES = {
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
} as const satisfies Record<string, CodeEntry>;
