// Rows find their groups: in full lines, in the lines after them, and in tables that are too large for the cache.
import { describe, expect, it } from 'vitest';
import type { Value } from '../../src/data/batch.ts';
import type { Schema } from '../../src/data/schema.ts';
import { BIGINT, type DataType, INTEGER, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';
import { runAggregate } from '../support/aggregate-run.ts';
import { testMemory } from '../support/linear-memory.ts';

const COUNT = {
  function: 'count_star',
  column: null,
  argumentType: null,
  result: BIGINT,
  orderColumn: null,
  text: 'count(*)',
} as const;
const HOUR = 3_600_000_000;

/** Keys (of one column), windows and counts, as they come out. */
function countsOf(type: DataType, rows: readonly Value[][], batchRows = 2048): Value[][] {
  const schema: Schema = [
    { name: 'k', type, nullable: false },
    { name: 't', type: TIMESTAMP, nullable: false },
  ];
  const window = { sizeMicros: HOUR, offsetMicros: 0, latenessMicros: 0 };
  const input = { schema, keyCount: 1, aggregates: [COUNT], window, rows: [...rows], delayMicros: null };
  return runAggregate(testMemory(), input, batchRows).output.rows.map((row) => [row[0], row[1], row.at(-1)] as Value[]);
}

describe('groups of rows', () => {
  it('are made for a key of which all bytes are zero, which looks like the memory at address 0', () => {
    const rows = [0n, 1n, 0n, 5n, 0n].map((key): Value[] => [key, 0n]);
    for (const batchRows of [1, 5]) {
      expect(countsOf(BIGINT, rows, batchRows)).toEqual([
        [0n, 0n, 3n],
        [1n, 0n, 1n],
        [5n, 0n, 1n],
      ]);
    }
  });

  it('are found at every size of a table, just before and after it grows, and around its end', () => {
    for (const count of [1, 8, 9, 31, 32, 33, 64, 65, 128, 129, 257, 1024, 1025]) {
      const once = Array.from({ length: count }, (_, n): Value[] => [(n * 7919) % count, 0n]);
      const found = countsOf(INTEGER, [...once, ...once.toReversed(), ...once]);
      expect(found).toEqual(Array.from({ length: count }, (_, n) => [n, 0n, 3n]));
    }
  });

  it('are told apart by window where the rows of two large tables alternate', () => {
    const count = 40_000;
    const key = (n: number): string => `user ${String(n).padStart(5, '0')}`;
    const rows = Array.from({ length: 4 * count }, (_, n): Value[] => [
      key((n * 7919) % count),
      n % 3 === 0 ? 0n : BigInt(HOUR),
    ]);
    const found = countsOf(VARCHAR, rows);
    const expected = new Map<string, bigint>();
    for (const [user, time] of rows) {
      const group = `${time} ${user}`;
      expected.set(group, (expected.get(group) ?? 0n) + 1n);
    }
    expect(found).toHaveLength(expected.size);
    expect(found.filter(([user, time, n]) => expected.get(`${time} ${user}`) !== n)).toEqual([]);
  });
});
