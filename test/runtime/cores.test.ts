// Several cores: whatever the interleaving, the cuts and the input, output, bad records and counters are those of one.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOnCores } from '../support/cores.ts';
import { BytesReader, lateCounts, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-cores-'));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

const jsonRow = fc
  .record({
    k: fc.constantFrom('a', 'b', 'ü', 'long '.repeat(20)),
    v: fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: null }),
    ts: fc.integer({ min: 0, max: 60_000 }),
  })
  .map((row) => JSON.stringify(row));
const jsonLine = fc.oneof(
  { weight: 20, arbitrary: jsonRow },
  { weight: 1, arbitrary: fc.constantFrom('', '{"k":', '{"k":1e999,"ts":"never"}', '\u00ff', '[1]', '{"ts":5}') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((n) => `{"k":"${'x'.repeat(n)}","v":1,"ts":7}`) },
);

const csvField = fc.oneof(
  fc.constantFrom('a', 'b', 'ü', ''),
  fc.constantFrom('"a"', '"two\nlines"', '"a ""quoted"" one"', '"a,b"', '"\n\n"'),
);
const csvLine = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .tuple(csvField, fc.integer({ min: -9, max: 99 }), fc.integer({ min: 0, max: 60_000 }))
      .map((fields) => fields.join(',')),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '"open,1,2', '"a"b,1,2', 'a,1', 'a,1,2,3', 'a"b,1,2', `${'y'.repeat(900)},1,2`),
  },
);

function split(lines: fc.Arbitrary<string>, header: string): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.boolean(), fc.array(lines, { maxLength: 120 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([hasMark, rows, newline, isTerminated]) => {
      const text = [...(header === '' ? [] : [header]), ...rows].join(newline);
      return Buffer.from(`${hasMark ? '\ufeff' : ''}${text}${isTerminated ? newline : ''}`);
    });
}

const QUERIES = {
  rows: `SELECT k, v, ts FROM t`,
  filtered: `SELECT upper(k) AS u, v + 1 AS w FROM t WHERE v > 0`,
  failing: `SELECT k, v // (v + 900) AS w, CAST(v * 9223372036854770 AS BIGINT) AS big FROM t`,
  chain: `SELECT k || '!' AS k, w * 2 AS w, repeat(k, 3) AS long FROM (SELECT k, v - 1 AS w FROM t WHERE v % 3 <> 1)`,
  filteredWindows: `SELECT k, window_start, COUNT(*) AS n, FIRST_VALUE(v) AS f, LAST_VALUE(w) AS l
            FROM (SELECT concat(k, 'x') AS k, v, v * 2 AS w, ts FROM t WHERE v % 2 = 0)
            GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)`,
  sorted: `SELECT upper(k) AS k, v, ts FROM t WHERE v > -500 ORDER BY ts`,
  first: `SELECT v FROM t WHERE v > 0 LIMIT 5`,
  twice: `SELECT k, COUNT(*) AS n FROM (SELECT k, v FROM t WHERE v > 0 UNION ALL SELECT k, v FROM t WHERE v < 9) GROUP BY k`,
  table: `SELECT k, v % 3 AS m, COUNT(*) AS n, SUM(v) AS s, FIRST_VALUE(v) AS f FROM t WHERE v <> 7 GROUP BY k, m`,
  tableByNumber: `SELECT v, COUNT(*) AS n FROM t GROUP BY v`,
  hops: `SELECT v, k, window_end, COUNT(*) AS n, MAX(k) AS x
            FROM t GROUP BY v, k, HOP(ts, INTERVAL '2' SECOND, INTERVAL '5' SECOND)`,
  partials: `SELECT k, window_start, COUNT(*) AS n, COUNT(v) AS c, SUM(v) AS s, AVG(v) AS a, MIN(v) AS lo, MAX(ts) AS hi
            FROM t GROUP BY k, TUMBLE(ts, INTERVAL '2' SECOND)`,
  partialsOfAll: `SELECT COUNT(*) AS n, SUM(v) AS s, MIN(v) AS lo, BOOL_AND(v > -999) AS b FROM t WHERE v < 900`,
  partialHops: `SELECT window_end, AVG(v) AS a, MIN(v * 0.0) AS lo, MAX(v * -0.0) AS hi, COUNT(*) FILTER (WHERE v > 0) AS n
            FROM t GROUP BY HOP(ts, INTERVAL '2' SECOND, INTERVAL '5' SECOND)`,
  partialOverflow: `SELECT v % 3 AS m, COUNT(*) AS n, SUM(v * 5000000000000000) AS s FROM t GROUP BY m`,
  sessions: `SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS s FROM t GROUP BY k, SESSION(ts, INTERVAL '1' SECOND)`,
  firstWindows: `SELECT k, window_start, COUNT(*) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND) LIMIT 9`,
  cascade: `SELECT window_start, COUNT(*) AS keys, SUM(n) AS n FROM (
            SELECT k, window_start, COUNT(*) AS n, window_time FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND))
            GROUP BY TUMBLE(window_time, INTERVAL '10' SECOND)`,
  failingWindows: `SELECT k, window_start, COUNT(*) AS n FROM t WHERE CAST(v * 9223372036854770 AS BIGINT) <> 1
            GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)`,
  dedup: `SELECT k, v, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY v, k ORDER BY ts) AS n FROM t) WHERE n = 1`,
  latest: `SELECT DISTINCT ON (v) v, k, ts FROM t ORDER BY v, ts DESC`,
  distinctOn: `SELECT DISTINCT ON (k) k, v FROM t`,
  over: `SELECT k, v, ts, ROW_NUMBER() OVER w AS n, SUM(v) OVER w AS s, LAG(v) OVER w AS p
            FROM t WHERE v <> 5 WINDOW w AS (PARTITION BY k ORDER BY ts)`,
  overRange: `SELECT k, v, MAX(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2' SECOND PRECEDING AND CURRENT ROW) AS m,
            COUNT(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN CURRENT ROW AND INTERVAL '1' SECOND FOLLOWING) AS c FROM t`,
  overEnd: `SELECT k, v, RANK() OVER (PARTITION BY k ORDER BY v DESC NULLS FIRST) AS r, LAG(ts) OVER (PARTITION BY k ORDER BY v DESC NULLS FIRST) AS p FROM t`,
  overAll: `SELECT k, v, ts, COUNT(*) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) AS c FROM t`,
  leads: `SELECT k, v, LEAD(v) OVER (PARTITION BY k ORDER BY ts) AS next FROM t`,
  topOfWindows: `SELECT k, v, window_end, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_end, k ORDER BY n DESC, v) AS rank
            FROM (SELECT k, v, window_end, COUNT(*) AS n FROM t GROUP BY k, v, TUMBLE(ts, INTERVAL '5' SECOND))) WHERE rank <= 2`,
  windows: `SELECT k, window_start, COUNT(*) AS n, SUM(v) AS s, FIRST_VALUE(v) AS f, LAST_VALUE(v) AS l
            FROM t GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND)`,
};

