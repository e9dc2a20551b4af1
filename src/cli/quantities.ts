// Numbers as people read and type them: 8.1 M rows/s, 1.5 GB, 0.6 s; 30s, 10%.

import { UsageError } from './usage-error.ts';

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Rows per second with three significant places at most: `812`, `8.1 k`, `12.3 M`. */
export function formatRate(count: number, millis: number): string {
  const perSecond = count / (Math.max(millis, 1) / 1000);
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M`;
  if (perSecond >= 1e3) return `${(perSecond / 1e3).toFixed(1)} k`;
  return perSecond.toFixed(0);
}

/** `1536` → `1.5 KB` (powers of 1024). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
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

/** µs since the epoch as ISO-8601, to the second. */
export function formatInstant(micros: number): string {
  const date = new Date(micros / 1000);
  return Number.isNaN(date.getTime()) ? 'out of range' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

const UNIT_MILLIS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `1.5m`, `500ms`, or seconds without a unit, in ms. @throws UsageError */
export function parseMillis(text: string, flag: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(text.trim()) ?? [];
  if (amount === undefined) {
    throw new UsageError(`--${flag} takes a length of time, not '${text}'`, `for example --${flag} 30s, 5m or 500ms`);
  }
  return Number(amount) * (UNIT_MILLIS[unit] as number);
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
