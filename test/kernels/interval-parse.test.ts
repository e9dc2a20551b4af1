import { expect, it } from 'vitest';
import { INTERVAL, JSON_TYPE, VARCHAR } from '../../src/data/type.ts';
import { Compiled } from '../support/expression-oracle.ts';
import { castTo, column } from '../support/expressions.ts';

const schema = [{ name: 's', type: VARCHAR, nullable: false }];
const compiled = new Compiled(schema);
const CAST = { error: 3, site: 0 };
const OVERFLOW = { error: 2, site: 0 };

function casts(type: typeof INTERVAL, texts: readonly string[]): unknown[] {
  return compiled.evaluate(
    castTo(column('s', schema), type).bound,
    texts.map((text) => [text]),
  );
}

it('reads intervals in all their units', () => {
  const second = 1_000_000n;
  const day = 86_400n * second;
  const expected: readonly (readonly [string, bigint])[] = [
    ['1 microsecond', 1n],
    ['2 us', 2n],
    ['3 milliseconds', 3_000n],
    ['4ms', 4_000n],
    ['5 second', 5n * second],
    ['5s', 5n * second],
    ['5 SECS', 5n * second],
    ['6 minutes', 360n * second],
    ['6 min', 360n * second],
    ['6m', 360n * second],
    ['7 hours', 25_200n * second],
    ['7hrs', 25_200n * second],
    ['7 h', 25_200n * second],
    ['8 Days', 8n * day],
    ['8d', 8n * day],
    ['9 weeks', 63n * day],
    ['1w', 7n * day],
    ['1.5 hours', 5_400n * second],
    ['-1.5h', -5_400n * second],
    ['.25 s', 250_000n],
    ['  1 day 2 hours ', day + 7_200n * second],
    ['1 day, 2 hours', day + 7_200n * second],
    ['1 day 02:03:04.5', day + 7_384_500_000n],
    ['01:02', 3_720n * second],
    ['-100:00:00.000001', -360_000_000_001n],
    ['0.1234567 s', 123_456n],
    ['106751991 days', 106_751_991n * day],
  ];
  expect(
    casts(
      INTERVAL,
      expected.map(([text]) => text),
    ),
  ).toEqual(expected.map(([, micros]) => micros));
});

it('refuses what is no interval, and what is too long for one', () => {
  const bad = [
    '',
    ' ',
    '5',
    'minute',
    '5 months',
    '1 year',
    '5 minutess',
    '1:2',
    '01:60',
    '1 day,',
    '5 .',
    '- 5 s',
    '1 secondx',
  ];
  expect(casts(INTERVAL, bad)).toEqual(bad.map(() => CAST));
  const long = ['106751992 days', '9223372036854775808 us', '99999999999999999999 us', '100000000 days 10000000 days'];
  expect(casts(INTERVAL, long)).toEqual(long.map(() => OVERFLOW));
});

it('takes one JSON value as JSON, without space around it or line ends in it, and nothing else', () => {
  const good = ['{}', '[1, 2\n]', ' "a\\n" ', '1', 'null', '{"a":{"b":[]}}\n'];
  expect(casts(JSON_TYPE, good)).toEqual(good.map((text) => text.trim().replace('\n', ' ')));
  const bad = ['', '{', 'abc', '1 2', '"a\nb"', '{"a":1}}', "{'a':1}"];
  expect(casts(JSON_TYPE, bad)).toEqual(bad.map(() => CAST));
});
