// The calendar: days since 1970 to year, month and day and back, in the proleptic Gregorian calendar.
//
// Years are counted from March, so that the leap day is a year's last, in eras of 400 years, 146,097 days each
// (H. Hinnant, "chrono-compatible low-level date algorithms", 2014).

export const DAY_MICROS: i64 = 86400000000;

/** What `civilSplit` found. */
export let civilYear: i32 = 0;
export let civilMonth: u32 = 0;
export let civilDay: u32 = 0;

/** Splits a day into civilYear (0 is 1 BC), civilMonth and civilDay (both from 1). */
export function civilSplit(days: i64): void {
  const shifted = days + 719468;
  const era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const dayOfEra = <u32>(shifted - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  civilDay = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  civilMonth = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  civilYear = <i32>(<i64>yearOfEra + era * 400) + i32(civilMonth <= 2);
}

/** The day of a date; month from 1, day from 1. */
export function civilDayOf(year: i64, month: u32, day: u32): i64 {
  const shifted = year - i64(month <= 2);
  const era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const yearOfEra = <u32>(shifted - era * 400);
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + <i64>dayOfEra - 719468;
}

/** The day that a time in µs is in. */
@inline
export function civilFloorDay(micros: i64): i64 {
  const day = micros / DAY_MICROS;
  return day - i64(micros < day * DAY_MICROS);
}