function pipeline(format: string, onError: string, query: keyof typeof QUERIES): string {
  const letters = onError === 'dead_letter' ? `, dead_letter = '${path.join(folder, 'bad.ndjson')}'` : '';
  return `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND)
          FROM FILE (path = 'in*.txt', ${format}, on_error = '${onError}'${letters}, max_record_bytes = 800, splits = 'sequential');
          ${QUERIES[query]};`;
}

function deadLetters(): string {
  const file = path.join(folder, 'bad.ndjson');
  if (!fs.existsSync(file)) return '';
  const text = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  return text;
}

/** Found by chance once: an open quote, a line beyond the limit, and a record that is fine. */
const OPEN_BEFORE_LONG = Buffer.from(`"open,1,2\n${'y'.repeat(900)},1,2\na,0,0\n"b\nb",1,1\n`.repeat(3));

const runs = often(50);

describe.each([
  { name: 'NDJSON', format: "format = 'json'", lines: jsonLine, header: '' },
  { name: 'CSV with a header', format: "format = 'csv'", lines: csvLine, header: 'k,v,ts' },
  { name: 'CSV without one', format: "format = 'csv', header = false", lines: csvLine, header: '' },
])('$name', ({ format, lines, header }) => {
  test.each(['offset', 'turns'] as const)('read by %s: the same as on one core', async (sharing) => {
    let helped = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(split(lines, header), { minLength: 1, maxLength: 3 }),
        fc.record({
          cores: fc.integer({ min: 2, max: 4 }),
          chunkBytes: fc.constantFrom(16, 100, 700, 5000),
          seed: fc.integer(),
          batchRows: fc.constantFrom(1, 7, 2048),
          encodes: fc.boolean(),
          exchangeBytes: fc.constantFrom(0, 1 << 20),
        }),
        fc.constantFrom('fail', 'skip', 'null', 'dead_letter'),
        fc.constantFrom(...(Object.keys(QUERIES) as (keyof typeof QUERIES)[])),
        async (bytes, how, onError, query) => {
          const text = pipeline(format, onError, query);
          const splits = Object.fromEntries(bytes.map((content, index) => [`split ${index}`, content]));
          const readers = { t: () => bytes.map((content, index) => named(`split ${index}`, content)) };
          const one = await runPipeline({ text, readers, batchRows: how.batchRows });
          const oneLetters = deadLetters();
          const several = await runOnCores({ text, inputs: { t: splits }, sharing, ...how });
          helped += several.helped;
          const letters = deadLetters();
          expect(several.output).toBe(one.output);
          // What is read beyond a LIMIT is not used: how much that is does not matter.
          if (query.startsWith('first')) return;
          expect(messageOf(several.error)).toBe(messageOf(one.error));
          expect(letters).toBe(oneLetters);
          if (one.error !== null) return;
          const counters = ({
            rows,
            bytes: read,
            rejected,
            nulled,
            watermark,
          }: (typeof one.progress.sources)[number]) => ({
            rows,
            read,
            rejected,
            nulled,
            watermark,
          });
          expect(several.progress.sources.map(counters)).toEqual(one.progress.sources.map(counters));
          expect(lateCounts(several.progress)).toEqual(lateCounts(one.progress));
          const flow = ({ id, rowsIn, rowsOut }: { id: string; rowsIn: number; rowsOut: number }) => [
            id,
            rowsIn,
            rowsOut,
          ];
          expect(several.progress.operators.map(flow)).toEqual(one.progress.operators.map(flow));
          expect(several.progress.sinks.map(flow)).toEqual(one.progress.sinks.map(flow));
        },
      ),
      { numRuns: runs },
    );
    expect(helped, 'other cores did their part').toBeGreaterThan(runs);
  });
});

