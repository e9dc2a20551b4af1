// Units and fields of time by name: what date_part, date_trunc and date_diff take as their first argument.

import * as layout from '../../../kernels/layout.ts';

/** Names of each unit; the first is the usual one. */
const NAMES: readonly (readonly [code: number, ...names: string[]])[] = [
  [layout.UNIT_MICROSECOND, 'microsecond', 'microseconds', 'us', 'usec', 'usecs', 'usecond', 'useconds'],
  [layout.UNIT_MILLISECOND, 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds'],
  [layout.UNIT_SECOND, 'second', 'seconds', 's', 'sec', 'secs'],
  [layout.UNIT_MINUTE, 'minute', 'minutes', 'm', 'min', 'mins'],
  [layout.UNIT_HOUR, 'hour', 'hours', 'h', 'hr', 'hrs'],
  [layout.UNIT_DAY, 'day', 'days', 'd', 'dayofmonth'],
  [layout.UNIT_WEEK, 'week', 'weeks', 'w', 'weekofyear'],
  [layout.UNIT_MONTH, 'month', 'months', 'mon', 'mons'],
  [layout.UNIT_QUARTER, 'quarter', 'quarters'],
  [layout.UNIT_YEAR, 'year', 'years', 'y', 'yr', 'yrs'],
  [layout.UNIT_DECADE, 'decade', 'decades', 'dec', 'decs'],
  [layout.UNIT_CENTURY, 'century', 'centuries', 'cent', 'c'],
  [layout.UNIT_MILLENNIUM, 'millennium', 'millennia', 'millenniums', 'mil', 'mils'],
  [layout.UNIT_ISO_YEAR, 'isoyear'],
  [layout.UNIT_DAY_OF_WEEK, 'dow', 'dayofweek', 'weekday'],
  [layout.UNIT_ISO_DAY_OF_WEEK, 'isodow'],
  [layout.UNIT_DAY_OF_YEAR, 'doy', 'dayofyear'],
  [layout.UNIT_YEAR_WEEK, 'yearweek'],
  [layout.UNIT_ERA, 'era'],
  [layout.UNIT_EPOCH, 'epoch'],
];

const CODES: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap(([code, ...names]) => names.map((name) => [name, code] as const)),
);

/** The UNIT_* code of a name in any case, or undefined. */
export function timeUnit(name: string): number | undefined {
  return CODES.get(name.toLowerCase());
}

/** The usual name of every unit. */
export function timeUnitNames(): string[] {
  return NAMES.map(([, name]) => name as string);
}
