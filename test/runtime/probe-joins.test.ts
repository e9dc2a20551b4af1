// Probe joins from end to end: when a probe comes out, what late rows do, and windows over the times of probes.

import { expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';

const lines = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const source = (name: string, value: string) =>
  `CREATE SOURCE ${name} (k VARCHAR, ${value} BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM FILE (path = 'x', format = 'json');`;
const probes = (offsets: string) =>
  `${source('l', 'n')} ${source('r', 'v')}
   SELECT l.n, p.offset_ms, r.v FROM l TEMPORAL PROBE JOIN r ON (k) ${offsets} AS p;`;

test('a probe comes out once the watermark of both sides has passed its time', async () => {
  const [l, r] = [new FedReader(), new FedReader()];
  const text = probes('LIST (-1s, 0s, 5s)');
  const { core, outputs } = await preparePipeline({ text, readers: { l: () => [l], r: () => [r] } });
  const turn = () => {
    for (let i = 0; i < 6; i++) core.turn();
    return parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
  };
  r.feed({ k: 'x', v: 1, ts: 8000 }, { k: 'x', v: 2, ts: 9500 });
  l.feed({ k: 'x', n: 1, ts: 10_000 });
  expect(turn()).toEqual([]);
  r.feed({ k: 'y', v: 3, ts: 13_001 });
  l.feed({ k: 'y', n: 2, ts: 13_001 });
  expect(turn()).toEqual([
    { n: 1, offset_ms: -1000, v: 1 },
    { n: 1, offset_ms: 0, v: 2 },
  ]);
  r.feed({ k: 'x', v: 4, ts: 15_000 }, { k: 'y', v: 5, ts: 18_000 });
  l.feed({ k: 'z', n: 3, ts: 18_000 });
  expect(turn().slice(2)).toEqual([
    { n: 2, offset_ms: -1000, v: null },
    { n: 2, offset_ms: 0, v: 3 },
    { n: 1, offset_ms: 5000, v: 4 },
  ]);
});

/** Rows of which some are later than the watermark allows. */
function unordered(seed: number, name: string): object[] {
  let state = seed;
  const random = (n: number) => {
    state = (Math.imul(state, 48271) >>> 0) % 2_147_483_647;
    return state % n;
  };
  return Array.from({ length: 200 }, (_, n) => {
    return { k: `k${random(3)}`, [name]: n, ts: 50_000 + n * 300 - (random(10) === 0 ? random(9000) : random(1500)) };
  });
}

test.each([
  'LIST (-2s, 0s, 3s)',
  'LIST (4s)',
  'RANGE FROM -3s TO -1s',
])('late rows are the same however rows are read: %s', async (offsets) => {
  const outputs: string[] = [];
  for (const batchRows of [1, 7, 2048]) {
    let state = batchRows;
    const cut = () => (state = (Math.imul(state + 1, 48271) >>> 0) % 301);
    const readers = {
      l: () => [new BytesReader(lines(unordered(7, 'n')), cut)],
      r: () => [new BytesReader(lines(unordered(99, 'v')), cut)],
    };
    const result = await runPipeline({ text: probes(offsets), readers, batchRows });
    expect(result.error).toBeNull();
    expect(result.progress.operators.reduce((sum, { late }) => sum + late, 0)).toBeGreaterThan(0);
    outputs.push(result.output);
  }
  expect(new Set(outputs).size).toBe(1);
});

test('windows over the times of probes lose none, also of those into the past', async () => {
  const text = `${source('l', 'n')} ${source('r', 'v')}
    SELECT window_start, COUNT(*) AS n FROM l TEMPORAL PROBE JOIN r ON (k) LIST (-4s, 0s, 2s) AS p
    GROUP BY TUMBLE(p.probe_ts, INTERVAL '1' SECOND);`;
  const rows = Array.from({ length: 100 }, (_, n) => ({ k: 'x', n, v: n, ts: 10_000 + n * 250 }));
  const readers = { l: () => [new BytesReader(lines(rows))], r: () => [new BytesReader(lines(rows))] };
  const { output, progress } = await runPipeline({ text, readers, batchRows: 7 });
  const counts = parse(output).map(({ n }) => n as number);
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(300);
  expect(counts.length).toBe(31);
  expect(progress.operators.every(({ late }) => late === 0)).toBe(true);
});
