import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/data/batch.ts';
import { CHANGE } from '../../src/data/changelog.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT, VARCHAR } from '../../src/data/type.ts';
import { createEncoder } from '../../src/formats/registry.ts';
import { encodeRows } from '../support/encode.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const schema: Schema = [
  { name: 'k', type: VARCHAR, nullable: true },
  { name: 'n', type: BIGINT, nullable: false },
  CHANGE,
];

function encode(kind: string, rows: Value[][], options = {}, batchRows = 64): string[] {
  const encoder = createEncoder(kind, memory, schema, options);
  const text = encodeRows(memory, encoder, { schema, rows, batchRows }).toString();
  return text.split('\n').filter((line) => line !== '');
}

const ROWS: Value[][] = [
  ['a', 1n, 1],
  ['a', 1n, -2],
  ['a', 2n, 2],
  ['b', 5n, -1],
  // Halves of updates whose other half a filter took: they are no pair, though they stand together.
  ['c', 1n, -3],
  ['d', 2n, 4],
  // Nor are a deletion and an insertion.
  ['e', 1n, -1],
  ['f', 1n, 1],
  [null, 3n, -5],
];

describe('changes as a field', () => {
  const ops = ['+I', '-U', '+U', '-D', '-D', '+I', '-D', '+I', '-D'];

  it('is the first of a JSON object, whatever it is called', () => {
    const lines = encode('json', ROWS).map((line) => JSON.parse(line));
    expect(lines.map(({ op }) => op)).toEqual(ops);
    expect(lines[2]).toEqual({ op: '+U', k: 'a', n: 2 });
    expect(encode('json', ROWS.slice(0, 1), { op_column: 'what "kind"' })).toEqual([
      '{"what \\"kind\\"":"+I","k":"a","n":1}',
    ]);
  });

  it('is the first of a CSV record, in the header too, and quoted where it could be misread', () => {
    expect(encode('csv', ROWS.slice(0, 3), { op_column: 'change' })).toEqual([
      'change,k,n',
      '+I,a,1',
      '-U,a,1',
      '+U,a,2',
    ]);
    expect(encode('csv', ROWS.slice(0, 1), { null: '+I' })).toEqual(['op,k,n', '"+I",a,"1"']);
  });

  it('is not there where all rows are insertions', () => {
    const plain = schema.slice(0, 2);
    const encoder = createEncoder('json', memory, plain, { op_column: 'x' });
    const rows = ROWS.map((row) => row.slice(0, 2));
    expect(encodeRows(memory, encoder, { schema: plain, rows }).toString()).not.toContain('"x"');
  });
});

describe('debezium', () => {
  it('has an update as one envelope, and the time of writing', () => {
    const before = Date.now();
    const lines = encode('debezium', ROWS).map((line) => JSON.parse(line));
    expect(lines.map(({ ts_ms: _, ...envelope }) => envelope)).toEqual([
      { op: 'c', before: null, after: { k: 'a', n: 1 } },
      { op: 'u', before: { k: 'a', n: 1 }, after: { k: 'a', n: 2 } },
      { op: 'd', before: { k: 'b', n: 5 }, after: null },
      { op: 'd', before: { k: 'c', n: 1 }, after: null },
      { op: 'c', before: null, after: { k: 'd', n: 2 } },
      { op: 'd', before: { k: 'e', n: 1 }, after: null },
      { op: 'c', before: null, after: { k: 'f', n: 1 } },
      { op: 'd', before: { k: null, n: 3 }, after: null },
    ]);
    for (const { ts_ms: time } of lines) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
    }
  });

  it('takes rows that only come, and the options of JSON for their values', () => {
    const plain = schema.slice(0, 2);
    const encoder = createEncoder('debezium', memory, plain, { bigint: 'string', nulls: 'omit' });
    const text = encodeRows(memory, encoder, { schema: plain, rows: [[null, 7n]] }).toString();
    expect(JSON.parse(text)).toMatchObject({ op: 'c', before: null, after: { n: '7' } });
  });

  it('holds values of any length', () => {
    const texts = fc.array(
      fc.oneof(
        fc.string(),
        fc.nat(3000).map((n) => '"é\n'.repeat(n)),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(texts, (values) => {
        const rows = values.flatMap((value, index): Value[][] => [
          [value, 1n, -2 - index],
          [`${value}!`, 2n, 2 + index],
        ]);
        const lines = encode('debezium', rows, {}, 128).map((line) => JSON.parse(line));
        expect(lines.map(({ before, after }) => [before.k, after.k])).toEqual(values.map((v) => [v, `${v}!`]));
      }),
      { numRuns: 20 },
    );
  });
});
