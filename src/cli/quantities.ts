// Numbers as people read and type them: 8.1 M rows/s, 1.5 GB, 0.6 s; 30s, 10%.

import { parseDuration } from '../base/duration.ts';
import { UsageError } from './usage-error.ts';

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  // Not toLocaleString: loading the locale costs more than the rest of a summary.
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 row`, `2,048 rows`. */
export function formatRows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`;
}

/** Rows per second with three significant places at most: `812`, `8.1 k`, `12.3 M`. */
export function formatRate(count: number, millis: number): string {
  return formatMetric(count / (Math.max(millis, 1) / 1000));
}

/** A count with three or four significant places: `812`, `8.1 k`, `12.3 M`, `1.2 G`. */
export function formatMetric(count: number): string {
  if (count >= 999.95e6) return `${(count / 1e9).toFixed(1)} G`;
  if (count >= 999.95e3) return `${(count / 1e6).toFixed(1)} M`;
  if (count >= 999.5) return `${(count / 1e3).toFixed(1)} k`;
  return count.toFixed(0);
}

/** `0.8 ns`, `15 ns`, `1.2 µs`, `3.4 ms`. */
export function formatNanos(nanos: number): string {
  const units = ['ns', 'µs', 'ms', 's'];
  let value = nanos;
  while (value >= 999.5 && units.length > 1) {
    value /= 1000;
    units.shift();
  }
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[0]}`;
}

/** A length of time in at most seven characters, for columns: `120 ms`, `1.2 s`, `3m 12s`, `2h 05m`, `12d 3h`, `880 d`. */
export function formatSpan(millis: number): string {
  if (millis < 0) return `-${formatSpan(-millis)}`;
  if (millis < 999.5) return `${millis.toFixed(0)} ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  if (hours < 24) return `${hours}h ${twoDigits(minutes % 60)}m`;
  return days < 100 ? `${days}d ${hours % 24}h` : `${formatCount(days)} d`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}

/** `620` → `0.6 s`, `83000` → `1 min 23 s`, `3720000` → `1 h 2 min`. */
export function formatMillis(millis: number): string {
  if (millis < 100) return `${(millis / 1000).toFixed(2)} s`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A length of time: `0 µs`, `85 µs`, `1.2 ms`, `340 ms`, then as `formatMillis`. */
export function formatMicros(micros: number): string {
  if (micros < 999.5) return `${micros.toFixed(0)} µs`;
  if (micros < 9_950) return `${(micros / 1000).toFixed(1)} ms`;
  if (micros < 999_500) return `${(micros / 1000).toFixed(0)} ms`;
  return formatMillis(micros / 1000);
}

/** `0.123` → `12 %`; below 10 % with a decimal. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** µs since the epoch as ISO-8601, to the second. */
export function formatInstant(micros: number): string {
  const date = new Date(micros / 1000);
  return Number.isNaN(date.getTime()) ? 'out of range' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** µs since the epoch as a time of the day, `12:00` or `12:00:05`, with its date unless `day` (µs) is the same one. */
export function formatClock(micros: number, day: number): string {
  const instant = formatInstant(micros);
  const [date, time] = instant.split('T');
  if (time === undefined || date !== formatInstant(day).split('T')[0]) return instant;
  return time.replace(/Z$/, '').replace(/^(\d\d:\d\d):00$/, '$1');
}

/** `30s`, `1.5m`, `500ms`, `1 minute`, or seconds without a unit, in ms. @throws UsageError */
export function parseMillis(text: string, flag: string): number {
  const duration = parseDuration(text, 's');
  if (!('micros' in duration) || duration.micros < 0) {
    throw new UsageError(`--${flag} takes a length of time, not '${text}'`, `for example --${flag} 30s, 5m or 500ms`);
  }
  return duration.micros / 1000;
}

/** `10` records or `1%` of all records. @throws UsageError */
export function parseErrorLimit(text: string): { count: number } | { share: number } {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(text.trim()) ?? [];
  const isShare = percent !== undefined;
  const value = Number(amount);
  if (amount === undefined || (isShare ? value > 100 : !Number.isInteger(value))) {
    throw new UsageError(`--max-errors takes a count or a percentage, not '${text}'`, 'for example 10 or 1%');
  }
  return isShare ? { share: value / 100 } : { count: value };
}
