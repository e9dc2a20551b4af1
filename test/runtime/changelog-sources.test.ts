// Sources whose records are changes: single records, what makes no sense, and updates across batches and watermarks.

import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

async function run(text: string, records: readonly (object | string)[], batchRows = 2048) {
  const input = records.map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`).join('');
  const { output, error, progress } = await runPipeline({ text, input, batchRows, now: () => 0 });
  const lines = output.split('\n').filter((line) => line !== '');
  return { rows: lines.map((line) => JSON.parse(line)), error, rejected: progress.sources[0]?.rejected };
}

const WEIGHT = "CREATE SOURCE t (k VARCHAR, v BIGINT) FROM STDIN (changelog = 'weight');";

describe.each([1, 2, 3, 2048])('in batches of %i', (batchRows) => {
  test('an update of two records is one, halves of two are not', async () => {
    const records = [
      { op: '+I', k: 'a', v: 1 },
      { op: '-U', k: 'a', v: 1 },
      { op: '+U', k: 'a', v: 2 },
      { op: '-U', k: 'a', v: 2 },
      { op: '+I', k: 'a', v: 3 },
      { op: '+U', k: 'b', v: 3 },
      { op: '-U', k: 'b', v: 3 },
    ];
    const { rows, error } = await run(`${WEIGHT} SELECT k, v FROM t;`, records, batchRows);
    expect(error).toBeNull();
    expect(rows.map(({ op, k, v }) => [op, k, v])).toEqual([
      ['+I', 'a', 1],
      ['-U', 'a', 1],
      ['+U', 'a', 2],
      ['-D', 'a', 2],
      ['+I', 'a', 3],
      ['+I', 'b', 3],
      ['-D', 'b', 3],
    ]);
  });

  test('an update that begins before a watermark ends before it', async () => {
    const text = `CREATE SOURCE t (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0' SECOND)
      FROM STDIN (changelog = 'weight');
      CREATE SINK out AS SELECT window_start AS s, COUNT(*) AS n, MAX(k) AS k FROM t GROUP BY TUMBLE(ts, INTERVAL '10' MILLISECOND)
      INTO STDOUT (timestamp_format = 'ms');`;
    const records = [
      { op: '+I', k: 'b', ts: 1 },
      { op: '+I', k: 'a', ts: 2 },
      { op: '-U', k: 'b', ts: 1 },
      { op: '+U', k: 'c', ts: 11 },
      { op: '-D', k: 'c', ts: 11 },
      { op: '+I', k: 'd', ts: 21 },
    ];
    const { rows, error } = await run(text, records, batchRows);
    expect(error).toBeNull();
    expect(rows).toEqual([
      { s: 0, n: 1, k: 'a' },
      { s: 20, n: 1, k: 'd' },
    ]);
  });

  test('a table by key says what changed also where nobody asks for a column that cannot be NULL', async () => {
    const text = `CREATE SOURCE t (k VARCHAR NOT NULL, n BIGINT NOT NULL, v BIGINT, PRIMARY KEY (k))
      FROM STDIN (changelog = 'upsert'); SELECT k, v FROM t;`;
    const records = [
      { k: 'a', n: -1, v: 1 },
      { k: 'a', n: -2, v: 2 },
    ];
    const { rows } = await run(text, records, batchRows);
    expect(rows).toEqual([
      { op: '+I', k: 'a', v: 1 },
      { op: '-U', k: 'a', v: 1 },
      { op: '+U', k: 'a', v: 2 },
    ]);
  });

  test('a table by key: the newest arrival wins, what is the same is nothing', async () => {
    const text = `CREATE SOURCE t (k VARCHAR, v BIGINT, w BIGINT, PRIMARY KEY (k)) FROM STDIN (changelog = 'upsert');
      SELECT k, v FROM t;`;
    const records = [
      { k: 'a', v: 1, w: 1 },
      { op: '+I', k: 'b', v: 1 },
      // Only what is read counts.
      { k: 'a', v: 1, w: 2 },
      { op: 'c', k: 'a', v: 5 },
      { op: '-U', k: 'b', v: 1 },
      { op: '+U', k: 'b', v: 2 },
      { op: '-D', k: 'a' },
      { op: '-D', k: 'a' },
      { k: 'a', v: 7 },
    ];
    const { rows, error } = await run(text, records, batchRows);
    expect(error).toBeNull();
    expect(rows.map(({ op, k, v }) => [op, k, v])).toEqual([
      ['+I', 'a', 1],
      ['+I', 'b', 1],
      ['-U', 'a', 1],
      ['+U', 'a', 5],
      ['-U', 'b', 1],
      ['+U', 'b', 2],
      ['-D', 'a', 5],
      ['+I', 'a', 7],
    ]);
  });

  test('an envelope that changes the key deletes the row of the old one', async () => {
    const text = `CREATE SOURCE t (k VARCHAR, v BIGINT, PRIMARY KEY (k)) FROM STDIN (format = 'debezium'); SELECT k, v FROM t;`;
    const records = [
      { op: 'r', before: null, after: { k: 'a', v: 1 } },
      { op: 'u', before: { k: 'a', v: 1 }, after: { k: 'b', v: 1 } },
      { op: 'u', before: { k: 'b' }, after: { k: 'b', v: null } },
      { op: 'd', before: { k: 'b' }, after: null },
    ];
    const { rows, error } = await run(text, records, batchRows);
    expect(error).toBeNull();
    expect(rows.map(({ op, k, v }) => [op, k, v])).toEqual([
      ['+I', 'a', 1],
      ['-D', 'a', 1],
      ['+I', 'b', 1],
      ['-U', 'b', 1],
      ['+U', 'b', null],
      ['-D', 'b', null],
    ]);
  });
});

describe('records that make no sense', () => {
  const DEBEZIUM = "CREATE SOURCE t (k VARCHAR NOT NULL, v BIGINT) FROM STDIN (format = 'debezium'";
  const BAD: [string, string][] = [
    ['{"op":"x","after":{"k":"a"}}', 'there are c, r, u and d, and not "x"'],
    [
      '{"op":"u","before":null,"after":{"k":"a"}}',
      'the row before is missing; with a PRIMARY KEY it need not be there',
    ],
    ['{"op":"d","before":null}', 'the row before is missing; with a PRIMARY KEY it need not be there'],
    ['{"op":"c","after":null}', 'the row after is missing'],
    ['{"op":"c","after":{"v":1}}', 'k is NULL'],
    ['{"op":"u","before":{"k":"a"},"after":{"v":1}}', 'k is NULL'],
  ];

  test.each(BAD)('%s ends the run, after the changes before it', async (record, reason) => {
    const { rows, error } = await run(`${DEBEZIUM}); SELECT k FROM t;`, ['{"op":"c","after":{"k":"first"}}', record]);
    expect(error).toMatchObject({ code: 'LMN-6042', message: `a record of source t is no change: ${reason}` });
    expect(rows).toEqual([{ op: '+I', k: 'first' }]);
  });

  test.each(BAD)('%s: nothing behind it comes out, whatever the size of batches', async (record, reason) => {
    const records = ['{"op":"c","after":{"k":"first"}}', record, '{"op":"y"}', '{"op":"c","after":{"k":"later"}}'];
    for (const batchRows of [1, 2, 2048]) {
      const { rows, error } = await run(`${DEBEZIUM}); SELECT k FROM t;`, records, batchRows);
      expect(error).toMatchObject({ code: 'LMN-6042', message: `a record of source t is no change: ${reason}` });
      expect(rows).toEqual([{ op: '+I', k: 'first' }]);
    }
  });

  test('are left out and counted where the source says so', async () => {
    const records = ['{"op":"c","after":{"k":"a"}}', ...BAD.map(([record]) => record), '{"op":"c","after":{"k":"b"}}'];
    for (const batchRows of [1, 2048]) {
      const text = `${DEBEZIUM}, on_error = 'skip'); SELECT k FROM t;`;
      const { rows, error, rejected } = await run(text, records, batchRows);
      expect(error).toBeNull();
      expect(rows.map(({ k }) => k)).toEqual(['a', 'b']);
      expect(rejected).toBe(BAD.length);
    }
  });

  test('a record without its kind is one that lacks a field', async () => {
    const { error } = await run(`${WEIGHT} SELECT k FROM t;`, [{ k: 'a', v: 1 }]);
    expect(error).toMatchObject({ code: 'LMN-6005' });
  });
});

test('a deletion that comes before its row is made good by it', async () => {
  const text = `${WEIGHT} SELECT COUNT(*) AS n, MAX(v) AS v, STRING_AGG(k, ',' ORDER BY k) AS ks FROM t EMIT CHANGES;`;
  const records = [
    { op: '+I', k: 'a', v: 1 },
    { op: '-D', k: 'b', v: 9 },
    { op: '+I', k: 'b', v: 9 },
    { op: '+I', k: 'c', v: 5 },
  ];
  const { rows } = await run(text, records);
  expect(rows.at(-1)).toEqual({ op: '+U', n: 2, v: 5, ks: 'a,c' });
});
