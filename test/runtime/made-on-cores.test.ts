// GENERATOR and NEXMARK on several cores: each makes and decodes the records of the numbers it has taken, and what comes
// out is that of one core.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurableParts } from '../../src/runtime/core.ts';
import type { Snapshot } from '../../src/state/snapshot.ts';
import { type CoresInput, linkOf, runOnCores } from '../support/cores.ts';
import { preparePipeline, runPipeline, textsOf } from '../support/pipeline.ts';

const GENERATOR = `CREATE SOURCE t (
    n BIGINT, k VARCHAR, v TINYINT, d DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
  ) FROM GENERATOR (
    rows = 900, seed = 7, k.kind = 'random', k.values = 'a,b,c', v.start = 100, v.step = 1, d.kind = 'random',
    d.null_rate = 0.2, ts.kind = 'random', ts.min = '2024-01-01T00:00:00Z', ts.max = '2024-01-01T00:01:00Z', OPTIONS
  );`;
const NEXMARK = `CREATE SOURCE t FROM NEXMARK (kind = 'KIND', events = 2000, seed = 5, event_rate = 100);`;

const PIPELINES = {
  rows: `${GENERATOR} SELECT n, k, d, ts FROM t;`,
  'rows of which some are bad': `${GENERATOR} SELECT n, v FROM t;`,
  filtered: `${GENERATOR} SELECT upper(k) AS k, n FROM t WHERE d < 0.5;`,
  windows: `${GENERATOR} SELECT k, window_start, COUNT(*) AS n, SUM(d) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND);`,
  events: `${NEXMARK.replace('KIND', 'all')} SELECT * FROM t;`,
  'few of the events': `${NEXMARK.replace('KIND', 'person')} SELECT * FROM t;`,
  bids: `${NEXMARK.replace('KIND', 'bid')} SELECT auction, window_start, MAX(price) AS p FROM t GROUP BY auction, TUMBLE("dateTime", INTERVAL '2' SECOND);`,
};

const how = fc.record({
  cores: fc.integer({ min: 2, max: 4 }),
  chunkBytes: fc.constantFrom(64, 700, 5000, 1 << 18),
  seed: fc.integer(),
  batchRows: fc.constantFrom(1, 7, 2048),
  exchangeBytes: fc.constantFrom(0, 1 << 20),
});

test.each(Object.entries(PIPELINES))('%s: the same as on one core', async (_, text) => {
  let helped = 0;
  const onError = fc.constantFrom('skip', 'null', 'fail');
  await fc.assert(
    fc.asyncProperty(how, onError, async (given, policy) => {
      const written = text.replace('OPTIONS', `on_error = '${policy}'`);
      const one = await runPipeline({ text: written, batchRows: given.batchRows, isOnOneCore: true });
      const several = await runOnCores({ ...given, text: written, inputs: {}, sharing: 'offset' });
      helped += several.helped;
      expect(several.error?.message).toBe(one.error?.message);
      expect(several.output).toBe(one.output);
      if (one.error !== null) return;
      const [[a], [b]] = [one.progress.sources, several.progress.sources];
      for (const name of ['rows', 'bytes', 'rejected', 'nulled', 'watermark'] as const)
        expect(b?.[name]).toBe(a?.[name]);
    }),
    { numRuns: 12 },
  );
  expect(helped, 'other cores did their part').toBeGreaterThan(12);
});

test('records with a rate are not made before they are due, whoever makes them', async () => {
  const text = `CREATE SOURCE t (n BIGINT) FROM GENERATOR (rows = 60, rate = 2000); SELECT n FROM t;`;
  const began = performance.now();
  const { output, helped } = await runOnCores({
    ...{ text, inputs: {}, cores: 2, chunkBytes: 640, sharing: 'offset', seed: 3 },
  });
  expect(performance.now() - began).toBeGreaterThan(29);
  expect(output).toBe(Array.from({ length: 60 }, (_, n) => `{"n":${n}}\n`).join(''));
  expect(helped).toBeGreaterThan(0);
});

test('a run that goes on from a checkpoint makes the records that follow, whatever the cores before were', async () => {
  const text = `CREATE SOURCE t FROM NEXMARK (kind = 'auction', events = 3000, seed = 5); SELECT id, seller FROM t;`;
  const { output } = await runPipeline({ text, isOnOneCore: true });
  for (const [before, after] of [1, 3].flatMap((from) => [1, 3].map((to) => [from, to]))) {
    const taken: Snapshot[] = [];
    const first = await prepare(text, before as number, {
      restored: null,
      logs: null,
      give: (given) => taken.push(given.snapshot),
    });
    first.control.askForCheckpoint(1);
    // After the first record, when more are to come: how many turns that takes does not depend on time.
    while (Object.values(textsOf(first.outputs)).join('') === '') first.core.turn();
    while (!first.core.checkpoint()) first.core.turn();
    const [snapshot] = structuredClone(taken);
    expect(snapshot?.sinks[0]?.bytes).toBeLessThan(output.length);
    const written = (Object.values(textsOf(first.outputs))[0] ?? '').slice(0, snapshot?.sinks[0]?.bytes);
    const second = await prepare(text, after as number, { restored: snapshot ?? null, logs: null, give: () => {} });
    second.core.run();
    expect(written + Object.values(textsOf(second.outputs))[0]).toBe(output);
  }
});

/** The first of so many cores, which takes all chunks itself. */
function prepare(text: string, cores: number, durable: DurableParts) {
  const given: CoresInput = { text, inputs: {}, cores, chunkBytes: 4000, sharing: 'offset', seed: 1 };
  return preparePipeline({ text, batchRows: 7, durable, link: (plan) => (cores === 1 ? null : linkOf(plan, given)) });
}
