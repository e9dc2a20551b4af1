// Bad records follow the source's policy and nothing is lost: every record is a row, or counted and accounted for.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { runPipeline } from '../support/pipeline.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-bad-'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const LINES = [
  '{"k":"a","n":1}',
  '{"k":"b","n":oops}',
  '',
  '{"k":"c","n":"text"}',
  '{"n":4}',
  '{"k":"d","n":5}',
  '[1,2]',
  '{"k":"e","n":9223372036854775808}',
  '{"k":"f","n":null}',
];
const INPUT = `${LINES.join('\n')}\n`;

const pipeline = (
  options: string,
) => `CREATE SOURCE t (k VARCHAR NOT NULL, n BIGINT) FROM STDIN (format = 'json'${options});
SELECT k, n FROM t;`;

test('fail: rows before the bad record are written, then the run ends with its place', async () => {
  const { output, error } = await runPipeline({ text: pipeline(''), input: INPUT });
  expect(output).toBe('{"k":"a","n":1}\n');
  expect(error).toBeInstanceOf(LaminarError);
  expect(error?.message).toContain('stdin, line 2, byte 16');
});

test.each([
  ['{\n  "k": "a"\n}\n', 'LMN-6001', 'jq -c . puts every object on a line of its own; or give'],
  ['[{"k":"a"}]\n', 'LMN-6002', "jq -c '.[]' makes lines of the objects of an array; or give"],
  [`{"k":"${'x'.repeat(90)}"}\n`, 'LMN-6007', 'max_record_bytes can be raised; or give'],
  ['{"k":"a"}{"k":"b"}\n', 'LMN-6001', 'give the source on_error'],
])('fail: %j is told with %s and what may help', async (input, code, hint) => {
  const { error } = await runPipeline({ text: pipeline(', max_record_bytes = 80'), input });
  expect(error).toMatchObject({ code, hint: expect.stringMatching(`^${hint.replace(/[.[\]]/g, '\\$&')}`) });
});

test('skip: bad records are counted and left out, their neighbours are not touched', async () => {
  const { output, progress } = await runPipeline({ text: pipeline(", on_error = 'skip'"), input: INPUT });
  expect(output).toBe('{"k":"a","n":1}\n{"k":"d","n":5}\n{"k":"f","n":null}\n');
  expect(progress.sources[0]).toMatchObject({ rows: 3, rejected: 5, nulled: 0 });
});

test('null: a bad field becomes NULL, a bad record or NULL in a NOT NULL column is left out', async () => {
  const { output, progress } = await runPipeline({ text: pipeline(", on_error = 'null'"), input: INPUT });
  expect(output).toBe('{"k":"a","n":1}\n{"k":"c","n":null}\n{"k":"d","n":5}\n{"k":"e","n":null}\n{"k":"f","n":null}\n');
  expect(progress.sources[0]).toMatchObject({ rows: 5, rejected: 3, nulled: 2 });
});

test.each([
  1, 2048,
])('dead_letter: every bad record is kept with source, line, offset and reason (batches of %i)', async (batchRows) => {
  const file = path.join(scratch, `${batchRows}.ndjson`);
  const { output } = await runPipeline({
    text: pipeline(`, on_error = 'dead_letter', dead_letter = '${file}'`),
    input: INPUT,
    batchRows,
    cut: () => 5,
  });
  expect(output).toBe('{"k":"a","n":1}\n{"k":"d","n":5}\n{"k":"f","n":null}\n');
  const letters = fs
    .readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(letters.map(({ source, split, line, raw }) => ({ source, split, line, raw }))).toEqual(
    [2, 4, 5, 7, 8].map((line) => ({ source: 't', split: 'stdin', line, raw: LINES[line - 1] })),
  );
  for (const { line, offset } of letters) {
    expect(INPUT.slice(offset).split('\n')[0]).toBe(LINES[line - 1]);
  }
  expect(letters.map(({ column }) => column)).toEqual([undefined, 'n', 'k', undefined, 'n']);
});

test('bytes that are not UTF-8 are kept in base64', async () => {
  const file = path.join(scratch, 'utf8.ndjson');
  const bad = Buffer.concat([Buffer.from('{"k":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  const input = Buffer.concat([bad, Buffer.from('\n{"k":"ok"}\n')]);
  const text = pipeline(`, on_error = 'dead_letter', dead_letter = '${file}'`);
  const { output } = await runPipeline({ text, input });
  expect(output).toBe('{"k":"ok","n":null}\n');
  expect(Buffer.from(JSON.parse(fs.readFileSync(file, 'utf8')).raw_base64, 'base64')).toEqual(bad);
});

test('a record over the limit is refused without growing memory, and the next one is read', async () => {
  const long = `{"k":"${'x'.repeat(3_000_000)}"}`;
  const text = pipeline(", on_error = 'skip', max_record_bytes = 1000");
  const { output, progress } = await runPipeline({ text, input: `${long}\n{"k":"ok"}\n${long}`, cut: () => 100_000 });
  expect(output).toBe('{"k":"ok","n":null}\n');
  expect(progress.sources[0]).toMatchObject({ rows: 1, rejected: 2 });
});

test('--max-errors ends the run with its own code, after what was right was written', async () => {
  const text = pipeline(", on_error = 'skip'");
  const { output, error } = await runPipeline({
    text,
    input: INPUT,
    batchRows: 1,
    options: { maxErrors: { count: 2 } },
  });
  expect((error as LaminarError).code).toBe('LMN-6090');
  expect(output.split('\n')[0]).toBe('{"k":"a","n":1}');
  const share = await runPipeline({ text, input: INPUT, options: { maxErrors: { share: 0.6 } } });
  expect((share.error as LaminarError).code).toBe('LMN-6090');
  const enough = await runPipeline({ text, input: INPUT, options: { maxErrors: { share: 0.7 } } });
  expect(enough.error).toBeNull();
});
