import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/base/codes.ts';
import { CODES } from '../../src/base/codes.ts';
import { LaminarError, PipelineErrors } from '../../src/base/errors.ts';
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const codeOf = (code: ErrorCode) => exitCodeOf(new LaminarError(code, 'it went wrong'));

describe('exit codes', () => {
  test('every code of the catalogue leads to one, and none to "our bug"', () => {
    const codes = Object.keys(CODES) as ErrorCode[];
    expect(codes.filter((code) => ![1, 2, 65, 66, 74, 78].includes(codeOf(code)))).toEqual([]);
  });

  test.each<[ErrorCode, number]>([
    ['LMN-1001', 78],
    ['LMN-5001', 66],
    ['LMN-5003', 66],
    ['LMN-5020', 74],
    ['LMN-5030', 74],
    ['LMN-5034', 78],
    ['LMN-6090', 65],
    ['LMN-7001', 1],
    ['LMN-7003', 66],
  ])('%s answers %d', (code, exit) => expect(codeOf(code)).toBe(exit));

  test('several errors of a pipeline, wrong usage, and a bug', () => {
    expect(exitCodeOf(new PipelineErrors([new LaminarError('LMN-1001', 'x')]))).toBe(78);
    expect(exitCodeOf(new UsageError('x'))).toBe(2);
    expect(exitCodeOf(new TypeError('x is not a function'))).toBe(70);
    expect(exitCodeOf('thrown text')).toBe(70);
  });
});
