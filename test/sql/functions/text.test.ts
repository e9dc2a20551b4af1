// Functions of text, encodings and numbers that run in JavaScript, against DuckDB.

import { beforeAll, describe, expect, it } from 'vitest';
import { BIGINT, type DataType, DOUBLE } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, randomRows } from '../../support/expression-oracle.ts';
import {
  bigint,
  call,
  castTo,
  column,
  double,
  int,
  literal,
  type Twin,
  testSchema,
  text,
} from '../../support/expressions.ts';

const rows = randomRows(testSchema, 200, 19);
const one = rows.slice(0, 1);
let compiled: Compiled;
let oracle: Oracle;
let oneRow: Oracle;

beforeAll(async () => {
  compiled = new Compiled(testSchema);
  oracle = await Oracle.create(testSchema, rows);
  oneRow = await Oracle.create(testSchema, one);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const c = (name: string): Twin => column(name);
const resultOf = (twin: Twin) => compiled.evaluate(twin.bound, one)[0];
/** Ours, and what DuckDB calls it. */
const as = (twin: Twin, sql: string): Twin => ({ ...twin, sql });

describe('text functions equal DuckDB', () => {
  it('of one text', async () => {
    const names = ['strip_accents', 'nfc_normalize', 'md5', 'sha1', 'sha256', 'hex', 'to_hex', 'bin', 'url_encode'];
    await agrees(...names.flatMap((name) => [call(name, c('varchar_a')), call(name, c('varchar_b'))]));
    await agrees(
      as(call('to_base64', c('varchar_b')), 'base64(encode(varchar_b))'),
      as(call('from_base64', call('to_base64', c('varchar_a'))), 'varchar_a'),
      as(call('unhex', call('hex', c('varchar_a'))), 'varchar_a'),
      as(call('decode', call('encode', c('varchar_b'), text('BASE64')), text('base64')), 'varchar_b'),
      as(call('decode', call('encode', c('varchar_b'), text('hex')), text('hex')), 'varchar_b'),
      call('url_decode', call('url_encode', c('varchar_a'))),
    );
  });

  it('url_decode of what is no encoding', async () => {
    await agrees(
      ...['%', '%4', '%zz', 'a+b', '%41%', '%e9', '%C3%A9%20', '100%'].map((s) => call('url_decode', text(s))),
    );
  });

  it('of two texts', async () => {
    const names = ['levenshtein', 'damerau_levenshtein', 'hamming', 'jaccard'];
    const words = ['', 'a', 'kitten', 'ca', 'abc', '日本', 'foxes'];
    await agrees(
      ...names.flatMap((name) => [
        call(name, c('varchar_a'), c('varchar_b')),
        ...words.map((word) => call(name, c('varchar_b'), text(word))),
        call(name, text('kitten'), text('sittin')),
        call(name, text('ca'), text('abc')),
        call(name, text('abcdef'), text('badcfe')),
      ]),
    );
  });

  it('translate', async () => {
    const sets = [
      ['abc', 'xyz'],
      ['abc', 'x'],
      ['', 'x'],
      ['aab', 'xyz'],
      ['日ö ', '本o_'],
      ['a', ''],
    ] as const;
    await agrees(...sets.map(([from, to]) => call('translate', c('varchar_a'), text(from), text(to))));
    await agrees(call('translate', c('varchar_a'), c('varchar_b'), c('varchar_c')));
  });

  it('numbers in other bases, and of bytes', async () => {
    await agrees(
      ...['hex', 'bin'].flatMap((name) => [call(name, c('bigint_a')), call(name, c('integer_b'))]),
      call('to_base', c('bigint_a'), int(7)),
      call('to_base', c('bigint_b'), int(36), int(5)),
      call('to_base', c('integer_b'), int(1)),
      call('format_bytes', c('bigint_a')),
      ...[0, 1, 1023, 1024, 1500, 1_048_575, 1_048_576].map((n) => call('format_bytes', int(n))),
    );
  });
});

describe('numbers equal DuckDB', () => {
  it('divisors, even numbers, hyperbolic functions', async () => {
    await agrees(
      call('gcd', c('bigint_a'), c('bigint_b')),
      call('lcm', c('bigint_a'), c('integer_b')),
      call('gcd', c('integer_a'), c('integer_b')),
      ...[-1, 0, 1, 5, 20].map((n) => as(call('factorial', int(n)), `factorial(${n})`)),
      call('even', c('double_b')),
      call('signbit', c('double_a')),
      ...['sinh', 'cosh', 'tanh', 'asinh', 'cot'].map((name) => call(name, call('round', c('double_b'), int(2)))),
      ...[-2, -0.5, 0, 0.5, 1, 2].map((n) => call('atanh', double(n))),
      call('acosh', call('+', call('abs', c('double_b')), double(1))),
    );
  });

  it('width_bucket as PostgreSQL has it', () => {
    const bucket = (...values: number[]) =>
      resultOf(call('width_bucket', ...values.slice(0, 3).map(double), int(values[3] as number)));
    expect(bucket(5.35, 0.024, 10.06, 5)).toBe(3);
    expect([bucket(-1, 0, 10, 5), bucket(0, 0, 10, 5), bucket(10, 0, 10, 5), bucket(9.99, 0, 10, 5)]).toEqual([
      0, 1, 6, 5,
    ]);
    expect([bucket(10, 10, 0, 5), bucket(11, 10, 0, 5), bucket(0, 10, 0, 5)]).toEqual([1, 0, 6]);
    expect(bucket(1, 0, 0, 5)).toEqual({ error: 16, site: 0 });
    expect(bucket(1, 0, 1, 0)).toEqual({ error: 16, site: 0 });
  });
});

const DOUBLES = [
  0,
  -0,
  1,
  -1.5,
  0.5,
  1.5,
  2.5,
  2.25,
  0.125,
  3.14151,
  1234567.891,
  1e15,
  1e16,
  1e21,
  1e-4,
  1e-5,
  1e-10,
  0.1,
  1 / 3,
];
const INTEGERS = [0n, 1n, -1n, 42n, -255n, 1_234_567n, -(2n ** 63n), 2n ** 63n - 1n];
const TEXTS = ['', 'a', 'abcdef', '日本', '😀x'];

const typed = (value: string | number | bigint | boolean): Twin => {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'bigint') return castTo(bigint(value), BIGINT);
  const type: DataType = typeof value === 'boolean' ? { kind: 'BOOLEAN' } : DOUBLE;
  return literal(value, type);
};

describe('format and printf equal DuckDB', () => {
  const forms = async (
    list: readonly string[],
    values: readonly (string | number | bigint | boolean)[],
    name = 'format',
  ) => {
    const twins = list.flatMap((form) => values.map((value) => call(name, text(form), typed(value))));
    expect(await differences(twins, one, { compiled, oracle: oneRow })).toEqual([]);
  };

  it('doubles', async () => {
    await forms(
      [
        '{}',
        '{:f}',
        '{:.0f}',
        '{:.1f}',
        '{:.2f}',
        '{:e}',
        '{:.3e}',
        '{:E}',
        '{:g}',
        '{:.3g}',
        '{:.3}',
        '{:+.1f}',
        '{: f}',
      ],
      DOUBLES,
    );
    await forms(['{:12.2f}|', '{:<12.2f}|', '{:^12.2f}|', '{:*>12.1f}', '{:012.3f}', '{:,.2f}', '{:d}'], DOUBLES);
  });

  it('integers', async () => {
    await forms(
      ['{}', '{:d}', '{:x}', '{:X}', '{:#x}', '{:b}', '{:o}', '{:+d}', '{: d}', '{:,}', '{:_}', '{:.1}'],
      INTEGERS,
    );
    await forms(['{:8}|', '{:<8d}|', '{:^8}|', '{:08d}|', '{:f}', '{:>08d}|', '{:#010x}'], INTEGERS);
  });

  it('texts and booleans', async () => {
    await forms(['{}', '{:s}', '{:6}|', '{:>6}|', '{:^6}|', '{:-<6}|', '{:.2}|', '{:6.1s}|', '{:d}'], TEXTS);
    await forms(['{}', '{:6}|', '{:d}'], [true, false]);
  });

  it('several arguments, by turn and by number', async () => {
    const d = (value: string) => castTo(text(value), { kind: 'DATE' });
    await agrees(
      call('format', text('{} of {}: {:.1f}%'), c('integer_b'), c('bigint_a'), double(12.34)),
      call('format', text('{1}-{0}-{1}'), c('varchar_a'), c('boolean_b')),
      call('format', text('{{{}}}'), c('varchar_b')),
      call('format', text('none')),
      call('format', text('{} {}'), text('a')),
      call('format', text('{1}{}'), text('a'), text('b')),
      call('format', text('{'), int(1)),
      call('format', text('}'), int(1)),
      call('format', text('{a}'), int(1)),
      as(call('format', text('{}'), d('2024-02-29')), "format('{}', DATE '2024-02-29')"),
      call('printf', text('%s is %d'), c('varchar_b'), c('integer_b')),
      call('printf', text('%2$s %1$s'), text('a'), text('b')),
      call('printf', text('%*d|'), int(7), int(42)),
      call('printf', text('%d'), text('a')),
      call('printf', text('%d %d'), int(1)),
      call('printf', text('100%%')),
    );
  });

  it('printf of one value', async () => {
    await forms(
      ['%f', '%.2f', '%8.1f|', '%-8.1f|', '%08.2f', '%+f', '%e', '%g', '%G', '%,.2f', '%d'],
      DOUBLES,
      'printf',
    );
    await forms(
      ['%d', '%i', '%5d|', '%-5d|', '%05d', '%+d', '% d', '%x', '%X', '%#x', '%o', '%,d', '%ld', '%f'],
      INTEGERS,
      'printf',
    );
    await forms(['%s', '%8s|', '%-8s|', '%.2s', '%d'], TEXTS, 'printf');
  });
});

describe('beyond DuckDB', () => {
  it('takes any value for %s', () => {
    expect(resultOf(call('printf', text('%s %s'), int(5), double(1.5)))).toBe('5 1.5');
  });

  it('capitals of words', () => {
    expect(resultOf(call('initcap', text('élan vital o’neil 3d x_y ß')))).toBe('Élan Vital O’Neil 3d X_Y SS');
  });

  it('checksums', () => {
    expect(resultOf(call('crc32', text('The quick brown fox jumps over the lazy dog')))).toBe(0x414fa339n);
    expect(resultOf(call('sha512', text('')))).toMatch(/^cf83e1357eefb8bd/);
    const hashes = ['', 'a', 'b', 'é'].map((s) => resultOf(call('hash', text(s))) as bigint);
    expect(new Set(hashes).size).toBe(4);
    for (const hash of hashes) expect(hash >= 0n && hash < 2n ** 63n).toBe(true);
  });

  it('what is decoded must be text', () => {
    const failure = { error: 16, site: 0 };
    for (const [name, value] of [
      ['from_base64', '/w=='],
      ['from_base64', 'eA'],
      ['unhex', 'ff'],
      ['unhex', 'zz'],
      ['url_decode', '%ff'],
    ] as const) {
      expect(resultOf(call(name, text(value)))).toEqual(failure);
    }
    expect(() => compiled.compile(call('encode', c('varchar_a'), text('rot13')).bound)).toThrow("no encoding 'rot13'");
    expect(resultOf(call('unhex', text('7')))).toBe('\x07');
  });

  it('NULL formats and arguments give NULL', () => {
    expect(resultOf(call('format', text('{}'), literal(null, { kind: 'NULL' })))).toBeNull();
    expect(resultOf(call('printf', literal(null, { kind: 'NULL' }), int(1)))).toBeNull();
  });
});
