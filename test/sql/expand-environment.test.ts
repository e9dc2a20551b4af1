import { describe, expect, test } from 'vitest';
import { LaminarError, PipelineErrors } from '../../src/base/errors.ts';
import { expandEnvironment, type Variables } from '../../src/sql/expand-environment.ts';
import { parsePipeline } from '../../src/sql/parser.ts';
import { printPipeline } from '../support/print-pipeline.ts';

/** The text in single quotes after expansion. */
function expand(text: string, variables: Variables = {}): string {
  const { statements } = expandEnvironment(parsePipeline(`SET x = '${text}'`), variables);
  return (statements[0] as unknown as { value: { value: string } }).value.value;
}

function errorsOf(text: string, variables: Variables = {}): readonly LaminarError[] {
  try {
    expandEnvironment(parsePipeline(text), variables);
  } catch (error) {
    if (error instanceof PipelineErrors) return error.errors;
    if (error instanceof LaminarError) return [error];
    throw error;
  }
  return [];
}

describe('a variable', () => {
  test('becomes its value, alone or within a text, once or often', () => {
    expect(expand('${A}', { A: 'x' })).toBe('x');
    expect(expand('a ${A}${B}/${A}', { A: 'x', B: 'y' })).toBe('a xy/x');
    expect(expand('${A}', { A: '' })).toBe('');
  });

  test('is taken as it is: its value is no SQL and is not expanded again', () => {
    expect(expand('${A}', { A: "'; ${B} $${C} DROP" })).toBe("'; ${B} $${C} DROP");
  });

  test('has a default where it is missing or empty', () => {
    expect(expand('${A:-d e}', {})).toBe('d e');
    expect(expand('${A:-d}', { A: '' })).toBe('d');
    expect(expand('${A:-d}', { A: 'x' })).toBe('x');
    expect(expand('${A:-}', {})).toBe('');
    expect(expand('${A:-${B:-c}!}', {})).toBe('c!');
    expect(expand('${A:-${B}}', { B: 'b' })).toBe('b');
  });

  test('is not looked for in a default that is not used', () => {
    expect(expand('${A:-${B}}', { A: 'a' })).toBe('a');
  });

  test('is not found on the prototype', () => {
    expect(errorsOf("SET x = '${toString}'").map(({ code }) => code)).toEqual(['LMN-1020']);
  });

  test('can be written literally', () => {
    expect(expand('$${A} $$ $A ${A} }', { A: 'x' })).toBe('${A} $$ $A x }');
  });
});

describe('expansion', () => {
  test('happens in every text, option value and path, and nowhere else', () => {
    const text = `CREATE SOURCE t (a BIGINT FROM '$.\${A}', "\${A}" INT, WATERMARK FOR a AS a - INTERVAL '\${N}' SECOND)
      FROM FILE (path = '\${A}', every = INTERVAL '\${N}s', '\${A}' = 1);
      SELECT '\${A}' || "\${A}", DATE '\${A}' FROM t ALLOW LATENESS '\${N}m' EMIT EVERY INTERVAL '\${N}' SECOND;
      SET x = '\${A}';`;
    expect(printPipeline(expandEnvironment(parsePipeline(text), { A: 'b', N: '5' })).split('\n')).toEqual([
      `CREATE SOURCE t (a BIGINT FROM '$.b', "\${A}" INT, WATERMARK FOR a AS a - INTERVAL '5' SECOND) FROM FILE (path = 'b', every = INTERVAL '5s', '\${A}' = 1);`,
      `SELECT 'b' || "\${A}", DATE 'b' FROM t EMIT EVERY INTERVAL '5' SECOND ALLOW LATENESS INTERVAL '5m';`,
      "SET x = 'b';",
      '',
    ]);
  });

  test('leaves the given tree as it was', () => {
    const pipeline = parsePipeline("SET x = '${A}'");
    expandEnvironment(pipeline, { A: 'b' });
    expect(printPipeline(pipeline)).toBe("SET x = '${A}';\n");
  });
});

describe('errors of expansion', () => {
  test('name all missing variables at once, each at its place', () => {
    const text = "SET x = 'a ${A}';\nSET y = '${B:?needs a bucket}';\nSELECT E'\\n${C}' FROM t WHERE a = '${HOST}';";
    const errors = errorsOf(text, { HOST: 'h' });
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['LMN-1020', 'the variable A is not set'],
      ['LMN-1020', 'B: needs a bucket'],
      ['LMN-1020', 'the variable C is not set'],
    ]);
    const marked = errors.map(({ at }) => text.slice(at!.span!.start, at!.span!.end));
    expect(marked).toEqual(['${A}', '${B:?needs a bucket}', "E'\\n${C}'"]);
  });

  test('say the nearest name and what to do', () => {
    const [error] = errorsOf("SET x = '${HSOT}'", { HOST: 'h' });
    expect(error!.hint).toBe(
      'did you mean HOST? Otherwise set it in the environment or with --set HSOT=…, or write ${HSOT:-default}',
    );
  });

  test('refuse an empty variable that must have a value', () => {
    expect(errorsOf("SET x = '${A:?}'", { A: '' }).map(({ message }) => message)).toEqual([
      'the variable A is not set',
    ]);
  });

  test('refuse what is no variable, with the way to write the characters themselves', () => {
    for (const bad of ['${', '${}', '${A', '${1}', '${A-b}', '${A:-b', '${ A }', '${A:-${B}']) {
      const errors = errorsOf(`SET x = '${bad}'`, { A: 'a', B: 'b' });
      expect(
        errors.map(({ code }) => code),
        bad,
      ).toEqual(['LMN-1021']);
      expect(errors[0]!.hint).toContain('$${');
    }
  });
});
