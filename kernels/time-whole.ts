// Whole units of time between two times: what date_sub counts.
import { civilDay, civilDayOf, civilFloorDay, civilMonth, civilSplit, civilYear, DAY_MICROS } from './civil';
import { UNIT_CENTURY, UNIT_DECADE, UNIT_MILLENNIUM, UNIT_QUARTER, UNIT_WEEK, UNIT_YEAR } from './layout';
import { timeUnitMicros } from './time-fields';

/** Whole units from one time to another, negative backwards; a month ends on its last day however long the first was. */
export function timeWholeUnits(from: i64, to: i64, unit: i32): i64 {
  if (unit <= UNIT_WEEK) return (to - from) / timeUnitMicros(unit);
  const months = from <= to ? monthsUpTo(from, to) : -monthsUpTo(to, from);
  switch (unit) {
    case UNIT_QUARTER:
      return months / 3;
    case UNIT_YEAR:
      return months / 12;
    case UNIT_DECADE:
      return months / 120;
    case UNIT_CENTURY:
      return months / 1200;
    case UNIT_MILLENNIUM:
      return months / 12000;
    default:
      return months;
  }
}

/** Whole months; `from` is not after `to`. */
function monthsUpTo(from: i64, to: i64): i64 {
  const lastDay = civilFloorDay(to);
  civilSplit(lastDay);
  const toMonth = <i64>civilYear * 12 + civilMonth;
  const toDay = civilDay;
  const isEnd = civilDayOf(<i64>civilYear + i64(civilMonth == 12), (civilMonth % 12) + 1, 1) == lastDay + 1;
  const firstDay = civilFloorDay(from);
  civilSplit(firstDay);
  const fromDay = isEnd ? min(civilDay, toDay) : civilDay;
  const months = toMonth - (<i64>civilYear * 12 + civilMonth);
  const isBefore = toDay < fromDay || (toDay == fromDay && to - lastDay * DAY_MICROS < from - firstDay * DAY_MICROS);
  return months - i64(isBefore);
}
