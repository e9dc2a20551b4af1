import { expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { placeOf, plainError, renderError } from '../../src/sql/render-error.ts';

function at(text: string, what: string, hint?: string): LaminarError {
  const start = text.indexOf(what);
  const details = { at: { span: { start, end: start + what.length } } };
  return new LaminarError('LMN-1001', `unexpected ${what}`, hint === undefined ? details : { ...details, hint });
}

test('shows file, line, column, the line, a caret under the span, and the hint', () => {
  const text = 'SET a = 1;\n\nSELECT a FORM t;\n';
  expect(renderError(at(text, 'FORM', 'did you mean FROM?'), text, 'bars.lsql')).toBe(
    [
      'bars.lsql:3:10: error LMN-1001: unexpected FORM',
      '',
      ' 3 | SELECT a FORM t;',
      '   |          ^~~~',
      '',
      'hint: did you mean FROM?',
    ].join('\n'),
  );
});

test('puts the caret under its text behind tabs and wide and combining characters', () => {
  for (const before of ['\tx', '数据', 'e\u0301', '👍', '\uFEFF', 'ab\t']) {
    const text = `${before}FORM`;
    const [, , line, caret] = renderError(at(text, 'FORM'), text, 'f').split('\n');
    const shown = line!.slice(0, line!.indexOf('FORM'));
    const cells = [...shown].reduce((n, c) => n + (c === '\u0301' ? 0 : /[数据👍]/u.test(c) ? 2 : 1), 0);
    expect(caret!.indexOf('^'), JSON.stringify(before)).toBe(cells);
  }
});

test('counts columns in characters, not in UTF-16 units, and a BOM is none', () => {
  expect(placeOf('👍👍x', 4)).toEqual({ line: 1, column: 3 });
  expect(placeOf('\uFEFFx', 1)).toEqual({ line: 1, column: 1 });
  expect(placeOf('a\nb', 99)).toEqual({ line: 2, column: 2 });
  expect(placeOf('a\n\nb', 2)).toEqual({ line: 2, column: 1 });
});

test('cuts a long line around the marked part', () => {
  const text = `${'a'.repeat(500)} FORM ${'b'.repeat(500)}`;
  const [, , line, caret] = renderError(at(text, 'FORM'), text, 'f').split('\n');
  expect(line!.length).toBeLessThan(130);
  expect(line!.slice(caret!.indexOf('^'), caret!.indexOf('^') + 4)).toBe('FORM');
});

test('marks the first line of a span over several lines, and the end of a file', () => {
  const text = "SELECT 'a\nb' x\r\n";
  const rendered = renderError(at(text, "'a\nb'"), text, 'f').split('\n');
  expect(rendered.slice(-2)).toEqual([" 1 | SELECT 'a", '   |        ^~']);
  const end = new LaminarError('LMN-1001', 'm', { at: { span: { start: text.length, end: text.length } } });
  expect(renderError(end, text, 'f').split('\n').slice(2)).toEqual([' 3 |', '   | ^']);
});

test('an error without a place names what it is about', () => {
  expect(renderError(new LaminarError('LMN-1001', 'm', { at: { name: 'source t' } }), '', 'f')).toBe(
    'f: source t: error LMN-1001: m',
  );
});

test('colours only when asked', () => {
  const text = 'SELECT a FORM t';
  expect(renderError(at(text, 'FORM'), text, 'f')).not.toContain('\u001B');
  expect(renderError(at(text, 'FORM'), text, 'f', { color: true })).toContain('\u001B[1;31m^~~~\u001B[0m');
});

test('gives programs lines and columns from 1 with an exclusive end', () => {
  const text = '\nSELECT a FORM t';
  expect(plainError(at(text, 'FORM', 'h'), text, 'f.lsql')).toEqual({
    code: 'LMN-1001',
    message: 'unexpected FORM',
    file: 'f.lsql',
    line: 2,
    column: 10,
    endLine: 2,
    endColumn: 14,
    hint: 'h',
  });
});
