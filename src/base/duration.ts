// Lengths of time as text: `1 minute`, `5m`, `1.5 hours`, `1 day 2 hours`. What SQL intervals, options and flags share.
//
// Units run from microsecond to week. Months and years have no fixed length and are told apart from nonsense, so that
// the caller can say so.

const MICROS: Record<string, number> = {
  us: 1,
  microsecond: 1,
  ms: 1e3,
  millisecond: 1e3,
  s: 1e6,
  sec: 1e6,
  second: 1e6,
  m: 60e6,
  min: 60e6,
  minute: 60e6,
  h: 3600e6,
  hr: 3600e6,
  hour: 3600e6,
  d: 86_400e6,
  day: 86_400e6,
  w: 604_800e6,
  week: 604_800e6,
};

const CALENDAR_UNITS = new Set([
  'mon',
  'month',
  'quarter',
  'y',
  'yr',
  'year',
  'decade',
  'century',
  'centurie',
  'millennium',
]);

/** `calendar`: a unit without a fixed length (month, year); `text`: not a length of time. */
export type Duration = { micros: number } | { problem: 'calendar' | 'text' | 'range' };

/**
 * Reads a length of time.
 * @param unit the unit of a bare number (`INTERVAL '5' MINUTE`); null when the text must name its own.
 */
export function parseDuration(text: string, unit: string | null): Duration {
  if (unit !== null && /^\s*[+-]?[\d._]+\s*$/.test(text)) return parseDuration(`${text} ${unit}`, null);
  const part = /\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-zA-Zµ]+)\s*,?/gy;
  let micros = 0;
  let end = 0;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const size = unitMicros(match[2] as string);
    if (size === null) return { problem: 'text' };
    if (size === 'calendar') return { problem: 'calendar' };
    micros += scale(match[1] as string, size);
    end = part.lastIndex;
  }
  if (end === 0 || text.slice(end).trim() !== '') return { problem: 'text' };
  return Number.isSafeInteger(micros) ? { micros } : { problem: 'range' };
}

function unitMicros(word: string): number | 'calendar' | null {
  const lower = word.toLowerCase().replace('µ', 'u');
  const singular = lower.length > 2 && lower.endsWith('s') ? lower.slice(0, -1) : lower;
  const size = MICROS[lower] ?? MICROS[singular];
  if (size !== undefined) return size;
  return CALENDAR_UNITS.has(lower) || CALENDAR_UNITS.has(singular) ? 'calendar' : null;
}

/** A decimal number of units in whole µs, rounded half away from zero; exact for whole numbers. */
function scale(number: string, size: number): number {
  const value = Number(number) * size;
  return Math.sign(value) * Math.round(Math.abs(value)) + 0;
}

const WRITTEN: readonly [string, number][] = [
  ['d', 86_400e6],
  ['h', 3600e6],
  ['m', 60e6],
  ['s', 1e6],
  ['ms', 1e3],
  ['us', 1],
];

/** Writes µs in the largest units that fit, e.g. `1h 30m`, `250ms`, `0s`. */
export function formatDuration(micros: number): string {
  if (micros === 0) return '0s';
  if (micros < 0) return `-${formatDuration(-micros)}`;
  const parts: string[] = [];
  let rest = micros;
  for (const [unit, size] of WRITTEN) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join(' ');
}
