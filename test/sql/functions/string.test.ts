import { beforeAll, describe, expect, it } from 'vitest';
import { INTEGER, VARCHAR } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, randomRows } from '../../support/expression-oracle.ts';
import { bigint, call, column, int, literal, type Twin, testSchema, text } from '../../support/expressions.ts';

const rows = randomRows(testSchema, 400, 11);
let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(testSchema);
  oracle = await Oracle.create(testSchema, rows);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const c = (name: string): Twin => column(name);

describe('string functions equal DuckDB', () => {
  it('of one string', async () => {
    const names = ['upper', 'lower', 'ucase', 'lcase', 'length', 'len', 'strlen', 'bit_length', 'reverse'];
    const more = ['trim', 'ltrim', 'rtrim', 'ascii', 'unicode', 'ord'];
    await agrees(...[...names, ...more].flatMap((name) => [call(name, c('varchar_a')), call(name, c('varchar_b'))]));
  });

  it('of two strings', async () => {
    const names = [
      '||',
      'concat',
      'contains',
      'starts_with',
      'prefix',
      'ends_with',
      'suffix',
      'strpos',
      'instr',
      'trim',
      'rtrim',
      'ltrim',
    ];
    const literals = ['', 'a', 'ö', 'fox', 'abcdefghij', ',', ' '];
    await agrees(
      ...names.flatMap((name) => [
        call(name, c('varchar_a'), c('varchar_b')),
        call(name, c('varchar_b'), c('varchar_a')),
        ...literals.map((value) => call(name, c('varchar_b'), text(value))),
        call(name, text('the quick brown fox, abc 日本語'), c('varchar_b')),
      ]),
    );
  });

  it('cutting at any position, from both ends and beyond', async () => {
    const positions = [0, 1, 2, 3, 5, 9, 100, -1, -2, -5, -100];
    await agrees(
      ...positions.flatMap((n) => [
        call('left', c('varchar_a'), int(n)),
        call('right', c('varchar_b'), int(n)),
        call('substring', c('varchar_a'), int(n)),
        ...positions.map((m) => call('substr', c('varchar_b'), int(n), int(m))),
        call('split_part', c('varchar_a'), text(','), int(n)),
        call('split_part', c('varchar_b'), text(''), int(n)),
        call('split_part', c('varchar_a'), c('varchar_b'), int(n)),
      ]),
      call('left', c('varchar_a'), c('integer_b')),
      call('right', c('varchar_a'), bigint(-9_223_372_036_854_775_807n)),
    );
  });

  it('padding, repeating and replacing', async () => {
    const counts = [0, 1, 3, 7, 20, -3];
    await agrees(
      ...counts.flatMap((n) => [
        call('lpad', c('varchar_a'), int(n), text('xy')),
        call('rpad', c('varchar_b'), int(n), text('é日')),
        call('lpad', c('varchar_b'), int(n), c('varchar_c')),
        call('repeat', c('varchar_b'), int(n)),
      ]),
      call('replace', c('varchar_a'), text('a'), text('ÄÄ')),
      call('replace', c('varchar_b'), text('aa'), text('')),
      call('replace', c('varchar_a'), c('varchar_b'), c('varchar_c')),
      call('chr', call('%', c('integer_b'), int(70_000))),
    );
  });

  it('joining any number of values of any type', async () => {
    await agrees(
      call('concat', c('varchar_b'), c('integer_b'), text('-'), c('boolean_b'), c('double_b'), c('date_b')),
      call('concat', literal(null, VARCHAR)),
      call('concat_ws', text(', '), c('varchar_b'), c('integer_b'), c('varchar_c')),
      call('concat_ws', c('varchar_b'), c('varchar_c'), literal(null, INTEGER), c('bigint_b'), text('')),
      call(
        '||',
        call('||', call('||', c('varchar_a'), text('/')), call('||', c('varchar_b'), c('integer_a'))),
        c('bigint_c'),
      ),
    );
  });
});

describe('LIKE equals DuckDB', () => {
  const patterns = [
    ...[
      '',
      '%',
      '%%',
      'abc',
      'a%',
      'abcdefgh%',
      '%c',
      '%fox',
      '%b%',
      '%quick%',
      'a%c',
      'a%a',
      'ab%bc',
      '_',
      '__',
      '_b_',
    ],
    ...[
      '%_',
      '_%',
      '%a%b%',
      '%o%o%',
      '日%',
      '_本_',
      '%語',
      '😀%',
      '% %',
      'a_c',
      'Ünï%',
      '%%a',
      'a%%',
      '%é',
      'Stra%',
      'ABC',
    ],
  ];
  it('with every form of literal pattern, and patterns from a column', async () => {
    await agrees(
      ...patterns.flatMap((pattern) => [
        call('like', c('varchar_a'), text(pattern)),
        call('ilike', c('varchar_b'), text(pattern)),
      ]),
      call('like', c('varchar_a'), c('varchar_b')),
      call('ilike', c('varchar_a'), c('varchar_b')),
    );
  });

  it('with an escape', async () => {
    await agrees(
      ...['a!%%', 'a!_c', '%!%%', '!%', 'a!!%', '%a%!%b%'].map((pattern) =>
        call('like', c('varchar_a'), text(pattern), text('!')),
      ),
      call('like', c('varchar_a'), text('a\\%b'), text('\\')),
      call('like', c('varchar_b'), text('a\\b'), text('')),
    );
  });
});

describe('dangers', () => {
  const one = rows.slice(0, 1);
  it('an escape at the end of a pattern, and one of several characters, are errors', () => {
    expect(compiled.evaluate(call('like', text('abc'), text('abc!'), text('!')).bound, one)).toEqual([
      { error: 4, site: 0 },
    ]);
    expect(compiled.evaluate(call('like', text('abc'), text('abc'), text('!!')).bound, one)).toEqual([
      { error: 4, site: 0 },
    ]);
  });
  it('strings that would fill memory are refused', () => {
    const long = call('repeat', text('abcdefgh'), bigint(10_000_000_000n));
    expect(compiled.evaluate(long.bound, one)).toEqual([{ error: 5, site: 0 }]);
    expect(compiled.evaluate(call('lpad', text('a'), int(2_000_000_000), text('x')).bound, one)).toEqual([
      { error: 5, site: 0 },
    ]);
  });
  it('padding with nothing, and characters that do not exist, are errors', () => {
    expect(compiled.evaluate(call('lpad', text('a'), int(3), text('')).bound, one)).toEqual([{ error: 4, site: 0 }]);
    for (const n of [-1, 0xd800, 0x110000]) {
      expect(compiled.evaluate(call('chr', int(n)).bound, one)).toEqual([{ error: 4, site: 0 }]);
    }
  });
  it('changes the case of every character as DuckDB does', async () => {
    const characters = Array.from({ length: 0x2000 }, (_, i) => i * 8 + 0x80).filter((n) => n < 0xd800 - 8);
    const schema = [
      { name: 'id', type: INTEGER, nullable: false },
      { name: 's', type: VARCHAR, nullable: false },
    ];
    const lines = characters.map((n, i) => [i, String.fromCodePoint(...Array.from({ length: 8 }, (_, k) => n + k))]);
    const engines = { compiled: new Compiled(schema), oracle: await Oracle.create(schema, lines) };
    const s = column('s', schema);
    expect(await differences([call('upper', s), call('lower', s), call('length', s)], lines, engines)).toEqual([]);
  });
});
