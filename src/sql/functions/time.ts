// Functions of times, dates and intervals.
//
// Times are µs since 1970 in UTC; a DATE argument becomes the time of its midnight. Weeks begin on Monday.

import * as layout from '../../../kernels/layout.ts';
import { BIGINT, DATE, DOUBLE, INTERVAL, TIMESTAMP, VARCHAR } from '../../data/type.ts';
import { emitDoubleToInteger, emitTimestampToDate } from '../codegen/cast-code.ts';
import type { Emitter } from '../codegen/emitter.ts';
import { GLOBAL_NOW } from '../codegen/module-writer.ts';
import { checkedAdd, checkedMultiply } from './checked.ts';
import { chapter, inline, kernel, special } from './define.ts';
import type { ScalarFunction } from './function.ts';

const define = chapter('time');
const FAILS = { fails: true } as const;
/** 2000-01-03, a Monday: where DuckDB's buckets begin. */
const BUCKET_ORIGIN = 946_857_600_000_000n;
const DAY_MICROS = 86_400_000_000n;

const fields: readonly ScalarFunction[] = [
  define(
    {
      name: 'date_part',
      aliases: ['datepart', 'extract'],
      summary:
        'A field of a time or interval: year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, dow (Sunday is 0), isodow (Monday is 1), doy, isoyear, yearweek, decade, century, millennium, era, or epoch (seconds since 1970). EXTRACT(field FROM x) is the same.',
      example: ["date_part('hour', TIMESTAMP '2024-02-29 12:34:56')", '12'],
    },
    special([VARCHAR, TIMESTAMP], BIGINT),
    special([VARCHAR, INTERVAL], BIGINT),
    special([VARCHAR, TIMESTAMP], DOUBLE, { constant: 'epoch' }),
    special([VARCHAR, INTERVAL], DOUBLE, { constant: 'epoch' }),
  ),
  define(
    {
      name: 'date_trunc',
      aliases: ['datetrunc'],
      summary: 'The beginning of the unit that a time is in.',
      example: ["date_trunc('hour', TIMESTAMP '2024-02-29 12:34:56')", '2024-02-29 12:00:00'],
    },
    special([VARCHAR, TIMESTAMP], TIMESTAMP),
  ),
  define(
    {
      name: 'date_diff',
      aliases: ['datediff'],
      summary: 'How many boundaries of a unit are between two times; of weeks, how many whole ones.',
      example: ["date_diff('hour', TIMESTAMP '2024-01-01 00:59:00', TIMESTAMP '2024-01-01 01:01:00')", '1'],
    },
    special([VARCHAR, TIMESTAMP, TIMESTAMP], BIGINT),
  ),
  define(
    {
      name: 'date_sub',
      aliases: ['datesub'],
      summary: 'How many whole units are between two times.',
      example: ["date_sub('month', TIMESTAMP '2024-01-15', TIMESTAMP '2024-03-14')", '1'],
    },
    special([VARCHAR, TIMESTAMP, TIMESTAMP], BIGINT),
  ),
  define(
    {
      name: 'date_add',
      summary: 'A time so much later; the same as +.',
      example: ["date_add(TIMESTAMP '2024-01-01', INTERVAL '90' MINUTE)", '2024-01-01 01:30:00'],
    },
    inline([TIMESTAMP, INTERVAL], TIMESTAMP, checkedAdd, FAILS),
  ),
  field('year', layout.UNIT_YEAR, ['year'], '2024'),
  field('quarter', layout.UNIT_QUARTER, ['quarter'], '1'),
  field('month', layout.UNIT_MONTH, ['month'], '2'),
  field('week', layout.UNIT_WEEK, ['week', 'weekofyear'], '9'),
  field('day of the month', layout.UNIT_DAY, ['day', 'dayofmonth'], '29'),
  field('hour', layout.UNIT_HOUR, ['hour'], '12'),
  field('minute', layout.UNIT_MINUTE, ['minute'], '34'),
  field('second', layout.UNIT_SECOND, ['second'], '56'),
  field('milliseconds since the minute began', layout.UNIT_MILLISECOND, ['millisecond'], '56000'),
  field('microseconds since the minute began', layout.UNIT_MICROSECOND, ['microsecond'], '56000000'),
  field('day of the week, 0 for Sunday', layout.UNIT_DAY_OF_WEEK, ['dayofweek', 'weekday'], '4'),
  field('day of the week, 1 for Monday', layout.UNIT_ISO_DAY_OF_WEEK, ['isodow'], '4'),
  field('day of the year', layout.UNIT_DAY_OF_YEAR, ['dayofyear'], '60'),
  field('year that the week belongs to', layout.UNIT_ISO_YEAR, ['isoyear'], '2024'),
  field('year and week as one number', layout.UNIT_YEAR_WEEK, ['yearweek'], '202409'),
  field('decade', layout.UNIT_DECADE, ['decade'], '202'),
  field('century', layout.UNIT_CENTURY, ['century'], '21'),
  field('millennium', layout.UNIT_MILLENNIUM, ['millennium'], '3'),
  field('era, 1 for AD and 0 for BC', layout.UNIT_ERA, ['era'], '1'),
  define(
    { name: 'dayname', summary: 'The English name of the day.', example: ["dayname(DATE '2024-02-29')", 'Thursday'] },
    kernel([TIMESTAMP], VARCHAR, 'timeDayName'),
  ),
  define(
    {
      name: 'monthname',
      summary: 'The English name of the month.',
      example: ["monthname(DATE '2024-02-29')", 'February'],
    },
    kernel([TIMESTAMP], VARCHAR, 'timeMonthName'),
  ),
  define(
    { name: 'last_day', summary: 'The last day of the month.', example: ["last_day(DATE '2024-02-10')", '2024-02-29'] },
    kernel([TIMESTAMP], DATE, 'timeLastDay'),
  ),
];

