import { beforeAll, describe, expect, it } from 'vitest';
import type { Schema } from '../../../src/data/schema.ts';
import { VARCHAR } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, type Row } from '../../support/expression-oracle.ts';
import { call, column, int, type Twin, text } from '../../support/expressions.ts';

const TEXTS = [
  '',
  'a',
  'abc',
  'ABC abc',
  'foo.bar-baz_9',
  'GET /api/users?id=42 200',
  '2024-02-29T12:34:56Z',
  'line one\nline two\n',
  'tab\there',
  'é日本語😀 mixed',
  '😀😀',
  'aaa bbb aaa',
  '$1 and \\1 [x] {y} (z) ^',
  'a]b}c',
  'x\u00a0y',
];

const PATTERNS = [
  'a',
  'A',
  '',
  '^a',
  'c$',
  '.',
  '...',
  'a+b*',
  '(a|b)+',
  '(\\w+) (\\w+)',
  '(\\d{4})-(\\d\\d)-(\\d\\d)',
  '\\d+',
  '\\D+',
  '\\W',
  '\\s',
  '\\S+',
  '\\bline\\b',
  '[[:alpha:]]+',
  '[[:digit:][:space:]_]+',
  '[^[:alnum:]]',
  '[[:^alpha:]]',
  '[]a]',
  '[^]a]',
  '[a-c.]+',
  '[\\w.-]+',
  'a]b',
  'b}',
  'x{2',
  'a{2,3}',
  '(?i)ABC',
  '(?s)one.line',
  'one.line',
  '(?:ab)(c)',
  '(?P<year>\\d{4})',
  '\\Aa',
  'a\\z',
  '\\Q[x]\\E',
  '\\x{e9}',
  '\\x41',
  '\\pL+',
  '\\p{Lu}',
  '\\PL',
  '\\p{Han}+',
  '[\\p{Han}a]',
  'a*?',
  '日本',
  '[日😀]',
  '.😀',
  '^$',
  'one$',
  '^line two',
  '/',
  '\\/',
  '\\-',
  '[\\-x]',
  '\\.',
];

const schema: Schema = [
  { name: 'id', type: { kind: 'INTEGER' }, nullable: false },
  { name: 'a', type: VARCHAR, nullable: false },
  { name: 'b', type: VARCHAR, nullable: true },
  { name: 'p', type: VARCHAR, nullable: true },
];
const rows: Row[] = TEXTS.flatMap((a, i) =>
  PATTERNS.filter((_, n) => n % 7 === i % 7).map((p, n): Row => [0, a, n % 5 === 0 ? null : a, n % 6 === 5 ? null : p]),
).map((row, id) => [id, ...row.slice(1)]);

let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(schema);
  oracle = await Oracle.create(schema, rows);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const a = column('a', schema);
const b = column('b', schema);
const p = column('p', schema);

describe('regular expressions equal DuckDB', () => {
  it('constant patterns that match a part or the whole', async () => {
    await agrees(
      ...PATTERNS.flatMap((pattern) => [
        call('regexp_matches', a, text(pattern)),
        call('regexp_full_match', b, text(pattern)),
        call('regexp_matches', b, text(pattern), text('i')),
        call('regexp_full_match', a, text(pattern), text('s')),
      ]),
    );
  });

  it('patterns that change from row to row', async () => {
    await agrees(
      call('regexp_matches', a, p),
      call('regexp_full_match', b, p),
      call('regexp_extract', a, p),
      call('regexp_replace', a, p, text('<\\0>'), text('g')),
      call('regexp_matches', text('ABC abc 日本'), p, text('i')),
    );
  });

  it('what a group matched', async () => {
    await agrees(
      ...PATTERNS.flatMap((pattern) => [
        call('regexp_extract', b, text(pattern)),
        call('regexp_extract', a, text(pattern), int(0)),
        call('regexp_extract', a, text(pattern), int(1), text('i')),
      ]),
      call('regexp_extract', a, text('(\\d+)-(\\d+)-(\\d+)'), int(3)),
    );
  });

  it('replacements, first and all, with references', async () => {
    const replacements = ['', 'x', '<\\0>', '\\1', '[\\1|\\2]', '$1$&', '\\\\', '\\', '\\q', 'é😀'];
    await agrees(
      ...PATTERNS.flatMap((pattern, n) => [
        call('regexp_replace', a, text(pattern), text(replacements[n % replacements.length] as string)),
        call(
          'regexp_replace',
          b,
          text(pattern),
          text(replacements[(n + 3) % replacements.length] as string),
          text('g'),
        ),
        call('regexp_replace', a, text(pattern), text('_'), text('gi')),
      ]),
    );
  });
});

describe('beyond DuckDB', () => {
  const one = rows.slice(0, 1);
  const resultOf = (twin: Twin) => compiled.evaluate(twin.bound, one)[0];

  it('counts matches without overlaps, characters and not code units', () => {
    expect(resultOf(call('regexp_count', text('aXbXc'), text('x'), text('i')))).toBe(2n);
    expect(resultOf(call('regexp_count', text('aaaa'), text('aa')))).toBe(2n);
    expect(resultOf(call('regexp_count', text('😀😀'), text('.')))).toBe(2n);
  });

  it('reads lookahead and backreferences of a pattern, which RE2 refuses', () => {
    expect(resultOf(call('regexp_matches', text('abab'), text('(ab)\\1')))).toBe(true);
    expect(resultOf(call('regexp_extract', text('price: 12 EUR'), text('\\d+(?= EUR)')))).toBe('12');
  });

  it('refuses a constant pattern or option before the run, with its place', () => {
    const place = { span: { start: 7, end: 9 } };
    const at = (twin: Twin): Twin => ({ ...twin, bound: { ...twin.bound, span: place.span } });
    const refused =
      (...operands: Twin[]) =>
      () =>
        compiled.compile(call('regexp_matches', ...operands).bound);
    for (const pattern of ['(', 'a)', '[a', '*', 'a**', '[z-a]', '[[:nope:]]', '\\', '\\C', '(?<n']) {
      expect(refused(a, at(text(pattern))), pattern).toThrow(expect.objectContaining({ code: 'LMN-3006', at: place }));
    }
    expect(refused(a, text('a'), at(text('x')))).toThrow("no option 'x'");
    expect(refused(a, text('a'), at(text('g')))).toThrow('for regexp_replace only');
    expect(refused(a, p, at(text('x')))).toThrow("no option 'x'");
  });

  it('an impossible pattern in a row is an error of that row', () => {
    const wrong = compiled.evaluate(call('regexp_matches', a, call('concat', text('('), p)).bound, rows.slice(0, 3));
    expect(wrong).toEqual([1, 2, 3].map(() => ({ error: 16, site: 0 })));
  });
});
