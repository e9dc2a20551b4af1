// Arrow with a state: a source goes on behind the last row that was used, in the middle of a record batch too, with the
// dictionaries that are valid there; a sink goes on with the stream that it has begun.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';
import { laminar } from '../support/program.ts';
import { often } from '../support/random.ts';
import { runRestored } from '../support/restored.ts';

const RUNS = often(25);

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-arrow-restored-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const schema = new arrow.Schema([
  new arrow.Field('k', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()), true),
  new arrow.Field('n', new arrow.Int32(), true),
  new arrow.Field('ts', new arrow.TimestampMillisecond(), false),
]);

interface Row {
  k: string | null;
  n: number | null;
}

/** A stream of record batches of these rows, the first of which has the time `from`; each brings its own dictionary. */
function encode(batches: readonly (readonly Row[])[], from: number): Uint8Array {
  let at = from;
  const writer = new arrow.RecordBatchStreamWriter();
  for (const rows of batches) {
    const keys = rows.map(({ k }) => k);
    const columns = {
      k: arrow.vectorFromArray(keys, schema.fields[0]?.type as arrow.Dictionary<arrow.Utf8>),
      n: arrow.vectorFromArray(
        rows.map(({ n }) => n),
        new arrow.Int32(),
      ),
      ts: arrow.vectorFromArray(
        rows.map(() => 1.7e12 + at++ * 400),
        new arrow.TimestampMillisecond(),
      ),
    };
    for (const batch of new arrow.Table(columns).batches) writer.write(batch);
  }
  writer.finish();
  return writer.toUint8Array(true);
}

/** What begins a file and what ends it, which nobody reads. */
const fileOf = (stream: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('ARROW1\0\0'), stream, Buffer.from('the footer ARROW1')]);

const SOURCE = `CREATE SOURCE t (k VARCHAR, n INTEGER, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  FROM STDIN (format = 'arrow', on_error = 'skip');`;
const QUERIES = [
  'SELECT k, n, ts FROM t WHERE n % 3 <> 0',
  "SELECT k, window_start, COUNT(*) AS c, SUM(n) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)",
];

const rows = fc.array(
  fc.record<Row>({ k: fc.constantFrom('a', 'b', 'é', null), n: fc.option(fc.integer({ min: 0, max: 99 })) }),
  { minLength: 1, maxLength: 40 },
);

describe('an Arrow source', () => {
  test.each(QUERIES)('is gone on with at any row, of a stream or a file: %s', async (query) => {
    const text = `${SOURCE} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
    let checkpoints = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(rows, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('stream', 'file', 'joined'),
        fc.nat(1e6),
        async (batches, kind, seed) => {
          const first = encode(batches, 0);
          const joined = kind === 'joined' ? Buffer.concat([first, encode(batches, 200)]) : first;
          const bytes = kind === 'file' ? fileOf(first) : joined;
          const whole = await runPipeline({ text, input: bytes, batchRows: 5 });
          const restored = await runRestored({ text, splits: { t: bytes }, seed, batchRows: 5, lives: 4 });
          expect(restored.error).toEqual(whole.error);
          expect(restored.output).toBe(whole.output);
          checkpoints += restored.checkpoints;
        },
      ),
      { numRuns: RUNS },
    );
    expect(checkpoints).toBeGreaterThan(RUNS);
  });
});

describe('an Arrow sink', () => {
  const input = `${Array.from({ length: 4000 }, (_, n) => JSON.stringify({ n, k: `k${n % 7}` })).join('\n')}\n`;
  const textOf = (name: string, options: string): string => `CREATE SOURCE t (n BIGINT, k VARCHAR)
      FROM FILE (path = '${name}', format = 'json'); SET checkpoint_interval = '100ms'; SET batch_size = 16;
    CREATE SINK o AS SELECT n, k FROM t INTO FILE (path = 'out.arrows', format = 'arrow'${options});`;
  const others = '{"n":-1,"k":"of another run"}\n';

  test.each([
    ['replaced', '', input],
    ['appended to', ", mode = 'append'", others + input],
    ['zstd', ", compression = 'zstd'", input],
    ['gzip', ", compression = 'gzip'", input],
  ])('has every row once after kills at any step: %s', (_, options, expected) => {
    const directory = fs.mkdtempSync(path.join(scratch, 'sink-'));
    fs.writeFileSync(path.join(directory, 'others.ndjson'), others);
    fs.writeFileSync(path.join(directory, 'in.ndjson'), input);
    expect(laminar(['run', '-q', '-e', textOf('others.ndjson', options)], { cwd: directory }).code).toBe(0);
    const run = (environment: Record<string, string>, ...flags: string[]) =>
      laminar(['run', '-e', textOf('in.ndjson', options), '-s', 'state', ...flags], {
        cwd: directory,
        env: environment,
      });
    // On a busy machine a run may come to its end before the next one is killed.
    const endings = ['voting', 'decided', 'manifest'].map((step) =>
      run({ LAMINAR_TEST_KILL: `${step}:1` }, '--for', '60ms'),
    );
    expect(endings[0]?.signal).toBe('SIGKILL');
    for (const { signal, code } of endings) expect(signal === 'SIGKILL' || code === 0).toBe(true);
    run({}, '--for', '60ms');
    expect(run({}).code).toBe(0);
    const read = `CREATE SOURCE r (n BIGINT, k VARCHAR) FROM FILE (path = 'out.arrows', format = 'arrow'); SELECT n, k FROM r;`;
    expect(laminar(['run', '-q', '-e', read], { cwd: directory }).stdout).toBe(expected);
    if (options === '')
      expect(arrow.tableFromIPC(fs.readFileSync(path.join(directory, 'out.arrows'))).numRows).toBe(4000);
  });
});
