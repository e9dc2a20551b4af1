// Arrow through the whole product: streams into queries, and query results as streams.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as arrow from 'apache-arrow';
import { afterAll, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-arrow-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const ROWS = 5000;
const START = 1_704_067_200_000;
const BYTES = arrow.tableToIPC(
  new arrow.Table({
    ts: arrow.vectorFromArray(
      Array.from({ length: ROWS }, (_, i) => START + i * 10),
      new arrow.TimestampMillisecond(),
    ),
    symbol: arrow.vectorFromArray(
      Array.from({ length: ROWS }, (_, i) => ['AAPL', 'MSFT', 'é'][i % 3]),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    ),
    qty: arrow.vectorFromArray(
      Array.from({ length: ROWS }, (_, i) => (i % 1000 === 999 ? null : i)),
      new arrow.Int32(),
    ),
  }),
  'stream',
);

test('windows over an Arrow stream count every row once, however it is cut', async () => {
  const text = `CREATE SOURCE t (ts TIMESTAMP NOT NULL, symbol VARCHAR, qty BIGINT,
    WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM STDIN (format = 'arrow');
SELECT symbol, window_start, COUNT(*) AS n, SUM(qty) AS total FROM t
GROUP BY symbol, TUMBLE(ts, INTERVAL '10' SECOND) EMIT ON WINDOW CLOSE;`;
  const expected = new Map<string, { n: number; total: number }>();
  for (let i = 0; i < ROWS; i++) {
    const key = `${['AAPL', 'MSFT', 'é'][i % 3]} ${new Date(START + Math.floor((i * 10) / 10_000) * 10_000).toISOString()}`;
    const group = expected.get(key) ?? { n: 0, total: 0 };
    expected.set(key, { n: group.n + 1, total: group.total + (i % 1000 === 999 ? 0 : i) });
  }
  for (const cut of [() => 1000, () => 7, () => 1 << 18]) {
    const { output, error } = await runPipeline({ text, input: BYTES, cut });
    expect(error).toBeNull();
    const groups = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { symbol: string; window_start: string; n: number; total: number });
    const actual = groups.map(({ symbol, window_start, n, total }): [string, { n: number; total: number }] => [
      `${symbol} ${new Date(window_start).toISOString()}`,
      { n, total },
    ]);
    expect(new Map(actual)).toEqual(expected);
    expect(actual.length).toBe(expected.size);
  }
});

test('bad rows become dead letters with their row as JSON, though a whole piece is bad', async () => {
  const file = path.join(scratch, 'bad.ndjson');
  const { output, progress, error } = await runPipeline({
    text: `CREATE SOURCE t (symbol VARCHAR, qty TINYINT)
FROM STDIN (format = 'arrow', on_error = 'dead_letter', dead_letter = '${file}');
SELECT symbol, qty FROM t WHERE qty > 125;`,
    input: BYTES,
    batchRows: 512,
  });
  expect(error).toBeNull();
  expect(output).toBe('{"symbol":"AAPL","qty":126}\n{"symbol":"MSFT","qty":127}\n');
  const letters = fs
    .readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(letters.length).toBe(ROWS - 128 - 5);
  expect(progress.sources[0]).toMatchObject({ rows: 133, rejected: letters.length });
  expect(letters[0]).toMatchObject({ line: 129, column: 'qty', raw: '{"ts":1704067201280,"symbol":"é","qty":128}' });
  expect(letters.every(({ offset }) => offset >= 0 && offset <= BYTES.length)).toBe(true);
});

test('fail says which row', async () => {
  const text = "CREATE SOURCE t (qty TINYINT) FROM STDIN (format = 'arrow'); SELECT qty FROM t;";
  const { error, output } = await runPipeline({ text, input: BYTES });
  expect(output.split('\n').length - 1).toBe(128);
  expect(error?.message).toMatch(/column qty \(TINYINT\) is out of range.*\(stdin, row 129\)/);
});

test('what one pipeline writes as Arrow another reads', async () => {
  const file = path.join(scratch, 'out.arrows');
  const source = "CREATE SOURCE t (ts TIMESTAMP, symbol VARCHAR, qty BIGINT) FROM STDIN (format = 'arrow');";
  const first = await runPipeline({
    text: `${source} CREATE SINK out AS SELECT ts, symbol, qty, qty / 2 AS half FROM t INTO FILE (path = '${file}');`,
    input: BYTES,
  });
  expect(first.error).toBeNull();
  const table = arrow.tableFromIPC(fs.readFileSync(file));
  expect(table.numRows).toBe(ROWS);
  expect(table.get(2)?.toJSON()).toEqual({ ts: START + 20, symbol: 'é', qty: 2n, half: 1 });
  expect(table.getChild('qty')?.nullCount).toBe(5);
  const second = await runPipeline({
    text: `CREATE SOURCE t (half DOUBLE) FROM FILE (path = '${file}'); SELECT COUNT(*) AS n, SUM(half) AS s FROM t EMIT FINAL;`,
  });
  expect(second.output).toBe(`{"n":${ROWS},"s":${(((ROWS - 1) * ROWS) / 2 - 999 - 1999 - 2999 - 3999 - 4999) / 2}}\n`);
});

test('a result without rows is a stream with a schema', async () => {
  const file = path.join(scratch, 'empty.arrows');
  const { error } = await runPipeline({
    text: `CREATE SOURCE t (n BIGINT) FROM STDIN; CREATE SINK out AS SELECT n FROM t INTO FILE (path = '${file}');`,
    input: '',
  });
  expect(error).toBeNull();
  expect(arrow.tableFromIPC(fs.readFileSync(file)).schema.names).toEqual(['n']);
});

test('a truncated stream ends the run with an error, after the rows that were complete', async () => {
  const text = "CREATE SOURCE t (qty INTEGER) FROM STDIN (format = 'arrow'); SELECT qty FROM t;";
  const { error } = await runPipeline({ text, input: BYTES.subarray(0, BYTES.length - 100) });
  expect(error?.message).toContain('the Arrow stream ends in the middle of a message');
});
