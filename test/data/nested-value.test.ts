// Nested values as bytes: what they say, and that their order is the order of the values.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NestedValue, readNested, writeNested } from '../../src/data/nested-value.ts';
import { type DataType, elementOf, fieldsOf, listOf, structOf } from '../../src/data/type.ts';
import { arbitraryOf, randomBatch } from '../support/random-batch.ts';

const KINDS = ['BOOLEAN', 'TINYINT', 'INTEGER', 'BIGINT', 'DOUBLE', 'VARCHAR', 'TIMESTAMP', 'DATE'] as const;

/** Two values of one nested type. */
const pairs = randomBatch(KINDS, 1, true)
  .map(({ schema }) => listOf(schema[0]?.type ?? { kind: 'BIGINT' }))
  .chain((type) => fc.record({ type: fc.constant(type), a: arbitraryOf(type), b: arbitraryOf(type) }));

/** Whether `a` comes before (−1), with (0) or after (1) `b`: NULL last, NaN above all numbers, text by its bytes. */
function order(type: DataType, a: NestedValue, b: NestedValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (type.kind === 'LIST') {
    const [left, right] = [a as readonly NestedValue[], b as readonly NestedValue[]];
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const first = order(elementOf(type), left[i] as NestedValue, right[i] as NestedValue);
      if (first !== 0) return first;
    }
    return Math.sign(left.length - right.length);
  }
  if (type.kind === 'STRUCT') {
    for (const [i, field] of fieldsOf(type).entries()) {
      const first = order(field.type, (a as NestedValue[])[i] as NestedValue, (b as NestedValue[])[i] as NestedValue);
      if (first !== 0) return first;
    }
    return 0;
  }
  if (typeof a === 'string') return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b as string)));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

describe('a nested value', () => {
  it('is read back from its bytes', () => {
    fc.assert(
      fc.property(pairs, ({ type, a }) => {
        expect(readNested(writeNested(a as readonly NestedValue[], type), type)).toEqual(a);
      }),
      { numRuns: 500 },
    );
  });

  it('comes before another where its bytes do, and equals it where they do', () => {
    fc.assert(
      fc.property(pairs, ({ type, a, b }) => {
        const [left, right] = [a, b].map((value) => writeNested(value as readonly NestedValue[], type));
        expect(Math.sign(Buffer.compare(left as Uint8Array, right as Uint8Array))).toBe(order(type, a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('has one zero and one NaN', () => {
    const type = listOf({ kind: 'DOUBLE' });

    expect(writeNested([-0], type)).toEqual(writeNested([0], type));
    expect(readNested(writeNested([-0, Number.NaN], type), type)).toEqual([0, Number.NaN]);
  });

  it('orders texts with bytes that are written in two, and texts that begin others', () => {
    const type = structOf([
      { name: 't', type: { kind: 'VARCHAR' } },
      { name: 'n', type: { kind: 'INTEGER' } },
    ]);
    const texts = [
      '',
      '\u0000',
      '\u0000\u0000',
      '\u0000a',
      '\u0001',
      '\u0001\u0000',
      '\u0002',
      'a',
      'a\u0000',
      'a\u0001',
      'b',
    ];
    const bytes = texts.flatMap((t) => [writeNested([t, -1], type), writeNested([t, 1], type)]);

    expect([...bytes].sort(Buffer.compare)).toEqual(bytes);
  });
});