const buckets: readonly ScalarFunction[] = [
  define(
    {
      name: 'time_bucket',
      summary:
        'The beginning of the bucket of a width that a time is in. Buckets begin at 2000-01-03 (a Monday), moved by an offset or to an origin where one is given.',
      example: ["time_bucket(INTERVAL '15' MINUTE, TIMESTAMP '2024-02-29 12:34:56')", '2024-02-29 12:30:00'],
    },
    inline([INTERVAL, TIMESTAMP], TIMESTAMP, (e) => bucketFrom(e.i64(BUCKET_ORIGIN)), FAILS),
    inline([INTERVAL, TIMESTAMP, INTERVAL], TIMESTAMP, (e) => bucketFrom(e.i64(BUCKET_ORIGIN).op('i64.add')), FAILS),
    kernel([INTERVAL, TIMESTAMP, TIMESTAMP], TIMESTAMP, 'timeBucket', FAILS),
    inline([INTERVAL, DATE], DATE, bucketOfDate, FAILS),
  ),
];

const epochs: readonly ScalarFunction[] = [
  define(
    {
      name: 'epoch',
      summary: 'Seconds since 1970, or of an interval, with their fraction.',
      example: ["epoch(TIMESTAMP '2024-01-01 00:00:00.5')", '1704067200.5'],
    },
    inline([TIMESTAMP], DOUBLE, (e) => e.op('f64.convert_i64_s').f64(1e6).op('f64.div')),
    inline([INTERVAL], DOUBLE, (e) => e.op('f64.convert_i64_s').f64(1e6).op('f64.div')),
  ),
  define(
    {
      name: 'epoch_ms',
      summary: 'Milliseconds since 1970 of a time, or of an interval; of a number, the time that it is.',
      example: ["epoch_ms(TIMESTAMP '2024-01-01')", '1704067200000'],
    },
    inline([TIMESTAMP], BIGINT, (e) => e.i64(1000n).op('i64.div_s')),
    inline([INTERVAL], BIGINT, (e) => e.i64(1000n).op('i64.div_s')),
    inline([BIGINT], TIMESTAMP, (e) => times(e, 1000n), FAILS),
  ),
  define(
    {
      name: 'epoch_us',
      summary: 'Microseconds since 1970.',
      example: ["epoch_us(TIMESTAMP '1970-01-01 00:00:01')", '1000000'],
    },
    inline([TIMESTAMP], BIGINT, () => {}),
    inline([INTERVAL], BIGINT, () => {}),
  ),
  define(
    {
      name: 'epoch_ns',
      summary: 'Nanoseconds since 1970.',
      example: ["epoch_ns(TIMESTAMP '1970-01-01 00:00:01')", '1000000000'],
    },
    inline([TIMESTAMP], BIGINT, (e) => times(e, 1000n), FAILS),
    inline([INTERVAL], BIGINT, (e) => times(e, 1000n), FAILS),
  ),
  define(
    {
      name: 'to_timestamp',
      summary: 'The time so many seconds after 1970.',
      example: ['to_timestamp(1704067200)', '2024-01-01 00:00:00'],
    },
    inline([BIGINT], TIMESTAMP, (e) => times(e, 1_000_000n), FAILS),
    inline([DOUBLE], TIMESTAMP, secondsToMicros, FAILS),
  ),
  define(
    {
      name: 'make_timestamp',
      summary: 'The time of a year, month, day, hour, minute and second, or of microseconds since 1970.',
      example: ['make_timestamp(2024, 2, 29, 12, 34, 56.5)', '2024-02-29 12:34:56.5'],
    },
    inline([BIGINT], TIMESTAMP, () => {}),
    kernel([BIGINT, BIGINT, BIGINT, BIGINT, BIGINT, DOUBLE], TIMESTAMP, 'timeMake', FAILS),
  ),
  define(
    {
      name: 'make_date',
      summary: 'The date of a year, month and day.',
      example: ['make_date(2024, 2, 29)', '2024-02-29'],
    },
    kernel([BIGINT, BIGINT, BIGINT], DATE, 'timeMakeDate', FAILS),
  ),
  define(
    { name: 'to_seconds', summary: 'An interval of so many seconds.', example: ['to_seconds(90.5)', '00:01:30.5'] },
    inline([DOUBLE], INTERVAL, secondsToMicros, FAILS),
  ),
  ...(
    [
      ['to_microseconds', 1n, 'microseconds', '00:00:00.000002'],
      ['to_milliseconds', 1000n, 'milliseconds', '00:00:00.002'],
      ['to_minutes', 60_000_000n, 'minutes', '00:02:00'],
      ['to_hours', 3_600_000_000n, 'hours', '02:00:00'],
      ['to_days', DAY_MICROS, 'days of 24 hours', '48:00:00'],
      ['to_weeks', 7n * DAY_MICROS, 'weeks of seven days', '336:00:00'],
    ] as const
  ).map(([name, micros, units, result]) =>
    define(
      { name, summary: `An interval of so many ${units}.`, example: [`${name}(2)`, result] },
      inline([BIGINT], INTERVAL, (e) => times(e, micros), FAILS),
    ),
  ),
];

