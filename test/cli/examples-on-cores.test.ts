// Every example pipeline as a program on 2 and 3 cores whose threads are delayed at random: its expected output.

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { laminar, root, scratchFolder } from '../support/program.ts';
import { SEED } from '../support/random.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const folder = path.join(root, 'pipelines');
const examples = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'pipeline.lsql')));

test.each(
  examples.flatMap((name) => ['2', '3'].map((cores) => [name, cores] as const)),
)('%s on %s cores', (name, cores) => {
  const files = fs.readdirSync(path.join(folder, name));
  const contentOf = (pattern: RegExp) => {
    const file = files.find((other) => pattern.test(other));
    return file === undefined ? null : fs.readFileSync(path.join(folder, name, file), 'utf8');
  };
  const letters = path.join(scratch, `${name}-${cores}`);
  const { code, stdout, stderr } = laminar(['run', '-q', '--cores', cores, path.join(folder, name, 'pipeline.lsql')], {
    input: contentOf(/^input\./) ?? '',
    env: { LAMINAR_TEST_DELAYS: String(SEED), DEAD_LETTERS: letters },
  });
  expect(stderr).toBe('');
  expect(stdout).toBe(contentOf(/^expected\.\w+$/));
  expect(code).toBe(0);
  const expectedLetters = contentOf(/^expected-dead-letters\./);
  if (expectedLetters !== null) expect(fs.readFileSync(letters, 'utf8')).toBe(expectedLetters);
});
