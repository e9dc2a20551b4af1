// Numbered rows that change: which changes each row makes, place by place, and what is kept.

import { describe, expect, test } from 'vitest';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const ROWS = "CREATE SOURCE t (k VARCHAR, x BIGINT) FROM STDIN (format = 'json');";
const CHANGES = "CREATE SOURCE t (k VARCHAR, x BIGINT) FROM STDIN (format = 'json', changelog = 'weight');";
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** What a query makes of rows, each as its kind of change and its values. */
async function changesOf(source: string, query: string, rows: readonly object[], batchRows = 2048): Promise<string[]> {
  const text = `${source} CREATE SINK out AS ${query} INTO STDOUT (format = 'json', changelog = 'weight');`;
  const { output, error } = await runPipeline({ text, input: lines(rows), batchRows });
  expect(error).toBeNull();
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Object.values(JSON.parse(line) as object).join(' '));
}

const TOP = `SELECT * FROM (SELECT k, x, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC) AS n FROM t) WHERE n <= 2`;

describe('the first rows of each partition as they change', () => {
  test('a row that comes moves those behind it down, from its place on', async () => {
    const rows = [5, 7, 6, 1].map((x) => ({ k: 'a', x }));
    expect(await changesOf(ROWS, TOP, rows)).toEqual([
      '+I a 5 1',
      '-U a 5 1',
      '+U a 7 1',
      '+I a 5 2',
      '-U a 5 2',
      '+U a 6 2',
    ]);
  });

  test('a row that goes moves them up, from the last place on', async () => {
    const rows = [9, 8, 7].map((x) => ({ op: '+I', k: 'a', x }));
    const all = await changesOf(CHANGES, TOP, [...rows, { op: '-D', k: 'a', x: 9 }, { op: '-D', k: 'a', x: 7 }]);
    expect(all.slice(2)).toEqual(['-U a 8 2', '+U a 7 2', '-U a 9 1', '+U a 8 1', '-D a 7 2']);
  });

  test('an update within a partition is one step, and to another one two', async () => {
    const rows = [
      { op: '+I', k: 'a', x: 9 },
      { op: '+I', k: 'a', x: 8 },
      { op: '-U', k: 'a', x: 9 },
      { op: '+U', k: 'a', x: 7 },
      { op: '-U', k: 'a', x: 8 },
      { op: '+U', k: 'b', x: 8 },
    ];
    expect((await changesOf(CHANGES, TOP, rows)).slice(2)).toEqual([
      '-U a 8 2',
      '+U a 7 2',
      '-U a 9 1',
      '+U a 8 1',
      '-D a 7 2',
      '-U a 8 1',
      '+U a 7 1',
      '+I b 8 1',
    ]);
  });

  test('of equal rows the first to come stays first', async () => {
    const query = `SELECT k, x, ROW_NUMBER() OVER (ORDER BY x) AS n FROM t`;
    const rows = ['a', 'b'].map((k) => ({ op: '+I', k, x: 1 }));
    const all = await changesOf(CHANGES, query, [...rows, { op: '-D', k: 'a', x: 1 }, { op: '+I', k: 'a', x: 1 }]);
    expect(all).toEqual(['+I a 1 1', '+I b 1 2', '-D b 1 2', '-U a 1 1', '+U b 1 1', '+I a 1 2']);
  });

  test('without its number only rows that enter and leave are written', async () => {
    const query = `SELECT k, x FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY x DESC) AS n FROM t) WHERE n = 1`;
    const rows = [5, 4, 7].map((x) => ({ k: 'a', x }));
    expect(await changesOf(ROWS, query, rows)).toEqual(['+I a 5', '-U a 5', '+U a 7']);
  });

  test('an upsert sink knows rows by their partition and number', async () => {
    const text = `${ROWS} CREATE SINK out AS ${TOP} INTO STDOUT (format = 'json', changelog = 'upsert');`;
    const { output } = await runPipeline({ text, input: lines([5, 7].map((x) => ({ k: 'a', x }))) });
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { op: '+U', k: 'a', x: 5, n: 1 },
      { op: '+U', k: 'a', x: 7, n: 1 },
      { op: '+U', k: 'a', x: 5, n: 2 },
    ]);
  });
});

test('the same changes at any batch size', async () => {
  const rows = Array.from({ length: 300 }, (_, n) => {
    const x = (n * 7919) % 40;
    return { op: n % 3 === 2 ? '-D' : '+I', k: `k${x % 3}`, x };
  });
  const query =
    'SELECT k, x, RANK() OVER (PARTITION BY k ORDER BY x) AS r, DENSE_RANK() OVER (PARTITION BY k ORDER BY x) AS d FROM t';
  const first = await changesOf(CHANGES, query, rows, 1);
  expect(first.length).toBeGreaterThan(500);
  for (const batchRows of [2, 7, 2048]) expect(await changesOf(CHANGES, query, rows, batchRows)).toEqual(first);
});

test.each([
  ['rows behind the first that cannot come back are not kept', ROWS, '+I', 3000],
  ['rows that are gone leave nothing behind', CHANGES, '-D', 3000],
])('%s', async (_, source, last, limit) => {
  const rows = (op: string) => Array.from({ length: 2000 }, (_, n) => ({ op, k: `k${n % 5}`, x: n }));
  const text = `${source} CREATE SINK out AS ${TOP} INTO STDOUT (format = 'json', changelog = 'weight');`;
  const { core } = await preparePipeline({ text, input: lines([...rows('+I'), ...rows(last)]) });
  const over = core.parts.operators.find(({ id }) => id.endsWith('.over'));
  for (let i = 0; i < 50 && !core.hasEnded; i++) core.turn();
  expect(core.hasEnded).toBe(true);
  expect(over?.stateBytes()).toBeLessThan(limit + 17_000);
});
