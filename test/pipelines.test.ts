// Every example pipeline, over its own input, gives exactly its expected output, at any batch and read size.
//
// `UPDATE_EXPECTED=1 npx vitest run test/pipelines.test.ts` writes the expected files anew: read the diff.

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runPipeline } from './support/pipeline.ts';

const root = path.resolve(import.meta.dirname, '../pipelines');
const examples = fs.readdirSync(root).filter((name) => fs.existsSync(path.join(root, name, 'pipeline.lsql')));
const scratch = fs.mkdtempSync(path.join(root, '../build/test-'));

afterAll(() => fs.rmSync(scratch, { recursive: true }));

describe.each(examples)('%s', (name) => {
  const folder = path.join(root, name);
  const files = fs.readdirSync(folder);
  const input = files.find((file) => file.startsWith('input.'));
  const letters = files.find((file) => file.startsWith('expected-dead-letters.'));

  test.each([1, 7, 2048])('batches of %i rows', async (batchRows) => {
    let state = batchRows;
    const written = path.join(scratch, `${name}-${batchRows}.dead`);
    const result = await runPipeline({
      text: fs.readFileSync(path.join(folder, 'pipeline.lsql'), 'utf8'),
      input: input === undefined ? '' : fs.readFileSync(path.join(folder, input)),
      batchRows,
      cut: () => (state = (Math.imul(state + 1, 48271) >>> 0) % 1013),
      variables: { PIPELINE_DIR: folder, DEAD_LETTERS: written },
    });
    expect(result.error).toBeNull();
    expectFile(path.join(folder, expectedName(files, result.output)), result.output);
    if (letters !== undefined) expectFile(path.join(folder, letters), fs.readFileSync(written, 'utf8'));
  });
});

function expectedName(files: string[], output: string): string {
  return (
    files.find((file) => /^expected\.\w+$/.test(file)) ?? (output.startsWith('{') ? 'expected.ndjson' : 'expected.csv')
  );
}

function expectFile(file: string, content: string): void {
  if (process.env['UPDATE_EXPECTED'] !== undefined) fs.writeFileSync(file, content);
  expect(content).toBe(fs.readFileSync(file, 'utf8'));
}
