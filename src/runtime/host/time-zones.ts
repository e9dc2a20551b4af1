// Local times of zones: what the clock on a wall shows at an instant, and the instant at which it shows that.
//
// Intl is asked for the offset of a zone once a day of the data; days on which it changes are asked by quarter hours,
// at which every zone's changes lie. Local times that a change skips are read with the offset before it (02:30 becomes
// 03:30), those that it repeats are the later of both, as in PostgreSQL and DuckDB.

import { timeZoneProblem } from '../../plan/time-zone.ts';
import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

const DAY = 86_400_000;
const QUARTER = 900_000;
/** Offsets kept of one zone. */
const KEPT = 20_000;
/** 0001-01-01 and 9999-12-31, ms: offsets beyond are those of the ends. */
const FIRST = -62_135_596_800_000;
const LAST = 253_402_214_400_000;

/** The offsets of one zone. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  /** By day: the offset in ms, or null where it changes. */
  readonly #days = new Map<number, number | null>();
  readonly #quarters = new Map<number, number>();

  /** @throws ArgumentError. */
  constructor(name: string) {
    const problem = timeZoneProblem(name);
    if (problem !== null) throw new ArgumentError(problem);
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** ms that local time is ahead of UTC at an instant (ms since 1970). */
  offsetAt(instant: number): number {
    const near = Math.min(Math.max(instant, FIRST), LAST);
    const day = Math.floor(near / DAY);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      const first = this.#ask(day * DAY);
      offset = first === this.#ask((day + 1) * DAY) ? first : null;
      if (this.#days.size >= KEPT) this.#days.clear();
      this.#days.set(day, offset);
    }
    return offset ?? this.#offsetAtQuarter(Math.floor(near / QUARTER));
  }

  /** ms that local time is ahead of UTC when the wall shows a time (ms, as if it were UTC). */
  offsetOfLocal(local: number): number {
    const before = this.offsetAt(local - DAY);
    const after = this.offsetAt(local + DAY);
    if (before === after) return before;
    // The later of two readings is the one with the smaller offset; in a gap neither holds.
    const [small, large] = before < after ? [before, after] : [after, before];
    if (this.offsetAt(local - small) === small) return small;
    return this.offsetAt(local - large) === large ? large : before;
  }

  #offsetAtQuarter(quarter: number): number {
    let offset = this.#quarters.get(quarter);
    if (offset === undefined) {
      offset = this.#ask(quarter * QUARTER);
      if (this.#quarters.size >= KEPT) this.#quarters.clear();
      this.#quarters.set(quarter, offset);
    }
    return offset;
  }

  #ask(instant: number): number {
    const fields: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instant)) fields[type] = Number(value);
    const local = new Date(0);
    local.setUTCFullYear(fields.year as number, (fields.month as number) - 1, fields.day as number);
    local.setUTCHours(fields.hour as number, fields.minute as number, fields.second as number);
    return +local - Math.floor(instant / 1000) * 1000;
  }
}

/** Zones by name, those of one call. */
export function zoneCache(): (name: string) => TimeZone {
  const zones = new Map<string, TimeZone>();
  return (name) => {
    let zone = zones.get(name);
    if (zone === undefined) {
      zone = new TimeZone(name);
      zones.set(name, zone);
    }
    return zone;
  };
}

/** µs to ms, towards the past. */
function millisOf(micros: bigint): number {
  return Math.floor(Number(micros) / 1000);
}

export const timeZoneFunctions: Readonly<Record<string, () => HostBody>> = {
  timezone: () => {
    const zoneNamed = zoneCache();
    return (zone: string, time: bigint) => time + BigInt(zoneNamed(zone).offsetAt(millisOf(time))) * 1000n;
  },
  from_utc_timestamp: () => {
    const zoneNamed = zoneCache();
    return (time: bigint, zone: string) => time + BigInt(zoneNamed(zone).offsetAt(millisOf(time))) * 1000n;
  },
  to_utc_timestamp: () => {
    const zoneNamed = zoneCache();
    return (local: bigint, zone: string) => local - BigInt(zoneNamed(zone).offsetOfLocal(millisOf(local))) * 1000n;
  },
};
