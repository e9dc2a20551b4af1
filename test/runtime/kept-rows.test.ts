// What `laminar state export` shows of operators that keep rows is what came into them, whatever the types.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLinearMemory } from '../../src/data/memory.ts';
import { loadKernelModule } from '../../src/platform/resources.ts';
import { KeptRows, rowKindsOf } from '../../src/runtime/kept-rows.ts';
import type { Snapshot } from '../../src/state/snapshot.ts';
import { BytesReader, preparePipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE t (n INTEGER NOT NULL, b BIGINT, f BOOLEAN, d DOUBLE, v VARCHAR, m DECIMAL(9,2), l INTEGER[],
    ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '1' HOUR) FROM STDIN (format = 'json');`;

const row = fc.record({
  b: fc.option(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }).map(Number)),
  f: fc.option(fc.boolean()),
  d: fc.option(fc.constantFrom(0.5, -7.25, 1e9)),
  v: fc.option(fc.constantFrom('', 'x', 'é and "quotes"', 'longer than what is packed into eight bytes')),
  m: fc.option(fc.constantFrom(1.25, -3.5)),
  l: fc.option(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 })),
});

/** The rows in the state of each operator of the plan once all input has come, and before it has ended. */
async function keptOf(query: string, lines: readonly string[]): Promise<Record<string, unknown[]>> {
  const taken: Snapshot[] = [];
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const { core, plan, control } = await preparePipeline({
    text: `${SOURCE} CREATE SINK o AS ${query} INTO BLACKHOLE;`,
    readers: { t: () => [new Endless(bytes)], u: () => [new Endless(bytes)] },
    batchRows: 5,
    durable: { restored: null, logs: null, give: ({ snapshot }) => taken.push(structuredClone(snapshot)) },
  });
  while (core.turn());
  control.askForCheckpoint(1);
  expect(core.checkpoint()).toBe(true);
  const found: Record<string, unknown[]> = {};
  for (const { id, blocks } of taken[0]?.operators ?? []) {
    const node = plan.nodes.find((other) => other.id === id);
    const kinds = node === undefined ? null : rowKindsOf(plan, node);
    if (kinds === null) continue;
    const rows = new KeptRows(createLinearMemory(loadKernelModule()), kinds);
    for (const { side, text } of blocks.flatMap((block) => rows.read(block))) {
      const parsed = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      const key = `${node?.kind} ${side}`;
      found[key] = [...(found[key] ?? []), ...parsed];
    }
  }
  return found;
}

/** Bytes, and then nothing for ever. */
class Endless extends BytesReader {
  override read(...how: Parameters<BytesReader['read']>): number {
    return Math.max(0, super.read(...how));
  }
}

const CASES: [string, string, string[]][] = [
  ['ORDER BY', 'SELECT * FROM t ORDER BY n DESC', ['sort null']],
  ['a join without bounds', 'SELECT x.n FROM t x JOIN t y ON x.n = y.n AND x.v <> y.v', ['join left', 'join right']],
  ['OVER', 'SELECT n, b, f, d, v, m, l, LAG(n) OVER (ORDER BY ts) AS p FROM t', ['over null']],
];

describe('the rows that are kept', () => {
  test.each(CASES)('%s', async (_, query, operators) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const given = rows.map((values, n) => ({ n, ...values, ts: new Date(1.7e12 + n * 1000).toISOString() }));
        const found = await keptOf(
          query,
          given.map((values) => JSON.stringify(values)),
        );
        expect(Object.keys(found).sort()).toEqual(operators);
        for (const kept of Object.values(found)) {
          const numbers = (kept as Record<string, number>[]).map((one) => one['n'] ?? one['x.n'] ?? one['y.n']);
          expect(numbers.sort((a = 0, b = 0) => a - b)).toEqual(given.map(({ n }) => n));
          for (const one of kept as Record<string, unknown>[]) {
            const n = (one['n'] ?? one['x.n'] ?? one['y.n']) as number;
            for (const [column, value] of Object.entries(one)) {
              const name = column.replace(/^[xy]\./, '') as keyof (typeof given)[number];
              const expected = given[n]?.[name];
              if (name === 'ts') expect(Date.parse(value as string)).toBe(Date.parse(expected as string));
              else expect(value).toEqual(expected);
            }
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});
