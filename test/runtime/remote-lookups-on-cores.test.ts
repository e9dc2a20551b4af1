// Lookups in a table elsewhere, where other cores decode or compute what comes before: the rows of one core, in its order,
// whenever answers come, also where runs go on from checkpoints.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { KeyedAnswer } from '../../src/connectors/connector.ts';
import { exchangeOf } from '../../src/plan/exchange.ts';
import { runOnCores } from '../support/cores.ts';
import { FakeTable } from '../support/fake-table.ts';
import { runPipeline } from '../support/pipeline.ts';
import { createRandom, often, type Random } from '../support/random.ts';
import { runRestoredOnCores } from '../support/restored-on-cores.ts';

const RUNS = often(10);

const ROWS = Object.fromEntries(['a', 'b', 'c', 'd'].map((k, n) => [k, { k, name: n === 2 ? null : `name of ${k}` }]));

/** Answers come late, at random. */
class SlowTable extends FakeTable {
  readonly #random: Random;

  constructor(seed: number) {
    super(ROWS, false);
    this.#random = createRandom(seed);
  }

  override take(): KeyedAnswer | null {
    if (this.#random.below(4) === 0) this.answer();
    return super.take();
  }
}

const row = fc.record({
  k: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: null }),
  v: fc.integer({ min: -100, max: 100 }),
  ts: fc.integer({ min: 0, max: 30_000 }),
});
const rows = fc.array(row, { maxLength: 100 }).map((list) =>
  list
    .map((one, n) => ({ ...one, ts: n * 500 + (one.ts % 3000) }))
    .map((one) => `${JSON.stringify(one)}\n`)
    .join(''),
);

const TEXT = `CREATE SOURCE s (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND);
  CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM POSTGRES (table = 't', batch_size = 2, cache_size = 3);`;
const WINDOW = "TUMBLE(ts, INTERVAL '5' SECOND)";

const QUERIES: Record<string, { query: string; isExchanged: boolean }> = {
  'of rows': { query: 'SELECT v, t.name FROM s LEFT JOIN t ON s.k = t.k WHERE v > -50', isExchanged: false },
  'and groups of it': {
    query: `SELECT t.name, window_end, COUNT(*) AS n FROM s JOIN t ON s.k = t.k GROUP BY t.name, ${WINDOW}`,
    isExchanged: false,
  },
  'of groups by parts': {
    query: `SELECT g.*, t.name FROM (SELECT k, window_end, SUM(v) AS v FROM s GROUP BY k, ${WINDOW}) g LEFT JOIN t ON g.k = t.k`,
    isExchanged: true,
  },
  'of groups by key, and windows over it': {
    query: `SELECT name, window_end, SUM(d) AS d FROM (SELECT g.at, g.d, t.name FROM
      (SELECT k, window_start AS at, SUM(v * 0.1) AS d FROM s GROUP BY k, ${WINDOW}) g JOIN t ON g.k = t.k) GROUP BY name, TUMBLE(at, INTERVAL '10' SECOND)`,
    isExchanged: true,
  },
};

const how = fc.record({
  cores: fc.integer({ min: 2, max: 3 }),
  chunkBytes: fc.constantFrom(16, 200, 2000),
  seed: fc.nat(),
  batchRows: fc.constantFrom(1, 7, 2048),
  exchangeBytes: fc.constantFrom(0, 1 << 20, 1 << 20),
  sharing: fc.constantFrom('offset', 'turns'),
});

let checkpoints = 0;
afterAll(() => expect(checkpoints).toBeGreaterThan(10));

test.each(Object.entries(QUERIES))('a lookup %s', async (_, { query, isExchanged }) => {
  const text = `${TEXT} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
  await fc.assert(
    fc.asyncProperty(rows, how, async (s, given) => {
      const one = await runPipeline({ text, input: { s }, openTable: () => new FakeTable(ROWS), isOnOneCore: true });
      expect(one.error).toBeNull();
      expect(exchangeOf(one.plan) !== null).toBe(isExchanged);
      const inputs = { s: { stdin: Buffer.from(s) } };
      const several = await runOnCores({ ...given, text, inputs, openTable: () => new SlowTable(given.seed) });
      expect(several.error).toBeNull();
      expect(several.output).toBe(one.output);
      const openTable = () => new SlowTable(given.seed);
      const { seed } = given;
      const restored = await runRestoredOnCores({ text, inputs, seed, now: () => 0, turnsMax: 30, openTable });
      expect(restored.error).toBeNull();
      expect(restored.output).toBe(one.output);
      checkpoints += restored.checkpoints;
    }),
    { numRuns: RUNS },
  );
});