test.each([
  1, 7, 16, 100, 700, 799, 900, 5000,
])('an open quote before a long line, in chunks of %i bytes', async (chunkBytes) => {
  const text = pipeline("format = 'csv', header = false", 'skip', 'rows');
  const one = await runPipeline({ text, readers: { t: () => [named('split 0', OPEN_BEFORE_LONG)] } });
  expect(one.output.split('\n')).toHaveLength(7);
  for (let seed = 0; seed < 10; seed++) {
    for (const sharing of ['offset', 'turns'] as const) {
      const several = await runOnCores({
        ...{ text, inputs: { t: { 'split 0': OPEN_BEFORE_LONG } }, sharing, cores: 3, chunkBytes, seed },
      });
      expect(several.output, `seed ${seed}, by ${sharing}`).toBe(one.output);
    }
  }
});

test('the first batch of a core that has decoded nothing is whole, though memory grows meanwhile', async () => {
  const text = `CREATE SOURCE t (k VARCHAR, i BIGINT, x DOUBLE);
    CREATE STREAM a AS SELECT COUNT(*) AS n, MIN(x) AS x FROM t GROUP BY k, i HAVING SUM(i) > 0 EMIT ON UPDATE;
    CREATE STREAM b AS SELECT * FROM a WHERE n > 0;
    CREATE STREAM c AS SELECT * FROM b UNION ALL SELECT * FROM a;
    CREATE SINK out AS SELECT QUANTILE_DISC(x, 0.3) AS q, COUNT(*) AS n FROM c EMIT CHANGES INTO STDOUT (format = 'json');`;
  for (const [batchRows, cores] of [1000, 1500, 2048, 3000, 4096].flatMap((rows) => [2, 3].map((n) => [rows, n]))) {
    const inputs = { t: { stdin: new Uint8Array() } };
    const run = await runOnCores({
      ...{
        text,
        inputs,
        cores: cores as number,
        chunkBytes: 500,
        sharing: 'offset',
        seed: 1,
        batchRows: batchRows as number,
      },
    });
    expect(run.output, `${cores} cores, batches of ${batchRows}`).toBe('{"op":"+I","q":null,"n":0}\n');
  }
});

/** Of a sum that overflows: whoever puts parts together does not count the groups for which it does. */
function messageOf(error: Error | null): string | undefined {
  return error?.message.replace(/ for \d+ of \d+ keys/, '');
}

class NamedBytes extends BytesReader {
  override readonly name: string;

  constructor(name: string, bytes: Uint8Array) {
    super(bytes);
    this.name = name;
  }
}

function named(name: string, bytes: Uint8Array): NamedBytes {
  return new NamedBytes(name, bytes);
}
