import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { openSource } from '../../src/connectors/registry.ts';
import type { TypeKind } from '../../src/data/type.ts';
import { testMemory } from '../support/linear-memory.ts';
import { type MadeColumn, madeRecords, madeText, type Options, sourceNode } from './made-source.ts';

const memory = testMemory();
const column = (name: string, kind: TypeKind, more: Partial<MadeColumn> = {}): MadeColumn => ({
  name,
  type: { kind },
  ...more,
});
const text = (columns: readonly MadeColumn[], options: Options) =>
  madeText(memory, sourceNode('generator', columns, { seed: 1, rows: 5, ...options }));
/** The values of a single column. */
const values = (one: MadeColumn, options: Options) =>
  madeRecords(memory, sourceNode('generator', [one], { seed: 1, rows: 5, ...options })).map((row) => row[one.name]);
const errorOf = (one: MadeColumn, options: Options): string => {
  try {
    text([one], options);
  } catch (error) {
    expect(error).toBeInstanceOf(LaminarError);
    expect((error as LaminarError).code).toBe('LMN-5040');
    return `${(error as Error).message}; ${(error as LaminarError).hint}`;
  }
  throw new Error('expected an error');
};

describe('GENERATOR', () => {
  it('makes one record a row, its columns in order', () => {
    const columns = [column('id', 'BIGINT'), column('k"ö', 'VARCHAR'), column('ok', 'BOOLEAN')];
    expect(text(columns, { rows: 2, 'k"ö.values': 'a', 'ok.kind': 'cycle', 'ok.values': 'true,false' })).toBe(
      '{"id":0,"k\\"ö":"a","ok":true}\n{"id":1,"k\\"ö":"a","ok":false}\n',
    );
    expect(text([], { rows: 2 })).toBe('{}\n{}\n');
  });

  it('counts by start and step', () => {
    expect(values(column('n', 'INTEGER'), {})).toEqual([0, 1, 2, 3, 4]);
    expect(values(column('n', 'BIGINT'), { 'n.start': 10, 'n.step': -5 })).toEqual([10, 5, 0, -5, -10]);
    expect(values(column('n', 'DOUBLE'), { 'n.start': 0.5, 'n.step': 0.1 })).toEqual(
      [0, 1, 2, 3, 4].map((i) => 0.5 + i * 0.1),
    );
    expect(values(column('n', 'VARCHAR'), { 'n.kind': 'sequence', 'n.start': 7 })).toEqual(['7', '8', '9', '10', '11']);
    expect(values(column('n', 'BOOLEAN'), { 'n.kind': 'sequence' })).toEqual([false, true, false, true, false]);
    expect(values(column('Name', 'TINYINT'), { 'NAME.Start': 3, rows: 2 })).toEqual([3, 4]);
  });

  it('counts times by milliseconds from 2024 on, and by what it is told', () => {
    const day = 1_704_067_200_000;
    expect(values(column('t', 'TIMESTAMP'), { rows: 3 })).toEqual([day, day + 1, day + 2]);
    expect(values(column('t', 'TIMESTAMP', { unit: 's' }), { rows: 2, 't.step': '1m' })).toEqual([
      day / 1e3,
      day / 1e3 + 60,
    ]);
    const written = { 't.start': '2024-01-01 01:00:00.25+01:00', 't.step': 500_000, rows: 2 };
    expect(values(column('t', 'TIMESTAMP'), written)).toEqual([day + 250, day + 750]);
    expect(values(column('t', 'TIMESTAMP'), { 't.start': -1_500_000, rows: 1 })).toEqual([-1500]);
    expect(values(column('d', 'DATE'), { rows: 2 })).toEqual(['2024-01-01', '2024-01-02']);
    expect(values(column('d', 'DATE'), { rows: 2, 'd.start': '2023-12-25', 'd.step': '1 week' })).toEqual([
      '2023-12-25',
      '2024-01-01',
    ]);
  });

  it('draws whole numbers evenly from min to max, both included', () => {
    const drawn = values(column('n', 'INTEGER'), { rows: 10_000, 'n.min': -2, 'n.max': 3 }) as number[];
    for (let value = -2; value <= 3; value++) {
      expect(drawn.filter((n) => n === value).length / drawn.length).toBeCloseTo(1 / 6, 1);
    }
    expect(new Set(drawn).size).toBe(6);
    expect(new Set(values(column('n', 'SMALLINT'), { 'n.min': 5, 'n.max': 5 }))).toEqual(new Set([5]));
    const wide = text([column('n', 'BIGINT')], { rows: 1000, 'n.min': -(2 ** 63), 'n.max': 2 ** 63 - 1024 });
    const signs = wide.match(/-/g)?.length ?? 0;
    expect(signs).toBeGreaterThan(400);
    expect(signs).toBeLessThan(600);
  });

  it('draws doubles, letters, times and truths', () => {
    const doubles = values(column('x', 'DOUBLE'), { rows: 1000, 'x.min': 1, 'x.max': 2 }) as number[];
    expect(doubles.every((x) => x >= 1 && x < 2)).toBe(true);
    expect(doubles.reduce((a, b) => a + b) / 1000).toBeCloseTo(1.5, 1);
    const words = values(column('s', 'VARCHAR'), { rows: 1000, 's.min': 0, 's.max': 40 }) as string[];
    expect(new Set(words.map((word) => word.length)).size).toBe(41);
    expect(words.every((word) => /^[a-z]{0,40}$/.test(word))).toBe(true);
    expect((values(column('s', 'VARCHAR'), {}) as string[]).every((word) => word.length === 8)).toBe(true);
    const times = values(column('t', 'TIMESTAMP'), {
      rows: 100,
      't.min': '2024-01-01',
      't.max': '2024-01-01 00:00:01',
    });
    expect((times as number[]).every((t) => t >= 1_704_067_200_000 && t <= 1_704_067_201_000)).toBe(true);
    const days = values(column('d', 'DATE'), { rows: 500, 'd.kind': 'random' }) as string[];
    expect(days.every((day) => /^2024-\d\d-\d\d$/.test(day))).toBe(true);
    expect(new Set(values(column('b', 'BOOLEAN'), { rows: 50 }))).toEqual(new Set([true, false]));
  });

  it('takes values by chance, in turn, or the only one', () => {
    const drawn = values(column('k', 'VARCHAR'), { rows: 3000, 'k.values': 'a, b ,c' });
    for (const k of ['a', 'b', 'c']) expect(drawn.filter((v) => v === k).length / 3000).toBeCloseTo(1 / 3, 1);
    expect(values(column('k', 'VARCHAR'), { 'k.values': 'a,"q",', 'k.kind': 'cycle' })).toEqual([
      'a',
      '"q"',
      '',
      'a',
      '"q"',
    ]);
    expect(values(column('k', 'INTEGER'), { 'k.values': '1,-2,+3', 'k.kind': 'cycle', rows: 3 })).toEqual([1, -2, 3]);
    expect(values(column('k', 'DOUBLE'), { 'k.values': '.5,1e3', 'k.kind': 'cycle', rows: 2 })).toEqual([0.5, 1000]);
    expect(values(column('k', 'JSON'), { 'k.values': '{"a":[1,2]},null', 'k.kind': 'cycle', rows: 2 })).toEqual([
      { a: [1, 2] },
      null,
    ]);
    expect(values(column('k', 'DATE'), { 'k.values': '2024-02-29', rows: 1 })).toEqual(['2024-02-29']);
    expect(values(column('k', 'VARCHAR'), { 'k.values': 'x', 'k.kind': 'constant', rows: 2 })).toEqual(['x', 'x']);
    expect(values(column('k', 'BIGINT'), { 'k.start': 9, 'k.kind': 'constant', rows: 2 })).toEqual([9, 9]);
    expect(values(column('k', 'BOOLEAN'), { 'k.start': true, 'k.kind': 'constant', rows: 2 })).toEqual([true, true]);
  });

  it('makes the share of NULLs that it is told', () => {
    const drawn = values(column('n', 'INTEGER', { nullable: true }), { rows: 10_000, 'n.null_rate': 0.3 });
    expect(drawn.filter((n) => n === null).length / 10_000).toBeCloseTo(0.3, 1);
    expect(drawn[9999] === null || drawn[9999] === 9999).toBe(true);
    expect(values(column('n', 'INTEGER', { nullable: true }), { 'n.null_rate': 1 })).toEqual(Array(5).fill(null));
  });

  it('depends on the seed and the name of a column, not on other columns or the sizes of reads', () => {
    const columns = [column('a', 'DOUBLE'), column('b', 'VARCHAR'), column('c', 'BOOLEAN', { nullable: true })];
    const options = { rows: 500, 'c.null_rate': 0.5, 'b.min': 0, 'b.max': 100 };
    const whole = text(columns, options);
    const rows = whole
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(madeRecords(memory, sourceNode('generator', [columns[1]!], { seed: 1, ...options }))).toEqual(
      rows.map(({ b }) => ({ b })),
    );
    expect(text(columns, { ...options, seed: 2 })).not.toBe(whole);
    const node = sourceNode('generator', columns, { seed: 1, ...options });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        expect(madeText(memory, node, sizes) === whole).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('never ends without a number of rows', () => {
    const node = sourceNode('generator', [column('n', 'BIGINT')], {});
    const [reader] = openSource(node.connector, { node, memory });
    const address = memory.allocate(1 << 16);
    for (let i = 0; i < 100; i++) expect(reader!.read(memory, address, 1 << 16)).toBeGreaterThan(60_000);
    reader!.close();
  });
});

describe('GENERATOR refuses', () => {
  it.each<[string, MadeColumn, Options]>([
    [
      "n.kind cannot be 'primes'; use 'sequence', 'random', 'constant' or 'cycle'",
      column('n', 'INTEGER'),
      { 'n.kind': 'primes' },
    ],
    [
      "n.step has no use with kind 'random'; it takes min, max, values",
      column('n', 'INTEGER'),
      { 'n.step': 2, 'n.min': 1 },
    ],
    ["n.min cannot be '300'; use a whole number from -128 to 127", column('n', 'TINYINT'), { 'n.min': 300 }],
    ["n.start cannot be '1.5'; use a whole number", column('n', 'BIGINT'), { 'n.start': 1.5 }],
    ['n.max is below min', column('n', 'BIGINT'), { 'n.min': 5, 'n.max': 4 }],
    ["x.max cannot be 'many'; use a number", column('x', 'DOUBLE'), { 'x.max': 'many' }],
    ["t.start cannot be 'soon'; use a time", column('t', 'TIMESTAMP'), { 't.start': 'soon' }],
    ["t.step cannot be '1 month'; use a length of time", column('t', 'TIMESTAMP'), { 't.step': '1 month' }],
    ["d.step cannot be '1h'", column('d', 'DATE'), { 'd.step': '1h' }],
    ["d.start cannot be '2023-02-29'", column('d', 'DATE'), { 'd.start': '2023-02-29' }],
    ["n.values has 'x', which is no INTEGER", column('n', 'INTEGER'), { 'n.values': '1,x' }],
    ["j.values has '{a}', which is no JSON", column('j', 'JSON'), { 'j.values': '{a}' }],
    ['j.values is missing', column('j', 'JSON'), {}],
    ['k.values is missing', column('k', 'VARCHAR'), { 'k.kind': 'cycle' }],
    ['k.values has more than one value', column('k', 'VARCHAR'), { 'k.kind': 'constant', 'k.values': 'a,b' }],
    ["s.max cannot be '-1'", column('s', 'VARCHAR'), { 's.max': -1 }],
    ["n.null_rate cannot be '2'", column('n', 'INTEGER', { nullable: true }), { 'n.null_rate': 2 }],
    ['n.null_rate cannot be above 0 for a NOT NULL column', column('n', 'INTEGER'), { 'n.null_rate': 0.1 }],
    ['cannot make INTERVAL values', column('i', 'INTERVAL'), {}],
    ['cannot make a nested field (column n)', column('n', 'INTEGER', { path: ['a', 'b'] }), {}],
  ])('%s', (message, one, options) => {
    expect(errorOf(one, options)).toContain(message);
  });
});
