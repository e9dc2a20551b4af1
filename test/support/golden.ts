// Golden scripts: a file of cases, each an input and the text that is expected of it.
//
//   === a name
//   input
//   --- [tag]
//   expected
//
// `UPDATE_GOLDEN=1 npm test` writes what the code says now; read the difference before committing it.

import fs from 'node:fs';
import { expect, test } from 'vitest';

interface GoldenCase {
  name: string;
  input: string;
  tag: string;
  expected: string;
}

/** One test a case. `run` gets the input and the tag and returns the text to compare. */
export function goldenTests(file: string, run: (input: string, tag: string) => string): void {
  const cases = readCases(fs.readFileSync(file, 'utf8'));
  if (process.env.UPDATE_GOLDEN === '1') {
    const updated = cases.map((one) => ({ ...one, expected: run(one.input, one.tag) }));
    fs.writeFileSync(file, updated.map(writeCase).join('\n'));
  }
  for (const { name, input, tag, expected } of readCases(fs.readFileSync(file, 'utf8'))) {
    test(`[${tag}] ${name}`, () => expect(run(input, tag)).toBe(expected));
  }
}

function readCases(text: string): GoldenCase[] {
  return text
    .split(/^=== /mu)
    .slice(1)
    .map((section) => {
      const match = /^(?<name>.*)\n(?<input>[\s\S]*?)\n--- \[(?<tag>\w+)\]\n?(?<expected>[\s\S]*)$/u.exec(section);
      if (match === null) throw new Error(`no case: ${section.slice(0, 80)}`);
      const { name, input, tag, expected } = match.groups as Record<'name' | 'input' | 'tag' | 'expected', string>;
      return { name, input, tag, expected: expected.trimEnd() };
    });
}

function writeCase({ name, input, tag, expected }: GoldenCase): string {
  return `=== ${name}\n${input}\n--- [${tag}]\n${expected}\n`;
}
