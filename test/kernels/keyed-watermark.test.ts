import { describe, expect, it } from 'vitest';
import {
  EVICT_LEAST_RECENT,
  EVICT_LOWEST,
  KEYED_BYTES,
  KEYED_COLUMN_COUNT,
  KEYED_COLUMNS,
  KEYED_COUNT,
  KEYED_EVICTED,
  KEYED_KEYS_MAX,
  KEYED_POLICY,
  WATERMARK_CURRENT,
  WATERMARK_DELAY,
} from '../../kernels/layout-time.ts';
import { columnData, createBatch, fillBatch } from '../../src/data/batch.ts';
import { physicalCodeOf, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';
import { testMemory } from '../support/linear-memory.ts';

const memory = testMemory();
const MIN = -(2n ** 63n);
const SCHEMA = [
  { name: 'k', type: VARCHAR, nullable: false },
  { name: 'ts', type: TIMESTAMP, nullable: false },
];

function makeState(keysMax = 100, policy: number = EVICT_LEAST_RECENT): number {
  const state = memory.allocateZeroed(KEYED_BYTES);
  const columns = memory.allocateZeroed(8);
  memory.store32(columns + 4, physicalCodeOf(VARCHAR));
  memory.kernels.watermarkInit(state);
  memory.kernels.keyedInit(state);
  memory.refresh();
  memory.i64[(state + WATERMARK_DELAY) >>> 3] = 100n;
  memory.store32(state + KEYED_KEYS_MAX, keysMax);
  memory.store32(state + KEYED_POLICY, policy);
  memory.store32(state + KEYED_COLUMN_COUNT, 1);
  memory.store32(state + KEYED_COLUMNS, columns);
  return state;
}

/** What each row carries. */
function take(state: number, rows: [string, bigint][]): bigint[] {
  const batch = createBatch(memory, SCHEMA, rows.length);
  fillBatch(memory, batch, { schema: SCHEMA, rows });
  const out = memory.allocate(rows.length * 8);
  const all = memory.allocate(rows.length * 8);
  expect(memory.kernels.keyedAssign(state, batch, columnData(memory, batch, 1), rows.length, out, all)).toBe(
    rows.length,
  );
  memory.refresh();
  return [...memory.i64.subarray(out >>> 3, (out >>> 3) + rows.length)];
}

/** Watermark of a key: what its next row would carry, looked at through a copy. */
function watermarkOf(state: number, key: string): bigint {
  return take(state, [[key, MIN + 1000n]])[0] as bigint;
}

const currentOf = (state: number) => memory.i64[(state + WATERMARK_CURRENT) >>> 3] as bigint;

describe('keyedAssign', () => {
  it('keeps a watermark for each key, and the least of them for all', () => {
    const state = makeState();
    expect(
      take(state, [
        ['slow', 1000n],
        ['fast', 5000n],
        ['slow', 1n],
        ['fast', 1n],
      ]),
    ).toEqual([MIN, 900n, 900n, 4900n]);
    expect(currentOf(state)).toBe(900n);
    expect([watermarkOf(state, 'fast'), watermarkOf(state, 'slow')]).toEqual([4900n, 900n]);
  });

  it('takes the greatest time of each key of a batch', () => {
    const state = makeState();
    take(state, [
      ['a', 1000n],
      ['b', 2000n],
      ['a', 1500n],
      ['c', 3000n],
    ]);
    expect(['a', 'b', 'c'].map((key) => watermarkOf(state, key))).toEqual([1400n, 1900n, 2900n]);
  });

  it('does not go back when a slow key begins', () => {
    const state = makeState();
    take(state, [['fast', 10_000n]]);
    expect(
      take(state, [
        ['slow', 1000n],
        ['slow', 1000n],
      ]),
    ).toEqual([9900n, 9900n]);
    expect(currentOf(state)).toBe(9900n);
  });

  it('forgets the key whose last row is the longest ago, or the lowest', () => {
    const recent = makeState(2, EVICT_LEAST_RECENT);
    take(recent, [
      ['a', 1000n],
      ['b', 2000n],
      ['c', 3000n],
    ]);
    expect([watermarkOf(recent, 'c'), watermarkOf(recent, 'b')]).toEqual([2900n, 1900n]);
    expect(memory.load32(recent + KEYED_EVICTED)).toBe(1);
    const lowest = makeState(2, EVICT_LOWEST);
    take(lowest, [
      ['low', 1000n],
      ['high', 9000n],
      ['mid', 5000n],
    ]);
    expect([watermarkOf(lowest, 'high'), watermarkOf(lowest, 'mid')]).toEqual([8900n, 4900n]);
    expect(currentOf(lowest)).toBe(4900n);
    expect(memory.load32(lowest + KEYED_COUNT)).toBe(2);
  });
});
