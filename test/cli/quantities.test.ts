import { describe, expect, test } from 'vitest';
import { formatBytes } from '../../src/base/bytes.ts';
import {
  formatCount,
  formatInstant,
  formatMillis,
  formatRate,
  parseErrorLimit,
  parseMillis,
} from '../../src/cli/quantities.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

describe('what people read', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1234567, '1,234,567'],
  ])('count %d', (count, text) => expect(formatCount(count)).toBe(text));

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [421.9123, '422 B'],
    [1024, '1.0 KB'],
    [1536, '1.5 KB'],
    [5 * 2 ** 30, '5.0 GB'],
  ])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [4, '0.00 s'],
    [620, '0.6 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [83_000, '1 min 23 s'],
    [3_599_700, '1 h 0 min'],
    [3_720_000, '1 h 2 min'],
  ])('%d ms never reads "60 s" or "60 min"', (millis, text) => expect(formatMillis(millis)).toBe(text));

  test.each([
    [812, 1000, '812'],
    [8100, 1000, '8.1 k'],
    [12_300_000, 1000, '12.3 M'],
    [10, 0, '10.0 k'],
  ])('%d rows in %d ms, a run of no time included', (count, millis, text) =>
    expect(formatRate(count, millis)).toBe(text));

  test('an instant out of the range of dates does not throw', () => {
    expect(formatInstant(1_706_702_400_000_000)).toBe('2024-01-31T12:00:00Z');
    expect(formatInstant(Number.MAX_SAFE_INTEGER * 1000)).toBe('out of range');
  });
});

describe('what people type', () => {
  test.each([
    ['30s', 30_000],
    ['30', 30_000],
    ['1.5m', 90_000],
    ['500ms', 500],
    ['2 h', 7_200_000],
    ['1 minute', 60_000],
  ])('%s is a length of time', (text, millis) => expect(parseMillis(text, 'for')).toBe(millis));

  test.each(['', 'soon', '-5s', '5 parsecs', '1 month'])('%j is none', (text) =>
    expect(() => parseMillis(text, 'for')).toThrow(UsageError));

  test.each([
    ['10', { count: 10 }],
    ['0', { count: 0 }],
    ['1%', { share: 0.01 }],
    ['0.5 %', { share: 0.005 }],
  ])('%s is a limit of errors', (text, limit) => expect(parseErrorLimit(text)).toEqual(limit));

  test.each(['', '1.5', '-1', '101%', 'ten', '%'])('%j is none', (text) =>
    expect(() => parseErrorLimit(text)).toThrow(UsageError));
});
