// memory_limit: a run that needs more ends with an error that names who keeps the most; what was written is valid.

import { describe, expect, test } from 'vitest';
import { parseBytes } from '../../src/base/bytes.ts';
import type { LaminarError } from '../../src/base/errors.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = `SET memory_limit = '16MB';
  CREATE SOURCE t (k VARCHAR, n BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' HOUR) FROM STDIN;`;
const row = (n: number) => `{"k":"key number ${n}, with some text behind it","n":${n},"ts":${n}}\n`;
const input = Array.from({ length: 300_000 }, (_, n) => row(n)).join('');

describe('a run that needs more than memory_limit', () => {
  test.each([
    ['groups', 'SELECT k, COUNT(*) AS c FROM t GROUP BY k', 'keeps.aggregate'],
    ['distinct rows', 'SELECT DISTINCT k, n FROM t', 'keeps.distinct'],
    ['rows in order', 'SELECT k, n FROM t ORDER BY n DESC', 'keeps'],
    ['open windows', "SELECT k, COUNT(*) AS c FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' HOUR)", 'keeps.aggregate'],
  ])('ends with an error that names what keeps %s, and rows before it are written whole', async (_, query, id) => {
    const text = `${SOURCE} CREATE SINK passed AS SELECT n FROM t INTO STDOUT;
      CREATE STREAM keeps AS ${query}; CREATE SINK kept FROM keeps INTO STDOUT;`;
    const { error, outputs } = await runPipeline({ text, input });
    const { code, message, hint, at } = error as LaminarError;
    expect(code).toBe('LMN-3101');
    expect(message).toMatch(
      new RegExp(`^out of memory: \\d+\\.\\d MB are in use, .* more are wanted; ${id} keeps the most, \\d`),
    );
    expect(hint).toContain('SET memory_limit');
    expect(at).toEqual({ name: id });
    const lines = (outputs['passed'] as string).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines).toEqual(lines.map((_line, n) => `{"n":${n}}`));
    expect(outputs['kept']).toBe('');
  });

  test('ends before it begins when its batches alone are too much', async () => {
    const columns = Array.from({ length: 40 }, (_, n) => `c${n} BIGINT`).join(', ');
    const text = `SET memory_limit = '16MB'; SET batch_size = 65536; CREATE SOURCE t (${columns}) FROM STDIN; SELECT * FROM t;`;
    await expect(runPipeline({ text, input: '' })).rejects.toMatchObject({ code: 'LMN-3101' });
  });

  test('is one that does not bound its state: windows that close take turns with the memory', async () => {
    const text = `${SOURCE.replace("INTERVAL '1' HOUR", "INTERVAL '1' SECOND")}
      SELECT COUNT(*) AS c FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND));`;
    const { error, output } = await runPipeline({ text, input });
    expect(error).toBeNull();
    expect(output).toBe('{"c":300000}\n');
  });
});

describe('memory_limit', () => {
  const limitOf = (written: string) =>
    compilePipeline(`SET memory_limit = ${written}; CREATE SOURCE t (n BIGINT); SELECT n FROM t;`, {
      fileName: 'p.lsql',
      variables: {},
    }).plan.memoryBytes;

  test('takes bytes with and without a unit', () => {
    expect(limitOf("'512MB'")).toBe(512 * 2 ** 20);
    expect(limitOf("'1.5 GiB'")).toBe(1.5 * 2 ** 30);
    expect(limitOf('33554432')).toBe(2 ** 25);
  });

  test.each(["'1KB'", "'5GB'", "'much'", 'true'])('is not %s', (written) => {
    expect(() => limitOf(written)).toThrow(/memory_limit cannot be/);
  });

  test('reads what people write', () => {
    expect(['10', '1k', '1 KiB', '2mb', '1T'].map(parseBytes)).toEqual([10, 1024, 1024, 2 ** 21, 2 ** 40]);
    expect(['', 'MB', '1 XB', '-1MB', '1MBB'].map(parseBytes)).toEqual([null, null, null, null, null]);
  });
});
