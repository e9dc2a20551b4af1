import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELL_STATUS, ERROR_CAST, ERROR_OVERFLOW, STATUS_VALUE } from '../../kernels/layout.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const { kernels } = memory;
const at = memory.allocate(256);
const encoder = new TextEncoder();

function put(text: string): number {
  memory.u8.fill(0x37, at, at + 128);
  return encoder.encodeInto(text, memory.u8.subarray(at + 32)).written;
}
function status(): number {
  return memory.i32[CELL_STATUS >> 2]!;
}
/** µs, or the error code as a number. */
function timestamp(text: string): bigint | number {
  const value = kernels.parseTimestamp(at + 32, put(text));
  return status() === STATUS_VALUE ? value : status();
}
function date(text: string): number | string {
  const value = kernels.parseDate(at + 32, put(text));
  return status() === STATUS_VALUE ? value : `status ${status()}`;
}
const micros = (text: string) => BigInt(Date.parse(text)) * 1000n;

describe('parseTimestamp', () => {
  it('takes the forms ISO-8601 is written in', () => {
    const noon = micros('2024-02-29T12:34:56Z');
    const cases: [string, bigint][] = [
      ['2024-02-29T12:34:56Z', noon],
      ['2024-02-29 12:34:56', noon],
      ['2024-02-29t12:34:56z', noon],
      ['  2024-02-29T12:34:56Z ', noon],
      ['2024-02-29 12:34:56 UTC', noon],
      ['2024-02-29T14:34:56+02:00', noon],
      ['2024-02-29T14:34:56+0200', noon],
      ['2024-02-29 14:34:56+02', noon],
      ['2024-02-29T07:04:56-05:30', noon],
      ['2024-02-29T12:34:56.7Z', noon + 700_000n],
      ['2024-02-29T12:34:56,789Z', noon + 789_000n],
      ['2024-02-29T12:34:56.123456', noon + 123_456n],
      ['2024-02-29T12:34:56.1234569Z', noon + 123_456n],
      ['2024-02-29T12:34:56.123456999999Z', noon + 123_456n],
      ['2024-02-29T14:34:56.000001+02:00', noon + 1n],
      ['2024-02-29 12:34', micros('2024-02-29T12:34Z')],
      ['2024-2-29 9:5:7', micros('2024-02-29T09:05:07Z')],
      ['2024/02/29 12:34:56', noon],
      ['2024-02-29', micros('2024-02-29')],
      ['2024-02-29T24:00:00Z', micros('2024-03-01')],
      ['+012345-01-01T00:00:00Z', micros('+012345-01-01T00:00:00Z')],
      ['-000001-12-31T23:59:59.999Z', micros('-000001-12-31T23:59:59.999Z')],
      ['1969-12-31T23:59:59.999999Z', -1n],
      ['0001-01-01T00:00:00Z', micros('0001-01-01T00:00:00Z')],
    ];
    for (const [text, want] of cases) expect([text, timestamp(text)]).toEqual([text, want]);
  });

  it('refuses times that do not exist and text that is none', () => {
    const texts = [
      '',
      ' ',
      '2024',
      '2024-02',
      '20240229',
      '1709210096',
      '2023-02-29T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-02-29T24:00:01Z',
      '2024-02-29T24:00:00.5Z',
      '2024-02-29T25:00:00Z',
      '2024-02-29T12:60:00Z',
      '2024-02-29T12:34:60Z',
      '2024-02-29T12:34:56.Z',
      '2024-02-29T12:34.5',
      '2024-02-29 12:34,56+02',
      '2024-02-29T12:34:56ZZ',
      '2024-02-29T12:34:56+2',
      '2024-02-29T12:34:56+02:',
      '2024-02-29T12:34:56+02:60',
      '2024-02-29T12:34:56+25:00',
      '2024-02-29T',
      '2024-02-29T12',
      '2024-02-29T12:',
      '2024-02-29x12:34:56',
      '2024-02/29',
      '24-02-29',
      'yesterday',
      '\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000T12:34:56Z',
    ];
    for (const text of texts) expect([text, timestamp(text)]).toEqual([text, ERROR_CAST]);
  });

  it('says when a time is beyond 64 bits of microseconds', () => {
    expect(timestamp('+300000-01-01T00:00:00Z')).toBe(ERROR_OVERFLOW);
    expect(timestamp('-300000-01-01T00:00:00Z')).toBe(ERROR_OVERFLOW);
  });

  it('agrees with Date on random times, and with printTimestamp both ways', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(-62_135_596_800_000), max: new Date(253_402_300_799_999) }), (when) => {
        if (Number.isNaN(when.getTime())) return true;
        const iso = when.toISOString();
        const want = BigInt(when.getTime()) * 1000n;
        const offset = new Date(when.getTime() + 5.5 * 3_600_000).toISOString().replace('Z', '+05:30');
        return (
          timestamp(iso) === want &&
          timestamp(iso.replace('T', ' ').replace('Z', '')) === want &&
          (offset.length !== 29 || timestamp(offset) === want) &&
          date(iso.slice(0, 10)) === Math.floor(when.getTime() / 86_400_000)
        );
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -9_000_000_000_000_000_000n, max: 9_000_000_000_000_000_000n }), (value) => {
        const text = Buffer.from(memory.u8.slice(at, at + kernels.printTimestamp(value, at))).toString();
        return timestamp(text) === value;
      }),
      { numRuns: 5000 },
    );
  });
});

describe('parseDate', () => {
  it('takes dates, and of times the day in UTC', () => {
    const cases: [string, number][] = [
      ['1970-01-01', 0],
      ['1969-12-31', -1],
      ['2024-02-29', 19_782],
      [' 2024-2-29 ', 19_782],
      ['2024/02/29', 19_782],
      ['2024-02-29T23:59:59.999Z', 19_782],
      ['2024-02-29T23:00:00-02:00', 19_783],
      ['1969-12-31 12:00:00', -1],
    ];
    for (const [text, want] of cases) expect([text, date(text)]).toEqual([text, want]);
  });

  it('refuses what is no date', () => {
    for (const text of ['', '2024-02-30', '2024-02-2x', '2024-0229', '19782', '2024-02-29T']) {
      expect([text, date(text)]).toEqual([text, `status ${ERROR_CAST}`]);
    }
  });
});
