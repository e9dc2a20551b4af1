import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/data/batch.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, type TypeKind, VARCHAR } from '../../src/data/type.ts';
import { createCsvEncoder } from '../../src/formats/csv-encoder.ts';
import type { FormatOptions } from '../../src/formats/row-encoder.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';
import { randomBatch } from '../support/random-batch.ts';

const memory = testMemory();
const runs = often(300);

function encode(schema: Schema, rows: Value[][], options: FormatOptions = {}): string {
  return encodeRows(memory, createCsvEncoder(memory, schema, options), { schema, rows }).toString();
}
const two: Schema = [
  { name: 'a', type: VARCHAR, nullable: true },
  { name: 'b', type: BIGINT, nullable: true },
];

describe('CSV encoder', () => {
  it('quotes only what needs it', () => {
    const rows: Value[][] = ['plain', 'a,b', 'a"b', 'a\nb', 'a\rb', ' spaced ', 'a;b', ''].map((text) => [text, 1n]);
    expect(encode(two, rows)).toBe('a,b\nplain,1\n"a,b",1\n"a""b",1\n"a\nb",1\n"a\rb",1\n spaced ,1\na;b,1\n"",1\n');
  });

  it('writes the header once, or for no rows at all, or not', () => {
    expect(encode(two, [])).toBe('a,b\n');
    expect(encode(two, [], { header: false })).toBe('');
    expect(encode(two, [['x', 1n]], { header: false })).toBe('x,1\n');
    const names: Schema = ['a,b', 'say "x"', 'c'].map((name) => ({ name, type: BIGINT, nullable: false }));
    expect(encode(names, [[1n, 2n, 3n]])).toBe('"a,b","say ""x""",c\n1,2,3\n');
  });

  it('tells NULL from a text that looks like it', () => {
    const rows: Value[][] = [
      [null, null],
      ['NULL', 0n],
      ['', 1n],
    ];
    expect(encode(two, rows)).toBe('a,b\n,\n"",1\n'.replace('"",1', 'NULL,0\n"",1'));
    expect(encode(two, rows, { null: 'NULL' })).toBe('a,b\nNULL,NULL\n"NULL",0\n,1\n');
  });

  it('quotes a text that would be taken for a blank line or a byte order mark', () => {
    const one: Schema = [{ name: 'a', type: VARCHAR, nullable: false }];
    expect(encode(one, [[''], ['x']], { null: 'NULL', header: false })).toBe('""\nx\n');
    expect(encode(two, [['\ufeffx', 1n]], { header: false })).toBe('"\ufeffx",1\n');
    expect(encode(two, [['', 1n]], { null: 'NULL', header: false })).toBe(',1\n');
  });

  it('quotes numbers and times whose text could be misread', () => {
    expect(encode(two, [['x', 0n]], { null: '0', header: false })).toBe('x,"0"\n');
    const time: Schema = [
      { name: 't', type: TIMESTAMP, nullable: false },
      { name: 'u', type: BOOLEAN, nullable: false },
    ];
    expect(encode(time, [[0n, true]], { delimiter: ':', header: false })).toBe('"1970-01-01T00:00:00Z":"true"\n');
  });

  it('follows its options', () => {
    expect(encode(two, [["a;'b", 1n]], { delimiter: ';', quote: "'" })).toBe("a;b\n'a;''b';1\n");
    expect(encode(two, [['a,b', 1n]], { delimiter: '\\t' })).toBe('a\tb\na,b\t1\n');
    const double: Schema = [{ name: 'd', type: DOUBLE, nullable: false }];
    expect(encode(double, [[Infinity]], { non_finite: 'string', header: false })).toBe('Infinity\n');
    expect(encode(double, [[Infinity]], { null: '-', header: false })).toBe('-\n');
    const time: Schema = [{ name: 't', type: TIMESTAMP, nullable: false }];
    expect(encode(time, [[1_500_000n]], { timestamp_format: 's', header: false })).toBe('1.5\n');
    expect(() => encode(two, [], { delimiter: '"' })).toThrow('option quote cannot be');
    expect(() => encode(two, [], { delimiter: '||' })).toThrow('option delimiter cannot be');
    expect(() => encode(two, [], { null: 'a,b' })).toThrow('option null cannot be');
  });

  it('writes records that a reference reader splits into the same fields', () => {
    const marks = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t', '|', 'a', ':', '1'),
      quote: fc.constantFrom('"', "'", '`'),
      null: fc.constantFrom('', 'NULL', 'x', '-', 'true'),
    });
    fc.assert(
      fc.property(randomBatch(), marks, ({ schema, rows }, options) => {
        fc.pre(!options.null.includes(options.delimiter));
        const out = encode(schema, rows, options);
        const [header, ...records] = parseCsv(out, options);
        expect(header?.map((field) => field.text)).toStrictEqual(schema.map((column) => column.name));
        const expected = rows.map((row) => row.map((value, c) => expectedField(schema[c]?.type.kind, value)));
        const got = records.map((record) =>
          record.map((field) => (!field.isQuoted && field.text === options.null ? null : field.text)),
        );
        expect(got.map((record) => record.length)).toStrictEqual(rows.map(() => schema.length));
        for (const [r, record] of expected.entries()) {
          for (const [c, field] of record.entries()) if (field !== undefined) expect(got[r]?.[c]).toBe(field);
        }
      }),
      { numRuns: runs },
    );
  });
});

/** What a field reads as; undefined where the printing has tests of its own. */
function expectedField(kind: TypeKind | undefined, value: Value): string | null | undefined {
  if (value === null || (kind === 'DOUBLE' && !Number.isFinite(value))) return null;
  if (kind === 'TIMESTAMP' || kind === 'DATE' || kind === 'INTERVAL') return undefined;
  return Object.is(value, -0) ? '-0' : String(value);
}

interface Field {
  text: string;
  isQuoted: boolean;
}

/** A reader of RFC 4180, one character after another. */
function parseCsv(text: string, marks: { delimiter: string; quote: string }): Field[][] {
  const records: Field[][] = [];
  let record: Field[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    const isQuoted = text[at] === marks.quote;
    if (isQuoted) {
      at += 1;
      for (;;) {
        const end = text.indexOf(marks.quote, at);
        expect(end).toBeGreaterThanOrEqual(0);
        field += text.slice(at, end);
        at = end + 1;
        if (text[at] !== marks.quote) break;
        field += marks.quote;
        at += 1;
      }
    } else {
      while (text[at] !== marks.delimiter && text[at] !== '\n') {
        field += text[at];
        at += 1;
      }
    }
    record.push({ text: field, isQuoted });
    expect([marks.delimiter, '\n']).toContain(text[at]);
    if (text[at] === '\n') {
      records.push(record);
      record = [];
    }
    at += 1;
  }
  expect(record).toStrictEqual([]);
  return records;
}
