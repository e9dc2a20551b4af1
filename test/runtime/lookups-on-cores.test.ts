// Lookup tables that every core has: the same rows in the same order on any number of cores, also when a table changes.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openCores, runOnCores } from '../support/cores.ts';
import { runPipeline, textsOf } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-lookups-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string): string {
  const name = path.join(folder, `t${files++}.ndjson`);
  fs.writeFileSync(name, content);
  return name;
}

const KEYS = ['a', 'b', 'ü', 'a key that is longer than twelve bytes', 'nowhere'];
const row = fc.record({
  k: fc.option(fc.constantFrom(...KEYS), { nil: null }),
  i: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
  v: fc.integer({ min: -100, max: 100 }),
  ts: fc.integer({ min: 0, max: 30_000 }),
});
const entry = fc.record({
  k: fc.constantFrom(...KEYS.slice(0, 4)),
  i: fc.integer({ min: 0, max: 3 }),
  name: fc.option(fc.constantFrom('x', 'a name that is longer than twelve bytes'), { nil: null }),
  n: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
});
const linesOf = (rows: readonly object[]) => rows.map((one) => `${JSON.stringify(one)}\n`).join('');
const rows = fc.array(row, { maxLength: 80 }).map(linesOf);
const entries = fc.array(entry, { maxLength: 12 }).map(linesOf);

const STREAM = `CREATE SOURCE s (k VARCHAR, i INTEGER, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
  FROM STDIN (format = 'json', on_error = 'skip');`;
const tables = (t: string, u: string) => `
  CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, n INTEGER, PRIMARY KEY (k)) FROM FILE (path = '${t}');
  CREATE LOOKUP TABLE u (k VARCHAR, i INTEGER, name VARCHAR, PRIMARY KEY (k, i)) FROM FILE (path = '${u}');`;

const QUERIES = {
  'inner, as text': 'SELECT s.k, v, t.name FROM s JOIN t ON s.k = t.k',
  'left, filtered': `SELECT s.k, v, upper(t.name) AS name, t.n FROM s LEFT JOIN t ON s.k = t.k WHERE v > 0 AND COALESCE(t.n, 0) < 7`,
  'two tables, one of them twice':
    'SELECT v, a.name, b.n, u.name AS un FROM s JOIN t a ON s.k = a.k LEFT JOIN t b ON b.k = a.name LEFT JOIN u ON u.k = s.k AND u.i = s.i',
  'that rows are without': 'SELECT k, v FROM s WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.k = s.k AND t.n > 4)',
  'and a group of it': `SELECT t.name, window_end, COUNT(*) AS n, SUM(v) AS v FROM s JOIN t ON s.k = t.k
    GROUP BY t.name, TUMBLE(ts, INTERVAL '5' SECOND)`,
  'and a group of doubles': `SELECT t.n, SUM(v * 0.1) AS v FROM s LEFT JOIN t ON s.k = t.k GROUP BY t.n, TUMBLE(ts, INTERVAL '5' SECOND)`,
  'and rows before': `SELECT v, t.name, LAG(v) OVER (PARTITION BY t.name ORDER BY ts) AS w FROM s JOIN t ON s.k = t.k`,
  'of what is grouped': `SELECT g.k, g.v, t.name FROM (SELECT k, SUM(v) AS v FROM s GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)) g LEFT JOIN t ON g.k = t.k`,
  'and an expression that fails': `SELECT v, CAST(t.n * 300000000 AS INTEGER) AS w FROM s LEFT JOIN t ON s.k = t.k`,
};

const how = fc.record({
  cores: fc.integer({ min: 1, max: 3 }),
  chunkBytes: fc.constantFrom(16, 200, 2000),
  seed: fc.integer(),
  batchRows: fc.constantFrom(1, 7, 2048),
  exchangeBytes: fc.constantFrom(0, 1 << 20),
  sharing: fc.constantFrom('offset', 'turns'),
  encodes: fc.boolean(),
});

const RUNS = often(12);

