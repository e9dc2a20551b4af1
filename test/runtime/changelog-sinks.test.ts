// How sinks write rows that change: every change, Debezium's envelope, or rows by their key.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE) FROM STDIN;`;

interface Row {
  k: string | null;
  v: number;
}

async function run(query: string, rows: readonly Row[], batchRows = 2048): Promise<string> {
  const input = rows.map((row, n) => `${JSON.stringify({ ts: n * 1000, ...row })}\n`).join('');
  const { output, error } = await runPipeline({ text: `${SOURCE} ${query}`, input, batchRows, now: () => 0 });
  expect(error).toBeNull();
  return output;
}

const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const ROWS = [
  { k: 'a', v: 1 },
  { k: 'b', v: 5 },
  { k: 'a', v: 5 },
  { k: 'b', v: 1 },
];
const COUNTS = 'CREATE SINK out AS SELECT k, COUNT(*) AS n, MAX(v) AS v FROM e GROUP BY k';

describe.each([1, 2, 3, 2048])('in batches of %i', (batchRows) => {
  test('weight: every change', async () => {
    const written = parse(await run(`${COUNTS} INTO STDOUT (changelog = 'weight');`, ROWS, batchRows));
    expect(written.map(({ op, k, n }) => [op, k, n])).toEqual([
      ['+I', 'a', 1],
      ['+I', 'b', 1],
      ['-U', 'a', 1],
      ['+U', 'a', 2],
      ['-U', 'b', 1],
      ['+U', 'b', 2],
    ]);
  });

  test('debezium: an update is one record', async () => {
    const written = parse(await run(`${COUNTS} INTO STDOUT (changelog = 'debezium');`, ROWS, batchRows));
    expect(written.map(({ op, before, after }) => [op, before?.n ?? null, after.n])).toEqual([
      ['c', null, 1],
      ['c', null, 1],
      ['u', 1, 2],
      ['u', 1, 2],
    ]);
  });

  test('upsert: the row as it is, the key of one that is deleted', async () => {
    // A row of `v` leaves its group when its k gets a greater one.
    const query = `CREATE STREAM latest AS SELECT k, MAX(v) AS v FROM e GROUP BY k;
      CREATE SINK out AS SELECT COUNT(*) AS n, v FROM latest GROUP BY v INTO STDOUT (changelog = 'upsert', op_column = 'what');`;
    expect(parse(await run(query, ROWS, batchRows))).toEqual([
      { what: '+U', n: 1, v: 1 },
      { what: '+U', n: 1, v: 5 },
      { what: '-D', n: null, v: 1 },
      { what: '+U', n: 2, v: 5 },
    ]);
  });

  test('upsert: a session that grows has another key', async () => {
    const query = `CREATE SINK out AS SELECT k, window_end AS e, COUNT(*) AS n, window_start AS s FROM e
      GROUP BY k, SESSION(ts, INTERVAL '1500' MILLISECOND) EMIT ON UPDATE
      INTO STDOUT (format = 'csv', changelog = 'upsert', timestamp_format = 'ms', header = false);`;
    const rows = [
      { k: 'a', v: 1 },
      { k: 'a', v: 1 },
    ];
    expect(await run(query, rows, batchRows)).toBe('+U,a,1500,1,0\n-D,a,1500,,0\n+U,a,2500,2,0\n');
  });
});

test('rows that only come are upserts of the key that is given', async () => {
  const query = "CREATE SINK out AS SELECT k, v FROM e WHERE v > 1 INTO STDOUT (changelog = 'upsert', key = 'K');";
  expect(await run(query, ROWS)).toBe('{"op":"+U","k":"b","v":5}\n{"op":"+U","k":"a","v":5}\n');
});

test('rows that only come are insertions where changes are asked for, so that what is written can be read as changes', async () => {
  const query = (options: string) => `CREATE SINK out AS SELECT k, v FROM e WHERE v > 1 INTO STDOUT (${options});`;
  const written = await run(query("changelog = 'weight', op_column = 'kind'"), ROWS);
  expect(written).toBe('{"kind":"+I","k":"b","v":5}\n{"kind":"+I","k":"a","v":5}\n');
  expect(await run(query("format = 'csv', changelog = 'weight'"), ROWS)).toBe('op,k,v\n+I,b,5\n+I,a,5\n');
  // A final table, too.
  const ordered =
    "CREATE SINK out AS SELECT k, v FROM e ORDER BY v, k LIMIT 1 EMIT FINAL INTO STDOUT (changelog = 'weight');";
  expect(await run(ordered, ROWS)).toBe('{"op":"+I","k":"a","v":1}\n');
});

test('upserts add up to the final table, whatever the query makes of the changes', async () => {
  const rows = fc.array(
    fc.record({
      k: fc.constantFrom('a', 'b', 'c', 'long enough to be kept apart', null),
      v: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 30 },
  );
  const query = `CREATE STREAM sums AS SELECT k, SUM(v) AS v FROM e GROUP BY k;
    CREATE STREAM groups AS SELECT v % 4 AS g, COUNT(*) AS n, MIN(k) AS k FROM sums WHERE v <> 3 GROUP BY v % 4 HAVING COUNT(*) < 3;`;
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom(1, 3, 2048), async (given, batchRows) => {
      const changes = await run(
        `${query} CREATE SINK out FROM groups INTO STDOUT (changelog = 'upsert');`,
        given,
        batchRows,
      );
      const table = new Map<number, object>();
      for (const { op, g, n, k } of parse(changes)) {
        if (op === '-D') expect(table.delete(g)).toBe(true);
        else table.set(g, { g, n, k });
      }
      const once = parse(await run(`${query} CREATE SINK out FROM groups INTO STDOUT;`, given, batchRows));
      expect([...table].sort(([a], [b]) => a - b).map(([, row]) => row)).toEqual(once);
    }),
    { numRuns: 60 },
  );
});
