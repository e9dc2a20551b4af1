// Files that are merged by event time, on several cores: each file's chunks are decoded on all of them, and the rows, their
// order, late decisions and bad records are those of one core, whatever the interleaving, also behind a checkpoint.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOnCores } from '../support/cores.ts';
import { lateCounts } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { runRestoredOnCores } from '../support/restored-on-cores.ts';

const RUNS = often(12);

const FORMATS = {
  json: { format: "format = 'json'", header: '' },
  csv: { format: "format = 'csv'", header: 'k,v,ts\n' },
};

const source = (format: string, onError = 'fail'): string =>
  `CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
   FROM FILE (path = 'in*.txt', ${format}, on_error = '${onError}', max_record_bytes = 800, splits = 'merged');`;

const QUERIES = {
  rows: 'SELECT k, v, ts FROM t',
  filtered: 'SELECT upper(k) AS u, v + 1 AS w FROM t WHERE v % 3 <> 1',
  windows: `SELECT k, window_start, COUNT(*) AS n, SUM(v) AS s, FIRST_VALUE(v) AS f, STRING_AGG(k, '') AS a
            FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)`,
  parts: `SELECT k, window_end, COUNT(*) AS n, MIN(v) AS lo FROM t GROUP BY k, TUMBLE(ts, INTERVAL '3' SECOND)`,
  order: 'SELECT k, v, ts FROM t ORDER BY ts',
  over: 'SELECT k, v, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS p FROM t',
};

interface Event {
  k: string;
  v: number;
  ts: number;
}

const events: fc.Arbitrary<Event[]> = fc
  .record({
    start: fc.nat(9000),
    rows: fc.array(
      fc.record({
        k: fc.constantFrom('a', 'ü', 'tab\t', 'long '.repeat(20)),
        v: fc.nat(99),
        step: fc.nat(900),
        back: fc.nat(4000),
      }),
      { maxLength: 90 },
    ),
  })
  .map(({ start, rows }) => {
    let time = start + 4000;
    return rows.map(({ k, v, step, back }) => {
      time += step;
      return { k, v, ts: time - back };
    });
  });

function encode(given: readonly Event[], format: keyof typeof FORMATS, isBad: (n: number) => boolean): Buffer {
  const rows = given.map((event, n) => {
    const bad = isBad(n) ? '{"k":\n' : '';
    if (format === 'csv') return `${isBad(n) ? 'x,"y"z,1\n' : ''}"${event.k}",${event.v},${event.ts}\n`;
    return `${bad}${JSON.stringify(event)}\n`;
  });
  return Buffer.from(FORMATS[format].header + rows.join(''));
}

const named = (splits: readonly Buffer[]) => Object.fromEntries(splits.map((bytes, n) => [`in${n}.txt`, bytes]));

interface Given {
  splits: Buffer[];
  text: string;
}

/** What one core gives. */
function alone({ splits, text }: Given) {
  const inputs = { t: named(splits) };
  return runOnCores({ text, inputs, cores: 1, chunkBytes: 100, sharing: 'offset', seed: 1 });
}

const cases = fc.record({
  files: fc.array(events, { minLength: 2, maxLength: 5 }),
  format: fc.constantFrom<keyof typeof FORMATS>('json', 'csv'),
  query: fc.constantFrom(...(Object.keys(QUERIES) as (keyof typeof QUERIES)[])),
  cores: fc.constantFrom(2, 3, 5),
  batchRows: fc.constantFrom(1, 7, 2048),
  chunkBytes: fc.integer({ min: 60, max: 1500 }),
  seed: fc.nat(),
});

describe('files that are merged', () => {
  test('come out as on one core, row by row', async () => {
    let helped = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ files, format, query, ...how }) => {
        const splits = files.map((rows) => encode(rows, format, () => false));
        const text = `${source(FORMATS[format].format)} ${QUERIES[query]};`;
        const expected = await alone({ splits, text });
        const got = await runOnCores({
          ...how,
          text,
          inputs: { t: named(splits) },
          sharing: 'offset',
          exchangeBytes: 1 << 16,
        });
        expect(got.error).toBeNull();
        expect(got.output).toBe(expected.output);
        expect(lateCounts(got.progress)).toEqual(lateCounts(expected.progress));
        expect(got.progress.sources.map(({ rows }) => rows)).toEqual(expected.progress.sources.map(({ rows }) => rows));
        helped += got.helped;
      }),
      { numRuns: RUNS },
    );
    expect(helped).toBeGreaterThan(0);
  });

  test('have their bad records left out and counted, or end with the one that would have ended one core', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom('fail', 'skip'), async ({ files, format, query, ...how }, onError) => {
        const splits = files.map((rows, file) => encode(rows, format, (n) => (n * 7 + file) % 19 === 5));
        const text = `${source(FORMATS[format].format, onError)} ${QUERIES[query]};`;
        const expected = await alone({ splits, text });
        const got = await runOnCores({
          ...how,
          text,
          inputs: { t: named(splits) },
          sharing: 'offset',
          exchangeBytes: onError === 'fail' ? 0 : 1 << 16,
        });
        expect(got.error?.message).toBe(expected.error?.message);
        expect(got.output).toBe(expected.output);
        if (onError === 'fail') return;
        const rejected = ({ sources }: typeof got.progress) => sources.map((counters) => counters.rejected);
        expect(rejected(got.progress)).toEqual(rejected(expected.progress));
      }),
      { numRuns: RUNS },
    );
  });

  test('go on behind a checkpoint, on any number of cores', async () => {
    let checkpoints = 0;
    await fc.assert(
      fc.asyncProperty(cases, async ({ files, format, query, batchRows, seed }) => {
        const splits = files.map((rows) => encode(rows, format, () => false));
        const text = `${source(FORMATS[format].format)} ${QUERIES[query]};`;
        const expected = await alone({ splits, text });
        const got = await runRestoredOnCores({ text, batchRows, seed, inputs: { t: named(splits) } });
        expect(got.error).toBeNull();
        expect(got.output).toBe(expected.output);
        checkpoints += got.checkpoints;
      }),
      { numRuns: RUNS },
    );
    expect(checkpoints).toBeGreaterThan(0);
  });
});
