// The first rows of an order as they change: what enters and leaves, ties, and what is kept.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = 'CREATE SOURCE e (k VARCHAR, v BIGINT) FROM STDIN;';
const WEIGHT = "CREATE SOURCE e (k VARCHAR, v BIGINT) FROM STDIN (changelog = 'weight');";

async function run(text: string, records: readonly object[], batchRows = 2048) {
  const input = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const { output, error, progress } = await runPipeline({ text, input, batchRows, now: () => 0 });
  expect(error).toBeNull();
  const lines = output.split('\n').filter((line) => line !== '');
  const rows = lines.map((line) => JSON.parse(line));
  return { rows, changes: rows.map(({ op, k, v }) => [op, k, v]), progress };
}

describe.each([1, 2, 5, 2048])('in batches of %i', (batchRows) => {
  test('a row that enters puts the last one out; of equal rows the earlier is first', async () => {
    const records = [5, 3, 5, 9, 1, 5].map((v, n) => ({ k: 'abcdef'[n], v }));
    const { changes } = await run(
      `${SOURCE} SELECT k, v FROM e ORDER BY v DESC LIMIT 2 EMIT CHANGES;`,
      records,
      batchRows,
    );
    expect(changes).toEqual([
      ['+I', 'a', 5],
      ['+I', 'b', 3],
      ['-D', 'b', 3],
      ['+I', 'c', 5],
      ['-D', 'c', 5],
      ['+I', 'd', 9],
    ]);
  });

  test('a row that leaves lets the next one in, an update that stays is one', async () => {
    const records = [
      { op: '+I', k: 'a', v: 1 },
      { op: '+I', k: 'b', v: 2 },
      { op: '+I', k: 'c', v: 3 },
      { op: '+I', k: 'd', v: 4 },
      { op: '-U', k: 'b', v: 2 },
      { op: '+U', k: 'b', v: 0 },
      { op: '-U', k: 'a', v: 1 },
      { op: '+U', k: 'a', v: 7 },
      { op: '-D', k: 'd', v: 4 },
      { op: '-D', k: 'b', v: 0 },
    ];
    const { changes } = await run(
      `${WEIGHT} SELECT k, v FROM e ORDER BY v LIMIT 2 OFFSET 1 EMIT CHANGES;`,
      records,
      batchRows,
    );
    expect(changes).toEqual([
      ['+I', 'b', 2],
      ['+I', 'c', 3],
      // b is first, and a is the one behind it.
      ['-D', 'b', 2],
      ['+I', 'a', 1],
      // a goes to the end, behind d.
      ['-D', 'a', 1],
      ['+I', 'd', 4],
      ['-D', 'd', 4],
      ['+I', 'a', 7],
      // c is the first now.
      ['-D', 'c', 3],
    ]);
  });

  test('the final table of changes, in an order and without', async () => {
    const records = [
      { op: '+I', k: 'b', v: 2 },
      { op: '+I', k: 'a', v: 2 },
      { op: '+I', k: 'c', v: 1 },
      { op: '+I', k: 'c', v: 1 },
      { op: '-D', k: 'b', v: 2 },
      { op: '+I', k: 'z', v: 0 },
    ];
    const ordered = await run(`${WEIGHT} SELECT k, v FROM e ORDER BY v DESC, k;`, records, batchRows);
    expect(ordered.rows.map(({ k }) => k)).toEqual(['a', 'c', 'c', 'z']);
    const final = await run(`${WEIGHT} SELECT k, v FROM e EMIT FINAL;`, records, batchRows);
    expect(final.rows).toEqual([
      { k: 'a', v: 2 },
      { k: 'c', v: 1 },
      { k: 'c', v: 1 },
      { k: 'z', v: 0 },
    ]);
  });
});

test('a sink for changes gets the first rows as they change, another the last of them', async () => {
  const text = `${SOURCE} CREATE STREAM most AS SELECT k, COUNT(*) AS v FROM e GROUP BY k ORDER BY v DESC, k LIMIT 1;
    CREATE SINK changes FROM most INTO STDOUT (changelog = 'upsert', key = 'k');
    CREATE SINK final FROM most INTO STDOUT;`;
  const input = ['a', 'b', 'b', 'a', 'a'].map((k) => `${JSON.stringify({ k })}\n`).join('');
  const { outputs, error } = await runPipeline({ text, input });
  expect(error).toBeNull();
  expect(outputs['final']).toBe('{"k":"a","v":3}\n');
  expect(outputs['changes']).toBe(
    '{"op":"+U","k":"a","v":1}\n{"op":"-D","k":"a","v":null}\n{"op":"+U","k":"b","v":2}\n' +
      '{"op":"-D","k":"b","v":null}\n{"op":"+U","k":"a","v":2}\n{"op":"+U","k":"a","v":3}\n',
  );
});

test('where rows only come, no more than the first are kept', async () => {
  const records = Array.from({ length: 50_000 }, (_, n) => ({ k: `row ${n}`, v: (n * 7919) % 50_000 }));
  const text = `${SOURCE} CREATE SINK out AS SELECT k, v FROM e ORDER BY v LIMIT 10 EMIT CHANGES INTO BLACKHOLE;`;
  const { progress } = await run(text, records);
  const stateBytes = progress.operators.at(-1)?.stateBytes;
  expect(stateBytes).toBeGreaterThan(1000);
  expect(stateBytes).toBeLessThan(200_000);
});

test('many rows that come and go are in order', async () => {
  const steps = fc.array(fc.record({ v: fc.integer({ min: 0, max: 400 }), leaves: fc.boolean() }), {
    minLength: 3000,
    maxLength: 3000,
  });
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(1500), async (drawn, offset) => {
      const table: number[] = [];
      const records = drawn.map(({ v, leaves }, n) => {
        if (leaves && n % 3 === 0 && table.length > 0) {
          const at = (v * 31) % table.length;
          const [gone] = table.splice(at, 1);
          return { op: '-D', k: 'k', v: gone };
        }
        table.push(v);
        return { op: '+I', k: 'k', v };
      });
      const { rows } = await run(`${WEIGHT} SELECT v FROM e ORDER BY v DESC LIMIT 700 OFFSET ${offset};`, records);
      const sorted = table.sort((a, b) => b - a).slice(offset, offset + 700);
      expect(rows.map(({ v }) => v)).toEqual(sorted);
    }),
    { numRuns: 3 },
  );
});
