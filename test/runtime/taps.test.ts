// A tap reads what a sink on the same stream would get, on any number of cores, and leaves the pipeline as it is: its
// output is the same, nothing waits, and memory comes back.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTap } from '../../src/sql/tap.ts';
import { runOnCores } from '../support/cores.ts';
import { BytesReader, preparePipeline, runPipeline, type TapWish, textsOf } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

const SOURCE = `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);`;

/** Streams over streams: the optimizer merges some of them, and a diamond is computed once. */
const PIPELINE = `${SOURCE}
  CREATE STREAM up AS SELECT upper(k) AS k, v + 1 AS w, ts FROM t WHERE v > -50;
  CREATE STREAM few AS SELECT k, w, ts FROM up WHERE w % 3 <> 0;
  CREATE STREAM sums AS SELECT k, window_start, SUM(w) AS s, COUNT(*) AS n FROM few
    GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);
  CREATE STREAM counts AS SELECT k, COUNT(*) AS n, MAX(w) AS most FROM few GROUP BY k EMIT CHANGES;`;

const VIEWS = ['t', 'up', 'few', 'sums', 'counts'] as const;

const rows = fc.array(
  fc.record({
    k: fc.constantFrom('a', 'b', 'ü', 'x'.repeat(70)),
    v: fc.integer({ min: -60, max: 60 }),
    ts: fc.integer({ min: 0, max: 60_000 }),
  }),
  { maxLength: 150 },
);

