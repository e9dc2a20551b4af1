import { describe, expect, test } from 'vitest';
import { bar, sparkline } from '../../../src/cli/dashboard/bars.ts';
import {
  cellsOf,
  cut,
  cutLine,
  cutMiddle,
  pad,
  paint,
  printable,
  span,
  spread,
  wrap,
} from '../../../src/cli/dashboard/text.ts';

describe('cells', () => {
  test.each([
    ['trades', 6],
    ['貿易', 4],
    ['한국어', 6],
    ['e\u0301a', 2],
    ['🚀', 2],
    ['µs → ▁█▸…', 9],
    ['', 0],
  ])('%s takes %d', (text, cells) => expect(cellsOf(text)).toBe(cells));

  test.each([
    ['trades', 6, 'trades'],
    ['trades', 5, 'trad…'],
    ['trades', 1, '…'],
    ['trades', 0, ''],
    // A wide character is not cut in two.
    ['貿易所', 4, '貿…'],
    ['貿易所', 5, '貿易…'],
  ])('%s cut to %d is %s', (text, cells, expected) => expect(cut(text, cells)).toBe(expected));

  test.each([
    ['part-0001.ndjson', 16, 'part-0001.ndjson'],
    ['part-0001.ndjson', 11, 'par….ndjson'],
    ['part-0001.ndjson', 2, '…n'],
    ['貿易所の取引', 7, '貿…取引'],
  ])('%s cut in the middle to %d is %s', (text, cells, expected) => expect(cutMiddle(text, cells)).toBe(expected));

  test('a padded text has exactly its width', () => {
    expect(pad('ab', 4)).toBe('ab  ');
    expect(pad('ab', 4, 'right')).toBe('  ab');
    expect(cellsOf(pad('貿易所', 4))).toBe(4);
  });

  test('what would move the cursor is not printed', () => {
    expect(printable('a\u001B[2Jb\nc\u202Ed')).toBe('a?[2Jb?c?d');
  });
});

describe('lines', () => {
  test('a line is cut in the span that does not fit', () => {
    const line = [span('abc', 'strong'), span('def'), span('g')];
    expect(cutLine(line, 5)).toEqual([span('abc', 'strong'), span('d…')]);
    expect(cutLine(line, 7)).toEqual(line);
  });

  test('the right part stays where both do not fit', () => {
    expect(paint(spread([span('left')], [span('right')], 12), false)).toBe('left   right');
    expect(paint(spread([span('left')], [span('right')], 8), false)).toBe('l… right');
    expect(paint(spread([span('left')], [], 4), false)).toBe('left');
  });

  test.each([
    ['short', ['short']],
    ['one two three four', ['one two', 'three four']],
    ['one two three four five', ['one two', 'three fou…']],
    ['abcdefghijklmnop', ['abcdefghij', 'klmnop']],
  ])('%s is broken at blanks', (text, lines) => expect(wrap(text, 10, 2)).toEqual(lines));

  test('without colours a line has no escape sequence', () => {
    const line = [span('a', 'bad'), span('b', 'dim'), span('c', 'strong')];
    expect(paint(line, false)).toBe('abc');
    expect(paint(line, true)).toBe('\u001B[31ma\u001B[39m\u001B[2mb\u001B[22m\u001B[1mc\u001B[22m');
  });
});

describe('shapes', () => {
  test('a sparkline is scaled from zero to the greatest, the newest last', () => {
    expect(sparkline([0, 1, 2, 4, 7], 7)).toBe('  ▁▂▃▅█');
    expect(sparkline([9, 9, 0, 7], 2)).toBe('▁█');
    expect(sparkline([0, 0], 2)).toBe('▁▁');
    expect(sparkline([], 3)).toBe('   ');
    expect(sparkline([1], 0)).toBe('');
  });

  test('a bar never leaves its cells', () => {
    expect([0, 0.04, 0.42, 1, 1.7, -1].map((share) => bar(share, 10))).toEqual([
      '░░░░░░░░░░',
      '░░░░░░░░░░',
      '████░░░░░░',
      '██████████',
      '██████████',
      '░░░░░░░░░░',
    ]);
  });
});
