// A slow model of windows and lateness, one row at a time: which rows count in which windows. For tests.
//
// A row counts in the windows that contain it and that the watermark before it has not closed; where there is none, it
// is late. A session takes a row at most a gap away, is closed by a watermark beyond its end (a row as old as the
// watermark may still come, and a row exactly at the end belongs to it), and a row may join several into one.
import type { Value } from '../../src/data/batch.ts';
import type { AggregateInput } from './aggregate-run.ts';
import { withWatermarks } from './aggregate-run.ts';

/** A row in a window. */
export interface Placed {
  row: Value[];
  /** Of the row in the input. */
  index: number;
  start: bigint;
  end: bigint;
}

export interface Placement {
  placed: Placed[];
  lateCount: number;
}

const NONE = -(2n ** 63n);

/** Every row in every window that it counts in, by (window, arrival) in no particular order. */
export function placeRows(input: AggregateInput): Placement {
  const { window, delayMicros, rows } = input;
  if (window === null) {
    return { placed: rows.map((row, index) => ({ row, index, start: 0n, end: 0n })), lateCount: 0 };
  }
  const watermarks =
    delayMicros === null
      ? rows.map(() => NONE)
      : withWatermarks(rows, delayMicros).rows.map((row) => row.at(-1) as bigint);
  return window.kind === 'session' ? placeInSessions(input, watermarks) : placeInWindows(input, watermarks);
}

function placeInWindows({ rows, window }: AggregateInput, watermarks: bigint[]): Placement {
  let lateCount = 0;
  const placed = rows.flatMap((row, index) => {
    const open = windowsOf(window as NonNullable<typeof window>, row.at(-1) as bigint).filter(
      ([, end]) => (watermarks[index] as bigint) < end + BigInt(window?.latenessMicros ?? 0),
    );
    if (open.length === 0) lateCount++;
    return open.map(([start, end]) => ({ row, index, start, end }));
  });
  return { placed, lateCount };
}

/** The windows of a fixed length that contain a time. */
function windowsOf(window: NonNullable<AggregateInput['window']>, time: bigint): [bigint, bigint][] {
  const size = BigInt(window.sizeMicros);
  const slide = BigInt(window.slideMicros ?? window.sizeMicros);
  const offset = BigInt(window.offsetMicros);
  const windows: [bigint, bigint][] = [];
  if (window.kind === 'cumulate') {
    const start = floorTo(time - offset, size) + offset;
    for (let end = start + slide; end <= start + size; end += slide) if (time < end) windows.push([start, end]);
    return windows;
  }
  for (let start = floorTo(time - offset, slide) + offset; start > time - size; start -= slide) {
    windows.push([start, start + size]);
  }
  return windows;
}

function floorTo(time: bigint, step: bigint): bigint {
  return time - (((time % step) + step) % step);
}

interface Session {
  rows: { row: Value[]; index: number }[];
  start: bigint;
  last: bigint;
}

function placeInSessions({ rows, window, keyCount }: AggregateInput, watermarks: bigint[]): Placement {
  const gap = BigInt(window?.sizeMicros ?? 0);
  const lateness = BigInt(window?.latenessMicros ?? 0);
  const sessions = new Map<string, Session[]>();
  let lateCount = 0;
  rows.forEach((row, index) => {
    const key = JSON.stringify(row.slice(0, keyCount).map(keyText));
    const time = row.at(-1) as bigint;
    const isOpen = (last: bigint): boolean => (watermarks[index] as bigint) <= last + gap + lateness;
    const ofKey = sessions.get(key) ?? [];
    const joined = ofKey.filter((s) => isOpen(s.last) && time >= s.start - gap && time <= s.last + gap);
    if (joined.length === 0 && !isOpen(time)) {
      lateCount++;
      return;
    }
    const merged: Session = { rows: [{ row, index }], start: time, last: time };
    for (const session of joined) {
      merged.rows.push(...session.rows);
      if (session.start < merged.start) merged.start = session.start;
      if (session.last > merged.last) merged.last = session.last;
    }
    sessions.set(key, [...ofKey.filter((s) => !joined.includes(s)), merged]);
  });
  const placed = [...sessions.values()]
    .flat()
    .flatMap(({ rows: members, start, last }) => members.map((m) => ({ ...m, start, end: last + gap })));
  return { placed, lateCount };
}

/** Equal for keys that are one group: −0 and 0, any NaN. */
function keyText(value: Value): string {
  if (typeof value === 'number') return `number ${value === 0 ? 0 : value}`;
  return `${typeof value} ${String(value)}`;
}
