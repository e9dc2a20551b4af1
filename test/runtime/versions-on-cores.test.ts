// Temporal joins with versions of changelogs, exchanged by their key: the rows of one core on any number of cores, also
// where runs go on from checkpoints; and changes that all cores read, bad ones too.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { exchangeOf } from '../../src/plan/exchange.ts';
import { runOnCores } from '../support/cores.ts';
import { type PipelineResult, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';
import { runRestoredOnCores } from '../support/restored-on-cores.ts';

const RUNS = often(5);

const KEYS = ['a', 'b', 'ü', 'a key that is longer than twelve bytes'];
const time = fc.integer({ min: 0, max: 30_000 });
const order = fc.record({
  id: fc.nat(99),
  k: fc.option(fc.constantFrom(...KEYS, 'nowhere'), { nil: null }),
  ts: time,
});
const version = fc.record({
  op: fc.constantFrom('+I', '+U', '-U', '-D'),
  k: fc.constantFrom(...KEYS),
  rate: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
  at: time,
});
const upsert = version.map(({ op: _, ...row }) => row);
/** Rows in the order of their times but for some seconds. */
function linesOf<T extends object>(rows: T[], timeOf: (row: T) => number): string {
  const sorted = rows.map((row, n) => ({ row, at: timeOf(row) + ((n * 7919) % 6000) })).sort((a, b) => a.at - b.at);
  return sorted.map(({ row }) => `${JSON.stringify(row)}\n`).join('');
}
const orders = fc.array(order, { maxLength: 80 }).map((rows) => linesOf(rows, ({ ts }) => ts));
const upserts = fc.array(version, { maxLength: 60 }).map((rows) => linesOf(rows, ({ at }) => at));
const rows = fc.array(upsert, { maxLength: 60 }).map((list) => linesOf(list, ({ at }) => at));

const WATERMARK = (column: string) => `WATERMARK FOR ${column} AS ${column} - INTERVAL '4' SECOND`;
const ORDERS = `CREATE SOURCE o (id BIGINT, k VARCHAR, ts TIMESTAMP, ${WATERMARK('ts')}) FROM FILE (path = 'x', format = 'json');`;
const rates = (options: string) =>
  `CREATE SOURCE r (k VARCHAR, rate INTEGER, at TIMESTAMP, ${WATERMARK('at')}, PRIMARY KEY (k)) FROM FILE (path = 'x', ${options});`;
const FORMS = {
  'upserts and deletions': { source: rates("format = 'json', changelog = 'upsert'"), versions: upserts },
  'rows by key': { source: rates("format = 'json'"), versions: rows },
};

const QUERIES = {
  inner: 'SELECT o.id, o.k, r.rate, r.at FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.k = r.k',
  left: 'SELECT o.id, o.k, r.rate FROM o LEFT JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.k = r.k WHERE o.id > 5',
  'with a condition':
    'SELECT o.id, r.rate FROM o LEFT JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.k = r.k AND r.rate > o.id % 7',
  'some time before': `SELECT o.id, r.rate FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts - INTERVAL '3' SECOND ON o.k = r.k`,
  'and windows over it': `SELECT k, window_end, COUNT(*) AS n, SUM(rate) AS rate FROM
    (SELECT o.k, o.ts, r.rate FROM o LEFT JOIN r FOR SYSTEM_TIME AS OF o.ts ON o.k = r.k) GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)`,
};

const how = fc.record({
  cores: fc.integer({ min: 1, max: 3 }),
  chunkBytes: fc.constantFrom(16, 200, 2000),
  seed: fc.integer(),
  batchRows: fc.constantFrom(1, 7, 2048),
  exchangeBytes: fc.constantFrom(0, 1 << 20, 1 << 20),
  sharing: fc.constantFrom('offset', 'turns'),
});

const sorted = ({ output }: Pick<PipelineResult, 'output'>) => output.split('\n').sort();
const bytes = (text: string) => ({ stdin: Buffer.from(text) });

let checkpoints = 0;
let shared = 0;
afterAll(() => {
  expect(checkpoints).toBeGreaterThan(10);
  expect(shared).toBeGreaterThan(5);
});

describe.each(Object.entries(FORMS))('versions of %s', (_, { source, versions }) => {
  test.each(Object.entries(QUERIES))('%s', async (_, query) => {
    const text = `${ORDERS} ${source} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
    await fc.assert(
      fc.asyncProperty(orders, versions, how, fc.nat(), async (o, r, given, life) => {
        const one = await runPipeline({ text, input: { o, 'r.records': r, r }, isOnOneCore: true });
        expect(exchangeOf(one.plan)?.node.kind).toBe('join');
        expect(one.error).toBeNull();
        const names = { o: bytes(o), r: bytes(r), 'r.records': bytes(r) };
        const several = await runOnCores({ ...given, text, inputs: names });
        expect(several.error).toBeNull();
        expect(sorted(several)).toEqual(sorted(one));
        const late = ({ progress }: PipelineResult) => progress.operators.map((operator) => operator.late);
        expect(late(several)).toEqual(late(one));
        const restored = await runRestoredOnCores({ text, inputs: names, seed: life, now: () => 0, turnsMax: 30 });
        expect(restored.error).toBeNull();
        expect(sorted(restored)).toEqual(sorted(one));
        checkpoints += restored.checkpoints;
        shared += restored.shared;
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a record that is no change', () => {
  const text = (onError: string) =>
    `${rates(`format = 'json', changelog = 'upsert', on_error = '${onError}'`)} CREATE SINK out AS SELECT k, rate FROM r INTO STDOUT (changelog = 'upsert');`;
  const broken = fc.array(
    fc.oneof({ weight: 9, arbitrary: version }, { weight: 1, arbitrary: version.map((one) => ({ ...one, op: '+X' })) }),
    {
      maxLength: 60,
    },
  );

  test.each(['fail', 'skip'])('%s: as on one core, with what came before it', async (onError) => {
    await fc.assert(
      fc.asyncProperty(broken, how, async (rows, given) => {
        const r = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        const input = { r, 'r.records': r };
        const one = await runPipeline({ text: text(onError), input, isOnOneCore: true });
        const several = await runOnCores({
          ...given,
          text: text(onError),
          inputs: { r: bytes(r), 'r.records': bytes(r) },
        });
        expect(several.error).toEqual(one.error);
        expect(several.output).toBe(one.output);
        expect(several.progress.sources[0]?.rejected).toBe(one.progress.sources[0]?.rejected);
      }),
      { numRuns: RUNS * 2 },
    );
  });
});
