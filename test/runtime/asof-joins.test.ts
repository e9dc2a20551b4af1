// ASOF joins from end to end: which row is the match, when an answer is known, what is kept.

import { describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';

interface Row {
  k: string | null;
  n: number;
  ts: number;
}

const lines = (rows: readonly Row[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const source = (name: string) =>
  `CREATE SOURCE ${name} (k VARCHAR, n BIGINT, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'x', format = 'json');`;
const query = (match: string, left = '') =>
  `${source('l')} ${source('r')} SELECT l.n AS a, r.n AS b FROM l ASOF ${left}JOIN r MATCH_CONDITION (${match}) ON l.k = r.k;`;
const millis = (n: number) => `INTERVAL '${n}' MILLISECOND`;

/** Rows of one key by their times; the number of a row is its place. */
const at = (...times: number[]) => times.map((ts, n): Row => ({ k: 'x', n, ts }));

async function join(text: string, l: readonly Row[], r: readonly Row[]) {
  const readers = { l: () => [new BytesReader(lines(l))], r: () => [new BytesReader(lines(r))] };
  const result = await runPipeline({ text, readers });
  expect(result.error).toBeNull();
  return parse(result.output);
}

test.each([
  ['the last row before', 'l.ts >= r.ts', [900, 950], 1],
  ['none further than the tolerance', `l.ts >= r.ts AND l.ts - r.ts <= ${millis(50)}`, [900], null],
  ['one exactly as far as the tolerance', `l.ts >= r.ts AND l.ts - r.ts <= ${millis(100)}`, [900, 950, 1001], 1],
  ['of equal times the later to come', 'l.ts >= r.ts', [950, 950, 1100], 1],
  ['a row of its own time', 'l.ts >= r.ts', [999, 1000], 1],
  ['none of its own time, where it must be before', 'l.ts > r.ts', [999, 1000], 0],
  ['the first row behind', 'l.ts <= r.ts', [900, 1050, 1100], 1],
  ['of equal times behind the later to come', 'l.ts < r.ts', [1000, 1050, 1050, 1100], 2],
  ['the nearest', 'NEAREST(l.ts, r.ts)', [990, 1020], 0],
  ['the nearest behind', 'NEAREST(l.ts, r.ts)', [980, 1019], 1],
  ['of two as near the earlier', 'NEAREST(l.ts, r.ts)', [990, 1010], 0],
  ['the nearest of equal times: the later to come', 'NEAREST(l.ts, r.ts)', [900, 1010, 1010], 2],
  [
    'none near enough',
    `NEAREST(l.ts, r.ts) AND l.ts - r.ts <= ${millis(5)} AND r.ts - l.ts <= ${millis(5)}`,
    [990, 1010],
    null,
  ],
  ['none at all', 'l.ts >= r.ts', [], null],
] as const)('a row at 1000 is joined with %s', async (_, match, times, found) => {
  const r = at(...times);
  expect(await join(query(match, 'LEFT '), at(1000), r)).toEqual([{ a: 0, b: found }]);
  expect(await join(query(match), at(1000), r)).toEqual(found === null ? [] : [{ a: 0, b: found }]);
});

test('a NULL key has no match', async () => {
  const rows: Row[] = [{ k: null, n: 1, ts: 1000 }];
  expect(await join(query('l.ts >= r.ts', 'LEFT '), rows, rows)).toEqual([{ a: 1, b: null }]);
});

describe('answers wait', () => {
  async function fed(text: string) {
    const l = new FedReader();
    const r = new FedReader();
    const { core, outputs, telemetry } = await preparePipeline({ text, readers: { l: () => [l], r: () => [r] } });
    const turn = () => {
      for (let i = 0; i < 6; i++) core.turn();
      return parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
    };
    return {
      l,
      r,
      turn,
      stateBytes: () => telemetry.progress(0).operators.find(({ id }) => id === 'select.join')?.stateBytes ?? 0,
    };
  }

  test('until no right row can come that is nearer', async () => {
    const { l, r, turn } = await fed(query('l.ts >= r.ts'));
    r.feed({ k: 'x', n: 1, ts: 900 });
    l.feed({ k: 'x', n: 1, ts: 1000 }, { k: 'x', n: 2, ts: 1200 });
    expect(turn()).toEqual([]);
    r.feed({ k: 'x', n: 2, ts: 1000 });
    expect(turn()).toEqual([]);
    r.feed({ k: 'y', n: 3, ts: 1001 });
    expect(turn()).toEqual([{ a: 1, b: 2 }]);
  });

  test('forwards, for the next row of the key or the end of the tolerance', async () => {
    const { l, r, turn } = await fed(query(`l.ts <= r.ts AND r.ts - l.ts <= ${millis(100)}`, 'LEFT '));
    l.feed({ k: 'x', n: 1, ts: 1000 }, { k: 'y', n: 2, ts: 1001 }, { k: 'z', n: 3, ts: 1500 });
    r.feed({ k: 'x', n: 1, ts: 1050 }, { k: 'z', n: 2, ts: 1060 });
    expect(turn()).toEqual([{ a: 1, b: 1 }]);
    r.feed({ k: 'z', n: 3, ts: 1103 });
    expect(turn()).toEqual([
      { a: 1, b: 1 },
      { a: 2, b: null },
    ]);
  });

  test.each([
    ['backward', 'l.ts >= r.ts', 200],
    ['backward with a tolerance', `l.ts >= r.ts AND l.ts - r.ts <= ${millis(10)}`, 100],
    ['nearest', 'NEAREST(l.ts, r.ts)', 200],
    ['forward', 'l.ts <= r.ts', 100],
  ])('and keep one row of each key: %s', async (_, match, keys) => {
    const { l, r, turn, stateBytes } = await fed(query(match));
    let most = 0;
    for (let i = 0; i < 100; i++) {
      const rows = Array.from({ length: 20 }, (__, j): Row => ({ k: `k${j}`, n: j, ts: i * 100 + j }));
      r.feed(...rows);
      l.feed(...rows);
      turn();
      if (i > 2) most = Math.max(most, stateBytes());
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(keys * 250);
  });
});
