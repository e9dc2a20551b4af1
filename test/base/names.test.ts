import { expect, test } from 'vitest';
import { nameDistance, nearestName } from '../../src/base/names.ts';

test('finds a word with a missing, extra, wrong or swapped letter, whatever the case', () => {
  const words = ['SELECT', 'FROM', 'WHERE', 'TUMBLE', 'WATERMARK'];
  expect(nearestName('SELCT', words)).toBe('SELECT');
  expect(nearestName('tumbel', words)).toBe('TUMBLE');
  expect(nearestName('form', words)).toBe('FROM');
  expect(nearestName('Wheere', words)).toBe('WHERE');
  expect(nearestName('watremrk', words)).toBe('WATERMARK');
});

test('suggests nothing that is not a likely misspelling', () => {
  expect(nearestName('volume', ['price', 'symbol'])).toBeUndefined();
  expect(nearestName('a', ['b', 'c'])).toBeUndefined();
  expect(nearestName('ab', ['a', 'b'])).toBeUndefined();
  expect(nearestName('x'.repeat(1000), ['y'.repeat(1000)])).toBeUndefined();
  expect(nearestName('abc', [])).toBeUndefined();
});

test('prefers the closest, and the first of equally close ones', () => {
  expect(nearestName('prices', ['priced', 'price'])).toBe('priced');
  expect(nearestName('user_id', ['userid', 'user_ids', 'User_Id'])).toBe('User_Id');
});

test('counts a swap of neighbours as one edit', () => {
  expect(nameDistance('from', 'form')).toBe(1);
  expect(nameDistance('', 'abc')).toBe(3);
  expect(nameDistance('kitten', 'sitting')).toBe(3);
});
