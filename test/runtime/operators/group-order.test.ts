// Groups are told apart and come out in key order: many of them, where sorting and hashing leave their short cuts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../../../src/data/batch.ts';
import type { Column, Schema } from '../../../src/data/schema.ts';
import { BIGINT, INTEGER, TIMESTAMP, VARCHAR } from '../../../src/data/type.ts';
import { runAggregate } from '../../support/aggregate-run.ts';
import { testMemory } from '../../support/linear-memory.ts';
import { compareValues, ORDERED_KINDS } from '../../support/ordered-values.ts';
import { often } from '../../support/random.ts';

const RUNS = often(120);
const COUNT = {
  function: 'count_star',
  column: null,
  argumentType: null,
  result: BIGINT,
  orderColumn: null,
  text: 'count(*)',
} as const;

/** The distinct keys of the rows as the aggregate gives them, with their counts. */
function groupsOf(keys: Schema, rows: Value[][]): Value[][] {
  const schema: Schema = [...keys, { name: 't', type: TIMESTAMP, nullable: false }];
  const input = { schema, keyCount: keys.length, aggregates: [COUNT], window: null, delayMicros: null };
  return runAggregate(testMemory(), { ...input, rows: rows.map((row) => [...row, 0n]) }, 2048).output.rows;
}

function compareKeys(a: Value[], b: Value[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i] as Value, b[i] as Value);
    if (order !== 0) return order;
  }
  return 0;
}

/** Sorted distinct keys with their counts. */
function expectedGroups(rows: Value[][]): Value[][] {
  const groups: Value[][] = [];
  for (const row of rows.toSorted(compareKeys)) {
    const last = groups.at(-1);
    if (last !== undefined && compareKeys(last.slice(0, -1), row) === 0)
      last[row.length] = (last[row.length] as bigint) + 1n;
    else groups.push([...row, 1n]);
  }
  return groups.map((row) => row.map((value) => (value === 0 ? 0 : value)));
}

const caseArbitrary = fc
  .array(fc.tuple(fc.constantFrom(...ORDERED_KINDS), fc.boolean()), { minLength: 1, maxLength: 3 })
  .chain((columns) => {
    const schema = columns.map(([[type], nullable], index): Column => ({ name: `k${index}`, type, nullable }));
    const values = columns.map(([[, value], nullable]) => (nullable ? fc.option(value, { freq: 5 }) : value));
    const rows = fc.array(fc.tuple(...values), { minLength: 10, maxLength: 600, size: 'max' });
    return fc.record({ schema: fc.constant(schema), rows: rows as fc.Arbitrary<Value[][]> });
  });

describe('groups', () => {
  it('come out per column ascending, NULL last, for keys of any types', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(caseArbitrary, ({ schema, rows }) => {
        expect(groupsOf(schema, rows)).toEqual(expectedGroups(rows));
      }),
      { numRuns: RUNS },
    );
  });

  it('are sorted without a deep stack when every string is a prefix of the next', () => {
    const rows = Array.from({ length: 3000 }, (_, n): Value[] => ['x'.repeat((n * 7919) % 3000)]);
    const names = groupsOf([{ name: 'k', type: VARCHAR, nullable: false }], rows).map(
      (row) => (row[0] as string).length,
    );
    expect(names).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });

  it('come out in order when all strings begin with the same bytes, and some have no more than these', () => {
    for (let length = 0; length <= 14; length++) {
      const prefix = 'a prefix of all'.slice(0, length);
      const rows = Array.from({ length: 400 }, (_, n): Value[] => {
        const rest = String((n * 7919) % 400).repeat(n % 3);
        return [`${prefix}${n % 50 === 0 ? rest.slice(0, 1) : rest}${n % 40 === 0 ? '\u0000' : ''}`];
      });
      expect(groupsOf([{ name: 'k', type: VARCHAR, nullable: false }], rows)).toEqual(expectedGroups(rows));
    }
  });

  it('are told apart by length where they differ only in trailing zero bytes', () => {
    const rows = Array.from({ length: 80 }, (_, n): Value[] => [`a${'\u0000'.repeat((n * 7) % 40)}`, (n * 3) % 2]);
    const keys: Schema = [
      { name: 'k', type: VARCHAR, nullable: false },
      { name: 'n', type: INTEGER, nullable: false },
    ];
    expect(groupsOf(keys, rows)).toEqual(expectedGroups(rows));
  });

  it('stay apart, and are found again, when the hashes of their long keys collide', () => {
    // Of 160,000 keys with one prefix and one length about three pairs share a 32-bit hash.
    const count = 160_000;
    const keys = Array.from({ length: count }, (_, n): Value[] => [`a prefix of all ${String(n).padStart(6, '0')}`]);
    const groups = groupsOf([{ name: 'k', type: VARCHAR, nullable: false }], [...keys, ...keys]);
    expect(groups).toHaveLength(count);
    expect(groups.every((row, n) => row[0] === keys[n]?.[0] && row[1] === 2n)).toBe(true);
  });
});
