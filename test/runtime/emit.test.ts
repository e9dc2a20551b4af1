// EMIT from end to end, where a model of rows alone says nothing: the clock, limits, errors, several sinks.

import { describe, expect, test } from 'vitest';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const SOURCE =
  "CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0' SECOND) FROM STDIN;";
const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('EMIT EVERY', () => {
  const rows = [
    { k: 'a', v: 1, ts: 0 },
    { k: 'b', v: 2, ts: 1 },
    { k: 'a', v: 3, ts: 2 },
    { k: 'a', v: 0, ts: 3 },
    { k: 'b', v: 1, ts: 4 },
  ];

  /** Runs one row a turn; the clock goes on by `stepMillis` with each. */
  async function ticked(query: string, stepMillis: number, batchRows = 1) {
    let now = 1_000_000;
    const { core, outputs } = await preparePipeline({
      text: `${SOURCE} ${query}`,
      input: lines(rows),
      batchRows,
      now: () => now,
    });
    for (; !core.hasEnded; now += stepMillis) core.turn();
    core.run();
    return parse(Buffer.concat(Object.values(outputs)[0] as Buffer[]).toString());
  }

  test('writes what has changed since, by key, and nothing that has not', async () => {
    const changes = await ticked("SELECT k, SUM(v) AS v FROM e GROUP BY k EMIT EVERY INTERVAL '3' SECOND;", 1000);
    expect(changes).toEqual([
      { op: '+I', k: 'a', v: 4 },
      { op: '+I', k: 'b', v: 2 },
      { op: '-U', k: 'b', v: 2 },
      { op: '+U', k: 'b', v: 3 },
    ]);
  });

  test('writes the rest at the end of the input when the time is not up', async () => {
    const query = "SELECT k, SUM(v) AS v FROM e GROUP BY k EMIT PERIODICALLY INTERVAL '1' HOUR;";
    expect(await ticked(query, 1)).toEqual([
      { op: '+I', k: 'a', v: 4 },
      { op: '+I', k: 'b', v: 3 },
    ]);
  });

  test('writes the last changes of a window when it closes, and none after', async () => {
    const query = `SELECT window_start AS s, SUM(v) AS v FROM e GROUP BY TUMBLE(ts, INTERVAL '3' MILLISECOND)
      EMIT EVERY INTERVAL '3' SECOND;`;
    const changes = await ticked(query, 1000);
    const first = '1970-01-01T00:00:00Z';
    const second = '1970-01-01T00:00:00.003Z';
    expect(changes).toEqual([
      { op: '+I', s: first, v: 6 },
      { op: '+I', s: second, v: 1 },
    ]);
  });
});

test('a limit of rows never cuts an update in two', async () => {
  const text = `${SOURCE} SELECT k, SUM(v) AS v FROM e GROUP BY k EMIT CHANGES;`;
  const input = lines([
    { k: 'a', v: 1, ts: 0 },
    { k: 'a', v: 2, ts: 1 },
    { k: 'a', v: 3, ts: 2 },
  ]);
  for (const batchRows of [1, 2048]) {
    const { output } = await runPipeline({ text, input, batchRows, options: { maxRows: 2 } });
    expect(parse(output).map(({ op }) => op)).toEqual(['+I', '-U', '+U']);
  }
});

test('a sum that no longer fits ends the run, after the changes before it', async () => {
  const text = `${SOURCE} SELECT k, SUM(v) AS v FROM e GROUP BY k EMIT CHANGES;`;
  const input = lines([
    { k: 'a', v: 1, ts: 0 },
    { k: 'b', v: 9_007_199_254_740_991, ts: 1 },
  ]).replace('9007199254740991', '9223372036854775807');
  const more = lines([{ k: 'b', v: 1, ts: 2 }]);
  for (const batchRows of [1, 2048]) {
    const { output, error } = await runPipeline({ text, input: input + more, batchRows });
    expect(error).toMatchObject({ code: 'LMN-3051', message: 'SUM(v) does not fit BIGINT, the first k = "b"' });
    expect(output).toBe('{"op":"+I","k":"a","v":1}\n{"op":"+I","k":"b","v":9223372036854775807}\n');
  }
});

test('a stream is computed as changes and as a table where its sinks want both', async () => {
  const text = `${SOURCE} CREATE STREAM counts AS SELECT k, COUNT(*) AS n FROM e GROUP BY k;
    CREATE SINK changes FROM counts INTO STDOUT (format = 'debezium');
    CREATE SINK final FROM counts INTO STDOUT;`;
  const input = lines([
    { k: 'a', v: 1, ts: 0 },
    { k: 'a', v: 2, ts: 1 },
  ]);
  const { outputs } = await runPipeline({ text, input });
  expect(parse(outputs['final'] as string)).toEqual([{ k: 'a', n: 2 }]);
  expect(parse(outputs['changes'] as string)).toMatchObject([
    { op: 'c', after: { k: 'a', n: 1 } },
    { op: 'u', before: { k: 'a', n: 1 }, after: { k: 'a', n: 2 } },
  ]);
});

test('a sink takes changes of one query and plain rows of another', async () => {
  const text = `${SOURCE} CREATE SINK out INTO STDOUT;
    INSERT INTO out SELECT k, COUNT(*) AS n FROM e GROUP BY k EMIT CHANGES;
    INSERT INTO out SELECT k, v AS n FROM e;`;
  const { output, error } = await runPipeline({ text, input: lines([{ k: 'a', v: 7, ts: 0 }]) });
  expect(error).toBeNull();
  expect(parse(output).sort((a, b) => a.n - b.n)).toEqual([
    { op: '+I', k: 'a', n: 1 },
    { op: '+I', k: 'a', n: 7 },
  ]);
});

describe('updates that change nothing that is selected', () => {
  const input = lines([
    { k: 'a', v: 1, ts: 0 },
    { k: 'b', v: 9, ts: 1 },
    { k: 'a', v: 2, ts: 2 },
    { k: 'a', v: 9, ts: 3 },
    { k: 'b', v: null, ts: 4 },
    { k: 'a', v: 1, ts: 5 },
  ]);

  test.each([1, 2, 3, 2048])('are not written (batches of %i)', async (batchRows) => {
    const text = `${SOURCE} CREATE STREAM sums AS SELECT k, SUM(v) AS v, COUNT(*) AS n FROM e GROUP BY k EMIT CHANGES;
      CREATE SINK all_of_it FROM sums INTO STDOUT (format = 'csv');
      CREATE SINK some AS SELECT v > 5 AS much, upper(k) AS k FROM sums INTO STDOUT (format = 'csv');`;
    const { outputs, error } = await runPipeline({ text, input, batchRows });
    expect(error).toBeNull();
    expect(outputs['some']).toBe('op,much,k\n+I,false,A\n+I,true,B\n-U,false,A\n+U,true,A\n');
    // The other sink reads the same batches: nothing is missing there.
    expect((outputs['all_of_it'] as string).split('\n').length).toBe(2 + 2 + 4 * 2);
  });
});
