// Sources whose records are changes: single records, what makes no sense, and updates across batches and watermarks.

import { describe, expect, test } from 'vitest';
import { BytesReader, runPipeline } from '../support/pipeline.ts';

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

describe('the event time of changes', () => {
  const TIMED = 'k VARCHAR, v BIGINT, ts TIMESTAMP';
  const ENVELOPES = `CREATE SOURCE t (${TIMED}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM STDIN (format = 'debezium');`;
  const BY_WINDOW = `CREATE SINK out AS SELECT window_start AS w, COUNT(*) AS n, SUM(v) AS v FROM t
    GROUP BY TUMBLE(ts, INTERVAL '10' SECOND) INTO STDOUT (timestamp_format = 's');`;
  const image = (k: string, v: number, second: number) => ({ k, v, ts: second * 1000 });
  const records = [
    { op: 'c', before: null, after: image('a', 1, 1) },
    { op: 'c', before: null, after: image('b', 2, 2) },
    // Moves the watermark to 7 s, and one row from the first window to the second.
    { op: 'u', before: image('a', 1, 1), after: image('a', 10, 12) },
    { op: 'd', before: image('b', 2, 2), after: null },
    { op: 'c', before: null, after: image('c', 3, 3) },
    { op: 'c', before: null, after: image('d', 4, 16) },
    // The first window is closed: what is left of this is the half in the second.
    { op: 'u', before: image('c', 3, 3), after: image('c', 30, 17) },
  ];
  const windows = [
    { w: 0, n: 1, v: 3 },
    { w: 10, n: 3, v: 44 },
  ];

  describe.each([1, 2, 7, 2048])('in batches of %i', (batchRows) => {
    test('of envelopes is that of each row, and the watermark that of the row after, or before', async () => {
      const { rows, error } = await run(`${ENVELOPES} ${BY_WINDOW}`, records, batchRows);
      expect(error).toBeNull();
      expect(rows).toEqual(windows);
    });

    test('with a key a deletion needs none: the row that goes has its own', async () => {
      const source = ENVELOPES.replace('WATERMARK', 'PRIMARY KEY (k), WATERMARK');
      const bare = records.map((record) => (record.op === 'd' ? { ...record, before: { k: 'b' } } : record));
      expect((await run(`${source} ${BY_WINDOW}`, bare, batchRows)).rows).toEqual(windows);
      const upserts = source.replace("format = 'debezium'", "changelog = 'upsert'");
      const flat = records.map(({ op, before, after }) => (op === 'd' ? { op: '-D', k: before?.k } : after));
      const { rows, error } = await run(`${upserts} ${BY_WINDOW}`, flat as object[], batchRows);
      expect(error).toBeNull();
      expect(rows).toEqual(windows);
    });

    test('may be computed from the row', async () => {
      const source = ENVELOPES.replace("AS ts - INTERVAL '5' SECOND", "AS ts - v * INTERVAL '1' SECOND");
      const late = [records[0], { op: 'c', after: image('z', 1, 12) }, { op: 'd', before: image('a', 1, 1) }];
      // 12 s − 1 s is beyond the first window, so the deletion is late.
      expect((await run(`${source} ${BY_WINDOW}`, late as object[], batchRows)).rows).toEqual([
        { w: 0, n: 1, v: 1 },
        { w: 10, n: 1, v: 1 },
      ]);
    });

    test('lets envelopes be joined between times', async () => {
      const text = `CREATE SOURCE t (${TIMED}, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) FROM STDIN (format = 'debezium');
        SELECT a.k, a.v, b.v AS w FROM t a JOIN t b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '5' SECOND;`;
      const given = [
        { op: 'c', after: image('a', 1, 1) },
        { op: 'c', after: image('a', 2, 3) },
        { op: 'd', before: image('a', 1, 1) },
      ];
      const { rows, error } = await run(text, given, batchRows);
      expect(error).toBeNull();
      const sum = new Map<string, number>();
      for (const { op, k, v, w } of rows) {
        const of = `${k} ${v} ${w}`;
        sum.set(of, (sum.get(of) ?? 0) + (op.startsWith('-') ? -1 : 1));
      }
      expect([...sum].filter(([, weight]) => weight !== 0)).toEqual([['a 2 2', 1]]);
    });

    test('of a deletion that ends a version must be known: without it the deletion is late', async () => {
      const text = `CREATE SOURCE r (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts, PRIMARY KEY (k))
          FROM FILE (path = 'r', format = 'json', changelog = 'upsert');
        CREATE SOURCE l (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'l');
        CREATE SINK out AS SELECT l.k, l.ts, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k
        INTO STDOUT (timestamp_format = 's');`;
      const lines = (list: object[]) => Buffer.from(list.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const versions = [
        { k: 'a', v: 1, ts: 1000 },
        { k: 'b', v: 2, ts: 1000 },
        { op: '-D', k: 'a', ts: 5000 },
        { op: '-D', k: 'b' },
      ];
      const left = ['a', 'b'].map((k) => ({ k, ts: 7000 }));
      const readers = {
        r: () => [new BytesReader(lines(versions))],
        l: () => [new BytesReader(lines(left))],
      };
      const { output, error, progress } = await runPipeline({ text, readers, batchRows, now: () => 0 });
      expect(error).toBeNull();
      expect(output).toBe('{"k":"a","ts":7,"v":null}\n{"k":"b","ts":7,"v":2}\n');
      expect(progress.operators.reduce((sum, { late }) => sum + late, 0)).toBe(1);
    });
  });

  test('must be there for a row that comes, and for one that goes without a key', async () => {
    const missing = { code: 'LMN-6042', message: 'a record of source t is no change: ts is NULL' };
    const { ts: _, ...untimed } = image('a', 1, 1);
    for (const record of [
      { op: 'c', after: untimed },
      { op: 'd', before: untimed },
    ]) {
      expect((await run(`${ENVELOPES} ${BY_WINDOW}`, [record])).error).toMatchObject(missing);
    }
    const upserts = ENVELOPES.replace('WATERMARK', 'PRIMARY KEY (k), WATERMARK').replace(
      "format = 'debezium'",
      "changelog = 'upsert'",
    );
    expect((await run(`${upserts} ${BY_WINDOW}`, [untimed])).error).toMatchObject(missing);
  });

  test('too far in the future does not move the watermark', async () => {
    const day = 24 * 3600;
    const source = ENVELOPES.replace("format = 'debezium'", "format = 'debezium', max_future = '1 hour'");
    const given = [
      { op: 'c', after: image('a', 1, 1) },
      { op: 'c', after: image('b', 1, day) },
      { op: 'c', after: image('c', 1, 3) },
    ];
    const { rows } = await run(`${source} ${BY_WINDOW}`, given);
    expect(rows).toEqual([
      { w: 0, n: 2, v: 2 },
      { w: day, n: 1, v: 1 },
    ]);
  });

  test('is not by key in envelopes', async () => {
    const options = "format = 'debezium', watermark = 'per_key', watermark_key = 'k'";
    const source = ENVELOPES.replace("format = 'debezium'", options);
    await expect(run(`${source} ${BY_WINDOW}`, records)).rejects.toMatchObject({
      code: 'LMN-2022',
      hint: "leave out watermark = 'per_key'",
    });
  });
});