const clock: readonly ScalarFunction[] = [
  define(
    {
      name: 'now',
      aliases: ['current_timestamp', 'get_current_timestamp', 'transaction_timestamp'],
      summary: 'The time at which the run started, the same for all rows; proctime() goes on.',
      example: ['now() = now()', 'true'],
    },
    inline([], TIMESTAMP, (e) => e.global(GLOBAL_NOW)),
  ),
  define(
    {
      name: 'proctime',
      aliases: ['clock_timestamp'],
      summary:
        'The time at which the row is handled, the same for the rows of a batch; as the time of a window, windows close by the clock.',
      example: ['proctime() IS NOT NULL', 'true'],
    },
    inline([], TIMESTAMP, (e) => e.i32(layout.CELL_CLOCK).load('i64')),
  ),
  define(
    {
      name: 'watermark',
      summary:
        'The watermark that the rows before this one have produced in its source (or file), NULL before the first; for rows of a source with WATERMARK FOR, before GROUP BY.',
      example: ['watermark() IS NULL', 'true'],
    },
    special([], TIMESTAMP, { nulls: 'may-be-null' }),
  ),
  define(
    {
      name: 'today',
      aliases: ['current_date'],
      summary: 'The day on which the run started.',
      example: ['today() = today()', 'true'],
    },
    inline([], DATE, (e) => emitTimestampToDate(e.global(GLOBAL_NOW))),
  ),
  define(
    {
      name: 'strftime',
      summary:
        'A time as text in a format: %Y %m %d %H %M %S, %f (µs), %g (ms), %a %A (day), %b %B (month), %j (day of the year), %I %p (12 hours), %y %u %w %U %W %V %G %c %x %X %z %%; a hyphen as in %-d leaves out leading zeros.',
      example: ["strftime(TIMESTAMP '2024-02-29 12:34:56', '%d/%m/%Y %H:%M')", '29/02/2024 12:34'],
    },
    kernel([TIMESTAMP, VARCHAR], VARCHAR, 'timeFormat', FAILS),
    inline([VARCHAR, TIMESTAMP], VARCHAR, formatFirst, FAILS),
  ),
];

export const timeFunctions: readonly ScalarFunction[] = [...fields, ...buckets, ...epochs, ...clock];

/** A function for one field of a time. */
function field(what: string, unit: number, names: readonly [string, ...string[]], result: string): ScalarFunction {
  const [name, ...aliases] = names;
  const text = {
    name,
    aliases,
    summary: `The ${what}.`,
    example: [`${name}(TIMESTAMP '2024-02-29 12:34:56')`, result] as const,
  };
  return define(
    text,
    inline([TIMESTAMP], BIGINT, (e) => e.i32(unit).kernel('timeField', ['i64', 'i32'], 'i64')),
  );
}

/** Width, time and origin are on the stack. */
function bucketFrom(emitter: Emitter): void {
  emitter.kernel('timeBucket', ['i64', 'i64', 'i64'], 'i64').checkStatus({ mayBeNull: false, fails: true });
}

function bucketOfDate(emitter: Emitter): void {
  emitter.op('i64.extend_i32_s').i64(DAY_MICROS).op('i64.mul');
  bucketFrom(emitter.i64(BUCKET_ORIGIN));
  emitTimestampToDate(emitter);
}

function times(emitter: Emitter, factor: bigint): void {
  emitter.i64(factor);
  checkedMultiply(emitter);
}

function secondsToMicros(emitter: Emitter): void {
  emitter.f64(1e6).op('f64.mul');
  emitDoubleToInteger(emitter, BIGINT);
}

function formatFirst(emitter: Emitter): void {
  const time = emitter.save('i64');
  const format = emitter.save('i64');
  emitter.get(time).get(format).kernel('timeFormat', ['i64', 'i64'], 'i64');
  emitter.checkStatus({ mayBeNull: false, fails: true }).free(time, format);
}