test.each(Object.entries(QUERIES))('a lookup %s', async (_, query) => {
  await fc.assert(
    fc.asyncProperty(rows, entries, entries, how, async (s, t, u, given) => {
      const text = `${STREAM} ${tables(file(t), file(u))} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
      const one = await runPipeline({ text, input: { s }, isOnOneCore: true });
      const several = await runOnCores({ ...given, text, inputs: { s: { stdin: Buffer.from(s) } } });
      expect(several.error?.message).toBe(one.error?.message);
      expect(several.output).toBe(one.output);
      const keysOf = ({ progress }: typeof one) =>
        progress.operators.map(({ kind, keys }) => kind === 'lookup' && keys);
      if (one.error === null) expect(keysOf(several)).toEqual(keysOf(one));
    }),
    { numRuns: RUNS },
  );
});

test('the other cores look up, too', async () => {
  const s = linesOf(Array.from({ length: 2000 }, (_, v) => ({ k: KEYS[v % 5], i: 0, v, ts: v })));
  const t = linesOf(KEYS.slice(0, 4).map((k, n) => ({ k, name: `name of ${k}`, n })));
  const text = `${STREAM} ${tables(file(t), file(''))} SELECT v, t.name FROM s JOIN t ON s.k = t.k WHERE t.n < 3;`;
  const how = { cores: 3, chunkBytes: 500, sharing: 'offset', seed: 2 } as const;
  const run = await openCores({ ...how, text, inputs: { s: { stdin: Buffer.from(s) } } });
  while (!run.core.hasEnded) run.turn();
  const lookup = run.plan.nodes.find(({ kind }) => kind === 'lookup');
  const place = run.telemetry.placeOf(lookup?.id ?? '');
  const rowsIn = run.telemetry.blocks.map((block) => block[place + 2] as number);
  // The first core reads the table.
  expect(rowsIn.reduce((sum, count) => sum + count)).toBe(2000 + 4);
  expect(rowsIn[0]).toBeLessThan(1500);
});

test('a table that changes does so at one row of the stream, whichever core had it', async () => {
  const stdin = Buffer.from(linesOf(Array.from({ length: 600 }, (_, v) => ({ k: 'a', v, ts: v }))));
  const expected = Array.from({ length: 600 }, (_, v) => v);
  const seen = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const name = file('{"k":"a","name":"0"}\n');
    const clock = { now: 1_000_000 };
    const text = `${STREAM} CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM FILE (path = '${name}', ttl = '1s');
      ${seed % 2 === 0 ? 'SELECT v, t.name FROM s JOIN t ON s.k = t.k' : `SELECT v, t.name, LAG(v) OVER (PARTITION BY s.k ORDER BY ts) AS w FROM s JOIN t ON s.k = t.k`};`;
    const how = { cores: 1 + (seed % 3), chunkBytes: 300, sharing: 'offset', seed, exchangeBytes: 1 << 20 } as const;
    const run = await openCores({ ...how, text, inputs: { s: { stdin } }, now: () => clock.now });
    for (let turns = 0; !run.core.hasEnded; turns++) {
      run.turn();
      if (turns % 12 !== 11) continue;
      fs.writeFileSync(name, `{"k":"a","name":"${turns}"}\n`);
      clock.now += 1001;
    }
    for (const { tables } of run.others) tables?.close();
    const out =
      textsOf(run.outputs)
        .stdout?.split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)) ?? [];
    expect(out.map(({ v }) => v)).toEqual(expected);
    const names = out.map((one) => Number(one.name));
    expect(names).toEqual(names.toSorted((a, b) => a - b));
    for (const one of names) seen.add(String(one));
  }
  expect(seen.size).toBeGreaterThan(3);
});

test('a table of which there is no room for copies is looked into by the first core', async () => {
  const s = linesOf(Array.from({ length: 500 }, (_, v) => ({ k: `k${v}`, v, ts: v })));
  const t = linesOf(Array.from({ length: 20_000 }, (_, v) => ({ k: `k${v}`, name: 'name '.repeat(60) + v })));
  const text = `SET memory_limit = '40MB'; ${STREAM} ${tables(file(t), file(''))} SELECT v, length(t.name) AS n FROM s JOIN t ON s.k = t.k;`;
  const notices: string[] = [];
  const how = { cores: 3, chunkBytes: 500, sharing: 'offset', seed: 2 } as const;
  const inputs = { s: { stdin: Buffer.from(s) } };
  const several = await runOnCores({ ...how, text, inputs, notify: (notice) => notices.push(notice) });
  expect(several.error).toBeNull();
  expect(several.output.split('\n').length).toBe(501);
  expect(several.helped).toBe(0);
  expect(notices).toEqual([expect.stringMatching(/^lookup table t is too large for each core/)]);
});
