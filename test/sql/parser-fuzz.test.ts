// Whatever the text: a tree, or errors with places inside the text; never another exception, never a hang.

import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LaminarError, PipelineErrors } from '../../src/base/errors.ts';
import { parsePipeline } from '../../src/sql/parser.ts';
import { renderError } from '../../src/sql/render-error.ts';
import { printPipeline } from '../support/print-pipeline.ts';
import { often } from '../support/random.ts';

const numRuns = often(1500);

const root = path.join(import.meta.dirname, '../..');

/** The inputs of the golden scripts and the example pipelines: all of the language, and common mistakes. */
function corpus(): string[] {
  const golden = path.join(root, 'test/golden/syntax');
  const scripts = fs.readdirSync(golden).flatMap((file) =>
    fs
      .readFileSync(path.join(golden, file), 'utf8')
      .split(/^=== .*\n/mu)
      .map((section) => section.split('\n--- [')[0]!)
      .filter((text) => text !== ''),
  );
  return [...scripts, ...examples().map((file) => fs.readFileSync(file, 'utf8'))];
}

function examples(): string[] {
  const folder = path.join(root, 'pipelines');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .map((name) => path.join(folder, name, 'pipeline.lsql'))
    .filter((file) => fs.existsSync(file));
}

/** Parses and checks what came of it; returns the codes of the errors. */
function check(text: string): string[] {
  let errors: readonly LaminarError[] = [];
  try {
    const printed = printPipeline(parsePipeline(text));
    expect(printPipeline(parsePipeline(printed))).toBe(printed);
  } catch (error) {
    if (error instanceof PipelineErrors) errors = error.errors;
    else if (error instanceof LaminarError) errors = [error];
    else throw error;
  }
  let last = 0;
  for (const error of errors) {
    const { start, end } = error.at!.span!;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(text.length);
    expect(expectedPart(error.message)).not.toMatch(/^$|undefined|null/);
    expect(start, 'errors are in text order').toBeGreaterThanOrEqual(last);
    last = start;
    expect(renderError(error, text, 'f.lsql')).toContain('^');
  }
  return errors.map(({ code }) => code);
}

/** What a message lists as expected, without the text of the pipeline that it quotes before. */
function expectedPart(message: string): string {
  const parts = message.split(': expected ');
  return parts.length > 1 ? parts.at(-1)! : 'nothing';
}

const texts = corpus();
const pieces = [...new Set(texts.flatMap((text) => text.match(/\s+|[\p{L}\d_]+|[^\s\p{L}\d_]/gu) ?? []))];

type Edit = {
  kind: 'delete' | 'repeat' | 'insert' | 'swap' | 'cut' | 'character';
  at: number;
  piece: string;
  character: string;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('delete', 'repeat', 'insert', 'swap', 'cut', 'character'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  piece: fc.constantFrom(...pieces),
  character: fc.oneof(
    fc.constantFrom(...'\'"();,.*-/=$\\{}[]:|<>\n\t0e\u0000\u00A0\uFEFF\uD800'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
  ),
});

function mutate(text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, { kind, at, piece, character }) => {
    const parts = current.match(/\s+|[\p{L}\d_]+|[^\s\p{L}\d_]/gu) ?? [];
    const i = Math.floor(at * parts.length);
    switch (kind) {
      case 'delete':
        parts.splice(i, 1);
        break;
      case 'repeat':
        parts.splice(i, 0, ...parts.slice(i, i + 3));
        break;
      case 'insert':
        parts.splice(i, 0, ` ${piece} `);
        break;
      case 'swap':
        parts.splice(i, 2, ...parts.slice(i, i + 2).reverse());
        break;
      case 'cut':
        parts.length = i;
        break;
      default:
        parts.splice(i, 0, character);
    }
    return parts.join('');
  }, text);
}

describe('the parser', () => {
  test('reads every example', () => {
    expect(examples().length).toBeGreaterThan(5);
    for (const file of examples()) expect(check(fs.readFileSync(file, 'utf8')), file).toEqual([]);
  });

  test('gives mutated pipelines a tree or errors with places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        (chosen, edits) => {
          check(mutate(chosen.join('\n'), edits));
        },
      ),
      { numRuns },
    );
  });

  test('gives any text a tree or errors with places', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => void check(text)),
      { numRuns },
    );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (words) => void check(words.join(' '))),
      { numRuns },
    );
  });
});

describe('no text exhausts the parser', () => {
  const select = (expression: string): string => `SELECT ${expression} FROM t`;

  test('deep nesting is an error', () => {
    for (const text of [
      select(`${'('.repeat(100_000)}a`),
      select(`${'('.repeat(600)}a${')'.repeat(600)}`),
      select(`${'NOT '.repeat(9_000)}a`),
      select(`${'- '.repeat(9_000)}a`),
      select(`${'CASE WHEN '.repeat(2_000)}a${' THEN 1 END'.repeat(2_000)}`),
      select(`a${' + a'.repeat(9_000)}`),
      select(`a${'::INT'.repeat(5_000)}`),
      select(`a${' IS NULL'.repeat(5_000)}`),
    ]) {
      expect(check(text), text.slice(0, 40)).toEqual(['LMN-1008']);
    }
  });

  test('a statement of too many words is an error, and the next is read', () => {
    const text = `${select(`a IN (${'1,'.repeat(20_000)}1)`)};SELECT FROM t`;
    expect(check(text)).toEqual(['LMN-1008', 'LMN-1001']);
  });

  test('long lists are none', () => {
    expect(check(select(`a IN (${'1,'.repeat(5_000)}1)`))).toEqual([]);
    expect(check(`${select('a')};`.repeat(2_000))).toEqual([]);
  });

  test('many errors are all reported', () => {
    expect(check('SELECT a FORM t;'.repeat(500))).toHaveLength(500);
  });

  test('a nesting that is allowed is allowed everywhere', () => {
    const depth = 400;
    expect(check(select(`${'('.repeat(depth)}a${' + 1)'.repeat(depth)}`))).toEqual([]);
  });
});