function inputOf(given: readonly object[]): string {
  return given.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** What has come of a tap, as sorted lines. */
function linesOf({ tap }: TapWish): string[] {
  const chunks: Buffer[] = [];
  for (let chunk = tap?.read(1 << 20); chunk !== null && chunk !== undefined; chunk = tap?.read(1 << 20)) {
    chunks.push(chunk.text);
  }
  return sorted(Buffer.concat(chunks).toString());
}

function sorted(text: string): string[] {
  return text.split('\n').slice(0, -1).sort();
}

/** Which queries the sinks of the pipeline that is tapped have: the others are computed for a tap alone, or not. */
const SINKS = {
  windows: `SELECT * FROM sums`,
  diamond: `SELECT k, w FROM few UNION ALL SELECT k, w FROM up`,
  changes: `SELECT * FROM counts`,
  rows: `SELECT k, w FROM few`,
};

describe('the rows of a tap', () => {
  test('are those of a sink on the same stream, where it is computed, and the output stays the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(...VIEWS),
        fc.constantFrom(...Object.keys(SINKS)),
        fc.constantFrom(null, 'k <> $$A$$', 'k LIKE $$%b%$$ OR length(k) > 5', 'regexp_matches(k, $$^[aA]+$$)'),
        fc.record({ cores: fc.constantFrom(1, 2, 3), exchangeBytes: fc.constantFrom(0, 1 << 16), seed: fc.nat() }),
        fc.constantFrom(1, 7, 2048),
        async (given, view, sink, filter, spread, batchRows) => {
          const where = filter?.replaceAll('$$', "'");
          const text = `${PIPELINE} CREATE SINK out AS ${SINKS[sink as keyof typeof SINKS]} INTO STDOUT (format = 'json');`;
          const input = inputOf(given);
          const wish: TapWish = { view, ...(where === undefined ? {} : { where }) };
          const tapped = await run(text, input, { ...spread, batchRows, taps: [wish] }).catch((error) => {
            // Computed for other sinks alone.
            if ((error as { code?: string }).code !== 'LMN-7015') throw error;
            return null;
          });
          if (tapped === null) return;
          const untapped = await run(text, input, { ...spread, batchRows });
          expect(tapped.output).toBe(untapped.output);
          expect(wish.tap?.missed).toBe(0);
          const lines = linesOf(wish);
          const columns = Object.keys(JSON.parse(lines[0] ?? '{"k":0}')).filter((name) => name !== 'op');
          const query = `SELECT ${columns.join(', ')} FROM ${view} ${where === undefined ? '' : `WHERE ${where}`}`;
          const asked = `${PIPELINE} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
          const expected = await runPipeline({ text: asked, input, batchRows });
          expect(lines).toEqual(sorted(expected.output));
        },
      ),
      { numRuns: often(25) },
    );
  }, 120_000);

  test('are at most those asked for, over all cores together', async () => {
    const input = inputOf(Array.from({ length: 200 }, (_, v) => ({ k: 'a', v, ts: v })));
    const wish: TapWish = { view: 't', rowsMax: 37 };
    const text = `${SOURCE} CREATE SINK out AS SELECT upper(k) AS u FROM t INTO STDOUT;`;
    const { helped } = await runOnCores({ ...spreadOver(3), text, inputs: splitsOf(input), taps: [wish] });
    expect(helped).toBeGreaterThan(0);
    expect(linesOf(wish)).toHaveLength(37);
    expect(wish.tap?.missed).toBe(0);
  });

  test('keep the two rows of an update together at the limit', async () => {
    const text = `${SOURCE} CREATE SINK out AS SELECT k, COUNT(*) AS n FROM t GROUP BY k EMIT CHANGES INTO STDOUT;`;
    const wish: TapWish = { view: 'out', rowsMax: 2, format: 'csv' };
    const input = inputOf([1, 2, 3].map((v) => ({ k: 'a', v, ts: v })));
    await runPipeline({ text, input, taps: [wish], batchRows: 1 });
    expect(linesOf(wish)).toEqual(['+I,a,1', '+U,a,2', '-U,a,1'].sort());
  });
});

describe('a tap that cannot keep up', () => {
  test('misses rows, which are counted, and the pipeline goes on', async () => {
    const k = 'long '.repeat(200);
    const input = inputOf(Array.from({ length: 3000 }, (_, v) => ({ k, v, ts: v })));
    const wish: TapWish = { view: 't' };
    const text = `${SOURCE} CREATE SINK out AS SELECT k, v FROM t INTO STDOUT;`;
    const { progress } = await runPipeline({ text, input, taps: [wish], batchRows: 100 });
    const read = linesOf(wish).length;
    expect(read).toBeGreaterThan(100);
    expect(read + (wish.tap?.missed ?? 0)).toBe(3000);
    expect(progress.sinks[0]?.rows).toBe(3000);
  });

  test('reads the first of rows that are together too long for its ring', async () => {
    const k = 'x'.repeat(100_000);
    const input = inputOf(Array.from({ length: 64 }, (_, v) => ({ k, v, ts: v })));
    const wish: TapWish = { view: 't' };
    const text = `${SOURCE} CREATE SINK out AS SELECT k, v FROM t INTO STDOUT;`;
    await runPipeline({ text, input, taps: [wish] });
    const lines = linesOf(wish);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.length + (wish.tap?.missed ?? 0)).toBe(64);
    expect(lines.every((line) => line.length > 100_000)).toBe(true);
  });
});

describe('a core', () => {
  const text = `${SOURCE} CREATE SINK out AS SELECT k, v FROM t INTO STDOUT;`;

  test('has its memory back when taps have gone', async () => {
    const input = inputOf(Array.from({ length: 4000 }, (_, v) => ({ k: 'a', v, ts: v })));
    const given = { text, input, batchRows: 20, cut: () => 500, taps: [] };
    const { core, taps, bound, plan, control } = await preparePipeline(given);
    const used = () => core.parts.memory.kernels.allocatedBytes();
    core.turn();
    const before = used();
    for (let round = 0; round < 5; round++) {
      const tapPlan = compileTap({ bound, plan }, { view: 't', where: "k || 'x' = 'ax'" });
      const open = (['json', 'csv'] as const).map((format) => taps.attach(tapPlan, { format, rowsMax: null }));
      core.turn();
      expect(used()).toBeGreaterThan(before);
      core.turn();
      expect(open.map((tap) => (tap.read(1 << 20)?.rows ?? 0) > 0)).toEqual([true, true]);
      for (const tap of open) tap.close();
      core.turn();
      expect(control.tapMessages).toBe(4 * (round + 1));
      expect(used()).toBe(before);
    }
  });

  test('says that a stream has ended, and why a tap cannot go on; the run does', async () => {
    const failing: TapWish = { view: 't', where: 'CAST(k AS BIGINT) > 0' };
    const plain: TapWish = { view: 't' };
    const input = inputOf([
      { k: '7', v: 1, ts: 1 },
      { k: 'seven', v: 2, ts: 2 },
      { k: '8', v: 3, ts: 3 },
    ]);
    const { output, error } = await runPipeline({ text, input, taps: [failing, plain] });
    expect(error).toBeNull();
    expect(output.split('\n')).toHaveLength(4);
    expect(linesOf(failing)).toEqual(['{"k":"7","v":1,"ts":"1970-01-01T00:00:00.001Z"}']);
    await expect.poll(() => failing.tap?.failure).toMatchObject({ code: 'LMN-3002' });
    expect(plain.tap).toMatchObject({ hasEnded: true, failure: null });
  });

  test('takes no tap where memory is short', async () => {
    const short = `SET memory_limit = '16MB'; ${SOURCE} SELECT v, COUNT(*) AS n FROM t GROUP BY v;`;
    const input = inputOf(Array.from({ length: 120_000 }, (_, v) => ({ k: 'a', v, ts: v })));
    const { core, taps, bound, plan } = await preparePipeline({ text: short, input, taps: [] });
    while (core.parts.share.spareBytes > 1 << 22) expect(core.turn()).toBe(true);
    const tap = taps.attach(compileTap({ bound, plan }, { view: 't', where: null }), { format: 'json', rowsMax: null });
    core.turn();
    await expect.poll(() => tap.failure).toMatchObject({ code: 'LMN-7017' });
    expect(tap.read(1)).toBeNull();
  });
});

function spreadOver(cores: number) {
  return { cores, chunkBytes: 300, sharing: 'offset' as const, seed: 7 };
}

function splitsOf(input: string) {
  return { '*': { stdin: Buffer.from(input) } };
}

interface Spread {
  cores: number;
  exchangeBytes: number;
  seed: number;
  batchRows: number;
  taps?: TapWish[];
}

async function run(text: string, input: string, { cores, taps = [], batchRows, ...spread }: Spread) {
  if (cores > 1) return runOnCores({ ...spreadOver(cores), ...spread, batchRows, text, inputs: splitsOf(input), taps });
  const { core, outputs } = await preparePipeline({ text, input, batchRows, taps });
  core.run();
  return { output: textsOf(outputs)['out'] };
}

test('a table by key that only joins read is read as its upserts, deletions with what their record has', async () => {
  const text = `CREATE SOURCE l (n BIGINT, k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'x', format = 'json');
    CREATE SOURCE r (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts, PRIMARY KEY (k))
      FROM FILE (path = 'x', format = 'json', changelog = 'upsert');
    SELECT l.n, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.ts ON l.k = r.k;`;
  const reader = (given: readonly object[]) => () => [new BytesReader(Buffer.from(inputOf(given)))];
  const versions = [
    { k: 'a', v: 7, ts: 1 },
    { k: 'b', v: 8, ts: 2 },
    { op: '-D', k: 'a', ts: 3 },
  ];
  const wishes: TapWish[] = [{ view: 'r' }, { view: 'r', where: 'v = 8' }];
  const readers = { l: reader([{ n: 1, k: 'a', ts: 4 }]), r: reader(versions) };
  const { error } = await runPipeline({ text, readers, taps: wishes });
  expect(error).toBeNull();
  expect(wishes.map(linesOf)).toEqual([
    [
      '{"op":"+U","k":"a","v":7,"ts":"1970-01-01T00:00:00.001Z"}',
      '{"op":"+U","k":"b","v":8,"ts":"1970-01-01T00:00:00.002Z"}',
      '{"op":"-D","k":"a","v":null,"ts":"1970-01-01T00:00:00.003Z"}',
    ],
    ['{"op":"+U","k":"b","v":8,"ts":"1970-01-01T00:00:00.002Z"}'],
  ]);
});
