// The documentation is true: what is generated is up to date, what is shown works and answers as shown.
//
//   ```sql      a whole pipeline: `check` accepts it
//   ```console  `$ command` lines and what they print; the time and speed in a summary are not compared

import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generatedDocs } from '../scripts/docs.ts';
import { laminar, root, scratchFolder, shell } from './support/program.ts';

const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8');

test.each(Object.entries(generatedDocs()))('%s is up to date (else: npm run docs)', (file, content) => {
  expect(read(file)).toBe(content);
});

const pages = ['README.md', ...fs.readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** The fenced blocks of one language. */
function blocksOf(page: string, language: string): string[] {
  return [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] as string);
}

const pipelines = pages.flatMap((page) => blocksOf(page, 'sql').map((sql) => [page, sql] as const));

test.each(pipelines)('a pipeline in %s is one', (_, sql) => {
  expect(laminar(['check', '-e', sql])).toMatchObject({ code: 0, stderr: '' });
});

interface Step {
  command: string;
  output: string;
}

function stepsOf(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      // A command goes on after a line that ends with a backslash, with a pipe, or inside quotes.
      const lines = text.split('\n');
      let count = 1;
      const isOpen = (command: string) =>
        /[\\|]$/.test(command) ||
        (command.split("'").length - 1) % 2 === 1 ||
        (command.split('"').length - 1) % 2 === 1;
      while (count < lines.length && isOpen(lines.slice(0, count).join('\n'))) count++;
      return { command: lines.slice(0, count).join('\n'), output: lines.slice(count).join('\n') };
    });
}

const scratch = scratchFolder();
fs.symlinkSync(path.join(root, 'pipelines'), path.join(scratch, 'pipelines'));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

describe.each(pages.filter((page) => blocksOf(page, 'console').length > 0))('commands of %s', (page) => {
  const steps = blocksOf(page, 'console').flatMap(stepsOf);
  test.each(steps.map((step) => [step.command, step.output]))('%s', (command, output) => {
    const { stdout } = shell(`{ ${command}\n} 2>&1`, { cwd: scratch });
    expect(withoutTime(stdout)).toBe(withoutTime(output));
  });
});

function withoutTime(text: string): string {
  return text.replace(/ in [\d.]+ s \([\d.]+(?: [kM])? rows\/s\)/g, ' in TIME');
}
