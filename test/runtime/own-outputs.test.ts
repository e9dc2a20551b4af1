// A run does not write a file that it reads, nor one file twice, by whatever name.

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LaminarError } from '../../src/base/errors.ts';
import { requireOwnOutputs } from '../../src/runtime/own-outputs.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { temporaryDirectory } from '../connectors/fixture.ts';

const directory = temporaryDirectory();
beforeAll(() => {
  for (const name of ['in-1', 'in-2']) fs.writeFileSync(path.join(directory, name), '{"n":1}\n');
  fs.symlinkSync('in-1', path.join(directory, 'link'));
  fs.mkdirSync(path.join(directory, 'sub'));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** What is said of sinks a, b, … that write these files, of rows from `source`. */
function problemOf(source: string, sinks: string[], errors = ''): string | null {
  const at = (name: string) => (name.startsWith('/') ? name : `${directory}/${name}`);
  const sql = sinks.map((name, n) => {
    const [file, options = ''] = name.split(' ');
    const connector = file === 'STDOUT' ? 'STDOUT (' : `FILE (path = '${at(file as string)}', ${options}`;
    return `CREATE SINK ${'abc'[n]} AS SELECT n FROM t INTO ${connector}format = 'json');`;
  });
  const from = `CREATE SOURCE t (n BIGINT) FROM FILE (path = '${at(source)}', format = 'json'${errors});`;
  try {
    requireOwnOutputs(compilePipeline(`${from}\n${sql.join('\n')}`, { fileName: 'p.lsql', variables: {} }).plan);
    return null;
  } catch (error) {
    const { code, message } = error as LaminarError;
    return `${code} ${message.replaceAll(`${directory}/`, '')}`;
  }
}

test.each<[string, string[], string]>([
  ['in-1', ['in-1'], 'sink a writes in-1, which source t reads'],
  ['in-*', ['out', 'sub/../in-2'], 'sink b writes sub/../in-2, which source t reads'],
  ['in-1', ['link'], 'sink a writes link, which source t reads'],
  ['link', ['in-1'], 'sink a writes in-1, which source t reads'],
  ['in-2', ['in-1', 'link'], 'sink b writes link, and sink a writes in-1'],
  ['in-2', ['new', 'sub/../new'], 'sink b writes sub/../new, and sink a writes new'],
  ['in-2', ["r roll_bytes='1MB',", "r roll_bytes='2MB',"], 'sink b writes r, and sink a writes r'],
])('from %s into %j', (source, sinks, message) => {
  expect(problemOf(source, sinks)).toBe(`LMN-5034 ${message}`);
});

test('dead letters go neither into the input nor into an output', () => {
  const letters = (file: string) => `, on_error = 'dead_letter', dead_letter = '${directory}/${file}'`;
  expect(problemOf('in-1', ['x'], letters('link'))).toBe(
    'LMN-5034 source t writes dead letters to link, which source t reads',
  );
  expect(problemOf('in-1', ['x'], letters('x'))).toBe(
    'LMN-5034 sink a writes x, and source t writes dead letters to x',
  );
  expect(problemOf('in-1', ['x'], letters('y'))).toBeNull();
});

test('other files, devices and standard output may be written by several', () => {
  expect(problemOf('in-1', ['in-2', 'new', 'sub/new'])).toBeNull();
  expect(problemOf('in-1', ['/dev/null', '/dev/null'])).toBeNull();
  expect(problemOf('in-1', ['STDOUT', 'STDOUT', '/dev/stdout'])).toBeNull();
  expect(problemOf('missing', ['missing'])).toBe('LMN-5034 sink a writes missing, which source t reads');
});
